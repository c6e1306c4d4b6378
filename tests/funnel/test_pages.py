"""The funnel page: figures that add up, the people behind them, and who may look."""

from datetime import UTC, date, datetime

from bs4 import BeautifulSoup

from hiring.funnel import queries
from hiring.funnel.queries import Window
from hiring.ground.database import writing
from hiring.pipeline import actions as spine
from hiring.pipeline.rules import Outcome, Source, Step
from tests.builders import application_at, requisition
from tests.cast import sign_in


def page(client, path):
    response = client.get(path)
    return response, BeautifulSoup(response.text, "html.parser")


def test_each_row_prints_its_sum_and_links_to_the_people_behind_it(client, cast):
    built = requisition(cast)
    application_at(cast, Step.PHONE_SCREEN, on=built, name="Nadia Novak")
    application_at(cast, Step.RESUME_REVIEW, on=built, name="Otto Ott")
    response, soup = page(sign_in(client, cast.hanna), "/funnel")
    assert response.status_code == 200
    row = next(tr for tr in soup.find_all("tr") if "Résumé Review" in tr.text)
    assert "1 + 0 + 0 + 0 + 1 = 2" in row.text
    links = [a["href"] for a in row.find_all("a")]
    assert any("step=resume_review" in link and "outcome=advanced" in link for link in links)


def test_totals_never_differ_between_readers_whatever_they_may_open(client, cast):
    application_at(cast, Step.PHONE_SCREEN, name="Nadia Novak")
    address = "/funnel/people?step=resume_review&outcome=advanced"
    _, recruiter = page(sign_in(client, cast.rita), address)
    assert "Nadia Novak" in recruiter.text
    response, head = page(sign_in(client, cast.hanna), address)
    assert "Nadia Novak" not in response.text
    assert "1 more that you may not see" in head.text


def test_the_window_is_kept_in_the_address_and_a_bad_day_is_said_beside_its_field(client, cast):
    application_at(cast, Step.PHONE_SCREEN)
    sign_in(client, cast.hanna)
    assert "Nobody has entered" in client.get("/funnel?first=2030-01-01").text
    response, soup = page(client, "/funnel?first=someday")
    assert response.status_code == 422
    assert soup.find(id="first-error") is not None


def test_the_chart_is_an_image_of_its_own_with_the_same_figures_in_a_table(client, cast):
    application_at(cast, Step.PHONE_SCREEN)
    sign_in(client, cast.hanna)
    response = client.get("/funnel/chart.svg")
    assert response.mimetype == "image/svg+xml"
    assert response.data.startswith(b"<svg")
    _, soup = page(client, "/funnel")
    image = soup.find("img", alt=True)
    assert image["src"].startswith("/funnel/chart.svg")
    drawn = BeautifulSoup(response.data, "html.parser").svg
    assert (image["width"], image["height"]) == (drawn["width"], drawn["height"])  # as it was drawn, so it reads
    assert image.parent["tabindex"] == "0"  # a narrow screen scrolls it, also by keyboard


def test_colleagues_whom_it_does_not_concern_are_told_whose_it_is(client, cast):
    sign_in(client, cast.olga)
    for path in ("/funnel", "/funnel/people?step=offer", "/funnel/chart.svg"):
        assert client.get(path).status_code == 403


def test_an_unknown_step_is_not_found(client, cast):
    assert sign_in(client, cast.hanna).get("/funnel/people?step=triage").status_code == 404


def test_an_address_that_says_more_than_the_window_still_opens_the_funnel(client, cast):
    application_at(cast, Step.PHONE_SCREEN)
    sign_in(client, cast.hanna)
    response, soup = page(client, "/funnel?step=debrief&outcome=open&first=2020-01-01")
    assert response.status_code == 200
    behind = [a["href"] for a in soup.find_all("a") if "/funnel/people" in a["href"]]
    assert behind and all("first=2020-01-01" in link for link in behind)


def test_the_people_behind_a_figure_lead_to_their_file_and_back_to_the_same_window(client, cast):
    made = application_at(cast, Step.PHONE_SCREEN, name="Nadia Novak")
    sign_in(client, cast.rita)
    _, soup = page(client, "/funnel/people?step=resume_review&outcome=advanced&first=2020-01-01")
    links = [a["href"] for a in soup.find_all("a")]
    assert f"/applications/{made.application_id}" in links
    assert "/funnel?first=2020-01-01" in links


def figures(client, address, label):
    _, soup = page(client, address)
    row = next(tr for tr in soup.find_all("tr") if label in tr.text)
    return row.find("td", class_="sum").text


def test_descriptions_are_counted_for_the_requisition_and_the_window_asked_for(client, cast):
    first = requisition(cast, code="R-1")
    application_at(cast, Step.PHONE_SCREEN, on=first, name="Nadia Novak")
    requisition(cast, code="R-2")
    sign_in(client, cast.hanna)
    assert figures(client, "/funnel", "Job Description") == "2 + 0 + 0 + 0 + 0 = 2"
    own = f"/funnel?requisition={first.requisition_id}"
    assert figures(client, own, "Job Description") == "1 + 0 + 0 + 0 + 0 = 1"
    # the description was begun a month before anybody applied
    assert figures(client, f"{own}&first=2026-02-01", "Job Description") == "0 + 0 + 0 + 0 + 0 = 0"
    assert figures(client, f"{own}&first=2026-02-01", "Résumé Review") == "1 + 0 + 0 + 0 + 0 = 1"


def test_a_day_of_the_funnel_ends_at_midnight_where_the_company_is(client, cast):
    built = requisition(cast)
    # Berlin's 10 March begins at 23:00 UTC, and its 30 March, after the clocks changed, at 22:00 UTC
    before_and_after = [
        datetime(2026, 3, 9, 22, 59, tzinfo=UTC),
        datetime(2026, 3, 9, 23, 0, tzinfo=UTC),
        datetime(2026, 3, 29, 21, 59, tzinfo=UTC),
        datetime(2026, 3, 29, 22, 0, tzinfo=UTC),
    ]
    for number, at in enumerate(before_and_after):
        with writing():
            candidate = spine.add_candidate(f"Nadia {number}", f"n{number}@candidates.example", now=at)
            spine.start_application(candidate, built.requisition_id, source=Source.CAREERS, actor_id=None, now=at)

    def entered(first, last):
        window = Window(None, date(2026, 3, first), date(2026, 3, last))
        row = next(row for row in queries.step_figures(window) if row.step is Step.RESUME_REVIEW)
        seen, hidden, _ = queries.people_behind(cast.rita, window, Step.RESUME_REVIEW, Outcome.OPEN, now=at)
        assert len(seen) + hidden == row.entered
        return row.entered

    assert [entered(9, 9), entered(10, 10), entered(29, 29), entered(30, 30)] == [1, 1, 1, 1]
    assert entered(9, 30) == 4
    assert list(queries.differences()) == []
    assert "days in Europe/Berlin" in sign_in(client, cast.hanna).get("/funnel").text

"""Step 1 as its readers meet it."""

import re

import pytest
from bs4 import BeautifulSoup
from sqlalchemy import select

from hiring.ground.database import db, writing
from hiring.ground.rulebook import Refused
from hiring.pipeline.models import Requisition
from hiring.pipeline.rules import RequisitionStatus, Step
from hiring.steps.job_description import actions, catalogue, queries, requisition_actions
from hiring.steps.job_description.models import JobDescription, Principle
from hiring.steps.job_description.requisition_rules import OpeningAct
from hiring.steps.job_description.rules import POINTS, Status, Verdict
from hiring.steps.job_description.views import reviews_on_desk
from seed.principles import PRINCIPLES
from tests.builders import application_at, offer_made, requisition
from tests.cast import sign_in
from tests.conftest import NOON
from tests.pages import shown


@pytest.fixture(autouse=True)
def noon(at):
    at(NOON)


@pytest.fixture
def catalogue_loaded(app):
    with writing():
        catalogue.load_catalogue(PRINCIPLES, ())


def soup(answer):
    return BeautifulSoup(answer.data, "html.parser")


def draft_fields(**changes):
    principle = db.session.scalars(select(Principle).where(Principle.name == "Ownership")).one()
    fields = {
        "title": "Engineer, Ledger",
        "location": "Berlin",
        "pay_low": "80,000",
        "pay_high": "110,000",
        "currency": "EUR",
        "summary": "Builds the ledger.",
        "reports": "",
        "no_reports": "y",
        "level": "7",
        "outcomes": "Ledger reconciles daily\n\nOn-call load halves",
        "must_haves": "Ran a ledger",
        "principles": [str(principle.id)],
        "competencies": "Coding",
    }
    return fields | changes


def test_a_hiring_manager_of_blanks_is_asked_for_and_what_was_typed_stays(client, cast):
    form = {"title": "Engineer, Ledger", "team": str(cast.hector.team_id), "hiring_manager": "  "}
    answer = sign_in(client, cast.hector).post("/requisitions/new", data=form | {"recruiter": str(cast.rita.id)})
    assert answer.status_code == 422
    page = soup(answer)
    assert page.select_one("[name=title]")["value"] == "Engineer, Ledger"
    assert "Name the hiring manager." in page.get_text()


def test_from_a_new_requisition_to_an_open_one_through_the_pages(app, cast, catalogue_loaded):
    hector = sign_in(app.test_client(), cast.hector)
    form = {
        "title": "Engineer, Ledger",
        "team": str(cast.hector.team_id),
        "hiring_manager": "Hector@example.org",
        "recruiter": str(cast.rita.id),
        "country": "de",
        "submission_key": "new-1",
    }
    made = hector.post("/requisitions/new", data=form)
    assert made.status_code == 303
    assert hector.post("/requisitions/new", data=form).location == made.location
    row = db.session.scalars(select(Requisition)).one()
    assert row.country == "DE" and made.location.endswith(f"/requisitions/{row.id}")
    version = queries.newest(row.id).id
    page = soup(hector.get(f"/descriptions/{version}"))
    button = page.select_one('[data-action="description.submit"] button[type=submit]')
    assert button["aria-disabled"] == "true" and page.select_one('[data-rule="jd.complete"]')
    seen = shown(hector, f"/descriptions/{version}", "description.submit")
    assert hector.post(f"/descriptions/{version}/submit", data=seen).status_code == 409

    typed = draft_fields() | shown(hector, f"/descriptions/{version}/edit", "description.write")
    assert hector.post(f"/descriptions/{version}/edit", data=typed).status_code == 303
    assert queries.description(version).outcomes == ["Ledger reconciles daily", "On-call load halves"]
    page = soup(hector.get(f"/descriptions/{version}"))
    assert not page.select_one('[data-action="description.submit"] button[type=submit]').has_attr("aria-disabled")
    seen = shown(hector, f"/descriptions/{version}", "description.submit")
    assert hector.post(f"/descriptions/{version}/submit", data=seen).status_code == 303

    reviewer = queries.people([queries.open_review(version).reviewer_id]).popitem()[1]
    with app.test_request_context():
        assert f"/descriptions/{version}" in [item.url for item in reviews_on_desk(reviewer, NOON)]
    bar_raiser = sign_in(app.test_client(), reviewer)
    assert soup(bar_raiser.get(f"/descriptions/{version}")).select_one('[data-action="description.review"]')
    verdict = dict.fromkeys(POINTS, "Yes.") | {"verdict": "approve"}
    verdict |= shown(bar_raiser, f"/descriptions/{version}", "description.review")
    silent = bar_raiser.post(f"/descriptions/{version}/review", data=verdict | {"risks": ""})
    assert silent.status_code == 422 and "Say a sentence on this." in silent.text
    assert bar_raiser.post(f"/descriptions/{version}/review", data=verdict).status_code == 303

    rita = sign_in(app.test_client(), cast.rita)
    opened = rita.post(f"/requisitions/{row.id}/openings", data={"approved_on": "2026-03-04"})
    assert opened.status_code == 303
    assert "Open: it takes applications." in soup(rita.get(f"/requisitions/{row.id}")).text


def test_an_old_tab_approves_nothing_and_keeps_the_words_for_the_text_that_is_there(app, cast):
    built = requisition(cast)
    with writing():
        draft = actions.new_version(cast.hector, built.requisition_id, now=NOON).id
        reviewer_id = actions.submit(cast.hector, draft, now=NOON).reviewer_id
    reviewer = queries.people([reviewer_id])[reviewer_id]
    bar_raiser = sign_in(app.test_client(), reviewer)

    def hidden(page):
        form = page.select_one('form[data-action="description.review"]')
        return {field["name"]: field["value"] for field in form.select("input[type=hidden]")}

    old_tab = hidden(soup(bar_raiser.get(f"/descriptions/{draft}")))
    with writing():
        actions.review(
            queries.people([reviewer_id])[reviewer_id], draft, Verdict.CHANGES, dict.fromkeys(POINTS, "No."), now=NOON
        )
        actions.submit(cast.hector, draft, now=NOON)
    verdict = dict.fromkeys(POINTS, "My own words.") | {"verdict": "approve"}
    answer = bar_raiser.post(f"/descriptions/{draft}/review", data=old_tab | verdict)
    assert answer.status_code == 409
    page = soup(answer)
    form = page.select_one('form[data-action="description.review"]')
    assert form.select_one("[data-stale]") and form.select_one("textarea").text.strip() == "My own words."
    assert queries.description(draft).status is Status.IN_REVIEW
    again = bar_raiser.post(f"/descriptions/{draft}/review", data=hidden(page) | verdict)
    assert again.status_code == 303 and queries.description(draft).status is Status.APPROVED


def test_a_draft_edited_in_another_tab_is_not_submitted_unread(app, cast):
    built = requisition(cast)
    with writing():
        draft = actions.new_version(cast.hector, built.requisition_id, now=NOON).id
    hector = sign_in(app.test_client(), cast.hector)
    version = soup(hector.get(f"/descriptions/{draft}")).select_one(
        'form[data-action="description.submit"] input[name=version]'
    )["value"]
    with writing():
        queries.description(draft).summary = "Something else."
    answer = hector.post(f"/descriptions/{draft}/submit", data={"version": version})
    assert answer.status_code == 409 and soup(answer).select_one("[data-stale]")
    assert queries.description(draft).status is Status.DRAFT


def test_a_draft_is_not_there_for_others_and_an_approved_version_is_for_all(app, cast):
    built = requisition(cast)
    with writing():
        draft = actions.new_version(cast.hector, built.requisition_id, now=NOON).id
    olga = sign_in(app.test_client(), cast.olga)
    assert olga.get(f"/descriptions/{built.description_id}").status_code == 200
    assert olga.get(f"/requisitions/{built.requisition_id}").status_code == 200
    for path in ("", "/edit"):
        assert olga.get(f"/descriptions/{draft}{path}").status_code == 404
    for act in ("edit", "submit", "review", "reassign", "adopt", "amend"):
        assert olga.post(f"/descriptions/{draft}/{act}").status_code == 404
    listed = soup(olga.get(f"/requisitions/{built.requisition_id}"))
    assert f"/descriptions/{draft}" not in str(listed)


def test_who_sees_but_may_not_act_gets_403(app, cast):
    built = requisition(cast)
    olga = sign_in(app.test_client(), cast.olga)
    ron = sign_in(app.test_client(), cast.ron)
    assert olga.post(f"/requisitions/{built.requisition_id}/description").status_code == 403
    assert olga.post(f"/requisitions/{built.requisition_id}/clone").status_code == 403
    assert olga.get(f"/descriptions/{built.description_id}/edit").status_code == 403
    opening = queries.openings(built.requisition_id)[0].id
    assert ron.post(f"/openings/{opening}/hold").status_code == 403
    assert (
        ron.post(f"/requisitions/{built.requisition_id}/openings", data={"approved_on": "2026-03-04"}).status_code
        == 403
    )
    assert not soup(ron.get(f"/requisitions/{built.requisition_id}")).select('[data-action^="opening."]')


def test_two_who_edit_at_once_see_both_texts_and_nothing_is_lost(app, cast, catalogue_loaded):
    built = requisition(cast)
    with writing():
        draft = actions.new_version(cast.hector, built.requisition_id, now=NOON).id
    hector, rita = sign_in(app.test_client(), cast.hector), sign_in(app.test_client(), cast.rita)
    version = soup(rita.get(f"/descriptions/{draft}/edit")).select_one("input[name=version]")["value"]
    theirs = draft_fields(must_haves="Theirs", version=version)
    assert hector.post(f"/descriptions/{draft}/edit", data=theirs).status_code == 303
    answer = rita.post(f"/descriptions/{draft}/edit", data=draft_fields(must_haves="Mine", version=version))
    assert answer.status_code == 409
    page = soup(answer)
    assert "Theirs" in page.select_one("[data-stale]").parent.text
    assert page.select_one("textarea[name=must_haves]").text.strip() == "Mine"
    again = page.select_one("input[name=version]")["value"]
    assert again == str(queries.description(draft).version)
    assert (
        rita.post(f"/descriptions/{draft}/edit", data=draft_fields(must_haves="Both", version=again)).status_code == 303
    )


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"pay_high": "70,000"}, "lower than the start"),
        ({"level": "13"}, "Levels run from 4 to 12."),
        ({"reports": "nobody@example.org", "no_reports": ""}, "Nobody here has the e-mail address or name nobody"),
        ({"reports": "Ivan"}, "Either name people above, or tick this."),
        ({"competencies": "ownership"}, "ownership is a leadership principle"),
        ({"title": "a\x00b"}, "cannot be stored"),
    ],
)
def test_a_wrong_field_is_told_beside_it_and_what_was_typed_is_kept(app, cast, catalogue_loaded, changes, words):
    built = requisition(cast)
    with writing():
        draft = actions.new_version(cast.hector, built.requisition_id, now=NOON).id
    hector = sign_in(app.test_client(), cast.hector)
    answer = hector.post(f"/descriptions/{draft}/edit", data=draft_fields(**changes))
    assert answer.status_code == 422
    assert words in soup(answer).select_one(".field-error").text
    assert soup(answer).select_one("textarea[name=summary]").text.strip() == "Builds the ledger."
    assert queries.description(draft).summary == "Builds the ledger that customers trust."


def test_the_list_narrows_by_state_team_and_mine_and_goes_on_where_a_page_ends(app, cast, monkeypatch):
    monkeypatch.setattr(queries, "PAGE", 2)
    for code in ("R-1", "R-2", "R-3"):
        requisition(cast, code=code)
    olga = sign_in(app.test_client(), cast.olga)
    first = soup(olga.get("/requisitions?status=open"))
    assert re.findall(r"R-\d", first.select_one("tbody").text) == ["R-3", "R-2"]
    following = first.select_one("a[rel=next]")["href"]
    assert "status=open" in following
    assert re.findall(r"R-\d", soup(olga.get(following)).select_one("tbody").text) == ["R-1"]
    assert "No requisition fits." in olga.get("/requisitions?mine=1").text
    assert "No requisition fits." in olga.get("/requisitions?status=draft").text
    assert olga.get("/requisitions?status=nonsense&team=%C2%B2&before=9999999999999999999").status_code == 200


def test_the_recruiter_chooses_which_live_applications_adopt_the_new_version(app, cast):
    built = application_at(cast, Step.RESUME_REVIEW)
    with writing():
        second = actions.new_version(cast.hector, built.requisition_id, now=NOON).id
        reviewer = actions.submit(cast.hector, second, now=NOON).reviewer_id
    with writing():
        person = queries.people([reviewer])[reviewer]
        actions.review(person, second, Verdict.APPROVE, dict.fromkeys(POINTS, "Yes."), now=NOON)
    rita, hector = sign_in(app.test_client(), cast.rita), sign_in(app.test_client(), cast.hector)
    assert "Nadia Novak" not in hector.get(f"/descriptions/{second}").text
    assert "Nadia Novak" in rita.get(f"/descriptions/{second}").text
    chosen = {"applications": [str(built.application_id)]}
    assert rita.post(f"/descriptions/{second}/adopt", data=chosen).status_code == 303
    assert built.application.description_id == second
    assert rita.post(f"/descriptions/{second}/adopt", data=chosen).status_code == 422


def test_an_application_in_its_debrief_is_not_offered_and_the_page_says_why(app, cast):
    built = application_at(cast, Step.DEBRIEF)
    with writing():
        row = actions.new_version(cast.hector, built.requisition_id, now=NOON)
        row.status, row.approved_at, row.approved_by = Status.APPROVED, NOON, cast.bea.id
        second = row.id
    rita, hector = sign_in(app.test_client(), cast.rita), sign_in(app.test_client(), cast.hector)
    page = soup(rita.get(f"/descriptions/{second}")).select_one("#adopt")
    assert page.select_one("form") is None and "Nadia Novak is in Debrief" in page.text
    answer = rita.post(f"/descriptions/{second}/adopt", data={"applications": [str(built.application_id)]})
    assert answer.status_code == 409 and 'data-rule="jd.reviewed"' in answer.text
    assert "Nadia Novak" not in hector.get(f"/descriptions/{second}").text


def test_pay_and_would_be_reports_of_an_approved_version_are_not_amended_though_they_are_sent(app, cast):
    built = requisition(cast)
    hector = sign_in(app.test_client(), cast.hector)
    page = soup(hector.get(f"/descriptions/{built.description_id}/edit"))
    offered = {field["name"] for field in page.select('form[data-action="description.amend"] [name]')}
    assert "summary" in offered and not offered & {"pay_low", "pay_high", "currency", "reports", "no_reports"}
    assert "pay range" in page.text and "would-be reports" in page.text
    sent = {
        "title": "Engineer",
        "location": "Berlin",
        "summary": "Builds.",
        "pay_high": "999,000",
        "reports": "bea@example.org",
    }
    assert hector.post(f"/descriptions/{built.description_id}/amend", data=sent).status_code == 409  # seen nothing
    sent |= shown(hector, f"/descriptions/{built.description_id}/edit", "description.amend")
    assert hector.post(f"/descriptions/{built.description_id}/amend", data=sent).status_code == 303
    row = queries.description(built.description_id)
    assert (row.title, row.pay_high, queries.would_be_reports(row)) == ("Engineer", 11_000_000, [])


def test_an_opening_that_a_live_offer_needs_is_refused_with_figures_by_page_and_action(app, cast):
    built = application_at(cast, Step.OFFER)
    offer_made(cast, built)
    rita, opening = sign_in(app.test_client(), cast.rita), queries.openings(built.requisition_id)[0].id
    stops = soup(rita.get(f"/requisitions/{built.requisition_id}")).select('form[data-action^="opening."] [data-rule]')
    assert ["Openings: 1; live offers: 1; hires: 0." in stop.text for stop in stops] == [True, True]
    assert {stop["data-rule"] for stop in stops} == {"requisition.openings"}
    for act in ("hold", "cancel"):
        answer = rita.post(f"/openings/{opening}/{act}")
        assert answer.status_code == 409 and "Openings: 1; live offers: 1; hires: 0." in soup(answer).text
        assert "same instant" not in answer.text
    with pytest.raises(Refused, match="None of the openings is free"), writing():
        requisition_actions.change_opening(cast.rita, opening, OpeningAct.CANCEL, now=NOON)


def test_reviews_are_read_by_owners_not_by_everybody(app, cast):
    built = requisition(cast)
    assert "None seen." in sign_in(app.test_client(), cast.hector).get(f"/descriptions/{built.description_id}").text
    assert "None seen." not in sign_in(app.test_client(), cast.olga).get(f"/descriptions/{built.description_id}").text
    assert db.session.get_one(JobDescription, built.description_id).status is Status.APPROVED


def test_a_requisition_without_an_approved_description_says_what_is_next_and_links_its_moves(
    client, cast, catalogue_loaded
):
    sign_in(client, cast.hector)
    form = {"title": "Engineer, Ledger", "team": str(cast.hector.team_id), "hiring_manager": cast.hector.email}
    url = client.post("/requisitions/new", data=form | {"recruiter": str(cast.rita.id)}).location
    page = soup(client.get(url))
    assert "Go on with the description" in page.text and "writes the description" in page.text
    assert page.select_one(f'a[href="{url}/moves"]') is not None
    row = db.session.scalars(select(JobDescription)).one()
    editing = soup(client.get(f"/descriptions/{row.id}/edit"))
    assert "(optional)" not in editing.select_one('form[data-action="description.write"]').text
    fields = draft_fields(version=str(row.version))
    assert client.post(f"/descriptions/{row.id}/edit", data=fields).status_code == 303
    version = str(db.session.get_one(JobDescription, row.id, populate_existing=True).version)
    assert client.post(f"/descriptions/{row.id}/submit", data={"version": version}).status_code == 303
    told = soup(client.get(url)).text
    assert "its description is in review, and a Bar Raiser gives the verdict next" in told
    assert "Go on with the description" not in told and "writes the description" not in told


def test_a_draft_may_still_be_saved_with_what_the_review_will_ask_for_left_empty(client, cast, catalogue_loaded):
    sign_in(client, cast.hector)
    form = {"title": "Engineer, Ledger", "team": str(cast.hector.team_id), "hiring_manager": cast.hector.email}
    client.post("/requisitions/new", data=form | {"recruiter": str(cast.rita.id)})
    row = db.session.scalars(select(JobDescription)).one()
    empty = dict.fromkeys(("location", "pay_low", "pay_high", "summary", "outcomes", "must_haves", "competencies"), "")
    fields = draft_fields(version=str(row.version), principles=[], **empty)
    assert client.post(f"/descriptions/{row.id}/edit", data=fields).status_code == 303


def test_a_new_version_that_is_refused_is_told_so_on_the_requisition_with_its_openings(app, cast):
    built = requisition(cast)
    with writing():
        row = db.session.get_one(Requisition, built.requisition_id)
        row.status, row.closed_at = RequisitionStatus.CLOSED, NOON
    answer = sign_in(app.test_client(), cast.rita).post(f"/requisitions/{built.requisition_id}/description")
    assert answer.status_code == 409
    page = soup(answer)
    assert page.select_one('[role=alert] [data-rule="requisition.open"]') is not None
    assert page.select_one(f'form[action="/requisitions/{built.requisition_id}/openings"]') is not None

"""Lists that say how much they leave out, and whose next page goes on where the last one ended."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from bs4 import BeautifulSoup
from flask import Flask, get_flashed_messages
from flask.testing import FlaskClient

from hiring.desk import lists, rules
from hiring.desk.actions import Rejections
from hiring.desk.rules import Mover
from hiring.pipeline.rules import ApplicationFacts, RequisitionFacts, RequisitionStatus, Step, why_not_open
from tests.builders import application_at, requisition
from tests.cast import Cast, sign_in

CLOSED = RequisitionFacts("R-1", RequisitionStatus.CLOSED)


def test_of_many_that_were_not_rejected_ten_are_named_and_the_rest_are_counted(app: Flask) -> None:
    refusals = tuple(why_not_open(CLOSED))
    with app.test_request_context("/applications/reject", method="POST"):
        lists._told(Rejections(["Ann"], [(f"Nadia {number}", refusals) for number in range(12)]))
        told = get_flashed_messages()
    assert told[0] == "Rejected: 1."
    assert [words.partition(" was not")[0] for words in told[1:11]] == [f"Nadia {number}" for number in range(10)]
    assert told[11:] == ["2 more were not rejected."]


@pytest.mark.parametrize("held", [False, True])
def test_where_the_requisition_is_not_open_the_recruiter_moves(held: bool) -> None:
    status = RequisitionStatus.OPEN if held else RequisitionStatus.CLOSED
    move = rules.next_move(ApplicationFacts(Step.DEBRIEF), RequisitionFacts("R-1", status, held))
    assert (move.who, move.sentence.partition(":")[0]) == (Mover.RECRUITER, "The requisition is not open")


def test_the_dashboard_goes_on_where_its_page_ended(
    cast: Cast, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hiring.desk.queries.SHOWN", 2)
    codes = [requisition(cast, code=f"R-{number}").requisition_id for number in range(3)]
    browser, url, seen = sign_in(client, cast.rita), "/dashboard", []
    while url:
        page = browser.get(url).text
        seen.append(set(re.findall(r">(R-\d)\b", page)))
        following = re.search(r'href="([^"]*before=\d+[^"]*)"', page)
        url = following[1].replace("&amp;", "&") if following else ""
    assert len(codes) == 3
    assert seen == [{"R-1", "R-2"}, {"R-0"}]


def test_the_dashboard_says_how_to_get_at_more_than_it_shows(
    cast: Cast, client: FlaskClient, monkeypatch: pytest.MonkeyPatch, at: Callable[[datetime], None]
) -> None:
    built = application_at(cast, Step.PHONE_SCREEN, name="Ada A")
    for name in ("Ben B", "Cleo C"):
        application_at(cast, Step.PHONE_SCREEN, on=built, name=name)
    at(built.application.step_entered_at + timedelta(days=60))
    browser = sign_in(client, cast.rita)
    both = f"?mine=1&team={cast.hector.team_id}"

    def told(url: str, shown: int, page: int) -> tuple[str, int, str, str]:
        monkeypatch.setattr("hiring.desk.queries.SHOWN", shown)
        monkeypatch.setattr("hiring.desk.queries.PAGE", page)
        soup = BeautifulSoup(browser.get(url).text, "html.parser")
        (part,), (glance,) = soup.select("#stuck"), soup.select('.glance a[href="#stuck"] strong')
        hint = " ".join(one.text for one in part.select(".hint")).split()
        link = part.select_one(".hint a")
        return glance.text, len(part.select("tbody tr")), " ".join(hint), str(link["href"]) if link else ""

    count, rows, hint, link = told(f"/dashboard{both}", 1, 2)
    assert (count, rows, hint) == ("1+", 1, "There are more. Show 2")
    assert link.endswith("&all=stuck#stuck")
    narrow = "There are more. Narrow the dashboard by recruiter or team to see them."
    assert told("/dashboard?all=stuck", 1, 2) == ("2+", 2, narrow, "")
    assert told(link, 1, 2) == ("2+", 2, "There are more.", ""), "nothing is left to narrow by"
    assert told(link, 1, 3) == ("3", 3, "", "")
    assert told("/dashboard?all=late", 2, 3)[:3] == ("2+", 2, "There are more. Show 3"), "of that part only"
    assert told("/dashboard?all=everything", 3, 3) == ("3", 3, "", "")


def test_requisitions_are_listed_by_team(cast: Cast, client: FlaskClient) -> None:
    requisition(cast, code="R-77")
    browser, mine, other = sign_in(client, cast.rita), cast.hector.team_id, cast.olga.team_id
    assert "R-77" in browser.get(f"/requisitions?team={mine}").text
    assert "R-77" not in browser.get(f"/requisitions?team={other}").text

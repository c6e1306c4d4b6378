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


def test_the_dashboard_says_that_there_is_more_than_it_shows(
    cast: Cast, client: FlaskClient, monkeypatch: pytest.MonkeyPatch, at: Callable[[datetime], None]
) -> None:
    built = application_at(cast, Step.PHONE_SCREEN, name="Ada A")
    application_at(cast, Step.PHONE_SCREEN, on=built, name="Ben B")
    at(built.application.step_entered_at + timedelta(days=60))
    told = {}
    for shown in (1, 2):
        monkeypatch.setattr("hiring.desk.queries.SHOWN", shown)
        page = BeautifulSoup(sign_in(client, cast.rita).get("/dashboard").text, "html.parser")
        part, glance = page.select_one("#stuck"), page.select_one('.glance a[href="#stuck"] strong')
        assert part is not None
        assert glance is not None
        told[glance.text] = (len(part.select("tbody tr")), "There are more." in part.text)
    assert told == {"1+": (1, True), "2": (2, False)}


def test_requisitions_are_listed_by_team(cast: Cast, client: FlaskClient) -> None:
    requisition(cast, code="R-77")
    browser, mine, other = sign_in(client, cast.rita), cast.hector.team_id, cast.olga.team_id
    assert "R-77" in browser.get(f"/requisitions?team={mine}").text
    assert "R-77" not in browser.get(f"/requisitions?team={other}").text

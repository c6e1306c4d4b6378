"""Two who plan the same loop: the second is told, reads both texts, and may then save over the first."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient

from hiring.ground.database import Stale, db
from hiring.steps.interview_loop import actions
from hiring.steps.interview_loop.models import Seat
from tests.cast import Cast, sign_in
from tests.steps.interview_loop.composing import NOW, act, composed, loop_of, slot

TIME = {"starts_at": "2026-03-09T15:00", "minutes": "45"}


@pytest.fixture(autouse=True)
def today(at: Callable[[datetime], None]) -> None:
    at(NOW)


def form_of(client: FlaskClient, address: str, action: str) -> dict[str, str]:
    """The hidden fields that a page sends with one of its forms."""
    soup = BeautifulSoup(client.get(address).text, "html.parser")
    fields = soup.select(f"form[data-action='{action}'] input[type=hidden]")
    return {str(field["name"]): str(field.get("value", "")) for field in fields}


def told(answer: Any) -> str:
    """What somebody reads whose edit is stale."""
    assert answer.status_code == 409
    notice = BeautifulSoup(answer.text, "html.parser").select_one("[role=alert]:has([data-stale])")
    assert notice is not None
    return notice.get_text(" ", strip=True)


def saving_again(answer: Any, action: str) -> dict[str, str]:
    soup = BeautifulSoup(answer.text, "html.parser")
    fields = soup.select(f"form[data-action='{action}'] input[type=hidden]")
    return {str(field["name"]): str(field.get("value", "")) for field in fields}


def test_a_plan_that_was_changed_meanwhile_is_told_and_shows_both(client: FlaskClient, cast: Cast) -> None:
    built = composed(cast)
    seat, (first, second, *_) = built.seats["iris"], built.items.values()
    address = f"/seats/{seat}"
    browser = sign_in(client, cast.rita)
    mine = form_of(browser, address, "loop.plan") | {"items": [str(first)], f"question_{first}": "My question?"}
    act(lambda: actions.plan(cast.hector, seat, [first, second], {first: "Their question?"}, now=NOW))

    answer = browser.post(f"{address}/plan", data=mine)

    words = told(answer)
    assert "Their question?" in words and "Bring both together" in words
    assert "My question?" in answer.text
    assert [one.question for one in db.session.get_one(Seat, seat).assignments] == ["Their question?", ""]
    again = mine | saving_again(answer, "loop.plan") | {"submission_key": "again"}
    assert browser.post(f"{address}/plan", data=again).status_code == 303
    db.session.expire_all()
    assert [one.question for one in db.session.get_one(Seat, seat).assignments] == ["My question?"]


def test_a_slot_that_was_moved_meanwhile_is_told(client: FlaskClient, cast: Cast) -> None:
    built = composed(cast)
    seat = built.seats["iris"]
    browser = sign_in(client, cast.cora)
    mine = form_of(browser, f"/seats/{seat}", "loop.slot") | TIME
    act(lambda: actions.set_slot(cast.rita, seat, *slot(6), where="Room 9", now=NOW))

    assert "Room 9" in told(browser.post(f"/seats/{seat}/slot", data=mine))
    assert db.session.get_one(Seat, seat).interviews[0].starts_at == slot(6)[0]


def test_a_debrief_that_was_moved_meanwhile_is_told(client: FlaskClient, cast: Cast) -> None:
    built = composed(cast)
    address = f"/applications/{built.application_id}/loop"
    browser = sign_in(client, cast.cora)
    mine = form_of(browser, address, "loop.debrief") | TIME
    act(lambda: actions.book_debrief(cast.rita, built.application_id, *slot(8), now=NOW))

    assert "changed the debrief's time" in told(browser.post(f"{address}/debrief", data=mine))
    assert loop_of(built).debrief_starts_at == slot(8)[0]


def test_what_a_colleague_does_elsewhere_on_the_loop_stands_in_nobodys_way(client: FlaskClient, cast: Cast) -> None:
    built = composed(cast)
    seat, other, first = built.seats["iris"], built.seats["irma"], next(iter(built.items.values()))
    browser = sign_in(client, cast.rita)
    plan = form_of(browser, f"/seats/{seat}", "loop.plan") | {"items": [str(first)]}
    act(lambda: actions.plan(cast.hector, other, [first], {}, now=NOW))
    act(lambda: actions.set_slot(cast.hector, seat, *slot(6), now=NOW))
    act(lambda: actions.book_debrief(cast.hector, built.application_id, *slot(8), now=NOW))

    assert browser.post(f"/seats/{seat}/plan", data=plan).status_code == 303


@pytest.mark.parametrize("what", ["plan", "slot"])
def test_a_post_that_names_no_version_replaces_nothing(client: FlaskClient, cast: Cast, what: str) -> None:
    built = composed(cast)
    answer = sign_in(client, cast.rita).post(f"/seats/{built.seats['iris']}/{what}", data=TIME | {"items": []})
    told(answer)


def test_the_second_of_two_who_save_at_once_is_told(cast: Cast) -> None:
    built = composed(cast)
    seat, first = built.seats["iris"], next(iter(built.items.values()))
    shown = db.session.get_one(Seat, seat).plan_version
    act(lambda: actions.plan(cast.hector, seat, [first], {}, now=NOW, shown=shown))
    with pytest.raises(Stale):
        act(lambda: actions.plan(cast.rita, seat, [], {}, now=NOW, shown=shown))

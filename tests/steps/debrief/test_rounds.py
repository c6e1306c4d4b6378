"""A debrief that reconvenes: earlier records stay readable, presence is of this round, and the room says why."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient

from hiring.ground.database import writing
from hiring.ground.rulebook import Refused
from hiring.pipeline import queries as applications
from hiring.steps.debrief import actions, queries, room_actions
from hiring.steps.debrief.rules import BoardMark, Decision, Phase
from hiring.steps.written_feedback.rules import Vote
from tests.cast import sign_in
from tests.steps.debrief.conftest import SEATED, Debrief


@pytest.fixture
def reads(client: FlaskClient, at: Callable[[datetime], None]) -> Callable[..., BeautifulSoup]:
    def get(who: str, debrief: Debrief, path: str = "", status: int = 200) -> BeautifulSoup:
        at(debrief.now)
        reader = getattr(debrief.cast, who)
        answer = sign_in(client, reader).get(f"/applications/{debrief.built.application_id}/debrief{path}")
        assert answer.status_code == status, (who, path)
        return BeautifulSoup(answer.text, "html.parser")

    return get


def reconvene(debrief: Debrief, phase: Phase) -> None:
    debrief.now += timedelta(days=1)
    with writing():
        application = applications.lock_application(debrief.built.application_id)
        actions.reconvene(
            application, phase, "new facts from references", actor_id=debrief.cast.hector.id, now=debrief.now
        )


def present(debrief: Debrief) -> set[int]:
    application = debrief.application
    return {seat.person_id for seat in queries.table(application, queries.meeting_of(application.id)).present}


def test_the_first_record_is_read_while_the_second_round_runs_and_after_it(
    debrief: Debrief, reads: Callable[..., BeautifulSoup]
) -> None:
    debrief.done()
    first = reads("iris", debrief, "/memo").text
    reconvene(debrief, Phase.DISCUSS)
    for who in SEATED:
        page = reads(who, debrief)
        assert "goes on since" in page.text and "new facts from references" in page.text
        assert "undone since" in page.text and page.select_one("#records a") is not None
        memo = reads(who, debrief, "/memo").text
        assert "Raises the bar." in memo and "what it decided does not stand" in memo
    for who in ("olga", "cora", "amal", "ron"):
        reads(who, debrief, "/memo?round=1", status=404)
    debrief.advance()
    debrief.does(actions.decide, "hector", Decision.HIRE, "Still yes.")
    debrief.does(actions.concur, "bea", "")
    assert "Still yes." in reads("iris", debrief, "/memo").text
    second = reads("iris", debrief, "/memo?round=2").text
    assert "Round 2 of 2" in second and "new facts from references" in second and "Raises the bar." not in second
    again = reads("iris", debrief, "/memo?round=1").text
    assert "Raises the bar." in again and "Still yes." not in again and "Round 1 of 2" not in first
    for number in ("0", "3", "99999999999999999999"):
        reads("iris", debrief, f"/memo?round={number}", status=404)


def test_only_those_who_read_references_are_led_to_what_they_said(
    debrief: Debrief, reads: Callable[..., BeautifulSoup]
) -> None:
    debrief.done()
    reconvene(debrief, Phase.DISCUSS)
    led = {who for who in SEATED if reads(who, debrief).select_one('#reconvened a[href$="/references"]')}
    assert led == {"hector", "rita", "bea"}


def test_presence_is_of_this_round_while_re_votes_come_along(
    debrief: Debrief, reads: Callable[..., BeautifulSoup]
) -> None:
    debrief.done()
    reconvene(debrief, Phase.DISCUSS)
    assert present(debrief) == set()
    assert len(queries.revotes(debrief.meeting)) == len(SEATED)
    debrief.does(room_actions.attend, "iris")
    debrief.does(room_actions.take_note, "iris", "The second call was clear.")
    assert present(debrief) == {debrief.cast.iris.id}
    debrief.advance()
    debrief.does(actions.decide, "hector", Decision.HIRE, "Still yes.")
    debrief.does(actions.concur, "bea", "")
    section = reads("hector", debrief, "/memo").select_one("#present")
    assert section is not None
    rows = [row.get_text(" ", strip=True) for row in section.select("tbody tr")]
    assert len(rows) == 1 and rows[0].startswith("Iris") and rows[0].count("—") == 2


def test_who_was_absent_from_the_re_vote_does_not_come_to_know_the_others(debrief: Debrief) -> None:
    debrief.board(absent=("irma",))
    for item_id in debrief.built.items.values():
        debrief.does(room_actions.mark, "bea", item_id, BoardMark.MET, "They rebuilt it.")
    debrief.advance()
    debrief.advance()
    debrief.does(actions.decide, "hector", Decision.HIRE, "Raises the bar.")
    debrief.does(actions.concur, "bea", "")
    reconvene(debrief, Phase.DISCUSS)
    with pytest.raises(Refused, match="would vote knowing them"):
        debrief.does(room_actions.attend, "irma")


def test_another_level_is_re_voted_on_by_those_who_come_again_and_have_read(debrief: Debrief) -> None:
    debrief.done()
    reconvene(debrief, Phase.REVOTE)
    with pytest.raises(Refused, match="not present"):
        debrief.does(room_actions.revote, "iris", Vote.INCLINED)
    with pytest.raises(Refused, match="0 of 5 are present"):
        debrief.advance()
    for who in SEATED:
        debrief.does(room_actions.attend, who)
    for who in SEATED:
        debrief.does(room_actions.revote, who, Vote.INCLINED)
    debrief.advance()
    assert debrief.meeting.phase is Phase.BOARD

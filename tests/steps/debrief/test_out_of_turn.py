"""Acts that come too early, too late, or about what the debrief does not hold."""

from dataclasses import replace
from datetime import timedelta

import pytest

from hiring.ground.database import NotVisible, writing
from hiring.ground.rulebook import Refused
from hiring.pipeline import queries as applications
from hiring.pipeline.rules import Step
from hiring.steps.debrief import actions, queries, room_actions, room_rules
from hiring.steps.debrief.rules import BoardMark, Decision, Phase
from hiring.transitions import actions as transitions
from tests.builders import application_at
from tests.cast import Cast
from tests.steps.debrief.conftest import OPENED, Debrief
from tests.steps.debrief.test_rules import IRIS, facts, table


@pytest.mark.parametrize(
    ("phase", "words"), [(None, "Reading has not begun."), (Phase.GATHER, "Reading has not begun."), (Phase.READ, "")]
)
def test_nobody_reads_before_the_reading_has_begun(phase: Phase | None, words: str) -> None:
    assert facts(room_rules.why_not_read(table(phase), 4)) == ({"debrief.read": words} if words else {})


def test_who_has_not_said_that_they_are_here_does_not_read() -> None:
    away = table(Phase.READ, replace(IRIS, present=False))
    for person_id in (4, 77):
        assert facts(room_rules.why_not_read(away, person_id)) == {
            "debrief.read": "You have not said that you are here."
        }


def test_a_debrief_that_nobody_opened_neither_moves_on_nor_takes_anybody_or_a_mark(debrief: Debrief) -> None:
    item = next(iter(debrief.built.items.values()))
    for act, arguments, rule in (
        (room_actions.advance, (None,), "debrief.chair"),
        (room_actions.attend, (), "debrief.chair"),
        (room_actions.start_reading, (), "debrief.read"),
        (room_actions.mark, (item, BoardMark.MET, "Shown."), "debrief.board"),
    ):
        with pytest.raises(Refused) as caught:
            debrief.does(act, "bea", *arguments)
        assert [one.rule.id for one in caught.value.refusals] == [rule]
    assert queries.meeting_of(debrief.built.application_id) is None


def test_what_the_description_does_not_test_is_not_on_the_board(debrief: Debrief) -> None:
    debrief.board()
    with pytest.raises(NotVisible):
        debrief.does(room_actions.mark, "bea", 999_999, BoardMark.MET, "Shown.")


def test_reconvened_where_none_was_held_a_debrief_opens_as_usual(debrief: Debrief) -> None:
    with writing():
        application = actions.at_table(debrief.cast.bea, debrief.built.application_id, now=debrief.now)[0]
        found = actions.reconvene(
            application, Phase.REVOTE, "another level", actor_id=debrief.cast.rita.id, now=debrief.now
        )
    assert found is None
    assert debrief.application.step is Step.DEBRIEF
    debrief.gather()
    assert debrief.meeting.phase is Phase.GATHER


def test_a_return_to_a_step_after_the_debrief_leaves_the_decision_as_it_is(cast: Cast) -> None:
    built = application_at(cast, Step.OFFER)
    with writing():
        transitions.send_back(
            cast.rita, built.application_id, Step.REFERENCE_CHECK, "One more call", now=OPENED + timedelta(days=3)
        )
    meeting = queries.meeting_of(built.application_id)
    assert meeting is not None
    assert (meeting.phase, meeting.decision) == (Phase.DONE, Decision.HIRE)
    assert applications.application(built.application_id).decided_at is not None

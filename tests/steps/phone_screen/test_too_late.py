"""Acts on a call that is over, cancelled or behind: each is told that the page is no longer true."""

import pytest

from hiring.ground.database import Stale, writing
from hiring.people.rules import Invalid
from hiring.pipeline.rules import Step
from hiring.steps.phone_screen import actions, queries
from hiring.steps.phone_screen.rules import ScreenState
from hiring.transitions import actions as transitions
from tests.builders import application_at
from tests.cast import Cast
from tests.steps.phone_screen.test_actions import AFTER, NOW, book, held, prepare, report, take_notes


def test_no_call_is_booked_for_a_time_that_has_passed(cast: Cast) -> None:
    built = application_at(cast, Step.PHONE_SCREEN)
    with pytest.raises(Invalid) as refused:
        book(cast.rita, built, start=NOW)
    assert refused.value.field == "starts_at"
    assert queries.screens(built.application_id) == []


def test_a_call_that_was_held_takes_no_other_questions(cast: Cast) -> None:
    built = application_at(cast, Step.PHONE_SCREEN)
    screen = held(cast, built)
    with pytest.raises(Stale):
        prepare(cast.hector, screen, "Something else?")
    assert [item.text for item in queries.screens(built.application_id)[-1].questions] == ["A hard decision?"]


def test_a_call_to_which_nobody_came_takes_no_notes_and_a_cancelled_one_no_outcome(cast: Cast) -> None:
    built = application_at(cast, Step.PHONE_SCREEN)
    screen = book(cast.rita, built)
    prepare(cast.hector, screen)
    report(cast.hector, screen, ScreenState.CANDIDATE_NO_SHOW)
    with pytest.raises(Stale):
        take_notes(cast.hector, screen)
    report(cast.rita, screen, ScreenState.CANCELLED)
    with pytest.raises(Stale):
        report(cast.rita, screen, ScreenState.HELD)
    found = queries.screens(built.application_id)[-1]
    assert (found.state, found.summary) == (ScreenState.CANCELLED, "")


def test_a_call_of_an_application_that_has_ended_stays_as_it_is(cast: Cast) -> None:
    built = application_at(cast, Step.PHONE_SCREEN)
    screen = held(cast, built)
    with writing():
        transitions.withdraw(cast.rita, built.application_id, "Took another job", now=AFTER)
    with pytest.raises(Stale), writing():
        actions.save_notes(cast.hector, screen.id, {}, "Other words.", expected=None, now=AFTER)
    assert queries.screens(built.application_id)[-1].summary == "Clear examples."

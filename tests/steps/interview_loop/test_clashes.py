"""Clashes in calendars, asked of frozen facts: the shadow's, the debrief's, and writing before shadowing."""

from dataclasses import replace
from datetime import timedelta

from hiring.ground.working_time import Interval
from hiring.pipeline.rules import Step
from hiring.steps.interview_loop import rules
from hiring.steps.interview_loop.facts import Busy, Slot
from tests.steps.interview_loop.test_rules import DAY, FIRST, GOOD, IRIS, TARA, only, refusals, reporting, with_seat

HOUR = timedelta(hours=1)


def test_a_shadow_is_not_in_two_places_at_once() -> None:
    asked = with_seat(3, shadow=TARA)
    later = Busy(Interval(FIRST + 5 * HOUR, FIRST + 6 * HOUR), "interview")
    assert refusals(replace(asked, busy={TARA.id: (later,)}), "loop.double_booked") == []
    same = Busy(Interval(FIRST + 3 * HOUR, FIRST + 4 * HOUR), "interview")
    refusal = only(replace(asked, busy={TARA.id: (same,)}), "loop.double_booked")
    assert "Tara has another interview" in refusal.facts
    assert refusal.way_out == "Choose another time, or take the shadow off."


def test_a_debrief_does_not_begin_during_the_last_interview() -> None:
    during = Interval(FIRST + 4 * HOUR + timedelta(minutes=30), FIRST + 6 * HOUR)
    (refusal,) = refusals(replace(GOOD, debrief=during), "loop.double_booked")
    assert refusal.facts.startswith("The debrief is ") and "Irma" in refusal.facts
    assert refusal.way_out == "Choose another time, or move the debrief."


def test_who_shadows_the_next_interview_still_has_their_writing_time() -> None:
    start = FIRST + 3 * HOUR + timedelta(minutes=50)
    soon = with_seat(4, shadow=IRIS, slot=Slot(start, start + timedelta(minutes=45), DAY))
    assert "shadowing begins" in refusals(soon, "loop.writing_time")[0].facts
    assert refusals(with_seat(4, shadow=IRIS), "loop.writing_time") == []


def test_an_interview_ends_after_it_began_and_not_in_the_future() -> None:
    for minutes in (-1, 60):
        (refusal,) = reporting(ended_at=FIRST + timedelta(minutes=minutes))
        assert refusal.facts.startswith("The end must lie after ")
    assert reporting(ended_at=FIRST + timedelta(minutes=40)) == []


def test_a_loop_changes_once_composing_has_begun() -> None:
    assert rules.why_not_change(Step.INTERVIEW_LOOP, False, True) == []
    (refusal,) = rules.why_not_change(Step.INTERVIEW_LOOP, False, False)
    assert (refusal.facts, refusal.way_out) == (
        "Nobody has begun to compose this loop.",
        "Start composing the loop first.",
    )

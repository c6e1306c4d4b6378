"""Step 5's questions, without a database."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from hiring.ground.rulebook import Kind, Refusal
from hiring.pipeline.rules import Step
from hiring.steps.interview_loop.rules import InterviewState
from hiring.steps.written_feedback import due, rules
from hiring.steps.written_feedback.due import Nudge
from hiring.steps.written_feedback.rules import (
    Entry,
    FeedbackPolicy,
    ItemEntry,
    PracticeFacts,
    Rating,
    ReaderFacts,
    SeatFacts,
    Vote,
)

START = datetime(2026, 3, 3, 8, 0, tzinfo=UTC)
DUE = START + timedelta(hours=1)
NAMES = {1: "Ownership", 2: "Coding"}
TOLD = ItemEntry(1, "Which ledger?", "A drift.", "Close it.", "Rebuilt it.", "Gone.", Rating.MEETS)
COMPLETE = Entry((TOLD, ItemEntry(2, rating=Rating.NOT_TESTED, not_tested_reason="No time.")), "Good.", Vote.INCLINED)
SEAT = SeatFacts(7, "Iris", "Nadia Novak", InterviewState.BOOKED, START, DUE)


def only(refusals: list[Refusal], rule: str) -> Refusal:
    assert [refusal.rule.id for refusal in refusals] == [rule]
    return refusals[0]


def test_feedback_with_evidence_or_a_reason_for_every_principle_is_complete() -> None:
    assert rules.why_not_complete(COMPLETE, NAMES) == []


def test_what_is_missing_is_named_part_by_part_and_principle_by_principle() -> None:
    entry = Entry((replace(TOLD, task=" ", result=""), ItemEntry(2, question="Why?", rating=Rating.BELOW)))
    refusal = only(rules.why_not_complete(entry, NAMES), "feedback.complete")
    assert "Ownership: task and result are missing." in refusal.facts
    assert "Coding: situation, task, action and result are missing." in refusal.facts
    assert "The summary is missing. The vote is missing." in refusal.facts
    assert "draft" in refusal.way_out


def test_a_principle_that_nobody_wrote_about_misses_everything() -> None:
    refusal = only(rules.why_not_complete(replace(COMPLETE, items=(TOLD,)), NAMES), "feedback.complete")
    assert refusal.facts == "Coding: question asked, situation, task, action, result and rating are missing."


def test_not_tested_needs_its_reason() -> None:
    entry = replace(COMPLETE, items=(TOLD, ItemEntry(2, rating=Rating.NOT_TESTED, not_tested_reason="  ")))
    refusal = only(rules.why_not_complete(entry, NAMES), "feedback.complete")
    assert refusal.facts == "Coding: reason why it was not tested is missing."


def test_the_interviewer_writes_from_the_start_of_the_interview_on() -> None:
    assert rules.why_not_write(SEAT, 7, "Iris", START) == []
    early = only(rules.why_not_write(SEAT, 7, "Iris", START - timedelta(minutes=1)), "feedback.own")
    assert "begins on 2026-03-03 08:00 UTC" in early.facts


def test_nobody_else_writes_it() -> None:
    refusal = only(rules.why_not_write(SEAT, 8, "Rita", DUE), "feedback.own")
    assert refusal.facts == "Iris held this interview; you are Rita."
    assert refusal.mend == "Iris"


@pytest.mark.parametrize("state", [InterviewState.CANDIDATE_NO_SHOW, InterviewState.CANCELLED, None])
def test_there_is_nothing_to_write_about_an_interview_that_did_not_happen(state: InterviewState | None) -> None:
    refusal = only(rules.why_not_write(replace(SEAT, interview=state), 7, "Iris", DUE), "feedback.own")
    assert "no interview of Nadia Novak" in refusal.facts


@pytest.mark.parametrize("state", [InterviewState.HELD, InterviewState.CUT_SHORT])
def test_an_interview_that_was_cut_short_is_written_about_like_one_that_was_held(state: InterviewState) -> None:
    assert rules.why_not_write(replace(SEAT, interview=state), 7, "Iris", DUE + timedelta(days=9)) == []


def test_submitted_feedback_is_final() -> None:
    refusal = only(rules.why_not_write(replace(SEAT, submitted_at=DUE), 7, "Iris", DUE), "feedback.final")
    assert "2026-03-03 09:00 UTC" in refusal.facts
    assert "amendment" in refusal.way_out


def amending(step: Step, *, ended: bool = False, opened_at: datetime | None = None, writer: int = 7) -> list[Refusal]:
    seat = replace(SEAT, submitted_at=DUE)
    return rules.why_not_amend(seat, writer, "Somebody", step=step, ended=ended, opened_at=opened_at)


@pytest.mark.parametrize("step", [Step.INTERVIEW_LOOP, Step.WRITTEN_FEEDBACK, Step.DEBRIEF])
def test_an_amendment_is_possible_until_the_debrief_opens(step: Step) -> None:
    assert amending(step) == []


def test_no_amendment_once_the_debrief_opened_or_the_application_ended() -> None:
    assert (
        "The debrief opened on 2026-03-03 09:00 UTC"
        in only(amending(Step.DEBRIEF, opened_at=DUE), "feedback.final").facts
    )
    only(amending(Step.REFERENCE_CHECK), "feedback.final")
    assert "ended" in only(amending(Step.DEBRIEF, ended=True), "feedback.final").facts


def test_only_the_author_amends_and_only_what_was_submitted() -> None:
    only(amending(Step.DEBRIEF, writer=8), "feedback.own")
    draft = rules.why_not_amend(SEAT, 7, "Iris", step=Step.DEBRIEF, ended=False, opened_at=None)
    assert "draft" in only(draft, "feedback.final").facts


def test_a_seat_reads_the_others_after_its_own_submission_even_while_some_are_missing() -> None:
    assert rules.why_not_read_others(ReaderFacts(True, True, False, ("Irma",))) == []


@pytest.mark.parametrize("recruiter", [True, False])
def test_a_seat_that_has_not_submitted_is_blind_recruiter_or_not(recruiter: bool) -> None:
    refusal = only(rules.why_not_read_others(ReaderFacts(True, False, recruiter, ("Rita",))), "feedback.blind")
    assert "Submit yours first" in refusal.way_out


def test_the_recruiter_without_a_seat_reads_once_the_last_is_in() -> None:
    refusal = only(rules.why_not_read_others(ReaderFacts(False, False, True, ("Iris", "Irma"))), "feedback.blind")
    assert refusal.facts == "Still missing: Iris, Irma."
    assert rules.why_not_read_others(ReaderFacts(False, False, True, ())) == []


def test_a_standing_role_opens_nothing() -> None:
    refusal = only(rules.why_not_read_others(ReaderFacts(False, False, False, ())), "feedback.blind")
    assert "no seat" in refusal.facts


def test_late_is_recorded_with_its_minutes_and_refuses_nothing() -> None:
    assert rules.why_late("Iris", DUE, DUE) == []
    record = only(rules.why_late("Iris", DUE + timedelta(minutes=11, seconds=5), DUE), "feedback.on_time")
    assert record.rule.kind is Kind.RECORD
    assert record.facts.startswith("Iris submitted 12 min after it was due")


PRACTICE = PracticeFacts(3, "Tara", 7, "Iris", submitted=False, mentor_submitted=False, starts_at=START)


def test_practice_is_read_by_mentor_and_programme_owner_once_both_are_in() -> None:
    both = replace(PRACTICE, submitted=True, mentor_submitted=True)
    assert rules.why_not_read_practice(both, 7, programme_owner=False) == []
    assert rules.why_not_read_practice(both, 99, programme_owner=True) == []
    only(rules.why_not_read_practice(both, 99, programme_owner=False), "feedback.blind")
    half = only(
        rules.why_not_read_practice(replace(both, mentor_submitted=False), 7, programme_owner=False), "feedback.blind"
    )
    assert half.facts == "Not submitted yet: Iris."
    assert rules.why_not_read_practice(PRACTICE, 3, programme_owner=False) == []


def test_only_the_trainee_practises_from_the_start_on_and_once() -> None:
    assert rules.why_not_practise(PRACTICE, 3, "Tara", START) == []
    only(rules.why_not_practise(PRACTICE, 7, "Iris", START), "feedback.own")
    only(rules.why_not_practise(PRACTICE, 3, "Tara", START - timedelta(minutes=1)), "feedback.own")
    only(rules.why_not_practise(replace(PRACTICE, submitted=True), 3, "Tara", START), "feedback.final")


def test_nudges_come_at_the_end_before_due_at_due_and_twice_after_and_expire_when_the_next_one_speaks() -> None:
    end = DUE - timedelta(minutes=15)
    told = due.nudges(end, DUE, FeedbackPolicy())
    assert [(nudge, at - DUE) for nudge, at, _ in told] == [
        (Nudge.AT_END, timedelta(minutes=-15)),
        (Nudge.SOON, timedelta(minutes=-5)),
        (Nudge.AT_DUE, timedelta(0)),
        (Nudge.LATE, timedelta(minutes=15)),
        (Nudge.VERY_LATE, timedelta(hours=24)),
    ]
    assert told[0][2] == told[1][1]
    assert len({nudge.key(17) for nudge in Nudge}) == len(Nudge)


@pytest.mark.parametrize("vote", list(Vote))
def test_there_is_no_neutral_vote(vote: Vote) -> None:
    assert vote.against is ("not" in vote.value)

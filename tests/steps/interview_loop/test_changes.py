"""What happens to a confirmed loop, and who gains by it: conflicts, outcomes, moved slots, mails, on both engines."""

from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from hiring.ground.database import Forbidden, NotVisible, db, writing
from hiring.ground.outbox import Notice
from hiring.people.models import Person
from hiring.pipeline import actions as spine
from hiring.pipeline import queries as pipeline
from hiring.pipeline.models import Booking, PassedWarning, Requisition
from hiring.pipeline.rules import End, EndReason, Source, Step
from hiring.steps.interview_loop import actions, course, jobs, queries, seating, staffing
from hiring.steps.interview_loop.models import Conflict, Interview, Loop
from hiring.steps.interview_loop.rules import (
    ConflictKind,
    InterviewState,
    LoopState,
    RedrawCause,
    SeatKind,
    SeatState,
    VacateCause,
)
from hiring.steps.written_feedback import actions as feedback
from hiring.steps.written_feedback.rules import Entry
from tests.builders import LOOP_DAY, Built, application_at
from tests.cast import Cast
from tests.races import overtaken
from tests.steps.interview_loop.composing import (
    AFTER,
    FIRST,
    NOW,
    REASONS,
    act,
    composed,
    confirmed,
    interview_of,
    loop_of,
    refused,
    seat_of,
    slot,
)

WORDS = (ConflictKind.OTHER, "They founded a company together.")


def told(kind: str, whom: str = "nadia@candidates.example") -> int:
    query = select(func.count(Notice.id)).where(Notice.kind == f"interview_loop.{kind}", Notice.to_address == whom)
    return db.session.scalar(query) or 0


# --- Conflicts of interest ---------------------------------------------------------------------------------------


def test_those_who_compose_the_loop_declare_nobody_elses_conflict(cast: Cast) -> None:
    built = application_at(cast, Step.INTERVIEW_LOOP)
    for who in (cast.hector, cast.rita):
        with pytest.raises(Forbidden), writing():
            actions.declare_conflict(who, built.application_id, cast.bram.id, *WORDS, now=NOW)
    act(lambda: actions.declare_conflict(cast.hector, built.application_id, cast.hector.id, *WORDS, now=NOW))
    refused(
        lambda: actions.declare_conflict(
            cast.amal, built.application_id, cast.bram.id, ConflictKind.OTHER, " ", now=NOW
        ),
        "loop.conflict",
    )
    assert list(db.session.scalars(select(Conflict.person_id))) == [cast.hector.id]
    assert cast.bram.id in staffing.rotation(pipeline.application(built.application_id), NOW).eligible


def test_a_conflict_declared_by_mistake_is_taken_back_and_may_be_declared_again(cast: Cast) -> None:
    built = confirmed(cast)
    conflicts = lambda: staffing.conflicts(pipeline.application(built.application_id))  # noqa: E731
    act(lambda: actions.declare_conflict(cast.amal, built.application_id, cast.iris.id, *WORDS, now=NOW))
    for who in (cast.iris, cast.hector, cast.rita):
        with pytest.raises(Forbidden), writing():
            actions.withdraw_conflict(who, built.application_id, cast.iris.id, "No.", now=NOW)
    act(lambda: actions.withdraw_conflict(cast.ada, built.application_id, cast.iris.id, "Another Iris.", now=NOW))
    assert conflicts() == {}
    with pytest.raises(NotVisible), writing():
        actions.withdraw_conflict(cast.ada, built.application_id, cast.iris.id, "Again.", now=NOW)
    act(lambda: actions.declare_conflict(cast.iris, built.application_id, cast.iris.id, *WORDS, now=NOW))
    assert set(conflicts()) == {cast.iris.id}
    act(lambda: actions.withdraw_conflict(cast.iris, built.application_id, cast.iris.id, "Namesakes.", now=NOW))
    kept = db.session.execute(select(Conflict.withdrawn_by, Conflict.withdrawn_reason).order_by(Conflict.id)).all()
    assert [tuple(row) for row in kept] == [(cast.ada.id, "Another Iris."), (cast.iris.id, "Namesakes.")]
    assert conflicts() == {}


# --- Outcomes and evidence ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("outcome", [InterviewState.INTERVIEWER_NO_SHOW, InterviewState.CANDIDATE_NO_SHOW])
@pytest.mark.parametrize("going_on", [True, False])
def test_a_hiring_manager_cannot_make_evidence_vanish_by_a_no_show(
    cast: Cast, outcome: InterviewState, going_on: bool
) -> None:
    built = application_at(cast, Step.WRITTEN_FEEDBACK, held=not going_on)
    one = interview_of(built, "irma").id
    now = LOOP_DAY + timedelta(hours=4, minutes=10) if going_on else AFTER
    for who in (cast.hector, cast.rita, cast.cora):
        with pytest.raises(Forbidden), writing():
            actions.report(who, one, outcome, now=now)
    refused(lambda: actions.remove_seat(cast.hector, built.seats["irma"], now=now), "loop.evidence")
    assert seat_of(built, "irma").state is SeatState.HELD


def test_once_feedback_is_begun_nobody_says_that_nobody_came(cast: Cast) -> None:
    built = application_at(cast, Step.WRITTEN_FEEDBACK)
    one = interview_of(built, "irma").id
    act(lambda: feedback.save_draft(cast.irma, built.seats["irma"], Entry(summary="Clear."), now=AFTER))
    assert seat_of(built, "irma").writing_since == AFTER
    for who in (cast.irma, cast.bea, cast.amal):
        work = lambda who=who: actions.report(who, one, InterviewState.INTERVIEWER_NO_SHOW, now=AFTER)  # noqa: E731
        assert "Irma has written" in refused(work, "loop.outcome")


@pytest.mark.parametrize("how", ["submitted", "drafted"])
def test_somebody_who_declined_and_came_anyway_held_the_interview_and_keeps_what_they_wrote(
    cast: Cast, how: str
) -> None:
    built = confirmed(cast)
    seat_id, (start, end) = built.seats["iris"], slot(interview_place(built, "iris"))
    act(lambda: actions.decline(cast.iris, seat_id, "A clash.", now=NOW))
    draft = Entry(summary="Clear.")
    act(lambda: feedback.save_draft(cast.iris, seat_id, draft, now=start + timedelta(minutes=20)))
    if how == "submitted":
        with writing():
            course.note_submitted(built.application, seat_of(built, "iris"), end - timedelta(minutes=5))
    jobs.close_interviews(end)
    seat = seat_of(built, "iris")
    assert (interview_of(built, "iris").state, seat.declined_at) == (InterviewState.HELD, None)
    if how == "drafted":
        act(lambda: feedback.save_draft(cast.iris, seat_id, Entry(summary="Clearer."), now=end))
    removing = lambda: actions.remove_seat(cast.rita, seat_id, now=end)  # noqa: E731
    refused(removing, "loop.evidence")
    with writing():  # whatever its slots came to say
        one = seat_of(built, "iris").interviews[-1]
        one.state, one.due_at, one.ended_at = InterviewState.INTERVIEWER_NO_SHOW, None, None
    assert "Iris has written feedback." in refused(removing, "loop.evidence")
    act(lambda: actions.vacate(cast.bea, seat_id, VacateCause.ILL, "Flu.", now=end))
    assert seat_of(built, "iris").state is SeatState.VACATED


def interview_place(built: Built, key: str) -> int:
    return round((interview_of(built, key).starts_at - FIRST) / timedelta(hours=1))


def test_after_a_no_show_that_the_bar_raiser_saw_the_seat_is_given_to_somebody_else(cast: Cast) -> None:
    built = application_at(cast, Step.WRITTEN_FEEDBACK)
    one = interview_of(built, "irma").id
    act(lambda: actions.report(cast.bea, one, InterviewState.INTERVIEWER_NO_SHOW, now=AFTER))
    act(lambda: actions.replace_seat(cast.rita, built.seats["irma"], cast.igor.id, now=AFTER))
    assert seat_of(built, "irma").state is SeatState.REMOVED


def test_one_more_interviewer_is_added_to_a_confirmed_loop_and_booked_next(cast: Cast) -> None:
    built = confirmed(cast)
    act(lambda: actions.add_seat(cast.rita, built.application_id, cast.igor.id, now=NOW))
    new = next(seat for seat in loop_of(built).seats if seat.person_id == cast.igor.id)
    one = list(built.items.values())[:1]
    refused(lambda: actions.plan(cast.rita, new.id, one, {}, now=NOW), "loop.two_or_three")
    act(lambda: actions.plan(cast.rita, new.id, one, {}, now=NOW, reasons=REASONS))
    act(lambda: actions.set_slot(cast.cora, new.id, *slot(5), now=NOW))
    assert queries.current_interview(new) is not None


def test_only_the_interviewer_moves_the_clock_of_their_feedback(cast: Cast) -> None:
    built = application_at(cast, Step.WRITTEN_FEEDBACK, held=False)
    one = interview_of(built, "iris")
    start, end, number = one.starts_at, one.ends_at, one.id
    early = start + timedelta(minutes=16)
    refused(lambda: actions.report(cast.cora, number, InterviewState.HELD, now=early), "loop.outcome")
    work = lambda: actions.report(cast.rita, number, InterviewState.HELD, ended_at=early, now=end)  # noqa: E731
    refused(work, "loop.outcome")
    act(lambda: actions.report(cast.cora, number, InterviewState.CUT_SHORT, now=early))
    assert interview_of(built, "iris").due_at == end + timedelta(minutes=15)
    assert interview_of(built, "iris").ended_at == early


def test_an_interview_of_a_loop_that_was_not_confirmed_has_no_outcome(cast: Cast) -> None:
    built = composed(cast)
    one = interview_of(built, "iris").id
    assert "not confirmed" in refused(
        lambda: actions.report(cast.rita, one, InterviewState.HELD, now=slot(6)[1]), "loop.outcome"
    )
    assert interview_of(built, "iris").due_at is None


def test_a_bar_raiser_who_hands_over_during_the_interview_cuts_it_short(cast: Cast) -> None:
    built = application_at(cast, Step.WRITTEN_FEEDBACK, held=False)
    during = interview_of(built, "bea").starts_at + timedelta(minutes=10)
    act(lambda: actions.hand_over_bar_raiser(cast.amal, built.application_id, RedrawCause.ILL, "Faint.", now=during))
    old = seat_of(built, "bea")
    assert old.state is SeatState.HANDED_OVER and old.interviews[0].state is InterviewState.CUT_SHORT
    booked = select(func.count(Interview.id)).where(
        Interview.seat_id == old.id, Interview.state == InterviewState.BOOKED
    )
    assert db.session.scalar(booked) == 0


def test_a_slot_booked_anew_is_accepted_anew_and_held(cast: Cast) -> None:
    built = confirmed(cast)
    act(lambda: actions.decline(cast.iris, built.seats["iris"], "A holiday.", now=NOW))
    act(lambda: actions.set_slot(cast.cora, built.seats["iris"], *slot(5), now=NOW))
    seat = seat_of(built, "iris")
    assert (seat.declined_at, seat.decline_reason, seat.accepted_at) == (None, "", None)
    jobs.close_interviews(slot(5)[1])
    assert interview_of(built, "iris").state is InterviewState.HELD


def test_an_interview_going_on_when_the_application_goes_back_is_not_composed_away(cast: Cast) -> None:
    built = confirmed(cast)
    during = slot(0)[0] + timedelta(minutes=5)
    with writing():
        application = pipeline.lock_application(built.application_id)
        spine.go_back(application, Step.PHONE_SCREEN, "again", actor_id=cast.rita.id, now=during)
    assert loop_of(built).state is LoopState.CONFIRMED


# --- Rules asked again -------------------------------------------------------------------------------------------


def test_a_debrief_moved_far_away_after_confirmation_asks_for_a_reason_which_is_kept(cast: Cast) -> None:
    built = confirmed(cast)
    before = db.session.scalar(select(func.count(PassedWarning.id)))
    far = tuple(instant + timedelta(days=21) for instant in slot(7))
    refused(lambda: actions.book_debrief(cast.cora, built.application_id, *far, now=NOW), "loop.debrief_booked")
    why = {"loop.debrief_booked": "Hector is away."}
    act(lambda: actions.book_debrief(cast.cora, built.application_id, *far, now=NOW, reasons=why))
    assert db.session.scalar(select(func.count(PassedWarning.id))) == (before or 0) + 1
    assert loop_of(built).debrief_starts_at == far[0]


def test_weekly_caps_are_asked_of_a_slot_that_moves_after_confirmation(cast: Cast) -> None:
    built = confirmed(cast)
    with writing():
        for day in range(5):  # a full week, the one after the loop's
            start = FIRST + timedelta(days=7 + day, hours=9)
            _elsewhere(cast, built, day, start)
    moved = tuple(instant + timedelta(days=7) for instant in slot(3))
    refusal = refused(lambda: actions.set_slot(cast.cora, built.seats["iris"], *moved, now=NOW), "loop.load")
    assert "6 interviews; the cap is 5" in refusal
    act(lambda: actions.set_slot(cast.cora, built.seats["iris"], *slot(6), now=NOW, reasons=REASONS))


def test_a_slot_moved_to_another_night_asks_for_another_reason_and_one_that_stays_does_not(cast: Cast) -> None:
    built = confirmed(cast)
    monday = tuple(instant + timedelta(hours=14) for instant in slot(0))
    thursday = tuple(instant + timedelta(days=3) for instant in monday)
    first, second = {"loop.night": "She agreed to Monday.", "loop.debrief_booked": "Later."}, REASONS
    with writing():
        actions.book_debrief(cast.cora, built.application_id, *slot(24 * 5), now=NOW, reasons=REASONS)
    act(lambda: actions.set_slot(cast.cora, built.seats["iris"], *monday, now=NOW, reasons=first))
    asked = refused(lambda: actions.set_slot(cast.cora, built.seats["iris"], *thursday, now=NOW), "loop.night")
    assert "on 2026-03-12 from 23:00" in asked
    act(lambda: actions.set_slot(cast.cora, built.seats["iris"], *thursday, now=NOW, reasons=second))
    kept = db.session.scalars(select(PassedWarning.reason).where(PassedWarning.rule == "loop.night"))
    assert list(kept) == ["She agreed to Monday.", "Enough."]
    act(lambda: actions.set_slot(cast.cora, built.seats["iris"], *thursday, where="Room 2", now=NOW))


def _elsewhere(cast: Cast, built: Built, number: int, start: datetime) -> None:
    """One interview of Iris on the confirmed loop of somebody else."""
    candidate = spine.add_candidate(f"Otto{number} Other", f"otto{number}@candidates.example", now=NOW)
    other = spine.start_application(candidate, built.requisition_id, source=Source.CAREERS, actor_id=None, now=NOW)
    loop = Loop(application_id=other.id, state=LoopState.CONFIRMED)
    db.session.add(loop)
    db.session.flush()
    seat = seating.give_seat(loop, cast.iris.id, SeatKind.INTERVIEWER)
    ends = start + timedelta(minutes=45)
    db.session.add(Interview(seat_id=seat.id, starts_at=start, ends_at=ends, zone="UTC", state=InterviewState.BOOKED))
    db.session.flush()


def test_a_loop_with_somebody_who_left_or_declined_is_not_confirmed(cast: Cast) -> None:
    built = composed(cast)
    with writing():
        cast.iris.disabled_at = NOW
        seat_of(built, "irma").declined_at = NOW
    work = lambda: actions.confirm(cast.rita, built.application_id, now=NOW, reasons=REASONS)  # noqa: E731
    facts = refused(work, "loop.available")
    assert "Iris has left." in facts and "Irma declined." in facts


def test_an_internal_candidate_who_holds_an_interview_is_not_booked_beside_it(cast: Cast) -> None:
    built = composed(cast)
    with writing():
        pipeline.application(built.application_id).candidate.person_id = cast.nora.id
        spine.book(*slot(3), purpose="interview", source="other:1", person_id=cast.nora.id)
    work = lambda: actions.confirm(cast.rita, built.application_id, now=NOW, reasons=REASONS)  # noqa: E731
    assert "The candidate has another interview" in refused(work, "loop.double_booked")
    with writing():
        spine.unbook("other:1")
        actions.confirm(cast.rita, built.application_id, now=NOW, reasons=REASONS)
    mine = db.session.scalar(select(func.count(Booking.id)).where(Booking.person_id == cast.nora.id))
    assert mine == 5
    refused(
        lambda: spine.book(*slot(3), purpose="interview", source="other:2", person_id=cast.nora.id),
        "loop.double_booked",
    )


# --- Who is told -------------------------------------------------------------------------------------------------


def test_the_candidate_is_told_of_every_change_of_a_confirmed_loop(cast: Cast) -> None:
    built = composed(cast)
    act(lambda: actions.set_slot(cast.cora, built.seats["iris"], *slot(6), now=NOW))
    assert told("candidate_changed") == 0
    act(lambda: actions.confirm(cast.rita, built.application_id, now=NOW, reasons=REASONS))
    assert (told("candidate"), told("candidate_changed")) == (1, 0)
    act(lambda: actions.set_slot(cast.cora, built.seats["iris"], *slot(3), now=NOW))
    assert told("candidate_changed") == 1
    start, end = slot(5)
    act(
        lambda: actions.add_seat(
            cast.rita,
            built.application_id,
            cast.igor.id,
            items=list(built.items.values())[:2],
            starts_at=start,
            ends_at=end,
            now=NOW,
            reasons=REASONS,
        )
    )
    assert told("candidate_changed") == 2
    act(lambda: actions.replace_seat(cast.rita, built.seats["iris"], cast.ilse.id, now=NOW, reasons=REASONS))
    assert told("candidate_changed") == 3
    act(lambda: actions.hand_over_bar_raiser(cast.amal, built.application_id, RedrawCause.ILL, "Flu.", now=NOW))
    assert told("candidate_changed") == 4
    newest = db.session.scalars(
        select(Notice.body_text).where(Notice.kind == "interview_loop.candidate_changed").order_by(Notice.id.desc())
    ).first()
    assert newest is not None and "Bram" in newest and "Ilse" in newest and "Bea" not in newest


@pytest.mark.parametrize("how", ["ends", "goes back"])
def test_everybody_is_told_of_a_cancelled_loop(cast: Cast, how: str) -> None:
    built = confirmed(cast)
    with writing():
        application = pipeline.lock_application(built.application_id)
        if how == "ends":
            spine.end_application(application, End.WITHDRAWN, EndReason.CANDIDATE, actor_id=cast.rita.id, now=NOW)
        else:
            spine.go_back(application, Step.PHONE_SCREEN, "again", actor_id=cast.rita.id, now=NOW)
    assert told("candidate_cancelled") == 1
    for key in built.seats:
        assert told("off", f"{key}@example.org") == 1


# --- Standing is asked under the lock ----------------------------------------------------------------------------


@pytest.mark.parametrize("what", ["plan", "report", "debrief"])
def test_whoever_stopped_being_the_recruiter_while_they_waited_acts_no_more(app: Flask, cast: Cast, what: str) -> None:
    built = confirmed(cast)
    rita, seat_id, interview_id = cast.rita.id, built.seats["iris"], interview_of(built, "iris").id

    def hand_over() -> None:
        pipeline.lock_application(built.application_id)
        db.session.get_one(Requisition, built.requisition_id).recruiter_id = cast.ron.id

    wrong = overtaken(
        app,
        lambda: _act_as(db.session.get_one(Person, rita), what, built.application_id, seat_id, interview_id),
        hand_over,
    )
    assert isinstance(wrong, Forbidden)


def _act_as(rita: Person, what: str, application_id: int, seat_id: int, interview_id: int) -> None:
    if what == "plan":
        actions.plan(rita, seat_id, [], {}, now=NOW)
    elif what == "report":
        actions.report(rita, interview_id, InterviewState.HELD, now=AFTER + timedelta(days=30))
    else:
        actions.book_debrief(rita, application_id, *slot(8), now=NOW)


# --- Many colleagues ---------------------------------------------------------------------------------------------


def test_the_least_busy_of_many_colleagues_are_suggested_first_and_no_more_than_fit_a_page(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    built = confirmed(cast)
    application = pipeline.application(built.application_id)
    everybody = {one.id for one in staffing.interviewers(application, FIRST)}
    assert {cast.iris.id, cast.igor.id} <= everybody
    assert not {cast.tara.id, cast.nora.id, cast.juna.id} & everybody
    monkeypatch.setattr(staffing, "_POOL", 2)
    few = {one.id for one in staffing.interviewers(application, FIRST)}
    assert len(few) == 2 and not few & {cast.iris.id, cast.irma.id, cast.bea.id, cast.hector.id}
    assert not few & {one.id for one in staffing.interviewers(application, FIRST, without=few)}

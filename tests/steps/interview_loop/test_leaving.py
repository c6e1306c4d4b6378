"""Seats that are left, taken again and handed over once interviews began, on both engines."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from hiring.ground import policy
from hiring.ground.database import Forbidden, db, writing
from hiring.people.actions import disable_person
from hiring.people.queries import colleague
from hiring.pipeline import actions as spine
from hiring.pipeline import queries as pipeline
from hiring.pipeline.models import Booking
from hiring.pipeline.rules import Part, Stand, Step
from hiring.steps.interview_loop import actions, composition, course, jobs, queries
from hiring.steps.interview_loop.models import Seat, Shadow
from hiring.steps.interview_loop.rules import InterviewState, RedrawCause, SeatKind, SeatState, VacateCause
from hiring.steps.written_feedback import actions as feedback
from tests.builders import LOOP_DAY, application_at, give_feedback
from tests.cast import Cast
from tests.steps.interview_loop.composing import (
    AFTER,
    NOW,
    REASONS,
    act,
    confirmed,
    interview_of,
    loop_of,
    refused,
    seat_of,
    slot,
    stands,
)

HOUR = timedelta(hours=1)


def test_one_person_on_two_seats_counts_once_and_owes_feedback_on_the_seat_they_hold(cast: Cast) -> None:
    built = application_at(cast, Step.WRITTEN_FEEDBACK)
    with writing():
        give_feedback(built, seats=("hector", "rita", "bea", "irma"))
    act(lambda: actions.vacate(cast.bea, built.seats["iris"], VacateCause.ILL, "Flu.", now=AFTER))
    items = list(built.items.values())[3:5]
    start, end = slot(0)
    again = lambda who: actions.add_seat(  # noqa: E731
        cast.rita, built.application_id, who, items=items, starts_at=start, ends_at=end, now=NOW, reasons=REASONS
    )
    act(lambda: again(cast.iris.id))  # well again; nothing of hers was in
    jobs.close_interviews(end)
    assert built.application.step is Step.WRITTEN_FEEDBACK and not queries.all_submitted(loop_of(built))
    act(lambda: actions.vacate(cast.amal, built.seats["irma"], VacateCause.LEFT, "Left.", now=end))
    assert "left a seat of this loop" in refused(lambda: again(cast.irma.id), "loop.distinct")
    seat = next(one for one in queries.held_seats(loop_of(built)) if one.person_id == cast.iris.id)
    with writing():
        course.note_submitted(built.application, db.session.get_one(Seat, seat.id), end)
        actions.settle(pipeline.lock_application(built.application_id), end)
    assert built.application.step is Step.DEBRIEF


@pytest.mark.parametrize("how", ["vacated", "handed over"])
def test_a_trainee_keeps_their_practice_when_the_mentors_seat_is_left(cast: Cast, how: str) -> None:
    built = application_at(cast, Step.WRITTEN_FEEDBACK)
    key = "iris" if how == "vacated" else "bea"
    with writing():
        give_feedback(built)
        db.session.add(Shadow(seat_id=built.seats[key], person_id=cast.tara.id))
        spine.join(built.application_id, cast.tara.id, Part.SHADOW, now=LOOP_DAY)
    if how == "vacated":
        act(lambda: actions.vacate(cast.amal, built.seats["iris"], VacateCause.LEFT, "Left.", now=AFTER))
    else:
        act(lambda: actions.hand_over_bar_raiser(cast.amal, built.application_id, RedrawCause.ILL, "Flu.", now=AFTER))
        new = next(one for one in queries.held_seats(loop_of(built)) if one.kind is SeatKind.BAR_RAISER)
        act(lambda: actions.set_slot(cast.cora, new.id, *slot(0), now=NOW, reasons=REASONS))
        jobs.close_interviews(slot(0)[1])
        with writing():
            course.note_submitted(built.application, db.session.get_one(Seat, new.id), slot(0)[1])
            actions.settle(pipeline.lock_application(built.application_id), slot(0)[1])
    assert built.application.step is Step.DEBRIEF
    shadow = db.session.scalars(select(Shadow)).one()
    assert shadow.left_at is None and Stand.SHADOW in stands(cast.tara, built, AFTER)
    act(lambda: feedback.write_practice(cast.tara, shadow.id, "What I heard.", final=True, now=AFTER))
    assert colleague(cast.tara.id, LOOP_DAY.date()).paired


def test_a_trainee_who_sat_in_is_not_taken_off_afterwards_and_before_they_are(cast: Cast) -> None:
    built = confirmed(cast)
    seat_id = built.seats["iris"]
    act(lambda: actions.add_shadow(cast.rita, seat_id, cast.tara.id, now=NOW))
    began = interview_of(built, "iris").starts_at
    refused(lambda: actions.remove_shadow(cast.rita, seat_id, now=began), "loop.evidence")
    shadow = db.session.scalars(select(Shadow)).one()
    assert shadow.left_at is None and Stand.SHADOW in stands(cast.tara, built, began)
    act(lambda: feedback.write_practice(cast.tara, shadow.id, "What I heard.", final=True, now=began + HOUR))
    act(lambda: actions.add_shadow(cast.rita, built.seats["irma"], cast.nora.id, now=NOW))
    act(lambda: actions.remove_shadow(cast.rita, built.seats["irma"], now=NOW))
    assert stands(cast.nora, built) == frozenset()


def test_a_trainee_whose_mentor_leaves_before_the_interview_sits_in_on_nothing(cast: Cast) -> None:
    built = confirmed(cast)
    act(lambda: actions.add_shadow(cast.rita, built.seats["bea"], cast.tara.id, now=NOW))
    act(lambda: actions.hand_over_bar_raiser(cast.amal, built.application_id, RedrawCause.ILL, "Flu.", now=NOW))
    assert db.session.scalars(select(Shadow)).one().left_at == NOW
    assert stands(cast.tara, built) == frozenset()


def test_a_debrief_is_not_moved_over_what_somebody_has_booked_though_their_interview_is_over(cast: Cast) -> None:
    built = application_at(cast, Step.WRITTEN_FEEDBACK)
    act(lambda: spine.book(*slot(2), purpose="phone screen", source="screen:9", person_id=cast.iris.id))
    work = lambda: actions.book_debrief(  # noqa: E731
        cast.cora, built.application_id, *slot(2), now=NOW, reasons=REASONS
    )
    assert "Iris has another phone screen on 2026-03-09" in refused(work, "loop.double_booked")


def test_a_bar_raiser_who_is_busy_during_the_debrief_takes_over_and_the_page_shows_it(cast: Cast) -> None:
    built = confirmed(cast)
    act(lambda: spine.book(*slot(7), purpose="interview", source="other:1", person_id=cast.bram.id))
    act(lambda: actions.hand_over_bar_raiser(cast.amal, built.application_id, RedrawCause.ILL, "Flu.", now=NOW))
    new = next(one for one in queries.held_seats(loop_of(built)) if one.person_id == cast.bram.id)
    booked = select(Booking.person_id).where(Booking.source == f"debrief:{built.loop_id}")
    assert cast.bram.id not in set(db.session.scalars(booked))
    asked = queries.composition(pipeline.application(built.application_id), NOW)
    shown = composition.since_confirmed(asked, policy.current())
    assert [(one.seat_id, one.refusal.rule.id) for one in shown] == [(new.id, "loop.double_booked")]
    act(lambda: actions.book_debrief(cast.cora, built.application_id, *slot(8), now=NOW, reasons=REASONS))
    assert cast.bram.id in set(db.session.scalars(booked))


def test_whoever_is_busy_at_that_hour_takes_over_a_seat_without_its_slot(cast: Cast) -> None:
    built = confirmed(cast)
    start, end = interview_of(built, "bea").starts_at, interview_of(built, "bea").ends_at
    act(lambda: spine.book(start, end, purpose="interview", source="other:1", person_id=cast.bram.id))
    act(lambda: actions.hand_over_bar_raiser(cast.amal, built.application_id, RedrawCause.ILL, "Flu.", now=NOW))
    new = next(one for one in queries.held_seats(loop_of(built)) if one.person_id == cast.bram.id)
    assert queries.current_interview(new) is None
    act(lambda: actions.set_slot(cast.cora, new.id, *slot(8), now=NOW, reasons=REASONS))
    assert interview_of(built, "hector").state is InterviewState.BOOKED


def test_a_hiring_manager_who_holds_the_seat_already_keeps_it_as_it_is(cast: Cast) -> None:
    built = confirmed(cast)
    act(lambda: actions.hand_over_hiring_manager(built.application_id, cast.hector.id, now=NOW))
    assert [one.id for one in loop_of(built).seats if one.kind is SeatKind.HIRING_MANAGER] == [built.seats["hector"]]
    assert seat_of(built, "hector").state is SeatState.HELD


def test_a_hiring_manager_who_was_vacated_and_comes_back_takes_their_own_seat_again(cast: Cast) -> None:
    built = application_at(cast, Step.WRITTEN_FEEDBACK)
    with writing():
        give_feedback(built, seats=("hector",))
    act(lambda: actions.vacate(cast.bea, built.seats["hector"], VacateCause.ILL, "Flu.", now=AFTER))
    act(lambda: actions.hand_over_hiring_manager(built.application_id, cast.hilda.id, now=AFTER))
    act(lambda: actions.hand_over_hiring_manager(built.application_id, cast.hector.id, now=AFTER))
    seat = seat_of(built, "hector")
    assert (seat.state, seat.left_at, seat.kind) == (SeatState.HELD, None, SeatKind.HIRING_MANAGER)
    assert [one.id for one in loop_of(built).seats if one.person_id == cast.hector.id] == [seat.id]


def test_somebody_who_owes_an_interview_is_disabled_from_anywhere_also_outside_a_request(cast: Cast) -> None:
    built = confirmed(cast)
    act(lambda: disable_person(cast.amal, cast.irma.id, NOW))
    assert cast.irma.disabled_at == NOW
    assert stands(cast.irma, built) == frozenset()


@pytest.mark.parametrize("outcome", [InterviewState.BOOKED, InterviewState.CANCELLED])
def test_nobody_reports_an_outcome_that_is_none(cast: Cast, outcome: InterviewState) -> None:
    built = confirmed(cast)
    begun = interview_of(built, "iris")
    with pytest.raises(Forbidden), writing():
        actions.report(cast.iris, begun.id, outcome, now=begun.ends_at)
    assert interview_of(built, "iris").state is InterviewState.BOOKED

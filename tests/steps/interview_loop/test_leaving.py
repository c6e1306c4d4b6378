"""Seats that are left, taken again and handed over once interviews began, on both engines."""

from hiring.ground.database import db, writing
from hiring.pipeline import queries as pipeline
from hiring.pipeline.rules import Step
from hiring.steps.interview_loop import actions, course, jobs, queries
from hiring.steps.interview_loop.models import Seat
from hiring.steps.interview_loop.rules import SeatKind, SeatState, VacateCause
from tests.builders import application_at, give_feedback
from tests.cast import Cast
from tests.steps.interview_loop.composing import AFTER, NOW, REASONS, act, loop_of, refused, seat_of, slot


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

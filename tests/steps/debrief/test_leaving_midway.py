"""Somebody whom no loop is without leaves in the middle of the debrief: it is said, stops a hire, and can be mended."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from flask.testing import FlaskClient

from hiring.ground.database import db, writing
from hiring.ground.rulebook import Refused
from hiring.pipeline.rules import EndReason, Step
from hiring.steps.debrief import actions, room_actions
from hiring.steps.debrief.rules import Decision
from hiring.steps.interview_loop import actions as loops
from hiring.steps.interview_loop import course, lists, queries
from hiring.steps.interview_loop.models import Loop, Seat
from hiring.steps.interview_loop.rules import InterviewState, LoopState, SeatKind, SeatState, VacateCause
from hiring.steps.written_feedback.rules import Vote
from hiring.transitions import owners
from tests.builders import application_at, give_feedback
from tests.cast import sign_in
from tests.steps.debrief.conftest import Debrief


def vacate(debrief: Debrief, who: str) -> None:
    with writing():
        seat_id = debrief.built.seats[who]
        course.vacate(debrief.cast.amal, seat_id, VacateCause.ILL, "Ill for a month.", now=debrief.now)


def refused(act: Callable[[], object]) -> set[str]:
    with pytest.raises(Refused) as caught:
        act()
    return {one.rule.id for one in caught.value.refusals}


def hilda_takes_over(debrief: Debrief) -> None:
    """Named by the recruiter, she gets the seat, interviews and writes."""
    built, cast = debrief.built, debrief.cast
    with writing():
        owners.change_owner(
            cast.rita, built.requisition_id, hiring_manager_id=cast.hilda.id, recruiter_id=None, now=debrief.now
        )
    seat = db.session.query(Seat).filter_by(person_id=cast.hilda.id, state=SeatState.HELD).one()
    seat_id, start = seat.id, debrief.now + timedelta(days=1)
    with writing():
        items = list(built.items.values())
        loops.plan(cast.rita, seat_id, items[:2], {}, now=debrief.now, reasons=REASONS)
    with writing():
        loops.set_slot(cast.cora, seat_id, start, start + timedelta(minutes=45), now=debrief.now, reasons=REASONS)
    debrief.now = start + timedelta(hours=1)
    interview = queries.current_interview(db.session.get_one(Seat, seat_id))
    assert interview is not None
    interview_id = interview.id
    with writing():
        course.report(cast.hilda, interview_id, InterviewState.HELD, now=debrief.now)
    built.seats["hilda"] = seat_id
    with writing():
        give_feedback(built, seats=("hilda",), votes=Vote.INCLINED)


REASONS = dict.fromkeys(
    ("loop.two_or_three", "loop.balance", "loop.load", "loop.night", "loop.debrief_booked"), "In her place."
)


def test_without_the_hiring_manager_nobody_is_hired_and_pages_and_desks_say_so(
    debrief: Debrief, client: FlaskClient, at: Callable[[datetime], None]
) -> None:
    debrief.decide()
    vacate(debrief, "hector")
    at(debrief.now)
    loop, room = (f"/applications/{debrief.built.application_id}/{page}" for page in ("loop", "debrief"))
    for who in ("rita", "bea", "iris"):
        page = sign_in(client, getattr(debrief.cast, who)).get(room).text
        assert 'data-rule="loop.required"' in page and "Name another hiring manager" in page
    assert 'data-rule="loop.required"' in sign_in(client, debrief.cast.rita).get(loop).text
    for who in ("rita", "bea", "amal"):
        assert "Complete the loop of Nadia Novak" in sign_in(client, getattr(debrief.cast, who)).get("/").text
    for who in ("iris", "cora", "ron"):
        assert "Complete the loop of Nadia Novak" not in sign_in(client, getattr(debrief.cast, who)).get("/").text


def test_a_loop_that_lacks_something_is_found_behind_one_that_waits_longer_and_lacks_nothing(debrief: Debrief) -> None:
    vacate(debrief, "iris")
    cast, left = debrief.cast, debrief.application.step_entered_at
    lacks = application_at(cast, Step.INTERVIEW_LOOP, name="Otto Other", on=debrief.built).application
    with writing():
        lacks.step_entered_at = left + timedelta(hours=1)
        loop = Loop(application_id=lacks.id, state=LoopState.CONFIRMED)
        db.session.add(loop)
        db.session.flush()
        gone = Seat(loop_id=loop.id, person_id=cast.iris.id, kind=SeatKind.INTERVIEWER, state=SeatState.VACATED)
        gone.left_at, gone.left_reason = debrief.now, "Ill for a month."
        db.session.add(gone)
    for reader in (cast.amal, cast.rita):
        [(application, why)] = lists.incomplete(reader, debrief.now, most=1)
        assert application.id == lacks.id and "nobody yet" in why


def test_a_hire_that_waits_for_the_bar_raiser_waits_for_a_hiring_manager_too(debrief: Debrief) -> None:
    debrief.hire()
    vacate(debrief, "hector")
    assert "loop.required" in refused(lambda: debrief.does(actions.concur, "bea", "I concur."))
    hilda_takes_over(debrief)
    debrief.does(actions.concur, "bea", "I concur.")
    assert debrief.application.step is Step.REFERENCE_CHECK


def test_the_next_hiring_manager_interviews_writes_and_decides(debrief: Debrief) -> None:
    debrief.decide()
    vacate(debrief, "hector")
    hilda_takes_over(debrief)
    debrief.does(room_actions.attend, "hilda")
    debrief.does(actions.decide, "hilda", Decision.HIRE, "Yes.")
    debrief.does(actions.concur, "bea", "I concur.")
    assert debrief.application.step is Step.REFERENCE_CHECK


def test_the_bar_raiser_may_still_say_no(debrief: Debrief) -> None:
    debrief.hire()
    vacate(debrief, "hector")
    debrief.does(actions.veto, "bea", "Nothing shown.", ["Ownership"])
    assert debrief.application.end_reason is EndReason.VETO


def test_an_interviewer_whose_feedback_is_in_stops_nothing_by_leaving(debrief: Debrief) -> None:
    debrief.decide()
    vacate(debrief, "iris")
    debrief.does(actions.decide, "hector", Decision.HIRE, "Yes.")
    debrief.does(actions.concur, "bea", "")
    assert debrief.application.step is Step.REFERENCE_CHECK

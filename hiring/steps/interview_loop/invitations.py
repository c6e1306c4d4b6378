"""Confirming a loop, and what the people invited answer."""

from collections.abc import Mapping
from datetime import datetime
from functools import partial

from hiring.ground import audit, policy
from hiring.ground.database import db
from hiring.people.models import Person
from hiring.pipeline import actions as spine
from hiring.pipeline.addressees import Owner, addressees, tell_stand_ins
from hiring.pipeline.models import Application
from hiring.steps.interview_loop import composition, queries, rules, seating, staffing
from hiring.steps.interview_loop.models import Seat
from hiring.steps.interview_loop.rules import LoopState


def confirm(actor: Person, application_id: int, *, now: datetime, reasons: Mapping[str, str] | None = None) -> None:
    """Confirm the loop: every rule asked, warnings answered in writing; calendars, access and mails follow."""
    application, loop = seating.hold(actor, application_id, rules.may_book, seating.BOOKS, now=now)
    if loop.state is not LoopState.COMPOSING:
        return
    spine.lock_people({seat.person_id for seat in queries.held_seats(loop)})
    ask = partial(composition.why_not_confirm, policy=policy.current())
    asked = staffing.with_ways_out(ask, queries.composition(application, now), application)
    asked = [*queries.why_not_book(application, loop), *asked]
    spine.pass_warnings(asked, reasons, application=application, actor_id=actor.id, now=now)
    loop.state, loop.confirmed_at = LoopState.CONFIRMED, now
    db.session.flush()
    seating.bring_in_line(application, now=now)
    for seat in queries.held_seats(loop):
        seating.tell(seat.person_id, "seat", application, now=now, interview=queries.current_interview(seat))
    seating.tell_candidate(application, loop, "candidate", now=now)
    audit.record(actor.id, "loop.confirm", "application", application_id, at=now)
    spine.say("Loop confirmed.", application=application, actor_id=actor.id, now=now)


def _own_invitation(actor: Person, seat_id: int, now: datetime) -> tuple[Application, Seat]:
    own = queries.seat(seat_id).person_id == actor.id
    who_may = "Only the person invited answers an invitation."
    application, _, seat = seating.hold_seat(actor, seat_id, lambda stands: own, who_may, now=now)
    return application, seat


def accept(actor: Person, seat_id: int, *, now: datetime) -> None:
    """Accept one's invitation; also after having declined."""
    _, seat = _own_invitation(actor, seat_id, now)
    seat.accepted_at, seat.declined_at, seat.decline_reason = now, None, ""
    audit.record(actor.id, "loop.accept", "seat", seat_id, at=now)


def decline(actor: Person, seat_id: int, reason: str, *, now: datetime) -> None:
    """Decline one's invitation before the interview begins; the recruiter is told and finds somebody else."""
    application, seat = _own_invitation(actor, seat_id, now)
    seating.ensure_removable(seat, now)
    seating.suspect(application.id, True)
    seat.declined_at, seat.decline_reason, seat.accepted_at = now, reason, None
    to = addressees(application.requisition, [Owner.RECRUITER], application_id=application.id)
    for recruiter in to.reached:
        seating.tell(recruiter.id, "declined", application, now=now, who=actor.name, seat=seat)
    subject = f"{actor.name} declined the interview with {application.candidate.name}"
    about = f"candidate:{application.candidate_id}"
    tell_stand_ins(to, application.requisition, subject, application_id=application.id, about=about, now=now)
    audit.record(actor.id, "loop.decline", "seat", seat_id, at=now)

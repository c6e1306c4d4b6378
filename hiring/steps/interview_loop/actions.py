"""Composing a loop. Confirming it is in ``invitations``, what happens to its interviews afterwards in ``course``.

Each action loads what the actor may see, asks who may act, holds the application and then asks the rules.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from hiring.ground import audit, policy
from hiring.ground.database import Forbidden, NotVisible, db, surely
from hiring.ground.rulebook import Refused, ensure, repeated_by
from hiring.people import queries as people
from hiring.people.models import Person
from hiring.people.rules import Role
from hiring.pipeline import actions as spine
from hiring.pipeline import queries as pipeline
from hiring.pipeline.models import Application
from hiring.pipeline.rules import DISTINCT, Stand
from hiring.steps.interview_loop import outcomes, queries, rules, seating, staffing
from hiring.steps.interview_loop.conflicts import declare_conflict, withdraw_conflict
from hiring.steps.interview_loop.course import (
    carry_on,
    close_interview,
    draw_bar_raiser,
    go_on,
    hand_over_bar_raiser,
    report,
    settle,
    vacate,
    withdraw_for_no_shows,
)
from hiring.steps.interview_loop.invitations import accept, confirm, decline
from hiring.steps.interview_loop.models import Loop, Seat, Shadow
from hiring.steps.interview_loop.rules import LoopState, SeatKind, SeatState
from hiring.steps.interview_loop.succession import hand_over_hiring_manager

__all__ = [
    "accept",
    "add_seat",
    "add_shadow",
    "book_debrief",
    "carry_on",
    "close_interview",
    "compose",
    "confirm",
    "declare_conflict",
    "decline",
    "draw_bar_raiser",
    "go_on",
    "hand_over_bar_raiser",
    "hand_over_hiring_manager",
    "name_recruiter",
    "plan",
    "remove_seat",
    "remove_shadow",
    "replace_seat",
    "report",
    "set_slot",
    "settle",
    "vacate",
    "withdraw_conflict",
    "withdraw_for_no_shows",
]

_COMPOSES = "The recruiter of the requisition and the hiring manager compose the loop."

for _constraint in ("uq_seat_person", "seat.loop_id, seat.person_id"):
    repeated_by(
        _constraint,
        DISTINCT.refuse(
            "This person already holds a seat on the loop.",
            mend="the recruiter or the hiring manager",
            way_out="Choose somebody else.",
        ),
    )
for _constraint in ("uq_seat_bar_raiser", "failed: seat.loop_id"):
    repeated_by(
        _constraint,
        rules.REQUIRED.refuse(
            "The loop already has its Bar Raiser seat.",
            mend="an administrator",
            way_out="Keep the Bar Raiser whom rotation named, or have another drawn with a reason.",
        ),
    )
for _constraint in ("booking_overlap", "ex_booking_person", "ex_booking_candidate"):
    repeated_by(
        _constraint,
        rules.DOUBLE_BOOKED.refuse(
            "One of these calendars was filled meanwhile.",
            mend="the recruiter, the hiring manager or a coordinator",
            way_out="Look at the page again: it says who is taken. Choose another time.",
        ),
    )


def _composer(actor: Person, application_id: int, now: datetime) -> tuple[Application, Loop]:
    return seating.hold(actor, application_id, rules.may_compose, _COMPOSES, now=now)


def _booker(actor: Person, application_id: int, now: datetime) -> tuple[Application, Loop]:
    return seating.hold(actor, application_id, rules.may_book, seating.BOOKS, now=now)


def _seat_to_compose(actor: Person, seat_id: int, now: datetime) -> tuple[Application, Loop, Seat]:
    return seating.hold_seat(actor, seat_id, rules.may_compose, _COMPOSES, now=now)


def _somebody(person_id: int) -> Person:
    found = people.person(person_id)
    if found.disabled_at is not None:
        raise NotVisible(f"person {person_id} has left")
    return found


# --- Composing ---------------------------------------------------------------------------------------------------


def compose(actor: Person, application_id: int, *, now: datetime) -> Loop:
    """Begin: rotation names the Bar Raiser, and the three who must be there get their seats. Repeating is harmless."""
    application, stands = pipeline.held_for(actor, application_id, now=now)
    spine.require(rules.may_book(stands), seating.BOOKS)
    ensure(rules.why_not_change(application.step, application.ended is not None, True))
    found = queries.loop_for(application_id)
    if found is not None:
        return found
    drawn_id = queries.drawn(application_id) or draw_bar_raiser(application, actor_id=actor.id, now=now).person_id
    loop = Loop(application_id=application_id, state=LoopState.COMPOSING)
    db.session.add(loop)
    db.session.flush()
    requisition = application.requisition
    seats = {
        requisition.hiring_manager_id: SeatKind.HIRING_MANAGER,
        requisition.recruiter_id: SeatKind.RECRUITER,
        drawn_id: SeatKind.BAR_RAISER,
    }
    for person_id, kind in seats.items():
        seating.give_seat(loop, surely(person_id, "owner of the requisition"), kind)
    audit.record(actor.id, "loop.compose", "application", application_id, at=now)
    spine.say("Composing the loop has begun.", application=application, actor_id=actor.id, now=now)
    return queries.loop_for(application_id) or loop


def add_seat(
    actor: Person,
    application_id: int,
    person_id: int,
    *,
    now: datetime,
    kind: SeatKind | None = None,
    items: Sequence[int] = (),
    starts_at: datetime | None = None,
    ends_at: datetime | None = None,
    where: str = "",
    reasons: Mapping[str, str] | None = None,
) -> Seat:
    """Seat a colleague; ``kind`` follows from who they are unless given. The Bar Raiser's seat is rotation's alone."""
    if queries.loop_for(application_id) is None:
        compose(actor, application_id, now=now)
    application, loop = _composer(actor, application_id, now)
    who = _somebody(person_id)
    drawn_id = queries.drawn(application_id)
    kind = kind or _kind_of(application, loop, person_id, drawn_id)
    if kind is SeatKind.BAR_RAISER and drawn_id != person_id:
        raise Refused(
            [
                rules.BAR_RAISER_INDEPENDENT.refuse(
                    f"Rotation did not name {who.name} for this application.",
                    mend="an administrator",
                    way_out="Seat the Bar Raiser whom rotation named.",
                )
            ]
        )
    if starts_at is not None:
        seating.ensure_bookable(application, loop)
    with seating.changing(application, loop, actor_id=actor.id, now=now, reasons=reasons):
        seat = seating.give_seat(loop, person_id, kind)
        seating.put_items(seat, _tested(application, items), {})
        if starts_at is not None and ends_at is not None:
            version = policy.current().version
            seating.put_slot(seat, starts_at, ends_at, where=where, zone=actor.time_zone, version=version)
    if loop.state is not LoopState.COMPOSING:
        seating.tell(person_id, "seat", application, now=now, interview=queries.current_interview(seat))
        if seat.interviews:
            seating.tell_candidate(application, loop, "candidate_changed", now=now)
    audit.record(actor.id, "loop.seat", "application", application_id, at=now, person=person_id, kind=kind.value)
    return seat


def _kind_of(application: Application, loop: Loop, person_id: int, drawn_id: int | None) -> SeatKind:
    kinds = {
        loop.recruiter_named_id: SeatKind.RECRUITER,
        application.requisition.recruiter_id: SeatKind.RECRUITER,
        application.requisition.hiring_manager_id: SeatKind.HIRING_MANAGER,
        drawn_id: SeatKind.BAR_RAISER,
    }
    return kinds.get(person_id, SeatKind.INTERVIEWER)


def _tested(application: Application, items: Sequence[int]) -> list[int]:
    known = {item.id for item in staffing.description_of(application).items}
    if not set(items) <= known:
        raise NotVisible("a principle of another description")
    return list(items)


def remove_seat(actor: Person, seat_id: int, *, now: datetime, reasons: Mapping[str, str] | None = None) -> None:
    """Take somebody off before their interview began; their access ends at once."""
    application, loop, seat = _seat_to_compose(actor, seat_id, now)
    seating.ensure_removable(seat, now)
    with seating.changing(application, loop, actor_id=actor.id, now=now, reasons=reasons):
        seating.take_off(application, seat, SeatState.REMOVED, "", by=actor.id, now=now)
    _tell_off(application, loop, seat, now)
    audit.record(actor.id, "loop.unseat", "application", application.id, at=now, person=seat.person_id)


def replace_seat(
    actor: Person, seat_id: int, person_id: int, *, now: datetime, reasons: Mapping[str, str] | None = None
) -> Seat:
    """Give an interviewer's seat, with its slot and principles, to somebody else before it began."""
    application, loop, seat = _seat_to_compose(actor, seat_id, now)
    seating.ensure_removable(seat, now)
    if seat.kind is SeatKind.BAR_RAISER:
        raise Forbidden("An administrator has rotation name another Bar Raiser.")
    _somebody(person_id)
    interview = queries.current_interview(seat)
    with seating.changing(application, loop, actor_id=actor.id, now=now, reasons=reasons):
        seating.take_off(application, seat, SeatState.REMOVED, "", by=actor.id, now=now)
        kind = _kind_of(application, loop, person_id, queries.drawn(application.id))
        new = seating.give_seat(loop, person_id, kind)
        questions = {row.item_id: row.question for row in seat.assignments}
        seating.put_items(new, questions, questions)
        if interview is not None:
            span = (interview.starts_at, interview.ends_at)
            version = policy.current().version
            seating.put_slot(new, *span, where=interview.where, zone=interview.zone, version=version)
    _tell_off(application, loop, seat, now)
    if loop.state is not LoopState.COMPOSING:
        seating.tell(person_id, "seat", application, now=now, interview=queries.current_interview(new))
    audit.record(actor.id, "loop.replace", "application", application.id, at=now, old=seat.person_id, new=person_id)
    return new


def _tell_off(application: Application, loop: Loop, seat: Seat, now: datetime) -> None:
    if loop.state is not LoopState.COMPOSING:
        seating.tell(seat.person_id, "off", application, now=now)
        if seat.interviews:
            seating.tell_candidate(application, loop, "candidate_changed", now=now)


def plan(
    actor: Person,
    seat_id: int,
    items: Sequence[int],
    questions: Mapping[int, str],
    *,
    now: datetime,
    reasons: Mapping[str, str] | None = None,
    shown: int | None = None,
) -> None:
    """Say what a seat tests, with the question planned for each; Stale when that is no longer what was ``shown``."""
    application, loop, seat = _seat_to_compose(actor, seat_id, now)
    seating.ensure_removable(seat, now)
    seating.ensure_seen(seat.plan_version, shown, "what this seat tests", _planned(application, seat))
    with seating.changing(application, loop, actor_id=actor.id, now=now, reasons=reasons):
        seating.put_items(seat, _tested(application, items), dict(questions))
        seat.plan_version += 1
    audit.record(actor.id, "loop.plan", "seat", seat_id, at=now, items=list(items))


def _planned(application: Application, seat: Seat) -> dict[str, str]:
    """What a seat tests, as its form says it."""
    names = {item.id: item.name for item in staffing.description_of(application).items}
    tests = ", ".join(names[row.item_id] for row in seat.assignments if row.item_id in names)
    questions = {f"question_{row.item_id}": row.question or "—" for row in seat.assignments if row.item_id in names}
    return {"items": tests or "—", **questions}


def set_slot(
    actor: Person,
    seat_id: int,
    starts_at: datetime,
    ends_at: datetime,
    *,
    where: str = "",
    now: datetime,
    reasons: Mapping[str, str] | None = None,
    shown: int | None = None,
) -> None:
    """Book or move a seat's slot, to be accepted anew; after a no-show, book the next one.

    ``shown``: the slot's version on the page; raises Stale when somebody booked or moved it since.
    """
    application, loop, seat = seating.hold_seat(actor, seat_id, rules.may_book, seating.BOOKS, now=now)
    seating.ensure_bookable(application, loop)
    current = queries.current_interview(seat)
    span = (current.starts_at, current.ends_at) if current else (None, None)
    there = _time(actor, *span) | {"where": current.where if current and current.where else "—"}
    seating.ensure_seen(seat.slot_version, shown, "the slot", there)
    name = people.person(seat.person_id).name
    if loop.state is not LoopState.COMPOSING and current is not None:
        ensure(outcomes.why_not_rebook(name, current.state, current.starts_at, now))
    with seating.changing(application, loop, actor_id=actor.id, now=now, reasons=reasons):
        if current is not None and loop.state is LoopState.COMPOSING:
            current.starts_at, current.ends_at = starts_at, ends_at
            current.where, current.zone = where, actor.time_zone
        else:
            seating.free_slot(seat, now=now)
            version = policy.current().version
            seating.put_slot(seat, starts_at, ends_at, where=where, zone=actor.time_zone, version=version)
        seat.accepted_at, seat.declined_at, seat.decline_reason = None, None, ""
        seat.slot_version += 1
    if loop.state is not LoopState.COMPOSING:
        seating.tell(seat.person_id, "seat", application, now=now, interview=queries.current_interview(seat))
        seating.tell_candidate(application, loop, "candidate_changed", now=now)
    audit.record(actor.id, "loop.slot", "seat", seat_id, at=now, starts_at=starts_at.isoformat())


def _time(reader: Person, starts_at: datetime | None, ends_at: datetime | None) -> dict[str, str]:
    """A booked time as its form says it, in the reader's zone."""
    if starts_at is None or ends_at is None:
        return {"starts_at": "—"}
    local = starts_at.astimezone(ZoneInfo(reader.time_zone))
    return {"starts_at": f"{local:%Y-%m-%d %H:%M}", "minutes": str(round((ends_at - starts_at).total_seconds() / 60))}


def add_shadow(
    actor: Person, seat_id: int, person_id: int, *, now: datetime, reasons: Mapping[str, str] | None = None
) -> None:
    """Let a trainee sit in on the seat's interview, in place of whoever did."""
    application, loop, seat = _seat_to_compose(actor, seat_id, now)
    seating.ensure_removable(seat, now)
    _somebody(person_id)
    with seating.changing(application, loop, actor_id=actor.id, now=now, reasons=reasons):
        seating.free_shadow(application, seat, now=now)
        db.session.add(Shadow(seat_id=seat.id, person_id=person_id))
    audit.record(actor.id, "loop.shadow", "seat", seat_id, at=now, person=person_id)


def remove_shadow(actor: Person, seat_id: int, *, now: datetime, reasons: Mapping[str, str] | None = None) -> None:
    """End the shadow's place and access; whoever sat in on an interview that began keeps what they practise on."""
    application, loop, seat = _seat_to_compose(actor, seat_id, now)
    seating.ensure_removable(seat, now)
    with seating.changing(application, loop, actor_id=actor.id, now=now, reasons=reasons):
        seating.free_shadow(application, seat, now=now)
    audit.record(actor.id, "loop.unshadow", "seat", seat_id, at=now)


def book_debrief(
    actor: Person,
    application_id: int,
    starts_at: datetime,
    ends_at: datetime,
    *,
    now: datetime,
    reasons: Mapping[str, str] | None = None,
    shown: int | None = None,
) -> None:
    """Set the debrief's slot; in everybody's calendar once the loop is confirmed. ``shown`` as in ``set_slot``."""
    application, loop = _booker(actor, application_id, now)
    seating.ensure_bookable(application, loop)
    there = _time(actor, loop.debrief_starts_at, loop.debrief_ends_at)
    seating.ensure_seen(loop.debrief_version, shown, "the debrief's time", there)
    with seating.changing(application, loop, actor_id=actor.id, now=now, reasons=reasons):
        loop.debrief_starts_at, loop.debrief_ends_at = starts_at, ends_at
        loop.debrief_version += 1
    audit.record(actor.id, "loop.debrief", "application", application_id, at=now, starts_at=starts_at.isoformat())


def name_recruiter(actor: Person, application_id: int, person_id: int, *, now: datetime) -> None:
    """Name another recruiter for this loop because of level; administrators only."""
    who_may = "An administrator names another recruiter because of level."
    _, loop = seating.hold(actor, application_id, lambda stands: Stand.ADMINISTRATOR in stands, who_may, now=now)
    who = _somebody(person_id)
    spine.require(who.has(Role.RECRUITER), f"{who.name} is not a recruiter.")
    loop.recruiter_named_id = person_id
    for seat in queries.held_seats(loop):
        if seat.person_id == person_id and seat.kind is SeatKind.INTERVIEWER:
            seat.kind = SeatKind.RECRUITER
    audit.record(actor.id, "loop.recruiter", "application", application_id, at=now, person=person_id)

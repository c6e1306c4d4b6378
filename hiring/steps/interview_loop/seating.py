"""What the room's actions share: seats given and left, slots, and calendars and access brought in line with them."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import update

from hiring.ground import outbox, policy
from hiring.ground.database import Stale, db, existing, surely
from hiring.ground.rulebook import ensure
from hiring.people import queries as people
from hiring.people.models import Person
from hiring.pipeline import actions as spine
from hiring.pipeline import queries as pipeline
from hiring.pipeline.models import Application
from hiring.pipeline.rules import Part, Stand, Step
from hiring.steps.interview_loop import composition, queries, rules, staffing
from hiring.steps.interview_loop.models import Assignment, Interview, Loop, Seat
from hiring.steps.interview_loop.rules import InterviewState, LoopPolicy, LoopState, SeatKind, SeatState

BOOKS = "The recruiter of the requisition, the hiring manager and coordinators book."
WhoMay = Callable[[frozenset[Stand]], bool]


def hold(actor: Person, application_id: int, may: WhoMay, who_may: str, *, now: datetime) -> tuple[Application, Loop]:
    """Hold requisition and application, under which everything of a loop changes, for whoever may then still do so.

    Raises NotVisible, Forbidden with ``who_may``, and Refused where no loop may change.
    """
    application, stands = pipeline.held_for(actor, application_id, now=now)
    spine.require(may(stands), who_may)
    loop = queries.loop_for(application_id)
    ensure(rules.why_not_change(application.step, application.ended is not None, loop is not None))
    return application, surely(loop, "loop")


def hold_seat(
    actor: Person, seat_id: int, may: WhoMay, who_may: str, *, now: datetime
) -> tuple[Application, Loop, Seat]:
    """As ``hold``, for a seat that is still held; raises NotVisible for others."""
    application, loop = hold(actor, queries.seat(seat_id).loop.application_id, may, who_may, now=now)
    seat = next((one for one in queries.held_seats(loop) if one.id == seat_id), None)
    return application, loop, existing(seat, f"held seat {seat_id}")


def ensure_removable(seat: Seat, now: datetime) -> None:
    """Raise Refused when an interview of the seat began, or something was written about it."""
    name = people.person(seat.person_id).name
    ensure(rules.why_not_remove(name, queries.slots(seat), now, written=seat.written))


def ensure_bookable(application: Application, loop: Loop) -> None:
    """Raise Refused where a confirmed loop would get or move a slot under a hold or a cord; composing is planning."""
    if loop.state is not LoopState.COMPOSING:
        ensure(queries.why_not_book(application, loop))


@contextmanager
def changing(
    application: Application,
    loop: Loop,
    *,
    actor_id: int,
    now: datetime,
    reasons: Mapping[str, str] | None = None,
) -> Iterator[None]:
    """Change a loop. Once confirmed, the rules are asked of the changed loop, then calendars and access follow it.

    Its people are held before the rules are asked, as when it is confirmed: whoever books the same hour on another loop
    waits, and then reads who was faster. Raises Refused for what the change would break; written ``reasons`` pass
    warnings, and are kept.
    """
    if loop.state is LoopState.COMPOSING:
        yield
        db.session.flush()
        return
    before = queries.composition(application, now)
    yield
    db.session.flush()
    seats = queries.held_seats(loop)
    sitting = queries.shadows(seat.id for seat in seats).values()
    spine.lock_people({*(seat.person_id for seat in seats), *(shadow.person_id for shadow in sitting)})
    figures = policy.current()
    after = queries.composition(application, now)
    broken = staffing.with_ways_out(partial(composition.newly_broken, before, policy=figures), after, application)
    spine.pass_warnings(broken, reasons, application=application, actor_id=actor_id, now=now)
    bring_in_line(application, now=now)


def suspect(application_id: int, suspected: bool) -> bool:
    """Say whether something about a loop may have to be mended; returns whether that is new."""
    this = (Loop.application_id == application_id, Loop.suspect.is_(not suspected))
    done = db.session.execute(update(Loop).where(*this).values(suspect=suspected))
    return int(done.rowcount) > 0  # type: ignore[attr-defined]  # an UPDATE's result has it


def bring_in_line(application: Application, *, now: datetime) -> None:
    """Make calendars and parts say what a confirmed loop says; freeing comes before booking.

    Who is elsewhere during the debrief is not booked: somebody who took over a seat. The page shows it to be mended;
    where people choose, the rules were asked before.
    """
    loop = queries.loop_for(application.id)
    if loop is None or loop.state is LoopState.COMPOSING:
        return
    suspect(application.id, True)
    if loop.state is LoopState.OVER and not queries.interviews_over(loop):
        loop.state, loop.ended_at = LoopState.CONFIRMED, None
    booked = [
        (seat, one)
        for seat in queries.held_seats(loop)
        for one in seat.interviews
        if one.state is InterviewState.BOOKED
    ]
    gone = [one for seat in loop.seats for one in seat.interviews if one.state not in rules.CURRENT]
    for interview in [*gone, *(one for _, one in booked)]:
        spine.unbook(_source(interview))
    spine.unbook(f"debrief:{loop.id}")
    writing = timedelta(minutes=policy.current()[LoopPolicy].feedback_minutes)
    sitting = queries.shadows(seat.id for seat in loop.seats)
    inside = application.candidate.person_id
    for seat, one in booked:
        span, source = (one.starts_at, one.ends_at), _source(one)
        spine.book(span[0], span[1] + writing, purpose=rules.PURPOSE, source=source, person_id=seat.person_id)
        spine.book(*span, purpose=rules.PURPOSE, source=source, candidate_id=application.candidate_id)
        if inside is not None:  # a colleague who is the candidate cannot be elsewhere either
            spine.book(*span, purpose=rules.PURPOSE, source=source, person_id=inside)
        if seat.id in sitting:
            spine.book(*span, purpose=rules.PURPOSE, source=source, person_id=sitting[seat.id].person_id)
    starts, ends = loop.debrief_starts_at, loop.debrief_ends_at
    debrief = (starts, ends) if starts and ends and now < ends else None
    elsewhere = _elsewhere(loop, *debrief) if debrief else set()
    for seat in queries.held_seats(loop):
        spine.join(application.id, seat.person_id, _part(seat), now=now)
        if debrief and seat.person_id not in elsewhere:
            spine.book(*debrief, purpose="debrief", source=f"debrief:{loop.id}", person_id=seat.person_id)
        if seat.id in sitting:
            spine.join(application.id, sitting[seat.id].person_id, Part.SHADOW, now=now)


def _elsewhere(loop: Loop, starts_at: datetime, ends_at: datetime) -> set[int]:
    """Who has something else booked during the debrief."""
    ids = [seat.person_id for seat in queries.held_seats(loop)]
    found, own = pipeline.bookings(ids, None, starts_at, ends_at), queries.own_sources(loop)
    return {row.person_id for row in found if row.person_id is not None and row.source not in own}


def _source(interview: Interview) -> str:
    return f"interview:{interview.id}"


def _part(seat: Seat) -> Part:
    return Part.BAR_RAISER if seat.kind is SeatKind.BAR_RAISER else Part.SEAT


def give_seat(loop: Loop, person_id: int, kind: SeatKind, *, handover: bool = False) -> Seat:
    """Seat somebody; the database refuses a second seat of theirs."""
    seat = Seat(loop_id=loop.id, person_id=person_id, kind=kind, state=SeatState.HELD, handover=handover)
    db.session.add(seat)
    db.session.flush()
    return seat


def take_off(
    application: Application, seat: Seat, state: SeatState, reason: str, *, by: int | None, now: datetime
) -> None:
    """End a seat: access at once; a slot that has not begun is freed, and with it the shadow.

    Whoever sat in on an interview that began keeps what they have to practise on.
    """
    seat.state, seat.left_at, seat.left_reason, seat.left_by = state, now, reason, by
    for part in (Part.SEAT, Part.BAR_RAISER):
        spine.leave(application.id, seat.person_id, part, now=now)
    if not _began(seat, now):
        free_shadow(application, seat, now=now)
    free_slot(seat, now=now)


def free_slot(seat: Seat, *, now: datetime) -> bool:
    """Cancel the seat's booked slot, unless it has begun, and free the calendars; whether there was one."""
    interview = queries.current_interview(seat)
    if interview is None or interview.state is not InterviewState.BOOKED or interview.starts_at <= now:
        return False
    interview.state = InterviewState.CANCELLED
    spine.unbook(_source(interview))
    db.session.flush()
    return True


def free_shadow(application: Application, seat: Seat, *, now: datetime) -> None:
    """End the shadow's place and access; their calendar follows with the loop's."""
    shadow = queries.shadow_of(seat.id)
    if shadow is not None:
        shadow.left_at = now
        spine.leave(application.id, shadow.person_id, Part.SHADOW, now=now)
    db.session.flush()


def put_slot(seat: Seat, starts_at: datetime, ends_at: datetime, *, where: str, zone: str, version: int) -> Interview:
    """Give a seat without a current slot a booked one."""
    interview = Interview(
        starts_at=starts_at,
        ends_at=ends_at,
        zone=zone,
        where=where,
        state=InterviewState.BOOKED,
        policy_version=version,
    )
    seat.interviews.append(interview)
    db.session.flush()
    return interview


def ensure_seen(version: int, shown: int | None, what: str, current: Mapping[str, str]) -> None:
    """Raise Stale, with what it says now by field, when it is no longer what the page showed; None: nobody's page."""
    if shown is not None and shown != version:
        raise Stale(what, {**current, "version": str(version)})


def put_items(seat: Seat, items: Iterable[int], questions: dict[int, str]) -> None:
    """What the seat tests; a question already planned for an item stays unless a new one is given."""
    known = {row.item_id: row for row in seat.assignments}
    wanted = list(dict.fromkeys(items))
    seat.assignments = [known.get(item) or Assignment(item_id=item) for item in wanted]
    for row in seat.assignments:
        row.question = questions.get(row.item_id, row.question or "")
    db.session.flush()


def tell(person_id: int, template: str, application: Application, *, now: datetime, **context: Any) -> None:
    """Write a mail to a colleague into the outbox."""
    person = db.session.get_one(Person, person_id)
    if person.disabled_at is None:
        mail = outbox.compose(
            f"interview_loop/{template}", person=person, application=application, zone=person.time_zone, **context
        )
        kind = f"interview_loop.{template}"
        outbox.put(kind, person.email, *mail, now=now, recipient_id=person.id, about=f"application:{application.id}")


def tell_candidate(application: Application, loop: Loop, template: str, *, now: datetime) -> None:
    """Write the candidate which interviews are booked now: at first, changed, or cancelled. Once confirmed only."""
    seats = queries.held_seats(loop)
    slots = [one for seat in seats for one in seat.interviews if one.state is InterviewState.BOOKED]
    slots.sort(key=lambda one: one.starts_at)
    known = people.people(seat.person_id for seat in seats)
    candidate = application.candidate
    mail = outbox.compose(
        f"interview_loop/{template}",
        candidate=candidate,
        application=application,
        slots=slots,
        who={one.id: known[seat.person_id].name for seat in seats for one in seat.interviews},
        zone=candidate.time_zone,
    )
    kind, about = f"interview_loop.{template}", f"candidate:{candidate.id}"
    outbox.put(kind, candidate.email, *mail, now=now, about=about, expires_at=now + timedelta(days=30))


def note_begun(application: Application, now: datetime) -> None:
    """Push down when the first interview began, or that none did after all: earlier steps reject by it."""
    application.interviewed_at = queries.first_begun(application.id, now)
    db.session.flush()


@spine.on_departure
def release(application: Application, departure: spine.Departure) -> None:
    """An end, or a return to before this step, frees every slot that has not begun; a return to it opens the loop."""
    loop = queries.loop_for(application.id)
    if loop is None or loop.state is LoopState.COMPOSING:
        return
    note_begun(application, departure.now)  # one that is going on now is told to nobody later
    if departure.to is Step.INTERVIEW_LOOP:
        loop.state, loop.ended_at, loop.debrief_opened_at = LoopState.CONFIRMED, None, None
    if departure.to is not None and departure.to.place >= Step.INTERVIEW_LOOP.place:
        return
    freed = [seat for seat in queries.held_seats(loop) if free_slot(seat, now=departure.now)]
    spine.unbook(f"debrief:{loop.id}")
    for seat in freed:
        tell(seat.person_id, "off", application, now=departure.now)
    if freed:
        tell_candidate(application, loop, "candidate_cancelled", now=departure.now)
    if departure.to is not None and not any(_began(seat, departure.now) for seat in loop.seats):
        loop.state, loop.confirmed_at = LoopState.COMPOSING, None


def _began(seat: Seat, now: datetime) -> bool:
    interview = queries.current_interview(seat)
    return interview is not None and interview.starts_at <= now

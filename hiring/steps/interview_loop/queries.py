"""Reads of step 4: loops, seats, what the rules need to know of them, rotation, and who could take a seat."""

from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta

from sqlalchemy import Select, SQLColumnExpression, bindparam, select
from sqlalchemy.orm import joinedload
from sqlalchemy.orm.attributes import set_committed_value

from hiring.ground import policy
from hiring.ground.database import BigId, db, existing, is_writing
from hiring.ground.reading import anew, once, once_each, remember
from hiring.ground.rulebook import Refusal
from hiring.ground.working_time import Interval, local_day, next_working_day, working_days_between
from hiring.people import load
from hiring.people import queries as people
from hiring.people.asking import any_of, find, objects, objects_and
from hiring.people.models import Person
from hiring.people.rules import Colleague, Load
from hiring.pipeline import queries as spine
from hiring.pipeline.models import Application
from hiring.pipeline.rules import ANDON_CLEAR, Stand, Step
from hiring.steps.interview_loop import rules, staffing
from hiring.steps.interview_loop.composition import why_not_complete
from hiring.steps.interview_loop.facts import Busy, Composition, Described, SeatFacts, Slot
from hiring.steps.interview_loop.models import BarRaiserDraw, Conflict, Interview, Loop, Seat, Shadow
from hiring.steps.interview_loop.rules import (
    CURRENT,
    ENDED,
    InterviewState,
    LoopPolicy,
    LoopState,
    SeatKind,
    SeatState,
    VacateCause,
)
from hiring.steps.job_description.models import TestedItem

_APPLICATION = bindparam("application_id", type_=BigId)

# --- Loops and seats ---------------------------------------------------------------------------------------------


@once
def loop_for(application_id: int) -> Loop | None:
    """The application's loop with its seats, if composing has begun. The reader was checked by the caller's load."""
    return _loaded(_loop_of_application, application_id=application_id)


def _loop_of_application(writing: bool) -> Select[Loop, int | None]:
    return _loop(writing).where(Loop.application_id == _APPLICATION)


def _loop_of_seat(writing: bool) -> Select[Loop, int | None]:
    its_loop = select(Seat.loop_id).where(Seat.id == bindparam("seat_id", type_=BigId)).scalar_subquery()
    return _loop(writing).where(Loop.id == its_loop)


def _loop(_writing: bool) -> Select[Loop, int | None]:
    """In one query, with whom rotation named: a loop has few seats, and each of them few interviews and assignments."""
    named = _drawn(Loop.application_id).scalar_subquery()
    whole = joinedload(Loop.seats).options(joinedload(Seat.interviews), joinedload(Seat.assignments))
    return anew(select(Loop, named).options(whole))


def _loaded(which: Callable[[bool], Select[Loop, int | None]], **given: int) -> Loop | None:
    found = objects_and(which, is_writing(), **given).unique().one_or_none()
    if found is None:
        return None
    loop, drawn_id = found
    remember(drawn, drawn_id, loop.application_id)
    return loop


def held_seats(loop: Loop) -> list[Seat]:
    """Seats still on the loop, in the order in which they were given."""
    return [seat for seat in loop.seats if seat.state is SeatState.HELD]


@once
def seat(seat_id: int) -> Seat:
    """One seat with its whole loop, for nobody in particular; raises NotVisible."""
    loop = existing(_loaded(_loop_of_seat, seat_id=seat_id), f"seat {seat_id}")
    remember(loop_for, loop, loop.application_id)
    row = next(row for row in loop.seats if row.id == seat_id)
    set_committed_value(row, "loop", loop)
    return row


def seat_for(reader: Person, seat_id: int, *, now: datetime) -> tuple[Seat, Application, frozenset[Stand]]:
    """A seat with its loop, its application and where the reader stands; raises NotVisible."""
    found = seat(seat_id)
    application, stands = spine.application_for(reader, found.loop.application_id, now=now)
    return found, application, stands


def current_interview(seat: Seat) -> Interview | None:
    """The slot that counts: booked, held or cut short."""
    return next((one for one in seat.interviews if one.state in CURRENT), None)


def slots(seat: Seat) -> list[tuple[InterviewState, datetime]]:
    """State and start of every interview that the seat ever had."""
    return [(one.state, one.starts_at) for one in seat.interviews]


def declared_conflict(application: Application, person_id: int) -> Conflict | None:
    """The standing conflict that somebody, or an administrator for them, declared with the candidate."""
    found = next((row.id for row in staffing.declared_conflicts(application) if row.person_id == person_id), None)
    return db.session.get(Conflict, found) if found is not None else None


def shadow_of(seat_id: int) -> Shadow | None:
    """Who sits in on the seat's interview now."""
    return shadows([seat_id]).get(seat_id)


@once_each
def shadows(seat_ids: Iterable[int]) -> dict[int, Shadow]:
    """Shadows now, by seat."""
    return {row.seat_id: row for row in objects(_shadows, ids=list(seat_ids))}


def _shadows() -> Select[Shadow]:
    return select(Shadow).where(Shadow.seat_id.in_(any_of("ids")), Shadow.left_at.is_(None))


@once
def drawn(application_id: int) -> int | None:
    """Whom rotation named, by the draw in force."""
    return next((row.person_id for row in find(_drawn, _APPLICATION, application_id=application_id)), None)


def _drawn(application_id: SQLColumnExpression[int]) -> Select[int]:
    this = BarRaiserDraw.application_id == application_id
    return select(BarRaiserDraw.person_id).where(this).order_by(BarRaiserDraw.id.desc()).limit(1)


@once
def draws(application_id: int) -> set[int]:
    """Everybody whom rotation has named for this application."""
    query = select(BarRaiserDraw.person_id).where(BarRaiserDraw.application_id == application_id)
    return set(db.session.scalars(query))


@once
def bar_raiser_of(application_id: int) -> Person | None:
    """Who holds the Bar Raiser's seat; before there is one, whom rotation named."""
    holder = db.session.scalar(
        select(Seat.person_id)
        .join(Loop, Loop.id == Seat.loop_id)
        .where(Loop.application_id == application_id, Seat.kind == SeatKind.BAR_RAISER, Seat.state == SeatState.HELD)
    )
    if holder is None:
        holder = drawn(application_id)
    return db.session.get(Person, holder) if holder else None


def _ended(seat: Seat) -> bool:
    interview = current_interview(seat)
    return interview is not None and interview.state in ENDED


def interviews_over(loop: Loop) -> bool:
    """Whether every held seat's interview was held or cut short."""
    seats = held_seats(loop)
    return bool(seats) and all(_ended(row) for row in seats)


def all_submitted(loop: Loop) -> bool:
    """Whether the interviews are over and every held seat's feedback is in."""
    return interviews_over(loop) and all(row.submitted_at is not None for row in held_seats(loop))


def silent_days(seat: Seat, country: str, now: datetime) -> int:
    """Working days since the seat's feedback was due; 0 before."""
    interview = current_interview(seat)
    if interview is None or interview.due_at is None or now <= interview.due_at:
        return 0
    return working_days_between(interview.due_at.date(), now.date(), country)


def first_begun(application_id: int, now: datetime) -> datetime | None:
    """When the first interview of the application began; a no-show, a cancelled slot or a mere plan never did."""
    began = Interview.state.in_(ENDED) | (
        (Interview.state == InterviewState.BOOKED) & (Interview.starts_at <= now) & (Loop.state != LoopState.COMPOSING)
    )
    query = (
        select(Interview.starts_at)
        .join(Seat, Seat.id == Interview.seat_id)
        .join(Loop, Loop.id == Seat.loop_id)
        .where(Loop.application_id == application_id, began)
        .order_by(Interview.starts_at)
        .limit(1)
    )
    return db.session.scalar(query)


def candidate_no_shows(loop: Loop) -> int:
    """How often the candidate did not come."""
    return sum(one.state is InterviewState.CANDIDATE_NO_SHOW for row in loop.seats for one in row.interviews)


# --- What the rules need to know ---------------------------------------------------------------------------------


@once
def composition(application: Application, now: datetime, *, weeks: bool = True) -> Composition:
    """The loop as its rules see it now; who could take a seat is looked for apart, see ``staffing.with_ways_out``.

    ``weeks``: with how busy everybody's week is, which nobody asks of a loop that is confirmed and stays as it is.
    """
    return _gathered(application, now, to_come=True, weeks=weeks)


@once
def lacking(application: Application, now: datetime) -> list[Refusal]:
    """What the loop lacks of what remains of it (``composition.why_not_complete``)."""
    return why_not_complete(_gathered(application, now, to_come=False, weeks=False), policy.current())


def _gathered(application: Application, now: datetime, *, to_come: bool, weeks: bool) -> Composition:
    """``to_come``: with what only an interview to come is asked: training, calendars, shadows, conflicts."""
    loop, requisition = loop_for(application.id), application.requisition
    description, drawn_id = staffing.description_of(application), drawn(application.id)
    rows = [row for row in loop.seats if row.state is not SeatState.REMOVED] if loop else []
    sitting = shadows(row.id for row in rows) if to_come else {}
    recruiters = {requisition.recruiter_id, loop.recruiter_named_id if loop else None} - {None}
    candidate_person = application.candidate.person_id
    ids = {row.person_id for row in rows} | {row.person_id for row in sitting.values()} | {*recruiters}
    ids |= {requisition.hiring_manager_id, drawn_id, candidate_person}
    known = people.colleagues([one for one in ids if one is not None], now.date() if to_come else None)
    held = [row for row in rows if row.state is SeatState.HELD]
    present = [row.person_id for row in held] + [row.person_id for row in sitting.values()]
    busy = _busy(loop, application, present) if to_come else {}
    manager = existing(known.get(requisition.hiring_manager_id or 0), "hiring manager")
    debrief, days = _debrief(loop, held, manager.time_zone, requisition.country)
    return Composition(
        now=now,
        level=description.level,
        hiring_manager=manager,
        team_id=requisition.team_id,
        recruiter_id=requisition.recruiter_id,
        recruiter_ids=frozenset(one for one in recruiters if one is not None),
        recruiter_name=known[requisition.recruiter_id].name if requisition.recruiter_id else "the recruiter",
        drawn_id=drawn_id,
        drawn_name=known[drawn_id].name if drawn_id else "",
        would_be_reports=description.report_ids,
        items=description.items,
        seats=_seats(rows, sitting, known, loop, _as_now_named(description, rows), weeks=weeks),
        candidate_person_id=candidate_person,
        candidate_manager_id=next(iter(known[candidate_person].managers), None) if candidate_person else None,
        conflicts=staffing.conflicts(application) if to_come else {},
        busy=busy,
        debrief=debrief,
        debrief_day=local_day(debrief.start, manager.time_zone) if debrief else None,
        debrief_days=days,
    )


def _as_now_named(description: Described, rows: list[Seat]) -> dict[int, int]:
    """Items assigned under an earlier version of the description, by id: the item that says the same now.

    Evidence for a principle stays evidence when the application adopts another version.
    """
    now = {(item.kind, item.name.casefold()): item.id for item in description.items}
    assigned = {one.item_id for row in rows for one in row.assignments} - set(now.values())
    earlier = db.session.scalars(select(TestedItem).where(TestedItem.id.in_(assigned))) if assigned else ()
    return {item.id: now[key] for item in earlier if (key := (item.kind, item.name.casefold())) in now}


def _seats(
    rows: list[Seat],
    sitting: dict[int, Shadow],
    known: dict[int, Colleague],
    loop: Loop | None,
    current: dict[int, int],
    *,
    weeks: bool,
) -> tuple[SeatFacts, ...]:
    slots = {row.id: interview for row in rows if (interview := current_interview(row))}
    coming = [row for row in rows if row.id in slots and slots[row.id].state not in ENDED] if weeks else []
    busy = load.loads_at((row.person_id, slots[row.id].starts_at) for row in coming)
    result = []
    for row in rows:
        interview, shadow = slots.get(row.id), sitting.get(row.id)
        slot = None
        if interview is not None:
            day = local_day(interview.starts_at, known[row.person_id].time_zone)
            slot = Slot(interview.starts_at, interview.ends_at, day, interview.state in ENDED)
        busyness = Load()
        if weeks and slot and loop and not slot.ended:
            busyness = busy[row.person_id, slot.start]
            if loop.state is not LoopState.COMPOSING and row.state is SeatState.HELD:
                own = Load(1, 1 if row.kind is SeatKind.BAR_RAISER else 0)  # counted already: the rules add it again
                busyness = Load(busyness.interviews - own.interviews, busyness.loops - own.loops)
        result.append(
            SeatFacts(
                id=row.id,
                colleague=known[row.person_id],
                kind=row.kind,
                items=tuple(current.get(one.item_id, one.item_id) for one in row.assignments),
                slot=slot,
                state=row.state,
                handover=row.handover,
                submitted=row.submitted_at is not None,
                declined=row.declined_at is not None,
                shadow=known[shadow.person_id] if shadow else None,
                load=busyness,
            )
        )
    return tuple(result)


def why_not_vacate(application: Application, seat: Seat, cause: VacateCause, now: datetime) -> list[Refusal]:
    """Why a seat cannot be given up for this cause; page and action ask it."""
    interview = current_interview(seat)
    return rules.why_not_vacate(
        people.name(seat.person_id),
        seat.kind,
        cause,
        policy.current()[LoopPolicy],
        began_at=interview.starts_at if interview else None,
        silent_days=silent_days(seat, application.requisition.country, now),
        submitted=seat.submitted_at is not None,
        written=seat.written,
        now=now,
    )


def why_not_book(application: Application, loop: Loop | None) -> list[Refusal]:
    """Why a confirmed loop gets no slot, and none is confirmed: a hold or a cord stops what goes on, not a plan.

    A hold lets a started debrief go on, so it lets one be booked whom that debrief waits for.
    """
    refusals = spine.why_not_move(application)
    if loop is None or loop.debrief_opened_at is None:
        return refusals
    return [one for one in refusals if one.rule is ANDON_CLEAR]


def own_sources(loop: Loop) -> set[str]:
    """The names under which this loop books calendars."""
    return {f"interview:{one.id}" for row in loop.seats for one in row.interviews} | {f"debrief:{loop.id}"}


def _busy(loop: Loop | None, application: Application, person_ids: list[int]) -> dict[int, tuple[Busy, ...]]:
    """Other bookings around the loop's slots, by person (0: the candidate)."""
    slots = [one for row in loop.seats for one in row.interviews if one.state is InterviewState.BOOKED] if loop else []
    edges = [one.starts_at for one in slots] + [one.ends_at for one in slots]
    if loop and loop.debrief_starts_at and loop.debrief_ends_at:
        edges += [loop.debrief_starts_at, loop.debrief_ends_at]
    if loop is None or not edges:
        return {}
    around = timedelta(hours=1)
    own, inside = own_sources(loop), application.candidate.person_id
    if inside is not None:
        person_ids = [*person_ids, inside]
    result: dict[int, tuple[Busy, ...]] = {}
    for row in spine.bookings(person_ids, application.candidate_id, min(edges) - around, max(edges) + around):
        if row.source not in own:
            whose = 0 if row.person_id == inside else row.person_id or 0
            result[whose] = (*result.get(whose, ()), Busy(Interval(row.starts_at, row.ends_at), row.purpose))
    return result


def _debrief(loop: Loop | None, held: list[Seat], zone: str, country: str) -> tuple[Interval | None, tuple[date, ...]]:
    """The debrief's slot, and the days that count as prompt."""
    ends = [one.ends_at for row in held if (one := current_interview(row))]
    last = local_day(max(ends), zone) if ends else None
    days = (last, next_working_day(last, country)) if last else ()
    if loop is None or loop.debrief_starts_at is None or loop.debrief_ends_at is None:
        return None, days
    return Interval(loop.debrief_starts_at, loop.debrief_ends_at), days


# --- What the sweeps find ----------------------------------------------------------------------------------------


def interviews_to_close(now: datetime) -> list[int]:
    """Booked interviews of confirmed loops whose end has passed, oldest first."""
    query = (
        select(Interview.id)
        .join(Seat, Seat.id == Interview.seat_id)
        .join(Loop, Loop.id == Seat.loop_id)
        .where(
            Interview.state == InterviewState.BOOKED,
            Interview.ends_at <= now,
            Seat.state == SeatState.HELD,
            Loop.state != LoopState.COMPOSING,
        )
        .order_by(Interview.ends_at)
        .limit(500)
    )
    return list(db.session.scalars(query))


def applications_to_settle() -> list[int]:
    """Live applications whose loop is over and that may only wait for a hold or a cord to end."""
    query = (
        select(Application.id, Application.step)
        .join(Loop, Loop.application_id == Application.id)
        .where(
            Application.ended.is_(None),
            Application.step.in_([Step.INTERVIEW_LOOP, Step.WRITTEN_FEEDBACK]),
            Loop.state == LoopState.OVER,
        )
    )
    waiting = []
    for application_id, step in db.session.execute(query):
        loop = loop_for(application_id) if step is Step.WRITTEN_FEEDBACK else None
        if loop is None or all_submitted(loop):
            waiting.append(application_id)
    return waiting

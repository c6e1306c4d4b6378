"""Who could sit where: rotation of Bar Raisers, people who fit a seat, and how busy interviews make them."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from typing import NamedTuple, TypeAlias, TypeVar

from sqlalchemy import Date, Integer, Row, Select, bindparam, exists, func, literal, null, or_, select, union_all

from hiring.ground import policy
from hiring.ground.database import BigId, UtcDateTime, db, existing
from hiring.ground.reading import once
from hiring.ground.working_time import Interval, iso_week
from hiring.people import load
from hiring.people import queries as people
from hiring.people.asking import MOST, any_of, find, unseen
from hiring.people.models import Person, Qualification
from hiring.people.rules import Load, PeoplePolicy, Record, why_not_independent
from hiring.pipeline import queries as spine
from hiring.pipeline.candidates import on_merge
from hiring.pipeline.models import Application, Booking, Referral
from hiring.steps.interview_loop.facts import Composition, Described, Item, Slot
from hiring.steps.interview_loop.models import BarRaiserDraw, Conflict, Interview, Loop, Seat
from hiring.steps.interview_loop.rules import (
    CURRENT,
    ON_LOOP,
    PURPOSE,
    ConflictKind,
    LoopPolicy,
    LoopState,
    SeatKind,
    in_night,
    lowest_level,
)
from hiring.steps.job_description.models import JobDescription, TestedItem, WouldBeReport
from hiring.steps.job_description.rules import ItemKind

Found = TypeVar("Found")
_OfDescription: TypeAlias = tuple[int, int, str, ItemKind, int | None, int | None]
_OfConflict: TypeAlias = tuple[int | None, int, ConflictKind, int | None, str]
Declared: TypeAlias = Row[*_OfConflict]
"""A conflict's id, whose, of what kind, by whom declared, and in which words."""
_REPLACEMENTS = 3
_POOL = 50
"""How many colleagues a page suggests, or looks through for a replacement, however large the company."""


@once
def description_of(application: Application) -> Described:
    """The version that the application is held against; raises NotVisible when it has none."""
    found = _held_against(application)
    return Described(
        level=existing(found[0] if found else None, "description").level,
        items=items_of(application),
        report_ids=frozenset(row.person_id for row in found if row.person_id is not None),
    )


def items_of(application: Application) -> tuple[Item, ...]:
    """What that version tests, in its order; nothing when there is none."""
    rows = {row.id: row for row in _held_against(application) if row.id is not None}
    return tuple(Item(row.id, row.name, row.kind, row.principle_id) for row in rows.values())


@once
def _held_against(application: Application) -> Sequence[Row[*_OfDescription]]:
    return find(_described, description_id=application.description_id or application.requisition.description_id or 0)


def _described() -> Select[*_OfDescription]:
    """Every item beside everybody who would report to the position: of neither there are many."""
    return (
        select(
            *(JobDescription.level, TestedItem.id, TestedItem.name, TestedItem.kind, TestedItem.principle_id),
            WouldBeReport.person_id,
        )
        .outerjoin(TestedItem, TestedItem.description_id == JobDescription.id)
        .outerjoin(WouldBeReport, WouldBeReport.description_id == JobDescription.id)
        .where(JobDescription.id == bindparam("description_id", type_=BigId))
        .order_by(TestedItem.place)
    )


def declared_conflicts(application: Application) -> list[Declared]:
    """All standing ones; that somebody referred the candidate is a fact, not a declaration."""
    return sorted((row for row in _all_conflicts(application) if row.id is not None), key=lambda row: row.id)


def conflicts(application: Application) -> dict[int, ConflictKind]:
    """Declared conflicts with the candidate by person; whoever referred them has one. Of both, the declared counts."""
    found = _all_conflicts(application)
    return {row.person_id: row.kind for row in sorted(found, key=lambda row: row.id or 0)}


@once
def _all_conflicts(application: Application) -> Sequence[Declared]:
    return find(_conflicts, candidate_id=application.candidate_id)


def _conflicts() -> Select[*_OfConflict]:
    """As declared and, without an id, as referred."""
    candidate = bindparam("candidate_id", type_=BigId)
    declared = select(Conflict.id, Conflict.person_id, Conflict.kind, Conflict.declared_by, Conflict.reason)
    referrers = select(
        *(null().label("id"), Referral.person_id, literal(ConflictKind.REFERRER, Conflict.kind.type).label("kind")),
        *(null().label("declared_by"), literal("").label("reason")),
    )
    standing = (Conflict.candidate_id == candidate, Conflict.withdrawn_at.is_(None))
    both = union_all(declared.where(*standing), referrers.where(Referral.candidate_id == candidate)).subquery()
    return select(both.c.id, both.c.person_id, both.c.kind, both.c.declared_by, both.c.reason)


@on_merge
def carry_conflicts(kept_id: int, duplicate_id: int) -> None:
    """A conflict declared with either record of a candidate holds for the one that is kept."""
    standing = Conflict.withdrawn_at.is_(None)
    known = set(db.session.scalars(select(Conflict.person_id).where(Conflict.candidate_id == kept_id, standing)))
    for row in db.session.scalars(select(Conflict).where(Conflict.candidate_id == duplicate_id)):
        if row.withdrawn_at is not None or row.person_id not in known:
            row.candidate_id = kept_id


# --- Rotation ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Rotation:
    """Who may be drawn, the next first; and of each certified person who may not, one fact why."""

    eligible: tuple[int, ...]
    facts: tuple[str, ...]


def rotation(application: Application, now: datetime, *, without: Iterable[int] = ()) -> Rotation:
    """Certified Bar Raisers who fit this application: under their weekly cap first, then by draws in the policy's
    weeks, then by how long ago they were drawn, then by id. ``without``: those already drawn or in the way.
    """
    requisition, described = application.requisition, description_of(application)
    figures = policy.current()
    certified = people.certified_bar_raisers(now.date())
    inside, manager_id = application.candidate.person_id, requisition.hiring_manager_id or 0
    known = people.colleagues([*certified, manager_id, *([inside] if inside else [])], now.date())
    barred = dict.fromkeys(without, "was drawn before, or sits on this loop")
    barred.update(dict.fromkeys(described.report_ids, "would report to the position"))
    barred.update(
        {person: f"has a conflict of interest ({kind.value})" for person, kind in conflicts(application).items()}
    )
    if inside:
        barred.update(dict.fromkeys({inside, *known[inside].managers[:1]}, "is the candidate or their manager"))
    lowest = lowest_level(described.level, figures[LoopPolicy])
    eligible, facts = [], []
    for one in (known[person_id] for person_id in certified):
        why = why_not_independent(one, known[manager_id], requisition.recruiter_id, requisition.team_id)
        if one.level < lowest:
            why.append(f"{one.name} is level {one.level}; at least {lowest} is needed.")
        if one.id in barred:
            why.append(f"{one.name} {barred[one.id]}.")
        if inside and one.managers[:1] == (inside,):
            why.append(f"{one.name} reports to the candidate.")
        if why:
            facts.append(why[0])
        else:
            eligible.append(one.id)
    return Rotation(tuple(_in_turn(eligible, now, figures[LoopPolicy].draw_weeks)), tuple(facts))


def _in_turn(ids: list[int], now: datetime, weeks: int) -> list[int]:
    query = (
        select(BarRaiserDraw.person_id, BarRaiserDraw.drawn_at)
        .where(BarRaiserDraw.person_id.in_(ids))
        .order_by(BarRaiserDraw.drawn_at)
    )
    drawn = [(person_id, at) for person_id, at in db.session.execute(query)]
    recent = Counter(person for person, at in drawn if at > now - timedelta(weeks=weeks))
    last = dict(drawn)
    busy = load.loads(ids, now)
    cap = policy.current()[PeoplePolicy].loops_per_week
    never = datetime.min.replace(tzinfo=UTC)
    return sorted(ids, key=lambda one: (busy[one].loops >= cap, recent[one], last.get(one, never), one))


# --- Who could take a seat ---------------------------------------------------------------------------------------


class Fitting(NamedTuple):
    """A colleague who may take a seat."""

    id: int
    name: str
    email: str
    level: int
    time_zone: str
    works_from: time
    works_until: time


Able: TypeAlias = tuple[int, str, str, int, str, time, time]


def interviewers(application: Application, now: datetime, *, without: Iterable[int] = ()) -> list[Fitting]:
    """Who may interview for this application whatever the time: trained, level, no conflict, no report.

    At most fifty, those whose calendars hold the fewest interviews around ``now``, by name; ``without``: who is on the
    loop already.
    """
    described = description_of(application)
    inside = application.candidate.person_id
    barred = {*without, *conflicts(application), *described.report_ids}
    if inside:
        manager = db.session.scalar(select(Person.manager_id).where(Person.id == inside))
        barred |= {inside, *([manager] if manager else [])}
    given = {
        "lowest": lowest_level(described.level, policy.current()[LoopPolicy]),
        "barred": list(barred),
        "inside": inside or 0,
        "today": now.date(),
        "since": now - timedelta(days=7),
        "until": now + timedelta(days=7),
    }
    found = [*find(_idle, most=_POOL, **given)]
    if len(found) < _POOL:
        found += find(_least_busy, most=_POOL - len(found), **given)
    return sorted((Fitting(*row) for row in found), key=lambda one: (one.name, one.id))


def _idle() -> Select[*Able]:
    """Whoever may interview and has nothing to; found by id, so that a large company is not looked through."""
    return _able().where(~_around_now(select(Booking.id)).exists()).order_by(Person.id).limit(MOST)


def _least_busy() -> Select[*Able]:
    """The others. Only an order to choose by: weekly caps are asked of exact loads."""
    busy = _around_now(select(func.count(Booking.id))).scalar_subquery()
    return _able().where(busy > 0).order_by(busy, Person.id).limit(bindparam("most", type_=Integer))


def _around_now(query: Select[int]) -> Select[int]:
    """Interviews in somebody's calendar around now: of one after the other, not all those that the company holds."""
    return query.where(
        Booking.person_id == Person.id,
        Booking.purpose == PURPOSE,
        Booking.ends_at > unseen(bindparam("since", type_=UtcDateTime)),
        Booking.starts_at < unseen(bindparam("until", type_=UtcDateTime)),
    ).correlate(Person)


def _able() -> Select[*Able]:
    """The trained of that level whom nothing bars."""
    trained = (
        exists().where(
            Qualification.person_id == Person.id,
            Qualification.record == record,
            Qualification.on <= unseen(bindparam("today", type_=Date)),
            Qualification.void_at.is_(None),
        )
        for record in (Record.COURSE, Record.PAIRED_INTERVIEW)
    )
    return select(
        Person.id,
        Person.name,
        Person.email,
        Person.level,
        Person.time_zone,
        Person.works_from,
        Person.works_until,
    ).where(
        Person.disabled_at.is_(None),
        Person.level >= unseen(bindparam("lowest", type_=Integer)),
        Person.id.not_in(any_of("barred")),
        or_(Person.manager_id.is_(None), Person.manager_id != unseen(bindparam("inside", type_=BigId))),
        *trained,
    )


def with_ways_out(
    ask: Callable[[Composition], list[Found]], asked: Composition, application: Application
) -> list[Found]:
    """What the rules find; only where they do is it worth looking for who could take a seat, which ways out name."""
    return ask(asked) and ask(with_replacements(asked, application))


def with_replacements(found: Composition, application: Application) -> Composition:
    """Name, beside each interviewer's seat, up to three who could take it at its time; the least busy first."""
    seats = [s for s in found.held if s.kind is SeatKind.INTERVIEWER and not (s.slot and s.slot.ended)]
    if not seats:
        return found
    on_loop = {s.colleague.id for s in found.seats} | {s.shadow.id for s in found.seats if s.shadow}
    on_loop.add(found.drawn_id or 0)
    pool = interviewers(application, found.now, without=on_loop)
    week = load.loads([one.id for one in pool], found.now)
    pool.sort(key=lambda one: (week[one.id].interviews, one.id))
    taken = _taken([one.id for one in pool], [s.slot for s in seats if s.slot])
    figures = policy.current()[LoopPolicy]
    named = {}
    for one in seats:
        free = (who for who in pool if not one.slot or _free(who, one.slot, taken.get(who.id, ()), figures))
        named[one.id] = tuple(who.name for who, _ in zip(free, range(_REPLACEMENTS), strict=False))
    return replace(found, seats=tuple(replace(one, replacements=named.get(one.id, ())) for one in found.seats))


def _free(who: Fitting, slot: Slot, taken: Iterable[Interval], figures: LoopPolicy) -> bool:
    """Whether nothing else is in somebody's calendar, writing time included, and it is not their night."""
    wanted = Interval(slot.start, slot.end + timedelta(minutes=figures.feedback_minutes))
    works = who.works_from, who.works_until
    return not any(wanted.overlaps(at) for at in taken) and not in_night(
        slot.start, slot.end, who.time_zone, works, figures
    )


def _taken(ids: list[int], slots: list[Slot]) -> dict[int, list[Interval]]:
    if not slots or not ids:
        return {}
    start, end = min(slot.start for slot in slots), max(slot.end for slot in slots) + timedelta(hours=1)
    result: dict[int, list[Interval]] = {}
    for row in spine.bookings(ids, None, start, end):
        result.setdefault(row.person_id or 0, []).append(Interval(row.starts_at, row.ends_at))
    return result


@load.register
def interview_loads(wanted: Collection[load.At]) -> dict[load.At, Load]:
    """Interviews, and loops as Bar Raiser, that the ISO week of each instant holds for that person."""
    instants: dict[int, list[datetime]] = {}
    for person_id, at in wanted:
        instants.setdefault(person_id, []).append(at)
    around = timedelta(days=9)
    found = find(
        _interviews_of,
        people=list(instants),
        since=min(at for _, at in wanted) - around,
        until=max(at for _, at in wanted) + around,
    )
    result: dict[load.At, Load] = {}
    for person_id, zone, kind, starts_at in found:
        for at in instants[person_id]:
            if iso_week(starts_at, zone) == iso_week(at, zone):
                one = Load(1, 1 if kind is SeatKind.BAR_RAISER else 0)
                result[person_id, at] = result.get((person_id, at), Load()) + one
    return result


def _interviews_of() -> Select[int, str, SeatKind, datetime]:
    return (
        select(Seat.person_id, Person.time_zone, Seat.kind, Interview.starts_at)
        .join(Person, Person.id == Seat.person_id)
        .join(Interview, Interview.seat_id == Seat.id)
        .join(Loop, Loop.id == Seat.loop_id)
        .where(
            Seat.person_id.in_(any_of("people")),
            Seat.state.in_(ON_LOOP),
            Loop.state != LoopState.COMPOSING,
            Interview.state.in_(CURRENT),
            Interview.starts_at > bindparam("since", type_=UtcDateTime),
            Interview.starts_at < bindparam("until", type_=UtcDateTime),
        )
    )

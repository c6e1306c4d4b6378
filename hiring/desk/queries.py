"""Reads of the screens across the steps. Lists name only applications whose file the reader may open."""

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Generic, TypeAlias, TypeVar

from sqlalchemy import ColumnElement, Row, Select, and_, bindparam, exists, func, select

from hiring.desk import rules
from hiring.desk.rules import DeskPolicy, NextMove, Part, WayOn
from hiring.ground import policy
from hiring.ground.database import BigId, NotVisible, UtcDateTime, db
from hiring.people.asking import MOST, NOW, Asker, any_of, ask, find
from hiring.people.models import Person
from hiring.pipeline import readers
from hiring.pipeline.models import Application, Candidate, Cord, Note, Participation, Requisition
from hiring.pipeline.named import is_named, named
from hiring.pipeline.rules import ApplicationFacts, RequisitionFacts, RequisitionStatus, Step
from hiring.steps.interview_loop.models import Interview, Loop, Seat
from hiring.steps.interview_loop.rules import ENDED, InterviewState, LoopState, SeatState
from hiring.steps.offer.models import Offer, OfferContact
from hiring.steps.offer.rules import OfferPolicy, OfferState

PAGE = 50
"""Rows on one page of a list."""
SHOWN = 15
"""Rows of each part of the dashboard: what one reads at a glance. Whoever wants more asks for a ``PAGE`` of it."""
FILTERS = ("recruiter_id", "team_id")
"""What the dashboard is narrowed by."""
IN_HAND = 10
"""Applications named on a desk."""


def notes(application_id: int) -> list[tuple[Note, str]]:
    """Notes of an application with their author's name, newest first; the caller has checked the reader's sight."""
    query = select(Note, Person.name).join(Person, Person.id == Note.author_id)
    rows = db.session.execute(query.where(Note.application_id == application_id).order_by(Note.id.desc()))
    return [(note, name) for note, name in rows]


# --- The list of applications --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Wanted:
    """A filter of the list. ``ended`` null: both; ``before``: only ids below it; ``name``: as typed."""

    requisition_id: int | None = None
    step: Step | None = None
    ended: bool | None = False
    name: str = ""
    before: int | None = None


_SINCE = bindparam("parts_since", type_=UtcDateTime)
"""What whoever lists gives: ``readers.parts_since``."""
_ABOUT = (
    Application.id.label("application_id"),
    Candidate.name.label("candidate"),
    Requisition.code,
    Requisition.title,
)
"""What a list says of an application; ``_named`` joins what they are of."""
Named: TypeAlias = Row[*tuple[Any, ...]]


def _named(query: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    return query.join(Candidate, Candidate.id == Application.candidate_id).join(
        Requisition, Requisition.id == Application.requisition_id
    )


def applications(reader: Person, wanted: Wanted, *, now: datetime) -> tuple[Sequence[Named], int | None]:
    """A page of what the reader may open, newest first, and the id before which the next page begins.

    ``own``: whether the reader answers for its requisition.
    """
    given = {"requisition_id": wanted.requisition_id, "before": wanted.before}
    which = (wanted.step, wanted.ended, tuple(name for name, value in given.items() if value is not None))
    values: dict[str, Any] = {**given, "parts_since": readers.parts_since(reader, now), "most": PAGE + 1}
    called, called_by = named(wanted.name) if wanted.name else (None, {})
    rows = ask(_listed, reader, *which, called, **values, **called_by)
    return rows[:PAGE], rows[PAGE - 1].application_id if len(rows) > PAGE else None


def _listed(
    asker: Asker, step: Step | None, ended: bool | None, narrowed: tuple[str, ...], called: int | None
) -> Select[*tuple[Any, ...]]:
    query = select(Application.id)
    if "requisition_id" in narrowed:
        query = query.where(Application.requisition_id == bindparam("requisition_id", type_=BigId))
    if step is not None:
        query = query.where(Application.step == step)
    if ended is not None:
        query = query.where(Application.ended.is_not(None) if ended else Application.ended.is_(None))
    if called is not None:
        query = query.where(is_named(called))
    if "before" in narrowed:
        query = query.where(Application.id < bindparam("before", type_=BigId))
    # Last, since it asks the most of each row that the list walks over.
    query = query.where(readers.visible_applications(asker, since=_SINCE, live=ended is False))
    page = query.order_by(Application.id.desc()).limit(MOST).subquery()
    state = (Application.step, Application.step_entered_at, Application.ended, Application.held_at)
    shown = select(*_ABOUT, *state, readers.owned_by(asker).label("own")).join(page, page.c.id == Application.id)
    return _named(shown).order_by(Application.id.desc())


def in_lock_order(application_ids: Collection[int]) -> list[int]:
    """These applications in the order in which many are held: by requisition, then id; raises NotVisible."""
    wanted = set(application_ids)
    query = select(Application.id).where(Application.id.in_(wanted))
    found = list(db.session.scalars(query.order_by(Application.requisition_id, Application.id)))
    if len(found) != len(wanted):
        raise NotVisible("application")
    return found


# --- The dashboard -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Scope:
    """Which open requisitions the dashboard is about, and what of it the reader asked for.

    ``before`` is of its first list only; ``whole``: the part of which a ``PAGE`` is shown.
    """

    recruiter_id: int | None = None
    team_id: int | None = None
    before: int | None = None
    whole: Part | None = None

    @property
    def by(self) -> tuple[str, ...]:
        """The filters that are set: what decides how the statements read."""
        return tuple(name for name in FILTERS if getattr(self, name) is not None)

    @property
    def given(self) -> dict[str, int | None]:
        """The values of those filters, by name."""
        return {name: getattr(self, name) for name in self.by}


def _open(by: tuple[str, ...]) -> ColumnElement[bool]:
    set_to = [getattr(Requisition, name) == bindparam(name, type_=BigId) for name in by]
    return and_(Requisition.status == RequisitionStatus.OPEN, *set_to)


@dataclass(frozen=True, slots=True)
class Pipeline:
    """One open requisition and its live applications by step."""

    requisition_id: int
    code: str
    title: str
    held_at: datetime | None
    recruiter: str | None
    counts: Counter[Step]

    @property
    def total(self) -> int:
        """All live applications."""
        return self.counts.total()


def pipelines(scope: Scope) -> tuple[list[Pipeline], int | None]:
    """A page of open requisitions, newest first, with live counts; and the id before which the next page begins."""
    rows = find(_requisitions, scope.by, scope.before is not None, before=scope.before, most=SHOWN + 1, **scope.given)
    page = rows[:SHOWN]
    counts: dict[int, Counter[Step]] = {row[0]: Counter() for row in page}
    for requisition_id, step, count in find(_by_step, ids=list(counts)):
        counts[requisition_id][step] = count
    return [Pipeline(*row, counts[row[0]]) for row in page], page[-1][0] if len(rows) > SHOWN else None


def _requisitions(by: tuple[str, ...], after_others: bool) -> Select[int, str, str, datetime | None, str | None]:
    query = (
        select(Requisition.id, Requisition.code, Requisition.title, Requisition.held_at, Person.name)
        .outerjoin(Person, Person.id == Requisition.recruiter_id)
        .where(_open(by))
        .order_by(Requisition.id.desc())
        .limit(MOST)
    )
    return query.where(Requisition.id < bindparam("before", type_=BigId)) if after_others else query


def _by_step() -> Select[int, Step, int]:
    live = (Application.requisition_id.in_(any_of("ids")), Application.ended.is_(None))
    by_step = (Application.requisition_id, Application.step)
    return select(*by_step, func.count()).where(*live).group_by(*by_step)


def _mine(asker: Asker, by: tuple[str, ...]) -> ColumnElement[bool]:
    visible = readers.visible_applications(asker, since=_SINCE, live=True)
    return and_(Application.ended.is_(None), _open(by), visible)


@dataclass(frozen=True, slots=True)
class Stuck:
    """An application under way, how many days it has been in its step, and what would move it."""

    application_id: int
    candidate: str
    code: str
    title: str
    step: Step
    days: int
    move: NextMove


Each = TypeVar("Each")


@dataclass(frozen=True, slots=True)
class Glance(Generic[Each]):
    """The first rows of a part of the dashboard, whether there are more, and how the reader gets at those."""

    rows: Sequence[Each]
    more: bool
    way_on: WayOn | None


def _glance(
    part: Part,
    build: Callable[[Asker, tuple[str, ...]], Select[*tuple[Any, ...]]],
    reader: Person,
    scope: Scope,
    now: datetime,
    **given: object,
) -> Glance[Named]:
    most = PAGE if scope.whole is part else SHOWN
    given |= {"now": now, "parts_since": readers.parts_since(reader, now), "most": most + 1, **scope.given}
    rows = ask(build, reader, scope.by, **given)
    more = len(rows) > most
    way_on = rules.way_on(whole=scope.whole is part, narrowed=len(scope.by) == len(FILTERS)) if more else None
    return Glance(rows[:most], more, way_on)


def stuck(reader: Person, scope: Scope, now: datetime) -> Glance[Stuck]:
    """What has been in one step for more than the policy's days, the oldest first."""
    entered = now - timedelta(days=policy.current()[DeskPolicy].stuck_days)
    found = _glance(Part.STUCK, _stuck, reader, scope, now, entered=entered)
    return Glance(_told(found.rows, now), found.more, found.way_on)


def _stuck(asker: Asker, by: tuple[str, ...]) -> Select[*tuple[Any, ...]]:
    long = Application.step_entered_at < bindparam("entered", type_=UtcDateTime)
    oldest = (Application.step_entered_at, Application.id)
    return _under_way().where(_mine(asker, by), long).order_by(*oldest).limit(MOST)


def in_hand(reader: Person, now: datetime) -> list[Stuck]:
    """Live applications in which the reader has a part, the furthest first; nothing for those who work from the lists.

    ``IN_HAND`` at most, chosen among the newest ``PAGE``.
    """
    if rules.sees_candidates(frozenset(reader.roles)):
        return []
    rows = ask(_newest, reader, parts_since=readers.parts_since(reader, now), most=PAGE)
    return _told(sorted(rows, key=lambda row: row.step.place, reverse=True)[:IN_HAND], now)


def _newest(asker: Asker) -> Select[*tuple[Any, ...]]:
    seen = (Application.ended.is_(None), readers.visible_applications(asker, since=_SINCE, live=True))
    return _under_way().where(*seen).order_by(Application.id.desc()).limit(MOST)


def _under_way() -> Select[*tuple[Any, ...]]:
    """Applications with what decides whose move it is."""
    pulled = Cord.cleared_at.is_(None)
    query = select(
        *_ABOUT,
        Application.step,
        Application.step_entered_at,
        Application.held_at,
        Application.offer_accepted_at,
        Requisition.status,
        Requisition.held_at.label("requisition_held_at"),
        exists().where(Cord.application_id == Application.id, pulled).label("cord"),
        exists().where(Cord.requisition_id == Application.requisition_id, pulled).label("requisition_cord"),
        exists()
        .where(Loop.application_id == Application.id, Loop.state == LoopState.CONFIRMED)
        .label("loop_confirmed"),
    )
    return _named(query)


def _told(rows: Sequence[Named], now: datetime) -> list[Stuck]:
    return [
        Stuck(
            row.application_id,
            row.candidate,
            row.code,
            row.title,
            row.step,
            (now - row.step_entered_at).days,
            _move(row),
        )
        for row in rows
    ]


def _move(row: Named) -> NextMove:
    return rules.next_move(
        ApplicationFacts(
            row.step,
            on_hold=row.held_at is not None,
            cords=int(row.cord),
            offer_accepted=row.offer_accepted_at is not None,
        ),
        RequisitionFacts(row.code, row.status, row.requisition_held_at is not None, cords=int(row.requisition_cord)),
        loop_confirmed=row.loop_confirmed,
    )


def is_loop_confirmed(application_id: int) -> bool:
    """Whether the loop of this application is confirmed."""
    return bool(find(_confirmed, application_id=application_id))


def _confirmed() -> Select[int]:
    this = Loop.application_id == bindparam("application_id", type_=BigId)
    return select(Loop.id).where(this, Loop.state == LoopState.CONFIRMED)


def interviews(reader: Person, scope: Scope, start: datetime, end: datetime, now: datetime) -> Glance[Named]:
    """Interviews that begin within a stretch of time, cancelled ones left out."""
    return _glance(Part.TODAY, _interviews, reader, scope, now, start=start, end=end)


def _interviews(asker: Asker, by: tuple[str, ...]) -> Select[*tuple[Any, ...]]:
    begins = Interview.starts_at
    in_time = (begins >= bindparam("start", type_=UtcDateTime), begins < bindparam("end", type_=UtcDateTime))
    wanted = (*in_time, Interview.state != InterviewState.CANCELLED)
    if by:
        day = _under_way_of(asker, by).where(*wanted)
    else:
        day = select(Interview.id).join(Seat, Seat.id == Interview.seat_id).join(Loop, Loop.id == Seat.loop_id)
        shown = _shown(asker).where(Application.id == Loop.application_id).correlate(Loop)
        day = day.where(*wanted, shown.scalar_subquery().is_not(None))
    first = day.order_by(begins, Interview.id).limit(MOST).subquery()
    return _slots().join(first, first.c.id == Interview.id).order_by(begins, Interview.id)


def late_feedback(reader: Person, scope: Scope, now: datetime) -> Glance[Named]:
    """Interviews whose feedback is overdue and not in; never what it says."""
    return _glance(Part.LATE, _late, reader, scope, now)


def _late(asker: Asker, by: tuple[str, ...]) -> Select[*tuple[Any, ...]]:
    given = exists().where(
        Participation.application_id == Application.id,
        Participation.person_id == Seat.person_id,
        Participation.submitted_at.is_not(None),
    )
    owed = (Seat.state == SeatState.HELD, Seat.submitted_at.is_(None), ~given.correlate(Application, Seat))
    # Begun at what is under way: seats of what ended long ago stay unwritten for good, and are more each year.
    overdue = (Interview.due_at < NOW, Interview.state.in_(ENDED))
    late = _under_way_of(asker, by).where(*owed, *overdue)
    first = late.order_by(Interview.due_at, Interview.id).limit(MOST).subquery()
    return _slots().join(first, first.c.id == Interview.id).order_by(Interview.due_at, Interview.id)


def _under_way_of(asker: Asker, by: tuple[str, ...]) -> Select[int]:
    """Interviews of what the dashboard shows: joined, so that it begins at that."""
    return (
        select(Interview.id)
        .join(Seat, Seat.id == Interview.seat_id)
        .join(Loop, Loop.id == Seat.loop_id)
        .join(Application, Application.id == Loop.application_id)
        .join(Requisition, Requisition.id == Application.requisition_id)
        .where(_mine(asker, by))
    )


def _shown(asker: Asker) -> Select[int]:
    """An application that the whole dashboard shows: to be asked as a value, of each interview or seat in turn.

    Joined, PostgreSQL expects next to none to be shown (few are under way, times few requisitions are open) and reads
    the whole day, or all that is under way, for a few rows.
    """
    query = select(Application.id).join(Requisition, Requisition.id == Application.requisition_id)
    return query.where(_mine(asker, ()))


def _slots() -> Select[*tuple[Any, ...]]:
    """Interviews with their names, which are looked up only for those that were chosen first."""
    query = (
        select(*_ABOUT, Interview.starts_at, Interview.due_at, Interview.state, Person.name.label("interviewer"))
        .add_columns(Loop.state.label("loop"), Seat.declined_at)
        .select_from(Interview)
        .join(Seat, Seat.id == Interview.seat_id)
        .join(Loop, Loop.id == Seat.loop_id)
        .join(Application, Application.id == Loop.application_id)
        .join(Person, Person.id == Seat.person_id)
    )
    return _named(query)


def quiet_offers(reader: Person, scope: Scope, now: datetime) -> Glance[Named]:
    """Offers that are out and whose last contact is too long ago; no figures."""
    silent = now - timedelta(days=policy.current()[OfferPolicy].contact_days)
    return _glance(Part.OFFERS, _quiet, reader, scope, now, silent=silent)


def _quiet(asker: Asker, by: tuple[str, ...]) -> Select[*tuple[Any, ...]]:
    contacts = select(func.max(OfferContact.at)).where(OfferContact.offer_id == Offer.id).scalar_subquery()
    last = func.coalesce(contacts, Offer.made_at)
    query = select(*_ABOUT, last.label("last_contact")).join(Offer, Offer.application_id == Application.id)
    quiet = (Offer.state == OfferState.MADE, last < bindparam("silent", type_=UtcDateTime))
    return _named(query).where(_mine(asker, by), *quiet).order_by(last, Application.id).limit(MOST)


def records_closed_to(reader: Person, named: Collection[tuple[str, int]]) -> set[tuple[str, int]]:
    """Which of these records (kind, id) are about an application on whose inside the reader is."""

    def ids(kind: str) -> list[int]:
        return [subject_id for subject, subject_id in named if subject == kind]

    seats = select(Seat.id, Loop.application_id).join(Loop, Loop.id == Seat.loop_id).where(Seat.id.in_(ids("seat")))
    cords = select(Cord.id, Application.id).join(Application, Application.id == Cord.application_id)
    candidates = select(Application.candidate_id, Application.id).where(Application.candidate_id.in_(ids("candidate")))
    about = {("application", one): one for one in ids("application")}
    for kind, query in (("seat", seats), ("cord", cords.where(Cord.id.in_(ids("cord")))), ("candidate", candidates)):
        about |= {(kind, row[0]): row[1] for row in db.session.execute(query)} if ids(kind) else {}
    barred = readers.barred_among(reader, set(about.values()))
    return {record for record, application_id in about.items() if application_id in barred}

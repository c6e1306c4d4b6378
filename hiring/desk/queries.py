"""Reads of the screens across the steps. Lists name only applications whose file the reader may open."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, joinedload

from hiring.desk import rules
from hiring.desk.rules import DeskPolicy, NextMove
from hiring.ground import policy
from hiring.ground.database import NotVisible, db
from hiring.people.models import Person
from hiring.pipeline import queries as pipeline
from hiring.pipeline.models import Application, Candidate, Cord, Note, Participation, Requisition
from hiring.pipeline.rules import ApplicationFacts, RequisitionFacts, RequisitionStatus, Step
from hiring.steps.interview_loop.models import Interview, Loop, Seat
from hiring.steps.interview_loop.rules import ENDED, InterviewState, LoopState, SeatState
from hiring.steps.offer.models import Offer, OfferContact
from hiring.steps.offer.rules import OfferPolicy, OfferState

PAGE = 50
"""Rows on one page of a list."""
SHOWN = 25
"""Rows of each part of the dashboard."""
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
    """A filter of the list. ``ended`` null: both; ``before``: only ids below it; ``name``: part of the candidate's."""

    requisition_id: int | None = None
    step: Step | None = None
    ended: bool | None = False
    name: str = ""
    before: int | None = None


def applications(reader: Person, wanted: Wanted, *, now: datetime) -> tuple[list[Application], int | None]:
    """A page of what the reader may open, newest first, and the id before which the next page begins."""
    query = _with_names(select(Application)).where(pipeline.visible_applications(reader, now=now))
    if wanted.requisition_id is not None:
        query = query.where(Application.requisition_id == wanted.requisition_id)
    if wanted.step is not None:
        query = query.where(Application.step == wanted.step)
    if wanted.ended is not None:
        query = query.where(Application.ended.is_not(None) if wanted.ended else Application.ended.is_(None))
    if wanted.name:
        # SQLite folds only ASCII letters, so the text as typed is looked for as well
        folded = func.lower(Candidate.name).contains(wanted.name.lower(), autoescape=True)
        as_typed = Candidate.name.contains(wanted.name, autoescape=True)
        query = query.where(Application.candidate_id.in_(select(Candidate.id).where(or_(folded, as_typed))))
    if wanted.before is not None:
        query = query.where(Application.id < wanted.before)
    rows = list(db.session.scalars(query.order_by(Application.id.desc()).limit(PAGE + 1)))
    return rows[:PAGE], rows[PAGE - 1].id if len(rows) > PAGE else None


def _with_names(query: Select[Application]) -> Select[Application]:
    return query.options(joinedload(Application.candidate), joinedload(Application.requisition))


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
    """Which open requisitions the dashboard is about."""

    recruiter_id: int | None = None
    team_id: int | None = None
    before: int | None = None

    @property
    def open(self) -> ColumnElement[bool]:
        """The condition on requisitions, whatever the page."""
        condition = Requisition.status == RequisitionStatus.OPEN
        if self.recruiter_id is not None:
            condition = condition & (Requisition.recruiter_id == self.recruiter_id)
        if self.team_id is not None:
            condition = condition & (Requisition.team_id == self.team_id)
        return condition


@dataclass(frozen=True, slots=True)
class Pipeline:
    """One open requisition and its live applications by step."""

    requisition: Requisition
    counts: Counter[Step]

    @property
    def total(self) -> int:
        """All live applications."""
        return self.counts.total()


def pipelines(scope: Scope) -> tuple[list[Pipeline], int | None]:
    """A page of open requisitions, newest first, with live counts; and the id before which the next page begins."""
    query = select(Requisition).where(scope.open).options(joinedload(Requisition.recruiter))
    if scope.before is not None:
        query = query.where(Requisition.id < scope.before)
    rows = list(db.session.scalars(query.order_by(Requisition.id.desc()).limit(SHOWN + 1)))
    page = rows[:SHOWN]
    counts: dict[int, Counter[Step]] = {row.id: Counter() for row in page}
    grouped = (
        select(Application.requisition_id, Application.step, func.count())
        .where(Application.requisition_id.in_(list(counts)), Application.ended.is_(None))
        .group_by(Application.requisition_id, Application.step)
    )
    for requisition_id, step, count in db.session.execute(grouped):
        counts[requisition_id][step] = count
    return [Pipeline(row, counts[row.id]) for row in page], page[-1].id if len(rows) > SHOWN else None


@dataclass(frozen=True, slots=True)
class Stuck:
    """An application that has been in its step for long, and what would move it."""

    application: Application
    days: int
    move: NextMove


def _mine(reader: Person, scope: Scope, now: datetime) -> ColumnElement[bool]:
    within = Application.requisition_id.in_(select(Requisition.id).where(scope.open))
    return Application.ended.is_(None) & within & pipeline.visible_applications(reader, now=now)


def stuck(reader: Person, scope: Scope, now: datetime) -> list[Stuck]:
    """What has been in one step for more than the policy's days, the oldest first."""
    since = now - timedelta(days=policy.current()[DeskPolicy].stuck_days)
    query = _with_names(select(Application)).where(_mine(reader, scope, now), Application.step_entered_at < since)
    rows = list(db.session.scalars(query.order_by(Application.step_entered_at, Application.id).limit(SHOWN)))
    return _told(rows, now)


def _told(rows: list[Application], now: datetime) -> list[Stuck]:
    on_application = _cords(Cord.application_id, {row.id for row in rows})
    on_requisition = _cords(Cord.requisition_id, {row.requisition_id for row in rows})
    confirmed = loops_confirmed({row.id for row in rows if row.step is Step.INTERVIEW_LOOP})
    return [
        Stuck(
            row,
            (now - row.step_entered_at).days,
            _move(row, on_application[row.id], on_requisition, loop_confirmed=row.id in confirmed),
        )
        for row in rows
    ]


def loops_confirmed(application_ids: Collection[int]) -> frozenset[int]:
    """Those of these applications whose loop is confirmed."""
    query = select(Loop.application_id).where(
        Loop.application_id.in_(application_ids), Loop.state == LoopState.CONFIRMED
    )
    return frozenset(db.session.scalars(query)) if application_ids else frozenset()


def in_hand(reader: Person, now: datetime) -> list[Stuck]:
    """Live applications in which the reader has a part, the furthest first; nothing for those who work from the lists.

    ``IN_HAND`` at most, chosen among the newest ``PAGE``.
    """
    if rules.sees_candidates(frozenset(reader.roles)):
        return []
    rows, _ = applications(reader, Wanted(), now=now)
    return _told(sorted(rows, key=lambda row: row.step.place, reverse=True)[:IN_HAND], now)


def _move(row: Application, cords: int, on_requisition: Counter[int], *, loop_confirmed: bool) -> NextMove:
    requisition = row.requisition
    return rules.next_move(
        ApplicationFacts(
            row.step,
            row.ended,
            on_hold=row.held_at is not None,
            cords=cords,
            offer_accepted=row.offer_accepted_at is not None,
        ),
        RequisitionFacts(
            requisition.code, requisition.status, requisition.held_at is not None, cords=on_requisition[requisition.id]
        ),
        loop_confirmed=loop_confirmed,
    )


def _cords(column: InstrumentedAttribute[int | None], ids: set[int]) -> Counter[int]:
    """How many cords are pulled, by what they are pulled on."""
    query = select(column, func.count()).where(column.in_(ids), Cord.cleared_at.is_(None)).group_by(column)
    return Counter({row_id: count for row_id, count in db.session.execute(query) if row_id is not None})


@dataclass(frozen=True, slots=True)
class Slot:
    """One interview on the dashboard."""

    interview: Interview
    application: Application
    interviewer: str


def interviews(reader: Person, scope: Scope, start: datetime, end: datetime, now: datetime) -> list[Slot]:
    """Interviews that begin within a stretch of time, cancelled ones left out."""
    in_time = (Interview.starts_at >= start, Interview.starts_at < end, Interview.state != InterviewState.CANCELLED)
    return _slots(_mine(reader, scope, now), *in_time, order=Interview.starts_at)


def late_feedback(reader: Person, scope: Scope, now: datetime) -> list[Slot]:
    """Interviews whose feedback is overdue and not in; never what it says."""
    given = select(Participation.person_id).where(
        Participation.application_id == Application.id,
        Participation.person_id == Seat.person_id,
        Participation.submitted_at.is_not(None),
    )
    owed = (Seat.state == SeatState.HELD, Seat.submitted_at.is_(None), ~given.exists())
    overdue = (Interview.due_at < now, Interview.state.in_(ENDED))
    return _slots(_mine(reader, scope, now), *owed, *overdue, order=Interview.due_at)


def _slots(*conditions: ColumnElement[bool], order: InstrumentedAttribute[Any]) -> list[Slot]:
    query = (
        select(Interview, Application, Person.name)
        .join(Seat, Seat.id == Interview.seat_id)
        .join(Loop, Loop.id == Seat.loop_id)
        .join(Application, Application.id == Loop.application_id)
        .join(Person, Person.id == Seat.person_id)
        .where(*conditions)
        .options(joinedload(Application.candidate), joinedload(Application.requisition))
        .order_by(order, Interview.id)
        .limit(PAGE)
    )
    return [Slot(interview, application, name) for interview, application, name in db.session.execute(query)]


@dataclass(frozen=True, slots=True)
class Quiet:
    """An open offer without a recent contact."""

    application: Application
    last_contact: datetime


def quiet_offers(reader: Person, scope: Scope, now: datetime) -> list[Quiet]:
    """Offers that are out and whose last contact is too long ago; no figures."""
    last = func.coalesce(
        select(func.max(OfferContact.at)).where(OfferContact.offer_id == Offer.id).scalar_subquery(), Offer.made_at
    )
    since = now - timedelta(days=policy.current()[OfferPolicy].contact_days)
    query = (
        select(Application, last)
        .join(Offer, Offer.application_id == Application.id)
        .where(_mine(reader, scope, now), Offer.state == OfferState.MADE, last < since)
        .options(joinedload(Application.candidate), joinedload(Application.requisition))
        .order_by(last, Application.id)
        .limit(SHOWN)
    )
    return [Quiet(application, at) for application, at in db.session.execute(query)]


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
    barred = pipeline.barred_among(reader, set(about.values()))
    return {record for record, application_id in about.items() if application_id in barred}

"""Reads of written feedback: the only module that loads it, and never without asking who reads.

``own_draft`` gives an author their own text. ``readable`` gives whoever may read the others' theirs. ``status`` gives
everybody on the application who has submitted, and nothing of what.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

from sqlalchemy import Boolean, ColumnElement, Row, Select, bindparam, exists, select
from sqlalchemy.orm import joinedload, undefer

from hiring.ground import policy
from hiring.ground.database import BigId, NotVisible, db, existing, is_writing
from hiring.ground.reading import anew, once, once_each, remember
from hiring.ground.rulebook import Refusal, ensure
from hiring.people.asking import Asker, any_of, ask_of, find, objects
from hiring.people.models import Person
from hiring.people.rules import Role
from hiring.pipeline import queries as spine
from hiring.pipeline import readers
from hiring.pipeline.models import Application, Candidate
from hiring.pipeline.rules import Sight, Stand
from hiring.steps.interview_loop.models import Interview, Loop, Seat, Shadow
from hiring.steps.interview_loop.rules import CURRENT, ENDED, LoopPolicy, SeatState, due_at
from hiring.steps.job_description.models import TestedItem
from hiring.steps.written_feedback import rules
from hiring.steps.written_feedback.models import Amendment, Feedback, FeedbackItem, PracticeFeedback
from hiring.steps.written_feedback.rules import (
    Entry,
    FeedbackState,
    ItemEntry,
    PracticeFacts,
    ReaderFacts,
    SeatFacts,
)
from hiring.steps.written_feedback.shapes import (
    AmendmentView,
    FeedbackView,
    FirstVote,
    ItemView,
    MatrixRow,
    SeatStatus,
    matrix,
)

__all__ = [
    "FeedbackView",
    "FirstVote",
    "ItemView",
    "Kit",
    "MatrixRow",
    "Practice",
    "SeatStatus",
    "all_for_debrief",
    "current_interview",
    "due_of",
    "entry_of",
    "everything_about",
    "first_votes",
    "kit",
    "matrix",
    "missing",
    "own_draft",
    "own_practice",
    "practice_for",
    "readable",
    "status",
    "submitted_at",
    "tested",
    "why_not_read_others",
]

_SEAT = bindparam("seat_id", type_=BigId)
Columns: TypeAlias = Select[*tuple[Any, ...]]
"""A statement of plain columns, in the order of the fields that they fill."""
_ITEM_TEXTS = (
    undefer(FeedbackItem.question),
    undefer(FeedbackItem.situation),
    undefer(FeedbackItem.task),
    undefer(FeedbackItem.action),
    undefer(FeedbackItem.result),
    undefer(FeedbackItem.rating),
    undefer(FeedbackItem.not_tested_reason),
)
_TEXTS = (
    undefer(Feedback.summary),
    undefer(Feedback.vote),
    joinedload(Feedback.items).options(*_ITEM_TEXTS),
)


# --- What a reader gets ------------------------------------------------------------------------------------------


@once
def status(application_id: int) -> list[SeatStatus]:
    """Every seat of the loop that was not taken off before its interview, in order; one query for all feedback."""
    minutes = policy.current()[LoopPolicy]
    return [
        SeatStatus(
            seat_id=seat_id,
            person_id=person_id,
            name=name,
            level=level,
            kind=kind,
            state=state,
            owes=state is SeatState.HELD and interview in ENDED,
            starts_at=starts_at,
            due_at=due or (_due(owed, ends_at, minutes) if ends_at else None),
            submitted_at=submitted,
            late=bool(late),
        )
        for seat_id, person_id, kind, state, name, level, submitted, due, late, interview, starts_at, ends_at, owed in (
            find(_status, application_id=application_id)
        )
    ]


def _status() -> Columns:
    return (
        select(
            *(Seat.id, Seat.person_id, Seat.kind, Seat.state, Person.name, Person.level),
            *(Feedback.submitted_at, Feedback.due_at, Feedback.late),
            *(Interview.state, Interview.starts_at, Interview.ends_at, Interview.due_at),
        )
        .join(Loop, Loop.id == Seat.loop_id)
        .join(Person, Person.id == Seat.person_id)
        .outerjoin(Feedback, (Feedback.seat_id == Seat.id) & (Feedback.state == FeedbackState.SUBMITTED))
        .outerjoin(Interview, (Interview.seat_id == Seat.id) & Interview.state.in_(CURRENT))
        .where(_on_loop())
        .order_by(Seat.id)
    )


def missing(application_id: int) -> list[SeatStatus]:
    """Held seats that have not submitted yet: whose feedback the debrief still waits for."""
    return [seat for seat in status(application_id) if seat.state is SeatState.HELD and seat.submitted_at is None]


def why_not_read_others(reader: Person, application: Application, *, now: datetime) -> list[Refusal]:
    """The rule of blindness for this reader, as page and query both ask it."""
    where = readers.stands(reader, application, now=now)
    return rules.why_not_read_others(_reader_facts(reader, where, status(application.id)))


def _reader_facts(reader: Person, where: frozenset[Stand], seats: Sequence[SeatStatus]) -> ReaderFacts:
    # a seat gives its holder nothing once the spine no longer sees them stand on it (taken off, or long decided)
    on_loop = not where.isdisjoint({Stand.SEAT, Stand.BAR_RAISER})
    own = next((s for s in seats if s.person_id == reader.id and s.state is SeatState.HELD), None) if on_loop else None
    holds = any(s.person_id == reader.id and s.state is SeatState.HELD for s in seats)
    return ReaderFacts(
        holds_seat=holds,
        submitted=own is not None and own.submitted_at is not None,
        requisition_recruiter=Stand.REQUISITION_RECRUITER in where,
        missing=tuple(s.name for s in seats if s.state is SeatState.HELD and s.submitted_at is None),
    )


@once
def readable(reader: Person, application_id: int, now: datetime, *, sight: Sight = Sight.FRAME) -> list[FeedbackView]:
    """All submitted feedback that this reader may read now, by seat: their own always, the others' by feedback.blind.

    Raises NotVisible for strangers. A vacated or handed-over seat's feedback is among the others'. ``sight``: the page
    on which it stands; the debrief's record outlasts a loop's other duties.
    """
    application, where = spine.application_for(reader, application_id, now=now, sight=sight)
    seats = status(application.id)
    facts = _reader_facts(reader, where, seats)
    others = not rules.why_not_read_others(facts)
    return _views(application.id, everybodys=others, reader_id=reader.id) if others or facts.submitted else []


def all_for_debrief(reader: Person, application_id: int, now: datetime) -> list[FeedbackView]:
    """Everything submitted, for somebody at the debrief's table; raises Refused (feedback.blind) or NotVisible.

    As long as the debrief's page: what was read there belongs to its record.
    """
    application, _ = spine.application_for(reader, application_id, now=now, sight=Sight.DEBRIEF)
    ensure(why_not_read_others(reader, application, now=now))
    return readable(reader, application_id, now, sight=Sight.DEBRIEF)


@once
def first_votes(application_id: int) -> list[FirstVote]:
    """The votes as submitted, by seat, for rules and frozen records; whoever shows them asks ``readable`` first."""
    return [
        FirstVote(*row) for row in find(_first_votes, application_id=application_id, everybodys=True, reader_id=None)
    ]


def _first_votes() -> Columns:
    return _submitted(Seat.id, Person.id, Person.name, Feedback.vote).order_by(Seat.id)


def everything_about(application_id: int) -> list[FeedbackView]:
    """All submitted feedback for the sealed export that nobody reads here; never for a page."""
    return _views(application_id, everybodys=True)


def _on_loop() -> ColumnElement[bool]:
    return (Loop.application_id == bindparam("application_id", type_=BigId)) & (Seat.state != SeatState.REMOVED)


def _submitted(*columns: Any) -> Columns:
    """Of an application's submitted feedback ``everybodys``, or only what the reader wrote."""
    everybodys, reader_id = bindparam("everybodys", type_=Boolean()), bindparam("reader_id", type_=BigId)
    return (
        select(*columns)
        .join_from(Feedback, Seat, Seat.id == Feedback.seat_id)
        .join(Loop, Loop.id == Seat.loop_id)
        .join(Person, Person.id == Feedback.author_id)
        .where(_on_loop(), Feedback.state == FeedbackState.SUBMITTED, everybodys | (Feedback.author_id == reader_id))
    )


def _views(application_id: int, *, everybodys: bool, reader_id: int | None = None) -> list[FeedbackView]:
    asked = {"application_id": application_id, "everybodys": everybodys, "reader_id": reader_id}
    said: dict[int, list[Any]] = {}
    items: dict[int, list[ItemView]] = {}
    for feedback_id, item_id, *row in find(_texts, **asked):
        said[feedback_id] = row[:_SAID]
        if item_id is not None:
            items.setdefault(feedback_id, []).append(ItemView(item_id, *row[_SAID:]))
    amendments: dict[int, list[AmendmentView]] = {}
    for feedback_id, *row in find(_amendments, **asked) if said else ():
        amendments.setdefault(feedback_id, []).append(AmendmentView(*row))
    views = [
        FeedbackView(*row, tuple(items.get(feedback_id, ())), tuple(amendments.get(feedback_id, ())))  # type: ignore[call-arg]  # counts no columns
        for feedback_id, row in said.items()
    ]
    if everybodys:
        votes = [FirstVote(one.seat_id, one.author_id, one.author, one.vote) for one in views]
        remember(first_votes, votes, application_id)
    return views


_SAID = 12
"""So many columns of ``_texts``, behind two ids, are the feedback's own; those that follow are an item's."""


def _texts() -> Columns:
    """Each feedback once for every item that it speaks of."""
    parts = [getattr(FeedbackItem, part) for part in rules.PARTS]
    return (
        _submitted(
            *(Feedback.id, FeedbackItem.item_id),
            *(Seat.id, Seat.kind, Seat.state, Person.id, Person.name, Person.title, Person.level),
            *(Feedback.summary, Feedback.vote, Feedback.submitted_at, Feedback.due_at, Feedback.late),
            *(TestedItem.name, TestedItem.kind, *parts, FeedbackItem.rating, FeedbackItem.not_tested_reason),
        )
        .outerjoin(FeedbackItem, FeedbackItem.feedback_id == Feedback.id)
        .outerjoin(TestedItem, TestedItem.id == FeedbackItem.item_id)
        .order_by(Seat.id, FeedbackItem.item_id)
    )


def _amendments() -> Columns:
    return (
        _submitted(Amendment.feedback_id, Amendment.text, Amendment.at)
        .join(Amendment, Amendment.feedback_id == Feedback.id)
        .order_by(Amendment.id)
    )


# --- An author's own seat ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Kit:
    """What an interviewer has in hand: candidate, own principles with planned questions, time and place."""

    seat: Seat
    loop: Loop
    application: Application
    interview: Interview | None
    holder: Person
    items: tuple[tuple[TestedItem, str], ...]
    due_at: datetime | None
    facts: SeatFacts

    @property
    def names(self) -> dict[int, str]:
        """Names of the assigned items, by id."""
        return {item.id: item.name for item, _ in self.items}


@once
def kit(reader: Person, seat_id: int, *, now: datetime) -> Kit:
    """One held seat, for whoever may see the application; raises NotVisible, also once the seat was left.

    The feedback itself is not among it: see ``own_draft``.
    """
    seat = existing(objects(_held, is_writing(), seat_id=seat_id).unique().one_or_none(), f"seat {seat_id}")
    loop = seat.loop
    application, where = spine.application_for(reader, loop.application_id, now=now)
    if reader.id == seat.person_id and where.isdisjoint({Stand.SEAT, Stand.BAR_RAISER}):
        raise NotVisible(f"seat {seat_id}")
    holder = db.session.get_one(Person, seat.person_id)
    interview = current_interview(seat)
    due = due_of(interview, policy.current()[LoopPolicy])
    items = tested(assignment.item_id for assignment in seat.assignments)
    last = interview or (seat.interviews[-1] if seat.interviews else None)
    return Kit(
        seat=seat,
        loop=loop,
        application=application,
        interview=interview,
        holder=holder,
        items=tuple((items[a.item_id], a.question) for a in seat.assignments),
        due_at=due,
        facts=SeatFacts(
            holder_id=holder.id,
            holder=holder.name,
            candidate=application.candidate.name,
            interview=last.state if last else None,
            starts_at=interview.starts_at if interview else None,
            due_at=due,
            submitted_at=submitted_at(seat.id),
        ),
    )


def _held(_writing: bool) -> Select[Seat]:
    whole = (joinedload(Seat.loop), joinedload(Seat.interviews), joinedload(Seat.assignments))
    return anew(select(Seat).where(Seat.id == _SEAT, Seat.state == SeatState.HELD).options(*whole))


@once
def own_draft(author: Person, seat_id: int) -> Feedback | None:
    """The author's own feedback with all its texts; None for everybody else, and once off the seat."""
    return objects(_own_draft, is_writing(), seat_id=seat_id, author_id=author.id).unique().one_or_none()


def _own_draft(_writing: bool) -> Select[Feedback]:
    author_id = bindparam("author_id", type_=BigId)
    theirs = (Feedback.author_id == author_id, Seat.person_id == author_id, Seat.state == SeatState.HELD)
    query = select(Feedback).join(Seat, Seat.id == Feedback.seat_id).where(Feedback.seat_id == _SEAT, *theirs)
    return anew(query.options(*_TEXTS))


def entry_of(feedback: Feedback | None) -> Entry:
    """What an author's own feedback (from ``own_draft``) says so far."""
    if feedback is None:
        return Entry()
    return Entry(
        items=tuple(
            ItemEntry(
                item.item_id,
                **{part: getattr(item, part) for part in rules.PARTS},
                rating=item.rating,
                not_tested_reason=item.not_tested_reason,
            )
            for item in feedback.items
        ),
        summary=feedback.summary,
        vote=feedback.vote,
    )


def submitted_at(seat_id: int) -> datetime | None:
    """When a seat's feedback went in; None while it is a draft or nothing."""
    return next((row.submitted_at for row in find(_submitted_at, seat_id=seat_id)), None)


def _submitted_at() -> Select[datetime | None]:
    return select(Feedback.submitted_at).where(Feedback.seat_id == _SEAT)


def current_interview(seat: Seat) -> Interview | None:
    """The one slot of a seat that counts: booked, held or cut short."""
    return next((interview for interview in seat.interviews if interview.state in CURRENT), None)


def due_of(interview: Interview | None, figures: LoopPolicy) -> datetime | None:
    """When an interview's feedback is due; while it is booked, by its schedule."""
    if interview is None:
        return None
    return _due(interview.due_at, interview.ends_at, figures)


def _due(recorded: datetime | None, ends_at: datetime, figures: LoopPolicy) -> datetime:
    return recorded or due_at(ends_at, None, None, figures)


@once_each
def tested(ids: Iterable[int]) -> dict[int, TestedItem]:
    """Principles and competencies by id."""
    return {row.id: row for row in objects(_tested, ids=list(ids))}


def _tested() -> Select[TestedItem]:
    return select(TestedItem).where(TestedItem.id.in_(any_of("ids")))


# --- Practice of shadows -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Practice:
    """A shadow's practice as this reader may see it; ``text`` is null while ``refusals`` say why."""

    shadow: Shadow
    seat: Seat
    application: Application
    facts: PracticeFacts
    text: str | None
    refusals: tuple[Refusal, ...]


def practice_for(reader: Person, shadow_id: int, *, now: datetime) -> Practice:
    """One practice feedback; raises NotVisible for all but trainee, mentor and programme owner."""
    shadow = db.session.get(Shadow, shadow_id)
    if shadow is None or shadow.left_at is not None:
        raise NotVisible(f"shadow {shadow_id}")
    query = select(Seat).where(Seat.id == shadow.seat_id).options(joinedload(Seat.loop))
    seat = db.session.scalars(query).unique().one()
    application = spine.application(seat.loop.application_id)
    owner = reader.has(Role.PROGRAMME_OWNER)
    stands_there = bool(readers.stands(reader, application, now=now))
    mine = stands_there and (
        reader.id == shadow.person_id or (reader.id == seat.person_id and seat.state is SeatState.HELD)
    )
    if not mine and (not owner or readers.is_barred(reader, application.candidate)):
        raise NotVisible(f"shadow {shadow_id}")
    row = own_practice(shadow_id)
    names = {p.id: p.name for p in (db.session.get_one(Person, i) for i in (shadow.person_id, seat.person_id))}
    interview = current_interview(seat)
    facts = PracticeFacts(
        trainee_id=shadow.person_id,
        trainee=names[shadow.person_id],
        mentor_id=seat.person_id,
        mentor=names[seat.person_id],
        submitted=row is not None and row.state is FeedbackState.SUBMITTED,
        mentor_submitted=submitted_at(seat.id) is not None,
        starts_at=interview.starts_at if interview else None,
    )
    refusals = rules.why_not_read_practice(facts, reader.id, programme_owner=owner)
    text = row.text if row and not refusals else None
    return Practice(shadow, seat, application, facts, text, tuple(refusals))


def own_practice(shadow_id: int) -> PracticeFeedback | None:
    """The row with its text, for ``practice_for`` and the action that writes it."""
    query = select(PracticeFeedback).where(PracticeFeedback.shadow_id == shadow_id)
    return db.session.scalars(query.options(undefer(PracticeFeedback.text))).one_or_none()


PracticeRow: TypeAlias = tuple[int, datetime, datetime, str, str, int]


def practices_owed_by(person_id: int) -> Sequence[Row[*PracticeRow]]:
    """Interviews whose practice a trainee has not submitted: shadow, beginning, end, place, candidate, application."""
    return ask_of(_practices_owed_by, person_id) if readers.ties(person_id).takes_part else []


def _practices_owed_by(asker: Asker) -> Select[*PracticeRow]:
    given = exists().where(PracticeFeedback.shadow_id == Shadow.id, PracticeFeedback.state == FeedbackState.SUBMITTED)
    return (
        select(Shadow.id, Interview.starts_at, Interview.ends_at, Interview.where, Candidate.name, Application.id)
        .join(Seat, Seat.id == Shadow.seat_id)
        .join(Interview, Interview.seat_id == Seat.id)
        .join(Loop, Loop.id == Seat.loop_id)
        .join(Application, Application.id == Loop.application_id)
        .join(Candidate, Candidate.id == Application.candidate_id)
        .where(Shadow.person_id == asker.id, Shadow.left_at.is_(None), ~given)
        .where(Seat.state == SeatState.HELD, Interview.state.in_(CURRENT), Application.ended.is_(None))
        .order_by(Interview.starts_at)
    )

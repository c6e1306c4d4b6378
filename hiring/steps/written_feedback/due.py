"""What is due and who is told when. Reads who has submitted from the spine, and no feedback."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TypeAlias

from sqlalchemy import ColumnElement, Row, Select, exists, select
from sqlalchemy.orm import aliased

from hiring.ground import policy
from hiring.ground.database import db
from hiring.people.asking import NOW, Asker, ask, ask_of
from hiring.people.handover import owes
from hiring.people.models import Person
from hiring.people.rules import Debt, Role
from hiring.pipeline import readers
from hiring.pipeline.models import Application, Candidate, Participation, Requisition
from hiring.pipeline.rules import Part
from hiring.steps.interview_loop.models import Interview, Loop, Seat
from hiring.steps.interview_loop.rules import CURRENT, ENDED, LoopPolicy, SeatKind, SeatState, due_at
from hiring.steps.written_feedback.rules import FeedbackPolicy


class Nudge(StrEnum):
    """The notices around a due time, in order."""

    AT_END = "at_end"
    SOON = "soon"
    AT_DUE = "at_due"
    LATE = "late"
    VERY_LATE = "very_late"

    @property
    def tells_others(self) -> bool:
        """Whether it goes to recruiter and Bar Raiser, not to the interviewer."""
        return self in {Nudge.LATE, Nudge.VERY_LATE}

    def key(self, interview_id: int) -> str:
        """The notice's key, one for ever; for ``tells_others`` each recipient's id is added."""
        return f"feedback.due:{interview_id}" + ("" if self is Nudge.AT_DUE else f":{self.value}")


def nudges(
    ended_at: datetime, due_at: datetime, policy: FeedbackPolicy
) -> list[tuple[Nudge, datetime, datetime | None]]:
    """Each notice with when it leaves and when it is no longer worth sending (null: always worth it)."""
    soon = due_at - timedelta(minutes=policy.nudge_minutes)
    late = due_at + timedelta(minutes=policy.escalation_minutes)
    very_late = due_at + timedelta(hours=policy.escalation_hours)
    return [
        (Nudge.AT_END, ended_at, soon),
        (Nudge.SOON, soon, due_at),
        (Nudge.AT_DUE, due_at, very_late),
        (Nudge.LATE, late, very_late),
        (Nudge.VERY_LATE, very_late, None),
    ]


@dataclass(frozen=True, slots=True)
class Owed:
    """A feedback still to come. ``requisition_id``: whose recruiter is told when it is late."""

    interview_id: int
    seat_id: int
    loop_id: int
    application_id: int
    candidate_id: int
    candidate: str
    person_id: int
    ended_at: datetime
    due_at: datetime
    requisition_id: int


_SUBMITTED = exists().where(
    Participation.application_id == Loop.application_id,
    Participation.person_id == Seat.person_id,
    Participation.part.in_((Part.SEAT, Part.BAR_RAISER)),
    Participation.until.is_(None),
    Participation.submitted_at.is_not(None),
)


OwedRow: TypeAlias = tuple[int, datetime, datetime | None, datetime | None, int, int, int, int, int, int, str]


def _owed(*conditions: ColumnElement[bool]) -> Select[*OwedRow]:
    """Feedback not yet submitted by held seats of live applications; ``conditions`` narrow it down."""
    unwritten = (Seat.state == SeatState.HELD) & Seat.submitted_at.is_(None)
    return (
        select(
            Interview.id.label("interview_id"),
            Interview.ends_at,
            Interview.ended_at,
            Interview.due_at,
            Seat.id.label("seat_id"),
            Seat.loop_id,
            Seat.person_id,
            Loop.application_id,
            Application.candidate_id,
            Application.requisition_id,
            Candidate.name,
        )
        .join(Seat, Seat.id == Interview.seat_id)
        .join(Loop, Loop.id == Seat.loop_id)
        .join(Application, Application.id == Loop.application_id)
        .join(Candidate, Candidate.id == Application.candidate_id)
        .where(unwritten, Application.ended.is_(None), ~_SUBMITTED, *conditions)
    )


def _by_deadline(rows: Iterable[Row[*OwedRow]]) -> list[Owed]:
    figures = policy.current()[LoopPolicy]
    found = [
        Owed(
            interview_id=row.interview_id,
            seat_id=row.seat_id,
            loop_id=row.loop_id,
            application_id=row.application_id,
            candidate_id=row.candidate_id,
            candidate=row.name,
            person_id=row.person_id,
            ended_at=row.ended_at or row.ends_at,
            due_at=row.due_at or due_at(row.ends_at, None, None, figures),
            requisition_id=row.requisition_id,
        )
        for row in rows
    ]
    return sorted(found, key=lambda item: (item.due_at, item.interview_id))


def owed_by(person_id: int, now: datetime) -> list[Owed]:
    """What this interviewer owes for interviews that have begun."""
    return _by_deadline(ask_of(_begun, person_id, now=now)) if readers.ties(person_id).takes_part else []


def _begun(asker: Asker) -> Select[*OwedRow]:
    return _owed(Seat.person_id == asker.id, Interview.state.in_(CURRENT), Interview.starts_at <= NOW)


def ended(now: datetime) -> list[Owed]:
    """What is owed for interviews that have ended: whom the worker reminds, late or not."""
    return _by_deadline(db.session.execute(_owed(Interview.state.in_(ENDED), Interview.ended_at <= now)))


def late_for(recruiter: Person, now: datetime) -> list[Owed]:
    """What others owe past due on loops of this recruiter's requisitions."""
    return _by_deadline(ask(_late, recruiter, now=now)) if recruiter.has(Role.RECRUITER) else []


def _late(asker: Asker) -> Select[*OwedRow]:
    overdue = (Interview.state.in_(ENDED), Interview.due_at < NOW)
    its = aliased(Application)
    theirs = select(its.id).join(Requisition, Requisition.id == its.requisition_id)
    recruited = theirs.where(readers.recruited_by(asker), its.ended.is_(None))
    return _owed(Application.id.in_(recruited), Seat.person_id != asker.id, *overdue)


def bar_raiser_id(loop_id: int) -> int | None:
    """Who holds the Bar Raiser's seat of a loop."""
    query = select(Seat.person_id).where(
        Seat.loop_id == loop_id, Seat.kind == SeatKind.BAR_RAISER, Seat.state == SeatState.HELD
    )
    return db.session.scalar(query)


@owes
def debts(person_id: int) -> list[Debt]:
    """Feedback that a leaving person still owes for interviews that took place."""
    return [
        Debt(f"Written feedback on {item.candidate}", item.due_at, f"/seats/{item.seat_id}", item.application_id)
        for item in _by_deadline(ask_of(_ended_of, person_id))
    ]


def _ended_of(asker: Asker) -> Select[*OwedRow]:
    return _owed(Seat.person_id == asker.id, Interview.state.in_(ENDED))

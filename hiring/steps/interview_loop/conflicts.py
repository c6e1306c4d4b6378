"""Conflicts of interest: declared, and taken back, by those who gain nothing by it."""

from datetime import datetime

from hiring.ground import audit
from hiring.ground.database import NotVisible, db
from hiring.ground.rulebook import ensure
from hiring.people import queries as people
from hiring.people.models import Person
from hiring.pipeline import actions as spine
from hiring.pipeline import queries as pipeline
from hiring.steps.interview_loop import queries, rules, seating, staffing
from hiring.steps.interview_loop.models import Conflict
from hiring.steps.interview_loop.rules import ConflictKind

_DECLARES = "One declares one's own conflict; an administrator who is not the hiring manager also a colleague's."
_WITHDRAWS = (
    "One takes back what one declared oneself; an administrator who is not the hiring manager any declared conflict."
)


def declare_conflict(
    actor: Person, application_id: int, person_id: int, kind: ConflictKind, reason: str, *, now: datetime
) -> None:
    """Declare one's own conflict of interest or, as an administrator, a colleague's; repeating is harmless.

    On a confirmed loop the seat is then shown to those who replace its holder.
    """
    application, stands = pipeline.held_for(actor, application_id, now=now)
    spine.require(rules.may_declare_conflict(stands, own=actor.id == person_id), _DECLARES)
    ensure(rules.why_not_say_conflict(people.person(person_id).name, reason))
    if person_id in staffing.conflicts(application):
        return
    row = Conflict(
        candidate_id=application.candidate_id,
        person_id=person_id,
        kind=kind,
        reason=reason.strip(),
        declared_by=actor.id,
        at=now,
    )
    db.session.add(row)
    seating.suspect(application_id, True)
    audit.record(actor.id, "loop.conflict", "application", application_id, at=now, person=person_id, kind=kind.value)


def withdraw_conflict(actor: Person, application_id: int, person_id: int, reason: str, *, now: datetime) -> None:
    """Take a declared conflict back, one declared by mistake; it stays on the record. Raises NotVisible, Refused."""
    application, stands = pipeline.held_for(actor, application_id, now=now)
    row, own = queries.declared_conflict(application, person_id), actor.id == person_id
    own_words = row is not None and row.declared_by == actor.id
    spine.require(rules.may_withdraw_conflict(stands, own=own, own_words=own_words), _WITHDRAWS)
    if row is None:
        raise NotVisible(f"a declared conflict of person {person_id}")
    ensure(rules.why_not_say_conflict(people.person(person_id).name, reason))
    row.withdrawn_at, row.withdrawn_by, row.withdrawn_reason = now, actor.id, reason.strip()
    seating.suspect(application_id, True)
    audit.record(actor.id, "loop.withdraw_conflict", "application", application_id, at=now, person=person_id)

"""Step 1's acts on requisitions: create, clone, and keep their openings. Nothing here commits."""

import uuid
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select

from hiring.ground import audit, policy
from hiring.ground.database import db, existing, lock
from hiring.ground.rulebook import ensure
from hiring.ground.working_time import local_day
from hiring.people.models import Person
from hiring.pipeline import queries as spine
from hiring.pipeline.actions import lock_people, require, say
from hiring.pipeline.models import Opening, Requisition
from hiring.pipeline.rules import RequisitionStatus
from hiring.steps.job_description import access, queries, requisition_rules, rules
from hiring.steps.job_description.access import Reader
from hiring.steps.job_description.actions import copy_of, open_when_ready
from hiring.steps.job_description.requisition_rules import OpeningAct

_APPROVERS = "The requisition's recruiter or an administrator keeps its openings."
_CREATORS = "Recruiters, administrators and the person who becomes its hiring manager create a requisition."

_SAID = {
    OpeningAct.HOLD: "Opening put on hold.",
    OpeningAct.RESUME: "Opening resumed.",
    OpeningAct.CANCEL: "Opening cancelled.",
}


@dataclass(frozen=True, slots=True)
class NewRequisition:
    """What a requisition starts with; ``country`` is an ISO 3166 code whose holidays count."""

    title: str
    team_id: int
    location: str
    country: str
    hiring_manager_id: int
    recruiter_id: int


def create(actor: Person, wanted: NewRequisition, *, now: datetime, clone_of: int | None = None) -> Requisition:
    """A draft requisition with a draft description, copied from another one's newest where cloned.

    Raises Refused where these two may not own it.
    """
    reader = Reader(actor.id, actor.roles, wanted.hiring_manager_id, wanted.recruiter_id)
    require(access.may_create_requisition(reader), _CREATORS)
    lock_people({wanted.hiring_manager_id, wanted.recruiter_id})  # neither leaves in this very moment
    ensure(queries.why_not_own(wanted.hiring_manager_id, wanted.recruiter_id, now.date()))
    row = Requisition(
        code=uuid.uuid4().hex,  # until the id is known, a line below
        title=wanted.title,
        team_id=wanted.team_id,
        location=wanted.location,
        country=wanted.country,
        hiring_manager_id=wanted.hiring_manager_id,
        recruiter_id=wanted.recruiter_id,
        status=RequisitionStatus.DRAFT,
        created_at=now,
    )
    db.session.add(row)
    db.session.flush()
    row.code = f"R-{1000 + row.id}"
    source = queries.newest(clone_of) if clone_of is not None else None
    description = copy_of(source, row, written_by=actor.id, now=now)
    description.title, description.location = wanted.title, wanted.location
    db.session.flush()
    audit.record(actor.id, "requisition.create", "requisition", row.id, at=now, clone_of=clone_of)
    say("Requisition created.", requisition_id=row.id, actor_id=actor.id, now=now)
    return row


def clone(actor: Person, requisition_id: int, *, now: datetime) -> Requisition:
    """A draft requisition like this one, with its newest description as a draft; openings are approved anew."""
    source = spine.requisition(requisition_id)
    wanted = NewRequisition(
        source.title,
        existing(source.team_id, "team of an imported requisition"),
        source.location,
        source.country,
        existing(source.hiring_manager_id, "owner of an imported requisition"),
        existing(source.recruiter_id, "owner of an imported requisition"),
    )
    return create(actor, wanted, now=now, clone_of=requisition_id)


# --- Openings -----------------------------------------------------------------------------------------------------


def add_opening(actor: Person, requisition_id: int, approved_on: date, *, now: datetime) -> Opening:
    """Approve one more opening; the first one opens a requisition whose description is approved."""
    requisition = _hold(actor, requisition_id)
    ensure(rules.why_not_write(spine.requisition_facts(requisition)))
    today = local_day(now, actor.time_zone)
    ensure(requisition_rules.why_not_approved_on(approved_on, today, policy.current()[rules.DescriptionPolicy]))
    row = Opening(requisition_id=requisition_id, approved_on=approved_on, approved_by=actor.id)
    db.session.add(row)
    _count(requisition)
    audit.record(actor.id, "opening.approve", "requisition", requisition_id, at=now, opening=row.id)
    say("Opening approved.", requisition_id=requisition_id, actor_id=actor.id, now=now)
    open_when_ready(requisition, actor_id=actor.id, now=now)
    return row


def change_opening(actor: Person, opening_id: int, act: OpeningAct, *, now: datetime) -> Opening:
    """Hold, resume or cancel an opening that live offers and hires do not need; the database refuses that too."""
    requisition = _hold(actor, queries.opening(opening_id).requisition_id)
    row = lock(Opening, opening_id)
    ensure(rules.why_not_write(spine.requisition_facts(requisition)))
    ensure(requisition_rules.why_not_change_opening(queries.opening_state(row), act, queries.places(requisition)))
    if act is OpeningAct.HOLD:
        # One pair of dates per opening: a second hold starts earlier by what the first one lasted, so that the time
        # held, which time to fill subtracts, stays right.
        row.held_at = now - (row.resumed_at - row.held_at) if row.resumed_at and row.held_at else now
        row.resumed_at = None
    elif act is OpeningAct.RESUME:
        row.resumed_at = now
    else:
        row.cancelled_at = now
    _count(requisition)
    audit.record(actor.id, f"opening.{act.value}", "requisition", requisition.id, at=now, opening=row.id)
    say(_SAID[act], requisition_id=requisition.id, actor_id=actor.id, now=now)
    return row


def _hold(actor: Person, requisition_id: int) -> Requisition:
    requisition = lock(Requisition, requisition_id)
    require(access.may_approve_opening(queries.reader_of(actor, requisition)), _APPROVERS)
    return requisition


def _count(requisition: Requisition) -> None:
    """Bring the requisition's maintained number of openings in line with the rows."""
    db.session.flush()
    held = Opening.held_at.is_not(None) & Opening.resumed_at.is_(None)
    query = select(func.count()).where(Opening.requisition_id == requisition.id, Opening.cancelled_at.is_(None), ~held)
    requisition.openings = db.session.scalar(query) or 0
    db.session.flush()

"""What strangers may read: open positions, and what belongs to the key of a candidate's own page."""

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.orm import joinedload

from hiring.careers import dates, rules
from hiring.careers.dates import Appointment
from hiring.careers.rules import Promise, Standing
from hiring.ground.database import NotVisible, db
from hiring.ground.rulebook import Refusal
from hiring.people.models import Person
from hiring.pipeline import queries as pipeline
from hiring.pipeline.candidates import link_digest
from hiring.pipeline.models import Application, Attachment, Candidate, Requisition
from hiring.pipeline.rules import Origin, RequisitionStatus
from hiring.steps.job_description.models import JobDescription
from hiring.steps.job_description.rules import Status
from hiring.transitions import aftermath

PAGE = 50
"""Positions per page."""


@dataclass(frozen=True, slots=True)
class Position:
    """An open requisition with the description in force."""

    requisition: Requisition
    description: JobDescription


def open_positions(words: str = "", after: tuple[str, int] | None = None) -> tuple[list[Position], bool]:
    """Open positions by title, those whose title or location holds ``words``; and whether more follow.

    ``after``: title and requisition id of the last one on the page before.
    """
    query = _positions().where(Requisition.status == RequisitionStatus.OPEN, Requisition.held_at.is_(None))
    if words:
        term = words.casefold()
        query = query.where(
            or_(
                func.lower(JobDescription.title).contains(term, autoescape=True),
                func.lower(JobDescription.location).contains(term, autoescape=True),
            )
        )
    if after is not None:
        title, requisition_id = after
        query = query.where(
            or_(JobDescription.title > title, and_(JobDescription.title == title, Requisition.id > requisition_id))
        )
    rows = db.session.execute(query.order_by(JobDescription.title, Requisition.id).limit(PAGE + 1))
    found = [Position(requisition, description) for requisition, description in rows]
    return found[:PAGE], len(found) > PAGE


def position(code: str, *, closed_too: bool = False) -> Position:
    """One position by its code; raises NotVisible. ``closed_too``: also one that was open when somebody read it."""
    query = _positions().where(Requisition.code == code)
    if not closed_too:
        query = query.where(Requisition.status == RequisitionStatus.OPEN, Requisition.held_at.is_(None))
    row = db.session.execute(query).one_or_none()
    if row is None:
        raise NotVisible(f"position {code}")
    requisition, description = row
    return Position(requisition, description)


def _positions() -> Select[Requisition, JobDescription]:
    return (
        select(Requisition, JobDescription)
        .join(JobDescription, JobDescription.id == Requisition.description_id)
        .where(
            Requisition.origin == Origin.LIVE,
            Requisition.opened_at.is_not(None),
            JobDescription.status == Status.APPROVED,
        )
        .options(joinedload(Requisition.team))
    )


def why_not_apply_internally(reader: Person, requisition: Requisition, today: date) -> list[Refusal]:
    """What a colleague who wants to apply reads before they write."""
    refusals = pipeline.why_not_apply(requisition, pipeline.candidate_of(reader.id), reader.id, today=today)
    return rules.why_not_apply_as_colleague(refusals)


def has_applied(reader: Person, requisition_id: int) -> bool:
    """Whether the colleague has an application to the position under way."""
    candidate_id = pipeline.candidate_of(reader.id)
    return candidate_id is not None and pipeline.is_active(candidate_id, requisition_id)


def candidate_by_key(key: str) -> Candidate:
    """The candidate whose own page this key opens (the one merged into, where two were one); raises NotVisible."""
    found = db.session.scalars(select(Candidate).where(Candidate.link_digest == link_digest(key))).one_or_none()
    while found is not None and found.merged_into_id is not None:
        found = db.session.get(Candidate, found.merged_into_id)
    if found is None:
        raise NotVisible("candidate")
    return found


@dataclass(frozen=True, slots=True)
class OwnApplication:
    """One application as its candidate sees it.

    ``contact``: name and address of whom they ask, None where nobody can be named.
    ``after``: what is possible once it has ended; ``code``: of the position, where they may apply to it now.
    """

    id: int
    title: str
    applied_on: date
    standing: Standing
    promise: Promise | None
    appointments: list[Appointment]
    contact: tuple[str, str] | None
    files: list[str]
    after: list[str]
    code: str | None


def own_applications(candidate: Candidate, now: datetime) -> list[OwnApplication]:
    """All applications of a candidate, the newest first, with the names of the files they sent."""
    query = (
        select(Application)
        .where(Application.candidate_id == candidate.id)
        .options(joinedload(Application.requisition), joinedload(Application.candidate))
        .order_by(Application.id.desc())
    )
    rows = list(db.session.scalars(query))
    sent = (
        select(Attachment)
        .where(Attachment.application_id.in_([row.id for row in rows]), Attachment.resume)
        .options(joinedload(Attachment.file))
        .order_by(Attachment.id)
    )
    files: dict[int, list[str]] = {}
    for attachment in db.session.scalars(sent):
        files.setdefault(attachment.application_id, []).append(attachment.file.name)
    return [_own(row, files.get(row.id, []), now) for row in rows]


def _own(row: Application, files: list[str], now: datetime) -> OwnApplication:
    possible = aftermath.after_end(row, now)
    words, code = [], None
    asked = dates.contact(row)
    if possible is not None:
        until = (
            possible.reopen_until.astimezone(ZoneInfo(row.candidate.time_zone)).date()
            if possible.reopen_until
            else None
        )
        words = rules.after_end(
            row.ended,
            until,
            possible.apply_from,
            another_goes_on=possible.another_goes_on,
            today=now.date(),
            recruiter=f"{asked.name} ({asked.email})" if asked else "",
        )
        code = row.requisition.code if possible.apply_from == now.date() else None
    return OwnApplication(
        id=row.id,
        title=row.requisition.title,
        applied_on=row.applied_at.date(),
        standing=rules.standing(row.step, row.ended, row.end_reason, offer_out=row.live_offer_id is not None),
        promise=dates.promise(row, now),
        appointments=dates.appointments(row, now),
        contact=(asked.name, asked.email) if asked and row.ended is None else None,
        files=files,
        after=words,
        code=code,
    )


def own_application_id(candidate: Candidate, application_id: int) -> int:
    """The id again, if the application is this candidate's; raises NotVisible."""
    query = select(Application.id).where(Application.id == application_id, Application.candidate_id == candidate.id)
    found = db.session.scalar(query)
    if found is None:
        raise NotVisible(f"application {application_id}")
    return found

"""What strangers may read: open positions, and what belongs to the key of a candidate's own page."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeAlias
from zoneinfo import ZoneInfo

from sqlalchemy import Row, Select, String, and_, bindparam, func, or_, select
from sqlalchemy.orm import joinedload

from hiring.careers import dates, rules
from hiring.careers.dates import Appointment
from hiring.careers.rules import Promise, Standing
from hiring.ground.database import BigId, NotVisible, db
from hiring.ground.rulebook import Refusal
from hiring.people.asking import find
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
_WORDS = 8
"""Words of a search that count."""
_PUBLISHED = (Requisition.origin == Origin.LIVE, Requisition.opened_at.is_not(None))
_OPEN = (Requisition.status == RequisitionStatus.OPEN, Requisition.held_at.is_(None))


@dataclass(frozen=True, slots=True)
class Position:
    """An open requisition with the description in force."""

    requisition: Requisition
    description: JobDescription


Opening: TypeAlias = tuple[int, str, str, str, int | None, int | None, str]
"""Requisition's id and code; the description's title, location, and yearly pay from, to, in a currency."""


def open_positions(words: str = "", after: tuple[str, int] | None = None) -> tuple[Sequence[Row[*Opening]], bool]:
    """Open positions by title, those whose title or location holds each of ``words``; and whether more follow.

    ``after``: title and requisition id of the last one on the page before.
    """
    typed = list(dict.fromkeys(words.casefold().split()))[:_WORDS]
    literal = str.maketrans({one: f"/{one}" for one in "/%_"})
    given = {f"word_{number}": word.translate(literal) for number, word in enumerate(typed)}
    title, requisition_id = after or ("", 0)
    rows = find(_open, len(typed), after is not None, title=title, requisition_id=requisition_id, **given)
    return rows[:PAGE], len(rows) > PAGE


def _open(words: int, after_others: bool) -> Select[*Opening]:
    which = JobDescription
    # What is open, first: there is a bounded number of that, but not of the descriptions ever written.
    there = (
        select(
            Requisition.id, Requisition.code, which.title, which.location, which.pay_low, which.pay_high, which.currency
        )
        .join(which, which.id == Requisition.description_id)
        .where(*_PUBLISHED, *_OPEN, which.status == Status.APPROVED)
        .cte("there")
        .prefix_with("MATERIALIZED")
    ).c
    query = select(there.id, there.code, there.title, there.location, there.pay_low, there.pay_high, there.currency)
    for number in range(words):
        word = bindparam(f"word_{number}", type_=String)
        texts = (func.lower(there.title), func.lower(there.location))
        query = query.where(or_(*(text.contains(word, escape="/") for text in texts)))
    if after_others:
        last = (bindparam("title", type_=String), bindparam("requisition_id", type_=BigId))
        query = query.where(or_(there.title > last[0], and_(there.title == last[0], there.id > last[1])))
    return query.order_by(there.title, there.id).limit(PAGE + 1)


def position(code: str, *, closed_too: bool = False) -> Position:
    """One position by its code; raises NotVisible. ``closed_too``: also one that was open when somebody read it."""
    query = _positions().where(Requisition.code == code)
    if not closed_too:
        query = query.where(*_OPEN)
    row = db.session.execute(query).one_or_none()
    if row is None:
        raise NotVisible(f"position {code}")
    requisition, description = row
    return Position(requisition, description)


def _positions() -> Select[Requisition, JobDescription]:
    return (
        select(Requisition, JobDescription)
        .join(JobDescription, JobDescription.id == Requisition.description_id)
        .where(*_PUBLISHED, JobDescription.status == Status.APPROVED)
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

"""Acts of strangers, candidates and colleagues on the public pages. Nothing here commits."""

from datetime import datetime, timedelta

from sqlalchemy import delete, func, select

from hiring.careers import queries, rules
from hiring.careers.models import UploadTry
from hiring.ground.database import db, lock
from hiring.ground.files import Received
from hiring.ground.rulebook import Refused, ensure
from hiring.people.models import Person
from hiring.pipeline import queries as pipeline
from hiring.pipeline.models import Candidate, Requisition
from hiring.pipeline.rules import Source
from hiring.steps.resume_review import newer
from hiring.steps.resume_review.actions import Applicant, apply, apply_unseen
from hiring.transitions.actions import withdraw_by_candidate


class TooManyUploads(Exception):
    """Too many files from this address of late; pages answer 429."""


def note_upload(address: str, now: datetime) -> None:
    """Write down that a file comes from there, before anybody looks into it; raises TooManyUploads."""
    lately = select(func.count(UploadTry.id)).where(
        UploadTry.address == address, UploadTry.at > now - rules.UPLOAD_WINDOW
    )
    if rules.too_many_uploads(db.session.scalar(lately) or 0):
        raise TooManyUploads
    db.session.add(UploadTry(address=address, at=now))
    db.session.flush()


def sweep_uploads(now: datetime) -> int:
    """Forget from where files came longer ago than a day; returns how many."""
    old = delete(UploadTry).where(UploadTry.at < now - timedelta(days=1))
    return len(db.session.scalars(old.returning(UploadTry.id)).all())


def apply_as_stranger(requisition: Requisition, applicant: Applicant, resume: Received, *, now: datetime) -> None:
    """Take an application from the careers page, with the consent given on it.

    What concerns the person behind the address, that they applied before or must wait, goes to their mailbox alone:
    for whoever typed the address the outcome is the same. Raises Refused when the position is no longer open.
    """
    try:
        application = apply_unseen(requisition.id, applicant, resume, source=Source.CAREERS, actor_id=None, now=now)
    except Refused as refused:
        raise Refused([rules.no_longer_open()]) from refused
    if application is not None:
        _note_consent(application.candidate, now)


def _note_consent(candidate: Candidate, now: datetime) -> None:
    """Who agreed before agrees to nothing new: the date stays that of the first time."""
    candidate.consent_at = candidate.consent_at or now


def apply_as_colleague(actor: Person, requisition_id: int, resume: Received, phone: str, *, now: datetime) -> None:
    """Take an application from a signed-in colleague, or their newer résumé for one under way; raises Refused."""
    requisition = lock(Requisition, requisition_id)
    ensure(queries.why_not_apply_internally(actor, requisition, now.date()))
    candidate_id = pipeline.candidate_of(actor.id)
    if candidate_id is not None and pipeline.is_active(candidate_id, requisition_id):
        newer.keep(candidate_id, requisition_id, resume, source=Source.INTERNAL, actor_id=actor.id, now=now)
        return
    applicant = Applicant(actor.name, actor.email, phone=phone, time_zone=actor.time_zone)
    application, _key = apply(
        requisition_id, applicant, resume, source=Source.INTERNAL, actor_id=actor.id, now=now, person_id=actor.id
    )
    _note_consent(application.candidate, now)


def refer(
    actor: Person, requisition_id: int, applicant: Applicant, resume: Received | None, how: str, *, now: datetime
) -> None:
    """A colleague refers somebody, who is told by mail; how they know each other stays with the application.

    The colleague does not learn whether the person applied before. Raises Refused when the position is not open.
    """
    apply_unseen(
        requisition_id,
        applicant,
        resume,
        source=Source.REFERRED,
        actor_id=actor.id,
        now=now,
        source_detail=how,
        referrer_id=actor.id,
    )


def withdraw(key: str, application_id: int, note: str, *, now: datetime) -> None:
    """A candidate withdraws on their own page; raises NotVisible for a key that does not open this application."""
    candidate = queries.candidate_by_key(key)
    application = pipeline.lock_application(queries.own_application_id(candidate, application_id))
    ensure(rules.why_not_withdraw(application.ended))
    withdraw_by_candidate(application.id, note, now=now)

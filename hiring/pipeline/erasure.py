"""What the spine holds of a candidate: how it is exported, and how it is erased with counts and visits left right."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import or_, select, update

from hiring.ground import personal
from hiring.ground.database import db
from hiring.pipeline.models import Application, Candidate, Note, Referral, StepVisit

ERASED = "[erased]"
_CANDIDATE = ("name", "name_key", "email", "email_key", "phone", "location", "time_zone", "link_digest")
_APPLICATION = ("end_note", "hold_reason", "source_detail")


def export(candidate_id: int) -> Iterable[dict[str, Any]]:
    """The candidate's own rows: themselves, their applications with visits, notes about them."""
    for candidate in _records(candidate_id):
        yield {"candidate": {name: getattr(candidate, name) for name in _CANDIDATE if name != "link_digest"}}
    for referral in db.session.scalars(select(Referral).where(Referral.candidate_id == candidate_id)):
        yield {"referred": referral.how, "at": referral.at}
    for row in db.session.scalars(select(Application).where(Application.candidate_id == candidate_id)):
        yield {"application": row.id, "applied_at": row.applied_at, "step": row.step.value, "end": row.ended}
        for visit in db.session.scalars(select(StepVisit).where(StepVisit.application_id == row.id)):
            yield {"application": row.id, "step": visit.step.value, "entered_at": visit.entered_at}
        for note in db.session.scalars(select(Note).where(Note.application_id == row.id)):
            yield {"application": row.id, "note": note.text, "at": note.at}


def erase(candidate_id: int) -> None:
    """Empty every text about the candidate; applications, visits and counts stay."""
    mine = select(Application.id).where(Application.candidate_id == candidate_id)
    for candidate in _records(candidate_id):
        candidate.name, candidate.name_key = ERASED, ""
        candidate.email, candidate.email_key = "", ""
        candidate.phone, candidate.location, candidate.time_zone, candidate.link_digest = "", "", "UTC", None
    db.session.execute(update(Note).where(Note.application_id.in_(mine)).values(text=ERASED))
    db.session.execute(update(StepVisit).where(StepVisit.application_id.in_(mine)).values(reason=""))
    db.session.execute(update(Referral).where(Referral.candidate_id == candidate_id).values(how=""))
    emptied = dict.fromkeys(_APPLICATION, "")
    db.session.execute(update(Application).where(Application.candidate_id == candidate_id).values(**emptied))


def _records(candidate_id: int) -> list[Candidate]:
    """The candidate, and the records of theirs that were merged into this one."""
    query = select(Candidate).where(or_(Candidate.id == candidate_id, Candidate.merged_into_id == candidate_id))
    return list(db.session.scalars(query.order_by(Candidate.id)))


personal.own(
    "pipeline",
    [
        *(f"candidate.{name}" for name in _CANDIDATE),
        "candidate_word.word",  # follows the name, in export and erasing too
        *(f"application.{name}" for name in _APPLICATION),
        "note.text",
        "referral.how",
        "step_visit.reason",
    ],
    export=export,
    erase=erase,
)

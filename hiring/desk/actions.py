"""What is written from the screens: notes, and one rejection of many."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from hiring.desk import letters, queries
from hiring.ground import audit, outbox
from hiring.ground.database import db
from hiring.ground.rulebook import Refusal, Refused
from hiring.people.models import Person
from hiring.pipeline import queries as pipeline
from hiring.pipeline.models import Note
from hiring.pipeline.rules import Sight
from hiring.steps.debrief import actions as debrief


def add_note(actor: Person, application_id: int, text: str, *, now: datetime) -> Note:
    """Add a note to an application; whoever reads the candidate file may."""
    application, _ = pipeline.application_for(actor, application_id, now=now, sight=Sight.CANDIDATE_FILE)
    note = Note(application_id=application.id, author_id=actor.id, text=text, at=now)
    db.session.add(note)
    db.session.flush()
    audit.record(actor.id, "note.add", "application", application.id, at=now, note=note.id)
    return note


def retry_mail(actor: Person, notice_id: int, *, now: datetime) -> bool:
    """Let a mail that was given up go once more; whether it still may, which a mail that came too late may not.

    Raises Forbidden, and NotVisible for a mail about an application on whose inside the actor is.
    """
    goes = outbox.retry(letters.letter(actor, notice_id).id, now)
    if goes:
        audit.record(actor.id, "notice.retry", "notice", notice_id, at=now)
    return goes


@dataclass(frozen=True, slots=True)
class Rejections:
    """What became of a rejection of many: candidates' names, and the refusals of those that were not rejected."""

    rejected: list[str]
    refused: list[tuple[str, tuple[Refusal, ...]]]


def reject_many(
    actor: Person, application_ids: Collection[int], reason: str, message: str, *, now: datetime
) -> Rejections:
    """Reject applications before their interviews, each by its own rules; what a rule refuses is told by name.

    Raises Refused when all were refused, NotVisible or Forbidden when one is not the actor's to reject.
    """
    result = Rejections([], [])
    for application_id in queries.in_lock_order(application_ids):
        name = pipeline.application(application_id).candidate.name
        try:
            debrief.reject_before_interviews(actor, application_id, reason, message, now=now)
            result.rejected.append(name)
        except Refused as refused:  # its rules are asked before anything is written, so the others may go on
            result.refused.append((name, refused.refusals))
    if result.refused and not result.rejected:
        raise Refused(refusal for _, refusals in result.refused for refusal in refusals)
    return result

"""A newer résumé for an application under way: kept beside the earlier ones, and on the desk until somebody read it."""

from datetime import datetime

from sqlalchemy import update

from hiring.ground import audit, files
from hiring.ground.database import db, lock
from hiring.ground.files import Received
from hiring.people.models import Person
from hiring.pipeline import actions as spine
from hiring.pipeline import queries as spine_queries
from hiring.pipeline.models import Application, Attachment
from hiring.pipeline.rules import Sight, Source
from hiring.steps.resume_review import rules
from hiring.steps.resume_review.rules import Kept


def keep(
    candidate_id: int, requisition_id: int, resume: Received, *, source: Source, actor_id: int | None, now: datetime
) -> Kept:
    """Add a résumé to the candidate's live application, if there is one; the caller holds the requisition.

    What is the newest already is not kept twice, and where many wait unread no further one is kept. It matters until
    the application ends: a screener, a loop and a debrief read the file too.
    """
    application_id = spine_queries.active_application(candidate_id, requisition_id)
    if application_id is None:
        return Kept.NOT
    application = lock(Application, application_id)
    earlier = [row for row in spine_queries.attachments(application_id) if row.resume]
    if earlier and earlier[0].file.sha256 == resume.sha256:
        return Kept.NEWEST
    if not rules.keeps_another(sum(row.unread for row in earlier)):
        return Kept.FULL
    stored = files.add(resume, now, actor_id)
    row = Attachment(
        application_id=application_id, file_id=stored.id, resume=True, unread=True, added_at=now, added_by=actor_id
    )
    db.session.add(row)
    words = "A newer résumé came in ({}); the earlier one is kept." if earlier else "A résumé came in ({})."
    spine.say(words.format(source.value), application=application, actor_id=actor_id, now=now)
    audit.record(actor_id, "resume.newer", "application", application_id, at=now, source=source.value)
    db.session.flush()
    return Kept.NEWEST


def note_read(actor: Person, application_id: int, newest_id: int, *, now: datetime) -> None:
    """Say that the résumés up to the one that the page showed were read; one that came meanwhile stays unread."""
    application, stands = spine_queries.held_for(actor, application_id, now=now, sight=Sight.MUST_HAVES)
    spine.require(rules.may_review(stands), rules.WHO_REVIEWS)
    unread = update(Attachment).where(
        Attachment.application_id == application.id, Attachment.unread, Attachment.id <= newest_id
    )
    if not db.session.scalars(unread.values(unread=False).returning(Attachment.id)).all():
        return
    audit.record(actor.id, "resume.read", "application", application.id, at=now)
    spine.say("The newer résumé was read.", application=application, actor_id=actor.id, now=now)

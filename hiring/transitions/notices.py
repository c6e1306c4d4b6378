"""What a candidate is told by a transition, and what a recruiter by a candidate."""

from datetime import datetime

from hiring.ground import outbox
from hiring.pipeline import actions as spine
from hiring.pipeline.addressees import Owner, addressees, tell_stand_ins
from hiring.pipeline.models import Application
from hiring.pipeline.rules import End, EndReason


def end_and_tell(
    application: Application,
    end: End,
    reason: EndReason,
    template: str,
    *,
    actor_id: int,
    now: datetime,
    note: str,
    message: str,
) -> None:
    """End a locked, live application and write to the candidate, unless a room has written them the message already."""
    if not spine.end_application(application, end, reason, actor_id=actor_id, now=now, note=note, message=message):
        tell_candidate(application, template, now=now, message=message)


def tell_candidate(application: Application, template: str, *, now: datetime, message: str) -> None:
    """Put a notice to the candidate into the outbox, in the caller's transaction."""
    candidate = application.candidate
    if not candidate.email:
        return
    subject, text, html = outbox.compose(
        f"transitions/{template}", name=candidate.name, title=application.requisition.title, message=message
    )
    outbox.put(
        f"candidate.{template}", candidate.email, subject, text, html, now=now, about=f"candidate:{candidate.id}"
    )


def tell_recruiter_withdrawn(application: Application, note: str, *, now: datetime) -> None:
    """Write to the recruiter that a candidate withdrew on their own page, in the candidate's words."""
    candidate, requisition = application.candidate, application.requisition
    to = addressees(requisition, [Owner.RECRUITER], application_id=application.id)
    about = f"candidate:{candidate.id}"
    for recruiter in to.reached:
        words = outbox.compose(
            "transitions/withdrawn",
            name=recruiter.name,
            candidate=candidate.name,
            title=requisition.title,
            note=note,
            url=f"/applications/{application.id}",
        )
        outbox.put("application.withdrawn", recruiter.email, *words, recipient_id=recruiter.id, now=now, about=about)
    tell_stand_ins(to, requisition, f"{candidate.name} withdrew", application_id=application.id, about=about, now=now)

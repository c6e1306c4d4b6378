"""What a candidate is told by a transition, and what a recruiter by a candidate."""

from datetime import datetime

from hiring.ground import outbox
from hiring.pipeline.addressees import Owner, addressees, tell_stand_ins
from hiring.pipeline.models import Application


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

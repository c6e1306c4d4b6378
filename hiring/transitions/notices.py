"""What a candidate is told by a transition."""

from datetime import datetime

from hiring.ground import outbox
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

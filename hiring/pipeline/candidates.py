"""A candidate's own link, and two records of one person made one. Nothing here commits."""

import base64
import hashlib
import hmac
from collections.abc import Callable
from datetime import datetime

from sqlalchemy import update

from hiring.ground.config import settings
from hiring.ground.database import db
from hiring.pipeline.models import Booking, Candidate, Referral

MergeHook = Callable[[int, int], None]
_merge_hooks: list[MergeHook] = []


def link_key(candidate: Candidate) -> str:
    """The key of a stored candidate's own page, always the same, so that it can be mailed again.

    Derived from the application's secret; the database keeps only its digest, so reading that alone opens no page.
    """
    secret = settings().secret_key.encode()
    derived = hmac.digest(secret, f"link of candidate {candidate.id}".encode(), "sha256")
    key = base64.urlsafe_b64encode(derived[:24]).decode()
    candidate.link_digest = link_digest(key)
    return key


def link_digest(key: str) -> str:
    """What the database keeps of a candidate's key."""
    return hashlib.sha256(key.encode()).hexdigest()


def referred(candidate_id: int, requisition_id: int, person_id: int, how: str, *, now: datetime) -> None:
    """Keep who put the candidate's name forward, and how they know each other."""
    db.session.add(
        Referral(candidate_id=candidate_id, requisition_id=requisition_id, person_id=person_id, how=how, at=now)
    )


def on_merge(hook: MergeHook) -> MergeHook:
    """Decorator: call this with the ids of the candidate who is kept and of the duplicate. For later rooms only."""
    _merge_hooks.append(hook)
    return hook


def merge(kept: Candidate, duplicate: Candidate) -> None:
    """Make one of two held candidates, whose applications the caller has moved; both links open the one own page."""
    for hook in _merge_hooks:
        hook(kept.id, duplicate.id)
    for model in (Booking, Referral):
        db.session.execute(update(model).where(model.candidate_id == duplicate.id).values(candidate_id=kept.id))
    db.session.execute(update(Candidate).where(Candidate.merged_into_id == duplicate.id).values(merged_into_id=kept.id))
    duplicate.merged_into_id = kept.id
    kept.person_id = kept.person_id or duplicate.person_id
    db.session.flush()

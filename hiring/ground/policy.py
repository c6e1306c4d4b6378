"""The policy's history: every version of the figures is a row, and a change is audited."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, select
from sqlalchemy.orm import Mapped, mapped_column

from hiring.ground import audit
from hiring.ground.database import Base, Id, Stale, db, lock
from hiring.ground.figures import OutOfBounds, Policy, by_key, ensure_fits
from hiring.ground.installation import Installation
from hiring.ground.reading import once


class PolicyVersion(Base):
    """One version of all values that differ from the book's."""

    __tablename__ = "policy_version"
    id: Mapped[Id]
    changes: Mapped[dict[str, Any]] = mapped_column(JSON)
    reason: Mapped[str]
    changed_by: Mapped[int] = mapped_column(ForeignKey("person.id"))
    changed_at: Mapped[datetime]


_NEWEST = select(PolicyVersion.id, PolicyVersion.changes).order_by(PolicyVersion.id.desc()).limit(1)


@once
def current() -> Policy:
    """Load the newest version."""
    row = db.session.connection().execute(_NEWEST).one_or_none()
    return Policy(row.id, row.changes) if row else Policy()


def change(actor_id: int, key: str, value: int, reason: str, *, shown: int | None = None, now: datetime) -> Policy:
    """Write a new version with one value changed; raises OutOfBounds, and Stale when it is no longer the one ``shown``.

    The caller has checked who may.
    """
    lock(Installation, 1)  # every version repeats the others' values: two changes must follow each other
    policy = current()
    known = by_key(policy)
    if key not in known:
        raise OutOfBounds(f"There is no policy value named {key}.")
    item = known[key]
    if shown is not None and item.value != shown:
        raise Stale("this figure", {"value": str(item.value), "version": str(item.value)})
    ensure_fits(known, key, value)
    changes = {k: v for k, v in policy.changes.items() if k != key}
    if value != item.book:
        changes[key] = value
    row = PolicyVersion(changes=changes, reason=reason, changed_by=actor_id, changed_at=now)
    db.session.add(row)
    db.session.flush()
    audit.record(actor_id, "policy.change", "policy", row.id, at=now, key=key, old=item.value, new=value)
    return Policy(row.id, changes)

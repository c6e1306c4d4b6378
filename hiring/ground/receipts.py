"""Receipts: a repeated submit is answered with the first result, on one process or many."""

from datetime import datetime, timedelta

from sqlalchemy import UniqueConstraint, delete, select
from sqlalchemy.orm import Mapped, mapped_column

from hiring.ground.database import Base, Id, db, writing
from hiring.ground.jobs import job

_KEPT = timedelta(days=30)
"""Longer than a signed-in browser lives, so no page with an older key can still be submitted."""


class Receipt(Base):
    """The result (a URL) that the first use of ``key`` by this actor for this action got."""

    __tablename__ = "receipt"
    __table_args__ = (UniqueConstraint("key", "actor", "action"),)
    id: Mapped[Id]
    key: Mapped[str]
    actor: Mapped[str]
    action: Mapped[str]
    result: Mapped[str]
    at: Mapped[datetime] = mapped_column(index=True)


def find(key: str, actor: str, action: str) -> str | None:
    """The first result, or None."""
    query = select(Receipt.result).where(Receipt.key == key, Receipt.actor == actor, Receipt.action == action)
    return db.session.execute(query).scalar()


def keep(key: str, actor: str, action: str, result: str, now: datetime) -> None:
    """Write the result in the transaction that produced it."""
    db.session.add(Receipt(key=key, actor=actor, action=action, result=result, at=now))


@job("receipts.sweep", every=timedelta(days=1))
def sweep(now: datetime) -> int:
    """Delete receipts older than thirty days; returns how many."""
    with writing():
        done = db.session.execute(delete(Receipt).where(Receipt.at < now - _KEPT))
    return int(done.rowcount)  # type: ignore[attr-defined]  # a DELETE's result has it

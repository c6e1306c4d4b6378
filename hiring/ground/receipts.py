"""Receipts: a repeated submit is answered with the first result, on one process or many."""

from datetime import datetime

from sqlalchemy import UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column

from hiring.ground.database import Base, Id, db


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

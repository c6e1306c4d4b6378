"""What this database is: a live company's, the demo's, or a test's; and the company's name and zone."""

from datetime import datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from sqlalchemy import Row, select
from sqlalchemy.orm import Mapped, mapped_column

from hiring.ground.database import Base, BigId, db
from hiring.ground.reading import once


class Mark(StrEnum):
    """Only demo databases offer the cast at sign-in; only demo and test databases may shift the clock."""

    LIVE = "live"
    DEMO = "demo"
    TEST = "test"


class Installation(Base):
    """The single row (id 1) about this database; ``zone`` is the company's IANA zone, used for reports."""

    __tablename__ = "installation"
    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    mark: Mapped[Mark]
    company: Mapped[str]
    zone: Mapped[str]
    created_at: Mapped[datetime]


_FOUND = select(Installation.mark, Installation.company, Installation.zone).where(Installation.id == 1)
"""Asked by every page, so it is built once, and brings plain columns."""


@once
def installation() -> "Row[Mark, str, str] | None":
    """Mark, company and zone, or None before the first set-up."""
    return db.session.connection().execute(_FOUND).one_or_none()


def company_zone() -> ZoneInfo:
    """The zone whose days reports count by; UTC before the first set-up."""
    row = installation()
    return ZoneInfo(row.zone if row else "UTC")

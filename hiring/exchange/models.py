"""What was imported: every event under its key, so that a second run is recognised."""

from datetime import datetime

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from hiring.ground.database import Base, Id


class ImportedEvent(Base):
    """One event of an imported case; ``ordinal`` counts within the case, because real files hold exact duplicates."""

    __tablename__ = "imported_event"
    __table_args__ = (UniqueConstraint("source", "case", "ordinal"),)
    id: Mapped[Id]
    source: Mapped[str]
    case: Mapped[str]
    ordinal: Mapped[int]
    activity: Mapped[str]
    meaning: Mapped[str]
    """The step or end that the mapping gave to the activity; another mapping later is a changed beginning."""
    at: Mapped[datetime]
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"), index=True)

"""Tables of step 2: how a résumé stands against each must-have."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from hiring.ground.database import Base, Id
from hiring.steps.resume_review.rules import Mark


class MustHaveMark(Base):
    """One must-have of the application's description, held against the résumé. ``revision`` counts its changes."""

    __tablename__ = "must_have_mark"
    __table_args__ = (
        UniqueConstraint("application_id", "must_have_id"),
        CheckConstraint("revision > 0", name="revised"),
    )
    id: Mapped[Id]
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"), index=True)
    must_have_id: Mapped[int] = mapped_column(ForeignKey("must_have.id"))
    mark: Mapped[Mark]
    note: Mapped[str] = mapped_column(default="")
    by: Mapped[int] = mapped_column(ForeignKey("person.id"))
    at: Mapped[datetime]
    revision: Mapped[int] = mapped_column(default=1)

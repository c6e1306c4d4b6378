"""Tables of step 3: phone screens, their questions and STAR notes."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from hiring.ground.database import Base, Id
from hiring.steps.phone_screen.rules import ScreenState, ScreenVerdict


class PhoneScreen(Base):
    """One call. ``named_by`` is the hiring manager where somebody else holds it. ``zone``: IANA, as booked.

    ``prepared_at``: when the questions were last chosen.
    """

    __tablename__ = "phone_screen"
    __table_args__ = (
        CheckConstraint("verdict IS NULL OR (state = 'held' AND summary <> '')", name="decided_with_notes"),
        CheckConstraint("(verdict IS NULL) = (decided_at IS NULL)", name="decided_has_date"),
        CheckConstraint("starts_at < ends_at", name="starts_before_it_ends"),
        Index(
            "uq_phone_screen_booked",
            "application_id",
            unique=True,
            sqlite_where=text("state = 'booked'"),
            postgresql_where=text("state = 'booked'"),
        ),
        Index(  # read by desk and handover of whoever holds the calls
            "ix_phone_screen_owed",
            "screener_id",
            sqlite_where=text("verdict IS NULL"),
            postgresql_where=text("verdict IS NULL"),
        ),
    )
    id: Mapped[Id]
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"), index=True)
    visit_id: Mapped[int] = mapped_column(ForeignKey("step_visit.id"))
    screener_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    named_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    zone: Mapped[str]
    where: Mapped[str] = mapped_column(default="")
    state: Mapped[ScreenState]
    verdict: Mapped[ScreenVerdict | None]
    summary: Mapped[str] = mapped_column(default="")
    prepared_at: Mapped[datetime | None]
    decided_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column()
    questions: Mapped[list["ScreenQuestion"]] = relationship(
        lazy="selectin", order_by="ScreenQuestion.place", cascade="all, delete-orphan"
    )
    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012  (SQLAlchemy's own way)

    @property
    def source(self) -> str:
        """What its calendar bookings are filed under."""
        return f"screen:{self.id}"


class ScreenQuestion(Base):
    """A question chosen before the call, and the STAR notes taken on it."""

    __tablename__ = "screen_question"
    id: Mapped[Id]
    screen_id: Mapped[int] = mapped_column(ForeignKey("phone_screen.id"), index=True)
    place: Mapped[int]
    text: Mapped[str]
    situation: Mapped[str] = mapped_column(default="")
    task: Mapped[str] = mapped_column(default="")
    action: Mapped[str] = mapped_column(default="")
    result: Mapped[str] = mapped_column(default="")

    @property
    def has_notes(self) -> bool:
        """Whether anything was written down."""
        return any(part.strip() for part in (self.situation, self.task, self.action, self.result))

"""Tables of step 8: offers, contacts, onboarding, reviews of the hire. Money is minor units a year."""

from datetime import date, datetime

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from hiring.ground import personal
from hiring.ground.database import Base, Id
from hiring.steps.offer.hire_rules import ReviewAt
from hiring.steps.offer.rules import OfferState

_LIVE = text("state IN ('prepared', 'made', 'accepted')")
_OPEN = text("state = 'made'")
_ASKED = text("exception_asked_at IS NOT NULL AND excepted_by IS NULL AND state = 'prepared'")
_UNDONE = text("done_at IS NULL")


class Offer(Base):
    """One offer to an application. ``excepted_by``: the administrator who allowed pay outside the range, in writing.

    An exception is asked for, then granted (``exception``) or refused (``exception_refusal``), for this pay only.
    """

    __tablename__ = "offer"
    __table_args__ = (
        CheckConstraint("pay > 0", name="pay_is_positive"),
        CheckConstraint("(excepted_by IS NULL) = (exception = '')", name="excepted_in_writing"),
        CheckConstraint("(exception_asked_at IS NULL) = (exception_asked = '')", name="asked_in_writing"),
        CheckConstraint("excepted_by IS NULL OR exception_refusal = ''", name="granted_or_refused"),
        CheckConstraint("state IN ('prepared', 'dropped') OR made_at IS NOT NULL", name="made_has_date"),
        CheckConstraint("state NOT IN ('accepted', 'arrived') OR accepted_at IS NOT NULL", name="accepted_has_date"),
        CheckConstraint("(state IN ('prepared', 'made', 'accepted')) = (closed_at IS NULL)", name="closed_has_date"),
        Index("uq_offer_live", "application_id", unique=True, sqlite_where=_LIVE, postgresql_where=_LIVE),
        # the job that lets offers lapse
        Index("ix_offer_answer_by", "answer_by", sqlite_where=_OPEN, postgresql_where=_OPEN),
        # the desk of administrators
        Index("ix_offer_asked", "exception_asked_at", sqlite_where=_ASKED, postgresql_where=_ASKED),
    )
    id: Mapped[Id]
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"), index=True)
    meeting_id: Mapped[int] = mapped_column(ForeignKey("meeting.id"))
    state: Mapped[OfferState]
    pay: Mapped[int]
    currency: Mapped[str]
    starts_on: Mapped[date]
    start_moved_reason: Mapped[str] = mapped_column(default="")
    answer_by: Mapped[date]
    terms: Mapped[str] = mapped_column(default="")
    prepared_by: Mapped[int] = mapped_column(ForeignKey("person.id"))
    prepared_at: Mapped[datetime]
    exception_asked: Mapped[str] = mapped_column(default="")
    exception_asked_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    exception_asked_at: Mapped[datetime | None]
    excepted_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    exception: Mapped[str] = mapped_column(default="")
    exception_refusal: Mapped[str] = mapped_column(default="")
    made_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    made_at: Mapped[datetime | None]
    made_how: Mapped[str] = mapped_column(default="")
    accepted_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    close_reason: Mapped[str] = mapped_column(default="")
    version: Mapped[int] = mapped_column()
    contacts: Mapped[list["OfferContact"]] = relationship(lazy="selectin", order_by="OfferContact.id")
    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012  (SQLAlchemy's own way)

    @property
    def exception_waits(self) -> bool:
        """Whether an administrator is asked and has not answered."""
        asked = self.state is OfferState.PREPARED and self.exception_asked_at is not None
        return asked and self.excepted_by is None and not self.exception_refusal

    @property
    def last_contact(self) -> datetime | None:
        """The newest contact; making the offer is one."""
        return max((contact.at for contact in self.contacts), default=self.made_at)


class OfferContact(Base):
    """A contact with the candidate while the offer is open."""

    __tablename__ = "offer_contact"
    id: Mapped[Id]
    offer_id: Mapped[int] = mapped_column(ForeignKey("offer.id"), index=True)
    by: Mapped[int] = mapped_column(ForeignKey("person.id"))
    at: Mapped[datetime]
    note: Mapped[str]


class OnboardingTask(Base):
    """One item of the onboarding checklist."""

    __tablename__ = "onboarding_task"
    __table_args__ = (
        CheckConstraint("(done_at IS NULL) = (done_by IS NULL)", name="done_by_somebody"),
        Index("ix_onboarding_task_undone", "owner_id", "due_on", sqlite_where=_UNDONE, postgresql_where=_UNDONE),
    )
    id: Mapped[Id]
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"), index=True)
    what: Mapped[str]
    owner_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    due_on: Mapped[date]
    done_at: Mapped[datetime | None]
    done_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))


class HireReview(Base):
    """A review of a hire against the outcomes promised; it teaches the process, not who voted right.

    ``findings``: per outcome ``outcome``, ``reached`` (yes, partly, no) and ``text``. The hiring manager writes it.
    """

    __tablename__ = "hire_review"
    __table_args__ = (
        UniqueConstraint("application_id", "at"),
        CheckConstraint("(done_at IS NULL) = (done_by IS NULL)", name="done_by_somebody"),
        CheckConstraint("done_at IS NULL OR lesson <> ''", name="done_with_lesson"),
        Index("ix_hire_review_undone", "due_on", sqlite_where=_UNDONE, postgresql_where=_UNDONE),
    )
    id: Mapped[Id]
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"), index=True)
    at: Mapped[ReviewAt]
    due_on: Mapped[date]
    findings: Mapped[list[dict[str, str]]] = mapped_column(JSON, default=list)
    lesson: Mapped[str] = mapped_column(default="")
    done_at: Mapped[datetime | None]
    done_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))


personal.own(
    "offer",
    [
        "offer.terms",
        "offer.start_moved_reason",
        "offer.exception_asked",
        "offer.exception",
        "offer.exception_refusal",
        "offer.made_how",
        "offer.close_reason",
        "offer_contact.note",
        "onboarding_task.what",
        "hire_review.findings",
        "hire_review.lesson",
    ],
)

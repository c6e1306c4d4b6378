"""Tables of step 1: versions of job descriptions, what they test, their reviews; principles and the question bank."""

from datetime import date, datetime

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from hiring.ground.database import Base, Id
from hiring.steps.job_description.rules import ItemKind, QuestionUse, Status, Verdict

_UNFINISHED = "status IN ('draft', 'in_review') AND NOT proposed_level"
_OPEN_REVIEW = "verdict IS NULL AND replaced_at IS NULL"


class Principle(Base):
    """A leadership principle: editable data, never deleted once a description tests it."""

    __tablename__ = "principle"
    id: Mapped[Id]
    name: Mapped[str] = mapped_column(unique=True)
    meaning: Mapped[str]
    place: Mapped[int]
    retired_at: Mapped[datetime | None]


class Question(Base):
    """A question of the bank. ``generic`` ones are kept to be recognised and replaced by ``better_id``."""

    __tablename__ = "question"
    id: Mapped[Id]
    text: Mapped[str]
    principle_id: Mapped[int | None] = mapped_column(ForeignKey("principle.id"), index=True)
    competency: Mapped[str] = mapped_column(default="")
    use: Mapped[QuestionUse]
    generic: Mapped[bool] = mapped_column(default=False)
    better_id: Mapped[int | None] = mapped_column(ForeignKey("question.id"))


class JobDescription(Base):
    """One version of a requisition's job description. Pay is in minor units of ``currency`` a year.

    ``reports_stated``: the writer named the would-be direct reports, or said that there are none.
    """

    __tablename__ = "job_description"
    __table_args__ = (
        UniqueConstraint("requisition_id", "number"),
        CheckConstraint("level BETWEEN 4 AND 12", name="level_on_ladder"),
        CheckConstraint("pay_low IS NULL OR pay_high IS NULL OR pay_low <= pay_high", name="pay_range_in_order"),
        CheckConstraint("(status IN ('approved', 'superseded')) = (approved_at IS NOT NULL)", name="approved_has_date"),
        Index(
            "uq_job_description_draft",
            "requisition_id",
            unique=True,
            sqlite_where=text(_UNFINISHED),
            postgresql_where=text(_UNFINISHED),
        ),
        CheckConstraint("proposed_level = (application_id IS NOT NULL)", name="level_is_an_applications"),
        Index(  # of the few that have one: counted among all, "none" would be what SQLite expects of any
            "ix_job_description_application_id",
            "application_id",
            sqlite_where=text("application_id IS NOT NULL"),
            postgresql_where=text("application_id IS NOT NULL"),
        ),
        Index("ix_job_description_begun", "created_at", "status"),  # counted by the funnel, a stretch of days at a time
    )
    id: Mapped[Id]
    requisition_id: Mapped[int] = mapped_column(ForeignKey("requisition.id"), index=True)
    number: Mapped[int]
    status: Mapped[Status] = mapped_column(index=True)
    title: Mapped[str]
    level: Mapped[int]
    location: Mapped[str] = mapped_column(default="")
    pay_low: Mapped[int | None]
    pay_high: Mapped[int | None]
    currency: Mapped[str] = mapped_column(default="EUR")
    summary: Mapped[str] = mapped_column(default="")
    outcomes: Mapped[list[str]] = mapped_column(JSON, default=list)
    reports_stated: Mapped[bool] = mapped_column(default=False)
    proposed_level: Mapped[bool] = mapped_column(default=False)
    """True for a description written for one application at another level; it never becomes the one in force."""
    application_id: Mapped[int | None] = mapped_column(ForeignKey("application.id"))
    """The application that a proposed level is for."""
    written_by: Mapped[int] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime]
    edited_at: Mapped[datetime | None]
    submitted_at: Mapped[datetime | None]
    approved_at: Mapped[datetime | None]
    approved_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    version: Mapped[int] = mapped_column()
    must_haves: Mapped[list["MustHave"]] = relationship(
        lazy="selectin", order_by="MustHave.place", cascade="all, delete-orphan"
    )
    items: Mapped[list["TestedItem"]] = relationship(
        lazy="selectin", order_by="TestedItem.place", cascade="all, delete-orphan"
    )
    would_be_reports: Mapped[list["WouldBeReport"]] = relationship(lazy="selectin", cascade="all, delete-orphan")
    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012  (SQLAlchemy's own way)


class MustHave(Base):
    """A qualification that a résumé can be held against."""

    __tablename__ = "must_have"
    id: Mapped[Id]
    description_id: Mapped[int] = mapped_column(ForeignKey("job_description.id"), index=True)
    place: Mapped[int]
    text: Mapped[str]


class TestedItem(Base):
    """What the loop must test: a leadership principle or a functional competency of this version."""

    __tablename__ = "tested_item"
    __table_args__ = (
        UniqueConstraint("description_id", "name"),
        CheckConstraint("(kind = 'principle') = (principle_id IS NOT NULL)", name="principle_is_named"),
    )
    id: Mapped[Id]
    description_id: Mapped[int] = mapped_column(ForeignKey("job_description.id"), index=True)
    place: Mapped[int]
    kind: Mapped[ItemKind]
    name: Mapped[str]
    principle_id: Mapped[int | None] = mapped_column(ForeignKey("principle.id"))


class WouldBeReport(Base):
    """Somebody who would report to the position."""

    __tablename__ = "would_be_report"
    description_id: Mapped[int] = mapped_column(ForeignKey("job_description.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)


class DescriptionReview(Base):
    """A Bar Raiser's review of one version, on four points; asks for changes, approves, or went to somebody else."""

    __tablename__ = "description_review"
    __table_args__ = (
        CheckConstraint("(verdict IS NULL) = (at IS NULL)", name="verdict_has_date"),
        CheckConstraint("replaced_at IS NULL OR (verdict IS NULL AND replaced_reason <> '')", name="replaced_says_why"),
        Index(
            "uq_description_review_open",
            "description_id",
            unique=True,
            sqlite_where=text(_OPEN_REVIEW),
            postgresql_where=text(_OPEN_REVIEW),
        ),
        # the desk of a Bar Raiser, and the rotation
        Index(
            "ix_description_review_open",
            "reviewer_id",
            sqlite_where=text(_OPEN_REVIEW),
            postgresql_where=text(_OPEN_REVIEW),
        ),
    )
    id: Mapped[Id]
    description_id: Mapped[int] = mapped_column(ForeignKey("job_description.id"), index=True)
    reviewer_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    assigned_at: Mapped[datetime]
    due_on: Mapped[date]
    verdict: Mapped[Verdict | None]
    role_clear: Mapped[str] = mapped_column(default="")
    problem_sharp: Mapped[str] = mapped_column(default="")
    must_haves_testable: Mapped[str] = mapped_column(default="")
    risks: Mapped[str] = mapped_column(default="")
    at: Mapped[datetime | None]
    replaced_at: Mapped[datetime | None]
    replaced_reason: Mapped[str] = mapped_column(default="")


class Adoption(Base):
    """An application took over a version; the newest row is in force (``application.description_id``)."""

    __tablename__ = "adoption"
    id: Mapped[Id]
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"), index=True)
    description_id: Mapped[int] = mapped_column(ForeignKey("job_description.id"))
    adopted_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    at: Mapped[datetime]

"""Tables of step 7: consent, references, calls, waiver, outcome."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from hiring.ground.database import Base, Id
from hiring.steps.reference_check.rules import ReferenceOutcome


class ReferenceCheck(Base):
    """The reference check of one visit of the step. ``waived_by``: the Bar Raiser, in writing.

    ``consent_version`` rises with every change of the consent, apart from ``version``: calls do not make it stale.
    """

    __tablename__ = "reference_check"
    __table_args__ = (
        CheckConstraint("(waived_by IS NULL) = (waiver = '')", name="waived_in_writing"),
        CheckConstraint("(outcome IS NULL) = (decided_at IS NULL)", name="outcome_has_date"),
        CheckConstraint("outcome <> 'new_facts' OR new_facts <> ''", name="new_facts_are_written"),
    )
    id: Mapped[Id]
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"), index=True)
    visit_id: Mapped[int] = mapped_column(ForeignKey("step_visit.id"), unique=True)
    consent_at: Mapped[datetime | None]
    consent_source: Mapped[str] = mapped_column(default="")
    current_employer_named: Mapped[bool] = mapped_column(default=False)
    consent_version: Mapped[int] = mapped_column(default=0)
    waived_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    waiver: Mapped[str] = mapped_column(default="")
    outcome: Mapped[ReferenceOutcome | None]
    new_facts: Mapped[str] = mapped_column(default="")
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    decided_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column()
    references: Mapped[list["Reference"]] = relationship(lazy="selectin", order_by="Reference.id")
    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012  (SQLAlchemy's own way)


class Reference(Base):
    """Somebody to call, and what they said. ``percentile``: 1 to 99 of those they worked with (99: the best)."""

    __tablename__ = "reference"
    __table_args__ = (
        CheckConstraint("percentile IS NULL OR percentile BETWEEN 1 AND 99", name="percentile_in_range"),
        CheckConstraint("(called_at IS NULL) = (called_by IS NULL)", name="called_by_somebody"),
    )
    id: Mapped[Id]
    check_id: Mapped[int] = mapped_column(ForeignKey("reference_check.id"), index=True)
    name: Mapped[str]
    relation: Mapped[str]
    contact: Mapped[str] = mapped_column(default="")
    current_employer: Mapped[bool] = mapped_column(default=False)
    called_at: Mapped[datetime | None]
    called_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    would_hire_again: Mapped[bool | None]
    percentile: Mapped[int | None]
    notes: Mapped[str] = mapped_column(default="")

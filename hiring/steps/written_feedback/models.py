"""Tables of step 5. The secret columns are deferred and raise when touched: only ``queries`` here unlocks them."""

from datetime import datetime

from sqlalchemy import DDL, CheckConstraint, ForeignKey, UniqueConstraint, event
from sqlalchemy.orm import Mapped, mapped_column, relationship

from hiring.ground.database import Base, Id
from hiring.ground.rulebook import repeated_by
from hiring.steps.written_feedback.rules import FEEDBACK_FINAL, FeedbackState, Rating, Vote


class Feedback(Base):
    """A seat's written feedback: a draft until submitted, then frozen. ``due_at`` and ``policy_version`` are kept."""

    __tablename__ = "feedback"
    __table_args__ = (
        CheckConstraint("(state = 'submitted') = (submitted_at IS NOT NULL)", name="submitted_has_date"),
        CheckConstraint("state = 'draft' OR (vote IS NOT NULL AND summary <> '')", name="submitted_is_complete"),
        CheckConstraint("late IS NULL OR state = 'submitted'", name="late_once_submitted"),
    )
    id: Mapped[Id]
    seat_id: Mapped[int] = mapped_column(ForeignKey("seat.id"), unique=True)
    author_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    state: Mapped[FeedbackState]
    summary: Mapped[str] = mapped_column(default="", deferred=True, deferred_raiseload=True)
    vote: Mapped[Vote | None] = mapped_column(deferred=True, deferred_raiseload=True)
    started_at: Mapped[datetime]
    saved_at: Mapped[datetime]
    submitted_at: Mapped[datetime | None]
    due_at: Mapped[datetime | None]
    late: Mapped[bool | None]
    version: Mapped[int] = mapped_column()
    items: Mapped[list["FeedbackItem"]] = relationship(lazy="raise", order_by="FeedbackItem.item_id")
    amendments: Mapped[list["Amendment"]] = relationship(lazy="raise", order_by="Amendment.id")
    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012  (SQLAlchemy's own way)


class FeedbackItem(Base):
    """The evidence for one assigned principle or competency."""

    __tablename__ = "feedback_item"
    __table_args__ = (UniqueConstraint("feedback_id", "item_id"),)
    id: Mapped[Id]
    feedback_id: Mapped[int] = mapped_column(ForeignKey("feedback.id"), index=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("tested_item.id"))
    question: Mapped[str] = mapped_column(default="", deferred=True, deferred_raiseload=True)
    situation: Mapped[str] = mapped_column(default="", deferred=True, deferred_raiseload=True)
    task: Mapped[str] = mapped_column(default="", deferred=True, deferred_raiseload=True)
    action: Mapped[str] = mapped_column(default="", deferred=True, deferred_raiseload=True)
    result: Mapped[str] = mapped_column(default="", deferred=True, deferred_raiseload=True)
    rating: Mapped[Rating | None] = mapped_column(deferred=True, deferred_raiseload=True)
    not_tested_reason: Mapped[str] = mapped_column(default="", deferred=True, deferred_raiseload=True)


class Amendment(Base):
    """A dated addition to submitted feedback, possible until the debrief opens."""

    __tablename__ = "amendment"
    id: Mapped[Id]
    feedback_id: Mapped[int] = mapped_column(ForeignKey("feedback.id"), index=True)
    text: Mapped[str] = mapped_column(deferred=True, deferred_raiseload=True)
    at: Mapped[datetime]


class PracticeFeedback(Base):
    """A shadow's practice: read by the trainee; by mentor and programme owner once both are in. Never counted."""

    __tablename__ = "practice_feedback"
    __table_args__ = (CheckConstraint("(state = 'submitted') = (submitted_at IS NOT NULL)", name="submitted_has_date"),)
    id: Mapped[Id]
    shadow_id: Mapped[int] = mapped_column(ForeignKey("shadow.id"), unique=True)
    author_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    state: Mapped[FeedbackState]
    text: Mapped[str] = mapped_column(default="", deferred=True, deferred_raiseload=True)
    submitted_at: Mapped[datetime | None]
    saved_at: Mapped[datetime]


# --- The database freezes what was submitted, whoever writes -----------------------------------------------------

_SAME = ("state", "vote", "seat_id", "author_id", "submitted_at", "due_at", "late")
_ERASES_FEEDBACK = "NEW.summary = '[erased]' AND " + " AND ".join(f"NEW.{name} {{same}} OLD.{name}" for name in _SAME)
_ERASES_ITEM = (
    "NEW.question = '[erased]' AND NEW.situation = '[erased]' AND NEW.task = '[erased]' AND NEW.action = '[erased]' "
    "AND NEW.result = '[erased]' AND NEW.rating {same} OLD.rating AND NEW.item_id = OLD.item_id "
    "AND NEW.feedback_id = OLD.feedback_id"
)
_ERASES_AMENDMENT = "NEW.text = '[erased]' AND NEW.at = OLD.at AND NEW.feedback_id = OLD.feedback_id"
_ERASES_PRACTICE = "NEW.text = '[erased]' AND " + " AND ".join(
    f"NEW.{name} {{same}} OLD.{name}" for name in ("state", "shadow_id", "author_id", "submitted_at", "saved_at")
)
_SUBMITTED_PARENT = "EXISTS (SELECT 1 FROM feedback f WHERE f.id = {row}.feedback_id AND f.state = 'submitted')"
_FROZEN = (
    ("feedback", "OLD.state = 'submitted'", _ERASES_FEEDBACK, None),
    (
        "feedback_item",
        _SUBMITTED_PARENT.format(row="OLD"),
        _ERASES_ITEM,
        _SUBMITTED_PARENT.format(row="NEW"),
    ),
    ("amendment", "1 = 1", _ERASES_AMENDMENT, None),
    ("practice_feedback", "OLD.state = 'submitted'", _ERASES_PRACTICE, None),
)
"""Table, when a row of it is frozen, the one change that stays possible (erasing the candidate's data), and where a row
belongs to something frozen, which new ones come too late (inserted, or moved there)."""


def _sqlite_guards(table: str, frozen: str, erases: str, late: str | None) -> list[str]:
    allowed = erases.replace("{same}", "IS")
    moved = f"({frozen} OR {late})" if late else frozen
    found = [("UPDATE", f"{moved} AND NOT ({allowed})"), ("DELETE", frozen)] + ([("INSERT", late)] if late else [])
    return [
        f"CREATE TRIGGER tr_{table}_{verb.lower()} BEFORE {verb} ON {table} WHEN {condition} "
        "BEGIN SELECT RAISE(ABORT, 'feedback_final'); END"
        for verb, condition in found
    ]


def _postgres_guards(table: str, frozen: str, erases: str, late: str | None) -> list[str]:
    allowed = erases.replace("{same}", "IS NOT DISTINCT FROM")
    moved = f"({frozen} OR {late})" if late else frozen
    stop = "RAISE EXCEPTION 'feedback_final' USING ERRCODE = 'check_violation'; END IF;"
    insert = f"IF TG_OP = 'INSERT' THEN IF {late} THEN {stop} RETURN NEW; END IF; " if late else ""
    return [
        f"CREATE OR REPLACE FUNCTION freeze_{table}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {insert}"
        f"IF TG_OP = 'DELETE' THEN IF {frozen} THEN {stop} RETURN OLD; END IF; "
        f"IF {moved} AND NOT ({allowed}) THEN {stop} RETURN NEW; END $$",
        f"CREATE TRIGGER tr_{table}_frozen BEFORE {'INSERT OR ' if late else ''}UPDATE OR DELETE ON {table} "
        f"FOR EACH ROW EXECUTE FUNCTION freeze_{table}()",
    ]


GUARDS: dict[str, dict[str, list[str]]] = {
    table: {
        "sqlite": _sqlite_guards(table, frozen, erases, late),
        "postgresql": _postgres_guards(table, frozen, erases, late),
    }
    for table, frozen, erases, late in _FROZEN
}
"""By table and dialect, the statements that freeze it; the migration runs the same."""
for _table, _dialects in GUARDS.items():
    for _dialect, _statements in _dialects.items():
        for _statement in _statements:
            event.listen(Base.metadata.tables[_table], "after_create", DDL(_statement).execute_if(dialect=_dialect))  # type: ignore[no-untyped-call]

repeated_by(
    "feedback_final",
    FEEDBACK_FINAL.refuse(
        "This feedback is submitted.",
        mend="nobody: what was submitted stays",
        way_out="Add a dated amendment while the debrief has not opened.",
    ),
)

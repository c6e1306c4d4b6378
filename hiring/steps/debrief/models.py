"""Tables of step 6: meetings, who was there, sealed re-votes, the board, the decision, the veto."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, UniqueConstraint, null, select, text, update
from sqlalchemy.orm import Mapped, mapped_column, relationship

from hiring.ground import personal
from hiring.ground.database import Base, Id, db
from hiring.pipeline.models import Application
from hiring.steps.debrief.rules import BoardMark, Decision, Phase
from hiring.steps.written_feedback.rules import Vote


class Meeting(Base):
    """One debrief of an application's debrief visit. At most one is under way; done and void ones stay as record.

    The decision, concurrence and who said so are tied together by CHECKs; ``frozen`` is the record as decided.
    ``revealed_at``: when the last re-vote came in and all were shown.
    """

    __tablename__ = "meeting"
    __table_args__ = (
        CheckConstraint("(decision IS NULL) = (decided_by IS NULL)", name="decided_by_somebody"),
        CheckConstraint("(decision IS NULL) = (decided_at IS NULL)", name="decided_has_date"),
        CheckConstraint("decision IS NULL OR reason <> ''", name="decided_with_reason"),
        CheckConstraint("(concurred_by IS NULL) = (concurred_at IS NULL)", name="concurred_has_date"),
        CheckConstraint("concurred_by IS NULL OR decision = 'hire'", name="concurs_with_a_hire"),
        CheckConstraint("phase <> 'done' OR done_at IS NOT NULL", name="done_has_date"),
        Index(
            "uq_meeting_under_way",
            "application_id",
            unique=True,
            sqlite_where=text("phase NOT IN ('done', 'void')"),
            postgresql_where=text("phase NOT IN ('done', 'void')"),
        ),
    )
    id: Mapped[Id]
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"), index=True)
    visit_id: Mapped[int] = mapped_column(ForeignKey("step_visit.id"))
    description_id: Mapped[int] = mapped_column(ForeignKey("job_description.id"))
    phase: Mapped[Phase]
    chair_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    gathered_at: Mapped[datetime]
    phase_at: Mapped[datetime]
    revealed_at: Mapped[datetime | None]
    decision: Mapped[Decision | None]
    reason: Mapped[str] = mapped_column(default="")
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    decided_at: Mapped[datetime | None]
    concurred_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    concurred_at: Mapped[datetime | None]
    concurrence_note: Mapped[str] = mapped_column(default="")
    done_at: Mapped[datetime | None]
    policy_version: Mapped[int] = mapped_column(default=0)
    frozen: Mapped[dict[str, object] | None] = mapped_column(JSON)
    version: Mapped[int] = mapped_column()
    attendances: Mapped[list["Attendance"]] = relationship(lazy="selectin", order_by="Attendance.id")
    board: Mapped[list["BoardEntry"]] = relationship(lazy="selectin", order_by="BoardEntry.id")
    notes: Mapped[list["DiscussionNote"]] = relationship(lazy="selectin", order_by="DiscussionNote.id")
    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012  (SQLAlchemy's own way)

    @property
    def marks(self) -> dict[int, "BoardEntry"]:
        """The board as it stands: the newest entry of each item."""
        return {entry.item_id: entry for entry in self.board}


class Attendance(Base):
    """Somebody who came to a meeting: when they began to read, and their sealed re-vote.

    ``present_at`` null: a reconvened debrief brought their reading or re-vote along, and they have not come to it.

    ``revote`` raises when touched: only ``queries.revotes`` unlocks it, for its owner, and for all once the last is in.
    ``absent_at``: the Bar Raiser noted that they left; coming back clears it.
    """

    __tablename__ = "attendance"
    __table_args__ = (
        UniqueConstraint("meeting_id", "person_id"),
        CheckConstraint("(revote IS NULL) = (revoted_at IS NULL)", name="revote_has_date"),
        CheckConstraint("absent_at IS NULL OR absent_reason <> ''", name="absent_with_reason"),
    )
    id: Mapped[Id]
    meeting_id: Mapped[int] = mapped_column(ForeignKey("meeting.id"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    present_at: Mapped[datetime | None]
    reading_since: Mapped[datetime | None]
    absent_at: Mapped[datetime | None]
    absent_reason: Mapped[str] = mapped_column(default="")
    revote: Mapped[Vote | None] = mapped_column(deferred=True, deferred_raiseload=True)
    revoted_at: Mapped[datetime | None]
    dissent: Mapped[str] = mapped_column(default="")
    dissent_at: Mapped[datetime | None]


class BoardEntry(Base):
    """One mark of a principle or competency on the board, with the evidence that carries it.

    A row is never changed: a new mark, or its acceptance, is a new row, and the newest of an item counts.
    ``accepted_by``: the Bar Raiser who accepted in writing that it was not shown; ``by`` is who marked it so.
    """

    __tablename__ = "board_entry"
    __table_args__ = (
        CheckConstraint("(accepted_by IS NULL) = (accepted_reason = '')", name="accepted_in_writing"),
        CheckConstraint("accepted_by IS NULL OR mark = 'not_shown'", name="accepts_only_not_shown"),
    )
    id: Mapped[Id]
    meeting_id: Mapped[int] = mapped_column(ForeignKey("meeting.id"), index=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("tested_item.id"))
    mark: Mapped[BoardMark]
    evidence: Mapped[str] = mapped_column(default="")
    by: Mapped[int] = mapped_column(ForeignKey("person.id"))
    accepted_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    accepted_reason: Mapped[str] = mapped_column(default="")


class DiscussionNote(Base):
    """A note taken while discussing."""

    __tablename__ = "discussion_note"
    id: Mapped[Id]
    meeting_id: Mapped[int] = mapped_column(ForeignKey("meeting.id"), index=True)
    author_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    text: Mapped[str]
    at: Mapped[datetime]


class Veto(Base):
    """The Bar Raiser's veto: one per application, for ever."""

    __tablename__ = "veto"
    __table_args__ = (CheckConstraint("reason <> ''", name="in_writing"),)
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"), primary_key=True)
    by: Mapped[int] = mapped_column(ForeignKey("person.id"))
    at: Mapped[datetime]
    reason: Mapped[str]
    items: Mapped[list[str]] = mapped_column(JSON)
    """Names of the principles or competencies on which it rests."""


class RejectionAgreement(Base):
    """One of the two written agreements to reject without a meeting, when every vote was against."""

    __tablename__ = "rejection_agreement"
    __table_args__ = (UniqueConstraint("application_id", "visit_id", "person_id"),)
    id: Mapped[Id]
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"), index=True)
    visit_id: Mapped[int] = mapped_column(ForeignKey("step_visit.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    text: Mapped[str]
    at: Mapped[datetime]


# --- Personal data: everything said here is about the candidate --------------------------------------------------

_ERASED = "[erased]"
_OF_MEETING: tuple[tuple[type[Base], str], ...] = (
    (Attendance, "dissent"),
    (Attendance, "absent_reason"),
    (BoardEntry, "evidence"),
    (BoardEntry, "accepted_reason"),
    (DiscussionNote, "text"),
)
_OF_APPLICATION: tuple[tuple[type[Base], str], ...] = (
    (Meeting, "reason"),
    (Meeting, "concurrence_note"),
    (Veto, "reason"),
    (RejectionAgreement, "text"),
)


def _texts(candidate_id: int) -> Iterable[tuple[Any, Any, Any]]:
    """Each model and column that holds words about the candidate, with the condition for their rows."""
    mine = select(Application.id).where(Application.candidate_id == candidate_id)
    meetings = select(Meeting.id).where(Meeting.application_id.in_(mine))
    for model, name in _OF_MEETING:
        column = getattr(model, name)
        yield model, column, model.__table__.c.meeting_id.in_(meetings) & (column != "")
    for model, name in _OF_APPLICATION:
        column = getattr(model, name)
        yield model, column, model.__table__.c.application_id.in_(mine) & (column != "")


def _export(candidate_id: int) -> Iterable[dict[str, Any]]:
    for _, column, condition in _texts(candidate_id):
        for words in db.session.scalars(select(column).where(condition)):
            yield {"what": str(column), "text": words}


def _erase(candidate_id: int) -> None:
    for model, column, condition in _texts(candidate_id):
        db.session.execute(update(model).where(condition).values({column: _ERASED}))
    mine = select(Application.id).where(Application.candidate_id == candidate_id)
    db.session.execute(update(Meeting).where(Meeting.application_id.in_(mine)).values(frozen=null()))


personal.own(
    "debrief",
    [f"{model.__tablename__}.{name}" for model, name in (*_OF_MEETING, *_OF_APPLICATION)] + ["meeting.frozen"],
    export=_export,
    erase=_erase,
)

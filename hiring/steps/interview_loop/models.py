"""Tables of step 4: loops, seats, assignments, interviews, shadows, Bar Raiser draws, conflicts."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from hiring.ground import personal
from hiring.ground.database import Base, Id
from hiring.steps.interview_loop.rules import ConflictKind, InterviewState, LoopState, SeatKind, SeatState


class Loop(Base):
    """The in-house interviews of one application; one per application, also after a return to this step.

    ``recruiter_named_id``: the recruiter whom an administrator named for this loop because of level.
    """

    __tablename__ = "loop"
    __table_args__ = (
        Index("ix_loop_suspect", "application_id", sqlite_where=text("suspect = 1"), postgresql_where=text("suspect")),
    )
    id: Mapped[Id]
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"), unique=True)
    state: Mapped[LoopState]
    recruiter_named_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    debrief_starts_at: Mapped[datetime | None]
    debrief_ends_at: Mapped[datetime | None]
    debrief_version: Mapped[int] = mapped_column(default=0)
    """Rises with every change of the debrief's time, so that two who change it are told of each other."""
    debrief_opened_at: Mapped[datetime | None]
    """When the debrief began to read; set by the debrief, and the end of amendments."""
    confirmed_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    """When the last interview ended."""
    suspect: Mapped[bool] = mapped_column(default=False)
    """Whether something about it may have to be mended: desks ask what it is of these only.

    Every change of a confirmed loop casts suspicion; a sweep drops it, or finds what came from elsewhere.
    """
    version: Mapped[int] = mapped_column()
    seats: Mapped[list["Seat"]] = relationship(lazy="raise", order_by="Seat.id")
    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012  (SQLAlchemy's own way)


class Seat(Base):
    """A person's seat on a loop. Removed, vacated and handed-over seats stay as rows.

    ``successor_id``: the seat that took over (handover). ``handover``: this seat came by handover and does not count
    against seven. ``plan_version`` and ``slot_version`` rise with every change of what it tests and of its slot: apart,
    for whoever plans the questions does not stand in the way of whoever books.
    """

    __tablename__ = "seat"
    __table_args__ = (
        Index(
            "uq_seat_person",
            "loop_id",
            "person_id",
            unique=True,
            sqlite_where=text("state IN ('held', 'handed_over')"),
            postgresql_where=text("state IN ('held', 'handed_over')"),
        ),
        Index(
            "uq_seat_bar_raiser",
            "loop_id",
            unique=True,
            sqlite_where=text("state = 'held' AND kind = 'bar_raiser'"),
            postgresql_where=text("state = 'held' AND kind = 'bar_raiser'"),
        ),
        # Read by late feedback: of a loop, and of whoever owes it.
        Index(
            "ix_seat_unwritten",
            "loop_id",
            sqlite_where=text("submitted_at IS NULL"),
            postgresql_where=text("submitted_at IS NULL"),
        ),
        Index(
            "ix_seat_owed",
            "person_id",
            "state",
            sqlite_where=text("submitted_at IS NULL"),
            postgresql_where=text("submitted_at IS NULL"),
        ),
        # Of a person; with what the load of a week asks of each, for a seat stays when its interview was long ago.
        Index("ix_seat_person_id", "person_id", "state", "loop_id", "kind"),
        CheckConstraint("(state = 'held') = (left_at IS NULL)", name="left_has_date"),
        CheckConstraint("state <> 'vacated' OR left_reason <> ''", name="vacated_with_reason"),
    )
    id: Mapped[Id]
    loop_id: Mapped[int] = mapped_column(ForeignKey("loop.id"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    kind: Mapped[SeatKind]
    state: Mapped[SeatState]
    handover: Mapped[bool] = mapped_column(default=False)
    successor_id: Mapped[int | None] = mapped_column(ForeignKey("seat.id"))
    declined_at: Mapped[datetime | None]
    decline_reason: Mapped[str] = mapped_column(default="")
    accepted_at: Mapped[datetime | None]
    left_at: Mapped[datetime | None]
    left_reason: Mapped[str] = mapped_column(default="")
    left_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    writing_since: Mapped[datetime | None]
    """When the first words of its feedback were kept: pushed down by that step, nothing of what they say."""
    submitted_at: Mapped[datetime | None]
    """When its feedback went in; pushed down likewise. A person's other seats on the loop have their own."""
    plan_version: Mapped[int] = mapped_column(default=0)
    slot_version: Mapped[int] = mapped_column(default=0)
    loop: Mapped[Loop] = relationship(lazy="raise", back_populates="seats")
    assignments: Mapped[list["Assignment"]] = relationship(
        lazy="selectin", order_by="Assignment.id", cascade="all, delete-orphan"
    )
    interviews: Mapped[list["Interview"]] = relationship(lazy="selectin", order_by="Interview.id")

    @property
    def written(self) -> bool:
        """Whether its feedback is in, or begun: somebody was there, whatever was said of it before."""
        return self.writing_since is not None or self.submitted_at is not None


class Assignment(Base):
    """A principle or competency that a seat tests, with the question planned for it."""

    __tablename__ = "assignment"
    __table_args__ = (UniqueConstraint("seat_id", "item_id"),)
    id: Mapped[Id]
    seat_id: Mapped[int] = mapped_column(ForeignKey("seat.id"), index=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("tested_item.id"))
    question: Mapped[str] = mapped_column(default="")


class Interview(Base):
    """One slot of a seat. ``reported_end_at`` counts only where the policy allows; ``due_at`` never moves once past.

    ``zone``: the IANA zone in which it was booked. A re-booked slot is a new row.
    """

    __tablename__ = "interview"
    __table_args__ = (
        CheckConstraint("starts_at < ends_at", name="starts_before_it_ends"),
        CheckConstraint("(state IN ('held', 'cut_short')) = (due_at IS NOT NULL)", name="held_owes_feedback"),
        Index(
            "uq_interview_current",
            "seat_id",
            unique=True,
            sqlite_where=text("state IN ('booked', 'held', 'cut_short')"),
            postgresql_where=text("state IN ('booked', 'held', 'cut_short')"),
        ),
        # Read by the dashboard's day, and by the choice of interviewers with the quietest week, which opens no row.
        Index("ix_interview_starts_at", "starts_at", "state", "seat_id"),
        # Of a seat; with the start, the load of a week leaves alone whatever else its people ever held.
        Index("ix_interview_seat_id", "seat_id", "starts_at"),
        Index(
            "ix_interview_to_close",
            "ends_at",
            sqlite_where=text("state = 'booked'"),
            postgresql_where=text("state = 'booked'"),
        ),
    )
    id: Mapped[Id]
    seat_id: Mapped[int] = mapped_column(ForeignKey("seat.id"))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    zone: Mapped[str]
    where: Mapped[str] = mapped_column(default="")
    state: Mapped[InterviewState]
    ended_at: Mapped[datetime | None]
    reported_end_at: Mapped[datetime | None]
    due_at: Mapped[datetime | None]
    policy_version: Mapped[int | None]
    counted_at: Mapped[datetime | None]
    """When this interview was added to its interviewer's experience; once only."""
    seat: Mapped[Seat] = relationship(lazy="raise", back_populates="interviews")


class Shadow(Base):
    """A trainee who sits in on one interview; the seat's person is the mentor."""

    __tablename__ = "shadow"
    __table_args__ = (
        Index(
            "uq_shadow_current",
            "seat_id",
            unique=True,
            sqlite_where=text("left_at IS NULL"),
            postgresql_where=text("left_at IS NULL"),
        ),
    )
    id: Mapped[Id]
    seat_id: Mapped[int] = mapped_column(ForeignKey("seat.id"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    left_at: Mapped[datetime | None]


class BarRaiserDraw(Base):
    """The Bar Raiser that rotation gave an application; redrawn only with a reason. Newest row is in force."""

    __tablename__ = "bar_raiser_draw"
    id: Mapped[Id]
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    drawn_at: Mapped[datetime]
    drawn_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    redraw_reason: Mapped[str] = mapped_column(default="")
    candidates: Mapped[int]
    """How many were eligible when it was drawn."""


class Conflict(Base):
    """A declared conflict of interest between a colleague and a candidate; one taken back stays as a row."""

    __tablename__ = "conflict"
    __table_args__ = (
        Index(
            "uq_conflict_standing",
            "candidate_id",
            "person_id",
            unique=True,
            sqlite_where=text("withdrawn_at IS NULL"),
            postgresql_where=text("withdrawn_at IS NULL"),
        ),
        CheckConstraint("withdrawn_at IS NULL OR withdrawn_reason <> ''", name="withdrawn_with_reason"),
    )
    id: Mapped[Id]
    candidate_id: Mapped[int] = mapped_column(ForeignKey("candidate.id"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    kind: Mapped[ConflictKind]
    declared_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    at: Mapped[datetime]
    reason: Mapped[str] = mapped_column(default="")
    withdrawn_at: Mapped[datetime | None]
    withdrawn_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    withdrawn_reason: Mapped[str] = mapped_column(default="")


personal.own(
    "interview_loop",
    [
        "seat.decline_reason",
        "seat.left_reason",
        "bar_raiser_draw.redraw_reason",
        "conflict.reason",
        "conflict.withdrawn_reason",
    ],
)

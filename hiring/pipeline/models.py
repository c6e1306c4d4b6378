"""Tables of the spine. CHECKs and partial unique indexes repeat the rules that races could otherwise break."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    DDL,
    CheckConstraint,
    Connection,
    ForeignKey,
    Index,
    String,
    UniqueConstraint,
    delete,
    event,
    insert,
    inspect,
    text,
)
from sqlalchemy.engine.default import DefaultExecutionContext
from sqlalchemy.orm import Mapped, mapped_column, relationship

from hiring.ground.database import Base, Id
from hiring.ground.files import StoredFile
from hiring.people.models import Person, Team
from hiring.pipeline.names import findable
from hiring.pipeline.rules import (
    End,
    EndReason,
    HowLeft,
    Origin,
    Outcome,
    Part,
    RequisitionStatus,
    Source,
    Step,
)


def _where(condition: str) -> dict[str, Any]:
    return {"sqlite_where": text(condition), "postgresql_where": text(condition)}


class Requisition(Base):
    """A position to fill. ``openings``, ``live_offers`` and ``hires`` are maintained so that a CHECK holds them.

    ``description_id`` points to the approved job description in force (a table of a later room, hence no key).
    """

    __tablename__ = "requisition"
    __table_args__ = (
        CheckConstraint(
            "origin = 'imported' OR (hiring_manager_id IS NOT NULL AND recruiter_id IS NOT NULL)",
            name="live_has_owners",
        ),
        CheckConstraint("origin = 'live' OR status = 'closed'", name="imported_is_closed"),
        CheckConstraint("origin = 'imported' OR live_offers + hires <= openings", name="offers_within_openings"),
        CheckConstraint("live_offers >= 0 AND hires >= 0 AND openings >= 0", name="counts_not_negative"),
        CheckConstraint("(status = 'closed') = (closed_at IS NOT NULL)", name="closed_has_date"),
        # Read by lists of one status, newest first.
        Index("ix_requisition_status", "status", "id"),
        Index("ix_requisition_unclosed", "id", **_where("closed_at IS NULL")),
    )
    id: Mapped[Id]
    code: Mapped[str] = mapped_column(unique=True)
    title: Mapped[str]
    team_id: Mapped[int | None] = mapped_column(ForeignKey("team.id"), index=True)
    location: Mapped[str] = mapped_column(default="")
    country: Mapped[str] = mapped_column(default="")
    hiring_manager_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    recruiter_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    owners_version: Mapped[int] = mapped_column(default=0)
    """Rises with every change of the two: ``version`` rises with counts as well, which are nobody's edit."""
    status: Mapped[RequisitionStatus]
    origin: Mapped[Origin] = mapped_column(default=Origin.LIVE)
    openings: Mapped[int] = mapped_column(default=0)
    live_offers: Mapped[int] = mapped_column(default=0)
    hires: Mapped[int] = mapped_column(default=0)
    held_at: Mapped[datetime | None]
    hold_reason: Mapped[str] = mapped_column(default="")
    description_id: Mapped[int | None]
    created_at: Mapped[datetime]
    opened_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column()
    hiring_manager: Mapped[Person | None] = relationship(lazy="raise", foreign_keys=[hiring_manager_id])
    recruiter: Mapped[Person | None] = relationship(lazy="raise", foreign_keys=[recruiter_id])
    team: Mapped[Team | None] = relationship(lazy="raise")
    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012  (SQLAlchemy's own way)


class Opening(Base):
    """One headcount of a requisition: approved, perhaps held, perhaps filled by a hire."""

    __tablename__ = "opening"
    id: Mapped[Id]
    requisition_id: Mapped[int] = mapped_column(ForeignKey("requisition.id"), index=True)
    approved_on: Mapped[date]
    approved_by: Mapped[int] = mapped_column(ForeignKey("person.id"))
    held_at: Mapped[datetime | None]
    resumed_at: Mapped[datetime | None]
    cancelled_at: Mapped[datetime | None]
    filled_by: Mapped[int | None] = mapped_column(ForeignKey("application.id"), unique=True)


def _folded_name(context: DefaultExecutionContext) -> str:
    given = context.get_current_parameters()  # type: ignore[no-untyped-call]  # SQLAlchemy has no types here
    return str(given["name"]).casefold()


class Candidate(Base):
    """A person who may apply. ``person_id`` links an internal candidate to themselves as an employee.

    ``link_digest`` is the digest of the key in the candidate's own link. ``email_key`` and ``name_key`` are
    address and name folded for finding likely duplicates.
    """

    __tablename__ = "candidate"
    __table_args__ = (CheckConstraint("merged_into_id <> id", name="not_merged_into_itself"),)
    id: Mapped[Id]
    name: Mapped[str]
    email: Mapped[str]
    email_key: Mapped[str] = mapped_column(index=True)
    name_key: Mapped[str] = mapped_column(default=_folded_name, index=True)
    phone: Mapped[str] = mapped_column(default="")
    location: Mapped[str] = mapped_column(default="")
    time_zone: Mapped[str] = mapped_column(default="UTC")
    origin: Mapped[Origin] = mapped_column(default=Origin.LIVE)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    link_digest: Mapped[str | None] = mapped_column(unique=True)
    consent_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("candidate.id"))


class CandidateWord(Base):
    """Maintained: each word of a candidate's name with the others behind it, by whose beginnings they are found.

    Compared by code point on either engine, so that a beginning is a stretch of the index.
    """

    __tablename__ = "candidate_word"
    __table_args__ = (
        Index("ix_candidate_word_word", "word", "candidate_id"),
        {"sqlite_with_rowid": False},
    )
    candidate_id: Mapped[int] = mapped_column(ForeignKey("candidate.id"), primary_key=True)
    word: Mapped[str] = mapped_column(String().with_variant(String(collation="C"), "postgresql"), primary_key=True)


def word_rows(named: Iterable[tuple[int, str]]) -> list[dict[str, Any]]:
    """The words of candidates (id, name) as rows, for whoever writes names past the mapper."""
    return [{"candidate_id": one, "word": word} for one, name in named for word in sorted(findable(name))]


@event.listens_for(Candidate, "after_insert")
def _keep_words(_: object, connection: Connection, candidate: Candidate) -> None:
    connection.execute(insert(CandidateWord), word_rows([(candidate.id, candidate.name)]))


@event.listens_for(Candidate, "after_update")
def _keep_new_words(mapper: object, connection: Connection, candidate: Candidate) -> None:
    if inspect(candidate).attrs.name.history.has_changes():
        connection.execute(delete(CandidateWord).where(CandidateWord.candidate_id == candidate.id))
        _keep_words(mapper, connection, candidate)


class Referral(Base):
    """A colleague put the candidate's name forward, for whichever position: they sit on no loop for them."""

    __tablename__ = "referral"
    id: Mapped[Id]
    candidate_id: Mapped[int] = mapped_column(ForeignKey("candidate.id"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    requisition_id: Mapped[int] = mapped_column(ForeignKey("requisition.id"))
    how: Mapped[str] = mapped_column(default="")
    at: Mapped[datetime]


class Application(Base):
    """Candidate × requisition: what travels through steps 2 to 8.

    The CHECKs forbid a veto beside a live offer in any order, whoever was first. ``description_id`` is the version of
    the job description that this application is held against (table of a later room). ``live_offer_id`` is the offer
    that is out or accepted; null once it ended or the person arrived. ``interviewed_at``: when its first in-house
    interview began, pushed down by that step.
    """

    __tablename__ = "application"
    __table_args__ = (
        CheckConstraint("vetoed_at IS NULL OR live_offer_id IS NULL", name="veto_bars_offer"),
        CheckConstraint("vetoed_at IS NULL OR (ended IS NOT NULL AND ended = 'rejected')", name="veto_ends_it"),
        CheckConstraint("(ended IS NULL) = (ended_at IS NULL)", name="end_has_date"),
        CheckConstraint("(ended IS NULL) = (end_reason IS NULL)", name="end_has_reason"),
        CheckConstraint("live_offer_id IS NULL OR (step = 'offer' AND ended IS NULL)", name="offer_in_its_step"),
        CheckConstraint("step <> 'job_description'", name="step_is_an_applications"),
        Index(
            "uq_application_active",
            "candidate_id",
            "requisition_id",
            unique=True,
            **_where("ended IS NULL AND origin = 'live'"),
        ),
        Index("uq_application_live_offer", "candidate_id", unique=True, **_where("live_offer_id IS NOT NULL")),
        Index("ix_application_queue", "requisition_id", "step", "ended", "step_entered_at", "id"),
        # Read by the list of applications, newest first: those under way, in any step or in one, and all in one step.
        Index("ix_application_live", "id", **_where("ended IS NULL")),
        Index("ix_application_step_live", "step", "id", **_where("ended IS NULL")),
        Index("ix_application_step", "step", "id"),
        Index("ix_application_step_open", "step", "step_entered_at", **_where("ended IS NULL")),
        # Read by desks: what is under way on the requisitions that somebody answers for.
        Index("ix_application_requisition_live", "requisition_id", "step", **_where("ended IS NULL")),
        # Read by the dashboard: what has been in its step longest, whichever that is.
        Index("ix_application_stuck", "step_entered_at", "id", **_where("ended IS NULL")),
    )
    id: Mapped[Id]
    candidate_id: Mapped[int] = mapped_column(ForeignKey("candidate.id"), index=True)
    requisition_id: Mapped[int] = mapped_column(ForeignKey("requisition.id"))
    origin: Mapped[Origin] = mapped_column(default=Origin.LIVE)
    source: Mapped[Source]
    source_detail: Mapped[str] = mapped_column(default="")
    applied_at: Mapped[datetime]
    step: Mapped[Step]
    step_entered_at: Mapped[datetime]
    ended: Mapped[End | None]
    end_reason: Mapped[EndReason | None]
    end_note: Mapped[str] = mapped_column(default="")
    ended_at: Mapped[datetime | None]
    vetoed_at: Mapped[datetime | None]
    live_offer_id: Mapped[int | None]
    offer_accepted_at: Mapped[datetime | None]
    cool_off_until: Mapped[date | None]
    interviewed_at: Mapped[datetime | None]
    decided_at: Mapped[datetime | None]
    held_at: Mapped[datetime | None]
    hold_reason: Mapped[str] = mapped_column(default="")
    description_id: Mapped[int | None]
    promised_on: Mapped[date | None]
    moved_to_id: Mapped[int | None] = mapped_column(ForeignKey("application.id"))
    version: Mapped[int] = mapped_column()
    candidate: Mapped[Candidate] = relationship(lazy="raise")
    requisition: Mapped[Requisition] = relationship(lazy="raise")
    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012  (SQLAlchemy's own way)


class StepVisit(Base):
    """One stay of an application in one step: closed once, never edited. ``entered_by`` null means the system.

    ``source``, ``source_case`` and ``source_ordinal`` name the imported event that began it.
    """

    __tablename__ = "step_visit"
    __table_args__ = (
        UniqueConstraint("application_id", "ordinal"),
        CheckConstraint("(left_at IS NULL) = (how_left IS NULL)", name="left_once"),
        CheckConstraint("left_at IS NULL OR left_at >= entered_at", name="left_after_entered"),
        Index("uq_step_visit_open", "application_id", unique=True, **_where("left_at IS NULL")),
    )
    id: Mapped[Id]
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"))
    ordinal: Mapped[int]
    step: Mapped[Step]
    entered_at: Mapped[datetime]
    entered_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    left_at: Mapped[datetime | None]
    how_left: Mapped[HowLeft | None]
    left_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    reason: Mapped[str] = mapped_column(default="")


class FirstEntry(Base):
    """Maintained: an application's first-ever entry into a step and its outcome; the people behind each figure."""

    __tablename__ = "first_entry"
    __table_args__ = (
        Index("ix_first_entry_figure", "requisition_id", "step", "outcome", "first_entered_at"),
        # Read by the people behind a figure of the company, in the order in which they entered.
        Index("ix_first_entry_outcome", "step", "outcome", "first_entered_at", "application_id"),
        Index("ix_first_entry_step", "step", "first_entered_at", "application_id"),
    )
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"), primary_key=True)
    step: Mapped[Step] = mapped_column(primary_key=True)
    requisition_id: Mapped[int] = mapped_column(ForeignKey("requisition.id"))
    first_entered_at: Mapped[datetime]
    outcome: Mapped[Outcome]


class FunnelCount(Base):
    """Maintained: how many first entries a requisition's step had on a day of the company's zone, by outcome."""

    __tablename__ = "funnel_count"
    __table_args__ = (CheckConstraint("n >= 0", name="not_negative"),)
    requisition_id: Mapped[int] = mapped_column(ForeignKey("requisition.id"), primary_key=True)
    step: Mapped[Step] = mapped_column(primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    outcome: Mapped[Outcome] = mapped_column(primary_key=True)
    n: Mapped[int]


class FunnelTotal(Base):
    """Maintained: the sums of ``FunnelCount`` over all requisitions, a column an outcome: seven rows a day."""

    __tablename__ = "funnel_total"
    step: Mapped[Step] = mapped_column(primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    advanced: Mapped[int] = mapped_column(default=0)
    rejected: Mapped[int] = mapped_column(default=0)
    withdrew: Mapped[int] = mapped_column(default=0)
    moved: Mapped[int] = mapped_column(default=0)
    open: Mapped[int] = mapped_column(default=0)


class Participation(Base):
    """A person's part in an application, pushed down by the step that gave it; access ends with ``until``.

    ``submitted_at``: when this person's own written feedback went in (only for seats).
    """

    __tablename__ = "participation"
    __table_args__ = (
        Index(
            "uq_participation_current", "application_id", "person_id", "part", unique=True, **_where("until IS NULL")
        ),
    )
    id: Mapped[Id]
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    part: Mapped[Part]
    since: Mapped[datetime]
    until: Mapped[datetime | None]
    submitted_at: Mapped[datetime | None]


class Attachment(Base):
    """A file of an application: the résumé, or another document.

    ``unread``: a résumé newer than the one that the application began with, not yet read by whoever reviews it.
    """

    __tablename__ = "attachment"
    __table_args__ = (
        CheckConstraint("resume OR NOT unread", name="unread_is_resume"),
        # Read by the desk of the requisition's recruiter.
        Index(
            "ix_attachment_unread", "application_id", sqlite_where=text("unread = 1"), postgresql_where=text("unread")
        ),
    )
    id: Mapped[Id]
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"), index=True)
    file_id: Mapped[int] = mapped_column(ForeignKey("stored_file.id"))
    resume: Mapped[bool]
    unread: Mapped[bool] = mapped_column(default=False)
    added_at: Mapped[datetime]
    added_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    file: Mapped[StoredFile] = relationship(lazy="raise")


class Note(Base):
    """A note on an application, readable by those who read the candidate file."""

    __tablename__ = "note"
    id: Mapped[Id]
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"), index=True)
    author_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    text: Mapped[str]
    at: Mapped[datetime]


class TimelineEntry(Base):
    """What happened, in one sentence that holds no secret of feedback, votes, pay or references."""

    __tablename__ = "timeline_entry"
    __table_args__ = (CheckConstraint("application_id IS NOT NULL OR requisition_id IS NOT NULL", name="about"),)
    id: Mapped[Id]
    application_id: Mapped[int | None] = mapped_column(ForeignKey("application.id"), index=True)
    requisition_id: Mapped[int | None] = mapped_column(ForeignKey("requisition.id"), index=True)
    at: Mapped[datetime]
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    sentence: Mapped[str]


class Cord(Base):
    """A pulled Andon cord on an application or a whole requisition, and the correction that cleared it."""

    __tablename__ = "cord"
    __table_args__ = (
        CheckConstraint("(application_id IS NULL) <> (requisition_id IS NULL)", name="on_one_thing"),
        CheckConstraint("(cleared_at IS NULL) = (cleared_by IS NULL)", name="cleared_by_somebody"),
        CheckConstraint("cleared_by IS NULL OR cleared_by <> pulled_by", name="not_cleared_by_puller"),
        CheckConstraint("cleared_at IS NULL OR (cause <> '' AND correction <> '')", name="cleared_with_cause"),
        # Read by lists of who is stopped: cords that are pulled, beside the many that were cleared.
        Index("ix_cord_pulled", "requisition_id", **_where("cleared_at IS NULL")),
    )
    id: Mapped[Id]
    application_id: Mapped[int | None] = mapped_column(ForeignKey("application.id"), index=True)
    requisition_id: Mapped[int | None] = mapped_column(ForeignKey("requisition.id"), index=True)
    pulled_by: Mapped[int] = mapped_column(ForeignKey("person.id"))
    pulled_at: Mapped[datetime]
    what: Mapped[str]
    cleared_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    cleared_at: Mapped[datetime | None]
    cause: Mapped[str] = mapped_column(default="")
    correction: Mapped[str] = mapped_column(default="")
    named: Mapped[list["CordNamed"]] = relationship(lazy="selectin")


class CordNamed(Base):
    """Somebody named in a cord: they may read it, and may not clear it."""

    __tablename__ = "cord_named"
    cord_id: Mapped[int] = mapped_column(ForeignKey("cord.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True, index=True)


class CordAction(Base):
    """An action that the correction of a cord asks for, with owner and date."""

    __tablename__ = "cord_action"
    id: Mapped[Id]
    cord_id: Mapped[int] = mapped_column(ForeignKey("cord.id"), index=True)
    what: Mapped[str]
    owner_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    due_on: Mapped[date]
    done_at: Mapped[datetime | None]


class Booking(Base):
    """A stretch of somebody's calendar. No two of a person's, or of a candidate's, overlap (a trigger or an exclusion
    constraint says so in the database). ``source`` names what booked it, like ``interview:12``.
    """

    __tablename__ = "booking"
    __table_args__ = (
        CheckConstraint("(person_id IS NULL) <> (candidate_id IS NULL)", name="of_one_person"),
        CheckConstraint("starts_at < ends_at", name="starts_before_it_ends"),
        # By their end: whoever asks is about what is still to come, and what was over before is most of a calendar.
        Index("ix_booking_person", "person_id", "ends_at"),
        Index("ix_booking_candidate", "candidate_id", "ends_at"),
    )
    id: Mapped[Id]
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    candidate_id: Mapped[int | None] = mapped_column(ForeignKey("candidate.id"))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    purpose: Mapped[str]
    source: Mapped[str] = mapped_column(index=True)


_SAME_BOOKING = "(person_id = NEW.person_id OR candidate_id = NEW.candidate_id)"
_OVERLAPS = f"{_SAME_BOOKING} AND id <> NEW.id AND starts_at < NEW.ends_at AND ends_at > NEW.starts_at"
BOOKING_GUARDS: dict[str, tuple[str, ...]] = {
    "sqlite": tuple(
        f"CREATE TRIGGER booking_no_overlap_{act} AFTER {act} ON booking "  # noqa: S608  (constants only)
        f"WHEN EXISTS (SELECT 1 FROM booking WHERE {_OVERLAPS}) "
        "BEGIN SELECT RAISE(ABORT, 'booking_overlap'); END"
        for act in ("insert", "update")
    ),
    "postgresql": tuple(
        f"ALTER TABLE booking ADD CONSTRAINT ex_booking_{whose} EXCLUDE USING gist "
        f"(int8range({whose}_id, {whose}_id, '[]') WITH &&, tstzrange(starts_at, ends_at) WITH &&) "
        f"WHERE ({whose}_id IS NOT NULL)"
        for whose in ("person", "candidate")
    ),
}
"""What keeps two bookings of one person, or of one candidate, from overlapping; the migration says the same."""
for _dialect, _statements in BOOKING_GUARDS.items():
    for _statement in _statements:
        _guard = DDL(_statement)  # type: ignore[no-untyped-call]  # SQLAlchemy has no types here
        event.listen(Booking.__table__, "after_create", _guard.execute_if(dialect=_dialect))


class PassedWarning(Base):
    """A written reason for going on against a warning, kept and counted."""

    __tablename__ = "passed_warning"
    id: Mapped[Id]
    rule: Mapped[str] = mapped_column(index=True)
    application_id: Mapped[int | None] = mapped_column(ForeignKey("application.id"), index=True)
    requisition_id: Mapped[int | None] = mapped_column(ForeignKey("requisition.id"), index=True)
    facts: Mapped[str]
    reason: Mapped[str]
    by: Mapped[int] = mapped_column(ForeignKey("person.id"))
    at: Mapped[datetime]

"""Tables of people: org chart, qualification records, roles, sessions and sign-in attempts."""

from datetime import date, datetime, time
from typing import ClassVar

from sqlalchemy import CheckConstraint, Connection, ForeignKey, Index, and_, event, exists, text, update
from sqlalchemy.orm import Mapped, aliased, mapped_column, relationship

from hiring.ground import personal
from hiring.ground.database import Base, Id
from hiring.people.rules import Record, Role


class Team(Base):
    """A team of the org chart, in a department."""

    __tablename__ = "team"
    id: Mapped[Id]
    name: Mapped[str] = mapped_column(unique=True)
    department: Mapped[str]


class Person(Base):
    """An employee, or a seated guest from outside. Nobody is ever deleted; leaving is ``disabled_at``."""

    __tablename__ = "person"
    __table_args__ = (
        CheckConstraint("level BETWEEN 4 AND 12", name="level_on_ladder"),
        CheckConstraint("manager_id <> id", name="not_own_manager"),
        CheckConstraint("delegate_id <> id", name="not_own_delegate"),
        CheckConstraint("away_until >= away_from", name="away_in_order"),
        CheckConstraint("works_until > works_from", name="works_in_order"),
        Index("ix_person_name", "name", "id"),  # the people page's order
    )
    id: Mapped[Id]
    name: Mapped[str]
    email: Mapped[str] = mapped_column(unique=True)
    title: Mapped[str]
    level: Mapped[int]
    manager_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    team_id: Mapped[int | None] = mapped_column(ForeignKey("team.id"), index=True)
    time_zone: Mapped[str] = mapped_column(default="UTC")
    country: Mapped[str] = mapped_column(default="")
    works_from: Mapped[time] = mapped_column(default=time(9))
    works_until: Mapped[time] = mapped_column(default=time(17, 30))
    delegate_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    away_from: Mapped[date | None]
    """First and last day out of office; the delegate stands in."""
    away_until: Mapped[date | None]
    guest: Mapped[bool] = mapped_column(default=False)
    cast: Mapped[bool] = mapped_column(default=False)
    password_hash: Mapped[str | None]
    disabled_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column()
    role_grants: Mapped[list["RoleGrant"]] = relationship(lazy="select", foreign_keys="RoleGrant.person_id")
    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012  (SQLAlchemy's own way)

    session_token: ClassVar[str | None] = None
    """Set on the signed-in person only: the token of the session that this request came with."""
    session_seen_at: ClassVar[datetime | None] = None
    """Set together with it: when that session was last noted as in use."""
    is_authenticated: ClassVar[bool] = True
    is_active: ClassVar[bool] = True
    is_anonymous: ClassVar[bool] = False

    def get_id(self) -> str:
        """What Flask-Login keeps in the cookie: the session's token, not the person's id."""
        return self.session_token or ""

    @property
    def roles(self) -> frozenset[Role]:
        """Standing roles held now; whoever asks it of many people loads ``role_grants`` along."""
        return frozenset(grant.role for grant in self.role_grants if grant.until is None)

    def has(self, *roles: Role) -> bool:
        """Whether the person holds any of these standing roles."""
        return not self.roles.isdisjoint(roles)


class RoleGrant(Base):
    """A standing role held by somebody, from when to when."""

    __tablename__ = "role_grant"
    __table_args__ = (
        Index(
            "uq_role_grant_current",
            "person_id",
            "role",
            unique=True,
            sqlite_where=text("until IS NULL"),
            postgresql_where=text("until IS NULL"),
        ),
    )
    id: Mapped[Id]
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    role: Mapped[Role]
    since: Mapped[datetime]
    until: Mapped[datetime | None]
    granted_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))


_BAR_RAISER = "record = 'certification' OR record = 'nomination'"
_TOLD = "record <> 'interviews' OR attested_source IS NOT NULL"


class Qualification(Base):
    """One dated step of somebody's qualification.

    ``count`` is 1 except for attested opening balances. ``attested_source`` says where an attestation comes from; a row
    without it was earned here.
    """

    __tablename__ = "qualification"
    __table_args__ = (
        CheckConstraint("count > 0", name="counts"),
        CheckConstraint("record <> 'certification' OR expires_on IS NOT NULL", name="certification_lapses"),
        # Everything that is counted: each interview held adds a row, so no row is opened to count them.
        Index("ix_qualification_counted", "person_id", "record", "on", "void_at", "count", "expires_on"),
        Index(  # who is a Bar Raiser, or nominated: one in hundreds of the records
            "ix_qualification_bar_raiser",
            "record",
            "expires_on",
            "person_id",
            sqlite_where=text(_BAR_RAISER),
            postgresql_where=text(_BAR_RAISER),
        ),
        Index(  # somebody's page, which only counts single interviews
            "ix_qualification_told",
            "person_id",
            sqlite_where=text(_TOLD),
            postgresql_where=text(_TOLD),
        ),
        Index(
            "ix_qualification_unpaired",
            "person_id",
            sqlite_where=text("unpaired = 1"),
            postgresql_where=text("unpaired"),
        ),
    )
    id: Mapped[Id]
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    record: Mapped[Record]
    on: Mapped[date]
    count: Mapped[int] = mapped_column(default=1)
    expires_on: Mapped[date | None]
    with_person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    attested_source: Mapped[str | None]
    recorded_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    recorded_at: Mapped[datetime]
    note: Mapped[str] = mapped_column(default="")
    void_at: Mapped[datetime | None]
    """A revoked certification or a mistaken record: kept, but no longer counted."""
    unpaired: Mapped[bool] = mapped_column(default=False)
    """Maintained: a course that counts, of somebody with no paired interview that does."""


@event.listens_for(Qualification, "after_insert")
@event.listens_for(Qualification, "after_update")
def _keep_unpaired(_: object, connection: Connection, changed: Qualification) -> None:
    if changed.record not in (Record.COURSE, Record.PAIRED_INTERVIEW):
        return
    other = aliased(Qualification)
    paired = exists().where(
        other.person_id == changed.person_id, other.record == Record.PAIRED_INTERVIEW, other.void_at.is_(None)
    )
    courses = (Qualification.person_id == changed.person_id, Qualification.record == Record.COURSE)
    connection.execute(
        update(Qualification).where(*courses).values(unpaired=and_(Qualification.void_at.is_(None), ~paired))
    )


class SignInSession(Base):
    """A signed-in browser; ends at sign-out, disabling and password change. ``token`` is stored as a digest."""

    __tablename__ = "sign_in_session"
    id: Mapped[Id]
    token_digest: Mapped[str] = mapped_column(unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    started_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class SignInAttempt(Base):
    """A sign-in that has not succeeded, kept to throttle by e-mail and by address; swept after a day."""

    __tablename__ = "sign_in_attempt"
    __table_args__ = (
        Index("ix_attempt_email", "email", "at"),
        Index("ix_attempt_address", "address", "at"),
        Index("ix_attempt_at", "at"),  # the daily sweep
    )
    id: Mapped[Id]
    email: Mapped[str]
    address: Mapped[str]
    at: Mapped[datetime]


personal.own(
    "people",
    ["person.name", "person.email", "person.title", "sign_in_attempt.email", "sign_in_attempt.address"],
)

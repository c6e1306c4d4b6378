"""The audit log: append-only, hash-chained, free of texts.

An entry holds who did what to which id, and the salted digest of its details; the details stand beside it and can be
erased with their salt, after which the chain still verifies. Entries gather during a transaction and are chained last
before its commit, under one lock, so that the chain never forks. The database refuses to change or delete an entry, and
one row beside the log names its newest entry, so that a log whose end was cut off no longer verifies.
"""

import hashlib
import json
import secrets
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import DDL, JSON, CheckConstraint, ForeignKey, event, func, insert, select, text, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from hiring.ground.database import Base, BigId, db
from hiring.ground.gathering import Gathering

_CHAIN_LOCK = 724_001
"""Key of the advisory transaction lock that orders the chain on PostgreSQL."""
_GENESIS = "0" * 64
_STRETCH = 1000
"""Entries that are verified at a time."""


class AuditEntry(Base):
    """One link of the chain; ``position`` counts from 1 without gaps."""

    __tablename__ = "audit_entry"
    position: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    actor_id: Mapped[int | None] = mapped_column(index=True)
    act: Mapped[str] = mapped_column(index=True)
    subject: Mapped[str]
    subject_id: Mapped[int | None]
    details_digest: Mapped[str]
    previous_hash: Mapped[str]
    hash: Mapped[str] = mapped_column(unique=True, index=True)


class AuditText(Base):
    """The details of an entry; erasing this row leaves the chain intact."""

    __tablename__ = "audit_text"
    position: Mapped[int] = mapped_column(BigId, ForeignKey("audit_entry.position"), primary_key=True)
    salt: Mapped[str]
    details: Mapped[dict[str, Any]] = mapped_column(JSON)


class AuditHead(Base):
    """The single row that names the newest entry; the next one is chained to it, whatever stands in the log."""

    __tablename__ = "audit_head"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)
    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    position: Mapped[int]
    hash: Mapped[str]


# --- The database keeps what was written, whoever writes -----------------------------------------------------------

AUDIT_GUARDS: dict[str, tuple[str, ...]] = {
    "sqlite": tuple(
        f"CREATE TRIGGER tr_audit_entry_{verb.lower()} BEFORE {verb} ON audit_entry "
        "BEGIN SELECT RAISE(ABORT, 'audit_append_only'); END"
        for verb in ("UPDATE", "DELETE")
    ),
    "postgresql": (
        "CREATE OR REPLACE FUNCTION freeze_audit_entry() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "RAISE EXCEPTION 'audit_append_only' USING ERRCODE = 'check_violation'; END $$",
        "CREATE TRIGGER tr_audit_entry_frozen BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_entry "
        "FOR EACH STATEMENT EXECUTE FUNCTION freeze_audit_entry()",
    ),
}
"""By dialect, what makes the log append-only; the migration says the same. Texts beside it may still be erased."""
for _dialect, _statements in AUDIT_GUARDS.items():
    for _statement in _statements:
        _guard = DDL(_statement)  # type: ignore[no-untyped-call]  # SQLAlchemy has no types here
        event.listen(AuditEntry.__table__, "after_create", _guard.execute_if(dialect=_dialect))


@dataclass(frozen=True, slots=True)
class Pending:
    """What was done in the transaction under way and will be chained before its commit."""

    at: datetime
    actor_id: int | None
    act: str
    subject: str
    subject_id: int | None
    details: dict[str, Any]


_pending: Gathering[Pending] = Gathering("audit")
Question = Callable[[Sequence[Pending]], None]
_questions: list[Question] = []


def asked_last(question: Question) -> Question:
    """Decorator: ask this under the chain's lock, when all that was recorded before is committed; it may raise."""
    _questions.append(question)
    return question


def record(
    actor_id: int | None, act: str, subject: str, subject_id: int | None, *, at: datetime, **details: Any
) -> None:
    """Note that ``actor_id`` (None: the system) did ``act`` to a row; ``details`` are JSON values, ids preferred."""
    _pending.add(Pending(at, actor_id, act, subject, subject_id, details))


@event.listens_for(Session, "before_commit")
def _chain(session: Session) -> None:
    pending = _pending.take(session)
    if not pending:
        return
    session.flush()
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _CHAIN_LOCK})
    for question in _questions:
        question(pending)
    head = session.execute(select(AuditHead.position, AuditHead.hash)).first()
    last = (
        head
        or session.execute(
            select(AuditEntry.position, AuditEntry.hash).order_by(AuditEntry.position.desc()).limit(1)
        ).first()
    )
    position, previous = (last.position, last.hash) if last else (0, _GENESIS)
    for item in pending:
        position += 1
        salt = secrets.token_hex(16)
        digest = _digest(salt, item.details)
        current = _link(previous, position, item.at, item.actor_id, item.act, item.subject, item.subject_id, digest)
        session.add(
            AuditEntry(
                position=position,
                at=item.at,
                actor_id=item.actor_id,
                act=item.act,
                subject=item.subject,
                subject_id=item.subject_id,
                details_digest=digest,
                previous_hash=previous,
                hash=current,
            )
        )
        session.flush()
        session.add(AuditText(position=position, salt=salt, details=item.details))
        previous = current
    if head is not None:
        session.execute(update(AuditHead).values(position=position, hash=previous))
    elif last is None:  # the first entry of all; a head that was taken away stays away, and verify says so
        session.execute(insert(AuditHead).values(id=1, position=position, hash=previous))


event.listen(Session, "after_soft_rollback", _pending.forget)


def _digest(salt: str, details: dict[str, Any]) -> str:
    return hashlib.sha256((salt + json.dumps(details, sort_keys=True)).encode()).hexdigest()


def _link(previous: str, position: int, at: datetime, *fields: Any) -> str:
    return hashlib.sha256(json.dumps([previous, position, at.isoformat(), *fields]).encode()).hexdigest()


def newest() -> int:
    """The position of the newest entry, for progress."""
    return db.session.scalar(select(func.max(AuditEntry.position))) or 0


def verify(done: Callable[[int], object] = lambda _: None) -> Iterator[str]:
    """Walk the whole chain; yields one sentence per fault (none: the log is intact).

    Columns in a stream instead of objects: a log may have ten million entries. ``done`` is told of every thousand.
    """
    previous, last = _GENESIS, 0
    head: list[Any] = []
    rows = db.session.execute(
        select(  # in one statement: entries chained meanwhile are no fault
            AuditEntry.__table__, AuditText.salt, AuditText.details, AuditHead.position, AuditHead.hash
        )
        .outerjoin(AuditText, AuditText.position == AuditEntry.position)
        .outerjoin(AuditHead, AuditHead.id == 1)
        .order_by(AuditEntry.position)
        .execution_options(yield_per=_STRETCH)
    )
    for position, at, actor, act, subject, subject_id, digest, before, own, salt, details, *named in rows:
        if position != last + 1:
            yield f"entry {last + 1} is missing"
        if before != previous:
            yield f"entry {position} does not follow the one before it"
        if own != _link(before, position, at, actor, act, subject, subject_id, digest):
            yield f"entry {position} was changed"
        if salt is not None and digest != _digest(salt, details):
            yield f"the details of entry {position} were changed"
        previous, last, head = own, position, named
        if position % _STRETCH == 0:
            done(_STRETCH)
    if not last:
        head = [*(db.session.execute(select(AuditHead.position, AuditHead.hash)).first() or (None, None))]
    yield from _head_faults(head[0], head[1], last, previous)


def _head_faults(head: int | None, head_hash: str | None, last: int, last_hash: str) -> Iterator[str]:
    """Whether the log ends where its head says it does."""
    if head is None:
        if last:
            yield f"the log's head is missing, so nobody knows whether entry {last} is the newest"
    elif head > last:
        yield f"the log ends with entry {last}, its head names entry {head}: the newest were cut off"
    elif (head, head_hash) != (last, last_hash):
        yield f"the log ends with entry {last}, which is not the one that its head names"

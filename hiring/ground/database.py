"""The database: one metadata, two engines, and transactions that are read-only until ``writing()`` says otherwise.

SQLite: WAL, foreign keys on, fully synchronous; a write transaction starts with ``BEGIN IMMEDIATE`` so that two
writers wait for each other instead of losing updates. PostgreSQL: READ COMMITTED with explicit row locks, taken in one
order (requisition, application, loop, seat, people by id).
"""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any, TypeVar

import psycopg
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import (
    BigInteger,
    Connection,
    Engine,
    Enum,
    Integer,
    MetaData,
    Select,
    String,
    event,
    inspect,
    select,
    text,
)
from sqlalchemy import DateTime as SqlDateTime
from sqlalchemy.exc import IntegrityError, OperationalError, PendingRollbackError
from sqlalchemy.orm import DeclarativeBase, mapped_column
from sqlalchemy.types import TypeDecorator

from hiring.ground.rulebook import Refused, refusal_for_constraint

_writing: ContextVar[bool] = ContextVar("writing", default=False)


class UtcDateTime(TypeDecorator[datetime]):
    """An instant. Refuses naive datetimes on the way in, always gives UTC on the way out (SQLite drops zones)."""

    impl = SqlDateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a datetime without a zone is not an instant")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Any) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


BigId = BigInteger().with_variant(Integer, "sqlite")
Id = Annotated[int, mapped_column(BigId, primary_key=True)]


class Base(DeclarativeBase):
    """Parent of every table. Enumerations are stored by value, guarded by a CHECK."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_N_label)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {  # noqa: RUF012  (SQLAlchemy reads this class attribute; it is never changed)
        datetime: UtcDateTime(),
        int: BigId,
        str: String(),
        StrEnum: Enum(
            StrEnum,
            native_enum=False,
            create_constraint=True,
            length=40,
            values_callable=lambda members: [member.value for member in members],
        ),
    }


Row = TypeVar("Row", bound=Base)
T = TypeVar("T")

db = SQLAlchemy(metadata=Base.metadata, session_options={"autoflush": True})


class NotVisible(Exception):
    """The reader may not know that this exists; pages answer 404."""


class Forbidden(Exception):
    """The reader may see this but not do that; pages answer 403. ``str`` says who may."""


class Stale(Exception):
    """What the reader's page showed has changed since; pages answer 409 and show both texts.

    Rows do not keep by whom, and often it was the reader, elsewhere.
    """

    def __init__(self, what: str, current: dict[str, str] | None = None, *, own: bool = False) -> None:
        """``what``: as it stands after a verb (“the marks”); ``own``: nobody but the reader can have changed it."""
        who = "Another window of yours" if own else "Somebody, or another window of yours,"
        super().__init__(f"{who} changed {what} after you had opened this page.")
        self.current = current or {}


def give_back() -> None:
    """End whatever transaction is open, of which nothing is kept; a server that is gone has ended it itself: no error.

    One that only read is committed: after a ROLLBACK psycopg forgets the statements that PostgreSQL has planned. Where
    the connection died in the middle there is nothing to commit (PendingRollbackError).
    """
    session = db.session()
    try:
        if _writing.get() or session.new or session.dirty or session.deleted:
            session.rollback()
        else:
            session.commit()
    except (OperationalError, PendingRollbackError):
        session.invalidate()


class Unsure(OperationalError):
    """The database went away during the commit: whether it was kept can only be asked once the database is back."""


@contextmanager
def writing() -> Iterator[None]:
    """One short write transaction: all of it is committed together, or none.

    Ends whatever read transaction was open, so that nothing decided here rests on an old snapshot. A constraint that
    repeats a rule answers with that rule's refusal (see ``rulebook.repeated_by``). Raises Unsure.
    """
    if _writing.get():
        raise RuntimeError("writing() does not nest: an action calls actions, the caller commits once")
    give_back()
    token, committing = _writing.set(True), False
    try:
        yield
        committing = True
        db.session.commit()
    except OperationalError as error:
        give_back()
        if committing and error.connection_invalidated and error.statement is None:  # nothing failed but the COMMIT
            raise Unsure(None, None, error.orig or error) from error
        raise
    except IntegrityError as error:
        give_back()
        refusal = refusal_for_constraint(str(error.orig))
        if refusal is None:
            raise
        raise Refused([refusal]) from error
    except BaseException:
        give_back()
        raise
    finally:
        _writing.reset(token)


def is_writing() -> bool:
    """Whether this is inside ``writing()``."""
    return _writing.get()


def end_reading() -> None:
    """Give the snapshot back before work that takes a while, like an upload; what was loaded is read anew."""
    if _writing.get():
        raise RuntimeError("nothing that takes a while belongs inside writing()")
    give_back()


@contextmanager
def schema_change() -> Iterator[None]:
    """Let migrations write on connections of their own."""
    token = _writing.set(True)
    try:
        yield
    finally:
        _writing.reset(token)


def existing(found: T | None, what: str) -> T:
    """What was looked for; raises NotVisible where there is none."""
    if found is None:
        raise NotVisible(what)
    return found


def surely(found: T | None, what: str) -> T:
    """What the rules asked before, or a constraint, have made sure of; raises LookupError where our data lacks it.

    That is a crash, logged with its traceback, for somebody to mend: no page that is not there.
    """
    if found is None:
        raise LookupError(f"our data lacks what it must have: {what}")
    return found


def lock(model: type[Row], row_id: int) -> Row:
    """Load a row freshly and hold it until commit; raises NotVisible when there is none."""
    return lock_found(select(model).where(inspect(model).primary_key[0] == row_id), f"{model.__name__} {row_id}")


def lock_found(query: Select[Row], what: str) -> Row:
    """Hold the one row that the query finds, freshly loaded, but nothing that it joins; raises NotVisible.

    A select instead of ``get``: that one raises StaleDataError when the row, read before, changed while we waited.
    On PostgreSQL rows that only point here are written meanwhile (FOR NO KEY UPDATE): ids never change, and two who
    each wrote one and then want to hold it would wait for each other.
    """
    held = query.with_for_update(of=query.column_descriptions[0]["entity"], key_share=True)
    return existing(db.session.scalars(held.execution_options(populate_existing=True)).one_or_none(), what)


def one_picture() -> None:
    """Let all that this read asks from now on see the same instant, however long it takes."""
    db.session.rollback()
    if not is_sqlite():  # SQLite reads no other way
        db.session.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))


UNSEEN = -1
"""The version that no row has: of a post that carries none, whose sender has seen nothing of what it would replace."""


def check_version(
    row: Any, expected: int | None, current: dict[str, str] | None = None, *, replaces: bool = True
) -> None:
    """Raise Stale when the row moved on since the form that carries ``expected`` was shown; None: no form was.

    ``replaces``: whether there is anything that the act would replace. Where not, ``UNSEEN`` will do.
    """
    if expected is None or row.version == expected or (expected == UNSEEN and not replaces):
        return
    name = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", type(row).__name__).lower()
    raise Stale(f"the {name}", current)


def is_sqlite() -> bool:
    """Whether this process runs on SQLite."""
    return bool(db.engine.dialect.name == "sqlite")


_PLANNED = 500
"""Statements that a connection of PostgreSQL keeps planned, of those asked five times.

Pages ask some 260 often; the same one with a list of another length is another one.
"""

_CACHE = "cache_size=-16000"
"""16 MB of a large company stay with each connection of SQLite, instead of 2: its indexes' upper pages, above all."""


@event.listens_for(Engine, "connect")
def _prepare_connection(connection: Any, _record: Any) -> None:
    if isinstance(connection, sqlite3.Connection):
        connection.isolation_level = None  # we say BEGIN ourselves, see _begin
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=15000", _CACHE):
            connection.execute(f"PRAGMA {pragma}")
        # SQLite folds ASCII only; names do not stop there
        connection.create_function("lower", 1, lambda text: text.lower() if isinstance(text, str) else text)
    elif isinstance(connection, psycopg.Connection):
        # Our transactions are short: one that stands still is a process that does, and holds what others wait for.
        # Pages read few rows, by index and mostly from memory: no seek is dear, nor are helpers or a compiler worth it.
        for setting in (
            "idle_in_transaction_session_timeout = '5min'",
            "random_page_cost = 1.1",
            "max_parallel_workers_per_gather = 0",
            "jit = off",
        ):
            connection.execute(f"SET {setting}")
        connection.commit()
        connection.prepared_max = _PLANNED


@event.listens_for(Engine, "begin")
def _begin(connection: Connection) -> None:
    write = _writing.get()
    if connection.dialect.name == "sqlite":
        # Said only where it changes: a PRAGMA has SQLite plan anew whatever the connection keeps ready.
        if connection.info.get("writes") is not write:
            connection.exec_driver_sql(f"PRAGMA query_only={0 if write else 1}")
            connection.info["writes"] = write
        connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")
    else:
        surely(connection.connection.driver_connection, "connection").read_only = not write

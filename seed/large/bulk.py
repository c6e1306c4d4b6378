"""Loading much at once: what slows rows down is taken away and put back, and everything put back is asked again.

Indexes, foreign keys, exclusions and triggers are read from the database itself, so none can be forgotten here.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection

from hiring.ground.database import Base, db, schema_change

Say = Callable[[str], None]
_COMES_INDEXED = ("audit_entry", "audit_text")
"""Tables that keep their indexes on SQLite: their rows come from a database that has the same, see ``chain``."""
_PG_CONSTRAINTS = """
SELECT conrelid::regclass::text AS owner, conname AS name, pg_get_constraintdef(oid) AS words, contype AS kind
FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND contype IN ('p', 'u', 'x', 'f')
ORDER BY position(contype::text IN 'puxf'), 1, 2
"""
_PG_INDEXES = """
SELECT i.indexrelid::regclass::text AS name, pg_get_indexdef(i.indexrelid) AS words FROM pg_index i
JOIN pg_class c ON c.oid = i.indrelid WHERE c.relnamespace = 'public'::regnamespace
AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = i.indexrelid) ORDER BY 1
"""
_OVERLAPS = """
SELECT count(*) FROM (SELECT {whose}_id, starts_at, lag(ends_at) OVER (PARTITION BY {whose}_id ORDER BY starts_at)
AS before FROM booking WHERE {whose}_id IS NOT NULL) WHERE before > starts_at
"""


class Broken(RuntimeError):
    """What was loaded does not keep what the schema promises."""


def hasten() -> None:
    """Let this process's one connection not wait for the disk until ``unhindered`` gives it back (SQLite)."""
    with db.engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            raw: Any = connection.connection.dbapi_connection
            raw.execute("PRAGMA synchronous=OFF")


@contextmanager
def without_guard(connection: Connection, table: str) -> Iterator[None]:
    """One table without its triggers for a moment, inside the caller's transaction."""
    if connection.dialect.name == "sqlite":
        found = _sqlite_schema(connection, "type = 'trigger' AND tbl_name = '" + table + "'")
        for name, _ in found:
            connection.exec_driver_sql(f"DROP TRIGGER {name}")
        yield
        for _, words in found:
            connection.exec_driver_sql(words)
    else:
        connection.exec_driver_sql(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        yield
        connection.exec_driver_sql(f"ALTER TABLE {table} ENABLE TRIGGER USER")


@contextmanager
def unhindered(say: Say) -> Iterator[Connection]:
    """A connection on which much is written at once; everything is in force again afterwards, and was asked.

    On PostgreSQL this is one transaction. On SQLite it is none, for speed: a load that fails leaves nothing to go on
    with.
    """
    db.session.remove()
    db.engine.dispose()
    with schema_change(), db.engine.connect() as connection:
        hindered = _sqlite if connection.dialect.name == "sqlite" else _postgres
        with hindered(connection, say):
            yield connection
    db.engine.dispose()


# --- SQLite --------------------------------------------------------------------------------------------------------


def _sqlite_schema(connection: Connection, which: str) -> list[tuple[str, str]]:
    query = f"SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL AND {which} ORDER BY tbl_name, name"  # noqa: S608
    return [(str(name), str(words)) for name, words in connection.exec_driver_sql(query)]


@contextmanager
def _sqlite(connection: Connection, say: Say) -> Iterator[None]:
    raw: Any = connection.connection.dbapi_connection
    for pragma in (
        "foreign_keys=OFF",
        "journal_mode=OFF",
        "synchronous=OFF",
        "cache_size=-300000",
        "temp_store=MEMORY",
        "threads=2",
    ):
        raw.execute(f"PRAGMA {pragma}").fetchall()
    loaded = ", ".join(f"'{table}'" for table in _COMES_INDEXED)
    kept = _sqlite_schema(connection, f"(type = 'trigger' OR type = 'index' AND tbl_name NOT IN ({loaded}))")
    for name, words in kept:
        kind = "TRIGGER" if words.startswith("CREATE TRIGGER") else "INDEX"
        connection.exec_driver_sql(f'DROP {kind} "{name}"')
    yield
    connection.commit()
    raw.execute("PRAGMA cache_size=-64000")  # so that indexes are sorted in stretches, while a second thread sorts
    for _, words in kept:
        raw.execute(words)
    say("indexes")
    for table in Base.metadata.sorted_tables:
        broken = raw.execute(f'PRAGMA foreign_key_check("{table.name}")').fetchmany(3)
        if broken:
            raise Broken(f"rows without their parents: {broken}")
    say("foreign keys asked")
    for whose in ("person", "candidate"):
        (overlaps,) = raw.execute(_OVERLAPS.format(whose=whose)).fetchone()
        if overlaps:
            raise Broken(f"{overlaps} bookings of a {whose} overlap")
    say("bookings overlap nowhere")
    raw.execute("PRAGMA analysis_limit=1000")
    raw.execute("ANALYZE")
    for pragma in ("journal_mode=WAL", "foreign_keys=ON", "synchronous=FULL"):
        raw.execute(f"PRAGMA {pragma}").fetchall()
    say("ANALYZE")


# --- PostgreSQL ----------------------------------------------------------------------------------------------------


@contextmanager
def _postgres(connection: Connection, say: Say) -> Iterator[None]:
    for setting in (
        "synchronous_commit = off",
        "maintenance_work_mem = '1GB'",
        "work_mem = '256MB'",
        "max_parallel_maintenance_workers = 2",
        "jit = off",
        "TIME ZONE 'UTC'",
    ):
        connection.exec_driver_sql(f"SET {setting}")
    constraints = connection.exec_driver_sql(_PG_CONSTRAINTS).all()
    indexes = connection.exec_driver_sql(_PG_INDEXES).all()
    tables = sorted({row.owner for row in constraints})
    for table in tables:
        connection.exec_driver_sql(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    for row in reversed(constraints):
        connection.exec_driver_sql(f'ALTER TABLE {row.owner} DROP CONSTRAINT "{row.name}"')
    for row in indexes:
        connection.exec_driver_sql(f"DROP INDEX {row.name}")
    yield
    for row in (*(one for one in constraints if one.kind != "f"), *indexes):
        if row in indexes:
            connection.exec_driver_sql(row.words)
            continue
        connection.exec_driver_sql(f'ALTER TABLE {row.owner} ADD CONSTRAINT "{row.name}" {row.words}')
    say("indexes and unique constraints")
    for table in tables:
        connection.exec_driver_sql(f"ANALYZE {table}")  # so that the keys are checked by good plans
    say("ANALYZE")
    for row in constraints:
        if row.kind == "f":
            connection.exec_driver_sql(f'ALTER TABLE {row.owner} ADD CONSTRAINT "{row.name}" {row.words}')
    say("foreign keys asked")
    for table in tables:
        connection.exec_driver_sql(f"ALTER TABLE {table} ENABLE TRIGGER USER")
    connection.commit()

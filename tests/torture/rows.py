"""What the database holds, read without the product's queries: by table and id, with what a step wrote read anew."""

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event

from hiring.ground.database import Base, db

UNWATCHED = {
    "adoption",
    "alembic_version",
    "audit_entry",
    "audit_head",
    "audit_text",
    "job_run",
    "outbox",
    "receipt",
    "timeline_entry",
}
"""Tables that the machine looks at when a run ends, or not at all."""
_WRITES = re.compile(r"^\s*(?:INSERT INTO|UPDATE|DELETE FROM)\s+\"?(\w+)", re.IGNORECASE)


class Table(dict[Any, Any]):
    """Rows by id, never changed, so that they are sorted by a column once."""

    def __init__(self, rows: dict[Any, Any]) -> None:
        super().__init__(rows)
        self._by: dict[str, dict[Any, list[Any]]] = {}

    def where(self, column: str, value: Any) -> list[Any]:
        """Rows with this value, by id."""
        if column not in self._by:
            found = self._by[column] = {}
            for row in self.values():
                found.setdefault(getattr(row, column), []).append(row)
        return self._by[column].get(value, [])


class Rows:
    """A snapshot of the watched tables. Tables are replaced, never changed, so that an older snapshot stays true."""

    def __init__(self, tables: dict[str, Table]) -> None:
        self.tables = tables

    @classmethod
    def read(cls) -> "Rows":
        """Everything, as it is now."""
        return cls({}).after(name for name in Base.metadata.tables if name not in UNWATCHED)

    def after(self, written: Iterable[str]) -> "Rows":
        """The snapshot after these tables were written to."""
        found = dict(self.tables)
        for name in sorted(written):
            if name not in Base.metadata.tables or name in UNWATCHED:
                continue
            table = Base.metadata.tables[name]
            keys = [column.name for column in table.primary_key]
            rows = db.session.execute(table.select().order_by(*table.primary_key)).all()

            def key(row: Any, keys: list[str] = keys) -> Any:
                values = tuple(getattr(row, name) for name in keys)
                return values if len(keys) > 1 else values[0]

            found[name] = Table({key(row): row for row in rows})
        return Rows(found)

    def all(self, table: str, **wanted: Any) -> list[Any]:
        """Rows of a table with these values, by id."""
        mine = self.tables[table]
        if not wanted:
            return list(mine.values())
        (column, value), *others = wanted.items()
        return [row for row in mine.where(column, value) if all(getattr(row, name) == it for name, it in others)]

    def get(self, table: str, key: Any) -> Any:
        """One row; raises KeyError."""
        return self.tables[table][key]

    def last(self, table: str, **wanted: Any) -> Any:
        """The newest row with these values, or None."""
        found = self.all(table, **wanted)
        return found[-1] if found else None


@contextmanager
def writes() -> Iterator[set[str]]:
    """The names of the tables that are written to meanwhile."""
    found: set[str] = set()

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        match = _WRITES.match(statement)
        if match:
            found.add(match[1])

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield found
    finally:
        event.remove(db.engine, "before_cursor_execute", note)

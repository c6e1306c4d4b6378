"""Copies of lives, made inside the database: one INSERT … SELECT per table for any number of copies.

Ids are moved by arithmetic, instants by seconds, people to those who play the same part elsewhere. The same statements
run on both engines but for the few words in which they differ.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from sqlalchemy import Column, Connection, Date, Table

from hiring.ground.database import Base, UtcDateTime
from hiring.pipeline.names import findable
from seed.large.lives import BELONGS, Life, condition
from seed.telling import Copy, House

REQUISITION = ("requisition", "job_description", "must_have", "tested_item")
"""Tables of a requisition that an application's rows point into."""
_CAST = ("person", "team")
"""Tables whose rows are mapped by the part they play, also among copies of themselves."""
_POINTERS = {
    ("application", "live_offer_id"): "offer",
    ("application", "description_id"): "job_description",
    ("requisition", "description_id"): "job_description",
}
"""Pointers that look upstairs and have no foreign key."""
_SOURCES = {"interview": "interview", "screen": "phone_screen", "debrief": "loop"}
"""What ``booking.source`` names, by its first word."""


@dataclass(frozen=True, slots=True)
class Made:
    """Where the copies of a life stand: the first id by table, and how many rows of it each copy has."""

    base: dict[str, int]
    width: dict[str, int]

    def id(self, table: str, number: int, rank: int) -> int:
        """The id of a row of copy ``number``."""
        return self.base[table] + number * self.width[table] + rank


class Copier:
    """Copies lives on one connection; keeps the next free id of every table."""

    def __init__(self, connection: Connection, house: House, newest: dict[str, int], names: Sequence[str]) -> None:
        self.connection, self.house = connection, house
        self.next = {table: last + 1 for table, last in newest.items()}
        self.sqlite = connection.dialect.name == "sqlite"
        self.raw: Any = connection.connection.dbapi_connection
        self.requisitions: tuple[Life, Made] | None = None
        self.run("CREATE TEMPORARY TABLE seed_name (id INTEGER PRIMARY KEY, name TEXT)")
        self.names = len(names)
        self.load("seed_name", ("id", "name"), list(enumerate(names)))
        self.run("CREATE TEMPORARY TABLE seed_word (id INTEGER, word TEXT)")
        self.load("seed_word", ("id", "word"), [(n, word) for n, name in enumerate(names) for word in findable(name)])
        gap = "gap TEXT" if self.sqlite else "gap INTERVAL"
        self.run(
            f"CREATE TEMPORARY TABLE seed_copy (n INTEGER, pod INTEGER, rota INTEGER, req INTEGER, recruiter INTEGER, "
            f"days INTEGER, {gap})"
        )

    def run(self, statement: str) -> None:
        """One statement without parameters."""
        self.connection.exec_driver_sql(statement.replace("%", "%%") if not self.sqlite else statement)

    def load(self, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
        """Write rows fast: COPY, or one prepared statement. Texts hold no tab, backslash or line break."""
        raw = self.raw
        if self.sqlite:
            marks = ", ".join("?" * len(columns))
            raw.executemany(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})", rows)  # noqa: S608
            return
        with raw.cursor() as cursor, cursor.copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN") as copy:
            lines = ("\t".join("\\N" if one is None else str(one) for one in row) for row in rows)
            while block := list(islice(lines, 5000)):
                copy.write("\n".join(block) + "\n")

    def place(self, life: Life, copies: Sequence[Copy]) -> Made:
        """Keep ids for copies of a life; returns where they will stand."""
        width = {table: len(ids) for table, ids in life.ids.items()}
        made = Made({table: self.next[table] for table in width}, width)
        for name, many in width.items():
            self.next[name] += many * len(copies)
        return made

    def copy(self, life: Life, copies: Sequence[Copy], made: Made) -> None:
        """Write copies of a life where there is a place for them."""
        if not copies:
            return
        width = made.width
        self._plan(copies)
        tables = [row for row in Base.metadata.sorted_tables if row.name in width or row.name in BELONGS]
        for table in tables:
            rank = BELONGS.get(table.name, "id")
            self.run(
                f"CREATE TEMPORARY TABLE walked_{table.name} AS SELECT row_number() OVER (ORDER BY {rank}) - 1 "  # noqa: S608
                f'AS rank, "{table.name}".* FROM "{table.name}" WHERE {condition(table.name, life)}'
            )
        for table in tables:
            self._rank(table, width)
        for table in tables:
            self._insert(table, life, made)
        for table in tables:
            self.run(f"DROP TABLE walked_{table.name}")
        if "candidate" in width:
            self._words(made.base["candidate"])

    def close(self) -> None:
        """Drop what was temporary, and let the next row of every table be given an id of its own."""
        for table in ("seed_name", "seed_word", "seed_copy"):
            self.run(f"DROP TABLE {table}")
        if not self.sqlite:
            for table, free in self.next.items():
                if table != "audit_entry" and free > 1:
                    self.run(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), {free - 1})")

    def _words(self, first: int) -> None:
        """The words of the names that candidates were given, from this id on."""
        self.run(
            "INSERT INTO candidate_word (candidate_id, word) SELECT c.id, w.word FROM candidate c "  # noqa: S608
            f"JOIN seed_word w ON w.id = {self._name('c.id')} WHERE c.id >= {first}"
        )

    def _name(self, own: str) -> str:
        """Which of the names a row with this id is given."""
        return f"(({own}) * 7919) % {self.names}"

    def _plan(self, copies: Sequence[Copy]) -> None:
        self.run("DELETE FROM seed_copy")
        rows = (
            (n, c.pod, c.rota, c.requisition, c.recruiter, c.seconds // 86_400, f"{c.seconds:+d} seconds")
            for n, c in enumerate(copies)
        )
        self.load("seed_copy", ("n", "pod", "rota", "req", "recruiter", "days", "gap"), rows)

    def _rank(self, table: Table, width: dict[str, int]) -> None:
        """Let what points at rows of this life name their rank instead of their id."""
        wanted = [
            f'"{column.name}" = (SELECT rank FROM walked_{target} o WHERE o.id = walked_{table.name}."{column.name}")'  # noqa: S608
            for column in table.c
            if (target := _target(table, column)) in width and target not in _CAST
        ]
        if table.name == "booking":
            whens = " ".join(
                f"WHEN source LIKE '{word}:%' THEN '{word}:' || (SELECT rank FROM walked_{of} o "  # noqa: S608
                f"WHERE '{word}:' || o.id = walked_booking.source)"
                for word, of in _SOURCES.items()
                if of in width
            )
            wanted.append(f"source = CASE {whens} END")
        if wanted:
            self.run(f"UPDATE walked_{table.name} SET {', '.join(wanted)}")  # noqa: S608

    def _insert(self, table: Table, life: Life, made: Made) -> None:
        values = [self._value(table, column, life, made) for column in table.c]
        columns = ", ".join(f'"{column.name}"' for column in table.c)
        # One copy after the other, so that what belongs together lies together.
        walked = f"walked_{table.name}"
        if not self.sqlite:
            walked = f"LATERAL (SELECT * FROM {walked} ORDER BY rank OFFSET 0)"  # noqa: S608  (a name of ours)
        source = f"seed_copy p CROSS JOIN {walked} t"
        self.run(f'INSERT INTO "{table.name}" ({columns}) SELECT {", ".join(values)} FROM {source}')  # noqa: S608

    def _value(self, table: Table, column: Column[Any], life: Life, made: Made) -> str:
        here, target = f't."{column.name}"', _target(table, column)
        if column.name == "id" and table.name in made.base and column.primary_key:
            return _moved(made, table.name, "t.rank")
        if (special := self._special(table.name, column.name, made)) is not None:
            return special
        if target == "person":
            return self.house.person_sql(here)
        if target == "team":
            step = f"{self.house.other_teams - 1} + p.pod"
            return f"CASE WHEN p.pod > 0 AND {here} = {self.house.team} THEN {step} ELSE {here} END"
        if target in made.base:
            return _moved(made, target, here)
        if target in REQUISITION and self.requisitions is not None:
            walked, others = self.requisitions
            first, width = walked.ids[target][0], others.width[target]
            moved = f"{others.base[target] - width - first} + p.req * {width} + {here}"
            return f"CASE WHEN p.req = 0 THEN {here} ELSE {moved} END"
        return self._later(column, here)

    def _later(self, column: Column[Any], here: str) -> str:
        """Instants and days move by the copy's gap; anything else stays."""
        if isinstance(column.type, UtcDateTime):
            shifted = f"datetime({here}, p.gap) || '.000000'"
            return shifted if self.sqlite else f"{here} + p.gap"
        if isinstance(column.type, Date):
            return f"date({here}, p.gap)" if self.sqlite else f"{here} + p.days"
        return here

    def _special(self, table: str, column: str, made: Made) -> str | None:
        """Words that name rows, or that no two rows share."""
        own = _moved(made, table, "t.rank") if table in made.base else "0"
        number = f"printf('%016d', {own})" if self.sqlite else f"lpad(({own})::text, 16, '0')"
        candidate, application = (
            _moved(made, name, "0") if name in made.base else "0" for name in ("candidate", "application")
        )
        name = f"(SELECT name FROM seed_name s WHERE s.id = {self._name(own)})"  # noqa: S608
        recipient = self.house.person_sql("t.recipient_id")
        found = {
            "candidate.name": name,
            "candidate.name_key": f"lower({name})",
            "candidate.email": f"'c' || ({own}) || '@candidates.example'",
            "candidate.email_key": f"'c' || ({own}) || '@candidates.example'",
            "candidate.link_digest": f"substr(t.link_digest, 1, 48) || {number}",
            "person.name": name,
            "person.email": f"'p' || ({own}) || '@large.example'",
            "person.cast": "0" if self.sqlite else "false",
            "team.name": "t.name || ' ' || p.pod",
            "opening.filled_by": "NULL",
            "requisition.code": f"'L-' || ({own})",
            "notice.message_id": f"'<' || {number} || '@large.example>'",
            "notice.key": f"'copy:' || ({own}) || ':' || t.key",
            "notice.about": f"CASE WHEN t.about LIKE 'candidate:%' THEN 'candidate:' || ({candidate}) "
            f"WHEN t.about LIKE 'application:%' THEN 'application:' || ({application}) ELSE t.about END",
            "notice.to_address": f"CASE WHEN t.recipient_id IS NULL THEN 'c' || ({candidate}) || '@candidates.example' "
            f"ELSE 'p' || ({recipient}) || '@large.example' END",
        }
        if f"{table}.{column}" == "booking.source":
            whens = " ".join(
                f"WHEN t.source LIKE '{word}:%' THEN '{word}:' || "
                f"({_moved(made, of, f'CAST(substr(t.source, {len(word) + 2}) AS INTEGER)')})"
                for word, of in _SOURCES.items()
                if of in made.base
            )
            return f"CASE {whens} END"
        return found.get(f"{table}.{column}")


def _target(table: Table, column: Column[Any]) -> str:
    """The table that a column points to; empty where it does not."""
    keys = [key.column.table.name for key in column.foreign_keys]
    return keys[0] if keys else _POINTERS.get((table.name, column.name), "")


def _moved(made: Made, table: str, rank: str) -> str:
    return f"{made.base[table]} + p.n * {made.width[table]} + {rank}"

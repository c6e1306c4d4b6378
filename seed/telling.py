"""The audit log of a large company, told in a process of its own while others write the company's rows.

``python -m seed.telling FILE`` reads there what is to be told (JSON, see ``Story``) and leaves the log in another file:
for SQLite a database with the log's tables and indexes, for PostgreSQL the lines that COPY reads. Imports little, so
that it starts at once; ``seed.large.chain`` asks for it.
"""

import gc
import hashlib
import json
import sqlite3
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import NamedTuple, TypedDict

GENESIS = "0" * 64
_DAY = 86_400
_EPOCH = date(1970, 1, 1).toordinal()
_CLOCK = [f"{hour:02}:{minute:02}:{second:02}" for hour in range(24) for minute in range(60) for second in range(60)]


class Copy(NamedTuple):
    """One copy: how many seconds later, in which pod, whose interviewers take turns by ``rota``, for which requisition,
    run by which recruiter. All count from the walked one, which is 0.
    """

    seconds: int
    pod: int = 0
    rota: int = 0
    requisition: int = 0
    recruiter: int = 0


@dataclass
class House:
    """Where the walked pod's people stand among all: ids. ``others``: the first id of the pods copied from it."""

    recruiter: int
    first: int
    interviewers: int
    width: int
    team: int
    others: int = 0
    other_teams: int = 0

    @property
    def takers(self) -> int:
        """How many interviewers of a pod take turns."""
        return self.width - (self.interviewers - self.first)

    def person(self, person_id: int | None, copy: Copy) -> int | None:
        """Who plays that person's part in a copy; the SQL says the same."""
        if person_id is None or person_id < self.recruiter:
            return person_id
        if person_id == self.recruiter:
            return person_id + copy.recruiter
        if person_id < self.first:
            return person_id
        if person_id >= self.interviewers:
            person_id = self.interviewers + (person_id - self.interviewers + copy.rota) % self.takers
        return person_id if copy.pod == 0 else self.others + (copy.pod - 1) * self.width + person_id - self.first

    def person_sql(self, column: str) -> str:
        """The same in SQL, for a column of the walked rows ``t`` and the copies ``p``."""
        at = self.interviewers
        turned = f"CASE WHEN {column} >= {at} THEN {at} + ({column} - {at} + p.rota) % {self.takers} ELSE {column} END"
        return (
            f"CASE WHEN {column} = {self.recruiter} THEN {column} + p.recruiter WHEN {column} < {self.first} "
            f"THEN {column} WHEN p.pod = 0 THEN {turned} "
            f"ELSE {self.others - self.first - self.width} + p.pod * {self.width} + {turned} END"
        )


class Line(NamedTuple):
    """An entry of a walked life, and how its subject moves: ``first`` and ``step`` count copies, or requisitions."""

    seconds: int
    """Since 1970."""
    actor_id: int | None
    act: str
    subject: str
    digest: str
    walked_id: int | None
    first: int | None
    step: int
    by_requisition: bool


class Story(TypedDict):
    """What is to be told, and where to: each life's lines and copies."""

    path: str
    schema: list[str]
    """What makes the log's tables and indexes on SQLite; empty for PostgreSQL."""
    house: dict[str, int]
    lives: list[tuple[list[Line], list[Copy]]]
    texts: list[tuple[str, str, str]]
    """Digest, salt and details of each walked entry."""


Entry = tuple[int, str, str, int | None, str, str, int | None, str, str, str]
"""Position, day, time of day, actor, act, subject and its id, the details' digest, the hash before and its own."""


def entries(house: House, lives: Sequence[tuple[list[Line], list[Copy]]]) -> Iterator[Entry]:
    """The log in order: of every walked life and all its copies, by when each began; each chained to the one before."""
    order = [
        (lines[0].seconds + copy.seconds, place, number)
        for place, (lines, copies) in enumerate(lives)
        for number, copy in enumerate((Copy(0), *copies), start=-1)
    ]
    order.sort()
    words = [
        [(f"{json.dumps(line.act)}, {json.dumps(line.subject)}, ", f', "{line.digest}"]') for line in lines]
        for lines, _ in lives
    ]
    previous, position, still = GENESIS, 0, Copy(0)
    for _, place, number in order:
        lines, copies = lives[place]
        copy = still if number < 0 else copies[number]
        for line, (start, end) in zip(lines, words[place], strict=True):
            seconds, actor_id, act, subject, digest, subject_id, first, step, by_requisition = line
            position += 1
            passed, second = divmod(seconds + copy.seconds, _DAY)
            day, clock = _day(passed), _CLOCK[second]
            actor = house.person(actor_id, copy)
            at = copy.requisition - 1 if by_requisition else number
            if first is not None and at >= 0:
                subject_id = first + at * step
            said = (
                f'["{previous}", {position}, "{day}T{clock}+00:00", {"null" if actor is None else actor}, '
                f"{start}{'null' if subject_id is None else subject_id}{end}"
            )
            current = hashlib.sha256(said.encode()).hexdigest()
            yield position, day, clock, actor, act, subject, subject_id, digest, previous, current
            previous = current


@cache
def _day(passed: int) -> str:
    return date.fromordinal(_EPOCH + passed).isoformat()


def _tell_sqlite(story: Story, told: Iterator[Entry]) -> None:
    with sqlite3.connect(story["path"], isolation_level=None) as database:
        for pragma in ("journal_mode=OFF", "synchronous=OFF", "cache_size=-64000", "threads=2"):
            database.execute(f"PRAGMA {pragma}")
        tables = [words for words in story["schema"] if words.startswith("CREATE TABLE")]
        for words in tables:
            database.execute(words)
        database.execute("CREATE TEMPORARY TABLE told_text (digest TEXT PRIMARY KEY, salt TEXT, details TEXT)")
        database.executemany("INSERT INTO told_text VALUES (?, ?, ?)", story["texts"])
        database.execute("BEGIN")
        database.executemany(
            "INSERT INTO audit_entry VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            ((row[0], f"{row[1]} {row[2]}.000000", *row[3:]) for row in told),
        )
        database.execute(
            "INSERT INTO audit_text SELECT e.position, t.salt, t.details FROM audit_entry e "
            "CROSS JOIN told_text t ON t.digest = e.details_digest ORDER BY e.position"
        )
        database.execute("COMMIT")
        for words in story["schema"]:
            if words not in tables:
                database.execute(words)


def _tell_postgres(story: Story, told: Iterator[Entry]) -> None:
    with Path(story["path"]).open("w", encoding="utf-8", newline="\n") as file:
        for position, day, clock, actor, act, subject, subject_id, *hashes in told:
            of, by = ("\\N" if one is None else one for one in (subject_id, actor))
            file.write(f"{position}\t{day} {clock}+00\t{by}\t{act}\t{subject}\t{of}\t" + "\t".join(hashes) + "\n")


def tell(story: Story) -> None:
    """Leave the log in the story's file."""
    lives = [([Line(*line) for line in lines], [Copy(*copy) for copy in copies]) for lines, copies in story["lives"]]
    told = entries(House(**story["house"]), lives)
    if story["schema"]:
        _tell_sqlite(story, told)
    else:
        _tell_postgres(story, told)


if __name__ == "__main__":
    gc.disable()  # millions of rows, none of which points back
    tell(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")))

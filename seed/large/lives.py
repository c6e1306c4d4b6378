"""Lives that were walked through the product's own actions, and which rows each of them left behind.

A life is what one application, or one requisition, wrote. Its rows are known by the ids that the tables gave out while
it was walked, and are numbered from 0 in each table (their rank), so that copies of them can stand anywhere.
"""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from sqlalchemy import Table, func, literal, select, text, union_all

from hiring.ground.audit import AuditEntry, AuditHead, AuditText
from hiring.ground.database import Base, db
from hiring.ground.installation import Installation
from hiring.people.models import SignInAttempt, SignInSession
from hiring.pipeline.models import FunnelCount, FunnelTotal

_ELSEWHERE = {
    row.__tablename__
    for row in (AuditEntry, AuditHead, AuditText, FunnelCount, FunnelTotal, Installation, SignInAttempt, SignInSession)
}
"""Not copied: the audit is chained anew, counts are recounted, the rest belongs to no life."""
BELONGS = {"first_entry": "application_id", "veto": "application_id", "cord_named": "cord_id"}
"""Tables without ids of their own, whose rows belong to another table's."""


def counted() -> list[Table]:
    """Every table that numbers its rows and whose rows belong to lives, parents first."""
    return [
        table
        for table in Base.metadata.sorted_tables
        if table.name not in _ELSEWHERE and "id" in table.c and table.c.id.primary_key
    ]


def newest() -> dict[str, int]:
    """The highest id of each table so far; of the audit, the highest position."""
    each = [select(literal(table.name), func.coalesce(func.max(table.c.id), 0)) for table in counted()]
    each.append(select(literal("audit_entry"), func.coalesce(func.max(AuditEntry.position), 0)))
    return {str(row[0]): int(row[1]) for row in db.session.execute(union_all(*each))}


@dataclass(frozen=True, slots=True)
class Noted:
    """An audit entry of a life; ``subject_id`` is a rank where its ``table`` is one of the life's."""

    at: datetime
    actor_id: int | None
    act: str
    subject: str
    subject_id: int | None
    digest: str
    ranked: bool


@dataclass
class Life:
    """The rows of one walk: ids by table, in order, and its audit entries."""

    name: str
    ids: dict[str, list[int]] = field(default_factory=dict)
    audit: list[Noted] = field(default_factory=list)

    @contextmanager
    def goes_on(self) -> Iterator["Life"]:
        """Everything written inside belongs to this life."""
        before = newest()
        yield self
        db.session.rollback()
        for table, last in newest().items():
            if table != "audit_entry" and last > before[table]:
                self.ids.setdefault(table, []).extend(range(before[table] + 1, last + 1))
        self._forget_deleted()
        self._note(before["audit_entry"])

    def _forget_deleted(self) -> None:
        """Keep the ids of rows that are still there: an appointment may have been cancelled since."""
        each = " UNION ALL ".join(
            f"SELECT '{table}', id FROM \"{table}\" WHERE {condition(table, self)}"  # noqa: S608  (names and numbers)
            for table in self.ids
        )
        found: dict[str, list[int]] = {}
        for table, row_id in db.session.execute(text(each)):
            found.setdefault(table, []).append(row_id)
        self.ids = {table: sorted(ids) for table, ids in found.items()}

    def _note(self, position: int) -> None:
        entries = db.session.scalars(
            select(AuditEntry).where(AuditEntry.position > position).order_by(AuditEntry.position)
        )
        for row in entries:
            rank = self.rank(row.subject, row.subject_id)
            self.audit.append(
                Noted(
                    row.at,
                    row.actor_id,
                    row.act,
                    row.subject,
                    row.subject_id if rank is None else rank,
                    row.details_digest,
                    rank is not None,
                )
            )
        db.session.rollback()

    def rank(self, table: str, row_id: int | None) -> int | None:
        """The place of a row among this life's of its table; None where it is not one of them."""
        ids = self.ids.get(table, [])
        place = bisect_left(ids, row_id or 0)
        return place if place < len(ids) and ids[place] == row_id else None

    def one(self, table: str) -> int:
        """The id of the first row of a table, like the application's."""
        return self.ids[table][0]

    def copied(self, name: str, ids: dict[str, list[int]], gap: timedelta) -> "Life":
        """The life that a copy of this one is, so much later."""
        return Life(name, ids, [replace(entry, at=entry.at + gap) for entry in self.audit])


def condition(table: str, life: Life) -> str:
    """SQL that finds the life's rows of a table."""
    column, of = ("id", table) if table not in BELONGS else (BELONGS[table], BELONGS[table].removesuffix("_id"))
    return " OR ".join(f"{column} BETWEEN {first} AND {last}" for first, last in _runs(life.ids.get(of, []))) or "1 = 0"


def _runs(ids: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Ids in order as runs without gaps."""
    start = previous = None
    for one in ids:
        if previous is None or one != previous + 1:
            if start is not None and previous is not None:
                yield start, previous
            start = one
        previous = one
    if start is not None and previous is not None:
        yield start, previous

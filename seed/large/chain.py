"""The audit log of many lives at once: entries by the time of their lives, each chained to the one before it."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from seed.large.copying import REQUISITION, Copier, Copy, House, Made
from seed.large.lives import Life, Noted

COLUMNS = (
    "position",
    "at",
    "actor_id",
    "act",
    "subject",
    "subject_id",
    "details_digest",
    "previous_hash",
    "hash",
)
_GENESIS = "0" * 64


@dataclass(frozen=True, slots=True)
class Told:
    """A life with its copies, as the chain tells them."""

    life: Life
    copies: Sequence[Copy]
    made: Made


def entries(
    told: Sequence[Told], house: House, requisitions: tuple[Life, Made], *, sqlite: bool
) -> Iterator[tuple[Any, ...]]:
    """The rows of the log in order: of every walked life and all its copies, by when each began."""
    order = [
        (one.life.audit[0].at.timestamp() + copy.seconds, place, number)
        for place, one in enumerate(told)
        for number, copy in enumerate(one.copies)
        if one.life.audit
    ]
    order += [(one.life.audit[0].at.timestamp(), place, -1) for place, one in enumerate(told) if one.life.audit]
    order.sort()
    words = [[_words(entry) for entry in one.life.audit] for one in told]
    previous, position, still = _GENESIS, 0, Copy(0)
    for _, place, number in order:
        one = told[place]
        copy = still if number < 0 else one.copies[number]
        gap = timedelta(seconds=copy.seconds)
        for entry, (start, end) in zip(one.life.audit, words[place], strict=True):
            position += 1
            at: datetime = entry.at + gap
            actor = house.person(entry.actor_id, copy)
            subject = _subject(entry, one, number, copy, requisitions)
            iso = at.isoformat()
            said = (
                f'["{previous}", {position}, "{iso}", {"null" if actor is None else actor}, '
                f"{start}{'null' if subject is None else subject}{end}"
            )
            current = hashlib.sha256(said.encode()).hexdigest()
            when = f"{iso[:10]} {iso[11:19]}.000000" if sqlite else iso
            yield position, when, actor, entry.act, entry.subject, subject, entry.digest, previous, current
            previous = current


def _words(entry: Noted) -> tuple[str, str]:
    """The parts of an entry's link that are the same in every copy, as JSON says them."""
    return f"{json.dumps(entry.act)}, {json.dumps(entry.subject)}, ", f', "{entry.digest}"]'


def _subject(entry: Noted, one: Told, number: int, copy: Copy, requisitions: tuple[Life, Made]) -> int | None:
    if entry.subject_id is None:
        return None
    if entry.ranked:
        if number < 0:
            return one.life.ids[entry.subject][entry.subject_id]
        return one.made.id(entry.subject, number, entry.subject_id)
    if entry.subject in REQUISITION and copy.requisition:
        walked, others = requisitions
        rank = walked.rank(entry.subject, entry.subject_id)
        return entry.subject_id if rank is None else others.id(entry.subject, copy.requisition - 1, rank)
    return entry.subject_id


def write(copier: Copier, told: Sequence[Told], requisitions: tuple[Life, Made]) -> int:
    """Write the log anew, its texts and its head; returns how many entries it has."""
    last: tuple[Any, ...] = (0, _GENESIS)

    def counted() -> Iterator[tuple[Any, ...]]:
        nonlocal last
        for row in entries(told, copier.house, requisitions, sqlite=copier.sqlite):
            last = (row[0], row[-1])
            yield row

    texts = "CREATE TEMPORARY TABLE seed_text AS SELECT e.details_digest AS digest, min(t.salt) AS salt, "
    details = "min(t.details)" if copier.sqlite else "min(t.details::text)::json"
    copier.run(f"{texts}{details} AS details FROM audit_entry e JOIN audit_text t USING (position) GROUP BY 1")
    copier.run("CREATE UNIQUE INDEX seed_text_digest ON seed_text (digest)")
    for table in ("audit_text", "audit_head", "audit_entry"):
        copier.run(f"DELETE FROM {table}")  # noqa: S608  (a name of ours)
    copier.load("audit_entry", COLUMNS, counted())
    copier.run(
        "INSERT INTO audit_text (position, salt, details) SELECT e.position, t.salt, t.details FROM audit_entry e "
        "JOIN seed_text t ON t.digest = e.details_digest ORDER BY e.position"
    )
    copier.load("audit_head", ("id", "position", "hash"), [(1, *last)])
    return int(last[0])

"""Reads of the training page: who waits for what, whose certification lapses, and who is a Bar Raiser."""

from collections.abc import Sequence
from datetime import date
from typing import TypeAlias

from sqlalchemy import Date, Row, Select, bindparam, func, select

from hiring.ground.database import BigId
from hiring.people import queries
from hiring.people.asking import MOST, find
from hiring.people.models import Person, Qualification
from hiring.people.rules import LAPSING, Record, Standing

PAGE = 50
BAR_RAISERS = 25
"""Of them on a page that says how busy each is."""
Waiting: TypeAlias = tuple[int, str, str, int, date]
"""Somebody's id, name, title and level, and a day."""


def waiting_for_pairing(on: date) -> Sequence[Row[*Waiting]]:
    """Who has done the course but no paired interview, with the day of the course, longest waiting first.

    One more than a ``PAGE`` at most.
    """
    return find(_unpaired, on=on, most=PAGE + 1)


def _unpaired() -> Select[*Waiting]:
    since = func.min(Qualification.on)
    return (
        select(Person.id, Person.name, Person.title, Person.level, since)
        .join(Qualification, Qualification.person_id == Person.id)
        .where(Qualification.unpaired, Person.disabled_at.is_(None), ~queries.has(Record.PAIRED_INTERVIEW, queries.ON))
        .group_by(Person.id)
        .order_by(since, Person.id)
        .limit(MOST)
    )


def waiting_for_certification(on: date) -> list[int]:
    """Ids of people still here who are nominated as Bar Raisers and hold no current certification."""
    return [row[0] for row in find(_uncertified, on=on)]


def _uncertified() -> Select[int]:
    nominated = select(Qualification.person_id).where(*queries.valid(Record.NOMINATION, queries.ON))
    certified = queries.has(Record.CERTIFICATION, queries.ON).where(Qualification.expires_on >= queries.ON)
    query = select(Person.id).where(Person.id.in_(nominated), ~certified, Person.disabled_at.is_(None))
    return query.order_by(Person.name)


def lapsing(on: date) -> Sequence[Row[int, str, date | None]]:
    """Bar Raisers whose newest certification ends within ``LAPSING`` of the day, soonest first: id, name, last day."""
    return find(_lapsing, on=on, soon=on + LAPSING)


def _lapsing() -> Select[int, str, date | None]:
    last = func.max(Qualification.expires_on)
    return (
        select(Person.id, Person.name, last)
        .join(Qualification, Qualification.person_id == Person.id)
        .where(
            Qualification.record == queries.written(Record.CERTIFICATION),
            Qualification.void_at.is_(None),
            Person.disabled_at.is_(None),
        )
        .group_by(Person.id)
        .having(last >= queries.ON, last <= bindparam("soon", type_=Date))
        .order_by(last, Person.id)
    )


def bar_raisers(on: date, after: int | None = None) -> tuple[list[int], bool]:
    """A page of those certified on that day, by name, and whether more follow. ``after``: the last one before it."""
    rows = find(_bar_raisers, after is not None, on=on, after=after, most=BAR_RAISERS + 1)
    found = [row[0] for row in rows]
    return found[:BAR_RAISERS], len(found) > BAR_RAISERS


def _bar_raisers(after_others: bool) -> Select[int]:
    query = queries.of_standing(select(Person.id).where(Person.disabled_at.is_(None)), Standing.BAR_RAISER, queries.ON)
    if after_others:
        query = query.where(queries.behind(bindparam("after", type_=BigId)))
    return query.order_by(Person.name, Person.id).limit(MOST)

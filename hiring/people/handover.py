"""What somebody who leaves still owes; the rooms upstairs say so, this room only collects."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from hiring.people.models import Person
from hiring.people.rules import Debt

DebtSource = Callable[[int], list[Debt]]
Bar = Callable[[Person, set[int]], set[int]]
_sources: dict[DebtSource, None] = {}
_bars: dict[Bar, None] = {}
_NO_DATE = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Owed:
    """What somebody owes, as far as a reader may know: earliest first, and how much more there is."""

    seen: list[Debt]
    hidden: int


def owes(source: DebtSource) -> DebtSource:
    """Add a source: given a person's id, what they owe; usable as a decorator."""
    _sources[source] = None  # twice is once: an application is made anew for each engine of the tests
    return source


def bars(bar: Bar) -> Bar:
    """Add a question: of these applications, by id, which a reader may know nothing of; usable as a decorator."""
    _bars[bar] = None
    return bar


def debts(person_id: int, reader: Person | None) -> Owed:
    """Everything somebody owes, earliest first, what has no date last. ``reader`` null: the command line, sees all."""
    found = [debt for source in _sources for debt in source(person_id)]
    about = {debt.application_id for debt in found if debt.application_id is not None}
    barred = {one for bar in _bars for one in bar(reader, about)} if reader is not None and about else set()
    seen = [debt for debt in found if debt.application_id not in barred]
    return Owed(sorted(seen, key=lambda debt: debt.when or _NO_DATE), len(found) - len(seen))

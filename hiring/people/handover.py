"""What somebody who leaves still owes; the rooms upstairs say so, this room only collects."""

from collections.abc import Callable
from datetime import UTC, datetime

from hiring.people.rules import Debt

DebtSource = Callable[[int], list[Debt]]
_sources: list[DebtSource] = []
_NO_DATE = datetime.max.replace(tzinfo=UTC)


def owes(source: DebtSource) -> DebtSource:
    """Add a source: given a person's id, what they owe; usable as a decorator."""
    if source not in _sources:
        _sources.append(source)
    return source


def debts(person_id: int) -> list[Debt]:
    """Everything somebody owes, earliest first, what has no date last."""
    found = [debt for source in _sources for debt in source(person_id)]
    return sorted(found, key=lambda debt: debt.when or _NO_DATE)

"""Personal data has owners: each room says how its part of a person is erased, exported and searched.

The rooms register; ``app`` wires; a test fails on a personal column that nobody owns.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Owner:
    """One room's duties for the personal columns (``table.column``) that it names.

    ``export`` maps a candidate's id to plain rows; ``erase`` empties those columns for the candidate.
    """

    room: str
    columns: frozenset[str]
    export: Callable[[int], Iterable[dict[str, Any]]] | None = None
    erase: Callable[[int], None] | None = None


_owners: list[Owner] = []


def own(room: str, columns: Iterable[str], **duties: Any) -> None:
    """Register a room as owner of personal columns."""
    _owners.append(Owner(room, frozenset(columns), **duties))


def owners() -> list[Owner]:
    """All owners registered so far."""
    return list(_owners)

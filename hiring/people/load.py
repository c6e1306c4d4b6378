"""How busy people are this week; the rooms that book interviews say so, this room only adds up."""

from collections.abc import Callable, Collection, Iterable
from datetime import datetime

from hiring.people.rules import Load

At = tuple[int, datetime]
"""Somebody's id, and an instant in the ISO week that is asked about."""
LoadSource = Callable[[Collection[At]], dict[At, Load]]
load_sources: dict[LoadSource, None] = {}


def register(source: LoadSource) -> LoadSource:
    """Add a source: the load of each person's own ISO week around each instant; usable as a decorator."""
    load_sources[source] = None
    return source


def loads(ids: Iterable[int], now: datetime) -> dict[int, Load]:
    """The load of several people in the ISO week of ``now``; nobody is missing, the idle have zeros."""
    return {person_id: load for (person_id, _), load in loads_at((one, now) for one in ids).items()}


def loads_at(wanted: Iterable[At]) -> dict[At, Load]:
    """``loads`` where each is asked about a week of their own; one question however many there are."""
    result = dict.fromkeys(sorted(set(wanted)), Load())
    if not result:
        return {}
    for source in load_sources:
        for at, load in source(result.keys()).items():
            result[at] += load
    return result

"""How busy people are this week; the rooms that book interviews say so, this room only adds up."""

from collections.abc import Callable, Iterable
from datetime import datetime

from hiring.people.rules import Load

LoadSource = Callable[[list[int], datetime], dict[int, Load]]
load_sources: list[LoadSource] = []


def register(source: LoadSource) -> LoadSource:
    """Add a source: given ids and an instant, the load of each person's own ISO week; usable as a decorator."""
    if source not in load_sources:
        load_sources.append(source)
    return source


def loads(ids: Iterable[int], now: datetime) -> dict[int, Load]:
    """The load of several people in the ISO week of ``now``; nobody is missing, the idle have zeros."""
    wanted = sorted(set(ids))
    result = dict.fromkeys(wanted, Load())
    for source in load_sources:
        for person_id, load in source(wanted, now).items():
            result[person_id] += load
    return result

"""What is due from somebody: each room registers a source, the desk asks all of them that have something."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

from sqlalchemy import Select, select

from hiring.people.asking import Asker, ask
from hiring.people.models import Person
from hiring.pipeline.readers import barred_among


@dataclass(frozen=True, slots=True)
class DeskItem:
    """One thing that a person owes or attends. ``due`` null: no deadline; ``kind`` groups them.

    An appointment says when it ends (``until``): it begins at ``due`` and is never late. ``application_id``: the
    application that it names or leads to; it lies on no desk of the candidate's inside.
    """

    title: str
    detail: str
    url: str
    due: datetime | None
    kind: str
    until: datetime | None = None
    application_id: int | None = None


DeskSource: TypeAlias = Callable[[Person, datetime], list[DeskItem]]
Rows: TypeAlias = Callable[[Asker], Select[*tuple[Any, ...]]]
_sources: list[DeskSource] = []
_rare: list[tuple[Rows, DeskSource]] = []


def desk_source(source: DeskSource) -> DeskSource:
    """Decorator: register what a room has on somebody's desk."""
    _sources.append(source)
    return source


def rare_desk_source(rows: Rows) -> Callable[[DeskSource], DeskSource]:
    """The same for what most desks lack: the room is asked where its ``rows`` are not empty.

    One question tells so for all such rooms.
    """

    def register(source: DeskSource) -> DeskSource:
        _rare.append((rows, source))
        return source

    return register


def _which(asker: Asker, rare: tuple[Rows, ...]) -> Select[*tuple[Any, ...]]:
    return select(*(rows(asker).exists() for rows in rare))


def items_for(person: Person, now: datetime) -> list[DeskItem]:
    """Everything due from the person, by deadline; what has none comes last. Barred is asked first, whatever is due."""
    [some] = ask(_which, person, tuple(rows for rows, _ in _rare))
    there = [source for (_, source), any_rows in zip(_rare, some, strict=True) if any_rows]
    found = [item for source in _sources + there for item in source(person, now)]
    barred = barred_among(person, {item.application_id for item in found if item.application_id is not None})
    seen = (item for item in found if item.application_id not in barred)
    return sorted(seen, key=lambda item: (item.due is None, item.due or now, item.title))

"""What is due from somebody: each room registers a source, the desk asks all of them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

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


DeskSource = Callable[[Person, datetime], list[DeskItem]]
_sources: list[DeskSource] = []


def desk_source(source: DeskSource) -> DeskSource:
    """Decorator: register what a room has on somebody's desk."""
    _sources.append(source)
    return source


def items_for(person: Person, now: datetime) -> list[DeskItem]:
    """Everything due from the person, by deadline; what has none comes last. Barred is asked first, whatever is due."""
    found = [item for source in _sources for item in source(person, now)]
    barred = barred_among(person, {item.application_id for item in found if item.application_id is not None})
    seen = (item for item in found if item.application_id not in barred)
    return sorted(seen, key=lambda item: (item.due is None, item.due or now, item.title))

"""A loop that is composed, or confirmed, by the room's own actions; and what tests look at in it."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from hiring.ground.database import db, writing
from hiring.ground.rulebook import Refused
from hiring.people.models import Person
from hiring.pipeline import queries as pipeline
from hiring.pipeline import readers
from hiring.pipeline.rules import Stand, Step
from hiring.steps.interview_loop import actions, queries
from hiring.steps.interview_loop.models import Interview, Loop, Seat
from hiring.steps.interview_loop.rules import ENDED
from tests.builders import LOOP_DAY, Built, application_at
from tests.cast import Cast

NOW = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)
FIRST = datetime(2026, 3, 9, 8, 0, tzinfo=UTC)
"""Monday after NOW; slots follow hourly, 45 minutes each."""
AFTER = LOOP_DAY + timedelta(hours=6)
REASONS = dict.fromkeys(
    ("loop.two_or_three", "loop.balance", "loop.load", "loop.night", "loop.debrief_booked"), "Enough."
)


def slot(place: int) -> tuple[datetime, datetime]:
    return FIRST + timedelta(hours=place), FIRST + timedelta(hours=place, minutes=45)


def act(work: Callable[[], object]) -> None:
    with writing():
        work()


def composed(cast: Cast, built: Built | None = None, *, extra: tuple[str, ...] = ("iris", "irma")) -> Built:
    """A loop of five with slots, principles and a debrief, not yet confirmed."""
    if built is not None:
        return _compose(cast, built, extra)
    return cast.made(f"composed {extra}", lambda: _compose(cast, application_at(cast, Step.INTERVIEW_LOOP), extra))


def _compose(cast: Cast, built: Built, extra: tuple[str, ...]) -> Built:
    with writing():
        loop = actions.compose(cast.rita, built.application_id, now=NOW)
        built.loop_id = loop.id
    for key in extra:
        act(lambda key=key: actions.add_seat(cast.rita, built.application_id, cast.ids[key], now=NOW))  # type: ignore[misc]
    items = list(built.items.values())
    for place, seat in enumerate(loop_of(built).seats):
        key = next(key for key, person_id in cast.ids.items() if person_id == seat.person_id)
        built.seats[key] = seat.id
        chosen = [items[place % 4], items[4 + place % 2]]
        act(lambda i=seat.id, c=chosen: actions.plan(cast.rita, i, c, {}, now=NOW))  # type: ignore[misc]
        act(lambda i=seat.id, p=place: actions.set_slot(cast.cora, i, *slot(p), where="Room 1", now=NOW))  # type: ignore[misc]
    act(lambda: actions.book_debrief(cast.cora, built.application_id, *slot(7), now=NOW))
    return built


def confirmed(cast: Cast) -> Built:
    def confirm() -> Built:
        built = composed(cast)
        act(lambda: actions.confirm(cast.rita, built.application_id, now=NOW, reasons=REASONS))
        return built

    return cast.made("confirmed", confirm)


def loop_of(built: Built) -> Loop:
    loop = queries.loop_for(built.application_id)
    assert loop is not None
    return loop


def seat_of(built: Built, key: str) -> Seat:
    return db.session.get_one(Seat, built.seats[key], populate_existing=True)


def interview_of(built: Built, key: str) -> Interview:
    interview = queries.current_interview(seat_of(built, key))
    assert interview is not None
    return interview


def owing(built: Built) -> list[Seat]:
    """Held seats whose interview was held or cut short: they owe feedback, or gave it."""
    held = queries.held_seats(loop_of(built))
    return [seat for seat in held if (one := queries.current_interview(seat)) and one.state in ENDED]


def stands(person: Person, built: Built, now: datetime = NOW) -> frozenset[Stand]:
    return readers.stands(person, pipeline.application(built.application_id), now=now)


def refused(work: Callable[[], object], rule: str) -> str:
    with pytest.raises(Refused) as caught, writing():
        work()
    facts = [one.facts for one in caught.value.refusals if one.rule.id == rule]
    assert facts, str(caught.value)
    return " ".join(facts)

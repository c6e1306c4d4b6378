"""Two loops that want the same people at the same hours, booked in the same instant, on both engines."""

from flask import Flask
from sqlalchemy import select

from hiring.ground.database import db
from hiring.pipeline.models import Booking
from hiring.pipeline.rules import Step
from hiring.steps.interview_loop import actions
from hiring.steps.interview_loop.models import Loop
from hiring.steps.interview_loop.rules import LoopState
from tests.builders import Built, application_at, requisition
from tests.cast import Cast
from tests.conftest import Engine
from tests.races import rounds
from tests.repeats import Repeats
from tests.steps.interview_loop.composing import NOW, REASONS, act, composed, interview_of, slot


def two_loops(cast: Cast) -> tuple[Built, Built]:
    """The same five people on two loops of two candidates; the last two sit in another order."""
    one = composed(cast, application_at(cast, Step.INTERVIEW_LOOP, on=requisition(cast)))
    elsewhere = application_at(cast, Step.INTERVIEW_LOOP, on=requisition(cast, code="R-2"), name="Omar Other")
    return one, composed(cast, elsewhere, extra=("irma", "iris"))


def apart(cast: Cast) -> tuple[Built, Built]:
    """Both confirmed, the second one on the day after, and each debrief after its interviews."""
    one, other = two_loops(cast)
    for place, seat_id in enumerate(other.seats.values()):
        act(lambda i=seat_id, p=place: actions.set_slot(cast.cora, i, *slot(24 + p), now=NOW))  # type: ignore[misc]
    act(lambda: actions.book_debrief(cast.cora, other.application_id, *slot(31), now=NOW))
    for built in (one, other):
        act(lambda i=built.application_id: actions.confirm(cast.rita, i, now=NOW, reasons=REASONS))  # type: ignore[misc]
    return one, other


def bookings(cast: Cast, key: str, purpose: str) -> list[str]:
    query = select(Booking.source).where(Booking.person_id == cast.ids[key], Booking.purpose == purpose)
    return sorted(db.session.scalars(query))


def state(built: Built) -> LoopState:
    return db.session.get_one(Loop, built.loop_id, populate_existing=True).state


def test_two_loops_confirmed_in_the_same_instant_book_nobody_twice(
    engine: Engine, app: Flask, cast: Cast, repeats: Repeats
) -> None:
    for race, (one, other) in rounds(engine, repeats, lambda: two_loops(cast)):
        course = race.meet(
            one=lambda: actions.confirm(cast.rita, one.application_id, now=NOW, reasons=REASONS),
            other=lambda: actions.confirm(cast.cora, other.application_id, now=NOW, reasons=REASONS),
        )
        won, lost = (one, other) if course.first == "one" else (other, one)
        assert "has another interview on 2026-03-09 from 08:00" in course.refused()["loop.double_booked"]
        assert (state(won), state(lost)) == (LoopState.CONFIRMED, LoopState.COMPOSING)
        assert bookings(cast, "iris", "interview") == [f"interview:{interview_of(won, 'iris').id}"]
        assert bookings(cast, "iris", "debrief") == [f"debrief:{won.loop_id}"]


def test_an_interviewer_is_booked_once_where_two_loops_ask_for_the_same_hour_at_once(
    engine: Engine, app: Flask, cast: Cast, repeats: Repeats
) -> None:
    for race, (one, other) in rounds(engine, repeats, lambda: apart(cast), 200):
        asked = slot(10)
        course = race.meet(
            one=lambda: actions.set_slot(cast.cora, one.seats["iris"], *asked, now=NOW, reasons=REASONS),
            other=lambda: actions.set_slot(cast.rita, other.seats["iris"], *asked, now=NOW, reasons=REASONS),
        )
        won, lost = (one, other) if course.first == "one" else (other, one)
        assert "Iris has another interview on 2026-03-09 from 18:00" in course.refused()["loop.double_booked"]
        assert interview_of(won, "iris").starts_at == asked[0] != interview_of(lost, "iris").starts_at
        assert len(bookings(cast, "iris", "interview")) == 2


def test_two_debriefs_at_the_same_hour_book_their_people_once(
    engine: Engine, app: Flask, cast: Cast, repeats: Repeats
) -> None:
    for race, (one, other) in rounds(engine, repeats, lambda: apart(cast), 200):
        course = race.meet(
            one=lambda: actions.book_debrief(cast.cora, one.application_id, *slot(33), now=NOW, reasons=REASONS),
            other=lambda: actions.book_debrief(cast.rita, other.application_id, *slot(33), now=NOW, reasons=REASONS),
        )
        assert "has another debrief on 2026-03-10 from 17:00" in course.refused()["loop.double_booked"]
        won = one if course.first == "one" else other
        assert bookings(cast, "iris", "debrief") == sorted(f"debrief:{built.loop_id}" for built in (one, other))
        assert db.session.get_one(Loop, won.loop_id, populate_existing=True).debrief_starts_at == slot(33)[0]

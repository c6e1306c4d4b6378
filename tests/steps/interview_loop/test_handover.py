"""What somebody who leaves owes to loops, from the draw of a Bar Raiser until the application has ended."""

import pytest
from flask import Flask

from hiring.ground.database import writing
from hiring.people.handover import debts
from hiring.pipeline import actions as spine
from hiring.pipeline import queries as pipeline
from hiring.pipeline.models import Application
from hiring.pipeline.rules import End, EndReason, Step
from hiring.steps.interview_loop import actions
from hiring.steps.interview_loop.rules import RedrawCause
from tests.builders import application_at
from tests.cast import Cast
from tests.steps.interview_loop.composing import NOW, REASONS, act, composed, confirmed

RAISER = "Bar Raiser of Nadia Novak: the debrief, the veto, waivers"
SEAT = "Seat on the loop of Nadia Novak"


def owed(app: Flask, person_id: int) -> list[str]:
    """What the handover list says of somebody."""
    with app.test_request_context():
        return [debt.what for debt in debts(person_id, None).seen]


def test_a_seat_on_a_loop_still_composing_is_owed_and_becomes_an_interview_once_confirmed(
    app: Flask, cast: Cast
) -> None:
    built = composed(cast)
    assert owed(app, cast.iris.id) == [SEAT]
    act(lambda: actions.confirm(cast.rita, built.application_id, now=NOW, reasons=REASONS))
    assert owed(app, cast.iris.id) == ["Interview with Nadia Novak"]


def test_a_seat_whose_slot_was_freed_is_still_owed(app: Flask, cast: Cast) -> None:
    built = confirmed(cast)
    with writing():
        actions.seating.free_slot(actions.queries.seat(built.seats["iris"]), now=NOW)

    assert owed(app, cast.iris.id) == [SEAT]


@pytest.mark.parametrize("step", list(Step)[3:])
def test_a_bar_raiser_answers_for_the_application_from_the_draw_on(app: Flask, cast: Cast, step: Step) -> None:
    application_at(cast, step)

    assert RAISER in owed(app, cast.bea.id)
    assert RAISER not in owed(app, cast.bram.id)


def test_only_the_bar_raiser_in_force_answers_and_nobody_once_it_has_ended(app: Flask, cast: Cast) -> None:
    built = confirmed(cast)
    assert RAISER in owed(app, cast.bea.id)
    act(lambda: actions.hand_over_bar_raiser(cast.amal, built.application_id, RedrawCause.ILL, "Flu.", now=NOW))
    assert owed(app, cast.bea.id) == []
    assert RAISER in owed(app, cast.bram.id)

    def end() -> Application:
        application = pipeline.lock_application(built.application_id)
        spine.end_application(application, End.WITHDRAWN, EndReason.CANDIDATE, actor_id=cast.rita.id, now=NOW)
        return application

    act(end)
    assert owed(app, cast.bram.id) == []

"""Under a pulled cord or a hold a loop is planned, and neither confirmed nor moved; pages and desks say so."""

from collections.abc import Callable
from datetime import datetime

import pytest
from flask.testing import FlaskClient

from hiring.ground.database import db, writing
from hiring.ground.outbox import Notice
from hiring.pipeline.rules import Step
from hiring.steps.interview_loop import actions
from hiring.steps.interview_loop.rules import LoopState
from hiring.transitions import actions as transitions
from hiring.transitions import cords
from tests.builders import Built, application_at
from tests.cast import Cast, sign_in
from tests.steps.interview_loop.composing import (
    NOW,
    REASONS,
    act,
    composed,
    confirmed,
    interview_of,
    loop_of,
    refused,
    seat_of,
    slot,
)

STOPS = {"cord": "andon.clear", "hold": "requisition.open", "requisition held": "requisition.open"}


@pytest.fixture(autouse=True)
def today(at: Callable[[datetime], None]) -> None:
    at(NOW)


def stop(cast: Cast, built: Built, how: str) -> str:
    """Stop an application; returns the rule that says so."""
    with writing():
        if how == "cord":
            cords.pull(cast.hector, built.application_id, "A protected topic was asked.", [], now=NOW)
        elif how == "hold":
            transitions.hold(cast.rita, built.application_id, "Budget round.", now=NOW)
        else:
            transitions.hold_requisition(cast.rita, built.requisition_id, "Budget round.", now=NOW)
    return STOPS[how]


def resume(cast: Cast, built: Built, how: str) -> None:
    with writing():
        if how == "cord":
            cords.clear(cast.amal, pipeline_cord(cast), "A new interviewer.", "The question bank says so.", now=NOW)
        elif how == "hold":
            transitions.resume(cast.rita, built.application_id, now=NOW)
        else:
            transitions.resume_requisition(cast.rita, built.requisition_id, now=NOW)


def pipeline_cord(cast: Cast) -> int:
    return cords.queries.uncleared(cast.amal)[0].id


def mails() -> int:
    return db.session.query(Notice).filter(Notice.kind.startswith("interview_loop")).count()


@pytest.mark.parametrize("how", STOPS)
def test_a_stopped_loop_is_planned_and_confirmed_only_when_it_goes_on(cast: Cast, how: str) -> None:
    built = application_at(cast, Step.INTERVIEW_LOOP)
    rule = stop(cast, built, how)
    composed(cast, built)
    assert refused(lambda: actions.confirm(cast.rita, built.application_id, now=NOW, reasons=REASONS), rule)
    db.session.rollback()
    assert loop_of(built).state is LoopState.COMPOSING and mails() == 0
    resume(cast, built, how)
    act(lambda: actions.confirm(cast.rita, built.application_id, now=NOW, reasons=REASONS))
    assert loop_of(built).state is LoopState.CONFIRMED


@pytest.mark.parametrize("how", STOPS)
def test_a_stopped_confirmed_loop_keeps_its_times(cast: Cast, how: str) -> None:
    built = confirmed(cast)
    starts_at, told = interview_of(built, "iris").starts_at, mails()
    rule = stop(cast, built, how)
    refused(lambda: actions.set_slot(cast.cora, built.seats["iris"], *slot(8), where="Room 2", now=NOW), rule)
    refused(lambda: actions.book_debrief(cast.cora, built.application_id, *slot(9), now=NOW), rule)
    last = {"starts_at": slot(8)[0], "ends_at": slot(8)[1]}
    refused(lambda: actions.add_seat(cast.rita, built.application_id, cast.ids["ivan"], now=NOW, **last), rule)
    db.session.rollback()
    assert interview_of(built, "iris").starts_at == starts_at and mails() == told
    act(lambda: actions.accept(cast.iris, built.seats["iris"], now=NOW))
    assert seat_of(built, "iris").accepted_at == NOW


def test_whom_a_started_debrief_waits_for_is_booked_under_a_hold_but_not_under_a_cord(cast: Cast) -> None:
    built = confirmed(cast)
    with writing():
        loop_of(built).debrief_opened_at = NOW
    stop(cast, built, "hold")
    act(lambda: actions.set_slot(cast.cora, built.seats["iris"], *slot(5), now=NOW, reasons=REASONS))
    stop(cast, built, "cord")
    refused(lambda: actions.set_slot(cast.cora, built.seats["iris"], *slot(6), now=NOW, reasons=REASONS), "andon.clear")


@pytest.mark.parametrize("how", STOPS)
def test_the_pages_say_what_stops_the_loop_before_anybody_presses(client: FlaskClient, cast: Cast, how: str) -> None:
    built = composed(cast)
    rule = stop(cast, built, how)
    for who in (cast.rita, cast.cora):
        page = sign_in(client, who).get(f"/applications/{built.application_id}/loop").text
        assert f'data-rule="{rule}"' in page and "Nothing moves forward" in page
        answer = client.post(f"/applications/{built.application_id}/loop/confirm")
        assert answer.status_code == 409 and f'data-rule="{rule}"' in answer.text
    assert "Stopped: " in sign_in(client, cast.rita).get("/").text


@pytest.mark.parametrize("how", STOPS)
def test_a_seat_says_why_its_slot_does_not_move(client: FlaskClient, cast: Cast, how: str) -> None:
    built = confirmed(cast)
    rule = stop(cast, built, how)
    for who in (cast.rita, cast.iris):
        page = sign_in(client, who).get(f"/seats/{built.seats['iris']}").text
        assert f'data-rule="{rule}"' in page
    other = sign_in(client, cast.ron).get(f"/applications/{built.application_id}/loop").text
    assert f'data-rule="{rule}"' not in other, "another's recruiter has no task on it"

"""A Bar Raiser who came to depend on the hiring manager after confirmation is replaced before anybody decides."""

from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from hiring.ground.database import db, writing
from hiring.ground.rulebook import Refused
from hiring.pipeline import queries as pipeline
from hiring.pipeline.desk_items import items_for
from hiring.pipeline.rules import Step
from hiring.steps.debrief import room_actions
from hiring.steps.interview_loop import course, jobs
from hiring.steps.interview_loop import queries as loops
from hiring.steps.interview_loop.models import Seat
from hiring.steps.interview_loop.rules import RedrawCause, SeatState
from hiring.transitions import owners
from tests.builders import LOOP_DAY, Built, application_at, give_feedback
from tests.cast import Cast

NOW = LOOP_DAY + timedelta(hours=7)


def into_hectors_team(cast: Cast) -> None:
    """Bea changes teams, as an administrator writes it down."""
    with writing():
        cast.bea.team_id = cast.hector.team_id


def handed_over(cast: Cast, built: Built) -> None:
    with writing():
        course.hand_over_bar_raiser(cast.amal, built.application_id, RedrawCause.CONFLICT, "Changed teams", now=NOW)


def test_the_debrief_does_not_open_until_another_bar_raiser_was_drawn(cast: Cast) -> None:
    built = application_at(cast, Step.DEBRIEF)
    into_hectors_team(cast)
    with pytest.raises(Refused) as caught, writing():
        room_actions.open_debrief(cast.bea, built.application_id, now=NOW)

    [refusal] = caught.value.refusals
    assert refusal.rule.id == "loop.bar_raiser_independent"
    assert "in the hiring manager's team" in refusal.facts
    handed_over(cast, built)
    assert db.session.get_one(Seat, built.seats["bea"]).state is SeatState.HANDED_OVER
    heir = loops.bar_raiser_of(built.application_id)
    assert heir is not None and heir.id == cast.bram.id


def test_the_last_feedback_does_not_carry_it_into_the_debrief(cast: Cast) -> None:
    built = application_at(cast, Step.WRITTEN_FEEDBACK)
    into_hectors_team(cast)
    with writing():
        give_feedback(built)
        course.carry_on(pipeline.lock_application(built.application_id), NOW)

    assert built.application.step is Step.WRITTEN_FEEDBACK


@pytest.mark.parametrize("step", [Step.WRITTEN_FEEDBACK, Step.DEBRIEF])
def test_the_desks_of_recruiter_coordinator_and_administrator_say_so_until_it_is_mended(
    client: FlaskClient, cast: Cast, step: Step
) -> None:
    built = application_at(cast, step)
    into_hectors_team(cast)

    def told() -> list[set[str]]:
        jobs.suspect(NOW)
        with client.application.test_request_context():
            return [
                {item.detail for item in items_for(person, NOW) if item.title.startswith("Mend")}
                for person in (cast.rita, cast.cora, cast.amal)
            ]

    assert told() == [{"Bea is in the hiring manager's team Payments."}] * 3
    handed_over(cast, built)
    assert all("Bea" not in detail for each in told() for detail in each)


def test_what_the_present_owners_have_in_common_with_the_new_ones_stops_no_handover(cast: Cast) -> None:
    built = application_at(cast, Step.DEBRIEF)
    asked = {"hiring_manager_id": cast.ids["hilda"], "recruiter_id": None, "now": NOW}
    into_hectors_team(cast)
    with writing():
        owners.change_owner(cast.amal, built.requisition_id, **asked)
    assert built.application.requisition.hiring_manager_id == cast.ids["hilda"]

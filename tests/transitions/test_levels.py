"""A level adopted before the debrief moves nothing; a requisition opened again, and cords on what has ended."""

from datetime import timedelta

import pytest

from hiring.ground.audit import AuditEntry
from hiring.ground.database import db, writing
from hiring.pipeline import queries as pipeline
from hiring.pipeline.models import CordAction, Requisition
from hiring.pipeline.rules import End, RequisitionStatus, Step
from hiring.transitions import actions, cords
from hiring.transitions.cords import CorrectionStep
from tests.builders import application_at, requisition
from tests.cast import Cast
from tests.transitions.test_actions import NOW, at_level


@pytest.mark.parametrize(("step", "level"), [(Step.INTERVIEW_LOOP, 9), (Step.WRITTEN_FEEDBACK, 6)])
def test_a_level_is_adopted_on_the_spot_while_composing_and_by_a_loop_that_fits_it(
    cast: Cast, step: Step, level: int
) -> None:
    built = application_at(cast, step)
    description_id = at_level(cast, built.application_id, level)
    visits = len(pipeline.visits(built.application_id))
    with writing():
        assert actions.adopt_level(cast.rita, built.application_id, description_id, now=NOW) is None
    assert (built.application.step, built.application.description_id) == (step, description_id)
    assert len(pipeline.visits(built.application_id)) == visits


def test_a_requisition_that_never_had_a_description_opens_again_as_a_draft_and_only_once(cast: Cast) -> None:
    built = requisition(cast)
    with writing():
        row = db.session.get_one(Requisition, built.requisition_id)
        row.status, row.closed_at, row.description_id = RequisitionStatus.CLOSED, NOW, None
    for _ in range(2):
        with writing():
            actions.reopen_requisition(cast.rita, built.requisition_id, now=NOW)
    assert db.session.get_one(Requisition, built.requisition_id).status is RequisitionStatus.DRAFT
    assert db.session.query(AuditEntry).filter_by(act="requisition.reopen").count() == 1


def test_a_cord_on_an_application_that_has_ended_is_cleared_and_its_actions_are_ticked_once(cast: Cast) -> None:
    built = application_at(cast, Step.WRITTEN_FEEDBACK)
    with writing():
        cord = cords.pull(cast.iris, built.application_id, "It went wrong.", [], now=NOW)
        cord_id = cord.id
    with writing():
        actions.withdraw(cast.rita, built.application_id, "Took another job", now=NOW)
    with writing():
        todo = [CorrectionStep("Train all", cast.hector.id, NOW.date() + timedelta(days=7))]
        cords.clear(cast.amal, cord_id, "Haste.", "Time.", todo, reject="We stopped.", now=NOW)
    assert (built.application.ended, built.application.step) == (End.WITHDRAWN, Step.WRITTEN_FEEDBACK)
    row = db.session.query(CordAction).one()
    for minutes in (0, 5):
        with writing():
            assert cords.finish_step(cast.hector, row.id, now=NOW + timedelta(minutes=minutes)) == cord_id
    assert db.session.query(CordAction).one().done_at == NOW

"""What neither moves nor changes: under a cord or a hold, after a yes, at its own level, with an imported history."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from hiring.ground.audit import AuditEntry
from hiring.ground.database import NotVisible, Stale, db, writing
from hiring.ground.rulebook import Refusal, Refused
from hiring.pipeline import queries as pipeline
from hiring.pipeline.models import Cord, Requisition
from hiring.pipeline.rules import EndReason, Origin, RequisitionStatus, Step
from hiring.steps.debrief.models import Meeting
from hiring.steps.debrief.rules import Phase
from hiring.steps.interview_loop import course, jobs
from hiring.steps.job_description.models import Adoption, JobDescription
from hiring.steps.job_description.rules import Status
from hiring.transitions import actions, cords, owners, queries
from tests.builders import LOOP_DAY, Built, application_at, offer_made, requisition
from tests.cast import Cast

NOW = LOOP_DAY + timedelta(days=3)


def refused(act: Callable[[], Any]) -> list[Refusal]:
    """The refusals with which the rules answer an act."""
    with pytest.raises(Refused) as caught, writing():
        act()
    return list(caught.value.refusals)


def at_level(cast: Cast, built: Built, level: int) -> int:
    """An approved description for the application at a level; returns its id."""
    with writing():
        row = actions.propose_level(cast.hector, built.application_id, level, now=NOW)
        row.status, row.approved_at, row.approved_by = Status.APPROVED, NOW, cast.bea.id
        return row.id


def pull(cast: Cast, built: Built, where: str = "application") -> int:
    """Pull the cord on the application or its requisition."""
    with writing():
        if where == "requisition":
            return cords.pull_requisition(cast.hector, built.requisition_id, "x", [], now=NOW).id
        return cords.pull(cast.hector, built.application_id, "x", [], now=NOW).id


def audited(act: str) -> int:
    """How often an act is on record."""
    return db.session.query(AuditEntry).filter_by(act=act).count()


# --- An accepted offer ---------------------------------------------------------------------------------------------


def test_an_accepted_offer_is_neither_moved_elsewhere_nor_put_to_another_level(cast: Cast) -> None:
    built, other = application_at(cast, Step.OFFER), requisition(cast, code="R-2")
    description_id = at_level(cast, built, 6)
    offer_made(cast, built, accepted=True)
    for act in (
        lambda: actions.move_to(cast.rita, built.application_id, other.requisition_id, "x", now=NOW),
        lambda: actions.adopt_level(cast.rita, built.application_id, description_id, now=NOW),
    ):
        [refusal] = refused(act)
        assert "The offer was accepted" in refusal.facts

    row = built.application
    assert (row.step, row.ended, row.live_offer_id) == (Step.OFFER, None, built.offer_id)
    assert row.offer_accepted_at is not None
    assert row.description_id == built.description_id


# --- A cord, a hold ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("where", ["application", "requisition"])
def test_nobody_walks_away_from_a_cord_to_another_requisition(cast: Cast, where: str) -> None:
    built, other = application_at(cast, Step.PHONE_SCREEN), requisition(cast, code="R-2")
    pull(cast, built, where)
    [refusal] = refused(lambda: actions.move_to(cast.rita, built.application_id, other.requisition_id, "x", now=NOW))

    assert refusal.rule.id == "andon.clear"
    assert built.application.ended is None


def test_closing_moves_nobody_away_from_a_cord_but_may_reject_them(cast: Cast) -> None:
    built, other = application_at(cast, Step.PHONE_SCREEN), requisition(cast, code="R-2")
    pull(cast, built)
    choices = {built.application_id: str(other.requisition_id)}
    [refusal] = refused(lambda: actions.close_requisition(cast.rita, built.requisition_id, choices, "x", now=NOW))

    assert refusal.rule.id == "andon.clear"
    assert refusal.facts.startswith("Nadia Novak: ")
    assert db.session.get_one(Requisition, built.requisition_id).status is RequisitionStatus.OPEN
    with writing():
        actions.close_requisition(cast.rita, built.requisition_id, {built.application_id: "reject"}, "x", now=NOW)
    assert built.application.end_reason is EndReason.POSITION_CLOSED


def test_a_hold_stops_a_move_elsewhere_and_another_level(cast: Cast) -> None:
    built, other = application_at(cast, Step.DEBRIEF), requisition(cast, code="R-2")
    description_id = at_level(cast, built, 6)
    with writing():
        actions.hold(cast.rita, built.application_id, "Budget round", now=NOW)
    for act in (
        lambda: actions.move_to(cast.rita, built.application_id, other.requisition_id, "x", now=NOW),
        lambda: actions.adopt_level(cast.rita, built.application_id, description_id, now=NOW),
    ):
        [refusal] = refused(act)
        assert refusal.facts == "This application is on hold."

    assert (built.application.step, built.application.description_id) == (Step.DEBRIEF, built.description_id)


def test_ending_a_hold_that_is_not_there_leaves_no_trace(cast: Cast) -> None:
    built = application_at(cast, Step.PHONE_SCREEN)
    with writing():
        actions.resume(cast.rita, built.application_id, now=NOW)
        actions.resume_requisition(cast.rita, built.requisition_id, now=NOW)
        actions.reopen_requisition(cast.rita, built.requisition_id, now=NOW)

    assert audited("application.resume") + audited("requisition.resume") + audited("requisition.reopen") == 0


def hold_and_resume(cast: Cast, built: Built) -> None:
    actions.hold(cast.rita, built.application_id, "x", now=NOW)
    actions.resume(cast.rita, built.application_id, now=NOW)


def hold_and_resume_the_requisition(cast: Cast, built: Built) -> None:
    actions.hold_requisition(cast.rita, built.requisition_id, "x", now=NOW)
    actions.resume_requisition(cast.rita, built.requisition_id, now=NOW)


def pull_and_clear(cast: Cast, built: Built) -> None:
    cord = cords.pull(cast.hector, built.application_id, "x", [], now=NOW)
    cords.clear(cast.amal, cord.id, "c", "d", now=NOW)


def pull_and_clear_the_requisition(cast: Cast, built: Built) -> None:
    cord = cords.pull_requisition(cast.hector, built.requisition_id, "x", [], now=NOW)
    cords.clear(cast.amal, cord.id, "c", "d", now=NOW)


PAUSES = [hold_and_resume, hold_and_resume_the_requisition, pull_and_clear, pull_and_clear_the_requisition]


@pytest.mark.parametrize("pause", PAUSES)
def test_a_return_for_one_more_interview_outlasts_a_hold_or_a_cord(
    cast: Cast, pause: Callable[[Cast, Built], None]
) -> None:
    built = application_at(cast, Step.DEBRIEF)
    with writing():
        actions.send_back(cast.bea, built.application_id, Step.INTERVIEW_LOOP, "Ownership was not shown", now=NOW)
    with writing():
        pause(cast, built)
    assert jobs.settle_waiting(NOW) == 0
    assert built.application.step is Step.INTERVIEW_LOOP

    with writing():  # a person says that none is needed after all
        course.go_on(cast.rita, built.application_id, now=NOW)
    assert built.application.step is Step.DEBRIEF


@pytest.mark.parametrize("pause", ["hold", "cord"])
def test_a_last_interview_that_ended_meanwhile_goes_on_when_the_line_moves_again(cast: Cast, pause: str) -> None:
    built = application_at(cast, Step.WRITTEN_FEEDBACK, held=False)
    with writing():
        if pause == "hold":
            actions.hold(cast.rita, built.application_id, "x", now=LOOP_DAY)
    cord_id = pull(cast, built) if pause == "cord" else 0
    jobs.close_interviews(NOW)
    assert built.application.step is Step.INTERVIEW_LOOP
    with writing():
        if pause == "hold":
            actions.resume(cast.rita, built.application_id, now=NOW)
        else:
            cords.clear(cast.amal, cord_id, "c", "d", now=NOW)
    assert built.application.step is Step.WRITTEN_FEEDBACK


# --- Another level -------------------------------------------------------------------------------------------------


def test_the_same_level_is_adopted_once_and_not_offered_again(cast: Cast) -> None:
    built = application_at(cast, Step.REFERENCE_CHECK)
    description_id = at_level(cast, built, 6)
    assert queries.approved_for_level(built.application_id) is not None
    with writing():
        actions.adopt_level(cast.rita, built.application_id, description_id, now=NOW)
    assert queries.approved_for_level(built.application_id) is None
    [refusal] = refused(lambda: actions.adopt_level(cast.rita, built.application_id, description_id, now=NOW))

    assert refusal.rule.id == "jd.reviewed"
    assert "already" in refusal.facts
    phases = [meeting.phase for meeting in db.session.query(Meeting).order_by(Meeting.id)]
    assert phases == [Phase.VOID, Phase.REVOTE]
    assert db.session.query(Adoption).filter_by(description_id=description_id).count() == 1


def test_nobody_proposes_the_level_at_which_the_application_stands(cast: Cast) -> None:
    built = application_at(cast, Step.DEBRIEF)
    [refusal] = refused(lambda: actions.propose_level(cast.hector, built.application_id, 7, now=NOW))

    assert "level 7 already" in refusal.facts
    assert db.session.query(JobDescription).count() == 1


def test_a_loop_too_low_for_its_new_level_does_not_go_on_until_somebody_of_that_level_interviewed(cast: Cast) -> None:
    built = application_at(cast, Step.DEBRIEF)
    description_id = at_level(cast, built, 9)
    with writing():
        actions.adopt_level(cast.rita, built.application_id, description_id, now=NOW)
    found = {
        (one.rule.id, one.facts) for one in refused(lambda: course.go_on(cast.rita, built.application_id, now=NOW))
    }

    assert {rule for rule, _ in found} >= {"loop.size", "loop.required", "loop.level"}
    assert any("Iris is level 7" in facts for _, facts in found)
    with writing():  # nor does the system carry it past the feedback that is all in
        course.settle(pipeline.lock_application(built.application_id), NOW)
    assert built.application.step is Step.WRITTEN_FEEDBACK


# --- An imported requisition ---------------------------------------------------------------------------------------


def test_an_imported_requisition_is_neither_held_closed_opened_nor_handed_over(cast: Cast) -> None:
    built = application_at(cast, Step.PHONE_SCREEN)
    with writing():
        past = Requisition(code="OLD-1", title="Engineer", origin=Origin.IMPORTED, status=RequisitionStatus.CLOSED)
        past.created_at = past.closed_at = NOW
        db.session.add(past)
        db.session.flush()
        past_id = past.id
    for act in (
        lambda: actions.hold_requisition(cast.amal, past_id, "x", now=NOW),
        lambda: actions.close_requisition(cast.amal, past_id, {}, "x", now=NOW),
        lambda: actions.reopen_requisition(cast.amal, past_id, now=NOW),
        lambda: owners.change_owner(
            cast.amal, past_id, hiring_manager_id=cast.hilda.id, recruiter_id=cast.rita.id, now=NOW
        ),
        lambda: actions.move_to(cast.rita, built.application_id, past_id, "x", now=NOW),
    ):
        with pytest.raises(NotVisible), writing():
            act()

    assert db.session.get_one(Requisition, past_id).status is RequisitionStatus.CLOSED


def test_every_open_requisition_can_be_moved_to_however_many_there_are(cast: Cast) -> None:
    built = application_at(cast, Step.PHONE_SCREEN)
    row = db.session.get_one(Requisition, built.requisition_id)
    kept = {
        name: getattr(row, name)
        for name in ("title", "team_id", "location", "country", "hiring_manager_id", "recruiter_id", "status")
    }
    with writing():
        db.session.add_all(Requisition(code=f"Z-{n:04}", created_at=NOW, **kept) for n in range(501))

    assert len(queries.targets(row)) == queries.SUGGESTED
    assert queries.targets_named(["z-0000", " Z-0250", row.code, "Z-9999"], row).keys() == {"z-0000", " Z-0250"}


# --- Two who clear one cord ----------------------------------------------------------------------------------------


def test_who_clears_a_cord_second_is_told_what_is_on_record_and_changes_nothing(cast: Cast) -> None:
    built = application_at(cast, Step.DEBRIEF)
    cord_id = pull(cast, built)
    with writing():
        cords.clear(cast.amal, cord_id, "No training", "Train all", now=NOW)
    with pytest.raises(Stale) as caught, writing():
        cords.clear(cast.bea, cord_id, "Bad luck", "Nothing", reject="We are sorry.", now=NOW)

    assert caught.value.current == {"cause": "No training", "correction": "Train all"}
    assert db.session.get_one(Cord, cord_id).cleared_by == cast.amal.id
    assert built.application.ended is None

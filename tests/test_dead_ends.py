"""No dead end: from every state, and after every mishap, a listed person can still bring an application to an end."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from hiring.ground.database import db, writing
from hiring.people.models import Person
from hiring.pipeline import queries as pipeline
from hiring.pipeline.rules import End, EndReason, Step
from hiring.steps.debrief import queries as debrief
from hiring.steps.interview_loop import course
from hiring.steps.interview_loop import queries as loops
from hiring.steps.interview_loop.models import Interview, Seat
from hiring.steps.interview_loop.rules import InterviewState, RedrawCause, SeatState, VacateCause
from hiring.transitions import actions, cords, owners
from tests.builders import LOOP_DAY, Built, application_at, give_feedback, offer_made
from tests.cast import Cast

NOW = LOOP_DAY + timedelta(days=3)
STEPS = [step for step in Step if step is not Step.JOB_DESCRIPTION]
STATES = ("plain", "held", "requisition held", "cord pulled", "cord on the requisition")


def put_in(state: str, cast: Cast, built: Built) -> None:
    """Bring an application into a state."""
    with writing():
        if state == "held":
            actions.hold(cast.rita, built.application_id, "x", now=NOW)
        if state == "requisition held":
            actions.hold_requisition(cast.rita, built.requisition_id, "x", now=NOW)
        if state == "cord pulled":
            cords.pull(cast.hector, built.application_id, "x", [cast.rita.id], now=NOW)
        if state == "cord on the requisition":
            cords.pull_requisition(cast.rita, built.requisition_id, "x", [cast.hector.id], now=NOW)


def leave_company(person: Person) -> None:
    """Disable somebody, as leaving does."""
    db.session.get_one(Person, person.id).disabled_at = NOW


def ended(built: Built) -> tuple[End | None, EndReason | None]:
    """How the application ended."""
    return built.application.ended, built.application.end_reason


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("state", STATES)
def test_the_candidate_and_the_recruiter_can_end_it_from_every_state(cast: Cast, step: Step, state: str) -> None:
    built = application_at(cast, step)
    put_in(state, cast, built)
    with writing():
        actions.withdraw_by_candidate(built.application_id, "", now=NOW)
    assert ended(built) == (End.WITHDRAWN, EndReason.CANDIDATE)
    if state in ("plain", "held"):
        with writing():
            actions.reopen(cast.rita, built.application_id, "x", now=NOW)
        with writing():
            actions.withdraw(cast.rita, built.application_id, "x", now=NOW)
        assert ended(built) == (End.WITHDRAWN, EndReason.CANDIDATE)


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("state", STATES)
def test_the_company_can_end_it_from_every_state_by_closing_the_requisition(cast: Cast, step: Step, state: str) -> None:
    built = application_at(cast, step)
    put_in(state, cast, built)
    with writing():
        choices = {built.application_id: "reject"}
        actions.close_requisition(cast.rita, built.requisition_id, choices, "Closed.", now=NOW)

    assert ended(built) == (End.REJECTED, EndReason.POSITION_CLOSED)


@pytest.mark.parametrize("state", ["cord pulled", "cord on the requisition"])
def test_a_cord_can_be_cleared_by_somebody_whoever_pulled_it(cast: Cast, state: str) -> None:
    built = application_at(cast, Step.DEBRIEF)
    put_in(state, cast, built)
    with writing():
        cord = cords.queries.uncleared(cast.amal)[0]
        cords.clear(cast.amal, cord.id, "c", "d", now=NOW)

    assert cords.queries.uncleared(cast.amal) == []


def test_an_accepted_offer_can_still_end(cast: Cast) -> None:
    built = application_at(cast, Step.OFFER)
    offer_made(cast, built, accepted=True)
    with writing():
        actions.withdraw(cast.rita, built.application_id, "x", now=NOW)

    assert ended(built) == (End.WITHDRAWN, EndReason.RENEGED)


# --- Mishaps by name -----------------------------------------------------------------------------------------------


def silent(cast: Cast, name: str) -> Built:
    """An application whose feedback is in but for one seat."""
    built = application_at(cast, Step.WRITTEN_FEEDBACK)
    with writing():
        give_feedback(built, seats=tuple(key for key in built.seats if key != name))
    return built


def evidence_goes_on(cast: Cast, built: Built) -> None:
    """With a seat gone, one more interview is asked for, or the debrief begins; and the recruiter can still end it."""
    row = built.application
    if row.step is not Step.DEBRIEF:
        loop = loops.loop_for(row.id)
        assert loop is not None
        with writing():
            actions.send_back(cast.rita, row.id, Step.INTERVIEW_LOOP, "One more interview", now=NOW)
        assert built.application.step is Step.INTERVIEW_LOOP
    with writing():
        actions.withdraw(cast.rita, row.id, "x", now=NOW)
    assert built.application.ended is End.WITHDRAWN


@pytest.mark.parametrize(
    ("cause", "when"),
    [
        (VacateCause.ILL, NOW),
        (VacateCause.LEFT, NOW),
        (VacateCause.SILENT, LOOP_DAY + timedelta(days=8)),
    ],
    ids=["ill", "left", "silent for five working days"],
)
@pytest.mark.parametrize("by", ["bea", "amal"])
def test_an_interviewer_who_never_writes_is_vacated(cast: Cast, cause: VacateCause, when: datetime, by: str) -> None:
    built = silent(cast, "iris")
    with writing():
        if cause is VacateCause.LEFT:
            leave_company(cast.iris)
    with writing():
        course.vacate(getattr(cast, by), built.seats["iris"], cause, "No word from her", now=when)

    assert db.session.get_one(Seat, built.seats["iris"]).state is SeatState.VACATED
    evidence_goes_on(cast, built)


@pytest.mark.parametrize("key", ["hector", "rita"])
def test_an_owner_who_left_is_replaced_by_an_administrator_and_the_new_one_ends_it(cast: Cast, key: str) -> None:
    built = silent(cast, key)
    with writing():
        leave_company(getattr(cast, key))
    manager = cast.hilda.id if key == "hector" else None
    recruiter = cast.ron.id if key == "rita" else None
    with writing():
        owners.change_owner(cast.amal, built.requisition_id, hiring_manager_id=manager, recruiter_id=recruiter, now=NOW)
    with writing():
        actions.withdraw(cast.hilda if manager else cast.ron, built.application_id, "x", now=NOW)

    assert built.application.ended is End.WITHDRAWN


def test_a_candidate_who_did_not_come_twice_is_withdrawn(cast: Cast) -> None:
    built = application_at(cast, Step.WRITTEN_FEEDBACK, held=False)
    with writing():
        for interview in db.session.query(Interview).order_by(Interview.id).limit(2):
            interview.state = InterviewState.CANDIDATE_NO_SHOW
    with writing():
        course.withdraw_for_no_shows(cast.rita, built.application_id, now=NOW)

    assert ended(built) == (End.WITHDRAWN, EndReason.NO_SHOWS)


@pytest.mark.parametrize(
    ("build", "when"),
    [
        (lambda cast: application_at(cast, Step.INTERVIEW_LOOP), NOW),
        (lambda cast: application_at(cast, Step.WRITTEN_FEEDBACK, held=False), LOOP_DAY - timedelta(days=1)),
        (lambda cast: silent(cast, "bea"), NOW),
        (lambda cast: application_at(cast, Step.DEBRIEF), NOW),
    ],
    ids=["before there is a loop", "before their interview", "after their interview", "with the debrief due"],
)
def test_when_the_bar_raiser_is_gone_the_next_one_inherits_chair_and_veto(
    cast: Cast, build: Callable[[Cast], Built], when: datetime
) -> None:
    built = build(cast)
    with writing():
        leave_company(cast.bea)
    with writing():
        course.hand_over_bar_raiser(cast.amal, built.application_id, RedrawCause.LEFT, "Left", now=when)

    heir = loops.bar_raiser_of(built.application_id)
    assert heir is not None
    assert heir.id == cast.bram.id
    table = debrief.table(pipeline.application(built.application_id), debrief.meeting_of(built.application_id))
    assert table.bar_raiser_id == cast.bram.id
    with writing():
        actions.withdraw(cast.rita, built.application_id, "x", now=NOW)
    assert built.application.ended is End.WITHDRAWN


@pytest.mark.parametrize("step", [Step.INTERVIEW_LOOP, Step.WRITTEN_FEEDBACK, Step.DEBRIEF, Step.REFERENCE_CHECK])
def test_a_changed_hiring_manager_can_go_on_or_back(cast: Cast, step: Step) -> None:
    built = application_at(cast, step)
    with writing():
        owners.change_owner(
            cast.rita, built.requisition_id, hiring_manager_id=cast.hilda.id, recruiter_id=None, now=NOW
        )
    with writing():
        actions.send_back(cast.hilda, built.application_id, Step.INTERVIEW_LOOP, "I interview first", now=NOW)

    assert built.application.step is Step.INTERVIEW_LOOP
    with writing():
        actions.withdraw(cast.hilda, built.application_id, "x", now=NOW)
    assert built.application.ended is End.WITHDRAWN

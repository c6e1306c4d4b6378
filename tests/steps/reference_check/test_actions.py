"""What step 7's actions do, on both engines."""

from collections.abc import Callable
from datetime import timedelta
from typing import TypeVar

import pytest
from sqlalchemy import func, select

from hiring.ground.audit import AuditEntry
from hiring.ground.database import Forbidden, NotVisible, Stale, db, writing
from hiring.ground.rulebook import Refused
from hiring.people.models import Person
from hiring.pipeline import queries as pipeline
from hiring.pipeline.rules import Step
from hiring.steps.debrief import queries as debrief
from hiring.steps.debrief.rules import Phase
from hiring.steps.reference_check import actions, queries
from hiring.steps.reference_check.models import Reference, ReferenceCheck
from hiring.steps.reference_check.rules import ReferenceOutcome
from hiring.transitions import actions as transitions
from tests.builders import Built, application_at
from tests.cast import Cast
from tests.conftest import NOON

T = TypeVar("T")


@pytest.fixture
def built(cast: Cast) -> Built:
    return application_at(cast, Step.REFERENCE_CHECK)


def act(work: Callable[[], T]) -> T:
    with writing():
        return work()


def consent(actor: Person, built: Built, *, named: bool = False) -> None:
    act(lambda: actions.record_consent(actor, built.application_id, "by mail", current_employer_named=named, now=NOON))


def add(actor: Person, built: Built, name: str = "Rosa", *, current: bool = False) -> int:
    return act(
        lambda: (
            actions.add_reference(
                actor,
                built.application_id,
                name=name,
                relation="former manager",
                contact="",
                current_employer=current,
                now=NOON,
            ).id
        )
    )


def call(actor: Person, reference_id: int) -> None:
    act(
        lambda: actions.record_call(
            actor, reference_id, would_hire_again=True, percentile=90, notes="Would hire again.", now=NOON
        )
    )


def decide(actor: Person, built: Built, outcome: ReferenceOutcome, facts: str = "", version: int | None = None) -> None:
    act(lambda: actions.decide(actor, built.application_id, outcome, facts, expected_version=version, now=NOON))


def called(cast: Cast, built: Built, count: int = 2) -> None:
    consent(cast.rita, built)
    for number in range(count):
        call(cast.hector, add(cast.rita, built, f"Referee {number}"))


def test_two_calls_and_a_clear_outcome_go_on_to_the_offer(cast: Cast, built: Built) -> None:
    called(cast, built)
    decide(cast.hector, built, ReferenceOutcome.CLEAR)
    assert built.application.step is Step.OFFER
    noted = select(AuditEntry.act).where(AuditEntry.act.startswith("reference.")).order_by(AuditEntry.position)
    acts = list(db.session.scalars(noted))
    assert acts == ["reference.consent", *["reference.add", "reference.call"] * 2, "reference.decide"]


def test_a_call_is_noted_once_and_what_was_said_stays(cast: Cast, built: Built) -> None:
    consent(cast.rita, built)
    reference_id = add(cast.rita, built)
    call(cast.hector, reference_id)
    with pytest.raises(Refused) as error:
        act(
            lambda: actions.record_call(
                cast.hector, reference_id, would_hire_again=False, percentile=5, notes="Other words.", now=NOON
            )
        )
    [refusal] = error.value.refusals
    assert refusal.rule.id == "reference.done"
    assert "Hector called Rosa on 2026-03-04" in refusal.facts
    assert db.session.get_one(Reference, reference_id).notes == "Would hire again."


def test_new_facts_reconvene_the_debrief_from_discuss_and_undo_the_decision(cast: Cast, built: Built) -> None:
    called(cast, built)
    decide(cast.hector, built, ReferenceOutcome.NEW_FACTS, "They left out a year.")
    assert built.application.step is Step.DEBRIEF
    meeting = debrief.meeting_of(built.application_id)
    assert meeting is not None
    assert meeting.phase is Phase.DISCUSS
    assert debrief.standing_decision(built.application_id) is None
    assert db.session.scalars(select(ReferenceCheck)).one().new_facts == "They left out a year."


@pytest.mark.parametrize("outcome", list(ReferenceOutcome))
@pytest.mark.parametrize("where", ["application", "requisition"])
def test_on_hold_no_outcome_moves_the_application_either_way(
    cast: Cast, built: Built, outcome: ReferenceOutcome, where: str
) -> None:
    called(cast, built)
    with writing():
        application = pipeline.lock_application(built.application_id)
        (application if where == "application" else application.requisition).held_at = NOON
    with pytest.raises(Refused, match="on hold"):
        decide(cast.hector, built, outcome, "They left out a year.")
    assert built.application.step is Step.REFERENCE_CHECK
    assert db.session.scalars(select(ReferenceCheck)).one().outcome is None


def test_no_reference_is_added_without_consent(cast: Cast, built: Built) -> None:
    with pytest.raises(Refused, match="has not consented"):
        add(cast.rita, built)
    assert db.session.scalars(select(Reference)).all() == []


def test_a_consent_that_is_saved_unchanged_keeps_its_date_and_is_not_audited_again(cast: Cast, built: Built) -> None:
    consent(cast.rita, built)
    later = NOON + timedelta(days=1)
    again = lambda named: act(  # noqa: E731
        lambda: actions.record_consent(
            cast.rita, built.application_id, "by mail", current_employer_named=named, now=later
        )
    )
    audited = select(func.count()).select_from(AuditEntry).where(AuditEntry.act == "reference.consent")
    again(False)
    [check] = db.session.scalars(select(ReferenceCheck))
    assert (check.consent_at, check.consent_version, db.session.scalar(audited)) == (NOON, 1, 1)
    again(True)
    assert (check.consent_at, check.consent_version, db.session.scalar(audited)) == (later, 2, 2)


def test_the_current_employer_is_refused_until_the_candidate_names_it(cast: Cast, built: Built) -> None:
    consent(cast.rita, built)
    with pytest.raises(Refused, match="did not name their current employer"):
        add(cast.rita, built, current=True)
    consent(cast.rita, built, named=True)
    reference_id = add(cast.rita, built, current=True)
    consent(cast.rita, built, named=False)
    with pytest.raises(Refused, match="did not name their current employer"):
        call(cast.hector, reference_id)


def test_one_call_is_too_few_until_the_bar_raiser_waives_in_writing(cast: Cast, built: Built) -> None:
    called(cast, built, count=1)
    with pytest.raises(Refused, match="1 of 2 references"):
        decide(cast.hector, built, ReferenceOutcome.CLEAR)
    assert db.session.scalars(select(ReferenceCheck.outcome)).one() is None
    with pytest.raises(Forbidden, match="Bar Raiser"):
        act(lambda: actions.waive(cast.hector, built.application_id, "Enough.", now=NOON))
    act(lambda: actions.waive(cast.bea, built.application_id, "The only employer so far.", now=NOON))
    decide(cast.hector, built, ReferenceOutcome.CLEAR)
    assert built.application.step is Step.OFFER


def test_only_the_hiring_manager_calls_and_decides(cast: Cast, built: Built) -> None:
    consent(cast.rita, built)
    reference_id = add(cast.rita, built)
    for who in (cast.rita, cast.bea):
        with pytest.raises(Forbidden, match="hiring manager"):
            call(who, reference_id)
        with pytest.raises(Forbidden, match="hiring manager"):
            decide(who, built, ReferenceOutcome.CLEAR)
    with pytest.raises(Forbidden):
        consent(cast.bea, built)


@pytest.mark.parametrize("key", ["ron", "iris", "cora", "amal", "olga"])
def test_references_do_not_exist_for_anybody_else(cast: Cast, built: Built, key: str) -> None:
    consent(cast.rita, built)
    reference_id = add(cast.rita, built)
    with pytest.raises(NotVisible):
        queries.application_for(getattr(cast, key), built.application_id, now=NOON)
    with pytest.raises(NotVisible):
        call(getattr(cast, key), reference_id)


def test_nothing_is_recorded_once_the_step_is_left(cast: Cast, built: Built) -> None:
    called(cast, built)
    decide(cast.hector, built, ReferenceOutcome.CLEAR)
    with pytest.raises(Refused, match="Offer through Onboarding"):
        consent(cast.rita, built)


def test_an_outcome_over_calls_that_changed_meanwhile_is_stale(cast: Cast, built: Built) -> None:
    called(cast, built)
    check = queries.current(built.application_id)
    assert check is not None
    seen = check.version
    consent(cast.rita, built, named=True)
    with pytest.raises(Stale):
        decide(cast.hector, built, ReferenceOutcome.CLEAR, version=seen)


def test_the_same_person_is_not_called_as_two_references(cast: Cast, built: Built) -> None:
    consent(cast.rita, built)
    call(cast.hector, add(cast.rita, built, "Rosa Renner"))
    with pytest.raises(Refused, match="Rosa Renner is a reference of this check already"):
        add(cast.rita, built, "rosa renner")
    with pytest.raises(Refused, match="1 of 2"):
        decide(cast.hector, built, ReferenceOutcome.CLEAR)


def test_a_reference_of_an_earlier_round_is_not_called_in_the_next(cast: Cast, built: Built) -> None:
    consent(cast.rita, built)
    reference_id = add(cast.rita, built)
    back = NOON + timedelta(days=2)
    act(lambda: transitions.send_back(cast.rita, built.application_id, Step.REFERENCE_CHECK, "Anew", now=back))
    with pytest.raises(NotVisible):
        call(cast.hector, reference_id)
    assert db.session.get_one(Reference, reference_id).called_at is None

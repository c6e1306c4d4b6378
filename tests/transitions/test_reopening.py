"""What reopening brings back, and what it does not get past; and what counts as proven when an application moves."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from flask.testing import FlaskClient

from hiring.ground.database import NotVisible, db, writing
from hiring.ground.rulebook import Refused
from hiring.pipeline import actions as spine
from hiring.pipeline import queries as pipeline
from hiring.pipeline.models import Application, Candidate
from hiring.pipeline.rules import End, EndReason, Sight, Source, Step
from hiring.steps.debrief import queries as debrief
from hiring.steps.job_description import actions as descriptions
from hiring.steps.job_description.models import JobDescription, MustHave
from hiring.steps.job_description.rules import Status
from hiring.steps.resume_review import actions as reviews
from hiring.transitions import actions, owners
from tests.builders import LOOP_DAY, Built, application_at, requisition
from tests.cast import Cast, sign_in

NOW = LOOP_DAY + timedelta(days=3)
At = Callable[[datetime], None]
PAGE = "/applications/{}/moves"


def withdraw(cast: Cast, built: Built, days: int = 0) -> None:
    with writing():
        actions.withdraw(cast.rita, built.application_id, "x", now=NOW + timedelta(days=days))


def reopen(cast: Cast, built: Built, days: int = 1) -> None:
    with writing():
        actions.reopen(cast.rita, built.application_id, "Changed their mind", now=NOW + timedelta(days=days))


def rules_against_reopening(cast: Cast, built: Built) -> list[str]:
    """What the rules say to reopening, asked by the act."""
    with pytest.raises(Refused) as caught:
        reopen(cast, built)
    return [refusal.rule.id for refusal in caught.value.refusals]


def second_application(built: Built, candidate_id: int, reason: EndReason | None) -> Application:
    """Another application to the same requisition, ended by a decision against hiring if a reason is given."""
    with writing():
        row = spine.start_application(
            db.session.get_one(Candidate, candidate_id),
            built.requisition_id,
            source=Source.CAREERS,
            actor_id=None,
            now=NOW,
        )
        if reason is not None:
            spine.end_application(row, End.REJECTED, reason, actor_id=None, now=NOW, cool_off=True)
    return row


# --- Beside another application -------------------------------------------------------------------------------------


@pytest.mark.parametrize("reason", [EndReason.NO_HIRE, EndReason.VETO])
def test_an_older_application_is_not_reopened_past_a_later_decision_against_hiring(
    client: FlaskClient, cast: Cast, at: At, reason: EndReason
) -> None:
    built = application_at(cast, Step.PHONE_SCREEN)
    withdraw(cast, built)
    second_application(built, built.application.candidate_id, reason)

    assert rules_against_reopening(cast, built) == ["application.cool_off"]
    at(NOW + timedelta(days=1))
    page = sign_in(client, cast.rita).get(PAGE.format(built.application_id)).text
    assert 'data-rule="application.cool_off"' in page


def test_a_decision_against_a_duplicate_counts_once_the_two_are_known_to_be_one(cast: Cast) -> None:
    built = application_at(cast, Step.PHONE_SCREEN)
    withdraw(cast, built)
    with writing():
        twin = spine.add_candidate("Nadia Novak", "other@candidates.example", now=NOW)
    second_application(built, twin.id, EndReason.NO_HIRE)
    with writing():
        reviews.merge(cast.rita, built.application.candidate_id, twin.id, now=NOW)

    assert rules_against_reopening(cast, built) == ["application.cool_off"]


def test_an_older_application_is_not_reopened_beside_a_live_one(cast: Cast) -> None:
    built = application_at(cast, Step.PHONE_SCREEN)
    withdraw(cast, built)
    second_application(built, built.application.candidate_id, None)

    assert rules_against_reopening(cast, built) == ["application.once"]


# --- Of one's own requisition ---------------------------------------------------------------------------------------


def becomes(cast: Cast, built: Built, who: str) -> None:
    """The candidate is this colleague."""
    with writing():
        db.session.get_one(Candidate, built.application.candidate_id).person_id = getattr(cast, who).id


def test_whoever_answers_for_a_requisition_by_now_is_not_its_candidate_again(client: FlaskClient, cast: Cast) -> None:
    built = application_at(cast, Step.PHONE_SCREEN)
    becomes(cast, built, "igor")
    withdraw(cast, built)
    with writing():
        owners.change_owner(cast.amal, built.requisition_id, hiring_manager_id=cast.igor.id, recruiter_id=None, now=NOW)

    assert rules_against_reopening(cast, built) == ["loop.distinct"]
    assert 'data-rule="loop.distinct"' in sign_in(client, cast.rita).get(PAGE.format(built.application_id)).text


def test_nobody_is_moved_to_a_requisition_that_they_answer_for_nor_is_it_offered(
    client: FlaskClient, cast: Cast
) -> None:
    built = application_at(cast, Step.PHONE_SCREEN)
    theirs, _ = requisition(cast, code="R-2"), requisition(cast, code="R-3")
    becomes(cast, built, "igor")
    with writing():
        owners.change_owner(
            cast.amal, theirs.requisition_id, hiring_manager_id=cast.igor.id, recruiter_id=None, now=NOW
        )
    with pytest.raises(Refused) as caught, writing():
        actions.move_to(cast.rita, built.application_id, theirs.requisition_id, "x", now=NOW)

    assert [refusal.rule.id for refusal in caught.value.refusals] == ["loop.distinct"]
    page = sign_in(client, cast.rita).get(PAGE.format(built.application_id)).text
    assert '<option value="R-3">' in page
    assert '<option value="R-2">' not in page


# --- After the decision ---------------------------------------------------------------------------------------------


def second_version(cast: Cast, built: Built) -> int:
    """An approved second version of the description, with the same must-haves and another pay range."""
    with writing():
        first = db.session.get_one(JobDescription, built.description_id)
        row = JobDescription(
            requisition_id=built.requisition_id,
            number=2,
            status=Status.APPROVED,
            title=first.title,
            level=first.level,
            location=first.location,
            pay_low=first.pay_low + 1_000_000,
            pay_high=first.pay_high + 1_000_000,
            currency=first.currency,
            summary=first.summary,
            outcomes=first.outcomes,
            reports_stated=True,
            written_by=cast.hector.id,
            created_at=NOW,
            submitted_at=NOW,
            approved_at=NOW,
            approved_by=cast.bea.id,
            must_haves=[MustHave(place=item.place, text=item.text) for item in first.must_haves],
        )
        db.session.add(row)
        db.session.flush()
    return row.id


def adopt(cast: Cast, built: Built, description_id: int) -> None:
    with writing():
        descriptions.adopt(cast.rita, description_id, [built.application_id], now=NOW)


@pytest.mark.parametrize("step", [Step.REFERENCE_CHECK, Step.OFFER])
def test_a_decision_survives_a_reopening_with_its_description_and_its_readers(cast: Cast, step: Step) -> None:
    built = application_at(cast, step)
    decided_at, later = built.application.decided_at, NOW + timedelta(days=40)
    withdraw(cast, built, days=30)
    reopen(cast, built, days=31)
    second = second_version(cast, built)

    assert built.application.decided_at == decided_at is not None
    assert debrief.standing_decision(built.application_id) is not None
    with pytest.raises(Refused) as caught:
        adopt(cast, built, second)
    assert [refusal.rule.id for refusal in caught.value.refusals] == ["jd.reviewed"]
    with pytest.raises(NotVisible):
        pipeline.application_for(cast.iris, built.application_id, now=later, sight=Sight.CANDIDATE_FILE)
    pipeline.application_for(cast.hector, built.application_id, now=later, sight=Sight.CANDIDATE_FILE)


def test_what_is_reopened_before_its_decision_is_undecided(cast: Cast) -> None:
    built = application_at(cast, Step.DEBRIEF)
    withdraw(cast, built)
    reopen(cast, built)

    assert built.application.decided_at is None


# --- What a move takes as proven -------------------------------------------------------------------------------------


def test_a_mark_under_a_version_no_longer_held_against_proves_nothing(cast: Cast) -> None:
    built = application_at(cast, Step.PHONE_SCREEN)
    adopt(cast, built, second_version(cast, built))
    other = requisition(cast, code="R-2")
    with writing():
        new_id = actions.move_to(cast.rita, built.application_id, other.requisition_id, "Fits better", now=NOW).id

    assert pipeline.application(new_id).step is Step.RESUME_REVIEW

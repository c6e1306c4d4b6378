"""What reopening brings back, and what it does not get past; and what counts as proven when an application moves."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from flask.testing import FlaskClient

from hiring.ground.database import db, writing
from hiring.ground.rulebook import Refused
from hiring.pipeline import actions as spine
from hiring.pipeline.models import Application, Candidate
from hiring.pipeline.rules import End, EndReason, Source, Step
from hiring.steps.resume_review import actions as reviews
from hiring.transitions import actions
from tests.builders import LOOP_DAY, Built, application_at
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

"""People and marks that are known already: a colleague's own record, and a mark that the form did not show."""

import pytest

from hiring.ground.database import Stale, db, writing
from hiring.pipeline.models import Candidate
from hiring.pipeline.rules import Step
from hiring.steps.resume_review import actions
from hiring.steps.resume_review.actions import Applicant
from hiring.steps.resume_review.rules import Mark
from tests.builders import application_at, requisition
from tests.cast import Cast
from tests.steps.resume_review.test_actions import NOW, apply, mark_all


def test_a_colleague_who_once_applied_as_a_stranger_is_known_as_themself_when_they_apply_signed_in(cast: Cast) -> None:
    olga = Applicant("Olga", "olga@example.org", "", "Berlin", "Europe/Berlin")
    first, _ = apply(requisition(cast), olga)
    with writing():
        db.session.get_one(Candidate, first.candidate_id).person_id = None  # she was hired afterwards
    second, _ = apply(requisition(cast, code="R-2"), olga, actor_id=cast.olga.id, person_id=cast.olga.id)
    assert second.candidate_id == first.candidate_id
    assert db.session.get_one(Candidate, first.candidate_id).person_id == cast.olga.id


def test_a_mark_that_the_form_did_not_show_is_not_taken_away(cast: Cast) -> None:
    built = application_at(cast, Step.RESUME_REVIEW)
    mark_all(cast.rita, built, *[Mark.MET] * 2)
    with pytest.raises(Stale), writing():
        actions.save_marks(cast.rita, built.application_id, {}, expected=None, now=NOW)

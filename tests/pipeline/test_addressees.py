"""A notice to a requisition's owner reaches whoever may still read it, else the administrators."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select

from hiring.ground.database import db, writing
from hiring.ground.outbox import Notice
from hiring.people.models import RoleGrant
from hiring.pipeline.models import Candidate, Requisition
from hiring.pipeline.rules import Step
from hiring.steps.interview_loop import actions as loops
from hiring.steps.interview_loop.models import Seat
from hiring.steps.job_description import actions as descriptions
from hiring.steps.job_description.models import DescriptionReview, JobDescription
from hiring.steps.job_description.rules import POINTS, Status, Verdict
from hiring.steps.written_feedback import jobs
from tests.builders import LOOP_DAY, Built, application_at, requisition
from tests.cast import Cast

NOW = LOOP_DAY - timedelta(days=1)


def role_taken_back(cast: Cast, _built: Built) -> None:
    """Rita is no recruiter any more."""
    db.session.query(RoleGrant).filter_by(person_id=cast.rita.id).update({"until": NOW})


def disabled(cast: Cast, _built: Built) -> None:
    """Rita has left."""
    cast.rita.disabled_at = NOW


def close_to_the_candidate(cast: Cast, built: Built) -> None:
    """The candidate turns out to be Rita's own manager; Amal, an administrator, reports to her as well."""
    db.session.get_one(Candidate, built.application.candidate_id).person_id = cast.hanna.id
    cast.amal.manager_id = cast.hanna.id


GONE = [
    (role_taken_back, "does not hold the role of recruiter any more", {"amal", "ada"}),
    (disabled, "has left", {"amal", "ada"}),
    (close_to_the_candidate, "is close to the candidate", {"ada"}),
]
Gone = Callable[[Cast, Built], None]


def written(kind: str) -> dict[str, str]:
    """Texts of these notices, by the first name of whom they go to."""
    rows = db.session.scalars(select(Notice).where(Notice.kind == kind))
    return {row.to_address.partition("@")[0]: row.body_text for row in rows}


@pytest.mark.parametrize(("gone", "why", "told"), GONE)
def test_a_declined_invitation_is_told_to_who_can_name_another_recruiter(
    cast: Cast, gone: Gone, why: str, told: set[str]
) -> None:
    built = application_at(cast, Step.WRITTEN_FEEDBACK, held=False)
    with writing():
        gone(cast, built)
    with writing():
        loops.decline(cast.iris, built.seats["iris"], "On holiday.", now=NOW)
    assert written("interview_loop.declined") == {}
    found = written("owner.unreached")
    assert set(found) == told
    for text in found.values():
        assert "Iris declined the interview with Nadia Novak" in text
        assert f"Rita, the recruiter named on R-1, {why}" in text
        assert f"/requisitions/{built.requisition_id}/moves" in text


@pytest.mark.parametrize(("gone", "why", "told"), GONE)
def test_late_feedback_is_told_once_to_the_bar_raiser_and_in_the_recruiters_stead(
    cast: Cast, gone: Gone, why: str, told: set[str]
) -> None:
    built = application_at(cast, Step.WRITTEN_FEEDBACK)
    with writing():
        gone(cast, built)
    due_at = db.session.get_one(Seat, built.seats["iris"]).interviews[0].due_at
    assert due_at is not None
    for _ in range(2):
        jobs.nudge_writers(due_at + timedelta(minutes=15))
    assert set(written("feedback.late")) == {"bea"}
    mine = select(Notice.to_address).where(Notice.kind == "owner.unreached", Notice.body_text.contains("Iris"))
    assert sorted(db.session.scalars(mine)) == sorted(f"{who}@example.org" for who in told)
    said = db.session.scalars(select(Notice).where(Notice.kind.in_(["feedback.late", "owner.unreached"]))).all()
    late = [row for row in said if "Iris" in row.body_text]  # whoever stands in is told no longer than the others
    assert len({row.expires_at for row in late}) == 1 and None not in {row.expires_at for row in late}
    instead = [row for row in late if row.kind == "owner.unreached"]
    assert {row.subject for row in instead} <= {"Not everybody could be told: R-1"}
    assert all("did not reach everybody" in row.body_text for row in instead)


def test_whoever_is_the_recruiter_still_is_told_and_no_administrator(cast: Cast) -> None:
    built = application_at(cast, Step.WRITTEN_FEEDBACK, held=False)
    with writing():
        loops.decline(cast.iris, built.seats["iris"], "On holiday.", now=NOW)
    assert set(written("interview_loop.declined")) == {"rita"} and written("owner.unreached") == {}


def test_a_verdict_goes_to_the_hiring_manager_and_says_that_the_recruiter_is_gone(cast: Cast) -> None:
    built = requisition(cast)
    with writing():
        row = db.session.get_one(JobDescription, built.description_id)
        row.status, row.approved_at, row.approved_by = Status.IN_REVIEW, None, None
        db.session.get_one(Requisition, built.requisition_id).description_id = None
        db.session.query(DescriptionReview).update({"verdict": None, "at": None, "reviewer_id": cast.bea.id})
        role_taken_back(cast, built)
    with writing():
        points = dict.fromkeys(POINTS, "It is clear.")
        descriptions.review(cast.bea, built.description_id, Verdict.CHANGES, points, now=NOW)
    assert set(written("description.verdict")) == {"hector"}
    assert set(written("owner.unreached")) == {"amal", "ada"}

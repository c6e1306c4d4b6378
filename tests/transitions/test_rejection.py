"""No return to an earlier step gets around the evidence: who was interviewed is not rejected for a reason alone."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient

from hiring.desk import actions as desk
from hiring.ground.database import db, writing
from hiring.ground.outbox import Notice
from hiring.ground.rulebook import Refused
from hiring.pipeline import actions as spine
from hiring.pipeline import queries as pipeline
from hiring.pipeline.models import Application
from hiring.pipeline.rules import End, EndReason, Part, Step
from hiring.steps.debrief import actions as debrief
from hiring.steps.interview_loop import actions as loop_actions
from hiring.steps.interview_loop.models import Interview, Seat
from hiring.steps.interview_loop.rules import InterviewState
from hiring.steps.phone_screen import actions as screens
from hiring.steps.phone_screen.models import PhoneScreen, ScreenQuestion
from hiring.steps.phone_screen.rules import ScreenState, ScreenVerdict
from hiring.steps.resume_review import actions as resumes
from hiring.steps.resume_review.models import MustHaveMark
from hiring.steps.resume_review.rules import Mark
from hiring.steps.written_feedback.rules import Vote
from hiring.transitions import actions, cords
from tests.builders import LOOP_DAY, Built, application_at
from tests.cast import Cast, sign_in

NOW = LOOP_DAY + timedelta(days=3)
SORRY = "Dear Nadia, no."


def fail_a_must_have(built: Built) -> None:
    """Mark one must-have as not met."""
    with writing():
        mark = db.session.query(MustHaveMark).filter_by(application_id=built.application_id).first()
        assert mark is not None
        mark.mark = Mark.NOT_MET


def call_held(cast: Cast, built: Built) -> int:
    """A call by Hector in the open visit that waits for its verdict; returns its id."""
    with writing():
        visit = pipeline.open_visit(built.application_id)
        assert visit is not None
        row = PhoneScreen(
            application_id=built.application_id,
            visit_id=visit.id,
            screener_id=cast.hector.id,
            starts_at=NOW - timedelta(hours=2),
            ends_at=NOW - timedelta(hours=1),
            zone="Europe/Berlin",
            state=ScreenState.HELD,
            prepared_at=NOW - timedelta(days=1),
            summary="Could not say what they did themselves.",
            questions=[ScreenQuestion(place=1, text="A hard decision?", situation="A ledger drifted.")],
        )
        db.session.add(row)
        spine.join(built.application_id, cast.hector.id, Part.SCREENER, now=NOW)
        return row.id


def turn_down(cast: Cast, built: Built) -> None:
    resumes.turn_down(cast.rita, built.application_id, SORRY, now=NOW)


def for_a_reason(cast: Cast, built: Built) -> None:
    debrief.reject_before_interviews(cast.rita, built.application_id, "Not for us.", SORRY, now=NOW)


def among_many(cast: Cast, built: Built) -> None:
    desk.reject_many(cast.rita, [built.application_id], "Not for us.", SORRY, now=NOW)


WAYS = [
    (Step.RESUME_REVIEW, turn_down),
    *((step, way) for step in (Step.RESUME_REVIEW, Step.PHONE_SCREEN) for way in (for_a_reason, among_many)),
    *((Step.INTERVIEW_LOOP, way) for way in (for_a_reason, among_many)),
]
Way = Callable[[Cast, Built], None]


def sent_back(cast: Cast, built: Built, step: Step) -> Built:
    """The application after Rita sent it back, with a must-have that its résumé fails."""
    with writing():
        actions.send_back(cast.rita, built.application_id, step, "Look again", now=NOW)
    fail_a_must_have(built)
    return built


@pytest.mark.parametrize(("step", "way"), WAYS)
@pytest.mark.parametrize("came_to", [Step.WRITTEN_FEEDBACK, Step.DEBRIEF, Step.REFERENCE_CHECK])
def test_a_return_after_the_interviews_opens_no_way_to_reject_for_a_reason(
    cast: Cast, came_to: Step, step: Step, way: Way
) -> None:
    built = sent_back(cast, application_at(cast, came_to), step)
    with pytest.raises(Refused) as caught, writing():
        way(cast, built)

    [refusal] = caught.value.refusals
    assert refusal.rule.id == "reject.with_evidence"
    assert refusal.facts == f"The first interview began on 2026-03-03 at 08:00 UTC; the application is in {step.label}."
    assert built.application.ended is None


@pytest.mark.parametrize(("step", "way"), WAYS)
def test_before_any_interview_each_step_rejects_as_ever_also_after_a_return(cast: Cast, step: Step, way: Way) -> None:
    built = application_at(cast, Step.INTERVIEW_LOOP)
    sent_back(cast, built, step)
    with writing():
        way(cast, built)

    assert built.application.ended is End.REJECTED


def test_an_interview_that_is_going_on_counts_when_the_application_goes_back(cast: Cast) -> None:
    built = application_at(cast, Step.WRITTEN_FEEDBACK, held=False)
    with writing():
        begun = LOOP_DAY + timedelta(minutes=1)
        actions.send_back(cast.rita, built.application_id, Step.RESUME_REVIEW, "Look again", now=begun)
    fail_a_must_have(built)
    with pytest.raises(Refused), writing():
        turn_down(cast, built)
    assert built.application.interviewed_at == LOOP_DAY


def test_an_interview_to_which_nobody_came_is_none(cast: Cast) -> None:
    built = application_at(cast, Step.WRITTEN_FEEDBACK, held=False)
    with writing():
        actions.send_back(
            cast.rita, built.application_id, Step.RESUME_REVIEW, "Look again", now=LOOP_DAY + timedelta(minutes=1)
        )
    fail_a_must_have(built)
    with writing():  # Hector had declined, so the worker closes his slot as one to which he did not come
        seat = db.session.get_one(Seat, built.seats["hector"])
        seat.declined_at = LOOP_DAY - timedelta(days=1)
        assert loop_actions.close_interview(seat.interviews[0].id, NOW)
    with writing():
        turn_down(cast, built)

    assert built.application.interviewed_at is None
    assert built.application.end_reason is EndReason.OFF_TARGET


def test_a_plan_that_was_never_confirmed_is_no_interview_when_its_time_passes(cast: Cast) -> None:
    built = application_at(cast, Step.WRITTEN_FEEDBACK, held=False)
    with writing():
        actions.send_back(
            cast.rita, built.application_id, Step.RESUME_REVIEW, "Look again", now=LOOP_DAY - timedelta(hours=1)
        )
        for interview in db.session.query(Interview):  # the loop is composed anew, and planned for the same times
            interview.state = InterviewState.BOOKED
    fail_a_must_have(built)
    with writing():
        for_a_reason(cast, built)

    assert built.application.ended is End.REJECTED


@pytest.mark.parametrize("message", [SORRY, ""])
def test_a_no_on_the_phone_after_the_interviews_is_kept_and_ends_nothing(cast: Cast, message: str) -> None:
    built = sent_back(cast, application_at(cast, Step.DEBRIEF), Step.PHONE_SCREEN)
    screen_id = call_held(cast, built)
    with writing():
        screens.decide(cast.hector, screen_id, ScreenVerdict.NO, go_on=True, message=message, now=NOW)

    assert db.session.get_one(PhoneScreen, screen_id).verdict is ScreenVerdict.NO
    assert (built.application.step, built.application.ended) == (Step.PHONE_SCREEN, None)
    assert db.session.query(Notice).filter_by(kind="application.rejected").count() == 0


def test_a_no_on_the_phone_before_any_interview_rejects(cast: Cast) -> None:
    built = application_at(cast, Step.PHONE_SCREEN)
    screen_id = call_held(cast, built)
    with writing():
        screens.decide(cast.hector, screen_id, ScreenVerdict.NO, go_on=True, message=SORRY, now=NOW)

    assert built.application.end_reason is EndReason.PHONE_SCREEN_NO


@pytest.mark.parametrize("step", [Step.RESUME_REVIEW, Step.PHONE_SCREEN, Step.INTERVIEW_LOOP])
def test_a_cord_and_two_written_agreements_still_reject_after_a_return(cast: Cast, step: Step) -> None:
    against = sent_back(cast, application_at(cast, Step.DEBRIEF, votes=Vote.NOT_INCLINED), step)
    for actor in (cast.hector, cast.bea):
        with writing():
            debrief.agree_to_reject(actor, against.application_id, "No evidence of ownership.", now=NOW)
    assert against.application.end_reason is EndReason.ALL_AGAINST

    other = Built(against.requisition_id, against.description_id, items=against.items)
    stopped = application_at(cast, Step.PHONE_SCREEN, on=other, name="Olaf Other")
    with writing():
        db.session.get_one(Application, stopped.application_id).interviewed_at = LOOP_DAY
        cord = cords.pull(cast.hector, stopped.application_id, "A conflict was hidden", [], now=NOW)
        cords.clear(cast.amal, cord.id, "No question asked", "Ask it", reject="We are sorry.", now=NOW)
    assert stopped.application.end_reason is EndReason.CORD


# --- The pages say so before ------------------------------------------------------------------------------------------


def page_of(client: FlaskClient, path: str) -> BeautifulSoup:
    return BeautifulSoup(client.get(path).text, "html.parser")


def test_the_resume_page_says_why_it_cannot_be_rejected_here(client: FlaskClient, cast: Cast) -> None:
    built = sent_back(cast, application_at(cast, Step.DEBRIEF), Step.RESUME_REVIEW)
    page = page_of(sign_in(client, cast.rita), f"/applications/{built.application_id}/resume-review")

    assert page.select_one('form[data-action="resume.reject"] [data-rule="reject.with_evidence"]') is not None
    button = page.select_one('form[data-action="resume.reject"] button[type="submit"]')
    assert button is not None and button.get("aria-disabled") == "true"


def test_the_screen_s_page_says_that_a_no_ends_nothing_and_what_does(client: FlaskClient, cast: Cast) -> None:
    built = sent_back(cast, application_at(cast, Step.DEBRIEF), Step.PHONE_SCREEN)
    screen_id = call_held(cast, built)
    sign_in(client, cast.hector)
    path = f"/applications/{built.application_id}/screen"
    page = page_of(client, path)

    assert page.select_one('#verdict [data-rule="reject.with_evidence"]') is not None
    assert page.select_one('form[data-action="screen.decide"] [name="message"]') is None
    client.post(f"/screens/{screen_id}/decide", data={"verdict": "no", "following": "loop"})
    assert page_of(client, path).select_one('#go-on [data-rule="reject.with_evidence"]') is not None
    assert built.application.ended is None

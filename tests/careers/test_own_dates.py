"""What a candidate's own page says of times: what is booked, what is promised, and whom to ask or to tell."""

from datetime import date, timedelta

import pytest
from bs4 import BeautifulSoup
from sqlalchemy import select

from hiring.careers import rules
from hiring.ground.database import db, writing
from hiring.ground.outbox import Notice
from hiring.pipeline import candidates
from hiring.pipeline.models import Candidate
from hiring.pipeline.rules import Step
from hiring.steps.interview_loop import actions as loop_actions
from hiring.steps.interview_loop import queries as loops
from hiring.steps.phone_screen import actions as screens
from hiring.steps.resume_review.rules import ResumePolicy
from tests.builders import LOOP_DAY, application_at, offer_made
from tests.cast import sign_in
from tests.conftest import NOON
from tests.steps.interview_loop.composing import REASONS, composed


def own_page(client, built):
    with writing():
        candidate = db.session.get_one(Candidate, built.application.candidate_id)
        candidate.time_zone = "Asia/Tokyo"
        key = candidates.link_key(candidate)
    return f"/my/{key}"


def read(client, path):
    return BeautifulSoup(client.get(path).data, "html.parser")


def test_the_booked_call_is_shown_in_the_candidates_zone_with_its_link(client, cast, at):
    at(NOON)
    built = application_at(cast, Step.PHONE_SCREEN)
    start = NOON.replace(hour=14) + timedelta(days=5)
    with writing():
        screens.book(cast.rita, built.application_id, screens.Plan(start, 30, "https://meet.example/1"), now=NOON)
    page = read(client, own_page(client, built))
    [row] = page.select("[data-appointments] li")
    assert "Phone screen" in row.text and "23:00" in row.text and "JST" in row.text
    assert row.a["href"] == "https://meet.example/1"
    assert "rita@" in page.select_one("main a[href^='mailto:']")["href"]
    at(start + timedelta(hours=2))
    assert not read(client, own_page(client, built)).select("[data-appointments]")


def test_booked_interviews_are_shown_and_the_decision_is_promised_for_the_working_day_after_the_last(client, cast, at):
    at(LOOP_DAY - timedelta(days=1))
    built = application_at(cast, Step.WRITTEN_FEEDBACK, held=False)
    page = read(client, own_page(client, built))
    rows = [row.text for row in page.select("[data-appointments] li")]
    assert len(rows) >= 5 and all("Interview with" in row and "Room 1" in row and "JST" in row for row in rows)
    last = max(one.ends_at for one in built_interviews(built))
    assert page.select_one("[data-promise]").text.startswith("You hear from us by")
    assert f"{last.day + 1} Mar 2026" in page.select_one("[data-promise]").text


def built_interviews(built):
    loop = loops.loop_for(built.application_id)
    return [one for seat in loops.held_seats(loop) for one in seat.interviews]


@pytest.mark.parametrize("step", [Step.WRITTEN_FEEDBACK, Step.DEBRIEF])
def test_a_promise_that_passed_is_owned_up_to_and_tells_nothing_of_what_was_written(client, cast, at, step):
    at(LOOP_DAY + timedelta(hours=10))
    built = application_at(cast, step)
    path = own_page(client, built)
    told = read(client, path).select_one("[data-promise]").text
    assert told.startswith("You hear from us by")
    at(LOOP_DAY + timedelta(days=9))
    assert "we are late" in read(client, path).select_one("[data-promise]").text


def test_an_offers_answer_date_is_shown_until_it_is_answered(client, cast, at):
    at(NOON)
    built = application_at(cast, Step.OFFER)
    path = own_page(client, built)
    assert not read(client, path).select("[data-promise]")
    offer_made(cast, built)
    assert "You answer our offer by 20 Mar 2026" in read(client, path).select_one("[data-promise]").text


@pytest.mark.parametrize(
    ("step", "last", "said", "on"),
    [
        (Step.RESUME_REVIEW, None, None, date(2026, 3, 4)),
        (Step.RESUME_REVIEW, None, date(2026, 3, 20), date(2026, 3, 20)),
        (Step.PHONE_SCREEN, None, None, None),
        (Step.DEBRIEF, date(2026, 3, 6), None, date(2026, 3, 9)),
        (Step.REFERENCE_CHECK, date(2026, 3, 6), None, None),
    ],
)
def test_dates_are_counted_from_what_the_candidate_knows(step, last, said, on):
    found = rules.promise(
        step,
        entered_on=date(2026, 3, 2),
        last_interview_on=last,
        said=said,
        country="DE",
        today=date(2026, 3, 2),
        policy=ResumePolicy(),
    )
    assert (found.on if found else None) == on


def test_a_withdrawal_reaches_the_recruiter_in_the_candidates_words(client, cast, at):
    at(NOON)
    built = application_at(cast, Step.PHONE_SCREEN)
    path = own_page(client, built)
    client.post(f"{path}/applications/{built.application_id}/withdraw", data={"note": "We are moving to Oslo."})
    [notice] = db.session.scalars(select(Notice).where(Notice.kind == "application.withdrawn"))
    assert notice.to_address == cast.rita.email and "We are moving to Oslo." in notice.body_text
    assert f"Rita ({cast.rita.email})" in read(client, path).text
    for who, told in ((cast.rita, True), (cast.hector, True), (cast.ron, False)):
        sign_in(client, who)
        answer = client.get(f"/applications/{built.application_id}")
        assert answer.status_code == 200 and ("moving to Oslo" in answer.text) is told


def test_slots_of_a_loop_that_is_still_composed_are_no_appointments(client, cast, at):
    at(NOON)
    built = composed(cast)
    assert not read(client, own_page(client, built)).select("[data-appointments]")
    with writing():
        loop_actions.confirm(cast.rita, built.application_id, now=NOON, reasons=REASONS)
    assert len(read(client, own_page(client, built)).select("[data-appointments] li")) == 5

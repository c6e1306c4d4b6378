"""Feedback submitted in the same instant, by one person twice and by the last two, on both engines."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from bs4 import BeautifulSoup
from flask import Flask
from sqlalchemy import func, select

from hiring.ground.audit import AuditEntry
from hiring.ground.database import db, writing
from hiring.ground.receipts import Receipt
from hiring.pipeline.models import StepVisit
from hiring.pipeline.rules import Step
from hiring.steps.interview_loop.models import Seat
from hiring.steps.written_feedback import actions, queries
from hiring.steps.written_feedback.models import Feedback
from tests.builders import Built, application_at, give_feedback
from tests.cast import Cast, sign_in
from tests.conftest import Engine
from tests.races import rounds, together
from tests.repeats import Repeats
from tests.steps.written_feedback.entries import AFTER, ALL, entry_for


def counted(query: Any) -> int:
    return db.session.scalar(query) or 0


def submitted(seat_id: int) -> int:
    """How often the feedback of a seat is there and on record; the same number, or it is half there."""
    rows = counted(select(func.count()).select_from(Feedback).where(Feedback.seat_id == seat_id))
    told = select(func.count()).where(AuditEntry.act == "feedback.submit", AuditEntry.subject_id == seat_id)
    assert rows == counted(told)
    return rows


def filled_in(page: str) -> dict[str, str]:
    """The form of that page with something written everywhere."""
    form = BeautifulSoup(page, "html.parser").find("form", attrs={"data-action": "feedback.submit"})
    assert form is not None
    sent = {str(tag["name"]): str(tag.get("value", "")) for tag in form.select("input[type=hidden]")}
    sent |= {str(tag["name"]): "Told" for tag in form.select("textarea")}
    return sent | {str(tag["name"]): "meets" for tag in form.select("[name$=-rating]")} | {"vote": "inclined"}


def test_one_form_pressed_twice_in_the_same_instant_is_one_feedback_and_one_answer(
    engine: Engine, app: Flask, cast: Cast, at: Callable[[datetime], None], repeats: Repeats
) -> None:
    at(AFTER)
    windows = [app.test_client() for _ in range(2)]

    def make() -> tuple[Built, dict[str, str]]:
        built = application_at(cast, Step.WRITTEN_FEEDBACK)
        for window in windows:
            sign_in(window, cast.iris)
        return built, filled_in(windows[0].get(f"/seats/{built.seats['iris']}/feedback").text)

    for _, (built, form) in rounds(engine, repeats, make):
        seat_id = built.seats["iris"]
        post = [lambda w=w: w.post(f"/seats/{seat_id}/feedback/submit", data=form) for w in windows]  # type: ignore[misc]
        course = together({"one": post[0], "other": post[1]})
        assert course.wrong == {}
        answers = {(answer.status_code, answer.location) for answer in course.came.values()}
        assert answers == {(303, f"/seats/{seat_id}/feedback")}
        assert submitted(seat_id) == 1
        assert counted(select(func.count()).select_from(Receipt).where(Receipt.key == form["submission_key"])) == 1


def test_feedback_submitted_twice_is_answered_with_what_stands_and_other_words_are_refused(
    engine: Engine, app: Flask, cast: Cast, repeats: Repeats
) -> None:
    for race, built in rounds(engine, repeats, lambda: application_at(cast, Step.WRITTEN_FEEDBACK)):
        seat_id, other = built.seats["iris"], "Told" if race.number % 4 < 2 else "New"

        def submit(words: str) -> int:
            return actions.submit(cast.iris, seat_id, entry_for(seat_id, words), now=AFTER).id

        course = race.meet(told=lambda: submit("Told"), other=lambda: submit(other))
        assert submitted(seat_id) == 1
        if other == "Told":
            assert course.wrong == {} and len(set(course.came.values())) == 1
        else:
            assert "submitted" in course.refused()["feedback.final"]
            row = queries.own_draft(cast.iris, seat_id)
            assert row is not None
            assert row.summary == ("Told" if course.first == "told" else "New") + " in sum"


def test_two_last_submitters_in_the_same_instant_move_the_application_once(
    engine: Engine, app: Flask, cast: Cast, repeats: Repeats
) -> None:
    def make() -> Built:
        built = application_at(cast, Step.WRITTEN_FEEDBACK)
        with writing():
            give_feedback(built, seats=ALL[:-2])
        return built

    for race, built in rounds(engine, repeats, make):

        def submit(key: str) -> object:
            return actions.submit(getattr(cast, key), built.seats[key], entry_for(built.seats[key]), now=AFTER)

        course = race.meet(**{key: lambda key=key: submit(key) for key in ALL[-2:]})  # type: ignore[misc]
        assert course.wrong == {}
        assert [submitted(built.seats[key]) for key in ALL[-2:]] == [1, 1]
        assert built.application.step is Step.DEBRIEF
        into = select(func.count()).where(
            StepVisit.application_id == built.application_id, StepVisit.step == Step.DEBRIEF
        )
        assert counted(into) == 1
        owing = select(func.count()).where(Seat.loop_id == built.loop_id, Seat.submitted_at.is_(None))
        assert counted(owing) == 0

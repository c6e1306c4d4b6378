"""The pages of step 5 as people meet them: the form, who has submitted, practice; and the canary for blindness."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from bs4 import BeautifulSoup, Tag
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from hiring.ground.database import db, writing
from hiring.pipeline import actions as spine
from hiring.pipeline.rules import Part, Step
from hiring.steps.interview_loop.models import Loop, Seat, Shadow
from hiring.steps.written_feedback import actions, queries
from hiring.steps.written_feedback.models import Feedback
from hiring.steps.written_feedback.rules import Entry, ItemEntry, Rating, Vote
from hiring.steps.written_feedback.views import desk_items
from tests.builders import LOOP_DAY, Built, application_at
from tests.cast import Cast, sign_in

AFTER = LOOP_DAY + timedelta(hours=5)
CANARY = "canary-7f3a"


@pytest.fixture
def built(cast: Cast, at: Callable[[datetime], None]) -> Built:
    at(AFTER)
    return application_at(cast, Step.WRITTEN_FEEDBACK)


def read(client: FlaskClient, url: str, status: int = 200) -> BeautifulSoup:
    answer = client.get(url)
    assert answer.status_code == status
    return BeautifulSoup(answer.text, "html.parser")


def form_of(page: BeautifulSoup, action: str) -> Tag:
    found = page.find("form", attrs={"data-action": action})
    assert isinstance(found, Tag)
    return found


def fields(form: Tag, **changes: str) -> dict[str, Any]:
    data = {str(tag["name"]): str(tag.get("value", "")) for tag in form.select("input[type=hidden]")}
    data |= {str(tag["name"]): tag.get_text().removeprefix("\r\n") for tag in form.select("textarea")}
    data |= {str(tag["name"]): str(tag["value"]) for tag in form.select("input[checked]")}
    return data | changes


def complete(built: Built, key: str, form: Tag, words: str = "Told") -> dict[str, Any]:
    data = fields(form, summary=f"{words} in sum", vote="inclined")
    for assignment in db.session.get_one(Seat, built.seats[key]).assignments:
        for part in ("question", "situation", "task", "action", "result"):
            data[f"item_{assignment.item_id}-{part}"] = f"{words} {part}"
        data[f"item_{assignment.item_id}-rating"] = "meets"
    return data


def url_of(built: Built, key: str, act: str = "") -> str:
    return f"/seats/{built.seats[key]}/feedback" + (f"/{act}" if act else "")


def canary_feedback(built: Built, cast: Cast, key: str, *, final: bool) -> None:
    """Feedback whose every secret field holds a canary, the vote being the only ``strongly not inclined`` around."""
    seat = db.session.get_one(Seat, built.seats[key])
    first, *rest = [a.item_id for a in seat.assignments]
    told = ItemEntry(first, *[f"{CANARY}-{n}" for n in "qstar"], rating=Rating.BELOW)
    gaps = [ItemEntry(item, rating=Rating.NOT_TESTED, not_tested_reason=f"{CANARY}-gap") for item in rest]
    entry = Entry((told, *gaps), f"{CANARY}-summary", Vote.STRONGLY_NOT_INCLINED)
    with writing():
        if final:
            actions.submit(getattr(cast, key), seat.id, entry, now=AFTER)
            actions.amend(getattr(cast, key), seat.id, f"{CANARY}-amendment", now=AFTER)
        else:
            actions.save_draft(getattr(cast, key), seat.id, entry, now=AFTER)


def test_an_interviewer_writes_saves_and_submits(client: FlaskClient, cast: Cast, built: Built) -> None:
    sign_in(client, cast.iris)
    page = read(client, url_of(built, "iris"))
    assert page.find(attrs={"data-due": True}) is not None
    form = form_of(page, "feedback.submit")
    assert "Question 30?" in form.get_text()
    labels = [tag.get_text(strip=True) for tag in form.select("legend")]
    assert labels[-1] == "Your vote"
    some = fields(form, summary="So far")
    assert client.post(url_of(built, "iris", "save"), data=some).status_code == 303
    page = read(client, url_of(built, "iris"))
    assert "Draft saved" in page.get_text()
    form = form_of(page, "feedback.submit")
    assert fields(form)["summary"] == "So far"
    done = client.post(url_of(built, "iris", "submit"), data=complete(built, "iris", form))
    assert done.status_code == 303, done.text
    page = read(client, url_of(built, "iris"))
    assert page.find("form", attrs={"data-action": "feedback.submit"}) is None
    assert "Told in sum" in page.get_text()


def test_the_same_submit_twice_gives_one_row_and_the_same_answer(client: FlaskClient, cast: Cast, built: Built) -> None:
    sign_in(client, cast.iris)
    data = complete(built, "iris", form_of(read(client, url_of(built, "iris")), "feedback.submit"))
    answers = [client.post(url_of(built, "iris", "submit"), data=data) for _ in range(2)]
    assert [a.status_code for a in answers] == [303, 303]
    assert answers[0].location == answers[1].location
    assert db.session.scalar(select(func.count()).select_from(Feedback)) == 1


def test_a_second_window_that_submits_other_words_gets_them_back(client: FlaskClient, cast: Cast, built: Built) -> None:
    sign_in(client, cast.iris)
    form = form_of(read(client, url_of(built, "iris")), "feedback.submit")
    first = complete(built, "iris", form)
    assert client.post(url_of(built, "iris", "submit"), data=first).status_code == 303
    second = complete(built, "iris", form, "Otherwise") | {"submission_key": "another"}
    answer = client.post(url_of(built, "iris", "submit"), data=second)
    assert answer.status_code == 409
    kept = BeautifulSoup(answer.text, "html.parser").select_one("[data-typed]")
    assert kept is not None and "Otherwise in sum" in kept.text and "Otherwise action" in kept.text


def test_incomplete_feedback_is_told_what_is_missing_and_keeps_what_was_typed(
    client: FlaskClient, cast: Cast, built: Built
) -> None:
    sign_in(client, cast.iris)
    form = form_of(read(client, url_of(built, "iris")), "feedback.submit")
    answer = client.post(url_of(built, "iris", "submit"), data=fields(form, summary="Typed and kept"))
    assert answer.status_code == 409
    page = BeautifulSoup(answer.text, "html.parser")
    refusal = page.find(attrs={"data-rule": "feedback.complete"})
    assert refusal is not None
    assert "rating" in refusal.get_text()
    assert "The vote is missing." in refusal.get_text()
    assert fields(form_of(page, "feedback.submit"))["summary"] == "Typed and kept"


def test_a_stale_save_shows_both_texts(client: FlaskClient, cast: Cast, built: Built) -> None:
    sign_in(client, cast.iris)
    data = fields(form_of(read(client, url_of(built, "iris")), "feedback.submit"))
    client.post(url_of(built, "iris", "save"), data=data | {"summary": "From the other tab"})
    answer = client.post(url_of(built, "iris", "save"), data=data | {"summary": "From this tab"})
    assert answer.status_code == 409
    page = BeautifulSoup(answer.text, "html.parser")
    assert "From the other tab" in page.get_text()
    merged = fields(form_of(page, "feedback.submit"))
    assert merged["summary"] == "From this tab"
    unseen = {name: value for name, value in merged.items() if name != "version"}
    assert client.post(url_of(built, "iris", "save"), data=unseen).status_code == 409
    assert client.post(url_of(built, "iris", "save"), data=merged).status_code == 303


def test_ones_own_draft_in_two_windows_is_nobody_elses(client: FlaskClient, cast: Cast, built: Built) -> None:
    sign_in(client, cast.iris)
    form = form_of(read(client, url_of(built, "iris")), "feedback.submit")
    client.post(url_of(built, "iris", "save"), data=fields(form, summary="One"))
    stale = client.post(url_of(built, "iris", "save"), data=fields(form, summary="Two"))
    assert stale.status_code == 409
    assert "Another window of yours changed this draft" in stale.text and "Somebody" not in stale.text


def test_before_the_interview_the_fields_are_closed_and_say_so(
    client: FlaskClient, cast: Cast, at: Callable[[datetime], None]
) -> None:
    at(LOOP_DAY - timedelta(days=1))
    booked = application_at(cast, Step.WRITTEN_FEEDBACK, held=False)
    sign_in(client, cast.iris)
    form = form_of(read(client, url_of(booked, "iris")), "feedback.submit")
    assert form.select_one("[data-not-open][role=status]") is not None
    closed = form.select_one("fieldset[disabled]")
    assert closed is not None
    assert len(closed.select("textarea")) == len(form.select("textarea")) > 0


def test_an_unknown_rating_and_an_unstorable_text_are_errors_beside_their_fields(
    client: FlaskClient, cast: Cast, built: Built
) -> None:
    sign_in(client, cast.iris)
    data = complete(built, "iris", form_of(read(client, url_of(built, "iris")), "feedback.submit"))
    name = next(name for name in data if name.endswith("-rating"))
    for bad in ({name: "splendid"}, {name.replace("rating", "task"): "a\x00b"}, {"vote": "neutral"}):
        for act in ("submit", "save"):
            answer = client.post(url_of(built, "iris", act), data=data | bad)
            assert answer.status_code == 422
            assert BeautifulSoup(answer.text, "html.parser").select(".field-error")


def test_before_the_interview_the_kit_is_there_and_the_buttons_say_why_not(
    client: FlaskClient, cast: Cast, at: Callable[[datetime], None]
) -> None:
    built = application_at(cast, Step.WRITTEN_FEEDBACK, held=False)
    at(LOOP_DAY - timedelta(days=1))
    sign_in(client, cast.iris)
    page = read(client, url_of(built, "iris"))
    form = form_of(page, "feedback.submit")
    assert form.find(attrs={"data-rule": "feedback.own"}) is not None
    assert all(button["aria-disabled"] == "true" for button in form.select("button"))
    assert "Nadia Novak" in page.find("aside").get_text()  # type: ignore[union-attr]
    assert client.post(url_of(built, "iris", "save"), data=fields(form)).status_code == 409


def test_the_form_is_its_authors_strangers_do_not_see_it_and_others_are_told_whose_it_is(
    client: FlaskClient, cast: Cast, built: Built
) -> None:
    for key, status in (("bea", 403), ("hector", 403), ("cora", 403), ("olga", 404), ("tara", 404)):
        read(sign_in(client, getattr(cast, key)), url_of(built, "iris"), status)
    sign_in(client, cast.bea)
    data = complete(built, "iris", form_of(read(client, url_of(built, "bea")), "feedback.submit"))
    answer = client.post(url_of(built, "iris", "submit"), data=data)
    assert answer.status_code == 409
    assert 'data-rule="feedback.own"' in answer.text
    sign_in(client, cast.olga)
    for act in ("save", "submit", "amend"):
        assert client.post(url_of(built, "iris", act), data=data).status_code == 404
    assert db.session.scalar(select(func.count()).select_from(Feedback)) == 0


def test_an_anonymous_reader_goes_to_sign_in(client: FlaskClient, built: Built) -> None:
    for url in (url_of(built, "iris"), f"/applications/{built.application_id}/feedback"):
        answer = client.get(url)
        assert answer.status_code == 302
        assert "/sign-in" in answer.location


@pytest.mark.parametrize("final", [True, False])
@pytest.mark.parametrize("key", ["hector", "bea", "rita", "irma", "cora", "amal", "ron"])
def test_no_canary_in_a_colleagues_feedback_is_on_any_page_before_ones_own_submission(
    client: FlaskClient, cast: Cast, built: Built, key: str, *, final: bool
) -> None:
    canary_feedback(built, cast, "iris", final=final)
    reader = getattr(cast, key)
    sign_in(client, reader)
    urls = [f"/applications/{built.application_id}/feedback", url_of(built, "iris")]
    if key in built.seats:
        urls.append(url_of(built, key))
    for url in urls:
        text = client.get(url).text
        assert CANARY not in text
        assert "Strongly not inclined" not in text.replace("Strongly not inclined</label>", "")
    for act in ("save", "submit", "amend"):
        assert CANARY not in client.post(url_of(built, "iris", act), data={"text": "x", "vote": "inclined"}).text
    told = read(client, urls[0])
    assert told.find(attrs={"data-rule": "feedback.blind"}) is not None
    assert ("submitted" in told.find(attrs={"data-seat": built.seats["iris"]}).get_text()) is final  # type: ignore[union-attr]
    with client.application.test_request_context():
        assert CANARY not in str(desk_items(reader, AFTER))


def test_after_ones_own_submission_the_others_are_there_side_by_side(
    client: FlaskClient, cast: Cast, built: Built
) -> None:
    canary_feedback(built, cast, "iris", final=True)
    sign_in(client, cast.bea)
    data = complete(built, "bea", form_of(read(client, url_of(built, "bea")), "feedback.submit"))
    assert client.post(url_of(built, "bea", "submit"), data=data).status_code == 303
    page = read(client, f"/applications/{built.application_id}/feedback")
    assert page.find(attrs={"data-rule": "feedback.blind"}) is None
    for field in (*"qstar", "gap", "summary", "amendment"):
        assert f"{CANARY}-{field}" in page.get_text()
    assert page.find(id="matrix") is not None


def test_a_person_taken_off_the_loop_sees_nothing_any_more(client: FlaskClient, cast: Cast, built: Built) -> None:
    canary_feedback(built, cast, "iris", final=True)
    with writing():
        seat = db.session.get_one(Seat, built.seats["iris"])
        seat.state, seat.left_at, seat.left_reason = "vacated", AFTER, "ill"
        spine.leave(built.application_id, cast.iris.id, Part.SEAT, now=AFTER)
    sign_in(client, cast.iris)
    read(client, url_of(built, "iris"), 404)
    read(client, f"/applications/{built.application_id}/feedback", 404)


def test_an_amendment_is_added_and_refused_once_the_debrief_opened(
    client: FlaskClient, cast: Cast, at: Callable[[datetime], None]
) -> None:
    built = application_at(cast, Step.DEBRIEF)
    at(AFTER)
    sign_in(client, cast.iris)
    form = form_of(read(client, url_of(built, "iris")), "feedback.amend")
    assert client.post(url_of(built, "iris", "amend"), data=fields(form, text="One more")).status_code == 303
    assert "One more" in read(client, url_of(built, "iris")).get_text()
    assert client.post(url_of(built, "iris", "amend"), data=fields(form, text="")).status_code == 422
    with writing():
        db.session.get_one(Loop, built.loop_id).debrief_opened_at = AFTER
    form = form_of(read(client, url_of(built, "iris")), "feedback.amend")
    assert form.find(attrs={"data-rule": "feedback.final"}) is not None
    answer = client.post(url_of(built, "iris", "amend"), data=fields(form, text="Too late"))
    assert answer.status_code == 409
    assert 'data-rule="feedback.final"' in answer.text


def test_what_is_due_is_on_the_desk_with_its_clock(app: Flask, cast: Cast, built: Built) -> None:
    with app.test_request_context():
        own, others = desk_items(cast.iris, AFTER), desk_items(cast.rita, AFTER)
    assert [(item.kind, item.url) for item in own] == [("feedback", url_of(built, "iris"))]
    assert own[0].due == LOOP_DAY + timedelta(hours=4)
    late = [item.title for item in others if item.kind == "late_feedback"]
    assert "Iris's feedback on Nadia Novak is late" in late


def test_a_trainee_practises_and_the_mentor_reads_it_once_both_are_in(
    client: FlaskClient, cast: Cast, built: Built
) -> None:
    with writing():
        shadow = Shadow(seat_id=built.seats["iris"], person_id=cast.tara.id)
        db.session.add(shadow)
        db.session.flush()
        url = f"/shadows/{shadow.id}/practice"
        spine.join(built.application_id, cast.tara.id, Part.SHADOW, now=LOOP_DAY)
    sign_in(client, cast.tara)
    form = form_of(read(client, url), "feedback.practise")
    assert client.post(f"{url}/save", data=fields(form, text="Half")).status_code == 303
    form = form_of(read(client, url), "feedback.practise")
    assert fields(form)["text"] == "Half"
    assert client.post(f"{url}/submit", data=fields(form, text=CANARY)).status_code == 303
    assert CANARY in read(client, url).get_text()
    for key in ("iris", "priya"):
        page = read(sign_in(client, getattr(cast, key)), url)
        assert CANARY not in page.get_text()
        assert page.find(attrs={"data-rule": "feedback.blind"}) is not None
    for key in ("bea", "hector", "rita", "olga"):
        read(sign_in(client, getattr(cast, key)), url, 404)
    canary_feedback(built, cast, "iris", final=True)
    for key in ("iris", "priya"):
        assert CANARY in read(sign_in(client, getattr(cast, key)), url).get_text()
    assert queries.submitted_at(built.seats["iris"]) == AFTER

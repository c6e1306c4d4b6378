"""The page of step 3, as people use it."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from hiring.ground.database import db, writing
from hiring.pipeline import queries as pipeline
from hiring.pipeline.desk_items import items_for
from hiring.pipeline.models import Cord
from hiring.pipeline.rules import End, Step
from hiring.steps.phone_screen.models import PhoneScreen
from hiring.steps.phone_screen.rules import ScreenState
from hiring.transitions import actions as transitions
from hiring.transitions import cords
from tests.builders import Built, application_at, passed_screen
from tests.cast import Cast, sign_in
from tests.conftest import NOON
from tests.pages import shown, shown_in

OK, SEE_OTHER, FORBIDDEN, NOT_FOUND, CONFLICT, INVALID = 200, 303, 403, 404, 409, 422
CALL = {"starts_at": "2026-03-05T10:00", "minutes": "45", "where": "by phone", "screener": ""}
AFTER = datetime(2026, 3, 5, 10, 0, tzinfo=UTC)


@pytest.fixture
def built(cast: Cast, at: Callable[[datetime], None]) -> Built:
    at(NOON)
    return application_at(cast, Step.PHONE_SCREEN)


def soup(response: TestResponse) -> BeautifulSoup:
    return BeautifulSoup(response.get_data(as_text=True), "html.parser")


def url(built: Built, act: str = "") -> str:
    return f"/applications/{built.application_id}/screen{act}"


def screen() -> PhoneScreen:
    return db.session.scalars(select(PhoneScreen).order_by(PhoneScreen.id.desc())).first()  # type: ignore[return-value]


def actions_on(page: BeautifulSoup) -> set[str]:
    return {str(form["data-action"]) for form in page.select("form[data-action^='screen.']")}


def test_a_screen_goes_from_booking_to_the_loop(
    client: FlaskClient, cast: Cast, built: Built, at: Callable[[datetime], None]
) -> None:
    sign_in(client, cast.cora)
    assert client.post(url(built, "/book"), data=CALL).status_code == SEE_OTHER
    assert screen().starts_at == datetime(2026, 3, 5, 9, 0, tzinfo=UTC)
    sign_in(client, cast.hector)
    screen_id = screen().id
    chosen = client.post(f"/screens/{screen_id}/questions", data={"written": "A hard decision?\n\nA late project?"})
    assert chosen.status_code == SEE_OTHER
    at(AFTER)
    assert client.post(f"/screens/{screen_id}/report", data={"what": "held"}).status_code == SEE_OTHER
    page = soup(client.get(url(built)))
    stop = page.select_one('form[data-action="screen.decide"] [data-rule="screen.decided"]')
    assert stop is not None and "summary is empty" in stop.text
    first = screen().questions[0].id
    notes = {f"situation_{first}": "A ledger drifted.", "summary": "Clear.", "version": str(screen().version)}
    assert client.post(f"/screens/{screen_id}/notes", data=notes).status_code == SEE_OTHER
    decided = client.post(f"/screens/{screen_id}/decide", data={"verdict": "yes", "following": "loop"})
    assert decided.status_code == SEE_OTHER
    assert built.application.step is Step.INTERVIEW_LOOP
    assert "A ledger drifted." in client.get(url(built)).text


def test_a_stopped_screen_says_so_before_anybody_books(client: FlaskClient, cast: Cast, built: Built) -> None:
    with writing():
        cords.pull(cast.hector, built.application_id, "A protected topic was asked.", [], now=NOON)
        transitions.hold(cast.rita, built.application_id, "Budget round.", now=NOON)
    for who in (cast.cora, cast.rita):
        page = soup(sign_in(client, who).get(url(built)))
        button = page.select_one('form[data-action="screen.book"] button')
        assert button is not None and button["aria-disabled"] == "true"
        section = page.select_one("#stopped")
        assert section is not None
        assert {str(tag["data-rule"]) for tag in section.select("[data-rule]")} == {"andon.clear", "requisition.open"}
    refused = client.post(url(built, "/book"), data=CALL)
    assert refused.status_code == CONFLICT and "is on hold" in refused.text
    assert "Stopped: " in client.get("/").text


def test_a_booking_sent_twice_is_one_call(client: FlaskClient, cast: Cast, built: Built) -> None:
    sign_in(client, cast.rita)
    for _ in range(2):
        assert client.post(url(built, "/book"), data=CALL | {"submission_key": "k" * 32}).status_code == SEE_OTHER
    assert len(db.session.scalars(select(PhoneScreen)).all()) == 1


@pytest.mark.parametrize("seen", ["page", "nothing"])
def test_who_books_what_a_colleague_booked_meanwhile_is_told_and_moves_it_only_then(
    client: FlaskClient, cast: Cast, built: Built, seen: str
) -> None:
    sign_in(client, cast.cora)
    mine = shown(client, url(built), "screen.book") if seen == "page" else {}
    sign_in(client, cast.hector)
    assert client.post(url(built, "/book"), data=CALL).status_code == SEE_OTHER
    sign_in(client, cast.cora)
    mine |= CALL | {"starts_at": "2026-03-06T14:00"}
    answer = client.post(url(built, "/book"), data=mine)
    assert answer.status_code == CONFLICT and "2026-03-05 10:00" in answer.text
    assert screen().starts_at == datetime(2026, 3, 5, 9, 0, tzinfo=UTC)
    again = mine | shown_in(answer.text, "screen.book")
    assert client.post(url(built, "/book"), data=again).status_code == SEE_OTHER
    assert screen().starts_at == datetime(2026, 3, 6, 13, 0, tzinfo=UTC)


def test_who_moves_a_call_that_was_cancelled_meanwhile_books_none_unasked(
    client: FlaskClient, cast: Cast, built: Built
) -> None:
    sign_in(client, cast.rita)
    client.post(url(built, "/book"), data=CALL)
    mine = CALL | shown(client, url(built), "screen.book")
    client.post(f"/screens/{screen().id}/report", data={"what": "cancelled"})
    assert client.post(url(built, "/book"), data=mine).status_code == CONFLICT
    assert screen().state is ScreenState.CANCELLED


def test_a_question_with_notes_stays_and_the_page_says_why(client: FlaskClient, cast: Cast, built: Built) -> None:
    sign_in(client, cast.hector)
    client.post(url(built, "/book"), data=CALL)
    screen_id = screen().id
    client.post(f"/screens/{screen_id}/questions", data={"written": "A hard decision?"})
    notes = {f"task_{screen().questions[0].id}": "Mine.", "summary": ""}
    assert client.post(f"/screens/{screen_id}/notes", data=notes).status_code == SEE_OTHER
    other = {"written": "Something else?"} | shown(client, url(built), "screen.prepare")
    answer = client.post(f"/screens/{screen_id}/questions", data=other)
    assert answer.status_code == CONFLICT
    refusal = soup(answer).select_one('form[data-action="screen.prepare"] [data-rule="screen.noted"]')
    assert refusal is not None and "A hard decision?" in refusal.text
    assert [item.task for item in screen().questions] == ["Mine."]


def test_notes_from_a_page_that_showed_none_of_them_replace_none(client: FlaskClient, cast: Cast, built: Built) -> None:
    sign_in(client, cast.hector)
    client.post(url(built, "/book"), data=CALL)
    screen_id = screen().id
    client.post(f"/screens/{screen_id}/questions", data={"written": "A hard decision?"})
    assert client.post(f"/screens/{screen_id}/notes", data={"summary": "First."}).status_code == SEE_OTHER
    assert client.post(f"/screens/{screen_id}/notes", data={"summary": "Second."}).status_code == CONFLICT
    assert screen().summary == "First."


@pytest.mark.parametrize("stop", ["hold", "requisition", "cord", "nothing"])
def test_what_stops_going_on_is_said_beside_the_choice_before_the_press(
    client: FlaskClient, cast: Cast, built: Built, at: Callable[[datetime], None], stop: str
) -> None:
    sign_in(client, cast.hector)
    client.post(url(built, "/book"), data=CALL)
    screen_id = screen().id
    client.post(f"/screens/{screen_id}/questions", data={"written": "A hard decision?"})
    client.post(
        f"/screens/{screen_id}/notes", data={f"task_{screen().questions[0].id}": "Led it.", "summary": "Clear."}
    )
    at(AFTER)
    client.post(f"/screens/{screen_id}/report", data={"what": "held"})
    with writing():
        application = pipeline.application(built.application_id)
        if stop == "hold":
            application.held_at = NOON
        elif stop == "requisition":
            application.requisition.held_at = NOON
        elif stop == "cord":
            db.session.add(Cord(application_id=built.application_id, pulled_by=cast.rita.id, pulled_at=NOON, what="x"))
    form = soup(client.get(url(built))).select_one('form[data-action="screen.decide"]')
    assert form is not None
    rules = {str(each["data-rule"]) for each in form.select("[data-rule]")}
    assert rules == {"nothing": set(), "cord": {"andon.clear"}}.get(stop, {"requisition.open"})
    assert not form.select_one("button[type=submit]").has_attr("aria-disabled")  # type: ignore[union-attr]
    chosen = form.select_one('input[name="following"][checked]')
    assert chosen is not None and chosen["value"] == ("loop" if stop == "nothing" else "another")


def test_a_coordinator_who_moves_a_call_leaves_it_with_its_screener(
    client: FlaskClient, cast: Cast, built: Built
) -> None:
    sign_in(client, cast.hector)
    named = CALL | {"screener": cast.iris.name}
    assert client.post(url(built, "/book"), data=named).status_code == SEE_OTHER
    sign_in(client, cast.cora)
    fields = soup(client.get(url(built))).select('form[data-action="screen.book"] input')
    sent = {str(field["name"]): str(field.get("value", "")) for field in fields} | {"starts_at": "2026-03-05T14:00"}
    assert client.post(url(built, "/book"), data=sent).status_code == SEE_OTHER
    assert (screen().screener_id, screen().starts_at.hour) == (cast.iris.id, 13)


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"starts_at": "2026-03-04T09:00"}, "already passed"),
        ({"starts_at": "2026-03-29T02:30"}, "does not exist"),
        ({"starts_at": ""}, "Give a date and a time."),
        ({"minutes": "5"}, "Between 15 and 180"),
        ({"screener": "nobody@example.org"}, "Nobody here has the e-mail address or name"),
    ],
)
def test_bad_input_is_told_beside_its_field_and_what_was_typed_is_kept(
    client: FlaskClient, cast: Cast, built: Built, typed: dict[str, str], words: str
) -> None:
    answer = sign_in(client, cast.hector).post(url(built, "/book"), data=CALL | typed)
    assert answer.status_code == INVALID
    form = soup(answer).select_one('form[data-action="screen.book"]')
    assert form is not None
    error = form.select_one(".field-error")
    assert error is not None and words in error.text
    assert form.select_one('input[name="where"]')["value"] == "by phone"  # type: ignore[index]
    assert screen() is None


def test_an_overlap_is_told_beside_the_time(client: FlaskClient, cast: Cast, built: Built) -> None:
    other = application_at(cast, Step.PHONE_SCREEN, on=Built(built.requisition_id, built.description_id), name="P P")
    sign_in(client, cast.rita)
    client.post(url(built, "/book"), data=CALL)
    answer = client.post(url(other, "/book"), data=CALL | {"starts_at": "2026-03-05T10:30"})
    assert answer.status_code == INVALID and "Hector is booked from 10:00 to 10:45" in answer.text


def test_a_screener_who_was_not_named_is_a_409_with_the_rule(client: FlaskClient, cast: Cast, built: Built) -> None:
    answer = sign_in(client, cast.rita).post(url(built, "/book"), data=CALL | {"screener": "igor@example.org"})
    assert answer.status_code == CONFLICT
    refusal = soup(answer).select_one('form[data-action="screen.book"] [data-rule="screen.screener"]')
    assert refusal is not None and "Igor was not named by the hiring manager Hector" in refusal.text


def test_once_the_call_has_begun_choosing_questions_is_greyed_out_and_says_why(
    client: FlaskClient, cast: Cast, built: Built, at: Callable[[datetime], None]
) -> None:
    sign_in(client, cast.hector)
    client.post(url(built, "/book"), data=CALL)
    at(AFTER)
    form = soup(client.get(url(built))).select_one('form[data-action="screen.prepare"]')
    assert form is not None and form.select_one('[data-rule="screen.prepared"]') is not None
    assert form.select_one("button")["aria-disabled"] == "true"  # type: ignore[index]
    answer = client.post(f"/screens/{screen().id}/report", data={"what": "held"})
    assert answer.status_code == CONFLICT
    assert soup(answer).select_one('form[data-action="screen.report"] [data-rule="screen.prepared"]') is not None


def test_a_no_ends_it_with_the_message_that_was_edited(
    client: FlaskClient, cast: Cast, built: Built, at: Callable[[datetime], None]
) -> None:
    sign_in(client, cast.hector)
    client.post(url(built, "/book"), data=CALL)
    screen_id = screen().id
    client.post(f"/screens/{screen_id}/questions", data={"written": "A hard decision?"})
    question = screen().questions[0].id
    client.post(f"/screens/{screen_id}/notes", data={f"task_{question}": "None.", "summary": "Vague."})
    at(AFTER)
    client.post(f"/screens/{screen_id}/report", data={"what": "held"})
    without = client.post(f"/screens/{screen_id}/decide", data={"verdict": "no", "following": "loop", "message": ""})
    assert without.status_code == INVALID and "always told" in without.text
    data = {"verdict": "no", "following": "loop", "message": "Thank you."}
    assert client.post(f"/screens/{screen_id}/decide", data=data).status_code == SEE_OTHER
    assert built.application.ended is End.REJECTED


@pytest.mark.parametrize(
    ("who", "status", "acts"),
    [
        ("rita", OK, {"screen.book", "screen.prepare", "screen.report"}),
        ("ron", OK, {"screen.book", "screen.report"}),
        ("cora", OK, {"screen.book", "screen.report"}),
        ("hector", OK, {"screen.book", "screen.prepare", "screen.report", "screen.notes"}),
        ("amal", OK, set()),
        ("igor", NOT_FOUND, set()),
        ("bea", NOT_FOUND, set()),
    ],
)
def test_everybody_sees_exactly_the_acts_that_are_theirs(
    client: FlaskClient, cast: Cast, built: Built, who: str, status: int, acts: set[str]
) -> None:
    sign_in(client, cast.hector)
    client.post(url(built, "/book"), data=CALL)
    client.post(f"/screens/{screen().id}/questions", data={"written": "A hard decision?"})
    answer = sign_in(client, getattr(cast, who)).get(url(built))
    assert answer.status_code == status
    assert actions_on(soup(answer)) == acts


@pytest.mark.parametrize(("who", "status"), [("amal", FORBIDDEN), ("cora", FORBIDDEN), ("igor", NOT_FOUND)])
def test_acts_past_the_page_answer_403_or_404(
    client: FlaskClient, cast: Cast, built: Built, who: str, status: int
) -> None:
    sign_in(client, cast.hector)
    client.post(url(built, "/book"), data=CALL)
    screen_id = screen().id
    sign_in(client, getattr(cast, who))
    sent = {"written": "Mine?", "summary": "Mine.", "verdict": "yes", "following": "loop"}
    for act in ("questions", "notes", "decide"):
        assert client.post(f"/screens/{screen_id}/{act}", data=sent).status_code == status
    assert client.post(url(built, "/advance")).status_code == status
    assert screen().state is ScreenState.BOOKED and screen().questions == []


def test_a_coordinator_books_and_reads_no_notes(
    client: FlaskClient, cast: Cast, at: Callable[[datetime], None]
) -> None:
    at(NOON)
    built = application_at(cast, Step.INTERVIEW_LOOP)
    canary = "Clear, specific examples."
    assert canary in sign_in(client, cast.rita).get(url(built)).text
    for who in (cast.cora, cast.amal):
        assert canary not in sign_in(client, who).get(url(built)).text


def test_a_call_that_does_not_exist_is_a_404(client: FlaskClient, cast: Cast) -> None:
    assert sign_in(client, cast.rita).post("/screens/999999/report", data={"what": "held"}).status_code == NOT_FOUND


def test_the_desk_shows_the_call_and_then_the_verdict_due(client: FlaskClient, cast: Cast, built: Built) -> None:
    sign_in(client, cast.rita).post(url(built, "/book"), data=CALL)
    with client.application.test_request_context():
        for now, title in [(NOON, "Phone screen with Nadia Novak"), (AFTER, "Decide on Nadia Novak")]:
            [item] = [item for item in items_for(cast.hector, now) if item.kind == "screen"]
            assert (item.title, item.url) == (title, url(built))
        assert [item for item in items_for(cast.rita, AFTER + timedelta(days=1)) if item.kind == "screen"] == []


def test_a_page_shows_the_finding_once_far_more_than_one_in_four_passed(
    client: FlaskClient, cast: Cast, built: Built
) -> None:
    with writing():
        for number in range(20):
            passed_screen(cast, built.application_id, NOON - timedelta(days=number + 1))
    sign_in(client, cast.hector)
    finding = soup(client.get(url(built))).select_one('[data-rule="screen.rate"]')
    assert finding is not None and "20 of the last 20" in finding.text


def test_before_the_call_begins_it_can_only_be_cancelled_and_the_page_says_so(
    client: FlaskClient, cast: Cast, built: Built, at: Callable[[datetime], None]
) -> None:
    sign_in(client, cast.hector)
    client.post(url(built, "/book"), data=CALL)

    def choices() -> list[str]:
        return [str(one["value"]) for one in soup(client.get(url(built))).select('#happened input[name="what"]')]

    assert choices() == ["cancelled"]
    assert "Until the call begins it can only be cancelled" in client.get(url(built)).text
    early = client.post(f"/screens/{screen().id}/report", data={"what": "held"})
    assert early.status_code == INVALID and "The call has not begun." in early.text
    at(AFTER)
    assert choices() == ["held", "candidate_no_show", "screener_no_show", "cancelled"]

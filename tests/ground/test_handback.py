"""What was typed into a form that its session did not outlast comes back to whoever typed it, and to nobody else."""

import io
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from hiring.app import create_app
from hiring.ground.database import db, lock, writing
from hiring.people import passwords, sessions
from hiring.people.models import Person
from hiring.pipeline.models import Requisition, TimelineEntry
from tests.builders import requisition
from tests.cast import Cast
from tests.conftest import NOON, Engine
from tests.pages import handed_back, shown

SECRET = "correct horse battery"
OURS = {"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "navigate"}
FOREIGN = (
    {},
    {"Sec-Fetch-Mode": "navigate"},
    {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"},
    {"Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "navigate"},
    {"Sec-Fetch-Site": "none", "Sec-Fetch-Mode": "navigate"},
    {"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "cors"},
)
TEXT = "The budget waits for the <board>,\nand so do we."


class Office:
    """Rita's browser, with the form that puts a requisition on hold open in one of its tabs."""

    def __init__(self, app: Flask, cast: Cast) -> None:
        self.rita, self.requisition_id = cast.rita.id, requisition(cast).requisition_id
        hashed = passwords.hash_password(SECRET)
        with writing():
            lock(Person, self.rita).password_hash = hashed
        self.browser = app.test_client()
        self.enter()
        self.address = f"/requisitions/{self.requisition_id}/hold"
        page = f"/requisitions/{self.requisition_id}/moves"
        self.open_form = shown(self.browser, page, "requisition.hold") | {"reason": TEXT}

    def enter(self, email: str = "rita@example.org") -> None:
        token = shown(self.browser, "/sign-in", "session.start")["csrf_token"]
        sent = {"email": email, "password": SECRET, "csrf_token": token}
        assert self.browser.post("/sign-in", data=sent, headers=OURS).status_code == 303

    def end_sessions(self) -> None:
        with writing():
            sessions.end_sessions(self.rita, NOON)

    def lose_cookie(self) -> None:
        self.browser.delete_cookie("hiring")

    def sign_out(self) -> None:
        token = shown(self.browser, "/account", "sign_in.leave")["csrf_token"]
        assert self.browser.post("/sign-out", data={"csrf_token": token}, headers=OURS).status_code == 303

    def sign_in_anew(self) -> None:
        self.lose_cookie()
        self.enter()

    def send(self, headers: dict[str, str] | None = None) -> TestResponse:
        return self.browser.post(self.address, data=self.open_form, headers=OURS if headers is None else headers)

    def send_again(self, answer: TestResponse) -> TestResponse:
        unseen, seen = handed_back(answer.text)
        return self.browser.post(self.address, data=unseen | seen, headers=OURS)

    @property
    def holds(self) -> int:
        db.session.rollback()
        held = db.session.get_one(Requisition, self.requisition_id).held_at is not None
        entries = select(func.count()).where(TimelineEntry.sentence == "Requisition put on hold.")
        found = db.session.scalar(entries) or 0
        assert held == bool(found)
        return found


@pytest.fixture
def office(app: Flask, cast: Cast, at: Callable[[datetime], None], monkeypatch: pytest.MonkeyPatch) -> Office:
    at(NOON)
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", True)
    return Office(app, cast)


@pytest.mark.parametrize("lose", [Office.end_sessions, Office.sign_out, Office.lose_cookie])
def test_after_the_session_ended_a_form_waits_for_the_sign_in_and_then_does_its_act_once(
    office: Office, lose: Callable[[Office], None]
) -> None:
    lose(office)
    answer = office.send()
    assert answer.status_code == 401 and "You are signed out" in answer.text
    assert 'href="/sign-in"' in answer.text
    unseen, seen = handed_back(answer.text)
    assert seen == {"reason": TEXT}
    kept = {name: office.open_form[name] for name in ("submission_key", "version")}
    assert unseen == kept | {"csrf_token": unseen["csrf_token"]}
    assert unseen["csrf_token"] != office.open_form["csrf_token"]
    still_out = office.send_again(answer)
    assert still_out.status_code == 401 and handed_back(still_out.text)[1] == seen
    assert office.holds == 0
    office.enter()
    if lose is Office.lose_cookie:
        answer = office.send_again(answer)
        assert "it is sent as <strong>Rita</strong>" in answer.text, "nobody knows whose it was"
    assert [office.send_again(answer).status_code for _ in range(2)] == [303, 303]
    assert office.holds == 1


def test_a_form_that_waits_is_not_sent_in_the_name_of_another_without_a_word(office: Office, cast: Cast) -> None:
    office.end_sessions()
    answer = office.send()
    hashed = passwords.hash_password(SECRET)
    with writing():
        lock(Person, cast.amal.id).password_hash = hashed
    office.enter("amal@example.org")
    asked = office.send_again(answer)
    assert asked.status_code == 400 and "it is sent as <strong>Amal</strong>" in asked.text
    assert office.holds == 0


def test_a_form_from_before_a_new_sign_in_says_as_whom_it_is_sent_and_then_does_its_act_once(office: Office) -> None:
    office.sign_in_anew()
    answer = office.send()
    assert answer.status_code == 400 and "You signed in anew" in answer.text
    assert "it is sent as <strong>Rita</strong>" in answer.text
    assert office.holds == 0
    assert [office.send_again(answer).status_code for _ in range(2)] == [303, 303]
    assert office.holds == 1


def test_what_another_page_or_script_sent_is_never_shown(office: Office) -> None:
    office.sign_in_anew()
    for headers in FOREIGN:
        answer = office.send(headers)
        assert answer.status_code == 400 and "That request could not be read" in answer.text
        assert "budget" not in answer.text
    office.lose_cookie()
    for headers in FOREIGN:
        answer = office.send(headers)
        assert answer.status_code == 400 and "budget" not in answer.text
    office.enter()
    page = f"/requisitions/{office.requisition_id}/moves"
    office.open_form = shown(office.browser, page, "requisition.hold") | {"reason": TEXT}
    office.end_sessions()
    for headers in FOREIGN:
        answer = office.send(headers)
        assert (answer.status_code, answer.location) == (302, "/sign-in")
    by_script = office.send({**OURS, "Sec-Fetch-Mode": "cors", "HX-Request": "true"})
    assert (by_script.status_code, by_script.headers["HX-Redirect"]) == (401, "/sign-in")
    assert office.holds == 0


def test_of_the_forms_of_a_session_that_ended_only_those_handed_back_outlast_the_next_sign_in(office: Office) -> None:
    office.end_sessions()
    office.send()
    office.enter()
    assert office.send().status_code == 400, "another form of before, which was not handed back"
    assert office.holds == 0


def test_passwords_are_asked_anew(office: Office) -> None:
    token = shown(office.browser, "/account", "account.password")["csrf_token"]
    sent = {"present": SECRET, "new": "a wholly new sentence", "note": "seen", "csrf_token": token}
    office.end_sessions()
    answer = office.browser.post("/account/password", data=sent, headers=OURS)
    page = BeautifulSoup(answer.text, "html.parser")
    assert answer.status_code == 401 and handed_back(answer.text)[1] == {"note": "seen"}
    assert SECRET not in answer.text and "wholly" not in answer.text
    assert [(field["name"], field.get("value")) for field in page.select("input[type=password]")] == [
        ("new", None),
        ("present", None),
    ]


def test_a_stranger_gets_an_application_back_and_chooses_the_file_again(office: Office, app: Flask) -> None:
    candidate = app.test_client()
    sent = {"name": "Nadia Novak", "resume": (io.BytesIO(b"%PDF-"), "cv.pdf"), "csrf_token": "of last week"}
    answer = candidate.post("/careers/R-1/apply", data=sent, headers=OURS)
    assert answer.status_code == 400 and "A form of an earlier visit" in answer.text
    assert handed_back(answer.text)[1] == {"name": "Nadia Novak"}
    assert "Resume: choose the file again" in answer.text


def test_the_press_of_a_button_alone_leads_to_sign_in_as_ever(office: Office) -> None:
    office.end_sessions()
    del office.open_form["reason"]
    answer = office.send()
    assert (answer.status_code, answer.location) == (302, "/sign-in")


def test_an_outage_does_not_show_what_another_site_sent_either(engine: Engine, tmp_path: Path) -> None:
    client = create_app(replace(engine.settings, database_url=f"sqlite:///{tmp_path}/missing/x.sqlite3")).test_client()
    foreign = client.post("/settings", data={"reason": TEXT}, headers=FOREIGN[2])
    ours = client.post("/settings", data={"reason": TEXT}, headers=OURS)
    assert (foreign.status_code, ours.status_code) == (503, 503)
    assert "budget" not in foreign.text and handed_back(ours.text)[1] == {"reason": TEXT}


def test_an_answer_that_refuses_a_form_has_the_number_that_the_log_knows(client: FlaskClient, office: Office) -> None:
    answer = client.post("/sign-in", data={"email": "rita@example.org"})
    assert answer.status_code == 400
    assert answer.headers["X-Request-Id"] and answer.headers["X-Request-Id"] in answer.text

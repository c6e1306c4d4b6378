"""The frame's promises: repeated submits, odd characters, other alphabets."""

import io
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from bs4 import BeautifulSoup
from sqlalchemy import event, func, select
from wtforms import PasswordField, StringField, TextAreaField

from hiring.ground import policy
from hiring.ground.database import db, writing
from hiring.ground.forms import Form, LinesField
from hiring.people.models import Person
from hiring.pipeline.models import Requisition, TimelineEntry
from hiring.pipeline.rules import PipelinePolicy
from tests.builders import requisition
from tests.cast import sign_in
from tests.conftest import Engine, administer


def test_a_submit_repeated_while_the_first_is_at_work_gets_the_first_ones_answer(app, cast):
    built = requisition(cast)
    clients = [sign_in(app.test_client(), cast.rita) for _ in range(2)]
    address = f"/requisitions/{built.requisition_id}/hold"
    start, statuses = threading.Barrier(2), []

    def submit(client):
        start.wait()
        statuses.append(client.post(address, data={"submission_key": "k1", "reason": "Budget review"}).status_code)

    threads = [threading.Thread(target=submit, args=(client,)) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert statuses == [303, 303]
    entries = (
        select(func.count()).select_from(TimelineEntry).where(TimelineEntry.sentence == "Requisition put on hold.")
    )
    assert db.session.scalar(entries) == 1


@pytest.mark.parametrize("path", ["/careers/%00", "/careers/a%00b/apply", "/people/99999999999999999999"])
def test_an_address_that_names_nothing_is_not_found(client, cast, path):
    assert sign_in(client, cast.rita).get(path).status_code == 404


def test_a_character_that_cannot_be_stored_is_an_error_beside_its_field(client, cast):
    built = requisition(cast)
    address = f"/requisitions/{built.requisition_id}/hold"
    response = sign_in(client, cast.rita).post(address, data={"reason": "a\x00b"})
    assert response.status_code == 422
    assert "cannot be stored" in response.text
    assert db.session.get_one(Requisition, built.requisition_id).held_at is None


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("application/json", '{"reason": "Budget"}'),
        ("application/json", '{"reason": {"$ne": null}}'),
        ("application/json", "[1"),
        ("text/plain", "reason=Budget"),
    ],
)
def test_a_body_that_is_no_form_is_told_so_and_does_nothing(client, cast, kind, body):
    built = requisition(cast)
    address = f"/requisitions/{built.requisition_id}/hold"
    response = sign_in(client, cast.rita).post(address, data=body, content_type=kind)
    assert response.status_code == 415 and "Not a form we read" in response.text
    assert db.session.get_one(Requisition, built.requisition_id).held_at is None


def test_a_body_of_unknown_length_that_is_no_form_is_told_so_too(client, cast):
    built = requisition(cast)
    response = sign_in(client, cast.rita).post(
        f"/requisitions/{built.requisition_id}/hold",
        input_stream=io.BytesIO(b'{"reason": "Budget"}'),
        content_type="application/json",
        headers={"Transfer-Encoding": "chunked"},
        environ_overrides={"wsgi.input_terminated": True},  # as the server says of such a body
    )
    assert response.status_code == 415
    assert db.session.get_one(Requisition, built.requisition_id).held_at is None


def test_a_file_sent_where_a_text_is_asked_was_not_sent(client, cast):
    built = requisition(cast)
    address = f"/requisitions/{built.requisition_id}/hold"
    response = sign_in(client, cast.rita).post(address, data={"reason": (io.BytesIO(b"Budget"), "reason.txt")})
    assert response.status_code == 422 and "Say why" in response.text


BLANKS = ["\u200b", " \u2060\u200b\t", "\u202e\u3000", "\ufeff", "\u3164", "\u2800 \u115f", "\ufe0f\u034f", "\x07"]


@pytest.mark.parametrize("blank", BLANKS)
def test_characters_that_nobody_sees_are_no_written_reason(client, cast, blank):
    built = requisition(cast)
    address = f"/requisitions/{built.requisition_id}/hold"
    response = sign_in(client, cast.rita).post(address, data={"reason": blank})
    assert response.status_code == 422 and "Say why" in response.text


def test_lines_and_reasons_of_characters_that_nobody_sees_are_left_out(app):
    class Listed(Form):
        """Some lines."""

        lines = LinesField("Lines")

    sent = {
        "lines": "\u3164\nFirst\n\u2800\n\u0627\u200c\u0628",
        "reason.a.b": "\u3164",
        "reason.a.c": " \u2764\ufe0f ",
    }
    with app.test_request_context(method="POST", data=sent):
        form = Listed()
        assert form.lines.data == ["First", "\u0627\u200c\u0628"]
        assert form.reasons() == {"a.c": "\u2764\ufe0f"}


STEERING = [chr(code) for code in (*range(0x202A, 0x202F), *range(0x2066, 0x206A))]
HEBREW = "\u05d3\u05d5\u05d3\u200f \u05db\u05d4\u05df"


@pytest.mark.parametrize("steering", STEERING)
def test_what_turns_letters_around_is_left_out_of_a_line_and_stays_in_a_text_and_a_password(app, steering):
    class Signed(Form):
        """One field of each kind."""

        name = StringField("Name")
        lines = LinesField("Lines")
        text = TextAreaField("Text")
        password = PasswordField("Password")

    sent = dict.fromkeys(["name", "text", "password"], f"{steering}Ada {HEBREW}")
    with app.test_request_context(method="POST", data=sent | {"lines": f"First{steering}\nSecond"}):
        form = Signed()
        assert (form.name.data, form.lines.data) == (f"Ada {HEBREW}", ["First", "Second"])
        assert form.text.data == form.password.data == f"{steering}Ada {HEBREW}"


def test_a_name_is_kept_without_what_turns_it_around(client, cast):
    sent = {"name": "\u202eecilA\u202c Doe", "email": "doe@example.org", "title": "Engineer", "level": "6"}
    sent |= {"time_zone": "UTC", "works_from": "09:00", "works_until": "17:00"}
    assert sign_in(client, cast.amal).post("/people/new", data=sent).status_code == 303
    assert db.session.scalar(select(Person.name).where(Person.email == "doe@example.org")) == "ecilA Doe"


@pytest.mark.parametrize("day", ["9999-12-31", "0001-01-01"])
def test_a_day_that_nobody_means_is_an_error_beside_its_field(client, cast, day):
    sent = {"record": "course", "on": day}
    response = sign_in(client, cast.priya).post(f"/people/{cast.nora.id}/records", data=sent)
    assert response.status_code == 422 and "between 1970 and 2200" in response.text


def test_names_beyond_ascii_are_found_whatever_their_case(app, cast):
    person_id = cast.olga.id
    with writing():
        db.session.get_one(Person, person_id).name = "ÖZLEM ŞAHİN"
    found = db.session.scalar(select(Person.id).where(func.lower(Person.name).like("özlem%")))
    assert found == person_id


def test_a_form_from_elsewhere_is_not_taken(app, cast, monkeypatch):
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", True)
    client = sign_in(app.test_client(), cast.amal)
    sent = {
        "key": "pipeline.reopen_days",
        "value": "14",
        "reason": "We are slower",
        "submission_key": "k1",
        "version": "30",
    }
    for forged in ({}, {"csrf_token": "guessed"}):
        assert client.post("/settings", data=sent | forged).status_code == 400
    assert policy.current().version == 0
    token = BeautifulSoup(client.get("/settings").text, "html.parser").select_one("form input[name=csrf_token]")[
        "value"
    ]
    assert client.post("/settings", data=sent | {"csrf_token": token}).status_code == 303
    assert policy.current()[PipelinePolicy].reopen_days == 14
    another = sign_in(app.test_client(), cast.ada)
    sent["submission_key"] = "k2"
    assert another.post("/settings", data=sent | {"csrf_token": token}).status_code == 400, "it is another's token"


@contextmanager
def cut_off(engine: Engine, statement: str) -> Iterator[None]:
    """The server ends the connection that is about to ask the first such statement."""
    left = [statement]

    def ask(connection: Any, _cursor: Any, asked: str, *_: Any) -> None:
        if left and left[0] in asked:
            left.clear()
            pid = connection.connection.driver_connection.info.backend_pid
            administer(engine.settings.database_url, f"SELECT pg_terminate_backend({pid}, 10000)")

    with engine.app.app_context():
        event.listen(db.engine, "before_cursor_execute", ask)
        try:
            yield
        finally:
            event.remove(db.engine, "before_cursor_execute", ask)
    assert not left


@pytest.mark.parametrize("engine", [pytest.param("postgres", marks=pytest.mark.postgres)], indirect=True)
def test_a_connection_that_ends_in_the_middle_of_a_page_is_an_outage_that_hands_back_what_was_sent(
    engine, client, cast
):
    address = f"/requisitions/{requisition(cast).requisition_id}"
    rita = sign_in(client, cast.rita)
    with cut_off(engine, "FROM requisition"):
        page = rita.get(address)
    assert page.status_code == 503 and "The database is away" in page.text
    with cut_off(engine, "sign_in_session"):
        sent = rita.post(f"{address}/hold", data={"reason": "Budget review until June"})
    assert sent.status_code == 503 and "Budget review until June" in sent.text
    with cut_off(engine, "SELECT 1"):
        assert client.get("/readyz").get_json() == {"status": "unready", "failed": ["database"]}
    assert rita.get(address).status_code == 200

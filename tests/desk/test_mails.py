"""Mails that were given up: administrators see to whom and why, and let them go once more."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from hiring.ground.audit import AuditEntry
from hiring.ground.config import Settings
from hiring.ground.database import db, writing
from hiring.ground.jobs import run_due
from hiring.ground.outbox import Notice, deliver, put
from hiring.pipeline.models import Candidate
from hiring.pipeline.rules import Step
from tests.builders import application_at
from tests.cast import Cast, sign_in
from tests.conftest import NOON
from tests.ground.mail_server import MailServer


@pytest.fixture(autouse=True)
def _noon(at: Callable[[datetime], None]) -> None:
    at(NOON)


def given_up(settings: Settings, server: MailServer, **more: Any) -> int:
    """Write a mail that the server refuses for good; its id."""
    server.answers["gone@example.org"] = "550 no such mailbox"
    with writing():
        notice = put("test.kind", "gone@example.org", "A secret subject", "Secret words.\n", now=NOON, **more)
        assert notice is not None
        notice_id = notice.id
    deliver(replace(settings, smtp_url=server.url), NOON)
    return notice_id


def retried(client: FlaskClient) -> str:
    """Press the first button; what the next page says."""
    form = BeautifulSoup(client.get("/mails").text, "html.parser").select_one('[data-action="notice.retry"]')
    assert form is not None
    fields = {str(one["name"]): str(one["value"]) for one in form.select("input[name]")}
    answer = client.post(str(form["action"]), data=fields)
    assert answer.status_code == 303
    return client.get("/mails").text


def desk_line(client: FlaskClient) -> str | None:
    """What the reader's desk says of such mails."""
    found = BeautifulSoup(client.get("/").text, "html.parser").select_one("main a[href='/mails']")
    return found.text if found else None


def test_a_mail_that_was_given_up_is_shown_without_its_words_and_goes_once_more(
    app: Flask, settings: Settings, client: FlaskClient, cast: Cast
) -> None:
    with MailServer().running() as server:
        given_up(settings, server, recipient_id=cast.olga.id)
        amal = sign_in(client, cast.amal)
        page = amal.get("/mails").text
        assert "gone@example.org" in page
        assert "550 no such mailbox" in page
        assert "ecret" not in page
        assert desk_line(amal) == "1 mail was given up"
        server.answers.clear()
        assert "The mail goes once more." in retried(amal)
        assert "gone@example.org" not in amal.get("/mails").text
        assert desk_line(amal) is None
        assert deliver(replace(settings, smtp_url=server.url), NOON + timedelta(minutes=1)) == 1
        assert server.subjects == ["A secret subject"]
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.act == "notice.retry")).one()
    assert (entry.actor_id, entry.subject) == (cast.amal.id, "notice")


def test_a_mail_for_which_it_is_too_late_is_not_offered_and_does_not_go(
    app: Flask, settings: Settings, client: FlaskClient, cast: Cast, at: Callable[[datetime], None]
) -> None:
    with MailServer().running() as server:
        notice_id = given_up(settings, server, recipient_id=cast.olga.id, expires_at=NOON + timedelta(hours=1))
        at(NOON + timedelta(hours=2))
        amal = sign_in(client, cast.amal)
        assert "Too late" in amal.get("/mails").text
        assert desk_line(amal) is None
        assert amal.post(f"/mails/{notice_id}/retry", data={"submission_key": "k"}).status_code == 303
        assert "It is too late for this mail" in amal.get("/mails").text
        assert db.session.get_one(Notice, notice_id).dead_at == NOON


def test_a_mail_about_somebody_close_to_the_administrator_is_counted_and_not_shown(
    app: Flask, settings: Settings, client: FlaskClient, cast: Cast
) -> None:
    application_at(cast, Step.PHONE_SCREEN)
    with writing():
        candidate = db.session.scalars(select(Candidate)).one()
        candidate.person_id = cast.juna.id
        cast.juna.manager_id = cast.ada.id
        candidate_id = candidate.id
    with MailServer().running() as server:
        notice_id = given_up(settings, server, about=f"candidate:{candidate_id}")
    ada, amal = sign_in(app.test_client(), cast.ada), sign_in(client, cast.amal)
    page = ada.get("/mails").text
    assert "1 more that you may not see" in page
    assert "gone@example.org" not in page
    assert desk_line(ada) is None and desk_line(amal) == "1 mail was given up"
    assert ada.post(f"/mails/{notice_id}/retry", data={"submission_key": "k"}).status_code == 404
    assert "gone@example.org" in amal.get("/mails").text


def test_mails_that_wait_are_counted_with_what_holds_them_up(
    app: Flask, settings: Settings, client: FlaskClient, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.extensions, "settings", replace(settings, smtp_url=MailServer().url))
    with writing():
        put("test.kind", "olga@example.org", "Subject", "Words.\n", now=NOON)
    run_due(app, NOON)
    page = sign_in(client, cast.amal).get("/mails").text
    assert "1 still to go" in page
    assert "The mail server 127.0.0.1 cannot be used" in page

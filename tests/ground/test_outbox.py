import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import jinja2
import pytest
from flask import Flask
from sqlalchemy import select

from hiring.ground import mail
from hiring.ground.config import Settings
from hiring.ground.database import db, writing
from hiring.ground.jobs import Postponed
from hiring.ground.outbox import MAX_ATTEMPTS, Notice, compose, deliver, forget, put, withdraw
from hiring.ground.paths import resource
from tests.conftest import NOON
from tests.ground.mail_server import MailServer

MINUTE = timedelta(minutes=1)


@pytest.fixture
def server() -> Iterator[MailServer]:
    with MailServer().running() as running:
        yield running


@pytest.fixture
def by_mail(settings: Settings, server: MailServer) -> Settings:
    return replace(settings, smtp_url=server.url)


def write(to: str = "ana@example.org", subject: str = "Hello", **options: Any) -> int | None:
    with writing():
        notice = put("test.kind", to, subject, "Plain words.\n", "<p>Words.</p>", **{"now": NOON, **options})
        return None if notice is None else notice.id


def read(notice_id: int | None) -> Notice:
    db.session.rollback()
    notice = db.session.get(Notice, notice_id, populate_existing=True)
    assert notice is not None
    return notice


def all_subjects() -> list[str]:
    db.session.rollback()
    return list(db.session.scalars(select(Notice.subject).order_by(Notice.id)))


def test_a_notice_leaves_as_text_and_html_with_the_message_id_of_its_row(
    app: Flask, by_mail: Settings, server: MailServer
) -> None:
    notice_id = write(subject="Zuſage für Zoë")
    assert deliver(by_mail, NOON) == 1
    [got] = server.received
    notice = read(notice_id)
    assert got["Message-ID"] == notice.message_id
    assert (got["To"], got["Subject"], got["Auto-Submitted"]) == ("ana@example.org", "Zuſage für Zoë", "auto-generated")
    assert part(got, "plain") == "Plain words.\n"
    assert part(got, "html") == "<p>Words.</p>\n"
    assert notice.sent_at == NOON
    assert deliver(by_mail, NOON + MINUTE) == 0
    assert len(server.received) == 1


def part(mail: EmailMessage, kind: str) -> str:
    body = mail.get_body(preferencelist=(kind,))
    assert isinstance(body, EmailMessage)
    return str(body.get_content()).replace("\r\n", "\n")


def test_a_notice_exists_only_if_its_transaction_does(app: Flask) -> None:
    def change_my_mind() -> None:
        with writing():
            put("test.kind", "ana@example.org", "Never", "Words.", now=NOON)
            raise RuntimeError("changed my mind")

    with pytest.raises(RuntimeError, match="changed my mind"):
        change_my_mind()
    assert all_subjects() == []


def test_the_first_notice_with_a_key_stays(app: Flask) -> None:
    assert write(subject="First", key="due:17") is not None
    assert write(subject="Second", key="due:17") is None
    assert write(subject="Other", key="due:18") is not None
    assert all_subjects() == ["First", "Other"]


def test_a_refused_recipient_is_given_up_at_once_and_the_rest_still_goes(
    app: Flask, by_mail: Settings, server: MailServer
) -> None:
    server.answers["gone@example.org"] = "550 no such mailbox"
    gone = write(to="gone@example.org")
    write(to="here@example.org", subject="Still goes")
    assert deliver(by_mail, NOON) == 1
    assert server.subjects == ["Still goes"]
    notice = read(gone)
    assert (notice.dead_at, notice.sent_at, notice.attempts) == (NOON, None, 1)
    assert notice.last_error == "550 no such mailbox"


@pytest.mark.parametrize("final", [True, False])
def test_a_refused_message_is_given_up_when_the_server_means_it_for_ever(
    app: Flask, by_mail: Settings, server: MailServer, final: bool
) -> None:
    server.at_data["ana@example.org"] = "554 no" if final else "451 later"
    notice_id = write()
    assert deliver(by_mail, NOON) == 0
    assert (read(notice_id).dead_at is not None) is final


def test_a_busy_mailbox_is_tried_again_after_growing_pauses(app: Flask, by_mail: Settings, server: MailServer) -> None:
    server.answers["busy@example.org"] = "450 try later"
    notice_id = write(to="busy@example.org")
    for pause in (1, 2, 4, 8, 16, 32, 60, 60):
        at = read(notice_id).next_try_at
        assert deliver(by_mail, at - timedelta(seconds=1)) == 0
        assert deliver(by_mail, at) == 0
        assert read(notice_id).next_try_at - at == pause * MINUTE
    assert len(server.asked) == 8
    server.answers.clear()
    assert deliver(by_mail, read(notice_id).next_try_at) == 1


def test_a_mailbox_that_stays_busy_is_given_up_after_twenty_tries(
    app: Flask, by_mail: Settings, server: MailServer
) -> None:
    server.answers["busy@example.org"] = "450 try later"
    notice_id = write(to="busy@example.org")
    for _ in range(MAX_ATTEMPTS):
        assert read(notice_id).dead_at is None
        deliver(by_mail, read(notice_id).next_try_at)
    assert read(notice_id).dead_at is not None
    assert len(server.asked) == MAX_ATTEMPTS


def test_a_line_that_breaks_in_one_message_stops_only_that_message(
    app: Flask, by_mail: Settings, server: MailServer
) -> None:
    server.at_data["broken@example.org"] = None
    broken = write(to="broken@example.org")
    write(to="here@example.org", subject="Still goes")
    assert deliver(by_mail, NOON) == 1
    assert server.subjects == ["Still goes"]
    assert read(broken).next_try_at == NOON + MINUTE


def test_an_address_that_no_mail_can_carry_is_given_up(app: Flask, by_mail: Settings, server: MailServer) -> None:
    bad = [write(to=address) for address in ("nobody", "a b@c d", "two@at@signs", "ana@exämple.org <")]
    write(to="here@example.org", subject="Still goes")
    assert deliver(by_mail, NOON) == 1
    assert server.subjects == ["Still goes"]
    assert all(read(notice_id).dead_at == NOON for notice_id in bad)


def test_while_the_server_is_away_nothing_is_charged_and_afterwards_everything_goes(
    app: Flask, settings: Settings
) -> None:
    server = MailServer()
    by_mail = replace(settings, smtp_url=server.url)
    ids = [write(to=f"person{number}@example.org") for number in range(3)]
    for minutes in range(60):
        with pytest.raises(Postponed, match=r"127\.0\.0\.1"):
            deliver(by_mail, NOON + minutes * MINUTE)
    assert [read(notice_id).attempts for notice_id in ids] == [0, 0, 0]
    with server.running():
        assert deliver(by_mail, NOON + 60 * MINUTE) == 3


def test_without_a_mail_server_notices_stay(app: Flask, settings: Settings) -> None:
    notice_id = write()
    assert deliver(replace(settings, smtp_url=""), NOON) == 0
    assert (read(notice_id).sent_at, read(notice_id).dead_at, read(notice_id).attempts) == (None, None, 0)


@pytest.mark.parametrize("reachable", [True, False])
def test_an_expired_notice_is_marked_and_not_sent(
    app: Flask, settings: Settings, server: MailServer, reachable: bool
) -> None:
    late = write(expires_at=NOON + MINUTE)
    assert deliver(replace(settings, smtp_url=server.url if reachable else ""), NOON + MINUTE) == 0
    assert server.received == []
    assert (read(late).expired_at, read(late).sent_at) == (NOON + MINUTE, None)


def test_a_notice_whose_request_was_met_is_not_sent(app: Flask, by_mail: Settings, server: MailServer) -> None:
    for key in ("due:17", "due:17:bo", "due:171", None):
        write(to=f"{key}@example.org".replace(":", "-"), subject=str(key), key=key)
    with writing():
        withdraw([], NOON)
        withdraw(["due:17"], NOON)
    assert deliver(by_mail, NOON) == 2
    assert server.subjects == ["due:171", "None"]


def test_a_notice_for_later_waits_and_holds_up_no_other(app: Flask, by_mail: Settings, server: MailServer) -> None:
    write(subject="Reminder", not_before=NOON + 5 * MINUTE)
    write(subject="News")
    assert deliver(by_mail, NOON) == 1
    assert deliver(by_mail, NOON + 5 * MINUTE) == 1
    assert server.subjects == ["News", "Reminder"]


def test_a_recipient_gets_the_later_notice_only_after_the_earlier(
    app: Flask, by_mail: Settings, server: MailServer
) -> None:
    server.answers["ana@example.org"] = "450 try later"
    write(subject="Invitation")
    write(subject="Cancellation")
    write(to="bo@example.org", subject="Another person's")
    assert deliver(by_mail, NOON) == 1
    assert server.subjects == ["Another person's"]
    server.answers.clear()
    assert deliver(by_mail, NOON + MINUTE) == 2
    assert server.subjects[1:] == ["Invitation", "Cancellation"]


def test_what_a_killed_worker_held_is_taken_over_after_its_lease(
    app: Flask, by_mail: Settings, server: MailServer
) -> None:
    notice_id = write()
    with writing():
        notice = db.session.get_one(Notice, notice_id)
        notice.claimed_at, notice.claimed_by = NOON, "a killed worker"
    assert deliver(by_mail, NOON + 9 * MINUTE) == 0
    assert deliver(by_mail, NOON + 10 * MINUTE) == 1
    assert server.received[0]["Message-ID"] == read(notice_id).message_id


def test_no_subject_can_add_a_header(app: Flask, by_mail: Settings, server: MailServer) -> None:
    write(subject="Hello\r\nBcc: spy@example.org\n\nBody")
    assert deliver(by_mail, NOON) == 1
    [got] = server.received
    assert got["Bcc"] is None
    assert got["Subject"] == "Hello Bcc: spy@example.org Body"


def test_an_invitation_carries_its_calendar_with_the_method(app: Flask, by_mail: Settings, server: MailServer) -> None:
    write(calendar="BEGIN:VCALENDAR\r\nVERSION:2.0\r\nMETHOD:CANCEL\r\nEND:VCALENDAR\r\n")
    assert deliver(by_mail, NOON) == 1
    [calendar] = [each for each in server.received[0].walk() if each.get_content_type() == "text/calendar"]
    assert calendar["Content-Type"].params["method"] == "CANCEL"
    assert "METHOD:CANCEL" in calendar.get_content()


def test_erasing_removes_what_was_written_to_and_about_somebody(app: Flask) -> None:
    write(to="candidate@example.org", subject="To her")
    write(subject="About her", about="candidate:17")
    write(subject="About him", about="candidate:18")
    with writing():
        assert forget(to_address="candidate@example.org", about="candidate:17") == 2
    assert all_subjects() == ["About him"]


@pytest.fixture
def templates(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A templates folder with the product's layouts, for the mails of these tests."""
    folder = tmp_path / "mail"
    (folder / "room").mkdir(parents=True)
    for layout in resource("templates").glob("mail/*.html"):
        shutil.copy(layout, folder)
    monkeypatch.setattr(mail, "resource", lambda name: tmp_path)
    mail._environment.cache_clear()
    yield folder / "room"
    mail._environment.cache_clear()


def test_a_mail_is_composed_from_its_templates(app: Flask, settings: Settings, templates: Path) -> None:
    (templates / "due.subject.txt").write_text("Feedback on {{ name }}\nis due\n")
    (templates / "due.txt").write_text("Dear {{ name }},\ndue {{ at|when('Europe/Berlin') }}.\n\n{{ base_url }}/desk\n")
    subject, text, html = compose("room/due", name="<Ana & Bo>", at=NOON)
    assert subject == "Feedback on <Ana & Bo> is due"
    assert text == f"Dear <Ana & Bo>,\ndue Wed 4 Mar 2026, 13:00 CET.\n\n{settings.base_url}/desk\n"
    assert "Dear &lt;Ana &amp; Bo&gt;,<br>" in html
    assert f'<a href="{settings.base_url}/desk"' in html


def test_a_mail_with_an_html_template_of_its_own_uses_it(app: Flask, templates: Path) -> None:
    for suffix, content in {".subject.txt": "S", ".txt": "T", ".html": "<p>{{ name }}</p>"}.items():
        (templates / f"own{suffix}").write_text(content)
    assert compose("room/own", name="<Ana>").html == "<p>&lt;Ana&gt;</p>"


def test_a_mail_with_a_word_missing_is_not_composed(app: Flask, templates: Path) -> None:
    (templates / "due.subject.txt").write_text("Feedback on {{ name }}")
    with pytest.raises(jinja2.UndefinedError):
        compose("room/due")

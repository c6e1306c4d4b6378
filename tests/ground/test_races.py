"""Two workers claim one thing in the same instant, on both engines: it is done once."""

import io
from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import select

from hiring.ground import files
from hiring.ground.config import Settings
from hiring.ground.database import db, writing
from hiring.ground.files import StoredFile, TextState, receive
from hiring.ground.outbox import Notice, deliver, put
from tests.conftest import NOON, Engine
from tests.ground.mail_server import MailServer
from tests.races import rounds, together
from tests.repeats import Repeats


@pytest.fixture
def server() -> Iterator[MailServer]:
    with MailServer().running() as running:
        yield running


def write(to: str, subject: str, key: str | None = None) -> int | None:
    notice = put("test.kind", to, subject, "Plain words.\n", key=key, now=NOON)
    return None if notice is None else notice.id


def test_two_workers_who_sweep_at_once_send_each_notice_once(
    engine: Engine, app: Flask, settings: Settings, server: MailServer, repeats: Repeats
) -> None:
    by_mail = replace(settings, smtp_url=server.url)

    def make() -> None:
        with writing():
            for number in range(3):
                write(f"person{number}@example.org", f"Number {number}")

    def sweep() -> int:
        with app.app_context():
            return deliver(by_mail, NOON)

    for turn, _ in rounds(engine, repeats, make, 200):
        server.received.clear()
        course = together(turn.turned({"one": sweep, "other": sweep}))
        assert course.wrong == {} and sum(course.came.values()) == 3
        repeats.count(f"sent_by_{'both' if all(course.came.values()) else 'one'}")
        assert sorted(server.subjects) == ["Number 0", "Number 1", "Number 2"]
        assert len({mail["Message-ID"] for mail in server.received}) == 3
        rows = db.session.execute(select(Notice.sent_at, Notice.attempts, Notice.claimed_at, Notice.claimed_by))
        assert rows.all() == [(NOON, 1, None, None)] * 3


def test_two_workers_who_take_up_one_notice_send_it_once(
    engine: Engine, app: Flask, settings: Settings, server: MailServer, repeats: Repeats
) -> None:
    by_mail = replace(settings, smtp_url=server.url)

    def make() -> None:
        with writing():
            write("ana@example.org", "Hello")

    def sweep() -> int:
        with app.app_context():
            return deliver(by_mail, NOON)

    for turn, _ in rounds(engine, repeats, make):
        server.received.clear()
        course = together(turn.turned({"one": sweep, "other": sweep}))
        assert course.wrong == {} and sorted(course.came.values()) == [0, 1]
        repeats.count(f"{'one' if course.came['one'] else 'other'}_first")
        assert server.subjects == ["Hello"]
        rows = db.session.execute(select(Notice.sent_at, Notice.attempts, Notice.claimed_at, Notice.claimed_by))
        assert rows.all() == [(NOON, 1, None, None)]


def test_two_who_write_one_notice_in_the_same_instant_leave_one(engine: Engine, app: Flask, repeats: Repeats) -> None:
    def make() -> None:
        with writing():
            write("ana@example.org", "Before")

    for turn, _ in rounds(engine, repeats, make, 200):
        course = turn.meet(
            one=lambda: write("ana@example.org", "One", "due:17"),
            other=lambda: write("ana@example.org", "Other", "due:17"),
        )
        assert course.wrong == {}
        [wrote] = [name for name, number in course.came.items() if number is not None]
        assert list(db.session.scalars(select(Notice.subject).where(Notice.key == "due:17"))) == [wrote.capitalize()]


def test_two_workers_read_the_text_of_a_file_once(engine: Engine, app: Flask, repeats: Repeats) -> None:
    def make() -> None:
        received = receive(io.BytesIO(b"Ran a ledger."), "cv.txt", 10_000)
        with writing():
            files.add(received, NOON, None)

    def read() -> int:
        with app.app_context():
            return files.extract_waiting_texts(NOON)

    for turn, _ in rounds(engine, repeats, make, 60):
        course = together(turn.turned({"one": read, "other": read}))
        assert course.wrong == {} and sorted(course.came.values()) == [0, 1]
        repeats.count(f"{'one' if course.came['one'] else 'other'}_first")
        rows = db.session.execute(select(StoredFile.text_state, StoredFile.text, StoredFile.text_claimed_at))
        assert [tuple(row) for row in rows] == [(TextState.DONE, "Ran a ledger.", None)]

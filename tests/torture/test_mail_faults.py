"""A mail server at its worst, for an hour of the product's clock: nothing is lost, nothing comes twice, none waits.

That a server which is away charges nobody, and that one busy or refusing mailbox holds up no other, is in
tests/ground/test_outbox.py; here every answer at every stage of the conversation is tried.
"""

import socket
import threading
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from hiring.ground import mail
from hiring.ground.config import Settings
from hiring.ground.database import db, writing
from hiring.ground.jobs import registered, run
from hiring.ground.outbox import Notice, put
from tests.cast import Cast, sign_in
from tests.conftest import NOON
from tests.repeats import TORTURE, Repeats

MINUTE = timedelta(minutes=1)
STAGES = ("greeting", "EHLO", "MAIL", "RCPT", "DATA", "message")
CODES = ("421 not now", "451 later", "554 never")
SOME = [("greeting", "554 never"), ("MAIL", "554 never"), ("RCPT", "451 later"), ("message", "554 never")]
"""What make test tries of stages and answers; make torture tries all."""
PEOPLE = tuple(f"person{number}@example.org" for number in range(3))
GONE = PEOPLE[1]
At = Callable[[datetime], None]


class Moody:
    """An SMTP server that answers what it is told to: ``wrong`` maps a stage to its answer, None hangs up in silence.

    An answer to RCPT, DATA or the message may be meant for one address alone (``only``).
    """

    def __init__(self) -> None:
        self.wrong: dict[str, str | None] = {}
        self.only = ""
        self.taken: list[tuple[str, str]] = []
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"smtp://127.0.0.1:{self._listening.getsockname()[1]}"
        self._hung: list[socket.socket] = []

    @contextmanager
    def running(self) -> Iterator["Moody"]:
        thread = threading.Thread(target=self._serve, daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self._listening.shutdown(socket.SHUT_RDWR)
            thread.join(10)
            for line in (self._listening, *self._hung):
                line.close()

    def _serve(self) -> None:
        while True:
            try:
                line, _ = self._listening.accept()
            except OSError:
                return
            with suppress(OSError):
                self._talk(line)
            if line not in self._hung:
                line.close()

    def _talk(self, line: socket.socket) -> None:
        words, to = line.makefile("rb"), ""
        with words:
            if not self._answer(line, "greeting", to, "220 at your service"):
                return
            for said in words:
                verb = said[:4].decode().upper()
                if verb == "RCPT":
                    to = said.decode().partition("<")[2].partition(">")[0]
                usual = {"DATA": "354 go on", "QUIT": "221 bye"}.get(verb, "250 OK")
                stage = "EHLO" if verb == "HELO" else verb
                if not self._answer(line, stage, to, usual) or verb == "QUIT":
                    return
                if verb == "DATA" and not self._is_wrong("DATA", to):
                    body = b"".join(iter(words.readline, b".\r\n")).decode()
                    if not self._answer(line, "message", to, "250 taken"):
                        return
                    if not self._is_wrong("message", to):
                        subject = next(row for row in body.splitlines() if row.startswith("Subject:"))
                        self.taken.append((to, subject.removeprefix("Subject: ")))

    def _is_wrong(self, stage: str, to: str) -> bool:
        return stage in self.wrong and self.only in ("", to)

    def _answer(self, line: socket.socket, stage: str, to: str, usual: str) -> bool:
        """Say something; False when the conversation is over, or goes on in silence."""
        answer = self.wrong[stage] if self._is_wrong(stage, to) else usual
        if answer is None:
            self._hung.append(line)  # open, and mute
            return False
        line.sendall(f"{answer}\r\n".encode())
        return not answer.startswith("421")


@pytest.fixture
def server() -> Iterator[Moody]:
    with Moody().running() as running:
        yield running


def write(per_person: int) -> None:
    with writing():
        for number in range(per_person):
            for address in PEOPLE:
                put("test.kind", address, f"Number {number}", "Words.\n", now=NOON)


def worker(app: Flask, settings: Settings, server: Moody) -> Callable[[datetime], str]:
    """One run of the job that sends, at an instant; what went wrong with it."""
    [sends] = [each for each in registered() if each.name == "outbox.deliver"]
    app.extensions["settings"] = replace(settings, smtp_url=server.url)
    return lambda now: run(app, sends, now).error


@pytest.fixture(autouse=True)
def _settings_come_back(app: Flask, settings: Settings) -> Iterator[None]:
    yield
    app.extensions["settings"] = settings


def fates() -> Counter[str]:
    db.session.rollback()
    return Counter(
        "sent" if notice.sent_at else "given up" if notice.dead_at else "open"
        for notice in db.session.scalars(select(Notice))
    )


def in_order(server: Moody) -> dict[str, list[str]]:
    by_person: defaultdict[str, list[str]] = defaultdict(list)
    for to, subject in server.taken:
        by_person[to].append(subject)
    return dict(by_person)


@pytest.mark.parametrize(
    ("stage", "code"), SOME if not TORTURE else [(stage, code) for stage in STAGES for code in CODES]
)
def test_after_an_hour_of_wrong_answers_every_mail_goes_once_and_in_order_or_is_kept_as_given_up(
    app: Flask, settings: Settings, server: Moody, stage: str, code: str
) -> None:
    write(per_person=2)
    sweep = worker(app, settings, server)
    server.wrong = {stage: code}
    for minute in range(0, 60, 5 if TORTURE else 20):
        sweep(NOON + minute * MINUTE)
    assert server.taken == []
    lost_for_good = code.startswith("5") and stage in ("RCPT", "DATA", "message")
    assert fates() == ({"given up": 6} if lost_for_good else {"open": 6})
    server.wrong = {}
    for minute in range(60, 180, 30):
        assert sweep(NOON + minute * MINUTE) == ""
    expected = {} if lost_for_good else {to: ["Number 0", "Number 1"] for to in PEOPLE}
    assert in_order(server) == expected


@pytest.mark.parametrize("stage", ["RCPT", "DATA", "message"])
def test_who_is_refused_for_good_is_given_up_and_the_others_are_not_held_up(
    app: Flask, settings: Settings, server: Moody, stage: str
) -> None:
    write(per_person=2)
    server.wrong, server.only = {stage: "550 no such mailbox"}, GONE
    assert worker(app, settings, server)(NOON) == ""
    assert in_order(server) == {to: ["Number 0", "Number 1"] for to in PEOPLE if to != GONE}
    assert fates() == {"sent": 4, "given up": 2}


@pytest.mark.parametrize("stage", STAGES if TORTURE else ["greeting", "message"])
def test_a_server_that_says_nothing_holds_neither_pages_nor_writes_nor_the_worker(
    app: Flask, settings: Settings, server: Moody, cast: Cast, monkeypatch: pytest.MonkeyPatch, stage: str
) -> None:
    monkeypatch.setattr(mail, "TIMEOUT_SECONDS", 0.2)
    write(per_person=1)
    sweep = worker(app, settings, server)
    server.wrong = {stage: None}
    browser = sign_in(app.test_client(), cast.rita)
    trouble: list[str] = []
    hanging = threading.Thread(target=lambda: trouble.append(sweep(NOON)))
    hanging.start()
    assert browser.get("/").status_code == 200
    with writing():  # nothing is held meanwhile
        put("test.kind", "other@example.org", "Another", "Words.\n", now=NOON)
    hanging.join(30)
    assert not hanging.is_alive()
    assert fates() == {"open": 4}
    server.wrong = {}
    assert sweep(NOON + 5 * MINUTE) == ""
    assert Counter(to for to, _ in server.taken) == dict.fromkeys([*PEOPLE, "other@example.org"], 1)


def test_whatever_a_server_does_in_which_order_each_mail_is_taken_once_and_in_order(
    app: Flask, settings: Settings, server: Moody, repeats: Repeats
) -> None:
    sweep, now, written = worker(app, settings, server), NOON, 0
    for _ in range(repeats.times(20)):
        for _ in range(repeats.random.randrange(2, 5)):
            with writing():
                for address in PEOPLE:
                    put("test.kind", address, f"Number {written}", "Words.\n", now=now)
            written += 1
            code = repeats.random.choice(["421 not now", "450 later", "452 full"])
            server.wrong = {repeats.random.choice(STAGES): code} if repeats.random.random() < 0.7 else {}
            server.only = repeats.random.choice(["", *PEOPLE])
            sweep(now)
            now += repeats.random.choice([MINUTE, 7 * MINUTE])
        server.wrong = {}
        now += 2 * timedelta(hours=1)
        assert sweep(now) == ""
        assert in_order(server) == {to: [f"Number {number}" for number in range(written)] for to in PEOPLE}
        assert fates() == {"sent": written * len(PEOPLE)}
    repeats.note(mails=len(server.taken))

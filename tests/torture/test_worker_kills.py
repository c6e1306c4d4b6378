"""``kill -9`` of the worker around the mail server's taking: every notice arrives, and what arrives twice had to."""

import asyncio
import subprocess
import threading
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import func, select

from hiring.ground.config import Settings
from hiring.ground.database import db, writing
from hiring.ground.outbox import Notice, put
from tests.conftest import NOON
from tests.ground.mail_server import StrikingServer
from tests.repeats import Repeats
from tests.torture.processes import PATIENCE, kill, running, says, until

KILLS = 50
BETWEEN = ("taken", "answered")
"""Where a kill falls between the server's taking a message and our marking it."""
POINTS = ("taken", "data", "mail", "answered", "rcpt", "marked", "hello", "starting", "idle")
"""``data``: the message came, and is not taken; ``taken``: it is, and the answer is not sent; ``answered``: right after
the answer; ``marked``: when the next message is announced; ``idle``: when everything has gone."""
LEASES = timedelta(minutes=15)
"""Longer than anything that a killed worker held."""


class DeadlyServer(StrikingServer):
    """Kills who delivers to it: at a point of the conversation, and there with the message of the given number."""

    def __init__(self) -> None:
        super().__init__()
        self.victim: subprocess.Popen[str] | None = None
        self.point, self.number = "", 0
        self.struck = threading.Event()
        self.again: dict[str, Counter[str]] = {point: Counter() for point in BETWEEN}
        """How often a message was taken and its sender killed there, by Message-ID."""

    def aim(self, victim: "subprocess.Popen[str]", point: str, number: int) -> None:
        self.struck.clear()
        self.victim, self.point, self.number = victim, point, number

    def strike(self, point: str) -> bool:
        """Whether the sender was killed here and now."""
        if self.victim is None or point != self.point:
            return False
        self.number -= 1
        if self.number > 0:
            return False
        if point in BETWEEN:
            self.again[point][str(self.received[-1]["Message-ID"])] += 1
        kill(self.victim)
        self.victim = None
        self.struck.set()
        return True

    async def handle_NOOP(self, _server: Any, _session: Any, _envelope: Any, _words: str) -> str:  # noqa: N802
        self.strike("marked")
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        if self.strike("data"):
            return "451 not taken"
        answer = await super().handle_DATA(server, session, envelope)
        self.strike("taken")
        asyncio.get_running_loop().call_soon(self.strike, "answered")  # runs once the answer is written
        return answer


def test_every_notice_arrives_and_a_second_time_only_after_a_kill_between_taking_and_marking(
    app: Flask, settings: Settings, repeats: Repeats, at: Callable[[datetime], None], tmp_path: Path
) -> None:
    now, written = NOON, 0
    with DeadlyServer().running() as server:
        for number in range(repeats.times(KILLS)):
            now += LEASES
            at(now)
            written = write(written, 4, now)
            point, log = POINTS[number % len(POINTS)], tmp_path / f"{number}.log"
            with running(settings, "worker", log=log, HIRING_SMTP_URL=server.url) as worker:
                if point in ("starting", "idle"):
                    until(all_gone if point == "idle" else partial(says, log, "worker leads"), of=worker)
                    kill(worker)
                else:
                    server.aim(worker, point, 1 if point == "hello" else repeats.random.randint(1, 3))
                    assert server.struck.wait(PATIENCE), f"{point}: {log.read_text()}"
            repeats.count(point)
            check(server)
        at(now + LEASES)
        with running(settings, "worker", log=tmp_path / "last.log", HIRING_SMTP_URL=server.url) as worker:
            until(all_gone, of=worker)
    arrived = check(server)
    assert len(arrived) == written
    for message_id, times in server.again["taken"].items():
        assert arrived[message_id] > times, "we cannot have known that it was taken"
    repeats.note(notices=written, twice=sum(arrived.values()) - written)
    assert not [log.name for log in tmp_path.glob("*.log") if says(log, "job failed")]


def write(before: int, more: int, now: datetime) -> int:
    """So many notices more, every second one to the same address; returns how many there are now."""
    with writing():
        for number in range(before, before + more):
            to = "ana@example.org" if number % 2 else f"person{number}@example.org"
            put("test.kind", to, f"Number {number:03}", "Plain words.\n", now=now)
    return before + more


def all_gone() -> bool:
    db.session.rollback()
    return db.session.scalar(select(func.count(Notice.id)).where(Notice.sent_at.is_(None))) == 0


def check(server: DeadlyServer) -> Counter[str]:
    """How often each message arrived: never again without a kill of its own, and first ones in their order."""
    arrived = Counter(str(mail["Message-ID"]) for mail in server.received)
    for message_id, times in arrived.items():
        assert times <= 1 + sum(kills[message_id] for kills in server.again.values()), message_id
    anas = dict.fromkeys(str(mail["Subject"]) for mail in server.received if mail["To"] == "ana@example.org")
    assert list(anas) == sorted(anas)
    return arrived

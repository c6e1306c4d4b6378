"""A leading worker that stands still for longer than its lease: another leads, and nothing is done twice."""

import os
import signal
import subprocess
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select, text

from hiring.ground.config import Settings
from hiring.ground.database import db, is_sqlite, writing
from hiring.ground.outbox import Notice, put
from tests.conftest import NOON
from tests.ground.mail_server import StrikingServer
from tests.repeats import Repeats
from tests.torture.processes import running, until

pytestmark = pytest.mark.skipif(not Path("/proc").is_dir(), reason="whether a process stands still is read from /proc")
STOPS = 20
POINTS = ("rcpt", "between", "mail", "hello")
"""Where it stops: in the conversation with a mail server that waits for ever, or between jobs."""
LEASES = timedelta(minutes=15)
"""Longer than the lead and than the hold on a notice."""
WORKER = """
import os, sys
from datetime import timedelta
from hiring.app import create_app
from hiring.ground import jobs

app = create_app()
jobs._jobs = {name: each for name, each in jobs._jobs.items() if name == "outbox.deliver"}

@jobs.job("stamp", every=timedelta(milliseconds=50))
def stamp(now):
    with open(sys.argv[1], "a") as file:
        file.write(f"{os.getpid()} ")
    return 0

jobs.run_worker(app)
"""


class StoppingServer(StrikingServer):
    """Stops who delivers to it, at a point of the conversation, and waits for them without end."""

    def __init__(self, app: Flask) -> None:
        super().__init__()
        self.app, self.victim, self.point = app, 0, ""

    def strike(self, point: str) -> None:
        if self.victim and point == self.point:
            with self.app.app_context():
                stop(self.victim)
                db.session.remove()
            self.victim = 0


def test_a_worker_that_stood_still_longer_than_its_lease_is_replaced_and_does_nothing_twice(
    app: Flask, settings: Settings, repeats: Repeats, at: Callable[[datetime], None], tmp_path: Path
) -> None:
    now, written, stamps = NOON, 0, tmp_path / "stamps"
    at(now)
    stamps.touch()
    with StoppingServer(app).running() as server, ExitStack() as stack:
        start = partial(running, settings, str(stamps), program=("-c", WORKER), HIRING_SMTP_URL=server.url)
        leads = stack.enter_context(start(log=tmp_path / "0.log"))
        until(lambda: last_stamp(stamps) == leads.pid, of=leads)
        waits = stack.enter_context(start(log=tmp_path / "1.log"))
        for number in range(repeats.times(STOPS)):
            point = POINTS[number % len(POINTS)]
            repeats.count(point)
            server.point, server.victim = point, leads.pid
            if point == "between":
                stop(leads.pid)
            written = write(written, 3, now)
            until(partial(stands_still, leads.pid), of=leads)
            if not is_sqlite() and number % 2:
                repeats.count("cut", cut_connections())
            now += LEASES
            at(now)
            until(partial(all_gone_and_led_by, waits, stamps), of=waits)
            before = told(tmp_path)
            os.kill(leads.pid, signal.SIGCONT)
            until(lambda before=before: told(tmp_path) > before, of=leads)
            stamped = stamps.read_text().split()
            assert str(leads.pid) not in stamped[stamped.index(str(waits.pid)) :], "it worked after another had led"
            stamps.write_text("")
            leads, waits = waits, leads
        arrived = Counter(str(mail["Message-ID"]) for mail in server.received)
    assert (len(arrived), set(arrived.values())) == (written, {1})
    repeats.note(notices=written)


def stop(pid: int) -> None:
    """Stop a process while it writes nothing: what it held locked would stay so until somebody ended it."""
    with writing():
        everything = "SELECT 1" if is_sqlite() else "LOCK TABLE notice, job_run, worker_lease IN EXCLUSIVE MODE"
        db.session.execute(text(everything))  # on SQLite, to begin to write is enough
        os.kill(pid, signal.SIGSTOP)
        until(partial(stands_still, pid))


@pytest.mark.parametrize("engine", [pytest.param("postgres", marks=pytest.mark.postgres)], indirect=True)
def test_what_a_process_that_stands_still_holds_locked_is_freed_after_minutes(app: Flask) -> None:
    assert db.session.scalar(text("SHOW idle_in_transaction_session_timeout")) == "5min"


def write(before: int, more: int, now: datetime) -> int:
    with writing():
        for number in range(before, before + more):
            put("test.kind", f"person{number}@example.org", f"Number {number}", "Plain words.\n", now=now)
    return before + more


def last_stamp(stamps: Path) -> int:
    return int((stamps.read_text().split() or ["0"])[-1])


def stands_still(pid: int) -> bool:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "T"


def all_gone_and_led_by(process: "subprocess.Popen[str]", stamps: Path) -> bool:
    db.session.rollback()
    still_here = db.session.scalar(select(func.count(Notice.id)).where(Notice.sent_at.is_(None)))
    return not still_here and last_stamp(stamps) == process.pid


def told(folder: Path) -> int:
    """How often a worker has said that it no longer leads, and has finished what it was at."""
    return sum(log.read_text().count("worker stops leading") for log in folder.glob("*.log"))


def cut_connections() -> int:
    """End every session of the database but ours, as a server does that has not heard of a client for long."""
    others = "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    cut = db.session.scalar(text(f"SELECT count(pg_terminate_backend(pid)) {others}")) or 0
    db.session.rollback()
    return cut

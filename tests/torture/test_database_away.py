"""A database that goes away in the middle of things, and comes back: nobody restarts, nothing happens twice."""

import os
import socket
import subprocess
import sys
import tempfile
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event, exists, select, text

from hiring.funnel.queries import differences
from hiring.ground import audit, clock
from hiring.ground.clock import set_offset
from hiring.ground.database import db, is_writing, writing
from hiring.ground.jobs import run_due
from hiring.ground.outbox import Notice, deliver, put
from tests.builders import requisition
from tests.cast import Cast, sign_in
from tests.conftest import NOON, Engine
from tests.ground.mail_server import MailServer
from tests.repeats import TORTURE, Repeats
from tests.torture.callers import Callers, serving
from tests.torture.faults import Postgres, postgres_of_its_own, sqlite_of_its_own, until
from tests.torture.referrals import address, applicants, refer, sent_again

Away = tuple[Engine, Postgres]
MAY_HOLD = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("BEGIN IMMEDIATE")
print("held", flush=True)
sys.stdin.read()
"""


@pytest.fixture(scope="module")
def served() -> Iterator[Away]:
    """The application with the cast on a PostgreSQL server of these tests."""
    with (
        tempfile.TemporaryDirectory(prefix="hiring-pg-") as folder,
        tempfile.TemporaryDirectory() as data,
        postgres_of_its_own(Path(folder), Path(data)) as own,
    ):
        yield own


@pytest.fixture
def own(served: Away) -> Away:
    """The same, with nothing but a requisition."""
    engine, server = served
    server.start()
    engine.reset("cast")
    requisition(Cast(engine.cast_ids))
    return served


def igor(engine: Engine) -> FlaskClient:
    return sign_in(engine.app.test_client(), Cast(engine.cast_ids).igor)


@pytest.mark.postgres
def test_while_the_database_is_away_every_answer_says_so_and_afterwards_all_goes_on(own: Away) -> None:
    engine, server = own
    client, stranger = igor(engine), engine.app.test_client()
    assert refer(client, 1).status_code == 303
    server.stop()
    refused = refer(client, 2)
    assert (refused.status_code, refused.headers["Retry-After"]) == (503, "5")
    assert "The database cannot be reached; nothing was changed." in refused.text
    for page in ("/account", "/careers", "/no-such-page", "/sign-in"):
        assert client.get(page).status_code == 503
    for page in ("/careers", "/no-such-page", "/sign-in"):
        assert stranger.get(page).status_code == 503
    entered = stranger.post("/sign-in", data={"email": "igor@example.org", "password": "correct horse battery"})
    assert entered.status_code == 503
    assert "igor@example.org" in entered.text
    assert "correct horse" not in entered.text
    assert client.get("/healthz").status_code == 200
    assert "database" in (client.get("/readyz").json or {})["failed"]
    assert any("OperationalError" in outcome.error for outcome in run_due(engine.app, clock.now()))
    server.start()
    assert sent_again(client, refused).status_code == 303
    assert client.get("/readyz").status_code == 200
    assert not [outcome for outcome in run_due(engine.app, clock.now()) if outcome.error]
    assert applicants() == {address(1): 1, address(2): 1}


@pytest.mark.postgres
def test_a_page_that_is_complete_is_not_spoiled_when_the_database_goes_away_after_it(own: Away) -> None:
    engine, server = own
    client = igor(engine)
    event.listen(db.engine, "commit", lambda _: server.stop(), once=True)
    assert client.get("/careers").status_code == 200
    server.start()
    assert client.get("/careers").status_code == 200


@pytest.mark.postgres
@pytest.mark.parametrize("kept", [True, False], ids=["kept", "lost"])
def test_what_was_perhaps_kept_is_said_so_and_sending_it_again_keeps_it_once(own: Away, kept: bool) -> None:
    engine, server = own
    client = igor(engine)

    with at_the_commit_of_what_is_written(deaf if kept else lambda _: server.stop()):
        refused = refer(client, 1)
    assert refused.status_code == 503
    assert "it may be kept or not" in refused.text
    server.start()
    if kept:
        until(applicants)
    assert applicants() == ({address(1): 1} if kept else {})
    assert sent_again(client, refused).status_code == 303
    assert applicants() == {address(1): 1}


@contextmanager
def at_the_commit_of_what_is_written(act: Callable[[Any], None]) -> Iterator[None]:
    """Once; what was read before is committed too, and left alone."""
    waiting = [act]

    def listen(connection: Any) -> None:
        if is_writing() and waiting:
            waiting.pop()(connection)

    event.listen(db.engine, "commit", listen)
    yield
    event.remove(db.engine, "commit", listen)
    assert not waiting


def deaf(connection: Any) -> None:
    """The COMMIT reaches the server, whose answer reaches nobody."""
    with socket.socket(fileno=os.dup(connection.connection.dbapi_connection.fileno())) as line:
        line.shutdown(socket.SHUT_RD)


@pytest.mark.postgres
def test_a_mail_taken_while_the_database_goes_away_is_marked_as_soon_as_it_is_back(own: Away) -> None:
    engine, server = own

    class TakesTheDatabaseAway(MailServer):
        async def handle_DATA(self, *given: Any) -> str:  # noqa: N802
            if not self.received:
                server.stop()
            return await super().handle_DATA(*given)

    with TakesTheDatabaseAway().running() as mails:
        by_mail = replace(engine.settings, smtp_url=mails.url)
        with writing():
            for number in range(2):
                put("test.kind", f"p{number}@example.org", f"Number {number}", "Words.\n", now=NOON)
        event.listen(db.engine, "handle_error", lambda _: server.start(), once=True)
        assert deliver(by_mail, NOON) == 2
        assert deliver(by_mail, NOON + timedelta(hours=1)) == 0
        assert mails.subjects == ["Number 0", "Number 1"]


def test_a_file_that_another_process_holds_too_long_is_busy_and_reading_goes_on(
    tmp_path: Path, sqlite_engine: Engine
) -> None:
    with sqlite_of_its_own(tmp_path, tmp_path, sqlite_engine) as engine:
        event.listen(db.engine, "connect", lambda connection, _: connection.execute("PRAGMA busy_timeout=50"))
        requisition(Cast(engine.cast_ids))
        client = igor(engine)
        db.engine.dispose()
        with held(tmp_path / "hiring.sqlite3"):
            refused = refer(client, 1)
            assert (refused.status_code, refused.headers["Retry-After"]) == (503, "5")
            assert "did not answer in time; nothing was changed" in refused.text
            assert client.get("/careers/R-1").status_code == 200
            assert all("locked" in outcome.error for outcome in run_due(engine.app, clock.now()) if outcome.error)
        assert sent_again(client, refused).status_code == 303
        assert not [outcome for outcome in run_due(engine.app, clock.now()) if outcome.error]
        assert applicants() == {address(1): 1}


@contextmanager
def held(database: Path) -> Iterator[None]:
    """Another process writes, and does not come to an end."""
    command = [sys.executable, "-c", MAY_HOLD, str(database)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield
        process.communicate()


in_full = pytest.mark.skipif(not TORTURE, reason="in full under make torture")


@in_full
@pytest.mark.postgres
def test_under_load_nothing_acknowledged_is_lost_when_the_database_goes_away(
    own: Away, tmp_path: Path, repeats: Repeats
) -> None:
    engine, server = own
    with MailServer().running() as mails, serving(engine, tmp_path / "log", **given(mails, tmp_path)) as port:
        callers = Callers(engine, port)
        with callers.at_work():
            for number in range(repeats.times(20)):
                wait_for(callers, 303, 1 + repeats.random.randrange(20))
                server.stop()
                if number == 0:
                    threading.Event().wait(10)  # once as long as a failover takes
                wait_for(callers, 503, 10)
                server.start()
                wait_for(callers, 303, 8)
        all_is_well_again(callers, mails, tmp_path / "clock", repeats)


@in_full
def test_under_load_nothing_acknowledged_is_lost_while_another_process_holds_the_file(
    tmp_path: Path, sqlite_engine: Engine, repeats: Repeats
) -> None:
    with (
        sqlite_of_its_own(tmp_path, tmp_path, sqlite_engine) as engine,
        MailServer().running() as mails,
        serving(engine, tmp_path / "log", **given(mails, tmp_path)) as port,
    ):
        requisition(Cast(engine.cast_ids))
        callers = Callers(engine, port)
        with callers.at_work():
            for _ in range(repeats.times(3)):
                wait_for(callers, 303, 1 + repeats.random.randrange(20))
                with held(tmp_path / "hiring.sqlite3"):
                    assert callers.get("/careers/R-1") == 200
                    wait_for(callers, 503, 4)
                wait_for(callers, 303, 8)
        all_is_well_again(callers, mails, tmp_path / "clock", repeats)
        assert db.session.execute(text("PRAGMA integrity_check")).scalars().all() == ["ok"]


def given(mails: MailServer, folder: Path) -> dict[str, str]:
    """Where the server's worker sends, and whose time it is there."""
    return {"HIRING_SMTP_URL": mails.url, "HIRING_CLOCK_FILE": str(folder / "clock")}


def wait_for(callers: Callers, status: int, count: int) -> None:
    """Wait until so many more referrals were answered like this."""
    before = list(callers.answers.values()).count(status)
    until(lambda: callers.wrong or list(callers.answers.values()).count(status) >= before + count)
    assert callers.wrong == []


def all_is_well_again(callers: Callers, mails: MailServer, clock_file: Path, repeats: Repeats) -> None:
    """Everything acknowledged is there once, what was not is kept when sent again, and every mail left once."""
    lost = {address(number) for number, status in callers.answers.items() if status == 303} - applicants().keys()
    assert lost == set()
    again = [number for number, status in callers.answers.items() if status != 303]
    assert {callers.press(number) for number in again} <= {303}
    everybody = {address(number): 1 for number in callers.answers}
    assert applicants() == everybody
    set_offset(clock_file, timedelta(minutes=11))  # a claim whose COMMIT nobody heard of lapses after ten
    until(lambda: not waiting())
    assert Counter(str(mail["To"]) for mail in mails.received) == everybody
    assert list(audit.verify()) == []
    assert list(differences()) == []
    repeats.note(acknowledged=callers.kept, sent_again=len(again), answers=dict(callers.seen))
    repeats.note(slowest=round(callers.slowest, 1), mails=len(mails.received))


def waiting() -> bool:
    """Whether a mail has still to go."""
    db.session.rollback()
    return db.session.scalar(select(exists().where(Notice.sent_at.is_(None)))) is True

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from queue import SimpleQueue
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, select, text
from sqlalchemy.orm import Session

from hiring.ground import clock, jobs
from hiring.ground.config import Settings
from hiring.ground.database import NotVisible, db, schema_change, writing
from hiring.ground.jobs import JobRun, Outcome, Postponed, job, run_due, run_worker
from tests.conftest import NOON

PATIENCE = 30
OWN = jobs.registered()
"""What is registered before a test takes the jobs away."""
SECOND = timedelta(seconds=1)


@pytest.fixture(autouse=True)
def _no_other_jobs(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "_jobs", {})


def last_run(name: str) -> JobRun:
    db.session.rollback()
    return db.session.get_one(JobRun, name, populate_existing=True)


def test_one_failing_job_never_stops_the_rest_and_its_error_is_kept(app: Flask) -> None:
    @job("first", every=SECOND)
    def fails(now: datetime) -> int:
        raise ZeroDivisionError("by zero")

    @job("second", every=SECOND)
    def waits(now: datetime) -> int:
        raise Postponed("the mail server is away")

    @job("third", every=SECOND)
    def works(now: datetime) -> int:
        assert now == NOON
        return 3

    assert run_due(app, NOON) == [
        Outcome("first", 0, "ZeroDivisionError: by zero"),
        Outcome("second", 0, "the mail server is away"),
        Outcome("third", 3),
    ]
    assert last_run("first").last_error == "ZeroDivisionError: by zero"
    assert (last_run("third").last_started_at, last_run("third").last_error) == (NOON, "")


def test_one_item_that_fails_or_is_gone_never_stops_the_rest_and_leaves_nothing(app: Flask) -> None:
    def act(one: int) -> bool:
        db.session.add(JobRun(name=f"item {one}", last_started_at=NOON, last_finished_at=NOON, last_error=""))
        db.session.flush()
        if one == 2:
            raise ZeroDivisionError
        if one == 3:
            raise NotVisible("item 3")
        return one != 4

    assert jobs.one_by_one(range(1, 6), act) == 2
    assert set(db.session.scalars(select(JobRun.name))) == {"item 1", "item 4", "item 5"}


def test_an_item_whose_commit_fails_is_not_counted_as_done(app: Flask) -> None:
    def refuse(_session: Session) -> None:
        raise ZeroDivisionError

    def act(one: int) -> bool:
        if one == 1:
            event.listen(db.session(), "before_commit", refuse, once=True)
        return True

    assert jobs.one_by_one([1, 2], act) == 1


def test_a_mended_job_clears_its_error(app: Flask) -> None:
    broken = True

    @job("mended", every=SECOND)
    def work(now: datetime) -> int:
        if broken:
            raise ValueError("broken")
        return 0

    run_due(app, NOON)
    broken = False
    run_due(app, NOON + SECOND)
    assert (last_run("mended").last_started_at, last_run("mended").last_error) == (NOON + SECOND, "")


def test_a_job_that_fails_in_the_middle_of_a_write_leaves_nothing_behind(app: Flask) -> None:
    @job("half", every=SECOND)
    def half(now: datetime) -> int:
        with writing():
            db.session.add(JobRun(name="half done", last_started_at=now, last_finished_at=now))
            db.session.flush()
            raise ValueError("the other half")

    run_due(app, NOON)
    assert db.session.get(JobRun, "half done") is None


def test_the_worker_lets_the_database_count_its_rows_daily_as_many_as_there_are_by_then(app: Flask) -> None:
    (daily,) = [each for each in OWN if each.name == "database.statistics"]
    assert daily.every == timedelta(days=1)

    asked: list[str] = []

    def ask(*call: Any) -> None:
        asked.append(call[2])

    def rows_known(more: range) -> str:
        with writing():
            db.session.add_all(
                JobRun(name=f"job {one}", last_started_at=NOON, last_finished_at=NOON, last_error="") for one in more
            )
        assert jobs.run(app, daily, NOON) == Outcome("database.statistics", 0)
        db.session.rollback()
        known: str = db.session.execute(text("SELECT stat FROM sqlite_stat1 WHERE tbl = 'job_run'")).scalar_one()
        return known.split()[0]

    event.listen(db.engine, "before_cursor_execute", ask)
    if db.engine.dialect.name == "sqlite":
        assert [rows_known(range(3)), rows_known(range(3, 7))] == ["3", "8"]
    else:  # it counts by itself
        assert jobs.run(app, daily, NOON) == Outcome("database.statistics", 0)
    event.remove(db.engine, "before_cursor_execute", ask)
    assert ("ANALYZE" in asked) is (db.engine.dialect.name == "sqlite")


def test_two_jobs_of_one_name_are_a_programming_error() -> None:
    job("once", every=SECOND)(lambda now: 0)
    with pytest.raises(ValueError, match="once"):
        job("once", every=SECOND)(lambda now: 0)


@contextmanager
def worker(app: Flask) -> Iterator[Callable[[], None]]:
    stop = threading.Event()
    thread = threading.Thread(target=run_worker, args=(app, stop))

    def end() -> None:
        stop.set()
        thread.join(PATIENCE)
        assert not thread.is_alive()

    thread.start()
    try:
        yield end
    finally:
        end()


class Tick:
    """A job that says in which worker's scheduler it ran."""

    def __init__(self) -> None:
        self.schedulers: set[str] = set()
        self._ran = threading.Event()
        job("tick", every=timedelta(milliseconds=50))(self._run)

    def _run(self, now: datetime) -> int:
        self.schedulers.add(threading.current_thread().name.split("_")[0])
        self._ran.set()
        return 0

    def wait(self) -> None:
        self._ran.clear()
        assert self._ran.wait(PATIENCE), "no worker runs the job"


def test_one_of_two_workers_leads_and_the_other_takes_over_when_it_stops(app: Flask) -> None:
    tick = Tick()
    with worker(app) as end_first:
        tick.wait()
        with worker(app):
            for _ in range(5):
                tick.wait()
            assert len(tick.schedulers) == 1
            end_first()
            tick.wait()
            assert len(tick.schedulers) == 2


@pytest.mark.parametrize("engine", [pytest.param("postgres", marks=pytest.mark.postgres)], indirect=True)
def test_a_worker_whose_database_connections_were_cut_goes_on(app: Flask) -> None:
    tick = Tick()
    with worker(app):
        cut = 0
        while not cut:  # between two jobs a worker may hold no connection
            tick.wait()
            with schema_change(), db.engine.connect() as connection:
                cut = connection.execute(
                    text(
                        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
                        "WHERE datname = current_database() AND pid <> pg_backend_pid()"
                    )
                ).scalar_one()
        cut_at = clock.now()
        while not ran_since(cut_at):
            tick.wait()


def test_a_worker_whose_clock_was_turned_finds_every_job_due(app: Flask, at: Callable[[datetime], None]) -> None:
    ran: SimpleQueue[datetime] = SimpleQueue()

    @job("seldom", every=timedelta(days=7))
    def _seldom(now: datetime) -> int:
        ran.put(now)
        return 0

    at(NOON)
    with worker(app):
        for turned in (timedelta(), timedelta(days=1), timedelta(hours=1)):
            at(NOON + turned)
            assert NOON + turned <= ran.get(timeout=PATIENCE) < NOON + turned + timedelta(seconds=PATIENCE)


def ran_since(instant: datetime) -> bool:
    db.session.rollback()
    return db.session.scalar(select(JobRun.name).where(JobRun.last_started_at > instant)) is not None


def test_a_lease_is_one_workers_until_it_lapses_or_is_given_up(app: Flask, at: Callable[[datetime], None]) -> None:
    first, second = jobs._Lead(app), jobs._Lead(app)
    at(NOON)
    assert first.take() and first.held()
    assert not second.take() and not second.held()
    for seconds in (15, 30, 45):
        at(NOON + seconds * SECOND)
        assert first.keep() and not second.take(), "it is renewed while its holder says so"
    at(NOON + 90 * SECOND)
    assert not first.held(), "nobody acts on a lease that another may have taken"
    assert second.take()
    assert not first.keep() and not first.take()
    second.give_up()
    assert first.take()
    at(NOON - 3600 * SECOND)
    assert not first.held() and second.take(), "a clock that was set back leaves no lease that lasts for an hour"


def start_worker_process(settings: Settings, **env: str) -> "subprocess.Popen[str]":
    code = (
        "from hiring.app import create_app; from hiring.ground import jobs; jobs._jobs.clear(); "
        "jobs.run_worker(create_app())"
    )
    given = {
        "HIRING_DATABASE_URL": settings.database_url,
        "HIRING_DATA_DIR": str(settings.data_dir),
        "HIRING_SECRET_KEY": settings.secret_key,
        "HIRING_CLOCK_FILE": str(settings.clock_file),
    }
    return subprocess.Popen(
        [sys.executable, "-c", code], env=os.environ | given | env, stderr=subprocess.PIPE, text=True
    )


def read_until(process: "subprocess.Popen[str]", words: str) -> None:
    assert process.stderr is not None
    assert any(words in line for line in process.stderr), f"{words!r} never came"


def test_a_worker_process_ends_cleanly_on_ctrl_c(app: Flask, settings: Settings) -> None:
    with start_worker_process(settings) as process:
        read_until(process, "worker leads")
        process.send_signal(signal.SIGINT)
        assert process.wait(PATIENCE) == 0


def test_a_killed_worker_is_succeeded_by_the_next(
    app: Flask, settings: Settings, at: Callable[[datetime], None]
) -> None:
    with start_worker_process(settings) as first:
        read_until(first, "worker leads")
        with start_worker_process(settings) as second:
            first.kill()
            at(datetime.now(UTC) + 60 * SECOND)  # longer than its lease
            read_until(second, "worker leads")
            second.terminate()
            assert second.wait(PATIENCE) == 0


def test_a_worker_ends_when_the_server_that_started_it_is_gone(app: Flask, settings: Settings) -> None:
    with start_worker_process(settings, HIRING_SERVED_BY="1") as process:
        assert process.wait(PATIENCE) == 0

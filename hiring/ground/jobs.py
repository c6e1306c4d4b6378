"""Jobs: sweeps over our own rows, run by a worker process; state lives in tables, never in the scheduler.

Any number of workers may run; one of them leads. Losing the lead in the middle of a job harms nothing, because jobs
claim their rows by conditional updates.
"""

import contextlib
import os
import signal
import sys
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO

import psycopg
import structlog
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from flask import Flask
from sqlalchemy import URL
from sqlalchemy.orm import Mapped, mapped_column

from hiring.ground import clock
from hiring.ground.config import Settings
from hiring.ground.database import Base, db, is_sqlite, writing

if sys.platform != "win32":
    import fcntl
else:
    import msvcrt

SERVED_BY = "HIRING_SERVED_BY"
"""Environment variable with the process id of the server that started this worker; the worker ends when it is gone."""
_LEAD_LOCK = 724_002
"""Key of the advisory lock that the leading worker holds on PostgreSQL."""
_RETRY_SECONDS = 2.0

log = structlog.get_logger()


class Postponed(Exception):
    """A job cannot do its work now for a reason outside of this program; it is logged and tried again."""


@dataclass(frozen=True, slots=True)
class Job:
    """A sweep: ``run(now)`` does what is due and returns how many items it handled."""

    name: str
    every: timedelta
    run: Callable[[datetime], int]


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one run of one job went; ``error`` is empty when it went well."""

    name: str
    count: int
    error: str = ""


class JobRun(Base):
    """The last run of each job, for the health page."""

    __tablename__ = "job_run"
    name: Mapped[str] = mapped_column(primary_key=True)
    last_started_at: Mapped[datetime]
    last_finished_at: Mapped[datetime]
    last_error: Mapped[str | None]


_jobs: dict[str, Job] = {}


def job(name: str, every: timedelta) -> Callable[[Callable[[datetime], int]], Callable[[datetime], int]]:
    """Register a function as a job; registering a name twice is a programming error."""

    def register(run: Callable[[datetime], int]) -> Callable[[datetime], int]:
        if name in _jobs:
            raise ValueError(f"job {name} is registered twice")
        _jobs[name] = Job(name, every, run)
        return run

    return register


def registered() -> list[Job]:
    """All jobs, in the order of their registration."""
    return list(_jobs.values())


def run_due(app: Flask, now: datetime) -> list[Outcome]:
    """Run every job once, one after the other; one failure never stops the rest."""
    return [run(app, each, now) for each in registered()]


def run(app: Flask, each: Job, now: datetime) -> Outcome:
    """Run one job in an application context of its own; errors are logged and kept, never raised."""
    with app.app_context(), structlog.contextvars.bound_contextvars(job=each.name):
        count, error = 0, ""
        try:
            count = each.run(now)
        except Postponed as postponed:
            error = str(postponed)
            log.warning("job postponed", reason=error)
        except Exception as failure:
            error = f"{type(failure).__name__}: {failure}"
            log.exception("job failed")
        if count:
            log.info("job done", count=count)
        try:
            with writing():
                finished = max(now, clock.now())
                db.session.merge(
                    JobRun(name=each.name, last_started_at=now, last_finished_at=finished, last_error=error)
                )
        except Exception:
            log.exception("job run not noted")
        return Outcome(each.name, count, error)


def run_worker(app: Flask, stop: threading.Event | None = None) -> None:
    """Run the jobs until ``stop`` is set; without one, until SIGTERM, SIGINT, or the end of the server that started us.

    A running job is finished first.
    """
    if stop is None:
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_, event=stop: event.set())
    stopping = stop
    with app.app_context():
        lead: _Lead = (
            _FileLead(_settings(app).data_dir / "worker.lock") if is_sqlite() else _PostgresLead(db.engine.url)
        )
    try:
        while not _must_end(stopping):
            if lead.take():
                _lead_until(app, stopping, lead)
            else:
                stopping.wait(_RETRY_SECONDS)
    finally:
        lead.give_up()


def _settings(app: Flask) -> Settings:
    kept: Settings = app.extensions["settings"]
    return kept


def _must_end(stop: threading.Event) -> bool:
    server = os.environ.get(SERVED_BY)
    return stop.is_set() or (server is not None and os.name == "posix" and os.getppid() != int(server))


def _lead_until(app: Flask, stop: threading.Event, lead: "_Lead") -> None:
    log.info("worker leads", jobs=len(_jobs))
    scheduler = BackgroundScheduler(
        timezone=UTC,
        executors={"default": ThreadPoolExecutor(4)},
        job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
    )
    for each in registered():
        scheduler.add_job(
            lambda each=each: run(app, each, clock.now()),
            "interval",
            seconds=each.every.total_seconds(),
            id=each.name,
            next_run_time=datetime.now(UTC),
        )
    scheduler.start()
    try:
        while not _must_end(stop) and lead.held():
            stop.wait(1.0)
    finally:
        scheduler.shutdown(wait=True)
        log.info("worker stops leading")


class _Lead(ABC):
    """The right to run the jobs, held by one process at a time and freed by its death."""

    @abstractmethod
    def take(self) -> bool:
        """Try once to get it."""

    @abstractmethod
    def held(self) -> bool:
        """Whether it is still ours."""

    @abstractmethod
    def give_up(self) -> None:
        """Let another process have it."""


class _FileLead(_Lead):
    """SQLite lives on one machine: a locked file says who leads, and the system unlocks it when we die."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: IO[bytes] | None = None

    def take(self) -> bool:
        try:
            file = self._path.open("ab")
        except OSError as error:
            log.warning("the data folder is unavailable to the worker", error=str(error))
            return False
        try:
            if sys.platform != "win32":
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            else:
                msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        except OSError:
            file.close()
            return False
        self._file = file
        return True

    def held(self) -> bool:
        return self._file is not None

    def give_up(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None


class _PostgresLead(_Lead):
    """An advisory lock on a connection of its own, outside of transactions and of the pool."""

    def __init__(self, url: URL) -> None:
        self._url = url.set(drivername="postgresql").render_as_string(hide_password=False)
        self._connection: psycopg.Connection[tuple[bool]] | None = None

    def take(self) -> bool:
        try:
            if self._connection is None:
                # A dead network is noticed within seconds, so that two workers do not both believe they lead for long.
                self._connection = psycopg.connect(
                    self._url, autocommit=True, connect_timeout=5, keepalives_idle=5, tcp_user_timeout=10_000
                )
            row = self._connection.execute("SELECT pg_try_advisory_lock(%s)", [_LEAD_LOCK]).fetchone()
        except psycopg.Error as error:
            log.warning("database unavailable to the worker", error=str(error))
            self.give_up()
            return False
        return row is not None and row[0]

    def held(self) -> bool:
        try:
            if self._connection is not None:
                self._connection.execute("SELECT 1")
                return True
        except psycopg.Error:
            log.warning("the worker lost its connection and with it the lead")
            self.give_up()
        return False

    def give_up(self) -> None:
        if self._connection is not None:
            with contextlib.suppress(psycopg.Error):
                self._connection.close()
            self._connection = None

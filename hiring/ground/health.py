"""Health: ``/healthz`` says that the process lives, ``/readyz`` that it can serve; both without signing in."""

import tempfile
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

import structlog
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import jsonify
from flask.typing import ResponseReturnValue
from sqlalchemy import select, text

from hiring.ground import files
from hiring.ground.config import settings
from hiring.ground.database import db, give_back, is_sqlite
from hiring.ground.paths import resource
from hiring.ground.web import Room

room = Room("health", __name__)
_ROOM = 1024 * 1024
"""Bytes that a disk must take, so that being almost full is known before people hear of it."""
log = structlog.get_logger()


@room.page("/healthz", public=True)
def lives() -> ResponseReturnValue:
    """The process answers."""
    return jsonify(status="alive")


@room.page("/readyz", public=True)
def ready() -> ResponseReturnValue:
    """200 when everything needed is there; 503 names what is not (details are in the log, not for strangers)."""
    failed = [name for name, passes in _CHECKS.items() if not _passes(name, passes)]
    give_back()
    return jsonify(status="unready" if failed else "ready", failed=failed), 503 if failed else 200


def _passes(name: str, check: Callable[[], bool]) -> bool:
    try:
        passed = check()
    except Exception as error:  # whatever goes wrong is the answer
        give_back()
        log.warning("not ready", check=name, error=str(error))
        return False
    if not passed:
        log.warning("not ready", check=name)
    return passed


def _database_answers() -> bool:
    return db.session.execute(text("SELECT 1")).scalar() == 1


def _migrations_at_head() -> bool:
    return set(MigrationContext.configure(db.session.connection()).get_current_heads()) == _heads()


@lru_cache(maxsize=1)
def _heads() -> set[str]:
    return set(ScriptDirectory(str(resource("migrations"))).get_heads())


def _database_has_room() -> bool:
    """The disk of the database takes another megabyte; PostgreSQL lays a series that long beside its data."""
    if is_sqlite():
        return _has_room(Path(db.engine.url.database or "").parent)
    db.session.execute(text("SET LOCAL work_mem = '64kB'"))
    return db.session.execute(text("SELECT count(*) FROM generate_series(1, 60000)")).scalar() == 60_000


def _data_folder_has_room() -> bool:
    return _has_room(settings().data_dir)


def _has_room(folder: Path) -> bool:
    with tempfile.TemporaryFile(dir=folder, buffering=0) as file:
        return file.write(bytes(_ROOM)) == _ROOM


def _files_are_here() -> bool:
    """The newest file is in this node's data folder: several nodes share the mount, or say so here."""
    newest = db.session.scalars(select(files.StoredFile).order_by(files.StoredFile.id.desc()).limit(1)).first()
    return newest is None or files.path(newest).is_file()


_CHECKS: dict[str, Callable[[], bool]] = {
    "database": _database_answers,
    "migrations": _migrations_at_head,
    "database_room": _database_has_room,
    "data_folder": _data_folder_has_room,
    "files": _files_are_here,
}

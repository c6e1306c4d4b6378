"""What a page says while the database or a disk cannot do its part: what happened, what was kept, when to try again.

What was sent is handed back, but for passwords, files, and what a page of another site sent.
"""

import errno
import sqlite3
from dataclasses import dataclass
from http import HTTPStatus

import psycopg
from flask import Response, current_app, make_response, request
from sqlalchemy.exc import OperationalError

from hiring.ground import handback
from hiring.ground.database import Unsure
from hiring.ground.files import NotStored

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
_CANCELLED = "57014"
"""PostgreSQL's code of a statement that took too long, on a server that is well."""


@dataclass(frozen=True, slots=True)
class Outage:
    """Why something cannot be done now, and after how many seconds to try again."""

    title: str
    words: str
    retry_after: int = 5


_BUSY = Outage("Busy for a moment", "The database did not answer in time; nothing was changed.")
_AWAY = Outage("The database is away", "The database cannot be reached; nothing was changed.")
_NO_ROOM = Outage("No room left", "The disk of the database is full; nothing was changed.", 60)
_NO_FILES = Outage("Files cannot be kept", "The file could not be stored just now, and nothing was kept.", 60)
_UNSURE = Outage(
    "Perhaps kept",
    "The database went away while this was being kept: it may be kept or not. Send it again; it is never kept twice.",
)


def why(error: Exception) -> Outage:
    """What an error of the database or of the system means for whoever waits for the page."""
    if isinstance(error, Unsure):
        return _UNSURE
    if isinstance(error, (NotStored, OSError)):
        return _NO_FILES
    cause = error.orig if isinstance(error, OperationalError) else None
    if isinstance(cause, sqlite3.OperationalError):
        code = getattr(cause, "sqlite_errorcode", sqlite3.SQLITE_ERROR)
        if code & 0xFF == sqlite3.SQLITE_FULL or code == sqlite3.SQLITE_IOERR_SHMSIZE:
            return _NO_ROOM
        return _BUSY if code & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED) else _AWAY
    if isinstance(cause, psycopg.errors.DiskFull):
        return _NO_ROOM
    # What carries a code came from a server that still talks; the classes 08, 57 and 58 say that it ends or fails.
    code = getattr(cause, "sqlstate", None)
    ended = code is None or (code[:2] in ("08", "57", "58") and code != _CANCELLED)
    return _AWAY if ended else _BUSY


def is_full(error: OSError) -> bool:
    """Whether the system says that a disk, or our share of it, is full."""
    return error.errno in _FULL


def answer(outage: Outage, request_id: str) -> Response:
    """The page, made without a question to any database."""
    # Not render_template: its context processors ask the database who is reading.
    page = current_app.jinja_env.get_template("outage.html").render(
        outage=outage,
        request_id=request_id,
        posted=request.method == "POST",
        sent=handback.sent(),
        unseen=handback.FRAME_FIELDS,
    )
    return make_response(page, HTTPStatus.SERVICE_UNAVAILABLE, {"Retry-After": str(outage.retry_after)})

"""Files people send: checked, kept by content in the data folder, synced to disk before the row that names them.

Two phases, so that no transaction waits for a disk: ``receive`` writes and checks, ``add`` writes the row. A file whose
row never came is swept after a day.
"""

import hashlib
import json
import os
import re
import tempfile
import time
import unicodedata
import zipfile
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import BinaryIO

import puremagic
import structlog
from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, or_, select, update
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column

from hiring.ground import documents, turns
from hiring.ground.config import settings
from hiring.ground.database import Base, Id, db, end_reading, writing
from hiring.ground.documents import DOCX, JSON, PDF, TEXT
from hiring.ground.jobs import job

_CHUNK = 64 * 1024
_MAX_NAME = 120
_ORPHAN_AGE = timedelta(days=1)
_DISCARD_SECONDS = 600
"""Long enough that an upload of the same content, under way in this instant, gets its row first."""
_READING_LEASE = timedelta(minutes=5)
_SUFFIXES = {PDF: ".pdf", DOCX: ".docx", TEXT: ".txt", JSON: ".json"}
_DISGUISED_TEXT = re.compile(r"<\s*(!doctype|!--|\?xml|html|head|body|svg|script)|\{\\rtf|%!ps", re.IGNORECASE)
_DAMAGED = "The file is damaged. Please save it anew and send it again."

log = structlog.get_logger()


class TextState(StrEnum):
    """Where a file's text stands: to be read by the worker, read, unreadable, or not wanted."""

    WAITING = "waiting"
    DONE = "done"
    FAILED = "failed"
    NONE = "none"


class StoredFile(Base):
    """One file somebody gave us; ``name`` is for display, the content lies under its ``sha256``. ``size`` in bytes."""

    __tablename__ = "stored_file"
    __table_args__ = (
        CheckConstraint("size > 0", name="has_content"),
        CheckConstraint("text_state <> 'done' OR text IS NOT NULL", name="done_has_text"),
        CheckConstraint("text_state <> 'failed' OR text_error IS NOT NULL", name="failed_says_why"),
        # Read by the job that extracts texts.
        Index(
            "ix_stored_file_waiting",
            "id",
            sqlite_where=sql("text_state = 'waiting'"),
            postgresql_where=sql("text_state = 'waiting'"),
        ),
    )
    id: Mapped[Id]
    sha256: Mapped[str] = mapped_column(index=True)
    size: Mapped[int]
    media_type: Mapped[str]
    name: Mapped[str]
    uploaded_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    uploaded_at: Mapped[datetime]
    text: Mapped[str | None] = mapped_column(Text, deferred=True)
    text_state: Mapped[TextState]
    text_error: Mapped[str | None]
    text_claimed_at: Mapped[datetime | None]


class UnacceptableFile(Exception):
    """We do not take this file; ``str`` says why and what to send instead, in plain sentences."""


class NotStored(Exception):
    """The data folder takes no file now, nothing of it was kept; pages answer 503."""


@dataclass(frozen=True, slots=True)
class Received:
    """A checked file that lies synced in the data folder and waits for its row. ``size`` in bytes."""

    sha256: str
    size: int
    media_type: str
    name: str


def receive(stream: BinaryIO, name: str, limit_bytes: int) -> Received:
    """Write a stream to the data folder and check what it is; outside of any transaction.

    Raises UnacceptableFile and NotStored.
    """
    incoming = _folder() / "incoming"
    try:
        incoming.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=incoming)
    except OSError as error:
        raise NotStored(str(error)) from error
    path = Path(temporary)
    try:
        end_reading()
        turns.pass_on()
        digest, size = _write(handle, stream, limit_bytes)
        media_type = _media_type(path, name)
        target = _path(digest)
        target.parent.mkdir(mode=0o700, exist_ok=True)
        path.replace(target)
        _sync_folder(target.parent)
        _sync_folder(target.parent.parent)
    except OSError as error:
        raise NotStored(str(error)) from error
    finally:
        path.unlink(missing_ok=True)
    return Received(digest, size, media_type, display_name(name, media_type))


def add(received: Received, now: datetime, uploaded_by: int | None) -> StoredFile:
    """Write the row of a received file, in the caller's transaction; its text is read later by the worker."""
    try:
        os.utime(_path(received.sha256))  # young again: the sweep must not take it for an orphan
    except FileNotFoundError as error:
        raise UnacceptableFile("The upload took too long and was cleared away. Please send the file again.") from error
    row = StoredFile(
        sha256=received.sha256,
        size=received.size,
        media_type=received.media_type,
        name=received.name,
        uploaded_by=uploaded_by,
        uploaded_at=now,
        text_state=TextState.WAITING,
    )
    db.session.add(row)
    db.session.flush()
    return row


def discard(stored: StoredFile) -> None:
    """Delete a row in the caller's transaction (erasure); content that no other row names is swept within two hours."""
    soon = time.time() - _ORPHAN_AGE.total_seconds() + _DISCARD_SECONDS
    with suppress(FileNotFoundError):
        os.utime(path(stored), (soon, soon))
    db.session.delete(stored)
    db.session.flush()


def path(stored: StoredFile) -> Path:
    """Where the content lies."""
    return _path(stored.sha256)


def display_name(name: str, media_type: str) -> str:
    """A harmless name for lists and downloads: no folders, no invisible characters, the suffix of what it really is."""
    base = re.split(r"[/\\]", name)[-1]
    base = " ".join("".join(char if char.isprintable() else " " for char in base).split()).strip(" .")
    base = "".join(char for char in base if unicodedata.category(char) not in {"Cf", "Co", "Cs"})
    suffix = _SUFFIXES[media_type]
    stem = base[: -len(suffix)] if base.lower().endswith(suffix) else base
    return f"{stem[: _MAX_NAME - len(suffix)].strip() or 'file'}{suffix}"


def _folder() -> Path:
    return settings().data_dir / "files"


def _path(sha256: str) -> Path:
    return _folder() / sha256[:2] / sha256


def _write(handle: int, stream: BinaryIO, limit_bytes: int) -> tuple[str, int]:
    digest, size = hashlib.sha256(), 0
    with os.fdopen(handle, "wb") as out:
        while chunk := stream.read(_CHUNK):
            size += len(chunk)
            if size > limit_bytes:
                raise UnacceptableFile(f"The file is larger than {_megabytes(limit_bytes)}. Please send a smaller one.")
            digest.update(chunk)
            out.write(chunk)
        if size == 0:
            raise UnacceptableFile("The file is empty. Please choose another one.")
        out.flush()
        os.fsync(out.fileno())
    return digest.hexdigest(), size


def _megabytes(size: int) -> str:
    return f"{size / (1024 * 1024):g} MB" if size >= 1024 * 1024 else f"{size / 1024:g} KB"


def _sync_folder(folder: Path) -> None:
    """Make a new name in a folder durable; Windows cannot open folders and needs no such thing."""
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _media_type(file: Path, name: str) -> str:
    """What the content is, by its structure, never by its name alone; raises UnacceptableFile."""
    with file.open("rb") as stream:
        head = stream.read(2048)
    if head.startswith(b"%PDF-"):
        return _pdf_or_refuse(file)
    if head.startswith(b"PK\x03\x04"):
        return _docx_or_refuse(file)
    return _text_or_refuse(file, head, name)


def _pdf_or_refuse(file: Path) -> str:
    """A PDF that opens; one without text, a scan, is as good. A child process looks, because parsers can be led on."""
    problem = documents.why_not_open(file, PDF)
    if problem == documents.LOCKED:
        raise UnacceptableFile(f"{problem} Nobody here could open it; please save it without one and send it again.")
    if problem:
        raise UnacceptableFile(_DAMAGED)
    return PDF


def _docx_or_refuse(file: Path) -> str:
    try:
        with zipfile.ZipFile(file) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, NotImplementedError, ValueError) as error:
        raise UnacceptableFile(_DAMAGED) from error
    if not {"word/document.xml", "[Content_Types].xml"} <= names:
        raise UnacceptableFile("This is an archive, not a Word document. Please send a PDF, Word (DOCX) or text file.")
    if any(name.lower().endswith("vbaproject.bin") for name in names):
        raise UnacceptableFile("This Word document carries macros. Please save it as DOCX without macros, or as PDF.")
    return DOCX


def _text_or_refuse(file: Path, head: bytes, name: str) -> str:
    try:
        content = file.read_text("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _refused_kind(head) from error
    if any(ord(char) < 32 and char not in "\t\n\r\f" for char in content):
        raise _refused_kind(head)
    if _DISGUISED_TEXT.match(content.lstrip()):
        raise UnacceptableFile(
            "Web pages, drawings and RTF are not taken. Please send a PDF, Word (DOCX) or text file."
        )
    if name.lower().endswith(".json"):
        try:
            json.loads(content)
        except (ValueError, RecursionError) as error:
            raise UnacceptableFile(f"The file is called JSON but cannot be read as such: {error}.") from error
        return JSON
    return TEXT


def _refused_kind(head: bytes) -> UnacceptableFile:
    found = ""
    with suppress(puremagic.PureError, ValueError):
        found = puremagic.magic_string(head)[0].name
    kind = f"This looks like: {found}. " if found else "This is no document we can read. "
    return UnacceptableFile(f"{kind}Please send a PDF, a Word document (DOCX), or a text saved as UTF-8.")


@job("files.sweep_orphans", every=timedelta(hours=1))
def sweep_orphans(now: datetime) -> int:
    """Delete files older than a day that no row names; returns how many."""
    # The machine stamps files with its own time, which a demo's clock may have left behind.
    swept, oldest = 0, min(now.timestamp(), time.time()) - _ORPHAN_AGE.total_seconds()
    for folder in sorted(_folder().glob("*")):
        old = [file for file in folder.glob("*") if _written_before(file, oldest)]
        for start in range(0, len(old), 500):
            batch = old[start : start + 500]
            names = [file.name for file in batch]
            named = set(db.session.scalars(select(StoredFile.sha256).where(StoredFile.sha256.in_(names))))
            db.session.rollback()
            for file in batch:
                # Asked again: the same content may have arrived anew since.
                if file.name not in named and _written_before(file, oldest):
                    file.unlink(missing_ok=True)
                    swept += 1
    return swept


def _written_before(file: Path, instant: float) -> bool:
    try:
        return file.stat().st_mtime < instant
    except FileNotFoundError:
        return False


@job("files.extract_waiting_texts", every=timedelta(seconds=5))
def extract_waiting_texts(now: datetime, at_most: int = 20) -> int:
    """Read the text of files that wait for it, one claimed row at a time; returns how many were read or given up."""
    handled = 0
    while handled < at_most and (claimed := _claim_waiting(now)) is not None:
        file_id, sha256, media_type = claimed
        outcome: dict[str, object]
        try:
            text = documents.extract_text(_path(sha256), media_type)
            outcome = {"text": text, "text_state": TextState.DONE}
        except documents.Unreadable as error:
            outcome = {"text_error": str(error), "text_state": TextState.FAILED}
        with writing():
            db.session.execute(
                update(StoredFile).where(StoredFile.id == file_id).values(text_claimed_at=None, **outcome)
            )
        handled += 1
    return handled


def _claim_waiting(now: datetime) -> tuple[int, str, str] | None:
    free = or_(StoredFile.text_claimed_at.is_(None), StoredFile.text_claimed_at <= now - _READING_LEASE)
    waiting = (StoredFile.text_state == TextState.WAITING, free)
    candidates = db.session.scalars(select(StoredFile.id).where(*waiting).order_by(StoredFile.id).limit(20)).all()
    db.session.rollback()
    for file_id in candidates:
        claim = update(StoredFile).where(StoredFile.id == file_id, *waiting).values(text_claimed_at=now)
        claim = claim.execution_options(synchronize_session=False)
        with writing():
            row = db.session.execute(claim.returning(StoredFile.id, StoredFile.sha256, StoredFile.media_type)).first()
        if row is not None:
            return row.id, row.sha256, row.media_type
    return None

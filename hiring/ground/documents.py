"""Text from documents that strangers send: read in a process of its own, with limits on everything.

``python -m hiring.ground.documents read FILE TYPE`` prints ``{"text": …}`` or ``{"error": …}``; ``open`` instead of
``read`` only looks whether the document opens at all. This module imports nothing of the application, so that the
child starts quickly and knows no secret.
"""

import json
import os
import subprocess
import sys
import unicodedata
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import BoundedSemaphore

from hiring.ground.paths import PACKAGE

PDF = "application/pdf"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
TEXT = "text/plain"
JSON = "application/json"

MAX_PAGES = 50
MAX_CHARACTERS = 200_000
MAX_UNPACKED_BYTES = 20 * 1024 * 1024
_MAX_MEMORY_BYTES = 1024 * 1024 * 1024
_MAX_CPU_SECONDS = 20
_MAX_SECONDS = 30
_OPEN_SECONDS = 10
DAMAGED = "The document is damaged and cannot be read."
LOCKED = "The PDF is protected by a password."

_gate = BoundedSemaphore(2)
"""Documents that web threads of this process look into at once."""


class Unreadable(Exception):
    """No text can be had from this document; ``str`` says why in a plain sentence."""


def extract_text(path: Path, media_type: str, *, seconds: float = _MAX_SECONDS) -> str:
    """Return at most MAX_CHARACTERS of text, of the first MAX_PAGES pages; raises Unreadable."""
    return str(_ask_child("read", path, media_type, seconds)["text"])


def why_not_open(path: Path, media_type: str, *, seconds: float = _OPEN_SECONDS) -> str:
    """Why nobody can open this document, in a plain sentence; empty when it opens, with or without text in it.

    Also empty when that is not known within ``seconds``, or others are being looked into: nobody queues for it. The
    file is kept then, and whoever reads its text says more.
    """
    if not _gate.acquire(blocking=False):
        return ""
    try:
        _ask_child("open", path, media_type, seconds)
    except Unreadable as error:
        return str(error) if str(error) in {DAMAGED, LOCKED} else ""
    finally:
        _gate.release()
    return ""


def _ask_child(what: str, path: Path, media_type: str, seconds: float) -> dict[str, object]:
    keep = ("PATH", "PYTHONPATH", "SYSTEMROOT", "LANG")
    try:
        child = subprocess.run(  # noqa: S603  (our own module; the path is content-addressed)
            [sys.executable, "-m", "hiring.ground.documents", what, str(path.resolve()), media_type],
            capture_output=True,
            timeout=seconds,
            check=False,
            cwd=PACKAGE.parent,
            env={name: os.environ[name] for name in keep if name in os.environ} | {"PYTHONIOENCODING": "utf-8"},
        )
        answer: dict[str, object] = json.loads(child.stdout)
    except subprocess.TimeoutExpired as error:
        raise Unreadable("Reading the document took too long.") from error
    except ValueError as error:
        raise Unreadable("The document needs more memory or time to read than we give it.") from error
    if "error" in answer:
        raise Unreadable(str(answer["error"]))
    return answer


def _read(path: Path, media_type: str) -> str:
    readers = {PDF: _read_pdf, DOCX: _read_docx, TEXT: _read_plain, JSON: _read_plain}
    if media_type not in readers:
        raise Unreadable(f"No text can be read from {media_type}.")
    with _damage_named():
        return _clean(_up_to_limit(readers[media_type](path)))


def _open(path: Path, media_type: str) -> str:
    """Find the first page of a PDF; nothing is asked of other types, and no text."""
    if media_type == PDF:
        import pypdf  # only the child pays for the parsers

        with _damage_named():
            reader = pypdf.PdfReader(path)
            if reader.is_encrypted and (opened := _opens_without_password(reader)) is not True:
                if opened is None:
                    return ""
                raise Unreadable(LOCKED)
            _ = reader.pages[0]
    return ""


@contextmanager
def _damage_named() -> Iterator[None]:
    try:
        yield
    except (Unreadable, MemoryError):
        raise
    except Exception as error:
        raise Unreadable(DAMAGED) from error


def _up_to_limit(parts: Iterator[str]) -> str:
    gathered: list[str] = []
    room = MAX_CHARACTERS
    for part in parts:
        gathered.append(part[:room])
        room -= len(part) + 1
        if room <= 0:
            break
    return "\n".join(gathered)[:MAX_CHARACTERS]


def _clean(text: str) -> str:
    """Leave only characters that both databases hold and a page can show."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    kept = (char for char in text if char in "\n\t" or unicodedata.category(char) not in {"Cc", "Cs", "Co", "Cn"})
    return "".join(kept).strip()


def _read_plain(path: Path) -> Iterator[str]:
    with path.open(encoding="utf-8-sig") as stream:
        yield stream.read(MAX_CHARACTERS)


def _read_pdf(path: Path) -> Iterator[str]:
    import pypdf  # only the child pays for the parsers

    reader = pypdf.PdfReader(path)
    if reader.is_encrypted and (opened := _opens_without_password(reader)) is not True:
        raise Unreadable(LOCKED if opened is False else "The PDF is encrypted in a way that is not read here.")
    for number, page in enumerate(reader.pages):
        if number == MAX_PAGES:
            return
        yield page.extract_text()


def _opens_without_password(reader: object) -> bool | None:
    """None: a cipher that this installation cannot read, though a reader of PDFs might open it."""
    from pypdf import PasswordType
    from pypdf.errors import PyPdfError

    try:
        return reader.decrypt("") is not PasswordType.NOT_DECRYPTED  # type: ignore[attr-defined]
    except PyPdfError:
        return None


def _read_docx(path: Path) -> Iterator[str]:
    import docx
    from docx.table import Table

    with zipfile.ZipFile(path) as archive:
        if sum(entry.file_size for entry in archive.infolist()) > MAX_UNPACKED_BYTES:
            raise Unreadable("The document unpacks to more than 20 MB.")
    for block in docx.Document(str(path)).iter_inner_content():
        if isinstance(block, Table):
            for row in block.rows:
                yield "\t".join(dict.fromkeys(cell.text for cell in row.cells))
        else:
            yield block.text


def _limit_resources() -> None:
    if sys.platform != "win32":
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (_MAX_MEMORY_BYTES, _MAX_MEMORY_BYTES))
        resource.setrlimit(resource.RLIMIT_CPU, (_MAX_CPU_SECONDS, _MAX_CPU_SECONDS))
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))  # it reads; it writes nothing but its answer


def main(arguments: list[str]) -> None:
    """The child's work: print the text or why there is none, as JSON."""
    _limit_resources()
    what, path, media_type = arguments
    try:
        answer = {"text": (_open if what == "open" else _read)(Path(path), media_type)}
    except Unreadable as error:
        answer = {"error": str(error)}
    except MemoryError:
        answer = {"error": "The document needs more memory to read than we give it."}
    sys.stdout.write(json.dumps(answer))


if __name__ == "__main__":
    main(sys.argv[1:])

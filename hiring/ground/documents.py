"""Text from documents that strangers send: read in a process of its own, with limits on everything.

``python -m hiring.ground.documents FILE TYPE`` prints ``{"text": …}`` or ``{"error": …}``; this module imports nothing
of the application, so that the child starts quickly and knows no secret.
"""

import json
import os
import subprocess
import sys
import unicodedata
import zipfile
from collections.abc import Iterator
from pathlib import Path

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


class Unreadable(Exception):
    """No text can be had from this document; ``str`` says why in a plain sentence."""


def extract_text(path: Path, media_type: str, *, seconds: float = _MAX_SECONDS) -> str:
    """Return at most MAX_CHARACTERS of text, of the first MAX_PAGES pages; raises Unreadable."""
    keep = ("PATH", "PYTHONPATH", "SYSTEMROOT", "LANG")
    try:
        child = subprocess.run(  # noqa: S603  (our own module; the path is content-addressed)
            [sys.executable, "-m", "hiring.ground.documents", str(path.resolve()), media_type],
            capture_output=True,
            timeout=seconds,
            check=False,
            cwd=PACKAGE.parent,
            env={name: os.environ[name] for name in keep if name in os.environ} | {"PYTHONIOENCODING": "utf-8"},
        )
        answer = json.loads(child.stdout)
    except subprocess.TimeoutExpired as error:
        raise Unreadable("Reading the document took too long.") from error
    except ValueError as error:
        raise Unreadable("The document needs more memory or time to read than we give it.") from error
    if "error" in answer:
        raise Unreadable(str(answer["error"]))
    return str(answer["text"])


def _read(path: Path, media_type: str) -> str:
    readers = {PDF: _read_pdf, DOCX: _read_docx, TEXT: _read_plain, JSON: _read_plain}
    if media_type not in readers:
        raise Unreadable(f"No text can be read from {media_type}.")
    try:
        return _clean(_up_to_limit(readers[media_type](path)))
    except (Unreadable, MemoryError):
        raise
    except Exception as error:
        raise Unreadable("The document is damaged and cannot be read.") from error


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
    if reader.is_encrypted and not _opens_without_password(reader):
        raise Unreadable("The PDF is protected by a password.")
    for number, page in enumerate(reader.pages):
        if number == MAX_PAGES:
            return
        yield page.extract_text()


def _opens_without_password(reader: object) -> bool:
    from pypdf import PasswordType
    from pypdf.errors import PyPdfError

    try:
        return reader.decrypt("") is not PasswordType.NOT_DECRYPTED  # type: ignore[attr-defined]
    except PyPdfError:
        return False  # a cipher that this installation cannot read


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
    path, media_type = arguments
    try:
        answer = {"text": _read(Path(path), media_type)}
    except Unreadable as error:
        answer = {"error": str(error)}
    except MemoryError:
        answer = {"error": "The document needs more memory to read than we give it."}
    sys.stdout.write(json.dumps(answer))


if __name__ == "__main__":
    main(sys.argv[1:])

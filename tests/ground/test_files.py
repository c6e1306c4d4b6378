import io
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask

from hiring.ground import files
from hiring.ground.config import Settings
from hiring.ground.database import db, writing
from hiring.ground.documents import DOCX, JSON, PDF, TEXT
from hiring.ground.files import NotStored, StoredFile, TextState, UnacceptableFile, add, extract_waiting_texts, receive
from tests.conftest import NOON
from tests.ground import samples

LIMIT = 10 * 1024 * 1024


def keep(content: bytes, name: str = "cv.txt") -> StoredFile:
    received = receive(io.BytesIO(content), name, LIMIT)
    with writing():
        return add(received, NOON, None)


def kept_files(settings: Settings) -> set[str]:
    return {file.name for file in (settings.data_dir / "files").rglob("*") if file.is_file()}


@pytest.mark.parametrize(
    ("content", "name", "media_type", "shown"),
    [
        (samples.pdf("Words"), "Zoë Ödegaard.pdf", PDF, "Zoë Ödegaard.pdf"),
        (samples.scan(), "scan.pdf", PDF, "scan.pdf"),
        (samples.word("Words"), "C:\\Users\\me\\CV.DOCX", DOCX, "CV.docx"),
        ("Zoë’s life".encode(), "../../etc/passwd", TEXT, "passwd.txt"),
        (b'{"basics": {}}', "resume.json", JSON, "resume.json"),
        (b"plain words", "evil.html", TEXT, "evil.html.txt"),
        (b"BM is how BMW begins", "\u202etxt.exe\r\n", TEXT, "txt.exe.txt"),
        (b"words", "", TEXT, "file.txt"),
        (b"words", "n" * 300 + ".txt", TEXT, "n" * 116 + ".txt"),
    ],
)
def test_a_document_is_kept_under_a_harmless_name_with_the_suffix_of_what_it_is(
    app: Flask, content: bytes, name: str, media_type: str, shown: str
) -> None:
    stored = keep(content, name)
    assert files.path(stored).read_bytes() == content
    assert (stored.media_type, stored.name, stored.size) == (media_type, shown, len(content))


@pytest.mark.parametrize(
    ("content", "name", "words"),
    [
        (b"", "cv.pdf", "empty"),
        (b"x" * (LIMIT + 1), "cv.txt", "larger than 10 MB"),
        (b"\x89PNG\r\n\x1a\n" + bytes(100), "cv.pdf", "Portable Network Graphics"),
        (b"MZ\x90\x00" + bytes(range(256)), "cv.pdf", "Please send a PDF"),
        ("Zoë".encode("latin-1"), "cv.txt", "UTF-8"),
        (b"words\x00words", "cv.txt", "UTF-8"),
        (b"  <!DOCTYPE html><p>", "cv.txt", "Web pages"),
        (b"<script>alert(1)</script>", "cv.txt", "Web pages"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "cv.svg", "drawings"),
        (b"\xef\xbb\xbf<?xml version='1.0'?><svg/>", "cv.txt", "drawings"),
        (b"{\\rtf1 words}", "cv.rtf", "RTF"),
        (samples.archive(a_txt=b"words"), "cv.docx", "archive"),
        (b"PK\x03\x04 broken", "cv.docx", "damaged"),
        (b"%PDF-1.4\nthis is no PDF at all", "cv.pdf", "damaged"),
        (samples.protected_pdf("reader"), "cv.pdf", "save it without one"),
        (samples.extended(samples.word("x"), word__vbaProject_bin=b"x"), "cv.docx", "macros"),
        (b"{'not': json}", "resume.json", "JSON"),
        (b"[" * 200_000, "resume.json", "JSON"),
    ],
)
def test_anything_else_is_refused_in_plain_words_and_leaves_nothing_behind(
    app: Flask, settings: Settings, content: bytes, name: str, words: str
) -> None:
    before = kept_files(settings)
    with pytest.raises(UnacceptableFile, match=words):
        receive(io.BytesIO(content), name, LIMIT)
    assert kept_files(settings) == before


def test_the_same_content_lies_there_once_and_has_a_row_per_upload(app: Flask) -> None:
    first, second = keep(b"the same words", "a.txt"), keep(b"the same words", "b.txt")
    assert first.id != second.id
    assert files.path(first) == files.path(second)


def test_a_data_folder_that_takes_nothing_is_no_fault_of_the_file(app: Flask, settings: Settings) -> None:
    folder = settings.data_dir / "files"
    aside = folder.rename(folder.with_name("aside")) if folder.exists() else None
    folder.write_text("in the way")
    try:
        with pytest.raises(NotStored):
            receive(io.BytesIO(b"words"), "cv.txt", LIMIT)
    finally:
        folder.unlink()
        if aside:
            aside.rename(folder)


def age(path: Path) -> None:
    old = (NOON - timedelta(hours=25)).timestamp()
    os.utime(path, (old, old))


def test_only_old_files_without_a_row_are_swept(app: Flask, settings: Settings) -> None:
    named = files.path(keep(b"named and old"))
    orphan = files._path(receive(io.BytesIO(b"orphan and old"), "cv.txt", LIMIT).sha256)
    fresh = files._path(receive(io.BytesIO(b"orphan but fresh"), "cv.txt", LIMIT).sha256)
    torn = settings.data_dir / "files" / "incoming" / "torn upload"
    torn.write_bytes(b"half")
    for old in (named, orphan, torn):
        age(old)
    assert files.sweep_orphans(NOON) >= 2
    assert (named.exists(), fresh.exists(), orphan.exists(), torn.exists()) == (True, True, False, False)


def test_an_old_orphan_that_gets_its_row_at_last_is_young_again(app: Flask) -> None:
    received = receive(io.BytesIO(b"late row"), "cv.txt", LIMIT)
    age(files._path(received.sha256))
    with writing():
        add(received, NOON, None)
    assert files._path(received.sha256).stat().st_mtime > (NOON - timedelta(hours=24)).timestamp()


def test_discarded_content_is_swept_soon_unless_another_row_names_it(app: Flask) -> None:
    alone, shared, other = keep(b"erase me"), keep(b"shared words"), keep(b"shared words")
    gone, stays = files.path(alone), files.path(shared)
    with writing():
        for stored in (alone, shared):
            files.discard(db.session.merge(stored))
    assert [row.id for row in db.session.query(StoredFile)] == [other.id]
    for file in (gone, stays):
        written = file.stat().st_mtime
        os.utime(file, (written - 601, written - 601))
    files.sweep_orphans(datetime.now(UTC))
    assert (gone.exists(), stays.exists()) == (False, True)


def test_a_row_is_never_written_for_content_that_is_gone(app: Flask) -> None:
    received = receive(io.BytesIO(b"swept in between"), "cv.txt", LIMIT)
    files._path(received.sha256).unlink()
    with pytest.raises(UnacceptableFile, match="send the file again"), writing():
        add(received, NOON, None)
    assert db.session.query(StoredFile).count() == 0


def test_waiting_texts_are_read_and_one_failure_never_stops_the_rest(app: Flask) -> None:
    bad = keep(samples.extended(samples.word("Small"), word__media__image_xml=bytes(21 * 1024 * 1024)), "big.docx").id
    good = keep(samples.pdf("Built ferries"), "cv.pdf").id
    assert extract_waiting_texts(NOON) == 2
    db.session.rollback()
    read, failed = db.session.get_one(StoredFile, good), db.session.get_one(StoredFile, bad)
    assert (read.text_state, read.text) == (TextState.DONE, "Built ferries")
    assert (failed.text_state, failed.text_error) == (TextState.FAILED, "The document unpacks to more than 20 MB.")
    assert extract_waiting_texts(NOON) == 0


def test_a_text_that_another_worker_reads_is_left_to_it_until_its_lease_ends(app: Flask) -> None:
    received = receive(io.BytesIO(b"claimed words"), "cv.txt", LIMIT)
    with writing():
        keep_claimed = add(received, NOON, None)
        keep_claimed.text_claimed_at = NOON
    assert extract_waiting_texts(NOON + timedelta(minutes=4)) == 0
    assert extract_waiting_texts(NOON + timedelta(minutes=5)) == 1

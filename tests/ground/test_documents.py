import time
from pathlib import Path

import pytest

from hiring.ground import documents
from hiring.ground.documents import (
    DOCX,
    JSON,
    MAX_CHARACTERS,
    MAX_PAGES,
    PDF,
    TEXT,
    Unreadable,
    extract_text,
    why_not_open,
)
from tests.ground import samples


def text_of(folder: Path, content: bytes, media_type: str) -> str:
    file = folder / "document"
    file.write_bytes(content)
    return extract_text(file, media_type)


def test_the_text_of_every_page_of_a_pdf_is_read(tmp_path: Path) -> None:
    assert text_of(tmp_path, samples.pdf("Built ferries", "Led nine people"), PDF) == "Built ferries\nLed nine people"


def test_paragraphs_and_tables_of_a_word_document_are_read_in_order(tmp_path: Path) -> None:
    content = samples.word("Experience", "Zoë built it", table=("2019", "Oslo"))
    assert text_of(tmp_path, content, DOCX) == "Experience\nZoë built it\n2019\tOslo"


@pytest.mark.parametrize("media_type", [TEXT, JSON])
def test_plain_text_loses_only_what_no_page_can_show(tmp_path: Path, media_type: str) -> None:
    content = "\ufeffZoë\r\nbuilt\x07 it\x00 \U0001f6a2".encode()
    assert text_of(tmp_path, content, media_type) == "Zoë\nbuilt it \U0001f6a2"


def test_a_pdf_under_a_password_is_named_as_such(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="protected by a password"):
        text_of(tmp_path, samples.protected_pdf("reader"), PDF)


def test_a_pdf_that_only_its_owner_may_change_is_read(tmp_path: Path) -> None:
    assert text_of(tmp_path, samples.protected_pdf(""), PDF) == "Secret words"


@pytest.mark.parametrize(
    ("content", "media_type"),
    [(b"%PDF-1.7 and then nothing", PDF), (b"PK\x03\x04 and then nothing", DOCX), (b"\xff\xfe\xfd", TEXT)],
)
def test_a_damaged_document_is_named_as_such(tmp_path: Path, content: bytes, media_type: str) -> None:
    with pytest.raises(Unreadable, match="damaged"):
        text_of(tmp_path, content, media_type)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (samples.pdf("Words"), ""),
        (samples.scan(), ""),
        (samples.protected_pdf(""), ""),
        (samples.protected_pdf("reader"), "protected by a password"),
        (b"%PDF-1.4\n" + bytes(range(256)) * 20, "damaged"),
        (samples.pdf(), "damaged"),
    ],
    ids=["text", "scan", "owner password only", "reader password", "junk", "no page"],
)
def test_whether_a_pdf_opens_is_known_without_asking_for_its_text(tmp_path: Path, content: bytes, words: str) -> None:
    file = tmp_path / "document"
    file.write_bytes(content)
    found = why_not_open(file, PDF)
    assert words in found and bool(found) is bool(words)


def test_a_pdf_that_takes_too_long_to_open_is_kept_for_the_worker(tmp_path: Path) -> None:
    file = tmp_path / "document"
    file.write_bytes(b"%PDF-1.4 junk")
    assert why_not_open(file, PDF, seconds=0.001) == ""


def test_while_others_are_looked_into_a_pdf_is_kept_for_the_worker_and_nobody_waits(tmp_path: Path) -> None:
    file = tmp_path / "document"
    file.write_bytes(b"%PDF-1.4 junk")
    begun = time.monotonic()
    with documents._gate, documents._gate:
        assert why_not_open(file, PDF, seconds=30) == ""
    assert time.monotonic() - begun < 15
    assert why_not_open(file, PDF) == documents.DAMAGED


def test_a_document_of_another_type_is_not_read(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="image/png"):
        text_of(tmp_path, b"x", "image/png")


def test_only_the_first_pages_and_characters_are_read(tmp_path: Path) -> None:
    pages = text_of(tmp_path, samples.pdf(*(f"Page {number}" for number in range(1, MAX_PAGES + 2))), PDF)
    assert pages.splitlines()[-1] == f"Page {MAX_PAGES}"
    assert len(text_of(tmp_path, b"x" * (MAX_CHARACTERS + 1), TEXT)) == MAX_CHARACTERS


def test_a_document_that_unpacks_beyond_all_measure_is_not_unpacked(tmp_path: Path) -> None:
    bomb = samples.extended(samples.word("Small"), word__media__image_xml=bytes(21 * 1024 * 1024))
    assert len(bomb) < 100_000
    with pytest.raises(Unreadable, match="20 MB"):
        text_of(tmp_path, bomb, DOCX)


def test_a_document_that_takes_too_long_is_given_up(tmp_path: Path) -> None:
    file = tmp_path / "document"
    file.write_bytes(b"words")
    with pytest.raises(Unreadable, match="too long"):
        extract_text(file, TEXT, seconds=0.001)

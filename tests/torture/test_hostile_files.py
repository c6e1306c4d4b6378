"""Hostile résumés: taken as what they are or refused in words, never run, never unpacked beyond measure."""

import io
import socket
from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from hiring.ground import files
from hiring.ground.config import Settings
from hiring.ground.database import db
from hiring.ground.documents import DOCX, JSON, PDF, TEXT
from hiring.ground.files import StoredFile, TextState
from hiring.pipeline.models import Attachment
from tests.builders import requisition
from tests.cast import Cast, sign_in
from tests.conftest import NOON
from tests.repeats import TORTURE, Repeats
from tests.torture.answers import shown_raw
from tests.torture.documents import NAMES, hostile
from tests.torture.sending import encoded

Listener = socket.socket


@pytest.fixture(autouse=True)
def noon(at) -> None:
    at(NOON)


@pytest.fixture
def listener() -> Iterator[Listener]:
    """A server to which nobody may come."""
    with socket.create_server(("127.0.0.1", 0)) as found:
        found.setblocking(False)
        yield found


def address(listener: Listener) -> str:
    return f"http://127.0.0.1:{listener.getsockname()[1]}"


def nobody_came(listener: Listener) -> bool:
    try:
        listener.accept()[0].close()
    except BlockingIOError:
        return True
    return False


def send(client: FlaskClient, number: int, content: bytes, name: str):
    """Apply with a résumé, each from an address of its own."""
    fields = {"name": "Nadia", "email": f"nadia{number}@candidates.example", "time_zone": "UTC", "consent": "y"}
    body, content_type = encoded([*fields.items(), ("resume", lambda: (io.BytesIO(content), name))])
    return client.post(
        "/careers/R-1/apply",
        data=body,
        content_type=content_type,
        environ_overrides={"REMOTE_ADDR": f"10.0.0.{number}"},
    )


def stored() -> list[StoredFile]:
    return list(db.session.scalars(select(StoredFile).order_by(StoredFile.id)))


def lie(settings: Settings) -> set[str]:
    """Names of all files in the data folder."""
    return {file.name for file in (settings.data_dir / "files").rglob("*") if file.is_file()}


def test_every_hostile_file_is_kept_as_it_is_or_refused_in_words_and_nothing_is_fetched(
    app, client: FlaskClient, cast: Cast, settings: Settings, listener: Listener, repeats: Repeats
) -> None:
    requisition(cast)
    sent = hostile(address(listener))
    chosen = sent if TORTURE else dict(repeats.random.sample(list(sent.items()), 2))
    rita = sign_in(app.test_client(), cast.rita)
    for number, (what, file) in enumerate(chosen.items()):
        before, there = len(stored()), lie(settings)
        content = file.make()
        answer = send(client, number, content, file.name)
        assert answer.status_code == (303 if file.kept else 422), what
        if file.kept:
            holds(rita, stored()[-1], content)
        else:
            assert "field-error" in answer.text and len(stored()) == before and lie(settings) == there, what
        repeats.count("kept" if file.kept else "refused")
    while files.extract_waiting_texts(NOON):
        pass
    db.session.rollback()
    for row in stored():
        assert row.text_state in {TextState.DONE, TextState.FAILED}
        assert "root:" not in (row.text or "") and len(row.text or "") <= 200_000
        repeats.count(row.text_state)
    assert nobody_came(listener)


def holds(reader: FlaskClient, row: StoredFile, content: bytes) -> None:
    """What is downloaded is what was sent, to be saved, under a harmless name."""
    attachment = db.session.scalars(select(Attachment.id).where(Attachment.file_id == row.id)).one()
    answer = reader.get(f"/files/{attachment}")
    assert answer.status_code == 200 and answer.data == content
    assert answer.mimetype == row.media_type and row.media_type in {PDF, DOCX, TEXT, JSON}
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer.headers["Content-Disposition"].startswith("attachment; filename=")
    assert "Set-Cookie" not in answer.headers
    answer.close()


def test_names_of_files_lead_nowhere_and_are_shown_as_text(
    app, client: FlaskClient, cast: Cast, settings: Settings, repeats: Repeats
) -> None:
    built = requisition(cast)
    names = NAMES if TORTURE else repeats.random.sample(NAMES, 2)
    rita = sign_in(app.test_client(), cast.rita)
    above = set(settings.data_dir.iterdir())
    for number, name in enumerate(names):
        content = f"Words of {number}.".encode()
        answer = send(client, number, content, name)
        assert answer.status_code == 303, name
        row = stored()[-1]
        assert files.path(row).parent.parent == settings.data_dir / "files"
        assert not set(row.name) & set("/\\\x00\r\n\u202e\u2066") and len(row.name) <= 120 and row.name.endswith(".txt")
        assert not row.name.startswith(".")
        holds(rita, row, content)
        owner = db.session.scalars(select(Attachment.application_id).where(Attachment.file_id == row.id)).one()
        page = rita.get(f"/applications/{owner}")
        assert page.status_code == 200 and shown_raw(page.text) == []
    assert rita.get(f"/requisitions/{built.requisition_id}/resumes").status_code == 200
    assert set(settings.data_dir.iterdir()) <= above | {settings.data_dir / "files"}
    repeats.note(names=len(names))


def test_whoever_fetches_what_a_document_names_would_be_seen(listener: Listener) -> None:
    with socket.create_connection(listener.getsockname()):
        assert not nobody_came(listener)
    assert nobody_came(listener)

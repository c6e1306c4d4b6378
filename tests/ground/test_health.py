from pathlib import Path

from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from hiring.ground import files
from hiring.ground.config import Settings
from hiring.ground.database import db, schema_change, writing
from hiring.ground.files import StoredFile, TextState
from hiring.ground.paths import resource
from tests.conftest import NOON


def stamp(revision: str | None = None) -> None:
    """Mark the database as migrated to the newest revision, or to one that does not exist."""
    with schema_change():
        context = MigrationContext.configure(db.session.connection())
        context.stamp(ScriptDirectory(str(resource("migrations"))), "heads")
        context._ensure_version_table()
        if revision:
            db.session.execute(text("DELETE FROM alembic_version"))
            db.session.execute(text("INSERT INTO alembic_version VALUES (:revision)"), {"revision": revision})
        db.session.commit()


def test_a_stranger_learns_that_the_process_lives(client: FlaskClient) -> None:
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json) == (200, {"status": "alive"})


def test_a_migrated_database_and_a_writable_folder_are_ready(client: FlaskClient) -> None:
    stamp()
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json) == (200, {"status": "ready", "failed": []})


def test_a_database_that_is_not_migrated_is_not_ready(client: FlaskClient) -> None:
    stamp("no_such_revision")
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json) == (503, {"status": "unready", "failed": ["migrations"]})


def test_a_data_folder_that_is_gone_is_not_ready(client: FlaskClient, settings: Settings) -> None:
    stamp()
    aside = settings.data_dir.with_name(settings.data_dir.name + "-aside")
    settings.data_dir.rename(aside)
    try:
        answer = client.get("/readyz")
    finally:
        aside.rename(settings.data_dir)
    assert answer.status_code == 503
    assert "data_folder" in (answer.json or {})["failed"]


def test_a_node_without_the_shared_files_is_not_ready(app: Flask, client: FlaskClient) -> None:
    stamp()
    with writing():
        row = StoredFile(
            sha256="0" * 64, size=1, media_type="text/plain", name="a.txt", uploaded_at=NOON, text_state=TextState.NONE
        )
        db.session.add(row)
    assert (client.get("/readyz").json or {})["failed"] == ["files"]
    path = Path(files._path("0" * 64))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x")
    try:
        assert client.get("/readyz").status_code == 200
    finally:
        path.unlink()

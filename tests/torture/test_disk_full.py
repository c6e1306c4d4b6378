"""A disk that is really full: what was acknowledged stays, what cannot be kept is handed back, and nobody restarts."""

import gc
import io
import sys
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select, text
from werkzeug.test import TestResponse

from hiring.ground import clock, files
from hiring.ground.database import db, schema_change
from hiring.ground.files import StoredFile
from hiring.ground.jobs import run_due
from tests.builders import requisition
from tests.cast import Cast, sign_in
from tests.conftest import Engine
from tests.repeats import Repeats
from tests.torture.faults import MEGABYTE, Volume, postgres_of_its_own, small_volume, sqlite_of_its_own
from tests.torture.referrals import address, applicants, refer, sent_again

MANY = 4000
"""So many writes must fill whatever room pages and logs had left."""
Disk = tuple[Engine, Volume]


@pytest.fixture
def elsewhere() -> Iterator[Path]:
    """A folder on another disk, which servers of another user may enter."""
    with tempfile.TemporaryDirectory(prefix="hiring-elsewhere-") as folder:
        yield Path(folder)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def own(request: pytest.FixtureRequest, elsewhere: Path) -> Iterator[Disk]:
    """Either engine with the cast, whose database lies on a small disk of its own; its files lie elsewhere."""
    if request.param == "sqlite":
        kept = request.getfixturevalue("sqlite_engine")
        with small_volume(16) as volume, sqlite_of_its_own(volume.path, elsewhere, kept) as engine:
            yield engine, volume
    else:
        with small_volume(96) as volume, postgres_of_its_own(volume.path, elsewhere) as (engine, _server):
            yield engine, volume


def checkpoint() -> None:
    """Let PostgreSQL keep log segments for what comes, as a server that has run for a while has them."""
    with schema_change(), db.engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT").execute(text("CHECKPOINT"))


def test_on_a_full_disk_writes_are_handed_back_reads_go_on_and_room_is_all_it_needs(
    own: Disk, repeats: Repeats
) -> None:
    engine, volume = own
    requisition(Cast(engine.cast_ids))
    igor = sign_in(engine.app.test_client(), Cast(engine.cast_ids).igor)
    numbers, kept = iter(range(100_000)), dict[str, int]()
    for _ in range(repeats.times(20)):
        if not engine.sqlite:
            checkpoint()
        assert igor.get("/readyz").json == {"status": "ready", "failed": []}
        volume.fill(leave=repeats.random.randrange(MEGABYTE // 4))
        number, refused = until_refused(igor, numbers, kept, repeats)
        assert (refused.status_code, refused.headers["Retry-After"]) == (503, "60")
        for words in ("No room left", "nothing was changed", f"We built ledger {number} together."):
            assert words in refused.text
        for page in ("/", "/careers/R-1", "/account"):
            assert igor.get(page).status_code == 200
        assert igor.get("/readyz").json == {"status": "unready", "failed": ["database_room"]}
        run_due(engine.app, clock.now())
        assert applicants() == kept
        volume.make_room()
        assert sent_again(igor, refused).status_code == 303
        kept[address(number)] = 1
        assert igor.get("/readyz").status_code == 200
        assert not [outcome for outcome in run_due(engine.app, clock.now()) if outcome.error]
        assert applicants() == kept
    assert not engine.sqlite or db.session.execute(text("PRAGMA integrity_check")).scalars().all() == ["ok"]


def until_refused(
    client: FlaskClient, numbers: Iterator[int], kept: dict[str, int], repeats: Repeats
) -> tuple[int, TestResponse]:
    """Refer people until one is not taken; its number, and the answer."""
    for number in numbers:
        answer = refer(client, number)
        if answer.status_code != 303:
            return number, answer
        kept[address(number)] = 1
        repeats.count("kept on an almost full disk")
        assert len(kept) < MANY, "the disk never filled"
    raise AssertionError


def test_a_file_that_a_full_disk_does_not_take_leaves_neither_row_nor_half_a_file(
    elsewhere: Path, sqlite_engine: Engine
) -> None:
    with small_volume(4) as volume, sqlite_of_its_own(elsewhere, volume.path, sqlite_engine) as engine:
        requisition(Cast(engine.cast_ids))
        igor = sign_in(engine.app.test_client(), Cast(engine.cast_ids).igor)
        content = b"Ran a ledger for years. " * 10_000
        volume.fill(leave=len(content) // 2)
        refused = refer(igor, 1, resume=(io.BytesIO(content), "cv.txt"))
        assert (refused.status_code, refused.headers["Retry-After"]) == (503, "60")
        assert "nothing was kept" in refused.text
        assert "We built ledger 1 together." in refused.text
        assert "choose the file again" in refused.text
        assert igor.get("/readyz").json == {"status": "unready", "failed": ["data_folder"]}
        assert applicants() == {}
        assert db.session.scalar(select(func.count(StoredFile.id))) == 0
        assert [file for file in (volume.path / "files").rglob("*") if file.is_file()] == []
        assert refer(igor, 2).status_code == 303, "what brings no file goes on"
        volume.make_room()
        assert refer(igor, 1, resume=(io.BytesIO(content), "cv.txt")).status_code == 303
        stored = db.session.scalars(select(StoredFile)).one()
        assert files.path(stored).read_bytes() == content
        assert igor.get("/readyz").status_code == 200


def test_an_upload_that_the_disk_for_passing_files_does_not_take_is_told_so(
    elsewhere: Path, sqlite_engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    with small_volume(1) as volume, sqlite_of_its_own(elsewhere, elsewhere, sqlite_engine) as engine:
        requisition(Cast(engine.cast_ids))
        igor = sign_in(engine.app.test_client(), Cast(engine.cast_ids).igor)
        volume.fill()
        monkeypatch.setattr(tempfile, "tempdir", str(volume.path))
        part = b'--b\r\nContent-Disposition: form-data; name="resume"; filename="cv.txt"\r\n\r\n%s\r\n--b--\r\n'
        body, kind = part % (b"words " * 200_000), "multipart/form-data; boundary=b"
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ResourceWarning)  # werkzeug leaves the file that it could not write open
            refused = igor.post("/careers/R-1/refer", data=body, content_type=kind)
            gc.collect()
        assert (refused.status_code, refused.headers["Retry-After"]) == (503, "60")
        assert "nothing was kept" in refused.text


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no device here that is always full")
def test_a_log_on_a_full_disk_loses_lines_and_no_request(
    sqlite_engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    sqlite_engine.reset("cast")
    with suppress(OSError), Path("/dev/full").open("w", buffering=1) as full:
        monkeypatch.setattr(sys, "stderr", full)
        answers = [sqlite_engine.app.test_client().get(page).status_code for page in ("/careers", "/no-such-page")]
    assert answers == [200, 404]

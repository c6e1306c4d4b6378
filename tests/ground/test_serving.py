import os
import signal
import socket
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask

from hiring.ground.config import Settings
from hiring.ground.database import db
from hiring.ground.serving import THREADS, PortTaken, serve
from tests.ground.mail_server import free_port

PATIENCE = 60
CODE = (
    "from hiring.ground.config import load_settings; from hiring.ground.serving import serve; "
    "serve('hiring.app:create_app', load_settings(), with_worker={})"
)


@contextmanager
def server(settings: Settings, port: int, *, with_worker: bool = False) -> "Iterator[subprocess.Popen[str]]":
    given = {
        "HIRING_DATABASE_URL": settings.database_url,
        "HIRING_DATA_DIR": str(settings.data_dir),
        "HIRING_SECRET_KEY": settings.secret_key,
        "HIRING_CLOCK_FILE": str(settings.clock_file),
        "PORT": str(port),
    }
    process = subprocess.Popen(
        [sys.executable, "-c", CODE.format(with_worker)],
        env=os.environ | given,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    late = threading.Timer(PATIENCE, process.kill)
    late.start()
    with process:
        try:
            yield process
        finally:
            late.cancel()
            process.terminate()
            process.communicate()


def alive(port: int) -> bool:
    """Whether it answers, and keeps no connection, so that the process that is idle takes the next."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=PATIENCE) as answer:
        return bool(answer.status == 200) and answer.headers.get_all("Connection") == ["close"]


def test_the_server_says_where_it_is_answers_there_and_ends_on_ctrl_c(app: Flask, settings: Settings) -> None:
    port = free_port()
    with server(settings, port) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == f"Open http://127.0.0.1:{port}\n"
        assert alive(port)
        process.send_signal(signal.SIGINT)
        assert process.wait(PATIENCE) == 0


def test_the_database_connection_that_was_used_last_is_taken_first_and_none_is_thrown_away(app: Flask) -> None:
    with app.app_context():
        at_once = [db.engine.raw_connection() for _ in range(THREADS)]
        kept = [each.dbapi_connection for each in at_once]
        for each in at_once:
            each.close()
        again = [db.engine.raw_connection() for _ in range(THREADS)]
        assert [each.dbapi_connection for each in again] == kept[::-1]
        for each in again:
            each.close()


def test_a_taken_port_is_said_before_anything_starts(app: Flask, settings: Settings) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(PortTaken, match=str(port)):
            serve("hiring.app:create_app", replace(settings, port=port), with_worker=False)


def children(process: "subprocess.Popen[str]", words: str) -> list[int]:
    """Ids of the server's child processes whose command line ends with ``words``."""
    ids = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    return [int(each) for each in ids if Path(f"/proc/{each}/cmdline").read_text().rstrip("\0").endswith(words)]


def read_until(process: "subprocess.Popen[str]", words: str) -> None:
    assert process.stderr is not None
    assert any(words in line for line in process.stderr), f"{words!r} never came"


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
@pytest.mark.skipif(not Path("/proc").is_dir(), reason="process ids are read from /proc")
def test_a_killed_worker_is_started_again_and_the_server_takes_it_along(
    app: Flask, settings: Settings, at: Callable[[datetime], None]
) -> None:
    port = free_port()
    with server(settings, port, with_worker=True) as process:
        read_until(process, "worker leads")
        [worker] = children(process, "worker")
        os.kill(worker, signal.SIGKILL)
        at(datetime.now(UTC) + timedelta(minutes=1))  # longer than its lease
        read_until(process, "worker leads")
        assert children(process, "worker") != [worker]
        assert alive(port)
        process.terminate()
        process.communicate(timeout=PATIENCE)  # ends only when every process that shares the pipe has ended
        assert process.returncode == 0


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_no_process_outlives_a_killed_server(app: Flask, settings: Settings) -> None:
    port = free_port()
    with server(settings, port, with_worker=True) as process:
        read_until(process, "worker leads")
        assert alive(port)
        process.kill()
        process.communicate(timeout=PATIENCE)  # ends only when every process that shares the pipe has ended
    with pytest.raises(OSError, match="refused"):
        alive(port)

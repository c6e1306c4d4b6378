"""People who refer others over real HTTP, again and again, at the product's own server and worker."""

import itertools
import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.client import HTTPConnection
from http.cookies import SimpleCookie
from pathlib import Path
from urllib.parse import urlencode

from bs4 import BeautifulSoup

from tests.cast import Cast, sign_in
from tests.conftest import Engine
from tests.ground.mail_server import free_port
from tests.torture.faults import PATIENCE, until
from tests.torture.referrals import referral

LONGEST_ANSWER = 25.0
"""Seconds after which an answer counts as a hang: a busy SQLite is waited for fifteen."""
PAGES = ("/careers", "/careers/R-1", "/", "/account")


@contextmanager
def serving(engine: Engine, log: Path, **more: str) -> Iterator[int]:
    """``hiring serve`` with its worker on this database; gives its port, and leaves no process behind."""
    port = free_port()
    given = {
        "HIRING_DATABASE_URL": engine.settings.database_url,
        "HIRING_DATA_DIR": str(engine.settings.data_dir),
        "HIRING_SECRET_KEY": engine.settings.secret_key,
        "HIRING_CHEAP_HASHES": "1",
        "PORT": str(port),
    }
    command = [sys.executable, "-m", "hiring.cli", "serve"]
    with log.open("a") as stderr:
        process = subprocess.Popen(
            command, env=os.environ | given | more, stdout=subprocess.PIPE, stderr=stderr, start_new_session=True
        )
    with process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline().startswith(b"Open http")
            until(lambda: "worker leads" in log.read_text())
            yield port
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGTERM)
            with suppress(subprocess.TimeoutExpired):
                process.wait(PATIENCE)
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)


class Callers:
    """Four who press at the same time; ``answers`` holds the status that each referral got first, by its number."""

    def __init__(self, engine: Engine, port: int) -> None:
        browser = sign_in(engine.app.test_client(), Cast(engine.cast_ids).igor)
        cookie = browser.get_cookie("hiring")
        assert cookie is not None
        self._port, self._cookie = port, f"hiring={cookie.value}"
        self.answers: dict[int, int] = {}
        self.seen: Counter[int] = Counter()
        self.slowest = 0.0
        self.wrong: list[str] = []
        self._numbers = itertools.count()
        page = BeautifulSoup(self._ask("GET", "/careers/R-1/refer")[1], "html.parser")
        self._token = str(page.select("input[name=csrf_token]")[0]["value"])

    @property
    def kept(self) -> int:
        """How many referrals were acknowledged."""
        return sum(1 for status in self.answers.values() if status == 303)

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """Let them press until the block ends."""
        stop = threading.Event()
        threads = [threading.Thread(target=self._press, args=(stop,), daemon=True) for _ in range(4)]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            stop.set()
            for thread in threads:
                thread.join(PATIENCE)
            assert not any(thread.is_alive() for thread in threads), "an answer never came"

    def press(self, number: int) -> int:
        """Send one referral; its status."""
        body = urlencode(referral(number) | {"csrf_token": self._token})
        status, _ = self._ask("POST", "/careers/R-1/refer", body)
        return status

    def get(self, page: str) -> int:
        """The status of a page."""
        return self._ask("GET", page)[0]

    def _press(self, stop: threading.Event) -> None:
        while not stop.is_set():
            number = next(self._numbers)
            try:
                self.answers[number] = status = self.press(number)
                self.get(PAGES[number % len(PAGES)])
                if status == 503:
                    stop.wait(0.2)  # even the impatient read before they press again
            except OSError as error:
                self.wrong.append(f"{number}: {error!r}")
                return

    def _ask(self, method: str, path: str, body: str | None = None) -> tuple[int, str]:
        connection = HTTPConnection("127.0.0.1", self._port, timeout=LONGEST_ANSWER)
        headers = {"Cookie": self._cookie, "Content-Type": "application/x-www-form-urlencoded"}
        begun = time.monotonic()
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            text = answer.read().decode()
            if "hiring" in (cookies := SimpleCookie(answer.getheader("Set-Cookie") or "")) and method == "GET":
                self._cookie = f"hiring={cookies['hiring'].value}"
        finally:
            connection.close()
        self.slowest = max(self.slowest, time.monotonic() - begun)
        self.seen[answer.status] += 1
        if answer.status not in (200, 303, 503):
            self.wrong.append(f"{method} {path}: {answer.status}")
        return answer.status, text

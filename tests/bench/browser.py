"""The real server of a company, and people who ask it over HTTP on connections that stay open."""

import http.client
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlencode

from tests.bench.companies import Company
from tests.bench.floor import HEADER
from tests.bench.landmarks import PASSWORD

PATIENCE = 120
COOKIE = "hiring="
_TOKEN = re.compile(rb'name="csrf_token"[^>]* value="([^"]+)"')


@dataclass(frozen=True)
class Answer:
    """One answer: seconds until its last byte, status, queries, and its body."""

    seconds: float
    status: int
    queries: int
    body: bytes


@dataclass
class Browser:
    """Asks one server; ``cookies`` and ``tokens`` of forms are those of everybody who signed in, by person."""

    port: int
    cookies: dict[int, str] = field(default_factory=dict)
    tokens: dict[int, str] = field(default_factory=dict)
    _line: http.client.HTTPConnection | None = None

    def ask(self, path: str, person: int | None = None, body: dict[str, str] | None = None, cookie: str = "") -> Answer:
        """One request; a connection that the server closed meanwhile is opened anew before it."""
        headers = {"Cookie": cookie or self.cookies.get(person or 0, "")}
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        sent = urlencode(body) if body is not None else None
        started = time.perf_counter()
        try:
            return self._ask(path, headers, sent, started)
        except (http.client.RemoteDisconnected, ConnectionError):
            self.close()
            return self._ask(path, headers, sent, time.perf_counter())

    def _ask(self, path: str, headers: dict[str, str], sent: str | None, started: float) -> Answer:
        if self._line is None:
            self._line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        self._line.request("POST" if sent is not None else "GET", path, sent, headers)
        answer = self._line.getresponse()
        body = answer.read()
        seconds = time.perf_counter() - started
        self._last = answer
        return Answer(seconds, answer.status, int(answer.headers.get(HEADER, 0)), body)

    def close(self) -> None:
        """Hang up."""
        if self._line is not None:
            self._line.close()
            self._line = None

    def sign_in(self, person: int, email: str) -> None:
        """Sign in as everybody does, by the form; remembers the cookie."""
        token = self._token("/sign-in")
        fields = {"csrf_token": token, "email": email, "password": PASSWORD}
        answer = self.ask("/sign-in", body=fields, cookie=self._cookie())
        assert answer.status == 303, f"{email} cannot sign in: {answer.status}"
        self.tokens[person] = self._token("/account", self._cookie())
        self.cookies[person] = self._cookie()

    def _token(self, path: str, cookie: str = "") -> str:
        found = _TOKEN.search(self.ask(path, cookie=cookie).body)
        assert found is not None, f"{path} has no form"
        return found[1].decode()

    def _cookie(self) -> str:
        given = self._last.headers.get_all("Set-Cookie") or []
        return next(each.partition(";")[0] for each in given if each.startswith(COOKIE))


@contextmanager
def server(company: Company) -> Iterator[tuple[int, subprocess.Popen[str]]]:
    """The company's server, as ``hiring serve`` starts it but without its worker; its port and its main process."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    with (company.folder / "server.log").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.bench.floor"],
            env=company.environment | {"PORT": str(port)},
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
        try:
            assert process.stdout is not None
            assert process.stdout.readline().startswith("Open "), f"no server: see {log.name}"
            yield port, process
        finally:
            process.terminate()
            process.wait(PATIENCE)

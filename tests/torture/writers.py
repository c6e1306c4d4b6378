"""People at their browsers who repeat one act over real HTTP, and remember what they were answered."""

import http.client
import threading
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from io import BytesIO

from bs4 import BeautifulSoup
from flask import Flask
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from hiring.people.models import Person
from tests.cast import sign_in
from tests.pages import shown_in
from tests.torture.processes import PATIENCE

SEE_OTHER = 303
Fields = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Post:
    """One submit, so that it can be pressed again as it was; ``address``: from where."""

    path: str
    body: bytes
    kind: str
    address: str


@dataclass
class Writer:
    """Somebody who does act 1, then act 2, and so on, up to ``last``.

    ``page`` is where the form that does ``action`` stands; ``fill(number)`` gives path and fields of one act,
    ``held()`` how many of these acts the database holds, each of them whole. ``unanswered`` is the one act that was
    sent and got no answer, to be pressed again as it was.
    """

    name: str
    page: str
    action: str
    fill: Callable[[int], tuple[str, Fields]]
    held: Callable[[], int]
    cookie: str = ""
    last: int | None = None
    done: int = 0
    unanswered: Post | None = None
    wrong: list[str] = field(default_factory=list)
    address: Callable[[int], str] = lambda _number: "127.0.0.1"
    _token: str = ""

    @classmethod
    def signed_in(cls, app: Flask, person: Person, *given: object, **more: object) -> "Writer":
        """A writer with the session of a colleague."""
        browser = sign_in(app.test_client(), person)
        cookie = browser.get_cookie("hiring")
        assert cookie is not None
        return cls(f"{person.name}: {given[1]}", *given, cookie=cookie.value, **more)  # type: ignore[arg-type]

    def write(self, port: int, stop: threading.Event, answered: threading.Semaphore, *, new: bool = True) -> None:
        """Press again what got no answer, then go on until the line drops, ``stop`` is set, or nothing is ``new``."""
        try:
            while not stop.is_set() and (self.unanswered or (new and self.done != self.last)):
                self._token = self._token or self._read_form(port)
                self.unanswered = self.unanswered or self._composed(self.done + 1)
                status, html = self._send(port, self.unanswered)
                if status != SEE_OTHER:
                    self.wrong.append(f"act {self.done + 1} of {self.name} was answered by {status}: {_words(html)}")
                    return
                self.unanswered = None
                self.done += 1
                answered.release()
        except (OSError, http.client.HTTPException):
            return

    def _composed(self, number: int) -> Post:
        path, fields = self.fill(number)
        every = {"csrf_token": self._token, "submission_key": uuid.uuid4().hex} | fields
        boundary, body = encode_multipart(
            {k: FileStorage(BytesIO(v), "cv.txt") if isinstance(v, bytes) else v for k, v in every.items()}
        )
        return Post(path, body, f'multipart/form-data; boundary="{boundary}"', self.address(number))

    def _read_form(self, port: int) -> str:
        line = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        try:
            line.request("GET", self.page, headers={"Cookie": f"hiring={self.cookie}"})
            answer = line.getresponse()
            html = answer.read().decode()
        finally:
            line.close()
        assert answer.status == http.client.OK, f"{self.page} was answered by {answer.status}"
        self.cookie = SimpleCookie(answer.getheader("Set-Cookie") or "")["hiring"].value
        return shown_in(html, self.action)["csrf_token"]

    def _send(self, port: int, post: Post) -> tuple[int, str]:
        line = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE, source_address=(post.address, 0))
        try:
            headers = {"Cookie": f"hiring={self.cookie}", "Content-Type": post.kind}
            line.request("POST", post.path, body=post.body, headers=headers)
            answer = line.getresponse()
            return answer.status, answer.read().decode()
        finally:
            line.close()


def _words(html: str) -> str:
    """What a page says of what went wrong."""
    page = BeautifulSoup(html, "html.parser")
    return " ".join(
        each.get_text(" ", strip=True)
        for each in page.select("h1, .alert, [id$=-error], .text-danger, .invalid-feedback")
    )[:500]

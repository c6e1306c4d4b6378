"""Requests of one process wait for each other, but for none that stands still or is still on its way."""

import io
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask import Flask

from hiring.ground import turns
from hiring.people import passwords

PATIENCE = 60


class Pages:
    """Pages that count who is inside at once, and one that stands still until it is told to go on."""

    def __init__(self) -> None:
        self.app = Flask(__name__)
        turns.init_app(self.app)
        self.inside = self.most = 0
        self.stands, self.go_on = threading.Event(), threading.Event()
        self.app.add_url_rule("/count", view_func=self.count)
        self.app.add_url_rule("/stand", view_func=self.stand)
        self.app.add_url_rule("/hash", view_func=self.hash)
        self.app.add_url_rule("/match", view_func=self.match)
        self.app.add_url_rule("/break", view_func=self.fail)
        self.app.add_url_rule("/form", view_func=lambda: "taken", methods=["POST"])

    def count(self) -> str:
        self.inside += 1
        self.most = max(self.most, self.inside)
        other = threading.Event()
        other.wait(0.001)  # lets go of the interpreter, as a question to the database does
        self.inside -= 1
        return "counted"

    def stand(self) -> str:
        self.stands.set()
        assert self.go_on.wait(PATIENCE)
        return "went on"

    def hash(self) -> str:
        passwords.hash_password("secret")
        return self.stand()

    def match(self) -> str:
        passwords.matches(None, "secret")
        return self.stand()

    def fail(self) -> str:
        raise LookupError("broken")

    def ask(self, address: str) -> str:
        return self.app.test_client().get(address).text


@pytest.fixture
def pages() -> Pages:
    return Pages()


def test_one_answer_is_computed_at_a_time(pages: Pages) -> None:
    turns.one_at_a_time(pages.app, PATIENCE)
    with ThreadPoolExecutor(8) as threads:
        assert set(threads.map(pages.ask, ["/count"] * 40)) == {"counted"}
    assert pages.most == 1


def test_nobody_waits_long_for_a_request_that_stands_still(pages: Pages) -> None:
    turns.one_at_a_time(pages.app, patience=0.01)
    with ThreadPoolExecutor(1) as threads:
        standing = threads.submit(pages.ask, "/stand")
        assert pages.stands.wait(PATIENCE)
        assert [pages.ask("/count") for _ in range(3)] == ["counted"] * 3
        pages.go_on.set()
        assert standing.result(PATIENCE) == "went on"
    turns.one_at_a_time(pages.app, PATIENCE)
    assert pages.ask("/count") == "counted"


@pytest.mark.parametrize("address", ["/hash", "/match"])
def test_nobody_waits_for_a_password(pages: Pages, address: str) -> None:
    turns.one_at_a_time(pages.app, PATIENCE)
    with ThreadPoolExecutor(2) as threads:
        standing = threads.submit(pages.ask, address)
        assert pages.stands.wait(PATIENCE)
        assert threads.submit(pages.ask, "/count").result(PATIENCE / 2) == "counted"
        pages.go_on.set()
        assert standing.result(PATIENCE) == "went on"


def test_a_request_that_breaks_gives_its_turn_back(pages: Pages) -> None:
    turns.one_at_a_time(pages.app, PATIENCE)
    assert pages.app.test_client().get("/break").status_code == 500
    with ThreadPoolExecutor(1) as threads:
        assert threads.submit(pages.ask, "/count").result(PATIENCE / 2) == "counted"


def test_nobody_waits_for_a_body_that_is_still_on_its_way(pages: Pages) -> None:
    turns.one_at_a_time(pages.app, PATIENCE)
    begun, rest = threading.Event(), threading.Event()

    class Slow(io.BytesIO):
        def readinto(self, buffer: Any) -> int:
            begun.set()
            assert rest.wait(PATIENCE)
            return super().readinto(buffer)

    def send() -> str:
        kind = "application/x-www-form-urlencoded"
        client = pages.app.test_client()
        return client.post("/form", input_stream=Slow(b"a=1"), content_length=3, content_type=kind).text

    with ThreadPoolExecutor(2) as threads:
        sending = threads.submit(send)
        assert begun.wait(PATIENCE)
        assert threads.submit(pages.ask, "/count").result(PATIENCE / 2) == "counted"
        rest.set()
        assert sending.result(PATIENCE) == "taken"

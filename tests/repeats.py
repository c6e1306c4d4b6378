"""What is repeated to be believed: in full under ``make torture``, a twentieth of it under ``make test``.

A test that takes the fixture ``repeats`` is part of the torture. Its seed is its name's, so that a failure comes
back; under torture it is drawn anew, and ``HIRING_SEED`` brings one back. Counts, seed and figures are printed.
"""

import os
import secrets
import time
import zlib
from collections.abc import Callable, Iterator
from random import Random
from typing import TYPE_CHECKING, TypeVar

import pytest

from hiring.ground.database import db

if TYPE_CHECKING:
    from tests.conftest import Engine

TORTURE = "HIRING_TORTURE" in os.environ
SHARE = 20
"""``make test`` does one of so many."""
Made = TypeVar("Made")


class Repeats:
    """How often a test repeats, with what chance, and what came of it."""

    def __init__(self, name: str) -> None:
        drawn = secrets.randbits(32) if TORTURE else zlib.crc32(name.encode())
        self.seed = int(os.environ.get("HIRING_SEED", drawn))
        self.random = Random(self.seed)
        self.figures: dict[str, object] = {}
        self._begun = time.monotonic()

    def times(self, full: int) -> int:
        """How many of ``full`` repetitions are done now."""
        times = full if TORTURE else max(1, full // SHARE)
        self.note(rounds=times)
        return times

    def rounds(self, engine: "Engine", make: Callable[[], Made], full: int = 1_000) -> Iterator[tuple[int, Made]]:
        """Numbers, each with what ``make`` wrote and returned, and nothing else written since."""
        made = engine.made(make.__qualname__, make)
        start = engine.kept
        assert start is not None, "rounds begin before anything else is written"
        for number in range(self.times(full)):
            db.session.remove()
            if number:
                engine.reset(start)
            yield number, made

    def note(self, **figures: object) -> None:
        """Remember figures to be printed."""
        self.figures.update(figures)

    def count(self, name: str, by: int = 1) -> None:
        """Add to a figure to be printed."""
        before = self.figures.get(name, 0)
        assert isinstance(before, int)
        self.figures[name] = before + by

    def line(self) -> str:
        """The figures as one line."""
        figures = {"seed": self.seed, **self.figures, "seconds": round(time.monotonic() - self._begun, 1)}
        return "  ".join(f"{name}={value}" for name, value in figures.items())


@pytest.fixture
def repeats(request: pytest.FixtureRequest) -> Iterator[Repeats]:
    """This test's repetitions."""
    mine = Repeats(request.node.nodeid)
    yield mine
    request.node.user_properties.append(("torture", mine.line()))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what repeats."""
    for item in items:
        if "repeats" in getattr(item, "fixturenames", ()):
            item.add_marker("torture")


_failed: set[str] = set()
_lines: dict[str, str] = {}


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Collect the figures, which come with a test's last report."""
    if report.failed:
        _failed.add(report.nodeid)
    for name, line in report.user_properties:
        if name == "torture":
            _lines[report.nodeid] = str(line)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what repeated, how often, with which seed and figures."""
    if TORTURE or _failed & _lines.keys():
        terminalreporter.section("what repeats")
        for test, line in _lines.items():
            terminalreporter.line(f"{'FAILED' if test in _failed else 'passed'} {test}\n    {line}")

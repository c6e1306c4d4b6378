"""Warm requests of every page, of all sizes of one engine in turn."""

import re
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from html import unescape
from random import Random

from tests.bench.browser import Answer, Browser, server
from tests.bench.companies import Company, say
from tests.bench.landmarks import Landmarks, find
from tests.bench.pages import FLOOR, NOBODY, PAGES, Page

WARM = 4
"""Requests of each page before any is counted, each on a connection of its own, so that every process gets some."""
WRITE = "the floor: one row committed"
_NEXT = re.compile(r'rel="next" href="([^"]+)"')


@dataclass
class Measured:
    """What one page took in one company: seconds of each request, and every number of queries it needed."""

    seconds: list[float] = field(default_factory=list)
    queries: set[int] = field(default_factory=set)

    def at(self, share: float) -> float:
        """Milliseconds within which that share of the requests was answered."""
        ordered = sorted(self.seconds)
        return 1_000 * ordered[min(len(ordered) - 1, int(share * len(ordered)))]


@dataclass
class Opened:
    """A company whose server runs, with everybody signed in, and each page's address."""

    company: Company
    marks: Landmarks
    browser: Browser
    process: "subprocess.Popen[str]"
    addresses: dict[str, tuple[str, int | None]] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)

    def ask(self, name: str) -> Answer:
        """One request of a page."""
        address, person = self.addresses[name]
        return self.browser.ask(address, person, {} if name == WRITE else None)


@contextmanager
def opened(company: Company, only: str = "") -> Iterator[Opened]:
    """Start the company's server, sign in everybody, and find each page's address."""
    now = company.turn_clock_back()
    app = company.app()
    with app.app_context():
        marks = find(now)
    with server(company) as (port, process):
        found = Opened(company, marks, Browser(port), process)
        for person, email in marks.emails.items():
            found.browser.sign_in(person, email)
        for page in [FLOOR, *PAGES]:
            if page is FLOOR or only in page.name:
                with app.app_context():
                    _address(found, page, app)
        assert FLOOR.name in found.addresses, found.missing
        found.addresses[WRITE] = ("/floor", found.addresses[FLOOR.name][1])
        yield found
        found.browser.close()


def _address(found: Opened, page: Page, app: object) -> None:
    try:
        person = None if page.reader == NOBODY else found.marks.reader(page.reader, page.place)
        address = page.address(app, found.marks)  # type: ignore[arg-type]
        for _ in range(page.beyond):
            following = _NEXT.search(found.browser.ask(address, person).body.decode())
            address = unescape(following[1]) if following else address
        answer = found.browser.ask(address, person)
        if answer.status != 200:
            found.missing[page.name] = f"{answer.status} for {address}"
        else:
            found.addresses[page.name] = (address, person)
    except KeyError as error:
        found.missing[page.name] = f"no landmark {error}"


def measure(
    companies: list[Company], requests: int, only: str = ""
) -> tuple[dict[str, dict[str, Measured]], list[str]]:
    """By company's name and page what it took, and what could not be measured."""
    with ExitStack() as stack:
        all_opened = [stack.enter_context(opened(company, only)) for company in companies]
        missing = [f"{each.company.name}: {page}: {why}" for each in all_opened for page, why in each.missing.items()]
        common = [name for name in all_opened[0].addresses if all(name in each.addresses for each in all_opened)]
        measured = {each.company.name: {name: Measured() for name in common} for each in all_opened}
        _rounds(all_opened, common, measured, WARM, 0)
        say(f"Asking {len(common)} pages of {', '.join(measured)} {requests} times ...")
        _rounds(all_opened, common, measured, 0, requests)
    return measured, missing


def _rounds(
    all_opened: list[Opened], names: list[str], measured: dict[str, dict[str, Measured]], warm: int, requests: int
) -> None:
    order = Random(13)
    for number in range(warm + requests):
        for name in order.sample(names, len(names)):
            for each in order.sample(all_opened, len(all_opened)):
                answer = each.ask(name)
                if number >= warm:
                    assert answer.status in (200, 204), f"{name}: {answer.status}"
                    kept = measured[each.company.name][name]
                    kept.seconds.append(answer.seconds)
                    kept.queries.add(answer.queries)
                elif name == FLOOR.name:
                    each.browser.close()

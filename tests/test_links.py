"""No page sends its reader to a wall: every link that somebody is shown, from their desk on, opens for them."""

import re
from collections import Counter, deque
from collections.abc import Iterator
from html import unescape
from urllib.parse import urljoin, urlsplit

import pytest

from tests.conftest import Engine
from tests.routes import World
from tests.world import built

DEPTH = 4
OF_A_KIND = 2
"""Links asked of one kind on pages of one kind, by each persona: what differs between rows is in the route table."""
NUMBER = re.compile(r"\d+")
LINK = re.compile(r'<a\b[^>]*\bhref="([^"]*)"')
ODD_ID = re.compile(r'\bid="[^"]*(?:<|&lt;)[^"]*"')
"""An element's id that holds markup: something was printed that is no name."""
READERS = (
    "anonymous",
    "candidate",
    "interviewer_after",
    "screener",
    "coordinator",
    "requisition_recruiter",
    "bar_raiser",
    "administrator",
    "internal_candidates_manager",
)
"""Those who between them stand everywhere; the rest see a part of what these see."""
START = {"anonymous": "/careers", "candidate": "/my/nadias-key"}


@pytest.fixture(scope="module")
def world(sqlite_engine: Engine) -> Iterator[World]:
    """An application at every step; links are the same on either engine."""
    with built(sqlite_engine) as world:
        yield world


def links(page: str, here: str) -> Iterator[str]:
    """Addresses within the product that a page leads to, without their fragments."""
    for href in LINK.findall(page):  # a parser would take longer than all pages together
        target = urlsplit(urljoin(here, unescape(href)))
        if not target.netloc and target.scheme in ("", "http", "https"):
            yield target.path + (f"?{target.query}" if target.query else "")


@pytest.mark.parametrize("persona", READERS)
def test_every_link_that_somebody_is_shown_opens_for_them(world: World, persona: str) -> None:
    start = START.get(persona, "/")
    asked, walls = {start}, []
    kinds: Counter[tuple[str, str]] = Counter()
    waiting = deque([(start, "", 0)])
    while waiting:
        url, shown_on, depth = waiting.popleft()
        answer = world.ask(persona, "GET", url)
        if answer.status_code >= 400:
            walls.append(f"{answer.status_code} {url} on {shown_on}")
        elif answer.mimetype == "text/html" and (odd := ODD_ID.search(answer.get_data(as_text=True))):
            walls.append(f"{odd[0]} in {url}")
        elif depth < DEPTH and answer.mimetype == "text/html":
            for found in links(answer.get_data(as_text=True), url):
                kind = (NUMBER.sub("#", url.partition("?")[0]), NUMBER.sub("#", found.partition("?")[0]))
                if found not in asked and kinds[kind] < OF_A_KIND:
                    kinds[kind] += 1
                    asked.add(found)
                    waiting.append((found, url, depth + 1))
        answer.close()
    assert walls == []
    assert len(asked) > 1

"""Hostile input at every field and parameter of the route table: refused in words or kept faithfully, on both engines.

Nothing that a browser sends may break a page, run, leave the site, or be answered differently by another database.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from typing import TypeVar

import pytest

from tests.repeats import TORTURE, Repeats
from tests.routes import Row, World, routes
from tests.torture import answers, hostile, sending
from tests.torture.hostile import Case
from tests.world import built

pytestmark = pytest.mark.postgres
Worlds = dict[str, World]
T = TypeVar("T")


@pytest.fixture(scope="module")
def worlds(request: pytest.FixtureRequest) -> Iterator[Worlds]:
    """The world of the route table on each engine."""
    with ExitStack() as stack:
        found = {
            name: stack.enter_context(built(request.getfixturevalue(f"{name}_engine")))
            for name in ("sqlite", "postgres")
        }
        for world in found.values():
            stack.callback(setattr, world.engine.app, "request_class", world.engine.app.request_class)
            world.engine.app.request_class = hostile.NotingRequest
        yield found


def some(repeats: Repeats, of: list[T], few: int) -> list[T]:
    """All of them in full, a few by chance otherwise."""
    return of if TORTURE else repeats.random.sample(of, min(few, len(of)))


def hold(repeats: Repeats, worlds: Worlds, cases: list[Case]) -> None:
    """Ask every case on both engines: nothing is wrong with any answer, and both answer alike."""
    statuses: Counter[str] = Counter()
    wrong = []
    for world in worlds.values():
        sending.start_again(world)
    for case in cases:
        told = {name: sending.ask(world, case) for name, world in worlds.items()}
        statuses[f"{told['sqlite'].status // 100}xx"] += 1
        wrong += [f"{case} on {name}: {words}" for name, each in told.items() for words in each.wrong]
        if len({each.status for each in told.values()}) > 1:
            wrong.append(f"{case}: { ({name: each.status for name, each in told.items()}) }")
    repeats.note(cases=len(cases), routes=len({case.row for case in cases}), **dict(sorted(statuses.items())))
    assert not wrong, "\n".join([f"{len(wrong)} of {len(cases)}", *wrong])


def acts(world: World) -> list[Row]:
    return [row for row in hostile.asked(world) if row.method == "POST"]


def test_every_field_of_every_form_takes_or_refuses_whatever_is_sent(worlds: Worlds, repeats: Repeats) -> None:
    rows = some(repeats, acts(worlds["sqlite"]), 6)
    hold(repeats, worlds, some(repeats, hostile.field_cases(worlds["sqlite"], rows), 15))


def test_a_body_that_is_no_form_is_told_so(worlds: Worlds, repeats: Repeats) -> None:
    hold(repeats, worlds, some(repeats, hostile.body_cases(acts(worlds["sqlite"])), 5))


def test_addresses_that_name_nothing_lead_nowhere(worlds: Worlds, repeats: Repeats) -> None:
    hold(repeats, worlds, some(repeats, hostile.address_cases(hostile.asked(worlds["sqlite"])), 8))


def test_what_pages_read_from_the_query_is_read_with_care(worlds: Worlds, repeats: Repeats) -> None:
    pages = some(repeats, [row for row in hostile.asked(worlds["sqlite"]) if row.method == "GET"], 3)
    hold(repeats, worlds, some(repeats, hostile.query_cases(worlds["sqlite"], pages), 5))


def test_what_a_browser_says_of_itself_changes_nothing(worlds: Worlds, repeats: Repeats) -> None:
    hold(repeats, worlds, some(repeats, hostile.header_cases(hostile.asked(worlds["sqlite"])), 5))


ELSEWHERES = (
    "//evil.example",
    "///evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "/%5Cevil.example",
    "/%09/evil.example",
    "/%0A/evil.example",
    "%20//evil.example",
    "%01//evil.example",
    "https:evil.example",
    "https:/evil.example",
    "https://evil.example/",
    "javascript:alert(1)",
    "data:text/html,x",
    "/.//evil.example",
    "/../%2Fevil.example",
    "/%E2%80%8B/evil.example",
    "/a%0D%0ALocation:%20https://evil.example",
    "%00//evil.example",
)


def test_after_sign_in_nobody_is_sent_elsewhere(worlds: Worlds) -> None:
    for world in worlds.values():
        for target in ELSEWHERES:
            answer = world.ask("outsider", "GET", f"/sign-in?next={target}")
            assert answer.status_code == 302 and not answers.leads_away(answer.headers["Location"]), target
            page = world.ask("anonymous", "GET", f"/sign-in?next={target}")
            assert page.status_code == 200 and "evil.example" not in page.text, target


# --- A company hostile in every text -------------------------------------------------------------------------------


@pytest.fixture
def planted(worlds: Worlds) -> Iterator[Worlds]:
    """The worlds with markup, code and a script's address in every text of theirs."""
    for world in worlds.values():
        sending.start_again(world)
        assert answers.plant(world) > 60
        world.engine.keep("planted")
    yield worlds
    for world in worlds.values():
        sending.start_again(world)


def test_no_page_shows_a_text_raw_or_runs_it(planted: Worlds, repeats: Repeats) -> None:
    opened = [
        (row, persona) for row in routes(planted["sqlite"]) if row.method == "GET" for persona in hostile.readers(row)
    ]
    wrong, seen = [], 0
    for row, persona in some(repeats, opened, 12):
        for name, world in planted.items():
            page = world.ask(persona, "GET", row.url(world, persona))
            seen += page.get_data(as_text=True).count("&lt;img src=x")
            wrong += [f"{row.path} as {persona} on {name}: {words}" for words in answers.wrong_with(page)]
            if page.status_code >= 400:
                wrong.append(f"{row.path} as {persona} on {name}: {page.status_code}")
            page.close()
    repeats.note(pages=len(opened), texts=seen)
    assert wrong == [] and seen > 0


WRITING = {
    "careers.apply",
    "interview_loop.add_shadow",
    "interview_loop.redraw",
    "offer.extend",
    "people.invite",
    "resume_review.add",
    "transitions.withdraw",
}
"""Acts that write a mail, of which a few are tried; in full every act is."""


def test_no_mail_shows_a_text_raw_or_gains_a_header(planted: Worlds, repeats: Repeats) -> None:
    wrong, written = [], 0
    for row in some(repeats, [row for row in acts(planted["sqlite"]) if TORTURE or row.endpoint in WRITING], 3):
        for name, world in planted.items():
            told = sending.act(world, row)
            written += answers.mails(world)
            wrong += [f"{row.path} on {name}: {words}" for words in told.wrong]
            if world.engine.kept is None:
                world.engine.reset("planted")
    repeats.note(mails=written)
    assert wrong == [] and written > 0

"""Who may do what: every route and method × everyone, executed and held against the committed table.

``tests/routes.csv`` has one row per route, method and place (``/applications/{focus}/offer``: the application in focus;
see tests/world.py for who and what is where) and one column per persona. Its words:

- ``ok``: the page came, or the act was done; ``rule``: they may ask, a rule of the process refused it here (409);
- ``in``: sent to the sign-in page; ``403``: they see it, but the act is somebody else's; ``404``: not theirs to see.

SQLite answers every cell; PostgreSQL, whose part is to show that every query runs there, every page for those who open
most of them. The acts run on it in the rooms' own tests.
Rewrite the table with ``HIRING_WRITE_ROUTES=1``, then read every line of the difference against "who may see what".

``tests/queries.csv`` pins beside it how many queries each page asks for everyone who opens it, on both engines. It is
rewritten together with the table: a page that asks more than before needs a reason.
"""

import csv
import os
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest
from werkzeug.test import TestResponse

from hiring.ground.web import is_public
from tests.counted import counted_queries
from tests.routes import ANSWERED_IN_WORDS, BODIES, INTERNAL_CANDIDATE, PARTS, PERSONAS, Row, World, routes
from tests.versions import REPLACING, shown
from tests.world import built

TABLE = Path(__file__).with_name("routes.csv")
COUNTS = Path(__file__).with_name("queries.csv")
WRITES = bool(os.environ.get("HIRING_WRITE_ROUTES"))
WORDS = {"ok", "rule", "in", "403", "404"}
ON_POSTGRES = (
    "candidate",
    "coordinator",
    "interviewer_after",
    "hiring_manager",
    "bar_raiser",
    "administrator",
    "internal_candidates_manager",
)
CANARY = re.compile(r"canary-[a-z_-]+[a-z]")
Table = dict[tuple[str, str, str], dict[str, str]]
"""Words by persona, by endpoint, method and path."""

# --- Who finds which secret ----------------------------------------------------------------------------------------

OWNERS = {"requisition_recruiter", "hiring_manager"}
ADMINISTRATORS = {"administrator", "internal_candidates_manager"}
SEATED = {*OWNERS, "interviewer_before", "interviewer_after", "bar_raiser"}
FILE = {*SEATED, "recruiter", "coordinator", "screener", "shadow"}
SCREEN = {*OWNERS, "recruiter", "screener", "interviewer_after", "bar_raiser"}
"""The loop's seats see must-haves and screen notes after their own submission."""
FEEDBACK = ("summary", *PARTS, "reason", "amendment")
SECRETS: tuple[tuple[set[str], set[str], set[str]], ...] = (
    # canaries, who finds them, in which rooms; the readers are those of "who may see what"
    *(
        ({f"canary-{author}-{text}" for text in FEEDBACK}, {"interviewer_after", "bar_raiser"}, {"written_feedback"})
        for author in ("iris", "bea")
    ),
    ({f"canary-hector-{text}" for text in ("summary", *PARTS, "reason")}, {"hiring_manager"}, {"written_feedback"}),
    ({f"canary-igor-{text}" for text in ("summary", *PARTS, "reason")}, set(), set()),
    ({"canary-practice"}, {"shadow", "interviewer_after", "programme_owner"}, {"written_feedback"}),
    ({"canary-told"}, SEATED, {"written_feedback", "debrief"}),
    ({"canary-debrief-board", "canary-debrief-note", "canary-debrief-decision"}, SEATED, {"debrief"}),
    ({"canary-mark"}, SCREEN, {"resume_review"}),
    ({f"canary-screen-{text}" for text in ("summary", *PARTS[1:])}, SCREEN, {"phone_screen"}),
    ({"canary-note"}, FILE, {"application"}),
    ({"canary-resume"}, FILE, {"resume_review"}),
    ({"canary-reference"}, {*OWNERS, "bar_raiser"}, {"reference_check"}),
    ({"canary-offer"}, OWNERS, {"offer"}),
    ({"canary-exception"}, {*OWNERS, *ADMINISTRATORS}, {"offer"}),
    ({"canary-cord"}, FILE - {"recruiter"} | {"administrator"}, {"cords"}),
    ({"canary-description-draft"}, {*OWNERS, "recruiter", *ADMINISTRATORS}, {"job_description"}),
    ({"canary-description-in_review"}, {*OWNERS, "recruiter", *ADMINISTRATORS, "bar_raiser"}, {"job_description"}),
    ({"canary-review"}, {*OWNERS, "recruiter", *ADMINISTRATORS}, {"job_description"}),
)


# --- The table -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Answer:
    """What one persona got: a word of the table (or a number it does not know), and the canaries that sang.

    ``named``: whether it holds the internal candidate's name. ``queries``: how many were asked for it.
    """

    word: str
    canaries: frozenset[str]
    named: bool
    queries: int


def ask(world: World, persona: str, row: Row) -> Answer:
    """Execute one cell, and undo what it did."""
    body = BODIES.get(row.endpoint, {}) if row.method == "POST" else {}
    sent = body(world) if callable(body) else body
    if row.method == "POST":
        sent = shown(world, row) | sent
    with counted_queries(world.engine.app) as statements:
        answer = world.ask(persona, row.method, row.url(world, persona), sent)
    told = _word(world, persona, row, answer)
    told_all = answer.get_data(as_text=True) + str(answer.headers)
    answer.close()
    if row.method == "POST" and told not in {"in", "rule", "403", "404"}:
        world.reset()
    return Answer(told, frozenset(CANARY.findall(told_all)), INTERNAL_CANDIDATE in told_all, len(statements))


def _word(world: World, persona: str, row: Row, answer: TestResponse) -> str:
    if answer.status_code in (302, 303):
        stranger = persona not in world.cookies and not is_public(row.endpoint)
        return "in" if stranger and answer.headers["Location"].startswith("/sign-in") else "ok"
    if answer.status_code == 422 and row.endpoint in ANSWERED_IN_WORDS:
        return "ok"
    return {200: "ok", 409: "rule"}.get(answer.status_code, str(answer.status_code))


Asked = dict[Row, Answer]


@pytest.fixture(scope="module")
def worlds(request: pytest.FixtureRequest) -> Iterator[Callable[[str], World]]:
    """The world on an engine, built once."""
    with ExitStack() as stack:
        yield cache(lambda engine: stack.enter_context(built(request.getfixturevalue(f"{engine}_engine"))))


@pytest.fixture(scope="module")
def table(worlds: Callable[[str], World]) -> Table:
    """The committed table; written anew first, when asked for."""
    if WRITES:
        world = worlds("sqlite")
        answers = {row.key: {persona: ask(world, persona, row) for persona in PERSONAS} for row in routes(world)}
        rows = [[*key, *(answer.word for answer in told.values())] for key, told in answers.items()]
        counts = [[*key, *map(_pinned, told.values())] for key, told in answers.items() if key[1] == "GET"]
        for path, lines in ((TABLE, rows), (COUNTS, counts)):
            with path.open("w", newline="") as file:
                csv.writer(file, lineterminator="\n").writerows([["endpoint", "method", "path", *PERSONAS], *lines])
    with TABLE.open(newline="") as file:
        return {(row.pop("endpoint"), row.pop("method"), row.pop("path")): row for row in csv.DictReader(file)}


def _pinned(answer: Answer) -> str:
    """How many queries a page that came asked, as the table of counts says it; nothing where none came."""
    return str(answer.queries) if answer.word == "ok" else ""


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def world(request: pytest.FixtureRequest, worlds: Callable[[str], World]) -> World:
    """The world on either engine."""
    return worlds(request.param)


@pytest.fixture(
    scope="module",
    params=[
        *(pytest.param(("sqlite", persona), id=f"sqlite-{persona}") for persona in PERSONAS),
        *(
            pytest.param(("postgres", persona), id=f"postgres-{persona}", marks=pytest.mark.postgres)
            for persona in ON_POSTGRES
        ),
    ],
)
def asked(request: pytest.FixtureRequest, worlds: Callable[[str], World]) -> tuple[str, Asked]:
    """A persona, and what they got for every row that this engine executes."""
    engine, persona = request.param
    world = worlds(engine)
    world.reset()
    rows = [row for row in routes(world) if world.engine.sqlite or row.method == "GET"]
    return persona, {row: ask(world, persona, row) for row in rows}


# --- Tests ---------------------------------------------------------------------------------------------------------


def test_every_route_is_in_the_table_and_every_line_is_a_route(world: World, table: Table) -> None:
    there = {row.key for row in routes(world)}
    assert there - set(table) == set(), "not in tests/routes.csv"
    assert set(table) - there == set(), "no such route any more"
    assert {word for words in table.values() for word in words.values()} <= WORDS


def test_everyone_gets_from_every_route_what_the_table_says(asked: tuple[str, Asked], table: Table) -> None:
    persona, answers = asked
    wrong = {
        row.key: f"{answer.word}, not {table[row.key][persona]}"
        for row, answer in answers.items()
        if row.key in table and answer.word != table[row.key][persona]
    }
    assert wrong == {}


def test_every_page_asks_as_many_queries_as_the_table_says(asked: tuple[str, Asked], table: Table) -> None:
    persona, answers = asked
    with COUNTS.open(newline="") as file:
        pinned = {(row["endpoint"], row["method"], row["path"]): row[persona] for row in csv.DictReader(file)}
    pages = [row for row in answers if row.method == "GET" and row.endpoint != "health.ready"]  # asks the engine itself
    asking = {row.key: _pinned(answers[row]) for row in pages}
    wrong = {
        key: f"{count or 'none'}, not {pinned.get(key) or 'none'}"
        for key, count in asking.items()
        if count != pinned.get(key)
    }
    assert asking and wrong == {}


@pytest.mark.parametrize("endpoint", REPLACING)
def test_a_post_without_a_version_replaces_nothing(world: World, table: Table, endpoint: str) -> None:
    row = next(row for row in routes(world) if row.endpoint == endpoint and row.method == "POST")
    persona = next(persona for persona in PERSONAS if table[row.key][persona] == "ok")
    world.reset()
    body = BODIES.get(endpoint, {})
    sent = body(world) if callable(body) else body
    answer = world.ask(persona, "POST", row.url(world, persona), {k: v for k, v in sent.items() if k != "version"})
    assert answer.status_code == 409 and "data-stale" in answer.text


def test_secrets_are_found_by_their_readers_and_by_nobody_else(asked: tuple[str, Asked]) -> None:
    persona, answers = asked
    found = {(canary, row.endpoint.partition(".")[0]) for row, answer in answers.items() for canary in answer.canaries}
    readable = [(canary, rooms) for canaries, readers, rooms in SECRETS for canary in canaries if persona in readers]
    assert {canary for canary, _ in found} == {canary for canary, _ in readable}
    assert found <= {(canary, room) for canary, rooms in readable for room in rooms}


def test_the_inside_of_an_internal_candidate_never_reads_their_name(asked: tuple[str, Asked]) -> None:
    persona, answers = asked
    naming = {row.key for row, answer in answers.items() if answer.named}
    if persona == "internal_candidates_manager":
        assert naming == set()
    if persona == "administrator":  # who may do the same, but manages somebody else
        assert {"interview_loop.page", "people.leaving", "transitions.requisition_moves"} <= {key[0] for key in naming}


def test_strangers_are_sent_to_sign_in_from_everything_that_is_not_public(table: Table) -> None:
    open_to_them = {
        path
        for (endpoint, _, path), words in table.items()
        if not is_public(endpoint) and {words["anonymous"], words["candidate"]} != {"in"}
    }
    assert open_to_them == set()


def test_every_part_that_the_world_gives_still_opens_something_and_every_outsider_is_kept_out(table: Table) -> None:
    """A world that no longer gives its parts would make a table of refusals, and its canaries sing for nobody."""
    opened = {
        persona: {path for (_, _, path), words in table.items() if words[persona] == "ok"} for persona in PERSONAS
    }
    for persona in set(PERSONAS) - {"anonymous", "candidate", "outsider", "removed"}:
        assert opened[persona] - opened["outsider"], persona
    assert opened["removed"] == opened["outsider"]

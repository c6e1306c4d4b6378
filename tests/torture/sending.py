"""Sending a hostile case as a browser would that keeps to no rule, and undoing what it did."""

import io
import re
import string
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode

from sqlalchemy import select
from werkzeug.test import TestResponse

from hiring.ground import clock
from hiring.ground.database import db
from hiring.people import passwords
from hiring.people.models import Person
from tests.routes import NOW, Row, World
from tests.torture.answers import leads_away, newest_notice, stands_somewhere, wrong_mails, wrong_with
from tests.torture.hostile import (
    BODY_KINDS,
    BROKEN,
    ELSEWHERE,
    HEADERS,
    IN_ADDRESSES,
    MACHINERY,
    MARKUP,
    NUMBERS,
    TEXTS,
    Case,
    asker,
    valid,
)

ASKED_ELSEWHERE = {
    ("cords.clear", "message"): "told only where the application ends",
    ("cords.clear", "due_on"): "asked only of an action that follows",
    ("cords.clear", "owner"): "asked only of an action that follows",
}
"""Fields that are read only beside another answer, and why a text in them may go unread."""


@dataclass(frozen=True)
class Told:
    """What came of a case: its status, and what is wrong with it."""

    status: int
    wrong: tuple[str, ...] = ()


def ask(world: World, case: Case) -> Told:
    """Send it, look at everything that came of it, and undo what it did."""
    answer = _SENDERS[case.place](world, case)
    wrong = [*wrong_with(answer)]
    if case.place == "header" and ELSEWHERE in answer.text:
        wrong.append("believes the header")
    if world.engine.kept is None:
        if answer.status_code < 400:
            wrong += _not_kept(world, case, answer)
            if case.value in TEXTS or case.value in BROKEN:
                wrong += _followed(world, case, answer)
        wrong += wrong_mails(world)
        start_again(world)
    answer.close()
    return Told(answer.status_code, tuple(wrong))


def _followed(world: World, case: Case, answer: TestResponse) -> list[str]:
    """What is wrong with the page to which the act led."""
    location = answer.headers.get("Location")
    if location is None or leads_away(location):
        return []
    page = world.ask(case.persona, "GET", location)
    wrong = [f"then {words}" for words in wrong_with(page)]
    page.close()
    return wrong


def _not_kept(world: World, case: Case, answer: TestResponse) -> list[str]:
    if case.place != "field" or case.value not in TEXTS or case.name in MACHINERY:
        return []
    if (case.row.endpoint, case.name) in ASKED_ELSEWHERE:
        return []
    sent = TEXTS[case.value].strip()
    if (case.row.endpoint, case.name) == ("sign_in.set_up", "new"):
        return [] if _opens(world, TEXTS[case.value]) else ["was taken as a password and opens nothing"]
    if stands_somewhere(world, sent) or all(stands_somewhere(world, line) for line in sent.splitlines()):
        return []
    return ["was taken and is not kept as it was sent"]


def _opens(world: World, password: str) -> bool:
    with world.engine.app.app_context():
        return any(passwords.matches(stored, password) for stored in db.session.scalars(select(Person.password_hash)))


def act(world: World, row: Row) -> Told:
    """Do it as a good browser would; nothing is undone."""
    body, content_type = encoded(list(valid(world, row).items()))
    case = Case(row, asker(row), "", "", "")
    answer = _send(world, case, row.url(world, case.persona), data=body, content_type=content_type)
    wrong = [*wrong_with(answer), *wrong_mails(world)]
    answer.close()
    return Told(answer.status_code, tuple(wrong))


def start_again(world: World) -> None:
    """The world as it was built, at its own time."""
    world.reset()
    newest_notice(world.engine)
    assert world.engine.settings.clock_file is not None
    clock.set_offset(world.engine.settings.clock_file, NOW - datetime.now(UTC))


def _send(world: World, case: Case, url: str, **options: Any) -> TestResponse:
    browser = world.engine.app.test_client()
    if case.persona in world.cookies:
        browser.set_cookie("hiring", world.cookies[case.persona])
    return browser.open(url, method=case.row.method, **options)


def _in_field(world: World, case: Case) -> TestResponse:
    body, content_type = encoded(_pairs(case, valid(world, case.row)))
    return _send(world, case, case.row.url(world, case.persona), data=body, content_type=content_type)


def _pairs(case: Case, good: dict[str, Any]) -> list[tuple[str, Any]]:
    name, sent = case.name, [(key, value) for key, value in good.items() if key != case.name]
    was = good.get(name, "A text.")
    hostile = {
        "missing": [],
        "array by name": [(f"{name}[]", was), (f"{name}[0]", was)],
        "twice, hostile last": [(name, was), (name, MARKUP)],
        "twice, hostile first": [(name, MARKUP), (name, was)],
        "a file": [(name, lambda: (io.BytesIO(b"A file for a text."), "a.txt"))],
    }
    values = NUMBERS | TEXTS | BROKEN
    return sent + hostile.get(case.value, [(name, values.get(case.value))])


_IN_A_HEADER = {ord('"'): "%22", ord("\r"): "%0D", ord("\n"): "%0A"}


def encoded(pairs: Sequence[tuple[str, Any]]) -> tuple[bytes, str]:
    """As a browser writes a form, though bytes may be anything; multipart where a file is among them."""
    if not any(callable(value) for _, value in pairs):
        return urlencode(pairs).encode(), "application/x-www-form-urlencoded"
    parts = []
    for name, value in pairs:
        content, file = (value()[0].read(), value()[1]) if callable(value) else (value, None)
        named = "" if file is None else f'; filename="{file.translate(_IN_A_HEADER)}"'
        head = f'--part\r\nContent-Disposition: form-data; name="{name}"{named}\r\n\r\n'
        parts.append(head.encode() + (content if isinstance(content, bytes) else content.encode()) + b"\r\n")
    return b"".join([*parts, b"--part--\r\n"]), "multipart/form-data; boundary=part"


def _as_body(world: World, case: Case) -> TestResponse:
    content_type, body = BODY_KINDS[case.value]
    given = {"content_type": content_type} if content_type else {}
    return _send(world, case, case.row.url(world, case.persona), data=body, **given)


def _with_header(world: World, case: Case) -> TestResponse:
    body, content_type = encoded(list(valid(world, case.row).items())) if case.row.method == "POST" else (None, None)
    url = case.row.url(world, case.persona)
    return _send(world, case, url, headers=HEADERS[case.value], data=body, content_type=content_type)


def _in_parameter(world: World, case: Case) -> TestResponse:
    named = {name: str(world.ids[parameter][name]) for parameter, name in case.row.named}
    aimed = dict(case.row.named)[case.name]
    path = string.Template(re.sub(r"\{(\w+)\}", r"${\1}", case.row.path))
    url = path.substitute({name: quote(value) for name, value in named.items()} | {aimed: IN_ADDRESSES[case.value]})
    if case.row.method == "GET":
        return _send(world, case, url)
    body, content_type = encoded(list(valid(world, case.row).items()))
    return _send(world, case, url, data=body, content_type=content_type)


def _in_query(world: World, case: Case) -> TestResponse:
    url, _, known = case.row.url(world, case.persona).partition("?")
    kept = [(name, value) for name, value in parse_qsl(known) if name != case.name]
    return _send(world, case, f"{url}?{urlencode([*kept, (case.name, '')])}{IN_ADDRESSES[case.value]}")


_SENDERS = {
    "field": _in_field,
    "body": _as_body,
    "header": _with_header,
    "parameter": _in_parameter,
    "query": _in_query,
}

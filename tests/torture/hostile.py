"""What a hostile browser sends, and where: at every parameter, every field and in every place of the route table.

A route that the table gains is asked here as well, at whatever its form shows. How it is sent, and what must never come
back, stand in ``sending`` and ``answers``.
"""

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

from bs4 import BeautifulSoup, Tag
from flask import Request
from werkzeug.datastructures import ImmutableMultiDict

from tests.routes import BODIES, PERSONAS, Row, World, routes
from tests.versions import shown

TABLE = Path(__file__).parent.parent / "routes.csv"
ELSEWHERE = "evil.example"
RUN = "{{7919*7907}}${7919*7907}"
RAN = "62615533"
"""What the template code becomes where somebody runs it."""
MARKUP = f"<img src=x onerror=canary>\"'<script>canary()</script>{RUN}{{% x %}}"

# --- What is sent --------------------------------------------------------------------------------------------------

LONG = "x" * 2**20
NUMBERS = {
    "zero": "0",
    "minus one": "-1",
    "2^63": str(2**63),
    "10^20": str(10**20),
    "10^5000": "1" + "0" * 5000,
    "another script's digit": "٣",
    "superscript": "²",
    "no number": "NaN",
}
TEXTS = {
    "markup": MARKUP,
    "script address": "javascript:alert(1)//" + MARKUP,
    "header": f"Ada\r\nBcc: someone@{ELSEWHERE}\r\n\r\nbody",
    "right to left": "Ada\u202egnp.exe\u2066\u200f ada",
    "zalgo": "Z" + "\u0335\u0301\u0308" * 60 + " ada",
    "formats": "%s %(name)s {0.__class__} %00 \\x00 ' OR '1'='1 -- ; 😀\ufffe",
}
"""What somebody may write: whatever takes it keeps it to the letter."""
BROKEN: dict[str, str | bytes] = {
    "NUL": "Ada\x00Lovelace",
    "lone surrogate": b"Ada \xed\xa0\x80",
    "no UTF-8": b"Ada \xff\xc0\xaf",
    "a megabyte": LONG,
    "blanks": " \t\u3000\u200b\u2060 ",
    "day without a month": "2026-00-99",
    "end of time": "9999-12-31T23:59",
    "last day": "9999-12-31",
    "first day": "0001-01-01",
}
WAYS = ("missing", "array by name", "twice, hostile last", "twice, hostile first", "a file")
"""Ways to send a field that are no value of it."""
VALUES = dict.fromkeys(("input", "select", "button"), (*NUMBERS, *TEXTS, *BROKEN, *WAYS)) | {
    "textarea": (*TEXTS, *BROKEN, *WAYS),
    "checkbox": (*NUMBERS, *BROKEN, *WAYS),
    "hidden": (*NUMBERS, *BROKEN, *WAYS),
    "file": ("missing", "NUL", "a megabyte"),
}
"""What each kind of field is sent; a number in a textarea is a text like any other."""
MACHINERY = ("submission_key", "version")
"""Fields of every form; no text of anybody's."""
MACHINERY_VALUES = ("10^5000", "superscript", "NUL", "a file")
IN_ADDRESSES: dict[str, str] = {
    **{name: quote(value) for name, value in NUMBERS.items()},
    "NUL": "%00",
    "digits and NUL": "1%00",
    "lone surrogate": "%ED%A0%80",
    "no UTF-8": "%C0%AF",
    "markup": quote(MARKUP, safe=""),
    "header": quote(f"1\r\nSet-Cookie: a={ELSEWHERE}", safe=""),
    "upstairs": "..%2F..%2Fetc%2Fpasswd",
    "plus": "+1",
    "leading zeros": "0001",
    "long": "7" * 8_000,
    "template": quote(RUN),
}
BODY_KINDS: dict[str, tuple[str, bytes]] = {
    "JSON": ("application/json", b'{"reason": "A reason.", "text": {"$ne": null}}'),
    "broken JSON": ("application/json", b'{"reason": '),
    "plain text": ("text/plain", b"reason=A reason."),
    "nothing": ("", b""),
    "no type": ("", b"reason=A+reason."),
    "multipart without boundary": ("multipart/form-data", b'--x\r\nContent-Disposition: form-data; name="reason"\r\n'),
    "multipart that ends": ("multipart/form-data; boundary=x", b'--x\r\nContent-Disposition: form-data; name="rea'),
    "multipart of something else": ("multipart/form-data; boundary=x", b"\x00\xff" * 400),
    "another charset": ("application/x-www-form-urlencoded; charset=utf-16", "reason=ä".encode("utf-16")),
    "bytes": ("application/x-www-form-urlencoded", bytes(range(256)) * 4),
    "many fields": ("application/x-www-form-urlencoded", b"&".join(b"f%d=1" % number for number in range(3_000))),
    "XML": ("application/xml", b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>'),
}
HEADERS: dict[str, dict[str, str]] = {
    "Host": {"Host": ELSEWHERE},
    "odd Host": {"Host": f"127.0.0.1:99999@{ELSEWHERE}/<script>"},
    "forwarded": {
        "X-Forwarded-Host": ELSEWHERE,
        "X-Forwarded-Proto": "javascript",
        "X-Forwarded-For": "' OR 1=1 --",
        "X-Forwarded-Prefix": f"//{ELSEWHERE}",
        "Forwarded": f"host={ELSEWHERE};proto=https",
    },
    "rewriting": {"X-Original-URL": "/settings", "X-Rewrite-URL": "/settings", "X-HTTP-Method-Override": "DELETE"},
    "origin": {"Origin": f"https://{ELSEWHERE}", "Referer": f"https://{ELSEWHERE}/{MARKUP}"},
    "htmx": {"HX-Request": "true", "HX-Current-URL": f"https://{ELSEWHERE}", "HX-Target": MARKUP, "HX-Prompt": MARKUP},
    "wishes": {
        "Accept": "*/*;q=nan, text/\x7f",
        "Accept-Language": "../../" * 40,
        "Accept-Encoding": "gzip;q=2",
        "Range": "bytes=-99999999999999999999",
        "If-Modified-Since": "Thu, 99 Foo 99999 99:99:99 GMT",
        "If-None-Match": 'W/"' + "x" * 2_000,
        "Authorization": "Basic " + "\xff" * 20,
    },
    "cookies": {"Cookie": "hiring=.eJw\xff\x01; session=%00; a; =b; hiring=" + "A" * 3_000},
}


# --- Where it is sent ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Case:
    """One request: ``value`` (a name of those above) sent as ``name`` in one place of a route, by one persona."""

    row: Row
    persona: str
    place: str
    name: str
    value: str

    def __str__(self) -> str:
        return f"{self.row.method} {self.row.path} as {self.persona}: {self.place} {self.name} = {self.value}"


@cache
def _words() -> dict[tuple[str, str, str], dict[str, str]]:
    with TABLE.open(newline="") as file:
        return {(row["endpoint"], row["method"], row["path"]): row for row in csv.DictReader(file)}


def asked(world: World) -> list[Row]:
    """Every route and method once, at the first place where somebody may do it."""
    found: dict[tuple[str, str], Row] = {}
    order = ("ok", "rule", "")
    for row in sorted(routes(world), key=lambda row: order.index(_word_of(row))):
        found.setdefault((row.endpoint, row.method), row)
    return sorted(found.values(), key=lambda row: row.key)


def _word_of(row: Row) -> str:
    words = set(_words().get(row.key, {}).values())
    return next((word for word in ("ok", "rule") if word in words), "")


def asker(row: Row) -> str:
    """The first persona who may do it; else one whom a rule of the process refuses; else anybody."""
    words = _words().get(row.key, {})
    for word in ("ok", "rule"):
        for persona in PERSONAS:
            if words.get(persona) == word:
                return persona
    return "administrator"


def readers(row: Row) -> list[str]:
    """Everybody who opens the page."""
    return [persona for persona in PERSONAS if _words().get(row.key, {}).get(persona) == "ok"]


def valid(world: World, row: Row) -> dict[str, Any]:
    """What a good browser would send."""
    body = BODIES.get(row.endpoint, {})
    return shown(world, row) | (body(world) if callable(body) else body)


def field_cases(world: World, rows: Iterable[Row]) -> list[Case]:
    """Every field of every form, each with every value."""
    return [
        Case(row, asker(row), "field", name, value)
        for row in rows
        for name, tag in sorted(form_fields(world, row).items())
        for value in (MACHINERY_VALUES if name in MACHINERY else VALUES[tag])
    ]


def form_fields(world: World, row: Row) -> dict[str, str]:
    """Fields that the act's form shows when it comes back, and those of a valid form, with the kind of each."""
    persona = asker(row)
    url = row.url(world, persona)
    known = dict.fromkeys([*valid(world, row), *MACHINERY], "input")
    answer = world.ask(persona, "POST", url, {"submission_key": "\x00"})  # no form is valid with it
    if answer.mimetype == "text/html":
        for form in BeautifulSoup(answer.data, "lxml").find_all("form", method="post"):
            aim = form.get("action") or url
            if urlsplit(str(aim)).path == urlsplit(url).path:
                known |= {str(each["name"]): _kind(each) for each in form.select("[name]") if each["name"]}
    answer.close()
    return known


def _kind(field: Tag) -> str:
    kind = str(field.get("type"))
    return kind if kind in VALUES else field.name


def body_cases(rows: Iterable[Row]) -> list[Case]:
    """Every act with every kind of body that is no form."""
    return [Case(row, asker(row), "body", "", value) for row in rows for value in BODY_KINDS]


def header_cases(rows: Iterable[Row]) -> list[Case]:
    """Every route with every odd header."""
    return [Case(row, asker(row), "header", "", value) for row in rows for value in HEADERS]


def address_cases(rows: Iterable[Row]) -> list[Case]:
    """Every parameter of every address."""
    return [
        Case(row, asker(row), "parameter", parameter, value)
        for row in rows
        for parameter, _ in row.named
        for value in IN_ADDRESSES
    ]


def query_cases(world: World, rows: Iterable[Row]) -> list[Case]:
    """Every parameter that a page reads from the query, names in its links and forms, or is asked with."""
    return [
        Case(row, asker(row), "query", name, value)
        for row in rows
        for name in sorted(_read_by(world, row))
        for value in IN_ADDRESSES
    ]


def _read_by(world: World, row: Row) -> set[str]:
    persona = asker(row)
    url = row.url(world, persona)
    _Noting.names.clear()
    answer = world.ask(persona, "GET", url)
    known = set(_Noting.names)
    if answer.mimetype == "text/html":
        page = BeautifulSoup(answer.data, "lxml")
        for form in page.select("form[method=get]"):
            known |= {str(each["name"]) for each in form.select("[name]")}
        for link in page.select("a[href*='?']"):
            target = urlsplit(str(link["href"]))
            if target.path == urlsplit(url).path:
                known |= {name for name, _ in parse_qsl(target.query)}
    answer.close()
    return known


class _Noting(ImmutableMultiDict[str, str]):
    """Parameters of a request that remember which of them were asked for."""

    names: set[str] = set()  # noqa: RUF012  (shared on purpose: one request is asked at a time)

    def get(self, key: str, *args: Any, **kwargs: Any) -> Any:
        self.names.add(key)
        return super().get(key, *args, **kwargs)

    def __getitem__(self, key: str) -> Any:
        self.names.add(key)
        return super().__getitem__(key)


class NotingRequest(Request):
    """A request that remembers which parameters were asked for."""

    parameter_storage_class = _Noting

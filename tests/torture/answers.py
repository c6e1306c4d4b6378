"""What must never come back from a hostile request, what is kept of it, and a company hostile in every text."""

import json
import re
from collections.abc import Iterator
from email import message_from_bytes, policy
from functools import cache
from typing import Any
from urllib.parse import urljoin, urlsplit

from sqlalchemy import JSON, Column, Enum, String, TextClause, func, select, text, update
from sqlalchemy.engine import Connection
from werkzeug.test import TestResponse

from hiring.ground import mail
from hiring.ground.database import Base, db, schema_change
from hiring.ground.outbox import Notice
from tests.conftest import Engine
from tests.routes import World
from tests.torture.hostile import ELSEWHERE, MARKUP, RAN

_RAW = ("<img src=x", "<script>canary", RAN)
_LINKED = re.compile(r"""(?:href|src|action|hx-\w+)\s*=\s*["']?\s*javascript:""", re.IGNORECASE)
_NOT_FOR_TEXTS = {"receipt", "sign_in_attempt"}
"""Tables that note what was sent, whatever came of it."""


def wrong_with(answer: TestResponse) -> Iterator[str]:
    """What no answer may be, hold or lead to."""
    if answer.status_code >= 500:
        yield f"answered {answer.status_code}"
    if answer.mimetype in {"text/html", "image/svg+xml"}:
        yield from (f"shows {raw}" for raw in shown_raw(answer.text))
    location = answer.headers.get("Location", "")
    if location and leads_away(location):
        yield f"leads to {location!r}"
    if ELSEWHERE in str(answer.headers.get("Set-Cookie", "")):
        yield "sets a cookie"


def shown_raw(page: str) -> list[str]:
    """What of the markup or code stands in a page as such."""
    found = [raw for raw in _RAW if raw in page]
    return found + [link[0] for link in _LINKED.finditer(page)]


def leads_away(location: str) -> bool:
    """Whether a browser, which forgives a lot, would leave this site for it."""
    read = location.strip("".join(map(chr, range(33)))).translate({9: None, 10: None, 13: None, 92: "/"})
    target = urlsplit(urljoin("http://localhost/some/page", read))
    return (target.scheme, target.netloc) != ("http", "localhost")


def stands_somewhere(world: World, words: str) -> bool:
    """Whether some column holds these words, to the letter."""
    with world.engine.app.app_context():
        found = db.session.execute(
            _search(sqlite=world.engine.sqlite), {"words": words, "json": json.dumps(words)[1:-1]}
        )
        stands = found.first() is not None
        db.session.rollback()
    return stands


@cache
def _search(*, sqlite: bool) -> TextClause:
    position = "instr" if sqlite else "strpos"
    parts = []
    for table in Base.metadata.sorted_tables:
        for column in table.columns:
            if (
                table.name in _NOT_FOR_TEXTS
                or not isinstance(column.type, String | JSON)
                or isinstance(column.type, Enum)
            ):
                continue
            words = ":json" if isinstance(column.type, JSON) else ":words"
            parts.append(f'SELECT 1 FROM {table.name} WHERE {position}(CAST("{column.name}" AS TEXT), {words}) > 0')
    return text(" UNION ALL ".join(parts) + " LIMIT 1")


_HEADERS_OF_A_MAIL = {
    "From",
    "To",
    "Subject",
    "Date",
    "Message-ID",
    "Auto-Submitted",
    "MIME-Version",
    "Content-Type",
    "Content-Transfer-Encoding",
}


def wrong_mails(world: World) -> list[str]:
    """What is wrong with the mails written since the world was built, as a mail program reads them."""
    with world.engine.app.app_context():
        notices = list(db.session.scalars(select(Notice).where(Notice.id > newest_notice(world.engine))))
        wrong = [f"mail {notice.kind}: {words}" for notice in notices for words in _wrong_with_mail(world, notice)]
        db.session.rollback()
    return wrong


def mails(world: World) -> int:
    """How many mails were written since the world was built."""
    with world.engine.app.app_context():
        newest = db.session.scalar(select(func.count()).where(Notice.id > newest_notice(world.engine))) or 0
        db.session.rollback()
    return newest


@cache
def newest_notice(engine: Engine) -> int:
    """The last notice of the world as it was built."""
    with engine.app.app_context():
        newest = db.session.scalar(select(func.max(Notice.id))) or 0
        db.session.rollback()
    return newest


def _wrong_with_mail(world: World, notice: Notice) -> Iterator[str]:
    try:
        sent = mail.message(
            sender=world.engine.settings.mail_from,
            to=notice.to_address,
            subject=notice.subject,
            text=notice.body_text,
            html=notice.body_html,
            calendar=notice.calendar,
            message_id=notice.message_id,
            at=notice.created_at,
        ).as_bytes()
    except ValueError as error:
        yield f"cannot be written: {error}"
        return
    read = message_from_bytes(sent, policy=policy.default)
    if not set(read.keys()) <= _HEADERS_OF_A_MAIL or len(read.keys()) != len(set(read.keys())):
        yield f"headers {sorted(read.keys())}"
    if [each.addr_spec for each in read["To"].addresses] != [notice.to_address]:
        yield f"goes to {read['To']}"
    for part in read.walk():
        if part.get_content_type() == "text/html":
            yield from (f"shows {raw}" for raw in shown_raw(part.get_content()))
    for address in re.findall(r"https?://[^\s\"'<>]+", notice.body_text):
        if not address.startswith(world.engine.settings.base_url) and ELSEWHERE in address:
            yield f"links to {address}"


# --- A company hostile in every text -------------------------------------------------------------------------------

_NO_TEXTS = {"installation", "job_run", "receipt", "notice", "sign_in_attempt", "sign_in_session", "upload_try"}
_NO_TEXTS |= {"audit_entry", "audit_head", "audit_text", "policy_version", "imported_event"}
_KEYS = {"email", "email_key", "code", "country", "currency", "time_zone", "zone", "rule", "sha256", "media_type"}
_KEYS |= {"password_hash", "link_digest", "source"}
"""Words that the product reads: keys, addresses, codes. Whatever else is written somewhere is somebody's text."""


def plant(world: World) -> int:
    """Put markup, code and a script's address into every text of the company; returns into how many columns."""
    with world.engine.app.app_context(), schema_change(), db.engine.begin() as connection:
        frozen = _thaw(connection, sqlite=world.engine.sqlite)
        columns = [column for table in Base.metadata.sorted_tables for column in table.columns if _is_text(column)]
        for column in columns:
            filled = column.is_not(None) & (func.length(column) > 0)
            planted = "javascript:canary()//" + func.coalesce(column, "") + MARKUP
            connection.execute(update(column.table).where(filled).values({column.name: planted}))
        for column in [column for table in Base.metadata.sorted_tables for column in table.columns if _is_list(column)]:
            key = column.table.primary_key.columns[0]
            for row_id, held in connection.execute(select(key, column)).all():
                connection.execute(update(column.table).where(key == row_id).values({column.name: _planted(held)}))
        for statement in frozen:
            connection.exec_driver_sql(statement)
    return len(columns)


def _is_text(column: Column[Any]) -> bool:
    table = column.table.name
    plain = isinstance(column.type, String) and not isinstance(column.type, Enum)
    return plain and table not in _NO_TEXTS and column.name not in _KEYS


def _is_list(column: Column[Any]) -> bool:
    return isinstance(column.type, JSON) and column.table.name not in _NO_TEXTS


def _planted(held: Any) -> Any:
    """Sentences within what is kept as JSON; a single word may be a key."""
    if isinstance(held, list):
        return [_planted(each) for each in held]
    if isinstance(held, dict):
        return {key: _planted(value) for key, value in held.items()}
    return held + MARKUP if isinstance(held, str) and " " in held else held


def _thaw(connection: Connection, *, sqlite: bool) -> list[str]:
    """Let frozen texts be changed; returns the statements that freeze them again."""
    if not sqlite:
        connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
        return []
    found = connection.exec_driver_sql("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").all()
    for name, _ in found:
        connection.exec_driver_sql(f"DROP TRIGGER {name}")
    return [statement for _, statement in found]

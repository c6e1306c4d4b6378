"""Mails that were given up, for administrators: to whom, since when and why, but never what they say.

A mail about an application on whose inside the reader is stays hidden; how many there are is said.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from hiring.desk.queries import records_closed_to
from hiring.ground import outbox
from hiring.ground.database import Forbidden, NotVisible, db
from hiring.ground.jobs import JobRun
from hiring.ground.outbox import Notice
from hiring.people.models import Person
from hiring.people.rules import Role

_PAGE = 100
_FRESH = timedelta(days=14)
"""How long a mail that was given up lies on a desk; the page of mails keeps it."""


@dataclass(frozen=True, slots=True)
class Letters:
    """A page of mails that were given up, how many of it are ``hidden``, and where the next page goes on.

    ``waiting`` are due and still to go, the first one ``since``; ``trouble`` is why the last sweep could not send.
    """

    shown: list[Notice]
    hidden: int
    before: int | None
    waiting: int
    since: datetime | None
    trouble: str


def letters(reader: Person, before: int | None, *, now: datetime) -> Letters:
    """What was given up, the latest first; raises Forbidden."""
    _administrator(reader)
    found = outbox.given_up(before, _PAGE + 1)
    page = found[:_PAGE]
    closed = closed_to(reader, page)
    count, since = outbox.waiting(now)
    run = db.session.get(JobRun, outbox.DELIVERY)
    return Letters(
        shown=[notice for notice in page if notice.id not in closed],
        hidden=len(closed),
        before=page[-1].id if len(found) > _PAGE else None,
        waiting=count,
        since=since,
        trouble=(run.last_error or "") if run else "",
    )


def fresh(reader: Person, now: datetime) -> int:
    """How many mails, of late given up, the reader can let go once more; none for who does not look after them."""
    if not reader.has(Role.ADMINISTRATOR):
        return 0
    found = [
        notice
        for notice in outbox.given_up(None, _PAGE)
        if notice.dead_at and notice.dead_at > now - _FRESH and (notice.expires_at is None or notice.expires_at > now)
    ]
    return len(found) - len(closed_to(reader, found)) if found else 0


def letter(reader: Person, notice_id: int) -> Notice:
    """A mail that administrators may know of; raises Forbidden and NotVisible."""
    _administrator(reader)
    notice = db.session.get(Notice, notice_id)
    if notice is None or notice_id in closed_to(reader, [notice]):
        raise NotVisible(f"notice {notice_id}")
    return notice


def closed_to(reader: Person, notices: Collection[Notice]) -> set[int]:
    """Ids of those that are about an application on whose inside the reader is, or to a stranger about nobody named."""
    about = {notice.id: _about(notice) for notice in notices}
    closed = records_closed_to(reader, {record for record in about.values() if record is not None})
    unknown = {notice.id for notice in notices if about[notice.id] is None and notice.recipient_id is None}
    return {notice_id for notice_id, record in about.items() if record in closed} | unknown


def _about(notice: Notice) -> tuple[str, int] | None:
    kind, _, number = (notice.about or "").partition(":")
    return (kind, int(number)) if number.isdecimal() else None


def _administrator(reader: Person) -> None:
    if not reader.has(Role.ADMINISTRATOR):
        raise Forbidden("Administrators, who own the process, look after mails that were given up.")

"""The outbox: a notice is a row written in the transaction that causes it, and leaves afterwards, once.

A second delivery of a notice happens only after a kill between the server's taking it and our marking it. One failure
never stops the rest; a recipient's notices arrive in the order in which they were written.
"""

import os
import threading
import time
import uuid
from collections.abc import Iterable
from datetime import datetime, timedelta
from email.utils import parseaddr

import structlog
from sqlalchemy import (
    ColumnElement,
    ForeignKey,
    Index,
    Text,
    and_,
    delete,
    exists,
    func,
    insert,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Mapped, aliased, mapped_column

from hiring.ground import clock, mail
from hiring.ground.config import Settings, settings
from hiring.ground.database import Base, Id, db, is_sqlite, writing
from hiring.ground.jobs import Postponed, job
from hiring.ground.mail import compose

__all__ = ["Notice", "compose", "deliver", "forget", "given_up", "put", "retry", "waiting", "withdraw"]

MAX_ATTEMPTS = 20
DELIVERY = "outbox.deliver"
"""Name of the job that sends."""
_LEASE = timedelta(minutes=10)
_RETRY_SECONDS = 1.0
_SWEEP_SECONDS = 20
"""A sweep ends after this and the next goes on: its ``now`` must stay young against the lease."""
_BATCH = 100
_OPEN = "sent_at IS NULL AND dead_at IS NULL AND expired_at IS NULL"
_DEAD = "dead_at IS NOT NULL"

log = structlog.get_logger()


class Notice(Base):
    """One mail to one address.

    ``key`` makes a notice unique for ever (``feedback.due:17:at_due``). ``about`` names the row it speaks of
    (``candidate:17``), so that erasing that row can find it. ``calendar`` is an iCalendar text with a METHOD.
    """

    __tablename__ = "notice"
    __table_args__ = (
        # Read by the sweep: what is still to go, in order, and per recipient.
        Index("ix_notice_open", "id", sqlite_where=text(_OPEN), postgresql_where=text(_OPEN)),
        Index("ix_notice_open_to", "to_address", "id", sqlite_where=text(_OPEN), postgresql_where=text(_OPEN)),
        # Read by the administrators' page of mails that were given up.
        Index("ix_notice_dead", "id", sqlite_where=text(_DEAD), postgresql_where=text(_DEAD)),
    )
    id: Mapped[Id]
    key: Mapped[str | None] = mapped_column(unique=True)
    kind: Mapped[str]
    about: Mapped[str | None] = mapped_column(index=True)
    recipient_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    to_address: Mapped[str] = mapped_column(index=True)
    subject: Mapped[str]
    body_text: Mapped[str] = mapped_column(Text)
    body_html: Mapped[str | None] = mapped_column(Text)
    calendar: Mapped[str | None] = mapped_column(Text)
    message_id: Mapped[str] = mapped_column(unique=True)
    created_at: Mapped[datetime]
    not_before: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    claimed_at: Mapped[datetime | None]
    claimed_by: Mapped[str | None]
    attempts: Mapped[int] = mapped_column(default=0)
    next_try_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    dead_at: Mapped[datetime | None]
    expired_at: Mapped[datetime | None]
    last_error: Mapped[str | None]


def put(
    kind: str,
    to_address: str,
    subject: str,
    text: str,
    html: str | None = None,
    *,
    now: datetime,
    key: str | None = None,
    recipient_id: int | None = None,
    about: str | None = None,
    calendar: str | None = None,
    not_before: datetime | None = None,
    expires_at: datetime | None = None,
) -> Notice | None:
    """Write a notice in the caller's transaction; None when one with this ``key`` exists: the first stays.

    ``subject, text, html`` are what ``compose`` returns: ``put(kind, address, *compose(template, …), now=now)``.
    """
    values = {
        "key": key,
        "kind": kind,
        "about": about,
        "recipient_id": recipient_id,
        "to_address": mail.one_line(to_address),
        "subject": mail.one_line(subject),
        "body_text": text,
        "body_html": html,
        "calendar": calendar,
        "message_id": f"<{uuid.uuid4().hex}@{_mail_domain()}>",
        "created_at": now,
        "not_before": not_before or now,
        "next_try_at": not_before or now,
        "expires_at": expires_at,
        "attempts": 0,
    }
    db.session.flush()
    if key is None:
        return db.session.scalars(insert(Notice).values(values).returning(Notice)).one()
    dialect = sqlite if is_sqlite() else postgresql
    once = dialect.insert(Notice).values(values).on_conflict_do_nothing(index_elements=["key"])
    return db.session.scalars(once.returning(Notice)).one_or_none()


def _mail_domain() -> str:
    return parseaddr(settings().mail_from)[1].rpartition("@")[2] or "localhost.localdomain"


def forget(*, to_address: str | None = None, about: str | None = None) -> int:
    """Delete every notice to an address or about a row, sent or not (erasure); returns how many."""
    wanted = [Notice.to_address == to_address] if to_address else []
    wanted += [Notice.about == about] if about else []
    if not wanted:
        return 0
    return len(db.session.scalars(delete(Notice).where(or_(*wanted)).returning(Notice.id)).all())


def withdraw(keys: Iterable[str], now: datetime) -> None:
    """Let open notices with these keys, or these and a suffix ``:…``, expire: what they ask for has been done."""
    named = [or_(Notice.key == key, Notice.key.startswith(key + ":", autoescape=True)) for key in keys]
    if not named:
        return
    db.session.execute(
        update(Notice)
        .where(or_(*named), *_is_open(Notice))
        .values(expires_at=now)
        .execution_options(synchronize_session=False)
    )


def given_up(before: int | None, at_most: int) -> list[Notice]:
    """Notices that no server took, the latest first; ``before`` is the id where a page goes on."""
    query = select(Notice).where(Notice.dead_at.is_not(None)).order_by(Notice.id.desc()).limit(at_most)
    return list(db.session.scalars(query if before is None else query.where(Notice.id < before)))


def waiting(now: datetime) -> tuple[int, datetime | None]:
    """How many notices are due and still to go, and since when the first of them waits."""
    late = select(func.count(), func.min(Notice.not_before)).where(*_is_open(Notice), Notice.not_before <= now)
    count, since = db.session.execute(late).one()
    return count, since


def retry(notice_id: int, now: datetime) -> bool:
    """Let a notice that was given up go once more, unless it is too late for it; whether it goes."""
    again = (
        update(Notice)
        .where(Notice.id == notice_id, Notice.dead_at.is_not(None))
        .where(or_(Notice.expires_at.is_(None), Notice.expires_at > now))
        .values(dead_at=None, attempts=0, next_try_at=now)
        .execution_options(synchronize_session=False)
    )
    return db.session.scalars(again.returning(Notice.id)).first() is not None


@job(DELIVERY, every=timedelta(seconds=5))
def deliver_mail(now: datetime) -> int:
    """Send what is due; the worker's job."""
    return deliver(settings(), now)


def deliver(settings: Settings, now: datetime) -> int:
    """Send due notices one at a time; returns how many were taken by the mail server.

    Without a mail server they stay. When it cannot be reached no notice is charged an attempt, and Postponed is raised.
    """
    _expire(now)
    if not settings.smtp_url:
        return 0
    sent, until = 0, time.monotonic() + _SWEEP_SECONDS
    with mail.Carrier(settings.smtp_url) as carrier:
        progress = True
        while progress:
            progress = False
            for notice_id in _due(now):
                if time.monotonic() > until:
                    return sent
                try:
                    carrier.connect()
                except mail.ServerAway as away:
                    raise Postponed(str(away)) from away
                claimed = _claim(notice_id, now)
                if claimed is not None:
                    progress = True
                    sent += _send(carrier, claimed, settings, now)
    return sent


def _expire(now: datetime) -> None:
    stale = (*_is_open(Notice), _is_free(now), Notice.expires_at <= now)
    found = db.session.scalars(select(Notice.id).where(*stale).limit(1)).first()
    db.session.rollback()
    if found is not None:
        with writing():
            db.session.execute(update(Notice).where(*stale).values(expired_at=now))


def _due(now: datetime) -> list[int]:
    ids = list(db.session.scalars(select(Notice.id).where(*_may_go(now)).order_by(Notice.id).limit(_BATCH)))
    db.session.rollback()
    return ids


def _claim(notice_id: int, now: datetime) -> Notice | None:
    """Take one notice for this thread by a conditional UPDATE; None when another was faster or it must wait."""
    me = f"{os.getpid()}-{threading.get_ident()}-{uuid.uuid4().hex[:8]}"
    claim = (
        update(Notice)
        .where(Notice.id == notice_id, *_may_go(now))
        .values(claimed_at=now, claimed_by=me, attempts=Notice.attempts + 1)
        .execution_options(synchronize_session=False)
    )
    with writing():  # read in the same transaction: once it is claimed, nothing but the sending may fail
        notice = db.session.scalars(claim.returning(Notice), execution_options={"populate_existing": True}).first()
        if notice is not None:
            db.session.expunge(notice)
    return notice


def _send(carrier: mail.Carrier, notice: Notice, settings: Settings, now: datetime) -> bool:
    """Send a claimed notice outside of any transaction, then write how it went."""
    try:
        carrier.send(
            mail.message(
                sender=settings.mail_from,
                to=notice.to_address,
                subject=notice.subject,
                text=notice.body_text,
                html=notice.body_html,
                calendar=notice.calendar,
                message_id=notice.message_id,
                at=now,
            ),
            ask=lambda: _ensure_ours(notice),
        )
    except mail.Overtaken:
        log.warning("notice sent by another worker meanwhile", notice=notice.id)
    except mail.NotTaken as refused:
        _mark_failed(notice, str(refused), now, final=refused.final)
    except Exception as error:  # whatever is wrong with this one, the next must still go
        log.exception("notice cannot be sent", notice=notice.id)
        _mark_failed(notice, f"{type(error).__name__}: {error}", now, final=isinstance(error, ValueError))
    else:
        _finish(notice, sent_at=now, last_error=None)
        return True
    return False


def _ensure_ours(notice: Notice) -> None:
    """Renew the lease before the text leaves; raises Overtaken when another has taken the notice over.

    Reads the clock, because whoever was stopped since the claim knows only an old ``now``.
    """
    mine = and_(Notice.id == notice.id, Notice.claimed_by == notice.claimed_by)
    with writing():
        renewed = update(Notice).where(mine).values(claimed_at=clock.now()).returning(Notice.id)
        if db.session.scalars(renewed).first() is None:
            raise mail.Overtaken


def _mark_failed(notice: Notice, words: str, now: datetime, *, final: bool) -> None:
    final = final or notice.attempts >= MAX_ATTEMPTS
    log.warning("notice not taken", notice=notice.id, attempt=notice.attempts, final=final, error=words)
    pause = min(timedelta(hours=1), timedelta(minutes=2 ** min(notice.attempts - 1, 6)))
    _finish(notice, last_error=words[:500], **({"dead_at": now} if final else {"next_try_at": now + pause}))


def _finish(notice: Notice, **values: object) -> None:
    """Write the outcome and give the lease back, unless somebody else holds it by now.

    What the mail server took must be marked: while the database is away it is tried until the lease is over.
    """
    mine = and_(Notice.id == notice.id, Notice.claimed_by == notice.claimed_by)
    until = time.monotonic() + _LEASE.total_seconds()
    while True:
        try:
            with writing():
                db.session.execute(update(Notice).where(mine).values(claimed_at=None, claimed_by=None, **values))
        except OperationalError:
            if time.monotonic() > until:
                raise
            log.warning("database unavailable; how a notice went is written later", notice=notice.id)
            time.sleep(_RETRY_SECONDS)
        else:
            return


def _is_open(notice: type[Notice]) -> tuple[ColumnElement[bool], ...]:
    return notice.sent_at.is_(None), notice.dead_at.is_(None), notice.expired_at.is_(None)


def _is_free(now: datetime) -> ColumnElement[bool]:
    return or_(Notice.claimed_at.is_(None), Notice.claimed_at <= now - _LEASE)


def _may_go(now: datetime) -> tuple[ColumnElement[bool], ...]:
    """Open, free, due, not expired, and no earlier one to the same address is still on its way."""
    earlier = aliased(Notice)
    waits = exists().where(
        earlier.to_address == Notice.to_address, earlier.id < Notice.id, *_is_open(earlier), earlier.not_before <= now
    )
    return (
        *_is_open(Notice),
        _is_free(now),
        Notice.next_try_at <= now,
        or_(Notice.expires_at.is_(None), Notice.expires_at > now),
        ~waits,
    )

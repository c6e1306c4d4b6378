"""What follows from many copies: owners, openings, counts; and what a company of that age holds besides."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from random import Random
from typing import Any

from sqlalchemy import update

from hiring.ground.database import db, writing
from hiring.ground.files import StoredFile, TextState
from hiring.ground.outbox import Notice
from hiring.steps.interview_loop import lists, seating
from seed.large.copying import Copier
from seed.large.counts import recount
from seed.large.people import Staff
from seed.large.plan import OPEN, Plan, closes_after
from seed.prose import RESUME

_SESSIONS_A_PERSON = 100
"""Sign-ins of somebody over the whole history of a million applications; fewer in a smaller one."""


def settle_walked() -> None:
    """What the worker would have done for the walked lives: mails left, résumés read, loops looked at."""
    with writing():
        db.session.execute(update(Notice).values(sent_at=Notice.not_before, attempts=1))
        text = RESUME.format(name="A. Applicant", title="Engineer", years=9)
        db.session.execute(update(StoredFile).values(text_state=TextState.DONE, text=text))
        for one, right in lists.wrongly_suspected().items():
            seating.suspect(one, right)


def finish(copier: Copier, plan: Plan, staff: Staff, say: Callable[[str, int], None]) -> None:
    """Bring in line what no copy says by itself."""
    house = copier.house
    last = house.others + house.width * (plan.pods - 1)
    for place, leads in ((0, staff.directors), (1, staff.deans)):
        copier.run(
            f"UPDATE person SET manager_id = {leads[0]} + ((id - {house.others}) / {house.width}) % {len(leads)} "  # noqa: S608
            f"WHERE id >= {house.others} AND id < {last} AND (id - {house.others}) % {house.width} = {place}"
        )
    _close(copier, plan)
    _open_what_was_filled(copier)
    recount(copier.connection)
    say("counts", 0)
    sessions = _sessions(copier, plan)
    say("sessions", sessions)


def _close(copier: Copier, plan: Plan) -> None:
    """The requisitions that the plan calls closed are."""
    if copier.requisitions is None:
        return
    first = copier.requisitions[1].base["requisition"] + plan.pods * OPEN - 1
    days = closes_after(plan).days
    closed = f"datetime(opened_at, '+{days} days') || '.000000'"
    if not copier.sqlite:
        closed = f"opened_at + interval '{days * 24} hours'"
    copier.run(f"UPDATE requisition SET status = 'closed', closed_at = {closed} WHERE id >= {first}")  # noqa: S608


def _open_what_was_filled(copier: Copier) -> None:
    """Every hire fills an opening of its own, beside the three that stay open."""
    number = copier.next["opening"]
    copier.run(
        "INSERT INTO opening (id, requisition_id, approved_on, approved_by, filled_by) "  # noqa: S608
        f"SELECT {number - 1} + row_number() OVER (ORDER BY a.id), a.requisition_id, "
        f"{'date(a.applied_at)' if copier.sqlite else 'a.applied_at::date'}, r.hiring_manager_id, a.id "
        "FROM application a JOIN requisition r ON r.id = a.requisition_id "
        "LEFT JOIN opening o ON o.filled_by = a.id WHERE a.ended = 'hired' AND o.id IS NULL"
    )
    rows = copier.connection.exec_driver_sql("SELECT max(id) FROM opening").scalar_one()
    copier.next["opening"] = int(rows) + 1
    copier.run(
        "UPDATE requisition SET openings = found.many FROM (SELECT requisition_id, count(*) AS many FROM opening "
        "WHERE cancelled_at IS NULL GROUP BY 1) AS found WHERE found.requisition_id = requisition.id"
    )


def _sessions(copier: Copier, plan: Plan) -> int:
    """Past sign-ins of everybody, ended."""
    people = copier.next["person"] - 1
    many = max(1, people * _SESSIONS_A_PERSON * plan.applications // 1_000_000)
    chance = Random(7)

    def rows() -> Iterator[tuple[Any, ...]]:
        for number in range(many):
            began = plan.now - timedelta(seconds=chance.randrange(2 * 86_400, 1250 * 86_400))
            ended = began + timedelta(hours=8)
            words = [f"{at:%Y-%m-%d %H:%M:%S}" for at in (began, ended, ended)]
            stamps = [f"{each}.000000" for each in words] if copier.sqlite else words
            yield number + 1, f"{number:08x}{chance.getrandbits(224):056x}", 1 + number % people, *stamps

    copier.load("sign_in_session", ("id", "token_digest", "person_id", "started_at", "seen_at", "ended_at"), rows())
    copier.next["sign_in_session"] = many + 1
    return many

"""The maintained counts of first entries: a requisition's, and the company's, which all requisitions share.

A requisition's rows are written with the move, by whoever holds the requisition. The company's would make movers of
different requisitions wait for one another all along their transactions; so their changes gather and are added last
before the commit, where the audit's lock has all writers stand in one line anyway.
"""

from collections import Counter
from collections.abc import Mapping
from datetime import date
from typing import TypeAlias

from sqlalchemy import event, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from hiring.ground.database import db
from hiring.ground.gathering import Gathering
from hiring.pipeline.models import FunnelCount, FunnelTotal
from hiring.pipeline.rules import Outcome, Step

Key: TypeAlias = tuple[Step, date, Outcome]
_company: Gathering[Mapping[Key, int]] = Gathering("changes of the company's counts")


def count(requisition_id: int, changes: Mapping[Key, int]) -> None:
    """Add these differences to the requisition's counts now, and to the company's before the commit."""
    for (step, day, outcome), difference in sorted(changes.items(), key=str):
        if difference:
            _count(requisition_id, step, day, outcome, difference)
    _company.add(dict(changes))


def _count(requisition_id: int, step: Step, day: date, outcome: Outcome, difference: int) -> None:
    key = (
        FunnelCount.requisition_id == requisition_id,
        FunnelCount.step == step,
        FunnelCount.day == day,
        FunnelCount.outcome == outcome,
    )
    done = db.session.execute(update(FunnelCount).where(*key).values(n=FunnelCount.n + difference))
    if done.rowcount == 0:  # type: ignore[attr-defined]  # an UPDATE's result has it
        # the requisition is held by every mover, so nobody else can be adding this row
        db.session.add(FunnelCount(requisition_id=requisition_id, step=step, day=day, outcome=outcome, n=difference))
        db.session.flush()


@event.listens_for(Session, "before_commit")
def _add_to_company(session: Session) -> None:
    by_row: dict[tuple[date, Step], Counter[str]] = {}
    for moved in _company.take(session):
        for (step, day, outcome), difference in moved.items():
            by_row.setdefault((day, step), Counter())[outcome.value] += difference
    insert = (sqlite if session.get_bind().dialect.name == "sqlite" else postgresql).insert
    for (day, step), changes in sorted(by_row.items(), key=str):  # one order for all, so that none waits in a circle
        values = {name: getattr(FunnelTotal, name) + difference for name, difference in changes.items() if difference}
        if not values:
            continue
        add = update(FunnelTotal).where(FunnelTotal.step == step, FunnelTotal.day == day).values(values)
        if session.execute(add).rowcount == 0:  # type: ignore[attr-defined]  # an UPDATE's result has it
            session.execute(insert(FunnelTotal).values(step=step, day=day).on_conflict_do_nothing())
            session.execute(add)


event.listen(Session, "after_soft_rollback", _company.forget)

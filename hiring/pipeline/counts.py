"""The maintained counts of first entries: a requisition's, and the company's, which all requisitions share.

A requisition's rows are written with the move, by whoever holds the requisition. The company's would make movers of
different requisitions wait for one another all along their transactions; so their changes gather and are added last
before the commit, where the audit's lock has all writers stand in one line anyway.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any, TypeAlias

from sqlalchemy import bindparam, event, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from hiring.ground.database import db
from hiring.ground.gathering import Gathering
from hiring.pipeline.models import FunnelCount, FunnelTotal
from hiring.pipeline.rules import Outcome, Step

Key: TypeAlias = tuple[Step, date, Outcome]
_company: Gathering[Mapping[Key, int]] = Gathering("changes of the company's counts")
_INSERTS: dict[str, Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}
_COUNT: Any = FunnelCount.__table__
_TOTAL: Any = FunnelTotal.__table__
_NONE_YET = {engine: insert(_COUNT).on_conflict_do_nothing() for engine, insert in _INSERTS.items()}
_ADDED = (
    update(_COUNT)
    .where(*(column == bindparam(f"its_{column.name}") for column in _COUNT.primary_key))
    .values(n=_COUNT.c.n + bindparam("difference"))
)


def _summed(insert: Any) -> Any:
    """A row of the company's counts, or its figures on top of those that are there."""
    row = insert(_TOTAL)
    sums = {name: _TOTAL.c[name] + row.excluded[name] for name in Outcome}
    return row.on_conflict_do_update(index_elements=list(_TOTAL.primary_key), set_=sums)


_SUMMED = {engine: _summed(insert) for engine, insert in _INSERTS.items()}
"""Statements are built once, and sent with all rows: the past of a whole company changes thousands."""


def count(requisition_id: int, changes: Mapping[Key, int]) -> None:
    """Add these differences to the requisition's counts now, and to the company's before the commit."""
    keys = [
        {"requisition_id": requisition_id, "step": step, "day": day, "outcome": outcome}
        for (step, day, outcome), difference in changes.items()
        if difference
    ]
    if keys:
        # the requisition is held by every mover, so nobody else is adding these rows
        db.session.execute(_NONE_YET[db.engine.dialect.name], [{**key, "n": 0} for key in keys])
        added = zip(keys, filter(None, changes.values()), strict=True)
        db.session.execute(
            _ADDED, [{f"its_{name}": value for name, value in key.items()} | {"difference": n} for key, n in added]
        )
    _company.add(dict(changes))


@event.listens_for(Session, "before_commit")
def _add_to_company(session: Session) -> None:
    by_row: dict[tuple[date, Step], dict[str, int]] = {}
    for moved in _company.take(session):
        for (step, day, outcome), difference in moved.items():
            row = by_row.setdefault((day, step), dict.fromkeys(Outcome, 0))
            row[outcome] += difference
    rows = [
        {"step": step, "day": day, **changes}
        for (day, step), changes in sorted(by_row.items(), key=str)  # one order for all, so that none waits in a circle
        if any(changes.values())
    ]
    if rows:
        session.execute(_SUMMED[session.get_bind().dialect.name], rows)


event.listen(Session, "after_soft_rollback", _company.forget)

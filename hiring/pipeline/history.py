"""Past histories written in bulk: the second and last writer of visits, for applications that were never live here.

Visits, first entries and counts come from the same pure definitions as those of live moves.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import delete, insert, select, update

from hiring.ground.database import Base, db
from hiring.ground.installation import company_zone
from hiring.pipeline.counts import Key, count
from hiring.pipeline.models import Application, Candidate, CandidateWord, FirstEntry, Requisition, StepVisit, word_rows
from hiring.pipeline.rules import End, EndReason, HowLeft, Origin, RequisitionStatus, Source, Stay, Step, outcomes

CHUNK = 500
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class PastStay:
    """One visit of a past case; the last one may still be open."""

    step: Step
    entered_at: datetime
    left_at: datetime | None = None
    how_left: HowLeft | None = None


@dataclass(frozen=True, slots=True)
class PastCase:
    """A past case as it stands after its last event. ``application_id``: known from an earlier import, else None."""

    key: str
    stays: tuple[PastStay, ...]
    end: End | None
    ended_at: datetime | None
    application_id: int | None = None
    name: str = ""
    source: Source = Source.IMPORTED
    end_reason: EndReason = EndReason.IMPORTED


def requisition_for(code: str, title: str, *, now: datetime) -> Requisition:
    """The closed requisition without owners that holds the history of one source."""
    found = db.session.scalars(select(Requisition).where(Requisition.code == code)).one_or_none()
    if found is None:
        found = Requisition(
            code=code,
            title=title,
            status=RequisitionStatus.CLOSED,
            origin=Origin.IMPORTED,
            created_at=now,
            closed_at=now,
        )
        db.session.add(found)
        db.session.flush()
    return found


def record(
    requisition: Requisition, cases: Sequence[PastCase], *, now: datetime, progress: Callable[[int], None]
) -> dict[str, int]:
    """Write new cases, and rewrite those that grew; returns application ids by case key.

    ``progress`` is told how many cases were done.
    """
    counts: Counter[tuple[Any, ...]] = Counter()
    ids: dict[str, int] = {}
    for chunk in _chunks(cases):
        known = [case for case in chunk if case.application_id is not None]
        _forget(requisition.id, [case.application_id for case in known if case.application_id], counts)
        ids |= _applications(requisition, [case for case in chunk if case.application_id is None], now)
        for case in known:
            ids[case.key] = case.application_id or 0
            db.session.execute(
                update(Application)
                .where(Application.id == case.application_id)
                .values(**_standing(case), version=Application.version + 1)
            )
        _visits(requisition.id, chunk, ids, counts)
        progress(len(chunk))
    _add_counts(counts)
    db.session.expire_all()
    return ids


def _chunks(items: Sequence[T]) -> Iterator[Sequence[T]]:
    for start in range(0, len(items), CHUNK):
        yield items[start : start + CHUNK]


def _standing(case: PastCase) -> dict[str, Any]:
    last = case.stays[-1]
    return {
        "step": last.step,
        "step_entered_at": last.entered_at,
        "ended": case.end,
        "ended_at": case.ended_at,
        "end_reason": case.end_reason if case.end else None,
    }


def _applications(requisition: Requisition, cases: Sequence[PastCase], now: datetime) -> dict[str, int]:
    if not cases:
        return {}
    names = [case.name or f"Case {case.key}" for case in cases]
    nobody = {"email": "", "email_key": "", "origin": requisition.origin, "created_at": now}
    people = _insert(Candidate, [{"name": name, **nobody} for name in names])
    db.session.execute(insert(CandidateWord), word_rows(zip(people, names, strict=True)))
    rows = [
        {
            "candidate_id": candidate_id,
            "requisition_id": requisition.id,
            "origin": requisition.origin,
            "source": case.source,
            "applied_at": case.stays[0].entered_at,
            "version": 1,
            **_standing(case),
        }
        for case, candidate_id in zip(cases, people, strict=True)
    ]
    return dict(zip((case.key for case in cases), _insert(Application, rows), strict=True))


def _insert(model: Any, rows: list[dict[str, Any]]) -> list[int]:
    statement = insert(model).returning(model.id, sort_by_parameter_order=True)
    return list(db.session.scalars(statement, rows))


def _visits(
    requisition_id: int, cases: Sequence[PastCase], ids: dict[str, int], counts: Counter[tuple[Any, ...]]
) -> None:
    visits: list[dict[str, Any]] = []
    entries: list[dict[str, Any]] = []
    for case in cases:
        for ordinal, stay in enumerate(case.stays, 1):
            visits.append(
                {
                    "application_id": ids[case.key],
                    "ordinal": ordinal,
                    "step": stay.step,
                    "entered_at": stay.entered_at,
                    "left_at": stay.left_at,
                    "how_left": stay.how_left,
                    "reason": "imported",
                }
            )
        stays = [Stay(stay.step, stay.entered_at) for stay in case.stays]
        for step, outcome in outcomes(stays, case.end).items():
            entries.append(
                {
                    "application_id": ids[case.key],
                    "step": step,
                    "requisition_id": requisition_id,
                    "first_entered_at": outcome.first_entered_at,
                    "outcome": outcome.outcome,
                }
            )
            counts[requisition_id, step, outcome.first_entered_at, outcome.outcome] += 1
    for model, rows in ((StepVisit, visits), (FirstEntry, entries)):
        db.session.execute(insert(model), rows)


def _forget(requisition_id: int, application_ids: list[int], counts: Counter[tuple[Any, ...]]) -> None:
    """Take the earlier import of these cases out of visits, entries and counts; they are written anew."""
    if not application_ids:
        return
    known = select(FirstEntry).where(FirstEntry.application_id.in_(application_ids))
    for entry in db.session.scalars(known):
        counts[requisition_id, entry.step, entry.first_entered_at, entry.outcome] -= 1
    for model in (StepVisit, FirstEntry):
        db.session.execute(delete(model).where(_application_column(model).in_(application_ids)))


def _application_column(model: type[Base]) -> Any:
    return model.__table__.c.application_id


def _add_counts(counts: Counter[tuple[Any, ...]]) -> None:
    """Apply differences, which are by instant, to the maintained counts, which are by day of the company's zone."""
    zone = company_zone()
    by_requisition: dict[int, Counter[Key]] = defaultdict(Counter)
    for (requisition_id, step, entered_at, outcome), difference in counts.items():
        by_requisition[requisition_id][step, entered_at.astimezone(zone).date(), outcome] += difference
    for requisition_id, changes in by_requisition.items():
        count(requisition_id, changes)

"""Reads of the maintained counts, the people behind them, and a recount by another way."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import groupby
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, exists, func, select, tuple_
from sqlalchemy.orm import InstrumentedAttribute

from hiring.funnel.rules import StepFigures, figures, may_see_funnel
from hiring.ground.database import Forbidden, db, one_picture
from hiring.ground.installation import company_zone
from hiring.people.models import Person
from hiring.pipeline.models import Application, Candidate, FirstEntry, FunnelCount, FunnelTotal, Requisition, StepVisit
from hiring.pipeline.readers import inside_applications, opens_all, parts_since, visible_applications
from hiring.pipeline.rules import End, Outcome, Stay, Step, outcomes
from hiring.steps.job_description.queries import version_counts

PAGE = 50


@dataclass(frozen=True, slots=True)
class Window:
    """What a figure is about: all requisitions or one, first entries from a day up to and with another.

    Days are those of the company's zone.
    """

    requisition_id: int | None = None
    first: date | None = None
    last: date | None = None


def require_reader(reader: Person) -> None:
    """Raise Forbidden for those whom company-wide counts do not concern."""
    manages = db.session.scalar(select(exists().where(Requisition.hiring_manager_id == reader.id))) or False
    if not may_see_funnel(reader.roles, is_hiring_manager=manages):
        raise Forbidden("The funnel is read by those who run the process and by hiring managers.")


def step_figures(window: Window) -> list[StepFigures]:
    """All eight rows. Job Description counts the description versions begun in the window, outside the sum."""
    counts = _counts(window)
    start, end = _bounds(window)
    versions = version_counts(window.requisition_id, start, end)
    counts |= {(Step.JOB_DESCRIPTION, outcome): versions.get(outcome.value, 0) for outcome in Outcome}
    return figures(counts)


def _counts(window: Window) -> dict[tuple[Step, Outcome], int]:
    """First entries by step and outcome: a requisition's from its own rows, everybody's from the company's."""
    if window.requisition_id is not None:
        query = select(FunnelCount.step, FunnelCount.outcome, func.sum(FunnelCount.n)).where(
            FunnelCount.requisition_id == window.requisition_id, *_within(window, FunnelCount.day)
        )
        found = db.session.execute(query.group_by(FunnelCount.step, FunnelCount.outcome))
        return {(step, outcome): int(n) for step, outcome, n in found}
    columns = [func.sum(getattr(FunnelTotal, outcome.value)) for outcome in Outcome]
    totals = select(FunnelTotal.step, *columns).where(*_within(window, FunnelTotal.day)).group_by(FunnelTotal.step)
    return {
        (step, outcome): int(n)
        for step, *sums in db.session.execute(totals)
        for outcome, n in zip(Outcome, sums, strict=True)
    }


def _within(window: Window, day: InstrumentedAttribute[date]) -> list[ColumnElement[bool]]:
    first = [day >= window.first] if window.first is not None else []
    return first + ([day <= window.last] if window.last is not None else [])


def people_behind(
    reader: Person, window: Window, step: Step, outcome: Outcome | None, *, now: datetime, after: int = 0
) -> tuple[Sequence[Row[int, str, str, str, Step, End | None]], int, int | None]:
    """Applications behind a figure that the reader may open, in the order in which they entered; how many more there
    are that they may not open; and the application after which the next page begins.
    """
    behind: list[ColumnElement[bool]] = [FirstEntry.step == step]
    if outcome is not None:
        behind.append(FirstEntry.outcome == outcome)
    if window.requisition_id is not None:
        behind.append(FirstEntry.requisition_id == window.requisition_id)
    start, end = _bounds(window)
    if start is not None:
        behind.append(FirstEntry.first_entered_at >= start)
    if end is not None:
        behind.append(FirstEntry.first_entered_at < end)
    visible = visible_applications(reader, since=parts_since(reader, now))
    query = (
        select(
            Application.id.label("application_id"),
            Candidate.name.label("candidate"),
            Requisition.code,
            Requisition.title,
            Application.step,
            Application.ended,
        )
        .join(FirstEntry, FirstEntry.application_id == Application.id)
        .join(Candidate, Candidate.id == Application.candidate_id)
        .join(Requisition, Requisition.id == Application.requisition_id)
        .where(*behind, visible)
    )
    place = tuple_(FirstEntry.first_entered_at, FirstEntry.application_id)
    before = db.session.get(FirstEntry, (after, step)) if after else None
    if before is not None:
        query = query.where(place > (before.first_entered_at, after))
    ordered = query.order_by(FirstEntry.first_entered_at, FirstEntry.application_id).limit(PAGE + 1)
    rows = db.session.connection().execute(ordered).all()
    following = rows[PAGE - 1].application_id if len(rows) > PAGE else None
    return rows[:PAGE], _hidden(window, step, outcome, behind, reader, visible), following


def _hidden(
    window: Window,
    step: Step,
    outcome: Outcome | None,
    behind: list[ColumnElement[bool]],
    reader: Person,
    visible: ColumnElement[bool],
) -> int:
    """How many of those behind a figure the reader may not open; counts only what the reader has or is barred from."""
    among = select(func.count()).select_from(FirstEntry).where(*behind)
    if opens_all(reader):
        return db.session.scalar(among.where(FirstEntry.application_id.in_(inside_applications(reader)))) or 0
    opened = select(Application.id).where(visible)
    seen = db.session.scalar(among.where(FirstEntry.application_id.in_(opened))) or 0
    return sum(n for key, n in _counts(window).items() if key[0] is step and outcome in (None, key[1])) - seen


def _bounds(window: Window) -> tuple[datetime | None, datetime | None]:
    """The half-open stretch of time that a window's days are."""
    zone = company_zone()
    return (
        datetime.combine(window.first, time.min, zone) if window.first else None,
        datetime.combine(window.last + timedelta(days=1), time.min, zone) if window.last else None,
    )


def how_many() -> int:
    """Applications in all, for progress."""
    return db.session.scalar(select(func.count()).select_from(Application)) or 0


def differences(done: Callable[[int], object] = lambda _: None) -> Iterator[str]:
    """Recount everything from visits and ends; yields a sentence for each figure that the maintained rows get wrong.

    Requisition by requisition, so that no more than one of them is in memory; ``done`` is told after each how many
    applications it had.
    """
    one_picture()
    zone = company_zone()
    visits = _Ordered(
        select(Application.requisition_id, Application.id, Application.ended, StepVisit.step, StepVisit.entered_at)
        .join(StepVisit, StepVisit.application_id == Application.id)
        .order_by(Application.requisition_id, Application.id, StepVisit.ordinal)
    )
    entries = _Ordered(
        select(
            FirstEntry.requisition_id,
            FirstEntry.application_id,
            FirstEntry.step,
            FirstEntry.first_entered_at,
            FirstEntry.outcome,
        ).order_by(FirstEntry.requisition_id, FirstEntry.application_id)
    )
    counts = _Ordered(
        select(FunnelCount.requisition_id, FunnelCount.step, FunnelCount.day, FunnelCount.outcome, FunnelCount.n)
        .where(FunnelCount.n != 0)
        .order_by(FunnelCount.requisition_id)
    )
    company: Counter[tuple[Step, date, Outcome]] = Counter()
    for requisition_id in db.session.scalars(select(Requisition.id).order_by(Requisition.id)).all():
        recount: Counter[tuple[Step, date, Outcome]] = Counter()
        kept: dict[int, dict[Step, tuple[datetime, Outcome]]] = defaultdict(dict)
        for _, application_id, step, entered_at, outcome in entries.of(requisition_id):
            kept[application_id][step] = (entered_at, outcome)
        histories = groupby(visits.of(requisition_id), key=lambda row: (row[1], row[2]))
        seen = 0
        for (application_id, end), rows in histories:
            wanted = outcomes([Stay(row[3], row[4]) for row in rows], end)
            if kept.pop(application_id, {}) != {
                step: (one.first_entered_at, one.outcome) for step, one in wanted.items()
            }:
                yield f"application {application_id}: its first entries differ from its visits"
            for one in wanted.values():
                recount[one.step, one.first_entered_at.astimezone(zone).date(), one.outcome] += 1
            seen += 1
        for application_id in kept:
            yield f"application {application_id}: it has first entries to {requisition_id} without visits"
        maintained = {(step, day, outcome): n for _, step, day, outcome, n in counts.of(requisition_id)}
        for key in sorted(recount.keys() | maintained.keys(), key=str):
            if recount.get(key, 0) != maintained.get(key, 0):
                step, day, outcome = key
                yield (
                    f"requisition {requisition_id}, {step.value}, {day}, {outcome.value}: "
                    f"{maintained.get(key, 0)} kept, {recount.get(key, 0)} counted"
                )
        company += recount
        done(seen)
    totals = {
        (row.step, row.day, outcome): n
        for row in db.session.scalars(select(FunnelTotal))
        for outcome in Outcome
        if (n := getattr(row, outcome.value))
    }
    for key in sorted(company.keys() | totals.keys(), key=str):
        if company[key] != totals.get(key, 0):
            step, day, outcome = key
            yield f"all of {step.value}, {day}, {outcome.value}: {totals.get(key, 0)} kept, {company[key]} counted"


class _Ordered:
    """Rows of a query, streamed, whose first column ascends; each stretch of it is asked for in that order."""

    def __init__(self, query: Select[*tuple[Any, ...]]) -> None:
        self._groups = groupby(db.session.execute(query.execution_options(yield_per=2000)), key=lambda row: row[0])
        self._next = next(self._groups, None)

    def of(self, key: int) -> Iterator[Any]:
        """The rows whose first column is ``key``; none where there are none."""
        if self._next is None or self._next[0] != key:
            return
        yield from self._next[1]
        self._next = next(self._groups, None)

"""Reads of the maintained counts, the people behind them, and a recount by another way."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import ColumnElement, exists, func, select
from sqlalchemy.orm import joinedload

from hiring.funnel.rules import StepFigures, figures, may_see_funnel
from hiring.ground.database import Forbidden, db
from hiring.ground.installation import company_zone
from hiring.people.models import Person
from hiring.pipeline.models import Application, FirstEntry, FunnelCount, Requisition, StepVisit
from hiring.pipeline.queries import visible_applications
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
    query = select(FunnelCount.step, FunnelCount.outcome, func.sum(FunnelCount.n)).group_by(
        FunnelCount.step, FunnelCount.outcome
    )
    if window.requisition_id is not None:
        query = query.where(FunnelCount.requisition_id == window.requisition_id)
    if window.first is not None:
        query = query.where(FunnelCount.day >= window.first)
    if window.last is not None:
        query = query.where(FunnelCount.day <= window.last)
    counts = {(step, outcome): int(n) for step, outcome, n in db.session.execute(query)}
    start, end = _bounds(window)
    versions = version_counts(window.requisition_id, start, end)
    counts |= {(Step.JOB_DESCRIPTION, outcome): versions.get(outcome.value, 0) for outcome in Outcome}
    return figures(counts)


def people_behind(
    reader: Person, window: Window, step: Step, outcome: Outcome | None, *, now: datetime, after: int = 0
) -> tuple[list[Application], int, int | None]:
    """Applications behind a figure that the reader may open, how many more there are that they may not, next key."""
    inside: list[ColumnElement[bool]] = [FirstEntry.step == step]
    if outcome is not None:
        inside.append(FirstEntry.outcome == outcome)
    if window.requisition_id is not None:
        inside.append(FirstEntry.requisition_id == window.requisition_id)
    start, end = _bounds(window)
    if start is not None:
        inside.append(FirstEntry.first_entered_at >= start)
    if end is not None:
        inside.append(FirstEntry.first_entered_at < end)
    behind = select(FirstEntry.application_id).where(*inside)
    visible = select(Application.id).where(Application.id.in_(behind), visible_applications(reader, now=now))
    total = db.session.scalar(select(func.count()).select_from(behind.subquery())) or 0
    seen = db.session.scalar(select(func.count()).select_from(visible.subquery())) or 0
    rows = list(
        db.session.scalars(
            select(Application)
            .where(Application.id.in_(behind), visible_applications(reader, now=now), Application.id > after)
            .options(joinedload(Application.candidate), joinedload(Application.requisition))
            .order_by(Application.id)
            .limit(PAGE + 1)
        )
    )
    following = rows[PAGE - 1].id if len(rows) > PAGE else None
    return rows[:PAGE], total - seen, following


def _bounds(window: Window) -> tuple[datetime | None, datetime | None]:
    """The half-open stretch of time that a window's days are."""
    zone = company_zone()
    return (
        datetime.combine(window.first, time.min, zone) if window.first else None,
        datetime.combine(window.last + timedelta(days=1), time.min, zone) if window.last else None,
    )


def differences() -> Iterator[str]:
    """Recount everything from visits and ends; yields a sentence for each figure that the maintained rows get wrong."""
    zone = company_zone()
    recount: Counter[tuple[int, Step, date, Outcome]] = Counter()
    for application_id, requisition_id, end, stays in _histories():
        kept = {
            entry.step: (entry.first_entered_at, entry.outcome)
            for entry in db.session.scalars(select(FirstEntry).where(FirstEntry.application_id == application_id))
        }
        wanted = outcomes(stays, end)
        if kept != {step: (found.first_entered_at, found.outcome) for step, found in wanted.items()}:
            yield f"application {application_id}: its first entries differ from its visits"
        for found in wanted.values():
            day = found.first_entered_at.astimezone(zone).date()
            recount[requisition_id, found.step, day, found.outcome] += 1
    maintained = {
        (row.requisition_id, row.step, row.day, row.outcome): row.n
        for row in db.session.scalars(select(FunnelCount).where(FunnelCount.n != 0))
    }
    for key in sorted(recount.keys() | maintained.keys(), key=str):
        if recount.get(key, 0) != maintained.get(key, 0):
            requisition_id, step, day, outcome = key
            yield (
                f"requisition {requisition_id}, {step.value}, {day}, {outcome.value}: "
                f"{maintained.get(key, 0)} kept, {recount.get(key, 0)} counted"
            )


def _histories() -> Iterator[tuple[int, int, End | None, list[Stay]]]:
    """Each application with its stays, streamed in order."""
    query = (
        select(Application.id, Application.requisition_id, Application.ended, StepVisit.step, StepVisit.entered_at)
        .join(StepVisit, StepVisit.application_id == Application.id)
        .order_by(Application.id, StepVisit.ordinal)
    )
    current: tuple[int, int, End | None] | None = None
    stays: list[Stay] = []
    for application_id, requisition_id, end, step, entered_at in db.session.execute(query):
        if current is not None and current[0] != application_id:
            yield (*current, stays)
            stays = []
        current = (application_id, requisition_id, end)
        stays.append(Stay(step, entered_at))
    if current is not None:
        yield (*current, stays)

"""Reads of step 1. Titles and states of requisitions are known inside; drafts belong to who works on them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import TypeAlias

from sqlalchemy import Row, Select, bindparam, exists, func, or_, select
from sqlalchemy.orm import aliased, joinedload

from hiring.ground.database import BigId, NotVisible, db, existing, surely
from hiring.ground.reading import once
from hiring.ground.rulebook import Refusal
from hiring.people.asking import MOST, Asker, any_of, ask, ask_of, find, objects
from hiring.people.handover import owes
from hiring.people.models import Person, Team
from hiring.people.queries import certified_bar_raisers, colleague, colleagues, people
from hiring.people.rules import Debt
from hiring.pipeline import queries as spine
from hiring.pipeline import readers
from hiring.pipeline.models import Application, Opening, Requisition
from hiring.pipeline.rules import Origin, RequisitionStatus
from hiring.steps.job_description import access, requisition_rules, rules
from hiring.steps.job_description.access import Reader
from hiring.steps.job_description.models import DescriptionReview, JobDescription, Principle
from hiring.steps.job_description.requisition_rules import OpeningState, Places
from hiring.steps.job_description.rules import (
    DescriptionFacts,
    ItemKind,
    ReviewFacts,
    ReviewLoad,
    Status,
    Verdict,
)

PAGE = 40
"""Requisitions per page of a list."""
_FEW = 5
"""Bar Raisers that a page looks at first."""
_BATCH = 50
"""And then, as long as nobody among them could review."""


def reader_of(person: Person, requisition: Requisition) -> Reader:
    """Where a person stands towards a requisition."""
    return Reader(person.id, person.roles, requisition.hiring_manager_id, requisition.recruiter_id)


# --- Requisitions ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Filter:
    """What a list of requisitions is narrowed to; ``before`` is the id that the next page starts below.

    Without a status, closed ones are left out unless ``closed_too``.
    """

    status: RequisitionStatus | None = None
    closed_too: bool = False
    team_id: int | None = None
    mine: bool = False
    before: int | None = None


ListedRow: TypeAlias = tuple[int, str, str, RequisitionStatus, datetime | None, int, str | None, str | None, str | None]


def requisitions(reader: Person, wanted: Filter) -> tuple[Sequence[Row[*ListedRow]], int | None]:
    """Newest first, with the names of people and team, and the id that the next page starts below (None: no more)."""
    given = {"team_id": wanted.team_id, "before": wanted.before}
    narrowed = tuple(name for name, value in given.items() if value is not None)
    which = (wanted.status, wanted.closed_too, wanted.mine, narrowed)
    rows = ask(_requisitions, reader, *which, most=PAGE + 1, **given)
    return rows[:PAGE], rows[PAGE - 1].id if len(rows) > PAGE else None


def _requisitions(
    asker: Asker, status: RequisitionStatus | None, closed_too: bool, mine: bool, narrowed: tuple[str, ...]
) -> Select[*ListedRow]:
    manager, recruiter = aliased(Person), aliased(Person)
    query = (
        select(
            Requisition.id,
            Requisition.code,
            Requisition.title,
            Requisition.status,
            Requisition.held_at,
            Requisition.openings,
            Team.name.label("team"),
            manager.name.label("hiring_manager"),
            recruiter.name.label("recruiter"),
        )
        .outerjoin(Team, Team.id == Requisition.team_id)
        .outerjoin(manager, manager.id == Requisition.hiring_manager_id)
        .outerjoin(recruiter, recruiter.id == Requisition.recruiter_id)
        .where(Requisition.origin == Origin.LIVE)
        .order_by(Requisition.id.desc())
        .limit(MOST)
    )
    if status is not None:
        query = query.where(Requisition.status == status)
    elif not closed_too:
        query = query.where(Requisition.closed_at.is_(None))
    if mine:
        query = query.where(readers.owned_by(asker))
    if "team_id" in narrowed:
        query = query.where(Requisition.team_id == bindparam("team_id", type_=BigId))
    if "before" in narrowed:
        query = query.where(Requisition.id < bindparam("before", type_=BigId))
    return query


@once
def openings(requisition_id: int) -> list[Opening]:
    """All openings of a requisition, in the order of approval."""
    query = select(Opening).where(Opening.requisition_id == requisition_id)
    return list(db.session.scalars(query.order_by(Opening.approved_on, Opening.id)))


def opening(opening_id: int) -> Opening:
    """One opening; raises NotVisible."""
    return existing(db.session.get(Opening, opening_id), f"opening {opening_id}")


def opening_state(row: Opening) -> OpeningState:
    """Where an opening stands."""
    if row.cancelled_at is not None:
        return OpeningState.CANCELLED
    if row.filled_by is not None:
        return OpeningState.FILLED
    return OpeningState.HELD if row.held_at is not None and row.resumed_at is None else OpeningState.APPROVED


def places(requisition: Requisition) -> Places:
    """What counts and what is taken, as the requisition keeps it."""
    return Places(requisition.openings, requisition.live_offers, requisition.hires)


@once
def why_not_own(hiring_manager_id: int, recruiter_id: int, on: date) -> list[Refusal]:
    """What the rule says of these two as owners of a requisition on a day; raises NotVisible for an unknown id."""
    return requisition_rules.why_not_own(colleague(hiring_manager_id, on), colleague(recruiter_id, on))


# --- Descriptions ------------------------------------------------------------------------------------------------


@once
def description(description_id: int) -> JobDescription:
    """One version, for nobody in particular; raises NotVisible."""
    return existing(db.session.get(JobDescription, description_id), f"description {description_id}")


def description_for(person: Person, description_id: int) -> tuple[JobDescription, Requisition, Reader]:
    """One version with its requisition and where the reader stands, if they may read it; else NotVisible."""
    found = description(description_id)
    requisition = spine.requisition(found.requisition_id)
    reader = reader_of(person, requisition)
    if not _readable(person, reader, [found]):
        raise NotVisible(f"description {description_id}")
    return found, requisition, reader


def versions(person: Person, requisition: Requisition) -> list[JobDescription]:
    """All versions of a requisition that the reader may read, newest first."""
    query = select(JobDescription).where(JobDescription.requisition_id == requisition.id)
    rows = list(db.session.scalars(query.order_by(JobDescription.number.desc())))
    return _readable(person, reader_of(person, requisition), rows)


def _readable(person: Person, reader: Reader, rows: list[JobDescription]) -> list[JobDescription]:
    reviewed = {row.description_id for row in ask_of(_reviewed_by, person.id, ids=[row.id for row in rows])}
    barred = readers.barred_among(person, {row.application_id for row in rows if row.application_id is not None})
    return [
        row
        for row in rows
        if access.may_read(
            reader,
            row.status,
            proposed_level=row.proposed_level,
            reviews=row.id in reviewed,
            barred=row.application_id in barred,
        )
    ]


def _reviewed_by(asker: Asker) -> Select[int]:
    return select(DescriptionReview.description_id).where(
        DescriptionReview.reviewer_id == asker.id,
        DescriptionReview.description_id.in_(any_of("ids")),
        DescriptionReview.replaced_at.is_(None),
    )


@once
def draft(requisition_id: int) -> JobDescription | None:
    """The version of a requisition that is being written or reviewed, if there is one."""
    query = select(JobDescription).where(
        JobDescription.requisition_id == requisition_id,
        JobDescription.status.in_([Status.DRAFT, Status.IN_REVIEW]),
        JobDescription.proposed_level.is_(False),
    )
    return db.session.scalars(query).one_or_none()


@once
def newest(requisition_id: int) -> JobDescription | None:
    """The newest version of a requisition that is not an application's own."""
    query = select(JobDescription).where(
        JobDescription.requisition_id == requisition_id, JobDescription.proposed_level.is_(False)
    )
    return db.session.scalars(query.order_by(JobDescription.number.desc()).limit(1)).one_or_none()


def next_number(requisition_id: int) -> int:
    """The number of the next version; call it while the requisition is held."""
    query = select(func.max(JobDescription.number)).where(JobDescription.requisition_id == requisition_id)
    return (db.session.scalar(query) or 0) + 1


def facts(row: JobDescription, requisition: Requisition) -> DescriptionFacts:
    """What rules ask of a version."""
    return DescriptionFacts(
        title=row.title,
        level=row.level,
        team="" if requisition.team_id is None else "stated",
        location=row.location,
        pay_low=row.pay_low,
        pay_high=row.pay_high,
        currency=row.currency,
        summary=row.summary,
        outcomes=list(row.outcomes),
        must_haves=[must_have.text for must_have in row.must_haves],
        principles=[item.name for item in row.items if item.kind is ItemKind.PRINCIPLE],
        competencies=[item.name for item in row.items if item.kind is ItemKind.COMPETENCY],
        reports_stated=row.reports_stated,
        reports=frozenset(report.person_id for report in row.would_be_reports),
    )


@once
def principles() -> list[Principle]:
    """Principles in use, in their order."""
    return list(db.session.scalars(select(Principle).where(Principle.retired_at.is_(None)).order_by(Principle.place)))


def would_be_reports(row: JobDescription) -> list[Person]:
    """Who would report to the position, by name."""
    found = people(report.person_id for report in row.would_be_reports)
    return sorted(found.values(), key=lambda person: person.name)


# --- Reviews -----------------------------------------------------------------------------------------------------


@once
def open_review(description_id: int) -> DescriptionReview | None:
    """The review that waits for a verdict, if there is one."""
    return objects(_open_review, description_id=description_id).one_or_none()


_REVIEWED = DescriptionReview.description_id == bindparam("description_id", type_=BigId)


def _open_review() -> Select[DescriptionReview]:
    waits = (DescriptionReview.verdict.is_(None), DescriptionReview.replaced_at.is_(None))
    return select(DescriptionReview).where(_REVIEWED, *waits)


@once
def reviews(description_id: int) -> list[tuple[DescriptionReview, str]]:
    """All reviews of a version with the reviewer's name, newest first."""
    query = (
        select(DescriptionReview, Person.name)
        .join(Person, Person.id == DescriptionReview.reviewer_id)
        .where(DescriptionReview.description_id == description_id)
        .order_by(DescriptionReview.id.desc())
    )
    return [(review, name) for review, name in db.session.execute(query)]


def review_facts(row: JobDescription, requisition: Requisition, on: date) -> ReviewFacts:
    """What decides who may review a version on a day."""
    review = open_review(row.id)
    return ReviewFacts(
        hiring_manager=colleague(surely(requisition.hiring_manager_id, "hiring manager"), on),
        recruiter_id=requisition.recruiter_id,
        team_id=requisition.team_id,
        writer_id=row.written_by,
        assigned_id=review.reviewer_id if review else None,
        status=row.status,
        inside=readers.inside_ids(row.application_id) if row.application_id is not None else frozenset(),
    )


def possible_reviewers(row: JobDescription, requisition: Requisition, on: date) -> list[int]:
    """Ids of those whose verdict would count, in the order of drawing.

    Who asked for changes reads the mended text first; who had the review taken away does not come again.
    """
    fit = _fit(row, requisition, certified_bar_raisers(on), on)
    asked = next((review.reviewer_id for review, _ in reviews(row.id) if review.verdict is Verdict.CHANGES), None)
    return sorted(rules.rotation(_review_loads(fit, on)), key=lambda person_id: person_id != asked)


def some_reviewers(row: JobDescription, requisition: Requisition, on: date) -> list[int]:
    """Some of them in no order, none only where there is nobody: what a page asks, which draws none of hundreds."""
    few = _fit(row, requisition, certified_bar_raisers(on, _FEW), on)
    if few:
        return few
    certified = certified_bar_raisers(on)
    batches = (certified[begin : begin + _BATCH] for begin in range(0, len(certified), _BATCH))
    return next((fit for batch in batches if (fit := _fit(row, requisition, batch, on))), [])


def _fit(row: JobDescription, requisition: Requisition, certified: list[int], on: date) -> list[int]:
    everybody = colleagues([*certified, surely(requisition.hiring_manager_id, "hiring manager")], on)
    known = review_facts(row, requisition, on)
    replaced = {found.reviewer_id for found in find(_replaced, description_id=row.id)}
    return [
        person_id
        for person_id in certified
        if person_id not in replaced
        and person_id != known.assigned_id
        and not rules.why_not_reviewer(everybody[person_id], known, on)
    ]


def _replaced() -> Select[int]:
    return select(DescriptionReview.reviewer_id).where(_REVIEWED, DescriptionReview.replaced_at.is_not(None))


def _review_loads(ids: list[int], on: date) -> list[ReviewLoad]:
    waiting = DescriptionReview.verdict.is_(None) & DescriptionReview.replaced_at.is_(None)
    query = (
        select(
            DescriptionReview.reviewer_id,
            func.count().filter(waiting),
            func.max(DescriptionReview.assigned_at),
        )
        .where(DescriptionReview.reviewer_id.in_(ids))
        .group_by(DescriptionReview.reviewer_id)
    )
    known = {person_id: (int(count), last) for person_id, count, last in db.session.execute(query)}
    loads = []
    for person_id, person in people(ids).items():
        count, last = known.get(person_id, (0, None))
        loads.append(ReviewLoad(person_id, count, last, away=_is_away(person, on)))
    return loads


def _is_away(person: Person, on: date) -> bool:
    return person.away_from is not None and person.away_from <= on and (person.away_until or date.max) >= on


def reviews_due(person_id: int) -> Sequence[Row[date, int, str, int | None]]:
    """Reviews that wait for this person's verdict, by due day; with the description's id, title and application."""
    return ask_of(_reviews_due, person_id)


def _reviews_due(asker: Asker) -> Select[date, int, str, int | None]:
    return (
        select(DescriptionReview.due_on, JobDescription.id, JobDescription.title, JobDescription.application_id)
        .join(JobDescription, JobDescription.id == DescriptionReview.description_id)
        .where(
            DescriptionReview.reviewer_id == asker.id,
            DescriptionReview.verdict.is_(None),
            DescriptionReview.replaced_at.is_(None),
        )
        .order_by(DescriptionReview.due_on, DescriptionReview.id)
    )


def drafts_of(person_id: int) -> Sequence[Row[int, str, int | None, bool]]:
    """Drafts of requisitions that this person manages, and whether ``changes`` were asked for."""
    return ask_of(_drafts_of, person_id) if readers.ties(person_id).manages else []


def _drafts_of(asker: Asker) -> Select[int, str, int | None, bool]:
    changes = exists().where(
        DescriptionReview.description_id == JobDescription.id, DescriptionReview.verdict == Verdict.CHANGES
    )
    return (
        select(JobDescription.id, JobDescription.title, JobDescription.application_id, changes.label("changes"))
        .join(Requisition, Requisition.id == JobDescription.requisition_id)
        .where(
            Requisition.hiring_manager_id == asker.id,
            Requisition.status != RequisitionStatus.CLOSED,
            JobDescription.status == Status.DRAFT,
        )
        .order_by(JobDescription.id)
    )


# --- Applications and the funnel ---------------------------------------------------------------------------------


def on_another_version(person: Person, row: JobDescription) -> list[Application]:
    """Live applications held against another version, with their candidate; oldest first, 200 at most.

    Whether each may take this one over is asked of ``rules.why_not_take_over``.
    """
    query = (
        select(Application)
        .where(
            Application.requisition_id == row.requisition_id,
            Application.ended.is_(None),
            or_(Application.description_id != row.id, Application.description_id.is_(None)),
            readers.visible_applications(person),
        )
        .options(joinedload(Application.candidate))
        .order_by(Application.id)
        .limit(200)
    )
    return list(db.session.scalars(query))


def version_counts(
    requisition_id: int | None = None, start: datetime | None = None, end: datetime | None = None
) -> dict[str, int]:
    """Description versions for the funnel, begun within the half-open window: ``entered`` = all of them.

    ``advanced``: approved, perhaps superseded since. ``open``: draft or in review; a version that was sent back with
    changes asked for is open, for it is the same version that comes again. Nothing is rejected here.
    """
    query = select(JobDescription.status, func.count()).group_by(JobDescription.status)
    if requisition_id is not None:
        query = query.where(JobDescription.requisition_id == requisition_id)
    if start is not None:
        query = query.where(JobDescription.created_at >= start)
    if end is not None:
        query = query.where(JobDescription.created_at < end)
    by_status = {status: int(count) for status, count in db.session.execute(query)}
    advanced = by_status.get(Status.APPROVED, 0) + by_status.get(Status.SUPERSEDED, 0)
    entered = sum(by_status.values())
    return {"entered": entered, "advanced": advanced, "rejected": 0, "open": entered - advanced}


@owes
def debts(person_id: int) -> list[Debt]:
    """What somebody who leaves hands over from this room: reviews, and requisitions that they answer for."""
    found = [
        Debt(
            f"Review of the description “{row.title}”",
            datetime.combine(row.due_on, time(17), UTC),
            f"/descriptions/{row.id}",
            row.application_id,
        )
        for row in reviews_due(person_id)
    ]
    for owned in ask_of(_owned, person_id):
        part = "Hiring manager" if owned.hiring_manager_id == person_id else "Recruiter"
        found.append(Debt(f"{part} of {owned.code}, {owned.title}", None, f"/requisitions/{owned.id}", None))
    return found


def _owned(asker: Asker) -> Select[int, str, str, int | None]:
    return (
        select(Requisition.id, Requisition.code, Requisition.title, Requisition.hiring_manager_id)
        .where(
            or_(Requisition.hiring_manager_id == asker.id, Requisition.recruiter_id == asker.id),
            Requisition.status != RequisitionStatus.CLOSED,
        )
        .order_by(Requisition.id)
    )

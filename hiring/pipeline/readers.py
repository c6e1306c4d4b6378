"""Who may know of an application: where a reader stands, whom it bars, and both as conditions for lists."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

from sqlalchemy import BindParameter, ColumnElement, Select, bindparam, exists, false, func, or_, select, union
from sqlalchemy.orm import aliased

from hiring.ground import policy
from hiring.ground.database import BigId, db
from hiring.ground.reading import once
from hiring.people import handover
from hiring.people.asking import Asker, Reader, any_of, ask_of, find
from hiring.people.models import Person
from hiring.people.queries import manager_chains
from hiring.people.rules import Role
from hiring.pipeline.models import Application, Candidate, Participation, Requisition
from hiring.pipeline.rules import Part, PipelinePolicy, Stand

_STAND_OF_ROLE = {
    Role.RECRUITER: Stand.RECRUITER,
    Role.COORDINATOR: Stand.COORDINATOR,
    Role.ADMINISTRATOR: Stand.ADMINISTRATOR,
}


def stands(reader: Person, application: Application, *, now: datetime) -> frozenset[Stand]:
    """Where a reader stands towards an application; empty for strangers and for the inside of an internal candidate.

    ``file_days`` after the decision parts are marked as lapsed, and as past once the application has ended too.
    """
    if reader.disabled_at is not None or is_barred(reader, application.candidate):
        return frozenset()
    where = {_STAND_OF_ROLE[role] for role in reader.roles if role in _STAND_OF_ROLE}
    requisition = application.requisition
    if requisition.hiring_manager_id == reader.id:
        where.add(Stand.HIRING_MANAGER)
    if is_recruiter_of(reader, requisition):
        where.add(Stand.REQUISITION_RECRUITER)
    for part, submitted_at in parts(reader.id, application.id):
        where.add(Stand(part.value))
        if part in {Part.SEAT, Part.BAR_RAISER} and submitted_at is not None:
            where.add(Stand.SUBMITTED_SEAT)
    decided = application.decided_at or application.ended_at
    if decided is not None and now > decided + timedelta(days=policy.current()[PipelinePolicy].file_days):
        where.add(Stand.LAPSED)
        if application.ended is not None:
            where.add(Stand.PAST)
    return frozenset(where)


@once
def parts(person_id: int, application_id: int) -> list[tuple[Part, datetime | None]]:
    """Somebody's parts in an application now, and when their feedback went in."""
    return [
        (part, submitted_at)
        for part, submitted_at in find(_parts_in, person_id=person_id, application_id=application_id)
    ]


def _parts_in() -> Select[Part, datetime | None]:
    return select(Participation.part, Participation.submitted_at).where(
        Participation.application_id == bindparam("application_id", type_=BigId),
        Participation.person_id == bindparam("person_id", type_=BigId),
        Participation.until.is_(None),
    )


def is_recruiter_of(person: Person, requisition: Requisition) -> bool:
    """Whether they are its recruiter and a recruiter still: being named on it is no role of its own."""
    return person.id == requisition.recruiter_id and person.has(Role.RECRUITER)


def owns(person: Person, requisition: Requisition) -> bool:
    """Whether they answer for it, as its hiring manager or its recruiter."""
    return person.id == requisition.hiring_manager_id or is_recruiter_of(person, requisition)


def recruited_by(person: Reader) -> ColumnElement[bool]:
    """``is_recruiter_of`` as a condition for lists."""
    return Requisition.recruiter_id == person.id if person.has(Role.RECRUITER) else false()


@dataclass(frozen=True, slots=True)
class Ties:
    """What ties somebody to applications at all: they manage a requisition, or have a part that has not ended."""

    manages: bool
    takes_part: bool


@once
def ties(person_id: int) -> Ties:
    """Asked first by what looks for somebody's duties, so that nobody is asked about what they never do."""
    [found] = ask_of(_ties, person_id)
    return Ties(*found)


def _ties(asker: Asker) -> Select[bool, bool]:
    manages = exists().where(Requisition.hiring_manager_id == asker.id)
    return select(manages, exists().where(Participation.person_id == asker.id, Participation.until.is_(None)))


def owned_by(person: Reader) -> ColumnElement[bool]:
    """``owns`` as a condition for lists."""
    return or_(Requisition.hiring_manager_id == person.id, recruited_by(person))


@once
def is_barred(reader: Person, candidate: Candidate) -> bool:
    """Whether the candidate is this colleague, their manager's report or their own manager: they see nothing of it."""
    if candidate.person_id is None:
        return False
    if candidate.person_id == reader.id:
        return True
    chains = manager_chains([candidate.person_id, reader.id])
    return (
        chains.get(candidate.person_id, ())[:1] == (reader.id,) or candidate.person_id in chains.get(reader.id, ())[:1]
    )


def inside_of(reader: Reader) -> ColumnElement[bool]:
    """``is_barred`` as a condition for lists: applications of the reader, their reports and their own manager.

    Correlates with the list's Application only.
    """
    return (
        exists()
        .where(
            Candidate.id == Application.candidate_id,
            Candidate.person_id == Person.id,
            _close_to(reader),
        )
        .correlate(Application)
    )


def inside_applications(reader: Reader) -> Select[int]:
    """The ids of the applications that ``inside_of`` bars, found from the reader's side."""
    close = select(Person.id).where(_close_to(reader))
    query = select(Application.id).join(Candidate, Candidate.id == Application.candidate_id)
    return query.where(Candidate.person_id.in_(close))


def _close_to(reader: Reader) -> ColumnElement[bool]:
    return or_(Person.id == reader.id, Person.manager_id == reader.id, Person.id == reader.manager_id)


def opens_all(reader: Reader) -> bool:
    """Whether their role opens every file but those on whose inside they are."""
    return reader.has(Role.RECRUITER, Role.COORDINATOR)


@handover.bars
def barred_among(reader: Person, application_ids: Collection[int]) -> set[int]:
    """Those of these applications of which the reader may know nothing, being on the candidate's inside."""
    return _barred_of(reader, frozenset(application_ids)) if application_ids else set()


@once
def _barred_of(reader: Person, ids: frozenset[int]) -> set[int]:
    return {row.id for row in ask_of(_barred, reader.id, asker_manager_id=reader.manager_id, ids=list(ids))}


def _barred(asker: Asker) -> Select[int]:
    return select(Application.id).where(Application.id.in_(any_of("ids")), inside_of(asker))


@once
def inside_ids(application_id: int) -> frozenset[int]:
    """Ids of those who are ``is_barred`` from an application: the internal candidate, their manager, their reports."""
    themselves = aliased(Person)
    query = (
        select(Person.id)
        .join(
            themselves,
            or_(Person.id == themselves.id, Person.id == themselves.manager_id, Person.manager_id == themselves.id),
        )
        .join(Candidate, Candidate.person_id == themselves.id)
        .join(Application, Application.candidate_id == Candidate.id)
        .where(Application.id == application_id)
    )
    return frozenset(db.session.scalars(query))


def parts_since(reader: Person, now: datetime) -> datetime | None:
    """Parts in what was decided before have lapsed, as in ``stands``; None for whoever needs no part."""
    return None if opens_all(reader) else now - timedelta(days=policy.current()[PipelinePolicy].file_days)


def visible_applications(
    reader: Reader, *, since: datetime | BindParameter[datetime] | None = None, live: bool = False
) -> ColumnElement[bool]:
    """A condition for lists: applications whose candidate file the reader may open by role or part.

    With ``since`` (see ``parts_since``) parts lapse; without it they last. A list of live applications says ``live``,
    so that the reader's part in what ended long ago is not gone through.
    Correlates with the list's Application only, so that a list may join people and requisitions as it likes.
    """
    not_inside = ~inside_of(reader)
    if opens_all(reader):
        return not_inside
    # One list of ids, read from the reader's side: asked of each application in turn it would walk the whole history.
    parted, kept = _two_others()
    mine = (
        select(Participation.application_id)
        .join(parted, parted.id == Participation.application_id)
        .where(Participation.person_id == reader.id, Participation.until.is_(None))
    )
    if since is not None:
        decided = func.coalesce(parted.decided_at, parted.ended_at)
        mine = mine.where(decided.is_(None) | (decided >= since))
    owned = (
        select(kept.id)
        .join(Requisition, Requisition.id == kept.requisition_id)
        .where(Requisition.hiring_manager_id == reader.id)
    )
    if live:
        mine, owned = mine.where(parted.ended.is_(None)), owned.where(kept.ended.is_(None))
    return not_inside & Application.id.in_(union(mine, owned))


@cache
def _two_others() -> tuple[type[Application], type[Application]]:
    """The table under two other names: made once, since a name for it takes longer to make than a list to ask."""
    return aliased(Application), aliased(Application)

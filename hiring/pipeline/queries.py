"""Reads of the spine. Whoever may not see an application gets NotVisible, as if it were not there."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TypeAlias

from sqlalchemy import BindParameter, ColumnElement, Row, Select, bindparam, exists, false, func, or_, select, union
from sqlalchemy.orm import aliased, contains_eager, joinedload

from hiring.ground import policy
from hiring.ground.database import BigId, NotVisible, UtcDateTime, db, existing, lock_found
from hiring.ground.reading import once
from hiring.ground.rulebook import Refusal
from hiring.people import handover
from hiring.people.asking import Asker, Reader, any_of, ask_of, find, objects
from hiring.people.models import Person
from hiring.people.queries import manager_chains
from hiring.people.rules import Role
from hiring.pipeline import rules
from hiring.pipeline.models import (
    Application,
    Attachment,
    Booking,
    Candidate,
    Cord,
    Participation,
    Requisition,
    StepVisit,
    TimelineEntry,
)
from hiring.pipeline.rules import (
    ApplicationFacts,
    CordFacts,
    Origin,
    Part,
    PipelinePolicy,
    RequisitionFacts,
    Sight,
    Stand,
    Step,
    may_see,
)

_STAND_OF_ROLE = {
    Role.RECRUITER: Stand.RECRUITER,
    Role.COORDINATOR: Stand.COORDINATOR,
    Role.ADMINISTRATOR: Stand.ADMINISTRATOR,
}


@once
def application(application_id: int) -> Application:
    """One application with candidate and requisition loaded, for nobody in particular; raises NotVisible."""
    return existing(objects(_one, application_id=application_id).one_or_none(), f"application {application_id}")


def _one() -> Select[Application]:
    return _whole(bindparam("application_id", type_=BigId))


def _whole(application_id: int | BindParameter[int]) -> Select[Application]:
    return (
        select(Application)
        .where(Application.id == application_id)
        .options(joinedload(Application.candidate), joinedload(Application.requisition))
    )


def application_for(
    reader: Person, application_id: int, *, now: datetime, sight: Sight = Sight.FRAME
) -> tuple[Application, frozenset[Stand]]:
    """The application and where the reader stands, if they may see that kind of data; else NotVisible."""
    return _seen_by(reader, application(application_id), now, sight)


def _seen_by(reader: Person, found: Application, now: datetime, sight: Sight) -> tuple[Application, frozenset[Stand]]:
    where = stands(reader, found, now=now)
    if not may_see(sight, where):
        raise NotVisible(f"application {found.id}")
    return found, where


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
    for part, submitted_at in _parts(reader.id, application.id):
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
def _parts(person_id: int, application_id: int) -> list[tuple[Part, datetime | None]]:
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
    if not application_ids:
        return set()
    return {row.id for row in ask_of(_barred, reader.id, asker_manager_id=reader.manager_id, ids=list(application_ids))}


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
    parted, kept = aliased(Application), aliased(Application)
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


def lock_application(application_id: int) -> Application:
    """Hold requisition, then application, freshly loaded: the one lock order of every move."""
    what = f"application {application_id}"
    its_requisition = select(Application.requisition_id).where(Application.id == application_id).scalar_subquery()
    lock_found(select(Requisition).where(Requisition.id == its_requisition), what)
    return lock_found(_whole(application_id), what)


def held_for(
    actor: Person, application_id: int, *, now: datetime, sight: Sight = Sight.FRAME
) -> tuple[Application, frozenset[Stand]]:
    """Hold the application, then see where the actor stands: nobody acts on a standing that ended while they waited."""
    return _seen_by(actor, lock_application(application_id), now, sight)


@once
def requisition(requisition_id: int) -> Requisition:
    """One requisition with its people and team loaded; raises NotVisible."""
    return existing(objects(_requisition, requisition_id=requisition_id).one_or_none(), f"requisition {requisition_id}")


def _requisition() -> Select[Requisition]:
    people = (joinedload(Requisition.hiring_manager), joinedload(Requisition.recruiter))
    this = Requisition.id == bindparam("requisition_id", type_=BigId)
    return select(Requisition).where(this).options(*people, joinedload(Requisition.team))


@once
def requisition_facts(requisition: Requisition) -> RequisitionFacts:
    """What rules ask of a requisition."""
    [(cords, recruiter)] = find(_pulled_on_requisition, what=requisition.id, recruiter_id=requisition.recruiter_id)
    return RequisitionFacts(
        code=requisition.code,
        status=requisition.status,
        on_hold=requisition.held_at is not None,
        recruiter=f"{recruiter} (recruiter)" if recruiter else "the recruiter",
        cords=cords,
        owners=frozenset(one for one in (requisition.hiring_manager_id, requisition.recruiter_id) if one is not None),
    )


def why_not_apply(
    requisition: Requisition, candidate_id: int | None, person_id: int | None, *, today: date
) -> list[Refusal]:
    """Page and action ask it alike. ``candidate_id``: None for somebody new; ``person_id``: the colleague they are."""
    return rules.why_not_apply(
        requisition_facts(requisition),
        active_elsewhere=candidate_id is not None and is_active(candidate_id, requisition.id),
        cool_off_until=cool_off_until(candidate_id, requisition.id) if candidate_id is not None else None,
        person_id=person_id,
        today=today,
    )


@once
def application_facts(application: Application) -> ApplicationFacts:
    """What rules ask of an application."""
    [(cords,)] = find(_pulled_on_application, what=application.id)
    return ApplicationFacts(
        step=application.step,
        end=application.ended,
        end_reason=application.end_reason,
        ended_at=application.ended_at,
        on_hold=application.held_at is not None,
        cords=cords,
        offer_accepted=application.offer_accepted_at is not None,
    )


def why_not_move(application: Application) -> list[Refusal]:
    """What stops every step alike: a hold, a pulled cord, a closed requisition, an end."""
    return rules.why_not_advance(requisition_facts(application.requisition), application_facts(application))


def under_way() -> ColumnElement[bool]:
    """Applications that have not ended, whatever their step.

    The steps are named so that a database without statistics begins at an index of those under way, and does not walk
    what hangs on applications that ended long ago.
    """
    return Application.ended.is_(None) & Application.step.in_(list(Step))


def stopped(ids: Collection[int]) -> dict[int, str]:
    """Of these, each that a hold or a cord stops, by id, with the facts that the rules give."""
    rows = objects(_stopped, ids=list(ids)) if ids else ()
    return {row.id: " ".join(one.facts for one in why_not_move(row)) for row in rows}


def _stopped() -> Select[Application]:
    pulled = Cord.cleared_at.is_(None) & (
        (Cord.application_id == Application.id) | (Cord.requisition_id == Application.requisition_id)
    )
    return (
        select(Application)
        .join(Requisition, Requisition.id == Application.requisition_id)
        .where(
            Application.id.in_(any_of("ids")),
            Application.held_at.is_not(None) | Requisition.held_at.is_not(None) | exists().where(pulled),
        )
        .options(contains_eager(Application.requisition))
    )


def _pulled_on_requisition() -> Select[int, str | None]:
    """With the name of its recruiter, whom refusals name."""
    recruiter = select(Person.name).where(Person.id == bindparam("recruiter_id", type_=BigId)).scalar_subquery()
    pulled = (Cord.requisition_id == bindparam("what", type_=BigId), Cord.cleared_at.is_(None))
    return select(func.count(Cord.id), recruiter).where(*pulled)


def _pulled_on_application() -> Select[int]:
    pulled = (Cord.application_id == bindparam("what", type_=BigId), Cord.cleared_at.is_(None))
    return select(func.count(Cord.id)).where(*pulled)


def cord_facts(cord: Cord) -> CordFacts:
    """Who pulled it and who is named."""
    return CordFacts(cord.pulled_by, frozenset(named.person_id for named in cord.named), cord.cleared_at is not None)


@once
def visits(application_id: int) -> list[StepVisit]:
    """All step visits in order of recording."""
    query = select(StepVisit).where(StepVisit.application_id == application_id).order_by(StepVisit.ordinal)
    return list(db.session.scalars(query))


@once
def open_visit(application_id: int) -> StepVisit | None:
    """The visit not yet left, if the application is live."""
    return objects(_open_visit, application_id=application_id).one_or_none()


def _open_visit() -> Select[StepVisit]:
    this = StepVisit.application_id == bindparam("application_id", type_=BigId)
    return select(StepVisit).where(this, StepVisit.left_at.is_(None))


def timeline(application_id: int, limit: int = 100) -> list[tuple[TimelineEntry, str]]:
    """Newest first, each with the actor's name (``system`` where nobody acted). Reader checked by the caller's load."""
    query = (
        select(TimelineEntry, Person.name)
        .outerjoin(Person, Person.id == TimelineEntry.actor_id)
        .where(TimelineEntry.application_id == application_id)
        .order_by(TimelineEntry.id.desc())
        .limit(limit)
    )
    return [(entry, name or "system") for entry, name in db.session.execute(query)]


@once
def attachments(application_id: int) -> list[Attachment]:
    """Files of an application with their stored file, newest first."""
    query = select(Attachment).where(Attachment.application_id == application_id).options(joinedload(Attachment.file))
    return list(db.session.scalars(query.order_by(Attachment.id.desc())))


@once
def newest_resume(application_id: int) -> int | None:
    """The attachment that is an application's newest résumé."""
    [(found,)] = find(_newest_resume, application_id=application_id)
    return found


def _newest_resume() -> Select[int | None]:
    this = Attachment.application_id == bindparam("application_id", type_=BigId)
    return select(func.max(Attachment.id)).where(this, Attachment.resume)


Booked: TypeAlias = tuple[int | None, datetime, datetime, str, str]


def bookings(
    person_ids: Iterable[int], candidate_id: int | None, start: datetime, end: datetime
) -> Sequence[Row[*Booked]]:
    """What is booked for these people and the candidate within a stretch of time: whose, from, to, for what, by what.

    Columns as ``Booking`` names them.
    """
    return find(_bookings, people=list(set(person_ids)), candidate_id=candidate_id, start=start, end=end)


def _bookings() -> Select[*Booked]:
    return (
        select(Booking.person_id, Booking.starts_at, Booking.ends_at, Booking.purpose, Booking.source)
        .where(
            Booking.person_id.in_(any_of("people")) | (Booking.candidate_id == bindparam("candidate_id", type_=BigId)),
            Booking.starts_at < bindparam("end", type_=UtcDateTime),
            Booking.ends_at > bindparam("start", type_=UtcDateTime),
        )
        .order_by(Booking.starts_at)
    )


def likely_duplicates(candidate: Candidate) -> list[Candidate]:
    """Other candidates with the same e-mail address or the same name (both folded)."""
    same = [Candidate.email_key == candidate.email_key] if candidate.email_key else []
    same += [Candidate.name_key == candidate.name_key] if candidate.name_key else []
    query = select(Candidate).where(
        Candidate.id != candidate.id,
        Candidate.merged_into_id.is_(None),
        Candidate.origin == candidate.origin,
        or_(false(), *same),
    )
    return list(db.session.scalars(query.order_by(Candidate.id).limit(20)))


def cool_off_until(candidate_id: int, requisition_id: int) -> date | None:
    """The latest date before which the candidate may not apply to the requisition again (as recorded)."""
    query = select(func.max(Application.cool_off_until)).where(
        Application.candidate_id == candidate_id, Application.requisition_id == requisition_id
    )
    return db.session.scalar(query)


def candidate_of(person_id: int) -> int | None:
    """The id of the candidate that a colleague already is."""
    query = select(Candidate.id).where(
        Candidate.person_id == person_id, Candidate.merged_into_id.is_(None), Candidate.origin == Origin.LIVE
    )
    return db.session.scalar(query.order_by(Candidate.id).limit(1))


def is_active(candidate_id: int, requisition_id: int) -> bool:
    """Whether the candidate has a live application to the requisition."""
    return active_application(candidate_id, requisition_id) is not None


def active_application(candidate_id: int, requisition_id: int) -> int | None:
    """The id of the candidate's live application to the requisition, of which there is at most one."""
    query = select(Application.id).where(
        Application.candidate_id == candidate_id,
        Application.requisition_id == requisition_id,
        Application.ended.is_(None),
    )
    return db.session.scalar(query.limit(1))

"""Reads of the spine. Whoever may not see an application gets NotVisible, as if it were not there."""

from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime
from typing import TypeAlias

from sqlalchemy import BindParameter, ColumnElement, Row, Select, bindparam, exists, false, func, or_, select
from sqlalchemy.orm import aliased, contains_eager, joinedload

from hiring.ground.database import BigId, NotVisible, UtcDateTime, db, existing, lock_found
from hiring.ground.reading import once, remember
from hiring.ground.rulebook import Refusal
from hiring.people.asking import any_of, find, objects, objects_and
from hiring.people.models import Person
from hiring.pipeline import readers, rules
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
    RequisitionFacts,
    Sight,
    Stand,
    Step,
    may_see,
)


@once
def application(application_id: int) -> Application:
    """One application with candidate and requisition loaded, for nobody in particular; raises NotVisible."""
    return existing(objects(_one, application_id=application_id).one_or_none(), f"application {application_id}")


_APPLICATION = bindparam("application_id", type_=BigId)


def _one() -> Select[Application]:
    return _whole(_APPLICATION)


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
    return _seen_by(reader, _opened(reader.id, application_id), now, sight)


@once
def _opened(reader_id: int, application_id: int) -> Application:
    """The application in one question with what nearly every page about it asks beside: see ``_beside``."""
    rows = objects_and(_beside, application_id=application_id, reader_id=reader_id).all()
    found, cords, recruiter, mine, resume_id, *_ = existing(next(iter(rows), None), f"application {application_id}")
    remember(application, found, application_id)
    whole, own = _requisition_facts(found.requisition, cords, recruiter), _application_facts(found, mine)
    remember(facts, (whole, own), found)
    remember(requisition_facts, whole, found.requisition)
    remember(application_facts, own, found)
    remember(newest_resume, resume_id, application_id)
    parts = [(row.part, row.submitted_at) for row in rows if row.part is not None]
    remember(readers.parts, parts, reader_id, application_id)
    return found


Beside: TypeAlias = tuple[Application, int, str | None, int, int | None, Part | None, datetime | None]


def _beside() -> Select[*Beside]:
    """What stops it, its newest résumé, and the reader's parts: one row for each, and one for somebody without any."""
    pulled = select(func.count(Cord.id)).where(Cord.cleared_at.is_(None))
    taken = (Participation.application_id == Application.id) & Participation.until.is_(None)
    theirs = Participation.person_id == bindparam("reader_id", type_=BigId)
    return (
        select(
            Application,
            pulled.where(Cord.requisition_id == Requisition.id).scalar_subquery(),
            select(Person.name).where(Person.id == Requisition.recruiter_id).scalar_subquery(),
            pulled.where(Cord.application_id == Application.id).scalar_subquery(),
            select(func.max(Attachment.id))
            .where(Attachment.application_id == Application.id, Attachment.resume)
            .scalar_subquery(),
            Participation.part,
            Participation.submitted_at,
        )
        .join(Application.candidate)
        .join(Application.requisition)
        .outerjoin(Participation, taken & theirs)
        .where(Application.id == _APPLICATION)
        .options(contains_eager(Application.candidate), contains_eager(Application.requisition))
    )


def _seen_by(reader: Person, found: Application, now: datetime, sight: Sight) -> tuple[Application, frozenset[Stand]]:
    where = readers.stands(reader, found, now=now)
    if not may_see(sight, where):
        raise NotVisible(f"application {found.id}")
    return found, where


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
    return _requisition_facts(requisition, cords, recruiter)


def _requisition_facts(requisition: Requisition, cords: int, recruiter: str | None) -> RequisitionFacts:
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
    return _application_facts(application, cords)


def _application_facts(application: Application, cords: int) -> ApplicationFacts:
    return ApplicationFacts(
        step=application.step,
        end=application.ended,
        end_reason=application.end_reason,
        ended_at=application.ended_at,
        on_hold=application.held_at is not None,
        cords=cords,
        offer_accepted=application.offer_accepted_at is not None,
    )


@once
def facts(application: Application) -> tuple[RequisitionFacts, ApplicationFacts]:
    """What rules ask of an application and of its requisition, in one question."""
    requisition = application.requisition
    values = {"application_id": application.id, "what": requisition.id, "recruiter_id": requisition.recruiter_id}
    [(cords, recruiter, mine)] = find(_pulled, **values)
    return _requisition_facts(requisition, cords, recruiter), _application_facts(application, mine or 0)


def why_not_move(application: Application) -> list[Refusal]:
    """What stops every step alike: a hold, a pulled cord, a closed requisition, an end."""
    return rules.why_not_advance(*facts(application))


def under_way() -> ColumnElement[bool]:
    """Applications that have not ended, whatever their step.

    The steps are named so that a database without statistics begins at an index of those under way, and does not walk
    what hangs on applications that ended long ago.
    """
    return Application.ended.is_(None) & Application.step.in_(list(Step))


def stopped(ids: Collection[int]) -> dict[int, str]:
    """Of these, each that a hold or a cord stops, by id, with the facts that the rules give."""
    found = [row.id for row in find(_stopped, ids=list(ids))] if ids else []
    rows = objects(_all_of, ids=found) if found else ()
    return {row.id: " ".join(why.facts for why in why_not_move(row)) for row in rows}


def _stopped() -> Select[int]:
    pulled = Cord.cleared_at.is_(None) & (
        (Cord.application_id == Application.id) | (Cord.requisition_id == Application.requisition_id)
    )
    return (
        select(Application.id)
        .join(Requisition, Requisition.id == Application.requisition_id)
        .where(
            Application.id.in_(any_of("ids")),
            Application.held_at.is_not(None) | Requisition.held_at.is_not(None) | exists().where(pulled),
        )
    )


def _all_of() -> Select[Application]:
    return select(Application).where(Application.id.in_(any_of("ids"))).options(joinedload(Application.requisition))


def _pulled_on_requisition() -> Select[int, str | None]:
    """With the name of its recruiter, whom refusals name."""
    recruiter = select(Person.name).where(Person.id == bindparam("recruiter_id", type_=BigId)).scalar_subquery()
    pulled = (Cord.requisition_id == bindparam("what", type_=BigId), Cord.cleared_at.is_(None))
    return select(func.count(Cord.id), recruiter).where(*pulled)


def _pulled() -> Select[int, str | None, int | None]:
    own = aliased(Cord)
    mine = select(func.count(own.id)).where(own.application_id == _APPLICATION, own.cleared_at.is_(None))
    return _pulled_on_requisition().add_columns(mine.scalar_subquery())


def _pulled_on_application() -> Select[int]:
    pulled = (Cord.application_id == bindparam("what", type_=BigId), Cord.cleared_at.is_(None))
    return select(func.count(Cord.id)).where(*pulled)


def cord_facts(cord: Cord) -> CordFacts:
    """Who pulled it and who is named."""
    return CordFacts(cord.pulled_by, frozenset(named.person_id for named in cord.named), cord.cleared_at is not None)


@once
def visits(application_id: int) -> list[StepVisit]:
    """All step visits in order of recording."""
    return list(objects(_visits, application_id=application_id))


def _visits() -> Select[StepVisit]:
    return select(StepVisit).where(StepVisit.application_id == _APPLICATION).order_by(StepVisit.ordinal)


@once
def open_visit(application_id: int) -> StepVisit | None:
    """The visit not yet left, if the application is live."""
    return objects(_open_visit, application_id=application_id).one_or_none()


def _open_visit() -> Select[StepVisit]:
    return select(StepVisit).where(StepVisit.application_id == _APPLICATION, StepVisit.left_at.is_(None))


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
    return list(objects(_attachments, application_id=application_id))


def _attachments() -> Select[Attachment]:
    query = select(Attachment).where(Attachment.application_id == _APPLICATION).options(joinedload(Attachment.file))
    return query.order_by(Attachment.id.desc())


@once
def newest_resume(application_id: int) -> int | None:
    """The attachment that is an application's newest résumé."""
    [(found,)] = find(_newest_resume, application_id=application_id)
    return found


def _newest_resume() -> Select[int | None]:
    return select(func.max(Attachment.id)).where(Attachment.application_id == _APPLICATION, Attachment.resume)


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

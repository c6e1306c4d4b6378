"""Reads for transitions; callers have checked the reader's standing."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeAlias

from sqlalchemy import Row, Select, bindparam, case, exists, or_, select
from sqlalchemy.orm import aliased, joinedload, selectinload

from hiring.ground.database import BigId, NotVisible, db, existing
from hiring.ground.reading import once
from hiring.people import queries as people
from hiring.people.asking import Asker, ask, ask_of, find
from hiring.people.models import Person, RoleGrant
from hiring.people.rules import Role
from hiring.pipeline import queries as pipeline
from hiring.pipeline import readers
from hiring.pipeline.addressees import Owner
from hiring.pipeline.models import Application, Candidate, Cord, CordAction, Participation, Requisition, StepVisit
from hiring.pipeline.rules import Origin, Part, RequisitionStatus, Sight, Source, Stand, Step, may_see
from hiring.steps.job_description.models import JobDescription, MustHave
from hiring.steps.job_description.rules import Status
from hiring.steps.resume_review.models import MustHaveMark
from hiring.steps.resume_review.rules import Mark
from hiring.transitions import rules

_ON_A_DESK = 50
SUGGESTED = 25
"""Requisitions offered to be moved to; any other is named by its code."""


def must_haves_met(application_id: int) -> list[str]:
    """Texts of the must-haves that this application's résumé met, of the version it is held against now.

    A mark under an earlier version says nothing: that must-have may read the same and have been judged anew since.
    """
    query = (
        select(MustHave.text)
        .join(MustHaveMark, MustHaveMark.must_have_id == MustHave.id)
        .join(Application, Application.id == MustHaveMark.application_id)
        .where(
            Application.id == application_id,
            MustHave.description_id == Application.description_id,
            MustHaveMark.mark == Mark.MET,
        )
    )
    return list(db.session.scalars(query))


@dataclass(frozen=True, slots=True)
class Moved:
    """Where an application came from or went to. ``application_id``: None for a reader who may not open that one.

    ``why`` is for those who answer for the application on which it was written: it may tell of its feedback.
    ``begun``: why it began in its step, for those who may see how the must-haves were marked.
    """

    requisition: str
    application_id: int | None
    why: str
    begun: str


def moves_of(
    reader: Person, application: Application, stands: frozenset[Stand], *, now: datetime
) -> tuple[Moved | None, Moved | None]:
    """The application that this one was moved from, and the one that it was moved to."""
    query = select(Application).options(joinedload(Application.requisition), joinedload(Application.candidate))
    before = after = None
    if application.source is Source.MOVED:
        same = Application.candidate_id == application.candidate_id
        before = db.session.scalars(query.where(same, Application.moved_to_id == application.id)).one_or_none()
    if application.moved_to_id is not None:
        after = db.session.scalars(query.where(Application.id == application.moved_to_id)).one_or_none()

    def moved(other: Application | None, why: str, newer: Application | None) -> Moved | None:
        if other is None or newer is None:
            return None
        there = readers.stands(reader, other, now=now)
        tells = rules.owns(there if newer is application else stands)  # it was written on the older one
        seen = other.id if may_see(Sight.FRAME, there) else None
        reads = may_see(Sight.MUST_HAVES, stands) or may_see(Sight.MUST_HAVES, there)
        begun = rules.why_begun(_first_step(newer.id)) if reads else ""
        return Moved(f"{other.requisition.code} {other.requisition.title}", seen, why if tells else "", begun)

    return moved(before, before.end_note if before else "", application), moved(after, application.end_note, after)


def _first_step(application_id: int) -> Step:
    """Where an application began."""
    visits = select(StepVisit.step).where(StepVisit.application_id == application_id)
    return db.session.scalars(visits.order_by(StepVisit.ordinal).limit(1)).one()


def must_haves_asked(description_id: int | None) -> list[str]:
    """Texts of the must-haves of a description."""
    return list(db.session.scalars(select(MustHave.text).where(MustHave.description_id == description_id)))


@once
def live_applications(requisition_id: int) -> list[Application]:
    """Live applications of a requisition with their candidates, by id."""
    query = (
        select(Application)
        .where(Application.requisition_id == requisition_id, Application.ended.is_(None))
        .options(joinedload(Application.candidate), joinedload(Application.requisition))
        .order_by(Application.id)
    )
    return list(db.session.scalars(query))


def undecidable(reader: Person, applications: Iterable[Application]) -> set[int]:
    """Those of these applications that wait for a choice when the requisition closes, but not for the reader's.

    They are on the candidate's inside and may know nothing of it, so they do not decide on it either.
    """
    waiting = {row.id for row in applications if row.offer_accepted_at is None}
    return readers.barred_among(reader, waiting)


def deciders(requisition: Requisition, hidden: Collection[int]) -> list[Person]:
    """Owners and administrators who may see all of these applications, owners first: they can close in their stead."""
    owners = [db.session.get(Person, one) for one in (requisition.recruiter_id, requisition.hiring_manager_id) if one]
    here = [one for one in owners if one is not None and one.disabled_at is None]
    found = {one.id: one for one in [*here, *people.holders(Role.ADMINISTRATOR)]}
    return [one for one in found.values() if not readers.barred_among(one, set(hidden))]


@dataclass(frozen=True, slots=True)
class Target:
    """A requisition to which an application may move."""

    id: int
    code: str
    title: str


def targets(requisition: Requisition, candidate: Candidate | None = None) -> list[Target]:
    """Where an application most likely moves to: of its team, then its recruiter, then the newest.

    None that is on hold, or that the candidate answers for.
    """
    inside = candidate.person_id if candidate is not None else None
    given = {"team_id": requisition.team_id, "recruiter_id": requisition.recruiter_id, "inside": inside}
    return [Target(*row) for row in find(_targets, inside is not None, other_than=requisition.id, **given)]


def _targets(of_colleague: bool) -> Select[int, str, str]:
    near = case(
        (Requisition.team_id == bindparam("team_id", type_=BigId), 0),
        (Requisition.recruiter_id == bindparam("recruiter_id", type_=BigId), 1),
        else_=2,
    )
    query = _others_open().where(Requisition.held_at.is_(None))
    if of_colleague:
        owners = (Requisition.hiring_manager_id, Requisition.recruiter_id)
        query = query.where(*(owner != bindparam("inside", type_=BigId) for owner in owners))
    return query.order_by(near, Requisition.id.desc()).limit(SUGGESTED)


def targets_named(codes: Collection[str], requisition: Requisition) -> dict[str, int]:
    """The ids of other open requisitions with these codes, by code as typed."""
    typed = {code: code.strip().upper() for code in codes}
    known = {row.code: row.id for row in find(_named, other_than=requisition.id, codes=list(typed.values()))}
    return {code: known[found] for code, found in typed.items() if found in known}


def _named() -> Select[int, str, str]:
    return _others_open().where(Requisition.code.in_(bindparam("codes", expanding=True)))


def _others_open() -> Select[int, str, str]:
    return select(Requisition.id, Requisition.code, Requisition.title).where(
        Requisition.status == RequisitionStatus.OPEN,
        Requisition.origin == Origin.LIVE,
        Requisition.id != bindparam("other_than", type_=BigId),
    )


def owns_requisition(person: Person, requisition: Requisition) -> bool:
    """Whether somebody is its recruiter or its hiring manager."""
    return readers.owns(person, requisition)


@dataclass(frozen=True, slots=True)
class Ownerless:
    """A requisition that lacks one owner: which, who that was, and whether they left the company."""

    requisition_id: int
    code: str
    owner: Owner
    former: str
    left: bool


def without_owner(reader: Person) -> list[Ownerless]:
    """Requisitions whose hiring manager or recruiter left, or recruits no more.

    The other owner reads of it, and administrators of all; closed requisitions need none.
    """
    if not (reader.has(Role.ADMINISTRATOR, Role.RECRUITER) or readers.ties(reader.id).manages):
        return []
    found = []
    for row in ask(lacking_owners, reader):
        if row.manager_left:
            found.append(Ownerless(row.id, row.code, Owner.HIRING_MANAGER, row.manager, left=True))
        if row.no_recruiter:
            left = row.recruiter_left is not None
            found.append(Ownerless(row.id, row.code, Owner.RECRUITER, row.recruiter, left=left))
    return found


def lacking_owners(
    asker: Asker,
) -> Select[int, str, str, datetime | None, str, datetime | None, bool]:
    """The rows of ``without_owner``."""
    manager, recruiter = aliased(Person), aliased(Person)
    recruits = exists().where(
        RoleGrant.person_id == Requisition.recruiter_id, RoleGrant.role == Role.RECRUITER, RoleGrant.until.is_(None)
    )
    no_manager, no_recruiter = manager.disabled_at.is_not(None), or_(recruiter.disabled_at.is_not(None), ~recruits)
    theirs = or_(
        no_manager & (Requisition.recruiter_id == asker.id),
        no_recruiter & (Requisition.hiring_manager_id == asker.id),
    )
    # What is theirs at all is said too, so that it is looked up by its owners and not among all that are open.
    own = or_(Requisition.recruiter_id == asker.id, Requisition.hiring_manager_id == asker.id)
    # Whoever reads of all asks first who left and who recruits, not of each requisition's owners in turn.
    gone = select(Person.id).where(Person.disabled_at.is_not(None))
    recruiting = (
        select(RoleGrant.person_id)
        .join(Person, Person.id == RoleGrant.person_id)
        .where(RoleGrant.role == Role.RECRUITER, RoleGrant.until.is_(None), Person.disabled_at.is_(None))
    )
    any_lacks = or_(Requisition.hiring_manager_id.in_(gone), Requisition.recruiter_id.not_in(recruiting))
    return (
        select(
            Requisition.id,
            Requisition.code,
            manager.name.label("manager"),
            manager.disabled_at.label("manager_left"),
            recruiter.name.label("recruiter"),
            recruiter.disabled_at.label("recruiter_left"),
            no_recruiter.label("no_recruiter"),
        )
        .join(manager, manager.id == Requisition.hiring_manager_id)
        .join(recruiter, recruiter.id == Requisition.recruiter_id)
        .where(
            any_lacks if asker.has(Role.ADMINISTRATOR) else own & theirs,
            Requisition.closed_at.is_(None),
        )
        .order_by(Requisition.id)
        .limit(_ON_A_DESK)
    )


def requisition_for(reader: Person, requisition_id: int) -> Requisition:
    """A requisition whose moves the reader may see; raises NotVisible, also for one that came with a history."""
    found = pipeline.requisition(requisition_id)
    seen = rules.may_see_requisition_moves(reader.roles, owner=owns_requisition(reader, found))
    if found.origin is Origin.IMPORTED or not seen:
        raise NotVisible(f"requisition {requisition_id}")
    return found


def approved_for_level(application_id: int) -> JobDescription | None:
    """The newest approved description written for this application at another level, unless it is held against it."""
    query = (
        select(JobDescription)
        .where(JobDescription.application_id == application_id, JobDescription.status == Status.APPROVED)
        .order_by(JobDescription.id.desc())
        .limit(1)
    )
    newest = db.session.scalars(query).one_or_none()
    held = select(Application.description_id).where(Application.id == application_id)
    return newest if newest is not None and newest.id != db.session.scalar(held) else None


def cord(cord_id: int) -> Cord:
    """One cord; raises NotVisible."""
    return existing(db.session.get(Cord, cord_id), f"cord {cord_id}")


def cords_of(application: Application) -> list[Cord]:
    """Cords on an application and on its requisition, newest first."""
    query = select(Cord).where(
        (Cord.application_id == application.id) | (Cord.requisition_id == application.requisition_id)
    )
    return list(db.session.scalars(query.order_by(Cord.id.desc())))


def cord_actions(cord_id: int) -> list[tuple[CordAction, str]]:
    """What a correction asks for, with the owner's name."""
    query = select(CordAction, Person.name).join(Person, Person.id == CordAction.owner_id)
    return [(row, name) for row, name in db.session.execute(query.where(CordAction.cord_id == cord_id))]


def uncleared(reader: Person) -> list[Cord]:
    """Pulled cords, oldest first, of which the reader may know: all for an administrator, else as Bar Raiser."""
    if not (reader.has(Role.ADMINISTRATOR) or readers.ties(reader.id).takes_part):
        return []
    ids = [row.id for row in ask(cords_pulled, reader)]
    query = select(Cord).where(Cord.id.in_(ids)).options(selectinload(Cord.named)).order_by(Cord.id)
    return list(db.session.scalars(query)) if ids else []


def cords_pulled(asker: Asker) -> Select[int]:
    """The ids of ``uncleared``."""
    query = (
        select(Cord.id)
        .outerjoin(Application, Application.id == Cord.application_id)
        .where(Cord.cleared_at.is_(None), or_(Cord.application_id.is_(None), ~readers.inside_of(asker)))
    )
    if asker.has(Role.ADMINISTRATOR):
        return query
    raised = select(Participation.application_id).where(
        Participation.person_id == asker.id,
        Participation.part == Part.BAR_RAISER,
        Participation.until.is_(None),
    )
    return query.where(Application.id.in_(raised), Application.ended.is_(None))


Correction: TypeAlias = tuple[str, date, int, int | None]


def open_actions(owner_id: int) -> Sequence[Row[*Correction]]:
    """What somebody still owes to corrections: what, its day, the cord, and the application on which it was pulled."""
    return ask_of(actions_open, owner_id)


def actions_open(asker: Asker) -> Select[*Correction]:
    """The rows of ``open_actions``."""
    return (
        select(CordAction.what, CordAction.due_on, CordAction.cord_id, Cord.application_id)
        .join(Cord, Cord.id == CordAction.cord_id)
        .where(CordAction.owner_id == asker.id, CordAction.done_at.is_(None))
        .order_by(CordAction.due_on, CordAction.id)
    )


def owes_action(cord_id: int, person_id: int) -> bool:
    """Whether somebody owns an action of a cord's correction, done or not."""
    query = select(CordAction.id).where(CordAction.cord_id == cord_id, CordAction.owner_id == person_id)
    return db.session.scalar(query.limit(1)) is not None


def has_part(person_id: int, requisition_id: int) -> bool:
    """Whether somebody has a part in a live application of the requisition."""
    query = (
        select(Participation.id)
        .join(Application, Application.id == Participation.application_id)
        .where(
            Application.requisition_id == requisition_id,
            Application.ended.is_(None),
            Participation.person_id == person_id,
            Participation.until.is_(None),
        )
    )
    return db.session.scalar(query.limit(1)) is not None

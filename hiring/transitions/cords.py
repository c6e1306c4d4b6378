"""The Andon cord: anyone with a task may stop the line; cause and correction are written before it moves again."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from hiring.ground import audit, outbox
from hiring.ground.database import NotVisible, Stale, db, lock
from hiring.people import queries as people
from hiring.people.models import Person
from hiring.people.rules import Invalid, Role
from hiring.pipeline import actions as spine
from hiring.pipeline import queries as pipeline
from hiring.pipeline import readers
from hiring.pipeline.models import Cord, CordAction, CordNamed, Requisition
from hiring.pipeline.rules import End, EndReason, Sight, Stand, may_clear_cord, may_see
from hiring.steps.interview_loop import course as loops
from hiring.steps.interview_loop import queries as loop_queries
from hiring.transitions import queries, rules
from hiring.transitions.actions import settle_waiting
from hiring.transitions.notices import end_and_tell


@dataclass(frozen=True, slots=True)
class CorrectionStep:
    """An action that a correction asks for."""

    what: str
    owner_id: int
    due_on: date


def pull(actor: Person, application_id: int, what: str, named: Collection[int], *, now: datetime) -> Cord:
    """Stop an application because the process went wrong. ``what`` happened; ``named``: ids of people it is about."""
    application, stands = pipeline.held_for(actor, application_id, now=now)
    spine.require(rules.may_pull(stands), "Anyone with a task on this application may pull the cord.")
    cord = _pull(Cord(application_id=application.id, pulled_by=actor.id, pulled_at=now, what=what), named)
    audit.record(actor.id, "cord.pull", "application", application.id, at=now, cord=cord.id)
    spine.say("The cord was pulled.", application=application, actor_id=actor.id, now=now)
    bar_raiser = loop_queries.bar_raiser_of(application.id)
    _call(cord, {bar_raiser.id} if bar_raiser else set(), now)
    return cord


def pull_requisition(actor: Person, requisition_id: int, what: str, named: Collection[int], *, now: datetime) -> Cord:
    """Stop a whole requisition; by its recruiter, its hiring manager, or anybody with a part in its applications."""
    requisition = lock(Requisition, requisition_id)
    spine.require(may_pull_requisition(actor, requisition), "Anyone with a task on this requisition may pull the cord.")
    cord = _pull(Cord(requisition_id=requisition.id, pulled_by=actor.id, pulled_at=now, what=what), named)
    audit.record(actor.id, "cord.pull", "requisition", requisition.id, at=now, cord=cord.id)
    spine.say("The cord was pulled on the requisition.", requisition_id=requisition.id, actor_id=actor.id, now=now)
    _call(cord, set(), now)
    return cord


def may_pull_requisition(actor: Person, requisition: Requisition) -> bool:
    """Whether somebody has a task on the requisition: owns it, has a part in its applications, or owns the process."""
    owner = readers.owns(actor, requisition)
    return owner or actor.has(Role.ADMINISTRATOR) or queries.has_part(actor.id, requisition.id)


def _pull(cord: Cord, named: Collection[int]) -> Cord:
    cord.named = [CordNamed(person_id=person_id) for person_id in sorted(set(named))]
    db.session.add(cord)
    db.session.flush()
    return cord


def _call(cord: Cord, others: set[int], now: datetime) -> None:
    """Tell those who may clear it; nobody is called to an application of which they may know nothing."""
    barred = {cord.pulled_by, *(row.person_id for row in cord.named)}
    for person in people.people({one.id for one in people.holders(Role.ADMINISTRATOR)} | others).values():
        if person.id not in barred and not is_inside(person, cord):
            subject, text, html = outbox.compose("transitions/cord", name=person.name, cord_id=cord.id)
            outbox.put("cord.pulled", person.email, subject, text, html, recipient_id=person.id, now=now)


def is_inside(person: Person, cord: Cord) -> bool:
    """Whether the cord is pulled on the application of a colleague close to somebody, or on their own."""
    return cord.application_id is not None and bool(readers.barred_among(person, {cord.application_id}))


def clearable(reader: Person, *, now: datetime) -> list[Cord]:
    """Pulled cords that wait for the reader's correction: an administrator's, and those of the Bar Raiser."""
    found = []
    for cord in queries.uncleared(reader):
        stands = stands_towards(reader, cord, now=now)
        if may_clear_cord(pipeline.cord_facts(cord), reader.id, stands):
            found.append(cord)
    return found


def stands_towards(reader: Person, cord: Cord, *, now: datetime) -> frozenset[Stand]:
    """Where a reader stands towards what the cord is pulled on; raises NotVisible for strangers.

    Readers: those with a task on it or on its correction, those named, administrators. The inside of an internal
    candidate is none of them, also where the cord names them: of the application they may know nothing.
    """
    if is_inside(reader, cord):
        raise NotVisible(f"cord {cord.id}")
    concerned = any(row.person_id == reader.id for row in cord.named) or queries.owes_action(cord.id, reader.id)
    if cord.application_id is not None:
        found = readers.stands(reader, pipeline.application(cord.application_id), now=now)
    else:
        found = _stands_on_requisition(reader, cord)
    if not may_see(Sight.CORDS, found) and not concerned:
        raise NotVisible(f"cord {cord.id}")
    return found


def _stands_on_requisition(reader: Person, cord: Cord) -> frozenset[Stand]:
    requisition = pipeline.requisition(cord.requisition_id or 0)
    found = set()
    if reader.has(Role.ADMINISTRATOR):
        found.add(Stand.ADMINISTRATOR)
    if readers.is_recruiter_of(reader, requisition):
        found.add(Stand.REQUISITION_RECRUITER)
    if reader.id == requisition.hiring_manager_id:
        found.add(Stand.HIRING_MANAGER)
    if queries.has_part(reader.id, requisition.id):
        found.add(Stand.SEAT)
    return frozenset(found)


def clear(
    actor: Person,
    cord_id: int,
    cause: str,
    correction: str,
    steps: Sequence[CorrectionStep] = (),
    *,
    reject: str = "",
    now: datetime,
) -> None:
    """Write down cause and correction and let the line move again.

    By an administrator or the Bar Raiser, who neither pulled it nor is named in it. ``reject``: a message to the
    candidate with which the application ends, where the correction is that it must. Raises Stale, with the cause and
    correction on record, when somebody was faster.
    """
    cord = queries.cord(cord_id)
    application = pipeline.lock_application(cord.application_id) if cord.application_id else None
    if application is None:
        lock(Requisition, cord.requisition_id or 0)
    cord = lock(Cord, cord_id)
    spine.require(
        may_clear_cord(pipeline.cord_facts(cord), actor.id, stands_towards(actor, cord, now=now)),
        "An administrator or the Bar Raiser, who neither pulled it nor is named in it, clears a cord.",
    )
    _ensure_owners_may_know(cord, steps)
    if cord.cleared_at is not None:
        raise Stale("the cord", {"cause": cord.cause, "correction": cord.correction})
    cord.cleared_by, cord.cleared_at, cord.cause, cord.correction = actor.id, now, cause, correction
    for step in steps:
        db.session.add(CordAction(cord_id=cord.id, what=step.what, owner_id=step.owner_id, due_on=step.due_on))
    audit.record(actor.id, "cord.clear", "cord", cord.id, at=now)
    db.session.flush()
    if application is None:
        settle_waiting(cord.requisition_id or 0, now)
        return
    spine.say("The cord was cleared.", application=application, actor_id=actor.id, now=now)
    if reject and application.ended is None:
        end_and_tell(
            application,
            End.REJECTED,
            EndReason.CORD,
            "stopped",
            actor_id=actor.id,
            now=now,
            note=correction,
            message=reject,
        )
    elif application.ended is None:
        loops.carry_on(application, now)


def _ensure_owners_may_know(cord: Cord, steps: Sequence[CorrectionStep]) -> None:
    for owner in people.people(step.owner_id for step in steps).values():
        if is_inside(owner, cord):
            raise Invalid("owner", f"{owner.name} may know nothing of this application; name somebody else.")


def finish_step(actor: Person, action_id: int, *, now: datetime) -> int:
    """The owner ticks off an action of a correction; returns the cord's id."""
    row = lock(CordAction, action_id)
    stands_towards(actor, queries.cord(row.cord_id), now=now)
    spine.require(actor.id == row.owner_id or actor.has(Role.ADMINISTRATOR), "The action's owner ticks it off.")
    if row.done_at is None:
        row.done_at = now
        audit.record(actor.id, "cord.action_done", "cord", row.cord_id, at=now, action=row.id)
    return row.cord_id

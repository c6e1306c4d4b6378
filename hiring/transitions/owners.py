"""New owners of a requisition: whom it may be handed over to, and what goes along."""

from datetime import datetime

from hiring.ground import audit, outbox
from hiring.ground.database import Stale, db, surely
from hiring.ground.rulebook import Refusal, Refused, ensure
from hiring.people import queries as people
from hiring.people.models import Person
from hiring.people.rules import why_not_independent
from hiring.pipeline import actions as spine
from hiring.pipeline import queries as pipeline
from hiring.pipeline import readers
from hiring.pipeline.addressees import Owner
from hiring.pipeline.models import Application, Requisition
from hiring.pipeline.rules import DISTINCT
from hiring.steps.interview_loop import queries as loop_queries
from hiring.steps.interview_loop import succession
from hiring.steps.interview_loop.rules import BAR_RAISER_INDEPENDENT
from hiring.steps.job_description import queries as description_queries
from hiring.steps.phone_screen.succession import end_screening
from hiring.transitions import queries
from hiring.transitions.actions import requisition_owner


def change_owner(
    actor: Person,
    requisition_id: int,
    *,
    hiring_manager_id: int | None,
    recruiter_id: int | None,
    now: datetime,
    shown: int | None = None,
) -> None:
    """Give a requisition another hiring manager or recruiter; seats on live loops go along, and who leaves is told.

    A new hiring manager fits every live loop, and interviews and submits before deciding. Somebody on whom a live
    loop's Bar Raiser would depend is refused until an administrator has drawn another; nobody answers for a
    requisition to which they apply. ``shown``: the version of the owners on the page; raises Stale, with who they are
    now, when somebody handed it over since: a form that names both would undo that.
    """
    requisition = requisition_owner(actor, requisition_id)
    former_manager = surely(requisition.hiring_manager_id, "hiring manager")
    former_recruiter = surely(requisition.recruiter_id, "recruiter")
    if shown is not None and shown != requisition.owners_version:
        raise Stale("who owns this requisition", _as_form(requisition))
    owner_ids = (hiring_manager_id or former_manager, recruiter_id or former_recruiter)
    if owner_ids != (former_manager, former_recruiter):
        requisition.owners_version += 1
    applications = [pipeline.lock_application(row.id) for row in queries.live_applications(requisition_id)]
    spine.lock_people(owner_ids)  # neither leaves in this very moment
    ensure(description_queries.why_not_own(*owner_ids, now.date()))
    ensure(_why_not_owners(actor, requisition, applications, *owner_ids, now=now))
    if hiring_manager_id is not None and hiring_manager_id != former_manager:
        requisition.hiring_manager_id = hiring_manager_id
        db.session.flush()
        kept = []
        for application in applications:
            _seat_hiring_manager(actor, application, hiring_manager_id, now=now)
            kept.append(end_screening(application, former_manager, now=now, actor_id=actor.id))
        _tell_former(actor, requisition, Owner.HIRING_MANAGER, former_manager, calls=any(kept), now=now)
        audit.record(
            actor.id, "requisition.hiring_manager", "requisition", requisition.id, at=now, person=hiring_manager_id
        )
        spine.say("A new hiring manager took over.", requisition_id=requisition.id, actor_id=actor.id, now=now)
    if recruiter_id is not None and recruiter_id != former_recruiter:
        requisition.recruiter_id = recruiter_id
        _tell_former(actor, requisition, Owner.RECRUITER, former_recruiter, now=now)
        audit.record(actor.id, "requisition.recruiter", "requisition", requisition.id, at=now, person=recruiter_id)
        spine.say("A new recruiter took over.", requisition_id=requisition.id, actor_id=actor.id, now=now)


def _tell_former(
    actor: Person, requisition: Requisition, part: Owner, former_id: int, *, calls: bool = False, now: datetime
) -> None:
    """Write to whoever lost the requisition, unless they gave it away themselves or have left."""
    former = db.session.get_one(Person, former_id)
    if former.id == actor.id or former.disabled_at is not None:
        return
    new_id = requisition.hiring_manager_id if part is Owner.HIRING_MANAGER else requisition.recruiter_id
    words = outbox.compose(
        "transitions/owner",
        name=former.name,
        code=requisition.code,
        title=requisition.title,
        part=part.value,
        new=people.person(new_id).name if new_id is not None else "",
        calls=calls,
    )
    outbox.put(
        "requisition.former_owner",
        former.email,
        *words,
        key=f"former-owner:{requisition.id}:{requisition.owners_version}:{part.value}",
        recipient_id=former.id,
        about=f"requisition:{requisition.id}",
        now=now,
    )


def _as_form(requisition: Requisition) -> dict[str, str]:
    """The owners as their form says it."""
    owners = {"hiring_manager": requisition.hiring_manager_id, "recruiter": requisition.recruiter_id}
    known = people.people(one for one in owners.values() if one is not None)
    names = {field: known[one].name for field, one in owners.items() if one is not None}
    return names | {"version": str(requisition.owners_version)}


def _why_not_owners(
    actor: Person,
    requisition: Requisition,
    applications: list[Application],
    manager_id: int,
    recruiter_id: int,
    *,
    now: datetime,
) -> list[Refusal]:
    """What live applications have against these owners; what the present ones have in common with them is not new."""
    refusals = []
    hidden = readers.barred_among(actor, {row.id for row in applications})
    for application in applications:
        if application.candidate.person_id in {manager_id, recruiter_id}:
            refusals.append(_own_candidacy(application, requisition.code, hidden=application.id in hidden))
        bar_raiser = loop_queries.bar_raiser_of(application.id)
        if bar_raiser is None:
            continue
        present = requisition.hiring_manager_id or manager_id
        known = people.colleagues([bar_raiser.id, manager_id, present], now.date())
        who, team_id = known[bar_raiser.id], requisition.team_id
        before = why_not_independent(who, known[present], requisition.recruiter_id, team_id)
        for facts in why_not_independent(who, known[manager_id], recruiter_id, team_id):
            if facts not in before:
                refusals.append(
                    BAR_RAISER_INDEPENDENT.refuse(
                        f"The Bar Raiser of a live application to {requisition.code} would depend on one of the two."
                        if application.id in hidden
                        else f"{facts} They are Bar Raiser of {application.candidate.name}'s application.",
                        mend="an administrator",
                        way_out="Have another Bar Raiser drawn for that application first, or name somebody else.",
                    )
                )
    return refusals


def _seat_hiring_manager(actor: Person, application: Application, person_id: int, *, now: datetime) -> None:
    """Hand the seat over; who may know nothing of the application reads the rule that refuses, and no more."""
    try:
        succession.hand_over_hiring_manager(application.id, person_id, now=now, actor_id=actor.id)
    except Refused as refused:
        if not readers.is_barred(actor, application.candidate):
            raise
        code = application.requisition.code
        raise Refused(
            rule.refuse(
                f"They do not fit the loop of a live application to {code} that you may not see.",
                mend="an administrator",
                way_out="Name somebody else, or have another administrator hand the requisition over.",
            )
            for rule in dict.fromkeys(one.rule for one in refused.refusals)
        ) from None


def _own_candidacy(application: Application, code: str, *, hidden: bool) -> Refusal:
    name = application.candidate.name
    return DISTINCT.refuse(
        f"One of the two is a party to a live application to {code}."
        if hidden  # who may know nothing of it learns no more than that
        else f"{name} is the candidate of an application to {code}.",
        mend="an administrator",
        way_out="Name somebody else, or wait until that application has ended.",
    )

"""One function per transition: permission, rules, move, audit, notice."""

from collections.abc import Collection, Mapping
from datetime import datetime

from hiring.ground import audit, policy
from hiring.ground.database import NotVisible, Stale, db, lock, surely
from hiring.ground.rulebook import Refusal, ensure
from hiring.people.models import Person
from hiring.pipeline import actions as spine
from hiring.pipeline import queries as pipeline
from hiring.pipeline.models import Application, Attachment, Candidate, Requisition
from hiring.pipeline.rules import End, EndReason, Origin, PipelinePolicy, RequisitionStatus, Source, Step, why_not_live
from hiring.steps.debrief import actions as debrief
from hiring.steps.debrief.rules import Phase
from hiring.steps.interview_loop import course as loops
from hiring.steps.interview_loop import queries as loop_queries
from hiring.steps.interview_loop.composition import why_not_complete, why_not_confirm
from hiring.steps.interview_loop.rules import DIRECT_REPORT, LEVEL
from hiring.steps.job_description import actions as descriptions
from hiring.steps.job_description import queries as description_queries
from hiring.steps.job_description.models import Adoption, JobDescription
from hiring.transitions import queries, rules
from hiring.transitions.notices import end_and_tell, tell_recruiter_withdrawn

OWNERS = "The requisition's recruiter and its hiring manager do this."


def _owned(actor: Person, application_id: int, now: datetime) -> Application:
    application, stands = pipeline.held_for(actor, application_id, now=now)
    spine.require(rules.owns(stands), OWNERS)
    return application


# --- Ends ---------------------------------------------------------------------------------------------------------


def withdraw(actor: Person, application_id: int, note: str, *, now: datetime) -> None:
    """End an application at the candidate's wish, as the recruiter or hiring manager heard it."""
    application = _owned(actor, application_id, now)
    _withdraw(application, note, actor_id=actor.id, now=now)


def withdraw_by_candidate(application_id: int, note: str, *, now: datetime) -> None:
    """End an application at the candidate's wish, said on their own page (the caller has checked their link)."""
    application = pipeline.lock_application(application_id)
    _withdraw(application, note, actor_id=None, now=now)
    tell_recruiter_withdrawn(application, note, now=now)


def _withdraw(application: Application, note: str, *, actor_id: int | None, now: datetime) -> None:
    ensure(why_not_live(pipeline.application_facts(application)))
    reason = EndReason.RENEGED if application.offer_accepted_at else EndReason.CANDIDATE
    spine.end_application(application, End.WITHDRAWN, reason, actor_id=actor_id, now=now, note=note)


# --- Hold ---------------------------------------------------------------------------------------------------------


def hold(actor: Person, application_id: int, reason: str, *, now: datetime) -> None:
    """Stop moves of one application; feedback and a started debrief go on."""
    application = _owned(actor, application_id, now)
    ensure(why_not_live(pipeline.application_facts(application)))
    _not_held_yet("this application", application.hold_reason if application.held_at else None)
    application.held_at, application.hold_reason = now, reason
    audit.record(actor.id, "application.hold", "application", application.id, at=now)
    spine.say("Put on hold.", application=application, actor_id=actor.id, now=now)


def _not_held_yet(what: str, reason: str | None) -> None:
    """Raise Stale with the ``reason`` of a hold that stands: somebody put it there since the form was shown."""
    if reason is not None:
        raise Stale(what, {"reason": reason})


def resume(actor: Person, application_id: int, *, now: datetime) -> None:
    """End a hold; what the system would have moved meanwhile moves now."""
    application = _owned(actor, application_id, now)
    if application.held_at is None:
        return
    application.held_at, application.hold_reason = None, ""
    audit.record(actor.id, "application.resume", "application", application.id, at=now)
    spine.say("Taken off hold.", application=application, actor_id=actor.id, now=now)
    loops.carry_on(application, now)


def requisition_owner(actor: Person, requisition_id: int) -> Requisition:
    """Hold a requisition that the actor runs; raises Forbidden, and NotVisible for one that came with a history."""
    requisition = lock(Requisition, requisition_id)
    if requisition.origin is Origin.IMPORTED:
        raise NotVisible(f"moves of the imported requisition {requisition_id}")
    spine.require(rules.may_run(actor.roles, owner=queries.owns_requisition(actor, requisition)), OWNERS)
    return requisition


def hold_requisition(actor: Person, requisition_id: int, reason: str, *, now: datetime) -> None:
    """Stop applications and forward moves of a whole requisition."""
    requisition = requisition_owner(actor, requisition_id)
    _not_held_yet("this requisition", requisition.hold_reason if requisition.held_at else None)
    requisition.held_at, requisition.hold_reason = now, reason
    audit.record(actor.id, "requisition.hold", "requisition", requisition.id, at=now)
    spine.say("Requisition put on hold.", requisition_id=requisition.id, actor_id=actor.id, now=now)


def resume_requisition(actor: Person, requisition_id: int, *, now: datetime) -> None:
    """End a requisition's hold."""
    requisition = requisition_owner(actor, requisition_id)
    if requisition.held_at is None:
        return
    requisition.held_at, requisition.hold_reason = None, ""
    audit.record(actor.id, "requisition.resume", "requisition", requisition.id, at=now)
    spine.say("Requisition taken off hold.", requisition_id=requisition.id, actor_id=actor.id, now=now)
    settle_waiting(requisition.id, now)


def settle_waiting(requisition_id: int, now: datetime) -> None:
    """Move on at once what a hold or cord of a held requisition had kept back; a job would within a minute."""
    db.session.flush()
    for row in queries.live_applications(requisition_id):
        if row.step in {Step.INTERVIEW_LOOP, Step.WRITTEN_FEEDBACK}:
            loops.carry_on(pipeline.lock_application(row.id), now)


# --- Back, anew, elsewhere ----------------------------------------------------------------------------------------


def send_back(
    actor: Person, application_id: int, to: Step, reason: str, *, now: datetime, shown: int | None = None
) -> None:
    """Open a new visit of an earlier or the same step. Later rooms void decision, board and offer; feedback stays.

    ``shown``: the visit that the page showed (``visit_shown``); raises Stale when somebody moved it on since.
    """
    application, stands = pipeline.held_for(actor, application_id, now=now)
    spine.require(rules.may_send_back(stands), "The recruiter, the hiring manager or the Bar Raiser sends back.")
    ensure(why_not_send_back(application))
    if shown is not None and shown != visit_shown(application):
        raise Stale("where this application stands", {"now_in": application.step.label})
    if to not in rules.steps_back(application.step):
        raise NotVisible(f"way back to {to.value}")
    spine.go_back(application, to, reason, actor_id=actor.id, now=now)


def visit_shown(application: Application) -> int:
    """Which visit of a step this is, counted from the first: what whoever sends it back has seen it in."""
    visit = pipeline.open_visit(application.id)
    return visit.ordinal if visit is not None else 0


def why_not_send_back(application: Application) -> list[Refusal]:
    """What page and action ask before a return, and before a hire at another level, which is one."""
    return rules.why_not_send_back(
        pipeline.application_facts(application), pipeline.requisition_facts(application.requisition)
    )


def reopen(actor: Person, application_id: int, reason: str, *, now: datetime) -> None:
    """Undo an end within the policy's days, by a new visit of the step it ended in."""
    application = _owned(actor, application_id, now)
    ensure(why_not_reopen(application, now))
    spine.reopen(application, reason, actor_id=actor.id, now=now)


def why_not_reopen(application: Application, now: datetime) -> list[Refusal]:
    """What page and action ask before reopening."""
    return rules.why_not_reopen(
        pipeline.application_facts(application),
        pipeline.requisition_facts(application.requisition),
        active_elsewhere=pipeline.is_active(application.candidate_id, application.requisition_id),
        cool_off_until=pipeline.cool_off_until(application.candidate_id, application.requisition_id),
        person_id=application.candidate.person_id,
        now=now,
        policy=policy.current()[PipelinePolicy],
    )


def move_to(actor: Person, application_id: int, requisition_id: int, reason: str, *, now: datetime) -> Application:
    """End the application as moved and begin one on another requisition, at the first step unproven there."""
    for held in sorted({pipeline.application(application_id).requisition_id, requisition_id}):
        lock(Requisition, held)  # two requisitions are held in the order of their ids
    application = _owned(actor, application_id, now)
    ensure(why_not_move(application))
    if requisition_id == application.requisition_id:
        raise NotVisible("another requisition")
    return _move(application, requisition_id, reason, actor_id=actor.id, now=now)


def why_not_move(application: Application) -> list[Refusal]:
    """What page and action ask before an application begins elsewhere."""
    return rules.why_not_move(
        pipeline.application_facts(application), pipeline.requisition_facts(application.requisition)
    )


def _move(application: Application, requisition_id: int, reason: str, *, actor_id: int, now: datetime) -> Application:
    """Begin elsewhere and end here; both timelines say so, and the candidate is told.

    The reason may tell of feedback, and where it begins rests on must-haves that a loop does not read: neither is told.
    """
    new = _begin_elsewhere(application, requisition_id, actor_id=actor_id, now=now)
    words = f"Your application goes on as one for {new.requisition.title}; you need not apply again."
    end_and_tell(
        application, End.MOVED, EndReason.MOVED, "moved", actor_id=actor_id, now=now, note=reason, message=words
    )
    application.moved_to_id = new.id
    here, there = (f"{row.code} {row.title}" for row in (application.requisition, new.requisition))
    came = f"Moved here from {here}; begins in {new.step.label}."
    spine.say(came, application=new, actor_id=actor_id, now=now)
    went = f"Moved to {there}, where it begins in {new.step.label}."
    spine.say(went, application=application, actor_id=actor_id, now=now)
    return new


def _begin_elsewhere(application: Application, requisition_id: int, *, actor_id: int, now: datetime) -> Application:
    target = lock(Requisition, requisition_id)
    if target.origin is Origin.IMPORTED:
        raise NotVisible(f"imported requisition {requisition_id}")
    met = queries.must_haves_met(application.id)
    asked = queries.must_haves_asked(target.description_id)
    new = spine.start_application(
        db.session.get_one(Candidate, application.candidate_id),
        requisition_id,
        source=Source.MOVED,
        actor_id=actor_id,
        now=now,
        step=rules.first_unproven(met, asked),
        source_detail=f"from {application.requisition.code}",
    )
    held = surely(new.description_id, "description of an open requisition")
    db.session.add(Adoption(application_id=new.id, description_id=held, adopted_by=actor_id, at=now))
    for file in reversed(pipeline.attachments(application.id)):  # the newest stays the newest
        db.session.add(
            Attachment(
                application_id=new.id,
                file_id=file.file_id,
                resume=file.resume,
                unread=file.unread,  # whoever moved it need not have read the newer one
                added_at=now,
                added_by=actor_id,
            )
        )
    db.session.flush()
    return new


# --- Closing a requisition ----------------------------------------------------------------------------------------


def close_requisition(
    actor: Person,
    requisition_id: int,
    choices: Mapping[int, str],
    message: str,
    *,
    now: datetime,
) -> None:
    """Close a requisition. ``choices``: application id → ``reject`` or the id of another requisition to move to."""
    decided = {application_id: rules.decision(choice) for application_id, choice in choices.items()}
    for held in sorted({requisition_id, *(int(choice) for choice in decided.values() if choice.isdigit())}):
        lock(Requisition, held)
    requisition = requisition_owner(actor, requisition_id)
    applications = queries.live_applications(requisition_id)
    unseen = queries.undecidable(actor, applications)
    cases = [
        rules.ClosingCase(
            row.id,
            row.candidate.name,
            row.step,
            row.offer_accepted_at is not None,
            decided.get(row.id, ""),
            tuple(why_not_move(row)),
        )
        for row in applications
        if row.id not in unseen
    ]
    ensure(_why_not_decide_all(requisition, unseen) + rules.why_not_close(requisition.code, cases))
    for case in cases:
        if case.accepted:
            continue
        application = pipeline.lock_application(case.application_id)
        if case.moves:
            _move(application, int(case.choice), f"{requisition.code} was closed.", actor_id=actor.id, now=now)
        else:
            end_and_tell(
                application,
                End.REJECTED,
                EndReason.POSITION_CLOSED,
                "closed",
                actor_id=actor.id,
                now=now,
                note=message,
                message=message,
            )
    requisition.status, requisition.closed_at = RequisitionStatus.CLOSED, now
    audit.record(actor.id, "requisition.close", "requisition", requisition.id, at=now)
    spine.say("Requisition closed.", requisition_id=requisition.id, actor_id=actor.id, now=now)


def why_not_decide_all(actor: Person, requisition: Requisition) -> list[Refusal]:
    """What page and action ask before somebody closes a requisition to which a colleague close to them applies."""
    return _why_not_decide_all(requisition, queries.undecidable(actor, queries.live_applications(requisition.id)))


def _why_not_decide_all(requisition: Requisition, unseen: Collection[int]) -> list[Refusal]:
    deciders = [one.name for one in queries.deciders(requisition, unseen)] if unseen else []
    return rules.why_not_decide_all(requisition.code, len(unseen), deciders)


def reopen_requisition(actor: Person, requisition_id: int, *, now: datetime) -> None:
    """Open a closed requisition again; its applications stay as they ended."""
    requisition = requisition_owner(actor, requisition_id)
    if requisition.status is not RequisitionStatus.CLOSED:
        return
    if requisition.description_id is None:
        requisition.status = RequisitionStatus.DRAFT
    else:
        requisition.status = RequisitionStatus.OPEN
    requisition.closed_at = None
    audit.record(actor.id, "requisition.reopen", "requisition", requisition.id, at=now)
    spine.say("Requisition opened again.", requisition_id=requisition.id, actor_id=actor.id, now=now)


# --- Another level ------------------------------------------------------------------------------------------------


def propose_level(actor: Person, application_id: int, level: int, *, now: datetime) -> JobDescription:
    """Begin a hire at another level: a description at that level, for this application, to be reviewed."""
    application = _owned(actor, application_id, now)
    ensure(why_not_live(pipeline.application_facts(application)))
    return descriptions.create_for_level(actor, application, level, now=now)


def adopt_level(actor: Person, application_id: int, description_id: int, *, now: datetime) -> Phase | None:
    """Hold the application against the approved description at its level.

    The loop's rules are asked again of the loop as held: if they pass, the debrief reconvenes from Re-vote (where one
    was held); else the application goes back for what is missing. Returns the phase it reconvenes from, or None.
    """
    application = _owned(actor, application_id, now)
    ensure(why_not_send_back(application))
    row = description_queries.description(description_id)
    descriptions.adopt_level(application, row, actor_id=actor.id, now=now)
    if application.step.place <= Step.INTERVIEW_LOOP.place:
        return None
    composition = loop_queries.composition(application, now)
    figures = policy.current()
    missing = why_not_complete(composition, figures) + [
        one for one in why_not_confirm(composition, figures) if one.rule in {LEVEL, DIRECT_REPORT}
    ]
    if missing:
        facts = "; ".join(dict.fromkeys(one.facts for one in missing))
        spine.go_back(application, Step.INTERVIEW_LOOP, facts, actor_id=actor.id, now=now)
        return None
    if application.step.place >= Step.DEBRIEF.place:
        debrief.reconvene(application, Phase.REVOTE, f"hire at level {row.level}", actor_id=actor.id, now=now)
        return Phase.REVOTE
    return None

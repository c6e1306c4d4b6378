"""Decision, concurrence, dissent, veto, rejection and reconvening. Callers hold ``writing()``.

What happens while people sit together stands in ``room_actions``.
"""

from collections.abc import Collection
from datetime import datetime

from hiring.ground import audit, outbox
from hiring.ground.database import db, lock, surely
from hiring.ground.rulebook import Refusal, ensure, repeated_by
from hiring.people import queries as people
from hiring.people.models import Person
from hiring.pipeline import actions as spine
from hiring.pipeline import queries as applications
from hiring.pipeline import rejection
from hiring.pipeline.models import Application, StepVisit
from hiring.pipeline.rules import End, EndReason, HowLeft, Sight, Stand, Step
from hiring.steps.debrief import decision_rules as rules
from hiring.steps.debrief import queries, records
from hiring.steps.debrief.models import Attendance, BoardEntry, Meeting, RejectionAgreement, Veto
from hiring.steps.debrief.rules import Decision, Phase, Table
from hiring.steps.interview_loop import course, staffing
from hiring.steps.interview_loop import queries as loops
from hiring.steps.interview_loop.models import Loop
from hiring.steps.resume_review import queries as resumes
from hiring.steps.written_feedback.rules import Vote

_RACED = rules.VETO.refuse(
    "A veto and an offer met in the same instant.",
    mend="nobody",
    way_out="Open the page again: where the veto is on record, there is no offer.",
)
_ONCE = rules.VETO.refuse(
    "A veto is on record for this application.", mend="nobody", way_out="It stands; nothing to do."
)
for _constraint in ("ck_application_veto_bars_offer", "ck_application_veto_ends_it"):  # a live offer breaks both
    repeated_by(_constraint, _RACED)
repeated_by("pk_veto", _ONCE)
repeated_by("veto.application_id", _ONCE)


def at_table(actor: Person, application_id: int, *, now: datetime) -> tuple[Application, Meeting | None, Table]:
    """Hold application and meeting for somebody who may know of the debrief; raises NotVisible."""
    application, _ = applications.held_for(actor, application_id, now=now, sight=Sight.DEBRIEF)
    found = queries.meeting_of(application_id)
    meeting = lock(Meeting, found.id) if found else None
    return application, meeting, queries.table(application, meeting)


# --- Decision, concurrence, dissent ------------------------------------------------------------------------------


def decide(actor: Person, application_id: int, decision: Decision, reason: str, *, now: datetime) -> Application:
    """The hiring manager's decision. No hire ends the application; a hire waits for the Bar Raiser."""
    application, meeting, table = at_table(actor, application_id, now=now)
    spine.require(table.hiring_manager_id == actor.id, f"The decision belongs to {table.hiring_manager}.")
    hire = decision is Decision.HIRE
    ensure(rules.why_not_decider(table, actor.id))  # first and alone: the rest tells whether there is a decision
    ensure(queries.why_not_hire(application, table, now) if hire else rules.why_not_decide(table, decision))
    meeting = surely(meeting, "debrief")
    meeting.decision, meeting.reason, meeting.decided_by, meeting.decided_at = decision, reason, actor.id, now
    audit.record(actor.id, "debrief.decide", "meeting", meeting.id, at=now, application=application.id)
    spine.say("The hiring manager decided.", application=application, actor_id=actor.id, now=now)
    if decision is Decision.NO_HIRE:
        finish(application, meeting, now=now)
        _reject(application, EndReason.NO_HIRE, actor_id=actor.id, now=now)
    return application


def concur(actor: Person, application_id: int, note: str, *, now: datetime) -> Application:
    """The Bar Raiser concurs with a hire: the record freezes and references are called."""
    application, meeting, table = at_table(actor, application_id, now=now)
    spine.require(table.bar_raiser_id == actor.id, f"Concurrence belongs to {table.bar_raiser}.")
    ensure(rules.why_not_vetoer(table, actor.id) or queries.why_not_concur(application, table, now))
    meeting = surely(meeting, "debrief")
    meeting.concurred_by, meeting.concurred_at, meeting.concurrence_note = actor.id, now, note
    finish(application, meeting, now=now)
    application.decided_at = now
    audit.record(actor.id, "debrief.concur", "meeting", meeting.id, at=now, application=application.id)
    spine.advance(application, Step.REFERENCE_CHECK, actor_id=actor.id, now=now)
    return application


def finish(application: Application, meeting: Meeting, *, now: datetime) -> None:
    """End a meeting under way and freeze its record; interviews held since it began count now."""
    meeting.done_at = meeting.phase_at = now
    meeting.frozen = records.record(application, meeting)
    meeting.phase = Phase.DONE
    db.session.flush()
    _count_interviews(application, now)


def _count_interviews(application: Application, now: datetime) -> None:
    course.count_experience(surely(loops.loop_for(application.id), "loop"), now)


def dissent(actor: Person, application_id: int, text: str, *, now: datetime) -> Application:
    """Put one's dissent on record, once: disagree and commit."""
    application, meeting, table = at_table(actor, application_id, now=now)
    own = next((row for row in meeting.attendances if row.person_id == actor.id), None) if meeting else None
    ensure(rules.why_not_dissent(table, actor.id, dissented=own is not None and own.dissent_at is not None))
    own = surely(own, "attendance")
    own.dissent, own.dissent_at = text, now
    audit.record(actor.id, "debrief.dissent", "application", application.id, at=now)
    return application


# --- The veto ----------------------------------------------------------------------------------------------------


def veto(actor: Person, application_id: int, reason: str, rests_on: Collection[str], *, now: datetime) -> Application:
    """The Bar Raiser's veto ends the application; ``rests_on`` names principles or competencies. Nobody overrides it.

    Ending runs the hooks first, which release a live offer; the database refuses a veto beside one.
    """
    application, meeting, table = at_table(actor, application_id, now=now)
    spine.require(table.bar_raiser_id == actor.id, f"The veto belongs to {table.bar_raiser} alone.")
    facts = queries.veto_facts(application)
    ensure([*rules.why_not_vetoer(table, actor.id), *rules.why_not_veto(table, facts, rests_on)])
    named = [item.name for item in staffing.items_of(application) if item.name in set(rests_on)]
    db.session.add(Veto(application_id=application.id, by=actor.id, at=now, reason=reason, items=named))
    db.session.flush()
    if meeting is not None and meeting.phase.under_way:
        finish(application, meeting, now=now)
    audit.record(actor.id, "debrief.veto", "application", application.id, at=now)
    _reject(application, EndReason.VETO, actor_id=actor.id, now=now)
    application.vetoed_at = now
    db.session.flush()
    return application


# --- Rejecting ---------------------------------------------------------------------------------------------------


def _reject(application: Application, reason: EndReason, *, actor_id: int, now: datetime) -> None:
    """End by a decision against hiring, with its cool-off, and tell the candidate without a reason."""
    application.decided_at = now
    if not spine.end_application(application, End.REJECTED, reason, actor_id=actor_id, now=now, cool_off=True):
        tell_candidate(application, now=now)


def tell_candidate(application: Application, message: str = "", *, now: datetime) -> None:
    """Write the notice that the application ended: the message given, or the neutral text."""
    candidate, requisition = application.candidate, application.requisition
    recruiter = people.person(requisition.recruiter_id).name if requisition.recruiter_id else "Your recruiter"
    words = outbox.compose("debrief/decided", candidate=candidate.name, position=requisition.title, recruiter=recruiter)
    texts = (words.subject, message, None) if message.strip() else (words.subject, words.text, words.html)
    about = f"candidate:{candidate.id}"
    outbox.put("application.decided", candidate.email, *texts, now=now, about=about)


def reject_before_interviews(
    actor: Person, application_id: int, reason: str, message: str = "", *, now: datetime
) -> Application:
    """The requisition's recruiter or hiring manager rejects with a reason while no interview has begun; later: Refused.

    ``message`` goes to the candidate; empty sends the neutral text.
    """
    application, where = applications.held_for(actor, application_id, now=now, sight=Sight.CANDIDATE_FILE)
    owners = {Stand.REQUISITION_RECRUITER, Stand.HIRING_MANAGER}
    spine.require(not where.isdisjoint(owners), "The requisition's recruiter or its hiring manager rejects.")
    ensure(why_not_reject_freely(application, now))
    reasons = EndReason.OFF_TARGET if application.step is Step.RESUME_REVIEW else EndReason.OTHER
    spine.end_application(application, End.REJECTED, reasons, actor_id=actor.id, now=now, note=reason)
    tell_candidate(application, message, now=now)
    return application


def why_not_reject_freely(application: Application, now: datetime) -> list[Refusal]:
    """Why this application is not rejected for a reason now; page and action ask it.

    A résumé is turned down against its description, whoever does it and from where. From the phone screen on, until the
    first interview begins, the reason alone is enough: its verdict says no with evidence, and a role may also change.
    """
    ended = application.ended.value if application.ended else None
    refusals = rejection.why_not_reject(application.step, loops.first_begun(application.id, now), ended)
    if refusals or application.step is not Step.RESUME_REVIEW:
        return refusals
    return resumes.why_not_turn_down(application, resumes.held_against(application))


def agree_to_reject(actor: Person, application_id: int, text: str, *, now: datetime) -> Application:
    """One of the two written agreements to reject without a meeting; the second ends the application."""
    application, _, table = at_table(actor, application_id, now=now)
    who = f"{table.hiring_manager} and {table.bar_raiser} agree to reject."
    spine.require(rules.may_agree(table, actor.id), who)
    ensure(queries.why_not_agree(application, table, actor.id))
    visit = surely(applications.open_visit(application.id), "visit")
    db.session.add(
        RejectionAgreement(application_id=application.id, visit_id=visit.id, person_id=actor.id, text=text, at=now)
    )
    db.session.flush()
    audit.record(actor.id, "debrief.agree_to_reject", "application", application.id, at=now)
    if {table.hiring_manager_id, table.bar_raiser_id} <= set(queries.agreements(application.id)):
        _count_interviews(application, now)
        _reject(application, EndReason.ALL_AGAINST, actor_id=actor.id, now=now)
    return application


# --- Reconvening, and what a departure undoes --------------------------------------------------------------------


def reconvene(
    application: Application, from_phase: Phase, reason: str, *, actor_id: int, now: datetime
) -> Meeting | None:
    """Send a locked application back to the debrief, which goes on from ``from_phase`` with those who were there.

    From Discuss on, re-votes and board come along; that all was read counts either way. Nobody counts as here before
    they come again. None where no debrief had been held: one opens as usual.
    """
    before, loop = queries.meeting_of(application.id), surely(loops.loop_for(application.id), "loop")
    votes = queries.revotes(before) if before and queries.revealed(before) else {}
    opened_at = loop.debrief_opened_at
    visit = spine.go_back(application, Step.DEBRIEF, reason, actor_id=actor_id, now=now)
    if before is None:
        return None
    loop.debrief_opened_at = opened_at or now  # those who re-vote have begun to read: feedback is amended no more
    return _continue(application, before, votes, visit, from_phase, now)


def _continue(
    application: Application, before: Meeting, votes: dict[int, Vote], visit: StepVisit, phase: Phase, now: datetime
) -> Meeting:
    settled = phase.place > Phase.REVOTE.place
    leader = loops.bar_raiser_of(application.id)
    meeting = Meeting(
        application_id=application.id,
        visit_id=visit.id,
        description_id=application.description_id or before.description_id,
        phase=phase,
        chair_id=leader.id if leader else before.chair_id,
        gathered_at=now,
        phase_at=now,
        revealed_at=(before.revealed_at or now) if settled else None,
        policy_version=before.policy_version,
    )
    meeting.attendances = [
        Attendance(
            person_id=row.person_id,
            reading_since=row.reading_since,
            revote=votes.get(row.person_id) if settled else None,
            revoted_at=row.revoted_at if settled and row.person_id in votes else None,
        )
        for row in before.attendances
    ]
    if settled:
        meeting.board = [
            BoardEntry(
                item_id=row.item_id,
                mark=row.mark,
                evidence=row.evidence,
                by=row.by,
                accepted_by=row.accepted_by,
                accepted_reason=row.accepted_reason,
            )
            for row in before.marks.values()
        ]
    db.session.add(meeting)
    db.session.flush()
    return meeting


@spine.on_departure
def undo(application: Application, departure: spine.Departure) -> None:
    """A return to the debrief or before undoes meetings and decision; any end leaves no meeting under way."""
    back = departure.how is HowLeft.SENT_BACK and departure.to is not None
    if back and departure.to is not None and departure.to.place > Step.DEBRIEF.place:
        return
    undone = False
    for meeting in db.session.query(Meeting).filter_by(application_id=application.id):
        if meeting.phase.under_way or (back and meeting.phase is not Phase.VOID):
            meeting.phase, meeting.phase_at, undone = Phase.VOID, departure.now, True
    if back:
        application.decided_at = None
    if undone:  # whatever opens next begins by gathering, and until it reads, feedback may be amended
        for loop in db.session.query(Loop).filter_by(application_id=application.id):
            loop.debrief_opened_at = None
    db.session.flush()

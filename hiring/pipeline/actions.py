"""The only writer of step visits and maintained counts, and the small verbs that steps use.

Nothing here commits: the caller holds ``writing()`` and the locks (see ``queries.lock_application``).
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select

from hiring.ground import audit, policy
from hiring.ground.database import Forbidden, db, lock, surely
from hiring.ground.installation import company_zone
from hiring.ground.rulebook import Refusal, ensure, repeated_by
from hiring.ground.working_time import months_after
from hiring.people.models import Person
from hiring.pipeline import counts, queries, rules
from hiring.pipeline.models import (
    Application,
    Booking,
    Candidate,
    FirstEntry,
    Participation,
    PassedWarning,
    Requisition,
    StepVisit,
    TimelineEntry,
)
from hiring.pipeline.rules import End, EndReason, HowLeft, Outcome, Part, PipelinePolicy, Source, Stay, Step

repeated_by(
    "uq_application_active",
    rules.APPLICATION_ONCE.refuse(
        "This candidate already has an active application to this requisition.",
        mend="the recruiter",
        way_out="Go on with the application that exists.",
    ),
)
repeated_by(
    "application.candidate_id, application.requisition_id",
    rules.APPLICATION_ONCE.refuse(
        "This candidate already has an active application to this requisition.",
        mend="the recruiter",
        way_out="Go on with the application that exists.",
    ),
)


def say(
    sentence: str,
    *,
    application: Application | None = None,
    requisition_id: int | None = None,
    actor_id: int | None,
    now: datetime,
) -> None:
    """Add a sentence to the timeline; it must hold no secret of feedback, votes, pay or references."""
    db.session.add(
        TimelineEntry(
            application_id=application.id if application else None,
            requisition_id=application.requisition_id if application else requisition_id,
            at=now,
            actor_id=actor_id,
            sentence=sentence,
        )
    )


def pass_warnings(
    refusals: Iterable[Refusal],
    reasons: Mapping[str, str] | None,
    *,
    application: Application | None = None,
    requisition_id: int | None = None,
    actor_id: int,
    now: datetime,
) -> None:
    """``ensure`` the refusals and keep the written reasons of the warnings that were passed; raises Refused."""
    for refusal in ensure(refusals, reasons):
        db.session.add(
            PassedWarning(
                rule=refusal.rule.id,
                application_id=application.id if application else None,
                requisition_id=application.requisition_id if application else requisition_id,
                facts=refusal.facts,
                reason=(reasons or {})[refusal.rule.id],
                by=actor_id,
                at=now,
            )
        )


# --- Candidates and their applications ---------------------------------------------------------------------------


def add_candidate(name: str, email: str, *, now: datetime, **details: object) -> Candidate:
    """A new candidate; the caller has looked for duplicates. ``details``: phone, location, time_zone, person_id…"""
    candidate = Candidate(name=name, email=email, email_key=email.strip().casefold(), created_at=now, **details)
    db.session.add(candidate)
    db.session.flush()
    return candidate


def start_application(
    candidate: Candidate,
    requisition_id: int,
    *,
    source: Source,
    actor_id: int | None,
    now: datetime,
    step: Step = Step.RESUME_REVIEW,
    source_detail: str = "",
) -> Application:
    """Begin an application at a step (the first, unless moved from elsewhere); raises Refused.

    Holds the requisition, so that one that closes at the same moment either refuses this or sees it.
    """
    requisition = lock(Requisition, requisition_id)
    ensure(queries.why_not_apply(requisition, candidate.id, candidate.person_id, today=now.date()))
    return _begin(
        candidate,
        requisition,
        Application(
            source=source,
            source_detail=source_detail,
            step=step,
            description_id=requisition.description_id,
        ),
        actor_id=actor_id,
        now=now,
    )


def _begin(
    candidate: Candidate, requisition: Requisition, application: Application, *, actor_id: int | None, now: datetime
) -> Application:
    application.candidate = candidate
    application.requisition = requisition
    application.origin = requisition.origin
    application.applied_at = now
    application.step_entered_at = now
    db.session.add(application)
    db.session.flush()
    _enter(application, application.step, actor_id=actor_id, now=now, reason="applied")
    audit.record(actor_id, "application.start", "application", application.id, at=now)
    return application


# --- Moves: the one place that writes visits ---------------------------------------------------------------------


def advance(application: Application, to: Step, *, actor_id: int | None, now: datetime, reason: str = "") -> StepVisit:
    """Move a locked application forward. The step's own rules were asked by its action; the spine's are asked here."""
    ensure(queries.why_not_move(application))
    _leave(application, HowLeft.ADVANCED, actor_id=actor_id, now=now)
    visit = _enter(application, to, actor_id=actor_id, now=now, reason=reason)
    audit.record(actor_id, "application.advance", "application", application.id, at=now, to=to.value)
    say(f"Moved on to {to.label}.", application=application, actor_id=actor_id, now=now)
    return visit


def go_back(application: Application, to: Step, reason: str, *, actor_id: int | None, now: datetime) -> StepVisit:
    """Open a new visit of an earlier (or the same) step; what that voids is decided by the caller."""
    for hook in _departure_hooks:
        hook(application, Departure(HowLeft.SENT_BACK, to, actor_id, now, reason))
    _leave(application, HowLeft.SENT_BACK, actor_id=actor_id, now=now)
    visit = _enter(application, to, actor_id=actor_id, now=now, reason=reason)
    audit.record(actor_id, "application.send_back", "application", application.id, at=now, to=to.value)
    say(f"Sent back to {to.label}.", application=application, actor_id=actor_id, now=now)
    return visit


def end_application(
    application: Application,
    end: End,
    reason: EndReason,
    *,
    actor_id: int | None,
    now: datetime,
    note: str = "",
    message: str = "",
    cool_off: bool = False,
) -> bool:
    """End a locked, live application. ``cool_off`` bars a new one to this requisition for the policy's months.

    ``message``: what the candidate is to read of it. True where a room has written it to them already, so that they
    get one mail and not two.
    """
    left = {
        End.HIRED: HowLeft.HIRED,
        End.REJECTED: HowLeft.REJECTED,
        End.WITHDRAWN: HowLeft.WITHDRAWN,
        End.MOVED: HowLeft.MOVED,
    }
    departure = Departure(left[end], None, actor_id, now, note, message)
    told = [hook(application, departure) for hook in _departure_hooks]
    _leave(application, left[end], actor_id=actor_id, now=now)
    application.ended, application.end_reason, application.ended_at, application.end_note = end, reason, now, note
    if cool_off:
        months = policy.current()[PipelinePolicy].cool_off_months
        application.cool_off_until = months_after(now.date(), months)
    _recount(application)
    audit.record(actor_id, "application.end", "application", application.id, at=now, end=end.value, reason=reason.value)
    say(f"Ended: {end.value}.", application=application, actor_id=actor_id, now=now)
    return any(told)


def reopen(application: Application, reason: str, *, actor_id: int, now: datetime) -> StepVisit:
    """Undo an end by a new visit of the step it ended in; the caller has asked the rules.

    Past the debrief the decision still stands, and with it the description it was made on and who reads the file.
    """
    application.ended = application.end_reason = application.ended_at = None
    if application.step.place <= Step.DEBRIEF.place:
        application.decided_at = None
    application.end_note, application.cool_off_until, application.moved_to_id = "", None, None
    visit = _enter(application, application.step, actor_id=actor_id, now=now, reason=reason)
    audit.record(actor_id, "application.reopen", "application", application.id, at=now)
    say(f"Reopened in {application.step.label}.", application=application, actor_id=actor_id, now=now)
    return visit


# --- What later rooms do when an application departs --------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Departure:
    """An end, or a return to an earlier step (``to``): later rooms cancel, void or release what they hold.

    ``message`` is for the candidate, ``reason`` for the record.
    """

    how: HowLeft
    to: Step | None
    actor_id: int | None
    now: datetime
    reason: str
    message: str = ""


Hook = Callable[[Application, Departure], bool | None]
_departure_hooks: list[Hook] = []


def on_departure(hook: Hook) -> Hook:
    """Decorator: call this inside the transaction, before an application ends or goes back. For later rooms only.

    A hook that wrote to the candidate of the end answers True.
    """
    _departure_hooks.append(hook)
    return hook


def take_offer(application: Application, offer_id: int, *, now: datetime) -> None:
    """Make an offer the live one of a locked application; CHECKs refuse a veto beside it or too few openings."""
    application.live_offer_id = offer_id
    application.requisition.live_offers += 1
    db.session.flush()


def release_offer(application: Application, *, hired: bool = False) -> None:
    """Free the live offer of a locked application; ``hired`` turns it into a hire, which keeps its opening."""
    if application.live_offer_id is None:
        return
    application.live_offer_id = None
    application.requisition.live_offers -= 1
    application.requisition.hires += 1 if hired else 0
    if not hired:
        application.offer_accepted_at = None
    db.session.flush()


def _leave(application: Application, how: HowLeft, *, actor_id: int | None, now: datetime) -> None:
    visit = surely(queries.open_visit(application.id), f"open visit of application {application.id}")
    visit.left_at, visit.how_left, visit.left_by = now, how, actor_id
    db.session.flush()


def _enter(application: Application, step: Step, *, actor_id: int | None, now: datetime, reason: str) -> StepVisit:
    last = db.session.scalar(
        select(StepVisit.ordinal)
        .where(StepVisit.application_id == application.id)
        .order_by(StepVisit.ordinal.desc())
        .limit(1)
    )
    visit = StepVisit(
        application_id=application.id,
        ordinal=(last or 0) + 1,
        step=step,
        entered_at=now,
        entered_by=actor_id,
        reason=reason,
    )
    db.session.add(visit)
    application.step, application.step_entered_at = step, now
    db.session.flush()
    _recount(application)
    return visit


def _recount(application: Application) -> None:
    """Bring first entries and counts in line with the visits; called by every move, inside its transaction."""
    stays = [Stay(visit.step, visit.entered_at) for visit in queries.visits(application.id)]
    wanted = rules.outcomes(stays, application.ended)
    known = {
        row.step: row
        for row in db.session.scalars(select(FirstEntry).where(FirstEntry.application_id == application.id))
    }
    zone = company_zone()
    changes: Counter[tuple[Step, date, Outcome]] = Counter()
    for step, outcome in wanted.items():
        row = known.get(step)
        day = outcome.first_entered_at.astimezone(zone).date()
        if row is None:
            db.session.add(
                FirstEntry(
                    application_id=application.id,
                    step=step,
                    requisition_id=application.requisition_id,
                    first_entered_at=outcome.first_entered_at,
                    outcome=outcome.outcome,
                )
            )
        elif row.outcome is outcome.outcome:
            continue
        else:
            changes[step, day, row.outcome] -= 1
            row.outcome = outcome.outcome
        changes[step, day, outcome.outcome] += 1
    counts.count(application.requisition_id, changes)
    db.session.flush()


# --- Parts, bookings ---------------------------------------------------------------------------------------------


def join(application_id: int, person_id: int, part: Part, *, now: datetime) -> None:
    """Give somebody a part in an application; they may read its file from now on."""
    if not _parts(application_id, person_id, part):
        db.session.add(Participation(application_id=application_id, person_id=person_id, part=part, since=now))
        db.session.flush()


def leave(application_id: int, person_id: int, part: Part, *, now: datetime) -> None:
    """End a part, and with it the access, at once."""
    for row in _parts(application_id, person_id, part):
        row.until = now
    db.session.flush()


def mark_submitted(application_id: int, person_id: int, *, now: datetime) -> None:
    """Note that this person's written feedback is in: it opens what only submitted seats may read."""
    for part in (Part.SEAT, Part.BAR_RAISER):
        for row in _parts(application_id, person_id, part):
            row.submitted_at = now


def _parts(application_id: int, person_id: int, part: Part) -> list[Participation]:
    query = select(Participation).where(
        Participation.application_id == application_id,
        Participation.person_id == person_id,
        Participation.part == part,
        Participation.until.is_(None),
    )
    return list(db.session.scalars(query))


def book(
    starts_at: datetime,
    ends_at: datetime,
    *,
    purpose: str,
    source: str,
    person_id: int | None = None,
    candidate_id: int | None = None,
) -> None:
    """Occupy a stretch of a person's or a candidate's calendar; the database refuses an overlap."""
    db.session.add(
        Booking(
            person_id=person_id,
            candidate_id=candidate_id,
            starts_at=starts_at,
            ends_at=ends_at,
            purpose=purpose,
            source=source,
        )
    )
    db.session.flush()


def unbook(source: str) -> None:
    """Free whatever ``source`` had booked."""
    for row in db.session.scalars(select(Booking).where(Booking.source == source)):
        db.session.delete(row)
    db.session.flush()


def require(condition: bool, who_may: str) -> None:
    """Raise Forbidden with a sentence about who may, unless the condition holds."""
    if not condition:
        raise Forbidden(who_may)


def lock_people(ids: Iterable[int]) -> list[Person]:
    """Hold people by ascending id, the last in the lock order."""
    query = select(Person).where(Person.id.in_(set(ids))).order_by(Person.id).with_for_update(key_share=True)
    return list(db.session.scalars(query.execution_options(populate_existing=True)))

"""The course of a loop once confirmed: what became of each interview, seats vacated and handed over, and moving on."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from hiring.ground import audit, policy
from hiring.ground.database import db, existing, lock
from hiring.ground.rulebook import Refused, ensure
from hiring.people import actions as people_actions
from hiring.people import queries as people
from hiring.people.models import Person
from hiring.pipeline import actions as spine
from hiring.pipeline import queries as pipeline
from hiring.pipeline import rules as pipeline_rules
from hiring.pipeline.models import Application
from hiring.pipeline.rules import End, EndReason, Stand, Step
from hiring.steps.interview_loop import outcomes, queries, rules, seating, staffing
from hiring.steps.interview_loop.models import BarRaiserDraw, Interview, Loop, Seat
from hiring.steps.interview_loop.rules import (
    ENDED,
    InterviewState,
    LoopPolicy,
    LoopState,
    RedrawCause,
    SeatKind,
    SeatState,
    VacateCause,
)

# --- Interviews --------------------------------------------------------------------------------------------------


def report(
    actor: Person,
    interview_id: int,
    outcome: InterviewState,
    *,
    now: datetime,
    ended_at: datetime | None = None,
) -> None:
    """Say what became of an interview that began; a no-show corrects "held" while its feedback is not begun.

    ``ended_at``: when it ended, if not on schedule; the interviewer alone says so. The feedback's clock starts there,
    where the policy allows.
    """
    seat_id = _seat_of(interview_id)
    own = queries.seat(seat_id).person_id == actor.id
    application, loop, seat = seating.hold_seat(
        actor,
        seat_id,
        lambda stands: outcomes.may_report(outcome, stands, own=own),
        outcomes.WHO_REPORTS,
        now=now,
    )
    seat, interview = lock(Seat, seat.id), _interview_of(seat, interview_id)
    name = people.person(seat.person_id).name
    ensure(
        outcomes.why_not_report(
            name,
            interview.state,
            outcome,
            starts_at=interview.starts_at,
            ends_at=interview.ends_at,
            ended_at=ended_at,
            own=own,
            confirmed=loop.state is not LoopState.COMPOSING,
            written=seat.written,
            now=now,
        )
    )
    if outcome in ENDED:
        _end(interview, outcome, (ended_at or _if_early(interview, now)) if own else None, now)
    else:
        interview.state, interview.due_at = outcome, None
        interview.ended_at = interview.reported_end_at = None
        spine.say(f"{rules.REPORTS[outcome]}: {name}.", application=application, actor_id=actor.id, now=now)
        db.session.flush()
        seating.bring_in_line(application, now=now)
    audit.record(actor.id, "loop.report", "interview", interview_id, at=now, outcome=outcome.value)
    settle(application, now)


def _end(interview: Interview, outcome: InterviewState, reported: datetime | None, now: datetime) -> None:
    """``reported``: the end that moves the clock of the feedback; without one it runs from the schedule."""
    reported_at = now if reported else None
    figures = policy.current()[LoopPolicy]
    interview.due_at = rules.due_at(interview.ends_at, reported, reported_at, figures, interview.due_at)
    interview.state = outcome
    interview.reported_end_at = reported or interview.reported_end_at
    interview.ended_at = reported or interview.ended_at or min(now, interview.ends_at)
    interview.policy_version = policy.current().version
    db.session.flush()


def _if_early(interview: Interview, now: datetime) -> datetime | None:
    return now if now < interview.ends_at else None


def break_off(interview: Interview | None, now: datetime) -> None:
    """End an interview that is going on while its seat is given up."""
    if interview is not None and interview.state is InterviewState.BOOKED and interview.starts_at <= now:
        _end(interview, InterviewState.CUT_SHORT, _if_early(interview, now), now)


def _seat_of(interview_id: int) -> int:
    return existing(db.session.get(Interview, interview_id), f"interview {interview_id}").seat_id


def _interview_of(seat: Seat, interview_id: int) -> Interview:
    return next(one for one in seat.interviews if one.id == interview_id)


def note_writing(seat: Seat, now: datetime) -> None:
    """Written feedback says that its author began, nothing more: from then on nobody can say that nobody came.

    Somebody who had declined came anyway.
    """
    seat.writing_since = seat.writing_since or now
    seat.declined_at, seat.decline_reason = None, ""


def note_submitted(application: Application, seat: Seat, now: datetime) -> None:
    """Written feedback says that a seat's is in; it opens to its author what only those may read who submitted."""
    seat.submitted_at = now
    spine.mark_submitted(application.id, seat.person_id, now=now)


def close_interview(interview_id: int, now: datetime) -> bool:
    """Close one booked interview whose end has passed, as the system; False if somebody was faster or gave up the seat.

    It was held, unless its person had declined, nobody took the seat and nothing was written: then nobody came.
    """
    seat_id = _seat_of(interview_id)
    application = pipeline.lock_application(queries.seat(seat_id).loop.application_id)
    loop = queries.loop_for(application.id)
    seat = next((one for one in queries.held_seats(loop) if one.id == seat_id), None) if loop else None
    if loop is None or seat is None or loop.state is LoopState.COMPOSING:
        return False
    interview = _interview_of(seat, interview_id)
    if interview.state is not InterviewState.BOOKED or now < interview.ends_at:
        return False
    if seat.declined_at is not None and not seat.written:
        interview.state = InterviewState.INTERVIEWER_NO_SHOW
        seating.bring_in_line(application, now=now)
    else:
        _end(interview, InterviewState.HELD, None, now)
    settle(application, now)
    return True


def withdraw_for_no_shows(actor: Person, application_id: int, *, now: datetime) -> None:
    """Withdraw the candidate who did not come for the second time; the recruiter of the requisition."""
    application, loop = seating.hold(
        actor,
        application_id,
        lambda stands: Stand.REQUISITION_RECRUITER in stands,
        "The recruiter of the requisition withdraws the candidate.",
        now=now,
    )
    count = queries.candidate_no_shows(loop)
    ensure(outcomes.why_not_withdraw_for_no_shows(application.candidate.name, count, policy.current()[LoopPolicy]))
    spine.end_application(application, End.WITHDRAWN, EndReason.NO_SHOWS, actor_id=actor.id, now=now)


# --- Moving on ---------------------------------------------------------------------------------------------------


def settle(application: Application, now: datetime) -> None:
    """Close the loop of a locked application if that was its last interview, and carry on.

    For what happens to an interview, and for ``go_on``, nothing else: a loop that was sent back for one more interview
    has all its interviews over, and waits until somebody adds one or says that none is needed.
    """
    db.session.flush()
    seating.note_begun(application, now)
    loop = queries.loop_for(application.id)
    if loop is None or application.ended is not None:
        return
    if loop.state is LoopState.CONFIRMED and queries.interviews_over(loop):
        ends = [one.ended_at for seat in queries.held_seats(loop) if (one := queries.current_interview(seat))]
        loop.state, loop.ended_at = LoopState.OVER, max((end for end in ends if end), default=now)
        db.session.flush()
    carry_on(application, now)


def carry_on(application: Application, now: datetime) -> None:
    """Move a locked application on where its loop is over, and again once all feedback is in.

    By "system"; both moves together if all is in. A hold or a cord stops it quietly: a job tries again.
    """
    db.session.flush()
    loop = queries.loop_for(application.id)
    if loop is None or application.ended is not None or loop.state is not LoopState.OVER:
        return
    if application.step is Step.INTERVIEW_LOOP:
        _advance(application, Step.WRITTEN_FEEDBACK, now)
    if (
        application.step is Step.WRITTEN_FEEDBACK
        and queries.all_submitted(loop)
        and not queries.lacking(application, now)
    ):
        count_experience(loop, now)
        _advance(application, Step.DEBRIEF, now)


def _advance(application: Application, to: Step, now: datetime) -> None:
    requisition = pipeline.requisition_facts(application.requisition)
    if not pipeline_rules.why_not_advance(requisition, pipeline.application_facts(application)):
        spine.advance(application, to, actor_id=None, now=now)


def count_experience(loop: Loop, now: datetime) -> None:
    """Interviews count towards experience, and shadowing towards training, once nothing can be corrected any more.

    That is when all feedback is in, and again, for interviews held during the debrief, when that has finished.
    Of a seat that was left its interview counts when its feedback is in; whoever sat in was there either way.
    """
    sitting = queries.shadows(seat.id for seat in loop.seats)
    # By trainee, as every loop does it: what is kept of their training is held until the end.
    for seat in sorted(loop.seats, key=lambda seat: sitting[seat.id].person_id if seat.id in sitting else 0):
        interview = queries.current_interview(seat)
        if interview is None or interview.state not in ENDED or interview.counted_at is not None:
            continue
        interview.counted_at, on = now, interview.starts_at.date()
        if seat.submitted_at is not None:
            people_actions.record_interview(seat.person_id, on, now)
        if seat.id in sitting:
            people_actions.record_paired(sitting[seat.id].person_id, seat.person_id, on, now)


def go_on(actor: Person, application_id: int, *, now: datetime) -> None:
    """Say that no further interview is needed, after a return to this step; raises Refused while one is missing."""
    who_may = "The recruiter, the hiring manager or a coordinator says so."
    application, loop = seating.hold(actor, application_id, rules.may_book, who_may, now=now)
    missing = [seat for seat in queries.held_seats(loop) if not _is_over(seat)]
    if missing or loop.state is LoopState.COMPOSING:
        names = ", ".join(sorted(people.person(seat.person_id).name for seat in missing))
        raise Refused(
            [
                rules.OPEN.refuse(
                    f"Interviews that have not ended: {names or 'all'}.",
                    mend="the interviewers, the recruiter or a coordinator",
                    way_out="Report what became of them, or take off seats whose interview has not begun.",
                )
            ]
        )
    ensure([*queries.lacking(application, now), *pipeline.why_not_move(application)])
    settle(application, now)


def _is_over(seat: Seat) -> bool:
    interview = queries.current_interview(seat)
    return interview is not None and interview.state in ENDED


# --- Rotation ----------------------------------------------------------------------------------------------------


def draw_bar_raiser(
    application: Application, *, actor_id: int | None, now: datetime, without: Iterable[int] = (), reason: str = ""
) -> BarRaiserDraw:
    """Have rotation name the Bar Raiser of a locked application; raises Refused when nobody fits."""
    found = staffing.rotation(application, now, without=without)
    if not found.eligible:
        why = " ".join(found.facts) or "Nobody's certification is current."
        raise Refused(
            [
                rules.BAR_RAISER_INDEPENDENT.refuse(
                    f"None of {len(found.facts)} certified Bar Raisers fits. {why}",
                    mend="the programme owner, or an administrator",
                    way_out="Certify another interviewer from outside the hiring team, or correct a conflict that was "
                    "declared by mistake; then draw again.",
                )
            ]
        )
    draw = BarRaiserDraw(
        application_id=application.id,
        person_id=found.eligible[0],
        drawn_at=now,
        drawn_by=actor_id,
        redraw_reason=reason,
        candidates=len(found.eligible),
    )
    db.session.add(draw)
    db.session.flush()
    audit.record(
        actor_id,
        "bar_raiser.draw",
        "application",
        application.id,
        at=now,
        person=draw.person_id,
        eligible=len(found.eligible),
    )
    name = people.person(draw.person_id).name
    spine.say(f"Rotation named {name} as Bar Raiser.", application=application, actor_id=actor_id, now=now)
    return draw


def hand_over_bar_raiser(
    actor: Person, application_id: int, cause: RedrawCause, reason: str, *, now: datetime
) -> BarRaiserDraw:
    """Have rotation name the next Bar Raiser: declined, ill, in conflict, or gone. Administrators only.

    Before their interview the next one takes over slot and principles. Afterwards the seat is handed over: its feedback
    stays, and the next one interviews and writes before reading; they inherit chair and veto.
    """
    application, stands = pipeline.held_for(actor, application_id, now=now)
    spine.require(
        rules.may_redraw(stands), "An administrator who is not the hiring manager has another Bar Raiser drawn."
    )
    ensure(rules.why_not_change(application.step, application.ended is not None, True))
    loop = queries.loop_for(application_id)
    drawn = queries.draws(application_id)
    seated = {seat.person_id for seat in loop.seats if seat.state is not SeatState.REMOVED} if loop else set()
    words = f"{cause.value}: {reason}"
    draw = draw_bar_raiser(application, actor_id=actor.id, now=now, without={*drawn, *seated}, reason=words)
    if loop is not None:
        old = next((one for one in queries.held_seats(loop) if one.kind is SeatKind.BAR_RAISER), None)
        succeed(application, loop, old, draw.person_id, SeatKind.BAR_RAISER, words, by=actor.id, now=now)
    audit.record(actor.id, "bar_raiser.redraw", "application", application_id, at=now, cause=cause.value)
    return draw


def succeed(
    application: Application,
    loop: Loop,
    old: Seat | None,
    person_id: int,
    kind: SeatKind,
    reason: str,
    *,
    by: int | None,
    now: datetime,
) -> Seat:
    """Seat somebody in the place of ``old``, who leaves the loop or hands over once their interview began."""
    interview = queries.current_interview(old) if old else None
    began = (interview is not None and interview.starts_at <= now) or (old is not None and old.written)
    if old is not None:
        break_off(interview, now)
        state = SeatState.HANDED_OVER if began else SeatState.REMOVED
        seating.take_off(application, old, state, reason, by=by, now=now)
    new = next((one for one in loop.seats if one.person_id == person_id and _theirs_still(one)), None)
    if new is not None:  # seated already, or back in the seat that they had left, with what they wrote
        new.kind, new.state, new.successor_id = kind, SeatState.HELD, None
        new.left_at, new.left_reason, new.left_by = None, "", None
        db.session.flush()
    else:
        new = seating.give_seat(loop, person_id, kind, handover=began)
        if old is not None:
            questions = {row.item_id: "" if began else row.question for row in old.assignments}
            seating.put_items(new, questions, questions)
        if interview is not None and not began:
            _inherit_slot(application, new, interview)
    if old is not None:
        old.successor_id = new.id
    db.session.flush()
    seating.bring_in_line(application, now=now)
    if new.submitted_at is not None:
        spine.mark_submitted(application.id, person_id, now=now)
    if loop.state is not LoopState.COMPOSING:
        if old is not None:
            seating.tell(old.person_id, "off", application, now=now)
        seating.tell(person_id, "seat", application, now=now, interview=queries.current_interview(new))
        if interview is not None and not began:
            seating.tell_candidate(application, loop, "candidate_changed", now=now)
    return new


def _theirs_still(seat: Seat) -> bool:
    """On the loop, or vacated with feedback that reaches the debrief: their person gets no second seat beside it."""
    return seat.state in rules.ON_LOOP or (seat.state is SeatState.VACATED and seat.submitted_at is not None)


def _inherit_slot(application: Application, new: Seat, interview: Interview) -> None:
    """Take over the slot if the newcomer is free then; else one has to be booked."""
    writing = timedelta(minutes=policy.current()[LoopPolicy].feedback_minutes)
    taken = pipeline.bookings([new.person_id], None, interview.starts_at, interview.ends_at + writing)
    if not taken:
        span = (interview.starts_at, interview.ends_at)
        version = interview.policy_version or 0
        seating.put_slot(new, *span, where=interview.where, zone=interview.zone, version=version)


# --- Vacating ----------------------------------------------------------------------------------------------------


def vacate(actor: Person, seat_id: int, cause: VacateCause, reason: str, *, now: datetime) -> None:
    """Give up a seat whose interview began; what was submitted still reaches the debrief.

    By an administrator or the loop's Bar Raiser. Access ends at once. Size, required seats and coverage are asked of
    what remains (``composition.why_not_complete``); if they fail, one more interview is added.
    """
    who_may = "An administrator or the loop's Bar Raiser vacates a seat."
    application, _, seat = seating.hold_seat(actor, seat_id, rules.may_vacate, who_may, now=now)
    ensure(queries.why_not_vacate(application, seat, cause, now))
    break_off(queries.current_interview(seat), now)
    words = f"{cause.value}: {reason}"
    seating.take_off(application, seat, SeatState.VACATED, words, by=actor.id, now=now)
    seating.tell(seat.person_id, "off", application, now=now)
    seating.bring_in_line(application, now=now)
    audit.record(actor.id, "loop.vacate", "seat", seat_id, at=now, cause=cause.value)
    name = people.person(seat.person_id).name
    spine.say(f"The seat of {name} was vacated.", application=application, actor_id=actor.id, now=now)
    settle(application, now)

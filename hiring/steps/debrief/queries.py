"""Reads of step 6: the table as its rules see it, re-votes under seal, the standing decision, the record."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from sqlalchemy import Boolean, Row, Select, bindparam, func, select
from sqlalchemy.orm import aliased, joinedload

from hiring.ground import policy
from hiring.ground.database import BigId, NotVisible, db
from hiring.ground.reading import once, remember
from hiring.ground.rulebook import Refusal
from hiring.ground.working_time import local_day
from hiring.people.asking import Asker, ask_of, find, objects_and
from hiring.people.handover import owes
from hiring.people.models import Person
from hiring.people.rules import Debt
from hiring.pipeline import queries as spine
from hiring.pipeline import readers
from hiring.pipeline import rules as pipeline
from hiring.pipeline.models import Application, Candidate, Participation, Requisition, StepVisit
from hiring.pipeline.rules import Part, Sight, Stand, Step
from hiring.steps.debrief import decision_rules, room_rules, rules
from hiring.steps.debrief.decision_rules import VetoFacts
from hiring.steps.debrief.models import Attendance, Meeting, RejectionAgreement, Veto
from hiring.steps.debrief.rules import BoardItem, Decision, Phase, Seated, Table
from hiring.steps.interview_loop import queries as loops
from hiring.steps.interview_loop import staffing
from hiring.steps.interview_loop.models import Interview, Loop, Seat
from hiring.steps.interview_loop.rules import ENDED, SeatKind, SeatState
from hiring.steps.written_feedback import queries as feedback
from hiring.steps.written_feedback.rules import Vote

_APPLICATION = bindparam("application_id", type_=BigId)

# --- Meetings ----------------------------------------------------------------------------------------------------


@once
def meeting_of(application_id: int) -> Meeting | None:
    """The meeting that counts: under way or done, not undone by a send-back."""
    found = objects_and(_meeting_of, application_id=application_id).unique().one_or_none()
    if found is None:
        return None
    meeting, finished = found
    if not finished:
        remember(rounds, (), application_id)
    return meeting


def _meeting_of() -> Select[Meeting, int]:
    """With how many were finished: of most applications none was."""
    one = aliased(Meeting)
    newest = select(func.max(one.id)).where(one.application_id == _APPLICATION, one.phase != Phase.VOID)
    finished = select(func.count(one.id)).where(one.application_id == _APPLICATION, one.done_at.is_not(None))
    query = select(Meeting, finished.scalar_subquery()).where(Meeting.id == newest.scalar_subquery())
    return query.options(joinedload(Meeting.attendances))


Round: TypeAlias = tuple[int, int, Phase, datetime | None, Decision | None]


@once
def rounds(application_id: int) -> Sequence[Row[*Round]]:
    """Every debrief that was finished, the first one first: its record stays, also when another one reconvened."""
    return find(_rounds, application_id=application_id)


def _rounds() -> Select[*Round]:
    return (
        select(Meeting.id, Meeting.visit_id, Meeting.phase, Meeting.done_at, Meeting.decision)
        .where(Meeting.application_id == _APPLICATION, Meeting.done_at.is_not(None))
        .order_by(Meeting.id)
    )


@dataclass(frozen=True, slots=True)
class Reconvened:
    """That a debrief goes on after a finished one: since when, and what was said when it went back."""

    at: datetime
    why: str


def reconvened(meeting: Meeting | None, application_id: int) -> Reconvened | None:
    """Why there is another debrief than the one that was finished first; None for the first one."""
    before = [row for row in rounds(application_id) if meeting is None or row.id < meeting.id]
    if not before or (meeting is None and before[-1].phase is not Phase.VOID):
        return None
    since = [visit for visit in spine.visits(application_id) if visit.id > before[-1].visit_id and visit.reason]
    return Reconvened(since[0].entered_at, since[0].reason) if since else None


@once
def standing_decision(application_id: int) -> Meeting | None:
    """The meeting whose hire decision stands with the Bar Raiser's concurrence; None once undone or ended."""
    latest = (
        select(func.max(StepVisit.id))
        .where(StepVisit.application_id == application_id, StepVisit.step == Step.DEBRIEF)
        .scalar_subquery()
    )
    query = (
        select(Meeting)
        .join(Application, Application.id == Meeting.application_id)
        .where(
            Meeting.application_id == application_id,
            Meeting.visit_id == latest,
            Meeting.phase == Phase.DONE,
            Meeting.decision == Decision.HIRE,
            Meeting.concurred_at.is_not(None),
            Application.ended.is_(None),
        )
    )
    return db.session.scalars(query.order_by(Meeting.id.desc()).limit(1)).one_or_none()


def revealed(meeting: Meeting | None) -> bool:
    """Whether the re-votes are open to all at the table."""
    return meeting is not None and (meeting.revealed_at is not None or meeting.phase in rules.BOARD_PHASES)


@once
def revotes(meeting: Meeting, reader_id: int | None = None) -> dict[int, Vote]:
    """Re-votes by person: everybody's once the last is in; before that the reader's own and no other."""
    asked = {"meeting_id": meeting.id, "everybodys": revealed(meeting), "reader_id": reader_id}
    return {person_id: vote for person_id, vote in find(_revotes, **asked) if vote is not None}


def _revotes() -> Select[int, Vote | None]:
    everybodys, reader_id = bindparam("everybodys", type_=Boolean()), bindparam("reader_id", type_=BigId)
    return select(Attendance.person_id, Attendance.revote).where(
        Attendance.meeting_id == bindparam("meeting_id", type_=BigId),
        Attendance.revoted_at.is_not(None),
        everybodys | (Attendance.person_id == reader_id),
    )


@once
def veto_of(application_id: int) -> Veto | None:
    """The veto on record."""
    return db.session.get(Veto, application_id)


# --- What the rules ask ------------------------------------------------------------------------------------------


@once
def table(application: Application, meeting: Meeting | None) -> Table:
    """Everything that the rules ask of a debrief, as it is now."""
    came = {row.person_id: row for row in meeting.attendances} if meeting else {}
    held = [seat for seat in feedback.status(application.id) if seat.state is SeatState.HELD]
    seats = []
    for seat in held:
        row = came.get(seat.person_id)
        seats.append(
            Seated(
                person_id=seat.person_id,
                name=seat.name,
                level=seat.level,
                kind=seat.kind,
                submitted=seat.submitted_at is not None,
                present=row is not None and row.present_at is not None and row.absent_at is None,
                reading_since=row.reading_since if row else None,
                voted=row is not None and row.revoted_at is not None,
            )
        )
    bar_raiser_id = next((seat.person_id for seat in held if seat.kind is SeatKind.BAR_RAISER), None)
    if bar_raiser_id is None:
        bar_raiser_id = loops.drawn(application.id)
    veto = veto_of(application.id) if application.vetoed_at else None
    spoke = {
        meeting.decided_by if meeting else None,
        meeting.concurred_by if meeting else None,
        veto.by if veto else None,
    }
    return Table(
        seats=tuple(seats),
        bar_raiser_id=bar_raiser_id,
        hiring_manager_id=application.requisition.hiring_manager_id,
        phase=meeting.phase if meeting else None,
        revealed=revealed(meeting),
        board=_board(application, meeting),
        decision=meeting.decision if meeting else None,
        concurred=meeting is not None and meeting.concurred_at is not None,
        ended=application.ended.value if application.ended else None,
        spoke=frozenset(one for one in spoke if one is not None),
    )


def _board(application: Application, meeting: Meeting | None) -> tuple[BoardItem, ...]:
    marks = meeting.marks if meeting else {}
    return tuple(
        BoardItem(item.id, item.name, entry.mark, entry.accepted_by is not None, entry.by, entry.id)
        if (entry := marks.get(item.id))
        else BoardItem(item.id, item.name)
        for item in staffing.items_of(application)
    )


def why_not_open(application: Application, seen: Table, now: datetime) -> list[Refusal]:
    """Everything that keeps the debrief from opening now; missing feedback says whose. An open one: only that."""
    last = last_interview(application.id)
    day = local_day(last.ends_at, last.zone) if last else None
    today = local_day(now, last.zone if last else "UTC")
    country = application.requisition.country
    refusals = room_rules.why_not_open(seen, application.step, last_interview=day, today=today, country=country)
    if seen.phase is not None:
        return refusals
    return [*refusals, *why_not_complete(application, now), *why_not_move(application)]


def why_not_move(application: Application) -> list[Refusal]:
    """What the spine has against a forward move: a hold, a cord, a closed requisition."""
    return spine.why_not_move(application)


def why_not_clear(application: Application) -> list[Refusal]:
    """Cords: a hold lets a started debrief go on, a pulled cord stops it where it stands."""
    return pipeline.why_not_clear(*spine.facts(application))


def why_not_advance(application: Application, seen: Table, now: datetime) -> list[Refusal]:
    """Why the room does not go on to its next phase."""
    return [*room_rules.why_not_advance(seen, policy.current()[rules.DebriefPolicy], now), *why_not_clear(application)]


def why_not_complete(application: Application, now: datetime) -> list[Refusal]:
    """What the loop lacks of what remains of it, after a seat was vacated in the middle of the debrief too."""
    return loops.lacking(application, now)


def why_not_hire(application: Application, seen: Table, now: datetime) -> list[Refusal]:
    """Why a hire cannot be decided now; a no hire is not a move forward."""
    refusals = [*decision_rules.why_not_decide(seen, Decision.HIRE), *why_not_clear(application)]
    asked = seen.phase is Phase.DECIDE and seen.decision is None and seen.ended is None
    return [*refusals, *(why_not_complete(application, now) if asked else [])]


def why_not_concur(application: Application, seen: Table, now: datetime) -> list[Refusal]:
    """Why the Bar Raiser cannot concur now; theirs is the only yes that does not depend on the hiring manager's."""
    refusals = decision_rules.why_not_concur(seen)
    if refusals:
        return refusals
    return [*why_not_complete(application, now), *why_not_move(application)]


@once
def last_interview(application_id: int) -> Row[datetime, str] | None:
    """When the interview that ended last was to end, and the zone in which it was booked."""
    return next(iter(find(_last_interview, application_id=application_id)), None)


def _last_interview() -> Select[datetime, str]:
    return (
        select(Interview.ends_at, Interview.zone)
        .join(Seat, Seat.id == Interview.seat_id)
        .join(Loop, Loop.id == Seat.loop_id)
        .where(Loop.application_id == _APPLICATION, Interview.state.in_(ENDED))
        .order_by(Interview.ends_at.desc())
        .limit(1)
    )


@once
def veto_facts(application: Application) -> VetoFacts:
    """What the veto asks beyond the table."""
    return VetoFacts(
        step=application.step,
        read=_begun(application.id),
        vetoed=application.vetoed_at is not None,
        offer_accepted=application.offer_accepted_at is not None,
        tested=frozenset(item.name for item in staffing.items_of(application)),
    )


def _begun(application_id: int) -> bool:
    """Whether a debrief that was not undone went on to its reading."""
    meeting = meeting_of(application_id)
    return any(row.phase is not Phase.VOID for row in rounds(application_id)) or (
        meeting is not None and meeting.phase is not Phase.GATHER
    )


@once
def agreements(application_id: int) -> dict[int, RejectionAgreement]:
    """Written agreements of the visit under way to reject without a meeting, by person."""
    query = (
        select(RejectionAgreement)
        .join(StepVisit, StepVisit.id == RejectionAgreement.visit_id)
        .where(RejectionAgreement.application_id == application_id, StepVisit.left_at.is_(None))
    )
    return {row.person_id: row for row in db.session.scalars(query)}


def why_not_agree(application: Application, seen: Table, person_id: int) -> list[Refusal]:
    """Why this person cannot agree in writing to reject without a meeting."""
    votes, agreed = feedback.first_votes(application.id), person_id in agreements(application.id)
    all_against = bool(votes) and all(one.vote.against for one in votes)
    refusals = decision_rules.why_not_agree(seen, person_id, all_against=all_against, agreed=agreed)
    return refusals or why_not_move(application)


# --- Who reads ---------------------------------------------------------------------------------------------------


def application_for(reader: Person, application_id: int, *, now: datetime) -> tuple[Application, frozenset[Stand]]:
    """The application for those who may know of its debrief; raises NotVisible."""
    return spine.application_for(reader, application_id, now=now, sight=Sight.DEBRIEF)


def sees_inside(reader: Person, where: frozenset[Stand], seen: Table) -> bool:
    """Whether the reader sees what is in the debrief: votes, board, decision. Own feedback comes first.

    A hiring manager who took over after the decision has no seat to write from, and reads the record.
    """
    seat = seen.seat_of(reader.id)
    return rules.may_read_inside(
        seated=seat is not None,
        submitted=seat is not None and seat.submitted,
        recruiter=Stand.REQUISITION_RECRUITER in where,
        came_after=Stand.HIRING_MANAGER in where and seen.phase is Phase.DONE,
        all_in=bool(seen.seats) and not seen.missing_feedback,
    )


def record_for(
    reader: Person, application_id: int, number: int | None = None, *, now: datetime
) -> tuple[Application, Meeting]:
    """A finished debrief, the last one or that of a ``number``, for those who may read its record; else NotVisible."""
    application, where = application_for(reader, application_id, now=now)
    found = rounds(application_id)
    place = len(found) if number is None else number
    newest = meeting_of(application_id)
    if not 1 <= place <= len(found) or not sees_inside(reader, where, table(application, newest)):
        raise NotVisible(f"debrief record of application {application_id}")
    wanted = found[place - 1].id
    return application, newest if newest and newest.id == wanted else db.session.get_one(Meeting, wanted)


# --- What is due -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Due:
    """A live debrief in which somebody takes part. ``leads``: their part is the Bar Raiser's."""

    application_id: int
    candidate: str
    starts_at: datetime | None
    leads: bool
    decides: bool
    phase: Phase | None
    decision: Decision | None


def due_for(person_id: int) -> list[Due]:
    """Live debriefs for which somebody's own feedback is in, by the time booked; each once."""
    if not readers.ties(person_id).takes_part:
        return []
    found: dict[int, Due] = {}
    for application_id, name, starts_at, part, manager_id, phase, decision in ask_of(_due_for, person_id):
        leads = part is Part.BAR_RAISER
        found[application_id] = Due(application_id, name, starts_at, leads, manager_id == person_id, phase, decision)
    return sorted(found.values(), key=lambda due: (due.starts_at is None, str(due.starts_at), due.application_id))


def _due_for(asker: Asker) -> Select[int, str, datetime | None, Part, int | None, Phase | None, Decision | None]:
    return (
        select(
            Application.id,
            Candidate.name,
            Loop.debrief_starts_at,
            Participation.part,
            Requisition.hiring_manager_id,
            Meeting.phase,
            Meeting.decision,
        )
        .join(Candidate, Candidate.id == Application.candidate_id)
        .join(Requisition, Requisition.id == Application.requisition_id)
        .join(Participation, Participation.application_id == Application.id)
        .outerjoin(Loop, Loop.application_id == Application.id)
        .outerjoin(Meeting, (Meeting.application_id == Application.id) & Meeting.phase.not_in([Phase.DONE, Phase.VOID]))
        .where(
            Application.step == Step.DEBRIEF,
            Application.ended.is_(None),
            Participation.person_id == asker.id,
            Participation.until.is_(None),
            Participation.part.in_([Part.SEAT, Part.BAR_RAISER]),
            Participation.submitted_at.is_not(None),
        )
        .order_by(Participation.part == Part.BAR_RAISER)  # who leads is told so, whatever else they are
    )


@owes
def debts(person_id: int) -> list[Debt]:
    """Debriefs that a leaving person still has to lead or to decide."""
    return [
        Debt(
            f"{'Lead' if due.leads else 'Decide in'} the debrief of {due.candidate}",
            due.starts_at,
            path,
            due.application_id,
        )
        for due in due_for(person_id)
        if due.leads or due.decides
        for path in [f"/applications/{due.application_id}/loop"]  # where the seat that leads is handed over
    ]

"""Questions about the debrief's room: may it open and move on, who may come, read, re-vote, mark the board."""

from datetime import date, datetime, timedelta
from math import ceil

from hiring.ground.rulebook import Kind, Refusal, Rule, declare
from hiring.ground.working_time import next_working_day
from hiring.pipeline.rules import Step
from hiring.steps.debrief.rules import BoardItem, BoardMark, DebriefPolicy, Phase, Seated, Table, names

COMPLETE = declare(
    "debrief.complete",
    "The debrief opens once the feedback of every seat that is not vacated is in.",
    step=Step.DEBRIEF,
)
CHAIR = declare("debrief.chair", "Only the Bar Raiser opens the debrief, once, and moves it on.", step=Step.DEBRIEF)
READ = declare(
    "debrief.read", "Everybody reads all feedback for at least five minutes before their re-vote.", step=Step.DEBRIEF
)
REVOTE = declare(
    "debrief.revote",
    "All present, at least the hiring manager, the Bar Raiser and all but one seat, vote again under seal before "
    "anything is shown or discussed.",
    step=Step.DEBRIEF,
)
BOARD = declare(
    "debrief.board",
    "Between the re-votes and the decision every principle and competency is marked on the board; what was not shown "
    "is tested, or accepted in writing by the Bar Raiser, before a hire.",
    step=Step.DEBRIEF,
)
PROMPT = declare(
    "debrief.prompt",
    "The debrief is held on the day of the last interview or the next working day.",
    step=Step.DEBRIEF,
    kind=Kind.WARN,
)
OVER = "This debrief is over, and no decision was recorded."
ANOTHER = "Send the application back to the debrief; the next one marks its own board and decides."


def has_ended(table: Table) -> str:
    """The fact, of an application that has ended: every question of the room says it first."""
    return f"This application has ended: {table.ended}."


def why_not_chair(table: Table, person_id: int) -> list[Refusal]:
    """Why somebody does not lead this debrief."""
    if table.bar_raiser_id is None:
        facts, way_out = "This loop has no Bar Raiser in force.", "Draw a Bar Raiser on the loop's page."
        return [CHAIR.refuse(facts, mend="an administrator", way_out=way_out)]
    if table.bar_raiser_id != person_id:
        facts = f"This debrief is led by {table.bar_raiser}."
        way_out = "Ask them; if they are ill or have left, an administrator hands the seat over on the loop's page."
        return [CHAIR.refuse(facts, mend=table.bar_raiser, way_out=way_out)]
    return why_not_evidenced(CHAIR, table, person_id, "chairing")


def why_not_evidenced(rule: Rule, table: Table, person_id: int, what: str) -> list[Refusal]:
    """A Bar Raiser or hiring manager who took over interviews and submits before chairing, deciding or vetoing."""
    seat = table.seat_of(person_id)
    if seat is not None and seat.submitted:
        return []
    who = seat.name if seat else "Whoever took over"
    state = "has not submitted their feedback yet" if seat else "holds no seat on this loop yet"
    return [
        rule.refuse(
            f"{who} {state}; interviewing and submitting come before reading and {what}.",
            mend=who,
            way_out="Hold the interview and submit the written feedback; the debrief goes on from where it stands.",
        )
    ]


def why_not_open(table: Table, step: Step, *, last_interview: date | None, today: date, country: str) -> list[Refusal]:
    """Why the debrief cannot open now. ``last_interview`` and ``today`` are days in the zone of the last interview.

    The loop's own completeness and the spine's hold and cord are asked beside this, see ``queries.why_not_open``.
    """
    if table.phase is not None:
        facts = f"This debrief is already open, in {table.phase.label}."
        return [CHAIR.refuse(facts, mend="nobody", way_out="Go on in the room.")]
    refusals = []
    if step is not Step.DEBRIEF and not table.missing_feedback:
        facts, way_out = f"The application is in {step.label}.", "Bring it to the debrief first."
        refusals.append(COMPLETE.refuse(facts, mend="the recruiter", way_out=way_out))
    refusals += why_not_all_in(table)
    if last_interview is not None and today > next_working_day(last_interview, country):
        refusals.append(
            PROMPT.refuse(
                f"The last interview was on {last_interview:%A, %d %B}; "
                f"the next working day was {next_working_day(last_interview, country):%A, %d %B}.",
                mend=table.bar_raiser,
                way_out="Write down why it is held later; the reason is kept and counted.",
            )
        )
    return refusals


def why_not_all_in(table: Table) -> list[Refusal]:
    """Whose feedback is missing; also of somebody who got a seat while the debrief was under way."""
    if not table.missing_feedback:
        return []
    who = names([seat.name for seat in table.missing_feedback])
    return [
        COMPLETE.refuse(
            f"Feedback is missing from {who}.",
            mend=who,
            way_out="They submit it; a seat that cannot is vacated by an administrator or the Bar Raiser.",
        )
    ]


def why_not_attend(table: Table, person_id: int) -> list[Refusal]:
    """Why somebody cannot take a place in the room now."""
    if table.ended is not None:
        return [CHAIR.refuse(has_ended(table), mend="nobody", way_out="Nothing is left to decide.")]
    seat = table.seat_of(person_id)
    if seat is None or not seat.submitted:
        return [
            COMPLETE.refuse(
                "Only those who interviewed and submitted their feedback take part.",
                mend=table.bar_raiser,
                way_out="Submit your feedback first.",
            )
        ]
    if table.phase is Phase.DONE:
        facts = "The debrief is over; its record is frozen."
        return [CHAIR.refuse(facts, mend="nobody", way_out="Read the decision memo.")]
    if table.phase is None or not table.phase.under_way:
        facts = "The debrief has not been opened."
        return [CHAIR.refuse(facts, mend=table.bar_raiser, way_out=f"Wait for {table.bar_raiser} to open it.")]
    in_force = person_id in {table.bar_raiser_id, table.hiring_manager_id}
    if table.revealed and not in_force and not seat.voted:  # a re-vote that came along knew of nobody's
        return [
            REVOTE.refuse(
                "The re-votes have been shown; whoever comes now would vote knowing them.",
                mend="nobody",
                way_out="Your first vote stands and is marked absent.",
            )
        ]
    return []


def why_not_read(table: Table, person_id: int) -> list[Refusal]:
    """Why somebody cannot start reading."""
    seat = table.seat_of(person_id)
    if table.phase is None or table.phase is Phase.GATHER:
        way_out = f"Wait for {table.bar_raiser} to begin the reading."
        return [READ.refuse("Reading has not begun.", mend=table.bar_raiser, way_out=way_out)]
    if seat is None or not seat.present:
        return [READ.refuse("You have not said that you are here.", mend="you", way_out="Press “I am here” first.")]
    return []


def why_not_revote(table: Table, person_id: int, now: datetime, policy: DebriefPolicy) -> list[Refusal]:
    """Why somebody's re-vote is not taken now."""
    seat = table.seat_of(person_id)
    if seat is None or not seat.present:
        way_out = "Say that you are here before the re-votes are shown; else your first vote stands, marked absent."
        return [REVOTE.refuse("You are not present in this debrief.", mend="you", way_out=way_out)]
    if seat.voted:
        facts = "Your re-vote is in, and sealed."
        return [REVOTE.refuse(facts, mend="nobody", way_out="It is shown with all others when the last is in.")]
    if table.revealed or table.phase is not Phase.REVOTE:
        where = table.phase.label if table.phase else "not opened"
        facts = f"Re-votes are taken in the phase Re-vote; this debrief is in {where}."
        return [REVOTE.refuse(facts, mend=table.bar_raiser, way_out="Vote when the phase has begun.")]
    return _why_not_read_long_enough(seat, now, policy)


def _why_not_read_long_enough(seat: Seated, now: datetime, policy: DebriefPolicy) -> list[Refusal]:
    needed = timedelta(minutes=policy.read_minutes)
    if seat.reading_since is None:
        facts = f"{seat.name} has not started reading."
        way_out = f"Open the reading and read for {policy.read_minutes} minutes."
        return [READ.refuse(facts, mend=seat.name, way_out=way_out)]
    left = needed - (now - seat.reading_since)
    if left > timedelta():
        seconds = ceil(left.total_seconds())
        return [
            READ.refuse(
                f"{seat.name} has read for {int((needed - left).total_seconds()) // 60} of {policy.read_minutes} "
                f"minutes; {seconds // 60}:{seconds % 60:02} are left.",
                mend=seat.name,
                way_out="Go on reading; the re-vote opens by itself.",
            )
        ]
    return []


def why_not_all_read(table: Table, policy: DebriefPolicy, now: datetime) -> list[Refusal]:
    """Who of those present has not read their minutes yet, and how long they have to go."""
    way_out = "They go on reading; for somebody who left, the Bar Raiser marks them absent with a reason."
    asked = (one for seat in table.present for one in _why_not_read_long_enough(seat, now, policy))
    return [READ.refuse(one.facts, mend=one.mend, way_out=way_out) for one in asked]


def why_not_enough(table: Table, policy: DebriefPolicy) -> list[Refusal]:
    """Who must still come before the re-vote counts: hiring manager, Bar Raiser, all but one seat."""
    absent = [seat for seat in table.seats if not seat.present]
    needed = [s for s in absent if s.person_id in {table.bar_raiser_id, table.hiring_manager_id}]
    if not table.unseated and not needed and len(absent) <= policy.seats_missing:
        return []
    missing = names([*table.unseated, *(seat.name for seat in absent)])
    allowed = f"at most {policy.seats_missing} may be missing, and neither hiring manager nor Bar Raiser"
    return [
        REVOTE.refuse(
            f"{len(table.present)} of {len(table.seats) + len(table.unseated)} are present; {missing} "
            f"{'is' if len(absent) + len(table.unseated) == 1 else 'are'} not; {allowed}.",
            mend=missing,
            way_out="They join and press “I am here”; a seat that left for good is vacated, a lead's seat handed over."
            if not table.unseated
            else f"Hand the seat of {names(table.unseated)} over, or send the application back to the interviews; "
            "whoever takes it interviews, submits and joins.",
        )
    ]


def all_in(table: Table, policy: DebriefPolicy) -> bool:
    """Whether the last re-vote is in, so that all are shown."""
    return (
        table.phase is Phase.REVOTE and not why_not_enough(table, policy) and all(seat.voted for seat in table.present)
    )


def why_not_advance(table: Table, policy: DebriefPolicy, now: datetime) -> list[Refusal]:
    """Why the chair cannot move the debrief to its next phase.

    The reading begins with those whom the re-vote needs, and the re-vote once all who are here have read.
    """
    phase = table.phase
    if phase is None or not phase.under_way or phase is Phase.DECIDE:
        facts = "The debrief is not open." if phase is None else f"From {phase.label} on, a decision ends it."
        return [CHAIR.refuse(facts, mend=table.hiring_manager, way_out="The hiring manager decides.")]
    if phase is Phase.GATHER:
        return [*why_not_all_in(table), *why_not_enough(table, policy)]
    if phase is Phase.READ:
        return [*why_not_all_in(table), *why_not_enough(table, policy), *why_not_all_read(table, policy, now)]
    if phase is Phase.REVOTE and not table.revealed:
        waiting = [seat.name for seat in table.present if not seat.voted]
        if not waiting:
            return why_not_enough(table, policy)
        return [
            REVOTE.refuse(
                f"The re-vote of {names(waiting)} is missing.",
                mend=names(waiting),
                way_out="They re-vote; for somebody who left, the Bar Raiser marks them absent with a reason.",
            )
        ]
    if phase is Phase.BOARD:
        return why_not_marked(table)
    return []


def why_not_marked(table: Table) -> list[Refusal]:
    """What the board still lacks."""
    open_items = [item.name for item in table.board if item.mark is None]
    if not open_items:
        return []
    return [
        BOARD.refuse(
            f"Not marked yet: {names(open_items)}.",
            mend=f"{table.bar_raiser} or {table.hiring_manager}",
            way_out="Mark each as met, not met or not shown, with the evidence that carries it."
            if table.decision is None
            else "Send the application back; the next debrief marks what its description tests, and decides again.",
        )
    ]


def why_not_mark(table: Table, mark: BoardMark | None = None, evidence: str = "") -> list[Refusal]:
    """Why the board cannot be changed now; without ``mark``: why it cannot be changed at all."""
    if table.ended is not None:
        return [BOARD.refuse(has_ended(table), mend="nobody", way_out="Nothing is left to decide.")]
    if table.decision is not None:
        facts = "The decision is recorded; the board that it rests on stays as it is."
        way_out = "If the evidence changed, send the application back or reconvene: the next debrief marks anew."
        return [BOARD.refuse(facts, mend="nobody", way_out=way_out)]
    if table.phase is Phase.DONE:
        return [BOARD.refuse(OVER, mend="the recruiter", way_out=ANOTHER)]
    if table.phase not in {Phase.BOARD, Phase.DISCUSS, Phase.DECIDE}:
        facts = f"This debrief is in {table.phase.label}." if table.phase else "The debrief has not been opened."
        return [BOARD.refuse(facts, mend=table.bar_raiser, way_out="Wait for the phase Board.")]
    if mark in {BoardMark.MET, BoardMark.NOT_MET} and not evidence.strip():
        way_out = "Write the evidence from the feedback, or mark it not shown."
        return [BOARD.refuse("No evidence carries this mark.", mend=table.bar_raiser, way_out=way_out)]
    return []


def why_not_marker(table: Table, person_id: int) -> list[Refusal]:
    """Why the Bar Raiser or hiring manager does not fill the board yet: their own feedback comes first."""
    return why_not_evidenced(BOARD, table, person_id, "marking")


def why_not_change(table: Table, person_id: int, item: BoardItem) -> list[Refusal]:
    """Why this person leaves a mark as it is: "not shown" belongs to who set it, and in the end to the Bar Raiser."""
    own = item.set_by == person_id and not item.accepted
    if item.mark is not BoardMark.NOT_SHOWN or own or person_id == table.bar_raiser_id:
        return []
    return [
        BOARD.refuse(
            f"{item.name} is marked not shown{', and accepted so by the Bar Raiser' if item.accepted else ''}; "
            "that mark is not yours to change.",
            mend=table.bar_raiser,
            way_out="Show the Bar Raiser the evidence; they mark it, or accept the gap in writing.",
        )
    ]


def why_not_accept(table: Table, item: BoardItem | None = None) -> list[Refusal]:
    """Why there is no gap for the Bar Raiser to accept; ``item``: the one they mean."""
    refusals = why_not_mark(table)
    if not refusals and (not table.unsettled if item is None else item not in table.unsettled):
        facts = "Nothing is marked not shown." if item is None else f"{item.name} is not an open gap."
        refusals.append(BOARD.refuse(facts, mend="nobody", way_out="Only what was not shown needs accepting."))
    return refusals


def why_not_mark_absent(table: Table, person_id: int | None = None) -> list[Refusal]:
    """Why the Bar Raiser cannot note that somebody left; ``person_id``: whom they mean."""
    gone = [seat for seat in table.present if not seat.voted and person_id in {None, seat.person_id}]
    if table.phase is not None and table.phase.place <= Phase.REVOTE.place and not table.revealed and gone:
        return []
    facts = "Only somebody who is here and has not re-voted can be marked absent, before the re-votes are shown."
    return [REVOTE.refuse(facts, mend="nobody", way_out="Go on; what is in stays.")]


def why_not_discuss(table: Table) -> list[Refusal]:
    """Why no note can be taken now: nothing is discussed before the re-votes are shown."""
    if table.phase in {Phase.BOARD, Phase.DISCUSS, Phase.DECIDE}:
        return []
    facts = "Nothing is discussed before the re-votes are shown, nor after the debrief is over."
    return [REVOTE.refuse(facts, mend=table.bar_raiser, way_out="Keep it for the phase Discuss.")]


def next_move(table: Table, *, inside: bool = True) -> str:
    """Who must act next, in a sentence; to somebody who may not read ``inside`` it does not tell of a decision."""
    lead, manager = table.bar_raiser, table.hiring_manager
    if table.ended is not None:
        return f"{has_ended(table)} Nobody needs to act."
    if table.phase is None:
        missing = names([seat.name for seat in table.missing_feedback])
        return f"Feedback comes next, from {missing}." if missing else f"{lead} opens the debrief next."
    if table.phase is Phase.REVOTE and not table.revealed:
        waiting = names([seat.name for seat in table.present if not seat.voted])
        return f"Re-votes come next, from {waiting}." if waiting else f"Wait for whoever is missing; {lead} sees to it."
    if table.phase is Phase.DECIDE and not inside:
        return "The debrief is under way; whoever took a seat over interviews and submits first."
    if table.phase is Phase.DECIDE and table.decision is not None:
        return f"{lead} concurs or vetoes next."
    return {
        Phase.GATHER: f"Take your place; {lead} then begins the reading.",
        Phase.READ: f"Read all feedback in silence; {lead} then calls the re-vote.",
        Phase.REVOTE: f"{lead} goes on to the board.",
        Phase.BOARD: f"{lead} and {manager} fill the board.",
        Phase.DISCUSS: f"Discuss, lower levels first; {lead} then asks for the decision.",
        Phase.DECIDE: f"{manager} decides next.",
    }.get(table.phase, "The debrief is over; its record is frozen.")

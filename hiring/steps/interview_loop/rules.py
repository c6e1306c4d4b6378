"""Step 4's vocabularies, figures and small questions; ``composition`` asks whether a whole loop stands."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import ClassVar
from zoneinfo import ZoneInfo

from hiring.ground.figures import Section, number, register
from hiring.ground.rulebook import OWN, Kind, Refusal, declare
from hiring.pipeline.rules import Stand, Step


class SeatKind(StrEnum):
    """What a seat is there for."""

    HIRING_MANAGER = "hiring_manager"
    RECRUITER = "recruiter"
    BAR_RAISER = "bar_raiser"
    INTERVIEWER = "interviewer"

    @property
    def label(self) -> str:
        """As pages and sentences say it."""
        return {"bar_raiser": "Bar Raiser"}.get(self.value, self.value.replace("_", " "))


class SeatState(StrEnum):
    """A seat is held, was left before its interview began, or was vacated after it began.

    ``handed_over``: this seat's duties (Bar Raiser, hiring manager) passed to a successor; its feedback stays.
    """

    HELD = "held"
    REMOVED = "removed"
    VACATED = "vacated"
    HANDED_OVER = "handed_over"


ON_LOOP = (SeatState.HELD, SeatState.HANDED_OVER)
"""States of a seat that its person keeps on the loop: nobody is given a second one."""


class LoopState(StrEnum):
    """A loop is composed, then confirmed; once its last interview has ended it is over."""

    COMPOSING = "composing"
    CONFIRMED = "confirmed"
    OVER = "over"


class InterviewState(StrEnum):
    """What happened to a slot; only held and cut short owe feedback."""

    BOOKED = "booked"
    HELD = "held"
    CUT_SHORT = "cut_short"
    CANDIDATE_NO_SHOW = "candidate_no_show"
    INTERVIEWER_NO_SHOW = "interviewer_no_show"
    CANCELLED = "cancelled"


def slot_called(state: InterviewState | None, *, composing: bool, declined: bool) -> str | None:
    """What a slot is called: nothing is booked while its loop is composed, nor once its person has declined."""
    if declined and state in (None, InterviewState.BOOKED):
        return "Declined"
    if state is None:
        return None
    if composing and state is InterviewState.BOOKED:
        return "Proposed"
    return state.value.replace("no_show", "no-show").replace("_", " ").capitalize()


ENDED = (InterviewState.HELD, InterviewState.CUT_SHORT)
"""States that owe feedback."""
CURRENT = (InterviewState.BOOKED, *ENDED)
"""States of the one slot that counts for a seat."""
PURPOSE = "interview"
"""What a calendar says of the stretch that an interview takes."""
REPORTS = {
    InterviewState.HELD: "It was held",
    InterviewState.CUT_SHORT: "It was cut short",
    InterviewState.CANDIDATE_NO_SHOW: "The candidate did not come",
    InterviewState.INTERVIEWER_NO_SHOW: "The interviewer did not come",
}
"""What can be reported about an interview that began."""


class ConflictKind(StrEnum):
    """Declared conflicts of interest."""

    FAMILY = "family"
    FORMER_REPORT = "former_report"
    REFERRER = "referrer"
    OTHER = "other"


CONFLICTS = {
    ConflictKind.FAMILY: "family",
    ConflictKind.FORMER_REPORT: "a former report",
    ConflictKind.REFERRER: "referred the candidate",
    ConflictKind.OTHER: "another conflict of interest",
}


class RedrawCause(StrEnum):
    """Why rotation names another Bar Raiser; there is no other reason."""

    DECLINED = "declined"
    ILL = "ill"
    CONFLICT = "conflict"
    LEFT = "left"


REDRAW_CAUSES = {
    RedrawCause.DECLINED: "They declined",
    RedrawCause.ILL: "They are ill",
    RedrawCause.CONFLICT: "They have a conflict of interest",
    RedrawCause.LEFT: "They left the company",
}


class VacateCause(StrEnum):
    """Why a seat whose interview began is given up."""

    LEFT = "left"
    ILL = "ill"
    SILENT = "silent"


VACATE_CAUSES = {
    VacateCause.LEFT: "They left the company",
    VacateCause.ILL: "They are ill",
    VacateCause.SILENT: "Silent for five working days after feedback was due",
}


@register
@dataclass(frozen=True, slots=True)
class LoopPolicy(Section):
    """Figures of the loop and of the clock that an interview's end starts."""

    name: ClassVar[str] = "loop"
    title: ClassVar[str] = "In-House Interview"
    smallest: int = number(
        5, low=3, high=8, unit="interviewers", meaning="Fewest interviewers on a loop", at_most="largest"
    )
    largest: int = number(7, low=5, high=10, unit="interviewers", meaning="Most interviewers on a loop")
    levels_below: int = number(
        1, low=0, high=3, unit="levels", meaning="An interviewer may stand below the position by at most"
    )
    fewest_items: int = number(
        2, low=1, high=4, unit="principles", meaning="Fewest principles per interviewer", at_most="most_items"
    )
    most_items: int = number(3, low=2, high=6, unit="principles", meaning="Most principles per interviewer")
    principles_from: int = number(
        40,
        low=0,
        high=100,
        unit="%",
        meaning="Questions that test leadership principles, at least",
        at_most="principles_to",
    )
    principles_to: int = number(
        60, low=0, high=100, unit="%", meaning="Questions that test leadership principles, at most"
    )
    feedback_minutes: int = number(
        15, low=15, high=1440, unit="minutes", meaning="Feedback is due, and written, after the interview's end within"
    )
    report_within_minutes: int = number(
        30, low=0, high=120, unit="minutes", meaning="A reported end counts within this of the schedule", source="own"
    )
    silent_days: int = number(
        5, low=1, high=20, unit="working days", meaning="A seat silent after due may be vacated after"
    )
    no_shows: int = number(2, low=1, high=5, unit="no-shows", meaning="The candidate may be withdrawn after")
    draw_weeks: int = number(
        8, low=1, high=52, unit="weeks", meaning="Rotation counts a Bar Raiser's draws of the last", source="own"
    )
    night_begins: int = number(
        23, low=18, high=23, unit="o'clock", meaning="The night begins, where the interviewer is, at", source="own"
    )
    night_ends: int = number(
        6, low=0, high=10, unit="o'clock", meaning="The night ends, where the interviewer is, at", source="own"
    )


_STEP = Step.INTERVIEW_LOOP
OPEN = declare(
    "loop.open",
    "A loop is composed in its step; after that it only gains what the debrief still needs.",
    step=_STEP,
    source=OWN,
)
SIZE = declare("loop.size", "A loop has five to seven interviewers; shadows are not counted.", step=_STEP)
REQUIRED = declare(
    "loop.required",
    "On every loop sit the hiring manager, a recruiter (the requisition's, or one whom an administrator names because "
    "of level) and exactly one Bar Raiser.",
    step=_STEP,
)
BAR_RAISER_CERTIFIED = declare(
    "loop.bar_raiser_certified", "The Bar Raiser's certification is current on the day.", step=_STEP
)
BAR_RAISER_INDEPENDENT = declare(
    "loop.bar_raiser_independent",
    "The Bar Raiser is independent of the hiring manager and drawn by rotation, never chosen.",
    step=_STEP,
)
LEVEL = declare("loop.level", "Nobody on the loop is more than one level below the position; shadows too.", step=_STEP)
DIRECT_REPORT = declare("loop.direct_report", "Nobody on the loop would report to the position.", step=_STEP)
TRAINED = declare(
    "loop.trained",
    "An interviewer has done the course and a paired interview; without them one only sits in as a shadow.",
    step=_STEP,
)
SHADOW = declare(
    "loop.shadow", "An interview has at most one shadow, paired with an experienced interviewer.", step=_STEP
)
CONFLICT = declare(
    "loop.conflict",
    "Nobody on the loop has a declared conflict of interest: family, former report, referrer.",
    step=_STEP,
    source=OWN,
)
AVAILABLE = declare(
    "loop.available", "Nobody on the loop has left the company or declined the invitation.", step=_STEP, source=OWN
)
PRINCIPLES = declare(
    "loop.principles", "Every principle and competency of the description is assigned to a seat.", step=_STEP
)
TWO_OR_THREE = declare(
    "loop.two_or_three", "Each seat tests two or three principles or competencies.", step=_STEP, kind=Kind.WARN
)
BALANCE = declare(
    "loop.balance",
    "About half of the planned questions, 40 to 60 %, test leadership principles.",
    step=_STEP,
    kind=Kind.WARN,
    source=OWN,
)
SLOTTED = declare("loop.slotted", "Every seat has a slot that has not begun.", step=_STEP, source=OWN)
DOUBLE_BOOKED = declare(
    "loop.double_booked",
    "Nothing overlaps in an interviewer's or the candidate's calendar, writing time included.",
    step=_STEP,
    source=OWN,
)
WRITING_TIME = declare("loop.writing_time", "Fifteen minutes are free for writing after each interview.", step=_STEP)
EVIDENCE = declare(
    "loop.evidence", "A seat whose interview began leaves only as vacated, with a reason.", step=_STEP, source=OWN
)
OUTCOME = declare(
    "loop.outcome",
    "What became of an interview is reported once it began; that nobody came, only while no feedback is begun.",
    step=_STEP,
    source=OWN,
)
NO_SHOWS = declare(
    "loop.no_shows", "A candidate is withdrawn for not coming only after the second time.", step=_STEP, source=OWN
)
LOAD = declare("loop.load", "Weekly caps of interviews and loops are kept.", step=_STEP, kind=Kind.WARN, source=OWN)
NIGHT = declare(
    "loop.night",
    "No interview lies in its interviewer's night, from 23:00 to 06:00, unless these are their working hours.",
    step=_STEP,
    kind=Kind.WARN,
    source=OWN,
)
DEBRIEF_BOOKED = declare(
    "loop.debrief_booked",
    "The debrief is booked on the day of the last interview or the next working day.",
    step=_STEP,
    kind=Kind.WARN,
)


# --- Small questions ---------------------------------------------------------------------------------------------


def due_at(
    scheduled_end: datetime,
    reported_end: datetime | None,
    reported_at: datetime | None,
    policy: LoopPolicy,
    current: datetime | None = None,
) -> datetime:
    """When feedback is due: the policy's minutes after the interview's end.

    A reported end counts if it came before due (``current``, if a report moved it already) and lies near enough to the
    schedule. Due never moves once past.
    """
    minutes = timedelta(minutes=policy.feedback_minutes)
    due = current or scheduled_end + minutes
    if reported_end is None or reported_at is None or reported_at >= due:
        return due
    near = abs(reported_end - scheduled_end) <= timedelta(minutes=policy.report_within_minutes)
    return reported_end + minutes if near else due


def in_night(start: datetime, end: datetime, zone: str, works: tuple[time, time], policy: LoopPolicy) -> bool:
    """Whether some of this time is night in a zone, and not in the hours that somebody ``works`` there."""
    begins, ends = (instant.astimezone(ZoneInfo(zone)) for instant in (start, end))
    if begins.date() != ends.date():
        return True  # nobody's working day goes past midnight
    first, last = begins.time(), ends.time()
    morning, night = time(policy.night_ends), time(policy.night_begins)
    asleep = [(first, min(last, morning))] if first < morning else []
    asleep += [(max(first, night), last)] if last > night else []
    return any(one < works[0] or works[1] < other for one, other in asleep)


def why_not_change(step: Step, ended: bool, composed: bool) -> list[Refusal]:
    """Why the loop of an application cannot be composed or changed now; ``composed``: composing has begun."""
    facts = ""
    if ended:
        facts = "This application has ended."
    elif not Step.INTERVIEW_LOOP.place <= step.place <= Step.DEBRIEF.place:
        facts = f"This application is in {step.label}."
    elif not composed:
        facts = "Nobody has begun to compose this loop."
    if not facts:
        return []
    return [
        OPEN.refuse(
            facts,
            mend="the recruiter or the hiring manager",
            way_out="Start composing the loop first."
            if not composed and not ended and step is Step.INTERVIEW_LOOP
            else "Bring the application to the In-House Interview, where the rules allow that.",
        )
    ]


def lowest_level(position: int, policy: LoopPolicy) -> int:
    """The lowest level that may sit on a loop for a position of this level."""
    return position - policy.levels_below


_COMPOSERS = frozenset({Stand.REQUISITION_RECRUITER, Stand.HIRING_MANAGER})


def may_compose(stands: frozenset[Stand]) -> bool:
    """Who chooses people, principles and shadows: the requisition's recruiter and the hiring manager."""
    return not stands.isdisjoint(_COMPOSERS)


def may_book(stands: frozenset[Stand]) -> bool:
    """Who sets slots, confirms and reports: those who compose, and coordinators."""
    return may_compose(stands) or Stand.COORDINATOR in stands


def may_redraw(stands: frozenset[Stand]) -> bool:
    """An administrator has rotation name another Bar Raiser; never the hiring manager, whatever else they are."""
    return Stand.ADMINISTRATOR in stands and Stand.HIRING_MANAGER not in stands


def may_declare_conflict(stands: frozenset[Stand], *, own: bool) -> bool:
    """One declares one's own conflict; a colleague's, only who may also have the Bar Raiser redrawn.

    Else whoever composes the loop would choose the Bar Raiser by declaring those in front of them.
    """
    return own or may_redraw(stands)


def may_withdraw_conflict(stands: frozenset[Stand], *, own: bool, own_words: bool) -> bool:
    """Who declared one's own takes it back; what an administrator declared, an administrator takes back."""
    return (own and own_words) or may_redraw(stands)


def why_not_say_conflict(name: str, reason: str) -> list[Refusal]:
    """Why a conflict is neither declared nor taken back: nobody wrote down why."""
    if reason.strip():
        return []
    return [
        CONFLICT.refuse(
            f"Nobody wrote down why, about {name}.",
            mend="whoever declares it, or takes it back",
            way_out="Say in writing what the conflict is, or why there is none.",
        )
    ]


def may_vacate(stands: frozenset[Stand]) -> bool:
    """An administrator or the loop's Bar Raiser."""
    return not stands.isdisjoint({Stand.ADMINISTRATOR, Stand.BAR_RAISER})


def why_not_remove(
    name: str, slots: Iterable[tuple[InterviewState, datetime]], now: datetime, *, written: bool
) -> list[Refusal]:
    """Why a seat cannot simply be taken off; ``slots``: state and start of each interview it ever had.

    One that nobody came to left no evidence, and who may say so cannot gain by it (``outcomes.may_report``). What is
    ``written``, a draft too, is evidence whatever its slots say.
    """
    began_at = min((start for state, start in slots if state in CURRENT and start <= now), default=None)
    if began_at is None and not written:
        return []
    return [
        EVIDENCE.refuse(
            f"The interview with {name} began on {stamp(began_at)}." if began_at else f"{name} has written feedback.",
            mend="an administrator or the loop's Bar Raiser",
            way_out="They vacate the seat with a reason (left, ill, five working days silent); what was submitted "
            "reaches the debrief. If nobody came, the interviewer, an administrator or the Bar Raiser says so first.",
        )
    ]


def why_not_vacate(
    name: str,
    kind: SeatKind,
    cause: VacateCause,
    policy: LoopPolicy,
    *,
    began_at: datetime | None,
    silent_days: int,
    submitted: bool,
    written: bool,
    now: datetime,
) -> list[Refusal]:
    """Why a seat cannot be vacated; ``silent_days``: working days since its feedback was due, 0 before.

    ``written``: its feedback is in, or begun, which counts as an interview that began.
    """
    if kind is SeatKind.BAR_RAISER:
        return [
            REQUIRED.refuse(
                f"{name} holds the Bar Raiser's seat, which no loop can be without.",
                mend="an administrator",
                way_out="Hand the seat over: rotation names the next Bar Raiser.",
            )
        ]
    if (began_at is None or now < began_at) and not written:
        return [
            EVIDENCE.refuse(
                f"The interview with {name} has not begun.",
                mend="the recruiter or the hiring manager",
                way_out="Replace or remove them; nothing is lost before an interview begins.",
            )
        ]
    if cause is not VacateCause.SILENT or (not submitted and silent_days >= policy.silent_days):
        return []
    facts = (
        f"The feedback of {name} is in."
        if submitted
        else f"{name} has been silent for {silent_days} working days since feedback was due; "
        f"{policy.silent_days} are needed."
    )
    return [
        EVIDENCE.refuse(
            facts,
            mend="an administrator or the loop's Bar Raiser",
            way_out="Remind them, or vacate the seat later; if they left or are ill, say so instead.",
        )
    ]


def stamp(instant: datetime) -> str:
    """An instant in a refusal."""
    return f"{instant:%Y-%m-%d %H:%M} UTC"

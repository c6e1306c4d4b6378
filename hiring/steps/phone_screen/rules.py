"""Step 3's vocabularies and questions: who holds the call, what it takes to record and to decide it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from hiring.ground.figures import Section, number, register
from hiring.ground.rulebook import OWN, Kind, Refusal, declare
from hiring.pipeline.rules import Stand, Step


class ScreenState(StrEnum):
    """What happened to a booked phone screen."""

    BOOKED = "booked"
    HELD = "held"
    CANDIDATE_NO_SHOW = "candidate_no_show"
    SCREENER_NO_SHOW = "screener_no_show"
    CANCELLED = "cancelled"


STATES = {
    ScreenState.BOOKED: "Booked",
    ScreenState.HELD: "Held",
    ScreenState.CANDIDATE_NO_SHOW: "The candidate did not come",
    ScreenState.SCREENER_NO_SHOW: "The screener did not come",
    ScreenState.CANCELLED: "Cancelled",
}
REPORTABLE = frozenset({ScreenState.BOOKED, ScreenState.CANDIDATE_NO_SHOW, ScreenState.SCREENER_NO_SHOW})
"""States from which what happened may still be said; a no-show reported by mistake can be corrected."""


class ScreenVerdict(StrEnum):
    """Yes or no; unsure is no."""

    YES = "yes"
    NO = "no"


@register
@dataclass(frozen=True, slots=True)
class ScreenPolicy(Section):
    """Figures of step 3; the book expects about one screen in four to pass."""

    name: ClassVar[str] = "screen"
    title: ClassVar[str] = "Phone Screen"
    rate_window: int = number(
        20, low=5, high=200, unit="screens", meaning="Latest decided screens looked at for their rate", source="own"
    )
    rate_low: int = number(
        10, low=0, high=25, unit="percent", meaning="Screens passing below this are far from one in four", source="own"
    )
    rate_high: int = number(
        50,
        low=25,
        high=100,
        unit="percent",
        meaning="Screens passing above this are far from one in four",
        source="own",
    )


SCREEN_SCREENER = declare(
    "screen.screener",
    "The hiring manager holds the phone screen, or somebody trained whom they name; never the candidate, their manager "
    "or their reports.",
    step=Step.PHONE_SCREEN,
    source=OWN,
)
SCREEN_PREPARED = declare(
    "screen.prepared", "The questions of a phone screen are chosen before the call.", step=Step.PHONE_SCREEN
)
SCREEN_NOTED = declare(
    "screen.noted",
    "A question on which the screener has taken notes stays on the call.",
    step=Step.PHONE_SCREEN,
    source=OWN,
)
SCREEN_DECIDED = declare(
    "screen.decided",
    "A phone screen ends with yes or no, with notes; unsure is no, and only yes goes on.",
    step=Step.PHONE_SCREEN,
)
SCREEN_RATE = declare(
    "screen.rate",
    "About one phone screen in four passes; a rate far from that is looked into.",
    step=Step.PHONE_SCREEN,
    kind=Kind.WARN,
)


@dataclass(frozen=True, slots=True)
class ScreenerFacts:
    """Who is to hold the call. ``named``: by the hiring manager. ``inside``: candidate, their manager or report."""

    name: str
    hiring_manager: bool = False
    trained: bool = False
    named: bool = False
    inside: bool = False
    disabled: bool = False


@dataclass(frozen=True, slots=True)
class CallFacts:
    """A booked call. ``prepared_at``: when its questions were last chosen, None while there are none."""

    starts_at: datetime
    prepared_at: datetime | None


def may_book(stands: Iterable[Stand]) -> bool:
    """Who books, moves and cancels calls: recruiters, coordinators and the hiring manager."""
    bookers = {Stand.RECRUITER, Stand.REQUISITION_RECRUITER, Stand.COORDINATOR, Stand.HIRING_MANAGER}
    return not bookers.isdisjoint(stands)


def may_prepare(stands: Iterable[Stand]) -> bool:
    """Who chooses questions: the screener, the hiring manager and the requisition's recruiter."""
    return not {Stand.SCREENER, Stand.HIRING_MANAGER, Stand.REQUISITION_RECRUITER}.isdisjoint(stands)


def may_name(stands: Iterable[Stand], *, hiring_manager_able: bool) -> bool:
    """Who names another screener: the hiring manager; where they cannot act, the requisition's recruiter."""
    where = frozenset(stands)
    return Stand.HIRING_MANAGER in where or (not hiring_manager_able and Stand.REQUISITION_RECRUITER in where)


def why_not_screener(screener: ScreenerFacts, hiring_manager: str) -> list[Refusal]:
    """Why this person does not hold the call."""
    facts = []
    if screener.disabled:
        facts.append(f"{screener.name} no longer works here.")
    if screener.inside:
        facts.append(f"{screener.name} is the candidate, their manager or one of their reports.")
    if not screener.hiring_manager and not screener.trained:
        facts.append(f"{screener.name} is not a trained interviewer yet.")
    if not screener.hiring_manager and not screener.named:
        facts.append(f"{screener.name} was not named by the hiring manager {hiring_manager}.")
    if not facts:
        return []
    return [
        SCREEN_SCREENER.refuse(
            " ".join(facts),
            mend=f"{hiring_manager} (hiring manager)",
            way_out="The hiring manager holds the call, or names another trained colleague.",
        )
    ]


def why_not_prepare(call: CallFacts, now: datetime) -> list[Refusal]:
    """Why no questions are chosen any more."""
    if now < call.starts_at:
        return []
    return [
        SCREEN_PREPARED.refuse(
            "The call has begun; questions chosen now would not have been chosen before it.",
            mend="the recruiter, a coordinator or the hiring manager",
            way_out="Put what else was asked into the summary, or book the call for a later time.",
        )
    ]


def why_not_drop(noted: Sequence[str]) -> list[Refusal]:
    """Why these questions, which the new choice leaves out, stay: each has notes that would go with it."""
    if not noted:
        return []
    return [
        SCREEN_NOTED.refuse(
            f"There are notes on: {' '.join(noted)}",
            mend="the screener",
            way_out="Choose it again in the same words, or let the screener empty its notes first.",
        )
    ]


def outcomes(starts_at: datetime, now: datetime) -> tuple[ScreenState, ...]:
    """What may be said of a call now: before it begins it can only be cancelled."""
    if now < starts_at:
        return (ScreenState.CANCELLED,)
    return tuple(state for state in STATES if state is not ScreenState.BOOKED)


def why_not_held(call: CallFacts) -> list[Refusal]:
    """Why the call does not count as held."""
    if call.prepared_at is not None and call.prepared_at <= call.starts_at:
        return []
    return [
        SCREEN_PREPARED.refuse(
            "No questions were chosen before this call began.",
            mend="the recruiter, a coordinator or the hiring manager",
            way_out="Book the call again, and choose its questions before it starts.",
        )
    ]


def why_not_decide(summary: str, questions_with_notes: int) -> list[Refusal]:
    """Why there is no verdict yet."""
    facts = []
    if not summary.strip():
        facts.append("The summary is empty.")
    if not questions_with_notes:
        facts.append("No question has notes.")
    if not facts:
        return []
    return [
        SCREEN_DECIDED.refuse(
            " ".join(facts),
            mend="the screener",
            way_out="Write down what the candidate said, save the notes, then decide.",
        )
    ]


def why_not_go_on(held: Sequence[ScreenVerdict | None]) -> list[Refusal]:
    """Why it does not go on to the loop: ``held`` are the verdicts of calls held in this visit, the latest last."""
    if held and held[-1] is ScreenVerdict.YES:
        return []
    if not held:
        facts, way_out = "No phone screen has been held since this step began.", "Book one, hold it, and decide."
    elif held[-1] is None:
        facts, way_out = "The latest phone screen has no verdict yet.", "The screener says yes or no; unsure is no."
    else:
        facts, way_out = "The latest phone screen was decided with no.", "Book another one, or reject the application."
    return [SCREEN_DECIDED.refuse(facts, mend="the screener", way_out=way_out)]


def why_odd_rate(passed: int, decided: int, requisition: str, policy: ScreenPolicy) -> list[Refusal]:
    """The finding over the latest ``decided`` screens of a requisition, of which ``passed`` were a yes."""
    within = policy.rate_low * decided <= passed * 100 <= policy.rate_high * decided
    if decided < policy.rate_window or within:
        return []
    high = passed * 100 > policy.rate_high * decided
    return [
        SCREEN_RATE.refuse(
            f"{passed} of the last {decided} phone screens for {requisition} passed, {passed * 100 // decided} %; "
            "about one in four is expected.",
            mend="the hiring manager and the recruiter",
            way_out="Ask harder questions before the loop spends a day on them."
            if high
            else "Look at the must-haves and at where the candidates come from.",
        )
    ]

"""What became of an interview: who may say it, and why not. Pure, like ``rules``, whose vocabulary it uses."""

from datetime import datetime, timedelta

from hiring.ground.rulebook import Refusal
from hiring.pipeline.rules import Stand
from hiring.steps.interview_loop.rules import (
    CURRENT,
    ENDED,
    NO_SHOWS,
    OUTCOME,
    REPORTS,
    InterviewState,
    LoopPolicy,
    may_book,
    may_redraw,
    stamp,
)

WHO_REPORTS = (
    "The interviewer, the loop's Bar Raiser or an administrator who is not the hiring manager reports this; the "
    "recruiter, the hiring manager or a coordinator too, but not that somebody stayed away."
)


def may_report(outcome: InterviewState, stands: frozenset[Stand], *, own: bool) -> bool:
    """Who says what became of an interview; ``own``: of the reader's own.

    A no-show frees the seat, so those who choose its holder do not say it: evidence would vanish by it.
    """
    if outcome not in REPORTS:
        return False  # booked and cancelled are told by booking and freeing
    if own:
        return True
    if outcome in ENDED:
        return may_book(stands) or _independent(stands)
    return _independent(stands)


def _independent(stands: frozenset[Stand]) -> bool:
    return Stand.BAR_RAISER in stands or may_redraw(stands)


def reportable(stands: frozenset[Stand], *, own: bool) -> list[InterviewState]:
    """The outcomes that this reader may report."""
    return [outcome for outcome in REPORTS if may_report(outcome, stands, own=own)]


def why_not_report(
    name: str,
    state: InterviewState,
    outcome: InterviewState,
    *,
    starts_at: datetime,
    ends_at: datetime,
    ended_at: datetime | None,
    own: bool,
    confirmed: bool,
    written: bool,
    now: datetime,
) -> list[Refusal]:
    """Why an interview's outcome cannot be reported or corrected now.

    ``own``: the interviewer reports it; nobody else moves the clock of their feedback. ``written``: their feedback is
    in, or begun.
    """
    facts = ""
    if not confirmed:
        facts = f"This loop is not confirmed, so {name} was never asked to hold this interview."
    elif now < starts_at:
        facts = f"The interview with {name} begins on {stamp(starts_at)}."
    elif state is InterviewState.CANCELLED or (state not in CURRENT and outcome is not state):
        facts = f"This slot of {name} is {state.value.replace('_', ' ')} and closed."
    elif ended_at is not None and not own:
        facts = f"Only {name} says when this interview ended: the clock of their feedback starts there."
    elif outcome is InterviewState.HELD and not own and now < ends_at:
        facts = f"The interview with {name} ends on {stamp(ends_at)}; until then only {name} says that it was held."
    elif ended_at is not None and not starts_at < ended_at <= now + timedelta(minutes=1):
        facts = f"The end must lie after {stamp(starts_at)} and not in the future."
    elif written and outcome not in ENDED:
        facts = f"{name} has written about this interview, so it took place."
    if not facts:
        return []
    return [
        OUTCOME.refuse(
            facts,
            mend="the interviewer, the recruiter or a coordinator",
            way_out="Book another slot, or report what happened once it did.",
        )
    ]


def why_not_rebook(name: str, state: InterviewState | None, starts_at: datetime | None, now: datetime) -> list[Refusal]:
    """Why a seat's slot cannot be moved: its interview began (a no-show is reported first)."""
    if state is None or starts_at is None or (state is InterviewState.BOOKED and now < starts_at):
        return []
    return [
        OUTCOME.refuse(
            f"The interview with {name} began on {stamp(starts_at)}.",
            mend="the interviewer, the loop's Bar Raiser or an administrator",
            way_out="If it did not take place, one of them reports a no-show; then book another slot.",
        )
    ]


def why_not_withdraw_for_no_shows(candidate: str, no_shows: int, policy: LoopPolicy) -> list[Refusal]:
    """Why the recruiter cannot withdraw the candidate for not coming."""
    if no_shows >= policy.no_shows:
        return []
    return [
        NO_SHOWS.refuse(
            f"{candidate} did not come {no_shows} time{'s' if no_shows != 1 else ''}; {policy.no_shows} are needed.",
            mend="the recruiter",
            way_out="Book another slot, or ask the candidate whether they withdraw.",
        )
    ]

"""Whose move it is, which pages a reader may open, and who reads the dashboard: pure questions of the screens."""

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from hiring.ground.figures import Section, number, register
from hiring.people.rules import Role
from hiring.pipeline.rules import (
    ApplicationFacts,
    End,
    RequisitionFacts,
    RequisitionStatus,
    Sight,
    Stand,
    Step,
    may_see,
)


@register
@dataclass(frozen=True, slots=True)
class DeskPolicy(Section):
    """Figures of the dashboard."""

    name: ClassVar[str] = "desk"
    title: ClassVar[str] = "Dashboard"
    stuck_days: int = number(
        7, low=1, high=90, unit="days", meaning="An application is shown as stuck after this long in a step",
        source="own",
    )  # fmt: skip


class Mover(StrEnum):
    """Who acts next."""

    RECRUITER = "the recruiter"
    HIRING_MANAGER = "the hiring manager"
    BAR_RAISER = "the Bar Raiser"
    INTERVIEWERS = "the interviewers"
    CORD = "an administrator or the Bar Raiser"
    NOBODY = "nobody"


@dataclass(frozen=True, slots=True)
class NextMove:
    """What happens next, who does it, and the step on whose page; ``step`` null: not on a step's page."""

    sentence: str
    who: Mover
    step: Step | None = None


_NEXT = {
    Step.RESUME_REVIEW: ("Hold the résumé against the must-haves.", Mover.RECRUITER),
    Step.PHONE_SCREEN: ("Hold the phone screen and decide yes or no.", Mover.HIRING_MANAGER),
    Step.INTERVIEW_LOOP: ("Compose and confirm the loop, then hold its interviews.", Mover.RECRUITER),
    Step.WRITTEN_FEEDBACK: ("Write the feedback that is still missing.", Mover.INTERVIEWERS),
    Step.DEBRIEF: ("Hold the debrief.", Mover.BAR_RAISER),
    Step.REFERENCE_CHECK: ("Call the references and decide.", Mover.HIRING_MANAGER),
    Step.OFFER: ("Make the offer, and stay in contact until the answer.", Mover.HIRING_MANAGER),
}


_HOLD_INTERVIEWS = NextMove("Hold the interviews of the loop.", Mover.INTERVIEWERS, Step.INTERVIEW_LOOP)


def next_move(
    application: ApplicationFacts, requisition: RequisitionFacts, *, loop_confirmed: bool = False
) -> NextMove:
    """What happens next with an application, and whose move it is; what stops it comes before what its step asks."""
    if application.end is not None:
        return NextMove(f"Ended: {application.end.value}.", Mover.NOBODY)
    if application.cords or requisition.cords:
        return NextMove("A cord is pulled: write down its cause and correction.", Mover.CORD)
    if application.on_hold:
        return NextMove("On hold: end the hold, or the application.", Mover.RECRUITER)
    if application.offer_accepted:
        return NextMove("The offer is accepted: prepare the arrival and confirm it.", Mover.HIRING_MANAGER, Step.OFFER)
    if requisition.on_hold or requisition.status is not RequisitionStatus.OPEN:
        return NextMove("The requisition is not open: open it again, or end the application.", Mover.RECRUITER)
    if application.step is Step.INTERVIEW_LOOP and loop_confirmed:
        return _HOLD_INTERVIEWS
    sentence, who = _NEXT[application.step]
    return NextMove(sentence, who, application.step)


_SIGHT_OF_PAGE = {
    Step.RESUME_REVIEW: Sight.MUST_HAVES,
    Step.PHONE_SCREEN: Sight.FRAME,
    Step.INTERVIEW_LOOP: Sight.FRAME,
    Step.WRITTEN_FEEDBACK: Sight.FRAME,
    Step.DEBRIEF: Sight.DEBRIEF,
    Step.REFERENCE_CHECK: Sight.REFERENCES,
    Step.OFFER: Sight.PAY,
}


def pages_to_open(step: Step, stands: frozenset[Stand]) -> list[Step]:
    """The steps reached so far whose pages this reader may open."""
    return [page for page, sight in _SIGHT_OF_PAGE.items() if page.place <= step.place and may_see(sight, stands)]


_DASHBOARD = frozenset({Role.RECRUITER, Role.COORDINATOR, Role.HEAD_OF_RECRUITING, Role.ADMINISTRATOR})


def may_open_dashboard(roles: frozenset[Role]) -> bool:
    """Recruiters and coordinators work from it; the head of recruiting and administrators read its counts."""
    return not _DASHBOARD.isdisjoint(roles)


def sees_candidates(roles: frozenset[Role]) -> bool:
    """Whether the dashboard names candidates to this reader, or shows counts only."""
    return not roles.isdisjoint({Role.RECRUITER, Role.COORDINATOR})


class Part(StrEnum):
    """A part of the dashboard that names candidates."""

    STUCK = "stuck"
    TODAY = "today"
    LATE = "late"
    OFFERS = "offers"


class WayOn(StrEnum):
    """How the reader of a part that was cut gets at the rest."""

    WHOLE = "whole"
    NARROWER = "narrower"


def way_on(*, whole: bool, narrowed: bool) -> WayOn | None:
    """By a page of that part; of more than a page by a filter, unless every filter is set."""
    if not whole:
        return WayOn.WHOLE
    return None if narrowed else WayOn.NARROWER


def offers_rejection(step: Step, end: End | None, *, owner: bool) -> bool:
    """Whether the list offers its requisition's owners to reject this one with others: live, and before the loop."""
    return owner and end is None and step in {Step.RESUME_REVIEW, Step.PHONE_SCREEN}

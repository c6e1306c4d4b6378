"""Vocabularies of the spine and its pure questions: may an application start, may it move, who may see what."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import ClassVar

from hiring.ground.figures import Section, number, register
from hiring.ground.rulebook import OWN, Refusal, declare


class Step(StrEnum):
    """The eight steps, in order. An application is in one of the last seven, or ended."""

    JOB_DESCRIPTION = "job_description"
    RESUME_REVIEW = "resume_review"
    PHONE_SCREEN = "phone_screen"
    INTERVIEW_LOOP = "interview_loop"
    WRITTEN_FEEDBACK = "written_feedback"
    DEBRIEF = "debrief"
    REFERENCE_CHECK = "reference_check"
    OFFER = "offer"

    @property
    def place(self) -> int:
        """1 for Job Description to 8 for Offer through Onboarding."""
        return list(Step).index(self) + 1

    @property
    def label(self) -> str:
        """The step's name in the book."""
        return _LABELS[self]


_LABELS = {
    Step.JOB_DESCRIPTION: "Job Description",
    Step.RESUME_REVIEW: "Résumé Review",
    Step.PHONE_SCREEN: "Phone Screen",
    Step.INTERVIEW_LOOP: "In-House Interview",
    Step.WRITTEN_FEEDBACK: "Written Feedback",
    Step.DEBRIEF: "Debrief / Hiring Meeting",
    Step.REFERENCE_CHECK: "Reference Check",
    Step.OFFER: "Offer through Onboarding",
}


class End(StrEnum):
    """How an application ended."""

    HIRED = "hired"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    MOVED = "moved"


class EndReason(StrEnum):
    """Why it ended; vetoes, no-hires and rescinded offers are rejections, declines and lapses withdrawals."""

    ARRIVED = "arrived"
    OFF_TARGET = "off_target"
    PHONE_SCREEN_NO = "phone_screen_no"
    NO_HIRE = "no_hire"
    VETO = "veto"
    RESCINDED = "rescinded"
    ALL_AGAINST = "all_against"
    CORD = "cord"
    POSITION_CLOSED = "position_closed"
    CANDIDATE = "candidate"
    NO_SHOWS = "no_shows"
    OFFER_DECLINED = "offer_declined"
    OFFER_LAPSED = "offer_lapsed"
    RENEGED = "reneged"
    MOVED = "moved"
    IMPORTED = "imported"
    OTHER = "other"


NEVER_REOPENED = frozenset({EndReason.VETO, EndReason.NO_HIRE, EndReason.ALL_AGAINST})
"""Decisions against hiring stand."""


class HowLeft(StrEnum):
    """How a step visit was left."""

    ADVANCED = "advanced"
    SENT_BACK = "sent_back"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    MOVED = "moved"
    HIRED = "hired"


class RequisitionStatus(StrEnum):
    """Where a requisition stands; a hold is a date beside it."""

    DRAFT = "draft"
    OPEN = "open"
    CLOSED = "closed"


class Origin(StrEnum):
    """Whether a row was made here or came with an imported history."""

    LIVE = "live"
    IMPORTED = "imported"


class Source(StrEnum):
    """How an application came."""

    CAREERS = "careers"
    SOURCED = "sourced"
    REFERRED = "referred"
    AGENCY = "agency"
    INTERNAL = "internal"
    MOVED = "moved"
    IMPORTED = "imported"


class Outcome(StrEnum):
    """What became of an application's first entry into a step; the first that holds, see ``outcomes``."""

    ADVANCED = "advanced"
    REJECTED = "rejected"
    WITHDREW = "withdrew"
    MOVED = "moved"
    OPEN = "open"


@register
@dataclass(frozen=True, slots=True)
class PipelinePolicy(Section):
    """Figures of the spine."""

    name: ClassVar[str] = "pipeline"
    title: ClassVar[str] = "Applications"
    reopen_days: int = number(30, low=0, high=365, unit="days", meaning="An end may be reopened for", source="own")
    cool_off_months: int = number(
        6, low=0, high=36, unit="months", meaning="No new application after a no-hire or a veto for", source="own"
    )
    file_days: int = number(
        30, low=0, high=365, unit="days", meaning="A loop reads the candidate file after the decision for", source="own"
    )


REQUISITION_OPEN = declare(
    "requisition.open",
    "Applications begin and move only while their position is open, and neither is on hold; one that has ended moves "
    "no more.",
    step=Step.JOB_DESCRIPTION,
    source=OWN,
)
APPLICATION_ONCE = declare(
    "application.once",
    "A candidate has at most one active application to a requisition; likely duplicates are shown for merging.",
    step=Step.RESUME_REVIEW,
    source=OWN,
)
APPLICATION_COOL_OFF = declare(
    "application.cool_off",
    "After a no-hire or a veto there is no new application to the requisition before the date recorded.",
    step=Step.RESUME_REVIEW,
    source=OWN,
)
DISTINCT = declare(
    "loop.distinct",
    "One seat per person; nobody interviews themselves; an internal candidate's manager and reports hold none.",
    step=Step.INTERVIEW_LOOP,
    source=OWN,
)
ANDON_CLEAR = declare(
    "andon.clear",
    "Nothing moves forward while a cord is pulled on the application or its requisition.",
    step="every step",
    source="Andon cord, as told in " + "Working Backwards (Bryar, Carr, 2021)",
)


@dataclass(frozen=True, slots=True)
class RequisitionFacts:
    """What rules ask of a requisition. ``owners``: the people who answer for it."""

    code: str
    status: RequisitionStatus
    on_hold: bool = False
    recruiter: str = "the recruiter"
    cords: int = 0
    owners: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class ApplicationFacts:
    """What rules ask of an application. ``offer_accepted`` exempts it from the requisition's closing."""

    step: Step
    end: End | None = None
    end_reason: EndReason | None = None
    ended_at: datetime | None = None
    on_hold: bool = False
    cords: int = 0
    offer_accepted: bool = False


def why_not_open(requisition: RequisitionFacts) -> list[Refusal]:
    """Why the requisition takes no applications and no forward moves."""
    if requisition.status is not RequisitionStatus.OPEN:
        facts = f"Requisition {requisition.code} is {requisition.status.value}, not open."
        way_out = (
            "Have the job description approved, which opens it."
            if requisition.status is RequisitionStatus.DRAFT
            else "Move the application to an open requisition."
        )
        return [REQUISITION_OPEN.refuse(facts, mend=f"{requisition.recruiter} or the hiring manager", way_out=way_out)]
    if requisition.on_hold:
        return [
            REQUISITION_OPEN.refuse(
                f"Requisition {requisition.code} is on hold.",
                mend=f"{requisition.recruiter} or the hiring manager",
                way_out="End the hold on the requisition's page, then try again.",
            )
        ]
    return []


def why_not_live(application: ApplicationFacts, reopens: str = "the recruiter or the hiring manager") -> list[Refusal]:
    """What has ended cannot be moved any more; only ends that may be reopened name who ``reopens`` them."""
    if application.end is None:
        return []
    mend, way_out = reopens, "Reopen it with a reason, where the rules allow that."
    if application.end_reason in NEVER_REOPENED:
        mend, way_out = "nobody", "It is never reopened; the candidate may apply anew after the date on record."
    elif application.end_reason is EndReason.MOVED:
        mend, way_out = "nobody", "Go on with the application that it was moved to."
    elif application.end_reason is EndReason.ARRIVED:
        mend, way_out = "nobody", "It was a hire; nothing is left to do here."
    facts = f"This application has ended: {application.end.value}."
    return [REQUISITION_OPEN.refuse(facts, mend=mend, way_out=way_out)]


def why_not_advance(requisition: RequisitionFacts, application: ApplicationFacts) -> list[Refusal]:
    """Why nothing moves forward for this application now, whatever its step asks."""
    return why_not_go_back(requisition, application) + why_not_clear(requisition, application)


def why_not_go_back(requisition: RequisitionFacts, application: ApplicationFacts) -> list[Refusal]:
    """Why it moves in no direction at all: ended, on hold, or its requisition is; a cord stops only what goes on."""
    refusals = [] if application.offer_accepted else why_not_open(requisition)
    if application.end is not None:
        refusals += why_not_live(application, requisition.recruiter)
    if application.on_hold:
        refusals.append(
            REQUISITION_OPEN.refuse(
                "This application is on hold.",
                mend=f"{requisition.recruiter} or the hiring manager",
                way_out="End the hold on the application's page, then try again.",
            )
        )
    return refusals


def why_not_clear(requisition: RequisitionFacts, application: ApplicationFacts) -> list[Refusal]:
    """Whether a pulled cord stops forward moves."""
    pulled = [
        (application.cords, "this application"),
        (requisition.cords, f"requisition {requisition.code}"),
    ]
    return [
        ANDON_CLEAR.refuse(
            f"{'A cord is' if count == 1 else f'{count} cords are'} pulled on {where}.",
            mend="an administrator or the Bar Raiser who neither pulled it nor is named in it",
            way_out="They write down cause and correction on the cord's page.",
        )
        for count, where in pulled
        if count
    ]


def why_not_apply(
    requisition: RequisitionFacts,
    *,
    active_elsewhere: bool,
    cool_off_until: date | None,
    person_id: int | None,
    today: date,
) -> list[Refusal]:
    """Why a candidate may not start an application to this requisition. ``person_id``: the colleague they are."""
    refusals = why_not_open(requisition) + why_not_own_candidate(requisition, person_id)
    if active_elsewhere:
        refusals.append(
            APPLICATION_ONCE.refuse(
                f"This candidate already has an active application to {requisition.code}.",
                mend=requisition.recruiter,
                way_out="Go on with the application that exists; merge likely duplicates on the candidate's page.",
            )
        )
    return refusals + why_not_cool_off(requisition, cool_off_until, today)


def why_not_own_candidate(requisition: RequisitionFacts, person_id: int | None) -> list[Refusal]:
    """Nobody is a candidate of the requisition that they answer for: both of its owners sit on every loop."""
    if person_id is None or person_id not in requisition.owners:
        return []
    return [
        DISTINCT.refuse(
            f"The candidate answers for {requisition.code}, as its hiring manager or its recruiter.",
            mend="an administrator",
            way_out="Name somebody else for that requisition first, or apply to another one.",
        )
    ]


def why_not_cool_off(requisition: RequisitionFacts, cool_off_until: date | None, today: date) -> list[Refusal]:
    """Why the candidate waits after a decision against hiring: neither a new application nor an older one goes on."""
    if cool_off_until is None or today >= cool_off_until:
        return []
    return [
        APPLICATION_COOL_OFF.refuse(
            f"An application to {requisition.code} ended with a decision against hiring; "
            f"the next may come from {cool_off_until.isoformat()} on.",
            mend="nobody: the date is on record",
            way_out=f"Apply from {cool_off_until.isoformat()} on, or to another requisition.",
        )
    ]


# --- Funnel definition (one unit, one source) ---------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Stay:
    """One step visit as the funnel reads it; stays come in their order of recording."""

    step: Step
    entered_at: datetime


@dataclass(frozen=True, slots=True)
class StepOutcome:
    """An application's first-ever entry into a step, and what became of it."""

    step: Step
    first_entered_at: datetime
    outcome: Outcome


_ENDED = {End.REJECTED: Outcome.REJECTED, End.WITHDRAWN: Outcome.WITHDREW, End.MOVED: Outcome.MOVED}


def outcomes(stays: Sequence[Stay], end: End | None) -> dict[Step, StepOutcome]:
    """For each step entered: the first entry, and the first that holds of advanced, rejected, withdrew, moved, open.

    Advanced: a later step was entered after the first entry, or the application was hired.
    """
    result: dict[Step, StepOutcome] = {}
    for index, stay in enumerate(stays):
        if stay.step in result:
            continue
        later = any(other.step.place > stay.step.place for other in stays[index + 1 :])
        outcome = Outcome.ADVANCED if later or end is End.HIRED else _ENDED.get(end, Outcome.OPEN) if end else None
        result[stay.step] = StepOutcome(stay.step, stay.entered_at, outcome or Outcome.OPEN)
    return result


# --- Who may see what ----------------------------------------------------------------------------------------


class Part(StrEnum):
    """A part that a person plays in one application, pushed down by the step that gave it to them."""

    SCREENER = "screener"
    SEAT = "seat"
    BAR_RAISER = "bar_raiser"
    SHADOW = "shadow"


class Stand(StrEnum):
    """Where a reader stands towards one application: parts, ownership of its requisition, and standing roles."""

    SCREENER = "screener"
    SEAT = "seat"
    BAR_RAISER = "bar_raiser"
    SHADOW = "shadow"
    SUBMITTED_SEAT = "submitted_seat"
    HIRING_MANAGER = "hiring_manager"
    REQUISITION_RECRUITER = "requisition_recruiter"
    RECRUITER = "recruiter"
    COORDINATOR = "coordinator"
    ADMINISTRATOR = "administrator"
    LAPSED = "lapsed"
    PAST = "past"


class Sight(StrEnum):
    """Kinds of data about an application, as the visibility table names them."""

    FRAME = "frame"
    CANDIDATE_FILE = "candidate_file"
    MUST_HAVES = "must_haves"
    PAY = "pay"
    REFERENCES = "references"
    DEBRIEF = "debrief"
    CORDS = "cords"


_WORKING = {
    Stand.RECRUITER,
    Stand.REQUISITION_RECRUITER,
    Stand.COORDINATOR,
    Stand.HIRING_MANAGER,
    Stand.SCREENER,
    Stand.SEAT,
    Stand.BAR_RAISER,
    Stand.SHADOW,
}
_PARTS = {Stand.SCREENER, Stand.SEAT, Stand.BAR_RAISER, Stand.SHADOW, Stand.SUBMITTED_SEAT}
_READERS: dict[Sight, frozenset[Stand]] = {
    Sight.FRAME: frozenset(_WORKING | {Stand.ADMINISTRATOR}),
    Sight.CANDIDATE_FILE: frozenset(_WORKING),
    Sight.MUST_HAVES: frozenset(
        {
            Stand.RECRUITER,
            Stand.REQUISITION_RECRUITER,
            Stand.HIRING_MANAGER,
            Stand.SCREENER,
            Stand.SUBMITTED_SEAT,
        }
    ),
    Sight.PAY: frozenset({Stand.REQUISITION_RECRUITER, Stand.HIRING_MANAGER}),
    Sight.REFERENCES: frozenset({Stand.REQUISITION_RECRUITER, Stand.HIRING_MANAGER, Stand.BAR_RAISER}),
    Sight.DEBRIEF: frozenset({Stand.SEAT, Stand.BAR_RAISER, Stand.HIRING_MANAGER, Stand.REQUISITION_RECRUITER}),
    Sight.CORDS: frozenset(_WORKING - {Stand.RECRUITER} | {Stand.ADMINISTRATOR}),  # another's recruiter has no task
}


def may_see(sight: Sight, stands: Iterable[Stand]) -> bool:
    """Whether somebody who stands so may read that kind of data.

    The candidate file closes to a loop some days after the decision (``LAPSED``); once the application has ended as
    well (``PAST``), a loop keeps only the debrief's record. Until then the Bar Raiser must see enough to veto.
    """
    found = frozenset(stands)
    lapsed = Stand.LAPSED in found and sight is Sight.CANDIDATE_FILE
    if lapsed or (Stand.PAST in found and sight is not Sight.DEBRIEF):
        found -= _PARTS
    return not _READERS[sight].isdisjoint(found)


@dataclass(frozen=True, slots=True)
class CordFacts:
    """Who pulled a cord and who is named in it."""

    pulled_by: int
    named: frozenset[int]
    cleared: bool


def may_clear_cord(cord: CordFacts, reader_id: int, stands: Iterable[Stand]) -> bool:
    """An administrator or the Bar Raiser, who neither pulled it nor is named in it."""
    entitled = not frozenset(stands).isdisjoint({Stand.ADMINISTRATOR, Stand.BAR_RAISER})
    return entitled and reader_id != cord.pulled_by and reader_id not in cord.named

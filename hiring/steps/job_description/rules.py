"""Step 1's vocabularies and questions: is a description complete, who may review it, what makes a new version."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from enum import StrEnum
from typing import ClassVar

from hiring.ground.figures import Section, number, register
from hiring.ground.rulebook import Refusal, declare
from hiring.people.rules import Colleague, why_not_independent
from hiring.pipeline.rules import (
    REQUISITION_OPEN,
    ApplicationFacts,
    RequisitionFacts,
    RequisitionStatus,
    Step,
    why_not_clear,
)


class Status(StrEnum):
    """Where a version of a description stands."""

    DRAFT = "draft"
    IN_REVIEW = "in_review"
    APPROVED = "approved"
    SUPERSEDED = "superseded"


class Verdict(StrEnum):
    """A reviewer's verdict."""

    APPROVE = "approve"
    CHANGES = "changes"


class ItemKind(StrEnum):
    """What a loop tests."""

    PRINCIPLE = "principle"
    COMPETENCY = "competency"


class QuestionUse(StrEnum):
    """Where a question is asked."""

    PHONE_SCREEN = "phone_screen"
    LOOP = "loop"


@register
@dataclass(frozen=True, slots=True)
class DescriptionPolicy(Section):
    """Figures of step 1."""

    name: ClassVar[str] = "job_description"
    title: ClassVar[str] = "Job Description"
    review_days: int = number(
        2, low=1, high=20, unit="working days", meaning="A Bar Raiser reviews a description within", source="own"
    )
    approval_days: int = number(
        365, low=1, high=3650, unit="days", meaning="The approval of an opening is recorded within", source="own"
    )


JD_COMPLETE = declare(
    "jd.complete",
    "A description goes to review only when every part of it is there.",
    step=Step.JOB_DESCRIPTION,
)
JD_REVIEWED = declare(
    "jd.reviewed",
    "A description counts only when a certified Bar Raiser, independent of the hiring manager, approved this version.",
    step=Step.JOB_DESCRIPTION,
)


@dataclass(frozen=True, slots=True)
class DescriptionFacts:
    """What a version says. Pay in minor units of ``currency`` a year."""

    title: str
    level: int
    team: str
    location: str
    pay_low: int | None
    pay_high: int | None
    currency: str
    summary: str
    outcomes: Sequence[str]
    must_haves: Sequence[str]
    principles: Sequence[str]
    competencies: Sequence[str]
    reports_stated: bool
    reports: Collection[int] = ()


@dataclass(frozen=True, slots=True)
class ReviewFacts:
    """What decides whether somebody may review a version; ``writer_id`` wrote it, ``assigned_id`` was drawn.

    ``inside``: ids of an internal candidate for whom it was written, of their manager and of their reports.
    """

    hiring_manager: Colleague
    recruiter_id: int | None
    team_id: int | None
    writer_id: int
    assigned_id: int | None
    status: Status
    inside: Collection[int] = ()


PARTS = {
    "title": "a title",
    "team": "a team",
    "location": "a location",
    "pay_low": "the lower end of the pay range",
    "pay_high": "the upper end of the pay range",
    "currency": "a currency",
    "summary": "a summary",
    "outcomes": "outcomes of the first year",
    "must_haves": "must-have qualifications",
    "principles": "leadership principles to test",
    "competencies": "functional competencies",
    "reports_stated": "who would report to the position, or that nobody would",
}
_NOTHING: tuple[object, ...] = ("", None, [], ())
REVIEWED_AGAIN = {
    "level": "level",
    "pay_low": "pay range",
    "pay_high": "pay range",
    "currency": "pay range",
    "outcomes": "outcomes",
    "must_haves": "must-haves",
    "principles": "principles",
    "competencies": "competencies",
    "reports_stated": "would-be reports",
    "reports": "would-be reports",
}
"""Parts whose change makes a new version; the rest of an approved one may be amended.

Pay range and would-be reports are among them: who may draw, sit or be paid what is asked of them while people apply.
"""
POINTS = {
    "role_clear": "Is the role clear?",
    "problem_sharp": "Is the problem that this person solves sharp?",
    "must_haves_testable": "Is each must-have needed, and can a résumé be held against it?",
    "risks": "What are the risks? So what?",
}


def missing_parts(description: DescriptionFacts) -> list[str]:
    """What is not there yet, in the order of the form."""
    said = {part: getattr(description, part) for part in PARTS}
    return [words for part, words in PARTS.items() if said[part] is False or said[part] in _NOTHING]


def changed_parts(before: DescriptionFacts, after: DescriptionFacts) -> list[str]:
    """Parts that differ and whose change asks for a new review."""
    differing = (
        REVIEWED_AGAIN[item.name]
        for item in fields(DescriptionFacts)
        if item.name in REVIEWED_AGAIN and getattr(before, item.name) != getattr(after, item.name)
    )
    return list(dict.fromkeys(differing))


def why_not_complete(description: DescriptionFacts) -> list[Refusal]:
    """Why the description is not all there."""
    missing = missing_parts(description)
    if not missing:
        return []
    return [
        JD_COMPLETE.refuse(
            f"Still missing: {'; '.join(missing)}.",
            mend="the hiring manager",
            way_out="Add what is missing on the edit page, then submit it.",
        )
    ]


def why_not_write(requisition: RequisitionFacts) -> list[Refusal]:
    """Why nothing is written for this requisition any more."""
    if requisition.status is not RequisitionStatus.CLOSED:
        return []
    return [
        REQUISITION_OPEN.refuse(
            f"Requisition {requisition.code} is closed.",
            mend=requisition.recruiter,
            way_out="Open it again on its page of moves, or clone it into a new requisition and go on there.",
        )
    ]


def why_not_submit(
    description: DescriptionFacts, requisition: RequisitionFacts, status: Status, reviewers: Sequence[int]
) -> list[Refusal]:
    """Why a draft may not go to review; ``reviewers`` are the ids of those who could be drawn."""
    refusals = why_not_write(requisition) + _why_not_clear(requisition) + why_not_complete(description)
    if status is not Status.DRAFT:
        refusals.append(_not_now(f"This version is {_words(status)}, not a draft."))
    if not reviewers:
        refusals.append(nobody_left())
    return refusals


def nobody_left() -> Refusal:
    """What to say when rotation finds nobody."""
    return JD_REVIEWED.refuse(
        "No certified Bar Raiser is independent of the hiring manager and outside the team.",
        mend="the programme owner",
        way_out="Certify a Bar Raiser from another team, or renew a certification that lapsed.",
    )


def dependence(reviewer: Colleague, facts: ReviewFacts) -> list[str]:
    """Facts that make somebody dependent on the hiring manager, the position's team or the text itself."""
    found = why_not_independent(reviewer, facts.hiring_manager, facts.recruiter_id, facts.team_id)
    if facts.team_id is not None and reviewer.team_id == facts.team_id and not found:
        found.append(f"{reviewer.name} is in the position's team.")
    if reviewer.id == facts.writer_id:
        found.append(f"{reviewer.name} wrote this version.")
    if reviewer.id in facts.inside:
        found.append(f"{reviewer.name} is the candidate it was written for, their manager or one of their reports.")
    return found


def why_not_reviewer(reviewer: Colleague, facts: ReviewFacts, on: date) -> list[Refusal]:
    """Why this person's verdict on a version would not count on that day."""
    found = dependence(reviewer, facts)
    if not reviewer.certified(on):
        lapsed = f"lapsed on {reviewer.certified_until.isoformat()}" if reviewer.certified_until else "was never given"
        found.insert(0, f"{reviewer.name}'s Bar Raiser certification {lapsed}.")
    if reviewer.disabled:
        found.append(f"{reviewer.name} has left.")
    if not found:
        return []
    return [
        JD_REVIEWED.refuse(
            " ".join(found),
            mend="an administrator",
            way_out="An administrator gives the review to the next Bar Raiser in the rotation.",
        )
    ]


def why_not_verdict(
    reviewer: Colleague,
    facts: ReviewFacts,
    description: DescriptionFacts,
    requisition: RequisitionFacts,
    verdict: Verdict,
    points: dict[str, str],
    on: date,
) -> list[Refusal]:
    """Why a verdict cannot be given: wrong reviewer, wrong moment, or a point left without a word."""
    refusals = why_not_reviewer(reviewer, facts, on)
    if facts.status is not Status.IN_REVIEW:
        refusals.append(_not_now(f"This version is {_words(facts.status)}, not in review."))
    silent = [question for point, question in POINTS.items() if not points.get(point, "").strip()]
    if silent:
        refusals.append(
            JD_REVIEWED.refuse(
                f"The review says nothing on: {' '.join(silent)}",
                mend=reviewer.name,
                way_out="Write a sentence or more on each of the four points.",
            )
        )
    if verdict is Verdict.APPROVE:
        refusals += why_not_write(requisition) + _why_not_clear(requisition) + why_not_complete(description)
    return refusals


def why_not_edit(status: Status) -> list[Refusal]:
    """Why a version that is not a draft is not edited."""
    if status is Status.DRAFT:
        return []
    return [_not_now(f"This version is {_words(status)}; only a draft is edited.")]


def why_not_amend(status: Status) -> list[Refusal]:
    """Why a version that is not in force is not amended."""
    if status is Status.APPROVED:
        return []
    return [_not_now(f"This version is {_words(status)}; only an approved one is amended.")]


def why_not_adopt(status: Status, *, fits: bool = True, adopted: bool = False) -> list[Refusal]:
    """Why no application takes this version over.

    ``fits``: it is not another application's own. ``adopted``: this application is held against it already.
    """
    if status is not Status.APPROVED:
        return [_not_now(f"This version is {_words(status)}; applications take over an approved one.")]
    if adopted:
        return [_not_now("The application is held against this version already.")]
    return [] if fits else [_not_now("This version was written for one application at its own level.")]


def why_not_take_over(name: str, step: Step) -> list[Refusal]:
    """Why an application keeps its description: from the debrief on a meeting rests on what the loop tested.

    Another level has its own way, which asks the loop's rules again and reconvenes the debrief.
    """
    if step.place < Step.DEBRIEF.place:
        return []
    return [
        JD_REVIEWED.refuse(
            f"{name} is in {step.label}; what the loop tested is what the debrief decides on.",
            mend="the recruiter or the hiring manager",
            way_out="Send the application back to the interviews and adopt it there, or propose another level.",
        )
    ]


def why_not_propose(level: int, current: int | None) -> list[Refusal]:
    """Why no description is written for one application at this level; ``current``: the level it is held against."""
    if level != current:
        return []
    return [
        JD_REVIEWED.refuse(
            f"The application is held against level {level} already.",
            mend="nobody needs to",
            way_out="Go on with it at this level, or propose another.",
        )
    ]


def why_not_reassign(status: Status, reviewers: Sequence[int]) -> list[Refusal]:
    """Why a review cannot go to somebody else; ``reviewers`` are the ids of those who could be drawn."""
    if status is not Status.IN_REVIEW:
        return [_not_now(f"This version is {_words(status)}, not in review.")]
    return [] if reviewers else [nobody_left()]


def _not_now(facts: str) -> Refusal:
    return JD_REVIEWED.refuse(
        facts, mend="the hiring manager", way_out="Open the newest version on the requisition's page and work there."
    )


def _words(status: Status) -> str:
    return status.value.replace("_", " ")


def _why_not_clear(requisition: RequisitionFacts) -> list[Refusal]:
    return why_not_clear(requisition, ApplicationFacts(Step.JOB_DESCRIPTION))


@dataclass(frozen=True, slots=True)
class ReviewLoad:
    """How busy a possible reviewer is: reviews open now, and when the last one was given to them."""

    person_id: int
    open_reviews: int = 0
    last_assigned_at: datetime | None = None
    away: bool = False


def rotation(loads: Collection[ReviewLoad]) -> list[int]:
    """Ids in the order of drawing: who is here, then fewest open reviews, then longest without one."""

    def order(load: ReviewLoad) -> tuple[bool, int, float, int]:
        last = load.last_assigned_at.timestamp() if load.last_assigned_at else 0.0
        return load.away, load.open_reviews, last, load.person_id

    return [load.person_id for load in sorted(loads, key=order)]

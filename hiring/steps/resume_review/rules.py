"""Step 2's vocabularies and questions: what advancing and rejecting a résumé take, and what the rejections tell."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from hiring.ground.figures import Section, number, register
from hiring.ground.rulebook import Kind, Refusal, declare
from hiring.pipeline.rules import APPLICATION_COOL_OFF, APPLICATION_ONCE, DISTINCT, Stand, Step


class Mark(StrEnum):
    """How a résumé stands against one must-have."""

    MET = "met"
    NOT_MET = "not_met"
    NOT_SHOWN = "not_shown"


class Kept(StrEnum):
    """What became of a résumé that came to a candidate whom we know."""

    NOT = "not"
    NEWEST = "newest"
    FULL = "full"


UNREAD_RESUMES = 5
"""So many newer résumés of one application wait to be read; anybody can send one who knows the candidate's address."""
MARKS = {Mark.MET: "Met", Mark.NOT_MET: "Not met", Mark.NOT_SHOWN: "Not shown"}

RESUME_AGAINST_DESCRIPTION = declare(
    "resume.against_description",
    "A résumé goes on when every must-have is marked and none is not met; it is rejected for at least one must-have "
    "that is not met or not shown.",
    step=Step.RESUME_REVIEW,
)
RESUME_OFF_TARGET = declare(
    "resume.off_target",
    "When more than half of the latest rejections were off target, the description is reviewed.",
    step=Step.RESUME_REVIEW,
    kind=Kind.WARN,
)


@register
@dataclass(frozen=True, slots=True)
class ResumePolicy(Section):
    """Figures of step 2."""

    name: ClassVar[str] = "resume"
    title: ClassVar[str] = "Résumé Review"
    off_target_percent: int = number(
        50, low=10, high=100, unit="percent", meaning="Rejections off target that put the description in question"
    )
    off_target_window: int = number(
        20, low=5, high=200, unit="rejections", meaning="Latest rejections looked at for that"
    )
    review_days: int = number(2, low=1, high=30, unit="days", meaning="A résumé is reviewed within", source="own")


@dataclass(frozen=True, slots=True)
class MustHaveFacts:
    """One must-have and how it is marked; None: not yet."""

    text: str
    mark: Mark | None


WHO_REVIEWS = "The requisition's recruiter or hiring manager reviews its résumés."


def keeps_another(unread: int) -> bool:
    """Whether one more newer résumé is kept beside those that wait to be read.

    Whoever sends it is answered alike and the candidate is told by mail: a refusal would tell that they applied.
    """
    return unread < UNREAD_RESUMES


def may_review(stands: Iterable[Stand]) -> bool:
    """Who marks, advances and rejects: the requisition's recruiter and its hiring manager."""
    return not {Stand.REQUISITION_RECRUITER, Stand.HIRING_MANAGER}.isdisjoint(stands)


_OF_A_PERSON = (APPLICATION_ONCE, APPLICATION_COOL_OFF, DISTINCT)


def about_the_position(refusals: Iterable[Refusal]) -> list[Refusal]:
    """Those refusals that say nothing about a person, which only that person may learn."""
    return [refusal for refusal in refusals if refusal.rule not in _OF_A_PERSON]


def why_not_pass(must_haves: Sequence[MustHaveFacts]) -> list[Refusal]:
    """Why the résumé does not go on to the phone screen."""
    unmarked = [item.text for item in must_haves if item.mark is None]
    not_met = [item.text for item in must_haves if item.mark is Mark.NOT_MET]
    refusals = []
    if not must_haves:
        refusals.append(
            _refuse(
                "The description holds no must-have that this résumé could be held against.",
                "Have a description with must-haves approved, and adopt it for this application.",
            )
        )
    if unmarked:
        refusals.append(
            _refuse(
                f"{len(unmarked)} of {len(must_haves)} must-haves are not marked yet: {_list(unmarked)}.",
                "Mark each one and save the marks, then go on.",
            )
        )
    if not_met:
        refusals.append(
            _refuse(
                f"Marked as not met: {_list(not_met)}.",
                "Reject the application, or correct the mark if the résumé shows it after all.",
            )
        )
    return refusals


def why_not_turn_down(must_haves: Sequence[MustHaveFacts]) -> list[Refusal]:
    """Why the résumé may not be rejected in this step."""
    if any(item.mark in {Mark.NOT_MET, Mark.NOT_SHOWN} for item in must_haves):
        return []
    return [
        _refuse(
            "No must-have is marked as not met or not shown, so there is no reason to reject.",
            "Mark the must-have that the résumé fails and save the marks, or go on with the candidate.",
        )
    ]


def why_not_merge(active_in_both: Sequence[str], kept: str) -> list[Refusal]:
    """Why two records of a candidate stay apart: requisitions (codes) to which both have an active application."""
    return [
        APPLICATION_ONCE.refuse(
            f"Both records of {kept} have an active application to {code}.",
            mend=f"the recruiter of {code}",
            way_out="End one of the two applications, then merge.",
        )
        for code in active_in_both
    ]


def why_off_target(off_target: int, rejected: int, requisition: str, policy: ResumePolicy) -> list[Refusal]:
    """The finding over the latest ``rejected`` of a requisition, of which ``off_target`` failed a must-have."""
    if rejected < policy.off_target_window or off_target * 100 <= policy.off_target_percent * rejected:
        return []
    return [
        RESUME_OFF_TARGET.refuse(
            f"{off_target} of the last {rejected} rejected for {requisition} failed a must-have; "
            f"more than {policy.off_target_percent} % puts the description in question.",
            mend="the hiring manager, who owns the description",
            way_out="Read the description as a stranger would: what in it draws people who do not fit? Write a new "
            "version where it misleads.",
        )
    ]


def _refuse(facts: str, way_out: str) -> Refusal:
    return RESUME_AGAINST_DESCRIPTION.refuse(
        facts, mend="the requisition's recruiter or hiring manager", way_out=way_out
    )


def _list(texts: Iterable[str]) -> str:
    return "; ".join(f"“{text}”" for text in texts)

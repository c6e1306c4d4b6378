"""Pure questions of the public pages: how much a candidate is told, and what a stranger hears when it is too late."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from hiring.ground.rulebook import OWN, Refusal, declare
from hiring.ground.working_time import next_working_day
from hiring.pipeline.rules import (
    APPLICATION_COOL_OFF,
    APPLICATION_ONCE,
    DISTINCT,
    REQUISITION_OPEN,
    End,
    EndReason,
    Step,
)
from hiring.steps.resume_review.rules import ResumePolicy

UPLOAD_WINDOW = timedelta(minutes=15)
UPLOADS_PER_ADDRESS = 30


def too_many_uploads(from_address: int) -> bool:
    """Whether another file from an address must wait, given those that came within ``UPLOAD_WINDOW``."""
    return from_address >= UPLOADS_PER_ADDRESS


class Status(StrEnum):
    """Where an application stands, as coarsely as its candidate is told."""

    RECEIVED = "Received"
    UNDER_REVIEW = "Under review"
    INTERVIEWS = "Interviews"
    DECISION = "Decision"
    OFFER = "Offer"
    CLOSED = "Closed"


_STATUS = {
    Step.JOB_DESCRIPTION: Status.RECEIVED,
    Step.RESUME_REVIEW: Status.RECEIVED,
    Step.PHONE_SCREEN: Status.UNDER_REVIEW,
    Step.INTERVIEW_LOOP: Status.INTERVIEWS,
    Step.WRITTEN_FEEDBACK: Status.DECISION,
    Step.DEBRIEF: Status.DECISION,
    Step.REFERENCE_CHECK: Status.DECISION,
    Step.OFFER: Status.DECISION,
}
_NEXT = {
    Status.RECEIVED: "We read your résumé and hold it against the must-haves of the position.",
    Status.UNDER_REVIEW: "We talk with you by phone about what you have done.",
    Status.INTERVIEWS: "You meet the people who would work with you.",
    Status.DECISION: "We decide together, and tell you.",
    Status.OFFER: "We have made you an offer; we talk about it until you have decided.",
    Status.CLOSED: "Nothing more happens with this application.",
}


UNDER_WAY = declare(
    "application.under_way",
    "You withdraw an application while it is under way.",
    step="every step",
    source=OWN,
)


_AFTER = {
    End.HIRED: "You have joined us.",
    End.MOVED: "It goes on as an application for another position, which you find on this page.",
}
_LEFT = {
    EndReason.CANDIDATE: "You withdrew this application.",
    EndReason.OFFER_DECLINED: "You declined our offer.",
}
"""An end that the candidate chose; what else counts as withdrawn (a lapsed offer, no-shows) was not their word."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What a candidate is told of one application."""

    status: Status
    what_next: str
    live: bool


def standing(step: Step, end: End | None, reason: EndReason | None = None, *, offer_out: bool) -> Standing:
    """The coarse status and what comes next; an offer shows only once it was made."""
    if end is not None:
        left = _LEFT.get(reason) if reason is not None and end is End.WITHDRAWN else None
        words = left or _AFTER.get(end, _NEXT[Status.CLOSED])
        return Standing(Status.CLOSED, words, live=False)
    status = Status.OFFER if offer_out else _STATUS[step]
    return Standing(status, _NEXT[status], live=True)


@dataclass(frozen=True, slots=True)
class Promise:
    """A date that the candidate may rely on. ``late``: it has passed."""

    words: str
    on: date
    late: bool = False


def answer_until(day: date) -> Promise:
    """An offer waits for the candidate, not they for us."""
    return Promise("You answer our offer by", day)


def promise(
    step: Step,
    *,
    entered_on: date,
    last_interview_on: date | None,
    said: date | None,
    country: str,
    today: date,
    policy: ResumePolicy,
) -> Promise | None:
    """By when the candidate hears from us: said to them, or counted from what they know themselves.

    A résumé is read within the policy's days; a decision is due on the working day after their last interview. Nothing
    is counted from what we wrote or decided, and once references are called the decision is no date any more.
    """
    if said is not None:
        on = said
    elif step is Step.RESUME_REVIEW:
        on = entered_on + timedelta(days=policy.review_days)
    elif last_interview_on is not None and step in {Step.INTERVIEW_LOOP, Step.WRITTEN_FEEDBACK, Step.DEBRIEF}:
        on = next_working_day(last_interview_on, country)
    else:
        return None
    return Promise("You were to hear from us by" if on < today else "You hear from us by", on, late=on < today)


def after_end(
    end: End | None,
    reopen_until: date | None,
    apply_from: date | None,
    *,
    another_goes_on: bool,
    today: date,
    recruiter: str = "",
) -> list[str]:
    """What is possible once an application has ended, said to its candidate.

    Only who left is told that it may be reopened: to whom we said no, that is ours to ask. ``recruiter``: name and
    address of whom to tell, where there is one.
    """
    words = []
    if end is End.WITHDRAWN and reopen_until is not None:
        words.append(
            f"If you change your mind, tell {recruiter or 'the recruiter'} by {reopen_until.isoformat()}: "
            "until then they can reopen it."
        )
    if another_goes_on:
        words.append("Another application of yours for this position goes on.")
    elif apply_from is None:
        words.append("This position takes no new application from you at the moment; look at the other open ones.")
    elif apply_from > today:
        words.append(f"You may apply for this position again from {apply_from.isoformat()} on.")
    else:
        words.append("You may apply for this position again at any time.")
    return words


def no_longer_open() -> Refusal:
    """What a stranger hears when the position closed while they wrote."""
    return REQUISITION_OPEN.refuse(
        "This position takes no applications at the moment.",
        mend="nobody from outside",
        way_out="Keep what you wrote, and look at the other open positions.",
    )


def why_not_apply_as_colleague(refusals: Iterable[Refusal]) -> list[Refusal]:
    """What of the spine's answer a colleague hears who applies for themselves, in words for a candidate.

    An application under way is no obstacle: what they send joins it.
    """
    own = [refusal for refusal in refusals if refusal.rule in (APPLICATION_COOL_OFF, DISTINCT)]
    others = [refusal for refusal in refusals if refusal.rule not in (APPLICATION_COOL_OFF, DISTINCT, APPLICATION_ONCE)]
    return own + ([no_longer_open()] if others else [])


def why_not_withdraw(end: End | None) -> list[Refusal]:
    """Why a candidate has nothing to withdraw, said to them."""
    if end is None:
        return []
    facts = "You have withdrawn this application." if end is End.WITHDRAWN else "This application has ended."
    return [UNDER_WAY.refuse(facts, mend="nobody needs to", way_out="Nothing is left for you to do about it here.")]

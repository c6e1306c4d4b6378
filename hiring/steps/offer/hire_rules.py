"""Step 8 after the yes: checklist, arrival and reviews of the hire. ``today`` is the candidate's calendar day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from hiring.ground.rulebook import OWN, Refusal, declare
from hiring.pipeline.rules import Step
from hiring.steps.offer.rules import RUNNERS, OfferState, why_not_in


class ReviewAt(StrEnum):
    """When a hire is reviewed against the outcomes that the description promised."""

    NINETY_DAYS = "ninety_days"
    ONE_YEAR = "one_year"

    @property
    def label(self) -> str:
        """For people."""
        return "90 days" if self is ReviewAt.NINETY_DAYS else "One year"

    def due(self, starts_on: date) -> date:
        """The day on which it is due."""
        return starts_on + timedelta(days=90 if self is ReviewAt.NINETY_DAYS else 365)


class Reached(StrEnum):
    """How far an outcome was reached."""

    YES = "yes"
    PARTLY = "partly"
    NO = "no"


@dataclass(frozen=True, slots=True)
class Duty:
    """An item of the default onboarding checklist; ``days`` from the start date, negative before it."""

    what: str
    recruiter: bool
    days: int


CHECKLIST = (
    Duty("Contract signed and filed", True, -21),
    Duty("Workplace, equipment and accounts ordered", True, -14),
    Duty("First project and onboarding buddy chosen", False, -7),
    Duty("Welcome call: first day, where and when", True, -5),
    Duty("First week planned, team told", False, -3),
    Duty("Outcomes of the first year talked through", False, 5),
)

HIRE_ARRIVAL = declare(
    "hire.arrival",
    "Arrival is confirmed when the start date of an accepted offer has come; that date is never moved into the past.",
    step=Step.OFFER,
    source=OWN,
)
HIRE_REVIEW = declare(
    "hire.review",
    "A hire is reviewed once at 90 days and once at one year, against every outcome that the description promised.",
    step=Step.OFFER,
    source=OWN,
)


def why_not_change(state: OfferState | None, doing: str) -> list[Refusal]:
    """Onboarding is that of an accepted offer, until the arrival."""
    return why_not_in(state, {OfferState.ACCEPTED}, doing, HIRE_ARRIVAL)


def why_not_arrive(state: OfferState | None, starts_on: date | None, today: date) -> list[Refusal]:
    """Why arrival cannot be confirmed."""
    refusals = why_not_change(state, "Arrival is confirmed")
    if not refusals and starts_on is not None and today < starts_on:
        words = f"The start date is {starts_on.isoformat()}; today is {today.isoformat()}."
        refusals.append(HIRE_ARRIVAL.refuse(words, mend=RUNNERS, way_out="Wait for the day, or move the start date."))
    return refusals


def why_not_move_start(agreed: date, wanted: date, today: date) -> list[Refusal]:
    """Why a first day cannot be moved: ``wanted`` lies behind us, and nobody agrees on a day that has passed."""
    if wanted >= today:
        return []
    words = f"The new start date is {wanted.isoformat()}; today is {today.isoformat()}."
    way_out = "Give today or a later day. Who has come already: give today, then confirm the arrival."
    if agreed <= today:
        way_out = f"The start date, {agreed.isoformat()}, has come: confirm the arrival, or give today or a later day."
    return [HIRE_ARRIVAL.refuse(words, mend=RUNNERS, way_out=way_out)]


def why_not_review(due_on: date, today: date, *, hired: bool, done: bool) -> list[Refusal]:
    """Why a review cannot be written now."""
    facts, way_out = "", "Wait for the day."
    if done:
        facts, way_out = "This review is written.", "It stays as it is; the next review may say more."
    elif not hired:
        facts, way_out = "The person has not arrived.", "Confirm the arrival first."
    elif today < due_on:
        facts = f"The review is due on {due_on.isoformat()}."
    return [HIRE_REVIEW.refuse(facts, mend="the hiring manager", way_out=way_out)] if facts else []


def why_not_complete(outcomes: Sequence[str], answered: int) -> list[Refusal]:
    """A review answers every outcome."""
    if answered == len(outcomes):
        return []
    words = f"{answered} of {len(outcomes)} outcomes are answered."
    return [HIRE_REVIEW.refuse(words, mend="the hiring manager", way_out="Say of each outcome how far it was reached.")]

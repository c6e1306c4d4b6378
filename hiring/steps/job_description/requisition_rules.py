"""What is asked of a requisition itself: who owns it, and what may become of its openings. Pure."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from hiring.ground.rulebook import OWN, Refusal, declare
from hiring.people.rules import Colleague, Role
from hiring.pipeline.rules import REQUISITION_OPEN, Step
from hiring.steps.job_description.rules import DescriptionPolicy

REQUISITION_OWNERS = declare(
    "requisition.owners",
    "A requisition has a hiring manager and a recruiter: two different people who are here, the latter a recruiter.",
    step=Step.JOB_DESCRIPTION,
    source=OWN,
)
REQUISITION_OPENINGS = declare(
    "requisition.openings",
    "An opening is held, resumed or cancelled only while it stands open, and never from under a live offer or a hire.",
    step=Step.JOB_DESCRIPTION,
    source=OWN,
)


def why_not_own(manager: Colleague, recruiter: Colleague) -> list[Refusal]:
    """Why these two may not answer for a requisition as its hiring manager and its recruiter."""
    facts = [f"{person.name} has left." for person in (manager, recruiter) if person.disabled]
    facts += [f"{person.name} is a guest from outside." for person in (manager, recruiter) if person.guest]
    if Role.RECRUITER not in recruiter.roles:
        facts.append(f"{recruiter.name} is not a recruiter.")
    if manager.id == recruiter.id:
        facts.append(f"{manager.name} cannot be both its hiring manager and its recruiter.")
    if not facts:
        return []
    return [
        REQUISITION_OWNERS.refuse(
            " ".join(facts),
            mend="whoever creates the requisition, one of its owners or an administrator",
            way_out="Name two different people who are here; to clone, hand the original over first.",
        )
    ]


# --- Openings -----------------------------------------------------------------------------------------------------


class OpeningState(StrEnum):
    """Where an opening stands; only approved and filled ones count."""

    APPROVED = "approved"
    HELD = "held"
    FILLED = "filled"
    CANCELLED = "cancelled"


class OpeningAct(StrEnum):
    """What is done to an opening that exists."""

    HOLD = "hold"
    RESUME = "resume"
    CANCEL = "cancel"


def why_not_approved_on(day: date, today: date, policy: DescriptionPolicy) -> list[Refusal]:
    """Why an opening was not approved that day: time to fill counts from it, so it is a day of the recent past."""
    earliest = today - timedelta(days=policy.approval_days)
    if earliest <= day <= today:
        return []
    return [
        REQUISITION_OPEN.refuse(
            f"{day.isoformat()} is {'in the future' if day > today else f'before {earliest.isoformat()}'}; "
            f"today is {today.isoformat()}.",
            mend="whoever approves the opening",
            way_out=f"Give the day of the approval, from {earliest.isoformat()} to {today.isoformat()}.",
        )
    ]


_POSSIBLE = {
    OpeningAct.HOLD: {OpeningState.APPROVED},
    OpeningAct.RESUME: {OpeningState.HELD},
    OpeningAct.CANCEL: {OpeningState.APPROVED, OpeningState.HELD},
}


def possible_acts(state: OpeningState) -> list[OpeningAct]:
    """What can be done to an opening in that state."""
    return [act for act, states in _POSSIBLE.items() if state in states]


@dataclass(frozen=True, slots=True)
class Places:
    """A requisition's openings that count, neither held nor cancelled, and what takes them: live offers, hires."""

    openings: int
    live_offers: int = 0
    hires: int = 0


def why_not_change_opening(state: OpeningState, act: OpeningAct, places: Places) -> list[Refusal]:
    """Why that cannot be done to an opening; one that counts is not taken from under an offer or a hire."""
    if state not in _POSSIBLE[act]:
        facts = f"This opening is {state.value}."
        way_out = "Approve another opening if one more is needed."
    elif state is OpeningState.APPROVED and places.openings <= places.live_offers + places.hires:
        facts = (
            f"Openings: {places.openings}; live offers: {places.live_offers}; hires: {places.hires}. "
            "None of the openings is free."
        )
        way_out = "Wait for the answer to a live offer, or approve another opening first."
    else:
        return []
    return [REQUISITION_OPENINGS.refuse(facts, mend="the requisition's recruiter or an administrator", way_out=way_out)]

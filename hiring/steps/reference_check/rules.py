"""Step 7's vocabularies and questions."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from hiring.ground.figures import Section, number, register
from hiring.ground.rulebook import Refusal, declare
from hiring.pipeline.rules import Stand, Step


class ReferenceOutcome(StrEnum):
    """What the references came to: clear, or new facts, which reconvene the debrief."""

    CLEAR = "clear"
    NEW_FACTS = "new_facts"


@register
@dataclass(frozen=True, slots=True)
class ReferencePolicy(Section):
    """Figures of step 7."""

    name: ClassVar[str] = "references"
    title: ClassVar[str] = "Reference Check"
    calls: int = number(2, low=1, high=5, unit="calls", meaning="References called before an offer", source="own")


REFERENCE_DONE = declare(
    "reference.done",
    "References: with consent, two calls or the Bar Raiser's written waiver, and a clear outcome.",
    step=Step.REFERENCE_CHECK,
)


@dataclass(frozen=True, slots=True)
class CheckFacts:
    """What the rule asks of a reference check. ``calls``: references whose call is recorded."""

    candidate: str
    consent: bool = False
    calls: int = 0
    waived: bool = False
    outcome: ReferenceOutcome | None = None


def may_record(stands: frozenset[Stand]) -> bool:
    """Consent and names of references: the requisition's recruiter or hiring manager."""
    return not stands.isdisjoint({Stand.REQUISITION_RECRUITER, Stand.HIRING_MANAGER})


def why_not_here(step: Step, *, ended: bool) -> list[Refusal]:
    """References are checked in their step, of a live application."""
    if step is Step.REFERENCE_CHECK and not ended:
        return []
    facts = "This application has ended." if ended else f"The application is in {step.label}."
    return [
        REFERENCE_DONE.refuse(
            facts,
            mend="the recruiter or the hiring manager",
            way_out="Send the application back to Reference Check if something must be asked again.",
        )
    ]


def why_not_call(check: CheckFacts, *, current_employer: bool, named: bool) -> list[Refusal]:
    """Nobody is called without consent; the current employer only if the candidate named it."""
    refusals = []
    if not check.consent:
        refusals.append(
            REFERENCE_DONE.refuse(
                f"{check.candidate} has not consented to reference calls.",
                mend="the recruiter or the hiring manager",
                way_out="Ask the candidate, then record when and how they agreed.",
            )
        )
    if current_employer and not named:
        refusals.append(
            REFERENCE_DONE.refuse(
                f"{check.candidate} did not name their current employer for a call.",
                mend="the candidate",
                way_out="Ask the candidate, and record that they named it; or call somebody else.",
            )
        )
    return refusals


@dataclass(frozen=True, slots=True)
class Named:
    """A reference as written: who, and where to reach them (may be empty)."""

    name: str
    contact: str = ""


def _folded(text: str) -> str:
    """What tells people apart: neither capitals nor spaces do, least of all in a telephone number."""
    return "".join(text.split()).casefold()


def why_not_add_again(new: Named, known: Iterable[Named]) -> list[Refusal]:
    """One person is one reference, however often they are called: the same name, or the same telephone or e-mail."""
    for each in known:
        same_name = _folded(new.name) == _folded(each.name)
        same_contact = bool(_folded(new.contact)) and _folded(new.contact) == _folded(each.contact)
        if same_name or same_contact:
            return [
                REFERENCE_DONE.refuse(
                    f"{each.name}{f' ({each.contact})' if each.contact else ''} is a reference of this check already; "
                    f"{'the name' if same_name else 'the telephone or e-mail'} is the same.",
                    mend="the recruiter or the hiring manager",
                    way_out="Add somebody else; where two people share it, write what tells them apart with it.",
                )
            ]
    return []


def why_not_call_again(name: str, called_by: str, called_at: datetime | None) -> list[Refusal]:
    """A call is noted once: what a referee said is not written over."""
    if called_at is None:
        return []
    return [
        REFERENCE_DONE.refuse(
            f"{called_by} called {name} on {called_at.date().isoformat()}, and their notes stand.",
            mend="nobody: the call is on record",
            way_out="Read those notes; add another reference for another call, or a note in the candidate's file.",
        )
    ]


def why_not_waive(waived_by: str, waiver: str) -> list[Refusal]:
    """Missing calls are waived once: a written reason is not written over."""
    if not waived_by:
        return []
    return [
        REFERENCE_DONE.refuse(
            f"{waived_by} has waived missing references: {waiver}",
            mend="nobody: the waiver is on record",
            way_out="Add what else there is to say as a note in the candidate's file.",
        )
    ]


def why_not_decide(check: CheckFacts, policy: ReferencePolicy) -> list[Refusal]:
    """What is missing before an outcome can be recorded."""
    refusals = why_not_call(check, current_employer=False, named=False)
    if check.calls < policy.calls and not check.waived:
        refusals.append(
            REFERENCE_DONE.refuse(
                f"{check.calls} of {policy.calls} references are called.",
                mend="the hiring manager",
                way_out="Call another reference, or have the Bar Raiser waive it in writing.",
            )
        )
    return refusals


def why_not_done(check: CheckFacts | None, policy: ReferencePolicy) -> list[Refusal]:
    """What an offer asks: everything in place, and clear."""
    if check is None:
        check = CheckFacts("The candidate")
    refusals = why_not_decide(check, policy)
    if not refusals and check.outcome is not ReferenceOutcome.CLEAR:
        refusals.append(
            REFERENCE_DONE.refuse(
                "The references have no clear outcome yet."
                if check.outcome is None
                else "The references brought new facts.",
                mend="the hiring manager",
                way_out="Record the outcome; new facts go back to the debrief.",
            )
        )
    return refusals

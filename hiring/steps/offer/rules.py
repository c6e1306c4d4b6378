"""Step 8's vocabularies and questions. Money is minor units a year; ``today`` is the candidate's calendar day."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import ClassVar

from hiring.ground.figures import Section, number, register
from hiring.ground.rulebook import OWN, Kind, Refusal, Rule, declare
from hiring.pipeline.rules import Sight, Stand, Step, may_see


class OfferState(StrEnum):
    """Where an offer stands. Dropped: prepared, and never made."""

    PREPARED = "prepared"
    MADE = "made"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    LAPSED = "lapsed"
    RENEGED = "reneged"
    RESCINDED = "rescinded"
    DROPPED = "dropped"
    ARRIVED = "arrived"


LIVE = frozenset({OfferState.PREPARED, OfferState.MADE, OfferState.ACCEPTED})
OUT = frozenset({OfferState.MADE, OfferState.ACCEPTED})


@register
@dataclass(frozen=True, slots=True)
class OfferPolicy(Section):
    """Figures of step 8."""

    name: ClassVar[str] = "offer"
    title: ClassVar[str] = "Offer through Onboarding"
    contact_days: int = number(7, low=1, high=30, unit="days", meaning="Contact while an offer is open, at least every")
    answer_days: int = number(
        60, low=1, high=365, unit="days", meaning="An offer waits for its answer at most", source="own"
    )


OFFER_DECIDED = declare(
    "offer.decided",
    "An offer needs a standing hire decision with the Bar Raiser's concurrence, no veto, and references done.",
    step=Step.OFFER,
)
OFFER_BY_HIRING_MANAGER = declare(
    "offer.by_hiring_manager", "The hiring manager makes the offer, in person.", step=Step.OFFER
)
OFFER_RANGE = declare(
    "offer.range",
    "Pay lies inside the range of the job description, or an administrator excepted it in writing.",
    step=Step.OFFER,
    source=OWN,
)
OFFER_SINGLE = declare(
    "offer.single",
    "A candidate has at most one live offer; live offers and hires never exceed the openings.",
    step=Step.OFFER,
    source=OWN,
)
OFFER_CONTACT = declare(
    "offer.contact",
    "While an offer is open, somebody is in contact with the candidate at least every seven days.",
    step=Step.OFFER,
    kind=Kind.WARN,
)
OFFER_OPEN = declare(
    "offer.open",
    "An offer is made once and answered once, by its answer date; afterwards it stays as it was.",
    step=Step.OFFER,
    source=OWN,
)
RUNNERS = "the hiring manager or the recruiter"


# --- Who -----------------------------------------------------------------------------------------------------------


def may_read(stands: Collection[Stand], *, exception_waits: bool) -> bool:
    """Pay is for the requisition's recruiter and hiring manager, and for an administrator while asked to except."""
    return may_see(Sight.PAY, stands) or (exception_waits and Stand.ADMINISTRATOR in stands)


def may_run(stands: Collection[Stand]) -> bool:
    """Preparing, contacts and answers: the requisition's recruiter or hiring manager."""
    return Stand.HIRING_MANAGER in stands or Stand.REQUISITION_RECRUITER in stands


def why_not_maker(stands: Collection[Stand], hiring_manager: str) -> list[Refusal]:
    """Why this reader does not make the offer."""
    if Stand.HIRING_MANAGER in stands:
        return []
    return [
        OFFER_BY_HIRING_MANAGER.refuse(
            f"{hiring_manager} is the hiring manager.",
            mend=hiring_manager,
            way_out=f"{hiring_manager} makes the offer in person and records it here.",
        )
    ]


# --- What an offer rests on ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Ground:
    """What an offer rests on. ``missing``: what the reference check still lacks."""

    step: Step
    decided: bool
    vetoed: bool = False
    missing: tuple[Refusal, ...] = ()


def why_not_decided(ground: Ground) -> list[Refusal]:
    """Why no offer may be prepared or made for this application."""
    if ground.vetoed:
        return [OFFER_DECIDED.refuse("The Bar Raiser vetoed.", mend="nobody", way_out="The application has ended.")]
    refusals = []
    if not ground.decided:
        refusals.append(
            OFFER_DECIDED.refuse(
                "No hire decision with the Bar Raiser's concurrence stands.",
                mend="the hiring manager and the Bar Raiser",
                way_out="Hold the debrief and decide.",
            )
        )
    refusals += [
        OFFER_DECIDED.refuse(f"References are not done: {each.facts}", mend=each.mend, way_out=each.way_out)
        for each in ground.missing
    ]
    if not refusals and ground.step is not Step.OFFER:
        refusals.append(
            OFFER_DECIDED.refuse(
                f"The application is in {ground.step.label}.",
                mend="the hiring manager",
                way_out=f"Finish {ground.step.label} first.",
            )
        )
    return refusals


@dataclass(frozen=True, slots=True)
class Terms:
    """Pay and dates of an offer beside the range of the job description."""

    pay: int
    currency: str
    low: int | None
    high: int | None
    range_currency: str
    excepted: bool = False

    @property
    def outside(self) -> bool:
        """Whether the pay is not inside the range; without a range, or in another currency, nothing is."""
        if self.low is None or self.high is None or self.currency != self.range_currency:
            return True
        return not self.low <= self.pay <= self.high

    @property
    def range(self) -> str:
        """The range in words."""
        if self.low is None or self.high is None:
            return "not stated"
        return f"{amount(self.low, self.range_currency)} to {amount(self.high, self.range_currency)}"


def amount(minor_units: int, currency: str) -> str:
    """Minor units in words, like ``EUR 85,000``."""
    whole, cents = divmod(minor_units, 100)
    return f"{currency} {whole:,}{f'.{cents:02}' if cents else ''}"


def why_not_pay(terms: Terms) -> list[Refusal]:
    """Why this pay cannot be offered."""
    if terms.excepted or not terms.outside:
        return []
    return [
        OFFER_RANGE.refuse(
            f"Pay is {amount(terms.pay, terms.currency)}; the range is {terms.range}.",
            mend="an administrator, in writing",
            way_out="Change the pay, or ask for an exception.",
        )
    ]


def why_not_ask(state: OfferState | None, terms: Terms | None, *, waits: bool) -> list[Refusal]:
    """Why there is no exception to ask for."""
    refusals = why_not_in(state, {OfferState.PREPARED}, "An exception is asked for")
    if refusals or terms is None:
        return refusals
    facts = ""
    if waits:
        facts = "An exception is asked for already."
    elif not why_not_pay(terms):
        facts = "This pay needs no exception."
    return [OFFER_RANGE.refuse(facts, mend="nobody", way_out="Nothing to ask for now.")] if facts else []


def why_not_except(asked_by: int | None, hiring_manager_id: int | None, person_id: int) -> list[Refusal]:
    """Nobody grants an exception that they asked for, nor one for their own hire."""
    if person_id not in {asked_by, hiring_manager_id}:
        return []
    whose = "You asked for this exception." if person_id == asked_by else "You are the hiring manager."
    return [OFFER_RANGE.refuse(whose, mend="another administrator", way_out="Leave it to another administrator.")]


@dataclass(frozen=True, slots=True)
class Headcount:
    """Openings of a requisition and what is taken of them. ``elsewhere``: where the candidate has a live offer."""

    code: str
    openings: int
    live_offers: int
    hires: int
    elsewhere: str | None = None


def why_not_single(count: Headcount) -> list[Refusal]:
    """Why another offer would be one too many."""
    refusals = []
    if count.elsewhere is not None:
        refusals.append(
            OFFER_SINGLE.refuse(
                f"The candidate has a live offer on requisition {count.elsewhere}.",
                mend="whoever holds that offer",
                way_out="Wait for its answer, or have it rescinded.",
            )
        )
    if count.live_offers + count.hires >= count.openings:
        refusals.append(
            OFFER_SINGLE.refuse(
                f"{count.code} has {count.openings} opening{'s' if count.openings != 1 else ''}, "
                f"{count.live_offers} live offer{'s' if count.live_offers != 1 else ''} and {count.hires} "
                f"hire{'s' if count.hires != 1 else ''}.",
                mend="whoever approves openings",
                way_out="Wait for an answer, or have another opening approved.",
            )
        )
    return refusals


# --- From prepared to answered -------------------------------------------------------------------------------------

_STANDS = {
    None: "there is no live offer",
    OfferState.PREPARED: "the offer is prepared, not made",
    OfferState.MADE: "the offer is out, waiting for its answer",
    OfferState.ACCEPTED: "the offer is accepted",
}


def why_not_in(
    state: OfferState | None, wanted: Collection[OfferState], doing: str, rule: Rule = OFFER_OPEN
) -> list[Refusal]:
    """Why ``doing`` does not fit where the offer stands; ``state`` is that of the live offer, or None."""
    if state is not None and state in wanted:
        return []
    when = " or ".join(sorted(each.value for each in wanted))
    return [
        rule.refuse(
            f"{doing} while an offer is {when}; now {_STANDS.get(state, 'it has ended')}.",
            mend=RUNNERS,
            way_out="Open the page again and go on from what it says now.",
        )
    ]


def why_not_prepare(state: OfferState | None) -> list[Refusal]:
    """An offer that is out is not prepared again."""
    return why_not_in(state, {OfferState.PREPARED}, "Terms change") if state is not None else []


def why_not_dates(starts_on: date, answer_by: date, today: date, policy: OfferPolicy) -> list[Refusal]:
    """Why these days make no offer: it is answered before it starts, soon, and nobody starts in the past."""
    latest = today + timedelta(days=policy.answer_days)
    found = []
    if starts_on < today:
        words = f"The start date, {starts_on.isoformat()}, has passed; today is {today.isoformat()}."
        found.append((words, "Give a later start date in the terms."))
    if answer_by < today:
        words = f"The answer date, {answer_by.isoformat()}, has passed."
        found.append((words, "Change the terms: give a later answer date."))
    elif answer_by > starts_on >= today:
        words = f"The answer date, {answer_by.isoformat()}, is after the start on {starts_on.isoformat()}."
        found.append((words, "Give an answer date before the start."))
    elif answer_by > latest:
        words = f"The answer date, {answer_by.isoformat()}, is more than {policy.answer_days} days away."
        found.append((words, f"Give an answer date until {latest.isoformat()}; it may be extended later."))
    return [OFFER_OPEN.refuse(words, mend=RUNNERS, way_out=way_out) for words, way_out in found]


def why_not_make(
    state: OfferState | None, starts_on: date | None, answer_by: date | None, today: date, policy: OfferPolicy
) -> list[Refusal]:
    """Only what is prepared is made, with time left to answer and to start."""
    refusals = why_not_in(state, {OfferState.PREPARED}, "An offer is made")
    if not refusals and starts_on is not None and answer_by is not None:
        refusals = why_not_dates(starts_on, answer_by, today, policy)
    return refusals


def why_not_answer(state: OfferState | None, answer_by: date | None, today: date) -> list[Refusal]:
    """Why an answer cannot be recorded."""
    refusals = why_not_in(state, {OfferState.MADE}, "An answer is recorded")
    if not refusals and answer_by is not None and answer_by < today:
        words = f"The candidate had until {answer_by.isoformat()}; today is {today.isoformat()}."
        refusals.append(
            OFFER_OPEN.refuse(words, mend=RUNNERS, way_out="Extend the answer date, then record the answer.")
        )
    return refusals


def why_not_lapse(state: OfferState | None, answer_by: date | None, today: date) -> list[Refusal]:
    """An offer lapses only after its answer date."""
    refusals = why_not_in(state, {OfferState.MADE}, "An offer lapses")
    if not refusals and answer_by is not None and today <= answer_by:
        words = f"The candidate has until {answer_by.isoformat()}."
        refusals.append(
            OFFER_OPEN.refuse(words, mend="nobody", way_out="Wait for the answer, or rescind with a reason.")
        )
    return refusals


@dataclass(frozen=True, slots=True)
class Dates:
    """The days of a live offer."""

    starts_on: date
    answer_by: date


def why_not_extend(
    state: OfferState | None, now: Dates | None, new: date | None, today: date, policy: OfferPolicy
) -> list[Refusal]:
    """The answer date only moves later, and within what an offer may wait; ``new``: None where none is named yet."""
    refusals = why_not_in(state, {OfferState.MADE}, "The answer date is extended")
    if refusals or new is None or now is None:
        return refusals
    if new <= now.answer_by or new < today:
        words = f"The answer date is {now.answer_by.isoformat()}; {new.isoformat()} is no extension."
        return [OFFER_OPEN.refuse(words, mend=RUNNERS, way_out="Give a later date; a promise is not shortened.")]
    return why_not_dates(max(now.starts_on, today), new, today, policy)


def why_no_contact(
    state: OfferState | None, last: datetime | None, now: datetime, policy: OfferPolicy
) -> list[Refusal]:
    """Warns when the last contact over an open offer (making it is one) is too long ago."""
    if state is not OfferState.MADE or last is None or now - last <= timedelta(days=policy.contact_days):
        return []
    return [
        OFFER_CONTACT.refuse(
            f"The last contact was {(now - last).days} days ago; it should be no more than {policy.contact_days}.",
            mend=RUNNERS,
            way_out="Call the candidate and record the contact.",
        )
    ]

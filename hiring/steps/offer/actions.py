"""Step 8's acts until the answer: prepare, except, make, stay in touch, answer. Callers hold ``writing()``."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from hiring.ground import audit, outbox
from hiring.ground.database import NotVisible, check_version, db, surely
from hiring.ground.rulebook import ensure, repeated_by
from hiring.people import queries as people
from hiring.people.models import Person
from hiring.pipeline import actions as spine
from hiring.pipeline import queries as pipeline
from hiring.pipeline.models import Application
from hiring.pipeline.rules import End, EndReason, HowLeft, Stand
from hiring.steps.debrief import queries as debriefs
from hiring.steps.offer import onboarding, queries, rules
from hiring.steps.offer.models import Offer, OfferContact
from hiring.steps.offer.rules import LIVE, OUT, OfferState

OWNERS = "The hiring manager or the requisition's recruiter does this."
MAKER = "The hiring manager makes and rescinds offers."
EXCEPTER = "An administrator who is asked answers this."

_ANOTHER = rules.OFFER_SINGLE.refuse(
    "The candidate was made another offer in the same instant.",
    mend="whoever holds that offer",
    way_out="Wait for its answer, or have it rescinded.",
)
repeated_by("uq_application_live_offer", _ANOTHER)
repeated_by("application.candidate_id", _ANOTHER)
repeated_by(
    "offers_within_openings",
    rules.OFFER_SINGLE.refuse(
        "The last opening was taken in the same instant.",
        mend="whoever approves openings",
        way_out="Wait for an answer, or have another opening approved.",
    ),
)
_TWICE = rules.OFFER_OPEN.refuse(
    "Somebody else prepared an offer in the same instant.", mend=rules.RUNNERS, way_out="Open the page again."
)
repeated_by("uq_offer_live", _TWICE)
repeated_by("offer.application_id", _TWICE)


@dataclass(frozen=True, slots=True)
class Draft:
    """Terms as written: ``pay`` in minor units a year, ``terms`` whatever else was agreed."""

    pay: int
    currency: str
    starts_on: date
    answer_by: date
    terms: str = ""


def _held(
    actor: Person, application_id: int, now: datetime, *, maker: bool = False
) -> tuple[Application, Offer | None]:
    """Hold the application and its live offer, then see that the actor runs offers; raises NotVisible, Forbidden."""
    application = pipeline.lock_application(application_id)
    seen = queries.seen_by(actor, application_id, now=now)
    if maker:
        spine.require(Stand.HIRING_MANAGER in seen.stands, MAKER)
    else:
        spine.require(rules.may_run(seen.stands), OWNERS)
    return application, queries.live_offer(application_id)


def _as_shown(offer: Offer | None, expected_version: int | None) -> Offer:
    """The offer, if it is still what the page showed: who answers or ends another one is told what it says now."""
    offer = surely(offer, "offer")
    check_version(offer, expected_version, _current(offer))
    return offer


def _note(actor_id: int | None, act: str, application: Application, offer: Offer, now: datetime, **ids: Any) -> None:
    audit.record(actor_id, act, "application", application.id, at=now, offer=offer.id, **ids)


# --- Prepared ------------------------------------------------------------------------------------------------------


def prepare(
    actor: Person, application_id: int, draft: Draft, *, expected_version: int | None = None, now: datetime
) -> Offer:
    """Write the terms, or change them before the offer is made; another pay needs another exception."""
    application, offer = _held(actor, application_id, now)
    ensure(queries.why_not_prepare(application, offer))
    ensure(queries.why_not_dates(application, draft.starts_on, draft.answer_by, now))
    if offer is None:
        meeting = surely(debriefs.standing_decision(application_id), "decision")
        offer = Offer(application_id=application.id, meeting_id=meeting.id, state=OfferState.PREPARED)
        db.session.add(offer)
    else:
        check_version(offer, expected_version, _current(offer))
        if (offer.pay, offer.currency) != (draft.pay, draft.currency):
            _forget_exception(offer)
    offer.pay, offer.currency = draft.pay, draft.currency
    offer.starts_on, offer.answer_by, offer.terms = draft.starts_on, draft.answer_by, draft.terms
    offer.prepared_by, offer.prepared_at = actor.id, now
    db.session.flush()
    _note(actor.id, "offer.prepare", application, offer, now)
    return offer


def _current(offer: Offer) -> dict[str, str]:
    """What the form says now, for somebody whose edit is stale."""
    return {
        "state": offer.state.value,
        "pay": f"{offer.pay // 100}.{offer.pay % 100:02}",
        "currency": offer.currency,
        "starts_on": offer.starts_on.isoformat(),
        "answer_by": offer.answer_by.isoformat(),
        "terms": offer.terms,
        "version": str(offer.version),
    }


def _forget_exception(offer: Offer) -> None:
    offer.exception_asked = offer.exception = offer.exception_refusal = ""
    offer.exception_asked_by = offer.exception_asked_at = offer.excepted_by = None


def ask_exception(
    actor: Person, application_id: int, text: str, *, expected_version: int | None = None, now: datetime
) -> Offer:
    """Ask the administrators to allow pay outside the range; until they answer they see this offer."""
    application, offer = _held(actor, application_id, now)
    state = offer.state if offer else None
    terms = queries.terms_of(application, offer) if offer else None
    ensure(rules.why_not_ask(state, terms, waits=offer is not None and offer.exception_waits))
    offer = _as_shown(offer, expected_version)
    _forget_exception(offer)
    offer.exception_asked, offer.exception_asked_by, offer.exception_asked_at = text, actor.id, now
    db.session.flush()
    _note(actor.id, "offer.ask_exception", application, offer, now)
    return offer


def answer_exception(
    actor: Person, application_id: int, text: str, *, grant: bool, expected_version: int | None = None, now: datetime
) -> Offer:
    """An administrator grants or refuses the exception, in writing, for the pay that their page showed."""
    application = pipeline.lock_application(application_id)
    seen = queries.seen_by(actor, application_id, now=now)
    spine.require(Stand.ADMINISTRATOR in seen.stands, EXCEPTER)
    offer = queries.live_offer(application_id)
    if offer is None or not offer.exception_waits:
        raise NotVisible(f"exception for application {application_id}")
    ensure(rules.why_not_except(offer.exception_asked_by, application.requisition.hiring_manager_id, actor.id))
    check_version(offer, expected_version, _current(offer))
    if grant:
        offer.excepted_by, offer.exception = actor.id, text
    else:
        offer.exception_refusal = text
    db.session.flush()
    _note(actor.id, "offer.grant_exception" if grant else "offer.refuse_exception", application, offer, now)
    return offer


# --- Made, and in touch --------------------------------------------------------------------------------------------


def make(actor: Person, application_id: int, how: str, *, expected_version: int | None = None, now: datetime) -> Offer:
    """Record that the hiring manager made the offer in person; it takes an opening until it is answered."""
    application, offer = _held(actor, application_id, now, maker=True)
    ensure(queries.why_not_make(application, offer, now))
    offer = _as_shown(offer, expected_version)
    offer.state, offer.made_by, offer.made_at, offer.made_how = OfferState.MADE, actor.id, now, how
    db.session.flush()
    spine.take_offer(application, offer.id, now=now)
    _note(actor.id, "offer.make", application, offer, now)
    spine.say("An offer was made.", application=application, actor_id=actor.id, now=now)
    _tell(application, offer, "made", now)
    return offer


def _tell(
    application: Application, offer: Offer, what: str, now: datetime, *, message: str = "", ends: bool = False
) -> None:
    """Write to the candidate; the figures were told in person and stay out of the mail.

    ``message``: further words for them; ``ends``: whether their application ends with the offer.
    """
    candidate, requisition = application.candidate, application.requisition
    sender = people.person(requisition.hiring_manager_id).name if requisition.hiring_manager_id else ""
    words = outbox.compose(
        f"offer/{what}",
        candidate=candidate.name,
        position=requisition.title,
        hiring_manager=sender,
        answer_by=offer.answer_by,
        starts_on=offer.starts_on,
        message=message.strip(),
        ends=ends,
    )
    outbox.put(
        f"offer.{what}",
        candidate.email,
        *words,
        now=now,
        about=f"candidate:{candidate.id}",
        key=f"offer:{offer.id}:{what}",
    )


def record_contact(actor: Person, application_id: int, note: str, *, now: datetime) -> OfferContact:
    """Note a contact with the candidate."""
    application, offer = _held(actor, application_id, now)
    ensure(rules.why_not_in(offer.state if offer else None, OUT, "A contact is recorded"))
    offer = surely(offer, "offer")
    contact = OfferContact(offer_id=offer.id, by=actor.id, at=now, note=note)
    db.session.add(contact)
    db.session.flush()
    db.session.expire(offer, ["contacts"])
    _note(actor.id, "offer.contact", application, offer, now, contact=contact.id)
    return contact


def extend(
    actor: Person, application_id: int, answer_by: date, *, expected_version: int | None = None, now: datetime
) -> Offer:
    """Give the candidate until a later day."""
    application, offer = _held(actor, application_id, now)
    ensure(queries.why_not_extend(application, offer, answer_by, now))
    offer = _as_shown(offer, expected_version)
    offer.answer_by = answer_by
    _note(actor.id, "offer.extend", application, offer, now)
    spine.say("The offer's answer date was extended.", application=application, actor_id=actor.id, now=now)
    return offer


# --- Answered ------------------------------------------------------------------------------------------------------


def accept(
    actor: Person,
    application_id: int,
    *,
    reasons: Mapping[str, str] | None = None,
    expected_version: int | None = None,
    now: datetime,
) -> Offer:
    """Record the candidate's yes: the veto ends, the checklist and the reviews of the hire begin."""
    application, offer = _held(actor, application_id, now)
    refusals = queries.why_not_answer(application, offer, now, accept=True)
    spine.pass_warnings(refusals, reasons, application=application, actor_id=actor.id, now=now)
    offer = _as_shown(offer, expected_version)
    offer.state, offer.accepted_at = OfferState.ACCEPTED, now
    application.offer_accepted_at = now
    onboarding.begin(application, offer, queries.today_of(application, now))
    db.session.flush()
    _note(actor.id, "offer.accept", application, offer, now)
    spine.say("The offer was accepted.", application=application, actor_id=actor.id, now=now)
    _tell(application, offer, "accepted", now)
    return offer


def decline(
    actor: Person, application_id: int, reason: str, *, expected_version: int | None = None, now: datetime
) -> Offer:
    """Record the candidate's no; their reason teaches us."""
    application, offer = _held(actor, application_id, now)
    ensure(queries.why_not_answer(application, offer, now, accept=False))
    shown = _as_shown(offer, expected_version)
    return _end(application, shown, OfferState.DECLINED, reason, actor_id=actor.id, now=now)


def lapse(actor: Person, application_id: int, *, expected_version: int | None = None, now: datetime) -> Offer:
    """Let an offer lapse whose answer date has passed."""
    application, offer = _held(actor, application_id, now)
    ensure(queries.why_not_lapse(application, offer, now))
    return _lapse(application, _as_shown(offer, expected_version), actor_id=actor.id, now=now)


def lapse_if_due(application_id: int, *, now: datetime) -> bool:
    """The worker's part of it; whether the offer lapsed. One that nobody may say yes to now waits for that to end."""
    application = pipeline.lock_application(application_id)
    offer = queries.live_offer(application_id)
    if offer is None or queries.why_not_lapse(application, offer, now):
        return False
    _lapse(application, offer, actor_id=None, now=now)
    return True


def _lapse(application: Application, offer: Offer, *, actor_id: int | None, now: datetime) -> Offer:
    _tell(application, offer, "lapsed", now)
    words = f"No answer by {offer.answer_by.isoformat()}."
    return _end(application, offer, OfferState.LAPSED, words, actor_id=actor_id, now=now)


def renege(
    actor: Person, application_id: int, reason: str, *, expected_version: int | None = None, now: datetime
) -> Offer:
    """Record that the candidate takes back their yes; the opening is free again."""
    application, offer = _held(actor, application_id, now)
    ensure(rules.why_not_in(offer.state if offer else None, {OfferState.ACCEPTED}, "A yes is taken back"))
    shown = _as_shown(offer, expected_version)
    return _end(application, shown, OfferState.RENEGED, reason, actor_id=actor.id, now=now)


def rescind(
    actor: Person,
    application_id: int,
    reason: str,
    message: str = "",
    *,
    expected_version: int | None = None,
    now: datetime,
) -> Offer:
    """The hiring manager takes back an offer that is out or accepted; ``message`` empty sends the neutral text."""
    application, offer = _held(actor, application_id, now, maker=True)
    ensure(rules.why_not_in(offer.state if offer else None, OUT, "An offer is rescinded"))
    shown = _as_shown(offer, expected_version)
    _tell(application, shown, "rescinded", now, message=message, ends=True)
    return _end(application, shown, OfferState.RESCINDED, reason, actor_id=actor.id, now=now)


_ENDS = {
    OfferState.DECLINED: (End.WITHDRAWN, EndReason.OFFER_DECLINED),
    OfferState.LAPSED: (End.WITHDRAWN, EndReason.OFFER_LAPSED),
    OfferState.RENEGED: (End.WITHDRAWN, EndReason.RENEGED),
    OfferState.RESCINDED: (End.REJECTED, EndReason.RESCINDED),
}


def _end(
    application: Application, offer: Offer, state: OfferState, reason: str, *, actor_id: int | None, now: datetime
) -> Offer:
    """Close the offer, free its opening, end the application."""
    _close(application, offer, state, reason, now)
    _note(actor_id, f"offer.{state.value}", application, offer, now)
    end, why = _ENDS[state]
    spine.end_application(application, end, why, actor_id=actor_id, now=now)
    return offer


def _close(application: Application, offer: Offer, state: OfferState, reason: str, now: datetime) -> None:
    offer.state, offer.closed_at, offer.close_reason = state, now, reason
    spine.release_offer(application)
    onboarding.forget(application.id)
    db.session.flush()


@spine.on_departure
def release(application: Application, departure: spine.Departure) -> bool:
    """Any other end, and any return to an earlier step, closes what is prepared, out or accepted.

    A candidate who held an offer is told that it no longer stands, in one mail with what ended it: True then.
    """
    offer = queries.live_offer(application.id)
    if offer is None or offer.state not in LIVE:
        return False
    if offer.state is OfferState.PREPARED:
        state = OfferState.DROPPED
    elif departure.how is not HowLeft.WITHDRAWN:
        state = OfferState.RESCINDED
    else:
        state = OfferState.RENEGED if offer.state is OfferState.ACCEPTED else OfferState.DECLINED
    told = state is OfferState.RESCINDED
    if told:
        ends = departure.how is HowLeft.REJECTED
        _tell(application, offer, "rescinded", departure.now, message=departure.message, ends=ends)
    _close(application, offer, state, departure.reason, departure.now)
    _note(departure.actor_id, f"offer.{state.value}", application, offer, departure.now)
    return told

"""The acts of the machine from written feedback to the hire."""

from collections.abc import Collection
from datetime import timedelta
from typing import Any

from hiring.pipeline.rules import End, Step
from hiring.steps.debrief import actions as debriefs
from hiring.steps.debrief import room_actions as room
from hiring.steps.debrief.rules import BoardMark, Decision, Phase
from hiring.steps.offer import actions as offers
from hiring.steps.offer import onboarding
from hiring.steps.offer.hire_rules import Reached
from hiring.steps.offer.rules import OfferState
from hiring.steps.reference_check import actions as references
from hiring.steps.reference_check.rules import ReferenceOutcome
from hiring.steps.written_feedback import actions as feedback
from hiring.steps.written_feedback.rules import Entry, ItemEntry, Rating, Vote
from tests.torture.acts import Moment, act, administrators, anybody, owners
from tests.torture.scene import Scene

# --- Written feedback ----------------------------------------------------------------------------------------------


def _writers(scene: Scene) -> Collection[int]:
    return scene.may(one.person_id for one in scene.unwritten)


def _holders(scene: Scene) -> Collection[int]:
    return scene.may(one.person_id for one in scene.seats)


def _entry(m: Moment, seat: Any, *, whole: bool) -> Entry:
    story = dict.fromkeys(("question", "situation", "task", "action", "result"), "They told how.")
    assigned = [one.item_id for one in m.rows.all("assignment", seat_id=seat.id)]
    rating = m.pick("rating", [Rating.MEETS, Rating.RAISES, Rating.BELOW])
    items = tuple(ItemEntry(item, **story, rating=rating) for item in (assigned if whole else assigned[1:]))
    return Entry(items, "Knows ledgers.", m.pick("vote", [Vote.INCLINED, *Vote]))


@act("feedback.draft", lambda s: s.unwritten, _writers)
def save_draft(m: Moment) -> None:
    seat = m.seat()
    feedback.save_draft(m.actor, seat.id, _entry(m, seat, whole=m.pick("whole", [True, False])), now=m.now)


def _submitters(scene: Scene) -> Collection[int]:
    return scene.may(one.person_id for one in scene.seats if scene.begun(one))  # the same once more is answered alike


@act("feedback.submit", lambda s: s.unwritten, _submitters, weight=10)
def submit(m: Moment) -> None:
    seat = m.seat()
    entry = _entry(m, seat, whole=m.likely("whole", True, False))
    feedback.submit(m.actor, seat.id, entry, now=m.now, expected_version=m.likely("shown", None, 0))


@act("feedback.amend", lambda s: any(one.submitted_at for one in s.seats), _holders)
def amend(m: Moment) -> None:
    feedback.amend(m.actor, m.seat().id, "They also spoke of pay runs.", now=m.now)


@act(
    "feedback.practise",
    lambda s: s.shadows,
    lambda s: s.may(one.person_id for one in s.shadows),
    weight=3,
)
def practise(m: Moment) -> None:
    shadow = m.pick("shadow", m.scene.shadows)
    feedback.write_practice(m.actor, shadow.id, "I saw a story.", final=m.pick("final", [True, False]), now=m.now)


# --- Debrief -------------------------------------------------------------------------------------------------------


def _chair(scene: Scene) -> Collection[int]:
    return scene.may(scene.raisers)


def _present(scene: Scene) -> Collection[int]:
    return scene.may(person for person, row in scene.came.items() if scene.seat_of(person) is not None)


def _leads(scene: Scene) -> Collection[int]:
    return scene.may(scene.raisers | scene.manager)


@act("debrief.open", lambda s: s.at(Step.DEBRIEF) and s.meeting is None, _chair, weight=6)
def open_debrief(m: Moment) -> None:
    room.open_debrief(m.actor, m.id, now=m.now, reasons=m.reasons)


@act("debrief.attend", lambda s: s.meeting is not None and s.meeting.phase.under_way, _holders)
def attend(m: Moment) -> None:
    room.attend(m.actor, m.id, now=m.now)


@act("debrief.all_attend", lambda s: s.in_phase(Phase.GATHER, Phase.REVOTE), anybody, weight=4)
def all_attend(m: Moment) -> None:
    for seat in m.scene.seats:
        room.attend(_person(m, seat), m.id, now=m.now)


@act("debrief.advance", lambda s: s.meeting is not None and s.meeting.phase.under_way, _chair, weight=8)
def advance(m: Moment) -> None:
    meeting = m.pick("meeting", [m.scene.meeting] if m.scene.meeting is not None else [])
    room.advance(m.actor, m.id, m.version(meeting), now=m.now)


@act("debrief.read", lambda s: s.in_phase(Phase.READ, Phase.REVOTE), _present)
def read(m: Moment) -> None:
    room.start_reading(m.actor, m.id, now=m.now)


@act("debrief.all_read", lambda s: s.in_phase(Phase.READ, Phase.REVOTE), anybody, weight=4)
def all_read(m: Moment) -> None:
    for seat in m.scene.seats:
        room.start_reading(_person(m, seat), m.id, now=m.now)


@act("debrief.revote", lambda s: s.in_phase(Phase.REVOTE), _present)
def revote(m: Moment) -> None:
    room.revote(m.actor, m.id, m.pick("vote", list(Vote)), now=m.now)


@act("debrief.all_revote", lambda s: s.in_phase(Phase.REVOTE), anybody, weight=6)
def all_revote(m: Moment) -> None:
    for seat in m.scene.seats:
        row = m.scene.came.get(seat.person_id)
        if row is not None and row.revoted_at is None:
            room.revote(_person(m, seat), m.id, Vote.INCLINED, now=m.now)


def _person(m: Moment, seat: Any) -> Any:
    m.actor_id = seat.person_id
    return m.actor


@act("debrief.absent", lambda s: s.in_phase(Phase.GATHER, Phase.READ, Phase.REVOTE), _chair, weight=1)
def mark_absent(m: Moment) -> None:
    room.mark_absent(m.actor, m.id, m.pick("whom", list(m.scene.came)), "Called away.", now=m.now)


@act("debrief.mark", lambda s: s.in_phase(Phase.BOARD), _leads)
def mark(m: Moment) -> None:
    item, how = m.pick("item", m.scene.items), m.pick("mark", list(BoardMark))
    room.mark(m.actor, m.id, item.id, how, m.likely("evidence", "They told of it.", ""), now=m.now)


@act("debrief.mark_all", lambda s: s.in_phase(Phase.BOARD), _leads, weight=6)
def mark_all(m: Moment) -> None:
    how = m.likely("mark", BoardMark.MET, *BoardMark)
    for item in m.scene.items:
        room.mark(m.actor, m.id, item.id, how, "They told of it.", now=m.now)


@act("debrief.accept_gap", lambda s: s.in_phase(Phase.BOARD, Phase.DISCUSS, Phase.DECIDE), _chair)
def accept_gap(m: Moment) -> None:
    meeting = m.pick("meeting", [m.scene.meeting] if m.scene.meeting is not None else [])
    board = {one.item_id: one for one in m.rows.all("board_entry", meeting_id=meeting.id)}
    gaps = [item for item in m.scene.items if item.id in board and board[item.id].mark is BoardMark.NOT_SHOWN]
    room.accept_gap(m.actor, m.id, m.pick("item", gaps or m.scene.items).id, "It can be learned.", now=m.now)


@act("debrief.note", lambda s: s.in_phase(Phase.DISCUSS, Phase.DECIDE), _present, weight=1)
def take_note(m: Moment) -> None:
    room.take_note(m.actor, m.id, "Somebody spoke of ownership.", now=m.now)


@act("debrief.decide", lambda s: s.in_phase(Phase.DECIDE), lambda s: s.may(s.manager), weight=8)
def decide(m: Moment) -> None:
    debriefs.decide(m.actor, m.id, m.likely("decision", Decision.HIRE, *Decision), "Raises the bar.", now=m.now)


@act("debrief.concur", lambda s: s.in_phase(Phase.DECIDE) and s.meeting.decision, _chair, weight=8)
def concur(m: Moment) -> None:
    debriefs.concur(m.actor, m.id, "Agreed.", now=m.now)


@act("debrief.dissent", lambda s: s.meeting is not None and s.meeting.decision, _holders)
def dissent(m: Moment) -> None:
    debriefs.dissent(m.actor, m.id, "I would have waited.", now=m.now)


@act("debrief.veto", lambda s: s.at(Step.DEBRIEF, Step.REFERENCE_CHECK, Step.OFFER), _chair, weight=1)
def veto(m: Moment) -> None:
    debriefs.veto(m.actor, m.id, "No example of ownership.", [m.pick("rests on", m.scene.items).name], now=m.now)


@act("reject.agree", lambda s: s.at(Step.DEBRIEF) and s.meeting is None, _leads, weight=3)
def agree_to_reject(m: Moment) -> None:
    debriefs.agree_to_reject(m.actor, m.id, "All were against.", now=m.now)


@act("reject.free", lambda s: s.at(Step.PHONE_SCREEN, Step.INTERVIEW_LOOP), owners, weight=1)
def reject(m: Moment) -> None:
    debriefs.reject_before_interviews(m.actor, m.id, "The role has changed.", now=m.now)


# --- References ----------------------------------------------------------------------------------------------------


def _checking(scene: Scene) -> bool:
    return scene.at(Step.REFERENCE_CHECK)


@act("reference.consent", _checking, owners, weight=4)
def consent(m: Moment) -> None:
    named = m.pick("named", [False, True])
    references.record_consent(m.actor, m.id, "by mail", current_employer_named=named, now=m.now)


@act("reference.add", _checking, owners, weight=4)
def add_reference(m: Moment) -> None:
    name = m.pick("name", ["Rosa Referee", "Rolf Referee", "Ruth Referee"])
    current = m.likely("current", False, True)
    references.add_reference(
        m.actor, m.id, name=name, relation="manager", contact="", current_employer=current, now=m.now
    )


@act("reference.call", lambda s: _checking(s) and s.references, lambda s: s.may(s.manager), weight=6)
def record_call(m: Moment) -> None:
    whom = m.pick("reference", m.scene.references)
    again = m.pick("again", [True, False])
    references.record_call(m.actor, whom.id, would_hire_again=again, percentile=80, notes="Calm.", now=m.now)


@act("reference.waive", _checking, _chair)
def waive(m: Moment) -> None:
    references.waive(m.actor, m.id, "They worked alone.", now=m.now)


@act("reference.decide", _checking, lambda s: s.may(s.manager), weight=4)
def decide_references(m: Moment) -> None:
    outcome = m.likely("outcome", ReferenceOutcome.CLEAR, *ReferenceOutcome)
    facts = "A date does not fit." if outcome is ReferenceOutcome.NEW_FACTS else ""
    references.decide(m.actor, m.id, outcome, facts, now=m.now)


# --- Offer ---------------------------------------------------------------------------------------------------------


def _offering(scene: Scene) -> bool:
    return scene.at(Step.OFFER)


def _offer_is(*states: OfferState) -> Any:
    return lambda s: s.live and s.offer is not None and s.offer.state in states


@act("offer.prepare", lambda s: _offering(s) and (s.offer is None or s.offer.state is OfferState.PREPARED), owners, 6)
def prepare(m: Moment) -> None:
    pay = m.likely("pay", 9_500_000, 20_000_000)
    starts, answer = m.today + timedelta(days=m.pick("starts", [40, 5])), m.today + timedelta(days=m.pick("by", [7, 4]))
    draft = offers.Draft(pay, "EUR", starts, answer)
    offers.prepare(m.actor, m.id, draft, expected_version=m.version(m.scene.offer), now=m.now)


@act("offer.ask", _offer_is(OfferState.PREPARED), owners)
def ask_exception(m: Moment) -> None:
    offers.ask_exception(m.actor, m.id, "They are worth it.", now=m.now)


@act("offer.except", _offer_is(OfferState.PREPARED), administrators, weight=3)
def answer_exception(m: Moment) -> None:
    offers.answer_exception(m.actor, m.id, "As asked.", grant=m.likely("grant", True, False), now=m.now)


@act("offer.make", _offer_is(OfferState.PREPARED), lambda s: s.may(s.manager), weight=10)
def make(m: Moment) -> None:
    offers.make(m.actor, m.id, "in person", expected_version=m.version(m.scene.offer), now=m.now)


@act("offer.contact", _offer_is(OfferState.MADE, OfferState.ACCEPTED), owners, weight=1)
def record_contact(m: Moment) -> None:
    offers.record_contact(m.actor, m.id, "They are thinking.", now=m.now)


@act("offer.extend", _offer_is(OfferState.MADE), owners)
def extend(m: Moment) -> None:
    new = m.today + timedelta(days=m.pick("by", [20, 3]))
    offers.extend(m.actor, m.id, new, expected_version=m.version(m.scene.offer), now=m.now)


@act("offer.accept", _offer_is(OfferState.MADE), owners, weight=4)
def accept(m: Moment) -> None:
    offers.accept(m.actor, m.id, reasons=m.reasons, expected_version=m.version(m.scene.offer), now=m.now)


@act("offer.decline", _offer_is(OfferState.MADE), owners, weight=1)
def decline(m: Moment) -> None:
    offers.decline(m.actor, m.id, "Another offer.", now=m.now)


@act("offer.lapse", _offer_is(OfferState.MADE), owners)
def lapse(m: Moment) -> None:
    offers.lapse(m.actor, m.id, now=m.now)


@act("offer.renege", _offer_is(OfferState.ACCEPTED), owners, weight=1)
def renege(m: Moment) -> None:
    offers.renege(m.actor, m.id, "They changed their mind.", now=m.now)


@act("offer.rescind", _offer_is(OfferState.MADE, OfferState.ACCEPTED), lambda s: s.may(s.manager), weight=1)
def rescind(m: Moment) -> None:
    offers.rescind(m.actor, m.id, "The budget is gone.", now=m.now)


@act("hire.task", _offer_is(OfferState.ACCEPTED), owners)
def add_task(m: Moment) -> None:
    onboarding.add_task(m.actor, m.id, "Order a laptop", m.somebody("owner"), m.today, now=m.now)


@act(
    "hire.done",
    lambda s: s.rows.all("onboarding_task", application_id=s.id),
    lambda s: s.may({*s.owners, *(one.owner_id for one in s.rows.all("onboarding_task", application_id=s.id))}),
)
def finish_task(m: Moment) -> None:
    tasks = m.rows.all("onboarding_task", application_id=m.id)
    onboarding.finish_task(m.actor, m.pick("task", tasks).id, now=m.now)


@act("hire.start", _offer_is(OfferState.ACCEPTED), owners)
def move_start(m: Moment) -> None:
    starts = m.today + timedelta(days=m.pick("starts", [1, 30]))
    shown = m.version(m.scene.offer)
    onboarding.move_start(m.actor, m.id, starts, "A longer notice.", expected_version=shown, now=m.now)


@act("hire.arrive", _offer_is(OfferState.ACCEPTED), owners, weight=3)
def arrive(m: Moment) -> None:
    onboarding.arrive(m.actor, m.id, now=m.now)


@act("hire.review", lambda s: s.app.ended is End.HIRED, lambda s: s.may(s.manager), weight=6)
def write_review(m: Moment) -> None:
    review = m.pick("review", m.rows.all("hire_review", application_id=m.id))
    answers = [(Reached.YES, "As promised.")] * 2
    onboarding.write_review(m.actor, review.id, answers, "Ask about on-call.", now=m.now)

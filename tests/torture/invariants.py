"""What is true of the rows after every act, asked of the rows alone; each question only where its tables changed."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from hiring.pipeline.rules import End, EndReason, HowLeft, Outcome, Part, RequisitionStatus, Step
from hiring.steps.debrief.rules import BoardMark, Decision, Phase
from hiring.steps.interview_loop.rules import InterviewState, LoopState, SeatKind, SeatState
from hiring.steps.offer.rules import OfferState
from hiring.steps.reference_check.rules import ReferenceOutcome
from hiring.steps.written_feedback.rules import FeedbackState
from tests.torture.rows import Rows
from tests.torture.scene import People, Scene

ZONE = ZoneInfo("Europe/Berlin")
"""The company's."""
OUT = {OfferState.MADE, OfferState.ACCEPTED}


@dataclass(frozen=True)
class Change:
    """What an act made of the rows."""

    before: Rows
    after: Rows
    now: datetime

    def scenes(self, rows: Rows) -> list[Scene]:
        people = People(rows)
        return [Scene(rows, people, one.id, self.now) for one in rows.all("application")]

    def new(self, table: str, is_so: Callable[[Any], object]) -> list[Any]:
        """Rows of which something is so now that was not before the act."""
        known = self.before.tables[table]
        return [
            row
            for key, row in self.after.tables[table].items()
            if is_so(row) and not (key in known and is_so(known[key]))
        ]


Question = Callable[[Change], Iterator[str]]
_questions: list[tuple[tuple[str, ...], Question]] = []


def watches(*tables: str) -> Callable[[Question], Question]:
    """Register a question that is asked again when one of these tables was written to."""

    def register(question: Question) -> Question:
        _questions.append((tables, question))
        return question

    return register


def faults(before: Rows, after: Rows, now: datetime) -> list[str]:
    """A sentence for everything that must not be."""
    change = Change(before, after, now)
    return [
        f"{question.__name__}: {fault}"
        for tables, question in _questions
        if any(before.tables[name] is not after.tables[name] for name in tables)
        for fault in question(change)
    ]


# --- Never an offer without its rules ------------------------------------------------------------------------------


@watches("offer", "application", "meeting", "seat", "feedback", "veto", "reference", "reference_check", "step_visit")
def no_offer_without_its_rules(change: Change) -> Iterator[str]:
    """A live offer rests on feedback, a hire with concurrence, no veto, and references."""
    rows = change.after
    people = People(rows)
    out = {one.id: one for one in rows.all("offer") if one.state in OUT}
    named = [one.live_offer_id for one in rows.all("application") if one.live_offer_id is not None]
    if sorted(out) != sorted(named):
        yield f"offers {sorted(out)} are out or accepted, the applications name {sorted(named)}"
    holders = Counter(rows.get("application", one.application_id).candidate_id for one in out.values())
    yield from (f"candidate {one} has {count} live offers" for one, count in holders.items() if count > 1)
    for offer in out.values():
        scene = Scene(rows, people, offer.application_id, change.now)
        if not scene.at(Step.OFFER):
            yield f"offer {offer.id} is live, its application is not in its step"
        if scene.app.vetoed_at is not None or rows.all("veto", application_id=scene.id):
            yield f"offer {offer.id} is live beside a veto"
        if not _decided(scene, offer.meeting_id):
            yield f"offer {offer.id} is live without a hire that the Bar Raiser concurs with"
        yield from (f"offer {offer.id} is live, feedback of seat {one} is missing" for one in _missing(scene))
        if not _references_done(scene):
            yield f"offer {offer.id} is live without references"


def _missing(scene: Scene) -> list[int]:
    given = {one.seat_id for one in scene.rows.all("feedback", state=FeedbackState.SUBMITTED)}
    return [one.id for one in scene.seats if one.id not in given]


def _decided(scene: Scene, meeting_id: int) -> bool:
    visit = scene.rows.last("step_visit", application_id=scene.id, step=Step.DEBRIEF)
    row = scene.rows.get("meeting", meeting_id)
    decided = row.decision is Decision.HIRE and row.decided_by is not None and row.concurred_by is not None
    return bool(visit is not None and row.visit_id == visit.id and row.phase is Phase.DONE and decided)


def _references_done(scene: Scene) -> bool:
    check = scene.check
    if check is None or check.consent_at is None or check.outcome is not ReferenceOutcome.CLEAR:
        return False
    return check.waived_by is not None or sum(one.called_at is not None for one in scene.references) >= 2


@watches("offer")
def no_offer_moves_where_it_may_not(change: Change) -> Iterator[str]:
    """Made and accepted only where nothing stops the line; made by the manager, in range, on a free opening."""
    before = change.before
    moved = change.new("offer", lambda one: one.state in OUT)
    accepted = change.new("offer", lambda one: one.state is OfferState.ACCEPTED)
    for offer in {one.id: one for one in [*moved, *accepted]}.values():
        scene = Scene(before, People(before), offer.application_id, change.now)
        if scene.cords:
            yield f"offer {offer.id} became {offer.state} under a cord"
        if scene.app.held_at or scene.requisition.held_at or scene.requisition.status is not RequisitionStatus.OPEN:
            yield f"offer {offer.id} became {offer.state} on hold, or on a requisition that is not open"
    for offer in moved:
        scene = Scene(before, People(before), offer.application_id, change.now)
        if offer.made_by not in scene.manager:
            yield f"offer {offer.id} was made by {offer.made_by}, not by the hiring manager"
        if scene.requisition.live_offers + scene.requisition.hires >= scene.requisition.openings:
            yield f"offer {offer.id} was made without a free opening"
        about = before.get("job_description", scene.app.description_id)
        if not about.pay_low <= offer.pay <= about.pay_high and offer.excepted_by is None:
            yield f"offer {offer.id} was made outside the range"


@watches("meeting")
def no_hire_without_its_rules(change: Change) -> Iterator[str]:
    """A hire and its concurrence: everything read, voted and marked, by those two who interviewed and wrote."""
    rows, people = change.after, People(change.after)
    for meeting in change.new("meeting", lambda one: one.decision is Decision.HIRE):
        scene = Scene(rows, people, meeting.application_id, change.now)
        seat = scene.seat_of(meeting.decided_by)
        if meeting.decided_by not in scene.manager or seat is None or seat.submitted_at is None:
            yield f"a hire was decided by {meeting.decided_by}, who is no hiring manager that wrote"
        yield from _not_ready(scene, meeting)
    for meeting in change.new("meeting", lambda one: one.concurred_by is not None):
        before = Scene(change.before, People(change.before), meeting.application_id, change.now)
        seat = before.seat_of(meeting.concurred_by)
        if seat is None or seat.kind is not SeatKind.BAR_RAISER or seat.submitted_at is None:
            yield f"{meeting.concurred_by} concurred, who is no Bar Raiser that wrote"
        if before.cords:
            yield "a hire was concurred with under a cord"
        yield from _not_ready(Scene(rows, people, meeting.application_id, change.now), meeting)


def _not_ready(scene: Scene, meeting: Any) -> Iterator[str]:
    if missing := _missing(scene):
        yield f"meeting {meeting.id} decided without the feedback of seats {missing}"
    came = {one.person_id: one for one in scene.rows.all("attendance", meeting_id=meeting.id)}
    silent = [one for one in scene.seats if one.person_id not in came or came[one.person_id].revoted_at is None]
    needed = [one for one in silent if one.kind in {SeatKind.BAR_RAISER, SeatKind.HIRING_MANAGER}]
    if needed or len(silent) > 1:
        gone = [one.person_id for one in silent if one.person_id not in came or not came[one.person_id].absent_at]
        if gone or needed:
            yield f"meeting {meeting.id} decided without the re-votes of {[one.person_id for one in silent]}"
    board = {one.item_id: one for one in scene.rows.all("board_entry", meeting_id=meeting.id)}
    for item in scene.items:
        entry = board.get(item.id)
        if entry is None or (entry.mark is BoardMark.NOT_SHOWN and entry.accepted_by is None):
            yield f"meeting {meeting.id} decided while {item.name} is not settled"


@watches("application", "veto")
def a_veto_stands(change: Change) -> Iterator[str]:
    """What was vetoed has ended by it for ever, and before its date nothing new began."""
    rows = change.after
    for veto in rows.all("veto"):
        app = rows.get("application", veto.application_id)
        if (app.ended, app.end_reason) != (End.REJECTED, EndReason.VETO) or app.live_offer_id or not app.vetoed_at:
            yield f"the veto of application {app.id} does not stand"
    for key in change.before.tables["veto"]:
        if key not in rows.tables["veto"]:
            yield f"the veto of application {key} is gone"
    for app in change.new("application", lambda one: one.ended is None):
        barred = [
            one.cool_off_until
            for one in rows.all("application", candidate_id=app.candidate_id, requisition_id=app.requisition_id)
            if one.id != app.id and one.cool_off_until is not None and change.now.date() < one.cool_off_until
        ]
        if barred:
            yield f"application {app.id} began before {barred}"


# --- The spine -----------------------------------------------------------------------------------------------------

_LEFT = {
    End.HIRED: HowLeft.HIRED,
    End.REJECTED: HowLeft.REJECTED,
    End.WITHDRAWN: HowLeft.WITHDRAWN,
    End.MOVED: HowLeft.MOVED,
}


@watches("application", "step_visit")
def the_stage_is_the_last_visit(change: Change) -> Iterator[str]:
    """Visits follow each other, and replaying them gives where the application stands."""
    visits: dict[int, list[Any]] = {}
    for one in change.after.all("step_visit"):
        visits.setdefault(one.application_id, []).append(one)
    for app in change.after.all("application"):
        stays = sorted(visits.get(app.id, []), key=lambda one: one.ordinal)
        if not stays or [one.ordinal for one in stays] != list(range(1, len(stays) + 1)):
            yield f"the visits of application {app.id} have a gap"
            continue
        for stay, following in pairwise(stays):
            if stay.left_at is None or stay.left_at > following.entered_at:
                yield f"visit {stay.id} was not left before the next"
            forward = following.step.place > stay.step.place
            fits = {HowLeft.ADVANCED: forward, HowLeft.SENT_BACK: not forward}.get(
                stay.how_left, following.step is stay.step and stay.how_left is not HowLeft.HIRED
            )
            if not fits:
                yield f"visit {stay.id} was left as {stay.how_left} to {following.step}"
        last = stays[-1]
        left = (app.ended_at, _LEFT[app.ended]) if app.ended is not None else (None, None)
        if (app.step, app.step_entered_at, *left) != (last.step, last.entered_at, last.left_at, last.how_left):
            yield f"application {app.id} stands in {app.step} ({app.ended}), visits in {last.step} ({last.how_left})"


@watches("application", "opening", "requisition", "offer")
def the_requisition_counts_right(change: Change) -> Iterator[str]:
    """Live offers, hires and openings equal a recount, and openings are enough for both."""
    rows = change.after
    for one in rows.all("requisition"):
        apps = rows.all("application", requisition_id=one.id)
        live = sum(app.live_offer_id is not None for app in apps)
        hires = sum(app.ended is End.HIRED for app in apps)
        held = [o for o in rows.all("opening", requisition_id=one.id) if o.held_at and not o.resumed_at]
        gone = [o for o in rows.all("opening", requisition_id=one.id) if o.cancelled_at]
        openings = len(rows.all("opening", requisition_id=one.id)) - len({o.id for o in [*held, *gone]})
        if (one.live_offers, one.hires, one.openings) != (live, hires, openings):
            yield f"{one.code} counts {one.live_offers, one.hires, one.openings}, there are {live, hires, openings}"
        if live + hires > openings:
            yield f"{one.code} has {live} live offers and {hires} hires on {openings} openings"
        filled = [o.filled_by for o in rows.all("opening", requisition_id=one.id) if o.filled_by is not None]
        if sorted(filled) != sorted(app.id for app in apps if app.ended is End.HIRED):
            yield f"openings of {one.code} are filled by {filled}"


@watches("step_visit", "application", "first_entry", "funnel_count", "funnel_total")
def the_funnel_counts_right(change: Change) -> Iterator[str]:
    """First entries, their outcomes and the counts by day equal what the visits say."""
    rows = change.after
    wanted: dict[tuple[int, Step], tuple[datetime, Outcome]] = {}
    for stay in rows.all("step_visit"):
        app = rows.get("application", stay.application_id)
        if (app.id, stay.step) in wanted:
            continue
        wanted[app.id, stay.step] = (stay.entered_at, _outcome(rows, app, stay))
    known = {key: (one.first_entered_at, one.outcome) for key, one in rows.tables["first_entry"].items()}
    if wanted != known:
        yield f"first entries differ: {set(wanted.items()) ^ set(known.items())}"
    counts = Counter(
        (rows.get("application", app).requisition_id, step, entered.astimezone(ZONE).date(), outcome)
        for (app, step), (entered, outcome) in wanted.items()
    )
    kept = {key: one.n for key, one in rows.tables["funnel_count"].items() if one.n}
    if counts != kept:
        yield f"the funnel's counts differ: {set(counts.items()) ^ set(kept.items())}"
    summed = Counter((step, day, outcome) for _, step, day, outcome in counts.elements())
    totals = {
        (*key, outcome): n
        for key, one in rows.tables["funnel_total"].items()
        for outcome in Outcome
        if (n := getattr(one, outcome.value))
    }
    if summed != totals:
        yield f"the company's counts differ: {set(summed.items()) ^ set(totals.items())}"


def _outcome(rows: Rows, app: Any, stay: Any) -> Outcome:
    stays = rows.all("step_visit", application_id=app.id)
    later = any(one.ordinal > stay.ordinal and one.step.place > stay.step.place for one in stays)
    if later or app.ended is End.HIRED:
        return Outcome.ADVANCED
    ends = {End.REJECTED: Outcome.REJECTED, End.WITHDRAWN: Outcome.WITHDREW, End.MOVED: Outcome.MOVED}
    return ends.get(app.ended, Outcome.OPEN)


@watches("application")
def one_application_at_a_time(change: Change) -> Iterator[str]:
    """One live application per candidate and requisition."""
    live = Counter((one.candidate_id, one.requisition_id) for one in change.after.all("application", ended=None))
    yield from (f"candidate and requisition {pair} have {count}" for pair, count in live.items() if count > 1)


# --- The loop ------------------------------------------------------------------------------------------------------


@watches("seat", "loop", "shadow", "participation")
def seats_are_in_order(change: Change) -> Iterator[str]:
    """Distinct people, one Bar Raiser, nobody barred or gone."""
    given = {one.id for one in change.new("seat", lambda one: one.state is SeatState.HELD)}
    for scene in change.scenes(change.after):
        if scene.loop is None:
            continue
        holders = Counter(one.person_id for one in scene.seats)
        yield from (f"{one} holds {count} seats of {scene.loop.id}" for one, count in holders.items() if count > 1)
        raisers = [one for one in scene.seats if one.kind is SeatKind.BAR_RAISER]
        if len(raisers) > 1:
            yield f"loop {scene.loop.id} has {len(raisers)} Bar Raisers"
        confirmed = change.before.tables["loop"].get(scene.loop.id)
        if not scene.composing and (confirmed is None or confirmed.state is LoopState.COMPOSING):
            given |= {one.id for one in scene.seats}
            if len(raisers) != 1 or not 5 <= len(scene.seats) <= 7:
                yield f"loop {scene.loop.id} was confirmed with {len(scene.seats)} seats, {len(raisers)} Bar Raisers"
        if not scene.composing:
            for seat in scene.seats:
                if seat.id in given and seat.person_id in scene.inside:
                    yield f"{seat.person_id} was seated on the loop of a colleague close to them"
                if seat.id in given and seat.person_id not in scene.people.here:
                    yield f"{seat.person_id} was seated, and has left"


@watches("seat", "loop", "shadow", "participation")
def who_holds_a_seat_plays_its_part(change: Change) -> Iterator[str]:
    """And nobody else: being taken off ends access at once."""
    for scene in change.scenes(change.after):
        if scene.loop is None:
            continue
        kinds = {one.person_id: one.kind is SeatKind.BAR_RAISER for one in scene.seats}
        for person in scene.parts(Part.SEAT, Part.BAR_RAISER):
            leads = person in scene.parts(Part.BAR_RAISER)
            if kinds.get(person) is not leads and not (scene.composing and person not in kinds):
                yield f"{person} plays a part in application {scene.id} without such a seat"
        if not scene.composing and (silent := set(kinds) - scene.parts(Part.SEAT, Part.BAR_RAISER)):
            yield f"{silent} hold seats on application {scene.id} and play no part"
        sitting = {one.person_id for one in scene.shadows}
        if not scene.parts(Part.SHADOW) <= sitting:
            yield f"{scene.parts(Part.SHADOW) - sitting} play a shadow's part in application {scene.id}"


@watches("booking", "interview", "seat", "loop", "application")
def calendars_say_what_loops_say(change: Change) -> Iterator[str]:
    """What is booked ahead is in both calendars, and nothing else is."""
    rows = change.after
    booked = Counter(
        (one.source, "person" if one.person_id is not None else "candidate", one.person_id or one.candidate_id)
        for one in rows.all("booking")
        if one.source.startswith("interview:") and one.starts_at > change.now
    )
    for scene in change.scenes(rows):
        if scene.loop is None:
            continue
        by_id = {one.id: one for one in scene.seats}
        for slot in (s for s in rows.all("interview") if s.seat_id in {one.id for one in scene.all_seats}):
            source = f"interview:{slot.id}"
            ahead = slot.state is InterviewState.BOOKED and slot.starts_at > change.now and slot.seat_id in by_id
            wanted = ahead and not scene.composing and scene.live
            if wanted:
                for key in (("person", by_id[slot.seat_id].person_id), ("candidate", scene.app.candidate_id)):
                    if not booked.get((source, *key)):
                        yield f"{key} is not booked for interview {slot.id}"
            elif slot.starts_at > change.now and any(key[0] == source for key in booked):
                yield f"interview {slot.id} ({slot.state}) is still in a calendar"


@watches("feedback", "feedback_item")
def submitted_stays(change: Change) -> Iterator[str]:
    """What was submitted is there, word for word."""
    for table in ("feedback", "feedback_item"):
        known = change.after.tables[table]
        frozen = {one.id for one in change.before.all("feedback", state=FeedbackState.SUBMITTED)}
        for key, row in change.before.tables[table].items():
            about = row.id if table == "feedback" else row.feedback_id
            if about in frozen and known.get(key) != row:
                yield f"{table} {key} was changed after it was submitted"


@watches("cord")
def cords_are_cleared_by_others(change: Change) -> Iterator[str]:
    """With cause and correction, by nobody who pulled it or is named."""
    for cord in change.new("cord", lambda one: one.cleared_at is not None):
        named = {one.person_id for one in change.after.all("cord_named", cord_id=cord.id)}
        if cord.cleared_by in named | {cord.pulled_by} or not cord.cause or not cord.correction:
            yield f"cord {cord.id} was cleared by {cord.cleared_by}"


@watches("step_visit")
def nothing_goes_forward_under_a_cord(change: Change) -> Iterator[str]:
    """Neither under a cord, nor on hold, nor on a requisition that is not open."""
    now_live = {(one.application_id, one.ordinal) for one in change.after.all("step_visit")}
    for visit in change.new("step_visit", lambda one: one.how_left is HowLeft.ADVANCED):
        assert (visit.application_id, visit.ordinal + 1) in now_live
        scene = Scene(change.before, People(change.before), visit.application_id, change.now)
        after = Scene(change.after, People(change.after), visit.application_id, change.now)
        if after.cords or after.app.held_at or after.requisition.held_at:
            yield f"application {scene.id} went on under a cord or a hold"
        if after.requisition.status is not RequisitionStatus.OPEN and not after.app.offer_accepted_at:
            yield f"application {scene.id} went on, its requisition is {after.requisition.status}"

"""Clashes in calendars: a loop's slots against each other, what else people have booked, and their nights."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import combinations
from zoneinfo import ZoneInfo

from hiring.ground.working_time import Interval
from hiring.steps.interview_loop import rules
from hiring.steps.interview_loop.facts import Composition, Finding, SeatFacts, Slot, about, another, at, span
from hiring.steps.interview_loop.rules import LoopPolicy


def in_calendars(composition: Composition, seat: SeatFacts, policy: LoopPolicy) -> Iterator[Finding]:
    """The seat's slot, and its writing time, against what else is in the calendars, the debrief included."""
    slot, name = seat.slot, seat.colleague.name
    if slot is None or slot.ended:
        return
    asked, writing = slot.interval, _writing(slot, policy)
    own = composition.busy.get(seat.colleague.id, ())
    for busy in own:
        if asked.overlaps(busy.interval):
            facts = f"{name} has another {busy.purpose} {span(busy.interval)}."
            yield _overlap(seat, slot, facts, another("time", seat))
        elif writing.overlaps(busy.interval):
            yield _no_writing_time(seat, slot, f"{busy.purpose} begins {at(busy.interval.start)}", policy)
    for busy in composition.busy.get(seat.shadow.id, ()) if seat.shadow else ():
        if asked.overlaps(busy.interval) and seat.shadow:
            facts = f"{seat.shadow.name} has another {busy.purpose} {span(busy.interval)}."
            yield _overlap(seat, slot, facts, "Choose another time, or take the shadow off.")
    for busy in composition.busy.get(0, ()):
        if asked.overlaps(busy.interval):
            yield _overlap(seat, slot, f"The candidate has another {busy.purpose} {span(busy.interval)}.")
    if composition.debrief is not None:
        yield from _with_debrief(composition.debrief, seat, slot, policy)


def in_debrief(composition: Composition, seat: SeatFacts) -> Iterator[Finding]:
    """The debrief against what else its people have booked; whose interview is over is asked too."""
    meeting, name = composition.debrief, seat.colleague.name
    if meeting is None or meeting.end <= composition.now:
        return
    for busy in composition.busy.get(seat.colleague.id, ()):
        if meeting.overlaps(busy.interval):
            refusal = rules.DOUBLE_BOOKED.refuse(
                f"{name} has another {busy.purpose} {span(busy.interval)}; the debrief is {span(meeting)}.",
                mend="the recruiter, the hiring manager or a coordinator",
                way_out=f"Book the debrief at another time, or have the other {busy.purpose} of {name} moved.",
            )
            yield about(seat, refusal, seat.colleague, refusal.facts)


def at_night(seat: SeatFacts, policy: LoopPolicy) -> Iterator[Finding]:
    """The seat's slot against the night where its interviewer is."""
    slot, who = seat.slot, seat.colleague
    if slot is None or slot.ended:
        return
    if rules.in_night(slot.start, slot.end, who.time_zone, who.works, policy):
        start, end = (instant.astimezone(ZoneInfo(who.time_zone)) for instant in (slot.start, slot.end))
        refusal = rules.NIGHT.refuse(
            f"For {who.name}, in {who.time_zone}, the slot is on {start:%Y-%m-%d} from {start:%H:%M} to {end:%H:%M}.",
            mend="the recruiter, the hiring manager or a coordinator",
            way_out=f"{another('time', seat)} Or write down why not.",
        )
        yield about(seat, refusal)


def _with_debrief(meeting: Interval, seat: SeatFacts, slot: Slot, policy: LoopPolicy) -> Iterator[Finding]:
    if slot.interval.overlaps(meeting):
        yield _overlap(seat, slot, f"The debrief is {span(meeting)}.", "Choose another time, or move the debrief.")
    elif _writing(slot, policy).overlaps(meeting):
        yield _no_writing_time(seat, slot, f"the debrief begins {at(meeting.start)}", policy)


def among_slots(composition: Composition, policy: LoopPolicy) -> Iterator[Finding]:
    """The loop's own slots against each other: the candidate is in all of them."""
    slotted = [(seat.slot, seat) for seat in composition.held if seat.slot and not seat.slot.ended]
    slotted.sort(key=lambda pair: pair[0].start)
    for (early, one), (late, other) in combinations(slotted, 2):
        if early.interval.overlaps(late.interval):
            facts = f"The candidate would be with {one.colleague.name} and {other.colleague.name} at the same time."
            yield _overlap(other, late, facts)
        shadowing = other.shadow is not None and other.shadow.id == one.colleague.id
        if shadowing and _writing(early, policy).overlaps(late.interval):
            yield _no_writing_time(one, early, f"shadowing begins {at(late.start)}", policy)


def _writing(slot: Slot, policy: LoopPolicy) -> Interval:
    return Interval(slot.end, slot.end + timedelta(minutes=policy.feedback_minutes))


def _overlap(seat: SeatFacts, slot: Slot, facts: str, way_out: str = "Choose another time.") -> Finding:
    refusal = rules.DOUBLE_BOOKED.refuse(
        f"{facts} The slot of {seat.colleague.name} is {span(slot.interval)}.",
        mend="the recruiter, the hiring manager or a coordinator",
        way_out=way_out,
    )
    return about(seat, refusal, only=refusal.facts)


def _no_writing_time(seat: SeatFacts, slot: Slot, what: str, policy: LoopPolicy) -> Finding:
    refusal = rules.WRITING_TIME.refuse(
        f"The interview with {seat.colleague.name} ends {at(slot.end)}; {what}, "
        f"less than {policy.feedback_minutes} minutes later.",
        mend="the recruiter, the hiring manager or a coordinator",
        way_out="Choose an earlier or a later slot.",
    )
    return about(seat, refusal)

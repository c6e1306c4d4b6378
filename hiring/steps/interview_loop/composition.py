"""Does this loop stand? One pure question over a frozen Composition, asked live by the page and again by each action.

``findings`` keeps beside each refusal the seat it is about; ``why_not_confirm`` is the plain list.
"""

import dataclasses
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta

from hiring.ground.figures import Policy
from hiring.ground.rulebook import Kind, Refusal
from hiring.people.rules import Colleague, Load, PeoplePolicy, why_not_independent
from hiring.pipeline.rules import DISTINCT
from hiring.steps.interview_loop import rules
from hiring.steps.interview_loop.clashes import among_slots, at_night, in_calendars, in_debrief
from hiring.steps.interview_loop.facts import Composition, Finding, SeatFacts, about, another, at, names, replace
from hiring.steps.interview_loop.rules import CONFLICTS, LoopPolicy, SeatKind, SeatState, lowest_level
from hiring.steps.job_description.rules import ItemKind

_COMPOSERS = "the recruiter or the hiring manager"


def why_not_confirm(composition: Composition, policy: Policy) -> list[Refusal]:
    """Everything that stands between this loop and its confirmation, warnings included."""
    return [finding.refusal for finding in findings(composition, policy)]


def why_not_complete(composition: Composition, policy: Policy) -> list[Refusal]:
    """Whether what remains still makes a loop: size, required seats, coverage, a Bar Raiser who is independent.

    Asked after seats were vacated or handed over, or the level or the org chart changed, before the debrief. The way
    out is one more interview; whoever stands too low for the position, or would report to it, is named beside what is
    missing. Independence is asked anew because the Bar Raiser has yet to chair, concur or veto; certification is not,
    because it must be current on the day of their interview, which a later lapse does not undo.
    """
    loop = policy[LoopPolicy]
    fit = _fit(composition, loop)
    found = [*_size(fit, loop), *_required(fit, lasting=True), *_principles(fit), *_dependent(composition)]
    spent = [seat for seat in composition.held if seat not in fit.held]
    unfit = (refusal for seat in spent for refusal in _unfit(composition, seat, loop)) if found else ()
    return [*(finding.refusal for finding in found), *unfit]


def _unfit(composition: Composition, seat: SeatFacts, policy: LoopPolicy) -> list[Refusal]:
    asked = _why_not_person(composition, seat, seat.colleague, policy)
    return [refusal for refusal in asked if refusal.rule in (rules.LEVEL, rules.DIRECT_REPORT)]


def _fit(composition: Composition, policy: LoopPolicy) -> Composition:
    """Without seats whose evidence does not count for this position; their interview is over, so they stay as rows."""
    seats = (
        seat for seat in composition.seats if not (seat.slot and seat.slot.ended and _unfit(composition, seat, policy))
    )
    return dataclasses.replace(composition, seats=tuple(seats))


def newly_broken(before: Composition, after: Composition, policy: Policy) -> list[Refusal]:
    """What a change to a confirmed loop would break; what was broken before does not stop its mending.

    A warning is new also when its facts are: the reason once given was about others. A seat just given is booked and
    planned next, so neither is asked of it yet.
    """
    found = findings(before, policy)
    known = {finding.key for finding in found}
    warned = {(finding.key, finding.refusal.facts) for finding in found}
    given = [seat for seat in after.held if seat.id not in {held.id for held in before.held}]
    later = {(rules.SLOTTED.id, seat.id) for seat in given if seat.slot is None}
    later |= {(rules.TWO_OR_THREE.id, seat.id) for seat in given if not seat.items}
    return [
        one.refusal
        for one in findings(after, policy)
        if (one.refusal.rule.id, one.seat_id) not in later
        and (
            one.key not in known or (one.refusal.rule.kind is Kind.WARN and (one.key, one.refusal.facts) not in warned)
        )
    ]


def since_confirmed(composition: Composition, policy: Policy) -> list[Finding]:
    """What came to light about people after they were confirmed, of seats whose interview has not ended.

    And of every seat, whom the debrief finds elsewhere: somebody who took over a seat may have been booked before; and
    of the Bar Raiser, who stays independent until the end, because theirs is the chair.
    """
    awaited = (seat for seat in composition.held if not (seat.slot and seat.slot.ended))
    found = [finding for seat in awaited for finding in _person(composition, seat, policy[LoopPolicy])]
    found += [finding for seat in composition.held for finding in in_debrief(composition, seat)]
    return [*found, *_dependent(composition)]


def findings(composition: Composition, policy: Policy) -> list[Finding]:
    """All refusals, each with its seat; about the whole loop first."""
    loop, people = policy[LoopPolicy], policy[PeoplePolicy]
    found = [
        *_size(_fit(composition, loop), loop),
        *_required(composition),
        *_distinct(composition),
        *_principles(composition),
        *_balance(composition, loop),
        *_debrief(composition, loop),
        *_dependent(composition),
    ]
    for seat in composition.held:
        found += [
            *_certified(composition, seat),
            *_person(composition, seat, loop),
            *_shadow(seat, people),
            *_items(composition, seat, loop),
            *_slot(composition, seat),
            *in_calendars(composition, seat, loop),
            *in_debrief(composition, seat),
            *at_night(seat, loop),
            *_load(seat, people),
        ]
    found += among_slots(composition, loop)
    return found


# --- The loop as a whole -----------------------------------------------------------------------------------------


def _size(composition: Composition, policy: LoopPolicy) -> Iterator[Finding]:
    """Asked of people: whoever left one seat and took another brings one opinion."""
    counting = {seat.colleague.id: seat.colleague.name for seat in composition.seats if seat.counts}
    against_most = {seat.colleague.id: seat.colleague.name for seat in composition.held if not seat.handover}
    if len(counting) < policy.smallest:
        listed = names(counting.values()) or "nobody yet"
        missing = policy.smallest - len(counting)
        yield Finding(
            rules.SIZE.refuse(
                f"{len(counting)} of at least {policy.smallest} interviewers: {listed}.",
                mend=_COMPOSERS,
                way_out=f"Add {missing} more interviewer{'s' if missing > 1 else ''}.",
            )
        )
    if len(against_most) > policy.largest:
        listed = names(against_most.values())
        yield Finding(
            rules.SIZE.refuse(
                f"{len(against_most)} interviewers; {policy.largest} at most: {listed}.",
                mend=_COMPOSERS,
                way_out=f"Take off {len(against_most) - policy.largest}, or let one sit in as a shadow.",
            )
        )


def _required(composition: Composition, *, lasting: bool = False) -> Iterator[Finding]:
    """The hiring manager decides, so theirs is held; a recruiter's counts by its evidence.

    ``lasting``: a recruiter's seat keeps counting when the requisition's recruiter changed meanwhile.
    """
    counting = [seat for seat in composition.seats if seat.counts]
    manager = composition.hiring_manager
    if not any(s.kind is SeatKind.HIRING_MANAGER and s.colleague.id == manager.id for s in composition.held):
        yield _missing(
            f"The hiring manager {manager.name} holds no seat.",
            f"Name another hiring manager for the requisition: they take the seat, interview and write; "
            f"{manager.name} left it with feedback that stays, and gets no second one."
            if any(s.colleague.id == manager.id for s in counting)
            else f"Give {manager.name} a seat.",
        )
    recruiters = [seat for seat in counting if seat.kind is SeatKind.RECRUITER]
    if not any(lasting or seat.colleague.id in composition.recruiter_ids for seat in recruiters):
        yield _missing(
            f"No recruiter holds a seat; the requisition's is {composition.recruiter_name}.",
            f"Give {composition.recruiter_name} a seat, or have an administrator name another recruiter because of "
            "level.",
        )
    seats = [seat for seat in composition.held if seat.kind is SeatKind.BAR_RAISER]
    if composition.drawn_id is None:
        yield _missing("No Bar Raiser has been drawn.", "Start composing: rotation names the Bar Raiser.")
    elif len(seats) != 1:
        yield _missing(
            f"{len(seats)} Bar Raiser seats; exactly one is needed, held by {composition.drawn_name}, whom rotation "
            "named.",
            f"Give {composition.drawn_name} the Bar Raiser's seat.",
        )
    elif seats[0].colleague.id != composition.drawn_id:
        yield _missing(
            f"{seats[0].colleague.name} holds the Bar Raiser's seat, but rotation named {composition.drawn_name}.",
            f"Seat {composition.drawn_name} instead.",
        )


def _missing(facts: str, way_out: str) -> Finding:
    return Finding(rules.REQUIRED.refuse(facts, mend=_COMPOSERS, way_out=way_out))


def _distinct(composition: Composition) -> Iterator[Finding]:
    holding = [s for s in composition.seats if s.state in (SeatState.HELD, SeatState.HANDED_OVER)]
    times = Counter(seat.colleague.id for seat in holding)
    shadows = Counter(seat.shadow.id for seat in composition.held if seat.shadow)
    given = {seat.colleague.id for seat in composition.seats if seat.state is SeatState.VACATED and seat.submitted}
    for seat in composition.held:
        for who in (seat.colleague, seat.shadow):
            if who is not None:
                facts = _not_distinct(composition, who, times[who.id], shadows[who.id], left=who.id in given)
                if facts:
                    refusal = DISTINCT.refuse(facts, mend=_COMPOSERS, way_out=replace(seat, who))
                    yield about(seat, refusal, who)


def _not_distinct(composition: Composition, who: Colleague, seats: int, shadowing: int, *, left: bool) -> str:
    if seats > 1:
        return f"{who.name} holds {seats} seats."
    if seats and left:
        return f"{who.name} left a seat of this loop, and what they wrote there reaches the debrief."
    if seats and shadowing:
        return f"{who.name} holds a seat and shadows an interview of the same loop."
    inside = composition.candidate_person_id
    if inside is None:
        return ""
    if who.id == inside:
        return f"{who.name} is the candidate."
    if who.id == composition.candidate_manager_id:
        return f"{who.name} is the candidate's manager."
    if who.managers[:1] == (inside,):
        return f"{who.name} reports to the candidate."
    return ""


def _principles(composition: Composition) -> Iterator[Finding]:
    tested = {item for seat in composition.seats if seat.counts for item in seat.items}
    missing = [item.name for item in composition.items if item.id not in tested]
    if missing:
        yield Finding(
            rules.PRINCIPLES.refuse(
                f"Nobody tests {names(missing)}.",
                mend=_COMPOSERS,
                way_out="Assign each of them to a seat.",
            )
        )


def _balance(composition: Composition, policy: LoopPolicy) -> Iterator[Finding]:
    kinds = {item.id: item.kind for item in composition.items}
    planned = [kinds[item] for seat in composition.held for item in seat.items if item in kinds]
    if not planned:
        return
    principles = sum(kind is ItemKind.PRINCIPLE for kind in planned)
    if not policy.principles_from * len(planned) <= 100 * principles <= policy.principles_to * len(planned):
        yield Finding(
            rules.BALANCE.refuse(
                f"{principles} of {len(planned)} planned questions ({round(100 * principles / len(planned))} %) test "
                f"leadership principles; {policy.principles_from} to {policy.principles_to} % are meant to.",
                mend=_COMPOSERS,
                way_out=f"Move some seats to {'competencies' if 2 * principles > len(planned) else 'principles'}, "
                "or write down why not.",
            )
        )


def _debrief(composition: Composition, policy: LoopPolicy) -> Iterator[Finding]:
    ends = [seat.slot.end for seat in composition.held if seat.slot]
    if not ends:
        return
    written = max(ends) + timedelta(minutes=policy.feedback_minutes)
    facts = ""
    if composition.debrief is None or composition.debrief_day is None:
        facts = "No debrief is booked."
    elif composition.debrief.start < written:
        facts = f"The debrief begins {at(composition.debrief.start)}, before the last feedback is due {at(written)}."
    elif composition.debrief_day not in composition.debrief_days:
        facts = f"The debrief is on {composition.debrief_day}; the last interview ends {at(max(ends))}."
    if facts:
        days = " or ".join(str(day) for day in composition.debrief_days)
        yield Finding(
            rules.DEBRIEF_BOOKED.refuse(
                facts,
                mend="the recruiter or a coordinator",
                way_out=f"Book the debrief on {days}, once feedback is due {at(written)}, or write down why not.",
            )
        )


# --- Each seat ---------------------------------------------------------------------------------------------------


_REDRAW = "An administrator has rotation name another Bar Raiser."


def _certified(composition: Composition, seat: SeatFacts) -> Iterator[Finding]:
    if seat.kind is not SeatKind.BAR_RAISER:
        return
    who = seat.colleague
    day = seat.slot.day if seat.slot else composition.now.date()
    if not who.certified(day):
        until = f"lapsed on {who.certified_until}" if who.certified_until else "was never given"
        yield about(
            seat,
            rules.BAR_RAISER_CERTIFIED.refuse(
                f"{who.name}'s Bar Raiser certification {until}; it must be current on {day}.",
                mend="the programme owner, or an administrator",
                way_out=f"Certify {who.name} again. Or: {_REDRAW}",
            ),
        )


def _dependent(composition: Composition) -> Iterator[Finding]:
    """The Bar Raiser who holds the seat and is not independent, or was chosen by somebody."""
    for seat in composition.held:
        if seat.kind is not SeatKind.BAR_RAISER:
            continue
        who = seat.colleague
        facts = why_not_independent(who, composition.hiring_manager, composition.recruiter_id, composition.team_id)
        if composition.drawn_id is not None and who.id != composition.drawn_id:
            facts.append(f"Rotation named {composition.drawn_name}, not {who.name}.")
        if facts:
            refusal = rules.BAR_RAISER_INDEPENDENT.refuse(" ".join(facts), mend="an administrator", way_out=_REDRAW)
            yield about(seat, refusal)


def _person(composition: Composition, seat: SeatFacts, policy: LoopPolicy) -> Iterator[Finding]:
    """What is asked of everybody in the room: here, level, no would-be report, no conflict; training of who asks."""
    for who in (seat.colleague, seat.shadow):
        if who is None:
            continue
        for refusal in _why_not_person(composition, seat, who, policy):
            yield about(seat, refusal, who)
    who = seat.colleague
    if not who.trained:
        missing = [name for done, name in ((who.course, "course"), (who.paired, "paired interview")) if not done]
        refusal = rules.TRAINED.refuse(
            f"{who.name} has not done the {names(missing)}.",
            mend="the programme owner records what was done",
            way_out=f"{replace(seat, who)} {who.name} may sit in as a shadow.",
        )
        yield about(seat, refusal)


def _why_not_person(composition: Composition, seat: SeatFacts, who: Colleague, policy: LoopPolicy) -> Iterator[Refusal]:
    lowest = lowest_level(composition.level, policy)
    way_out = replace(seat, who)
    declined = seat.declined and who is seat.colleague
    if (who.disabled or declined) and not (seat.slot and seat.slot.ended):
        yield rules.AVAILABLE.refuse(
            f"{who.name} has left." if who.disabled else f"{who.name} declined.",
            mend="an administrator for the Bar Raiser, else " + _COMPOSERS,
            way_out=way_out if who.disabled else f"{way_out} Or book {who.name} another slot.",
        )
    if who.level < lowest:
        yield rules.LEVEL.refuse(
            f"{who.name} is level {who.level}; the position is level {composition.level}; at least {lowest} is needed.",
            mend=_COMPOSERS,
            way_out=way_out,
        )
    if who.id in composition.would_be_reports:
        yield rules.DIRECT_REPORT.refuse(f"{who.name} would report to the position.", mend=_COMPOSERS, way_out=way_out)
    if who.id in composition.conflicts:
        kind = CONFLICTS[composition.conflicts[who.id]]
        yield rules.CONFLICT.refuse(
            f"{who.name} has a declared conflict of interest: {kind}.",
            mend="an administrator for the Bar Raiser, else " + _COMPOSERS,
            way_out=way_out,
        )


def _shadow(seat: SeatFacts, people: PeoplePolicy) -> Iterator[Finding]:
    if seat.shadow is None or seat.colleague.experienced(people):
        return
    mentor = seat.colleague
    refusal = rules.SHADOW.refuse(
        f"{seat.shadow.name} would learn from {mentor.name}, who has held {mentor.interviews} of the "
        f"{people.experienced_interviews} interviews that make an interviewer experienced.",
        mend=_COMPOSERS,
        way_out=f"Let {seat.shadow.name} sit in with an experienced interviewer.",
    )
    yield about(seat, refusal)


def _items(composition: Composition, seat: SeatFacts, policy: LoopPolicy) -> Iterator[Finding]:
    if policy.fewest_items <= len(seat.items) <= policy.most_items or (seat.slot and seat.slot.ended):
        return
    tested = [item.name for item in composition.items if item.id in seat.items]
    refusal = rules.TWO_OR_THREE.refuse(
        f"{seat.colleague.name} tests {len(tested)}: {names(tested) or 'nothing yet'}.",
        mend=_COMPOSERS,
        way_out=f"Give {seat.colleague.name} {policy.fewest_items} or {policy.most_items}, or write down why not.",
    )
    yield about(seat, refusal)


def _slot(composition: Composition, seat: SeatFacts) -> Iterator[Finding]:
    if seat.slot is not None and (seat.slot.ended or composition.now <= seat.slot.start):
        return
    facts = (
        f"{seat.colleague.name} has no slot."
        if seat.slot is None
        else f"The slot of {seat.colleague.name} began {at(seat.slot.start)}."
    )
    refusal = rules.SLOTTED.refuse(
        facts, mend="the recruiter, the hiring manager or a coordinator", way_out=f"Book {seat.colleague.name} a slot."
    )
    yield about(seat, refusal)


def _load(seat: SeatFacts, people: PeoplePolicy) -> Iterator[Finding]:
    if seat.slot is None or seat.slot.ended:
        return
    own = Load(1, 1 if seat.kind is SeatKind.BAR_RAISER else 0)
    total = seat.load + own
    facts = []
    if total.interviews > people.interviews_per_week:
        facts.append(f"{total.interviews} interviews; the cap is {people.interviews_per_week}.")
    if own.loops and total.loops > people.loops_per_week:
        facts.append(f"{total.loops} loops as Bar Raiser; the cap is {people.loops_per_week}.")
    if facts:
        refusal = rules.LOAD.refuse(
            f"In the week of {seat.slot.day} {seat.colleague.name} would have {' And '.join(facts)}",
            mend=_COMPOSERS,
            way_out=f"{another('week', seat)} Or write down why not.",
        )
        yield about(seat, refusal)

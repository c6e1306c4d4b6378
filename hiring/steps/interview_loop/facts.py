"""A loop as its rules see it: frozen facts, gathered by ``queries`` and asked by ``composition``."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from hiring.ground.rulebook import Refusal
from hiring.ground.working_time import Interval
from hiring.people.rules import Colleague, Load
from hiring.steps.interview_loop.rules import ConflictKind, SeatKind, SeatState
from hiring.steps.job_description.rules import ItemKind


@dataclass(frozen=True, slots=True)
class Item:
    """A principle or competency that the loop must test."""

    id: int
    name: str
    kind: ItemKind
    principle_id: int | None = None


@dataclass(frozen=True, slots=True)
class Described:
    """What the description of the position says of its loop; ``report_ids``: who would report to the position."""

    level: int
    items: tuple[Item, ...]
    report_ids: frozenset[int]


@dataclass(frozen=True, slots=True)
class Slot:
    """A seat's interview. ``day``: its calendar day where the interviewer is; ``ended``: held or cut short."""

    start: datetime
    end: datetime
    day: date
    ended: bool = False

    @property
    def interval(self) -> Interval:
        """From start to end, without writing time."""
        return Interval(self.start, self.end)


@dataclass(frozen=True, slots=True)
class SeatFacts:
    """One seat. ``items``: ids it tests, one planned question each. ``load``: what the slot's week holds already.

    ``replacements``: names of people who could take the seat as it is. ``submitted``: the feedback is in.
    """

    id: int
    colleague: Colleague
    kind: SeatKind
    items: tuple[int, ...] = ()
    slot: Slot | None = None
    state: SeatState = SeatState.HELD
    handover: bool = False
    submitted: bool = False
    declined: bool = False
    shadow: Colleague | None = None
    load: Load = field(default_factory=Load)
    replacements: tuple[str, ...] = ()

    @property
    def held(self) -> bool:
        """Still on the loop."""
        return self.state is SeatState.HELD

    @property
    def counts(self) -> bool:
        """Brings evidence to the debrief: still held, or left after the feedback was in."""
        left_with_evidence = self.state in (SeatState.VACATED, SeatState.HANDED_OVER) and self.submitted
        return self.held or left_with_evidence


@dataclass(frozen=True, slots=True)
class Busy:
    """Something else in a calendar."""

    interval: Interval
    purpose: str


@dataclass(frozen=True, slots=True)
class Composition:
    """A loop as the rules see it; frozen, so that a changed loop is a new question.

    ``recruiter_ids``: the requisition's recruiter and, if named, the one because of level. ``drawn_id``: whom rotation
    gave. ``candidate_person_id`` and ``candidate_manager_id`` for an internal candidate. ``conflicts`` map person to
    kind. ``busy`` maps person id (0: the candidate) to other bookings. ``debrief``: its slot; ``debrief_day`` and
    ``debrief_days``: the day it is booked on, and the days that count as prompt.
    """

    now: datetime
    level: int
    hiring_manager: Colleague
    team_id: int | None = None
    recruiter_id: int | None = None
    recruiter_ids: frozenset[int] = frozenset()
    recruiter_name: str = "the recruiter"
    drawn_id: int | None = None
    drawn_name: str = ""
    would_be_reports: frozenset[int] = frozenset()
    items: tuple[Item, ...] = ()
    seats: tuple[SeatFacts, ...] = ()
    candidate_person_id: int | None = None
    candidate_manager_id: int | None = None
    conflicts: Mapping[int, ConflictKind] = field(default_factory=dict)
    busy: Mapping[int, tuple[Busy, ...]] = field(default_factory=dict)
    debrief: Interval | None = None
    debrief_day: date | None = None
    debrief_days: tuple[date, ...] = ()

    @property
    def held(self) -> tuple[SeatFacts, ...]:
        """Seats still on the loop."""
        return tuple(seat for seat in self.seats if seat.held)

    @property
    def bar_raiser(self) -> str:
        """Who holds the Bar Raiser's seat; before there is one, whom rotation named."""
        seated = (seat.colleague.name for seat in self.held if seat.kind is SeatKind.BAR_RAISER)
        return next(seated, self.drawn_name)


@dataclass(frozen=True, slots=True)
class Finding:
    """A refusal, the seat beside which the page shows it (None: about the whole loop), and whom it is about.

    ``only``: facts that are asked again when they change, as those of a clash: another clash is another finding.
    """

    refusal: Refusal
    seat_id: int | None = None
    person_id: int | None = None
    only: str = ""

    @property
    def key(self) -> tuple[str, int | None, int | None, str]:
        """What stays the same while a broken loop is being mended."""
        return self.refusal.rule.id, self.seat_id, self.person_id, self.only


# --- Words that refusals share ---------------------------------------------------------------------------------


def about(seat: SeatFacts, refusal: Refusal, who: Colleague | None = None, only: str = "") -> Finding:
    """A refusal shown beside its seat, about its person or its shadow."""
    return Finding(refusal, seat.id, who.id if who else None, only)


def replace(seat: SeatFacts, who: Colleague) -> str:
    """The concrete way out: names of those who could take the seat as it is."""
    if seat.shadow is not None and who.id == seat.shadow.id:
        return f"Choose another shadow than {who.name}."
    if seat.kind is SeatKind.BAR_RAISER:
        return "An administrator has rotation name another Bar Raiser."
    if seat.kind is SeatKind.RECRUITER:
        return "An administrator names another recruiter for this loop because of level."
    if seat.kind is SeatKind.HIRING_MANAGER:
        return "The requisition needs another hiring manager."
    if not seat.replacements:
        return f"Replace {who.name}; nobody who fits is free at that time, so look at other slots."
    at_that_time = " at that time" if seat.slot else ""
    verb = "is" if len(seat.replacements) == 1 else "are"
    return f"Replace {who.name}: {names(seat.replacements)} {verb} of the level needed, trained and free{at_that_time}."


def another(when: str, seat: SeatFacts) -> str:
    """The way out of a time that does not suit: another one, or else somebody whom it suits, where there is one."""
    return f"Choose another {when}. {replace(seat, seat.colleague) if seat.replacements else ''}".strip()


def names(parts: Iterable[str]) -> str:
    """Several names in a sentence."""
    *most, last = list(parts) or [""]
    return f"{', '.join(most)} and {last}" if most else last


def at(instant: datetime) -> str:
    """An instant in a sentence."""
    return f"on {instant:%Y-%m-%d} at {instant:%H:%M} UTC"


def span(interval: Interval) -> str:
    """A stretch of time in a sentence."""
    return f"on {interval.start:%Y-%m-%d} from {interval.start:%H:%M} to {interval.end:%H:%M} UTC"

"""Step 6's words, figures, rules and facts, and who may read what is in a debrief.

What is asked of the room stands in ``room_rules``; of the decision, the veto and rejections in ``decision_rules``.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from hiring.ground.figures import Section, number, register
from hiring.steps.interview_loop.rules import SeatKind


class Phase(StrEnum):
    """The phases of a debrief, in order; ``done`` freezes the record, ``void`` marks one that a send-back undid."""

    GATHER = "gather"
    READ = "read"
    REVOTE = "revote"
    BOARD = "board"
    DISCUSS = "discuss"
    DECIDE = "decide"
    DONE = "done"
    VOID = "void"

    @property
    def place(self) -> int:
        """1 for Gather to 7 for Done."""
        return list(Phase).index(self) + 1

    @property
    def label(self) -> str:
        """The phase's name on the page."""
        return {"revote": "Re-vote"}.get(self.value, self.value.capitalize())

    @property
    def under_way(self) -> bool:
        """Whether people sit together: neither done nor void."""
        return self not in {Phase.DONE, Phase.VOID}

    @property
    def next(self) -> "Phase":
        """The phase that follows; from Decide on a decision moves the meeting, not the chair."""
        return list(Phase)[self.place]


BOARD_PHASES = frozenset({Phase.BOARD, Phase.DISCUSS, Phase.DECIDE, Phase.DONE})
"""From the board on: the re-votes are open, and the page shows what the interviewers rated."""


class BoardMark(StrEnum):
    """How a principle or competency stands on the board."""

    MET = "met"
    NOT_MET = "not_met"
    NOT_SHOWN = "not_shown"

    @property
    def label(self) -> str:
        """The mark in words."""
        return self.value.replace("_", " ").capitalize()


class Decision(StrEnum):
    """The hiring manager's decision; unsure is no."""

    HIRE = "hire"
    NO_HIRE = "no_hire"

    @property
    def label(self) -> str:
        """The decision in words."""
        return "Hire" if self is Decision.HIRE else "No hire"


@register
@dataclass(frozen=True, slots=True)
class DebriefPolicy(Section):
    """Figures of the debrief."""

    name: ClassVar[str] = "debrief"
    title: ClassVar[str] = "Debrief"
    read_minutes: int = number(5, low=1, high=60, unit="minutes", meaning="Reading before one's own re-vote")
    seats_missing: int = number(1, low=0, high=2, unit="seats", meaning="Seats that may be absent from the re-vote")


@dataclass(frozen=True, slots=True)
class Seated:
    """Somebody who holds a seat of the loop, and how far they are in this meeting."""

    person_id: int
    name: str
    level: int
    kind: SeatKind
    submitted: bool
    present: bool = False
    reading_since: datetime | None = None
    voted: bool = False


@dataclass(frozen=True, slots=True)
class BoardItem:
    """A principle or competency that the description tests, as it stands on the board. ``mark`` null: not marked.

    ``set_by``: who marked it; ``newest``: number of the entry that counts, 0 before the first.
    """

    item_id: int
    name: str
    mark: BoardMark | None = None
    accepted: bool = False
    set_by: int | None = None
    newest: int = 0


@dataclass(frozen=True, slots=True)
class Table:
    """All that the rules ask of a debrief. ``phase`` null: no meeting yet; ``revealed``: the re-votes are open.

    ``bar_raiser_id`` and ``hiring_manager_id`` are those in force now, after any handover. ``ended``: how the
    application ended, if it did. ``spoke``: who decided, concurred or vetoed.
    """

    seats: tuple[Seated, ...]
    bar_raiser_id: int | None
    hiring_manager_id: int | None
    phase: Phase | None = None
    revealed: bool = False
    board: tuple[BoardItem, ...] = ()
    decision: Decision | None = None
    concurred: bool = False
    ended: str | None = None
    spoke: frozenset[int] = frozenset()

    def seat_of(self, person_id: int | None) -> Seated | None:
        """Somebody's seat at this table."""
        return next((seat for seat in self.seats if seat.person_id == person_id), None)

    @property
    def names(self) -> dict[int, str]:
        """Names of those who hold a seat, by id."""
        return {seat.person_id: seat.name for seat in self.seats}

    @property
    def bar_raiser(self) -> str:
        """The Bar Raiser in force, by name."""
        seat = self.seat_of(self.bar_raiser_id)
        return f"{seat.name} (Bar Raiser)" if seat else "the Bar Raiser"

    @property
    def hiring_manager(self) -> str:
        """The hiring manager, by name."""
        seat = self.seat_of(self.hiring_manager_id)
        return f"{seat.name} (hiring manager)" if seat else "the hiring manager"

    @property
    def unseated(self) -> list[str]:
        """Of hiring manager and Bar Raiser those who hold no seat any more: vacated, or not handed over yet."""
        leads = ((self.hiring_manager_id, "the hiring manager"), (self.bar_raiser_id, "the Bar Raiser"))
        return [words for person_id, words in leads if self.seat_of(person_id) is None]

    @property
    def present(self) -> tuple[Seated, ...]:
        """Who is here."""
        return tuple(seat for seat in self.seats if seat.present)

    @property
    def missing_feedback(self) -> tuple[Seated, ...]:
        """Seats whose feedback is not in."""
        return tuple(seat for seat in self.seats if not seat.submitted)

    @property
    def board_version(self) -> int:
        """Number of the newest entry on the board, whichever item it is about."""
        return max((item.newest for item in self.board), default=0)

    @property
    def unsettled(self) -> tuple[BoardItem, ...]:
        """What was not shown and nobody accepted."""
        return tuple(item for item in self.board if item.mark is BoardMark.NOT_SHOWN and not item.accepted)


def names(words: Sequence[str]) -> str:
    """A list in a sentence."""
    return ", ".join(words[:-1]) + f" and {words[-1]}" if len(words) > 1 else "".join(words)


def speaking_order(seats: Collection[Seated]) -> list[Seated]:
    """Lower levels speak first, so that nobody echoes their boss; the hiring manager and the Bar Raiser come last."""
    last = {SeatKind.HIRING_MANAGER: 1, SeatKind.BAR_RAISER: 2}
    return sorted(seats, key=lambda seat: (last.get(seat.kind, 0), seat.level, seat.name))


def may_read_inside(*, seated: bool, submitted: bool, recruiter: bool, all_in: bool, came_after: bool = False) -> bool:
    """Whether a reader who may see the record sees what is in it: own feedback first, the recruiter after the last.

    ``recruiter``: the requisition's own. A hiring manager or Bar Raiser who took over must have submitted too;
    ``came_after``: unless the debrief was done when the requisition became theirs, which left them no seat.
    """
    return submitted or (not seated and ((recruiter and all_in) or came_after))

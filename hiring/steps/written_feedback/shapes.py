"""What the queries of this room give to those who may read: frozen copies, never the rows themselves."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from hiring.steps.interview_loop.rules import SeatKind, SeatState
from hiring.steps.job_description.rules import ItemKind
from hiring.steps.written_feedback.rules import Rating, Vote


@dataclass(frozen=True, slots=True)
class ItemView:
    """Evidence for one principle or competency."""

    item_id: int
    item: str
    kind: ItemKind
    question: str
    situation: str
    task: str
    action: str
    result: str
    rating: Rating | None
    not_tested_reason: str


@dataclass(frozen=True, slots=True)
class AmendmentView:
    """A dated addition."""

    text: str
    at: datetime


@dataclass(frozen=True, slots=True)
class FeedbackView:
    """A whole submitted feedback, for somebody who may read it. ``vote`` is the first vote, before any debrief."""

    seat_id: int
    seat_kind: SeatKind
    seat_state: SeatState
    author_id: int
    author: str
    author_title: str
    author_level: int
    summary: str
    vote: Vote
    submitted_at: datetime
    due_at: datetime | None
    late: bool
    items: tuple[ItemView, ...]
    amendments: tuple[AmendmentView, ...]


@dataclass(frozen=True, slots=True)
class SeatStatus:
    """Who has submitted and who has not; never what. ``owes``: the interview was held or cut short."""

    seat_id: int
    person_id: int
    name: str
    level: int
    kind: SeatKind
    state: SeatState
    owes: bool
    starts_at: datetime | None
    due_at: datetime | None
    submitted_at: datetime | None
    late: bool


@dataclass(frozen=True, slots=True)
class FirstVote:
    """A seat's vote as submitted, for the rules of the debrief; never for a page before ``readable`` allows it."""

    seat_id: int
    person_id: int
    name: str
    vote: Vote


@dataclass(frozen=True, slots=True)
class MatrixRow:
    """One principle or competency; ``cells`` in the order of the views given, null where it was not assigned."""

    item_id: int
    item: str
    kind: ItemKind
    cells: tuple[ItemView | None, ...]


def matrix(views: Sequence[FeedbackView]) -> list[MatrixRow]:
    """Principle by interviewer, in the order of the description; built from what the reader was given, nothing more."""
    named = {item.item_id: item for view in views for item in view.items}
    return [
        MatrixRow(
            item_id=item_id,
            item=named[item_id].item,
            kind=named[item_id].kind,
            cells=tuple(next((i for i in view.items if i.item_id == item_id), None) for view in views),
        )
        for item_id in sorted(named)
    ]

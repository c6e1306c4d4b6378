"""Complete feedback for a seat, as tests write it."""

from datetime import timedelta

from hiring.ground.database import db
from hiring.steps.interview_loop.models import Seat
from hiring.steps.written_feedback.rules import Entry, ItemEntry, Rating, Vote
from tests.builders import LOOP_DAY

AFTER = LOOP_DAY + timedelta(hours=5)
ALL = ("hector", "rita", "bea", "iris", "irma")


def entry_for(seat_id: int, words: str = "Told", vote: Vote = Vote.INCLINED) -> Entry:
    """The same words everywhere, each part told apart."""
    items = tuple(
        ItemEntry(a.item_id, f"{words}?", f"{words} S", f"{words} T", f"{words} A", f"{words} R", Rating.MEETS)
        for a in db.session.get_one(Seat, seat_id).assignments
    )
    return Entry(items, f"{words} in sum", vote)

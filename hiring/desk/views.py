"""My desk: what is due from me, by deadline."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import render_template
from flask.typing import ResponseReturnValue

from hiring.desk import file, lists, mails, office, queries
from hiring.ground import clock
from hiring.ground.forms import reader_zone
from hiring.ground.web import Room, navigate
from hiring.people.reader import me
from hiring.pipeline.desk_items import DeskItem, items_for

room = Room("desk", __name__)
navigate("My desk", "desk.page")


UNDATED = "Waiting for you, no date"


@dataclass(frozen=True, slots=True)
class Shelf:
    """A part of the desk: a title and what lies there."""

    title: str
    items: list[DeskItem]


def shelves(items: list[DeskItem], now: datetime) -> list[Shelf]:
    """Overdue, now, today, this week, later, and what has no deadline; empty shelves are left out.

    An appointment is never overdue: it runs now, or lies ahead.
    """
    end_of_day = now.astimezone(reader_zone()).replace(hour=23, minute=59, second=59)
    edges = [
        ("Overdue", now),
        ("Now", now),
        ("Today", end_of_day),
        ("Within a week", now + timedelta(days=7)),
        ("Later", datetime.max.replace(tzinfo=now.tzinfo)),
    ]
    found: dict[str, list[DeskItem]] = {title: [] for title in [*(name for name, _ in edges), UNDATED]}
    for item in items:
        due = item.due
        if item.until is not None and due is not None and due <= now:
            title = "Now"
        else:
            title = UNDATED if due is None else next(name for name, edge in edges if due <= edge)
        found[title].append(item)
    return [Shelf(title, there) for title, there in found.items() if there]


@room.page("/")
def page() -> ResponseReturnValue:
    """What is due from me."""
    now = clock.now()
    items = items_for(me(), now)
    overdue = sum(1 for item in items if item.until is None and item.due is not None and item.due <= now)
    return render_template(
        "desk/page.html",
        shelves=shelves(items, now),
        count=len(items),
        overdue=overdue,
        in_hand=queries.in_hand(me(), now),
    )


rooms = [room, office.room, mails.room, file.room, lists.room]

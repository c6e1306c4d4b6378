"""The hiring manager's phone screens when the requisition gets another hiring manager."""

from datetime import datetime

from hiring.people.queries import person
from hiring.pipeline import actions as spine
from hiring.pipeline.models import Application
from hiring.pipeline.rules import Part, Step
from hiring.steps.phone_screen import queries
from hiring.steps.phone_screen.rules import ScreenState


def end_screening(application: Application, person_id: int, *, now: datetime, actor_id: int) -> bool:
    """End what a former hiring manager reads as screener; True where a call is theirs still, which the timeline says.

    They hold a call that is booked, and decide one that they held: it is still asked of them. A call that is decided
    leaves nothing to do, so that having held it opens no file for good. The caller holds the application.
    """
    theirs = [row for row in queries.screens(application.id) if row.screener_id == person_id]
    waiting = (row.state is ScreenState.HELD and row.verdict is None for row in theirs)
    open_calls = any(row.state is ScreenState.BOOKED for row in theirs) or any(waiting)
    if application.step is Step.PHONE_SCREEN and open_calls:
        spine.say(
            f"{person(person_id).name} still holds the phone screen that is booked with them, or waits for their "
            "verdict; book it with somebody else to change that.",
            application=application,
            actor_id=actor_id,
            now=now,
        )
        return True
    spine.leave(application.id, person_id, Part.SCREENER, now=now)
    return False

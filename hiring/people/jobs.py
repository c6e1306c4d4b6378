"""Jobs of this room."""

from datetime import datetime, timedelta

from hiring.ground.database import writing
from hiring.ground.jobs import job
from hiring.people import sessions


@job("people.forget_tries", timedelta(hours=1))
def forget_tries(now: datetime) -> int:
    """Forget sign-in tries older than a day."""
    with writing():
        return sessions.sweep_tries(now)

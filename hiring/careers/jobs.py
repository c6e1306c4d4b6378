"""Jobs of this room."""

from datetime import datetime, timedelta

from hiring.careers import actions
from hiring.ground.database import writing
from hiring.ground.jobs import job


@job("careers.forget_uploads", timedelta(hours=1))
def forget_uploads(now: datetime) -> int:
    """Forget from where files came longer ago than a day."""
    with writing():
        return actions.sweep_uploads(now)

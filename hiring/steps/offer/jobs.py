"""The worker's part of step 8: offers lapse when their answer date has passed."""

from datetime import datetime, timedelta

import structlog

from hiring.ground.database import db, writing
from hiring.ground.jobs import job
from hiring.steps.offer import actions, queries

log = structlog.get_logger()


@job("offer.lapse", every=timedelta(minutes=10))
def lapse_offers(now: datetime) -> int:
    """Let each lapse in a transaction of its own; returns how many did."""
    due = queries.lapsing(now)
    db.session.rollback()
    count = 0
    for application_id in due:
        try:
            with writing():
                count += actions.lapse_if_due(application_id, now=now)
        except Exception:  # whatever is wrong with this one, the next must still lapse
            log.exception("offer cannot lapse", application=application_id)
    return count

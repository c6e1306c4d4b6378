"""The worker's part of step 8: offers lapse when their answer date has passed."""

from datetime import datetime, timedelta

from hiring.ground.jobs import job, one_by_one
from hiring.steps.offer import actions, queries


@job("offer.lapse", every=timedelta(minutes=10))
def lapse_offers(now: datetime) -> int:
    """Let each lapse whose answer date has passed; returns how many did."""
    return one_by_one(queries.lapsing(now), lambda one: actions.lapse_if_due(one, now=now))

"""Sweeps of step 4: interviews end though nobody reports them, moves that waited are made, loops to mend are found."""

from datetime import datetime, timedelta

from hiring.ground.jobs import job, one_by_one
from hiring.pipeline import queries as pipeline
from hiring.steps.interview_loop import actions, lists, queries, seating


@job("loop.close_interviews", every=timedelta(seconds=30))
def close_interviews(now: datetime) -> int:
    """Close booked interviews whose end has passed; their feedback is due from then on."""
    return one_by_one(queries.interviews_to_close(now), lambda one: actions.close_interview(one, now))


@job("loop.settle_waiting", every=timedelta(minutes=1))
def settle_waiting(now: datetime) -> int:
    """Move on what a hold, a cord or a missing interview had kept back."""
    return one_by_one(queries.applications_to_settle(), lambda one: _settle(one, now))


@job("loop.suspect", every=timedelta(seconds=30))
def suspect(_now: datetime) -> int:
    """Find loops that have to be mended for what happened elsewhere, and drop suspicions that were none."""
    right = lists.wrongly_suspected()
    return one_by_one(right, lambda one: seating.suspect(one, right[one]))


def _settle(application_id: int, now: datetime) -> bool:
    application = pipeline.lock_application(application_id)
    step = application.step
    actions.carry_on(application, now)
    return application.step is not step

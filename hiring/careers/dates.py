"""The dates that a candidate reads on their own page: what is booked with them, and by when they hear from us.

Both as mailed to them or counted from the policy, never from what anybody wrote, voted or decided.
"""

from dataclasses import dataclass
from datetime import datetime

from hiring.careers import rules
from hiring.careers.rules import Promise
from hiring.ground import policy
from hiring.ground.working_time import local_day
from hiring.people import queries as people
from hiring.people.models import Person
from hiring.pipeline.addressees import Owner, addressees
from hiring.pipeline.models import Application
from hiring.pipeline.rules import Step
from hiring.steps.interview_loop import queries as loops
from hiring.steps.interview_loop.models import Interview
from hiring.steps.interview_loop.rules import InterviewState, LoopState
from hiring.steps.offer import queries as offers
from hiring.steps.phone_screen import queries as screens
from hiring.steps.phone_screen.rules import ScreenState
from hiring.steps.resume_review.rules import ResumePolicy


@dataclass(frozen=True, slots=True)
class Appointment:
    """A call or an interview that is booked and not over. ``where``: room or link, as mailed; may be empty."""

    what: str
    starts_at: datetime
    ends_at: datetime
    where: str


def appointments(application: Application, now: datetime) -> list[Appointment]:
    """What is booked with the candidate, the next first."""
    if application.ended is not None:
        return []
    found = [
        Appointment("Phone screen", row.starts_at, row.ends_at, row.where)
        for row in (screens.screens(application.id) if application.step is Step.PHONE_SCREEN else [])
        if row.state is ScreenState.BOOKED
    ]
    interviews = _interviews(application)
    names = people.people(person_id for person_id, _ in interviews)
    found += [
        Appointment(f"Interview with {names[person_id].name}", one.starts_at, one.ends_at, one.where)
        for person_id, one in interviews
        if one.state is InterviewState.BOOKED
    ]
    return sorted((one for one in found if one.ends_at > now), key=lambda one: one.starts_at)


def _interviews(application: Application) -> list[tuple[int, Interview]]:
    """The slots of a loop of which the candidate was told, each with whose it is."""
    if application.step.place < Step.INTERVIEW_LOOP.place or application.step.place > Step.DEBRIEF.place:
        return []
    loop = loops.loop_for(application.id)
    if loop is None or loop.state is LoopState.COMPOSING:
        return []
    kept = {InterviewState.BOOKED, InterviewState.HELD, InterviewState.CUT_SHORT}
    return [(seat.person_id, one) for seat in loops.held_seats(loop) for one in seat.interviews if one.state in kept]


def promise(application: Application, now: datetime) -> Promise | None:
    """The next date that the candidate may rely on; None where none can be named yet."""
    if application.ended is not None:
        return None
    zone = application.candidate.time_zone
    offer = offers.newest_offer(application.id) if application.live_offer_id is not None else None
    if offer is not None:
        return rules.answer_until(offer.answer_by) if application.offer_accepted_at is None else None
    last = max((one.ends_at for _, one in _interviews(application)), default=None)
    return rules.promise(
        application.step,
        entered_on=local_day(application.step_entered_at, zone),
        last_interview_on=local_day(last, zone) if last else None,
        said=application.promised_on,
        country=application.requisition.country,
        today=local_day(now, zone),
        policy=policy.current()[ResumePolicy],
    )


def contact(application: Application) -> Person | None:
    """Whom the candidate asks: the requisition's recruiter, if they are that still and may know of it."""
    reached = addressees(application.requisition, [Owner.RECRUITER], application_id=application.id).reached
    return reached[0] if reached else None

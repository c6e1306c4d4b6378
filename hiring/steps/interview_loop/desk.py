"""What this room puts on desks, and on the list of what a leaving colleague owes. Registered by ``views``."""

from datetime import datetime

from flask import url_for

from hiring.ground.working_time import local_day
from hiring.people.handover import owes
from hiring.people.models import Person
from hiring.people.rules import Debt
from hiring.pipeline import queries as spine
from hiring.pipeline.desk_items import DeskItem, desk_source
from hiring.steps.interview_loop import lists


def register() -> None:
    """Make the desk and the handover list ask this room."""
    desk_source(on_desk)
    owes(debts)


def on_desk(person: Person, now: datetime) -> list[DeskItem]:
    """Interviews of the day, invitations to answer, loops to compose, seats to mend."""
    found = []
    for seat, interview, application in lists.seats_of(person.id):
        name, about = application.candidate.name, application.id
        url = url_for("interview_loop.seat_page", seat_id=seat.id)
        today = local_day(interview.starts_at, person.time_zone) == local_day(now, person.time_zone)
        if interview.ends_at <= now:
            how = "Held, cut short, or somebody did not come; without a word it counts as held."
            found.append(DeskItem(f"How did the interview with {name} go?", how, url, None, "interview", None, about))
        elif today:
            where = interview.where if seat.accepted_at else f"{interview.where}: accept or decline"
            start, end = interview.starts_at, interview.ends_at
            found.append(DeskItem(f"Interview with {name}", where, url, start, "interview", end, about))
        elif seat.accepted_at is None and seat.declined_at is None:
            start, words = interview.starts_at, "Accept or decline."
            found.append(DeskItem(f"Invitation: {name}", words, url, start, "invitation", None, about))
    to_compose = lists.to_compose(person)
    stopped = spine.stopped([one.id for one in to_compose])
    for application in to_compose:
        url, why = url_for("interview_loop.page", application_id=application.id), stopped.get(application.id)
        detail = f"Stopped: {why}" if why else ""
        found.append(DeskItem(f"Compose the loop of {application.candidate.name}", detail, url, None, "loop"))
    for application, why in lists.to_mend(person, now):
        url = url_for("interview_loop.page", application_id=application.id)
        title = f"Mend the loop of {application.candidate.name}"
        found.append(DeskItem(title, why, url, None, "loop", application_id=application.id))
    for application, why in lists.incomplete(person, now):
        url = url_for("interview_loop.page", application_id=application.id)
        title = f"Complete the loop of {application.candidate.name}"
        found.append(DeskItem(title, why, url, None, "loop", application_id=application.id))
    return found


def debts(person_id: int) -> list[Debt]:
    """What somebody who leaves would still do on loops: interviews, seats without one yet, and the Bar Raiser's part.

    A Bar Raiser answers for an application from the draw until it has ended, whatever else of it is listed.
    """
    interviews = [
        Debt(
            f"Interview with {application.candidate.name}",
            interview.starts_at,
            url_for("interview_loop.seat_page", seat_id=seat.id),
            application.id,
        )
        for seat, interview, application in lists.seats_of(person_id)
    ]
    seats = [
        Debt(
            f"Seat on the loop of {application.candidate.name}",
            None,
            url_for("interview_loop.seat_page", seat_id=seat.id),
            application.id,
        )
        for seat, application in lists.unslotted_seats_of(person_id)
    ]
    raised = [
        Debt(
            f"Bar Raiser of {application.candidate.name}: the debrief, the veto, waivers",
            None,
            url_for("interview_loop.page", application_id=application.id),
            application.id,
        )
        for application in lists.bar_raised_by(person_id)
    ]
    return interviews + seats + raised

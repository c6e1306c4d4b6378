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
    for seat_id, accepted_at, declined_at, starts_at, ends_at, where, about, name in lists.seats_of(person.id):
        url = url_for("interview_loop.seat_page", seat_id=seat_id)
        today = local_day(starts_at, person.time_zone) == local_day(now, person.time_zone)
        if ends_at <= now:
            how = "Held, cut short, or somebody did not come; without a word it counts as held."
            found.append(DeskItem(f"How did the interview with {name} go?", how, url, None, "interview", None, about))
        elif today:
            words = where if accepted_at else f"{where}: accept or decline"
            found.append(DeskItem(f"Interview with {name}", words, url, starts_at, "interview", ends_at, about))
        elif accepted_at is None and declined_at is None:
            words = "Accept or decline."
            found.append(DeskItem(f"Invitation: {name}", words, url, starts_at, "invitation", None, about))
    to_compose = lists.to_compose(person)
    stopped = spine.stopped([application_id for application_id, _ in to_compose])
    for application_id, name in to_compose:
        why = stopped.get(application_id)
        found.append(_loop(f"Compose the loop of {name}", f"Stopped: {why}" if why else "", application_id))
    for application_id, name, why in lists.to_mend(person):
        found.append(_loop(f"Mend the loop of {name}", why, application_id))
    for application, why in lists.incomplete(person, now):
        found.append(_loop(f"Complete the loop of {application.candidate.name}", why, application.id))
    return found


def _loop(title: str, detail: str, application_id: int) -> DeskItem:
    url = url_for("interview_loop.page", application_id=application_id)
    return DeskItem(title, detail, url, None, "loop", application_id=application_id)


def debts(person_id: int) -> list[Debt]:
    """What somebody who leaves would still do on loops: interviews, seats without one yet, and the Bar Raiser's part.

    A Bar Raiser answers for an application from the draw until it has ended, whatever else of it is listed.
    """
    interviews = [
        Debt(
            f"Interview with {row.name}",
            row.starts_at,
            url_for("interview_loop.seat_page", seat_id=row.id),
            row.application_id,
        )
        for row in lists.seats_of(person_id)
    ]
    seats = [
        Debt(
            f"Seat on the loop of {name}",
            None,
            url_for("interview_loop.seat_page", seat_id=seat_id),
            application_id,
        )
        for seat_id, application_id, name in lists.unslotted_seats_of(person_id)
    ]
    raised = [
        Debt(
            f"Bar Raiser of {name}: the debrief, the veto, waivers",
            None,
            url_for("interview_loop.page", application_id=application_id),
            application_id,
        )
        for application_id, name in lists.bar_raised_by(person_id)
    ]
    return interviews + seats + raised

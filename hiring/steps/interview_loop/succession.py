"""The hiring manager's seat when the requisition gets another hiring manager."""

from dataclasses import replace
from datetime import datetime

from hiring.ground import policy
from hiring.ground.rulebook import Refusal, ensure
from hiring.people import queries as people
from hiring.pipeline import actions as spine
from hiring.pipeline import queries as pipeline
from hiring.pipeline.models import Application
from hiring.pipeline.rules import DISTINCT, Step
from hiring.steps.interview_loop import composition, course, queries, rules
from hiring.steps.interview_loop.models import Loop, Seat
from hiring.steps.interview_loop.rules import SeatKind

_OF_A_PERSON = frozenset({rules.TRAINED, rules.LEVEL, rules.DIRECT_REPORT, rules.CONFLICT, DISTINCT})
"""What is asked of whoever takes a seat; slots and principles are mended once it is theirs."""
_NEEDED = {SeatKind.RECRUITER: "recruiter", SeatKind.BAR_RAISER: "Bar Raiser"}
"""Seats that no loop is without, so that their holders do not leave them for another."""


def hand_over_hiring_manager(
    application_id: int, new_person: int, *, now: datetime, actor_id: int | None = None
) -> None:
    """Give the hiring manager's seat to the requisition's new one; they interview and write before deciding.

    The caller holds the application and has checked who may. After the debrief nothing is left to interview for: the
    seat waits until the application goes back. Raises Refused for somebody who does not fit the loop.
    """
    loop, application = queries.loop_for(application_id), pipeline.application(application_id)
    if loop is None:
        return
    ensure(_why_not_leave_seat(application, loop, new_person))
    if application.step.place > Step.DEBRIEF.place:
        return
    new = _seat(application, loop, new_person, by=actor_id, now=now)
    if new is not None:
        found = composition.findings(queries.composition(application, now), policy.current())
        refusals = (one.refusal for one in found if one.seat_id == new.id and one.refusal.rule in _OF_A_PERSON)
        ensure(replace(one, facts=f"{application.candidate.name}: {one.facts}") for one in refusals)


def _why_not_leave_seat(application: Application, loop: Loop, person_id: int) -> list[Refusal]:
    return [
        DISTINCT.refuse(
            f"{people.person(person_id).name} holds the {_NEEDED[seat.kind]}'s seat on the loop of "
            f"{application.candidate.name}.",
            mend="an administrator",
            way_out="Give that seat to somebody else first, or name another hiring manager.",
        )
        for seat in queries.held_seats(loop)
        if seat.person_id == person_id and seat.kind in _NEEDED
    ]


def _seat(application: Application, loop: Loop, person_id: int, *, by: int | None, now: datetime) -> Seat | None:
    """The seat that changed hands; None where the hiring manager holds it already."""
    old = next((one for one in queries.held_seats(loop) if one.kind is SeatKind.HIRING_MANAGER), None)
    if old is not None and old.person_id == person_id:
        return None
    words = "a new hiring manager"
    return course.succeed(application, loop, old, person_id, SeatKind.HIRING_MANAGER, words, by=by, now=now)


@spine.on_departure
def seat_who_came_after(application: Application, departure: spine.Departure) -> None:
    """Going back to before a decision seats a hiring manager who took over after it: the next one will be theirs."""
    manager_id, loop = application.requisition.hiring_manager_id, queries.loop_for(application.id)
    undecided = departure.to is not None and departure.to.place <= Step.DEBRIEF.place < application.step.place
    if not undecided or loop is None or manager_id is None or _why_not_leave_seat(application, loop, manager_id):
        return
    _seat(application, loop, manager_id, by=departure.actor_id, now=departure.now)

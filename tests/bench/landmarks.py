"""What pages are asked about: one application in every state, its people, and everything else that an address names."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select, true

from hiring.desk import queries as desk
from hiring.ground.database import db, writing
from hiring.people import passwords, queries, sessions
from hiring.people.models import Person
from hiring.people.rules import Role
from hiring.pipeline import candidates
from hiring.pipeline.models import Application, Attachment, Candidate, Cord, Requisition
from hiring.pipeline.rules import End, Step
from hiring.steps.debrief.models import Meeting
from hiring.steps.debrief.rules import Phase
from hiring.steps.interview_loop.models import Interview, Loop, Seat, Shadow
from hiring.steps.interview_loop.rules import InterviewState, LoopState, SeatKind, SeatState
from hiring.steps.job_description.models import JobDescription
from hiring.steps.job_description.rules import Status

PASSWORD = "a long walk by the river"
STANDING = {
    "administrator": Role.ADMINISTRATOR,
    "coordinator": Role.COORDINATOR,
    "head": Role.HEAD_OF_RECRUITING,
    "programme_owner": Role.PROGRAMME_OWNER,
}
HELD = SeatState.HELD
NAME = ("Mira", "Santos")
"""Of the names in the large company, one of whose beginnings many people bear in every size."""
AUTHORS = 30
"""How many write feedback at a time, under load."""
WALKED = ".landmark@candidates.example"
"""How the addresses of the large company's walked candidates end, see ``seed.large.landmarks``."""


@dataclass
class Landmarks:
    """Readers by who they are and, for those of an application, by its place; values of parameters likewise."""

    readers: dict[tuple[str, str], int] = field(default_factory=dict)
    values: dict[tuple[str, str], int | str] = field(default_factory=dict)
    emails: dict[int, str] = field(default_factory=dict)
    authors: dict[int, int] = field(default_factory=dict)
    """Seats whose feedback is being written, by who writes it; one each."""

    def reader(self, who: str, place: str) -> int:
        """Who asks there; raises KeyError."""
        return self.readers[who, place] if (who, place) in self.readers else self.readers[who, ""]

    def value(self, parameter: str, place: str) -> int | str:
        """What an address names there; raises KeyError."""
        return self.values[parameter, place] if (parameter, place) in self.values else self.values[parameter, ""]


def find(now: datetime) -> Landmarks:
    """Look for them in the company as it is, and let all readers sign in by ``PASSWORD``."""
    found = Landmarks()
    walked = _walked()
    for place, condition in _places().items():
        application = _newest(select(Application).where(condition, walked))
        if application is not None:
            _about(found, place, application)
    for who, role in STANDING.items():
        holder = next(iter(sorted(queries.holders(role), key=lambda one: not one.cast)), None)
        if holder is not None:
            found.readers[who, ""] = holder.id
    _beside(found)
    _called(found, now)
    _writing(found)
    _let_in(found, now)
    return found


def _walked() -> ColumnElement[bool]:
    """In the large company only what was walked by hand, which is alike in every size; in the demo everything."""
    ids = list(db.session.scalars(select(Candidate.id).where(Candidate.email.endswith(WALKED))))
    return Application.candidate_id.in_(ids) if ids else true()


def _places() -> dict[str, ColumnElement[bool]]:
    """By place, what its application is like; of several the newest."""
    alive = Application.ended.is_(None)

    def at(step: Step, *more: ColumnElement[bool]) -> ColumnElement[bool]:
        found = alive & (Application.step == step)
        for each in more:
            found = found & each
        return found

    def debrief(*phases: Phase) -> ColumnElement[bool]:
        return Application.id.in_(select(Meeting.application_id).where(Meeting.phase.in_(phases)))

    loops = select(Loop.application_id).where(Loop.state == LoopState.COMPOSING)
    confirmed = select(Loop.application_id).where(Loop.state == LoopState.CONFIRMED)
    met = select(Meeting.application_id)
    return {
        "fresh": at(Step.RESUME_REVIEW),
        "screening": at(Step.PHONE_SCREEN),
        "composing": at(Step.INTERVIEW_LOOP, Application.id.in_(loops)),
        "booked": at(Step.INTERVIEW_LOOP, Application.id.in_(confirmed)),
        "writing": at(Step.WRITTEN_FEEDBACK),
        "gathering": at(Step.DEBRIEF, Application.id.not_in(met) | debrief(Phase.GATHER)),
        "reading": at(Step.DEBRIEF, debrief(Phase.READ)),
        "revoting": at(Step.DEBRIEF, debrief(Phase.REVOTE)),
        "boarding": at(Step.DEBRIEF, debrief(Phase.BOARD)),
        "discussing": at(Step.DEBRIEF, debrief(Phase.DISCUSS)),
        "deciding": at(Step.DEBRIEF, debrief(Phase.DECIDE)),
        "checking": at(Step.REFERENCE_CHECK),
        "offered": at(Step.OFFER, Application.offer_accepted_at.is_(None)),
        "accepted": at(Step.OFFER, Application.offer_accepted_at.is_not(None)),
        "ended": (Application.ended == End.REJECTED) & Application.id.in_(select(Loop.application_id)),
    }


def _newest(query: Select[Any]) -> Any:
    model = query.column_descriptions[0]["entity"]
    return db.session.scalars(query.order_by(model.id.desc()).limit(1)).first()


def _about(found: Landmarks, place: str, application: Application) -> None:
    """The application's people, and what hangs on it."""
    requisition = db.session.get_one(Requisition, application.requisition_id)
    loop = db.session.scalars(select(Loop).where(Loop.application_id == application.id)).one_or_none()
    seats = list(db.session.scalars(select(Seat).where(Seat.loop_id == loop.id, Seat.state == HELD))) if loop else []
    owners = {"recruiter": requisition.recruiter_id, "hiring_manager": requisition.hiring_manager_id}
    seated = {
        "bar_raiser": next((seat for seat in seats if seat.kind is SeatKind.BAR_RAISER), None),
        "interviewer_before": next((seat for seat in seats if seat.submitted_at is None), None),
        "interviewer": next((seat for seat in reversed(seats) if seat.submitted_at or len(seats) < 2), None),
    }
    readers = owners | {who: seat and seat.person_id for who, seat in seated.items()}
    found.readers |= {(who, place): one for who, one in readers.items() if one}
    found.values |= {(f"{who}_seat_id", place): seat.id for who, seat in seated.items() if seat}
    values = {
        "application_id": application.id,
        "requisition_id": requisition.id,
        "code": requisition.code,
        "description_id": application.description_id,
        "seat_id": seats[0].id if seats else None,
        "attachment_id": getattr(
            _newest(select(Attachment).where(Attachment.application_id == application.id)), "id", 0
        ),
    }
    found.values |= {(name, place): value for name, value in values.items() if value}


def _beside(found: Landmarks) -> None:
    """What belongs to no application's place: drafts, cords, shadows, keys."""
    for status in (Status.DRAFT, Status.IN_REVIEW):
        description = _newest(select(JobDescription).where(JobDescription.status == status))
        if description is not None:
            requisition = db.session.get_one(Requisition, description.requisition_id)
            place = status.value
            found.values["description_id", place] = description.id
            found.values["requisition_id", place] = requisition.id
            found.readers["hiring_manager", place] = requisition.hiring_manager_id or 0
            found.readers["recruiter", place] = requisition.recruiter_id or 0
    cord = _newest(select(Cord).where(Cord.cleared_at.is_(None))) or _newest(select(Cord))
    if cord is not None:
        found.values["cord_id", ""] = cord.id
    shadow = _newest(select(Shadow).where(Shadow.left_at.is_(None)))
    if shadow is not None:
        found.values["shadow_id", ""] = shadow.id
        found.readers["shadow", ""] = shadow.person_id
    somebody = found.readers.get(("interviewer", "writing")) or found.readers["administrator", ""]
    found.values["somebody", ""] = somebody
    with writing():
        application = db.session.get_one(Application, found.values["application_id", "screening"])
        found.values["own_key", ""] = candidates.link_key(db.session.get_one(Candidate, application.candidate_id))


def _called(found: Landmarks, now: datetime) -> None:
    """Two words of a name that more people bear than a page holds: as many letters of them as it takes in this size."""
    recruiter = db.session.get(Person, found.readers.get(("recruiter", "fresh"), 0))
    for letters in range(max(map(len, NAME)), 0, -1) if recruiter else ():
        typed = " ".join(word[:letters] for word in NAME)
        _, following = desk.applications(recruiter, desk.Wanted(ended=None, name=typed), now=now)
        found.values["called", ""] = typed.replace(" ", "+")
        if following is not None:
            return


def _writing(found: Landmarks) -> None:
    """Some of those who owe feedback on an interview that is over."""
    owed = (Seat.state == HELD, Seat.submitted_at.is_(None), Interview.state == InterviewState.HELD)
    under_way = (Application.step == Step.WRITTEN_FEEDBACK, Application.ended.is_(None))
    query = (
        select(func.min(Seat.id), Seat.person_id)
        .join(Interview, Interview.seat_id == Seat.id)
        .join(Loop, Loop.id == Seat.loop_id)
        .join(Application, Application.id == Loop.application_id)
        .where(*owed, *under_way)
        .group_by(Seat.person_id)
        .order_by(Seat.person_id)
    )
    found.authors = {person: seat for seat, person in db.session.execute(query.limit(AUTHORS))}


def _let_in(found: Landmarks, now: datetime) -> None:
    """One password for all who ask, and the demo's mark for them: in a demo only its cast can sign in."""
    hashed = passwords.hash_password(PASSWORD)
    with writing():
        for person_id in {*found.readers.values(), *found.authors}:
            person = db.session.get_one(Person, person_id)
            person.password_hash, person.cast = hashed, True
            found.emails[person_id] = person.email
    person = db.session.get_one(Person, found.readers["administrator", ""])
    found.values["welcome_key", ""] = sessions.welcome_key(person, now)

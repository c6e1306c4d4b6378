"""Whom to sign in as, and what to open: found in the database, so that any process can ask."""

from dataclasses import dataclass, field

from sqlalchemy import select

from hiring.ground.database import db
from hiring.people.models import Person
from hiring.pipeline.candidates import link_key
from hiring.pipeline.models import Application, Attachment, Candidate, Cord, Requisition
from hiring.pipeline.rules import RequisitionStatus
from hiring.steps.interview_loop.models import Loop, Seat, Shadow
from hiring.steps.job_description.models import JobDescription
from hiring.steps.job_description.rules import Status
from hiring.steps.phone_screen.models import PhoneScreen
from seed.large.people import STAFF

SURNAME = "Landmark"
_LAST = ".landmark@candidates.example"


@dataclass
class Landmarks:
    """``people``: ids by part, all of whom the sign-in page offers. ``ids``: by route parameter, then by name.

    Applications are named by the life they were walked for (``fresh``, ``deciding``, ``hired``), seats by life and kind
    (``writing_interviewer``), everything else of an application by its life.
    """

    people: dict[str, int] = field(default_factory=dict)
    ids: dict[str, dict[str, int | str]] = field(default_factory=dict)

    def name(self, parameter: str, name: str, value: int | str) -> None:
        """Remember the value of a route parameter; the first of a name stays."""
        self.ids.setdefault(parameter, {}).setdefault(name, value)


def candidate_of(life: str) -> tuple[str, str]:
    """Name and address of the candidate of a walked life."""
    name = f"{life.replace('_', ' ').title()} {SURNAME}"
    return name, f"{name.lower().replace(' ', '.')}@candidates.example"


def landmarks() -> Landmarks:
    """The landmarks of the large company in this database."""
    found = Landmarks()
    walked = select(Application, Candidate).join(Candidate, Candidate.id == Application.candidate_id)
    rows = db.session.execute(walked.where(Candidate.email.endswith(_LAST)).order_by(Application.id)).all()
    lives = {row.Candidate.email.removesuffix(_LAST).replace(".", "_"): row.Application for row in rows}
    keys = {row.Application.id: link_key(row.Candidate) for row in rows}
    db.session.rollback()  # a key is the same every time, and nothing is to be written
    for life, application in lives.items():
        found.name("application_id", life, application.id)
        found.name("key", life, keys[application.id])
        _of_application(found, life, application.id)
    requisition_id = lives["fresh"].requisition_id
    _of_requisition(found, requisition_id)
    _people(found, requisition_id)
    db.session.rollback()
    return found


def _of_application(found: Landmarks, life: str, application_id: int) -> None:
    for model, parameter in ((PhoneScreen, "screen_id"), (Cord, "cord_id"), (Attachment, "attachment_id")):
        column = model.__table__.c
        row_id = db.session.scalar(select(column.id).where(column.application_id == application_id).order_by(column.id))
        if row_id is not None:
            found.name(parameter, life, row_id)
    seats = select(Seat).join(Loop).where(Loop.application_id == application_id).order_by(Seat.id)
    for seat in db.session.scalars(seats):
        name = f"{life}_{seat.kind.value}"
        found.name("seat_id", name, seat.id)
        if seat.interviews:
            found.name("interview_id", name, seat.interviews[-1].id)
        for shadow_id in db.session.scalars(select(Shadow.id).where(Shadow.seat_id == seat.id)):
            found.name("shadow_id", life, shadow_id)


def _of_requisition(found: Landmarks, requisition_id: int) -> None:
    row = db.session.get_one(Requisition, requisition_id)
    for name, requisition in (("open", row), ("draft", _drafted(row))):
        if requisition is None:
            continue
        found.name("requisition_id", name, requisition.id)
        found.name("code", name, requisition.code)
        versions = select(JobDescription).where(JobDescription.requisition_id == requisition.id)
        for version in db.session.scalars(versions):
            found.name("description_id", "draft" if version.status is Status.DRAFT else "approved", version.id)


def _drafted(beside: Requisition) -> Requisition | None:
    """The same hiring manager's requisition that is not open yet."""
    query = select(Requisition).where(
        Requisition.hiring_manager_id == beside.hiring_manager_id, Requisition.status == RequisitionStatus.DRAFT
    )
    return db.session.scalars(query.order_by(Requisition.id).limit(1)).first()


def _people(found: Landmarks, requisition_id: int) -> None:
    row = db.session.get_one(Requisition, requisition_id)
    found.people = {
        str(email).removesuffix("@large.example"): person_id
        for person_id, email in db.session.execute(
            select(Person.id, Person.email).where(
                Person.cast, Person.email.in_([f"{key}@large.example" for key in STAFF])
            )
        )
    }
    found.people |= {"recruiter": row.recruiter_id or 0, "hiring_manager": row.hiring_manager_id or 0}
    for name in ("interviewer", "bar_raiser"):
        seat = db.session.get_one(Seat, found.ids["seat_id"][f"writing_{name}"])
        found.people[name] = seat.person_id
    shadow = db.session.get_one(Shadow, found.ids["shadow_id"]["hired"])
    found.people["trainee"] = shadow.person_id
    found.name("person_id", "trainee", shadow.person_id)
    found.name("person_id", "interviewer", found.people["interviewer"])

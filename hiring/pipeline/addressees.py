"""Who is written to as a requisition's recruiter or hiring manager: whoever is that still, else the administrators.

Being named on a requisition is not enough to be told what happens there. Who left, lost the role, or is close to an
internal candidate gets no such notice; administrators learn which one reached nobody, and what to mend.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from hiring.ground import outbox
from hiring.ground.database import db, surely
from hiring.people import queries as people
from hiring.people.models import Person
from hiring.people.rules import Role
from hiring.pipeline import readers
from hiring.pipeline.models import Requisition


class Owner(StrEnum):
    """Who answers for a requisition."""

    RECRUITER = "recruiter"
    HIRING_MANAGER = "hiring manager"


@dataclass(frozen=True, slots=True)
class Addressees:
    """``reached``: who is written to. ``unreached``: why each of the others is not, in a sentence."""

    reached: list[Person]
    unreached: list[str]


def addressees(requisition: Requisition, owners: Sequence[Owner], *, application_id: int | None = None) -> Addressees:
    """Who of these owners may still read about the requisition, or about this application of it."""
    found = Addressees([], [])
    for owner in owners:
        named = requisition.recruiter_id if owner is Owner.RECRUITER else requisition.hiring_manager_id
        person = surely(db.session.get(Person, surely(named, "owner")), "owner")
        why = _why_not(person, requisition, owner, application_id)
        if why:
            found.unreached.append(f"{person.name}, the {owner} named on {requisition.code}, {why}.")
        else:
            found.reached.append(person)
    return found


def _why_not(person: Person, requisition: Requisition, owner: Owner, application_id: int | None) -> str:
    if person.disabled_at is not None:
        return "has left"
    if owner is Owner.RECRUITER and not readers.is_recruiter_of(person, requisition):
        return "does not hold the role of recruiter any more"
    if application_id is not None and readers.barred_among(person, {application_id}):
        return "is close to the candidate and may know nothing of the application"
    return ""


def stand_ins(application_id: int | None) -> list[Person]:
    """Administrators who may know of the application: whom a notice reaches that an owner cannot get."""
    barred = readers.barred_among
    ids = set() if application_id is None else {application_id}
    return [one for one in people.holders(Role.ADMINISTRATOR) if not barred(one, ids)]


def tell_stand_ins(
    to: Addressees,
    requisition: Requisition,
    subject: str,
    *,
    now: datetime,
    application_id: int | None = None,
    about: str | None = None,
) -> None:
    """Write to every administrator who may know of it, where an owner could not be told."""
    for administrator in stand_ins(application_id) if to.unreached else []:
        tell_stand_in(administrator, requisition, subject, to.unreached, about=about, now=now)


def tell_stand_in(
    administrator: Person,
    requisition: Requisition,
    subject: str,
    unreached: Sequence[str],
    *,
    now: datetime,
    key: str | None = None,
    about: str | None = None,
    expires_at: datetime | None = None,
) -> bool:
    """Write which notice (by its subject) reached no owner, and why; False where ``key`` was told before."""
    words = outbox.compose(
        "pipeline/unreached",
        name=administrator.name,
        said=subject,
        unreached=unreached,
        code=requisition.code,
        requisition_id=requisition.id,
    )
    put = outbox.put(
        "owner.unreached",
        administrator.email,
        *words,
        key=key,
        recipient_id=administrator.id,
        about=about,
        now=now,
        expires_at=expires_at,
    )
    return put is not None

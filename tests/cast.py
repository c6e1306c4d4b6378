"""The named people that tests are about; an outsider among them. ``hire_cast()`` adds them to the database.

The position under test is level 7 in Payments; its hiring manager is Hector.
"""

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Protocol, TypeVar

from flask.testing import FlaskClient

from hiring.ground import clock
from hiring.ground.database import db, writing
from hiring.people.models import Person, Qualification, RoleGrant, SignInSession, Team
from hiring.people.rules import Record, Role

HIRED_ON = datetime(2020, 1, 6, 9, 0, tzinfo=UTC)
PEOPLE: dict[str, tuple[str, int, str | None, str, tuple[Role, ...], str]] = {
    # key: (title, level, manager, team, roles, qualification: none/course/trained/experienced/bar_raiser)
    "vera": ("Chief Executive", 12, None, "Board", (), "none"),
    "dana": ("Director of Payments", 10, "vera", "Payments Leads", (), "experienced"),
    "hector": ("Manager, Payments", 8, "dana", "Payments", (), "experienced"),
    "hilda": ("Manager, Payments Risk", 8, "dana", "Payments", (), "experienced"),
    "ivan": ("Engineer, Payments", 7, "hector", "Payments", (), "experienced"),
    "ines": ("Engineer, Payments", 6, "hector", "Payments", (), "experienced"),
    "lars": ("Director of Logistics", 10, "vera", "Logistics Leads", (), "experienced"),
    "igor": ("Engineer, Logistics", 7, "lars", "Logistics", (), "trained"),
    "iris": ("Engineer, Logistics", 7, "lars", "Logistics", (), "experienced"),
    "ilse": ("Engineer, Logistics", 6, "lars", "Logistics", (), "trained"),
    "irma": ("Scientist, Logistics", 8, "lars", "Logistics", (), "experienced"),
    "bea": ("Principal Engineer, Logistics", 9, "lars", "Logistics", (), "bar_raiser"),
    "bram": ("Senior Manager, Search", 8, "sven", "Search", (), "bar_raiser"),
    "bo": ("Engineer, Payments", 8, "hector", "Payments", (), "bar_raiser"),
    "sven": ("Director of Search", 10, "vera", "Search Leads", (), "experienced"),
    "juna": ("Engineer, Search", 5, "sven", "Search", (), "trained"),
    "tara": ("Engineer, Search", 7, "sven", "Search", (), "course"),
    "nora": ("Engineer, Search", 7, "sven", "Search", (), "none"),
    "olga": ("Accountant", 7, "vera", "Finance", (), "none"),
    "hanna": ("Head of Recruiting", 9, "vera", "Recruiting", (Role.HEAD_OF_RECRUITING,), "none"),
    "rita": ("Recruiter", 7, "hanna", "Recruiting", (Role.RECRUITER,), "experienced"),
    "ron": ("Recruiter", 6, "hanna", "Recruiting", (Role.RECRUITER,), "trained"),
    "cora": ("Coordinator", 5, "hanna", "Recruiting", (Role.COORDINATOR,), "none"),
    "priya": ("Programme Owner", 8, "hanna", "Recruiting", (Role.PROGRAMME_OWNER,), "none"),
    "amal": ("Process Owner", 9, "vera", "People", (Role.ADMINISTRATOR,), "none"),
    "ada": ("Process Owner", 8, "amal", "People", (Role.ADMINISTRATOR,), "none"),
}
_PATH = ("none", "course", "trained", "experienced", "bar_raiser")


Made = TypeVar("Made")


class Remembers(Protocol):
    """Gives what ``make`` writes and returns; may have kept it under its name."""

    def __call__(self, name: str, make: Callable[[], Made], /) -> Made: ...


def _makes(_name: str, make: Callable[[], Made], /) -> Made:
    return make()


@dataclass
class Cast:
    """People by first name: ``cast.rita``. Rows are looked up afresh, so they are never stale.

    ``made`` is a test engine's memory of what was built from the cast alone.
    """

    ids: dict[str, int]
    made: Remembers = _makes

    def __getattr__(self, name: str) -> Person:
        try:
            person = db.session.get(Person, self.ids[name])
        except KeyError as error:
            raise AttributeError(name) from error
        assert person is not None
        return person


def hire_cast(today: date = date(2026, 3, 4)) -> Cast:
    """Add everybody with their qualification records, dated well before ``today``."""
    ids: dict[str, int] = {}
    with writing():
        teams: dict[str, Team] = {}
        for key, (title, level, _manager, team, roles, qualification) in PEOPLE.items():
            if team not in teams:
                teams[team] = Team(name=team, department=team.split()[0])
                db.session.add(teams[team])
                db.session.flush()
            person = Person(
                name=key.capitalize(),
                email=f"{key}@example.org",
                title=title,
                level=level,
                team_id=teams[team].id,
                time_zone="Europe/Berlin",
                country="DE",
            )
            db.session.add(person)
            db.session.flush()
            ids[key] = person.id
            for role in roles:
                db.session.add(RoleGrant(person_id=person.id, role=role, since=HIRED_ON))
            qualify(person.id, qualification, today)
        for key, entry in PEOPLE.items():
            if entry[2]:
                db.session.get_one(Person, ids[key]).manager_id = ids[entry[2]]
    return Cast(ids)


def qualify(person_id: int, qualification: str, today: date) -> None:
    """Add the records that somebody on that rung of the path has."""
    rung = _PATH.index(qualification)
    records = [
        (1, Record.COURSE, 1),
        (2, Record.PAIRED_INTERVIEW, 1),
        (3, Record.INTERVIEWS, 30 if rung == len(_PATH) - 1 else 12),
        (4, Record.NOMINATION, 1),
        (4, Record.BAR_RAISER_TRAINING, 1),
        (4, Record.CERTIFICATION, 1),
    ]
    for needed, record, count in records:
        if rung >= needed:
            db.session.add(
                Qualification(
                    person_id=person_id,
                    record=record,
                    on=today - timedelta(days=200),
                    count=count,
                    expires_on=today + timedelta(days=300) if record is Record.CERTIFICATION else None,
                    attested_source="test",
                    recorded_at=HIRED_ON,
                )
            )


def sign_in(client: FlaskClient, person: Person) -> FlaskClient:
    """Sign a person in by a real session row, without the cost of a password."""

    token, person_id = secrets.token_urlsafe(32), person.id
    now = clock.now() + timedelta(days=365)  # it outlasts whatever the test lets go by
    with writing():
        db.session.add(
            SignInSession(
                token_digest=hashlib.sha256(token.encode()).hexdigest(),
                person_id=person_id,
                started_at=now,
                seen_at=now,
            )
        )
    with client.session_transaction() as cookie:
        cookie["_user_id"] = token
        cookie["_fresh"] = True
    return client

"""The people of the large company: those who run the process, a pod that is walked, and as many pods as are asked for.

A pod is one hiring manager, a Bar Raiser of another team, a trainee and six interviewers. Five pods share a recruiter.
"""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from sqlalchemy import insert, select, update

from hiring.ground.database import db
from hiring.people.models import Person, Qualification, RoleGrant, Team
from hiring.people.rules import Record, Role
from seed.company import FIRST, LAST, Company
from seed.large.lives import Life
from seed.telling import House

PODS_A_RECRUITER = 5
FULL = 500
"""Pods of the full company: with everybody else some 5,000 people, and 2,000 open requisitions."""
POD = (
    ("Hector Hale", "Manager", 8),
    ("Bea Brandt", "Principal Engineer", 8),
    ("Tara Tran", "Senior Engineer", 7),
    ("Iris Ito", "Senior Engineer", 7),
    ("Ivan Ivers", "Senior Engineer", 7),
    ("Ilse Iwan", "Engineer", 6),
    ("Igor Inman", "Principal Engineer", 8),
    ("Ines Ilic", "Senior Engineer", 7),
    ("Idris Imam", "Senior Engineer", 7),
)
_TAKES_TURNS = 3
"""From this place on a pod's people take turns on its loops."""
STAFF: dict[str, tuple[str, str, int, tuple[Role, ...]]] = {
    "head": ("Hanna Holt", "Head of Recruiting", 9, (Role.HEAD_OF_RECRUITING,)),
    "administrator": ("Amal Aziz", "Owner of the Hiring Process", 9, (Role.ADMINISTRATOR,)),
    "administrator2": ("Astrid Aune", "People Operations Lead", 8, (Role.ADMINISTRATOR,)),
    "programme": ("Priya Pillai", "Interviewing Programme Owner", 8, (Role.PROGRAMME_OWNER,)),
    "coordinator": ("Cora Klein", "Recruiting Coordinator", 5, (Role.COORDINATOR,)),
}
_PAIRED = (Record.COURSE, Record.PAIRED_INTERVIEW)
_CERTIFIED = (Record.NOMINATION, Record.BAR_RAISER_TRAINING, Record.CERTIFICATION)


@dataclass
class Staff:
    """Everybody who is not copied: ids by part; ``directors`` lead hiring managers, ``deans`` the Bar Raisers."""

    cast: dict[str, int]
    directors: list[int]
    deans: list[int]
    company: Company
    house: House

    def pod(self) -> Life:
        """The walked pod's people and what they are trained for, to be copied."""
        first, house = self.house.first, self.house
        people = list(range(first, first + house.width))
        trained = select(Qualification.id).where(
            Qualification.person_id.in_(people), Qualification.attested_source != ""
        )
        records = list(db.session.scalars(trained.order_by(Qualification.id)))
        db.session.rollback()
        return Life("pod", {"team": [house.team], "person": people, "qualification": records})


def names() -> list[str]:
    """Names for people and candidates, in an order that does not look like one."""
    return [f"{first} {last}" for last in LAST.split() for first in FIRST.split()]


def hire(pods: int, now: datetime) -> Staff:
    """Add all who are not copied and the walked pod, in the caller's transaction; ``pods`` in all."""
    since = now - timedelta(days=1500)
    teams = {
        name: _team(name, department)
        for name, department in (
            ("Executive", "Executive"),
            ("Recruiting", "People"),
            ("People Operations", "People"),
            ("Engineering Leads", "Engineering"),
            ("Guild of Bar Raisers", "Engineering"),
            ("Operations", "Operations"),
        )
    }
    (chief,) = _people([("Clara Chief", "Chief Executive", 12, None, teams["Executive"])])
    cast: dict[str, int] = {}
    for key, (name, title, level, roles) in STAFF.items():
        team = teams["Recruiting" if level < 9 or key == "head" else "People Operations"]
        (cast[key],) = _people([(name, title, level, cast.get("head", chief), team)], email=f"{key}@large.example")
        for role in roles:
            db.session.add(RoleGrant(person_id=cast[key], role=role, since=since))
    leads = max(2, pods // 20)
    directors, deans = (
        _people([(name, title, 10, chief, teams["Engineering Leads"]) for name in names()[at : at + leads]])
        for at, title in ((50, "Director"), (900, "Director of Engineering"))
    )
    _fillers(pods, leads, chief, teams, since)
    recruiters = pods // PODS_A_RECRUITER
    wanted = [
        ("Rita Rosen" if place == 0 else names()[1500 + place], "Recruiter", 6, cast["head"], teams["Recruiting"])
        for place in range(recruiters)
    ]
    hired = _people(wanted)
    db.session.execute(insert(RoleGrant), [{"person_id": one, "role": Role.RECRUITER, "since": since} for one in hired])
    for one in hired:
        _train(one, now, 30)
    pod_team = _team("Team", "Engineering")
    (manager,) = _people([(*POD[0], directors[0], pod_team)])
    (bar_raiser,) = _people([(*POD[1], deans[0], teams["Guild of Bar Raisers"])])
    others = _people([(*each, manager, pod_team) for each in POD[2:]])
    for one in (manager, bar_raiser, *others[_TAKES_TURNS - 2 :]):
        _train(one, now, 40)
    for record in _CERTIFIED:
        _attest(bar_raiser, record, now, 1)
    _attest(others[0], Record.COURSE, now, 1)
    cast |= {"recruiter": hired[0], "hiring_manager": manager, "bar_raiser": bar_raiser}
    cast |= {"trainee": others[0], "interviewer": others[1]}
    house = House(hired[0], manager, manager + _TAKES_TURNS, len(POD), pod_team)
    company = Company(
        teams={"Team": pod_team},
        managers={"Team": manager},
        cast={"recruiter": hired[0]},
        bar_raisers=[bar_raiser],
        interviewers=others[_TAKES_TURNS - 2 :],
        trainees=[others[0]],
    )
    db.session.flush()
    known = [*cast.values(), bar_raiser, *others]
    db.session.execute(update(Person).where(Person.id.in_(known)).values(cast=True))
    return Staff(cast, directors, deans, company, house)


def _fillers(pods: int, leads: int, chief: int, teams: dict[str, int], since: datetime) -> None:
    """Everybody who never hires: a tenth of the company."""
    known = len(STAFF) + 1 + 2 * leads + pods // PODS_A_RECRUITER + len(POD) * pods
    many = max(1, 10 * pods - known)
    found = _people([(names()[2000 + n % 1000], "Specialist", 5, chief, teams["Operations"]) for n in range(many)])
    for one in found[: pods // 25]:
        db.session.add(RoleGrant(person_id=one, role=Role.COORDINATOR, since=since))


def _team(name: str, department: str) -> int:
    row = Team(name=name, department=department)
    db.session.add(row)
    db.session.flush()
    return row.id


def _people(wanted: list[tuple[Any, ...]], email: str = "") -> list[int]:
    """Write people (name, title, level, manager, team); returns their ids in order."""
    first = db.session.scalar(select(Person.id).order_by(Person.id.desc()).limit(1)) or 0
    rows = [
        {
            "name": name,
            "title": title,
            "level": level,
            "manager_id": manager,
            "team_id": team,
            "email": email or f"p{first + 1 + place}@large.example",
            "time_zone": "Europe/Berlin",
            "country": "DE",
            "works_from": time(9),
            "works_until": time(17, 30),
            "version": 1,
        }
        for place, (name, title, level, manager, team) in enumerate(wanted)
    ]
    return list(db.session.scalars(insert(Person).returning(Person.id, sort_by_parameter_order=True), rows))


def _train(person_id: int, now: datetime, interviews: int) -> None:
    for record in _PAIRED:
        _attest(person_id, record, now, 1)
    _attest(person_id, Record.INTERVIEWS, now, interviews)


def _attest(person_id: int, record: Record, now: datetime, count: int) -> None:
    db.session.add(
        Qualification(
            person_id=person_id,
            record=record,
            on=(now - timedelta(days=1400)).date(),
            count=count,
            expires_on=(now + timedelta(days=200)).date() if record is Record.CERTIFICATION else None,
            attested_source="opening balance: the training register",
            recorded_at=now - timedelta(days=1400),
        )
    )

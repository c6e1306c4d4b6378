"""The people of the demo company: an org chart of some 230, a cast to sign in as, and everybody's qualifications."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from random import Random

from sqlalchemy import select

from hiring.ground.database import db
from hiring.people.models import Person, Qualification, RoleGrant, Team
from hiring.people.rules import Record, Role

FIRST = (
    "Aisha Anna Bilal Birgit Carmen Chidi Clara Daniel Diego Elena Emre Fatima Felix Freya Goran Grace Hana "
    "Henrik Imani Ingrid Isaac Jamal Jana Jonas Kaito Karin Kofi Lars Leila Liam Lucia Magnus Maja Mei Milan Mira "
    "Nadia Niko Noor Olga Omar Paula Pavel Priya Quinn Rafael Rania Robin Sana Sven Tariq Tessa Uma Vera Viktor "
    "Wei Yara Yusuf Zoe "
)
LAST = (
    "Abe Acosta Adeyemi Ahmed Andersson Bakker Banerjee Berg Castillo Chen Cohen Costa Dahl Demir Diallo Dubois "
    "Eriksen Fischer Garcia Haddad Hansen Ibrahim Ivanova Jansen Kaya Khan Kim Kowalski Kruger Larsen Lopez Mbeki "
    "Meyer Moreau Nakamura Novak Nowak Okafor Olsen Patel Petrov Popescu Rahman Rossi Santos Sato Schmidt Silva "
    "Singh Suzuki Tanaka Torres Vargas Vogel Wagner Weber Yilmaz Zhang "
)
DEPARTMENTS = {
    "Payments": ("Ledger", "Checkout", "Risk"),
    "Logistics": ("Routing", "Warehouse", "Returns"),
    "Search": ("Ranking", "Index", "Ads"),
    "Platform": ("Compute", "Storage", "Identity"),
    "Marketplace": ("Sellers", "Catalogue", "Pricing"),
}
ZONES = (("Europe/Berlin", "DE"), ("Europe/Berlin", "DE"), ("Europe/London", "GB"), ("America/New_York", "US"))
CAST = {
    "head": ("Hanna Holt", "Head of Recruiting", 9, "Recruiting", (Role.HEAD_OF_RECRUITING,)),
    "recruiter": ("Rita Rosen", "Recruiter", 6, "Recruiting", (Role.RECRUITER,)),
    "recruiter2": ("Ramon Reyes", "Senior Recruiter", 7, "Recruiting", (Role.RECRUITER,)),
    "coordinator": ("Cora Klein", "Recruiting Coordinator", 5, "Recruiting", (Role.COORDINATOR,)),
    "programme": ("Priya Pillai", "Interviewing Programme Owner", 8, "Recruiting", (Role.PROGRAMME_OWNER,)),
    "administrator": ("Amal Aziz", "Owner of the Hiring Process", 9, "People", (Role.ADMINISTRATOR,)),
    "administrator2": ("Astrid Aune", "People Operations Lead", 8, "People", (Role.ADMINISTRATOR,)),
}


@dataclass
class Company:
    """Ids of everybody by what they are; ``teams`` and ``managers`` by team name, ``cast`` by part."""

    teams: dict[str, int] = field(default_factory=dict)
    managers: dict[str, int] = field(default_factory=dict)
    members: dict[str, list[int]] = field(default_factory=dict)
    cast: dict[str, int] = field(default_factory=dict)
    bar_raisers: list[int] = field(default_factory=list)
    interviewers: list[int] = field(default_factory=list)
    trainees: list[int] = field(default_factory=list)


def found(now: datetime, chance: Random) -> Company:
    """Add teams, people, roles and attested qualifications; inside the caller's transaction."""
    company = Company()
    names = _names(chance)
    chief = _add(company, next(names), "Chief Executive", 12, None, "Executive", ("Europe/Berlin", "DE"))
    people_lead = _add(company, next(names), "Chief People Officer", 11, chief, "Executive", ZONES[0])
    for key, (name, title, level, team, roles) in CAST.items():
        manager = company.cast["head"] if team == "Recruiting" and key != "head" else people_lead
        person_id = _add(company, name, title, level, manager, team, ZONES[0], cast=True)
        company.cast[key] = person_id
        for role in roles:
            db.session.add(RoleGrant(person_id=person_id, role=role, since=now - timedelta(days=900)))
    for department, teams in DEPARTMENTS.items():
        director = _add(company, next(names), f"Director, {department}", 10, chief, f"{department} Leads", ZONES[0])
        for team in teams:
            _staff(company, names, chance, director, f"{department} {team}")
    _qualify_everybody(company, now, chance)
    return company


def _names(chance: Random) -> Iterator[str]:
    pairs = [f"{first} {last}" for first in FIRST.split() for last in LAST.split()]
    chance.shuffle(pairs)
    return iter(pairs)


def _staff(company: Company, names: Iterator[str], chance: Random, director: int, team: str) -> None:
    zone = chance.choice(ZONES)
    manager = _add(company, next(names), f"Manager, {team}", chance.choice((8, 9)), director, team, zone)
    company.managers[team] = manager
    for _ in range(13):
        level = chance.choice((5, 6, 6, 7, 7, 7, 8))
        title = {5: "Engineer", 6: "Engineer", 7: "Senior Engineer", 8: "Principal Engineer"}[level]
        _add(company, next(names), f"{title}, {team}", level, manager, team, chance.choice((zone, zone, *ZONES)))


def _add(
    company: Company,
    name: str,
    title: str,
    level: int,
    manager: int | None,
    team: str,
    zone: tuple[str, str],
    *,
    cast: bool = False,
) -> int:
    if team not in company.teams:
        row = Team(name=team, department=team.split()[0])
        db.session.add(row)
        db.session.flush()
        company.teams[team] = row.id
    person = Person(
        name=name,
        email=f"{name.lower().replace(' ', '.')}@demo.example",
        title=title,
        level=level,
        manager_id=manager,
        team_id=company.teams[team],
        time_zone=zone[0],
        country=zone[1],
        works_from=time(9),
        works_until=time(17, 30),
        cast=cast,
    )
    db.session.add(person)
    db.session.flush()
    company.members.setdefault(team, []).append(person.id)
    return person.id


def _qualify_everybody(company: Company, now: datetime, chance: Random) -> None:
    """Most can interview; a few of level 8 and above, from every department, are Bar Raisers; some are in training."""
    levels = {row.id: row.level for row in db.session.execute(select(Person.id, Person.level))}
    for team, members in company.members.items():
        for person_id in members:
            if team == "Executive":
                continue
            draw = chance.random()
            if person_id in company.managers.values() or person_id in company.cast.values() or draw < 0.6:
                count = chance.randint(11, 40)
            elif draw < 0.75:
                count = chance.randint(1, 9)
            else:
                if draw < 0.88:
                    _attest(person_id, Record.COURSE, now, 1)
                    company.trainees.append(person_id)
                continue
            _attest(person_id, Record.COURSE, now, 1)
            _attest(person_id, Record.PAIRED_INTERVIEW, now, 1)
            senior = levels[person_id] >= 8 and person_id not in {*company.cast.values(), *company.managers.values()}
            if senior and len([one for one in company.bar_raisers if one in members]) < 1:
                count += 30
                for record in (Record.NOMINATION, Record.BAR_RAISER_TRAINING, Record.CERTIFICATION):
                    _attest(person_id, record, now, 1)
                company.bar_raisers.append(person_id)
            _attest(person_id, Record.INTERVIEWS, now, count)
            company.interviewers.append(person_id)


def _attest(person_id: int, record: Record, now: datetime, count: int) -> None:
    db.session.add(
        Qualification(
            person_id=person_id,
            record=record,
            on=(now - timedelta(days=400)).date(),
            count=count,
            expires_on=(now + timedelta(days=200)).date() if record is Record.CERTIFICATION else None,
            attested_source="opening balance: the training register of the demo company",
            recorded_at=now - timedelta(days=400),
        )
    )

"""Reads about people. Everybody may know the org chart; nobody's password or session leaves this room."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import TypeAlias, TypeVarTuple

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Date,
    Exists,
    Row,
    Select,
    String,
    bindparam,
    collate,
    except_,
    exists,
    func,
    literal,
    or_,
    select,
    tuple_,
)
from sqlalchemy.orm import InstrumentedAttribute, aliased

from hiring.ground.database import BigId, db, existing, is_sqlite
from hiring.ground.reading import once, once_each, remember_each
from hiring.ground.rulebook import Refusal
from hiring.people import rules
from hiring.people.access import normal_email
from hiring.people.asking import MOST, Asker, any_of, ask_of, find, objects
from hiring.people.models import Person, Qualification, RoleGrant, Team
from hiring.people.rules import LAPSING, Colleague, Placed, Record, Role, Standing

PAGE = 50
BAR_RAISERS = 25
"""Of them on a page that says how busy each is."""
_WORDS = 8
"""Words of a search that count."""
Ts = TypeVarTuple("Ts")
_ON = bindparam("on", type_=Date)
_HELD = RoleGrant.until.is_(None)


@once
def person(person_id: int) -> Person:
    """One person by id; raises NotVisible."""
    return existing(db.session.get(Person, person_id), f"person {person_id}")


@once_each
def people(ids: Iterable[int]) -> dict[int, Person]:
    """Several people by id."""
    wanted = list(ids)
    return {row.id: row for row in objects(_people, ids=wanted)} if wanted else {}


def _people() -> Select[Person]:
    return select(Person).where(Person.id.in_(any_of("ids")))


@once_each
def names(ids: Iterable[int]) -> dict[int, str]:
    """Names of people by id."""
    return {row.id: row.name for row in find(_names, ids=list(ids))}


def _names() -> Select[int, str]:
    return select(Person.id, Person.name).where(Person.id.in_(any_of("ids")))


def name(person_id: int) -> str:
    """The name of one person; raises NotVisible."""
    return existing(names([person_id]).get(person_id), f"person {person_id}")


def names_and_levels(ids: Iterable[int]) -> dict[int, Row[int, str, int]]:
    """Id, name and level of people by id."""
    wanted = list(ids)
    return {row.id: row for row in find(_names_and_levels, ids=wanted)} if wanted else {}


def _names_and_levels() -> Select[int, str, int]:
    return select(Person.id, Person.name, Person.level).where(Person.id.in_(any_of("ids")))


def colleague(person_id: int, on: date) -> Colleague:
    """What rules need to know of one person; raises NotVisible."""
    return existing(colleagues([person_id], on).get(person_id), f"person {person_id}")


@once_each
def colleagues(ids: Iterable[int], on: date | None) -> dict[int, Colleague]:
    """What rules need to know of several people on a day, in three queries whatever their number.

    ``on``: None for rules that ask nothing of their records, which grow with every interview.
    """
    wanted = list(ids)
    chains = manager_chains(wanted)
    counts = _counts(wanted, on) if on is not None else {}
    roles: dict[int, set[Role]] = {}
    rows = find(_in_teams, people=wanted)
    remember_each(names, {row.id: row.name for row in rows})
    for row in rows:
        if row.role is not None:
            roles.setdefault(row.id, set()).add(row.role)
    result = {}
    for row in rows:
        own = counts.get(row.id, {})
        result[row.id] = Colleague(
            id=row.id,
            name=row.name,
            level=row.level,
            team_id=row.team_id,
            managers=chains.get(row.id, ()),
            roles=frozenset(roles.get(row.id, ())),
            course=Record.COURSE in own,
            paired=Record.PAIRED_INTERVIEW in own,
            interviews=own[Record.INTERVIEWS][0] if Record.INTERVIEWS in own else 0,
            certified_until=own[Record.CERTIFICATION][1] if Record.CERTIFICATION in own else None,
            disabled=row.disabled_at is not None,
            guest=row.guest,
            team_name=row.team_name or "",
            time_zone=row.time_zone,
            works=(row.works_from, row.works_until),
        )
    return result


@once_each
def _counts(ids: Iterable[int], on: date) -> dict[int, dict[Record, tuple[int, date | None]]]:
    """Of each kind of valid record that several people have: how often, and the last day of the newest."""
    found: dict[int, dict[Record, tuple[int, date | None]]] = {}
    for person_id, record, count, expires in find(_records, people=list(ids), on=on):
        found.setdefault(person_id, {})[record] = int(count), expires
    return found


@once_each
def placed(ids: Iterable[int]) -> dict[int, Placed]:
    """Where several people stand on the org chart: nothing of their records, which grow with every interview."""
    wanted = list(ids)
    chains = manager_chains(wanted)
    return {
        row.id: Placed(row.id, row.name, row.level, row.team_id, chains.get(row.id, ()), row.team_name or "")
        for row in find(_placed, people=wanted)
    }


def _placed() -> Select[int, str, int, int | None, str | None]:
    return (
        select(Person.id, Person.name, Person.level, Person.team_id, Team.name.label("team_name"))
        .outerjoin(Team, Team.id == Person.team_id)
        .where(Person.id.in_(any_of("people")))
    )


def _in_teams() -> Select[int, str, int, int | None, datetime | None, bool, str, time, time, str | None, Role | None]:
    """One row for each standing role, and one for somebody without any."""
    return (
        select(
            Person.id,
            Person.name,
            Person.level,
            Person.team_id,
            Person.disabled_at,
            Person.guest,
            Person.time_zone,
            Person.works_from,
            Person.works_until,
            Team.name.label("team_name"),
            RoleGrant.role,
        )
        .outerjoin(Team, Team.id == Person.team_id)
        .outerjoin(RoleGrant, (RoleGrant.person_id == Person.id) & _HELD)
        .where(Person.id.in_(any_of("people")))
    )


def _records() -> Select[int, Record, int, date | None]:
    return (
        select(
            Qualification.person_id,
            Qualification.record,
            func.sum(Qualification.count),
            func.max(Qualification.expires_on),
        )
        .where(
            Qualification.person_id.in_(any_of("people")),
            Qualification.on <= _ON,
            Qualification.void_at.is_(None),
        )
        .group_by(Qualification.person_id, Qualification.record)
    )


@once_each
def manager_chains(ids: Iterable[int]) -> dict[int, tuple[int, ...]]:
    """Ids of managers up the chart, nearest first, for each id; one recursive query, cycles cut at 30."""
    result: dict[int, list[int]] = {}
    for root, manager in find(_chains, people=list(ids)):
        result.setdefault(root, []).append(manager)
    return {root: tuple(managers) for root, managers in result.items()}


def _chains() -> Select[int, int]:
    start = (
        select(Person.id.label("root"), Person.manager_id.label("manager"), literal(1).label("height"))
        .where(Person.id.in_(any_of("people")))
        .cte("chain", recursive=True)
    )
    above = aliased(Person)
    chain = start.union_all(
        select(start.c.root, above.manager_id, start.c.height + 1)
        .join(above, above.id == start.c.manager)
        .where(start.c.height < 30)
    )
    query = select(chain.c.root, chain.c.manager).where(chain.c.manager.is_not(None))
    return query.order_by(chain.c.root, chain.c.height)


@once
def certified_bar_raisers(on: date, most: int | None = None) -> list[int]:
    """Ids of people whose Bar Raiser certification is current on that day and who are still here.

    ``most``: any so many of them, for whoever only asks whether there is one.
    """
    return sorted({row.person_id for row in find(_certified, most is not None, on=on, most=most)})


def _certified(some: bool) -> Select[int]:
    query = (
        select(Qualification.person_id)
        .join(Person, Person.id == Qualification.person_id)
        .where(*_valid(Record.CERTIFICATION), Qualification.expires_on >= _ON, Person.disabled_at.is_(None))
    )
    return query.limit(MOST) if some else query


@once
def holders(role: Role) -> list[Person]:
    """Everybody still here who holds a standing role, by name."""
    query = (
        select(Person)
        .join(RoleGrant, RoleGrant.person_id == Person.id)
        .where(RoleGrant.role == role, _HELD, Person.disabled_at.is_(None))
        .order_by(Person.name)
    )
    return list(db.session.scalars(query))


@once
def holder_choices(role: Role) -> Sequence[Row[int, str]]:
    """Id and name of everybody still here who holds a standing role, by name."""
    return find(_holder_choices, role)


def _holder_choices(role: Role) -> Select[int, str]:
    return (
        select(Person.id, Person.name)
        .join(RoleGrant, RoleGrant.person_id == Person.id)
        .where(RoleGrant.role == role, _HELD, Person.disabled_at.is_(None))
        .order_by(Person.name)
    )


def why_not_without(shown: Person) -> list[Refusal]:
    """Why somebody must stay an administrator, as far as is known now."""
    return rules.why_not_without(shown.id, shown.name, [one.id for one in holder_choices(Role.ADMINISTRATOR)])


def why_not_attest(actor: Person | None, person_id: int) -> list[Refusal]:
    """Why this administrator does not attest what that person did before; page and action ask it."""
    here = {one.id: one.name for one in holder_choices(Role.ADMINISTRATOR)}
    return rules.why_not_attest(actor.id if actor is not None else None, person_id, here)


@dataclass(frozen=True, slots=True)
class Search:
    """What the people page looks for; ``after`` is the id of the last person already shown."""

    words: str = ""
    team_id: int | None = None
    role: Role | None = None
    standing: Standing | None = None
    after: int | None = None
    gone: bool = False


Listed: TypeAlias = tuple[int, str, str, int, bool, str | None]


def search(wanted: Search, on: date) -> tuple[Sequence[Row[*Listed]], bool]:
    """One page of people by name, and whether more follow."""
    words = wanted.words.split()[:_WORDS]
    values = {"team": wanted.team_id, "role": wanted.role, "after": wanted.after}
    rows = find(
        _search,
        len(words),
        (wanted.words.isascii(), is_sqlite()),
        frozenset(name for name, value in values.items() if value is not None),
        wanted.standing,
        wanted.gone,
        on=on,
        most=PAGE + 1,
        **values,
        **{f"word{place}": _escaped(word) for place, word in enumerate(words)},
    )
    return rows[:PAGE], len(rows) > PAGE


def _search(
    words: int, letters: tuple[bool, bool], among: frozenset[str], standing: Standing | None, gone: bool
) -> Select[*Listed]:
    query = (
        select(Person.id, Person.name, Person.title, Person.level, Person.guest, Team.name.label("team_name"))
        .outerjoin(Team, Team.id == Person.team_id)
        .where(Person.disabled_at.is_not(None) if gone else Person.disabled_at.is_(None))
    )
    for place in range(words):
        word = bindparam(f"word{place}", type_=String)
        query = query.where(or_(*(_holds(text, word, *letters) for text in (Person.name, Person.email))))
    if "team" in among:
        query = query.where(Person.team_id == bindparam("team", type_=BigId))
    if "role" in among:
        role = bindparam("role", type_=RoleGrant.role.type)
        query = query.where(Person.id.in_(select(RoleGrant.person_id).where(RoleGrant.role == role, _HELD)))
    if standing is not None:
        query = _of_standing(query, standing)
    if "after" in among:
        query = query.where(_behind(bindparam("after", type_=BigId)))
    return query.order_by(Person.name, Person.id).limit(MOST)


def _holds(
    text: InstrumentedAttribute[str], word: BindParameter[str], plain: bool, on_sqlite: bool
) -> ColumnElement[bool]:
    """Whether a text holds a word, in capitals or not; of ``plain`` letters without folding every sign there is."""
    if plain and on_sqlite:
        return text.contains(word, escape="/")
    return (collate(text, "C") if plain else text).icontains(word, escape="/")


def _escaped(word: str) -> str:
    """No sign in it stands for another."""
    return word.replace("/", "//").replace("%", "/%").replace("_", "/_")


def roles_of(ids: Iterable[int]) -> dict[int, set[Role]]:
    """Standing roles of several people; whoever holds none is missing."""
    found: dict[int, set[Role]] = {}
    for person_id, role in find(_roles, people=list(ids)):
        found.setdefault(person_id, set()).add(role)
    return found


def _roles() -> Select[int, Role]:
    return select(RoleGrant.person_id, RoleGrant.role).where(RoleGrant.person_id.in_(any_of("people")), _HELD)


def _behind(person_id: BindParameter[int]) -> ColumnElement[bool]:
    last = aliased(Person)
    return tuple_(Person.name, Person.id) > select(last.name, last.id).where(last.id == person_id).scalar_subquery()


def _written(record: Record) -> BindParameter[Record]:
    """Written into the statement, so that a planner may take the index of that record alone."""
    return bindparam(None, record, type_=Qualification.record.type, literal_execute=True)


def _valid(record: Record) -> tuple[ColumnElement[bool], ...]:
    return Qualification.record == _written(record), Qualification.void_at.is_(None), Qualification.on <= _ON


def _has(record: Record) -> Exists:
    """Whether a person has such a record: asked of one after the other, until a page of them is full."""
    return exists().where(Qualification.person_id == Person.id, *_valid(record)).correlate(Person)


def furthest(ids: Iterable[int], on: date) -> dict[int, Standing]:
    """The furthest stage of several people.

    Asked of a page of them, not beside their names: PostgreSQL would ask it of everybody before it takes a page.
    """
    found = find(_furthest, people=list(ids), on=on)
    return {person_id: rules.furthest(course=a, paired=b, certified=c) for person_id, a, b, c in found}


def _furthest() -> Select[int, bool, bool, bool]:
    return select(Person.id, *_stages()).where(Person.id.in_(any_of("people")))


def _stages() -> tuple[Exists, Exists, Exists]:
    """What ``rules.furthest`` rests on: whether a person has done the course, is paired, and is certified."""
    certified = _has(Record.CERTIFICATION).where(Qualification.expires_on >= _ON)
    return _has(Record.COURSE), _has(Record.PAIRED_INTERVIEW), certified


def _of_standing(query: Select[*Ts], standing: Standing) -> Select[*Ts]:
    """``rules.furthest`` said as a filter; a test holds the two together."""
    course, paired, certified = _stages()
    return query.where(
        {
            Standing.BAR_RAISER: certified,
            Standing.INTERVIEWER: ~certified & course & paired,
            Standing.IN_TRAINING: ~certified & course & ~paired,
            Standing.UNTRAINED: ~certified & ~course,
        }[standing]
    )


def by_email(email: str) -> Person | None:
    """The person with this e-mail address."""
    return db.session.scalars(select(Person).where(Person.email == normal_email(email))).one_or_none()


def named(text: str) -> list[Person]:
    """People still here with this e-mail address or name; in capitals or not, where nobody is named exactly so."""
    for wanted in (
        (Person.email == normal_email(text)) | (Person.name == text.strip()),
        func.lower(Person.name) == text.strip().lower(),
    ):
        found = list(db.session.scalars(select(Person).where(wanted, Person.disabled_at.is_(None)).limit(2)))
        if found:
            return found
    return []


def teams(after: int | None = None) -> tuple[Sequence[Row[int, str, str, int]], bool]:
    """A page of teams by name: id, name, department and how many people are in it; and whether more follow."""
    rows = find(_teams, after is not None, after=after, most=PAGE + 1)
    return rows[:PAGE], len(rows) > PAGE


def _teams(after_others: bool) -> Select[int, str, str, int]:
    here = (Person.team_id == Team.id, Person.disabled_at.is_(None))
    people = select(func.count()).where(*here).correlate(Team).scalar_subquery()
    query = select(Team.id, Team.name, Team.department, people.label("people"))
    if after_others:
        before = aliased(Team)
        last = select(before.name).where(before.id == bindparam("after", type_=BigId))
        query = query.where(Team.name > last.scalar_subquery())
    return query.order_by(Team.name).limit(MOST)


def team_choices() -> list[tuple[int, str]]:
    """Id and name of every team, by name; nobody in it is counted."""
    return [(team_id, name) for team_id, name in find(_team_choices)]


def _team_choices() -> Select[int, str]:
    return select(Team.id, Team.name).order_by(Team.name)


def reports(person_id: int) -> Sequence[Row[int, str, int]]:
    """Direct reports still here, by name: id, name and level."""
    return ask_of(_reports, person_id)


def _reports(asker: Asker) -> Select[int, str, int]:
    query = select(Person.id, Person.name, Person.level)
    return query.where(Person.manager_id == asker.id, Person.disabled_at.is_(None)).order_by(Person.name)


History: TypeAlias = tuple[int, Record, date, int, date | None, int | None, str | None, str, datetime | None]


def qualifications(person_id: int) -> Sequence[Row[*History]]:
    """Every record of somebody, void ones included, newest first; single interviews are only counted."""
    return ask_of(_qualifications, person_id)


def _qualifications(asker: Asker) -> Select[*History]:
    return (
        select(
            Qualification.id,
            Qualification.record,
            Qualification.on,
            Qualification.count.label("counts"),
            Qualification.expires_on,
            Qualification.with_person_id,
            Qualification.attested_source,
            Qualification.note,
            Qualification.void_at,
        )
        .where(
            Qualification.person_id == asker.id,
            (Qualification.record != _written(Record.INTERVIEWS)) | Qualification.attested_source.is_not(None),
        )
        .order_by(Qualification.on.desc(), Qualification.id.desc())
    )


def attested_as_bar_raiser(history: Iterable[Row[*History]], on: date) -> bool:
    """Whether somebody is a Bar Raiser by attestation alone: no certification given here is current."""
    current = [
        row
        for row in history
        if row.record is Record.CERTIFICATION and row.void_at is None and row.expires_on and on <= row.expires_on
    ]
    return bool(current) and all(row.attested_source is not None for row in current)


def records_of(ids: Iterable[int], on: date) -> dict[int, frozenset[Record]]:
    """Which kinds of valid records several people have; nobody is missing."""
    wanted = list(ids)
    counts = _counts(wanted, on)
    return {one: frozenset(counts.get(one, ())) for one in wanted}


Waiting: TypeAlias = tuple[int, str, str, int, date]
"""Somebody's id, name, title and level, and a day."""


def waiting_for_pairing(on: date) -> Sequence[Row[*Waiting]]:
    """Who has done the course but no paired interview, with the day of the course, longest waiting first.

    One more than a ``PAGE`` at most.
    """
    return find(_unpaired, on=on, most=PAGE + 1)


def _unpaired() -> Select[*Waiting]:
    since = func.min(Qualification.on)
    return (
        select(Person.id, Person.name, Person.title, Person.level, since)
        .join(Qualification, Qualification.person_id == Person.id)
        .where(Person.id.in_(select(Qualification.person_id).where(Qualification.unpaired)))
        .where(Qualification.unpaired, Person.disabled_at.is_(None), ~_has(Record.PAIRED_INTERVIEW))
        .group_by(Person.id)
        .order_by(since, Person.id)
        .limit(MOST)
    )


def waiting_for_certification(on: date) -> list[int]:
    """Ids of people still here who are nominated as Bar Raisers and hold no current certification."""
    return [row[0] for row in find(_uncertified, on=on)]


def _uncertified() -> Select[int]:
    certified = select(Qualification.person_id).where(*_valid(Record.CERTIFICATION), Qualification.expires_on >= _ON)
    # The two lists are compared whole: nobody of the nominated is looked up who is certified, as most are.
    nominated = except_(select(Qualification.person_id).where(*_valid(Record.NOMINATION)), certified)
    return select(Person.id).where(Person.id.in_(nominated), Person.disabled_at.is_(None)).order_by(Person.name)


def lapsing(on: date) -> Sequence[Row[int, str, date | None]]:
    """Bar Raisers whose newest certification ends within ``LAPSING`` of the day, soonest first: id, name, last day."""
    return find(_lapsing, on=on, soon=on + LAPSING)


def _lapsing() -> Select[int, str, date | None]:
    last, soon = func.max(Qualification.expires_on), bindparam("soon", type_=Date)
    newer = aliased(Qualification)
    lasts_longer = exists().where(
        newer.person_id == Person.id,
        newer.record == _written(Record.CERTIFICATION),
        newer.void_at.is_(None),
        newer.expires_on > soon,
    )
    return (
        select(Person.id, Person.name, last)
        .join(Qualification, Qualification.person_id == Person.id)
        .where(
            Qualification.record == _written(Record.CERTIFICATION),
            Qualification.void_at.is_(None),
            Qualification.expires_on >= _ON,
            Qualification.expires_on <= soon,
            Person.disabled_at.is_(None),
            ~lasts_longer,
        )
        .group_by(Person.id)
        .order_by(last, Person.id)
    )


Certified: TypeAlias = tuple[int, str, str | None, date | None]


def bar_raisers(on: date, after: int | None = None) -> tuple[Sequence[Row[*Certified]], bool]:
    """A page of those certified on that day, by name, and whether more follow: id, name, team and last day.

    ``after``: the last one before the page.
    """
    rows = find(_bar_raisers, after is not None, on=on, after=after, most=BAR_RAISERS + 1)
    return rows[:BAR_RAISERS], len(rows) > BAR_RAISERS


def _bar_raisers(after_others: bool) -> Select[*Certified]:
    last = select(func.max(Qualification.expires_on))
    last = last.where(Qualification.person_id == Person.id, *_valid(Record.CERTIFICATION)).correlate(Person)
    query = (
        select(Person.id, Person.name, Team.name.label("team_name"), last.scalar_subquery().label("certified_until"))
        .outerjoin(Team, Team.id == Person.team_id)
        .where(Person.disabled_at.is_(None))
    )
    query = _of_standing(query, Standing.BAR_RAISER)
    if after_others:
        query = query.where(_behind(bindparam("after", type_=BigId)))
    return query.order_by(Person.name, Person.id).limit(MOST)


Castable: TypeAlias = tuple[int, str, str, int, bool, bool]


def demo_cast(on: date) -> Sequence[Row[*Castable]]:
    """The people a visitor of the demo may sign in as: id, name, title, level, whether certified that day, who manage.

    Those who stand highest come first.
    """
    return find(_demo_cast, on=on)


def _demo_cast() -> Select[*Castable]:
    report = aliased(Person)
    certificates = select(func.count(Qualification.id)).where(
        Qualification.person_id == Person.id, *_valid(Record.CERTIFICATION), Qualification.expires_on >= _ON
    )
    reports = select(func.count(report.id)).where(report.manager_id == Person.id, report.disabled_at.is_(None))
    return (
        select(
            *(Person.id, Person.name, Person.title, Person.level),
            (certificates.scalar_subquery() > 0).label("certified"),
            (reports.scalar_subquery() > 0).label("manages"),
        )
        .where(Person.cast, Person.disabled_at.is_(None))
        .order_by(Person.level.desc(), Person.name)
    )

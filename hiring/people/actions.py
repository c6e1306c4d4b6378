"""What may be done to the org chart, to roles, to qualification records and to somebody who leaves.

``actor`` is the signed-in person, or None for the command line.
"""

from collections.abc import Sequence, Set
from dataclasses import asdict, dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import select

from hiring.ground import audit, outbox, policy
from hiring.ground.database import Forbidden, NotVisible, check_version, db, lock
from hiring.ground.rulebook import ensure
from hiring.ground.working_time import months_after
from hiring.people import queries, rules, sessions
from hiring.people.access import WELCOME_LASTS, normal_email
from hiring.people.models import Person, Qualification, RoleGrant, Team
from hiring.people.rules import Invalid, PeoplePolicy, Record, Role

Actor = Person | None
_EASTERNMOST = timedelta(hours=14)
"""Where on earth a day begins first, before UTC."""


@dataclass(frozen=True, slots=True)
class PersonFacts:
    """What an administrator writes down about somebody; hours are in ``time_zone``, away dates are whole days."""

    name: str
    email: str
    title: str
    level: int
    manager_id: int | None = None
    team_id: int | None = None
    time_zone: str = "UTC"
    country: str = ""
    works_from: time = time(9)
    works_until: time = time(17, 30)
    delegate_id: int | None = None
    away_from: date | None = None
    away_until: date | None = None
    guest: bool = False


def ensure_manages_people(actor: Actor) -> None:
    """Raise Forbidden for everybody but administrators."""
    if actor is not None and not rules.may_manage_people(actor.roles):
        raise Forbidden("Only an administrator may change people, roles and attested records.")


def ensure_runs_training(actor: Actor) -> None:
    """Raise Forbidden for everybody but programme owners."""
    if actor is not None and not rules.may_run_training(actor.roles):
        raise Forbidden("Only the programme owner may record training and certify Bar Raisers.")


def ensure_sees_training(actor: Person) -> None:
    """Raise NotVisible for everybody but programme owners and administrators."""
    if not rules.may_see_training(actor.roles):
        raise NotVisible("training")


def create_team(actor: Actor, name: str, department: str) -> Team:
    """Add a team; raises Invalid when the name is taken."""
    ensure_manages_people(actor)
    if db.session.scalar(select(Team.id).where(Team.name == name)) is not None:
        raise Invalid("name", f"There is a team named {name} already.")
    team = Team(name=name, department=department)
    db.session.add(team)
    db.session.flush()
    return team


def create_person(actor: Actor, facts: PersonFacts, now: datetime) -> Person:
    """Add somebody to the org chart; raises Invalid beside a field."""
    ensure_manages_people(actor)
    _check(None, facts)
    person = Person(**asdict(facts) | {"email": normal_email(facts.email)})
    db.session.add(person)
    db.session.flush()
    audit.record(_id(actor), "person.create", "person", person.id, at=now, email=person.email)
    return person


def edit_person(
    actor: Actor, person_id: int, facts: PersonFacts, now: datetime, *, expected_version: int | None = None
) -> Person:
    """Change what the org chart says of somebody; raises Invalid beside a field, Stale for an old version."""
    ensure_manages_people(actor)
    _lock_line(person_id, facts.manager_id)
    person = lock(Person, person_id)
    values = asdict(facts) | {"email": normal_email(facts.email)}
    current = {name: _text(getattr(person, name)) for name in values}
    changed = {name: value for name, value in values.items() if getattr(person, name) != value}
    theirs = {name: current[name] for name in changed if name not in ("manager_id", "delegate_id", "team_id")}
    check_version(person, expected_version, {"version": str(person.version)} | theirs)
    _check(person_id, facts)
    for name, value in changed.items():
        setattr(person, name, value)
    if changed:
        details = {name: [current[name], _text(value)] for name, value in changed.items()}
        audit.record(_id(actor), "person.edit", "person", person_id, at=now, **details)
    return person


def set_time_zone(actor: Person, zone: str) -> None:
    """Choose one's own time zone."""
    lock(Person, actor.id).time_zone = zone


def grant_role(actor: Actor, person_id: int, role: Role, now: datetime) -> None:
    """Give a standing role; giving one that is held changes nothing."""
    ensure_manages_people(actor)
    person = lock(Person, person_id)
    if role in person.roles:
        return
    db.session.add(RoleGrant(person_id=person_id, role=role, since=now, granted_by=_id(actor)))
    db.session.flush()
    db.session.expire(person, ["role_grants"])
    audit.record(_id(actor), "role.grant", "person", person_id, at=now, role=role.value)


def revoke_role(actor: Actor, person_id: int, role: Role, now: datetime) -> None:
    """Take a standing role back; raises Refused for the last administrator's."""
    ensure_manages_people(actor)
    if role is Role.ADMINISTRATOR:
        _keep_an_administrator(person_id)
    person = lock(Person, person_id)
    held = [grant for grant in person.role_grants if grant.role is role and grant.until is None]
    for grant in held:
        grant.until = now
        audit.record(_id(actor), "role.revoke", "person", person_id, at=now, role=role.value)


def record_interview(person_id: int, on: date, now: datetime) -> Qualification:
    """Count one held interview towards somebody's experience."""
    return _add(None, person_id, Record.INTERVIEWS, on, now)


def record_paired(trainee_id: int, mentor_id: int, on: date, now: datetime) -> Qualification | None:
    """Note a real interview that a trainee sat in on; None, and nothing noted, unless the mentor is experienced."""
    mentor = queries.colleague(mentor_id, on)
    if not mentor.experienced(policy.current()[PeoplePolicy]):
        return None
    return _add(None, trainee_id, Record.PAIRED_INTERVIEW, on, now, with_person_id=mentor_id)


def record_training(actor: Actor, person_id: int, record: Record, on: date, now: datetime, *, note: str = "") -> None:
    """Record a course, a nomination or a Bar Raiser training that took place."""
    ensure_runs_training(actor)
    if record not in rules.TRAINING:
        raise Invalid("record", "Interviews are counted when they are held; a certification has its own button.")
    _add(actor, person_id, record, on, now, note=note)


def certify(actor: Actor, person_id: int, on: date, now: datetime) -> Qualification:
    """Certify a Bar Raiser from that day on, for as long as the policy says; raises Refused (bar_raiser.path)."""
    ensure_runs_training(actor)
    lock(Person, person_id)
    figures = policy.current()[PeoplePolicy]
    records = queries.records_of([person_id], on)[person_id]
    ensure(rules.refuse_certification(queries.colleague(person_id, on), records, figures))
    ends = months_after(on, figures.certification_months)
    return _add(actor, person_id, Record.CERTIFICATION, on, now, expires_on=ends)


def attest(
    actor: Actor, person_id: int, record: Record, on: date, now: datetime, *, count: int = 1, source: str
) -> Qualification:
    """Vouch for what happened before this software was here; shown as attested. ``source`` says how it is known.

    Raises Refused for whoever attests their own while another administrator could.
    """
    ensure_manages_people(actor)
    ensure(queries.why_not_attest(actor, person_id))
    if not source.strip():
        raise Invalid("source", "Say where this is known from, so that others can check it.")
    if count < 1 or (count > 1 and record is not Record.INTERVIEWS):
        raise Invalid("count", "Only interviews are counted; anything else happened once.")
    months = policy.current()[PeoplePolicy].certification_months
    ends = months_after(on, months) if record is Record.CERTIFICATION else None
    return _add(actor, person_id, record, on, now, count=count, attested_source=source.strip(), expires_on=ends)


def void_record(actor: Actor, record_id: int, reason: str, now: datetime) -> Qualification:
    """Revoke a certification or strike a mistaken record: it stays readable and no longer counts."""
    found = lock(Qualification, record_id)
    attested = found.attested_source is not None
    if actor is not None and not rules.may_void(actor.roles, attested=attested):
        raise Forbidden("Only an administrator may strike what was attested, the programme owner what was recorded.")
    lock(Person, found.person_id)  # what else of theirs is struck in this moment is seen
    if found.void_at is None:
        found.void_at = now
        details = {"record": found.record.value, "person": found.person_id, "reason": reason}
        audit.record(_id(actor), "qualification.void", "qualification", record_id, at=now, **details)
    return found


def disable_person(actor: Actor, person_id: int, now: datetime) -> None:
    """End somebody's access at once, everywhere; raises Refused for the last administrator.

    What they still owe stands in ``handover.debts``.
    """
    ensure_manages_people(actor)
    _keep_an_administrator(person_id)
    person = lock(Person, person_id)
    if person.disabled_at is None:
        person.disabled_at = now
        sessions.end_sessions(person_id, now)
        audit.record(_id(actor), "person.disable", "person", person_id, at=now)


@audit.asked_last
def ensure_still_here(done: Sequence[audit.Pending]) -> None:
    """Raise Forbidden for what somebody did who was disabled meanwhile: nothing of theirs is recorded after that.

    The act began while they were still here, and held other rows than theirs; the log's lock puts the two in order.
    """
    leaving = {one.subject_id for one in done if one.act == "person.disable"}
    actors = {one.actor_id for one in done if one.actor_id is not None} - leaving
    gone = db.session.scalar(select(Person.name).where(Person.id.in_(actors), Person.disabled_at.is_not(None)).limit(1))
    if gone is not None:
        raise Forbidden(f"{gone} was disabled in this very moment; nothing was changed.")


def enable_person(actor: Actor, person_id: int, now: datetime) -> None:
    """Let somebody in again; they sign in anew."""
    ensure_manages_people(actor)
    person = lock(Person, person_id)
    if person.disabled_at is not None:
        person.disabled_at = None
        audit.record(_id(actor), "person.enable", "person", person_id, at=now)


def invite(actor: Actor, person_id: int, now: datetime) -> None:
    """Send somebody a link by which they choose a password."""
    ensure_manages_people(actor)
    person = lock(Person, person_id)
    mail = outbox.compose("people/welcome", name=person.name, key=sessions.welcome_key(person, now))
    outbox.put(
        "person.invite",
        person.email,
        *mail,
        now=now,
        recipient_id=person_id,
        about=f"person:{person_id}",
        expires_at=now + WELCOME_LASTS,
    )
    audit.record(_id(actor), "person.invite", "person", person_id, at=now)


def _id(actor: Actor) -> int | None:
    return actor.id if actor is not None else None


def _text(value: Any) -> str:
    return "" if value is None else str(value)


def _add(actor: Actor, person_id: int, record: Record, on: date, now: datetime, **columns: Any) -> Qualification:
    """Write one record; a later room's facts (interviews) are not audited a second time here."""
    if on > (now + _EASTERNMOST).date():
        raise Invalid("on", "This day has not come yet.")
    row = Qualification(person_id=person_id, record=record, on=on, recorded_by=_id(actor), recorded_at=now, **columns)
    db.session.add(row)
    db.session.flush()
    if actor is not None:
        act = "qualification.record" if record is not Record.CERTIFICATION else "bar_raiser.certify"
        act = act if row.attested_source is None else "qualification.attest"
        details = {"person": person_id, "record": record.value, "on": on.isoformat(), "count": row.count}
        audit.record(_id(actor), act, "qualification", row.id, at=now, **details, source=row.attested_source or "")
    return row


def _check(person_id: int | None, facts: PersonFacts) -> None:
    other = queries.by_email(facts.email)
    if other is not None and other.id != person_id:
        raise Invalid("email", f"{other.name} has this e-mail address already.")
    if facts.works_until <= facts.works_from:
        raise Invalid("works_until", "The working day must end after it begins.")
    if facts.away_from and facts.away_until and facts.away_until < facts.away_from:
        raise Invalid("away_until", "The last day away cannot be before the first.")
    if person_id is not None and facts.delegate_id == person_id:
        raise Invalid("delegate_id", f"{facts.name} cannot stand in for themself.")
    if facts.manager_id is not None:
        above = queries.manager_chains([facts.manager_id]).get(facts.manager_id, ())
        why = rules.why_not_manager(person_id, facts.name, facts.manager_id, above)
        if why is not None:
            raise Invalid("manager_id", why)


def _lock_line(person_id: int, manager_id: int | None) -> None:
    """Hold everybody above the new manager, by id, so that two edits at once cannot close a circle."""
    line: Set[int] = {person_id}
    if manager_id is not None:
        line = {person_id, manager_id, *queries.manager_chains([manager_id]).get(manager_id, ())}
    for each in sorted(line):
        lock(Person, each)


def _keep_an_administrator(person_id: int) -> None:
    """Hold every administrator, by id, so that two cannot remove each other at once; raises Refused for the last."""
    administrators = sorted(holder.id for holder in queries.holders(Role.ADMINISTRATOR))
    if person_id not in administrators:
        return
    rows = [lock(Person, each) for each in administrators]
    here = [row.id for row in rows if row.disabled_at is None and row.has(Role.ADMINISTRATOR)]
    ensure(rules.why_not_without(person_id, next(row.name for row in rows if row.id == person_id), here))

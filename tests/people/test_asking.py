"""Statements that are built once: what they always say is written into them, and only what changes is given."""

from typing import Any

from sqlalchemy import Select, bindparam, event, select

from hiring.ground.database import db
from hiring.people.asking import MOST, find
from hiring.people.models import Person, RoleGrant
from hiring.people.rules import Role


def _holders() -> Select[int]:
    query = select(Person.id).join(RoleGrant, RoleGrant.person_id == Person.id).where(RoleGrant.role == Role.RECRUITER)
    return query.where(Person.name == bindparam("name")).limit(MOST)


def test_a_kept_statement_gives_only_what_changes(cast):
    asked: list[Any] = []

    def listen(_connection: Any, _cursor: Any, statement: str, given: Any, *_: Any) -> None:
        if statement.startswith("SELECT"):
            asked.append((statement, list(given.values()) if isinstance(given, dict) else list(given)))

    event.listen(db.engine, "before_cursor_execute", listen)
    found = find(_holders, name="Rita", most=3)
    event.remove(db.engine, "before_cursor_execute", listen)
    assert [row.id for row in found] == [cast.ids["rita"]]
    [(statement, given)] = asked
    assert "Rita" in given and not {"recruiter", 3} & set(given), (
        "a parameter that never changes has PostgreSQL plan anew each time"
    )
    assert "'recruiter'" in statement and "LIMIT 3" in statement


def _holding(role: Role) -> Select[int]:
    return select(RoleGrant.person_id).where(RoleGrant.role == role).order_by(RoleGrant.person_id)


def test_statements_that_differ_in_what_they_always_say_are_told_apart(cast):
    recruiters, administrators = (
        [row.person_id for row in find(_holding, role)] for role in (Role.RECRUITER, Role.ADMINISTRATOR)
    )
    assert cast.ids["rita"] in recruiters and cast.ids["ada"] in administrators
    assert not set(recruiters) & set(administrators)

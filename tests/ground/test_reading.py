"""A reading remembers its answers until its transaction ends; what writes asks anew."""

from collections.abc import Iterable

import pytest
from flask import Flask
from sqlalchemy import event, select, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm.attributes import set_committed_value

from hiring.ground.database import db, give_back, is_sqlite, writing
from hiring.ground.reading import anew, once, once_each, remember, remember_each
from hiring.people.models import Team

asked: list[object] = []


@pytest.fixture(autouse=True)
def nothing_asked(app: Flask) -> None:
    asked.clear()


@once
def names(department: str) -> list[str]:
    asked.append(department)
    return [row.name for row in db.session.query(Team).filter_by(department=department).order_by(Team.name)]


@once_each
def departments(ids: Iterable[int]) -> dict[int, str]:
    asked.append(sorted(ids))
    return {row.id: row.department for row in db.session.query(Team).filter(Team.id.in_(ids))}


def add(*teams: str) -> None:
    with writing():
        db.session.add_all([Team(name=team, department="Search") for team in teams])


def test_the_same_question_is_put_once_and_another_one_again() -> None:
    add("Index")
    assert [names("Search"), names("Search"), names("Ads")] == [["Index"], ["Index"], []]
    assert asked == ["Search", "Ads"]


def test_nobody_changes_an_answer_for_those_who_ask_after_them() -> None:
    add("Index")
    names("Search").append("mine")
    assert names("Search") == ["Index"]


def test_a_wider_question_answers_narrower_ones_until_something_is_written() -> None:
    remember(names, ["as the wider one found"], "Search")
    remember_each(departments, {7: "Ads"})
    assert names("Search") == ["as the wider one found"] and departments([7]) == {7: "Ads"}
    assert asked == []
    with writing():
        remember(names, ["before the lock"], "Search")
        remember_each(departments, {7: "Ads"})
        assert names("Search") == [] and departments([7]) == {}
    assert names("Search") == []


def test_what_was_written_since_is_in_the_next_answer() -> None:
    assert names("Search") == []
    add("Index")
    assert names("Search") == ["Index"]
    db.session.rollback()
    assert names("Search") == ["Index"] and len(asked) == 3


def test_an_act_reads_rows_as_they_stand_and_a_reading_keeps_those_that_it_has() -> None:
    add("Index")
    row = db.session.scalars(select(Team)).one()
    set_committed_value(row, "name", "as it was read")
    assert db.session.scalars(anew(select(Team))).one().name == "as it was read"
    with writing():
        row = db.session.scalars(select(Team)).one()
        db.session.connection().execute(update(Team).values(name="Ranking"))  # past the session, as somebody else would
        assert db.session.scalars(select(Team)).one().name == "Index"
        assert db.session.scalars(anew(select(Team))).one().name == "Ranking" == row.name


def test_whoever_writes_asks_anew_each_time() -> None:
    with writing():
        assert names("Search") == []
        db.session.add(Team(name="Index", department="Search"))
        assert names("Search") == ["Index"]
        assert departments([1]) == departments([1])
    assert len(asked) == 4


def test_of_many_only_those_not_asked_about_before_are_asked_for_also_those_who_are_not_there() -> None:
    add("Index", "Ranking")
    first, second = (row.id for row in db.session.query(Team).order_by(Team.id))
    assert departments([first, 99]) == {first: "Search"}
    assert departments([99, second, first]) == {first: "Search", second: "Search"}
    assert departments([]) == {}
    assert asked == [[first, 99], [second]]


def test_nothing_is_written_outside_of_writing() -> None:
    db.session.add(Team(name="Index", department="Search"))
    with pytest.raises(DBAPIError, match=r"read-?only"):
        db.session.commit()
    db.session.rollback()
    assert db.session.scalars(select(Team.name)).all() == []


def test_what_a_reading_changed_is_given_up_with_it() -> None:
    add("Index")
    found = db.session.scalars(select(Team)).one()
    found.name = "Ranking"
    give_back()
    assert db.session.scalars(select(Team.name)).all() == ["Index"]


def test_what_is_asked_often_stays_planned_from_one_reading_to_the_next() -> None:
    if is_sqlite():
        pytest.skip("SQLite does not tell what it keeps planned")
    db.engine.dispose()  # whoever ran before may have left several connections, each of which plans for itself
    for _ in range(6):
        db.session.scalars(select(Team.name)).all()
        give_back()
    planned = db.session.scalars(text("SELECT statement FROM pg_prepared_statements")).all()
    assert any("FROM team" in one for one in planned)


def test_sqlite_plans_nothing_anew_from_one_reading_to_the_next() -> None:
    if not is_sqlite():
        pytest.skip("PostgreSQL is told with each BEGIN")
    db.engine.dispose()  # as above: one connection, which the first reading opens
    said: list[str] = []

    def listen(_: object, __: object, statement: str, *___: object) -> None:
        if statement.startswith("PRAGMA"):
            said.append(statement)

    def read() -> None:
        db.session.scalars(select(Team.name)).all()
        give_back()

    read()
    event.listen(db.engine, "before_cursor_execute", listen)
    try:
        read()
        add("Index")
        add("Ranking")
        read()
        read()
    finally:
        event.remove(db.engine, "before_cursor_execute", listen)
    assert said == ["PRAGMA query_only=0", "PRAGMA query_only=1"]


def test_a_reading_after_something_was_written_writes_nothing() -> None:
    add("Index")
    db.session.add(Team(name="Ranking", department="Search"))
    with pytest.raises(DBAPIError, match=r"read-?only"):
        db.session.commit()
    db.session.rollback()
    assert db.session.scalars(select(Team.name)).all() == ["Index"]

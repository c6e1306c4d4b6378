"""Migrations: what they build is what the models say, and they go up, down and up again with a company inside."""

from datetime import UTC, datetime

import flask_migrate
import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import inspect, select, text

from hiring.ground.database import Base, db, schema_change
from hiring.people.models import Person
from hiring.pipeline.models import Application
from hiring.pipeline.rules import Step
from hiring.steps.interview_loop.models import Loop, Seat
from hiring.steps.interview_loop.rules import SeatState
from hiring.steps.job_description.models import DescriptionReview
from seed import demo
from tests.conftest import Engine


def test_the_migrated_schema_is_what_the_models_say(app):
    with schema_change(), db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        differences = [
            one
            for one in compare_metadata(context, Base.metadata)
            if not (one[0] == "remove_table" and one[1].name == "alembic_version")
        ]
    assert differences == []


GUARDS = {
    "sqlite": "SELECT tbl_name, name FROM sqlite_master WHERE type = 'trigger'",
    "postgresql": """
        SELECT conrelid::regclass::text, conname FROM pg_constraint
            WHERE contype IN ('c', 'x') AND connamespace = 'public'::regnamespace
        UNION SELECT tgrelid::regclass::text, tgname FROM pg_trigger WHERE NOT tgisinternal
        UNION SELECT '', proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace
    """,
}


def guards() -> set[tuple[str, str | None]]:
    """Names of what compare_metadata does not look at, with their tables: CHECKs, exclusions, triggers, functions."""
    found = {(row[0], row[1]) for row in db.session.execute(text(GUARDS[db.engine.dialect.name]))}
    look = inspect(db.engine)
    found |= {(table, each["name"]) for table in look.get_table_names() for each in look.get_check_constraints(table)}
    db.session.remove()
    return found


def test_the_migrated_guards_are_those_of_the_models(bare: Engine):
    with bare.app.app_context():
        with schema_change():
            db.metadata.create_all(db.engine)
        wanted = guards()
        assert len(wanted) > 50
        with schema_change():
            db.metadata.drop_all(db.engine)
            flask_migrate.upgrade()
        assert guards() == wanted
    bare.close()


def test_the_demo_company_survives_down_and_up_again(bare: Engine):
    with bare.app.app_context():
        with schema_change():
            flask_migrate.upgrade()
        demo.build(datetime(2026, 3, 4, 12, 0, tzinfo=UTC))
        assert db.session.scalar(select(Application.id).limit(1)) is not None
        _whoever_is_needed_can_be_signed_in_as()
        db.session.remove()
        with schema_change():
            flask_migrate.downgrade(revision="base")
        assert set(inspect(db.engine).get_table_names()) <= {"alembic_version"}
        db.session.remove()
        with schema_change():
            flask_migrate.upgrade()
        assert "application" in inspect(db.engine).get_table_names()
    bare.close()


def _whoever_is_needed_can_be_signed_in_as() -> None:
    """Every open debrief and review of the demo can be finished by its cast, which stays short to choose from."""
    at_the_table = (
        select(Person.name)
        .join(Seat, Seat.person_id == Person.id)
        .join(Loop, Loop.id == Seat.loop_id)
        .join(Application, Application.id == Loop.application_id)
        .where(Application.step == Step.DEBRIEF, Application.ended.is_(None), Seat.state == SeatState.HELD)
    )
    reviewing = (
        select(Person.name)
        .join(DescriptionReview, DescriptionReview.reviewer_id == Person.id)
        .where(DescriptionReview.verdict.is_(None))
    )
    for needed in (at_the_table, reviewing):
        assert db.session.scalars(needed).all() != []
        assert db.session.scalars(needed.where(~Person.cast)).all() == []
    assert db.session.query(Person).filter(Person.cast).count() <= 32


@pytest.fixture(autouse=True)
def _quiet_alembic(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("WARNING", "alembic")

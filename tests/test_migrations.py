"""Migrations: what they build is what the models say, and they go up, down and up again with a company inside."""

from datetime import UTC, datetime

import flask_migrate
import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import inspect, select

from hiring.ground.database import Base, db, schema_change
from hiring.pipeline.models import Application
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


def test_the_demo_company_survives_down_and_up_again(bare: Engine):
    with bare.app.app_context():
        with schema_change():
            flask_migrate.upgrade()
        demo.build(datetime(2026, 3, 4, 12, 0, tzinfo=UTC))
        assert db.session.scalar(select(Application.id).limit(1)) is not None
        db.session.remove()
        with schema_change():
            flask_migrate.downgrade(revision="base")
        assert set(inspect(db.engine).get_table_names()) <= {"alembic_version"}
        db.session.remove()
        with schema_change():
            flask_migrate.upgrade()
        assert "application" in inspect(db.engine).get_table_names()
    bare.close()


@pytest.fixture(autouse=True)
def _quiet_alembic(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("WARNING", "alembic")

"""The audit log: nobody changes or deletes an entry, and whatever was touched all the same is named by ``verify``."""

import pytest
from click.testing import CliRunner
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from hiring.cli import cli
from hiring.ground import audit
from hiring.ground.audit import AUDIT_GUARDS, AuditEntry, AuditHead
from hiring.ground.config import Settings
from hiring.ground.database import db, is_sqlite, writing
from tests.conftest import NOON
from tests.races import race

GUARDS = [word for line in AUDIT_GUARDS["sqlite"] for word in line.split() if word.startswith("tr_")]


def note(*acts: str) -> None:
    for act in acts:
        with writing():
            audit.record(None, act, "sample", 1, at=NOON, words=f"about {act}")


def tamper(*statements: str) -> None:
    """Do what only somebody who owns the database can: without its guards."""
    guards = (
        [f"DROP TRIGGER {name}" for name in GUARDS]
        if is_sqlite()
        else ["ALTER TABLE audit_entry DISABLE TRIGGER tr_audit_entry_frozen"]
    )
    back = list(AUDIT_GUARDS["sqlite"]) if is_sqlite() else ["ALTER TABLE audit_entry ENABLE TRIGGER ALL"]
    with writing():
        for statement in (*guards, *statements, *back):
            db.session.execute(text(statement))


def verified(settings: Settings) -> tuple[int, str]:
    db.session.remove()
    environment = {
        "HIRING_DATA_DIR": str(settings.data_dir),
        "HIRING_DATABASE_URL": settings.database_url,
        "HIRING_SECRET_KEY": settings.secret_key,
    }
    result = CliRunner().invoke(cli, ["audit", "verify"], env=environment)
    return result.exit_code, result.stderr


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_entry SET act = 'nothing' WHERE position = 2",
        "UPDATE audit_entry SET at = at",
        "DELETE FROM audit_entry WHERE position = 3",
        "DELETE FROM audit_entry",
    ],
)
def test_the_database_refuses_to_change_or_delete_an_entry(app: Flask, statement: str) -> None:
    note("first", "second", "third")
    with writing():
        db.session.execute(text("DELETE FROM audit_text"))  # so that no foreign key answers in the guard's place
    with pytest.raises(IntegrityError, match="audit_append_only"), writing():
        db.session.execute(text(statement))
    assert list(audit.verify()) == []


def test_texts_are_erased_with_their_salt_and_the_chain_still_verifies(app: Flask, settings: Settings) -> None:
    note("first", "second")
    with writing():
        db.session.execute(text("DELETE FROM audit_text WHERE position = 2"))
    assert verified(settings) == (0, "The audit log is intact.\n")


@pytest.mark.parametrize(
    ("statements", "fault"),
    [
        (
            ["DELETE FROM audit_text WHERE position > 2", "DELETE FROM audit_entry WHERE position > 2"],
            "the log ends with entry 2, its head names entry 3: the newest were cut off",
        ),
        (
            ["DELETE FROM audit_text", "DELETE FROM audit_entry"],
            "the log ends with entry 0, its head names entry 3: the newest were cut off",
        ),
        (["DELETE FROM audit_text", "DELETE FROM audit_entry WHERE position = 2"], "entry 2 is missing"),
        (["UPDATE audit_entry SET act = 'nothing' WHERE position = 3"], "entry 3 was changed"),
        (["UPDATE audit_text SET details = '{}' WHERE position = 3"], "the details of entry 3 were changed"),
        (
            ["UPDATE audit_head SET position = 2"],
            "the log ends with entry 3, which is not the one that its head names",
        ),
        (["UPDATE audit_head SET hash = 'x'"], "the log ends with entry 3, which is not the one that its head names"),
        (
            ["DELETE FROM audit_head"],
            "the log's head is missing, so nobody knows whether entry 3 is the newest",
        ),
    ],
)
def test_whatever_was_touched_behind_the_guards_is_named(
    app: Flask, settings: Settings, statements: list[str], fault: str
) -> None:
    note("first", "second", "third")
    tamper(*statements)
    code, said = verified(settings)
    assert code == 1
    assert fault in said.splitlines()


def test_entries_written_after_a_cut_do_not_hide_it(app: Flask) -> None:
    note("first", "second", "third")
    tamper("DELETE FROM audit_text WHERE position = 3", "DELETE FROM audit_entry WHERE position = 3")
    note("fourth")
    assert "entry 3 is missing" in list(audit.verify())


def test_a_head_that_was_taken_away_stays_away(app: Flask) -> None:
    note("first")
    tamper("DELETE FROM audit_head")
    note("second")
    assert [fault for fault in audit.verify() if "head is missing" in fault]


def test_entries_of_the_same_instant_make_one_chain(app: Flask) -> None:
    acts = [lambda act=act: audit.record(None, act, "sample", 1, at=NOON) for act in "abcdef"]
    assert race(app, *acts) == []
    assert list(audit.verify()) == []
    assert db.session.get_one(AuditHead, 1).position == len(acts)


def test_an_attempt_that_is_given_up_takes_its_own_records_along_and_no_others(app: Flask) -> None:
    def record(act: str) -> None:
        audit.record(None, act, "sample", 1, at=NOON)

    with writing():
        record("before")
        kept = db.session.begin_nested()
        record("attempted")
        inner = db.session.begin_nested()
        record("given up")
        inner.rollback()
        kept.commit()
        given_up = db.session.begin_nested()
        record("given up")
        within = db.session.begin_nested()
        record("given up")
        within.commit()
        given_up.rollback()
        record("after")
    entries = db.session.scalars(select(AuditEntry.act).order_by(AuditEntry.position)).all()
    assert entries == ["before", "attempted", "after"]
    assert list(audit.verify()) == []


def test_nobody_is_kept_waiting_for_the_chain_while_an_attempt_is_over_and_the_rest_goes_on(app: Flask) -> None:
    with writing():
        with db.session.begin_nested():
            audit.record(None, "attempted", "sample", 1, at=NOON)
        assert db.session.query(AuditEntry).count() == 0
    assert db.session.query(AuditEntry).count() == 1

"""What the database repeats: every row of ARCHITECTURE's table, broken by a statement that asks no rule."""

import re
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from hiring.ground.database import Base, db, is_sqlite, writing
from hiring.ground.rulebook import Refused, rulebook
from hiring.pipeline.rules import Step
from tests.builders import Built, application_at, offer_made
from tests.cast import Cast

THEN = "(SELECT min(created_at) FROM requisition)"
"""Any instant: these constraints ask whether there is one."""


@dataclass(frozen=True)
class Break:
    """A statement that breaks a constraint; ``answer`` is the rule that ``writing()`` refuses with, where it is tied.

    SQLite names the ``columns`` of a unique index, and the message of a trigger.
    """

    constraint: str
    statement: str
    before: tuple[str, ...] = ()
    columns: str = ""
    answer: str = ""

    def __str__(self) -> str:
        return self.constraint


def again(table: str, which: str, **changes: str) -> str:
    """The same rows once more, with other values (SQL) in some columns."""
    columns = {
        f'"{column.name}"': f'"{column.name}"' for column in Base.metadata.tables[table].c if column.name != "id"
    }
    columns |= {f'"{name}"': value for name, value in changes.items()}
    return f"INSERT INTO {table} ({', '.join(columns)}) SELECT {', '.join(columns.values())} FROM {table} WHERE {which}"


def update(table: str, changes: str, which: str = "1 = 1") -> str:
    return f"UPDATE {table} SET {changes} WHERE {which}"


MINE = "application_id = :application"
CORD = (
    "INSERT INTO cord (application_id, pulled_by, pulled_at, what, cause, correction) "
    f"VALUES (:application, :iris, {THEN}, 'No evidence.', '', '')"
)
SHADOW = "INSERT INTO shadow (seat_id, person_id) VALUES (:seat, :tara)"
VETO = (
    "INSERT INTO veto (application_id, by, at, reason, items) "
    f"VALUES (:application, :bea, {THEN}, 'Not above the bar.', '[]')"
)
AMENDMENT = (
    f"INSERT INTO amendment (feedback_id, text, at) SELECT id, 'More.', {THEN} FROM feedback WHERE seat_id = :seat"
)
DRAFTED = {"status": "'draft'", "approved_at": "NULL"}
GATHERED = again("meeting", "id = :meeting", phase="'gather'")

TABLE = {
    "application.once": [
        Break(
            "uq_application_active",
            again("application", "id = :application", live_offer_id="NULL"),
            answer="application.once",
        )
    ],
    "requisition.open": [
        Break("live_has_owners", update("requisition", "recruiter_id = NULL")),
        Break("imported_is_closed", update("requisition", "origin = 'imported'")),
        Break("closed_has_date", update("requisition", "status = 'closed'")),
    ],
    "loop.distinct": [Break("uq_seat_person", again("seat", "id = :seat"), answer="loop.distinct")],
    "loop.required": [
        Break("uq_seat_bar_raiser", again("seat", "kind = 'bar_raiser'", person_id=":bram"), answer="loop.required")
    ],
    "loop.double_booked": [
        Break(
            "ex_booking_person",
            again("booking", "person_id = :iris", source="'elsewhere'"),
            answer="loop.double_booked",
        ),
        Break(
            "ex_booking_candidate",
            update("booking", "starts_at = (SELECT min(b.starts_at) FROM booking b)", "candidate_id IS NOT NULL"),
            answer="loop.double_booked",
        ),
    ],
    "loop.writing_time": [
        Break(
            "booking_no_overlap_*",
            "INSERT INTO booking (person_id, starts_at, ends_at, purpose, source) SELECT p.person_id, c.ends_at, "
            "p.ends_at, 'interview', 'elsewhere' FROM booking p JOIN booking c ON c.source = p.source "
            "AND c.candidate_id IS NOT NULL WHERE p.person_id = :iris",
            answer="loop.double_booked",
        )
    ],
    "loop.evidence": [
        Break("left_has_date", update("seat", "state = 'vacated', left_reason = 'Ill.'")),
        Break("vacated_with_reason", update("seat", f"state = 'vacated', left_at = {THEN}")),
    ],
    "loop.shadow": [Break("uq_shadow_current", SHADOW, before=(SHADOW,), columns="shadow.seat_id")],
    "feedback.own": [Break("feedback.seat_id", again("feedback", "seat_id = :seat"), columns="feedback.seat_id")],
    "feedback.complete": [Break("submitted_is_complete", again("feedback", "seat_id = :seat", summary="''"))],
    "feedback.final": [
        Break("feedback", update("feedback", "summary = 'Better.'", "seat_id = :seat"), answer="feedback.final"),
        Break("feedback_item", "DELETE FROM feedback_item", answer="feedback.final"),
        Break("amendment", update("amendment", "text = 'Less.'"), before=(AMENDMENT,), answer="feedback.final"),
    ],
    "debrief.chair": [
        Break("uq_meeting_under_way", GATHERED, before=(GATHERED,), columns="meeting.application_id"),
        Break(
            "uq_attendance_meeting_id_person_id",
            again("attendance", "person_id = :bea"),
            columns="attendance.meeting_id, attendance.person_id",
        ),
    ],
    "debrief.revote": [Break("revote_has_date", update("attendance", "revoted_at = NULL"))],
    "debrief.board": [
        Break("accepted_in_writing", update("board_entry", "mark = 'not_shown', accepted_by = :bea")),
        Break("accepts_only_not_shown", update("board_entry", "accepted_by = :bea, accepted_reason = 'Fine.'")),
    ],
    "decision.hiring_manager": [
        Break("decided_by_somebody", update("meeting", "decided_by = NULL")),
        Break("decided_with_reason", update("meeting", "reason = ''")),
    ],
    "decision.concurrence": [Break("concurs_with_a_hire", update("meeting", "decision = 'no_hire'"))],
    "decision.veto": [
        Break("veto_bars_offer", update("application", f"vetoed_at = {THEN}"), answer="decision.veto"),
        Break(
            "veto_ends_it",
            update(
                "application",
                f"vetoed_at = {THEN}, live_offer_id = NULL, ended = 'withdrawn', ended_at = {THEN}, "
                "end_reason = 'off_target'",
            ),
            answer="decision.veto",
        ),
        Break(
            "veto_ends_it",
            update("application", f"vetoed_at = {THEN}, live_offer_id = NULL"),
            answer="decision.veto",
        ),
        Break("pk_veto", VETO, before=(VETO,), answer="decision.veto"),
    ],
    "reference.done": [
        Break("waived_in_writing", update("reference_check", "waived_by = :bea")),
        Break("outcome_has_date", update("reference_check", "decided_at = NULL")),
        Break("new_facts_are_written", update("reference_check", "outcome = 'new_facts'")),
    ],
    "offer.range": [Break("excepted_in_writing", update("offer", "excepted_by = :amal"))],
    "offer.single": [
        Break(
            "uq_application_live_offer",
            again("application", "id = :application", origin="'imported'"),
            answer="offer.single",
        ),
        Break("uq_offer_live", again("offer", MINE), answer="offer.open"),
        Break("offers_within_openings", update("requisition", "live_offers = 2"), answer="offer.single"),
    ],
    "andon.clear": [
        Break(
            "not_cleared_by_puller",
            update("cord", f"cleared_by = :iris, cleared_at = {THEN}, cause = 'Haste.', correction = 'A list.'"),
            before=(CORD,),
        ),
        Break("cleared_with_cause", update("cord", f"cleared_by = :amal, cleared_at = {THEN}"), before=(CORD,)),
    ],
    "screen.decided": [Break("decided_with_notes", update("phone_screen", "summary = ''"))],
    "jd.reviewed": [
        Break("approved_has_date", update("job_description", "approved_at = NULL")),
        Break(
            "uq_job_description_draft",
            again("job_description", "number = 1", number="3", **DRAFTED),
            before=(again("job_description", "number = 1", number="2", **DRAFTED),),
            columns="job_description.requisition_id",
        ),
    ],
}


@pytest.mark.parametrize("broken", [each for rule in TABLE.values() for each in rule], ids=str)
def test_what_breaks_a_rule_is_refused_by_the_database(app: Flask, cast: Cast, broken: Break) -> None:
    built = cast.made("everything before an answer", lambda: _until_the_offer(cast))
    names = cast.ids | {"application": built.application_id, "meeting": built.meeting_id, "seat": built.seats["iris"]}
    done: list[str] = []
    with pytest.raises((IntegrityError, Refused)) as refused, writing():
        _execute([*broken.before, broken.statement], names, done)
    assert done == list(broken.before), "only the last statement breaks anything"
    if broken.answer:
        assert isinstance(refused.value, Refused)
        assert [refusal.rule.id for refusal in refused.value.refusals] == [broken.answer]
    else:
        assert isinstance(refused.value, IntegrityError)
        named = broken.constraint.replace(".", "_")
        assert (broken.columns if is_sqlite() and broken.columns else named) in str(refused.value.orig)


def _until_the_offer(cast: Cast) -> Built:
    built = application_at(cast, Step.OFFER)
    offer_made(cast, built)
    return built


def _execute(statements: list[str], names: dict[str, int], done: list[str]) -> None:
    for statement in statements:
        db.session.execute(text(statement), names)
        done.append(statement)


def test_the_architecture_names_no_constraint_that_is_not_tried_here(app: Flask) -> None:
    page = (Path(__file__).parent.parent / "ARCHITECTURE.md").read_text(encoding="utf-8")
    page = page.partition("## What the database repeats")[2].partition("\n## ")[0]
    rows = [line.split("|")[1:3] for line in page.splitlines() if line.startswith("| `")]
    assert {rule for row in rows for rule in re.findall(r"`([^`]+)`", row[0])} == set(TABLE)
    assert set(TABLE) <= {rule.id for rule in rulebook()}
    for rules, constraints in rows:
        tried = {each.constraint for rule in re.findall(r"`([^`]+)`", rules) for each in TABLE[rule]}
        named = set(re.findall(r"`([^`]+)`", constraints)) - set(Base.metadata.tables)
        assert named <= tried, rules

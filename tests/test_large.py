"""The large company in small: what was walked and what was copied keep every promise of the schema and the counts."""

import re
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.exc import DatabaseError

from hiring.funnel.queries import differences
from hiring.ground import audit
from hiring.ground.database import Base, db, writing
from hiring.ground.rulebook import Refused
from hiring.people.models import Person
from hiring.pipeline.models import Application, Booking, Candidate, CandidateWord, Requisition, word_rows
from hiring.pipeline.rules import Origin, RequisitionStatus, Step
from seed.large import build, landmarks
from seed.large.plan import OPEN, planned
from seed.large.scenes import LOOP_DAY
from seed.telling import Copy, House, Line, entries
from tests.bench import landmarks as bench
from tests.bench import pages
from tests.cast import sign_in
from tests.conftest import Engine

NOW = datetime(2026, 3, 4, 13, 0, tzinfo=UTC)
MANY = 300
PODS = 15
EMPTY = {"imported_event", "job_run", "policy_version", "receipt", "referral", "sign_in_attempt", "upload_try"} | {
    "would_be_report",
    "worker_lease",
}
"""Swept soon, or not part of a history that was lived here."""
PAGES = (
    ("recruiter", "desk.page", {}),
    ("recruiter", "lists.dashboard", {}),
    ("recruiter", "lists.applications", {}),
    ("recruiter", "resume_review.queue", {"requisition_id": "open"}),
    ("recruiter", "resume_review.page", {"application_id": "fresh"}),
    ("recruiter", "phone_screen.page", {"application_id": "calling"}),
    ("recruiter", "interview_loop.page", {"application_id": "composing"}),
    ("recruiter", "funnel.page", {}),
    ("hiring_manager", "requisition.page", {"requisition_id": "open"}),
    ("hiring_manager", "debrief.page", {"application_id": "deciding"}),
    ("hiring_manager", "debrief.memo", {"application_id": "hired"}),
    ("hiring_manager", "reference_check.page", {"application_id": "checking"}),
    ("hiring_manager", "offer.page", {"application_id": "offered"}),
    ("hiring_manager", "hire.onboarding_page", {"application_id": "accepted"}),
    ("hiring_manager", "hire.reviews", {"application_id": "hired"}),
    ("bar_raiser", "debrief.page", {"application_id": "waiting"}),
    ("interviewer", "written_feedback.page", {"seat_id": "writing_interviewer"}),
    ("interviewer", "desk.page", {}),
    ("trainee", "written_feedback.practice", {"shadow_id": "hired"}),
    ("coordinator", "interview_loop.page", {"application_id": "booked"}),
    ("programme", "people.person", {"person_id": "interviewer"}),
    ("administrator", "cords.page", {"cord_id": "stopped"}),
    ("administrator", "office.audit", {}),
)
SCHEMA = {
    "sqlite": "SELECT name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_%' ORDER BY 1",
    "postgresql": "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint "
    "WHERE connamespace = 'public'::regnamespace UNION ALL SELECT indexname, indexdef FROM pg_indexes "
    "WHERE schemaname = 'public' UNION ALL SELECT tgname, tgenabled::text FROM pg_trigger WHERE NOT tgisinternal "
    "ORDER BY 1, 2",
}


def _schema() -> list[tuple[str, str]]:
    found = db.session.connection().exec_driver_sql(SCHEMA[db.engine.dialect.name]).all()
    db.session.rollback()
    # PostgreSQL says the same condition in other words once it was said again.
    return sorted(
        (str(name), re.sub(r"::(character varying|text)(\[\])?|[() ]", "", str(words))) for name, words in found
    )


@pytest.fixture
def schema_before(engine: Engine, app: Flask) -> list[Any]:
    """The schema as it was when the database was empty; the company is built."""

    def make() -> list[Any]:
        before = _schema()
        build(MANY, NOW, lambda *_: None)
        return before

    return engine.made("large", make)


def test_the_large_company_holds_what_was_asked_for_and_its_books_are_right(schema_before: list[Any]) -> None:
    assert list(audit.verify()) == []
    assert list(differences()) == []
    assert _schema() == schema_before
    counts = {
        table.name: db.session.scalar(select(func.count()).select_from(table)) or 0
        for table in Base.metadata.sorted_tables
    }
    assert counts["application"] == counts["candidate"] == MANY
    assert counts["person"] == 10 * PODS
    assert {table for table, many in counts.items() if not many} == EMPTY
    opened = select(func.count()).select_from(Requisition).where(Requisition.status == RequisitionStatus.OPEN)
    assert db.session.scalar(opened) == PODS * OPEN
    live = set(db.session.scalars(select(Application.step).where(Application.ended.is_(None)).distinct()))
    assert live == set(Step) - {Step.JOB_DESCRIPTION}
    assert set(db.session.scalars(select(Application.origin).distinct())) == {Origin.LIVE}
    names = db.session.execute(select(Candidate.id, Candidate.name)).all()
    words = db.session.execute(select(CandidateWord.candidate_id, CandidateWord.word)).all()
    assert sorted(words) == sorted((row["candidate_id"], row["word"]) for row in word_rows(names))


def test_constraints_are_in_force_again_in_the_large_company(schema_before: list[Any]) -> None:
    taken = db.session.scalars(
        select(Booking).where(Booking.person_id.is_not(None)).order_by(Booking.id.desc())
    ).first()
    assert taken is not None
    values = {"person_id": taken.person_id, "starts_at": taken.starts_at, "ends_at": taken.ends_at}
    with pytest.raises(Refused), writing():
        db.session.add(Booking(purpose="interview", source="interview:0", **values))
    with pytest.raises(DatabaseError), writing():
        db.session.execute(audit.AuditEntry.__table__.delete())


def test_the_landmarks_of_the_large_company_open(engine: Engine, schema_before: list[Any], at: Any) -> None:
    at(NOW)
    found = landmarks()
    with engine.app.test_request_context():
        urls = [
            (who, engine.app.url_for(page, **{key: found.ids[key][name] for key, name in wanted.items()}))
            for who, page, wanted in PAGES
        ]
    browsers = {
        who: sign_in(engine.app.test_client(), db.session.get_one(Person, found.people[who]))
        for who in {who for who, _ in urls}
    }
    assert {(who, url): browsers[who].get(url).status_code for who, url in urls} == dict.fromkeys(urls, 200)


def test_every_page_that_the_bench_measures_has_its_place_in_the_large_company(
    engine: Engine, schema_before: list[Any], at: Any
) -> None:
    at(NOW)
    found = bench.find(NOW)
    for page in pages.PAGES:
        assert page.reader == pages.NOBODY or found.reader(page.reader, page.place), page.name
        assert page.address(engine.app, found), page.name


def test_what_is_under_way_is_the_same_in_a_company_with_twice_the_history_and_nobody_sits_in_two_loops() -> None:
    base = NOW - timedelta(days=600)
    small, large = (planned(many, 21, NOW, base) for many in (10_000, 20_000))
    assert small.pods == large.pods
    assert small.under_way(Random(1)) == large.under_way(Random(1))
    ended = [plan.ended(Random(1)) for plan in (small, large)]
    few, many = (sum(len(copies) for copies in found.values()) for found in ended)
    assert many - few == 10_000
    days = [(copy.recruiter, copy.seconds + LOOP_DAY[name] * 86_400) for name in LOOP_DAY for copy in ended[1][name]]
    assert len(set(days)) == len(days), "a recruiter sits on two loops of one day"


def test_the_log_tells_of_every_copy_by_its_day_who_acted_there_and_on_what() -> None:
    house = House(recruiter=10, first=20, interviewers=23, width=6, team=1, others=100)
    opened = Line(0, 20, "opened", "requisition", "digest", 5, 50, 2, True)
    moved = Line(60, 24, "moved", "application", "digest", 7, 70, 1, False)
    copies = [Copy(86_400, pod=2, rota=1, requisition=3, recruiter=1), Copy(-3600)]
    rows = list(entries(house, [([opened, moved], copies)]))
    assert [(position, day, clock, actor, of) for position, day, clock, actor, _, _, of, *_ in rows] == [
        (1, "1969-12-31", "23:00:00", 20, 5),
        (2, "1969-12-31", "23:01:00", 24, 71),
        (3, "1970-01-01", "00:00:00", 20, 5),
        (4, "1970-01-01", "00:01:00", 24, 7),
        (5, "1970-01-02", "00:00:00", 106, 54),
        (6, "1970-01-02", "00:01:00", 111, 70),
    ]
    assert [row[8] for row in rows] == ["0" * 64, *(row[9] for row in rows[:-1])]

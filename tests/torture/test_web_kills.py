"""``kill -9`` of the web process while people write: what was acknowledged is there once, nothing is there by half."""

import hashlib
import os
import signal
import sqlite3
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from random import Random

import pytest
from flask import Flask
from sqlalchemy import func, or_, select, text

from hiring.funnel.queries import differences
from hiring.ground import audit, files
from hiring.ground.audit import AuditEntry, AuditHead
from hiring.ground.config import Settings
from hiring.ground.database import Base, _prepare_connection, db, is_sqlite, writing
from hiring.ground.files import StoredFile
from hiring.ground.outbox import Notice
from hiring.people.models import Person
from hiring.pipeline import queries as pipeline
from hiring.pipeline.models import Application, Attachment, Candidate, Note, Referral, StepVisit, TimelineEntry
from hiring.pipeline.rules import Step
from hiring.steps.interview_loop.models import Assignment
from hiring.steps.job_description.models import Adoption, MustHave
from hiring.steps.resume_review.models import MustHaveMark
from hiring.steps.resume_review.rules import Mark
from hiring.steps.written_feedback.models import Feedback, FeedbackItem
from hiring.steps.written_feedback.rules import FeedbackState
from tests.builders import LOOP_DAY, Built, application_at
from tests.cast import Cast
from tests.ground.mail_server import free_port
from tests.repeats import Repeats
from tests.torture.processes import PATIENCE, children, kill, nothing_under_way, running, until
from tests.torture.writers import Fields, Writer

pytestmark = pytest.mark.skipif(not Path("/proc").is_dir(), reason="process ids are read from /proc")
KILLS = 50
EARLIEST, LATEST = 1, 25
"""A kill falls when so many acts of its round are acknowledged, and others under way."""


def test_every_connection_to_sqlite_syncs_what_it_commits(tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / "any.sqlite3")
    _prepare_connection(connection, None)
    full = 2
    assert connection.execute("PRAGMA synchronous").fetchone() == (full,)
    connection.close()


def test_what_was_acknowledged_outlives_fifty_kills_of_the_web_process(
    app: Flask, settings: Settings, cast: Cast, repeats: Repeats, at: Callable[..., None], tmp_path: Path
) -> None:
    at(LOOP_DAY.replace(hour=15))
    writers = build(app, cast)
    port, log = free_port(), tmp_path / "web.log"
    left = repeats.times(KILLS)
    while left:
        with serving(settings, port, log) as server:
            whole = False
            while left and not whole:
                left -= 1
                whole = left % 3 != 1
                strike = partial(kill, server) if whole else partial(kill_one, server, repeats.random)
                committing = left % 2 == 0
                act(port, writers, repeats.random.randint(EARLIEST, LATEST), strike, committing=committing)
                repeats.count("whole" if whole else "one")
                until(nothing_under_way)
                repeats.count("unanswered", sum(bool(each.unanswered) for each in writers))
                repeats.count("of_them_there", sum(each.held() - each.done for each in writers))
                check(settings, writers)
    with serving(settings, port, log):
        act(port, writers, 0, lambda: None, new=False)
    check(settings, writers)
    for each in writers:
        assert (each.unanswered, each.held()) == (None, each.done), each.name
    repeats.note(acknowledged=sum(each.done for each in writers), orphans=sweep(settings))
    assert "unhandled error" not in log.read_text()


@contextmanager
def serving(settings: Settings, port: int, log: Path) -> "Iterator[subprocess.Popen[str]]":
    with running(settings, "serve", "--without-worker", log=log, PORT=str(port)) as server:
        assert server.stdout is not None
        assert server.stdout.readline().startswith("Open http"), log.read_text()
        yield server


def act(
    port: int,
    writers: list[Writer],
    target: int,
    strike: Callable[[], None],
    *,
    new: bool = True,
    committing: bool = False,
) -> None:
    """Let everybody write; ``strike`` when so many acts are acknowledged, whatever else is under way then.

    ``committing``: then wait for the next one to be committed, and strike while it waits for its answer.
    """
    stop, answered = threading.Event(), threading.Semaphore(0)
    threads = [
        threading.Thread(target=each.write, args=(port, stop, answered), kwargs={"new": new}, daemon=True)
        for each in writers
    ]
    for thread in threads:
        thread.start()
    for _ in range(target):
        assert answered.acquire(timeout=PATIENCE), [each.wrong for each in writers]
    if committing:
        newest = until(newest_act)
        until(lambda: newest_act() != newest, pause=0)
    strike()
    if new:
        stop.set()
    for thread in threads:
        thread.join(PATIENCE)
    assert not any(thread.is_alive() for thread in threads), "somebody still waits for an answer"
    assert [words for each in writers for words in each.wrong] == []


def newest_act() -> int | None:
    db.session.rollback()
    return db.session.scalar(select(AuditHead.position))


def kill_one(server: "subprocess.Popen[str]", chance: Random) -> None:
    """Kill one of the server's web processes; the main process starts another."""
    before = until(lambda: children(server))
    killed = chance.choice(before)
    os.kill(killed, signal.SIGKILL)
    until(lambda: killed not in children(server) and len(children(server)) == len(before))


# --- Who writes ----------------------------------------------------------------------------------------------------


def build(app: Flask, cast: Cast) -> list[Writer]:
    """People who can go on for ever, and the interviewers of one loop, who submit after some drafts."""
    interviewed = application_at(cast, Step.WRITTEN_FEEDBACK)
    on = (interviewed.requisition_id, interviewed.description_id)
    built = {
        name: application_at(cast, Step.RESUME_REVIEW, on=Built(*on), name=f"{name} One").application_id
        for name in ("Moved", "Marked", "Held")
    }
    must_haves = list(db.session.scalars(select(MustHave.id).where(MustHave.description_id == on[1])))
    with writing():
        for each in must_haves:
            row = MustHaveMark(
                application_id=built["Moved"], must_have_id=each, mark=Mark.MET, by=cast.rita.id, at=LOOP_DAY
            )
            db.session.add(row)
    apply, refer, people = "/careers/R-1/apply", "/careers/R-1/refer", "/people/new"
    moved, marked, held = (f"/applications/{built[name]}" for name in ("Moved", "Marked", "Held"))
    by = Writer.signed_in
    return [
        *(
            Writer(
                f"stranger {who}",
                apply,
                "application.apply",
                application(who),
                lambda who=who: applied(who),
                address=throttled(who),
            )
            for who in ("Ann", "Ben")
        ),
        by(app, cast.nora, refer, "application.refer", referral, lambda: applied("Cy", Referral)),
        by(
            app,
            cast.rita,
            f"{moved}/moves",
            "application.hold",
            there_and_back(built["Moved"]),
            lambda: moves(built["Moved"]),
        ),
        by(
            app,
            cast.hector,
            f"{marked}/resume-review",
            "resume.mark",
            marks(marked, must_haves),
            lambda: revision(built["Marked"], len(must_haves)),
        ),
        by(
            app,
            cast.rita,
            f"{held}/moves",
            "application.hold",
            hold(held),
            lambda: audited(built["Held"], "application.hold", "application.resume"),
        ),
        by(
            app,
            cast.hector,
            held,
            "note.add",
            lambda n: (f"{held}/notes", {"text": f"note {n}"}),
            lambda: notes(built["Held"]),
        ),
        by(app, cast.amal, people, "person.create", colleague, created),
        *(
            by(
                app,
                getattr(cast, key),
                f"/seats/{seat}/feedback",
                "feedback.submit",
                drafts_then_submit(seat),
                lambda seat=seat: drafted(seat),
                last=DRAFTS + 1,
            )
            for key, seat in interviewed.seats.items()
        ),
    ]


def application(who: str) -> Callable[[int], tuple[str, Fields]]:
    def fill(number: int) -> tuple[str, Fields]:
        return "/careers/R-1/apply", {
            "name": f"{who} {number}",
            "email": f"{who.lower()}{number}@candidates.example",
            "time_zone": "UTC",
            "consent": "y",
            "resume": f"{who}, the résumé of number {number}. ".encode() * 400,
        }

    return fill


def throttled(who: str) -> Callable[[int], str]:
    """Ten files from one address, some of them twice, then from the next one: there is a limit of thirty."""
    network = {"Ann": 10, "Ben": 11}[who]
    return lambda number: f"127.{network}.{number // 10 // 250}.{number // 10 % 250 + 1}"


def referral(number: int) -> tuple[str, Fields]:
    who = f"cy{number}@candidates.example"
    resume = f"Cy, the résumé of number {number}.".encode()
    return "/careers/R-1/refer", {"name": f"Cy {number}", "email": who, "how": "We worked together.", "resume": resume}


def there_and_back(application_id: int) -> Callable[[int], tuple[str, Fields]]:
    base, visit = f"/applications/{application_id}", pipeline.open_visit(application_id)
    assert visit is not None
    first = visit.ordinal

    def fill(number: int) -> tuple[str, Fields]:
        if number % 2:
            return f"{base}/resume-review/advance", {}
        back = {"to": Step.RESUME_REVIEW.value, "reason": f"move {number}", "version": str(first + number - 1)}
        return f"{base}/send-back", back

    return fill


def marks(base: str, must_haves: list[int]) -> Callable[[int], tuple[str, Fields]]:
    def fill(number: int) -> tuple[str, Fields]:
        given = {f"mark_{each}": "met" for each in must_haves} | {
            f"note_{each}": f"mark {number}" for each in must_haves
        }
        return f"{base}/resume-review/marks", {"version": str((number - 1) * len(must_haves)), **given}

    return fill


def hold(base: str) -> Callable[[int], tuple[str, Fields]]:
    return lambda number: (f"{base}/hold", {"reason": f"hold {number}"}) if number % 2 else (f"{base}/resume", {})


def colleague(number: int) -> tuple[str, Fields]:
    return "/people/new", {
        "name": f"New {number}",
        "email": f"new{number}@example.org",
        "title": "Engineer",
        "level": "6",
        "time_zone": "Europe/Berlin",
        "country": "DE",
        "works_from": "09:00",
        "works_until": "17:00",
    }


DRAFTS = 10


def drafts_then_submit(seat_id: int) -> Callable[[int], tuple[str, Fields]]:
    items = list(db.session.scalars(select(Assignment.item_id).where(Assignment.seat_id == seat_id)))

    def fill(number: int) -> tuple[str, Fields]:
        said = {"summary": f"draft {number}", "vote": "inclined", "version": str(number - 1)}
        for item in items:
            parts = ("question", "situation", "task", "action", "result")
            said |= {f"item_{item}-{part}": f"{part} {number}" for part in parts} | {f"item_{item}-rating": "meets"}
        return f"/seats/{seat_id}/feedback/{'save' if number <= DRAFTS else 'submit'}", said

    return fill


# --- What is there -------------------------------------------------------------------------------------------------


def count(of: type[Base], *where: object) -> int:
    return db.session.scalar(select(func.count()).select_from(of).where(*where)) or 0  # type: ignore[arg-type]


def audited(subject_id: int, *acts: str) -> int:
    """How many of these acts the log holds; the timeline tells each of them too."""
    return count(AuditEntry, AuditEntry.act.in_(acts), AuditEntry.subject_id == subject_id)


def applied(who: str, *more: type[Referral]) -> int:
    mine = select(Candidate.id).where(Candidate.email.like(f"{who.lower()}%@candidates.example"))
    theirs = select(Application.id).where(Application.candidate_id.in_(mine))
    found = {
        "candidates": count(Candidate, Candidate.id.in_(mine)),
        "applications": count(Application, Application.id.in_(theirs)),
        "visits": count(StepVisit, StepVisit.application_id.in_(theirs)),
        "adoptions": count(Adoption, Adoption.application_id.in_(theirs)),
        "files": count(Attachment, Attachment.application_id.in_(theirs)),
        "audit": count(AuditEntry, AuditEntry.act == "application.apply", AuditEntry.subject_id.in_(theirs)),
        "timeline": count(TimelineEntry, TimelineEntry.application_id.in_(theirs)),
        "mails": count(Notice, Notice.to_address.like(f"{who.lower()}%@candidates.example")),
    }
    for each in more:
        found[each.__tablename__] = count(each, each.candidate_id.in_(mine))
    assert len(set(found.values())) == 1, found
    return found["applications"]


def moves(application_id: int) -> int:
    found = count(StepVisit, StepVisit.application_id == application_id) - 1
    assert found == audited(application_id, "application.advance", "application.send_back")
    return found


def revision(application_id: int, must_haves: int) -> int:
    rows = list(db.session.scalars(select(MustHaveMark).where(MustHaveMark.application_id == application_id)))
    assert len({(row.note, row.revision) for row in rows}) <= 1, "one mark was saved without the other"
    number = rows[0].revision if rows else 0
    assert (len(rows), audited(application_id, "resume.mark")) == (must_haves if rows else 0, number)
    return number


def notes(application_id: int) -> int:
    found = list(db.session.scalars(select(Note.text).where(Note.application_id == application_id)))
    assert len(set(found)) == len(found) == audited(application_id, "note.add")
    return len(found)


def created() -> int:
    found = list(db.session.scalars(select(Person.id).where(Person.email.like("new%@example.org"))))
    assert count(AuditEntry, AuditEntry.act == "person.create", AuditEntry.subject_id.in_(found)) == len(found)
    return len(found)


def drafted(seat_id: int) -> int:
    columns = select(Feedback.summary, Feedback.state, FeedbackItem.result).where(Feedback.seat_id == seat_id)
    rows = db.session.execute(columns.join(FeedbackItem, FeedbackItem.feedback_id == Feedback.id)).all()
    if not rows:
        return count(Feedback, Feedback.seat_id == seat_id)
    number = int(rows[0].summary.removeprefix("draft "))
    assert {row.result for row in rows} == {f"result {number}"}
    submitted = rows[0].state is FeedbackState.SUBMITTED
    assert submitted == (number > DRAFTS) == bool(audited(seat_id, "feedback.submit"))
    return number


def check(settings: Settings, writers: list[Writer]) -> None:
    """Everything acknowledged is there, at most the one act without an answer besides; and all fits together."""
    db.session.rollback()
    db.session.expire_all()
    for each in writers:
        assert each.done <= each.held() <= each.done + bool(each.unanswered), each.name
    assert list(audit.verify()) == []
    assert list(differences()) == []
    last = (
        select(StepVisit.application_id, func.max(StepVisit.ordinal).label("ordinal"))
        .group_by(StepVisit.application_id)
        .subquery()
    )
    standing = (
        select(Application.id)
        .outerjoin(last, last.c.application_id == Application.id)
        .outerjoin(StepVisit, (StepVisit.application_id == Application.id) & (StepVisit.ordinal == last.c.ordinal))
        .where(
            or_(
                StepVisit.id.is_(None),
                StepVisit.step != Application.step,
                StepVisit.left_at.isnot(None) != Application.ended.isnot(None),
            )
        )
    )
    assert list(db.session.scalars(standing)) == [], "an application does not stand where its last visit does"
    for sha256 in db.session.scalars(select(StoredFile.sha256)):
        content = (settings.data_dir / "files" / sha256[:2] / sha256).read_bytes()
        assert hashlib.sha256(content).hexdigest() == sha256
    check_database()
    db.session.rollback()


def check_database() -> None:
    """What the engine itself can say of its tables and indexes."""
    if is_sqlite():
        assert db.session.execute(text("PRAGMA integrity_check")).all() == [("ok",)]
        assert db.session.execute(text("PRAGMA foreign_key_check")).all() == []
        return
    for table in Base.metadata.sorted_tables:
        for key in table.foreign_key_constraints:
            [(column, element)] = [(each.parent, each.column) for each in key.elements]
            other = element.table.alias()
            lost = select(func.count()).where(
                column.isnot(None), ~select(other).where(other.c[element.name] == column).exists()
            )
            assert db.session.scalar(lost) == 0, key.name


def sweep(settings: Settings) -> int:
    """Let two days pass for the files; returns how many nobody named, which must all be gone, and no other."""
    folder = settings.data_dir / "files"
    ago = time.time() - 2 * 24 * 3600
    for file in folder.glob("*/*"):
        os.utime(file, (ago, ago))
    before = len(list(folder.glob("*/*")))
    files.sweep_orphans(LOOP_DAY.replace(year=2030))
    named = set(db.session.scalars(select(StoredFile.sha256)))
    assert {file.name for file in folder.glob("*/*")} == named
    return before - len(named)

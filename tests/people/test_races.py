"""Somebody is disabled in the instant in which they act, and other edits of people at once, on both engines."""

from contextlib import suppress
from dataclasses import asdict
from datetime import datetime

from flask import Flask
from sqlalchemy import func, select

from hiring.ground.audit import AuditEntry
from hiring.ground.database import Forbidden, NotVisible, db, lock, writing
from hiring.ground.rulebook import Refused
from hiring.people import actions, handover, passwords, queries, sessions
from hiring.people.actions import PersonFacts
from hiring.people.models import Person, SignInSession
from hiring.people.rules import Invalid, Role
from hiring.people.sessions import WrongPassword
from hiring.pipeline.rules import End, Step
from hiring.steps.debrief import actions as debrief
from hiring.steps.debrief.models import Meeting
from hiring.steps.debrief.rules import Decision
from hiring.steps.written_feedback import actions as feedback
from hiring.steps.written_feedback.models import Feedback
from hiring.steps.written_feedback.rules import FeedbackState
from hiring.transitions import actions as transitions
from tests.builders import Built, application_at
from tests.cast import Cast
from tests.conftest import NOON, Engine
from tests.races import Course, race, rounds, together
from tests.repeats import Repeats
from tests.steps.debrief.conftest import Debrief
from tests.steps.written_feedback.entries import AFTER, entry_for

SECRET = "correct horse battery"


def disabled(person_id: int) -> bool:
    return db.session.get_one(Person, person_id, populate_existing=True).disabled_at is not None


def open_sessions(person_id: int) -> int:
    query = select(func.count()).where(SignInSession.person_id == person_id, SignInSession.ended_at.is_(None))
    return db.session.scalar(query) or 0


def acts_after_leaving(person_id: int) -> list[str]:
    """What somebody did, by the audit log, after they were disabled."""
    left = select(func.min(AuditEntry.position)).where(
        AuditEntry.act == "person.disable", AuditEntry.subject_id == person_id
    )
    later = select(AuditEntry.act).where(AuditEntry.actor_id == person_id, AuditEntry.position > left.scalar_subquery())
    return list(db.session.scalars(later))


def debts_about(person_id: int, words: str) -> int:
    return sum(words in debt.what for debt in handover.debts(person_id, None).seen)


def assert_gone(person_id: int, course: Course, act: str) -> bool:
    """They are out, and did nothing afterwards; whether the act came first."""
    assert "disable" in course.came and disabled(person_id)
    assert open_sessions(person_id) == 0
    assert acts_after_leaving(person_id) == []
    if act in course.came:
        return True
    assert isinstance(course.wrong[act], (Forbidden, NotVisible)), repr(course.wrong[act])
    return False


def test_who_signs_in_while_they_are_disabled_has_no_session_left(
    engine: Engine, app: Flask, cast: Cast, repeats: Repeats
) -> None:
    hashed, iris = passwords.hash_password(SECRET), cast.ids["iris"]

    def make() -> None:
        with writing():
            lock(Person, iris).password_hash = hashed
            sessions.start_session(cast.iris, NOON)

    def sign_in() -> str:
        with app.app_context():
            return sessions.sign_in("iris@example.org", SECRET, "192.0.2.1", NOON)[1]

    def disable() -> None:
        with app.app_context():
            if turn.number % 4 < 2:  # half of the time as late as a sign-in, which takes longer
                with suppress(WrongPassword):
                    sessions.sign_in("amal@example.org", SECRET, "192.0.2.2", NOON)
            with writing():
                actions.disable_person(cast.amal, iris, NOON)

    for turn, _ in rounds(engine, repeats, make):
        course = turn.note(together(turn.turned({"sign_in": sign_in, "disable": disable})))
        assert disabled(iris) and open_sessions(iris) == 0
        if "sign_in" in course.came:
            assert sessions.session_person(course.came["sign_in"], NOON) is None
        else:
            assert isinstance(course.wrong["sign_in"], WrongPassword)


def test_feedback_of_somebody_disabled_meanwhile_is_in_before_that_or_not_at_all(
    engine: Engine, app: Flask, cast: Cast, repeats: Repeats
) -> None:
    iris = cast.ids["iris"]

    def make() -> Built:
        built = application_at(cast, Step.WRITTEN_FEEDBACK)
        with writing():
            sessions.start_session(cast.iris, NOON)
        return built

    for turn, built in rounds(engine, repeats, make):
        seat_id = built.seats["iris"]
        course = turn.meet(
            late="disable",
            submit=lambda: feedback.submit(cast.iris, seat_id, entry_for(seat_id), now=AFTER).id,
            disable=lambda: actions.disable_person(cast.amal, iris, AFTER),
        )
        is_in = assert_gone(iris, course, "submit")
        states = list(db.session.scalars(select(Feedback.state).where(Feedback.seat_id == seat_id)))
        assert states == ([FeedbackState.SUBMITTED] if is_in else [])
        assert debts_about(iris, "eedback") == int(not is_in)


def test_a_decision_of_somebody_disabled_meanwhile_comes_before_that_or_not_at_all(
    engine: Engine, app: Flask, cast: Cast, repeats: Repeats
) -> None:
    table, hector = Debrief(cast, application_at(cast, Step.DEBRIEF)), cast.ids["hector"]

    def make() -> datetime:
        return table.decide().now

    for turn, table.now in rounds(engine, repeats, make, 200):
        i = table.built.application_id
        course = turn.meet(
            late="disable",
            decide=lambda: debrief.decide(cast.hector, i, Decision.NO_HIRE, "No.", now=table.now).id,
            disable=lambda: actions.disable_person(cast.amal, hector, table.now),
        )
        decided = assert_gone(hector, course, "decide")
        meeting = db.session.query(Meeting).filter_by(application_id=i).one()
        assert (meeting.decision, meeting.decided_by) == ((Decision.NO_HIRE, hector) if decided else (None, None))
        assert table.application.ended is (End.REJECTED if decided else None)


def test_a_move_by_somebody_disabled_meanwhile_comes_before_that_or_not_at_all(
    engine: Engine, app: Flask, cast: Cast, repeats: Repeats
) -> None:
    rita = cast.ids["rita"]
    for turn, built in rounds(engine, repeats, lambda: application_at(cast, Step.PHONE_SCREEN), 200):
        i = built.application_id
        course = turn.meet(
            late="disable",
            withdraw=lambda: transitions.withdraw(cast.rita, i, "They called.", now=NOON),
            disable=lambda: actions.disable_person(cast.amal, rita, NOON),
        )
        withdrawn = assert_gone(rita, course, "withdraw")
        assert built.application.ended is (End.WITHDRAWN if withdrawn else None)


# --- Edits of people -----------------------------------------------------------------------------------------------


def test_two_administrators_who_disable_each_other_at_once_leave_one(
    engine: Engine, app: Flask, cast: Cast, repeats: Repeats
) -> None:
    def make() -> None:
        with writing():
            for who in (cast.amal, cast.ada):
                sessions.start_session(who, NOON)

    for turn, _ in rounds(engine, repeats, make, 200):
        course = turn.meet(
            amal=lambda: actions.disable_person(cast.amal, cast.ids["ada"], NOON),
            ada=lambda: actions.disable_person(cast.ada, cast.ids["amal"], NOON),
        )
        [error] = course.wrong.values()
        assert isinstance(error, (Refused, Forbidden)), repr(error)
        [left] = queries.holders(Role.ADMINISTRATOR)
        assert left.name.lower() == course.first
        assert [open_sessions(cast.ids[who]) for who in ("amal", "ada")] == (
            [1, 0] if course.first == "amal" else [0, 1]
        )


def test_two_edits_at_once_do_not_close_a_circle_either(app: Flask, cast: Cast) -> None:
    def put_below(person: str, manager: str) -> None:
        row = getattr(cast, person)
        facts = {name: getattr(row, name) for name in asdict(PersonFacts("", "", "", 1))}
        facts["manager_id"] = cast.ids[manager]
        actions.edit_person(cast.amal, cast.ids[person], PersonFacts(**facts), NOON)

    wrong = race(app, lambda: put_below("lars", "sven"), lambda: put_below("sven", "lars"))
    assert [error.field for error in wrong if isinstance(error, Invalid)] == ["manager_id"]
    assert len(wrong) == 1

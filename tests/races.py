"""Acts in the same instant, and acts that overtake each other, on real connections.

A race repeats: ``rounds`` gives every round the same start and asks after each what must hold whatever happened;
``meet`` releases the rivals by a barrier, the first of them another one each round, and notes who came first.
"""

import itertools
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from flask import Flask
from sqlalchemy import event, text

from hiring.funnel.queries import differences
from hiring.ground import audit
from hiring.ground.database import db, writing
from hiring.ground.rulebook import Refused
from tests.repeats import Repeats

if TYPE_CHECKING:
    from tests.conftest import Engine

PATIENCE = 30
Made = TypeVar("Made")
Act = Callable[[], object]


@dataclass
class Course:
    """How a race went: what each got that went through, in the order in which they did, and what went wrong."""

    came: dict[str, Any] = field(default_factory=dict)
    wrong: dict[str, Exception] = field(default_factory=dict)

    @property
    def first(self) -> str:
        """Who went through first."""
        return next(iter(self.came))

    @property
    def loser(self) -> tuple[str, Exception]:
        """The only one who did not go through, and what they were told."""
        [told] = self.wrong.items()
        return told

    def refused(self, *names: str) -> dict[str, str]:
        """The facts that the losers, all of them or these, were refused with, by rule."""
        assert self.wrong.keys() == set(names or self.wrong)
        told: dict[str, str] = {}
        for error in self.wrong.values():
            assert isinstance(error, Refused), repr(error)
            for refusal in error.refusals:
                told[refusal.rule.id] = f"{told.get(refusal.rule.id, '')} {refusal.facts}".strip()
        return told


def at_once(app: Flask, acts: Mapping[str, Act], late: str = "", behind: int = 0) -> Course:
    """Do all in the same instant, each in an application context and a transaction of its own.

    ``late`` begins when the others have sent ``behind`` statements to the database, or have ended.
    """
    may_go, sent = threading.Event(), itertools.count(1)
    mine = threading.local()

    def watch(*_: Any) -> None:
        if getattr(mine, "leads", False) and next(sent) >= behind:
            may_go.set()

    def inside(name: str, act: Act) -> object:
        mine.leads = name != late
        with app.app_context():
            try:
                if behind and name == late:
                    assert may_go.wait(PATIENCE)
                with writing():
                    return act()
            finally:
                db.session.remove()
                may_go.set()

    if behind:
        event.listen(db.engine, "before_cursor_execute", watch)
    try:
        return together({name: lambda n=name, act=act: inside(n, act) for name, act in acts.items()})  # type: ignore[misc]
    finally:
        if behind:
            event.remove(db.engine, "before_cursor_execute", watch)


def together(acts: Mapping[str, Act]) -> Course:
    """Do all in the same instant, in threads that share nothing."""
    gate, course = threading.Barrier(len(acts)), Course()

    def run(name: str, act: Act) -> None:
        try:
            gate.wait(PATIENCE)
            course.came[name] = act()
        except Exception as error:
            course.wrong[name] = error

    db.session.rollback()
    threads = [threading.Thread(target=run, args=each, daemon=True) for each in acts.items()]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    assert not any(thread.is_alive() for thread in threads), "an act still waits for another"
    db.session.rollback()
    return course


def race(app: Flask, *acts: Act) -> list[Exception]:
    """Do all in the same instant, once; returns what went wrong."""
    return list(at_once(app, {str(number): act for number, act in enumerate(acts)}).wrong.values())


@dataclass
class Race:
    """One round of a race."""

    app: Flask
    number: int
    repeats: Repeats

    def meet(self, late: str = "", **acts: Act) -> Course:
        """``at_once``, begun by another one each round; who went through first is counted.

        ``late``: whoever is so quick that the others would never be first; in three rounds of four they begin behind.
        """
        behind = self.repeats.random.randrange(1, 50) if late and self.number % 4 else 0
        return self.note(at_once(self.app, self.turned(acts), late, behind))

    def turned(self, acts: Mapping[str, Act]) -> dict[str, Act]:
        """The acts in this round's order."""
        names = list(acts)
        turn = self.number % len(names)
        return {name: acts[name] for name in names[turn:] + names[:turn]}

    def note(self, course: Course) -> Course:
        """Count who went through first."""
        if course.came:
            self.repeats.count(f"{course.first}_first")
        return course


def rounds(
    engine: "Engine", repeats: Repeats, make: Callable[[], Made], full: int = 1_000
) -> Iterator[tuple[Race, Made]]:
    """Races that all start from what ``make`` wrote and returned; after each, ``assert_sound``."""
    for number, made in repeats.rounds(engine, make, full):
        yield Race(engine.app, number, repeats), made
        assert_sound()


UNSOUND = {
    "the step is that of the last visit, which is open while the application is": """
        SELECT a.id FROM application a LEFT JOIN step_visit v ON v.application_id = a.id AND v.ordinal = (
            SELECT max(last.ordinal) FROM step_visit last WHERE last.application_id = a.id)
        WHERE v.id IS NULL OR v.step <> a.step OR (v.left_at IS NULL) <> (a.ended IS NULL)
            OR v.entered_at <> a.step_entered_at""",
    "at most one visit is open": """
        SELECT v.application_id AS id FROM step_visit v WHERE v.left_at IS NULL
        GROUP BY v.application_id HAVING count(*) > 1""",
    "live offers and hires are counted, and never exceed the openings": """
        SELECT r.id FROM requisition r WHERE r.live_offers + r.hires > r.openings
            OR r.live_offers <> (SELECT count(*) FROM application a
                WHERE a.requisition_id = r.id AND a.live_offer_id IS NOT NULL)
            OR r.hires <> (SELECT count(*) FROM application a WHERE a.requisition_id = r.id AND a.ended = 'hired')""",
    "a live offer is that of its application, and whoever holds one was neither vetoed nor has ended": """
        SELECT a.id FROM application a LEFT JOIN offer o ON o.id = a.live_offer_id
        WHERE (a.live_offer_id IS NOT NULL AND (a.vetoed_at IS NOT NULL OR a.ended IS NOT NULL))
            OR (a.live_offer_id IS NOT NULL AND (o.id IS NULL OR o.application_id <> a.id
                OR o.state NOT IN ('made', 'accepted')))
            OR (a.live_offer_id IS NULL AND EXISTS (SELECT 1 FROM offer other
                WHERE other.application_id = a.id AND other.state IN ('made', 'accepted') AND a.ended IS NULL))""",
    "whoever has left has no session": """
        SELECT p.id FROM person p JOIN sign_in_session s ON s.person_id = p.id
        WHERE p.disabled_at IS NOT NULL AND s.ended_at IS NULL""",
}
"""What must hold after every race; each finds what breaks it."""
_ALL = text(
    " UNION ALL ".join(f"SELECT '{words}', broken.id FROM ({query}) broken" for words, query in UNSOUND.items())
)


def assert_sound() -> None:
    """States are what their rows say, maintained counts equal the recount, and the audit chain verifies."""
    db.session.rollback()
    assert db.session.execute(_ALL).all() == []
    assert list(differences()) == []
    assert list(audit.verify()) == []
    db.session.rollback()


def overtaken(app: Flask, act: Callable[[], object], meanwhile: Callable[[], object], of: str = "") -> Exception | None:
    """Begin ``act``, let ``meanwhile`` commit while it waits for its first lock; returns what went wrong with it.

    ``of``: the table whose lock it is to wait for, where that is not its first (SQLite has one lock for all).
    """
    waits, wrong = threading.Event(), []

    def run() -> None:
        with app.app_context():
            try:
                with writing():
                    act()
            except Exception as error:
                wrong.append(error)
            finally:
                db.session.remove()

    thread = threading.Thread(target=run, daemon=True)

    def watch(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        waiting = "BEGIN IMMEDIATE" in statement or ("KEY UPDATE" in statement and statement.endswith(of))
        if threading.current_thread() is thread and waiting:
            waits.set()

    event.listen(db.engine, "before_cursor_execute", watch)
    try:
        with writing():
            meanwhile()
            db.session.flush()
            thread.start()
            assert waits.wait(PATIENCE)
    finally:
        thread.join(PATIENCE)
        event.remove(db.engine, "before_cursor_execute", watch)
    assert not thread.is_alive(), "the act that was overtaken still waits"
    return wrong[0] if wrong else None

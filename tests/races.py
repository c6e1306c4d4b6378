"""Acts in the same instant, and acts that overtake each other, on real connections."""

import threading
from collections.abc import Callable
from typing import Any

from flask import Flask
from sqlalchemy import event

from hiring.ground.database import db, writing

PATIENCE = 30


def race(app: Flask, *acts: Callable[[], object]) -> list[Exception]:
    """Do all in the same instant, each in a transaction of its own; returns what went wrong."""
    gate, wrong = threading.Barrier(len(acts)), []

    def run(act: Callable[[], object]) -> None:
        with app.app_context():
            try:
                gate.wait(PATIENCE)
                with writing():
                    act()
            except Exception as error:
                wrong.append(error)
            finally:
                db.session.remove()

    db.session.rollback()
    threads = [threading.Thread(target=run, args=(act,), daemon=True) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    assert not any(thread.is_alive() for thread in threads), "an act still waits for another"
    return wrong


def overtaken(app: Flask, act: Callable[[], object], meanwhile: Callable[[], object]) -> Exception | None:
    """Begin ``act``, let ``meanwhile`` commit while it waits for its first lock; returns what went wrong with it."""
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
        if threading.current_thread() is thread and ("FOR UPDATE" in statement or "BEGIN IMMEDIATE" in statement):
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

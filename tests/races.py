"""Acts that overtake each other, on real connections, in an order that does not depend on luck."""

import threading
from collections.abc import Callable
from typing import Any

from flask import Flask
from sqlalchemy import event

from hiring.ground.database import db, writing

PATIENCE = 30


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

    thread = threading.Thread(target=run)

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
    return wrong[0] if wrong else None

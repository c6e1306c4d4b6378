"""Turns: a serving process computes one answer at a time.

Python computes one at a time anyway. Threads that take the interpreter from each other after each question to the
database only make every page dearer: with eight at once each cost a third more, and a queue that had formed stayed.
"""

import threading

from flask import Flask, current_app, g, has_request_context, request

_PATIENCE = 0.25
"""Seconds after which a request goes ahead beside one that stands still, like one that waits for a lock."""


def init_app(app: Flask) -> None:
    """Install the hooks; nobody waits before ``one_at_a_time`` is called."""
    app.before_request(_enter)
    app.teardown_request(lambda _error: pass_on())


def one_at_a_time(app: Flask, patience: float = _PATIENCE) -> None:
    """Let the requests of this process wait for each other, for ``patience`` seconds at most.

    Nobody waits for a body that is still on its way, or for an answer that is being sent.
    """
    app.extensions["turns"] = threading.Lock(), patience


def pass_on() -> None:
    """Let the next one begin: at a request's end, and before what takes a while and needs no interpreter."""
    if has_request_context() and g.pop("has_turn", False):
        current_app.extensions["turns"][0].release()


def _enter() -> None:
    if "turns" not in current_app.extensions:
        return
    request.form  # noqa: B018  (read whole, however slowly it arrives)
    turn, patience = current_app.extensions["turns"]
    g.has_turn = turn.acquire(timeout=patience)

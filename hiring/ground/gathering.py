"""What a transaction gathers to be written last, before its commit, while nobody else is kept waiting for it.

SQLAlchemy tells of the end of an attempt (a savepoint) as of a commit; what was gathered waits for the real one. What
an attempt gathered that was given up goes with it, and what came before stays.
"""

from typing import Generic, TypeVar

from sqlalchemy.orm import Session, SessionTransaction

from hiring.ground.database import db

Item = TypeVar("Item")


class Gathering(Generic[Item]):
    """Things of one kind; ``name`` tells them from others in the session."""

    def __init__(self, name: str) -> None:
        self._name = name

    def add(self, item: Item) -> None:
        """Gather it, in the attempt under way if there is one."""
        db.session.info.setdefault(self._name, []).append((db.session().get_nested_transaction(), item))

    def take(self, session: Session) -> list[Item]:
        """Everything in order, once: for a listener of ``before_commit``; nothing while an attempt ends."""
        if session.in_nested_transaction():
            return []
        return [item for _, item in session.info.pop(self._name, [])]

    def forget(self, session: Session, ended: SessionTransaction) -> None:
        """Drop what was gathered inside a transaction that was rolled back: for ``after_soft_rollback``."""
        session.info[self._name] = [each for each in session.info.get(self._name, []) if not _inside(each[0], ended)]


def _inside(attempt: SessionTransaction | None, ended: SessionTransaction) -> bool:
    if not ended.nested:
        return True
    while attempt is not None and attempt is not ended:
        attempt = attempt.parent
    return attempt is ended

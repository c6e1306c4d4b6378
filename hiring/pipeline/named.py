"""Candidates found by the beginnings of the words of their name, at a cost that does not grow with the history."""

from itertools import permutations

from sqlalchemy import ColumnElement, and_, false, func, select
from sqlalchemy.orm import InstrumentedAttribute

from hiring.ground.database import db
from hiring.pipeline.models import Application, CandidateWord
from hiring.pipeline.names import words_of

FEW = 1000
_AFTER = "\U0010ffff"
"""Stands behind whatever a word goes on with."""


def named(typed: str) -> ColumnElement[bool]:
    """A condition for a list of applications: every typed word begins another word of the candidate's name.

    Fewer than ``FEW`` candidates are looked up one by one. More are met soon by a list that is walked in its own order
    and asks each name on the way; of three words or more, two may then begin the same.
    """
    words = sorted(words_of(typed), key=lambda word: (-len(word), word))
    if not words:
        return false()
    rarest, *others = words
    begun = _begun(CandidateWord.word, rarest, others)
    doubtful = any(one.startswith(other) for one, other in permutations(words, 2))
    columns = (CandidateWord.candidate_id, CandidateWord.word) if doubtful else (CandidateWord.candidate_id,)
    found = db.session.connection().execute(select(*columns).where(begun).limit(FEW)).all()
    if len(found) < FEW:
        return Application.candidate_id.in_(
            {row.candidate_id for row in found if not doubtful or _each_begins_another(words, row.word.split())}
        )
    # Counted, not asked by EXISTS, which PostgreSQL would turn into a join with all who are called so; and asked of a
    # text that no index holds, or it would look through all of those for each application.
    begun = _begun(CandidateWord.word + "", rarest, others)
    theirs = select(func.count()).where(CandidateWord.candidate_id == Application.candidate_id, begun)
    return theirs.correlate(Application).scalar_subquery() > 0


def _begun(
    text: ColumnElement[str] | InstrumentedAttribute[str], rarest: str, others: list[str]
) -> ColumnElement[bool]:
    held = (text.contains(f" {word}", autoescape=True) for word in others)
    return and_(text >= rarest, text < rarest + _AFTER, *held)


def _each_begins_another(typed: list[str], words: list[str]) -> bool:
    """Whether as many words begin with each typed one as were typed that do."""
    return all(
        sum(word.startswith(one) for word in words) >= sum(other.startswith(one) for other in typed) for one in typed
    )

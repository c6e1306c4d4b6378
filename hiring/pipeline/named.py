"""Candidates found by the beginnings of the words of their name, at a cost that does not grow with the history."""

from typing import Any

from sqlalchemy import ColumnElement, and_, false, func, select
from sqlalchemy.orm import aliased

from hiring.ground.database import db
from hiring.pipeline.models import Application, CandidateWord
from hiring.pipeline.rules import words_of

FEW = 1000
_AFTER = "\U0010ffff"
"""Stands behind whatever a word goes on with."""


def named(typed: str) -> ColumnElement[bool]:
    """A condition for a list of applications: every typed word begins another word of the candidate's name.

    Fewer than ``FEW`` candidates are looked up one by one. More are met soon by a list that is walked in its own order
    and asks each name on the way.
    """
    words = sorted(words_of(typed), key=lambda word: (-len(word), word))
    if not words:
        return false()
    rarest, *others = words
    some = select(CandidateWord.candidate_id).where(
        _begun(rarest), *(_bears(CandidateWord.candidate_id, word, words) for word in others)
    )
    found = db.session.scalars(some.limit(FEW)).all()
    if len(found) < FEW:
        return Application.candidate_id.in_(set(found))
    return and_(*(_bears(Application.candidate_id, word, words) for word in words))


def _begun(word: str, table: Any = CandidateWord) -> ColumnElement[bool]:
    return and_(table.word >= word, table.word < word + _AFTER)


def _bears(candidate_id: Any, word: str, words: list[str]) -> ColumnElement[bool]:
    """Whether as many words of the name begin so as typed ones do, of which there are two in "Nadia N".

    Counted, not asked by EXISTS, which PostgreSQL would turn into a join with all who are called so.
    """
    theirs = aliased(CandidateWord)
    begun = select(func.count()).where(theirs.candidate_id == candidate_id, _begun(word, theirs)).scalar_subquery()
    return begun >= sum(one.startswith(word) for one in words)

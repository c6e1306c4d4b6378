"""Candidates found by the beginnings of the words of their name, at a cost that does not grow with the history."""

from itertools import permutations
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, func, select
from sqlalchemy.orm import InstrumentedAttribute

from hiring.people.asking import MOST, any_of, find
from hiring.pipeline.models import Application, CandidateWord
from hiring.pipeline.names import words_of

FEW = 1000
_ASKED = 4
"""Words that the database is asked for; of a longer name the others are looked for in what it found."""
_AFTER = "\U0010ffff"
"""Stands behind whatever a word goes on with."""


def named(typed: str) -> tuple[int, dict[str, Any]]:
    """How ``is_named`` finds candidates of whose name every typed word begins another word, and by which values.

    Fewer than ``FEW`` candidates are looked up one by one. More are met soon by a list that is walked in its own order
    and asks each name on the way, for its four longest words; of three or more, two may then begin the same.
    """
    words = sorted(words_of(typed), key=lambda word: (-len(word), word))
    if not words:
        return 0, {"candidates": []}
    asked = words[:_ASKED]
    values = {"first": asked[0], "behind_first": asked[0] + _AFTER}
    values |= {f"other{place}": f"% {_escaped(word)}%" for place, word in enumerate(asked[1:], 1)}
    doubtful = words != asked or any(one.startswith(other) for one, other in permutations(words, 2))
    found = find(_candidates, len(asked), doubtful, most=FEW, **values)
    if len(found) == FEW:
        return len(asked), values
    held = (row[0] for row in found if not doubtful or _each_begins_another(words, row[1].split()))
    return 0, {"candidates": list(set(held))}


def is_named(words: int) -> ColumnElement[bool]:
    """The condition for a list of applications, asked with the values that ``named`` gave."""
    if not words:
        return Application.candidate_id.in_(any_of("candidates"))
    # Counted, not asked by EXISTS, which PostgreSQL would turn into a join with all who are called so; and asked of a
    # text that no index holds, or it would look through all of those for each application.
    begun = _begun(CandidateWord.word + "", words)
    theirs = select(func.count()).where(CandidateWord.candidate_id == Application.candidate_id, begun)
    return theirs.correlate(Application).scalar_subquery() > 0


def _candidates(words: int, with_words: bool) -> Select[*tuple[Any, ...]]:
    columns = (CandidateWord.candidate_id, CandidateWord.word) if with_words else (CandidateWord.candidate_id,)
    return select(*columns).where(_begun(CandidateWord.word, words)).limit(MOST)


def _begun(text: ColumnElement[str] | InstrumentedAttribute[str], words: int) -> ColumnElement[bool]:
    kind = CandidateWord.word.type
    held = (text.like(bindparam(f"other{place}", type_=kind), escape="/") for place in range(1, words))
    return and_(text >= bindparam("first", type_=kind), text < bindparam("behind_first", type_=kind), *held)


def _escaped(word: str) -> str:
    """No sign in it stands for another."""
    return word.replace("/", "//").replace("%", "/%").replace("_", "/_")


def _each_begins_another(typed: list[str], words: list[str]) -> bool:
    """Whether as many words begin with each typed one as were typed that do."""
    return all(
        sum(word.startswith(one) for word in words) >= sum(other.startswith(one) for other in typed) for one in typed
    )

"""A reading remembers its answers: until its transaction ends, the same question is put to the database once.

Page, rule and layout may so ask alike without knowing of each other. Nothing is remembered where something is written:
an act asks anew, under its locks. A reading loads rows once and does not refresh them: what was remembered stays whole.
"""

from collections.abc import Callable, Hashable, Iterable
from copy import copy
from functools import update_wrapper, wraps
from typing import Any, Concatenate, ParamSpec, TypeAlias, TypeVar, TypeVarTuple

from sqlalchemy import Select, event
from sqlalchemy.orm import Session, SessionTransaction

from hiring.ground.database import db, is_writing

P = ParamSpec("P")
T = TypeVar("T")
Ts = TypeVarTuple("Ts")
_ANSWERS = "answers of this reading"
_NOBODY: Any = object()


def once(ask: Callable[P, T]) -> Callable[P, T]:
    """Remember what a query answers, by its arguments; whoever changes a list that it gave changes their own."""

    @wraps(ask)
    def answer(*args: P.args, **kwargs: P.kwargs) -> T:
        if is_writing():
            return ask(*args, **kwargs)
        key, answers = _key(answer, args, kwargs), _answers()
        if key not in answers:
            answers[key] = ask(*args, **kwargs)
        found: T = answers[key]
        return _own(found)

    return answer


OfEach: TypeAlias = Callable[Concatenate[Iterable[int], P], dict[int, T]]


def once_each(ask: OfEach[P, T]) -> OfEach[P, T]:
    """Remember what a query answers about each id, so that only those not asked about before are asked for."""

    def answer(ids: Iterable[int], /, *args: P.args, **kwargs: P.kwargs) -> dict[int, T]:
        wanted = dict.fromkeys(ids)
        if is_writing():
            return ask(wanted, *args, **kwargs)
        known: dict[int, T] = _answers().setdefault(_key(answer, args, kwargs), {})
        new = [one for one in wanted if one not in known]
        if new:
            found = ask(new, *args, **kwargs)
            known.update({one: found.get(one, _NOBODY) for one in new})
        return {one: _own(known[one]) for one in wanted if known[one] is not _NOBODY}

    update_wrapper(answer, ask)
    return answer


def remember(ask: Callable[P, T], answer: T, /, *args: P.args, **kwargs: P.kwargs) -> None:
    """Let a wider question answer a narrower one (a ``once`` with these arguments), which is then put no more."""
    if not is_writing():
        _answers()[_key(ask, args, kwargs)] = answer


def remember_each(ask: OfEach[P, T], found: dict[int, T], /, *args: P.args, **kwargs: P.kwargs) -> None:
    """The same for a ``once_each``, about each of these ids."""
    if not is_writing():
        _answers().setdefault(_key(ask, args, kwargs), {}).update(found)


def anew(query: Select[*Ts]) -> Select[*Ts]:
    """The same, which an act reads as it stands now, over what it loaded before its locks; a reading keeps its rows."""
    return query.execution_options(populate_existing=is_writing())


def _key(ask: Callable[..., object], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Hashable:
    return ask, args, tuple(sorted(kwargs.items()))


def _own(answer: T) -> T:
    return copy(answer) if isinstance(answer, (list, dict, set)) else answer


def _answers() -> dict[Hashable, Any]:
    answers: dict[Hashable, Any] = db.session().info.setdefault(_ANSWERS, {})
    return answers


@event.listens_for(Session, "after_transaction_end")
def _forget(session: Session, transaction: SessionTransaction) -> None:
    if transaction.parent is None:
        session.info.pop(_ANSWERS, None)

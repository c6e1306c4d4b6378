"""Statements that are built once and asked often: whoever asks is a name in them, not a value.

Building a statement costs more than most databases take to answer it, and a desk asks some thirty questions.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Protocol, TypeVar, TypeVarTuple

from sqlalchemy import BindParameter, Integer, Result, Row, ScalarResult, ScalarSelect, Select, bindparam, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.visitors import cloned_traverse

from hiring.ground.database import BigId, UtcDateTime, db, is_writing
from hiring.people.models import Person
from hiring.people.rules import Role


class Reader(Protocol):
    """What a condition may know of whoever reads: a person, or an ``Asker`` in place of one."""

    @property
    def id(self) -> Any: ...

    @property
    def manager_id(self) -> Any: ...

    def has(self, *roles: Role) -> bool:
        """Whether they hold any of these standing roles."""


@dataclass(frozen=True, slots=True)
class Asker:
    """Anybody with these standing roles."""

    roles: frozenset[Role]

    @property
    def id(self) -> BindParameter[int]:
        """Their id, once they ask."""
        return bindparam("asker_id", type_=BigId)

    @property
    def manager_id(self) -> BindParameter[int]:
        """Their manager's id, once they ask."""
        return bindparam("asker_manager_id", type_=BigId)

    def has(self, *roles: Role) -> bool:
        """Whether they hold any of these standing roles."""
        return not self.roles.isdisjoint(roles)


NOW = bindparam("now", type_=UtcDateTime)
"""An instant that whoever asks gives by this name."""
MOST = bindparam("most", type_=Integer, literal_execute=True)
"""How many rows at most, given likewise but written out, for it decides how to look."""
Ts = TypeVarTuple("Ts")
Shape = TypeVarTuple("Shape")
Whole = TypeVar("Whole")
Given = TypeVar("Given")


Kept = TypeVar("Kept", bound=Select[*tuple[Any, ...]])


class _Written(BindParameter[Any]):
    """A value that is written into a statement when it is compiled, once, and not each time that it is asked."""

    def _gen_cache_key(self, anon_map: Any, bindparams: Any) -> tuple[Any, ...]:
        """The value itself tells such statements apart, where a parameter would be left out."""
        return (_Written, self.type._static_cache_key, repr(self.value))


@compiles(_Written)
def _write(value: _Written, compiler: SQLCompiler, **how: Any) -> str:
    return str(compiler.visit_bindparam(value, **{**how, "literal_binds": True}))  # type: ignore[no-untyped-call]  # SQLAlchemy's own


def _written_out(statement: Kept) -> Kept:
    """With the values that it always has (a state, a step) written into it.

    PostgreSQL plans a statement anew each time while a plan that knows its values promises more than one for any, and
    planning takes longer than most answers. What is always the same is therefore no parameter.
    """

    def write(value: BindParameter[object]) -> None:
        if not value.required:
            value.__class__ = _Written

    return cloned_traverse(statement, {"maintain_key": True, "detect_subquery_cols": True}, {"bindparam": write})


@cache
def _built(build: Callable[[Asker, *Shape], Select[*Ts]], asker: Asker, *shape: *Shape) -> Select[*Ts]:
    return _written_out(build(asker, *shape))


def ask(
    build: Callable[[Asker, *Shape], Select[*Ts]], person: Person, *shape: *Shape, **given: object
) -> Sequence[Row[*Ts]]:
    """The rows of a statement of plain columns, built once for everybody with the same roles.

    ``shape``: what else decides how it reads; of few values, such as which filters are set.
    """
    values = {"asker_id": person.id, "asker_manager_id": person.manager_id, **given}
    return _rows(_built(build, Asker(person.roles), *shape), values)


def ask_of(build: Callable[[Asker], Select[*Ts]], person_id: int, **given: object) -> Sequence[Row[*Ts]]:
    """The same where it does not matter which roles they hold."""
    values = {"asker_id": person_id, **given}
    return _rows(_built(build, Asker(frozenset())), values)


@cache
def _always(build: Callable[[*Shape], Select[*Ts]], *shape: *Shape) -> Select[*Ts]:
    return _written_out(build(*shape))


def find(build: Callable[[*Shape], Select[*Ts]], *shape: *Shape, **given: object) -> Sequence[Row[*Ts]]:
    """The same where it does not matter who asks."""
    return _rows(_always(build, *shape), given)


def objects(build: Callable[[*Shape], Select[Whole]], *shape: *Shape, **given: object) -> ScalarResult[Whole]:
    """The same for whole objects, where somebody changes them or asks for most of what they hold."""
    return db.session.scalars(_always(build, *shape), given)


def objects_and(build: Callable[[*Shape], Select[*Ts]], *shape: *Shape, **given: object) -> Result[*Ts]:
    """The same for whole objects with columns beside them."""
    return db.session.execute(_always(build, *shape), given)


def _rows(statement: Select[*Ts], values: dict[str, object]) -> Sequence[Row[*Ts]]:
    """Rules of an act ask so too, so whatever is being written is seen."""
    if is_writing():
        db.session.flush()
    return db.session.connection().execute(statement, values).all()


def unseen(value: BindParameter[Given]) -> ScalarSelect[Given]:
    """A value that PostgreSQL does not look at when it plans, for a statement that looks the same way whatever it is.

    For one whose plan seems to promise more than a plan for any value does, it would plan anew each time.
    """
    return select(value).scalar_subquery()


def any_of(name: str) -> BindParameter[int]:
    """Ids for ``column.in_``, however many whoever asks gives by this name."""
    return bindparam(name, type_=BigId, expanding=True)

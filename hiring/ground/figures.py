"""Figures of the process: typed sections with bounds, and the values in force. Pure, so that rules may take them.

A room registers its section, a frozen dataclass whose fields are made by ``number()``; rules receive the section as an
argument. Versions are rows, see ``policy``.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any, ClassVar, TypeVar, cast


def number(
    default: int, *, low: int, high: int, unit: str, meaning: str, source: str = "book", at_most: str = ""
) -> Any:
    """A whole number of the policy with its bounds, unit, meaning and source (``book`` or ``own``).

    ``at_most``: the figure of the same section that it never exceeds.
    """
    metadata = {"low": low, "high": high, "unit": unit, "meaning": meaning, "source": source, "at_most": at_most}
    return field(default=default, metadata=metadata)


@dataclass(frozen=True, slots=True)
class Section:
    """Parent of every section; subclasses set ``name`` and ``title``."""

    name: ClassVar[str] = ""
    title: ClassVar[str] = ""


AnySection = TypeVar("AnySection", bound=Section)
_sections: dict[str, type[Section]] = {}


def register(section: type[AnySection]) -> type[AnySection]:
    """Class decorator: adds a section to the policy."""
    _sections[section.name] = section
    return section


class Policy:
    """The values in force: ``policy[FeedbackPolicy].due_minutes``. ``version`` is 0 for the book's own."""

    def __init__(self, version: int = 0, changes: Mapping[str, Any] | None = None) -> None:
        self.version = version
        self.changes: Mapping[str, Any] = changes or {}

    def __getitem__(self, section: type[AnySection]) -> AnySection:
        known = {item.name for item in fields(section)}
        prefix = section.name + "."
        values = {k.removeprefix(prefix): v for k, v in self.changes.items() if k.startswith(prefix)}
        return section(**{name: value for name, value in values.items() if name in known})


@dataclass(frozen=True, slots=True)
class Value:
    """One figure as the settings page shows it."""

    key: str
    value: int
    book: int
    low: int
    high: int
    unit: str
    meaning: str
    source: str
    at_most: str

    @property
    def differs(self) -> bool:
        """Whether the company left the default."""
        return self.value != self.book

    @property
    def above(self) -> str:
        """The key of the figure that it never exceeds; empty for none."""
        return f"{self.key.partition('.')[0]}.{self.at_most}" if self.at_most else ""

    @property
    def size(self) -> int:
        """For comparing it with a figure of another unit of time."""
        return self.value * 60 if self.unit == "hours" else self.value


def values(policy: Policy) -> dict[str, list[Value]]:
    """All figures by section title."""
    return {
        section.title: [
            Value(
                f"{section.name}.{item.name}",
                getattr(policy[section], item.name),
                cast(int, item.default),
                **item.metadata,
            )
            for item in fields(section)
        ]
        for section in _sections.values()
    }


class OutOfBounds(ValueError):
    """A value that the policy does not allow; ``str`` says the bounds, or both figures that would contradict."""


def by_key(policy: Policy) -> dict[str, Value]:
    """All figures by their keys."""
    return {item.key: item for section in values(policy).values() for item in section}


def ensure_fits(known: Mapping[str, Value], key: str, value: int) -> None:
    """Raise OutOfBounds where a figure cannot take a value, by its bounds or beside another figure."""
    item = known[key]
    if not item.low <= value <= item.high:
        raise OutOfBounds(f"{item.meaning} must be between {item.low} and {item.high} {item.unit}.")
    wanted = {**known, key: replace(item, value=value)}
    for low, high in ((low, wanted[low.above]) for low in wanted.values() if low.above):
        if key in (low.key, high.key) and low.size > high.size:
            other = high if key == low.key else low
            raise OutOfBounds(
                f"“{item.meaning}” would be {value} {item.unit}, but “{other.meaning}” stands at {other.value} "
                f"{other.unit}: these contradict each other. Change the other one first."
            )

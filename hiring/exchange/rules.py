"""Pure questions of an import: what a mapping means, what a row says, and how a case's events replay."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from hiring.pipeline.rules import End, HowLeft, Step

_KEYS = ("case", "activity", "timestamp")
_ENDS = {"rejected": End.REJECTED, "withdrawn": End.WITHDRAWN, "hired": End.HIRED}
_HOW = {End.REJECTED: HowLeft.REJECTED, End.WITHDRAWN: HowLeft.WITHDRAWN, End.HIRED: HowLeft.HIRED}


class BadImport(Exception):
    """The mapping or the file cannot be taken; ``faults`` says why, one sentence each."""

    def __init__(self, faults: Iterable[str]) -> None:
        self.faults = list(faults)
        super().__init__("; ".join(self.faults))


@dataclass(frozen=True, slots=True)
class HistoryMapping:
    """Which columns to read, and what each activity means: a step, an end, or nothing."""

    case: str
    activity: str
    timestamp: str
    meanings: Mapping[str, Step | End | None]
    source: str | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """One row that means something. ``row`` counts data rows from 1."""

    case: str
    activity: str
    at: datetime
    row: int


@dataclass(frozen=True, slots=True)
class Replayed:
    """A case after its last event: stays as (step, entered, left, how left), and its end."""

    stays: tuple[tuple[Step, datetime, datetime | None, HowLeft | None], ...]
    end: End | None
    ended_at: datetime | None


def read_mapping(raw: Mapping[str, Any]) -> HistoryMapping:
    """Check a mapping file's content; raises BadImport with every fault."""
    faults = [f"The mapping needs the key {key!r}, naming a column." for key in _KEYS if not _name(raw.get(key))]
    meanings: dict[str, Step | End | None] = {}
    steps, ends, ignore = raw.get("steps", {}), raw.get("ends", {}), raw.get("ignore", [])
    if not isinstance(steps, Mapping) or not isinstance(ends, Mapping) or not isinstance(ignore, list):
        raise BadImport([*faults, "[steps] and [ends] are tables, ignore is a list."])
    if not steps:
        faults.append("The mapping needs a table [steps] that maps activities to steps.")
    importable = {step.value: step for step in Step if step is not Step.JOB_DESCRIPTION}
    for activity, name in steps.items():
        if not isinstance(name, str) or name not in importable:
            faults.append(f"[steps] {activity!r}: there is no step {name!r}; steps are {', '.join(importable)}.")
        else:
            meanings[activity] = importable[name]
    for activity, name in ends.items():
        if not isinstance(name, str) or name not in _ENDS:
            faults.append(f"[ends] {activity!r}: there is no end {name!r}; ends are {', '.join(_ENDS)}.")
        elif activity in meanings:
            faults.append(f"{activity!r} is mapped twice.")
        else:
            meanings[activity] = _ENDS[name]
    faults += _ignore(ignore, meanings)
    source = raw.get("source")
    if source is not None and not _name(source):
        faults.append("source is a short text.")
    if faults:
        raise BadImport(faults)
    return HistoryMapping(raw["case"], raw["activity"], raw["timestamp"], meanings, source)


def _ignore(activities: list[Any], meanings: dict[str, Step | End | None]) -> list[str]:
    """Note the activities to leave out; returns what is wrong with them."""
    faults = []
    for activity in activities:
        if not isinstance(activity, str):
            faults.append(f"ignore holds {activity!r}, which is not the name of an activity.")
        elif activity in meanings:
            faults.append(f"{activity!r} is mapped and ignored.")
        else:
            meanings[activity] = None
    return faults


def _name(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


def read_row(row: Mapping[str | None, Any], number: int, mapping: HistoryMapping) -> Event | str | None:
    """An event, or a sentence about what is wrong with the row, or None where the activity is ignored."""
    if None in row:
        return f"row {number}: it has more fields than the header"
    texts = {key: row.get(column) for key, column in zip(_KEYS, _columns(mapping), strict=True)}
    for key, text in texts.items():
        if text is None or not text.strip():
            return f"row {number}: the column {dict(zip(_KEYS, _columns(mapping), strict=True))[key]!r} is empty"
        if "\x00" in text:
            return f"row {number}: it holds a character that cannot be stored"
    case, activity = str(texts["case"]).strip(), str(texts["activity"]).strip()
    if activity not in mapping.meanings:
        return f"row {number}: the activity {activity!r} is neither mapped nor ignored"
    try:
        at = datetime.fromisoformat(str(texts["timestamp"]).strip())
    except ValueError:
        return f"row {number}: {texts['timestamp']!r} is not a time (ISO 8601, like 2015-01-05T00:00:08+00:00)"
    if at.tzinfo is None:
        return f"row {number}: the time {texts['timestamp']!r} has no zone"
    try:
        at = at.astimezone(UTC)
    except OverflowError:
        return f"row {number}: the time {texts['timestamp']!r} is out of range"
    return None if mapping.meanings[activity] is None else Event(case, activity, at, number)


def _columns(mapping: HistoryMapping) -> tuple[str, str, str]:
    return mapping.case, mapping.activity, mapping.timestamp


def replay(events: Iterable[Event], meanings: Mapping[str, Step | End | None]) -> Replayed | None:
    """Play a case's events in order; None when no event names a step (there is nothing to hold an end).

    Events in a row of one step are one visit, a return opens a new one; a step after an end reopens the case.
    """
    stays: list[tuple[Step, datetime, datetime | None, HowLeft | None]] = []
    end: End | None = None
    ended_at: datetime | None = None
    for event in events:
        meaning = meanings[event.activity]
        if isinstance(meaning, End):
            if stays:
                step, entered_at, _, _ = stays[-1]
                stays[-1] = (step, entered_at, event.at, _HOW[meaning])  # a later end overrules an earlier one
                end, ended_at = meaning, event.at
            continue
        if meaning is None:
            continue  # ignored activities
        if end is None and stays:
            current = stays[-1][0]
            if current is meaning:
                continue
            _close(stays, event.at, HowLeft.ADVANCED if meaning.place > current.place else HowLeft.SENT_BACK)
        end = ended_at = None
        stays.append((meaning, event.at, None, None))
    return Replayed(tuple(stays), end, ended_at) if stays else None


def _close(stays: list[tuple[Step, datetime, datetime | None, HowLeft | None]], at: datetime, how: HowLeft) -> None:
    step, entered_at, _, _ = stays[-1]
    stays[-1] = (step, entered_at, at, how)

"""Importing a past history: read everything, refuse everything that is wrong at once, then write all or nothing."""

import csv
import io
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, select

from hiring.exchange.models import ImportedEvent
from hiring.exchange.rules import BadImport, Event, HistoryMapping, Replayed, read_row, replay
from hiring.ground import audit
from hiring.ground.database import db
from hiring.pipeline import history
from hiring.pipeline.history import PastCase, PastStay

_FAULTS_SHOWN = 50
Known = dict[str, list[tuple[str, datetime, str]]]
"""Imported events by case: activity, time, and what the mapping of then made of it."""


@dataclass(frozen=True, slots=True)
class Summary:
    """What an import did. ``without_step``: cases left out because no event of theirs names a step."""

    rows: int
    cases: int
    new: int
    extended: int
    unchanged: int
    without_step: int
    visits: int


def read_events(content: bytes, mapping: HistoryMapping) -> tuple[int, dict[str, list[Event]]]:
    """All events by case, ordered by time and, at the same second, by row; raises BadImport with faults by row."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadImport([f"The file is not UTF-8 (byte {error.start})."]) from error
    reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    header = reader.fieldnames or []
    missing = [name for name in (mapping.case, mapping.activity, mapping.timestamp) if name not in header]
    if missing:
        raise BadImport([f"The file has no column {name!r}; it has {', '.join(header) or 'none'}." for name in missing])
    cases: dict[str, list[Event]] = defaultdict(list)
    faults: list[str] = []
    number = 0
    try:
        for number, row in enumerate(reader, 1):
            read = read_row(row, number, mapping)
            if isinstance(read, str):
                faults.append(read)
            elif read is not None:
                cases[read.case].append(read)
    except csv.Error as error:
        faults.append(f"row {number + 1}: {error}")
    if faults:
        more = len(faults) - _FAULTS_SHOWN
        raise BadImport(faults[:_FAULTS_SHOWN] + ([f"and {more} more rows"] if more > 0 else []))
    for events in cases.values():
        events.sort(key=lambda event: (event.at, event.row))
    return number, dict(cases)


def import_history(
    source: str,
    rows: int,
    cases: dict[str, list[Event]],
    mapping: HistoryMapping,
    *,
    now: datetime,
    progress: Callable[[int], None] = lambda done: None,
) -> Summary:
    """Write what is new of a history; the caller commits or rolls back. Raises BadImport for a changed beginning."""
    known, application_ids = _known(source)
    changed = [key for key, events in cases.items() if not _same_beginning(known.get(key, ()), events, mapping)]
    if changed:
        raise BadImport(
            f"case {key}: its beginning differs from what was imported before; nothing was imported" for key in changed
        )
    grown = {key: events for key, events in cases.items() if len(events) > len(known.get(key, ()))}
    replayed = {key: replay(events, mapping.meanings) for key, events in grown.items()}
    past = [_past(key, state, application_ids.get(key)) for key, state in replayed.items() if state is not None]
    if past:
        requisition = history.requisition_for(f"IMPORT-{source}", f"Imported history: {source}", now=now)
        ids = history.record(requisition, past, now=now, progress=progress)
        _remember(source, {case.key: grown[case.key] for case in past}, known, ids, mapping)
        audit.record(None, "history.import", "requisition", requisition.id, at=now, source=source, cases=len(past))
    extended = sum(1 for case in past if case.application_id is not None)
    without_step = sum(1 for state in replayed.values() if state is None)
    return Summary(
        rows=rows,
        cases=len(cases),
        new=len(past) - extended,
        extended=extended,
        unchanged=len(cases) - len(past) - without_step,
        without_step=without_step,
        visits=sum(len(case.stays) for case in past),
    )


def _known(source: str) -> tuple[Known, dict[str, int]]:
    events: Known = defaultdict(list)
    ids: dict[str, int] = {}
    query = select(ImportedEvent).where(ImportedEvent.source == source)
    for row in db.session.scalars(query.order_by(ImportedEvent.case, ImportedEvent.ordinal)):
        events[row.case].append((row.activity, row.at, row.meaning))
        ids[row.case] = row.application_id
    return events, ids


def _same_beginning(
    before: Sequence[tuple[str, datetime, str]], events: Sequence[Event], mapping: HistoryMapping
) -> bool:
    common = min(len(before), len(events))
    now_read = [(event.activity, event.at, _meaning(event, mapping)) for event in events[:common]]
    return list(before[:common]) == now_read


def _meaning(event: Event, mapping: HistoryMapping) -> str:
    return str(mapping.meanings[event.activity])


def _past(key: str, state: Replayed, application_id: int | None) -> PastCase:
    stays = tuple(PastStay(*stay) for stay in state.stays)
    return PastCase(key, stays, state.end, state.ended_at, application_id)


def _remember(
    source: str,
    cases: dict[str, list[Event]],
    known: Known,
    ids: dict[str, int],
    mapping: HistoryMapping,
) -> None:
    rows = [
        {
            "source": source,
            "case": key,
            "ordinal": ordinal,
            "activity": event.activity,
            "meaning": _meaning(event, mapping),
            "at": event.at,
            "application_id": ids[key],
        }
        for key, events in cases.items()
        for ordinal, event in enumerate(events, 1)
        if ordinal > len(known.get(key, ()))
    ]
    db.session.execute(insert(ImportedEvent), rows)

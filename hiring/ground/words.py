"""What rules say, told to a reader: they write UTC instants and ISO days; a page shows both in the reader's way."""

import re
from datetime import UTC, date, datetime

from hiring.ground.forms import reader_zone

_WHEN = re.compile(
    r"\b(?P<day>\d{4}-\d\d-\d\d)(?:(?P<join> at | from | )(?P<start>\d\d:\d\d)(?: to (?P<end>\d\d:\d\d))? UTC)?\b"
)


def told(text: object) -> str:
    """A sentence with its days as 3 Mar 2026 and its UTC instants in the reader's zone, the zone named."""
    return _WHEN.sub(_local, str(text))


def _local(found: re.Match[str]) -> str:
    try:
        day = date.fromisoformat(found["day"])
        if found["start"] is None:
            return f"{day.day} {day:%b %Y}"
        start = _instant(day, found["start"])
        until = f" to {_instant(day, found['end']):%H:%M}" if found["end"] else ""
    except ValueError:  # looks like a day, but no calendar has it
        return found[0]
    return f"{start.day} {start:%b %Y}{found['join'].rstrip() or ','} {start:%H:%M}{until} {start:%Z}"


def _instant(day: date, clock: str) -> datetime:
    return datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=UTC).astimezone(reader_zone())

"""What a mapping and a row must be, and how a case is played; files are not needed for it."""

from datetime import UTC, datetime
from typing import Any

import pytest

from hiring.exchange import actions
from hiring.exchange.rules import BadImport, Event, HistoryMapping, read_mapping, read_row, replay
from hiring.pipeline.rules import End, Step

GOOD: dict[str, Any] = {
    "case": "id",
    "activity": "what",
    "timestamp": "when",
    "steps": {"Applied": "resume_review", "Call": "phone_screen"},
    "ends": {"Rejected": "rejected"},
    "ignore": ["Mail"],
}
MAPPING = read_mapping(GOOD)


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"case": " "}, "needs the key 'case'"),
        ({"steps": ["Applied"]}, "[steps] and [ends] are tables"),
        ({"steps": {}}, "needs a table [steps]"),
        ({"steps": {"Applied": "job_description"}}, "there is no step 'job_description'"),
        ({"ends": {"Rejected": "sacked"}}, "there is no end 'sacked'"),
        ({"ends": {"Call": "rejected"}}, "'Call' is mapped twice."),
        ({"ignore": ["Call"]}, "'Call' is mapped and ignored."),
        ({"ignore": [3]}, "ignore holds 3"),
        ({"source": 3}, "source is a short text."),
    ],
)
def test_a_mapping_that_is_wrong_is_told_what_of_it(changes: dict[str, Any], fault: str) -> None:
    with pytest.raises(BadImport) as caught:
        read_mapping(GOOD | changes)
    assert fault in " ".join(caught.value.faults)


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({None: ["more"]}, "more fields than the header"),
        ({"what": "  "}, "the column 'what' is empty"),
        ({"id": "a\x00b"}, "cannot be stored"),
        ({"what": "Dance"}, "'Dance' is neither mapped nor ignored"),
        ({"when": "yesterday"}, "'yesterday' is not a time"),
        ({"when": "2020-01-05T09:00:00"}, "has no zone"),
        ({"when": "0001-01-01T00:00:00+14:00"}, "is out of range"),
    ],
)
def test_a_row_that_is_wrong_is_told_by_its_number(changes: dict[str | None, Any], fault: str) -> None:
    row: dict[str | None, Any] = {"id": "7", "what": "Call", "when": "2020-01-05T09:00:00+00:00"}
    assert isinstance(read_row(row, 3, MAPPING), Event)
    found = read_row(row | changes, 3, MAPPING)
    assert isinstance(found, str) and found.startswith("row 3: ") and fault in found


def test_an_ignored_activity_is_no_event_and_moves_nothing() -> None:
    row: dict[str | None, Any] = {"id": "7", "what": "Mail", "when": "2020-01-05T09:00:00+00:00"}
    assert read_row(row, 3, MAPPING) is None
    days = [datetime(2020, 1, day, tzinfo=UTC) for day in (1, 2, 3)]
    events = [
        Event("7", what, at, row)
        for row, (what, at) in enumerate(zip(("Applied", "Mail", "Rejected"), days, strict=True))
    ]
    played = replay(events, MAPPING.meanings)
    assert played is not None
    assert [(step, left) for step, _, left, _ in played.stays] == [(Step.RESUME_REVIEW, days[2])]
    assert played.end is End.REJECTED


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"id,what,when\n7,Call,\xff", "The file is not UTF-8 (byte 20)."),
        (b'id,what,when\n7,Call,2020-01-05T09:00:00+00:00\n7,"Call"x,2020-01-05T09:00:00+00:00\n', "row 2: "),
        (b"id,when\n", "The file has no column 'what'; it has id, when."),
    ],
)
def test_a_file_that_cannot_be_read_is_told_where(content: bytes, fault: str) -> None:
    with pytest.raises(BadImport) as caught:
        actions.read_events(content, MAPPING)
    assert caught.value.faults[0].startswith(fault)


def test_a_mapping_names_its_source_or_leaves_it_to_the_command() -> None:
    assert isinstance(MAPPING, HistoryMapping) and MAPPING.source is None
    assert read_mapping(GOOD | {"source": "old"}).source == "old"

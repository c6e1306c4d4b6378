"""What a rule wrote in UTC and ISO is read in the reader's zone and way."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from flask import Flask, g

from hiring.ground.words import told
from hiring.steps.interview_loop import facts
from hiring.steps.interview_loop import rules as loop
from hiring.steps.written_feedback import rules as feedback


@pytest.mark.parametrize(
    ("zone", "written", "read"),
    [
        ("Europe/Berlin", "It began on 2026-11-20 01:51 UTC.", "It began on 20 Nov 2026, 02:51 CET."),
        ("Europe/Berlin", "It begins on 2026-07-01 at 09:00 UTC.", "It begins on 1 Jul 2026 at 11:00 CEST."),
        (
            "America/New_York",
            "Busy on 2026-11-20 from 01:30 to 02:15 UTC, and away.",
            "Busy on 19 Nov 2026 from 20:30 to 21:15 EST, and away.",
        ),
        ("Asia/Tokyo", "The answer date, 2026-11-27, has passed.", "The answer date, 27 Nov 2026, has passed."),
        ("Asia/Tokyo", "The case 2026-99-99 is no day.", "The case 2026-99-99 is no day."),
        ("Asia/Tokyo", "R-1001 is level 7; at least 6 is needed.", "R-1001 is level 7; at least 6 is needed."),
    ],
)
def test_days_and_instants_in_a_sentence_are_told_in_the_zone_of_the_reader(
    app: Flask, zone: str, written: str, read: str
) -> None:
    with app.test_request_context("/"):
        g.zone = zone
        assert told(written) == read


@pytest.mark.parametrize("stamp", [loop.stamp, feedback.stamp, facts.at])
def test_every_way_in_which_rules_write_an_instant_is_told_in_the_zone_of_the_reader(
    app: Flask, stamp: Callable[[datetime], str]
) -> None:
    with app.test_request_context("/"):
        g.zone = "Asia/Tokyo"
        words = told(stamp(datetime(2026, 3, 3, 20, 0, tzinfo=UTC)))
        assert "4 Mar 2026" in words and "05:00 JST" in words

"""Who sees what of an application, and for how long."""

import pytest

from hiring.pipeline.rules import Sight, Stand, may_see


@pytest.mark.parametrize(
    ("sight", "stands", "seen"),
    [
        (Sight.CANDIDATE_FILE, {Stand.SEAT}, True),
        (Sight.CANDIDATE_FILE, {Stand.SEAT, Stand.LAPSED}, False),
        (Sight.CANDIDATE_FILE, {Stand.SHADOW, Stand.LAPSED}, False),
        (Sight.CANDIDATE_FILE, {Stand.RECRUITER, Stand.SEAT, Stand.LAPSED}, True),
        (Sight.FRAME, {Stand.BAR_RAISER, Stand.LAPSED}, True),
        (Sight.FRAME, {Stand.BAR_RAISER, Stand.LAPSED, Stand.PAST}, False),
        (Sight.DEBRIEF, {Stand.SEAT, Stand.LAPSED, Stand.PAST}, True),
        (Sight.REFERENCES, {Stand.BAR_RAISER, Stand.LAPSED}, True),
        (Sight.REFERENCES, {Stand.SEAT}, False),
        (Sight.PAY, {Stand.RECRUITER}, False),
        (Sight.PAY, {Stand.REQUISITION_RECRUITER}, True),
        (Sight.MUST_HAVES, {Stand.SEAT}, False),
        (Sight.MUST_HAVES, {Stand.SEAT, Stand.SUBMITTED_SEAT}, True),
        (Sight.CANDIDATE_FILE, {Stand.ADMINISTRATOR}, False),
        (Sight.FRAME, {Stand.ADMINISTRATOR}, True),
        (Sight.CORDS, set(), False),
    ],
)
def test_sight_follows_from_where_one_stands(sight, stands, seen):
    assert may_see(sight, stands) is seen

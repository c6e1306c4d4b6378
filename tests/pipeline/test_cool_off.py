"""How long a decision against hiring bars a new application to the same requisition."""

from datetime import UTC, date, datetime

import pytest

from hiring.ground.database import writing
from hiring.pipeline import actions as spine
from hiring.pipeline import queries
from hiring.pipeline.rules import End, EndReason, Step
from tests.builders import application_at
from tests.cast import Cast


@pytest.mark.parametrize(
    ("ended", "until"),
    [
        (datetime(2026, 8, 31, 12, tzinfo=UTC), date(2027, 2, 28)),
        (datetime(2026, 3, 4, 12, tzinfo=UTC), date(2026, 9, 4)),
    ],
)
def test_six_months_end_on_the_same_day_of_the_month_or_its_last(cast: Cast, ended: datetime, until: date) -> None:
    built = application_at(cast, Step.DEBRIEF)
    with writing():
        application = queries.lock_application(built.application_id)
        spine.end_application(
            application, End.REJECTED, EndReason.NO_HIRE, actor_id=cast.hector.id, now=ended, cool_off=True
        )

    assert built.application.cool_off_until == until

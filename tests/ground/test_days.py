"""Which days somebody can mean."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import TypeAlias

import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient

from hiring.ground.days import APPOINTMENT, AROUND, COMING, RECORD, Reach, why_not_day
from hiring.pipeline.rules import Step
from tests.builders import application_at, offer_made
from tests.cast import Cast, sign_in
from tests.conftest import NOON

TODAY = date(2026, 3, 4)
DAY = timedelta(days=1)
Moves: TypeAlias = Callable[[datetime], None]


@pytest.mark.parametrize("reach", [APPOINTMENT, COMING, AROUND, RECORD])
def test_today_and_the_days_within_reach_are_meant_and_those_beyond_are_not(reach: Reach) -> None:
    first, last = (TODAY.replace(year=TODAY.year + years) for years in (-reach.back, reach.ahead))
    assert [why_not_day(day, TODAY, reach) for day in (first, TODAY, last)] == [None] * 3
    assert why_not_day(first - DAY, TODAY, reach) and why_not_day(last + DAY, TODAY, reach)


@pytest.mark.parametrize(
    ("day", "reach", "words"),
    [
        (date(2199, 1, 1), APPOINTMENT, "1 Jan 2199 is more than 2 years after today, 4 Mar 2026."),
        (date(1999, 1, 1), AROUND, "1 Jan 1999 is more than 5 years before today, 4 Mar 2026."),
        (date(1999, 1, 1), COMING, "1 Jan 1999 has passed; today is 4 Mar 2026."),
        (date(2026, 3, 5), RECORD, "5 Mar 2026 has not come yet; today is 4 Mar 2026."),
    ],
)
def test_the_answer_names_both_days(day: date, reach: Reach, words: str) -> None:
    assert why_not_day(day, TODAY, reach) == words


@pytest.mark.parametrize(
    ("step", "where", "field", "sent"),
    [
        (Step.PHONE_SCREEN, "screen/book", "starts_at", {"minutes": "45"}),
        (Step.OFFER, "offer/prepare", "starts_on", {"pay": "95000", "currency": "EUR", "answer_by": "2026-03-20"}),
        (None, "onboarding/start", "starts_on", {"text": "They asked for it."}),
        (None, "onboarding/tasks", "due_on", {"what": "Order a laptop"}),
    ],
)
def test_a_day_that_nobody_means_is_refused_beside_its_field(
    client: FlaskClient, cast: Cast, at: Moves, step: Step | None, where: str, field: str, sent: dict[str, str]
) -> None:
    at(NOON)
    built = application_at(cast, step or Step.OFFER)
    if step is None:
        offer_made(cast, built, accepted=True)
    sign_in(client, cast.hector)
    for year in (1999, 2199):
        day = f"{year}-05-04" + ("T10:00" if field == "starts_at" else "")
        answer = client.post(f"/applications/{built.application_id}/{where}", data={**sent, field: day})
        assert answer.status_code == 422
        [told] = BeautifulSoup(answer.text, "html.parser").select(".field-error")
        assert f"4 May {year}" in told.text and "4 Mar 2026" in told.text

"""The funnel's pure figures."""

from datetime import UTC, datetime, timedelta

import pytest

from hiring.funnel.rules import StepFigures, may_see_funnel, wilson
from hiring.people.rules import Role
from hiring.pipeline.rules import End, Outcome, Stay, Step, outcomes

START = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)


def walk(*steps: Step) -> list[Stay]:
    return [Stay(step, START + timedelta(days=index)) for index, step in enumerate(steps)]


@pytest.mark.parametrize(
    ("steps", "end", "expected"),
    [
        ([Step.RESUME_REVIEW], None, {Step.RESUME_REVIEW: Outcome.OPEN}),
        ([Step.RESUME_REVIEW], End.REJECTED, {Step.RESUME_REVIEW: Outcome.REJECTED}),
        ([Step.RESUME_REVIEW], End.MOVED, {Step.RESUME_REVIEW: Outcome.MOVED}),
        (
            [Step.RESUME_REVIEW, Step.PHONE_SCREEN],
            End.WITHDRAWN,
            {Step.RESUME_REVIEW: Outcome.ADVANCED, Step.PHONE_SCREEN: Outcome.WITHDREW},
        ),
        (
            [Step.PHONE_SCREEN, Step.REFERENCE_CHECK, Step.INTERVIEW_LOOP],
            End.REJECTED,
            {
                Step.PHONE_SCREEN: Outcome.ADVANCED,
                Step.REFERENCE_CHECK: Outcome.REJECTED,
                Step.INTERVIEW_LOOP: Outcome.REJECTED,
            },
        ),
        (
            [Step.PHONE_SCREEN, Step.RESUME_REVIEW, Step.PHONE_SCREEN],
            None,
            {Step.PHONE_SCREEN: Outcome.OPEN, Step.RESUME_REVIEW: Outcome.ADVANCED},
        ),
        ([Step.OFFER], End.HIRED, {Step.OFFER: Outcome.ADVANCED}),
    ],
)
def test_an_outcome_is_the_first_that_holds_for_the_first_ever_entry(steps, end, expected):
    assert {step: found.outcome for step, found in outcomes(walk(*steps), end).items()} == expected


def test_the_first_ever_entry_counts_not_a_later_one():
    found = outcomes(walk(Step.PHONE_SCREEN, Step.RESUME_REVIEW, Step.PHONE_SCREEN), None)
    assert found[Step.PHONE_SCREEN].first_entered_at == START


def test_pass_through_leaves_the_open_out_and_prints_its_wilson_interval():
    row = StepFigures(Step.PHONE_SCREEN, advanced=10, rejected=28, withdrew=2, open=5)
    assert row.entered == 45
    assert row.pass_through == pytest.approx(0.25)
    # checked against the closed form in Wilson (1927): 10 of 40 at 95 %
    assert row.interval == pytest.approx((0.1419, 0.4019), abs=0.0002)
    assert row.maturity == pytest.approx(40 / 45)
    assert not row.grey


@pytest.mark.parametrize(
    ("row", "grey"),
    [
        (StepFigures(Step.OFFER, advanced=19), True),
        (StepFigures(Step.OFFER, advanced=20), False),
        (StepFigures(Step.OFFER, advanced=79, open=21), True),
        (StepFigures(Step.OFFER, advanced=80, open=20), False),
    ],
)
def test_a_step_is_grey_below_twenty_people_or_eighty_percent_maturity(row, grey):
    assert row.grey is grey


def test_an_interval_stays_within_nought_and_one():
    assert wilson(0, 3)[0] == pytest.approx(0)
    assert wilson(3, 3)[1] == pytest.approx(1)


def test_the_funnel_is_for_those_who_run_the_process_and_for_hiring_managers():
    assert may_see_funnel({Role.HEAD_OF_RECRUITING}, is_hiring_manager=False)
    assert may_see_funnel(set(), is_hiring_manager=True)
    assert not may_see_funnel(set(), is_hiring_manager=False)

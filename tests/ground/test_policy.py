"""The policy's versions: two people who change figures in the same instant."""

import pytest
from flask import Flask

from hiring.ground import policy
from hiring.ground.database import db, writing
from hiring.ground.figures import OutOfBounds, Policy, by_key, ensure_fits
from hiring.ground.policy import PolicyVersion
from hiring.pipeline.rules import PipelinePolicy
from tests.cast import Cast
from tests.conftest import NOON
from tests.races import overtaken, race

REOPEN, COOL_OFF = "pipeline.reopen_days", "pipeline.cool_off_months"


def change(actor_id: int, key: str, value: int) -> None:
    policy.change(actor_id, key, value, "We learned.", now=NOON)


def test_a_change_that_waited_for_another_keeps_it(app: Flask, cast: Cast) -> None:
    amal, ada = cast.ids["amal"], cast.ids["ada"]
    wrong = overtaken(app, lambda: change(ada, REOPEN, 14), lambda: change(amal, COOL_OFF, 3))
    assert wrong is None
    db.session.rollback()
    figures = policy.current()[PipelinePolicy]
    assert (figures.reopen_days, figures.cool_off_months) == (14, 3)


def test_of_two_changes_in_one_instant_neither_is_lost(app: Flask, cast: Cast) -> None:
    amal, ada = cast.ids["amal"], cast.ids["ada"]
    assert race(app, lambda: change(amal, COOL_OFF, 3), lambda: change(ada, REOPEN, 14)) == []
    figures = policy.current()[PipelinePolicy]
    assert (figures.reopen_days, figures.cool_off_months) == (14, 3)
    assert db.session.query(PolicyVersion).count() == 2


@pytest.mark.parametrize(
    ("key", "value", "other"),
    [
        ("loop.smallest", 8, "would be 8 interviewers, but “Most interviewers on a loop” stands at 7 interviewers"),
        ("loop.fewest_items", 4, "would be 4 principles, but “Most principles per interviewer” stands at 3 principles"),
        ("loop.principles_from", 61, "would be 61 %, but .* leadership principles, at most” stands at 60 %"),
        ("loop.principles_to", 39, "leadership principles, at most” would be 39 %, but .* stands at 40 %"),
        (
            "people.bar_raiser_interviews",
            9,
            "9 interviews, but .* make an interviewer experienced” stands at 10 interviews",
        ),
    ],
)
def test_two_figures_do_not_contradict_each_other(key: str, value: int, other: str) -> None:
    with pytest.raises(OutOfBounds, match=other):
        ensure_fits(by_key(Policy()), key, value)


def test_what_comes_before_something_is_compared_in_minutes() -> None:
    short = by_key(Policy(1, {"feedback.escalation_hours": 2}))
    ensure_fits(short, "feedback.escalation_minutes", 120)
    with pytest.raises(OutOfBounds, match=r"would be 121 minutes, but .* told again after” stands at 2 hours"):
        ensure_fits(short, "feedback.escalation_minutes", 121)


def test_figures_that_contradict_each_other_already_are_mended_one_by_one() -> None:
    odd = by_key(Policy(1, {"loop.smallest": 8, "loop.fewest_items": 4}))
    ensure_fits(odd, "loop.largest", 9)
    ensure_fits(odd, "loop.no_shows", 3)


def test_what_lies_outside_the_bounds_makes_no_version(app: Flask, cast: Cast) -> None:
    with pytest.raises(OutOfBounds), writing():
        change(cast.ids["amal"], REOPEN, 10_000)
    assert policy.current().version == 0

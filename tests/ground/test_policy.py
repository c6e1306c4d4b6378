"""The policy's versions: two people who change figures in the same instant."""

import pytest
from flask import Flask

from hiring.ground import policy
from hiring.ground.database import db, writing
from hiring.ground.figures import OutOfBounds
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


def test_what_lies_outside_the_bounds_makes_no_version(app: Flask, cast: Cast) -> None:
    with pytest.raises(OutOfBounds), writing():
        change(cast.ids["amal"], REOPEN, 10_000)
    assert policy.current().version == 0

"""All acts of the product in any order, by anybody, at any time: what must never be is looked for after every one."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from random import Random
from typing import Any, ClassVar

import hypothesis.strategies as st
import structlog
from flask import Flask
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from hiring.funnel import queries as funnel
from hiring.ground import audit, clock
from hiring.ground.database import Forbidden, NotVisible, Stale, db, writing
from hiring.ground.rulebook import Refused
from hiring.people.models import Person
from hiring.people.rules import Invalid, Role
from tests.cast import Cast, sign_in
from tests.conftest import Engine
from tests.repeats import TORTURE, Repeats
from tests.torture import acts_across, later_acts, sight, start
from tests.torture.acts import ACTS, Act, Moment, NothingThere
from tests.torture.invariants import faults
from tests.torture.rows import Rows, writes
from tests.torture.scene import People, Scene

RUNS, STEPS = 500, 50
FEW = 100
"""Of so many ``make test`` does its share: a run takes more than a second."""
PHASES = [Phase.generate, Phase.shrink] if TORTURE else [Phase.generate]
"""What fails under ``make test`` is told as it happened; a shorter story is looked for, some minutes, under torture."""
REFUSALS = (Refused, Forbidden, NotVisible, Stale, Invalid)
JUMPS = [timedelta(minutes=7), timedelta(hours=1), timedelta(hours=20), timedelta(days=3), timedelta(days=16)] * 3
JUMPS.append(timedelta(days=95))  # to a review of the hire
ROOMS = (later_acts, acts_across)
"""They registered their acts."""


SEEDS = st.integers(0, 2**64 - 1)
"""A run's chance comes of one, as does its shorter story: drawn value by value, and varied from what was tried before,
runs are so alike that half of all acts never succeed."""


class Chance:
    """What is drawn, and how to tell of it."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._told: list[str] = []

    def __call__(self, what: str, among: Sequence[Any]) -> Any:
        found = self._random.choice(among)
        self._told.append(f"{what}={getattr(found, 'id', found)}"[:60])
        return found

    def told(self) -> str:
        """What was drawn after the actor."""
        return ", ".join(self._told[4:])


class Company(RuleBasedStateMachine):
    """One run: a few applications in focus, everybody else and everything else around them."""

    engine: ClassVar[Engine]
    kept: ClassVar[str]
    begun: ClassVar[dict[str, int]]
    rows_at_start: ClassVar[Rows]
    tally: ClassVar[Counter[str]]

    def __init__(self) -> None:
        super().__init__()
        db.session.remove()
        self.engine.reset(self.kept)
        self.rows, self.now, self.new = self.rows_at_start, start.NOW, 0
        self.focus: list[int] = []
        self.reader: int | None = None
        self.story: list[str] = []
        self.broken = False

    @initialize(seed=SEEDS)
    def look_at(self, seed: int) -> None:
        """Choose what this run is about."""
        self.random = Random(seed)
        self.pick = Chance(self.random)
        about = self.pick("about", list(self.begun.values()))
        self.focus = [about, self.pick("and", list(self.begun.values()))]

    @rule()
    def step(self) -> None:
        """Somebody does something, or time goes by; then somebody reads."""
        self.pick = Chance(self.random)
        turn = self.pick("turn", ["step"] * 12 + ["around"] * 4 + ["anything"] * 2 + ["later"] * 2)
        try:
            if turn == "later":
                self.later(self.pick("jump", JUMPS))
            else:
                self.somebody_acts(turn)
            if self.pick("reads", [False, False, False, True]):
                self.somebody_reads()
        except AssertionError as wrong:
            self.broken = True
            raise AssertionError("\n".join([*self.story, str(wrong)])) from wrong

    def scene(self, rows: Rows, application_id: int) -> Scene:
        return Scene(rows, People(rows), application_id, self.now)

    # --- One act --------------------------------------------------------------------------------------------------

    def somebody_acts(self, turn: str) -> None:
        about = self.pick("application", self.focus * 16 + list(self.rows.tables["application"]))
        scene = self.scene(self.rows, about)
        fitting = [one for one in ACTS if turn == "anything" or one.fits(scene)]
        wanted = [one for one in fitting if turn == "anything" or one.around == (turn == "around")] or fitting
        act = self.pick("act", [one for one in wanted for _ in range(one.weight)])
        entitled, here = sorted(act.who(scene)), scene.people.here
        often = 4 * len(here) // len(entitled) if entitled else 0
        actor = self.pick("actor", entitled * often + here)
        self.story.append(f"{self.now:%m-%d %H:%M} {act.name} on {about} by {actor}:")
        try:
            with writes() as written, writing():
                act.do(Moment(scene, actor, self.pick, self.number))
                db.session.flush()
        except NothingThere:
            self.came_of(act, "nothing")
        except REFUSALS as no:
            self.came_of(act, "no", f"{type(no).__name__} {no}")
            refusals = no.refusals if isinstance(no, Refused) else ()
            silent = [one for one in refusals if not (one.facts and one.mend and one.way_out)]
            assert not silent, silent
        except Exception as error:
            raise AssertionError(f"{act.name} failed: {error!r}") from error
        else:
            self.came_of(act, "yes")
            assert actor in entitled, f"{act.name} was done by {actor}; only {entitled} may"
            self.settle(written)

    def came_of(self, act: Act, what: str, why: str = "") -> None:
        self.tally[f"{act.name} {what}"] += 1
        self.story[-1] += f" {what} {why} {self.pick.told()}"

    def number(self) -> int:
        self.new += 1
        return self.new

    def settle(self, written: set[str]) -> None:
        """Look at what was written."""
        db.session.rollback()
        before, self.rows = self.rows, self.rows.after(written)
        new = self.rows.tables["application"].keys() - before.tables["application"].keys()
        self.focus += sorted(new)
        wrong = faults(before, self.rows, self.now)
        assert not wrong, "\n".join(wrong)

    # --- Time -----------------------------------------------------------------------------------------------------

    def later(self, by: timedelta) -> None:
        """Time goes by, and the worker does what is due."""
        self.now += by
        self.story.append(f"{self.now:%m-%d %H:%M} later")
        with structlog.testing.capture_logs() as logs:
            for job in start.worked(nudges=by < timedelta(hours=2)):
                with writes() as written:
                    done = job.run(self.now)
                self.tally[f"{job.name} {'yes' if done else 'no'}"] += 1
                self.settle(written)
        wrong = [one for one in logs if one["log_level"] == "error"]
        assert not wrong, wrong

    # --- Reading --------------------------------------------------------------------------------------------------

    def somebody_reads(self) -> None:
        scene = self.scene(self.rows, self.pick("read", self.focus))
        near = sorted({*scene.owners, *scene.inside, *(one.person_id for one in scene.all_seats)})
        self.reader = self.pick("reader", near * 2 + list(self.rows.tables["person"]))
        db.session.rollback()
        wrong = sight.differences(scene, db.session.get_one(Person, self.reader))
        assert not wrong, "\n".join(wrong)

    def teardown(self) -> None:
        """At the end the log is whole, the funnel is what a recount says, and pages open for whom they should."""
        db.session.rollback()
        if self.broken:
            return
        wrong = [*audit.verify(), *funnel.differences()]
        assert not wrong, "\n".join([*self.story, *wrong])
        if self.reader is not None:
            self.pages(self.reader)
        db.session.remove()

    def pages(self, reader_id: int) -> None:
        assert self.engine.settings.clock_file is not None
        clock.set_offset(self.engine.settings.clock_file, self.now - datetime.now().astimezone())
        scene = self.scene(self.rows, self.focus[0])
        reader = db.session.get_one(Person, reader_id)
        here, wanted = reader_id in scene.people.here, sight.expected(scene, reader_id)
        browser = sign_in(self.engine.app.test_client(), reader)
        administers = scene.people.has(reader_id, Role.ADMINISTRATOR)
        for path, opens, else_ in (
            ("/audit", administers, 403),
            (f"/applications/{scene.id}", wanted["frame"], 404),
            (f"/applications/{scene.id}/offer", wanted["pay"], 404),
        ):
            status = browser.get(path).status_code
            assert status == ((200 if opens else else_) if here else 302), (path, reader_id, status)


def test_nothing_that_people_do_in_any_order_breaks_what_the_product_promises(
    engine: Engine, app: Flask, cast: Cast, repeats: Repeats
) -> None:
    made = engine.made("company of the machine", lambda: start.build(cast))
    assert engine.kept is not None

    class Here(Company):
        pass

    Here.engine, Here.kept, Here.begun = engine, engine.kept, made.applications
    Here.rows_at_start, Here.tally = Rows.read(), Counter()
    Here._hypothesis_internal_use_seed = repeats.seed  # type: ignore[attr-defined]  # what hypothesis.seed() sets
    run_state_machine_as_test(
        Here,
        settings=settings(
            max_examples=repeats.times(RUNS if TORTURE else FEW),
            stateful_step_count=STEPS,
            deadline=None,
            database=None,
            print_blob=True,
            suppress_health_check=list(HealthCheck),
            phases=PHASES,
        ),
    )
    never = ",".join(one.name for one in ACTS if not Here.tally[f"{one.name} yes"])
    repeats.note(steps=sum(Here.tally.values()), never=never or "none", **dict(sorted(Here.tally.items())))

"""An act waits for the application; meanwhile its actor stops being who they were. Nothing comes of it, in any room."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import pytest
from flask import Flask

from hiring.ground.database import Forbidden, NotVisible, db, writing
from hiring.people.models import Person
from hiring.pipeline import actions as spine
from hiring.pipeline import queries as pipeline
from hiring.pipeline.models import Application, Cord, Requisition, TimelineEntry
from hiring.pipeline.rules import Part, Step
from hiring.steps.debrief import actions as debrief
from hiring.steps.debrief.rules import Decision
from hiring.steps.offer import actions as offers
from hiring.steps.offer import onboarding
from hiring.steps.offer.hire_rules import Reached
from hiring.steps.offer.models import HireReview, OnboardingTask
from hiring.steps.reference_check import actions as references
from hiring.steps.reference_check.models import Reference
from hiring.steps.reference_check.rules import ReferenceOutcome
from hiring.transitions import actions, cords
from tests.builders import Built, application_at, offer_made, requisition
from tests.cast import Cast
from tests.races import overtaken

NOW = datetime(2026, 3, 6, 12, 0, tzinfo=UTC)
STARTED = datetime(2026, 5, 4, 9, 0, tzinfo=UTC)
LATER = STARTED + timedelta(days=90)
DRAFT = offers.Draft(9_500_000, "EUR", date(2026, 5, 4), date(2026, 3, 20))
HIGH = offers.Draft(12_000_000, "EUR", date(2026, 5, 4), date(2026, 3, 20))


# --- What came before ----------------------------------------------------------------------------------------------


def nothing(cast: Cast, built: Built) -> None:
    """The application just entered its step."""


def prepared(cast: Cast, built: Built) -> None:
    with writing():
        offers.prepare(cast.hector, built.application_id, DRAFT, now=NOW)


def asked(cast: Cast, built: Built) -> None:
    with writing():
        offers.prepare(cast.hector, built.application_id, HIGH, now=NOW)
        offers.ask_exception(cast.hector, built.application_id, "A rival offer.", now=NOW)


def made(cast: Cast, built: Built) -> None:
    offer_made(cast, built)


def accepted(cast: Cast, built: Built) -> None:
    offer_made(cast, built)
    with writing():
        offers.accept(cast.hector, built.application_id, now=NOW)


def arrived(cast: Cast, built: Built) -> None:
    accepted(cast, built)
    with writing():
        onboarding.arrive(cast.hector, built.application_id, now=STARTED)


def named(cast: Cast, built: Built) -> None:
    with writing():
        references.record_consent(cast.rita, built.application_id, "by mail", current_employer_named=False, now=NOW)
        references.add_reference(
            cast.rita,
            built.application_id,
            name="Rosa",
            relation="former manager",
            contact="",
            current_employer=False,
            now=NOW,
        )


def withdrawn(cast: Cast, built: Built) -> None:
    with writing():
        actions.withdraw(cast.hector, built.application_id, "", now=NOW)


def elsewhere(cast: Cast, built: Built) -> None:
    requisition(cast, code="R-2")


def pulled(cast: Cast, built: Built) -> None:
    with writing():
        cords.pull(cast.iris, built.application_id, "A protected topic was asked", [], now=NOW)


# --- What ends meanwhile -------------------------------------------------------------------------------------------


def another_hiring_manager(cast: Cast, application: Application) -> None:
    application.requisition.hiring_manager_id = cast.hilda.id


def another_recruiter(cast: Cast, application: Application) -> None:
    application.requisition.recruiter_id = cast.ron.id


def another_bar_raiser(cast: Cast, application: Application) -> None:
    spine.leave(application.id, cast.bea.id, Part.BAR_RAISER, now=NOW)


def off_the_loop(cast: Cast, application: Application) -> None:
    spine.leave(application.id, cast.iris.id, Part.SEAT, now=NOW)


def a_report_of_amal(cast: Cast, application: Application) -> None:
    application.candidate.person_id = cast.ada.id


# --- The table -----------------------------------------------------------------------------------------------------


def only(model: type[Cord] | type[HireReview] | type[Reference]) -> int:
    """The id of the first such row."""
    return db.session.query(model.id).order_by(model.id).limit(1).scalar() or 0


def requisition_elsewhere() -> int:
    return db.session.query(Requisition.id).filter_by(code="R-2").scalar() or 0


@dataclass(frozen=True)
class Overtaking:
    """``who`` does ``act`` in ``step`` after ``before``, and ``meanwhile`` commits while it waits."""

    name: str
    step: Step
    who: str
    act: Callable[[Person, int], object]
    meanwhile: Callable[[Cast, Application], None] = another_hiring_manager
    before: Callable[[Cast, Built], None] = nothing


def _tick_anothers_task(who: Person, _: int) -> object:
    theirs = db.session.query(OnboardingTask.id).filter(OnboardingTask.owner_id != who.id).limit(1).scalar()
    return onboarding.finish_task(who, theirs or 0, now=STARTED)


def _review(who: Person, _: int) -> object:
    answers = [(Reached.YES, "Yes."), (Reached.YES, "Yes.")]
    return onboarding.write_review(who, only(HireReview), answers, "", now=LATER)


def _call(who: Person, _: int) -> object:
    return references.record_call(who, only(Reference), would_hire_again=True, percentile=90, notes="Again.", now=NOW)


TABLE = [
    Overtaking(
        "prepare",
        Step.OFFER,
        "rita",
        lambda who, i: offers.prepare(who, i, DRAFT, now=NOW),
        another_recruiter,
    ),
    Overtaking("make", Step.OFFER, "hector", lambda who, i: offers.make(who, i, "", now=NOW), before=prepared),
    Overtaking("rescind", Step.OFFER, "hector", lambda who, i: offers.rescind(who, i, "x", now=NOW), before=made),
    Overtaking(
        "accept", Step.OFFER, "rita", lambda who, i: offers.accept(who, i, now=NOW), another_recruiter, before=made
    ),
    Overtaking(
        "grant an exception",
        Step.OFFER,
        "amal",
        lambda who, i: offers.answer_exception(who, i, "Rare.", grant=True, now=NOW),
        a_report_of_amal,
        before=asked,
    ),
    Overtaking(
        "move the start",
        Step.OFFER,
        "hector",
        lambda who, i: onboarding.move_start(who, i, date(2026, 6, 1), "x", now=NOW),
        before=accepted,
    ),
    Overtaking("arrive", Step.OFFER, "hector", lambda who, i: onboarding.arrive(who, i, now=STARTED), before=accepted),
    Overtaking("tick another's task", Step.OFFER, "rita", _tick_anothers_task, another_recruiter, before=accepted),
    Overtaking("review the hire", Step.OFFER, "hector", _review, before=arrived),
    Overtaking("call a reference", Step.REFERENCE_CHECK, "hector", _call, before=named),
    Overtaking(
        "decide on references",
        Step.REFERENCE_CHECK,
        "hector",
        lambda who, i: references.decide(who, i, ReferenceOutcome.NEW_FACTS, "x", now=NOW),
        before=named,
    ),
    Overtaking(
        "waive references",
        Step.REFERENCE_CHECK,
        "bea",
        lambda who, i: references.waive(who, i, "x", now=NOW),
        another_bar_raiser,
    ),
    Overtaking("decide", Step.DEBRIEF, "hector", lambda who, i: debrief.decide(who, i, Decision.NO_HIRE, "x", now=NOW)),
    Overtaking(
        "veto",
        Step.DEBRIEF,
        "bea",
        lambda who, i: debrief.veto(who, i, "x", ["Ownership"], now=NOW),
        another_bar_raiser,
    ),
    Overtaking(
        "reject before interviews",
        Step.PHONE_SCREEN,
        "hector",
        lambda who, i: debrief.reject_before_interviews(who, i, "x", now=NOW),
    ),
    Overtaking("withdraw", Step.DEBRIEF, "hector", lambda who, i: actions.withdraw(who, i, "", now=NOW)),
    Overtaking("hold", Step.DEBRIEF, "rita", lambda who, i: actions.hold(who, i, "x", now=NOW), another_recruiter),
    Overtaking(
        "send back",
        Step.DEBRIEF,
        "bea",
        lambda who, i: actions.send_back(who, i, Step.INTERVIEW_LOOP, "x", now=NOW),
        another_bar_raiser,
    ),
    Overtaking("reopen", Step.DEBRIEF, "hector", lambda who, i: actions.reopen(who, i, "x", now=NOW), before=withdrawn),
    Overtaking(
        "move elsewhere",
        Step.PHONE_SCREEN,
        "hector",
        lambda who, i: actions.move_to(who, i, requisition_elsewhere(), "x", now=NOW),
        before=elsewhere,
    ),
    Overtaking("propose a level", Step.DEBRIEF, "hector", lambda who, i: actions.propose_level(who, i, 6, now=NOW)),
    Overtaking(
        "pull the cord", Step.DEBRIEF, "iris", lambda who, i: cords.pull(who, i, "x", [], now=NOW), off_the_loop
    ),
    Overtaking(
        "clear the cord",
        Step.DEBRIEF,
        "bea",
        lambda who, _: cords.clear(who, only(Cord), "cause", "correction", now=NOW),
        another_bar_raiser,
        before=pulled,
    ),
]


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.name)
def test_a_standing_that_ended_while_the_act_waited_is_no_longer_good(app: Flask, cast: Cast, row: Overtaking) -> None:
    built = application_at(cast, row.step)
    row.before(cast, built)
    who, i = getattr(cast, row.who).id, built.application_id
    told = db.session.query(TimelineEntry).count()

    wrong = overtaken(
        app,
        lambda: row.act(db.session.get_one(Person, who), i),
        lambda: row.meanwhile(cast, pipeline.lock_application(i)),
    )

    assert isinstance(wrong, (Forbidden, NotVisible)), wrong
    assert db.session.query(TimelineEntry).count() == told

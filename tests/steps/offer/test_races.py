"""Two people act on an offer in the same instant, in two real threads, on both engines."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime

from flask import Flask
from sqlalchemy import select

from hiring.ground.database import db, writing
from hiring.ground.outbox import Notice
from hiring.pipeline.models import Application, Requisition
from hiring.pipeline.rules import End, EndReason, Step
from hiring.steps.debrief import actions as debrief
from hiring.steps.debrief import queries as debriefs
from hiring.steps.offer import actions, jobs, queries
from hiring.steps.offer.actions import Draft
from hiring.steps.offer.models import Offer, OnboardingTask
from hiring.steps.offer.rules import OfferState
from tests.builders import Built, application_at, offer_made
from tests.cast import Cast
from tests.conftest import Engine
from tests.races import Course, Race, rounds, together
from tests.repeats import Repeats
from tests.steps.offer.conftest import Another

NOW = datetime(2026, 3, 5, 12, 0, tzinfo=UTC)
LATE = datetime(2026, 3, 21, 12, 0, tzinfo=UTC)
"""The day after the answer date."""
ENDED = "This application has ended: rejected."
DRAFT = Draft(9_500_000, "EUR", date(2026, 5, 4), date(2026, 3, 20))


def out(cast: Cast) -> Callable[[], Built]:
    """An offer that waits for its answer."""

    def make() -> Built:
        built = application_at(cast, Step.OFFER)
        offer_made(cast, built)
        return built

    return make


def veto(cast: Cast, built: Built) -> Callable[[], object]:
    return lambda: debrief.veto(cast.bea, built.application_id, "Not shown.", ["Ownership"], now=NOW).id


def offer_of(built: Built) -> Offer:
    offer = queries.newest_offer(built.application_id)
    assert offer is not None
    return offer


def assert_vetoed(built: Built, offer: OfferState) -> None:
    """The veto stands, and nothing of the offer does."""
    row = built.application
    assert (row.ended, row.end_reason) == (End.REJECTED, EndReason.VETO)
    assert row.vetoed_at == NOW and debriefs.veto_of(built.application_id) is not None
    assert row.live_offer_id is None and row.offer_accepted_at is None
    assert offer_of(built).state is offer
    assert db.session.get_one(Requisition, built.requisition_id).live_offers == 0


def test_a_veto_in_the_instant_in_which_the_offer_is_made_leaves_no_offer(
    engine: Engine, app: Flask, cast: Cast, repeats: Repeats
) -> None:
    for race, [built] in rounds(engine, repeats, lambda: prepared(cast, [application_at(cast, Step.OFFER)])):
        course = race.meet(
            make=lambda: actions.make(cast.hector, built.application_id, "In person.", now=NOW).id,
            veto=veto(cast, built),
        )
        if course.first == "make":
            assert course.wrong == {}
            assert_vetoed(built, OfferState.RESCINDED)
        else:
            assert course.refused("make")["requisition.open"] == ENDED
            assert_vetoed(built, OfferState.DROPPED)


def test_a_yes_and_a_veto_in_the_same_instant_never_both_stand(
    engine: Engine, app: Flask, cast: Cast, repeats: Repeats
) -> None:
    for race, built in rounds(engine, repeats, out(cast)):
        course = race.meet(
            accept=lambda: actions.accept(cast.rita, built.application_id, now=NOW).id, veto=veto(cast, built)
        )
        tasks = db.session.query(OnboardingTask).filter_by(application_id=built.application_id).count()
        if course.first == "veto":
            assert course.refused("accept")["requisition.open"] == ENDED
            assert_vetoed(built, OfferState.RESCINDED)
            assert tasks == 0
        else:
            assert "has accepted the offer" in course.refused("veto")["decision.veto"]
            row = built.application
            assert (row.ended, row.vetoed_at, row.offer_accepted_at) == (None, None, NOW)
            assert debriefs.veto_of(built.application_id) is None
            assert offer_of(built).state is OfferState.ACCEPTED and row.live_offer_id == offer_of(built).id
            assert tasks > 0


def test_the_last_opening_is_offered_once(
    engine: Engine, app: Flask, cast: Cast, another: Another, repeats: Repeats
) -> None:
    def make() -> list[Built]:
        first = application_at(cast, Step.OFFER)
        return prepared(cast, [first, another(first, "Omar Other")])

    for race, both in rounds(engine, repeats, make):
        course = race_to_make(race, cast, both)
        assert course.refused()["offer.single"] == "R-1 has 1 opening, 1 live offer and 0 hires."
        row = db.session.get_one(Requisition, both[0].requisition_id)
        assert (row.live_offers, row.openings) == (1, 1)


def test_one_candidate_gets_one_live_offer_over_two_requisitions(
    engine: Engine, app: Flask, cast: Cast, elsewhere: Another, repeats: Repeats
) -> None:
    def make() -> list[Built]:
        first = application_at(cast, Step.OFFER)
        return prepared(cast, [first, elsewhere(replace(first), "R-2")])

    for race, both in rounds(engine, repeats, make):
        course = race_to_make(race, cast, both)
        code = "R-1" if course.first == "one" else "R-2"
        assert course.refused()["offer.single"] in (
            f"The candidate has a live offer on requisition {code}.",
            "The candidate was made another offer in the same instant.",  # the database saw it first
        )
        live = select(Application.id).where(
            Application.candidate_id == both[0].application.candidate_id, Application.live_offer_id.is_not(None)
        )
        assert len(db.session.scalars(live).all()) == 1


def prepared(cast: Cast, all_of_them: list[Built]) -> list[Built]:
    for built in all_of_them:
        with writing():
            actions.prepare(cast.hector, built.application_id, DRAFT, now=NOW)
    return all_of_them


def race_to_make(race: Race, cast: Cast, both: list[Built]) -> Course:
    """Both at once; one is made and told, the other stays prepared."""
    one, other = (built.application_id for built in both)
    course = race.meet(
        one=lambda: actions.make(cast.hector, one, "In person.", now=NOW).id,
        other=lambda: actions.make(cast.hector, other, "In person.", now=NOW).id,
    )
    won, lost = both if course.first == "one" else reversed(both)
    assert (offer_of(won).state, offer_of(lost).state) == (OfferState.MADE, OfferState.PREPARED)
    assert won.application.live_offer_id == offer_of(won).id and lost.application.live_offer_id is None
    assert db.session.query(Notice).filter_by(kind="offer.made").count() == 1
    return course


def test_two_who_prepare_at_once_write_one_offer(engine: Engine, app: Flask, cast: Cast, repeats: Repeats) -> None:
    for race, built in rounds(engine, repeats, lambda: application_at(cast, Step.OFFER), 200):
        acts = {
            who: lambda who=who, i=built.application_id: actions.prepare(getattr(cast, who), i, DRAFT, now=NOW).id
            for who in ("rita", "hector")
        }
        race.meet(**acts)
        offers = db.session.scalars(select(Offer).where(Offer.application_id == built.application_id)).all()
        assert [offer.state for offer in offers] == [OfferState.PREPARED]


def test_two_workers_let_an_offer_lapse_once(engine: Engine, app: Flask, cast: Cast, repeats: Repeats) -> None:
    def sweep() -> int:
        with app.app_context():
            return jobs.lapse_offers(LATE)

    for race, built in rounds(engine, repeats, out(cast)):
        course = together(race.turned({"one": sweep, "other": sweep}))
        assert course.wrong == {} and sorted(course.came.values()) == [0, 1]
        repeats.count(f"{'one' if course.came['one'] else 'other'}_first")
        row = built.application
        assert (row.ended, row.end_reason, row.live_offer_id) == (End.WITHDRAWN, EndReason.OFFER_LAPSED, None)
        assert offer_of(built).state is OfferState.LAPSED
        assert db.session.query(Notice).filter_by(kind="offer.lapsed").count() == 1

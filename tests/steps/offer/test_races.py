"""Two people act in the same instant, in two real threads, on both engines."""

from dataclasses import replace
from datetime import UTC, date, datetime

from flask import Flask
from sqlalchemy import select

from hiring.ground.database import db, writing
from hiring.ground.rulebook import Refused
from hiring.pipeline.models import Application, Requisition
from hiring.pipeline.rules import Step
from hiring.steps.debrief import actions as debrief
from hiring.steps.debrief import queries as debriefs
from hiring.steps.offer import actions, queries
from hiring.steps.offer.actions import Draft
from hiring.steps.offer.models import Offer
from hiring.steps.offer.rules import OfferState
from tests.builders import Built, application_at, offer_made
from tests.cast import Cast
from tests.conftest import Engine
from tests.races import race
from tests.repeats import Repeats
from tests.steps.offer.conftest import Another

NOW = datetime(2026, 3, 5, 12, 0, tzinfo=UTC)
DRAFT = Draft(9_500_000, "EUR", date(2026, 5, 4), date(2026, 3, 20))


def test_a_yes_and_a_veto_in_the_same_instant_never_both_stand(
    engine: Engine, app: Flask, cast: Cast, repeats: Repeats
) -> None:
    def make() -> Built:
        built = application_at(cast, Step.OFFER)
        offer_made(cast, built)
        return built

    for number, built in repeats.rounds(engine, make):
        acts = [
            lambda i=built.application_id: actions.accept(cast.rita, i, now=NOW),
            lambda i=built.application_id: debrief.veto(cast.bea, i, "Not shown.", ["Ownership"], now=NOW),
        ]
        wrong = race(app, *(acts if number % 2 else reversed(acts)))
        assert [type(error) for error in wrong] == [Refused]
        row = built.application
        offer = queries.newest_offer(built.application_id)
        assert offer is not None
        vetoed = row.vetoed_at is not None
        assert vetoed is (debriefs.veto_of(built.application_id) is not None)
        assert vetoed is (row.offer_accepted_at is None)
        assert vetoed is (row.live_offer_id is None)
        assert offer.state is (OfferState.RESCINDED if vetoed else OfferState.ACCEPTED)


def test_the_last_opening_is_offered_once(
    engine: Engine, app: Flask, cast: Cast, another: Another, repeats: Repeats
) -> None:
    def make() -> list[Built]:
        first = application_at(cast, Step.OFFER)
        return prepared(cast, [first, another(first, "Omar Other")])

    for _, both in repeats.rounds(engine, make):
        race_to_make(app, cast, both)
        row = db.session.get_one(Requisition, both[0].requisition_id)
        assert (row.live_offers, row.openings) == (1, 1)


def test_one_candidate_gets_one_live_offer_over_two_requisitions(
    engine: Engine, app: Flask, cast: Cast, elsewhere: Another, repeats: Repeats
) -> None:
    def make() -> list[Built]:
        first = application_at(cast, Step.OFFER)
        return prepared(cast, [first, elsewhere(replace(first), "R-2")])

    for _, both in repeats.rounds(engine, make):
        race_to_make(app, cast, both)
        live = select(Application.id).where(
            Application.candidate_id == both[0].application.candidate_id, Application.live_offer_id.is_not(None)
        )
        assert len(db.session.scalars(live).all()) == 1


def prepared(cast: Cast, both: list[Built]) -> list[Built]:
    for built in both:
        with writing():
            actions.prepare(cast.hector, built.application_id, DRAFT, now=NOW)
    return both


def race_to_make(app: Flask, cast: Cast, both: list[Built]) -> None:
    ids = [built.application_id for built in both]
    wrong = race(app, *(lambda i=i: actions.make(cast.hector, i, "In person.", now=NOW) for i in ids))
    assert [type(error) for error in wrong] == [Refused]
    assert {each.rule.id for each in wrong[0].refusals} == {"offer.single"}  # type: ignore[attr-defined]


def test_two_who_prepare_at_once_write_one_offer(engine: Engine, app: Flask, cast: Cast, repeats: Repeats) -> None:
    for _, built in repeats.rounds(engine, lambda: application_at(cast, Step.OFFER)):
        acts = (
            lambda who=who, i=built.application_id: actions.prepare(getattr(cast, who), i, DRAFT, now=NOW)
            for who in ("rita", "hector")
        )
        race(app, *acts)
        offers = db.session.scalars(select(Offer).where(Offer.application_id == built.application_id)).all()
        assert [offer.state for offer in offers] == [OfferState.PREPARED]

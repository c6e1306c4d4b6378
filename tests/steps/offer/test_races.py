"""Two people act in the same instant, in two real threads, on both engines, twenty times each."""

import threading
from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest
from flask import Flask
from sqlalchemy import select

from hiring.ground.database import db, writing
from hiring.ground.rulebook import Refused
from hiring.people.models import Person
from hiring.pipeline.models import Application, Requisition
from hiring.pipeline.rules import Step
from hiring.steps.debrief import actions as debrief
from hiring.steps.debrief import queries as debriefs
from hiring.steps.offer import actions, queries
from hiring.steps.offer.actions import Draft
from hiring.steps.offer.models import Offer
from hiring.steps.offer.rules import OfferState
from tests.builders import Built, application_at, offer_made, requisition
from tests.cast import Cast

NOW = datetime(2026, 3, 5, 12, 0, tzinfo=UTC)
DRAFT = Draft(9_500_000, "EUR", date(2026, 5, 4), date(2026, 3, 20))
ROUNDS = 20
Build = Callable[..., Built]


def race(app: Flask, *acts: Callable[[], object]) -> list[Exception]:
    """Run all at the same instant, each on a connection of its own; returns what went wrong."""
    gate, wrong = threading.Barrier(len(acts)), []

    def run(act: Callable[[], object]) -> None:
        with app.app_context():
            try:
                gate.wait()
                with writing():
                    act()
            except Exception as error:
                wrong.append(error)
            finally:
                db.session.remove()

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    db.session.rollback()
    return wrong


def person(person_id: int) -> Person:
    return db.session.get_one(Person, person_id)


def test_a_yes_and_a_veto_in_the_same_instant_never_both_stand(app: Flask, cast: Cast, another: Build) -> None:
    first = application_at(cast, Step.OFFER, on=requisition(cast, openings=ROUNDS))
    rita, bea = cast.rita.id, cast.bea.id
    for number in range(ROUNDS):
        built = first if number == 0 else another(first, f"Nadia{number} Novak")
        offer_made(cast, built)
        application_id = built.application_id
        acts = [
            lambda i=application_id: actions.accept(person(rita), i, now=NOW),
            lambda i=application_id: debrief.veto(person(bea), i, "Not shown.", ["Ownership"], now=NOW),
        ]
        wrong = race(app, *(acts if number % 2 else reversed(acts)))
        assert [type(error) for error in wrong] == [Refused]
        row = built.application
        offer = queries.newest_offer(application_id)
        assert offer is not None
        vetoed = row.vetoed_at is not None
        assert vetoed is (debriefs.veto_of(application_id) is not None)
        assert vetoed is (row.offer_accepted_at is None)
        assert vetoed is (row.live_offer_id is None)
        assert offer.state is (OfferState.RESCINDED if vetoed else OfferState.ACCEPTED)


def test_the_last_opening_is_offered_once(app: Flask, cast: Cast, another: Build) -> None:
    hector = cast.hector.id
    for number in range(ROUNDS):
        first = another(requisition(cast, code=f"R-{number}"), f"Nadia{number} Novak")
        second = another(first, f"Omar{number} Other")
        wrong = race_to_make(app, hector, [first, second])
        assert [type(error) for error in wrong] == [Refused]
        assert {each.rule.id for each in wrong[0].refusals} == {"offer.single"}  # type: ignore[attr-defined]
        row = db.session.get_one(Requisition, first.requisition_id, populate_existing=True)
        assert (row.live_offers, row.openings) == (1, 1)


def test_one_candidate_gets_one_live_offer_over_two_requisitions(
    app: Flask, cast: Cast, another: Build, elsewhere: Build
) -> None:
    hector = cast.hector.id
    for number in range(ROUNDS):
        first = another(requisition(cast, code=f"A-{number}"), f"Nadia{number} Novak")
        second = elsewhere(first, f"B-{number}")
        wrong = race_to_make(app, hector, [first, second])
        assert [type(error) for error in wrong] == [Refused]
        assert {each.rule.id for each in wrong[0].refusals} == {"offer.single"}  # type: ignore[attr-defined]
        live = select(Application.id).where(
            Application.candidate_id == first.application.candidate_id, Application.live_offer_id.is_not(None)
        )
        assert len(db.session.scalars(live).all()) == 1


def race_to_make(app: Flask, hector: int, both: list[Built]) -> list[Exception]:
    for built in both:
        with writing():
            actions.prepare(person(hector), built.application_id, DRAFT, now=NOW)
    ids = [built.application_id for built in both]
    return race(app, *(lambda i=i: actions.make(person(hector), i, "In person.", now=NOW) for i in ids))


@pytest.mark.parametrize("rounds", [ROUNDS])
def test_two_who_prepare_at_once_write_one_offer(app: Flask, cast: Cast, another: Build, rounds: int) -> None:
    first = application_at(cast, Step.OFFER, on=requisition(cast, openings=rounds))
    rita, hector = cast.rita.id, cast.hector.id
    for number in range(rounds):
        built = first if number == 0 else another(first, f"Nadia{number} Novak")
        race(
            app,
            *(
                lambda who=who, i=built.application_id: actions.prepare(person(who), i, DRAFT, now=NOW)
                for who in (rita, hector)
            ),
        )
        offers = db.session.scalars(select(Offer).where(Offer.application_id == built.application_id)).all()
        assert [offer.state for offer in offers] == [OfferState.PREPARED]

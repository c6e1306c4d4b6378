from collections.abc import Callable
from dataclasses import replace

import pytest
from sqlalchemy import delete

from hiring.ground.database import db, writing
from hiring.pipeline.models import Application, Booking
from hiring.pipeline.rules import Step
from tests.builders import Built, application_at, requisition
from tests.cast import Cast

Another = Callable[[Built, str], Built]


@pytest.fixture
def another(cast: Cast) -> Another:
    """Another candidate on the same requisition, as far as the offer."""

    def build(on: Built, name: str = "Omar Other") -> Built:
        with writing():
            db.session.execute(delete(Booking))  # both loops were held by the same people at the same hours
        return application_at(cast, Step.OFFER, on=replace(on, seats={}), name=name)

    return build


@pytest.fixture
def elsewhere(cast: Cast, another: Another) -> Another:
    """The candidate of an application on another requisition (named by its code), as far as the offer."""

    def build(built: Built, code: str = "R-2") -> Built:
        other = another(requisition(cast, code=code), f"Twin-{code} Other")
        candidate_id = built.application.candidate_id
        with writing():
            db.session.get_one(Application, other.application_id).candidate_id = candidate_id
        return other

    return build

"""Referrals: an act that can be repeated endlessly, with one application and one mail each."""

from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from hiring.ground.database import db
from hiring.ground.handback import FRAME_FIELDS
from hiring.pipeline.models import Application, Candidate
from tests.pages import handed_back


def address(number: int) -> str:
    return f"p{number}@candidates.example"


def referral(number: int) -> dict[str, str]:
    return {
        "name": f"Person {number}",
        "email": address(number),
        "how": f"We built ledger {number} together. " + "Words. " * 150,
        "submission_key": f"key-{number}",
    }


def refer(client: FlaskClient, number: int, **more: object) -> TestResponse:
    return client.post("/careers/R-1/refer", data=referral(number) | {"csrf_token": "t" * 91} | more)


def sent_again(client: FlaskClient, answer: TestResponse) -> TestResponse:
    """Press the button of the page that handed back what was sent."""
    unseen, seen = handed_back(answer.text)
    assert seen.keys() == {"name", "email", "how"}, "whoever typed it sees all of it"
    assert unseen.keys() == {"csrf_token", "submission_key"} <= FRAME_FIELDS, "and nothing else"
    return client.post(answer.request.path, data=unseen | seen)


def applicants() -> dict[str, int]:
    """Addresses of those who applied, with the number of their applications."""
    db.session.rollback()
    rows = select(Candidate.email, func.count()).join(Application).group_by(Candidate.email)
    return {row[0]: row[1] for row in db.session.execute(rows)}

"""Referrals: an act that can be repeated endlessly, with one application and one mail each."""

from bs4 import BeautifulSoup
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from hiring.ground.database import db
from hiring.ground.outage import FRAME_FIELDS
from hiring.pipeline.models import Application, Candidate


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
    form = BeautifulSoup(answer.text, "html.parser").select_one("form[data-again]")
    assert form is not None
    unseen = {str(one["name"]): str(one["value"]) for one in form.select("input[type=hidden]")}
    seen = {str(one["name"]): str(one["value"]) for one in form.select("input[readonly]")}
    seen |= {str(one["name"]): one.get_text().removeprefix("\n") for one in form.select("textarea")}
    assert seen.keys() == {"name", "email", "how"}, "whoever typed it sees all of it"
    assert unseen.keys() == {"csrf_token", "submission_key"} <= FRAME_FIELDS, "and nothing else"
    return client.post(answer.request.path, data=unseen | seen)


def applicants() -> dict[str, int]:
    """Addresses of those who applied, with the number of their applications."""
    db.session.rollback()
    rows = select(Candidate.email, func.count()).join(Application).group_by(Candidate.email)
    return {row[0]: row[1] for row in db.session.execute(rows)}

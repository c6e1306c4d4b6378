"""Finding one's way: where one is, steps that have not come yet, lists that begin with what is alive."""

import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient

from hiring.ground.database import db, writing
from hiring.pipeline.models import Requisition
from hiring.pipeline.rules import RequisitionStatus, Step
from tests.builders import application_at, requisition
from tests.cast import Cast, sign_in


def page(client: FlaskClient, url: str) -> BeautifulSoup:
    """The page at an address, which must open."""
    response = client.get(url)
    assert response.status_code == 200, response.text
    return BeautifulSoup(response.text, "html.parser")


@pytest.mark.parametrize(("url", "here"), [("/settings", "Settings"), ("/audit", "Audit"), ("/people/new", "People")])
def test_the_navigation_marks_one_place(cast: Cast, client: FlaskClient, url: str, here: str) -> None:
    soup = page(sign_in(client, cast.amal), url)

    assert [link.text for link in soup.select(".main-nav a[aria-current]")] == [here]


def test_everybody_reaches_their_account_from_every_page(cast: Cast, client: FlaskClient) -> None:
    soup = page(sign_in(client, cast.olga), "/rulebook")

    link = soup.select_one(".identity a")
    assert link is not None
    assert page(client, str(link["href"])).h1.text == "Your account"  # type: ignore[union-attr]


@pytest.mark.parametrize("step", ["screen", "loop"])
def test_a_step_that_has_not_come_yet_is_neither_over_nor_offered(cast: Cast, client: FlaskClient, step: str) -> None:
    built = application_at(cast, Step.RESUME_REVIEW)

    words = page(sign_in(client, cast.rita), f"/applications/{built.application_id}/{step}").main.text  # type: ignore[union-attr]

    assert "is not in this step" in words
    assert "step is over" not in words
    assert "starts the loop next" not in words


def test_closed_requisitions_are_listed_only_when_asked_for(cast: Cast, client: FlaskClient) -> None:
    built = requisition(cast, code="R-8")
    with writing():
        row = db.session.get_one(Requisition, built.requisition_id)
        row.status, row.closed_at = RequisitionStatus.CLOSED, row.opened_at
    sign_in(client, cast.rita)

    assert "R-8" not in page(client, "/requisitions").main.text  # type: ignore[union-attr]
    for asked in ("any", "closed"):
        assert "R-8" in page(client, f"/requisitions?status={asked}").main.text  # type: ignore[union-attr]


def test_a_recruiter_who_starts_a_requisition_is_its_recruiter_and_names_the_manager(
    cast: Cast, client: FlaskClient
) -> None:
    soup = page(sign_in(client, cast.rita), "/requisitions/new")

    chosen = soup.select_one("select[name=recruiter] option[selected]")
    manager = soup.select_one("input[name=hiring_manager]")
    assert chosen is not None and chosen.text == cast.rita.name
    assert manager is not None and not manager["value"]


@pytest.mark.parametrize("marked", ["9" * 20, "-1", "all"])
def test_marking_what_no_row_can_be_is_an_invalid_form(cast: Cast, client: FlaskClient, marked: str) -> None:
    application_at(cast, Step.RESUME_REVIEW)

    response = sign_in(client, cast.rita).post(
        "/applications/reject", data={"chosen": [marked], "reason": "Closed", "message": "No"}
    )

    assert response.status_code == 422

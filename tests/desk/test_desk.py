"""My desk: appointments beside deadlines, and what one takes part in."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient
from sqlalchemy import select

from hiring.ground.database import db, writing
from hiring.pipeline import actions as spine
from hiring.pipeline.rules import Part, Step
from hiring.steps.interview_loop.models import Interview, Seat, Shadow
from tests.builders import LOOP_DAY, application_at
from tests.cast import Cast, sign_in


def desk(client: FlaskClient) -> BeautifulSoup:
    """The desk of whoever is signed in."""
    response = client.get("/")
    assert response.status_code == 200, response.text
    return BeautifulSoup(response.text, "html.parser")


def titles(soup: BeautifulSoup) -> list[str]:
    """Headings of the shelves."""
    return [heading.text for heading in soup.select("main h2")]


def test_an_interview_that_has_begun_runs_now_and_is_not_overdue(
    cast: Cast, client: FlaskClient, at: Callable[[datetime], None]
) -> None:
    application_at(cast, Step.WRITTEN_FEEDBACK, held=False)
    hers = select(Interview.starts_at).join(Seat, Seat.id == Interview.seat_id).where(Seat.person_id == cast.iris.id)
    at(db.session.scalars(hers).one() + timedelta(minutes=5))
    soup = desk(sign_in(client, cast.iris))

    shelf = next(part for part in soup.select("section") if part.h2 is not None and part.h2.text == "Now")
    assert "Interview with Nadia Novak" in shelf.text
    assert soup.select_one(".deadline-late") is None
    assert "overdue" not in soup.text.lower()


def test_a_desk_names_the_applications_one_takes_part_in_and_whose_move_each_is(
    cast: Cast, client: FlaskClient, at: Callable[[datetime], None]
) -> None:
    built = application_at(cast, Step.REFERENCE_CHECK)
    at(LOOP_DAY + timedelta(days=3))
    soup = desk(sign_in(client, cast.iris))

    part = soup.find(id="in-hand")
    assert part is not None
    assert part.find("a", href=f"/applications/{built.application_id}") is not None
    assert "the hiring manager" in part.text


def test_a_trainee_finds_the_interview_to_sit_in_on_then_the_practice_to_write(
    cast: Cast, client: FlaskClient, at: Callable[[datetime], None]
) -> None:
    built = application_at(cast, Step.WRITTEN_FEEDBACK, held=False)
    with writing():
        db.session.add(Shadow(seat_id=built.seats["iris"], person_id=cast.tara.id))
        spine.join(built.application_id, cast.tara.id, Part.SHADOW, now=LOOP_DAY)
    browser = sign_in(client, cast.tara)
    at(LOOP_DAY - timedelta(days=1))
    assert "Sit in on the interview with Nadia Novak" in desk(browser).text
    at(LOOP_DAY + timedelta(hours=9))
    link = desk(browser).find("a", string="Write your practice feedback on Nadia Novak")
    assert link is not None
    assert browser.get(str(link["href"])).status_code == 200


@pytest.mark.parametrize(
    ("step", "sentence"),
    [
        (Step.INTERVIEW_LOOP, "Compose and confirm the loop"),
        (Step.WRITTEN_FEEDBACK, "Hold the interviews of the loop"),
    ],
)
def test_once_a_loop_is_confirmed_its_interviews_are_next(
    cast: Cast, client: FlaskClient, step: Step, sentence: str
) -> None:
    built = application_at(cast, step, held=False)
    response = sign_in(client, cast.rita).get(f"/applications/{built.application_id}")
    assert sentence in response.text


def test_an_empty_desk_leads_on_to_what_its_reader_may_open(cast: Cast, client: FlaskClient) -> None:
    soup = desk(sign_in(client, cast.hanna))
    assert titles(soup) == ["Where to look"]
    places = soup.find(id="screens")
    assert places is not None
    links = [str(link["href"]) for link in places.find_all("a")]
    assert "/dashboard" in links and "/funnel" in links
    assert all(client.get(link).status_code == 200 for link in links)

"""The page of step 7, as people use it."""

from collections.abc import Callable
from datetime import datetime

import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from hiring.ground import clock
from hiring.ground.database import db, writing
from hiring.pipeline import actions as spine
from hiring.pipeline import queries as pipeline
from hiring.pipeline.rules import Step
from hiring.steps.reference_check import queries
from hiring.steps.reference_check.models import Reference
from tests.builders import Built, application_at
from tests.cast import Cast, sign_in
from tests.conftest import NOON
from tests.pages import shown

OK, SEE_OTHER, FORBIDDEN, NOT_FOUND, CONFLICT, INVALID = 200, 303, 403, 404, 409, 422
REFEREE = {"name": "Rosa Referee", "relation": "former manager", "contact": "+49 30 1"}


@pytest.fixture
def built(cast: Cast, at: Callable[[datetime], None]) -> Built:
    at(NOON)
    return application_at(cast, Step.REFERENCE_CHECK)


def soup(response: TestResponse) -> BeautifulSoup:
    return BeautifulSoup(response.get_data(as_text=True), "html.parser")


def url(built: Built, act: str = "") -> str:
    return f"/applications/{built.application_id}/references{act}"


def actions_on(page: BeautifulSoup) -> set[str]:
    return {str(form["data-action"]) for form in page.select("form[data-action^='reference.']")}


def test_references_go_from_consent_to_the_offer(client: FlaskClient, cast: Cast, built: Built) -> None:
    sign_in(client, cast.rita)
    assert client.post(url(built, "/consent"), data={"source": "by mail, 4 March"}).status_code == SEE_OTHER
    for name in ("Rosa Referee", "Rolf Referee"):
        assert client.post(url(built, "/add"), data=REFEREE | {"name": name, "contact": ""}).status_code == SEE_OTHER
    sign_in(client, cast.hector)
    for row in db.session.scalars(select(Reference.id)).all():
        said = {"would_hire_again": "yes", "percentile": "95", "notes": "Built the team."}
        assert client.post(f"/references/{row}/call", data=said).status_code == SEE_OTHER
    page = soup(client.get(url(built)))
    assert "Built the team." in page.text
    assert client.post(url(built, "/outcome"), data={"outcome": "clear"}).status_code == CONFLICT  # seen nothing
    outcome = {"outcome": "clear"} | shown(client, url(built), "reference.decide")
    assert client.post(url(built, "/outcome"), data=outcome).status_code == SEE_OTHER
    assert built.application.step is Step.OFFER
    assert soup(client.get(url(built))).select("form[data-action^='reference.']") == []


def test_the_page_says_why_nobody_can_be_called_before_consent(client: FlaskClient, cast: Cast, built: Built) -> None:
    sign_in(client, cast.hector)
    page = soup(client.get(url(built)))
    form = page.select_one("form[data-action='reference.add']")
    assert form is not None
    assert form.select_one("[data-rule='reference.done']") is not None
    button = form.select_one("button[type=submit]")
    assert button is not None
    assert button["aria-disabled"] == "true"
    refused = client.post(url(built, "/add"), data=REFEREE)
    assert refused.status_code == CONFLICT
    assert "has not consented" in soup(refused).text
    assert db.session.scalar(select(func.count()).select_from(Reference)) == 0


@pytest.mark.parametrize(
    ("percentile", "words"), [("0", "From 1 to 99"), ("100", "From 1 to 99"), ("", "Give a number")]
)
def test_a_percentile_lies_between_1_and_99_and_what_was_typed_is_kept(
    client: FlaskClient, cast: Cast, built: Built, percentile: str, words: str
) -> None:
    sign_in(client, cast.hector)
    client.post(url(built, "/consent"), data={"source": "by mail"})
    client.post(url(built, "/add"), data=REFEREE)
    reference_id = db.session.scalars(select(Reference.id)).one()
    typed = {"would_hire_again": "yes", "percentile": percentile, "notes": "Kept text."}
    refused = client.post(f"/references/{reference_id}/call", data=typed)
    assert refused.status_code == INVALID
    assert words in soup(refused).text
    assert "Kept text." in soup(refused).text


def test_new_facts_must_be_written_down(client: FlaskClient, cast: Cast, built: Built) -> None:
    sign_in(client, cast.hector)
    refused = client.post(url(built, "/outcome"), data={"outcome": "new_facts", "new_facts": " "})
    assert refused.status_code == INVALID
    assert "Write down what is new" in soup(refused).text
    beside = client.post(url(built, "/outcome"), data={"outcome": "clear", "new_facts": "They left out a year."})
    assert beside.status_code == INVALID and "They left out a year." in beside.text
    assert "A clear outcome keeps no new facts" in soup(beside).text


def test_each_sees_only_the_acts_that_are_theirs(client: FlaskClient, cast: Cast, built: Built) -> None:
    sign_in(client, cast.rita)
    assert actions_on(soup(client.get(url(built)))) == {"reference.consent", "reference.add"}
    sign_in(client, cast.bea)
    assert actions_on(soup(client.get(url(built)))) == {"reference.waive"}
    assert client.post(url(built, "/consent"), data={"source": "by mail"}).status_code == FORBIDDEN


@pytest.mark.parametrize("key", ["ron", "iris", "cora", "amal", "olga"])
def test_references_are_not_there_for_others(client: FlaskClient, cast: Cast, built: Built, key: str) -> None:
    sign_in(client, getattr(cast, key))
    assert client.get(url(built)).status_code == NOT_FOUND
    assert client.post(url(built, "/consent"), data={"source": "by mail"}).status_code == NOT_FOUND
    assert client.post(url(built, "/consent"), data={}).status_code == NOT_FOUND


def test_the_same_submit_twice_adds_one_reference(client: FlaskClient, cast: Cast, built: Built) -> None:
    sign_in(client, cast.rita)
    client.post(url(built, "/consent"), data={"source": "by mail"})
    for _ in range(2):
        again = client.post(url(built, "/add"), data=REFEREE | {"submission_key": "k1"})
        assert again.status_code == SEE_OTHER
    assert db.session.scalar(select(func.count()).select_from(Reference)) == 1


def test_a_consent_is_corrected_from_what_is_on_record_and_never_over_another_one(
    client: FlaskClient, cast: Cast, built: Built
) -> None:
    sign_in(client, cast.rita)
    first = {"source": "by mial", "current_employer_named": "y"}
    assert client.post(url(built, "/consent"), data=first).status_code == SEE_OTHER
    form = soup(client.get(url(built))).select_one("form[data-action='reference.consent']")
    assert form is not None
    source, named, version = (form.select_one(f"[name={name}]") for name in (*first, "version"))
    assert source is not None and named is not None and version is not None
    assert source["value"] == "by mial" and named.has_attr("checked")
    corrected = first | {"source": "by mail", "version": str(version["value"])}
    assert client.post(url(built, "/consent"), data=corrected).status_code == SEE_OTHER
    late = client.post(url(built, "/consent"), data={"source": "by telephone", "version": str(version["value"])})
    assert late.status_code == CONFLICT
    assert "by mail" in soup(late).text and soup(late).select_one("[name=source]")["value"] == "by telephone"
    assert client.post(url(built, "/consent"), data={"source": "unseen"}).status_code == CONFLICT
    check = queries.current(built.application_id)
    assert check is not None and (check.consent_source, check.current_employer_named) == ("by mail", True)


def test_a_second_waiver_is_refused_with_the_first_and_not_offered(
    client: FlaskClient, cast: Cast, built: Built
) -> None:
    sign_in(client, cast.bea)
    assert client.post(url(built, "/waive"), data={"reason": "The only employer so far."}).status_code == SEE_OTHER
    assert "reference.waive" not in actions_on(soup(client.get(url(built))))
    refused = client.post(url(built, "/waive"), data={"reason": "Other words."})
    assert refused.status_code == CONFLICT
    assert "Bea has waived missing references: The only employer so far." in soup(refused).text
    check = queries.current(built.application_id)
    assert check is not None and check.waiver == "The only employer so far."


def test_the_call_of_a_current_employer_who_is_no_longer_named_is_greyed_out_alone(
    client: FlaskClient, cast: Cast, built: Built
) -> None:
    sign_in(client, cast.hector)
    client.post(url(built, "/consent"), data={"source": "by mail", "current_employer_named": "y", "version": "0"})
    client.post(url(built, "/add"), data=REFEREE | {"current_employer": "y"})
    client.post(url(built, "/add"), data=REFEREE | {"name": "Rolf Referee", "contact": ""})
    stopped = "[data-rule='reference.done']"
    forms = "form[data-action='reference.call']"
    assert [form.select(stopped) for form in soup(client.get(url(built))).select(forms)] == [[], []]
    client.post(url(built, "/consent"), data={"source": "by mail", "version": "1"})
    present, other = soup(client.get(url(built))).select(forms)
    assert "did not name their current employer" in present.text and present.select(stopped)
    button = present.select_one("button[type=submit]")
    assert button is not None and button["aria-disabled"] == "true"
    assert other.select(stopped) == []


def test_what_an_earlier_check_heard_stays_to_be_read_by_those_who_read_references(
    client: FlaskClient, cast: Cast, built: Built
) -> None:
    sign_in(client, cast.hector)
    client.post(url(built, "/consent"), data={"source": "by mail, 4 March"})
    for name in ("Rosa Referee", "Rolf Referee"):
        client.post(url(built, "/add"), data=REFEREE | {"name": name, "contact": ""})
    for row in db.session.scalars(select(Reference.id)).all():
        said = {"would_hire_again": "yes", "percentile": "95", "notes": "Built the team."}
        client.post(f"/references/{row}/call", data=said)
    new = {"outcome": "new_facts", "new_facts": "They left out a year."}
    new |= shown(client, url(built), "reference.decide")
    assert client.post(url(built, "/outcome"), data=new).status_code == SEE_OTHER
    with writing():
        again = pipeline.lock_application(built.application_id)
        spine.advance(again, Step.REFERENCE_CHECK, actor_id=cast.hector.id, now=clock.now())
    page = soup(client.get(url(built)))
    assert "Next: the candidate's consent." in page.text
    [earlier] = [part for part in page.select("section") if part.h2 and "Earlier check" in part.h2.text]
    for words in ("by mail, 4 March", "Rosa Referee", "Built the team.", "new facts", "They left out a year."):
        assert words in earlier.text
    assert earlier.select("form") == []
    client.post(url(built, "/consent"), data={"source": "by telephone"})
    assert len(soup(client.get(url(built))).find_all(string="They left out a year.")) == 1
    for key in ("rita", "bea"):
        assert "They left out a year." in sign_in(client, getattr(cast, key)).get(url(built)).text


def test_a_stranger_signs_in_first(client: FlaskClient, built: Built) -> None:
    assert "/sign-in" in client.get(url(built)).headers["Location"]


def test_the_page_refuses_the_same_person_twice_and_keeps_what_was_typed(
    client: FlaskClient, cast: Cast, built: Built
) -> None:
    sign_in(client, cast.rita)
    client.post(url(built, "/consent"), data={"source": "by mail, 4 March"})
    assert client.post(url(built, "/add"), data=REFEREE).status_code == SEE_OTHER
    again = client.post(url(built, "/add"), data=REFEREE | {"name": "ROSA  referee", "contact": ""})
    assert again.status_code == CONFLICT
    form = soup(again).select_one("form[data-action='reference.add']")
    assert form is not None
    assert form.select_one("[data-rule='reference.done']") is not None
    assert form.select_one("[value='ROSA  referee']") is not None

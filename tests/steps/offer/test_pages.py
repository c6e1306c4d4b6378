"""The pages of step 8, as people use them."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
import structlog
from bs4 import BeautifulSoup
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from hiring.ground.database import db, writing
from hiring.people.models import Person
from hiring.pipeline.desk_items import DeskItem, items_for
from hiring.pipeline.models import Opening, PassedWarning
from hiring.pipeline.rules import End, Step
from hiring.steps.debrief import actions as debrief
from hiring.steps.offer import actions, queries
from hiring.steps.offer.actions import Draft
from hiring.steps.offer.models import HireReview, Offer, OfferContact, OnboardingTask
from hiring.steps.offer.rules import OfferState
from tests.builders import Built, application_at, offer_made
from tests.cast import Cast, sign_in
from tests.conftest import NOON

OK, SEE_OTHER, FORBIDDEN, NOT_FOUND, CONFLICT, INVALID, CRASHED = 200, 303, 403, 404, 409, 422, 500
TERMS = {"pay": "95,000", "currency": "EUR", "starts_on": "2026-05-04", "answer_by": "2026-03-20", "terms": ""}
STARTED = datetime(2026, 5, 4, 9, 0, tzinfo=UTC)
Clock = Callable[[datetime], None]


@pytest.fixture
def built(cast: Cast, at: Clock) -> Built:
    at(NOON)
    return application_at(cast, Step.OFFER)


def soup(response: TestResponse) -> BeautifulSoup:
    return BeautifulSoup(response.get_data(as_text=True), "html.parser")


def url(built: Built, act: str = "/offer") -> str:
    return f"/applications/{built.application_id}{act}"


def acts_on(page: BeautifulSoup) -> set[str]:
    return {str(form["data-action"]) for form in page.select("main form[data-action]")}


def form_on(page: BeautifulSoup, action: str) -> BeautifulSoup:
    found = page.select_one(f"form[data-action='{action}']")
    assert found is not None
    return found  # type: ignore[return-value]


def shown(page: BeautifulSoup) -> dict[str, str]:
    """The version that every form of a page carries."""
    found = page.select_one("main form input[name=version][value]")
    assert found is not None
    return {"version": str(found["value"])}


def refused_rules(form: BeautifulSoup) -> set[str]:
    return {str(each["data-rule"]) for each in form.select("[data-rule]")}


def offer_of(built: Built) -> Offer:
    found = queries.newest_offer(built.application_id)
    assert found is not None
    return found


def desk(client: FlaskClient, person_id: int, now: datetime) -> list[DeskItem]:
    with client.application.test_request_context():
        return items_for(db.session.get_one(Person, person_id), now)


def send(client: FlaskClient, built: Built, path: str, data: dict[str, str] | None = None) -> TestResponse:
    """Send a form as the page of this moment shows it, with the version of the offer."""
    found = queries.newest_offer(built.application_id)
    return client.post(url(built, path), data=({"version": str(found.version)} if found else {}) | (data or {}))


def test_an_offer_goes_from_terms_to_the_reviewed_hire(
    client: FlaskClient, cast: Cast, built: Built, at: Clock
) -> None:
    sign_in(client, cast.rita)
    assert client.post(url(built, "/offer/prepare"), data=TERMS).status_code == SEE_OTHER
    sign_in(client, cast.hector)
    page = soup(client.get(url(built)))
    assert "EUR 95,000" in page.text
    assert "Hector makes the offer in person" in page.text
    assert client.post(url(built, "/offer/make"), data={"text": "Unread."}).status_code == CONFLICT
    assert send(client, built, "/offer/make", data={"text": "Over lunch."}).status_code == SEE_OTHER
    assert client.post(url(built, "/offer/contact"), data={"text": "Called."}).status_code == SEE_OTHER
    assert "Called." in soup(client.get(url(built))).text
    assert send(client, built, "/offer/accept").status_code == SEE_OTHER
    onboarding = soup(client.get(url(built, "/onboarding")))
    assert "Contract signed and filed" in onboarding.text
    assert "95,000" not in onboarding.text
    task_id = db.session.scalars(select(OnboardingTask.id).limit(1)).one()
    assert client.post(f"/onboarding/{task_id}/done").status_code == SEE_OTHER
    at(STARTED)
    assert client.post(url(built, "/onboarding/arrival")).status_code == SEE_OTHER
    assert built.application.ended is End.HIRED
    assert "Arrived" in soup(client.get(url(built, "/onboarding"))).text
    at(STARTED + timedelta(days=91))
    page = soup(client.get(url(built, "/reviews")))
    assert len(page.select("form[data-action='hire.review']")) == 1
    review_id = db.session.scalars(select(HireReview.id).order_by(HireReview.due_on)).first()
    said = {"reached_0": "yes", "text_0": "Since June.", "reached_1": "no", "text_1": "It grew.", "lesson": "Ask more."}
    assert client.post(f"/reviews/{review_id}", data=said).status_code == SEE_OTHER
    page = soup(client.get(url(built, "/reviews")))
    assert "It grew." in page.text
    assert "Ask more." in page.text


def test_a_start_date_that_somebody_else_moved_meanwhile_is_shown_and_not_replaced(
    client: FlaskClient, cast: Cast, built: Built
) -> None:
    offer_made(cast, built, accepted=True)
    sign_in(client, cast.hector)
    page = soup(client.get(url(built, "/onboarding")))
    move = lambda day, why: client.post(  # noqa: E731
        url(built, "/onboarding/start"),
        data={"starts_on": day, "text": why} | shown(page),
    )
    assert move("2026-05-11", "Notice.").status_code == SEE_OTHER
    past = client.post(
        url(built, "/onboarding/start"),
        data={"starts_on": "2026-03-03", "text": "They came."} | shown(soup(client.get(url(built, "/onboarding")))),
    )
    assert past.status_code == CONFLICT
    assert refused_rules(form_on(soup(past), "offer.move_start")) == {"hire.arrival"} and "They came." in past.text
    stale = move("2026-05-18", "A holiday.")
    assert stale.status_code == CONFLICT
    form = form_on(soup(stale), "offer.move_start")
    assert "2026-05-11" in form.text and "Notice." in form.text and "A holiday." in form.text
    assert offer_of(built).starts_on.isoformat() == "2026-05-11"


def test_pay_outside_the_range_is_shown_as_such_and_refused(client: FlaskClient, cast: Cast, built: Built) -> None:
    sign_in(client, cast.hector)
    client.post(url(built, "/offer/prepare"), data=TERMS | {"pay": "120000"})
    form = form_on(soup(client.get(url(built))), "offer.make")
    assert refused_rules(form) == {"offer.range"}
    assert "EUR 80,000 to EUR 110,000" in form.text
    button = form.select_one("button[type=submit]")
    assert button is not None
    assert button["aria-disabled"] == "true"
    refused = send(client, built, "/offer/make", data={"text": "Over lunch."})
    assert refused.status_code == CONFLICT
    assert "offer.range" in refused_rules(form_on(soup(refused), "offer.make"))
    assert "Over lunch." in soup(refused).text
    assert offer_of(built).state is OfferState.PREPARED


def test_an_administrator_sees_pay_from_the_question_to_their_answer(
    client: FlaskClient, cast: Cast, built: Built
) -> None:
    sign_in(client, cast.rita)
    client.post(url(built, "/offer/prepare"), data=TERMS | {"pay": "120000"})
    sign_in(client, cast.amal)
    assert client.get(url(built)).status_code == NOT_FOUND
    assert client.post(url(built, "/offer/exception/grant"), data={"text": "Yes."}).status_code == NOT_FOUND
    sign_in(client, cast.rita)
    told = {"text": "A rival."}
    assert client.post(url(built, "/offer/exception"), data=told).status_code == CONFLICT  # it has seen no pay
    page = soup(client.get(url(built)))
    assert client.post(url(built, "/offer/exception"), data=told | shown(page)).status_code == SEE_OTHER
    assert [item.title for item in desk(client, cast.amal.id, NOON)] == ["Pay exception for Nadia Novak"]
    sign_in(client, cast.amal)
    page = soup(client.get(url(built)))
    assert "EUR 120,000" in page.text
    assert "A rival." in page.text
    assert acts_on(page) == {"offer.grant_exception", "offer.refuse_exception"}
    assert send(client, built, "/offer/make", data={"text": "Now."}).status_code == FORBIDDEN
    assert client.post(url(built, "/offer/exception/grant"), data={"text": ""}).status_code == INVALID
    granted = {"text": "Rare."}
    assert client.post(url(built, "/offer/exception/grant"), data=granted).status_code == CONFLICT
    assert client.post(url(built, "/offer/exception/grant"), data=granted | shown(page)).status_code == SEE_OTHER
    assert client.get(url(built)).status_code == NOT_FOUND
    assert desk(client, cast.amal.id, NOON) == []
    sign_in(client, cast.hector)
    assert refused_rules(form_on(soup(client.get(url(built))), "offer.make")) == set()


def test_the_recruiter_sees_why_the_offer_is_not_theirs_to_make(client: FlaskClient, cast: Cast, built: Built) -> None:
    sign_in(client, cast.rita)
    client.post(url(built, "/offer/prepare"), data=TERMS)
    form = form_on(soup(client.get(url(built))), "offer.make")
    assert refused_rules(form) == {"offer.by_hiring_manager"}
    assert send(client, built, "/offer/make", data={"text": "By mail."}).status_code == FORBIDDEN


def test_before_the_decision_the_page_says_what_is_missing(client: FlaskClient, cast: Cast, at: Clock) -> None:
    at(NOON)
    early = application_at(cast, Step.DEBRIEF)
    sign_in(client, cast.hector)
    form = form_on(soup(client.get(url(early))), "offer.prepare")
    assert refused_rules(form) == {"offer.decided"}
    assert client.post(url(early, "/offer/prepare"), data=TERMS).status_code == CONFLICT


@pytest.mark.parametrize(
    ("field", "typed", "words"),
    [
        ("pay", "0", "above zero"),
        ("pay", "lots", "Give an amount"),
        ("currency", "euro", "Three capital letters"),
        ("starts_on", "9999-12-31", "between 1970 and 2200"),
        ("answer_by", "soon", "Give a day, like"),
    ],
)
def test_a_bad_term_is_named_beside_its_field_and_the_rest_is_kept(
    client: FlaskClient, cast: Cast, built: Built, field: str, typed: str, words: str
) -> None:
    sign_in(client, cast.rita)
    refused = client.post(url(built, "/offer/prepare"), data=TERMS | {"terms": "Relocation paid.", field: typed})
    assert refused.status_code == INVALID
    page = soup(refused)
    assert any(words in error.text for error in page.select(".field-error"))
    assert "Relocation paid." in page.text


def test_silence_is_warned_about_and_the_answer_asks_for_a_reason(
    client: FlaskClient, cast: Cast, built: Built, at: Clock
) -> None:
    offer_made(cast, built)
    at(NOON + timedelta(days=12))
    sign_in(client, cast.rita)
    page = soup(client.get(url(built)))
    form = form_on(page, "offer.accept")
    assert refused_rules(form) == {"offer.contact"}
    assert form.select_one("textarea[name='reason.offer.contact']") is not None
    assert send(client, built, "/offer/accept").status_code == CONFLICT
    for act in ("offer.decline", "offer.extend", "offer.rescind", "offer.lapse"):
        other = page.select_one(f"form[data-action='{act}']")
        assert other is None or other.select("[name^='reason.'], [data-rule='offer.contact']") == []
    why = {"reason.offer.contact": "I was ill."}
    assert send(client, built, "/offer/accept", data=why).status_code == SEE_OTHER
    assert db.session.scalars(select(PassedWarning.rule)).all() == ["offer.contact"]


def test_an_answer_after_its_date_and_an_early_arrival_or_review_are_told_with_their_rules(
    client: FlaskClient, cast: Cast, built: Built, at: Clock
) -> None:
    offer_made(cast, built)
    sign_in(client, cast.rita)
    assert "offer.open" not in refused_rules(form_on(soup(client.get(url(built))), "offer.accept"))
    at(NOON + timedelta(days=17))
    assert "offer.open" in refused_rules(form_on(soup(client.get(url(built))), "offer.accept"))
    at(NOON)
    assert send(client, built, "/offer/accept").status_code == SEE_OTHER
    assert refused_rules(form_on(soup(client.get(url(built, "/onboarding"))), "hire.arrive")) == {"hire.arrival"}
    assert client.post(url(built, "/onboarding/arrival")).status_code == CONFLICT
    sign_in(client, cast.hector)
    assert {"hire.review"} == refused_rules(soup(client.get(url(built, "/reviews"))))


def test_what_our_own_data_must_have_is_a_crash_that_is_logged_and_no_page_that_is_not_there(
    client: FlaskClient, cast: Cast, built: Built, at: Clock
) -> None:
    offer_made(cast, built)
    sign_in(client, cast.hector)
    assert send(client, built, "/offer/accept").status_code == SEE_OTHER
    with writing():
        db.session.scalars(select(Opening)).one().cancelled_at = NOON  # past the act that keeps count of it
    at(STARTED)
    with structlog.testing.capture_logs() as logs:
        assert client.post(url(built, "/onboarding/arrival")).status_code == CRASHED
    assert [line["event"] for line in logs if line["log_level"] == "error"] == ["unhandled error"]
    assert built.application.ended is None and offer_of(built).state is OfferState.ACCEPTED


def test_an_offer_beside_another_says_so_before_it_is_made(
    client: FlaskClient, cast: Cast, built: Built, elsewhere: Callable[[Built], Built]
) -> None:
    offer_made(cast, elsewhere(built))
    sign_in(client, cast.hector)
    client.post(url(built, "/offer/prepare"), data=TERMS)
    assert refused_rules(form_on(soup(client.get(url(built))), "offer.make")) == {"offer.single"}
    refused = send(client, built, "/offer/make", data={"text": "Over lunch."})
    assert refused.status_code == CONFLICT and "offer.single" in refused_rules(soup(refused))


def test_a_no_after_silence_is_recorded_with_nothing_but_the_candidates_reason(
    client: FlaskClient, cast: Cast, built: Built, at: Clock
) -> None:
    offer_made(cast, built)
    at(NOON + timedelta(days=12))
    sign_in(client, cast.rita)
    assert send(client, built, "/offer/decline", data={"text": "Stayed."}).status_code == SEE_OTHER
    assert (offer_of(built).state, built.application.ended) == (OfferState.DECLINED, End.WITHDRAWN)
    assert db.session.scalars(select(PassedWarning.rule)).all() == []


@pytest.mark.parametrize("key", ["ron", "bea", "iris", "cora", "amal", "olga"])
def test_pay_is_not_there_for_others(client: FlaskClient, cast: Cast, built: Built, key: str) -> None:
    offer_made(cast, built, accepted=True)
    sign_in(client, getattr(cast, key))
    for path in ("/offer", "/onboarding", "/reviews"):
        assert client.get(url(built, path)).status_code == NOT_FOUND
    for path in ("/offer/prepare", "/offer/accept", "/offer/rescind", "/onboarding/arrival"):
        assert send(client, built, path, data=TERMS | {"text": "x"}).status_code == NOT_FOUND
    assert client.post(url(built, "/offer/prepare"), data={}).status_code == NOT_FOUND


def test_the_same_submit_twice_makes_one_contact(client: FlaskClient, cast: Cast, built: Built) -> None:
    offer_made(cast, built)
    sign_in(client, cast.rita)
    for _ in range(2):
        sent = client.post(url(built, "/offer/contact"), data={"text": "Called.", "submission_key": "k1"})
        assert sent.status_code == SEE_OTHER
    assert db.session.scalar(select(func.count()).select_from(OfferContact)) == 1


def test_a_stale_change_of_terms_shows_both_texts(client: FlaskClient, cast: Cast, built: Built) -> None:
    with writing():
        draft = Draft(9_500_000, "EUR", STARTED.date(), date(2026, 3, 20))
        actions.prepare(cast.rita, built.application_id, draft, now=NOON)
    sign_in(client, cast.hector)
    version = str(offer_of(built).version)
    client.post(url(built, "/offer/prepare"), data=TERMS | {"pay": "90000", "version": version})
    stale = client.post(url(built, "/offer/prepare"), data=TERMS | {"pay": "91000", "version": version})
    assert stale.status_code == CONFLICT
    assert "90000.00" in soup(stale).text
    assert stale.get_data(as_text=True).count("91000") == 1


@pytest.mark.parametrize(
    ("path", "before"),
    [
        ("/offer/make", False),
        ("/offer/accept", False),
        ("/offer/decline", False),
        ("/offer/rescind", False),
        ("/offer/rescind", True),
        ("/offer/renege", True),
    ],
)
def test_who_answers_or_ends_another_offer_than_their_page_showed_is_told_what_it_says_now(
    client: FlaskClient, cast: Cast, built: Built, path: str, before: bool
) -> None:
    if path == "/offer/make":
        with writing():
            draft = Draft(9_500_000, "EUR", STARTED.date(), date(2026, 3, 20))
            actions.prepare(cast.rita, built.application_id, draft, now=NOON)
    else:
        offer_made(cast, built)
    sign_in(client, cast.hector)
    page = soup(client.get(url(built)))
    if path == "/offer/make":
        send(client, built, "/offer/prepare", TERMS | {"pay": "91,000"})
    elif before:
        send(client, built, "/offer/accept")
    else:
        send(client, built, "/offer/extend", {"answer_by": "2026-04-01"})
    stands = offer_of(built).state
    stale = send(client, built, path, {"text": "They stayed.", "message": "Sorry."} | shown(page))
    assert stale.status_code == CONFLICT
    assert soup(stale).select_one("[data-stale]") is not None
    assert stands.value in soup(stale).select_one(".problem").text  # type: ignore[union-attr]
    assert (offer_of(built).state, built.application.ended) == (stands, None)
    unseen = client.post(url(built, path), data={"text": "They stayed."})
    assert (unseen.status_code, built.application.ended) == (CONFLICT, None)
    assert send(client, built, path, {"text": "They stayed."}).status_code == SEE_OTHER


def test_a_lapse_is_refused_to_who_saw_another_answer_date(
    client: FlaskClient, cast: Cast, built: Built, at: Clock
) -> None:
    offer_made(cast, built)
    sign_in(client, cast.rita)
    page = soup(client.get(url(built)))
    send(client, built, "/offer/extend", {"answer_by": "2026-04-01"})
    at(NOON + timedelta(days=40))
    assert send(client, built, "/offer/lapse", shown(page)).status_code == CONFLICT
    assert send(client, built, "/offer/lapse").status_code == SEE_OTHER


def test_a_task_goes_to_a_colleague_who_finds_it_on_their_desk(client: FlaskClient, cast: Cast, built: Built) -> None:
    offer_made(cast, built)
    sign_in(client, cast.rita)
    send(client, built, "/offer/accept")
    task = {"what": "Payroll", "owner": "nobody@example.org", "due_on": "2026-05-01"}
    refused = client.post(url(built, "/onboarding/tasks"), data=task)
    assert refused.status_code == INVALID
    assert "Nobody here" in soup(refused).text
    task["owner"] = cast.olga.name
    assert client.post(url(built, "/onboarding/tasks"), data=task).status_code == SEE_OTHER
    (item,) = desk(client, cast.olga.id, NOON)
    assert item.title == "Payroll"
    sign_in(client, cast.olga)
    page = soup(client.get(item.url))
    assert acts_on(page) == {"onboarding.done"}
    assert page.select_one("a[href$='/offer']") is None
    sign_in(client, cast.rita)
    assert "each owner ticks their own, or the recruiter or the hiring manager for them" in client.get(item.url).text
    client.post(str(soup(client.get(item.url)).select_one("tr:-soup-contains(Payroll) form")["action"]))
    assert "ticked by Rita" in client.get(item.url).text


def test_the_desk_says_the_next_move_with_its_deadline(client: FlaskClient, cast: Cast, built: Built) -> None:
    hector, rita = cast.hector.id, cast.rita.id

    def titles(person_id: int) -> set[str]:
        return {item.title for item in desk(client, person_id, NOON) if item.kind == "offer"}

    assert titles(hector) == titles(rita) == {"Prepare the offer to Nadia Novak"}
    sign_in(client, cast.rita)
    client.post(url(built, "/offer/prepare"), data=TERMS)
    assert titles(hector) == {"Make the offer to Nadia Novak"}
    assert titles(rita) == {"Offer to Nadia Novak is prepared"}
    sign_in(client, cast.hector)
    send(client, built, "/offer/make", data={"text": "Over lunch."})
    (item,) = [item for item in desk(client, rita, NOON) if item.kind == "offer"]
    made = offer_of(built).made_at
    assert made is not None
    assert (item.title, item.due) == ("Stay in touch with Nadia Novak", made + timedelta(days=7))


def test_after_a_veto_the_page_offers_nothing(client: FlaskClient, cast: Cast, built: Built) -> None:
    offer_made(cast, built)
    with writing():
        debrief.veto(cast.bea, built.application_id, "Not shown.", ["Ownership"], now=NOON)
    sign_in(client, cast.hector)
    page = soup(client.get(url(built)))
    assert page.select_one("main") is not None
    assert acts_on(page) == set()
    assert "Rescinded" in page.text


def test_a_stranger_signs_in_first(client: FlaskClient, built: Built) -> None:
    for path in ("/offer", "/onboarding", "/reviews"):
        assert "/sign-in" in client.get(url(built, path)).headers["Location"]

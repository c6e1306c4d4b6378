"""Rulebook, settings and audit: who opens them, and what they say."""

import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient
from sqlalchemy import select

from hiring.ground import audit, policy, rulebook
from hiring.ground.audit import AuditEntry
from hiring.ground.database import db, writing
from hiring.ground.policy import PolicyVersion
from hiring.pipeline import queries as pipeline
from hiring.pipeline.rules import PipelinePolicy, Step
from hiring.steps.interview_loop.models import Seat
from hiring.transitions import actions, cords
from tests.builders import LOOP_DAY, application_at
from tests.cast import Cast, sign_in


def page(client: FlaskClient, url: str, status: int = 200) -> BeautifulSoup:
    """The page at an address, which must answer with that status."""
    response = client.get(url)
    assert response.status_code == status, response.text
    return BeautifulSoup(response.text, "html.parser")


def change(value: str, reason: str = "We are slower", key: str = "pipeline.reopen_days") -> dict[str, str]:
    """The form of one figure, filled in on a page that showed the book's 30 days."""
    return {"key": key, "value": value, "reason": reason, "submission_key": "once", "version": "30"}


def test_everybody_reads_every_rule_with_its_own_address(cast: Cast, client: FlaskClient) -> None:
    soup = page(sign_in(client, cast.olga), "/rulebook")

    for rule in rulebook.rulebook():
        row = soup.find(id=rule.id)
        assert row is not None, rule.id
        assert rule.sentence in row.text


def test_a_refusal_leads_to_its_rule_in_the_rulebook(cast: Cast, client: FlaskClient) -> None:
    built = application_at(cast, Step.DEBRIEF)
    browser = sign_in(client, cast.rita)
    refusal = page(browser, f"/applications/{built.application_id}/moves").select_one("[data-rule]")
    assert refusal is not None
    link = refusal.select_one(".refusal-id a")
    assert link is not None
    address, _, fragment = str(link["href"]).partition("#")

    assert page(browser, address).find(id=fragment) is not None


@pytest.mark.parametrize("url", ["/settings", "/audit"])
@pytest.mark.parametrize("person", ["rita", "hanna", "priya", "hector", "olga"])
def test_settings_and_audit_are_closed_to_all_but_administrators(
    cast: Cast, client: FlaskClient, url: str, person: str
) -> None:
    page(sign_in(client, getattr(cast, person)), url, 403)
    assert sign_in(client, getattr(cast, person)).post("/settings", data=change("14")).status_code == 403


def test_a_figure_that_somebody_else_changed_meanwhile_is_told_so(cast: Cast, client: FlaskClient) -> None:
    browser = sign_in(client, cast.amal)
    assert browser.post("/settings", data=change("14")).status_code == 303
    stale = browser.post("/settings", data=change("20") | {"submission_key": "twice"})
    assert stale.status_code == 409
    assert "data-stale" in stale.text
    assert policy.current()[PipelinePolicy].reopen_days == 14


def test_an_administrator_changes_a_figure_once_with_a_reason_and_it_is_audited(
    cast: Cast, client: FlaskClient
) -> None:
    browser = sign_in(client, cast.amal)
    for _ in range(2):
        assert browser.post("/settings", data=change("14")).status_code == 303

    assert policy.current()[PipelinePolicy].reopen_days == 14
    version = db.session.query(PolicyVersion).one()
    assert (version.reason, version.changed_by) == ("We are slower", cast.amal.id)
    assert db.session.query(AuditEntry).filter_by(act="policy.change").count() == 1
    differs = page(browser, "/rulebook").select_one("#differs")
    assert differs is not None
    assert "An end may be reopened for" in differs.text
    assert "14 days (the book: 30)" in differs.text


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        (change("366"), "365"),
        (change("-1"), "0"),
        (change("many"), "Give a whole number"),
        (change("14", reason=""), "Say why"),
        (change("14", key="pipeline.nothing"), ""),
        (
            change("8", key="loop.smallest") | {"version": "5"},
            "loop” would be 8 interviewers, but “Most interviewers on a loop” stands at 7 interviewers:",
        ),
    ],
    ids=["above its bounds", "below its bounds", "no number", "no reason", "unknown", "against another figure"],
)
def test_a_figure_is_not_changed_to(cast: Cast, client: FlaskClient, sent: dict[str, str], said: str) -> None:
    response = sign_in(client, cast.amal).post("/settings", data=sent)

    assert response.status_code == 422
    assert said in response.text
    assert db.session.query(PolicyVersion).count() == 0


def test_the_audit_names_who_did_what_but_never_the_text(cast: Cast, client: FlaskClient) -> None:
    built = application_at(cast, Step.PHONE_SCREEN)
    with writing():
        actions.hold(cast.rita, built.application_id, "a private reason", now=LOOP_DAY)
    soup = page(sign_in(client, cast.amal), "/audit")

    first = soup.select_one("tbody tr")
    assert first is not None
    assert "application.hold" in first.text
    assert "Rita" in first.text
    assert "a private reason" not in soup.text


def test_the_audit_goes_on_where_its_page_ended(
    cast: Cast, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hiring.desk.office._PAGE", 3)
    with writing():
        for person in (cast.olga, cast.ivan, cast.iris, cast.ines, cast.juna, cast.nora, cast.tara):
            audit.record(cast.amal.id, "person.enable", "person", person.id, at=LOOP_DAY)
    everything = [entry.position for entry in db.session.query(AuditEntry).order_by(AuditEntry.position.desc())]
    browser, url, seen = sign_in(client, cast.amal), "/audit", []
    while url:
        soup = page(browser, url)
        seen += [int(cell.text) for cell in soup.select("tbody td.num")]
        following = soup.select_one('a[rel="next"]')
        url = str(following["href"]) if following else ""

    assert len(everything) == 7
    assert seen == everything


def test_the_audit_links_no_record_that_an_administrator_on_the_candidates_inside_may_not_open(
    cast: Cast, client: FlaskClient
) -> None:
    built = application_at(cast, Step.DEBRIEF)
    with writing():
        cord = cords.pull(cast.iris, built.application_id, "It went wrong.", [], now=LOOP_DAY)
    with writing():
        cords.clear(cast.amal, cord.id, "Haste.", "Time.", now=LOOP_DAY)
        seat_id = db.session.scalars(select(Seat.id)).first()
        audit.record(cast.iris.id, "feedback.submit", "seat", seat_id, at=LOOP_DAY)

    def linked(who: str) -> set[str]:
        browser, found = sign_in(client, getattr(cast, who)), set()
        for link in page(browser, "/audit").select("tbody a[href]"):
            if str(link["href"]).startswith(("/applications/", "/seats/", "/cords/")):
                page(browser, str(link["href"]))
                found.add(str(link["href"]).split("/")[1])
        return found

    assert linked("amal") == {"applications", "seats", "cords"}
    with writing():
        pipeline.application(built.application_id).candidate.person_id = cast.ada.id  # who reports to amal
    assert linked("amal") == set()

"""Every main page, wide and narrow, light and dark: accessible, not wider than the screen, silent, at home."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]  # it has no types
from playwright.sync_api import Browser, expect
from sqlalchemy import delete

from hiring.ground.database import db, writing
from hiring.pipeline.candidates import link_digest
from hiring.pipeline.models import Booking, Candidate
from hiring.pipeline.queries import open_visit
from hiring.pipeline.rules import Step
from hiring.steps.debrief.models import Meeting
from hiring.steps.debrief.room_rules import Phase
from tests.browser.company import Company, running_company
from tests.browser.person import Person
from tests.builders import LOOP_DAY, Built, application_at, give_feedback, offer_made, requisition
from tests.cast import Cast

pytestmark = pytest.mark.browser
NOW = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)
LOOKS: tuple[tuple[int, Literal["light", "dark"]], ...] = ((1280, "light"), (360, "dark"))
PAGES = {
    "": (
        "/sign-in",
        "/careers",
        "/careers/R-1",
        "/careers/R-1/apply",
        "/my/{key}",
    ),
    "Rita": (
        "/",
        "/dashboard",
        "/applications",
        "/requisitions",
        "/requisitions/new",
        "/requisitions/{requisition}",
        "/requisitions/{requisition}/resumes",
        "/requisitions/{requisition}/candidates/new",
        "/requisitions/{requisition}/moves",
        "/applications/{fresh}",
        "/applications/{fresh}/resume-review",
        "/applications/{screening}/screen",
        "/applications/{looping}/loop",
        "/applications/{booked}/loop",
        "/applications/{fresh}/moves",
        "/applications/{fresh}/cord",
        "/careers/R-1/refer",
        "/people",
        "/account",
        "/rulebook",
        "/funnel",
    ),
    "Hector": (
        "/",
        "/descriptions/{description}",
        "/descriptions/{description}/edit",
        "/applications/{deciding}/debrief",
        "/applications/{boarding}/debrief",
        "/applications/{checking}/references",
        "/applications/{offering}/offer",
        "/applications/{accepted}/offer",
        "/applications/{accepted}/onboarding",
        "/applications/{accepted}/reviews",
    ),
    "Irma": ("/", "/seats/{seat}", "/seats/{seat}/feedback", "/applications/{writing}/feedback"),
    "Bea": (
        "/",
        "/applications/{writing}/feedback",
        "/applications/{deciding}/debrief",
        "/applications/{checking}/debrief",
        "/applications/{checking}/debrief/memo",
    ),
    "Amal": ("/settings", "/audit", "/teams", "/people/new", "/people/{person}", "/people/{person}/handover"),
    "Priya": ("/people/training",),
    "Hanna": ("/dashboard", "/funnel", "/funnel/people?step=phone_screen"),
}
"""Pages by who looks at them; names in braces are filled in from the rows below."""
VIOLATIONS = """async () => {
  const found = await axe.run(document, {resultTypes: ["violations"]});
  const words = one => one.nodes.slice(0, 3).map(node => `${one.id}: ${node.html.slice(0, 200)}`);
  return found.violations.flatMap(words);
}"""
TOO_WIDE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
LENGTHEN = """() => {
  const ours = "button, .btn, .tag, .badge, nav, .tabs, .track, thead, caption, select, time, .visually-hidden";
  for (const each of document.querySelectorAll("main *"))
    if (!each.closest(ours))
      for (const node of each.childNodes)
        if (node.nodeType === Node.TEXT_NODE && node.data.trim()) node.data += " " + "x".repeat(300);
}"""
"""Gives every text a word without an end, but those that are our own words and never long."""


@dataclass
class Office:
    """The running company, who sits in it, and what the names in ``PAGES`` stand for."""

    company: Company
    browser: Browser
    names: dict[str, object]
    people: dict[str, Person] = field(default_factory=dict)

    def look(self, name: str, page: str) -> Person:
        """Open a page as this person."""
        person = self.people.setdefault(name, Person(self.browser, self.company, name))
        person.open(page.format(**self.names))
        return person


@pytest.fixture(scope="module")
def office(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """A company with an application in every step."""
    names: dict[str, object] = {}
    folder = tmp_path_factory.mktemp("office")
    with running_company(folder, NOW, lambda cast: _furnish(cast, names), with_worker=False) as company:
        office = Office(company, browser, names)
        yield office
        for person in office.people.values():
            person.close()


def _furnish(cast: Cast, names: dict[str, object]) -> None:
    first = requisition(cast, openings=5)

    def one(name: str, step: Step, *, submitted: tuple[str, ...] = (), held: bool = True) -> Built:
        again = Built(first.requisition_id, first.description_id, items=first.items)
        built = application_at(cast, step, on=again, name=f"{name.capitalize()} Candidate", held=held)
        names[name] = built.application_id
        with writing():
            if submitted:
                give_feedback(built, seats=submitted)
            db.session.execute(delete(Booking))  # several loops share one day here
        return built

    fresh = one("fresh", Step.RESUME_REVIEW)
    for name, step in (("screening", Step.PHONE_SCREEN), ("looping", Step.INTERVIEW_LOOP), ("deciding", Step.DEBRIEF)):
        one(name, step)
    at_the_board(one("boarding", Step.DEBRIEF), chair_id=cast.bea.id)
    booked = one("booked", Step.WRITTEN_FEEDBACK, held=False)
    writing_up = one("writing", Step.WRITTEN_FEEDBACK, submitted=("bea", "iris"))
    one("checking", Step.REFERENCE_CHECK)
    offer_made(cast, one("offering", Step.OFFER))
    offer_made(cast, one("accepted", Step.OFFER), accepted=True)
    with writing():
        db.session.get_one(Candidate, fresh.application.candidate_id).link_digest = link_digest("own")
    names |= {
        "key": "own",
        "requisition": first.requisition_id,
        "description": first.description_id,
        "seat": writing_up.seats["irma"],
        "booked_seat": booked.seats["iris"],
        "person": cast.tara.id,
    }


def at_the_board(built: Built, chair_id: int) -> None:
    """A debrief whose board is empty."""
    visit = open_visit(built.application_id)
    assert visit is not None
    about = {"application_id": built.application_id, "visit_id": visit.id, "description_id": built.description_id}
    with writing():
        db.session.add(Meeting(**about, phase=Phase.BOARD, chair_id=chair_id, gathered_at=NOW, phase_at=NOW))


@pytest.mark.parametrize(("name", "page"), [(name, page) for name, pages in PAGES.items() for page in pages])
def test_a_page_is_accessible_fits_and_stays_at_home(office: Office, name: str, page: str) -> None:
    office.company.complaints.clear()
    person = office.look(name, page)
    assert person.page.locator("h1").inner_text()
    wrong = looked_at(person)
    person.page.evaluate(LENGTHEN)
    too_wide = person.page.evaluate(TOO_WIDE)
    if too_wide > 0:
        wrong.append(f"{LOOKS[-1][0]}: {too_wide} px too wide with long words")
    assert not wrong + office.company.complaints


def test_feedback_that_waits_for_its_interview_opens_by_itself(office: Office) -> None:
    office.company.turn_to(LOOP_DAY)
    iris = Person(office.browser, office.company, "Iris")
    iris.page.clock.install()
    iris.open("/seats/{booked_seat}/feedback".format(**office.names))
    save, summary = iris.page.get_by_role("button", name="Save draft"), iris.page.get_by_label("Summary")
    assert save.get_attribute("aria-disabled") == "true" and summary.is_disabled()
    wait = timedelta(hours=3, minutes=30)
    office.company.turn_to(LOOP_DAY + wait)
    iris.page.clock.fast_forward(int(wait.total_seconds() * 1000))
    expect(iris.page.locator("[data-not-open]")).to_have_text("It has begun: you may write.")
    summary.fill("They rebuilt the ledger.")
    with iris.page.expect_navigation():
        save.click()
    assert "Draft saved" in iris.sees
    assert iris.page.get_by_label("Summary").input_value() == "They rebuilt the ledger."
    iris.close()
    office.company.turn_to(NOW)


def test_words_typed_before_the_sign_in_ended_are_sent_after_the_next_one(office: Office) -> None:
    rita = Person(office.browser, office.company, "Rita")
    rita.open("/applications/{fresh}".format(**office.names))
    rita.form("note.add").get_by_label("Note").fill("They asked for a Tuesday.\nAny week will do.")
    elsewhere = rita.context.new_page()
    elsewhere.goto(office.company.url)
    with elsewhere.expect_navigation():
        elsewhere.get_by_role("button", name="Sign out").click()
    with rita.page.expect_navigation():
        rita.form("note.add").get_by_role("button").click()
    assert "You are signed out" in rita.sees
    assert not looked_at(rita)
    with rita.context.expect_page() as opened:
        rita.page.get_by_role("link", name="Sign in in a new tab").click()
    with opened.value.expect_navigation():
        opened.value.get_by_role("button", name="Sign in as Rita", exact=True).click()
    with rita.page.expect_navigation():
        rita.page.get_by_role("button", name="Send it again").click()
    assert rita.sees.count("They asked for a Tuesday.") == 1
    rita.close()


def looked_at(person: Person) -> list[str]:
    """What is wrong with the page that is open, in each look."""
    person.page.evaluate(Axe().axe_script)
    wrong = []
    for width, scheme in LOOKS:
        person.page.set_viewport_size({"width": width, "height": 900})
        person.page.emulate_media(color_scheme=scheme)
        too_wide = person.page.evaluate(TOO_WIDE)
        if too_wide > 0:
            wrong.append(f"{width}: {too_wide} px too wide")
        wrong += [f"{width} {scheme}: {words}" for words in violations(person)]
    return wrong


def violations(person: Person) -> list[str]:
    """What axe finds on the page as it stands."""
    found: list[str] = person.page.evaluate(VIOLATIONS)
    return found

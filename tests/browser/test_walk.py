"""The whole loop in a real browser: seven people take one applicant to day one, and another gets a veto."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from playwright.sync_api import APIResponse, Browser

from hiring.pipeline.rules import Step
from tests.browser import steps
from tests.browser.company import running_company
from tests.browser.person import Person
from tests.browser.steps import Applicant, Story
from tests.builders import application_at, requisition
from tests.cast import Cast
from tests.ground.samples import pdf

pytestmark = pytest.mark.browser
BEGIN = datetime(2026, 3, 9, 8, 0, tzinfo=UTC)
"""A Monday, nine o'clock in Berlin."""


@pytest.fixture
def story(browser: Browser, tmp_path: Path) -> Iterator[Story]:
    """A company with a cast, and with Viktor, on whom they decided last week."""
    viktor = Applicant("Viktor Vasilev", "viktor@candidates.example", bar_raiser="Bea")

    def furnish(cast: Cast) -> None:
        built = application_at(cast, Step.REFERENCE_CHECK, on=requisition(cast), name=viktor.name)
        viktor.path = f"/applications/{built.application_id}"

    with running_company(tmp_path, BEGIN, furnish) as company:
        story = Story(browser, company, decided=viktor)
        yield story
        for person in story.people.values():
            person.close()


def test_seven_people_take_one_applicant_to_day_one_and_another_to_a_veto(story: Story, tmp_path: Path) -> None:
    resume = tmp_path / "resume.pdf"
    resume.write_bytes(pdf("Seven years of back-end work. Ran the ledger of a bank."))
    nadia, viktor = Applicant("Nadia Novak", "nadia@candidates.example"), story.decided
    steps.open_a_position(story)

    steps.apply(story, nadia, resume)
    steps.review_the_resume(story, nadia)
    steps.screen_by_phone(story, nadia, date(2026, 3, 10))
    steps.compose_the_loop(story, nadia, date(2026, 3, 12))
    steps.write_feedback(story, nadia, date(2026, 3, 12), {"Irma": "Not inclined"})
    steps.debrief(story, nadia, date(2026, 3, 19))
    steps.decide_to_hire(story, nadia)
    raiser = story[nadia.bar_raiser]
    raiser.open(f"{nadia.path}/debrief")
    raiser.act("debrief.concur", {"Note": "The evidence carries it."})
    steps.call_references(story, nadia, date(2026, 3, 20))
    steps.make_the_offer(story, nadia, starts_on=date(2026, 5, 4), answer_by=date(2026, 3, 27))

    raiser, hector = story[viktor.bar_raiser], story["Hector"]
    raiser.open(f"{viktor.path}/debrief")
    raiser.act("debrief.veto", {"It rests on": ["Ownership"], "Reason": "Nothing shows that they saw it through."})
    hector.open(f"{viktor.path}/offer")
    assert "This application has ended" in hector.sees
    assert not hector.page.locator('form[data-action^="offer."]').count()
    for way in ("offer/prepare", "references/consent", "debrief/decision"):
        answer = sent_by_hand(hector, f"{viktor.path}/{way}")
        assert answer.status == 409, way
        assert "data-rule" in answer.text(), way
    hector.open(f"{viktor.path}/moves")
    assert "application.cool_off" in hector.stopped_by("application.reopen")

    steps.onboard(story, nadia, date(2026, 5, 4))
    hector.open(nadia.path)
    assert "hired" in hector.sees
    own_page = next(word for word in story.company.letter(nadia.email).split() if "/my/" in word)
    story.stranger().open(own_page.removeprefix(story.company.url))
    assert "Engineer, Payments" in story.stranger().sees
    assert "nclined" not in story.stranger().page.content(), "votes stay inside"

    amal, hanna = story["Amal"], story["Hanna"]
    amal.open("/audit")
    assert "veto" in amal.sees, "what was done stays on record"
    hanna.open("/funnel")
    assert "1 + 0 + 0 + 0 + 0 = 1" in hanna.sees, "of those who came to the offer, one was hired"

    assert len(story.people.keys() - {"a stranger"}) >= 7, "seven people, each signed in"
    # a refusal answers 409; a room left open for weeks asks for news and learns that its sign-in has expired
    expected = ("status of 409", "status of 401")
    assert not [words for words in story.company.complaints if not any(one in words for one in expected)]


def sent_by_hand(person: Person, path: str) -> APIResponse:
    """The answer to a form that no page offers any more."""
    token = person.page.locator('input[name="csrf_token"]').first.input_value()
    return person.page.request.post(
        person.company.url + path,
        form={
            "csrf_token": token,
            "submission_key": f"by hand {path}",
            "pay": "95000",
            "currency": "EUR",
            "starts_on": "2026-09-01",
            "answer_by": "2026-06-01",
            "source": "by mail",
            "decision": "hire",
            "reason": "All the same.",
        },
        max_redirects=0,
    )

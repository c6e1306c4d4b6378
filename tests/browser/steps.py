"""The steps of the loop as people walk them, page by page. Times are wall clocks of Berlin, where the cast sits."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from playwright.sync_api import Browser

from tests.browser.company import Company, until
from tests.browser.person import Answer, Person

BERLIN = ZoneInfo("Europe/Berlin")
PRINCIPLES = ("Ownership", "Dive Deep", "Deliver Results")
COMPETENCIES = ("System Design", "Coding", "Operations")
TESTS = {
    "Hector": ["Ownership", "System Design"],
    "Rita": ["Dive Deep", "Operations"],
    "Bar Raiser": ["Deliver Results", "Coding"],
    "Iris": ["Ownership", "System Design"],
    "Irma": ["Dive Deep", "Coding"],
}
"""Who tests what: each seat one principle and one competency, each of them tested at least once."""


@dataclass
class Story:
    """The company with everybody at their own browser, the position that they fill, and an earlier hire."""

    browser: Browser
    company: Company
    decided: "Applicant"
    people: dict[str, Person] = field(default_factory=dict)
    requisition: str = ""
    code: str = ""

    def __getitem__(self, name: str) -> Person:
        if name not in self.people:
            self.people[name] = Person(self.browser, self.company, name)
        return self.people[name]

    def stranger(self) -> Person:
        """A browser that nobody signs in with."""
        return self.people.setdefault("a stranger", Person(self.browser, self.company))

    def turn_to(self, day: date, clock: str) -> None:
        """Let it be this time in Berlin."""
        self.company.turn_to(datetime.combine(day, time.fromisoformat(clock), BERLIN))


@dataclass
class Applicant:
    """An application on its way; ``seats`` maps who holds one to its path, the Bar Raiser by name."""

    name: str
    email: str
    path: str = ""
    bar_raiser: str = ""
    seats: dict[str, str] = field(default_factory=dict)


# --- 1. Job Description -------------------------------------------------------------------------------------------


def open_a_position(story: Story) -> None:
    """From nothing to an open requisition: created, described, reviewed by a Bar Raiser, with two openings."""
    rita, hector = story["Rita"], story["Hector"]
    rita.open("/")
    rita.follow("Requisitions")
    rita.follow("New requisition")
    rita.act(
        "requisition.create",
        {
            "Title": "Engineer, Payments",
            "Team": "Payments",
            "Hiring manager": "hector@example.org",
            "Recruiter": "Rita",
            "Location": "Berlin",
            "Country": "DE",
        },
    )
    story.requisition = rita.path
    for _ in range(2):
        rita.act("opening.approve", {"Approved on": "2026-03-02"})
    assert "Open: it takes applications" not in rita.sees

    hector.open("/")
    hector.follow("Finish the description “Engineer, Payments”")
    assert hector.stopped_by("description.submit") == ["jd.complete"]
    hector.follow("Edit draft")
    hector.act("description.write", {"Level": "7", "Pay from": "80,000", "Pay to": "110,000", "Currency": "EUR"})
    assert hector.stopped_by("description.submit") == ["jd.complete"]
    assert "must-have" in hector.form("description.submit").inner_text()
    hector.follow("Edit draft")
    hector.act(
        "description.write",
        {
            "Summary": "Builds the ledger that every payment of our customers rests on, so that no cent is ever lost.",
            "Nobody would report to this position": True,
            "Outcomes of the first year": "The ledger reconciles every day\nOn-call load has halved",
            "Must-have qualifications": "Five years of back-end work\nHas run a ledger in production",
            "Leadership principles to test": list(PRINCIPLES),
            "Functional competencies": "\n".join(COMPETENCIES),
        },
    )
    assert not hector.stopped_by("description.submit")
    hector.act("description.submit")

    drawn = re.search(r"(\w+): waiting", hector.sees)
    assert drawn, "a Bar Raiser is drawn to review the description"
    reviewer = story[drawn[1]]
    reviewer.open("/")
    reviewer.follow("Review the description “Engineer, Payments”")
    points = reviewer.form("description.review").locator("label:has(+ textarea)").all_inner_texts()
    assert len(points) == 4
    verdict: dict[str, Answer] = dict.fromkeys(points, "Yes; I could hold a résumé against it.")
    reviewer.act("description.review", verdict | {"Verdict": "Approve this version"})
    rita.open(story.requisition)
    assert "Open: it takes applications" in rita.sees
    rita.follow("Careers page")
    story.code = rita.path


# --- 2. Résumé Review, 3. Phone Screen ----------------------------------------------------------------------------


def apply(story: Story, applicant: Applicant, resume: Path) -> None:
    """A stranger finds the position and applies."""
    stranger = story.stranger()
    stranger.open("/careers")
    stranger.follow("Engineer, Payments")
    stranger.follow("Apply")
    stranger.act(
        "application.apply",
        {
            "Your name": applicant.name,
            "E-mail": applicant.email,
            "Where you live": "Lisbon",
            "Your time zone": "Europe/Lisbon",
            "Résumé": resume,
            "I agree that my data is kept and read to decide on this application": True,
        },
    )
    assert "Thank you" in stranger.sees


def review_the_resume(story: Story, applicant: Applicant) -> None:
    """The recruiter cannot advance an unmarked résumé; then marks all and advances."""
    rita = story["Rita"]
    rita.open(f"{story.requisition}/resumes")
    rita.follow(applicant.name)
    applicant.path = rita.path.removesuffix("/resume-review")
    assert rita.stopped_by("resume.advance") == ["resume.against_description"]
    rita.act("resume.mark", dict.fromkeys(("Five years of back-end work", "Has run a ledger in production"), "Met"))
    rita.act("resume.advance")


def screen_by_phone(story: Story, applicant: Applicant, day: date) -> None:
    """The recruiter books the hiring manager's call; he chooses questions, calls, writes, and says yes."""
    rita, hector = story["Rita"], story["Hector"]
    page = f"{applicant.path}/screen"
    rita.open(page)
    rita.act("screen.book", {"Starts at": f"{day}T10:00", "Minutes": "45", "Where": "+351 555 0100"})
    hector.open(page)
    hector.act("screen.prepare", {"Your own": "Tell me about a time you found money missing."})
    story.turn_to(day, "10:50")
    hector.open(page)
    hector.act("screen.report", {"What happened": "Held"})
    hector.act(
        "screen.notes",
        {
            "Situation": "A ledger drifted by a cent a day.",
            "Task": "They owned the close.",
            "Action": "They compared both books entry by entry.",
            "Result": "The drift ended within a week.",
            "Summary": "Clear, specific, honest about what went wrong first.",
        },
    )
    hector.act("screen.decide", {"Go on with this candidate?": "Yes"})


# --- 4. In-House Interview ----------------------------------------------------------------------------------------


def compose_the_loop(story: Story, applicant: Applicant, day: date) -> None:
    """Rotation names the Bar Raiser; a too junior colleague is refused and replaced; then all fits."""
    rita, page = story["Rita"], f"{applicant.path}/loop"
    rita.open(page)
    rita.act("loop.compose")
    seated = rita.page.get_by_role("group", name="Seats of the loop")
    applicant.bar_raiser = (
        seated.locator("tr", has_text="Bar Raiser").filter(has_text="level").get_by_role("link").inner_text()
    )
    for name in ("Hector", "Rita", "Iris", "Juna"):
        rita.open(page)
        if not seated.get_by_role("link", name=name, exact=True).count():
            rita.act("loop.seat", {"Colleague's e-mail": f"{name.lower()}@example.org"})
    rita.open(page)
    assert "loop.level" in rita.stopped_by("loop.confirm")
    rita.follow("Juna")
    rita.act("loop.replace", {"Colleague's e-mail": "irma@example.org"})
    assert "loop.level" not in rita.stopped_by("loop.confirm")

    for hour, (part, items) in enumerate(TESTS.items(), 9):
        name = applicant.bar_raiser if part == "Bar Raiser" else part
        rita.open(page)
        rita.follow(name)
        applicant.seats[name] = rita.path
        rita.act("loop.slot", {"Starts at": f"{day}T{hour:02}:00", "Minutes": "45", "Where": "Room 1"})
        questions: dict[str, Answer] = {f"Question on {item}": _question(item) for item in items}
        rita.act("loop.plan", {"Tests": items} | questions)
    rita.open(page)
    assert rita.asked_why("loop.confirm") == ["loop.debrief_booked"]
    rita.act("loop.debrief", {"Starts at": f"{day}T16:00", "Minutes": "60"})
    assert not rita.stopped_by("loop.confirm") + rita.asked_why("loop.confirm")
    rita.act("loop.confirm")
    assert "Everything fits" not in rita.sees
    assert "Confirmed" in rita.sees
    for name in (applicant.bar_raiser, "Iris"):
        story[name].open(applicant.seats[name])
        story[name].act("loop.accept")


def _question(item: str) -> str:
    return f"Tell me about a time that showed your sense of {item}."


# --- 5. Written Feedback ------------------------------------------------------------------------------------------


def write_feedback(story: Story, applicant: Applicant, day: date, votes: Mapping[str, str]) -> None:
    """Each writes after their own interview, blind until their own is in.

    The last two say themselves that it was held; the worker ends the others at their scheduled end.
    """
    written: list[str] = []
    for hour, (name, seat) in enumerate(applicant.seats.items(), 9):
        story.turn_to(day, f"{hour:02}:47")
        person = story[name]
        if name in ("Iris", "Irma"):
            person.open(seat)
            person.act("loop.report", {"What happened": "It was held"})
        person.open(f"{applicant.path}/feedback")
        assert not [author for author in written if _summary(author) in person.page.content()], f"{name} reads ahead"
        person.open(f"{seat}/feedback")
        form = person.form("feedback.submit")
        for part in form.locator("fieldset.group").all():
            for label in ("Situation", "Task", "Action", "Result"):
                part.get_by_label(label, exact=True).fill(f"{label}: the books were a cent apart every day.")
            part.get_by_label("Meets the bar").check()
        vote = votes.get(name, "Inclined")
        person.act("feedback.submit", {"Summary": _summary(name), "Your vote": vote})
        person.open(f"{applicant.path}/feedback")
        assert all(_summary(author) in person.sees for author in [*written, name]), f"{name} reads all that is in"
        written.append(name)


def _summary(author: str) -> str:
    return f"{author} saw somebody who owns the books."


# --- 6. Debrief ---------------------------------------------------------------------------------------------------


def debrief(story: Story, applicant: Applicant, day: date) -> None:
    """Later than it should be, with the reason; from Gather to Decide: all read, all vote again, the board filled."""
    story.turn_to(day, "16:00")
    page, lead = f"{applicant.path}/debrief", story[applicant.bar_raiser]

    def all_is_in() -> str:
        lead.open(page)
        return "" if lead.stopped_by("debrief.open") else "yes"

    until(all_is_in)  # the worker ends each interview at its scheduled end
    assert lead.asked_why("debrief.open") == ["debrief.prompt"]
    lead.act("debrief.open", {"Reason for going on all the same": "I was travelling."})
    for name in applicant.seats:
        _in_the_room(story, name, page, "debrief.attend", {})
    lead.open(page)
    lead.act("debrief.advance")
    for name in applicant.seats:
        _in_the_room(story, name, page, "debrief.start_reading", {})
    lead.open(page)
    assert lead.stopped_by("debrief.advance") == ["debrief.read"]
    story.turn_to(day, "16:08")
    lead.open(page)
    lead.act("debrief.advance")
    for name in applicant.seats:
        _in_the_room(story, name, page, "debrief.revote", {"Your vote now": "Inclined"})
    lead.open(page)
    lead.act("debrief.advance")
    assert "debrief.board" in lead.stopped_by("debrief.advance")
    for item in PRINCIPLES + COMPETENCIES:
        evidence = "They compared both books until the drift ended."
        lead.act("debrief.mark", {"Principle or competency": item, "Mark": "Met", "Evidence": evidence})
    lead.act("debrief.advance")
    _in_the_room(story, "Iris", page, "debrief.note", {"Note": "The example with the ledger carries it."})
    lead.open(page)
    lead.act("debrief.advance")


def _in_the_room(story: Story, name: str, page: str, action: str, answers: Mapping[str, Answer]) -> None:
    person = story[name]
    person.open(page)
    if person.form(action).count():  # who opens the room has their place
        person.act(action, answers)


def decide_to_hire(story: Story, applicant: Applicant) -> None:
    """The hiring manager decides."""
    hector = story["Hector"]
    hector.open(f"{applicant.path}/debrief")
    hector.act("debrief.decide", {"Decision": "Hire", "Reason": "Raises the bar on ownership."})


# --- 7. Reference Check, 8. Offer through Onboarding --------------------------------------------------------------


def call_references(story: Story, applicant: Applicant, day: date) -> None:
    """With consent, two calls, clear."""
    story.turn_to(day, "10:00")
    rita, hector, page = story["Rita"], story["Hector"], f"{applicant.path}/references"
    rita.open(page)
    rita.act("reference.consent", {"How the candidate agreed": "by mail, this morning"})
    for name in ("Rosa Referee", "Rolf Referee"):
        rita.act("reference.add", {"Name": name, "How they worked together": "was their manager"})
    hector.open(page)
    assert hector.stopped_by("reference.decide")
    for name in ("Rosa Referee", "Rolf Referee"):
        hector.act(
            "reference.call",
            {
                "Would they hire this person again?": "Yes",
                "In which percentile of those they worked with?": "90",
                "What should we know?": "Would hire again tomorrow.",
            },
            within=hector.page.locator("article", has_text=name),
        )
    hector.act("reference.decide", {"Outcome": "Clear: go on to the offer"})


def make_the_offer(story: Story, applicant: Applicant, starts_on: date, answer_by: date) -> None:
    """Prepared by the recruiter; made, and answered, in person with the hiring manager."""
    rita, hector, page = story["Rita"], story["Hector"], f"{applicant.path}/offer"
    rita.open(page)
    terms = {"Pay a year": "95,000", "Currency": "EUR", "Start date": f"{starts_on}", "Answer by": f"{answer_by}"}
    rita.act("offer.prepare", terms)
    assert rita.stopped_by("offer.make"), "the hiring manager makes the offer, nobody else"
    hector.open(page)
    hector.act("offer.make", {"Where and when it was made in person": "Over lunch today."})
    story.turn_to(answer_by - timedelta(days=5), "11:00")
    hector.open(page)
    hector.act("offer.contact", {"What was said": "Asked about the team; sounded glad."})
    hector.act("offer.accept")


def onboard(story: Story, applicant: Applicant, starts_on: date) -> None:
    """The checklist is worked through; arrival cannot be confirmed before the day."""
    hector, page = story["Hector"], f"{applicant.path}/onboarding"
    hector.open(page)
    while hector.page.locator('form[data-action="onboarding.done"]').count():
        hector.act("onboarding.done")
    assert hector.stopped_by("hire.arrive") == ["hire.arrival"]
    story.turn_to(starts_on, "09:30")
    hector.open(page)
    hector.act("hire.arrive")

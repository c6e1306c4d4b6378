"""What the route table asks: everyone, every route at its places, and a valid form for every act."""

import io
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.conftest import Engine

NOW = datetime(2026, 3, 9, 12, 0, tzinfo=UTC)
"""The Monday after the loops: every feedback is due, offers are out, nothing has lapsed."""

PERSONAS: dict[str, str | None] = {
    "anonymous": None,
    "outsider": "olga",
    "candidate": None,
    "interviewer_before": "irma",
    "interviewer_after": "iris",
    "removed": "igor",
    "screener": "hilda",
    "shadow": "tara",
    "coordinator": "cora",
    "recruiter": "ron",
    "requisition_recruiter": "rita",
    "hiring_manager": "hector",
    "bar_raiser": "bea",
    "programme_owner": "priya",
    "head_of_recruiting": "hanna",
    "administrator": "amal",
    "internal_candidates_manager": "ada",
}
"""Who asks, and who of the cast that is; the candidate is nobody signed in, but holds their own link.

The internal candidate is Juna, who applies in the world's ``booked``; her manager is an administrator.
"""
INTERNAL_CANDIDATE = "Bert Booked"
"""Juna's name as a candidate, so that it is found beside the colleague's."""
PARTS = ("question", "situation", "task", "action", "result")
Ids = dict[str, dict[str, int | str]]


@dataclass
class World:
    """Ids and keys by route parameter and name, and a cookie per persona. Lives on one engine.

    What forms choose from: ``people`` by first name, ``items`` of the description, those ``assigned`` to Irma, its
    ``must_haves``, a ``team``, and a qualification ``record``.
    """

    engine: Engine
    ids: Ids = field(default_factory=dict)
    cookies: dict[str, str] = field(default_factory=dict)
    people: dict[str, int] = field(default_factory=dict)
    items: list[int] = field(default_factory=list)
    assigned: list[int] = field(default_factory=list)
    must_haves: list[int] = field(default_factory=list)
    team: int = 0
    record: int = 0

    def name(self, parameter: str, name: str, value: int | str) -> None:
        """Remember an id or key as the value of a route parameter."""
        self.ids.setdefault(parameter, {})[name] = value

    def reset(self) -> None:
        """Make the database what it was when the world was built."""
        self.engine.reset("world")

    def ask(self, persona: str, method: str, url: str, body: dict[str, Any] | None = None) -> TestResponse:
        """One request by one persona, with a browser that holds nothing but their cookie."""
        browser: FlaskClient = self.engine.app.test_client()
        if persona in self.cookies:
            browser.set_cookie("hiring", self.cookies[persona])
        sent = {name: value() if callable(value) else value for name, value in (body or {}).items()}
        return browser.open(url, method=method, data=sent or None)


Body = dict[str, Any] | Callable[[World], dict[str, Any]]
# --- Where each route is asked -------------------------------------------------------------------------------------

USUAL = {
    "action_id": "owed",
    "application_id": "focus",
    "attachment_id": "resume",
    "code": "open",
    "cord_id": "pulled",
    "description_id": "approved",
    "duplicate_id": "twin",
    "interview_id": "booked",
    "key": "own",
    "notice_id": "dead",
    "opening_id": "first",
    "person_id": "nora",
    "reference_id": "to_call",
    "requisition_id": "open",
    "review_id": "first",
    "screen_id": "screening",
    "seat_id": "iris",
    "shadow_id": "tara",
    "task_id": "owed",
}
PLACES: dict[str, tuple[dict[str, str], ...]] = {
    # by endpoint, else by room, else as usual; every page of an application is asked in focus besides
    "application.page": tuple({"application_id": name} for name in ("fresh", "debrief", "asked", "offered", "hired")),
    "careers.withdraw": ({}, {"application_id": "fresh"}),
    "cords.page": ({}, {"cord_id": "cleared"}),
    "debrief": ({"application_id": "debrief"},),
    "debrief.agree_to_reject": ({"application_id": "waiting"},),
    "debrief.concur": ({"application_id": "decided"},),
    "debrief.dissent": ({"application_id": "decided"},),
    "debrief.memo": ({"application_id": "checking"},),
    "debrief.open_": ({"application_id": "waiting"},),
    "debrief.page": ({"application_id": "debrief"}, {"application_id": "waiting"}, {"application_id": "checking"}),
    "hire": ({"application_id": "hired"},),
    "interview_loop": ({"application_id": "booked", "seat_id": "booked"},),
    "interview_loop.add_seat": ({"application_id": "looping"},),
    "interview_loop.compose": ({"application_id": "looping"},),
    "interview_loop.seat_page": ({"seat_id": "iris"}, {"seat_id": "igor"}, {"seat_id": "booked"}),
    "job_description.edit": ({"description_id": "draft"}, {"description_id": "approved"}),
    "job_description.page": ({}, {"description_id": "draft"}, {"description_id": "in_review"}),
    "job_description.reassign": ({"description_id": "in_review"},),
    "job_description.review": ({"description_id": "in_review"},),
    "job_description.submit": ({"description_id": "draft"},),
    "job_description.write": ({"description_id": "draft"},),
    "offer": ({"application_id": "offered"},),
    "offer.ask_exception": ({"application_id": "asked"},),
    "offer.grant_exception": ({"application_id": "asked"},),
    "offer.make": ({"application_id": "asked"},),
    "offer.page": ({"application_id": "offered"}, {"application_id": "asked"}, {"application_id": "hired"}),
    "offer.prepare": ({"application_id": "asked"},),
    "offer.refuse_exception": ({"application_id": "asked"},),
    "offer.renege": ({"application_id": "hired"},),
    "people.leaving": ({}, {"person_id": "iris"}),
    "phone_screen": ({"application_id": "screening"},),
    "reference_check": ({"application_id": "checking"},),
    "requisition.page": ({}, {"requisition_id": "draft"}),
    "resume_review": ({"application_id": "fresh"},),
    "sign_in": ({"key": "welcome"},),
    "transitions.adopt_level": ({"application_id": "decided"},),
    "transitions.reject": ({"application_id": "screening"},),
    "written_feedback.page": ({}, {"seat_id": "hector"}, {"seat_id": "irma"}, {"seat_id": "igor"}),
    "written_feedback.save": ({"seat_id": "irma"}, {"seat_id": "igor"}),
    "written_feedback.status": ({}, {"application_id": "debrief"}),
    "written_feedback.submit": ({"seat_id": "irma"},),
}
QUERIES = {"funnel.people": "?step=phone_screen"}

# --- What is sent: valid forms, so that an answer speaks of permission ---------------------------------------------

DAY = "2026-05-04"
REASON = {"reason": "A reason."}
TEXT = {"text": "A text."}
FIRST, NEWEST = {"version": "0"}, {"version": str(10**9)}
"""What a page sent that showed the row before any change of it; and a board before anybody adds to it."""
ASKED, HIRED = {"version": "1"}, {"version": "2"}
"""The offers of these applications as the world leaves them."""
COLLEAGUE = {"person": "nora@example.org"}
RESUME = {"resume": lambda: (io.BytesIO(b"Ten years of ledgers."), "cv.txt")}
APPLICANT = {"name": "Nils Neu", "email": "nils@candidates.example"}
DESCRIPTION = {"title": "Engineer", "currency": "EUR", "level": "7"}
PERSON = {
    "name": "Nora",
    "email": "nora@example.org",
    "title": "Engineer",
    "country": "DE",
    "level": "7",
    "time_zone": "Europe/Berlin",
    "works_from": "09:00",
    "works_until": "17:30",
}


def _feedback(world: World) -> dict[str, str]:
    texts = {f"item_{item}-{part}": "They rebuilt it." for item in world.assigned for part in PARTS}
    ratings = {f"item_{item}-rating": "meets" for item in world.assigned}
    return texts | ratings | {"summary": "Clear evidence.", "vote": "inclined"}


BODIES: dict[str, Body] = {
    "application.add_note": TEXT,
    "careers.apply": APPLICANT | RESUME | {"time_zone": "UTC", "consent": "y"},
    "careers.apply_internally": RESUME,
    "careers.refer": APPLICANT | {"how": "We worked together."},
    "cords.clear": {"cause": "No kit was sent.", "correction": "Kits go out a day before."},
    "cords.pull": {"what": "A protected topic was asked."},
    "cords.pull_requisition": {"what": "A conflict was hidden."},
    "debrief.accept_gap": lambda world: {"item": str(world.items[0])} | REASON,
    "debrief.agree_to_reject": TEXT,
    "debrief.decide": {"decision": "hire"} | REASON,
    "debrief.dissent": TEXT,
    "debrief.mark": lambda world: {"item": str(world.items[0]), "mark": "met", "evidence": "Rebuilt."} | NEWEST,
    "debrief.mark_absent": lambda world: {"person": str(world.people["iris"])} | REASON,
    "debrief.note": TEXT,
    "debrief.revote": {"vote": "inclined"},
    "debrief.veto": {"rests_on": "Ownership"} | REASON,
    "hire.add_task": {"what": "Order a laptop", "due_on": DAY},
    "hire.move_start": {"starts_on": DAY} | TEXT | HIRED,
    "hire.write_review": {
        "reached_0": "yes",
        "text_0": "It does.",
        "reached_1": "no",
        "text_1": "Not yet.",
        "lesson": "None: the outcomes were clear.",
    },
    "interview_loop.add_seat": COLLEAGUE,
    "interview_loop.add_shadow": COLLEAGUE,
    "interview_loop.book_debrief": {"starts_at": "2026-03-12T16:00", "minutes": "60"} | FIRST,
    "interview_loop.declare_conflict": {"person": "ilse@example.org", "kind": "family"} | REASON,
    "interview_loop.name_recruiter": {"person": "ron@example.org"},
    "interview_loop.plan": FIRST,
    "interview_loop.redraw": {"cause": "ill"} | REASON,
    "interview_loop.replace_seat": COLLEAGUE,
    "interview_loop.report": {"outcome": "held"},
    "interview_loop.set_slot": {"starts_at": "2026-03-12T10:00", "minutes": "45"} | FIRST,
    "interview_loop.vacate": {"cause": "ill"} | REASON,
    "interview_loop.withdraw_conflict": REASON,
    "job_description.adopt": lambda world: {"applications": str(world.ids["application_id"]["screening"])},
    "job_description.amend": DESCRIPTION,
    "job_description.reassign": REASON,
    "job_description.review": {
        "role_clear": "Yes.",
        "problem_sharp": "Yes.",
        "must_haves_testable": "Yes.",
        "risks": "None.",
        "verdict": "approve",
    },
    "job_description.write": DESCRIPTION,
    "lists.reject_many": lambda world: (
        {"chosen": str(world.ids["application_id"]["screening"]), "message": "No."} | REASON
    ),
    "offer.ask_exception": TEXT,
    "offer.contact": TEXT,
    "offer.decline": TEXT,
    "offer.extend": {"answer_by": "2026-03-25"},
    "offer.grant_exception": TEXT | ASKED,
    "offer.make": TEXT,
    "offer.prepare": {"pay": "90000", "currency": "EUR", "starts_on": DAY, "answer_by": "2026-03-25"},
    "offer.refuse_exception": TEXT | ASKED,
    "offer.renege": TEXT,
    "offer.rescind": TEXT,
    "office.change": {"key": "pipeline.reopen_days", "value": "20", "version": "30"} | REASON,
    "people.attest": {"record": "course", "on": "2026-01-05", "count": "1", "source": "register"},
    "people.create": PERSON | {"name": "Nils", "email": "nils@example.org"},
    "people.create_team": {"name": "Search Two", "department": "Search"},
    "people.grant": {"role": "coordinator"},
    "people.record": {"record": "course", "on": "2026-03-05"},
    "people.revoke": {"role": "coordinator"},
    "people.save": PERSON,
    "people.void": lambda world: {"record_id": str(world.record)} | REASON,
    "phone_screen.book": {"starts_at": "2026-03-12T10:00", "minutes": "45"},
    "phone_screen.decide": {"verdict": "yes", "following": "loop"},
    "phone_screen.notes": {"summary": "Clear."},
    "phone_screen.prepare": {"written": "Tell me about a time you failed."},
    "phone_screen.report": {"what": "held"},
    "reference_check.add": {"name": "Rita Referee", "relation": "former report"},
    "reference_check.call": {"would_hire_again": "yes", "percentile": "90", "notes": "Would hire again."},
    "reference_check.consent": {"source": "by mail"},
    "reference_check.decide": {"outcome": "clear"},
    "reference_check.waive": REASON,
    "requisition.add_opening": {"approved_on": "2026-03-05"},
    "requisition.create": lambda world: {
        "title": "Engineer",
        "team": str(world.team),
        "hiring_manager": "hector@example.org",
        "recruiter": str(world.people["rita"]),
    },
    "resume_review.add": APPLICANT | {"source": "sourced"},
    "resume_review.mark": lambda world: {f"mark_{each}": "met" for each in world.must_haves},
    "resume_review.reject": {"message": "Thank you."},
    "sign_in.change_zone": {"time_zone": "Europe/Berlin"},
    "sign_in.set_up": {"new": "a long walk by the river"},
    "transitions.change_owner": lambda world: (
        {
            "hiring_manager": "hector@example.org",
            "recruiter": str(world.people["ron"]),
        }
        | FIRST
    ),
    "transitions.close_requisition": {"message": "It is closed."},
    "transitions.hold": REASON,
    "transitions.hold_requisition": REASON,
    "transitions.move": lambda _: {"requisition": "R-4"} | REASON,
    "transitions.propose_level": {"level": "6"},
    "transitions.reject": REASON | {"message": "Thank you."},
    "transitions.reopen": REASON,
    "transitions.send_back": {"to": "phone_screen"} | REASON,
    "transitions.withdraw": REASON,
    "written_feedback.amend": TEXT,
    "written_feedback.save": _feedback,
    "written_feedback.save_practice": TEXT,
    "written_feedback.submit": _feedback,
    "written_feedback.submit_practice": TEXT,
}
ANSWERED_IN_WORDS = {"sign_in.enter", "sign_in.enter_as", "sign_in.change_password"}
"""Forms whose empty answer is 422 for everyone: what they ask is a secret, not a permission."""


# --- The rows ---------------------------------------------------------------


@dataclass(frozen=True)
class Row:
    """One route and method at one place."""

    endpoint: str
    method: str
    path: str
    named: tuple[tuple[str, str], ...]

    @property
    def key(self) -> tuple[str, str, str]:
        """What names the line of the table."""
        return self.endpoint, self.method, self.path

    def url(self, world: World, persona: str) -> str:
        """The address for this persona: only the candidate knows the key of their own page."""
        values: dict[str, Any] = {parameter: str(world.ids[parameter][name]) for parameter, name in self.named}
        if self.endpoint.startswith("careers.") and persona != "candidate" and "key" in values:
            values["key"] = "not-the-key"
        with world.engine.app.test_request_context():
            return str(world.engine.app.url_for(self.endpoint, **values)) + QUERIES.get(self.endpoint, "")


def routes(world: World) -> list[Row]:
    """Every route and method of the application at each of its places; static files belong to nobody."""
    found = {
        _row(rule.endpoint, method, rule.rule, rule.arguments, place)
        for rule in world.engine.app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        if not rule.endpoint.endswith("static")
        for place in _places(rule.endpoint, method, rule.arguments)
    }
    return sorted(found, key=lambda row: (row.endpoint, row.method, row.path))


def _places(endpoint: str, method: str, arguments: set[str]) -> list[dict[str, str]]:
    given = PLACES.get(endpoint) or PLACES.get(endpoint.partition(".")[0]) or ({},)
    besides: list[dict[str, str]] = [{}] if method == "GET" and "application_id" in arguments else []
    return [USUAL | place for place in [*given, *besides]]


def _row(endpoint: str, method: str, rule: str, arguments: set[str], place: dict[str, str]) -> Row:
    path = re.sub(r"<(?:\w+:)?(\w+)>", lambda match: "{" + place.get(match[1], match[1]) + "}", rule)
    return Row(endpoint, method, path, tuple(sorted((one, place[one]) for one in arguments if one in place)))

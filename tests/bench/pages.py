"""Every main page with who reads it and where; a test holds the list against the route table."""

from dataclasses import dataclass, field

from flask import Flask
from werkzeug.routing import BuildError

from tests.bench.landmarks import Landmarks

NOBODY = "nobody"


@dataclass(frozen=True)
class Page:
    """A page as one reader asks for it: at an application's ``place``, with a query, at values under other names.

    ``beyond``: how many pages of the list lie before this one.
    """

    name: str
    endpoint: str
    reader: str
    place: str = ""
    query: str = ""
    named: dict[str, str] = field(default_factory=dict)
    beyond: int = 0

    def address(self, app: Flask, marks: Landmarks) -> str:
        """The address in a company with these landmarks; raises KeyError for one that it lacks."""
        rule = next(app.url_map.iter_rules(self.endpoint))
        values = {one: marks.value(self.named.get(one, one), self.place) for one in rule.arguments}
        query = self.query
        for named, value in (("{requisition}", "requisition_id"), ("{called}", "called")):
            if named in query:
                query = query.replace(named, str(marks.value(value, self.place)))
        try:
            with app.test_request_context():
                return str(app.url_for(self.endpoint, **values)) + query
        except BuildError as error:
            raise KeyError(self.endpoint) from error


def _debriefs() -> list[Page]:
    asked = [
        *(("gathering", who) for who in ("bar_raiser", "hiring_manager")),
        *(("reading", who) for who in ("bar_raiser", "interviewer")),
        ("revoting", "interviewer"),
        *(("boarding", who) for who in ("bar_raiser", "interviewer")),
        ("discussing", "interviewer"),
        *(("deciding", who) for who in ("bar_raiser", "hiring_manager")),
        *(("checking", who) for who in ("recruiter", "bar_raiser")),
    ]
    return [Page(f"debrief, {place}, {who}", "debrief.page", who, place) for place, who in asked]


PAGES = [
    # One's own
    *(
        Page(f"desk, {who}", "desk.page", who, place)
        for who, place in (
            ("recruiter", "fresh"),
            ("hiring_manager", "checking"),
            ("bar_raiser", "gathering"),
            ("interviewer_before", "writing"),
            ("coordinator", ""),
            ("administrator", ""),
            ("programme_owner", ""),
            ("head", ""),
        )
    ),
    Page("account", "sign_in.account", "recruiter", "fresh"),
    # Lists
    Page("dashboard", "lists.dashboard", "recruiter", "fresh"),
    Page("dashboard, mine", "lists.dashboard", "recruiter", "fresh", "?mine=1"),
    Page("dashboard, counts only", "lists.dashboard", "head"),
    Page("dashboard, third page", "lists.dashboard", "recruiter", "fresh", beyond=2),
    Page("applications", "lists.applications", "recruiter", "fresh"),
    Page("applications, third page", "lists.applications", "recruiter", "fresh", beyond=2),
    Page("applications, interviewer", "lists.applications", "interviewer", "writing"),
    Page("applications, hiring manager", "lists.applications", "hiring_manager", "checking"),
    Page("applications, administrator", "lists.applications", "administrator"),
    Page("applications, step", "lists.applications", "recruiter", "fresh", "?step=phone_screen"),
    Page("applications, requisition", "lists.applications", "recruiter", "fresh", "?requisition={requisition}"),
    Page("applications, ended", "lists.applications", "recruiter", "fresh", "?state=ended"),
    Page("applications, ended, step", "lists.applications", "recruiter", "fresh", "?state=ended&step=offer"),
    Page("applications, ended, sixth page", "lists.applications", "recruiter", "fresh", "?state=ended", beyond=5),
    Page("applications, ended, interviewer", "lists.applications", "interviewer", "writing", "?state=ended"),
    Page("applications, ended, coordinator", "lists.applications", "coordinator", "", "?state=any"),
    Page("applications, a name", "lists.applications", "recruiter", "fresh", "?q=Nadia"),
    Page("applications, a name, any state", "lists.applications", "recruiter", "fresh", "?state=any&q={called}"),
    Page("applications, no such name", "lists.applications", "recruiter", "fresh", "?state=any&q=Zyxwvut"),
    Page("requisitions", "requisition.listing", "recruiter", "fresh"),
    Page("requisitions, any state", "requisition.listing", "recruiter", "fresh", "?status=any"),
    Page("requisitions, third page", "requisition.listing", "recruiter", "fresh", "?status=any", beyond=2),
    Page("requisitions, mine", "requisition.listing", "hiring_manager", "checking", "?mine=1"),
    # Requisition and description
    Page("requisition", "requisition.page", "recruiter", "fresh"),
    Page("requisition, a stranger to it", "requisition.page", "interviewer", "writing"),
    Page("requisition, draft", "requisition.page", "hiring_manager", "draft"),
    Page("requisition, new", "requisition.new", "recruiter", "fresh"),
    Page("requisition's moves", "transitions.requisition_moves", "recruiter", "fresh"),
    Page("requisition's cord", "cords.pull_requisition_page", "recruiter", "fresh"),
    Page("description", "job_description.page", "hiring_manager", "fresh"),
    Page("description, draft", "job_description.page", "hiring_manager", "draft"),
    Page("description, in review", "job_description.page", "recruiter", "in_review"),
    Page("description, edit", "job_description.edit", "hiring_manager", "draft"),
    # One application
    *(
        Page(f"application, {place}", "application.page", who, place)
        for place, who in (
            ("fresh", "recruiter"),
            ("screening", "hiring_manager"),
            ("booked", "coordinator"),
            ("writing", "interviewer"),
            ("checking", "bar_raiser"),
            ("offered", "hiring_manager"),
            ("ended", "coordinator"),
        )
    ),
    Page("moves", "transitions.moves", "recruiter", "writing"),
    Page("cord, pull", "cords.pull_page", "recruiter", "writing"),
    Page("cord", "cords.page", "administrator"),
    Page("résumé queue", "resume_review.queue", "recruiter", "fresh"),
    Page("résumé review", "resume_review.page", "recruiter", "fresh"),
    Page("résumé review, passed", "resume_review.page", "hiring_manager", "screening"),
    Page("résumé", "resume_review.download", "recruiter", "fresh"),
    Page("candidate, new", "resume_review.new", "recruiter", "fresh"),
    Page("phone screen", "phone_screen.page", "hiring_manager", "screening"),
    Page("phone screen, recruiter", "phone_screen.page", "recruiter", "screening"),
    Page("loop, composing", "interview_loop.page", "recruiter", "composing"),
    Page("loop, booked", "interview_loop.page", "recruiter", "booked"),
    Page("loop, coordinator", "interview_loop.page", "coordinator", "booked"),
    Page("loop, interviewer", "interview_loop.page", "interviewer", "writing"),
    Page("seat, composing", "interview_loop.seat_page", "recruiter", "composing"),
    Page("seat, booked", "interview_loop.seat_page", "recruiter", "booked"),
    Page("seat, own", "interview_loop.seat_page", "interviewer", "writing", named={"seat_id": "interviewer_seat_id"}),
    Page(
        "feedback form",
        "written_feedback.page",
        "interviewer_before",
        "writing",
        named={"seat_id": "interviewer_before_seat_id"},
    ),
    Page(
        "feedback, submitted",
        "written_feedback.page",
        "interviewer",
        "writing",
        named={"seat_id": "interviewer_seat_id"},
    ),
    Page("feedback's state", "written_feedback.status", "interviewer", "writing"),
    Page("feedback's state, recruiter", "written_feedback.status", "recruiter", "checking"),
    Page("practice feedback", "written_feedback.practice", "shadow"),
    *_debriefs(),
    Page("debrief's reading", "debrief.reading", "interviewer", "reading"),
    Page("decision memo", "debrief.memo", "recruiter", "checking"),
    Page("references", "reference_check.page", "hiring_manager", "checking"),
    Page("references, recruiter", "reference_check.page", "recruiter", "checking"),
    Page("offer", "offer.page", "hiring_manager", "offered"),
    Page("offer, accepted", "offer.page", "recruiter", "accepted"),
    Page("onboarding", "hire.onboarding_page", "hiring_manager", "accepted"),
    Page("reviews of the hire", "hire.reviews", "hiring_manager", "accepted"),
    # People
    Page("people", "people.index", "administrator"),
    Page("people, third page", "people.index", "administrator", beyond=2),
    Page("people, a name", "people.index", "recruiter", "fresh", "?q=Nadia"),
    Page("people, Bar Raisers", "people.index", "programme_owner", "", "?standing=bar_raiser"),
    Page("person", "people.person", "recruiter", "fresh", named={"person_id": "somebody"}),
    Page("person, administrator", "people.person", "administrator", named={"person_id": "somebody"}),
    Page("person, edit", "people.edit", "administrator", named={"person_id": "somebody"}),
    Page("person, handover", "people.leaving", "administrator", named={"person_id": "somebody"}),
    Page("person, new", "people.new", "administrator"),
    Page("teams", "people.teams", "administrator"),
    Page("training", "people.training", "programme_owner"),
    # Figures and the process
    Page("funnel", "funnel.page", "head"),
    Page("funnel, a year", "funnel.page", "recruiter", "fresh", "?first=2025-11-01&last=2026-10-31"),
    Page("funnel, requisition", "funnel.page", "recruiter", "fresh", "?requisition={requisition}"),
    Page("funnel's chart", "funnel.picture", "head"),
    Page("funnel's people", "funnel.people", "recruiter", "fresh", "?step=phone_screen"),
    Page("funnel's people, open", "funnel.people", "recruiter", "fresh", "?step=debrief&outcome=open"),
    Page("funnel's people, third page", "funnel.people", "recruiter", "fresh", "?step=resume_review", beyond=2),
    Page("funnel's people, head", "funnel.people", "head", "", "?step=phone_screen"),
    Page("rulebook", "office.rules", "recruiter", "fresh"),
    Page("settings", "office.settings", "administrator"),
    Page("audit", "office.audit", "administrator"),
    Page("mails", "mails.page", "administrator"),
    Page("audit, third page", "office.audit", "administrator", beyond=2),
    # Outside
    Page("careers", "careers.listing", NOBODY),
    Page("careers, third page", "careers.listing", NOBODY, beyond=2),
    Page("careers, words", "careers.listing", NOBODY, "", "?q=engineer"),
    Page("position", "careers.position", NOBODY, "fresh"),
    Page("apply", "careers.application", NOBODY, "fresh"),
    Page("applied", "careers.applied", NOBODY, "fresh"),
    Page("apply internally", "careers.internal_application", "interviewer", "writing"),
    Page("refer", "careers.referral", "interviewer", "writing"),
    Page("referred", "careers.referred", "interviewer", "writing"),
    Page("candidate's own page", "careers.own_page", NOBODY, named={"key": "own_key"}),
    Page("sign in", "sign_in.page", NOBODY),
    Page("welcome", "sign_in.welcome", NOBODY, named={"key": "welcome_key"}),
    Page("alive", "health.lives", NOBODY),
    Page("ready", "health.ready", NOBODY),
]
FLOOR = Page("the floor: layout and one query", "floor.page", "recruiter", "fresh")

"""An application at any step, built by inserting what earlier steps would have left behind.

Rooms test their own step from here without walking the whole loop; the walk itself is tested in the browser. Moves go
through the spine's own actions, so visits and counts are right.
"""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from sqlalchemy.orm import joinedload

from hiring.ground.database import db, writing
from hiring.pipeline import actions as spine
from hiring.pipeline.models import Application, Opening, Requisition
from hiring.pipeline.rules import Part, RequisitionStatus, Source, Step
from hiring.steps.debrief.models import Attendance, BoardEntry, Meeting
from hiring.steps.debrief.rules import BoardMark, Decision, Phase
from hiring.steps.interview_loop.course import note_submitted
from hiring.steps.interview_loop.models import Assignment, BarRaiserDraw, Interview, Loop, Seat
from hiring.steps.interview_loop.rules import InterviewState, LoopState, SeatKind, SeatState
from hiring.steps.job_description.models import (
    Adoption,
    DescriptionReview,
    JobDescription,
    MustHave,
    Principle,
    TestedItem,
)
from hiring.steps.job_description.rules import ItemKind, Status, Verdict
from hiring.steps.offer.models import Offer
from hiring.steps.offer.rules import OfferState
from hiring.steps.phone_screen.models import PhoneScreen, ScreenQuestion
from hiring.steps.phone_screen.rules import ScreenState, ScreenVerdict
from hiring.steps.reference_check.models import Reference, ReferenceCheck
from hiring.steps.reference_check.rules import ReferenceOutcome
from hiring.steps.resume_review.models import MustHaveMark
from hiring.steps.resume_review.rules import Mark
from hiring.steps.written_feedback.models import Feedback, FeedbackItem
from hiring.steps.written_feedback.rules import FeedbackState, Rating, Vote
from tests.cast import Cast

APPLIED = datetime(2026, 2, 23, 9, 0, tzinfo=UTC)
LOOP_DAY = datetime(2026, 3, 3, 8, 0, tzinfo=UTC)
"""The Tuesday of the loop: interviews start hourly at 08:00 UTC (09:00 in Berlin), 45 minutes each."""
SEATS = (
    ("hector", SeatKind.HIRING_MANAGER),
    ("rita", SeatKind.RECRUITER),
    ("bea", SeatKind.BAR_RAISER),
    ("iris", SeatKind.INTERVIEWER),
    ("irma", SeatKind.INTERVIEWER),
)
PRINCIPLES = ("Customer Obsession", "Ownership", "Dive Deep", "Deliver Results")
COMPETENCIES = ("System Design", "Coding")


@dataclass
class Built:
    """Ids of what was built; ``seats`` by the person's first name, ``items`` by name."""

    requisition_id: int
    description_id: int
    application_id: int = 0
    loop_id: int = 0
    meeting_id: int = 0
    offer_id: int = 0
    seats: dict[str, int] = field(default_factory=dict)
    items: dict[str, int] = field(default_factory=dict)

    @property
    def application(self) -> Application:
        """The application, as it is now."""
        whole = (joinedload(Application.candidate), joinedload(Application.requisition))
        return db.session.get_one(Application, self.application_id, options=whole, populate_existing=True)


def requisition(cast: Cast, *, code: str = "R-1", openings: int = 1, level: int = 7) -> Built:
    """An open requisition with an approved description: four principles, two competencies, two must-haves."""
    with writing():
        row = Requisition(
            code=code,
            title="Senior Engineer, Payments",
            team_id=cast.hector.team_id,
            location="Berlin",
            country="DE",
            hiring_manager_id=cast.hector.id,
            recruiter_id=cast.rita.id,
            status=RequisitionStatus.OPEN,
            openings=openings,
            created_at=APPLIED - timedelta(days=30),
            opened_at=APPLIED - timedelta(days=20),
        )
        db.session.add(row)
        db.session.flush()
        for _ in range(openings):
            db.session.add(Opening(requisition_id=row.id, approved_on=date(2026, 1, 20), approved_by=cast.dana.id))
        description = JobDescription(
            requisition_id=row.id,
            number=1,
            status=Status.APPROVED,
            title=row.title,
            level=level,
            location="Berlin",
            pay_low=8_000_000,
            pay_high=11_000_000,
            currency="EUR",
            summary="Builds the ledger that customers trust.",
            outcomes=["Ledger reconciles daily", "On-call load halves"],
            reports_stated=True,
            written_by=cast.hector.id,
            created_at=row.created_at,
            submitted_at=row.created_at,
            approved_at=row.opened_at,
            approved_by=cast.bea.id,
            must_haves=[MustHave(place=1, text="Five years of back-end work"), MustHave(place=2, text="Ran a ledger")],
        )
        db.session.add(description)
        db.session.flush()
        built = Built(row.id, description.id)
        for place, name in enumerate(PRINCIPLES + COMPETENCIES, 1):
            principle = _principle(name, place) if name in PRINCIPLES else None
            item = TestedItem(
                description_id=description.id,
                place=place,
                kind=ItemKind.PRINCIPLE if principle else ItemKind.COMPETENCY,
                name=name,
                principle_id=principle.id if principle else None,
            )
            db.session.add(item)
            db.session.flush()
            built.items[name] = item.id
        db.session.add(
            DescriptionReview(
                description_id=description.id,
                reviewer_id=cast.bea.id,
                assigned_at=row.created_at,
                due_on=date(2026, 2, 1),
                verdict=Verdict.APPROVE,
                role_clear="Yes.",
                problem_sharp="Yes.",
                must_haves_testable="Yes.",
                risks="None seen.",
                at=row.opened_at,
            )
        )
        row.description_id = description.id
    return built


def _principle(name: str, place: int) -> Principle:
    found = db.session.query(Principle).filter_by(name=name).one_or_none()
    if found is None:
        found = Principle(name=name, meaning=f"What {name} means.", place=place)
        db.session.add(found)
        db.session.flush()
    return found


def application_at(
    cast: Cast,
    step: Step,
    *,
    on: Built | None = None,
    name: str = "Nadia Novak",
    email: str | None = None,
    votes: Vote = Vote.INCLINED,
    held: bool = True,
) -> Built:
    """An application that has just entered ``step``.

    INTERVIEW_LOOP: a Bar Raiser is drawn, nothing else. WRITTEN_FEEDBACK: loop confirmed; interviews held unless
    ``held`` is False (then the step stays INTERVIEW_LOOP with booked interviews); feedback missing. DEBRIEF: all
    feedback submitted with ``votes``. REFERENCE_CHECK: decided hire, concurred. OFFER: references clear.
    """

    def build() -> Built:
        built = on or requisition(cast)
        with writing():
            _walk(cast, built, step, name, email, votes, held)
        return built

    return build() if on else cast.made(f"application_at({step}, {name}, {email}, {votes}, {held})", build)


def _walk(cast: Cast, built: Built, step: Step, name: str, email: str | None, votes: Vote, held: bool) -> None:
    candidate = spine.add_candidate(
        name, email or f"{name.split()[0].lower()}@candidates.example", now=APPLIED, time_zone="Europe/Berlin"
    )
    application = spine.start_application(
        candidate, built.requisition_id, source=Source.CAREERS, actor_id=None, now=APPLIED
    )
    db.session.add(Adoption(application_id=application.id, description_id=built.description_id, at=APPLIED))
    built.application_id = application.id
    if step.place > Step.RESUME_REVIEW.place:
        _pass_review(cast, built, application)
    if step.place > Step.PHONE_SCREEN.place:
        _pass_screen(cast, application)
    if step.place >= Step.INTERVIEW_LOOP.place:
        draw = BarRaiserDraw(application_id=application.id, person_id=cast.bea.id, drawn_at=APPLIED, candidates=2)
        db.session.add(draw)
    if step.place > Step.INTERVIEW_LOOP.place:
        _hold_loop(cast, built, application, held=held)
    if step.place > Step.WRITTEN_FEEDBACK.place:
        give_feedback(built, votes=votes)
        spine.advance(application, Step.DEBRIEF, actor_id=None, now=LOOP_DAY + timedelta(hours=5))
    if step.place > Step.DEBRIEF.place:
        _decide(cast, built, application)
    if step.place > Step.REFERENCE_CHECK.place:
        _check_references(cast, application)


def _pass_review(cast: Cast, built: Built, application: Application) -> None:
    for must_have in db.session.query(MustHave).filter_by(description_id=built.description_id):
        db.session.add(
            MustHaveMark(
                application_id=application.id,
                must_have_id=must_have.id,
                mark=Mark.MET,
                by=cast.rita.id,
                at=APPLIED + timedelta(hours=1),
            )
        )
    spine.advance(application, Step.PHONE_SCREEN, actor_id=cast.rita.id, now=APPLIED + timedelta(hours=1))


def passed_screen(cast: Cast, application_id: int, start: datetime) -> None:
    """A call that Hector held and answered with yes; nothing moves on by it."""
    visit = spine.queries.open_visit(application_id)
    assert visit is not None
    db.session.add(
        PhoneScreen(
            application_id=application_id,
            visit_id=visit.id,
            screener_id=cast.hector.id,
            starts_at=start,
            ends_at=start + timedelta(minutes=45),
            zone="Europe/Berlin",
            state=ScreenState.HELD,
            verdict=ScreenVerdict.YES,
            summary="Clear, specific examples.",
            decided_at=start + timedelta(hours=1),
            questions=[ScreenQuestion(place=1, text="Tell me about a time you disagreed.", situation="…")],
        )
    )


def _pass_screen(cast: Cast, application: Application) -> None:
    start = APPLIED + timedelta(days=2)
    passed_screen(cast, application.id, start)
    spine.join(application.id, cast.hector.id, Part.SCREENER, now=APPLIED)
    spine.advance(application, Step.INTERVIEW_LOOP, actor_id=cast.hector.id, now=start + timedelta(hours=1))


def _hold_loop(cast: Cast, built: Built, application: Application, *, held: bool) -> None:
    loop = Loop(
        application_id=application.id,
        state=LoopState.OVER if held else LoopState.CONFIRMED,
        debrief_starts_at=LOOP_DAY + timedelta(hours=7),
        debrief_ends_at=LOOP_DAY + timedelta(hours=8),
        confirmed_at=APPLIED + timedelta(days=4),
        ended_at=LOOP_DAY + timedelta(hours=4, minutes=45) if held else None,
    )
    db.session.add(loop)
    db.session.flush()
    built.loop_id = loop.id
    names = list(built.items)
    for index, (key, kind) in enumerate(SEATS):
        start = LOOP_DAY + timedelta(hours=index)
        person = getattr(cast, key)
        seat = Seat(loop_id=loop.id, person_id=person.id, kind=kind, state=SeatState.HELD)
        seat.assignments = [
            Assignment(item_id=built.items[names[(index + offset) % len(names)]], question=f"Question {index}{offset}?")
            for offset in (0, 1)
        ]
        db.session.add(seat)
        db.session.flush()
        built.seats[key] = seat.id
        ends = start + timedelta(minutes=45)
        interview = Interview(
            seat_id=seat.id,
            starts_at=start,
            ends_at=ends,
            zone="Europe/Berlin",
            where="Room 1",
            state=InterviewState.HELD if held else InterviewState.BOOKED,
            ended_at=ends if held else None,
            due_at=ends + timedelta(minutes=15) if held else None,
            policy_version=0,
        )
        db.session.add(interview)
        db.session.flush()
        source = f"interview:{interview.id}"
        spine.book(start, ends + timedelta(minutes=15), purpose="interview", source=source, person_id=person.id)
        spine.book(start, ends, purpose="interview", source=source, candidate_id=application.candidate_id)
        part = Part.BAR_RAISER if kind is SeatKind.BAR_RAISER else Part.SEAT
        spine.join(application.id, person.id, part, now=APPLIED + timedelta(days=4))
    if held:
        spine.advance(application, Step.WRITTEN_FEEDBACK, actor_id=None, now=loop.ended_at or LOOP_DAY)


def give_feedback(built: Built, *, votes: Vote = Vote.INCLINED, seats: tuple[str, ...] | None = None) -> None:
    """Submit complete feedback for these seats (all, unless named), five minutes after each interview."""
    application = db.session.get_one(Application, built.application_id)
    for key, seat_id in built.seats.items():
        if seats is not None and key not in seats:
            continue
        seat = db.session.get_one(Seat, seat_id)
        interview = seat.interviews[-1]
        at = interview.ends_at + timedelta(minutes=5)
        row = Feedback(
            seat_id=seat_id,
            author_id=seat.person_id,
            state=FeedbackState.DRAFT,
            summary=f"Summary by {key}.",
            vote=votes,
            started_at=interview.starts_at,
            saved_at=at,
            due_at=interview.due_at,
        )
        db.session.add(row)
        db.session.flush()
        for assignment in seat.assignments:
            db.session.add(
                FeedbackItem(
                    feedback_id=row.id,
                    item_id=assignment.item_id,
                    question=assignment.question,
                    situation="Their ledger drifted by a cent a day.",
                    task="They owned the close.",
                    action="They rebuilt the reconciliation.",
                    result="The drift ended within a week.",
                    rating=Rating.MEETS,
                )
            )
        db.session.flush()  # the evidence first: the database takes none once it is submitted
        row.state, row.submitted_at, row.late = FeedbackState.SUBMITTED, at, False
        note_submitted(application, seat, at)
    db.session.flush()


def _decide(cast: Cast, built: Built, application: Application) -> None:
    at = LOOP_DAY + timedelta(hours=8)
    visit = spine.queries.open_visit(application.id)
    assert visit is not None
    meeting = Meeting(
        application_id=application.id,
        visit_id=visit.id,
        description_id=built.description_id,
        phase=Phase.DONE,
        chair_id=cast.bea.id,
        gathered_at=at - timedelta(hours=1),
        phase_at=at,
        decision=Decision.HIRE,
        reason="Raises the bar on ownership.",
        decided_by=cast.hector.id,
        decided_at=at,
        concurred_by=cast.bea.id,
        concurred_at=at,
        done_at=at,
    )
    db.session.add(meeting)
    db.session.flush()
    built.meeting_id = meeting.id
    for key, _ in SEATS:
        db.session.add(
            Attendance(
                meeting_id=meeting.id,
                person_id=getattr(cast, key).id,
                present_at=at - timedelta(hours=1),
                reading_since=at - timedelta(minutes=50),
                revote=Vote.INCLINED,
                revoted_at=at - timedelta(minutes=30),
            )
        )
    for item_id in built.items.values():
        db.session.add(
            BoardEntry(meeting_id=meeting.id, item_id=item_id, mark=BoardMark.MET, evidence="Shown.", by=cast.bea.id)
        )
    application.decided_at = at
    spine.advance(application, Step.REFERENCE_CHECK, actor_id=cast.bea.id, now=at)


def _check_references(cast: Cast, application: Application) -> None:
    at = LOOP_DAY + timedelta(days=1)
    visit = spine.queries.open_visit(application.id)
    assert visit is not None
    check = ReferenceCheck(
        application_id=application.id,
        visit_id=visit.id,
        consent_at=at,
        consent_source="by mail",
        outcome=ReferenceOutcome.CLEAR,
        decided_by=cast.hector.id,
        decided_at=at,
    )
    db.session.add(check)
    db.session.flush()
    for name in ("Rosa Referee", "Rolf Referee"):
        db.session.add(
            Reference(
                check_id=check.id,
                name=name,
                relation="former manager",
                called_at=at,
                called_by=cast.hector.id,
                would_hire_again=True,
                percentile=90,
                notes="Would hire again tomorrow.",
            )
        )
    spine.advance(application, Step.OFFER, actor_id=cast.hector.id, now=at)


def offer_made(cast: Cast, built: Built, *, accepted: bool = False) -> None:
    """Put an offer out on an application in the last step (accepted, if asked)."""
    with writing():
        application = spine.queries.lock_application(built.application_id)
        at = LOOP_DAY + timedelta(days=2)
        offer = Offer(
            application_id=application.id,
            meeting_id=built.meeting_id,
            state=OfferState.ACCEPTED if accepted else OfferState.MADE,
            pay=9_500_000,
            currency="EUR",
            starts_on=date(2026, 5, 4),
            answer_by=date(2026, 3, 20),
            prepared_by=cast.hector.id,
            prepared_at=at,
            made_by=cast.hector.id,
            made_at=at,
            accepted_at=at + timedelta(days=1) if accepted else None,
        )
        db.session.add(offer)
        db.session.flush()
        spine.take_offer(application, offer.id, now=at)
        if accepted:
            application.offer_accepted_at = offer.accepted_at
        built.offer_id = offer.id

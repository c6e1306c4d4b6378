"""The later half of the route table's world: debriefs, references, offers, a hire, and who stands around a loop."""

from datetime import date, timedelta
from typing import Any

from sqlalchemy import delete

from hiring.ground.database import db, writing
from hiring.pipeline import actions as spine
from hiring.pipeline import queries as applications
from hiring.pipeline.models import Booking
from hiring.pipeline.rules import Part, Step
from hiring.steps.debrief.models import Attendance, BoardEntry, DiscussionNote, Meeting
from hiring.steps.debrief.rules import BoardMark, Decision, Phase
from hiring.steps.interview_loop.models import Loop, Seat, Shadow
from hiring.steps.interview_loop.rules import SeatKind, SeatState
from hiring.steps.job_description.models import JobDescription
from hiring.steps.job_description.rules import Status
from hiring.steps.offer import onboarding
from hiring.steps.offer.models import HireReview, Offer, OnboardingTask
from hiring.steps.offer.rules import OfferState
from hiring.steps.reference_check.models import Reference, ReferenceCheck
from hiring.steps.written_feedback.models import Amendment, Feedback
from hiring.steps.written_feedback.rules import Vote
from tests.builders import LOOP_DAY, SEATS, Built, application_at, offer_made
from tests.cast import Cast
from tests.routes import NOW, World


def company(world: World, cast: Cast, built_: Built, name: str) -> None:
    """Who stands around a loop besides its seats: Hilda, Tara, and Igor who was taken off it."""
    world.name("application_id", name, built_.application_id)
    with writing():
        spine.join(built_.application_id, cast.hilda.id, Part.SCREENER, now=LOOP_DAY)
        if not built_.loop_id:
            return
        spine.join(built_.application_id, cast.igor.id, Part.SEAT, now=LOOP_DAY)
        spine.leave(built_.application_id, cast.igor.id, Part.SEAT, now=LOOP_DAY)
        spine.join(built_.application_id, cast.tara.id, Part.SHADOW, now=LOOP_DAY)
        db.session.add(Shadow(seat_id=built_.seats["iris"], person_id=cast.tara.id))
        db.session.add(
            Seat(
                loop_id=built_.loop_id,
                person_id=cast.igor.id,
                kind=SeatKind.INTERVIEWER,
                state=SeatState.REMOVED,
                left_at=LOOP_DAY,
                left_reason="Called away.",
                left_by=cast.cora.id,
            )
        )
        db.session.execute(delete(Booking))  # several loops share one day here; who sees what is not about calendars


def again(first: Built) -> Built:
    """Another application to the same requisition and description."""
    return Built(first.requisition_id, first.description_id, items=first.items)


def version_of(cast: Cast, built_: Built, number: int, status: Status, **details: Any) -> JobDescription:
    """Another version of a requisition's description, approved once."""
    row = JobDescription(
        requisition_id=built_.requisition_id,
        number=number,
        status=status,
        title="Senior Engineer, Payments",
        written_by=cast.hector.id,
        created_at=LOOP_DAY,
        approved_at=LOOP_DAY,
        approved_by=cast.bea.id,
        **details,
    )
    db.session.add(row)
    db.session.flush()
    return row


# --- Debrief -------------------------------------------------------------------------------------------------------


def add_debriefs(world: World, cast: Cast, first: Built) -> None:
    waiting = application_at(cast, Step.DEBRIEF, on=again(first), name="Will Waiting")
    company(world, cast, waiting, "waiting")
    debrief = application_at(cast, Step.DEBRIEF, on=again(first), name="Dora Debrief")
    company(world, cast, debrief, "debrief")
    _meet(cast, debrief)
    decided = application_at(cast, Step.DEBRIEF, on=again(first), name="Dirk Decided")
    company(world, cast, decided, "decided")
    _meet(cast, decided, Decision.HIRE)
    with writing():
        wanted = {"level": 6, "proposed_level": True, "application_id": decided.application_id}
        version_of(cast, first, 3, Status.APPROVED, **wanted)


def _meet(cast: Cast, built_: Built, decision: Decision | None = None) -> None:
    """A meeting in Decide, at which everything was said in canaries."""
    visit = applications.open_visit(built_.application_id)
    assert visit is not None
    at = NOW - timedelta(hours=2)
    with writing():
        meeting = Meeting(
            application_id=built_.application_id,
            visit_id=visit.id,
            description_id=built_.description_id,
            phase=Phase.DECIDE,
            chair_id=cast.bea.id,
            gathered_at=at,
            phase_at=at,
            revealed_at=at,
            decision=decision,
            reason="canary-debrief-decision" if decision else "",
            decided_by=cast.hector.id if decision else None,
            decided_at=at if decision else None,
            notes=[DiscussionNote(author_id=cast.iris.id, text="canary-debrief-note", at=at)],
        )
        db.session.add(meeting)
        db.session.flush()
        for key, _ in SEATS:
            db.session.add(
                Attendance(
                    meeting_id=meeting.id,
                    person_id=getattr(cast, key).id,
                    present_at=at,
                    reading_since=at,
                    revote=Vote.INCLINED,
                    revoted_at=at,
                )
            )
        for item_id in built_.items.values():
            db.session.add(
                BoardEntry(
                    meeting_id=meeting.id,
                    item_id=item_id,
                    mark=BoardMark.MET,
                    evidence="canary-debrief-board",
                    by=cast.bea.id,
                )
            )
        db.session.get_one(Loop, built_.loop_id).debrief_opened_at = at
        told = db.session.query(Feedback).filter_by(seat_id=built_.seats["iris"]).one()
        db.session.add(Amendment(feedback_id=told.id, text="canary-told", at=at))


# --- References, offer, hire ---------------------------------------------------------------------------------------


def add_offers(world: World, cast: Cast, first: Built) -> None:
    checking = application_at(cast, Step.REFERENCE_CHECK, on=again(first), name="Rolf Referred")
    company(world, cast, checking, "checking")
    asked = application_at(cast, Step.OFFER, on=again(first), name="Anna Asked")
    company(world, cast, asked, "asked")
    offered = application_at(cast, Step.OFFER, on=again(first), name="Olaf Offered")
    company(world, cast, offered, "offered")
    offer_made(cast, offered)
    hired = application_at(cast, Step.OFFER, on=again(first), name="Hope Hired")
    company(world, cast, hired, "hired")
    offer_made(cast, hired, accepted=True)
    with writing():
        meeting = db.session.query(Meeting).filter_by(application_id=checking.application_id).one()
        meeting.reason = "canary-debrief-decision"
        visit = applications.open_visit(checking.application_id)
        assert visit is not None
        check = ReferenceCheck(
            application_id=checking.application_id, visit_id=visit.id, consent_at=NOW, consent_source="by mail"
        )
        check.references = [
            Reference(
                name="Rosa Referee",
                relation="former manager",
                called_at=NOW,
                called_by=cast.hector.id,
                would_hire_again=True,
                percentile=90,
                notes="canary-reference",
            ),
            Reference(name="Ralf Referee", relation="former peer"),
        ]
        db.session.add(check)
        db.session.flush()
        world.name("reference_id", "to_call", check.references[1].id)
        _ask_exception(cast, asked)
        for built_ in (offered, hired):
            offer = db.session.get_one(Offer, built_.offer_id)
            offer.pay, offer.terms = 9_753_100, "canary-offer"
        application = applications.application(hired.application_id)
        onboarding.begin(application, db.session.get_one(Offer, hired.offer_id), NOW.date())
        task = db.session.query(OnboardingTask).filter_by(owner_id=cast.hector.id).first()
        review = db.session.query(HireReview).order_by(HireReview.id).first()
        assert task is not None
        assert review is not None
        world.name("task_id", "owed", task.id)
        world.name("review_id", "first", review.id)


def _ask_exception(cast: Cast, built_: Built) -> None:
    db.session.add(
        Offer(
            application_id=built_.application_id,
            meeting_id=built_.meeting_id,
            state=OfferState.PREPARED,
            pay=19_753_100,
            currency="EUR",
            terms="canary-exception",
            starts_on=date(2026, 5, 4),
            answer_by=date(2026, 3, 20),
            prepared_by=cast.hector.id,
            prepared_at=NOW,
            exception_asked="canary-exception",
            exception_asked_by=cast.hector.id,
            exception_asked_at=NOW,
        )
    )

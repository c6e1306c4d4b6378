"""Where every run of the machine begins: applications in each step at once, on two requisitions, one of a colleague."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from sqlalchemy import delete, select

from hiring.ground import jobs
from hiring.ground.database import db, writing
from hiring.ground.rulebook import rulebook
from hiring.pipeline import actions as spine
from hiring.pipeline import queries as pipeline
from hiring.pipeline.models import Application, Booking
from hiring.pipeline.rules import Part, Step
from hiring.steps.debrief import queries as debriefs
from hiring.steps.debrief import room_actions as room
from hiring.steps.debrief.rules import BoardMark
from hiring.steps.interview_loop import actions as loops
from hiring.steps.interview_loop import queries as loop_queries
from hiring.steps.offer import onboarding
from hiring.steps.offer.models import Offer
from hiring.steps.phone_screen.models import PhoneScreen
from hiring.steps.written_feedback.rules import Vote
from hiring.transitions import owners
from tests.builders import LOOP_DAY, SEATS, Built, application_at, give_feedback, offer_made, passed_screen, requisition
from tests.cast import Cast

NOW = datetime(2026, 3, 6, 12, 0, tzinfo=UTC)
"""The Friday after the loops: offers are out, nothing has lapsed."""
MONDAY = datetime(2026, 3, 9, 8, 0, tzinfo=UTC)
WORKED = ("loop.close_interviews", "loop.settle_waiting", "offer.lapse")
REASONS = {rule.id: "We have looked at it." for rule in rulebook()}
"""A written reason for whatever warns."""


@dataclass
class Start:
    """The ids of the applications to begin with, by what is next with them."""

    applications: dict[str, int] = field(default_factory=dict)


def build(cast: Cast) -> Start:
    """Write it all."""
    start = Start()
    first, second = requisition(cast, code="R-1", openings=3), requisition(cast, code="R-2", openings=1)

    def begin(name: str, step: Step, *, on: Built = first, votes: Vote = Vote.INCLINED) -> Built:
        again = Built(on.requisition_id, on.description_id, items=on.items)
        built = application_at(cast, step, on=again, name=f"{name.capitalize()} Candidate", votes=votes)
        start.applications[name] = built.application_id
        with writing():
            db.session.execute(delete(Booking))  # the loops held so far share a day
        return built

    twin = begin("twin", Step.OFFER, on=second)
    begin("fresh", Step.RESUME_REVIEW)
    begin("elsewhere", Step.PHONE_SCREEN, on=second)
    begin("screening", Step.PHONE_SCREEN)
    _call(cast, begin("passed", Step.PHONE_SCREEN))
    _call(cast, begin("called", Step.PHONE_SCREEN), answered=False)
    begin("looping", Step.INTERVIEW_LOOP)
    begin("waiting", Step.DEBRIEF)
    begin("against", Step.DEBRIEF, votes=Vote.NOT_INCLINED)
    begin("checking", Step.REFERENCE_CHECK)
    asked = begin("asked", Step.OFFER)
    offered, accepted = begin("offered", Step.OFFER), begin("accepted", Step.OFFER)
    offer_made(cast, offered)
    offer_made(cast, accepted, accepted=True)
    inside = begin("inside", Step.WRITTEN_FEEDBACK)
    with writing():
        give_feedback(inside, seats=("iris", "bea", "irma"))
        pipeline.application(inside.application_id).candidate.person_id = cast.juna.id
        cast.juna.manager_id = cast.ada.id
        same = pipeline.application(start.applications["elsewhere"]).candidate
        fresh = pipeline.application(start.applications["fresh"]).candidate
        same.name, same.name_key = fresh.name, fresh.name_key  # two records that may be merged
        # one candidate on both requisitions
        db.session.get_one(Application, twin.application_id).candidate_id = asked.application.candidate_id
        hired = pipeline.application(accepted.application_id)
        onboarding.begin(hired, db.session.get_one(Offer, accepted.offer_id), NOW.date())
    for place, name in enumerate(("revoting", "boarding", "deciding")):
        _debate(cast, begin(name, Step.DEBRIEF), place)
    _compose(cast, begin("composed", Step.INTERVIEW_LOOP), MONDAY + timedelta(days=1))
    booked = Built(first.requisition_id, first.description_id, items=first.items)
    application_at(cast, Step.INTERVIEW_LOOP, on=booked, name="Booked Candidate")
    start.applications["booked"] = booked.application_id
    _compose(cast, booked, MONDAY)
    with writing():
        loops.confirm(cast.rita, booked.application_id, now=NOW, reasons=REASONS)
    with writing():
        owners.change_owner(
            cast.amal, second.requisition_id, hiring_manager_id=cast.hilda.id, recruiter_id=cast.ron.id, now=NOW
        )
    for job in worked():
        job.run(NOW)
    return start


def worked(*, nudges: bool = True) -> list[jobs.Job]:
    """The jobs of the rooms, which the worker runs while time goes by; ``nudges`` move nothing and take long."""
    return [one for one in jobs.registered() if one.name in WORKED or (nudges and one.name == "feedback.nudge")]


def _call(cast: Cast, built: Built, *, answered: bool = True) -> None:
    """Hector has held the call, and may have said what comes of it."""
    with writing():
        passed_screen(cast, built.application_id, NOW - timedelta(days=1))
        spine.join(built.application_id, cast.hector.id, Part.SCREENER, now=NOW)
        if not answered:
            call = db.session.scalars(select(PhoneScreen).filter_by(application_id=built.application_id)).one()
            call.verdict = call.decided_at = None


def _debate(cast: Cast, built: Built, so_far: int) -> None:
    """The debrief goes on to Revote (0), to the board (1) or to Decide (2)."""
    about, now = built.application_id, LOOP_DAY + timedelta(hours=7)
    seated = [getattr(cast, key) for key, _ in SEATS]

    def advance() -> None:
        meeting = debriefs.meeting_of(about)
        assert meeting is not None
        room.advance(cast.bea, about, meeting.version, now=now)

    with writing():
        room.open_debrief(cast.bea, about, now=now, reasons=REASONS)
        for person in seated:
            room.attend(person, about, now=now)
        advance()
        for person in seated:
            room.start_reading(person, about, now=now)
        now += timedelta(minutes=6)
        advance()
        if so_far == 0:
            return
        for person in seated:
            room.revote(person, about, Vote.INCLINED, now=now)
        advance()
        if so_far == 1:
            return
        for item in built.items.values():
            room.mark(cast.bea, about, item, BoardMark.MET, "They told of it.", now=now)
        advance()
        advance()


def _compose(cast: Cast, built: Built, day: datetime) -> None:
    """A loop of five with slots, principles and a debrief, not yet confirmed; Tara sits in with Iris."""
    about, items = built.application_id, list(built.items.values())
    with writing():
        loops.compose(cast.rita, about, now=NOW)
        for person in (cast.iris, cast.irma):
            loops.add_seat(cast.rita, about, person.id, now=NOW)
        loop = loop_queries.loop_for(about)
        assert loop is not None
        for place, seat in enumerate(loop.seats):
            begins = day + timedelta(hours=place)
            loops.plan(cast.rita, seat.id, [items[place % 4], items[4 + place % 2]], {}, now=NOW)
            loops.set_slot(cast.rita, seat.id, begins, begins + timedelta(minutes=45), where="Room 1", now=NOW)
            if seat.person_id == cast.iris.id:
                loops.add_shadow(cast.rita, seat.id, cast.tara.id, now=NOW)
        begins = day + timedelta(hours=7)
        loops.book_debrief(cast.rita, about, begins, begins + timedelta(hours=1), now=NOW)

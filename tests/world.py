"""One world for the route table: an application in focus at its most secret moment, others at every later step.

In focus: a loop in Written Feedback. Iris and Bea (the Bar Raiser) have submitted, Hector has a draft, Rita and Irma
have written nothing, Igor was taken off the loop, Tara sat in as a shadow, Hilda held the phone screen. Every secret
text of the world is a canary, named after whose or what it is, so that a test can find where it sings.
"""

import hashlib
import io
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta

from hiring.ground import clock, files, outbox
from hiring.ground.database import db, writing
from hiring.people.models import Qualification
from hiring.people.sessions import welcome_key
from hiring.pipeline import queries as applications
from hiring.pipeline.models import Application, Attachment, Cord, CordAction, Note, Opening, Requisition
from hiring.pipeline.rules import RequisitionStatus, Step
from hiring.steps.interview_loop.course import note_submitted
from hiring.steps.interview_loop.models import Conflict, Seat, Shadow
from hiring.steps.interview_loop.rules import ConflictKind
from hiring.steps.job_description.models import DescriptionReview, JobDescription, MustHave
from hiring.steps.job_description.rules import Status
from hiring.steps.phone_screen.models import PhoneScreen, ScreenQuestion
from hiring.steps.phone_screen.rules import ScreenState
from hiring.steps.resume_review.models import MustHaveMark
from hiring.steps.written_feedback.models import Amendment, Feedback, FeedbackItem, PracticeFeedback
from hiring.steps.written_feedback.rules import FeedbackState, Rating, Vote
from tests.builders import LOOP_DAY, Built, application_at, requisition
from tests.cast import Cast, hire_cast, sign_in
from tests.conftest import Engine
from tests.routes import INTERNAL_CANDIDATE, NOW, PARTS, PERSONAS, World
from tests.world_later import add_debriefs, add_offers, again, company, version_of


@contextmanager
def built(engine: Engine) -> Iterator[World]:
    """Build the world on an engine, at its own time."""
    engine.reset()
    assert engine.settings.clock_file is not None
    clock.set_offset(engine.settings.clock_file, NOW - datetime.now(UTC))
    world = World(engine)
    with engine.app.app_context():
        _build(world, hire_cast())
        db.session.remove()
    engine.keep("world")
    yield world
    engine.settings.clock_file.unlink(missing_ok=True)


def _build(world: World, cast: Cast) -> None:
    for persona, key in PERSONAS.items():
        if key is not None:
            browser = sign_in(world.engine.app.test_client(), getattr(cast, key))
            cookie = browser.get_cookie("hiring")
            assert cookie is not None
            world.cookies[persona] = cookie.value
    first = requisition(cast, openings=9)
    world.items = list(first.items.values())
    _requisitions(world, cast, first)
    _focus(world, cast, first)
    _earlier(world, cast, first)
    add_debriefs(world, cast, first)
    add_offers(world, cast, first)
    _people(world, cast)


# --- Requisitions and descriptions ---------------------------------------------------------------------------------


def _requisitions(world: World, cast: Cast, first: Built) -> None:
    world.name("requisition_id", "open", first.requisition_id)
    world.name("code", "open", "R-1")
    world.name("description_id", "approved", first.description_id)
    draft, reviewed = requisition(cast, code="R-2"), requisition(cast, code="R-3")
    other = requisition(cast, code="R-4")
    world.name("requisition_id", "draft", draft.requisition_id)
    world.name("requisition_id", "other", other.requisition_id)
    with writing():
        world.must_haves = [row.id for row in db.session.query(MustHave).filter_by(description_id=first.description_id)]
        world.name("opening_id", "first", db.session.query(Opening).order_by(Opening.id).first().id)  # type: ignore[union-attr]
        for name, built_, status in (("draft", draft, Status.DRAFT), ("in_review", reviewed, Status.IN_REVIEW)):
            world.name("description_id", name, built_.description_id)
            row = db.session.get_one(Requisition, built_.requisition_id)
            row.status, row.description_id, row.opened_at = RequisitionStatus.DRAFT, None, None
            text = db.session.get_one(JobDescription, built_.description_id)
            text.status, text.approved_at, text.approved_by = status, None, None
            text.summary = f"canary-description-{name}"
        db.session.query(DescriptionReview).filter_by(description_id=draft.description_id).delete()
        waiting = db.session.query(DescriptionReview).filter_by(description_id=reviewed.description_id).one()
        waiting.verdict, waiting.at = None, None
        given = db.session.query(DescriptionReview).filter_by(description_id=first.description_id).one()
        given.risks = "canary-review"
        earlier = version_of(cast, first, 2, Status.SUPERSEDED, level=7)
        world.name("description_id", "earlier", earlier.id)


# --- The application in focus --------------------------------------------------------------------------------------


def _focus(world: World, cast: Cast, first: Built) -> None:
    focus = application_at(cast, Step.WRITTEN_FEEDBACK, on=first, name="Nadia Novak")
    company(world, cast, focus, "focus")
    received = files.receive(io.BytesIO(b"canary-resume, ten years of ledgers."), "cv.txt", 10_000)
    with writing():
        application = applications.application(focus.application_id)
        application.candidate.link_digest = hashlib.sha256(b"nadias-key").hexdigest()
        world.name("key", "own", "nadias-key")
        _attach(world, application, received)
        db.session.add(Note(application_id=application.id, author_id=cast.rita.id, text="canary-note", at=NOW))
        screen = db.session.query(PhoneScreen).filter_by(application_id=application.id).one()
        screen.screener_id, screen.summary = cast.hilda.id, "canary-screen-summary"
        for part in PARTS[1:]:
            setattr(screen.questions[0], part, f"canary-screen-{part}")
        for mark in db.session.query(MustHaveMark).filter_by(application_id=application.id):
            mark.note = "canary-mark"
        for key in ("iris", "bea"):
            _submit(focus, key, cast)
        _draft(focus, "hector", cast)
        igor = db.session.query(Seat).filter_by(loop_id=focus.loop_id, person_id=cast.igor.id).one()
        _write(igor, cast.igor.id, "igor", FeedbackState.DRAFT, assigned=list(first.items.values())[:2])
        shadow = db.session.query(Shadow).filter_by(seat_id=focus.seats["iris"]).one()
        world.name("shadow_id", "tara", shadow.id)
        db.session.add(
            PracticeFeedback(
                shadow_id=shadow.id,
                author_id=cast.tara.id,
                state=FeedbackState.SUBMITTED,
                text="canary-practice",
                submitted_at=NOW,
                saved_at=NOW,
            )
        )
        for key in ("iris", "irma", "hector"):
            world.name("seat_id", key, focus.seats[key])
        world.name("seat_id", "igor", igor.id)
        world.assigned = [row.item_id for row in db.session.get_one(Seat, focus.seats["irma"]).assignments]


def _attach(world: World, application: Application, received: files.Received) -> None:
    stored = files.add(received, NOW, None)
    row = Attachment(application_id=application.id, file_id=stored.id, resume=True, added_at=NOW)
    db.session.add(row)
    db.session.flush()
    world.name("attachment_id", "resume", row.id)


def _submit(built_: Built, key: str, cast: Cast) -> None:
    seat = db.session.get_one(Seat, built_.seats[key])
    row = _write(seat, getattr(cast, key).id, key, FeedbackState.SUBMITTED)
    db.session.add(Amendment(feedback_id=row.id, text=f"canary-{key}-amendment", at=NOW))
    note_submitted(built_.application, seat, NOW)


def _draft(built_: Built, key: str, cast: Cast) -> None:
    _write(db.session.get_one(Seat, built_.seats[key]), getattr(cast, key).id, key, FeedbackState.DRAFT)


def _write(seat: Seat, author_id: int, key: str, state: FeedbackState, assigned: list[int] | None = None) -> Feedback:
    """Feedback with a canary in every text: the last item was not tested and says why."""
    at = LOOP_DAY + timedelta(hours=5)
    row = Feedback(
        seat_id=seat.id,
        author_id=author_id,
        state=FeedbackState.DRAFT,
        summary=f"canary-{key}-summary",
        vote=Vote.STRONGLY_INCLINED,
        started_at=at,
        saved_at=at,
        due_at=at,
    )
    db.session.add(row)
    db.session.flush()
    tested, untested = assigned or [assignment.item_id for assignment in seat.assignments]
    texts = {part: f"canary-{key}-{part}" for part in PARTS}
    db.session.add(FeedbackItem(feedback_id=row.id, item_id=tested, rating=Rating.MEETS, **texts))
    db.session.add(
        FeedbackItem(
            feedback_id=row.id, item_id=untested, rating=Rating.NOT_TESTED, not_tested_reason=f"canary-{key}-reason"
        )
    )
    db.session.flush()
    if state is FeedbackState.SUBMITTED:
        row.state, row.submitted_at, row.late = state, at, False
        db.session.flush()
    return row


# --- Applications before and beside it -----------------------------------------------------------------------------


def _earlier(world: World, cast: Cast, first: Built) -> None:
    fresh = application_at(cast, Step.RESUME_REVIEW, on=again(first), name="Fred Fresh")
    company(world, cast, fresh, "fresh")
    twin = application_at(
        cast, Step.RESUME_REVIEW, on=again(first), name="Fred Fresh", email="other@candidates.example"
    )
    world.name("duplicate_id", "twin", twin.application.candidate_id)
    screening = application_at(cast, Step.PHONE_SCREEN, on=again(first), name="Sara Screen")
    company(world, cast, screening, "screening")
    looping = application_at(cast, Step.INTERVIEW_LOOP, on=again(first), name="Lena Loop")
    company(world, cast, looping, "looping")
    booked = application_at(cast, Step.WRITTEN_FEEDBACK, on=again(first), name=INTERNAL_CANDIDATE, held=False)
    company(world, cast, booked, "booked")
    with writing():
        applications.application(booked.application_id).candidate.person_id = cast.juna.id
        cast.juna.manager_id = cast.ada.id
        visit = applications.open_visit(screening.application_id)
        assert visit is not None
        screen = PhoneScreen(
            application_id=screening.application_id,
            visit_id=visit.id,
            screener_id=cast.hilda.id,
            starts_at=NOW - timedelta(hours=2),
            ends_at=NOW - timedelta(hours=1),
            zone="Europe/Berlin",
            state=ScreenState.BOOKED,
            prepared_at=NOW - timedelta(days=1),
            questions=[ScreenQuestion(place=1, text="Tell me about a time you disagreed.")],
        )
        db.session.add(screen)
        screening.application.description_id = int(world.ids["description_id"]["earlier"])
        cord = Cord(application_id=booked.application_id, pulled_by=cast.irma.id, pulled_at=NOW, what="canary-cord")
        past = Cord(
            requisition_id=first.requisition_id,
            pulled_by=cast.irma.id,
            pulled_at=LOOP_DAY,
            what="A protected topic was asked.",
            cleared_by=cast.amal.id,
            cleared_at=LOOP_DAY,
            cause="No kit was sent.",
            correction="Kits go out a day before.",
        )
        db.session.add_all([cord, past])
        db.session.flush()
        candidate_id = applications.application(booked.application_id).candidate_id
        declared = {"kind": ConflictKind.FAMILY, "reason": "A cousin.", "declared_by": cast.nora.id, "at": LOOP_DAY}
        db.session.add(Conflict(candidate_id=candidate_id, person_id=cast.nora.id, **declared))
        action = CordAction(cord_id=past.id, what="Send kits", owner_id=cast.cora.id, due_on=date(2026, 3, 20))
        db.session.add(action)
        db.session.flush()
        mail = outbox.put(
            "interview.booked",
            "juna@example.org",
            "canary-mail",
            "canary-mail",
            now=NOW,
            about=f"candidate:{candidate_id}",
        )
        assert mail is not None
        mail.dead_at, mail.last_error = NOW, "550 no such mailbox"
        seat = db.session.get_one(Seat, booked.seats["iris"])
        world.name("screen_id", "screening", screen.id)
        world.name("cord_id", "pulled", cord.id)
        world.name("cord_id", "cleared", past.id)
        world.name("action_id", "owed", action.id)
        world.name("notice_id", "dead", mail.id)
        world.name("seat_id", "booked", seat.id)
        world.name("interview_id", "booked", seat.interviews[0].id)


def _people(world: World, cast: Cast) -> None:
    world.name("person_id", "nora", cast.nora.id)
    world.name("person_id", "iris", cast.iris.id)
    world.name("key", "welcome", welcome_key(cast.nora, NOW))
    world.people, world.team = cast.ids, cast.hector.team_id or 0
    record = db.session.query(Qualification).filter_by(person_id=cast.igor.id).first()
    assert record is not None
    world.record = record.id

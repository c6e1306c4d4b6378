"""Step 8's acts after the yes: checklist, start date, arrival, reviews of the hire. Callers hold ``writing()``."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import delete, select

from hiring.ground import audit
from hiring.ground.database import check_version, db, lock, surely
from hiring.ground.rulebook import ensure
from hiring.people import queries as people
from hiring.people.models import Person
from hiring.people.rules import Invalid
from hiring.pipeline import actions as spine
from hiring.pipeline import queries as pipeline
from hiring.pipeline import readers
from hiring.pipeline.models import Application
from hiring.pipeline.rules import End, EndReason, Stand
from hiring.steps.offer import hire_rules, queries, rules
from hiring.steps.offer.hire_rules import CHECKLIST, Reached, ReviewAt
from hiring.steps.offer.models import HireReview, Offer, OnboardingTask
from hiring.steps.offer.rules import OfferState

OWNERS = "The hiring manager or the requisition's recruiter does this."


def begin(application: Application, offer: Offer, today: date) -> None:
    """Write the default checklist and the two reviews; nothing is due before today."""
    requisition = application.requisition
    for duty in CHECKLIST:
        owner_id = surely(requisition.recruiter_id if duty.recruiter else requisition.hiring_manager_id, "owner")
        due_on = max(today, offer.starts_on + timedelta(days=duty.days))
        db.session.add(OnboardingTask(application_id=application.id, what=duty.what, owner_id=owner_id, due_on=due_on))
    for at in ReviewAt:
        db.session.add(HireReview(application_id=application.id, at=at, due_on=at.due(offer.starts_on)))
    db.session.flush()


def forget(application_id: int) -> None:
    """Drop what is not done of a hire that does not happen."""
    for model in (OnboardingTask, HireReview):
        db.session.execute(delete(model).where(model.application_id == application_id, model.done_at.is_(None)))


def _held(actor: Person, application_id: int, now: datetime) -> tuple[Application, Offer | None]:
    application = pipeline.lock_application(application_id)
    _, stands, _ = queries.onboarding_for(actor, application_id, now=now)
    spine.require(rules.may_run(stands), OWNERS)
    return application, queries.live_offer(application_id)


def _accepted(offer: Offer | None, doing: str) -> Offer:
    ensure(hire_rules.why_not_change(offer.state if offer else None, doing))
    return surely(offer, "offer")


def add_task(
    actor: Person, application_id: int, what: str, owner_id: int | None, due_on: date, *, now: datetime
) -> OnboardingTask:
    """Add an item; Without ``owner_id``: the actor. Raises people's Invalid for an owner who cannot own it."""
    application, offer = _held(actor, application_id, now)
    _accepted(offer, "The checklist grows")
    owner = actor if owner_id is None else people.person(owner_id)
    if owner.disabled_at is not None or readers.is_barred(owner, application.candidate):
        raise Invalid("owner", "This colleague cannot own it.")
    task = OnboardingTask(application_id=application.id, what=what, owner_id=owner.id, due_on=due_on)
    db.session.add(task)
    db.session.flush()
    audit.record(actor.id, "onboarding.add", "application", application.id, at=now, task=task.id, owner=owner.id)
    return task


def finish_task(actor: Person, task_id: int, *, now: datetime) -> OnboardingTask:
    """Tick an item: its owner, or on their behalf who runs the onboarding. Ticking twice changes nothing."""
    application_id = queries.task(task_id).application_id
    pipeline.lock_application(application_id)
    task = lock(OnboardingTask, task_id)
    _, stands, _ = queries.onboarding_for(actor, application_id, now=now)
    spine.require(task.owner_id == actor.id or rules.may_run(stands), "The owner of the task ticks it.")
    if task.done_at is None:
        task.done_at, task.done_by = now, actor.id
        audit.record(actor.id, "onboarding.done", "application", task.application_id, at=now, task=task.id)
    return task


def move_start(
    actor: Person,
    application_id: int,
    starts_on: date,
    reason: str,
    *,
    expected_version: int | None = None,
    now: datetime,
) -> Offer:
    """Agree on another start date; undone tasks and reviews move with it. Stale when somebody else moved it since.

    Raises Refused for a day that has passed where the candidate is.
    """
    application, offer = _held(actor, application_id, now)
    offer = _accepted(offer, "The start date moves")
    stands = {"starts_on": offer.starts_on.isoformat(), "text": offer.start_moved_reason or "—"}
    check_version(offer, expected_version, stands | {"version": str(offer.version)})
    today = queries.today_of(application, now)
    ensure(hire_rules.why_not_move_start(offer.starts_on, starts_on, today))
    by = starts_on - offer.starts_on
    offer.starts_on, offer.start_moved_reason = starts_on, reason
    for task, _ in queries.tasks_of(application_id):
        if task.done_at is None:
            task.due_on = max(today, task.due_on + by)
    for review in db.session.scalars(select(HireReview).where(HireReview.application_id == application_id)):
        review.due_on = review.at.due(starts_on)
    db.session.flush()
    audit.record(actor.id, "offer.move_start", "application", application.id, at=now, offer=offer.id)
    spine.say("The start date was moved.", application=application, actor_id=actor.id, now=now)
    return offer


def arrive(actor: Person, application_id: int, *, now: datetime) -> Application:
    """Confirm that the person has arrived: hired, and the oldest opening is filled."""
    application, offer = _held(actor, application_id, now)
    ensure(queries.why_not_arrive(application, offer, now))
    offer = _accepted(offer, "Arrival is confirmed")
    requisition = application.requisition
    offer.state, offer.closed_at = OfferState.ARRIVED, now
    db.session.flush()
    spine.release_offer(application, hired=True)
    surely(queries.unfilled_opening(requisition.id), "opening of an accepted offer").filled_by = application.id
    audit.record(actor.id, "hire.arrive", "application", application.id, at=now, offer=offer.id)
    spine.end_application(application, End.HIRED, EndReason.ARRIVED, actor_id=actor.id, now=now)
    if queries.unfilled_opening(requisition.id) is None:
        sentence = "All openings are filled; the recruiter or the hiring manager may close the requisition."
        spine.say(sentence, requisition_id=requisition.id, actor_id=actor.id, now=now)
    return application


def write_review(
    actor: Person, review_id: int, answers: Sequence[tuple[Reached, str]], lesson: str, *, now: datetime
) -> HireReview:
    """Hold a hire against the outcomes promised, in their order, and say what the process learns."""
    application_id = queries.review(review_id).application_id
    application = pipeline.lock_application(application_id)
    review = lock(HireReview, review_id)
    _, stands, _ = queries.reviews_for(actor, application_id, now=now)
    spine.require(Stand.HIRING_MANAGER in stands, "The hiring manager reviews the hire.")
    outcomes = queries.outcomes_of(application)
    today, hired = queries.today_of(application, now), application.ended is End.HIRED
    ensure(hire_rules.why_not_review(review.due_on, today, hired=hired, done=review.done_at is not None))
    ensure(hire_rules.why_not_complete(outcomes, len(answers)))
    review.findings = [
        {"outcome": outcome, "reached": reached.value, "text": text}
        for outcome, (reached, text) in zip(outcomes, answers, strict=True)
    ]
    review.lesson, review.done_at, review.done_by = lesson, now, actor.id
    audit.record(actor.id, "hire.review", "application", application.id, at=now, review=review.id)
    return review

"""Reads of step 8. Pay is for the requisition's recruiter and hiring manager, or an administrator asked to except."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TypeAlias

from sqlalchemy import Row, Select, bindparam, func, or_, select

from hiring.ground import policy
from hiring.ground.database import BigId, NotVisible, db, existing
from hiring.ground.reading import anew, once
from hiring.ground.rulebook import Refusal
from hiring.ground.working_time import local_day
from hiring.people import queries as people
from hiring.people.asking import Asker, ask, ask_of, find
from hiring.people.handover import owes
from hiring.people.models import Person
from hiring.people.rules import Debt, Role
from hiring.pipeline import queries as pipeline
from hiring.pipeline import readers
from hiring.pipeline.models import Application, Candidate, Opening, Requisition
from hiring.pipeline.rules import (
    End,
    Stand,
    Step,
    why_not_advance,
    why_not_clear,
)
from hiring.steps.debrief import queries as debrief
from hiring.steps.job_description.models import JobDescription
from hiring.steps.offer import hire_rules, rules
from hiring.steps.offer.hire_rules import ReviewAt
from hiring.steps.offer.models import HireReview, Offer, OfferContact, OnboardingTask
from hiring.steps.offer.rules import LIVE, Ground, Headcount, OfferPolicy, OfferState, Terms
from hiring.steps.reference_check import queries as references
from hiring.steps.reference_check import rules as reference_rules
from hiring.steps.reference_check.rules import ReferencePolicy

REVIEW_AHEAD = timedelta(days=14)
"""How early a review of a hire appears on the desk."""


# --- One application -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Seen:
    """An application, where the reader stands, and its newest offer."""

    application: Application
    stands: frozenset[Stand]
    offer: Offer | None

    @property
    def live(self) -> Offer | None:
        """The offer, if it is prepared, out or accepted."""
        return self.offer if self.offer is not None and self.offer.state in LIVE else None


def seen_by(reader: Person, application_id: int, *, now: datetime) -> Seen:
    """The offer of an application, for those who may read pay; raises NotVisible."""
    application, stands = pipeline.application_for(reader, application_id, now=now)
    found = newest_offer(application_id)
    if not rules.may_read(stands, exception_waits=found is not None and found.exception_waits):
        raise NotVisible(f"offer of application {application_id}")
    return Seen(application, stands, found)


@once
def newest_offer(application_id: int) -> Offer | None:
    """The live offer, or the last one."""
    query = select(Offer).where(Offer.application_id == application_id).order_by(Offer.id.desc()).limit(1)
    return db.session.scalars(anew(query)).one_or_none()


def live_offer(application_id: int) -> Offer | None:
    """The offer that is prepared, out or accepted, held until commit; the caller holds the application."""
    query = select(Offer).where(Offer.application_id == application_id, Offer.state.in_(LIVE))
    held = query.with_for_update(key_share=True).execution_options(populate_existing=True)
    return db.session.scalars(held).one_or_none()


@once
def past_offers(application_id: int) -> list[Offer]:
    """Offers that have ended, newest first."""
    query = select(Offer).where(Offer.application_id == application_id, Offer.state.not_in(LIVE))
    return list(db.session.scalars(query.order_by(Offer.id.desc())))


def today_of(application: Application, now: datetime) -> date:
    """The candidate's calendar day: what answer and start dates are measured by."""
    return local_day(now, application.candidate.time_zone)


Promised: TypeAlias = tuple[int | None, int | None, str, list[str]]


@once
def description_of(application: Application) -> Row[*Promised] | None:
    """Range and outcomes of the version that the application is held against."""
    description_id = application.description_id or application.requisition.description_id
    return next(iter(find(_promised, description_id=description_id)), None)


def _promised() -> Select[*Promised]:
    return select(
        JobDescription.pay_low, JobDescription.pay_high, JobDescription.currency, JobDescription.outcomes
    ).where(JobDescription.id == bindparam("description_id", type_=BigId))


# --- What the rules ask --------------------------------------------------------------------------------------------


def terms_of(application: Application, offer: Offer) -> Terms:
    """The offer's pay beside the range of the description."""
    description = description_of(application)
    return Terms(
        pay=offer.pay,
        currency=offer.currency,
        low=description.pay_low if description else None,
        high=description.pay_high if description else None,
        range_currency=description.currency if description else "",
        excepted=offer.excepted_by is not None,
    )


@once
def headcount(application: Application) -> Headcount:
    """Openings and what is taken of them, and the candidate's live offer on another requisition."""
    requisition = application.requisition
    elsewhere = (
        select(Requisition.code)
        .join(Application, Application.requisition_id == Requisition.id)
        .where(
            Application.candidate_id == application.candidate_id,
            Application.id != application.id,
            Application.live_offer_id.is_not(None),
        )
    )
    return Headcount(
        code=requisition.code,
        openings=requisition.openings,
        live_offers=requisition.live_offers,
        hires=requisition.hires,
        elsewhere=db.session.scalar(elsewhere.limit(1)),
    )


def why_not_prepare(application: Application, offer: Offer | None) -> list[Refusal]:
    """Why no offer can be prepared: page and action ask this. A pulled cord stops it, a hold only the making."""
    cords = [] if application.ended else why_not_clear(*pipeline.facts(application))
    return [*_why_not_prepare(application, offer), *cords]


def _why_not_prepare(application: Application, offer: Offer | None) -> list[Refusal]:
    check = references.current(application.id)
    facts = references.facts(application, check) if check else None
    ground = Ground(
        step=application.step,
        decided=debrief.standing_decision(application.id) is not None,
        vetoed=application.vetoed_at is not None,
        missing=tuple(reference_rules.why_not_done(facts, policy.current()[ReferencePolicy])),
    )
    ended = [] if application.ended is None else why_not_move(application)
    return [*ended, *rules.why_not_decided(ground), *rules.why_not_prepare(offer.state if offer else None)]


def why_not_make(application: Application, offer: Offer | None, now: datetime) -> list[Refusal]:
    """Why the offer cannot be made, whoever asks."""
    state, starts_on, answer_by = (offer.state, offer.starts_on, offer.answer_by) if offer else (None, None, None)
    refusals = rules.why_not_make(
        state, starts_on, answer_by, today_of(application, now), policy.current()[OfferPolicy]
    )
    if refusals or offer is None:
        return [*refusals, *(why_not_move(application) if application.ended else [])]
    return [
        *_why_not_prepare(application, offer),
        *rules.why_not_pay(terms_of(application, offer)),
        *rules.why_not_single(headcount(application)),
        *(why_not_move(application) if application.ended is None else []),
    ]


def why_not_dates(application: Application, starts_on: date, answer_by: date, now: datetime) -> list[Refusal]:
    """Why these days make no offer to this candidate."""
    return rules.why_not_dates(starts_on, answer_by, today_of(application, now), policy.current()[OfferPolicy])


def why_not_extend(application: Application, offer: Offer | None, new: date | None, now: datetime) -> list[Refusal]:
    """Why the answer date cannot be that one."""
    state, dates = (offer.state, rules.Dates(offer.starts_on, offer.answer_by)) if offer else (None, None)
    return rules.why_not_extend(state, dates, new, today_of(application, now), policy.current()[OfferPolicy])


def why_not_answer(application: Application, offer: Offer | None, now: datetime, *, accept: bool) -> list[Refusal]:
    """Why an answer cannot be recorded. Accepting moves forward: a hold or cord stops it, and silence is explained.

    A no is taken as it comes: nobody is asked for anything but the candidate's own reason.
    """
    state, answer_by = (offer.state, offer.answer_by) if offer else (None, None)
    refusals = rules.why_not_answer(state, answer_by, today_of(application, now))
    if accept or application.ended is not None:
        refusals += why_not_move(application)
    return [*refusals, *(why_no_contact(offer, now) if accept else [])]


def why_not_lapse(application: Application, offer: Offer | None, now: datetime) -> list[Refusal]:
    """Why an offer does not lapse; while a hold or a cord forbids to record a yes, silence is no answer either."""
    state, answer_by = (offer.state, offer.answer_by) if offer else (None, None)
    return [*rules.why_not_lapse(state, answer_by, today_of(application, now)), *why_not_move(application)]


def why_no_contact(offer: Offer | None, now: datetime) -> list[Refusal]:
    """Warns when nobody was in contact for too long."""
    figures = policy.current()[OfferPolicy]
    return rules.why_no_contact(offer.state, offer.last_contact, now, figures) if offer else []


def why_not_arrive(application: Application, offer: Offer | None, now: datetime) -> list[Refusal]:
    """Why arrival cannot be confirmed."""
    state, starts_on = (offer.state, offer.starts_on) if offer else (None, None)
    return [*hire_rules.why_not_arrive(state, starts_on, today_of(application, now)), *why_not_move(application)]


def why_not_move(application: Application) -> list[Refusal]:
    """What the spine has against a forward move."""
    return why_not_advance(*pipeline.facts(application))


# --- After acceptance ----------------------------------------------------------------------------------------------


def tasks_of(application_id: int) -> list[tuple[OnboardingTask, Person]]:
    """The checklist with its owners, by due date."""
    query = (
        select(OnboardingTask, Person)
        .join(Person, Person.id == OnboardingTask.owner_id)
        .where(OnboardingTask.application_id == application_id)
        .order_by(OnboardingTask.due_on, OnboardingTask.id)
    )
    return [(task, owner) for task, owner in db.session.execute(query)]


def onboarding_for(
    reader: Person, application_id: int, *, now: datetime
) -> tuple[Application, frozenset[Stand], list[tuple[OnboardingTask, Person]]]:
    """The checklist, for the hiring manager, the requisition's recruiter and owners of tasks; raises NotVisible.

    It holds no pay, so that anybody may own a task; the inside of an internal candidate still sees nothing.
    """
    application = pipeline.application(application_id)
    stands = readers.stands(reader, application, now=now)
    rows = tasks_of(application_id)
    owns = any(task.owner_id == reader.id for task, _ in rows) and reader.disabled_at is None
    if not rules.may_run(stands) and (not owns or readers.is_barred(reader, application.candidate)):
        raise NotVisible(f"onboarding of application {application_id}")
    return application, stands, rows


def reviews_for(
    reader: Person, application_id: int, *, now: datetime
) -> tuple[Application, frozenset[Stand], list[HireReview]]:
    """The reviews of a hire, for the hiring manager and the requisition's recruiter; raises NotVisible."""
    application = pipeline.application(application_id)
    stands = readers.stands(reader, application, now=now)
    if not rules.may_run(stands):
        raise NotVisible(f"reviews of application {application_id}")
    query = select(HireReview).where(HireReview.application_id == application_id).order_by(HireReview.due_on)
    return application, stands, list(db.session.scalars(query))


def review(review_id: int) -> HireReview:
    """One review; raises NotVisible."""
    return existing(db.session.get(HireReview, review_id), f"review {review_id}")


def task(task_id: int) -> OnboardingTask:
    """One task; raises NotVisible."""
    return existing(db.session.get(OnboardingTask, task_id), f"task {task_id}")


def outcomes_of(application: Application) -> list[str]:
    """What the description promised for the first year."""
    description = description_of(application)
    return list(description.outcomes) if description else []


def unfilled_opening(requisition_id: int) -> Opening | None:
    """The oldest opening that nobody fills, one that is not on hold first."""
    query = select(Opening).where(
        Opening.requisition_id == requisition_id, Opening.filled_by.is_(None), Opening.cancelled_at.is_(None)
    )
    rows = list(db.session.scalars(query.order_by(Opening.approved_on, Opening.id)))
    return min(rows, key=lambda row: row.held_at is not None and row.resumed_at is None, default=None)


# --- What is due ---------------------------------------------------------------------------------------------------


_Running: TypeAlias = tuple[int, str, str, int | None, OfferState | None, date | None, date | None, datetime | None]
Running: TypeAlias = Row[*_Running]


def running(person: Person) -> Sequence[Running]:
    """Live applications in this step that the person runs, each with its live offer; columns as ``_in_this_step``."""
    found = person.has(Role.RECRUITER) or readers.ties(person.id).manages
    return ask(_running, person) if found else []


def _running(asker: Asker) -> Select[*_Running]:
    return _in_this_step().where(readers.owned_by(asker))


def _named_on(asker: Asker) -> Select[*_Running]:
    """By name, whatever their role: what somebody who leaves hands over."""
    return _in_this_step().where(or_(Requisition.hiring_manager_id == asker.id, Requisition.recruiter_id == asker.id))


def _in_this_step() -> Select[*_Running]:
    """Of an offer no pay; ``last_contact``: the newest one, and making the offer is one."""
    contacts = select(func.max(OfferContact.at)).where(OfferContact.offer_id == Offer.id).scalar_subquery()
    return (
        select(
            Application.id.label("application_id"),
            Candidate.name.label("candidate"),
            Requisition.title,
            Requisition.hiring_manager_id,
            Offer.state,
            Offer.answer_by,
            Offer.starts_on,
            func.coalesce(contacts, Offer.made_at).label("last_contact"),
        )
        .join(Candidate, Candidate.id == Application.candidate_id)
        .join(Requisition, Requisition.id == Application.requisition_id)
        .outerjoin(Offer, (Offer.application_id == Application.id) & Offer.state.in_(LIVE))
        .where(Application.step == Step.OFFER, Application.ended.is_(None))
        .order_by(Application.step_entered_at, Application.id)
    )


Task: TypeAlias = tuple[int, str, date, int, str]


def tasks_owed(person_id: int) -> Sequence[Row[*Task]]:
    """Undone tasks that somebody owns: id, what, its day, the application, and the name of whom they are for."""
    return ask_of(tasks_undone, person_id)


def tasks_undone(asker: Asker) -> Select[*Task]:
    """The rows of ``tasks_owed``."""
    return (
        select(
            OnboardingTask.id, OnboardingTask.what, OnboardingTask.due_on, OnboardingTask.application_id, Candidate.name
        )
        .join(Application, Application.id == OnboardingTask.application_id)
        .join(Candidate, Candidate.id == Application.candidate_id)
        .where(OnboardingTask.owner_id == asker.id, OnboardingTask.done_at.is_(None))
        .order_by(OnboardingTask.due_on, OnboardingTask.id)
    )


Review: TypeAlias = tuple[int, ReviewAt, date, int, str]


def reviews_owed(person_id: int, until: date | None = None) -> list[Row[*Review]]:
    """Unwritten reviews of people whom this hiring manager hired, due up to a day (None: all)."""
    rows = ask_of(_reviews_owed, person_id) if readers.ties(person_id).manages else []
    return [row for row in rows if until is None or row.due_on <= until]


def _reviews_owed(asker: Asker) -> Select[*Review]:
    return (
        select(HireReview.id, HireReview.at, HireReview.due_on, HireReview.application_id, Candidate.name)
        .join(Application, Application.id == HireReview.application_id)
        .join(Candidate, Candidate.id == Application.candidate_id)
        .join(Requisition, Requisition.id == Application.requisition_id)
        .where(HireReview.done_at.is_(None), Application.ended == End.HIRED, Requisition.hiring_manager_id == asker.id)
        .order_by(HireReview.due_on, HireReview.id)
    )


Asked: TypeAlias = tuple[int, int, str, str]


def exceptions_asked(reader: Person) -> Sequence[Row[*Asked]]:
    """Exceptions that wait for an administrator, but for those whose inside the reader is."""
    return ask(_exceptions_asked, reader) if reader.has(Role.ADMINISTRATOR) else []


def _exceptions_asked(asker: Asker) -> Select[*Asked]:
    return (
        select(Offer.id, Offer.application_id, Candidate.name, Requisition.title)
        .join(Application, Application.id == Offer.application_id)
        .join(Candidate, Candidate.id == Application.candidate_id)
        .join(Requisition, Requisition.id == Application.requisition_id)
        .where(
            Offer.exception_asked_at.is_not(None),
            Offer.excepted_by.is_(None),
            Offer.exception_refusal == "",
            Offer.state == OfferState.PREPARED,
            ~readers.inside_of(asker),
        )
        .order_by(Offer.exception_asked_at)
    )


def lapsing(now: datetime) -> list[int]:
    """Applications whose offer may have passed its answer date somewhere on earth; the action asks exactly."""
    query = select(Offer.application_id).where(Offer.state == OfferState.MADE, Offer.answer_by <= now.date())
    return list(db.session.scalars(query.order_by(Offer.answer_by, Offer.id)))


@owes
def debts(person_id: int) -> list[Debt]:
    """Offers, tasks and reviews that somebody else must take over; the file opens for administrators, pay does not."""
    return [
        *(
            Debt(f"Offer to {row.candidate}", None, f"/applications/{row.application_id}", row.application_id)
            for row in ask_of(_named_on, person_id)
        ),
        *(
            Debt(f"{task.what}: {task.name}", None, f"/applications/{task.application_id}", task.application_id)
            for task in tasks_owed(person_id)
        ),
        *(
            Debt(
                f"{review.at.label} review of {review.name}",
                None,
                f"/applications/{review.application_id}",
                review.application_id,
            )
            for review in reviews_owed(person_id)
        ),
    ]


def names(ids: Sequence[int | None]) -> dict[int, str]:
    """Names of people by id."""
    return people.names(one for one in ids if one is not None)

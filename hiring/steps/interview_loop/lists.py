"""What pages and desks show besides one loop: the bank's questions, seats held, loops to compose or to mend."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, case, exists, func, or_, select
from sqlalchemy.orm import contains_eager, joinedload

from hiring.ground import policy
from hiring.ground.database import db
from hiring.people import queries as people
from hiring.people.models import Person
from hiring.people.rules import Role, why_not_independent
from hiring.pipeline import queries as spine
from hiring.pipeline.models import Application, Referral, Requisition
from hiring.pipeline.rules import Step
from hiring.steps.interview_loop import queries
from hiring.steps.interview_loop.composition import why_not_complete
from hiring.steps.interview_loop.models import BarRaiserDraw, Conflict, Interview, Loop, Seat
from hiring.steps.interview_loop.rules import CURRENT, ENDED, InterviewState, LoopPolicy, LoopState, SeatKind, SeatState
from hiring.steps.job_description.models import JobDescription, Question, TestedItem, WouldBeReport
from hiring.steps.job_description.rules import QuestionUse

_SHOWN = 50
"""Of each kind, on a desk."""
_BEFORE_DECISION = (Step.INTERVIEW_LOOP, Step.WRITTEN_FEEDBACK, Step.DEBRIEF)


def bank(items: Iterable[TestedItem]) -> dict[int, list[str]]:
    """Questions of the bank that suit each tested item; generic ones are left out."""
    found = db.session.scalars(
        select(Question).where(Question.use == QuestionUse.LOOP, Question.generic.is_(False)).order_by(Question.id)
    ).all()
    return {
        item.id: [
            row.text
            for row in found
            if (item.principle_id is not None and row.principle_id == item.principle_id) or row.competency == item.name
        ]
        for item in items
    }


def seats_of(person_id: int) -> list[tuple[Seat, Interview, Application]]:
    """Seats that somebody holds with an interview still booked on a confirmed loop, soonest first."""
    query = (
        select(Seat, Interview, Application)
        .join(Interview, Interview.seat_id == Seat.id)
        .join(Loop, Loop.id == Seat.loop_id)
        .join(Application, Application.id == Loop.application_id)
        .options(joinedload(Application.candidate))
        .where(
            Seat.person_id == person_id,
            Seat.state == SeatState.HELD,
            Loop.state != LoopState.COMPOSING,
            Interview.state == InterviewState.BOOKED,
            Application.ended.is_(None),
        )
        .order_by(Interview.starts_at)
    )
    return [(seat, interview, application) for seat, interview, application in db.session.execute(query)]


def unslotted_seats_of(person_id: int) -> list[tuple[Seat, Application]]:
    """Seats of live applications that somebody holds and for which no interview is booked or was held, by id.

    On loops still being composed all of them; a booked interview of those is among them, for it is not yet told to
    anybody. The Bar Raiser's seat is left out: see ``bar_raised_by``.
    """
    held = exists().where(Interview.seat_id == Seat.id, Interview.state.in_(CURRENT))
    query = (
        select(Seat, Application)
        .join(Loop, Loop.id == Seat.loop_id)
        .join(Application, Application.id == Loop.application_id)
        .options(joinedload(Application.candidate))
        .where(
            Seat.person_id == person_id,
            Seat.state == SeatState.HELD,
            Seat.kind != SeatKind.BAR_RAISER,
            Application.ended.is_(None),
            or_(Loop.state == LoopState.COMPOSING, ~held),
        )
        .order_by(Seat.id)
    )
    return [(seat, application) for seat, application in db.session.execute(query)]


def bar_raised_by(person_id: int) -> list[Application]:
    """Live applications whose Bar Raiser somebody is: by their seat or, before there is one, as drawn by rotation."""
    seated = (
        select(Seat.person_id)
        .join(Loop, Loop.id == Seat.loop_id)
        .where(Loop.application_id == Application.id, Seat.kind == SeatKind.BAR_RAISER, Seat.state == SeatState.HELD)
        .correlate(Application)
        .scalar_subquery()
    )
    drawn = (
        select(BarRaiserDraw.person_id)
        .where(BarRaiserDraw.application_id == Application.id)
        .order_by(BarRaiserDraw.id.desc())
        .limit(1)
        .correlate(Application)
        .scalar_subquery()
    )
    query = (
        select(Application)
        .where(Application.ended.is_(None), func.coalesce(seated, drawn) == person_id)
        .options(joinedload(Application.candidate))
        .order_by(Application.id)
    )
    return list(db.session.scalars(query))


def to_compose(reader: Person) -> list[Application]:
    """Applications in this step whose loop is not confirmed: the recruiter's own, or all for a coordinator."""
    query = (
        select(Application)
        .join(Requisition, Requisition.id == Application.requisition_id)
        .outerjoin(Loop, Loop.application_id == Application.id)
        .options(joinedload(Application.candidate))
        .where(
            Application.step == Step.INTERVIEW_LOOP,
            Application.ended.is_(None),
            or_(Loop.id.is_(None), Loop.state == LoopState.COMPOSING),
            spine.visible_applications(reader),
        )
        .order_by(Application.step_entered_at)
        .limit(50)
    )
    if not reader.has(Role.COORDINATOR):
        query = query.where(spine.recruited_by(reader))
    return list(db.session.scalars(query))


def to_mend(reader: Person, now: datetime) -> list[tuple[Application, str]]:
    """Held seats of confirmed loops that somebody must mend, with a sentence that says why.

    Declined, without a slot, or with an interview still to come of somebody who left, has a conflict of interest, is
    below the level or would report to the position; also of a Bar Raiser who is no longer independent. The recruiter's
    own and all for a coordinator; an administrator sees Bar Raisers, whom rotation replaces.
    """
    own = Interview.seat_id == Seat.id
    slotted = exists().where(own, Interview.state.in_(CURRENT))
    over = exists().where(own, Interview.state.in_(ENDED))
    figures = policy.current()[LoopPolicy]
    description = func.coalesce(Application.description_id, Requisition.description_id)
    declined = Seat.declined_at.is_not(None)
    unfit: dict[str, ColumnElement[bool]] = {
        "has left": Person.disabled_at.is_not(None),
        "has a conflict of interest": exists().where(
            Referral.candidate_id == Application.candidate_id, Referral.person_id == Seat.person_id
        )
        | exists().where(
            Conflict.candidate_id == Application.candidate_id,
            Conflict.person_id == Seat.person_id,
            Conflict.withdrawn_at.is_(None),
        ),
        "is below the level": exists().where(
            JobDescription.id == description, Person.level < JobDescription.level - figures.levels_below
        ),
        "would report to the position": exists().where(
            WouldBeReport.description_id == description, WouldBeReport.person_id == Seat.person_id
        ),
    }
    why = case(
        (declined, "declined"),
        *((condition & ~over, words) for words, condition in unfit.items()),
        (~slotted, "has no slot"),
        else_="",
    )
    query = (
        select(Application, Person.name, why)
        .select_from(Seat)
        .join(Loop, Loop.id == Seat.loop_id)
        .join(Application, Application.id == Loop.application_id)
        .join(Requisition, Requisition.id == Application.requisition_id)
        .join(Person, Person.id == Seat.person_id)
        .where(Seat.state == SeatState.HELD, Loop.state != LoopState.COMPOSING, Application.ended.is_(None))
        .order_by(Seat.id)
    )
    mine: list[ColumnElement[bool]] = [spine.recruited_by(reader)]
    if reader.has(Role.COORDINATOR):
        mine.append(spine.visible_applications(reader))
    chaired = [*mine]
    if reader.has(Role.ADMINISTRATOR):
        mine.append((Seat.kind == SeatKind.BAR_RAISER) & (why != "has no slot"))
        chaired.append(Seat.kind == SeatKind.BAR_RAISER)
    named = query.where(why != "", or_(*mine)).options(joinedload(Application.candidate)).limit(_SHOWN)
    mend = [(application, f"{name} {words}.") for application, name, words in db.session.execute(named)]
    chairs = query.where(Seat.kind == SeatKind.BAR_RAISER, Application.step.in_(_BEFORE_DECISION), or_(*chaired))
    return mend + _dependent(chairs, now)


def incomplete(reader: Person, now: datetime) -> list[tuple[Application, str]]:
    """Loops that somebody left after their interview began and that lack something since, with what it is.

    For the requisition's recruiter, the loop's Bar Raiser, and administrators, who replace owners and Bar Raisers.
    """
    left = exists().where(Seat.loop_id == Loop.id, Seat.state.in_([SeatState.VACATED, SeatState.HANDED_OVER]))
    leads = exists().where(
        Seat.loop_id == Loop.id,
        Seat.person_id == reader.id,
        Seat.kind == SeatKind.BAR_RAISER,
        Seat.state == SeatState.HELD,
    )
    query = (
        select(Application)
        .join(Loop, Loop.application_id == Application.id)
        .join(Requisition, Requisition.id == Application.requisition_id)
        .options(joinedload(Application.candidate), contains_eager(Application.requisition))
        .where(Application.ended.is_(None), Application.step.in_(_BEFORE_DECISION), left)
        .where(Loop.state != LoopState.COMPOSING)
        .order_by(Application.id)
        .limit(50)
    )
    if not reader.has(Role.ADMINISTRATOR):
        query = query.where(or_(spine.recruited_by(reader), leads))
    figures, found = policy.current(), []
    for application in db.session.scalars(query):
        asked = queries.composition(application, now, with_replacements=False)
        lacking = [one.facts for one in why_not_complete(asked, figures)]
        if lacking:
            found.append((application, " ".join(lacking)))
    return found


def _dependent(chairs: Select[Any], now: datetime) -> list[tuple[Application, str]]:
    """Bar Raisers who are not independent (any more), with the facts of the org chart; the first fifty.

    Asked of all loops under way, so only what the rule needs is read of them, and rows of those who are named.
    """
    facts = chairs.with_only_columns(
        Application.id, Seat.person_id, Requisition.hiring_manager_id, Requisition.recruiter_id, Requisition.team_id
    )
    asked = [row for row in db.session.execute(facts) if row.hiring_manager_id is not None]
    known = people.colleagues({row.person_id for row in asked} | {row.hiring_manager_id for row in asked}, now.date())
    found: dict[int, str] = {}
    for row in asked:
        manager = known[row.hiring_manager_id]
        why = why_not_independent(known[row.person_id], manager, row.recruiter_id, row.team_id)
        if why and len(found) < _SHOWN:
            found[row.id] = " ".join(why)
    if not found:
        return []
    query = select(Application).where(Application.id.in_(found)).options(joinedload(Application.candidate))
    named = {row.id: row for row in db.session.scalars(query)}
    return [(named[application_id], words) for application_id, words in found.items()]

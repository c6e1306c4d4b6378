"""What pages and desks show besides one loop: the bank's questions, seats held, loops to compose or to mend."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TypeAlias, TypeVarTuple

from sqlalchemy import ColumnElement, Integer, Row, Select, bindparam, case, exists, func, or_, select, union
from sqlalchemy.orm import aliased, joinedload

from hiring.ground import policy
from hiring.ground.database import db, surely
from hiring.people import queries as people
from hiring.people.asking import Asker, ask, ask_of, find
from hiring.people.models import Person
from hiring.people.rules import Role, why_not_independent
from hiring.pipeline import queries as spine
from hiring.pipeline import readers
from hiring.pipeline.models import Application, Candidate, Referral, Requisition
from hiring.pipeline.rules import Step
from hiring.steps.interview_loop import queries
from hiring.steps.interview_loop.facts import Item
from hiring.steps.interview_loop.models import BarRaiserDraw, Conflict, Interview, Loop, Seat
from hiring.steps.interview_loop.rules import CURRENT, ENDED, InterviewState, LoopPolicy, LoopState, SeatKind, SeatState
from hiring.steps.job_description.models import JobDescription, Question, WouldBeReport
from hiring.steps.job_description.rules import QuestionUse

_BEFORE_DECISION = (Step.INTERVIEW_LOOP, Step.WRITTEN_FEEDBACK, Step.DEBRIEF)
_SHOWN = 50
"""Of each kind, on a desk."""
_BATCHES = 4
"""How many times as many loops that somebody left are looked through for those that lack something."""
_LONGEST = (Application.step_entered_at, Application.id)
Ts = TypeVarTuple("Ts")


def bank(items: Iterable[Item]) -> dict[int, list[str]]:
    """Questions of the bank that suit each tested item; generic ones are left out."""
    found = find(_bank)
    return {
        item.id: [
            row.text
            for row in found
            if (item.principle_id is not None and row.principle_id == item.principle_id) or row.competency == item.name
        ]
        for item in items
    }


def _bank() -> Select[str, int | None, str]:
    asked = (Question.use == QuestionUse.LOOP, Question.generic.is_(False))
    return select(Question.text, Question.principle_id, Question.competency).where(*asked).order_by(Question.id)


SeatRow: TypeAlias = tuple[int, datetime | None, datetime | None, datetime, datetime, str, int, str]


def seats_of(person_id: int) -> Sequence[Row[*SeatRow]]:
    """Seats that somebody holds with an interview still booked on a confirmed loop, soonest first.

    Not those whose feedback is in: of most that somebody holds the interview was long ago.
    Seat's id, when it was accepted or declined, the interview's beginning, end and place, application's id and name.
    """
    return ask_of(_seats_of, person_id) if readers.ties(person_id).takes_part else []


def _seats_of(asker: Asker) -> Select[*SeatRow]:
    return (
        select(
            Seat.id,
            Seat.accepted_at,
            Seat.declined_at,
            Interview.starts_at,
            Interview.ends_at,
            Interview.where,
            Loop.application_id,
            Candidate.name,
        )
        .join(Interview, Interview.seat_id == Seat.id)
        .join(Loop, Loop.id == Seat.loop_id)
        .join(Application, Application.id == Loop.application_id)
        .join(Candidate, Candidate.id == Application.candidate_id)
        .where(
            Seat.person_id == asker.id,
            Seat.state == SeatState.HELD,
            Seat.submitted_at.is_(None),
            Loop.state != LoopState.COMPOSING,
            Interview.state == InterviewState.BOOKED,
            Application.ended.is_(None),
        )
        .order_by(Interview.starts_at)
    )


def unslotted_seats_of(person_id: int) -> Sequence[Row[int, int, str]]:
    """Seats of live applications that somebody holds and for which no interview is booked or was held, by id.

    Seat's id, application's id and name. On loops still being composed all of them; a booked interview of those is
    among them, for it is not yet told to anybody. Left out are seats whose feedback is in, for their interview was, and
    the Bar Raiser's: see ``bar_raised_by``.
    """
    return ask_of(_unslotted_seats_of, person_id)


def _unslotted_seats_of(asker: Asker) -> Select[int, int, str]:
    held = exists().where(Interview.seat_id == Seat.id, Interview.state.in_(CURRENT))
    return (
        select(Seat.id, Loop.application_id, Candidate.name)
        .join(Loop, Loop.id == Seat.loop_id)
        .join(Application, Application.id == Loop.application_id)
        .join(Candidate, Candidate.id == Application.candidate_id)
        .where(
            Seat.person_id == asker.id,
            Seat.state == SeatState.HELD,
            Seat.submitted_at.is_(None),
            Seat.kind != SeatKind.BAR_RAISER,
            Application.ended.is_(None),
            or_(Loop.state == LoopState.COMPOSING, ~held),
        )
        .order_by(Seat.id)
    )


def bar_raised_by(person_id: int) -> Sequence[Row[int, str]]:
    """Live applications whose Bar Raiser somebody is: by their seat or, before there is one, as drawn by rotation.

    Id and name.
    """
    return ask_of(_bar_raised_by, person_id)


def _bar_raised_by(asker: Asker) -> Select[int, str]:
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
    # First what they ever were Bar Raiser of: asked of every live application, the two would be read for each.
    theirs = union(
        select(BarRaiserDraw.application_id).where(BarRaiserDraw.person_id == asker.id),
        select(Loop.application_id)
        .join(Seat, Seat.loop_id == Loop.id)
        .where(Seat.person_id == asker.id, Seat.kind == SeatKind.BAR_RAISER, Seat.state == SeatState.HELD),
    )
    return (
        select(Application.id, Candidate.name)
        .join(Candidate, Candidate.id == Application.candidate_id)
        .where(Application.id.in_(theirs), Application.ended.is_(None), func.coalesce(seated, drawn) == asker.id)
        .order_by(Application.id)
    )


def to_compose(reader: Person) -> Sequence[Row[int, str]]:
    """Applications in this step whose loop is not confirmed: the recruiter's own, or all for a coordinator."""
    return ask(_to_compose, reader) if reader.has(Role.COORDINATOR, Role.RECRUITER) else []


def _to_compose(asker: Asker) -> Select[int, str]:
    query = (
        select(Application.id, Candidate.name)
        .join(Candidate, Candidate.id == Application.candidate_id)
        .outerjoin(Loop, Loop.application_id == Application.id)
        .where(
            Application.step == Step.INTERVIEW_LOOP,
            Application.ended.is_(None),
            or_(Loop.id.is_(None), Loop.state == LoopState.COMPOSING),
            readers.visible_applications(asker),
        )
        .order_by(Application.step_entered_at)
        .limit(_SHOWN)
    )
    if asker.has(Role.COORDINATOR):
        return query
    return query.where(Application.requisition_id.in_(select(Requisition.id).where(readers.recruited_by(asker))))


def to_mend(reader: Person) -> list[tuple[int, str, str]]:
    """Held seats of confirmed loops that somebody must mend: application, candidate, and a sentence that says why.

    Declined, without a slot, or with an interview still to come of somebody who left, has a conflict of interest, is
    below the level or would report to the position; also of a Bar Raiser who is no longer independent. The recruiter's
    own and all for a coordinator; an administrator sees Bar Raisers, whom rotation replaces. Of loops under suspicion.
    """
    if not reader.has(Role.COORDINATOR, Role.RECRUITER, Role.ADMINISTRATOR):
        return []
    found = ask(_to_mend, reader, levels_below=policy.current()[LoopPolicy].levels_below)
    mend = [(application_id, candidate, f"{name} {words}.") for application_id, candidate, name, words in found]
    return mend + _dependent(ask(_chairs, reader))[:_SHOWN]


def wrongly_suspected() -> dict[int, bool]:
    """Applications whose loop is under suspicion and has nothing to mend, or the reverse; and what is right of each."""
    unfit = find(_unfit, False, levels_below=policy.current()[LoopPolicy].levels_below)
    found = {row[0] for row in unfit} | {row[0] for row in _dependent(find(_chaired, False))}
    suspected = {row[0] for row in find(_suspected)}
    return {one: one in found for one in found ^ suspected}


def _suspected() -> Select[int]:
    one = aliased(Loop)
    return select(one.application_id).where(one.suspect)


def _of_confirmed(query: Select[*Ts], *, suspected: bool) -> Select[*Ts]:
    """Held seats of confirmed loops of live applications; or of those of them that are under suspicion."""
    which = (Application.id.in_(_suspected()), Application.ended.is_(None)) if suspected else (spine.under_way(),)
    return (
        query.join(Loop, Loop.id == Seat.loop_id)
        .join(Application, Application.id == Loop.application_id)
        .join(Candidate, Candidate.id == Application.candidate_id)
        .join(Requisition, Requisition.id == Application.requisition_id)
        .where(Seat.state == SeatState.HELD, Loop.state != LoopState.COMPOSING, *which)
        .order_by(Application.id, Seat.id)  # by seat alone, SQLite would walk every seat there ever was
    )


def _answered_for(asker: Asker) -> list[ColumnElement[bool]]:
    return [
        readers.recruited_by(asker),
        *([readers.visible_applications(asker)] if asker.has(Role.COORDINATOR) else []),
    ]


def _to_mend(asker: Asker) -> Select[int, str, str, str]:
    mine = _answered_for(asker)
    if asker.has(Role.ADMINISTRATOR):
        mine.append((Seat.kind == SeatKind.BAR_RAISER) & (_why_unfit() != "has no slot"))
    return _unfit(True).where(or_(*mine)).limit(_SHOWN)


def _unfit(suspected: bool) -> Select[int, str, str, str]:
    why = _why_unfit()
    query = select(Application.id, Candidate.name, Person.name, why).join(Person, Person.id == Seat.person_id)
    return _of_confirmed(query, suspected=suspected).where(why != "")


def _why_unfit() -> ColumnElement[str]:
    """What speaks against whoever holds a seat, in words; empty for nothing."""
    own = Interview.seat_id == Seat.id
    slotted = exists().where(own, Interview.state.in_(CURRENT))
    over = exists().where(own, Interview.state.in_(ENDED))
    description = func.coalesce(Application.description_id, Requisition.description_id)
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
            JobDescription.id == description,
            Person.level < JobDescription.level - bindparam("levels_below", type_=Integer),
        ),
        "would report to the position": exists().where(
            WouldBeReport.description_id == description, WouldBeReport.person_id == Seat.person_id
        ),
    }
    return case(
        (Seat.declined_at.is_not(None), "declined"),
        *((condition & ~over, words) for words, condition in unfit.items()),
        (~slotted, "has no slot"),
        else_="",
    )


Chair: TypeAlias = tuple[int, str, int, int | None, int | None, int | None]


def _chairs(asker: Asker) -> Select[*Chair]:
    chaired = _chaired(True)
    return chaired if asker.has(Role.ADMINISTRATOR) else chaired.where(or_(*_answered_for(asker)))


def _chaired(suspected: bool) -> Select[*Chair]:
    """Who chairs what is not decided yet, and those on whom independence is measured."""
    query = select(
        Application.id,
        Candidate.name,
        Seat.person_id,
        Requisition.hiring_manager_id,
        Requisition.recruiter_id,
        Requisition.team_id,
    )
    seats = _of_confirmed(query, suspected=suspected)
    return seats.where(Seat.kind == SeatKind.BAR_RAISER, Application.step.in_(_BEFORE_DECISION))


def incomplete(reader: Person, now: datetime, *, most: int = _SHOWN) -> list[tuple[Application, str]]:
    """Loops that somebody left after their interview began and that lack something since, with what it is.

    For the requisition's recruiter, the loop's Bar Raiser, and administrators, who replace owners and Bar Raisers;
    those that have been in their step for longest first. Whether a loop lacks something is asked of one after the
    other, so of many that were left only the first four times as many as are shown are looked through.
    """
    if not (reader.has(Role.ADMINISTRATOR, Role.RECRUITER) or readers.ties(reader.id).takes_part):
        return []
    found: list[tuple[Application, str]] = []
    for batch in range(_BATCHES):
        ids = [row[0] for row in ask(_left_midway, reader, most=most, passed=batch * most)]
        query = select(Application).where(Application.id.in_(ids)).order_by(*_LONGEST)
        with_names = query.options(joinedload(Application.candidate), joinedload(Application.requisition))
        for application in db.session.scalars(with_names) if ids else ():
            lacking = [one.facts for one in queries.lacking(application, now)]
            if lacking:
                found.append((application, " ".join(lacking)))
            if len(found) == most:
                return found
        if len(ids) < most:
            break
    return found


def _left_midway(asker: Asker) -> Select[int]:
    left = exists().where(Seat.loop_id == Loop.id, Seat.state.in_([SeatState.VACATED, SeatState.HANDED_OVER]))
    query = (
        select(Application.id)
        .join(Loop, Loop.application_id == Application.id)
        .where(Application.ended.is_(None), Application.step.in_(_BEFORE_DECISION), left)
        .where(Loop.state != LoopState.COMPOSING)
        .order_by(*_LONGEST)
        .limit(bindparam("most", type_=Integer))
        .offset(bindparam("passed", type_=Integer))
    )
    if asker.has(Role.ADMINISTRATOR):
        return query
    one, its = aliased(Application), aliased(Loop)
    under_way = select(one.id).where(one.step.in_(_BEFORE_DECISION), one.ended.is_(None))
    recruited = under_way.where(one.requisition_id.in_(select(Requisition.id).where(readers.recruited_by(asker))))
    led = under_way.join(its, its.application_id == one.id).join(Seat, Seat.loop_id == its.id)
    led = led.where(Seat.person_id == asker.id, Seat.kind == SeatKind.BAR_RAISER, Seat.state == SeatState.HELD)
    return query.where(Application.id.in_(recruited.union(led)))


def _dependent(chairs: Sequence[Row[*Chair]]) -> list[tuple[int, str, str]]:
    """Bar Raisers who are not independent (any more), with the facts of the org chart."""
    if not chairs:
        return []
    known = people.placed({one for row in chairs for one in (row[2], row[3]) if one})
    found = []
    for application_id, candidate, person_id, manager_id, recruiter_id, team_id in chairs:
        manager = known[surely(manager_id, "hiring manager")]
        facts = why_not_independent(known[person_id], manager, recruiter_id, team_id)
        found += [(application_id, candidate, " ".join(facts))] if facts else []
    return found

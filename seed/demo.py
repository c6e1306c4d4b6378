"""The demo company: deterministic, dated relative to now, built by the product's own actions.

Two years of history come in bulk; everything alive was walked there act by act. What it shows: applications at every
step, loops of today with running clocks, one debrief ready to chair, and refusals to run into.
"""

import sys
from datetime import UTC, datetime, timedelta
from random import Random

import click
from sqlalchemy.orm import selectinload

from hiring.ground.database import db, writing
from hiring.ground.installation import Mark
from hiring.people.models import Person
from hiring.pipeline import history
from hiring.pipeline import queries as pipeline
from hiring.pipeline.history import PastCase, PastStay
from hiring.pipeline.models import Application, Requisition
from hiring.pipeline.rules import End, EndReason, HowLeft, RequisitionStatus, Source, Step
from hiring.steps.debrief.rules import Decision, Phase
from hiring.steps.interview_loop import actions as loop
from hiring.steps.interview_loop import queries as loops
from hiring.steps.interview_loop.models import Loop
from hiring.steps.interview_loop.rules import ConflictKind, LoopState, SeatKind
from hiring.steps.job_description import actions as descriptions
from hiring.steps.job_description import queries as description_queries
from hiring.steps.job_description import requisition_actions as requisitions
from hiring.steps.job_description.actions import Text
from hiring.steps.job_description.models import DescriptionReview, Principle
from hiring.steps.job_description.requisition_actions import NewRequisition
from hiring.steps.job_description.rules import Verdict
from hiring.steps.offer import actions as offers
from hiring.steps.offer.actions import Draft
from hiring.steps.phone_screen.rules import ScreenVerdict
from hiring.steps.resume_review.rules import Mark as MustHaveMark
from hiring.steps.written_feedback.rules import Vote
from hiring.transitions import actions as transitions
from hiring.transitions import cords
from seed import fresh
from seed.company import FIRST, LAST, found
from seed.walk import Walk, act, at_work

DAY = timedelta(days=1)
OPEN_TEAMS = (
    "Payments Ledger",
    "Payments Checkout",
    "Payments Risk",
    "Logistics Routing",
    "Logistics Warehouse",
    "Logistics Returns",
    "Search Ranking",
    "Search Index",
    "Search Ads",
    "Platform Compute",
    "Platform Storage",
    "Platform Identity",
    "Marketplace Sellers",
    "Marketplace Catalogue",
    "Marketplace Pricing",
    "Payments Ledger",
)
PAST_TEAMS = OPEN_TEAMS[:7]
PRINCIPLES = ("Customer Obsession", "Ownership", "Dive Deep", "Deliver Results", "Earn Trust")
POINTS = {
    "role_clear": "Yes: one ledger, one owner, and who calls at night.",
    "problem_sharp": "Sharp: the nightly close, with its figures.",
    "must_haves_testable": "Both are needed, and a résumé can show them.",
    "risks": "Two teams own the neighbouring service; say who decides.",
}


def build(now: datetime) -> None:
    """Fill an empty, migrated database. Takes under a minute."""
    now = now.astimezone(UTC).replace(microsecond=0)
    chance = Random(2021)
    fresh.build("Northwind Trading", "Europe/Berlin", now - 900 * DAY, Mark.DEMO)
    with writing():
        company = found(now, chance)
    walk = Walk(company, chance)
    names = _candidates(chance)
    with click.progressbar(length=len(OPEN_TEAMS) + 5, label="Demo company", file=sys.stderr) as bar:
        open_ids = []
        for place, team in enumerate(OPEN_TEAMS):
            open_ids.append(_open_requisition(walk, team, now, place))
            bar.update(1)
        _drafts(walk, now)
        bar.update(1)
        _past(walk, open_ids, names, now)
        bar.update(1)
        _early_steps(walk, open_ids, names, now)
        bar.update(1)
        _loops(walk, open_ids, names, now)
        bar.update(1)
        _late_steps(walk, open_ids, names, now)
        bar.update(1)
        _choose_cast(walk)


def _candidates(chance: Random) -> list[str]:
    names = [f"{first} {last}" for last in LAST.split() for first in FIRST.split()]
    chance.shuffle(names)
    return names


# --- Requisitions -------------------------------------------------------------------------------------------------


def _text(title: str, level: int, place: int) -> Text:
    principles = db.session.query(Principle).filter(Principle.name.in_(PRINCIPLES)).order_by(Principle.place)
    return Text(
        title=title,
        location=("Berlin", "London", "New York")[place % 3],
        pay_low=(70_000 + level * 4_000) * 100,
        pay_high=(95_000 + level * 6_000) * 100,
        currency=("EUR", "GBP", "USD")[place % 3],
        summary="Customers see a balance that is right on the first look, every day, and can ask why.",
        report_ids=[],
        no_reports=True,
        level=level,
        outcomes=["The nightly close needs no hand work within six months", "On-call load falls by half in a year"],
        must_haves=["Five years of building back-end services", "Has run a service with customers' money or goods"],
        principle_ids=[row.id for row in principles][:4],
        competencies=["System Design", "Coding"],
    )


def _draft(walk: Walk, team: str, at: datetime, place: int, title: str = "") -> tuple[int, int]:
    """A requisition with a complete draft; returns its id and the description's."""
    company = walk.company
    recruiter = company.cast["recruiter" if place % 2 == 0 else "recruiter2"]
    level = (7, 7, 6, 8)[place % 4]
    name = title or ("Senior Engineer", "Staff Engineer", "Engineer", "Principal Engineer")[place % 4]
    wanted = NewRequisition(
        title=f"{name}, {team}",
        team_id=company.teams[team],
        location=("Berlin", "London", "New York")[place % 3],
        country=("DE", "GB", "US")[place % 3],
        hiring_manager_id=company.managers[team],
        recruiter_id=recruiter,
    )
    requisition_id = act(requisitions.create, walk.person(recruiter), wanted, now=at).id
    for _ in range(1 + place % 3):
        act(requisitions.add_opening, walk.person(recruiter), requisition_id, at.date(), now=at)
    description = description_queries.newest(requisition_id)
    if description is None:
        raise RuntimeError("a new requisition begins with a draft")
    description_id = description.id
    text = _text(wanted.title, level, place)
    act(descriptions.write, walk.person(company.managers[team]), description_id, text, expected_version=None, now=at)
    return requisition_id, description_id


def _open_requisition(walk: Walk, team: str, now: datetime, place: int) -> int:
    at = at_work(now, place - 64, 11)
    requisition_id, description_id = _draft(walk, team, at, place)
    manager = walk.person(walk.company.managers[team])
    reviewer = act(descriptions.submit, manager, description_id, now=at + DAY).reviewer_id
    act(descriptions.review, walk.person(reviewer), description_id, Verdict.APPROVE, POINTS, now=at + 2 * DAY)
    return requisition_id


def _drafts(walk: Walk, now: datetime) -> None:
    """A draft with gaps, one in review, one sent back with changes asked for."""
    company = walk.company
    recruiter = company.cast["recruiter"]
    wanted = NewRequisition(
        title="Data Scientist, Search Ads",
        team_id=company.teams["Search Ads"],
        location="Berlin",
        country="DE",
        hiring_manager_id=company.managers["Search Ads"],
        recruiter_id=recruiter,
    )
    act(requisitions.create, walk.person(recruiter), wanted, now=now - 2 * DAY)
    for place, changes in ((1, False), (2, True)):
        team = OPEN_TEAMS[place + 6]
        _, description_id = _draft(walk, team, now - 4 * DAY, place, "Applied Scientist")
        manager = walk.person(company.managers[team])
        reviewer = act(descriptions.submit, manager, description_id, now=now - 3 * DAY).reviewer_id
        if changes:
            points = POINTS | {"problem_sharp": "Not yet: what changes for a customer in the first year? So what?"}
            act(
                descriptions.review,
                walk.person(reviewer),
                description_id,
                Verdict.CHANGES,
                points,
                now=now - 2 * DAY,
            )


# --- Two years of history -----------------------------------------------------------------------------------------


def _past(walk: Walk, open_ids: list[int], names: list[str], now: datetime) -> None:
    """Ended applications of two years, on closed requisitions and on the open ones' beginnings."""
    chance = walk.chance
    with writing():
        ids = []
        for place, team in enumerate(PAST_TEAMS):
            opened = now - (720 - place * 80) * DAY
            row = Requisition(
                code=f"P-{place + 1:03}",
                title=f"Engineer, {team}",
                team_id=walk.company.teams[team],
                location="Berlin",
                country="DE",
                hiring_manager_id=walk.company.managers[team],
                recruiter_id=walk.company.cast["recruiter" if place % 2 else "recruiter2"],
                status=RequisitionStatus.CLOSED,
                openings=40,
                created_at=opened,
                opened_at=opened,
                closed_at=opened + 150 * DAY,
            )
            db.session.add(row)
            db.session.flush()
            ids.append((row.id, opened))
    for requisition_id, opened in ids:
        cases = [_past_case(chance, names.pop(), opened + chance.random() * 100 * DAY) for _ in range(210)]
        with writing():
            requisition = db.session.get_one(Requisition, requisition_id)
            requisition.hires = sum(1 for case in cases if case.end is End.HIRED)
            requisition.openings = max(requisition.hires, 1)
            history.record(requisition, cases, now=now, progress=lambda done: None)
    for requisition_id in open_ids:
        cases = [
            _past_case(chance, names.pop(), now - (15 + chance.random() * 35) * DAY, early=True) for _ in range(25)
        ]
        with writing():
            requisition = db.session.get_one(Requisition, requisition_id)
            history.record(requisition, cases, now=now, progress=lambda done: None)


_PATH = (
    (Step.RESUME_REVIEW, 0.34, EndReason.OFF_TARGET, 2.0),
    (Step.PHONE_SCREEN, 0.28, EndReason.PHONE_SCREEN_NO, 6.0),
    (Step.INTERVIEW_LOOP, 0.97, EndReason.CANDIDATE, 9.0),
    (Step.WRITTEN_FEEDBACK, 1.0, EndReason.OTHER, 0.1),
    (Step.DEBRIEF, 0.42, EndReason.NO_HIRE, 0.8),
    (Step.REFERENCE_CHECK, 0.95, EndReason.OTHER, 4.0),
    (Step.OFFER, 0.85, EndReason.OFFER_DECLINED, 30.0),
)
_WITHDRAWALS = {EndReason.CANDIDATE, EndReason.OFFER_DECLINED}


def _past_case(chance: Random, name: str, at: datetime, *, early: bool = False) -> PastCase:
    """One ended application; ``early`` ones did not get past the phone screen."""
    at = at.replace(microsecond=0)
    stays: list[PastStay] = []
    source = chance.choices((Source.CAREERS, Source.SOURCED, Source.REFERRED, Source.AGENCY), weights=(60, 20, 15, 5))[
        0
    ]
    for step, passes, reason, days in _PATH:
        left = at + timedelta(days=chance.expovariate(1 / days) + 0.02)
        left = left.replace(microsecond=0)
        last = step is Step.OFFER
        goes_on = chance.random() < passes and not (early and step is Step.PHONE_SCREEN)
        if goes_on and not last:
            stays.append(PastStay(step, at, left, HowLeft.ADVANCED))
            at = left
            continue
        if goes_on:
            stays.append(PastStay(step, at, left, HowLeft.HIRED))
            return PastCase(name, tuple(stays), End.HIRED, left, name=name, source=source, end_reason=EndReason.ARRIVED)
        end = End.WITHDRAWN if reason in _WITHDRAWALS or chance.random() < 0.06 else End.REJECTED
        stays.append(PastStay(step, at, left, HowLeft.WITHDRAWN if end is End.WITHDRAWN else HowLeft.REJECTED))
        why = EndReason.CANDIDATE if end is End.WITHDRAWN and reason not in _WITHDRAWALS else reason
        return PastCase(name, tuple(stays), end, left, name=name, source=source, end_reason=why)
    raise AssertionError("the last step always ends a case")


# --- What is alive ------------------------------------------------------------------------------------------------


def _early_steps(walk: Walk, open_ids: list[int], names: list[str], now: datetime) -> None:
    """Résumés waiting, phone screens to book, booked and decided."""
    for place, requisition_id in enumerate(open_ids):
        for number in range(2 + place % 3):
            application_id = walk.apply(requisition_id, names.pop(), now - (1 + number) * DAY)
            if number == 0 and place % 3 == 0:
                walk.mark(application_id, now - timedelta(hours=5), MustHaveMark.NOT_SHOWN)
    for place, requisition_id in enumerate(open_ids[:8]):
        at = at_work(now, -6 - place % 3, 19)
        application_id = walk.apply(
            requisition_id, names.pop(), at, Source.REFERRED if place % 4 == 0 else Source.CAREERS
        )
        walk.pass_review(application_id, at_work(now, -5 - place % 3, 10))
        if place % 2:
            walk.book_screen(application_id, at_work(now, 1, 9 + place), now - DAY)
    rejected = walk.apply(open_ids[2], names.pop(), at_work(now, -9, 20))
    walk.pass_review(rejected, at_work(now, -8, 11))
    walk.pass_screen(rejected, at_work(now, -7, 15), ScreenVerdict.NO)


def _screened(walk: Walk, requisition_id: int, name: str, now: datetime, days: int = 12) -> int:
    """An application that came so many working days ago and passed the phone screen two days later."""
    application_id = walk.apply(requisition_id, name, at_work(now, -days, 20))
    walk.pass_review(application_id, at_work(now, 1 - days, 11))
    walk.pass_screen(application_id, at_work(now, 2 - days, walk.chance.randint(9, 16), walk.chance.choice((0, 30))))
    return application_id


def _loops(walk: Walk, open_ids: list[int], names: list[str], now: datetime) -> None:
    """Loops being composed, one against every rule; confirmed ones; and those of today with running clocks."""
    waiting = _screened(walk, open_ids[9], names.pop(), now)
    act(loop.compose, walk.owners(waiting)[0], waiting, now=now - DAY)
    _against_the_rules(walk, _screened(walk, open_ids[0], names.pop(), now), now)
    future = _screened(walk, open_ids[10], names.pop(), now)
    walk.confirm(future, at_work(now, 3, 9), now - DAY)
    running = _screened(walk, open_ids[0], names.pop(), now, 13)
    seats = walk.confirm(running, now - timedelta(hours=3, minutes=50), now - 2 * DAY, shadowed=True)
    walk.hold(seats, now)
    for seat_id in seats[:2]:
        walk.write(seat_id, Vote.INCLINED)
    walk.draft(seats[3], now - timedelta(minutes=2))
    under_way = _screened(walk, open_ids[3], names.pop(), now, 14)
    seats = walk.confirm(under_way, now - timedelta(hours=1, minutes=20), now - 2 * DAY, others=3)
    walk.hold(seats, now)
    late = _screened(walk, open_ids[4], names.pop(), now, 15)
    seats = walk.confirm(late, now - timedelta(hours=28), now - 3 * DAY)
    walk.hold(seats, now)
    for seat_id in seats[:-1]:
        walk.write(seat_id, Vote.NOT_INCLINED)


def _against_the_rules(walk: Walk, application_id: int, now: datetime) -> None:
    """A loop that somebody composed without reading the rules: too junior, untrained, a friend, a report."""
    recruiter_id = walk.owners(application_id)[0].id
    at = now - timedelta(hours=3)
    act(loop.compose, walk.person(recruiter_id), application_id, now=at)
    company = walk.company
    junior = next(
        one for one in company.interviewers if walk.person(one).level == 5 and one not in company.cast.values()
    )
    friend = next(
        one for one in company.interviewers if walk.person(one).level >= 7 and one not in company.managers.values()
    )
    found = loops.loop_for(application_id)
    seated = {seat.person_id for seat in loops.held_seats(found)} if found else set()
    for person_id in (junior, company.trainees[0], friend):
        if person_id not in seated:
            act(loop.add_seat, walk.person(recruiter_id), application_id, person_id, now=at)
    act(
        loop.declare_conflict,
        walk.person(company.cast["administrator"]),
        application_id,
        friend,
        ConflictKind.FORMER_REPORT,
        "The candidate reported to them at their last company.",
        now=at,
    )


def _late_steps(walk: Walk, open_ids: list[int], names: list[str], now: datetime) -> None:
    """Debriefs, references, offers, arrivals, a no-hire, a veto, a hold, a pulled cord."""
    ready = _screened(walk, open_ids[5], names.pop(), now, 16)
    walk.whole_loop(ready, now - timedelta(hours=7), [Vote.INCLINED, Vote.STRONGLY_INCLINED, Vote.NOT_INCLINED])
    reading = _screened(walk, open_ids[6], names.pop(), now, 17)
    walk.whole_loop(reading, now - timedelta(hours=30))
    walk.debrief(reading, now - timedelta(minutes=20), Phase.BOARD)
    decided = []
    for place, requisition_id in enumerate((open_ids[7], open_ids[8], open_ids[11], open_ids[12], open_ids[13])):
        application_id = _screened(walk, requisition_id, names.pop(), now, 20 + place)
        walk.whole_loop(application_id, at_work(now, -10 - place, 9))
        walk.debrief(application_id, at_work(now, -10 - place, 16))
        decided.append(application_id)
    no_hire, vetoed, calling, offered, accepted = decided
    walk.decide(no_hire, at_work(now, -10, 17), Decision.NO_HIRE)
    walk.veto(vetoed, at_work(now, -11, 17))
    for place, application_id in enumerate((calling, offered, accepted), 2):
        walk.decide(application_id, at_work(now, -10 - place, 17))
    walk.begin_references(calling, at_work(now, -2, 14), calls=1)
    for application_id in (offered, accepted):
        walk.clear_references(application_id, at_work(now, -7, 15))
    _offer(walk, offered, at_work(now, -6, 11), now)
    _offer(walk, accepted, at_work(now, -6, 11), now, accept=True)
    held = walk.apply(open_ids[14], names.pop(), now - 3 * DAY)
    act(transitions.hold, walk.owners(held)[0], held, "The candidate is away until next month.", now=now - DAY)
    stopped = _screened(walk, open_ids[14], names.pop(), now)
    act(
        cords.pull,
        walk.owners(stopped)[0],
        stopped,
        "The candidate was asked on the telephone whether they plan to have children.",
        [walk.company.managers[OPEN_TEAMS[14]]],
        now=now - timedelta(hours=4),
    )


def _offer(walk: Walk, application_id: int, at: datetime, now: datetime, *, accept: bool = False) -> None:
    """Prepared inside the range and made in person; an answer is open for another week, or is yes."""
    manager_id = walk.owners(application_id)[1].id
    row = description_queries.description(pipeline.application(application_id).description_id or 0)
    terms = Draft(
        pay=((row.pay_low or 0) + (row.pay_high or 0)) // 2,
        currency=row.currency,
        starts_on=(now + 40 * DAY).date(),
        answer_by=(now + 6 * DAY).date(),
        terms="Thirty days of leave, a learning budget, and a laptop of their choice.",
    )
    act(offers.prepare, walk.person(manager_id), application_id, terms, now=at)
    act(offers.make, walk.person(manager_id), application_id, "In person, over coffee in the office.", now=at)
    if accept:
        act(offers.accept, walk.person(manager_id), application_id, now=at_work(now, -3, 15))


_AT_WORK = {
    SeatKind.HIRING_MANAGER: (8, (Step.DEBRIEF, Step.OFFER, Step.REFERENCE_CHECK, Step.INTERVIEW_LOOP)),
    SeatKind.BAR_RAISER: (4, (Step.DEBRIEF, Step.INTERVIEW_LOOP)),
    SeatKind.INTERVIEWER: (6, (Step.WRITTEN_FEEDBACK, Step.INTERVIEW_LOOP)),
}
"""Of each kind, how many can be signed in as, and the steps whose loops leave them most to do."""


def _choose_cast(walk: Walk) -> None:
    """Those with something to do can be signed in as: of running loops, of descriptions to review, a trainee.

    Of an undecided debrief everybody can, for it is finished only by all who take part.
    """
    query = db.session.query(Loop, Application).join(Application, Application.id == Loop.application_id)
    alive = query.filter(Application.ended.is_(None), Loop.state != LoopState.COMPOSING)
    rows = alive.options(selectinload(Loop.seats)).order_by(Loop.id.desc()).all()
    cast = [walk.company.trainees[0]]
    for kind, (many, steps) in _AT_WORK.items():
        found = [
            seat.person_id
            for step in steps
            for loop_row, application in rows
            for seat in loops.held_seats(loop_row)
            if application.step is step and seat.kind is kind
        ]
        cast += list(dict.fromkeys(found))[:many]
    for loop_row, application in rows:
        if application.step is Step.DEBRIEF:
            cast += [seat.person_id for seat in loops.held_seats(loop_row)]
    cast += [row.reviewer_id for row in db.session.query(DescriptionReview).filter_by(verdict=None)]
    with writing():
        for person_id in cast:
            db.session.get_one(Person, person_id).cast = True

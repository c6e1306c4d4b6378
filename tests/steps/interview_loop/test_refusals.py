"""Every rule that confirming a loop asks: broken after composing, the page says so and the action refuses."""

from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient
from sqlalchemy import delete, func, select, update

from hiring.ground.database import db, writing
from hiring.people.models import Person, Qualification
from hiring.people.rules import Record
from hiring.pipeline import actions as spine
from hiring.pipeline import queries as pipeline
from hiring.pipeline.models import Booking
from hiring.pipeline.rules import Source, Step
from hiring.steps.interview_loop import actions, seating
from hiring.steps.interview_loop.models import Assignment, Conflict, Interview, Loop
from hiring.steps.interview_loop.rules import ConflictKind, InterviewState, LoopState, SeatKind
from hiring.steps.job_description import models as descriptions
from hiring.steps.job_description.rules import ItemKind
from tests.builders import LOOP_DAY, Built, application_at
from tests.cast import Cast, sign_in
from tests.steps.interview_loop.composing import (
    AFTER,
    FIRST,
    NOW,
    REASONS,
    act,
    composed,
    confirmed,
    interview_of,
    loop_of,
    refused,
    slot,
)

Break = Callable[[Cast, Built], object]


@pytest.fixture(autouse=True)
def today(at: Callable[[datetime], None]) -> None:
    at(NOW)


def shown(client: FlaskClient, person: Person, path: str) -> set[str]:
    """Ids of the rules that a page shows."""
    answer = sign_in(client, person).get(path)
    assert answer.status_code == 200
    page = BeautifulSoup(answer.text, "html.parser")
    marks = [*page.select("[data-rule]"), *page.select("[data-seat-rule]")]
    return {str(mark.get("data-rule") or mark.get("data-seat-rule")) for mark in marks}


def _record(person: Person, record: Record, **values: object) -> None:
    one = (Qualification.person_id == person.id, Qualification.record == record)
    db.session.execute(update(Qualification).where(*one).values(**values))


def _without(record: Record, who: str) -> Break:
    def strike(cast: Cast, _built: Built) -> None:
        one = (Qualification.person_id == cast.ids[who], Qualification.record == record)
        db.session.execute(delete(Qualification).where(*one))

    return strike


def _learning_from_a_beginner(cast: Cast, built: Built) -> None:
    actions.add_shadow(cast.rita, built.seats["iris"], cast.tara.id, now=NOW)
    _record(cast.iris, Record.INTERVIEWS, count=2)


def _their_own_interviewer(cast: Cast, built: Built) -> None:
    pipeline.application(built.application_id).candidate.person_id = cast.iris.id


def _a_relative(cast: Cast, built: Built) -> None:
    candidate_id = pipeline.application(built.application_id).candidate_id
    db.session.add(Conflict(candidate_id=candidate_id, person_id=cast.iris.id, kind=ConflictKind.FAMILY, at=NOW))


def _nothing_to_test(_cast: Cast, built: Built) -> None:
    db.session.execute(delete(Assignment).where(Assignment.seat_id == built.seats["irma"]))
    db.session.execute(delete(Assignment).where(Assignment.seat_id == built.seats["hector"]))


def _only_principles(_cast: Cast, built: Built) -> None:
    competencies = select(descriptions.TestedItem.id).where(descriptions.TestedItem.kind == ItemKind.COMPETENCY)
    some = Assignment.seat_id.in_([built.seats[who] for who in ("hector", "rita", "bea", "irma")])
    db.session.execute(delete(Assignment).where(some, Assignment.item_id.in_(competencies)))


def _no_slot(_cast: Cast, built: Built) -> None:
    db.session.execute(delete(Interview).where(Interview.seat_id == built.seats["iris"]))


def _same_time(_cast: Cast, built: Built) -> None:
    theirs = interview_of(built, "irma")
    mine = db.session.scalars(select(Interview).where(Interview.seat_id == built.seats["iris"])).one()
    mine.starts_at, mine.ends_at = theirs.starts_at, theirs.ends_at


def _debrief_at_once(_cast: Cast, built: Built) -> None:
    last = interview_of(built, "irma").ends_at
    loop = loop_of(built)
    loop.debrief_starts_at, loop.debrief_ends_at = last + timedelta(minutes=5), last + timedelta(minutes=65)


def _debrief_next_month(_cast: Cast, built: Built) -> None:
    loop = loop_of(built)
    loop.debrief_starts_at, loop.debrief_ends_at = FIRST + timedelta(days=30), FIRST + timedelta(days=30, hours=1)


def _a_full_week(cast: Cast, built: Built) -> None:
    for day in range(5):
        candidate = spine.add_candidate(f"Otto{day} Other", f"otto{day}@candidates.example", now=NOW)
        other = spine.start_application(candidate, built.requisition_id, source=Source.CAREERS, actor_id=None, now=NOW)
        loop = Loop(application_id=other.id, state=LoopState.CONFIRMED)
        db.session.add(loop)
        db.session.flush()
        seat = seating.give_seat(loop, cast.iris.id, SeatKind.INTERVIEWER)
        start = FIRST + timedelta(days=day, hours=9)
        ends = start + timedelta(minutes=45)
        db.session.add(
            Interview(seat_id=seat.id, starts_at=start, ends_at=ends, zone="UTC", state=InterviewState.BOOKED)
        )
        db.session.flush()


def _at_night(cast: Cast, _built: Built) -> None:
    cast.iris.time_zone = "America/Los_Angeles"


BROKEN: dict[str, Break] = {
    "loop.size": lambda cast, built: actions.remove_seat(cast.rita, built.seats["iris"], now=NOW),
    "loop.required": lambda cast, built: actions.remove_seat(cast.hector, built.seats["rita"], now=NOW),
    "loop.bar_raiser_certified": lambda cast, _: _record(cast.bea, Record.CERTIFICATION, expires_on=date(2026, 3, 5)),
    "loop.bar_raiser_independent": lambda cast, _: setattr(cast.bea, "team_id", cast.hector.team_id),
    "loop.level": lambda cast, _: setattr(cast.irma, "level", 5),
    "loop.direct_report": lambda cast, built: db.session.add(
        descriptions.WouldBeReport(description_id=built.description_id, person_id=cast.iris.id)
    ),
    "loop.trained": _without(Record.PAIRED_INTERVIEW, "iris"),
    "loop.shadow": _learning_from_a_beginner,
    "loop.distinct": _their_own_interviewer,
    "loop.conflict": _a_relative,
    "loop.available": lambda cast, _: setattr(cast.iris, "disabled_at", NOW),
    "loop.principles": _nothing_to_test,
    "loop.two_or_three": _nothing_to_test,
    "loop.balance": _only_principles,
    "loop.slotted": _no_slot,
    "loop.double_booked": _same_time,
    "loop.writing_time": _debrief_at_once,
    "loop.load": _a_full_week,
    "loop.night": _at_night,
    "loop.debrief_booked": _debrief_next_month,
}


@pytest.mark.parametrize("rule", BROKEN)
def test_a_broken_rule_is_on_the_page_and_refuses_the_confirmation(client: FlaskClient, cast: Cast, rule: str) -> None:
    built = composed(cast)
    page = f"/applications/{built.application_id}/loop"
    assert rule not in shown(client, cast.hector, page)
    with writing():
        BROKEN[rule](cast, built)
    assert rule in shown(client, cast.hector, page)
    reasons = {asked: why for asked, why in REASONS.items() if asked != rule}
    refused(lambda: actions.confirm(cast.hector, built.application_id, now=NOW, reasons=reasons), rule)
    assert loop_of(built).state is LoopState.COMPOSING
    assert db.session.scalar(select(func.count(Booking.id)).where(Booking.source.like("interview:%"))) == 0


def test_with_nothing_broken_the_loop_is_confirmed(cast: Cast) -> None:
    assert loop_of(confirmed(cast)).state is LoopState.CONFIRMED


def test_outside_its_step_the_page_says_why_no_loop_is_composed(client: FlaskClient, cast: Cast) -> None:
    built = application_at(cast, Step.PHONE_SCREEN)
    assert "loop.open" in shown(client, cast.rita, f"/applications/{built.application_id}/loop")


def test_after_one_no_show_the_page_says_why_nobody_is_withdrawn(
    client: FlaskClient, cast: Cast, at: Callable[[datetime], None]
) -> None:
    built = application_at(cast, Step.WRITTEN_FEEDBACK, held=False)
    one = interview_of(built, "iris").id
    act(lambda: actions.report(cast.iris, one, InterviewState.CANDIDATE_NO_SHOW, now=AFTER))
    at(AFTER)
    assert "loop.no_shows" in shown(client, cast.rita, f"/applications/{built.application_id}/loop")


def test_a_begun_interview_is_not_moved_and_its_page_says_why(
    client: FlaskClient, cast: Cast, at: Callable[[datetime], None]
) -> None:
    built = application_at(cast, Step.WRITTEN_FEEDBACK, held=False)
    at(LOOP_DAY + timedelta(days=1))
    assert "loop.outcome" in shown(client, cast.rita, f"/seats/{built.seats['iris']}")
    later = LOOP_DAY + timedelta(days=1)
    refused(lambda: actions.set_slot(cast.rita, built.seats["iris"], *slot(6), now=later), "loop.outcome")

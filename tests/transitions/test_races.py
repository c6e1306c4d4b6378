"""Two who move one application, and an application that arrives where somebody closes, on both engines."""

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import func, select

from hiring.ground.audit import AuditEntry
from hiring.ground.database import Stale, db
from hiring.ground.outbox import Notice
from hiring.pipeline.models import Application, Candidate, Requisition, StepVisit
from hiring.pipeline.rules import End, EndReason, RequisitionStatus, Source, Step
from hiring.steps.debrief import actions as debrief
from hiring.steps.resume_review.actions import Applicant, apply_unseen
from hiring.transitions import actions
from tests.builders import Built, application_at, requisition
from tests.cast import Cast
from tests.conftest import NOON, Engine
from tests.races import Act, Course, rounds
from tests.repeats import Repeats

Pair = Callable[[Cast, Built, list[int]], dict[str, Act]]


def moved_to_two_places(cast: Cast, built: Built, others: list[int]) -> dict[str, Act]:
    i = built.application_id
    return {
        "there": lambda: actions.move_to(cast.rita, i, others[0], "Fits better.", now=NOON).requisition_id,
        "elsewhere": lambda: actions.move_to(cast.hector, i, others[1], "Fits better.", now=NOON).requisition_id,
    }


def withdrawn_and_rejected(cast: Cast, built: Built, others: list[int]) -> dict[str, Act]:
    i = built.application_id
    return {
        "withdraw": lambda: actions.withdraw(cast.rita, i, "They called.", now=NOON),
        "reject": lambda: debrief.reject_before_interviews(cast.hector, i, "Not now.", now=NOON).id,
    }


def moved_and_withdrawn_by_the_candidate(cast: Cast, built: Built, others: list[int]) -> dict[str, Act]:
    i = built.application_id
    return {
        "move": lambda: actions.move_to(cast.rita, i, others[0], "Fits better.", now=NOON).requisition_id,
        "candidate": lambda: actions.withdraw_by_candidate(i, "Another job.", now=NOON),
    }


def sent_back_and_withdrawn(cast: Cast, built: Built, others: list[int]) -> dict[str, Act]:
    i = built.application_id
    return {
        "back": lambda: actions.send_back(cast.hector, i, Step.RESUME_REVIEW, "Look again.", now=NOON),
        "withdraw": lambda: actions.withdraw(cast.rita, i, "They called.", now=NOON),
    }


@pytest.mark.parametrize("pair", [moved_to_two_places, withdrawn_and_rejected, moved_and_withdrawn_by_the_candidate])
def test_of_two_ends_in_the_same_instant_one_stands_and_the_other_is_told_which(
    engine: Engine, app: Flask, cast: Cast, repeats: Repeats, pair: Pair
) -> None:
    def make() -> tuple[Built, list[int]]:
        others = [requisition(cast, code=code).requisition_id for code in ("R-2", "R-3")]
        return application_at(cast, Step.PHONE_SCREEN, on=requisition(cast)), others

    for race, (built, others) in rounds(engine, repeats, make, 200):
        course = race.meet(**pair(cast, built, others))
        row = built.application
        assert row.ended is not None
        assert f"This application has ended: {row.ended.value}." in course.refused().values()
        assert row.ended is wanted(course)
        assert ends_on_record(row.id) == 1
        begun = db.session.scalars(select(Application).where(Application.id != row.id)).all()
        if row.ended is End.MOVED:
            assert [one.requisition_id for one in begun] == [course.came[course.first]]
            assert (row.moved_to_id, begun[0].candidate_id) == (begun[0].id, row.candidate_id)
        else:
            assert begun == []


def wanted(course: Course) -> End:
    ends = {"withdraw": End.WITHDRAWN, "candidate": End.WITHDRAWN, "reject": End.REJECTED}
    return ends.get(course.first, End.MOVED)


def ends_on_record(application_id: int) -> int:
    ends = select(func.count()).where(AuditEntry.act == "application.end", AuditEntry.subject_id == application_id)
    return db.session.scalar(ends) or 0


def visits(application_id: int) -> list[Step]:
    query = select(StepVisit.step).where(StepVisit.application_id == application_id).order_by(StepVisit.ordinal)
    return list(db.session.scalars(query))


def test_a_return_and_an_end_in_the_same_instant_leave_one_state(
    engine: Engine, app: Flask, cast: Cast, repeats: Repeats
) -> None:
    for race, built in rounds(engine, repeats, lambda: application_at(cast, Step.PHONE_SCREEN), 200):
        course = race.meet(**sent_back_and_withdrawn(cast, built, []))
        row = built.application
        assert row.ended is End.WITHDRAWN and ends_on_record(row.id) == 1
        if course.first == "withdraw":
            assert course.refused("back")["requisition.open"] == "This application has ended: withdrawn."
            assert visits(row.id) == [Step.RESUME_REVIEW, Step.PHONE_SCREEN]
        else:
            assert course.wrong == {}
            assert visits(row.id) == [Step.RESUME_REVIEW, Step.PHONE_SCREEN, Step.RESUME_REVIEW]


def test_of_two_returns_in_the_same_instant_the_second_is_told_of_the_first(
    engine: Engine, app: Flask, cast: Cast, repeats: Repeats
) -> None:
    for race, built in rounds(engine, repeats, lambda: application_at(cast, Step.WRITTEN_FEEDBACK), 200):
        i, before = built.application_id, len(visits(built.application_id))
        goals = {"far": (cast.ids["hector"], Step.PHONE_SCREEN), "near": (cast.ids["bea"], Step.INTERVIEW_LOOP)}
        course = race.meet(
            far=lambda: actions.send_back(cast.hector, i, Step.PHONE_SCREEN, "Ask again.", now=NOON, shown=before),
            near=lambda: actions.send_back(cast.bea, i, Step.INTERVIEW_LOOP, "One more.", now=NOON, shown=before),
        )
        row, [stale] = built.application, course.wrong.values()
        assert isinstance(stale, Stale), repr(stale)
        assert row.step is goals[course.first][1]
        assert stale.current["now_in"] == row.step.label
        assert visits(i)[-2:] == [Step.WRITTEN_FEEDBACK, row.step]


def test_an_application_that_arrives_while_its_requisition_closes_is_either_decided_or_turned_away(
    engine: Engine, app: Flask, cast: Cast, repeats: Repeats
) -> None:
    for race, built in rounds(engine, repeats, lambda: requisition(cast)):
        i = built.requisition_id

        def arrive() -> int:
            who = Applicant("Nadia Novak", "nadia@candidates.example", time_zone="Europe/Prague")
            application = apply_unseen(i, who, None, source=Source.CAREERS, actor_id=None, now=NOON)
            assert application is not None
            return application.id

        course = race.meet(
            arrive=arrive, close=lambda: actions.close_requisition(cast.rita, i, {}, "Closed.", now=NOON)
        )
        row = db.session.get_one(Requisition, i)
        begun = db.session.scalars(select(Application)).all()
        received = db.session.query(Notice).filter_by(kind="application.received").count()
        if course.first == "arrive":
            told = course.refused("close")["requisition.open"]
            assert told == "R-1 still has 1 live applications without a decision: Nadia Novak."
            assert row.status is RequisitionStatus.OPEN and row.closed_at is None
            assert [one.ended for one in begun] == [None] and received == 1
        else:
            assert course.refused("arrive")["requisition.open"] == "Requisition R-1 is closed, not open."
            assert row.status is RequisitionStatus.CLOSED
            assert begun == [] and received == 0 and db.session.query(Candidate).count() == 0


def test_a_requisition_closed_for_those_who_applied_rejects_each_once_while_one_withdraws(
    engine: Engine, app: Flask, cast: Cast, repeats: Repeats
) -> None:
    for race, built in rounds(engine, repeats, lambda: application_at(cast, Step.PHONE_SCREEN), 200):
        i, closing = built.application_id, built.requisition_id
        course = race.meet(
            close=lambda: actions.close_requisition(cast.rita, closing, {i: "reject"}, "Closed.", now=NOON),
            withdraw=lambda: actions.withdraw_by_candidate(i, "Another job.", now=NOON),
        )
        row = built.application
        assert db.session.get_one(Requisition, closing).status is RequisitionStatus.CLOSED
        assert ends_on_record(i) == 1
        if course.first == "close":
            assert course.refused("withdraw")["requisition.open"] == "This application has ended: rejected."
            assert (row.ended, row.end_reason) == (End.REJECTED, EndReason.POSITION_CLOSED)
        else:
            assert course.wrong == {}
            assert (row.ended, row.end_reason) == (End.WITHDRAWN, EndReason.CANDIDATE)

"""Seats given, changed and taken: what is not taken, what changes nothing, and what the worker leaves alone."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from hiring.ground.database import Forbidden, NotVisible, db, writing
from hiring.ground.outbox import Notice
from hiring.pipeline import queries as pipeline
from hiring.pipeline.desk_items import items_for
from hiring.pipeline.rules import Step
from hiring.steps.interview_loop import actions, course, queries, staffing
from hiring.steps.interview_loop.models import Conflict, Seat
from hiring.steps.interview_loop.rules import ConflictKind, InterviewState, SeatKind, VacateCause
from hiring.transitions import actions as transitions
from tests.builders import application_at
from tests.cast import Cast
from tests.steps.interview_loop.composing import (
    NOW,
    REASONS,
    act,
    composed,
    confirmed,
    interview_of,
    loop_of,
    seat_of,
)


def test_composing_begins_once(cast: Cast) -> None:
    built = composed(cast)
    seats = [seat.id for seat in loop_of(built).seats]
    with writing():
        assert actions.compose(cast.rita, built.application_id, now=NOW).id == built.loop_id
    assert [seat.id for seat in loop_of(built).seats] == seats


def test_no_seat_for_who_has_left_for_another_descriptions_principles_or_in_place_of_the_bar_raiser(
    cast: Cast,
) -> None:
    built = composed(cast)
    with writing():
        cast.igor.disabled_at = NOW
    with pytest.raises(NotVisible):
        act(lambda: actions.add_seat(cast.rita, built.application_id, cast.igor.id, now=NOW))
    with pytest.raises(NotVisible):
        act(lambda: actions.plan(cast.rita, built.seats["iris"], [999_999], {}, now=NOW))
    with pytest.raises(Forbidden):
        act(lambda: actions.replace_seat(cast.rita, built.seats["bea"], cast.bram.id, now=NOW))
    with pytest.raises(NotVisible):
        queries.seat(999_999)
    assert len(loop_of(built).seats) == 5


def test_a_recruiter_named_for_a_loop_on_which_they_interview_sits_there_as_the_recruiter(cast: Cast) -> None:
    built = composed(cast, extra=("iris", "ron"))
    assert seat_of(built, "ron").kind is SeatKind.INTERVIEWER
    act(lambda: actions.name_recruiter(cast.amal, built.application_id, cast.ron.id, now=NOW))
    assert seat_of(built, "ron").kind is SeatKind.RECRUITER


def test_a_conflict_declared_twice_stands_once(cast: Cast) -> None:
    built = composed(cast)
    for why in ("Her sister.", "Her sister, again."):
        with writing():
            actions.declare_conflict(cast.amal, built.application_id, cast.iris.id, ConflictKind.FAMILY, why, now=NOW)
    assert db.session.scalars(select(Conflict.reason)).all() == ["Her sister."]


def test_rotation_says_of_each_bar_raiser_why_they_do_not_fit(cast: Cast) -> None:
    application_id = application_at(cast, Step.PHONE_SCREEN).application_id
    with writing():
        cast.bea.level = 5
        pipeline.application(application_id).candidate.person_id = cast.sven.id
    found = staffing.rotation(pipeline.application(application_id), NOW)
    assert found.eligible == ()
    assert "Bea is level 5; at least 6 is needed." in found.facts
    assert any("Bram" in words and "candidate" in words for words in found.facts)


def test_an_accepted_invitation_of_another_day_is_off_the_desk(app: Flask, cast: Cast) -> None:
    built = confirmed(cast)

    def invited() -> list[str]:
        with app.test_request_context():
            return [item.title for item in items_for(cast.iris, NOW) if item.kind == "invitation"]

    assert invited() == ["Invitation: Nadia Novak"]
    act(lambda: actions.accept(cast.iris, built.seats["iris"], now=NOW))
    assert invited() == []


def test_taking_off_who_had_no_slot_yet_is_told_to_them_and_not_to_the_candidate(cast: Cast) -> None:
    built = confirmed(cast)
    act(lambda: actions.add_seat(cast.rita, built.application_id, cast.igor.id, now=NOW, reasons=REASONS))
    seat = next(one for one in loop_of(built).seats if one.person_id == cast.igor.id)
    before = db.session.scalars(select(Notice.id)).all()
    act(lambda: actions.remove_seat(cast.rita, seat.id, now=NOW, reasons=REASONS))
    told = db.session.scalars(select(Notice.to_address).where(Notice.id.not_in(before))).all()
    assert told == ["igor@example.org"]


def test_the_worker_closes_an_interview_once_and_none_of_a_loop_that_is_composed(cast: Cast) -> None:
    built = composed(cast)
    interview = interview_of(built, "iris")
    after = interview.ends_at + timedelta(minutes=1)
    with writing():
        assert course.close_interview(interview.id, after) is False
    act(lambda: actions.confirm(cast.rita, built.application_id, now=NOW, reasons=REASONS))
    with writing():
        assert course.close_interview(interview.id, after) is True
        assert course.close_interview(interview.id, after) is False
    with pytest.raises(NotVisible):
        course.close_interview(999_999, after)


def test_the_worker_leaves_an_interview_alone_whose_seat_was_given_up_meanwhile(cast: Cast) -> None:
    built = confirmed(cast)
    interview = interview_of(built, "iris")
    during, after = interview.starts_at + timedelta(minutes=10), interview.ends_at + timedelta(minutes=1)
    act(lambda: actions.vacate(cast.bea, built.seats["iris"], VacateCause.ILL, "Flu.", now=during))
    with writing():
        assert course.close_interview(interview.id, after) is False
    assert interview_of(built, "iris").ended_at == during


def test_an_interview_that_was_going_on_when_the_candidate_withdrew_is_closed_and_moves_nothing(cast: Cast) -> None:
    built = confirmed(cast)
    first = interview_of(built, "hector")
    during = first.starts_at + timedelta(minutes=10)
    with writing():
        transitions.withdraw(cast.rita, built.application_id, "They changed their mind", now=during)
    with writing():
        assert course.close_interview(first.id, first.ends_at + timedelta(minutes=1)) is True
    assert interview_of(built, "hector").state is InterviewState.HELD
    assert pipeline.application(built.application_id).step is Step.INTERVIEW_LOOP


def test_a_loop_whose_feedback_is_missing_waits_for_it_and_not_for_the_worker(cast: Cast) -> None:
    built = application_at(cast, Step.WRITTEN_FEEDBACK)
    assert queries.applications_to_settle() == []
    with writing():
        for seat in db.session.scalars(select(Seat).where(Seat.loop_id == loop_of(built).id)):
            seat.submitted_at = NOW
    assert queries.applications_to_settle() == [built.application_id]

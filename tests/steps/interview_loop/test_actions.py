"""What the loop's actions do, on both engines; each rule refuses also when no page asked it first."""

from datetime import time, timedelta

import pytest
from sqlalchemy import func, select

from hiring.ground import policy
from hiring.ground.database import Forbidden, NotVisible, db, writing
from hiring.ground.outbox import Notice
from hiring.ground.rulebook import Refused
from hiring.people.models import Person, Qualification
from hiring.people.rules import Record
from hiring.pipeline import actions as spine
from hiring.pipeline import candidates
from hiring.pipeline import queries as pipeline
from hiring.pipeline.models import Booking, Cord, PassedWarning
from hiring.pipeline.rules import End, EndReason, Stand, Step
from hiring.steps.interview_loop import actions, course, jobs, queries, staffing
from hiring.steps.interview_loop.composition import why_not_complete
from hiring.steps.interview_loop.models import BarRaiserDraw, Conflict
from hiring.steps.interview_loop.rules import (
    ConflictKind,
    InterviewState,
    LoopState,
    RedrawCause,
    SeatKind,
    SeatState,
    VacateCause,
)
from tests.builders import LOOP_DAY, application_at, give_feedback, requisition
from tests.cast import Cast
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
    owing,
    refused,
    seat_of,
    slot,
    stands,
)

# --- Composing ---------------------------------------------------------------------------------------------------


def test_composing_begins_with_hiring_manager_recruiter_and_the_drawn_bar_raiser(cast: Cast) -> None:
    built = application_at(cast, Step.INTERVIEW_LOOP)
    act(lambda: actions.compose(cast.hector, built.application_id, now=NOW))
    kinds = {seat.kind: seat.person_id for seat in loop_of(built).seats}
    assert kinds == {
        SeatKind.HIRING_MANAGER: cast.hector.id,
        SeatKind.RECRUITER: cast.rita.id,
        SeatKind.BAR_RAISER: cast.bea.id,
    }


def test_a_stranger_sees_no_loop_and_an_administrator_composes_none(cast: Cast) -> None:
    built = application_at(cast, Step.INTERVIEW_LOOP)
    with pytest.raises(NotVisible), writing():
        actions.compose(cast.olga, built.application_id, now=NOW)
    with pytest.raises(Forbidden), writing():
        actions.compose(cast.amal, built.application_id, now=NOW)


def test_a_coordinator_books_but_chooses_nobody(cast: Cast) -> None:
    built = composed(cast)
    with pytest.raises(Forbidden), writing():
        actions.add_seat(cast.cora, built.application_id, cast.igor.id, now=NOW)
    act(lambda: actions.set_slot(cast.cora, built.seats["iris"], *slot(6), now=NOW))
    assert interview_of(built, "iris").starts_at == slot(6)[0]


def test_the_hiring_manager_cannot_choose_the_bar_raiser(cast: Cast) -> None:
    built = composed(cast)
    work = lambda: actions.add_seat(  # noqa: E731
        cast.hector, built.application_id, cast.bram.id, kind=SeatKind.BAR_RAISER, now=NOW
    )
    assert "Rotation did not name Bram" in refused(work, "loop.bar_raiser_independent")


def test_nobody_takes_a_second_seat(cast: Cast) -> None:
    built = composed(cast)
    refused(lambda: actions.add_seat(cast.rita, built.application_id, cast.iris.id, now=NOW), "loop.distinct")
    again = lambda: actions.add_seat(  # noqa: E731
        cast.rita, built.application_id, cast.bea.id, kind=SeatKind.BAR_RAISER, now=NOW
    )
    with pytest.raises(Refused), writing():
        again()
    assert len(loop_of(built).seats) == 5


@pytest.mark.parametrize(
    ("key", "rule"),
    [("juna", "loop.level"), ("tara", "loop.trained")],
)
def test_confirming_is_refused_for_who_does_not_fit_though_no_page_asked(cast: Cast, key: str, rule: str) -> None:
    built = composed(cast, extra=("iris", key))
    refused(lambda: actions.confirm(cast.rita, built.application_id, now=NOW, reasons=REASONS), rule)
    assert loop_of(built).state is LoopState.COMPOSING
    assert db.session.scalar(select(func.count(Booking.id)).where(Booking.source.like("interview:%"))) == 0


def test_a_level_refusal_names_colleagues_who_are_free(cast: Cast) -> None:
    built = composed(cast, extra=("iris", "juna"))
    application = pipeline.application(built.application_id)
    asked = staffing.with_replacements(queries.composition(application, NOW), application)
    named = next(seat.replacements for seat in asked.seats if seat.colleague.name == "Juna")
    assert len(named) == 3 and not {"Juna", "Tara", "Nora", "Iris"} & set(named)


def test_nobody_is_named_for_a_seat_at_a_time_that_is_night_where_they_are(cast: Cast) -> None:
    built = composed(cast, extra=("iris", "juna"))
    application = pipeline.application(built.application_id)
    asked = lambda: staffing.with_replacements(queries.composition(application, NOW), application)  # noqa: E731
    named = {name for seat in asked().seats for name in seat.replacements}
    with writing():
        for person in db.session.scalars(select(Person)):
            person.time_zone, person.works_from, person.works_until = "America/Los_Angeles", time(7), time(15)
    assert named and not any(seat.replacements for seat in asked().seats)
    with writing():
        for person in db.session.scalars(select(Person).where(Person.name.in_(named))):
            person.works_from = time(1)
    working = [set(seat.replacements) for seat in asked().seats if seat.colleague.name == "Juna"]
    assert working == [named]


def test_confirming_four_interviewers_is_refused(cast: Cast) -> None:
    built = composed(cast, extra=("iris",))
    work = lambda: actions.confirm(cast.rita, built.application_id, now=NOW, reasons=REASONS)  # noqa: E731
    assert "4 of at least 5" in refused(work, "loop.size")


def test_a_referrer_and_a_declared_conflict_are_refused(cast: Cast) -> None:
    built = composed(cast)
    words = (ConflictKind.FAMILY, "Her brother.")
    act(lambda: actions.declare_conflict(cast.amal, built.application_id, cast.iris.id, *words, now=NOW))
    with writing():
        application = pipeline.lock_application(built.application_id)
        candidates.referred(application.candidate_id, built.requisition_id, cast.irma.id, "Colleagues once.", now=NOW)
    facts = refused(lambda: actions.confirm(cast.rita, built.application_id, now=NOW, reasons=REASONS), "loop.conflict")
    assert "Iris" in facts and "Irma" in facts


def test_a_warning_asks_for_a_written_reason_which_is_kept(cast: Cast) -> None:
    built = composed(cast)
    act(lambda: actions.plan(cast.rita, built.seats["iris"], list(built.items.values())[:1] * 1, {}, now=NOW))
    items = list(built.items.values())
    act(lambda: actions.plan(cast.rita, built.seats["irma"], [items[3], items[4], items[5]], {}, now=NOW))
    refused(lambda: actions.confirm(cast.rita, built.application_id, now=NOW), "loop.two_or_three")
    act(lambda: actions.confirm(cast.rita, built.application_id, now=NOW, reasons=REASONS))
    kept = {row.rule: row.reason for row in db.session.scalars(select(PassedWarning))}
    assert kept["loop.two_or_three"] == "Enough."


def test_confirming_books_slots_with_writing_time_gives_access_and_tells_everybody(cast: Cast) -> None:
    built = composed(cast)
    assert Stand.SEAT not in stands(cast.iris, built)
    act(lambda: actions.confirm(cast.rita, built.application_id, now=NOW, reasons=REASONS))
    source = f"interview:{interview_of(built, 'iris').id}"
    rows = list(db.session.scalars(select(Booking).where(Booking.source == source).order_by(Booking.person_id)))
    lengths = {row.person_id: row.ends_at - row.starts_at for row in rows}
    assert lengths == {cast.iris.id: timedelta(minutes=60), None: timedelta(minutes=45)}
    debriefs = db.session.scalars(select(Booking.person_id).where(Booking.purpose == "debrief"))
    assert len(set(debriefs)) == 5
    assert stands(cast.iris, built) == {Stand.SEAT} and stands(cast.bea, built) == {Stand.BAR_RAISER}
    told = set(db.session.scalars(select(Notice.to_address)))
    assert {"iris@example.org", "bea@example.org", "nadia@candidates.example"} <= told


def test_confirming_twice_books_once(cast: Cast) -> None:
    built = confirmed(cast)
    before = db.session.scalar(select(func.count(Booking.id)))
    act(lambda: actions.confirm(cast.rita, built.application_id, now=NOW))
    assert db.session.scalar(select(func.count(Booking.id))) == before


def test_an_interviewer_booked_elsewhere_is_refused_by_the_rule_and_by_the_database(cast: Cast) -> None:
    built = composed(cast)
    start, end = slot(3)
    act(lambda: spine.book(start, end, purpose="interview", source="other:1", person_id=cast.iris.id))
    facts = refused(
        lambda: actions.confirm(cast.rita, built.application_id, now=NOW, reasons=REASONS), "loop.double_booked"
    )
    assert "Iris has another interview" in facts
    late = start + timedelta(minutes=44)
    refused(
        lambda: spine.book(late, late + timedelta(hours=1), purpose="x", source="x:1", person_id=cast.iris.id),
        "loop.double_booked",
    )
    act(lambda: spine.book(end, end + timedelta(hours=1), purpose="x", source="x:2", person_id=cast.iris.id))


def test_a_candidates_calendar_holds_one_thing_at_a_time(cast: Cast) -> None:
    built = application_at(cast, Step.INTERVIEW_LOOP)
    candidate_id = built.application.candidate_id
    start, end = slot(0)
    act(lambda: spine.book(start, end, purpose="x", source="x:1", candidate_id=candidate_id))
    refused(lambda: spine.book(start, end, purpose="x", source="x:2", candidate_id=candidate_id), "loop.double_booked")


def test_a_booking_that_is_moved_onto_another_is_refused(cast: Cast) -> None:
    act(lambda: spine.book(*slot(0), purpose="x", source="x:1", person_id=cast.iris.id))
    act(lambda: spine.book(*slot(1), purpose="x", source="x:2", person_id=cast.iris.id))

    def move() -> None:
        row = db.session.scalars(select(Booking).where(Booking.source == "x:2")).one()
        row.starts_at = slot(0)[0]

    refused(move, "loop.double_booked")


def test_a_loop_outside_its_step_is_not_composed(cast: Cast) -> None:
    built = application_at(cast, Step.PHONE_SCREEN)
    refused(lambda: actions.compose(cast.rita, built.application_id, now=NOW), "loop.open")


def test_an_administrator_names_another_recruiter_because_of_level(cast: Cast) -> None:
    built = composed(cast)
    with pytest.raises(Forbidden), writing():
        actions.name_recruiter(cast.hector, built.application_id, cast.ron.id, now=NOW)
    act(lambda: actions.name_recruiter(cast.amal, built.application_id, cast.ron.id, now=NOW))
    act(lambda: actions.replace_seat(cast.hector, built.seats["rita"], cast.ron.id, now=NOW))
    act(lambda: actions.confirm(cast.rita, built.application_id, now=NOW, reasons=REASONS))
    assert loop_of(built).state is LoopState.CONFIRMED


# --- Changes after confirmation ----------------------------------------------------------------------------------


def test_removing_a_seat_that_the_loop_needs_is_refused_once_confirmed(cast: Cast) -> None:
    built = confirmed(cast)
    refused(lambda: actions.remove_seat(cast.rita, built.seats["iris"], now=NOW), "loop.size")
    assert seat_of(built, "iris").state is SeatState.HELD


def test_a_declined_invitation_is_given_to_somebody_else_with_slot_and_principles(cast: Cast) -> None:
    built = confirmed(cast)
    act(lambda: actions.decline(cast.iris, built.seats["iris"], "On holiday.", now=NOW))
    assert (
        "Iris declined"
        in db.session.scalars(select(Notice.subject).where(Notice.kind == "interview_loop.declined")).one()
    )
    act(lambda: actions.replace_seat(cast.rita, built.seats["iris"], cast.igor.id, now=NOW))
    new = next(seat for seat in loop_of(built).seats if seat.person_id == cast.igor.id)
    assert new.interviews[0].starts_at == slot(3)[0] and len(new.assignments) == 2
    assert stands(cast.iris, built) == frozenset() and stands(cast.igor, built) == {Stand.SEAT}
    assert list(db.session.scalars(select(Booking).where(Booking.person_id == cast.iris.id))) == []


def test_a_replacement_who_does_not_fit_is_refused(cast: Cast) -> None:
    built = confirmed(cast)
    refused(lambda: actions.replace_seat(cast.rita, built.seats["iris"], cast.juna.id, now=NOW), "loop.level")


def test_a_slot_moves_with_all_calendars(cast: Cast) -> None:
    built = confirmed(cast)
    act(lambda: actions.set_slot(cast.cora, built.seats["iris"], *slot(5), now=NOW))
    mine = db.session.scalars(select(Booking).where(Booking.person_id == cast.iris.id, Booking.purpose == "interview"))
    assert [row.starts_at for row in mine] == [slot(5)[0]]
    refused(lambda: actions.set_slot(cast.cora, built.seats["iris"], *slot(0), now=NOW), "loop.double_booked")


def test_only_the_person_invited_answers(cast: Cast) -> None:
    built = confirmed(cast)
    with pytest.raises(Forbidden), writing():
        actions.accept(cast.rita, built.seats["iris"], now=NOW)
    act(lambda: actions.accept(cast.iris, built.seats["iris"], now=NOW))
    assert seat_of(built, "iris").accepted_at == NOW


def test_a_seat_taken_off_before_its_interview_began_ends_access_at_once(cast: Cast) -> None:
    built = composed(cast, extra=("iris", "irma", "igor"))
    act(lambda: actions.confirm(cast.rita, built.application_id, now=NOW, reasons=REASONS))
    act(lambda: actions.remove_seat(cast.rita, built.seats["igor"], now=NOW))
    assert stands(cast.igor, built) == frozenset()
    assert list(db.session.scalars(select(Booking).where(Booking.person_id == cast.igor.id))) == []


def test_a_shadow_gets_access_and_a_booking_and_a_second_one_takes_the_place(cast: Cast) -> None:
    built = confirmed(cast)
    act(lambda: actions.add_shadow(cast.rita, built.seats["iris"], cast.tara.id, now=NOW))
    assert stands(cast.tara, built) == {Stand.SHADOW}
    refused(lambda: actions.add_shadow(cast.rita, built.seats["iris"], cast.juna.id, now=NOW), "loop.level")
    act(lambda: actions.add_shadow(cast.rita, built.seats["iris"], cast.nora.id, now=NOW))
    assert stands(cast.tara, built) == frozenset() and stands(cast.nora, built) == {Stand.SHADOW}


def test_a_shadow_learns_only_from_an_experienced_interviewer(cast: Cast) -> None:
    built = composed(cast, extra=("iris", "igor"))
    act(lambda: actions.add_shadow(cast.rita, built.seats["igor"], cast.tara.id, now=NOW))
    refused(lambda: actions.confirm(cast.rita, built.application_id, now=NOW, reasons=REASONS), "loop.shadow")


# --- What became of the interviews -------------------------------------------------------------------------------


def test_interviews_close_on_schedule_and_the_last_one_moves_the_application(cast: Cast) -> None:
    built = confirmed(cast)
    assert jobs.close_interviews(slot(4)[0]) == 4
    assert built.application.step is Step.INTERVIEW_LOOP
    last = slot(4)[1] + timedelta(minutes=1)
    assert jobs.close_interviews(last) == 1 and jobs.close_interviews(last) == 0
    assert built.application.step is Step.WRITTEN_FEEDBACK
    assert interview_of(built, "iris").due_at == slot(3)[1] + timedelta(minutes=15)
    assert loop_of(built).state is LoopState.OVER and loop_of(built).ended_at == slot(4)[1]


def test_a_reported_end_moves_the_feedback_clock_before_due_only(cast: Cast) -> None:
    built = application_at(cast, Step.WRITTEN_FEEDBACK, held=False)
    one = interview_of(built, "iris")
    end = one.ends_at
    jobs.close_interviews(end)
    soon, late = end + timedelta(minutes=10), end + timedelta(minutes=40)
    act(lambda: actions.report(cast.iris, one.id, InterviewState.HELD, ended_at=soon, now=soon))
    assert interview_of(built, "iris").due_at == end + timedelta(minutes=25)
    act(lambda: actions.report(cast.iris, one.id, InterviewState.HELD, ended_at=end, now=late))
    assert interview_of(built, "iris").due_at == end + timedelta(minutes=25)


def test_an_interview_cut_short_owes_feedback_from_then_on(cast: Cast) -> None:
    built = application_at(cast, Step.WRITTEN_FEEDBACK, held=False)
    one = interview_of(built, "iris")
    now = one.ends_at - timedelta(minutes=20)
    act(lambda: actions.report(cast.iris, one.id, InterviewState.CUT_SHORT, now=now))
    assert interview_of(built, "iris").due_at == now + timedelta(minutes=15)
    assert [seat.person_id for seat in owing(built)] == [cast.iris.id]


def test_a_no_show_owes_nothing_and_is_booked_again(cast: Cast) -> None:
    built = application_at(cast, Step.WRITTEN_FEEDBACK, held=False)
    one = interview_of(built, "iris").id
    jobs.close_interviews(AFTER)
    assert built.application.step is Step.WRITTEN_FEEDBACK
    act(lambda: actions.report(cast.iris, one, InterviewState.CANDIDATE_NO_SHOW, now=AFTER))
    assert queries.current_interview(seat_of(built, "iris")) is None
    assert loop_of(built).state is LoopState.CONFIRMED
    act(lambda: actions.set_slot(cast.cora, built.seats["iris"], *slot(0), now=AFTER, reasons=REASONS))
    assert interview_of(built, "iris").state is InterviewState.BOOKED
    with writing():
        give_feedback(built, seats=("hector", "rita", "bea", "irma"))
        actions.settle(pipeline.lock_application(built.application_id), AFTER)
    assert built.application.step is Step.WRITTEN_FEEDBACK
    jobs.close_interviews(slot(0)[1])
    assert loop_of(built).state is LoopState.OVER


def test_an_interviewer_no_show_is_corrected_only_until_the_feedback_is_in(cast: Cast) -> None:
    built = application_at(cast, Step.WRITTEN_FEEDBACK)
    with writing():
        give_feedback(built, seats=("iris",))
    one = interview_of(built, "iris").id
    refused(lambda: actions.report(cast.iris, one, InterviewState.INTERVIEWER_NO_SHOW, now=AFTER), "loop.outcome")
    other = interview_of(built, "irma").id
    act(lambda: actions.report(cast.irma, other, InterviewState.INTERVIEWER_NO_SHOW, now=AFTER))
    assert queries.current_interview(seat_of(built, "irma")) is None


def test_nothing_is_reported_before_the_interview_begins_nor_by_a_colleague(cast: Cast) -> None:
    built = confirmed(cast)
    one = interview_of(built, "iris").id
    refused(lambda: actions.report(cast.iris, one, InterviewState.HELD, now=NOW), "loop.outcome")
    with pytest.raises(Forbidden), writing():
        actions.report(cast.irma, one, InterviewState.HELD, now=slot(6)[1])


def test_the_slot_of_somebody_who_declined_closes_as_not_held(cast: Cast) -> None:
    built = confirmed(cast)
    act(lambda: actions.decline(cast.iris, built.seats["iris"], "", now=NOW))
    jobs.close_interviews(slot(5)[1])
    assert seat_of(built, "iris").interviews[0].state is InterviewState.INTERVIEWER_NO_SHOW
    assert built.application.step is Step.INTERVIEW_LOOP


def test_after_the_second_no_show_the_recruiter_may_withdraw_the_candidate(cast: Cast) -> None:
    built = application_at(cast, Step.WRITTEN_FEEDBACK, held=False)
    first, second = interview_of(built, "iris").id, interview_of(built, "irma").id
    act(lambda: actions.report(cast.iris, first, InterviewState.CANDIDATE_NO_SHOW, now=AFTER))
    refused(lambda: actions.withdraw_for_no_shows(cast.rita, built.application_id, now=AFTER), "loop.no_shows")
    act(lambda: actions.report(cast.bea, second, InterviewState.CANDIDATE_NO_SHOW, now=AFTER))
    with pytest.raises(Forbidden), writing():
        actions.withdraw_for_no_shows(cast.cora, built.application_id, now=AFTER)
    act(lambda: actions.withdraw_for_no_shows(cast.rita, built.application_id, now=AFTER))
    assert built.application.end_reason is EndReason.NO_SHOWS


# --- Moving on ---------------------------------------------------------------------------------------------------


def test_when_all_feedback_is_in_before_the_last_interview_ends_both_moves_come_together(cast: Cast) -> None:
    built = application_at(cast, Step.WRITTEN_FEEDBACK, held=False)
    with writing():
        give_feedback(built)
        actions.settle(pipeline.lock_application(built.application_id), LOOP_DAY)
    assert built.application.step is Step.INTERVIEW_LOOP
    jobs.close_interviews(AFTER)
    moves = [(visit.step, visit.entered_by) for visit in pipeline.visits(built.application_id)][-2:]
    assert moves == [(Step.WRITTEN_FEEDBACK, None), (Step.DEBRIEF, None)]


def test_a_cord_holds_the_move_back_quietly_until_it_is_cleared(cast: Cast) -> None:
    built = application_at(cast, Step.WRITTEN_FEEDBACK, held=False)
    with writing():
        cord = Cord(
            application_id=built.application_id, pulled_by=cast.iris.id, pulled_at=LOOP_DAY, what="A protected topic"
        )
        db.session.add(cord)
    jobs.close_interviews(AFTER)
    assert built.application.step is Step.INTERVIEW_LOOP and loop_of(built).state is LoopState.OVER
    assert jobs.settle_waiting(AFTER) == 0
    with writing():
        row = db.session.scalars(select(Cord)).one()
        row.cleared_at, row.cleared_by, row.cause, row.correction = AFTER, cast.amal.id, "x", "y"
    assert jobs.settle_waiting(AFTER) == 1
    assert built.application.step is Step.WRITTEN_FEEDBACK


def test_interviews_count_towards_experience_once_all_feedback_is_in(cast: Cast) -> None:
    built = application_at(cast, Step.WRITTEN_FEEDBACK)
    with writing():
        give_feedback(built)
        actions.settle(pipeline.lock_application(built.application_id), AFTER)
    earned = select(func.count(Qualification.id)).where(
        Qualification.record == Record.INTERVIEWS, Qualification.attested_source.is_(None)
    )
    assert db.session.scalar(earned) == 5
    with writing():
        application = pipeline.lock_application(built.application_id)
        spine.go_back(application, Step.INTERVIEW_LOOP, "one more", actor_id=cast.bea.id, now=AFTER)
    assert loop_of(built).state is LoopState.CONFIRMED
    act(lambda: actions.go_on(cast.rita, built.application_id, now=AFTER))
    assert built.application.step is Step.DEBRIEF and db.session.scalar(earned) == 5


def test_one_more_interview_is_added_after_the_debrief_sent_back(cast: Cast) -> None:
    built = application_at(cast, Step.DEBRIEF)
    with writing():
        application = pipeline.lock_application(built.application_id)
        spine.go_back(application, Step.INTERVIEW_LOOP, "depth not shown", actor_id=cast.bea.id, now=NOW)
    items = list(built.items.values())[:2]
    start, end = slot(0)
    act(
        lambda: actions.add_seat(
            cast.rita,
            built.application_id,
            cast.igor.id,
            items=items,
            starts_at=start,
            ends_at=end,
            now=NOW,
            reasons=REASONS,
        )
    )
    refused(lambda: actions.go_on(cast.rita, built.application_id, now=NOW), "loop.open")
    jobs.close_interviews(end)
    assert built.application.step is Step.WRITTEN_FEEDBACK
    assert [seat.person_id for seat in owing(built)][-1] == cast.igor.id


# --- Vacated and handed over -------------------------------------------------------------------------------------


def test_a_seat_whose_interview_began_leaves_only_as_vacated(cast: Cast) -> None:
    built = application_at(cast, Step.WRITTEN_FEEDBACK)
    refused(lambda: actions.remove_seat(cast.rita, built.seats["iris"], now=AFTER), "loop.evidence")
    refused(lambda: actions.replace_seat(cast.rita, built.seats["iris"], cast.igor.id, now=AFTER), "loop.evidence")
    with pytest.raises(Forbidden), writing():
        actions.vacate(cast.rita, built.seats["iris"], VacateCause.ILL, "Flu.", now=AFTER)


def test_an_interviewer_who_fell_ill_is_vacated_and_one_more_interview_is_added(cast: Cast) -> None:
    built = application_at(cast, Step.WRITTEN_FEEDBACK)
    with writing():
        give_feedback(built, seats=("hector", "rita", "bea", "irma"))
    act(lambda: actions.vacate(cast.bea, built.seats["iris"], VacateCause.ILL, "Flu.", now=AFTER))
    assert stands(cast.iris, built) == frozenset()
    assert built.application.step is Step.WRITTEN_FEEDBACK
    asked = queries.composition(pipeline.application(built.application_id), AFTER)
    lacking = why_not_complete(asked, policy.current())
    assert {one.rule.id for one in lacking} == {"loop.size"}
    assert queries.lacking(built.application, AFTER) == lacking
    items = list(built.items.values())
    act(
        lambda: actions.add_seat(
            cast.rita,
            built.application_id,
            cast.igor.id,
            items=items[3:5],
            starts_at=slot(0)[0],
            ends_at=slot(0)[1],
            now=NOW,
            reasons=REASONS,
        )
    )
    jobs.close_interviews(slot(0)[1])
    with writing():
        seat = next(one for one in queries.held_seats(loop_of(built)) if one.person_id == cast.igor.id)
        course.note_submitted(built.application, seat, slot(1)[0])
        actions.settle(pipeline.lock_application(built.application_id), slot(1)[0])
    assert built.application.step is Step.DEBRIEF


def test_an_interviewer_who_left_after_submitting_still_counts(cast: Cast) -> None:
    built = application_at(cast, Step.WRITTEN_FEEDBACK)
    with writing():
        give_feedback(built)
    act(lambda: actions.vacate(cast.amal, built.seats["iris"], VacateCause.LEFT, "Left.", now=AFTER))
    off = select(Notice.subject).where(Notice.kind == "interview_loop.off", Notice.recipient_id == cast.iris.id)
    assert db.session.scalars(off).all() == ["You are no longer on the loop of Nadia Novak"]
    assert built.application.step is Step.DEBRIEF
    asked = queries.composition(pipeline.application(built.application_id), AFTER)
    assert queries.lacking(built.application, AFTER) == why_not_complete(asked, policy.current()) == []


def test_an_interviewer_who_refuses_to_write_is_vacated_after_five_working_days(cast: Cast) -> None:
    built = application_at(cast, Step.WRITTEN_FEEDBACK)
    with writing():
        give_feedback(built, seats=("hector", "rita", "bea", "irma"))
    early, late = LOOP_DAY + timedelta(days=6), LOOP_DAY + timedelta(days=7, hours=6)
    work = lambda: actions.vacate(cast.amal, built.seats["iris"], VacateCause.SILENT, "Silent.", now=early)  # noqa: E731
    assert "4 working days" in refused(work, "loop.evidence")
    act(lambda: actions.vacate(cast.amal, built.seats["iris"], VacateCause.SILENT, "Silent.", now=late))
    assert seat_of(built, "iris").state is SeatState.VACATED


def test_the_bar_raisers_seat_is_handed_over_never_vacated(cast: Cast) -> None:
    built = application_at(cast, Step.WRITTEN_FEEDBACK)
    work = lambda: actions.vacate(cast.amal, built.seats["bea"], VacateCause.ILL, "Flu.", now=AFTER)  # noqa: E731
    refused(work, "loop.required")


def test_a_bar_raiser_who_declines_is_redrawn_and_the_next_takes_slot_and_principles(cast: Cast) -> None:
    built = confirmed(cast)
    for who in (cast.hector, cast.rita):
        with pytest.raises(Forbidden), writing():
            actions.hand_over_bar_raiser(who, built.application_id, RedrawCause.DECLINED, "Busy.", now=NOW)
    act(lambda: actions.hand_over_bar_raiser(cast.amal, built.application_id, RedrawCause.DECLINED, "Busy.", now=NOW))
    bar_raiser = queries.bar_raiser_of(built.application_id)
    assert bar_raiser is not None and bar_raiser.id == cast.bram.id
    assert seat_of(built, "bea").state is SeatState.REMOVED
    new = next(seat for seat in loop_of(built).seats if seat.person_id == cast.bram.id)
    assert not new.handover and new.interviews[0].starts_at == slot(2)[0]
    assert stands(cast.bea, built) == frozenset() and stands(cast.bram, built) == {Stand.BAR_RAISER}


def test_a_bar_raiser_who_falls_ill_after_the_interview_hands_over_and_the_next_interviews_first(cast: Cast) -> None:
    built = application_at(cast, Step.DEBRIEF)
    act(lambda: actions.hand_over_bar_raiser(cast.amal, built.application_id, RedrawCause.ILL, "Flu.", now=NOW))
    old = seat_of(built, "bea")
    new = next(seat for seat in loop_of(built).seats if seat.person_id == cast.bram.id)
    assert old.state is SeatState.HANDED_OVER and old.successor_id == new.id
    assert new.handover and queries.current_interview(new) is None and len(new.assignments) == 2
    assert not queries.all_submitted(loop_of(built))
    act(lambda: actions.set_slot(cast.cora, new.id, *slot(0), now=NOW, reasons=REASONS))
    jobs.close_interviews(slot(0)[1])
    assert new.id in [seat.id for seat in owing(built)]
    assert built.application.step is Step.DEBRIEF


def test_when_nobody_else_is_eligible_the_redraw_is_refused_with_each_reason(cast: Cast) -> None:
    built = confirmed(cast)
    with writing():
        db.session.add(
            Conflict(
                candidate_id=built.application.candidate_id, person_id=cast.bram.id, kind=ConflictKind.FAMILY, at=NOW
            )
        )
    facts = refused(
        lambda: actions.hand_over_bar_raiser(cast.amal, built.application_id, RedrawCause.ILL, "Flu.", now=NOW),
        "loop.bar_raiser_independent",
    )
    assert "Bram has a conflict" in facts and "Bo is in the hiring manager's team" in facts


def test_a_new_hiring_manager_takes_a_seat_of_their_own_after_the_interviews(cast: Cast) -> None:
    built = application_at(cast, Step.WRITTEN_FEEDBACK)
    with writing():
        application = pipeline.lock_application(built.application_id)
        application.requisition.hiring_manager_id = cast.hilda.id
        actions.hand_over_hiring_manager(application.id, cast.hilda.id, now=AFTER)
    assert seat_of(built, "hector").state is SeatState.HANDED_OVER
    new = next(seat for seat in loop_of(built).seats if seat.person_id == cast.hilda.id)
    assert new.kind is SeatKind.HIRING_MANAGER and new.handover


# --- Rotation ----------------------------------------------------------------------------------------------------


def test_rotation_names_whoever_was_drawn_least_and_longest_ago(cast: Cast) -> None:
    built = requisition(cast)
    first = application_at(cast, Step.PHONE_SCREEN, on=built, name="Adam One")

    def next_one() -> int:
        return staffing.rotation(pipeline.application(first.application_id), NOW).eligible[0]

    assert next_one() == cast.bea.id
    with writing():
        for days, who in ((30, cast.bea), (20, cast.bram)):
            at = NOW - timedelta(days=days)
            db.session.add(
                BarRaiserDraw(application_id=first.application_id, person_id=who.id, drawn_at=at, candidates=2)
            )
    assert next_one() == cast.bea.id
    with writing():
        row = BarRaiserDraw(
            application_id=first.application_id, person_id=cast.bea.id, drawn_at=NOW - timedelta(days=1), candidates=2
        )
        db.session.add(row)
    assert next_one() == cast.bram.id


def test_rotation_passes_over_the_dependent_and_says_why(cast: Cast) -> None:
    built = application_at(cast, Step.INTERVIEW_LOOP)
    found = staffing.rotation(pipeline.application(built.application_id), NOW)
    assert set(found.eligible) == {cast.bea.id, cast.bram.id}
    assert found.facts == ("Bo is in the hiring manager's team Payments.",)


# --- Departure ---------------------------------------------------------------------------------------------------


def test_a_withdrawal_frees_every_calendar(cast: Cast) -> None:
    built = confirmed(cast)
    with writing():
        application = pipeline.lock_application(built.application_id)
        spine.end_application(application, End.WITHDRAWN, EndReason.CANDIDATE, actor_id=cast.rita.id, now=NOW)
    assert list(db.session.scalars(select(Booking).where(Booking.starts_at > NOW))) == []
    assert {one.state for seat in loop_of(built).seats for one in seat.interviews} == {InterviewState.CANCELLED}


def test_sent_back_to_the_phone_screen_the_loop_is_composed_again(cast: Cast) -> None:
    built = confirmed(cast)
    with writing():
        application = pipeline.lock_application(built.application_id)
        spine.go_back(application, Step.PHONE_SCREEN, "again", actor_id=cast.rita.id, now=NOW)
    assert loop_of(built).state is LoopState.COMPOSING
    assert list(db.session.scalars(select(Booking).where(Booking.starts_at > NOW))) == []


def test_the_week_of_an_interviewer_counts_confirmed_interviews(cast: Cast) -> None:
    built = composed(cast)
    assert staffing.interview_loads([(cast.bea.id, FIRST)]) == {}
    act(lambda: actions.confirm(cast.rita, built.application_id, now=NOW, reasons=REASONS))
    load = staffing.interview_loads([(cast.bea.id, FIRST)])[cast.bea.id, FIRST]
    assert (load.interviews, load.loops) == (1, 1)
    assert Stand.BAR_RAISER in stands(cast.bea, built)

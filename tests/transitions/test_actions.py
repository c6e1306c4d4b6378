"""Every transition done for real: what it changes, who may, and what it refuses when the page is bypassed."""

import io
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from hiring.ground import files
from hiring.ground.audit import AuditEntry
from hiring.ground.database import Forbidden, NotVisible, Stale, db, writing
from hiring.ground.outbox import Notice
from hiring.ground.rulebook import Refusal, Refused
from hiring.pipeline import actions as spine
from hiring.pipeline import queries as pipeline
from hiring.pipeline.models import Application, Attachment, Cord, CordAction, Opening, Requisition, TimelineEntry
from hiring.pipeline.rules import End, EndReason, RequisitionStatus, Source, Step
from hiring.steps.debrief import queries as debrief
from hiring.steps.debrief.models import Meeting
from hiring.steps.debrief.rules import Phase
from hiring.steps.interview_loop import queries as loops
from hiring.steps.interview_loop.models import Seat
from hiring.steps.interview_loop.rules import SeatKind, SeatState
from hiring.steps.job_description.models import JobDescription, WouldBeReport
from hiring.steps.job_description.rules import Status
from hiring.steps.resume_review import newer
from hiring.steps.written_feedback.models import Feedback
from hiring.transitions import actions, cords, owners
from hiring.transitions.cords import CorrectionStep
from tests.builders import LOOP_DAY, application_at, give_feedback, offer_made, requisition
from tests.cast import Cast

NOW = LOOP_DAY + timedelta(days=3)


def refused(act: Callable[[], Any]) -> Refusal:
    """The one refusal with which the rules answer an act."""
    with pytest.raises(Refused) as caught, writing():
        act()
    [refusal] = caught.value.refusals
    return refusal


def audited(act: str) -> int:
    """How often an act is on record."""
    return db.session.query(AuditEntry).filter_by(act=act).count()


# --- Withdrawing ---------------------------------------------------------------------------------------------------


def test_the_recruiter_withdraws_a_candidate_who_wants_to_stop(cast: Cast) -> None:
    built = application_at(cast, Step.DEBRIEF)
    with writing():
        actions.withdraw(cast.rita, built.application_id, "Took another job", now=NOW)

    row = built.application
    assert (row.ended, row.end_reason, row.end_note) == (End.WITHDRAWN, EndReason.CANDIDATE, "Took another job")
    assert audited("application.end") == 1


def test_withdrawing_after_acceptance_counts_as_reneged_and_frees_the_opening(cast: Cast) -> None:
    built = application_at(cast, Step.OFFER)
    offer_made(cast, built, accepted=True)
    with writing():
        actions.withdraw(cast.hector, built.application_id, "Stays where they are", now=NOW)

    row = built.application
    assert (row.ended, row.end_reason, row.live_offer_id) == (End.WITHDRAWN, EndReason.RENEGED, None)
    assert db.session.get_one(Requisition, built.requisition_id).live_offers == 0


def test_a_candidate_withdraws_on_their_own_even_while_a_cord_is_pulled(cast: Cast) -> None:
    built = application_at(cast, Step.PHONE_SCREEN)
    with writing():
        cords.pull(cast.hector, built.application_id, "A wrong question", [], now=NOW)
        actions.withdraw_by_candidate(built.application_id, "", now=NOW)

    assert built.application.end_reason is EndReason.CANDIDATE


def test_what_has_ended_is_not_withdrawn_again(cast: Cast) -> None:
    built = application_at(cast, Step.PHONE_SCREEN)
    with writing():
        actions.withdraw(cast.rita, built.application_id, "x", now=NOW)
    refusal = refused(lambda: actions.withdraw(cast.rita, built.application_id, "x", now=NOW))

    assert refusal.rule.id == "requisition.open"
    assert "withdrawn" in refusal.facts


@pytest.mark.parametrize("who", ["ron", "cora", "iris", "bea", "amal"])
def test_only_owners_withdraw_hold_reopen_and_move(cast: Cast, who: str) -> None:
    built, actor = application_at(cast, Step.DEBRIEF), getattr(cast, who)
    for act in (
        lambda: actions.withdraw(actor, built.application_id, "x", now=NOW),
        lambda: actions.hold(actor, built.application_id, "x", now=NOW),
        lambda: actions.reopen(actor, built.application_id, "x", now=NOW),
        lambda: actions.move_to(actor, built.application_id, built.requisition_id, "x", now=NOW),
        lambda: actions.propose_level(actor, built.application_id, 6, now=NOW),
    ):
        with pytest.raises(Forbidden), writing():
            act()


def test_to_a_stranger_there_is_nothing_to_move(cast: Cast) -> None:
    built = application_at(cast, Step.DEBRIEF)
    for act in (
        lambda: actions.withdraw(cast.olga, built.application_id, "x", now=NOW),
        lambda: actions.send_back(cast.olga, built.application_id, Step.DEBRIEF, "x", now=NOW),
        lambda: cords.pull(cast.olga, built.application_id, "x", [], now=NOW),
    ):
        with pytest.raises(NotVisible), writing():
            act()


# --- Hold ----------------------------------------------------------------------------------------------------------


def test_a_hold_stops_moves_but_feedback_goes_on_and_resuming_moves_what_waited(cast: Cast) -> None:
    built = application_at(cast, Step.WRITTEN_FEEDBACK)
    with writing():
        actions.hold(cast.rita, built.application_id, "Budget round", now=NOW)
    with writing():
        give_feedback(built)
        actions.loops.settle(pipeline.lock_application(built.application_id), NOW)
    assert built.application.step is Step.WRITTEN_FEEDBACK
    with writing():
        actions.resume(cast.rita, built.application_id, now=NOW)

    assert built.application.step is Step.DEBRIEF
    assert built.application.held_at is None


def test_a_hold_that_stands_is_shown_with_its_reason_and_not_replaced(cast: Cast) -> None:
    built = application_at(cast, Step.PHONE_SCREEN)
    with writing():
        actions.hold(cast.rita, built.application_id, "Budget round", now=NOW)
        actions.hold_requisition(cast.rita, built.requisition_id, "Reorganisation", now=NOW)
    later = NOW + timedelta(days=1)
    for act, found, words in (
        (actions.hold, built.application_id, "Budget round"),
        (actions.hold_requisition, built.requisition_id, "Reorganisation"),
    ):
        with pytest.raises(Stale) as stale, writing():
            act(cast.hector, found, "Another reason", now=later)
        assert stale.value.current == {"reason": words}
    held = db.session.get_one(Requisition, built.requisition_id)
    assert (held.hold_reason, held.held_at) == ("Reorganisation", NOW)
    assert (built.application.hold_reason, built.application.held_at) == ("Budget round", NOW)
    assert (audited("application.hold"), audited("requisition.hold")) == (1, 1)


def test_a_held_application_does_not_advance_and_the_refusal_says_so(cast: Cast) -> None:
    built = application_at(cast, Step.PHONE_SCREEN)
    with writing():
        actions.hold(cast.rita, built.application_id, "Budget round", now=NOW)
    refusal = refused(
        lambda: spine.advance(
            pipeline.lock_application(built.application_id), Step.INTERVIEW_LOOP, actor_id=cast.rita.id, now=NOW
        )
    )

    assert (refusal.rule.id, refusal.facts) == ("requisition.open", "This application is on hold.")


def test_a_requisition_on_hold_takes_no_moves_until_it_is_resumed(cast: Cast) -> None:
    built = application_at(cast, Step.PHONE_SCREEN)
    with writing():
        actions.hold_requisition(cast.hector, built.requisition_id, "Reorganisation", now=NOW)

    def advance() -> None:
        row = pipeline.lock_application(built.application_id)
        spine.advance(row, Step.INTERVIEW_LOOP, actor_id=cast.rita.id, now=NOW)

    assert "R-1 is on hold" in refused(advance).facts
    with writing():
        actions.resume_requisition(cast.hector, built.requisition_id, now=NOW)
    with writing():
        advance()
    assert built.application.step is Step.INTERVIEW_LOOP


def test_feedback_that_came_in_while_the_requisition_was_held_moves_on_when_it_resumes(cast: Cast) -> None:
    built = application_at(cast, Step.WRITTEN_FEEDBACK)
    with writing():
        actions.hold_requisition(cast.rita, built.requisition_id, "Reorganisation", now=NOW)
        give_feedback(built)
    with writing():
        actions.resume_requisition(cast.rita, built.requisition_id, now=NOW)

    assert built.application.step is Step.DEBRIEF


# --- Sending back --------------------------------------------------------------------------------------------------


def test_sending_back_voids_decision_board_and_offer_and_keeps_feedback_and_bar_raiser(cast: Cast) -> None:
    built = application_at(cast, Step.OFFER)
    offer_made(cast, built)
    with writing():
        actions.send_back(cast.bea, built.application_id, Step.INTERVIEW_LOOP, "One more interview", now=NOW)

    row = built.application
    assert (row.step, row.ended, row.decided_at, row.live_offer_id) == (Step.INTERVIEW_LOOP, None, None, None)
    assert db.session.get_one(Requisition, built.requisition_id).live_offers == 0
    assert debrief.standing_decision(row.id) is None
    assert db.session.get_one(Meeting, built.meeting_id).phase is Phase.VOID
    assert db.session.query(Feedback).count() == 5
    bar_raiser = loops.bar_raiser_of(row.id)
    assert bar_raiser is not None
    assert bar_raiser.id == cast.bea.id


def test_a_return_is_a_new_visit_with_its_reason(cast: Cast) -> None:
    built = application_at(cast, Step.PHONE_SCREEN)
    with writing():
        actions.send_back(cast.hector, built.application_id, Step.RESUME_REVIEW, "Marked in haste", now=NOW)

    last = pipeline.visits(built.application_id)[-1]
    assert (last.step, last.reason, last.entered_by) == (Step.RESUME_REVIEW, "Marked in haste", cast.hector.id)


def test_nothing_is_sent_forward_as_a_return(cast: Cast) -> None:
    built = application_at(cast, Step.PHONE_SCREEN)
    with pytest.raises(NotVisible), writing():
        actions.send_back(cast.rita, built.application_id, Step.OFFER, "x", now=NOW)


def test_interviewers_do_not_send_back(cast: Cast) -> None:
    built = application_at(cast, Step.DEBRIEF)
    with pytest.raises(Forbidden), writing():
        actions.send_back(cast.iris, built.application_id, Step.INTERVIEW_LOOP, "x", now=NOW)


def test_an_accepted_offer_is_not_sent_back(cast: Cast) -> None:
    built = application_at(cast, Step.OFFER)
    offer_made(cast, built, accepted=True)
    refusal = refused(lambda: actions.send_back(cast.rita, built.application_id, Step.DEBRIEF, "x", now=NOW))

    assert "accepted" in refusal.facts
    assert built.application.step is Step.OFFER


# --- Reopening -----------------------------------------------------------------------------------------------------


def test_an_end_is_reopened_within_thirty_days_as_a_new_visit_of_its_step(cast: Cast) -> None:
    built = application_at(cast, Step.PHONE_SCREEN)
    with writing():
        actions.withdraw(cast.rita, built.application_id, "x", now=NOW)
    with writing():
        actions.reopen(cast.rita, built.application_id, "Changed their mind", now=NOW + timedelta(days=30))

    row = built.application
    assert (row.ended, row.end_reason, row.ended_at, row.step) == (None, None, None, Step.PHONE_SCREEN)
    assert pipeline.visits(row.id)[-1].reason == "Changed their mind"


def test_an_end_is_not_reopened_on_the_thirty_first_day(cast: Cast) -> None:
    built = application_at(cast, Step.PHONE_SCREEN)
    with writing():
        actions.withdraw(cast.rita, built.application_id, "x", now=NOW)
    refusal = refused(
        lambda: actions.reopen(cast.rita, built.application_id, "x", now=NOW + timedelta(days=30, minutes=1))
    )

    assert refusal.rule.id == "application.cool_off"


@pytest.mark.parametrize("reason", [EndReason.VETO, EndReason.NO_HIRE])
def test_neither_a_veto_nor_a_no_hire_is_reopened(cast: Cast, reason: EndReason) -> None:
    built = application_at(cast, Step.DEBRIEF)
    with writing():
        row = pipeline.lock_application(built.application_id)
        spine.end_application(row, End.REJECTED, reason, actor_id=cast.bea.id, now=NOW, cool_off=True)
    refusal = refused(lambda: actions.reopen(cast.hector, built.application_id, "x", now=NOW))

    assert "never reopened" in refusal.facts


# --- Moving to another requisition ---------------------------------------------------------------------------------


def test_moving_ends_here_and_begins_there_at_the_first_step_unproven(cast: Cast) -> None:
    built = application_at(cast, Step.DEBRIEF)
    other = requisition(cast, code="R-2")
    with writing():
        new_id = actions.move_to(cast.rita, built.application_id, other.requisition_id, "Fits better", now=NOW).id

    old, new = built.application, pipeline.application(new_id)
    assert (old.ended, old.end_reason, old.moved_to_id) == (End.MOVED, EndReason.MOVED, new_id)
    assert (new.step, new.requisition_id, new.candidate_id) == (
        Step.PHONE_SCREEN,  # both must-haves of the new description were met before
        other.requisition_id,
        old.candidate_id,
    )
    assert new.description_id == other.description_id


def test_a_move_begins_with_the_resume_where_must_haves_are_unproven(cast: Cast) -> None:
    built = application_at(cast, Step.RESUME_REVIEW)
    other = requisition(cast, code="R-2")
    with writing():
        new_id = actions.move_to(cast.rita, built.application_id, other.requisition_id, "Fits better", now=NOW).id

    assert pipeline.application(new_id).step is Step.RESUME_REVIEW
    assert db.session.query(Attachment).filter_by(application_id=new_id).count() == 0


def test_a_newer_resume_that_nobody_has_read_is_unread_where_it_was_moved_to(cast: Cast) -> None:
    built = application_at(cast, Step.RESUME_REVIEW)
    other = requisition(cast, code="R-2")
    candidate = (built.application.candidate_id, built.requisition_id)
    texts = [files.receive(io.BytesIO(text), name, 1000) for name, text in (("a.txt", b"Old."), ("b.txt", b"New."))]
    with writing():
        for text in texts:
            newer.keep(*candidate, text, source=Source.CAREERS, actor_id=None, now=NOW)
        first = pipeline.attachments(built.application_id)[-1]
        newer.note_read(cast.rita, built.application_id, first.id, now=NOW)
    with writing():
        new_id = actions.move_to(cast.rita, built.application_id, other.requisition_id, "Fits better", now=NOW).id

    assert [(row.file.name, row.unread) for row in pipeline.attachments(new_id)] == [("b.txt", True), ("a.txt", False)]


def test_nobody_is_moved_to_a_closed_requisition_or_to_their_own(cast: Cast) -> None:
    built = application_at(cast, Step.PHONE_SCREEN)
    other = requisition(cast, code="R-2")
    with writing():
        actions.close_requisition(cast.rita, other.requisition_id, {}, "Closed", now=NOW)
    refusal = refused(lambda: actions.move_to(cast.rita, built.application_id, other.requisition_id, "x", now=NOW))

    assert "R-2 is closed" in refusal.facts
    assert built.application.ended is None
    with pytest.raises(NotVisible), writing():
        actions.move_to(cast.rita, built.application_id, built.requisition_id, "x", now=NOW)


# --- Closing -------------------------------------------------------------------------------------------------------


def test_closing_rejects_and_moves_as_chosen_and_leaves_accepted_offers(cast: Cast) -> None:
    built = application_at(cast, Step.OFFER, name="Ada A")
    accepted = built.application_id
    offer_made(cast, built, accepted=True)
    rejected = application_at(cast, Step.PHONE_SCREEN, on=built, name="Ben B").application_id
    moved = application_at(cast, Step.PHONE_SCREEN, on=built, name="Cem C").application_id
    other = requisition(cast, code="R-2")
    choices = {rejected: "reject", moved: str(other.requisition_id)}
    with writing():
        actions.close_requisition(cast.rita, built.requisition_id, choices, "We closed it.", now=NOW)

    ends = {row.id: row.end_reason for row in db.session.query(Application)}
    assert ends[accepted] is None
    assert ends[rejected] is EndReason.POSITION_CLOSED
    assert ends[moved] is EndReason.MOVED
    row = db.session.get_one(Requisition, built.requisition_id)
    assert (row.status, row.closed_at) == (RequisitionStatus.CLOSED, NOW)
    [notice] = db.session.query(Notice).filter_by(kind="candidate.closed")
    assert notice.to_address == "ben@candidates.example"
    assert "We closed it." in notice.body_text


@pytest.mark.parametrize("by", ["closing", "cord"])
def test_who_held_an_offer_reads_one_mail_with_the_message_in_it(cast: Cast, by: str) -> None:
    built = application_at(cast, Step.OFFER)
    offer_made(cast, built)
    candidate = pipeline.application(built.application_id).candidate.email
    before = {row.id for row in db.session.query(Notice)}
    if by == "closing":
        with writing():
            choices = {built.application_id: "reject"}
            actions.close_requisition(cast.rita, built.requisition_id, choices, "We are sorry.", now=NOW)
    else:
        clear(cast, pull(cast, built.application_id), "amal", reject="We are sorry.")
    told = [row for row in db.session.query(Notice).filter_by(to_address=candidate) if row.id not in before]
    assert [("offer" in row.body_text, "We are sorry." in row.body_text) for row in told] == [(True, True)]


def test_who_is_moved_is_told_where_it_goes_on_and_not_why(cast: Cast) -> None:
    built = application_at(cast, Step.PHONE_SCREEN)
    other = requisition(cast, code="R-2")
    with writing():
        actions.close_requisition(
            cast.rita, built.requisition_id, {built.application_id: str(other.requisition_id)}, "Closed.", now=NOW
        )
    [told] = db.session.query(Notice).filter_by(kind="candidate.moved")
    assert told.to_address == pipeline.application(built.application_id).candidate.email
    assert f"goes on as one for {pipeline.requisition(other.requisition_id).title}" in told.body_text
    assert "was closed" not in told.body_text


def test_closing_refuses_by_name_while_an_application_is_undecided_and_changes_nothing(cast: Cast) -> None:
    built = application_at(cast, Step.PHONE_SCREEN, name="Ada A")
    first = built.application_id
    application_at(cast, Step.DEBRIEF, on=built, name="Ben B")
    refusal = refused(
        lambda: actions.close_requisition(cast.rita, built.requisition_id, {first: "reject"}, "x", now=NOW)
    )

    assert refusal.rule.id == "requisition.open"
    assert "Ben B" in refusal.facts
    assert "Ada A" not in refusal.facts
    assert pipeline.application(first).ended is None


def test_an_unknown_choice_decides_nothing(cast: Cast) -> None:
    built = application_at(cast, Step.PHONE_SCREEN)
    refused(
        lambda: actions.close_requisition(
            cast.rita, built.requisition_id, {built.application_id: "forget"}, "x", now=NOW
        )
    )

    assert built.application.ended is None


def test_a_closed_requisition_opens_again_and_what_ended_stays_ended(cast: Cast) -> None:
    built = application_at(cast, Step.PHONE_SCREEN)
    with writing():
        actions.close_requisition(cast.rita, built.requisition_id, {built.application_id: "reject"}, "x", now=NOW)
    with writing():
        actions.reopen_requisition(cast.rita, built.requisition_id, now=NOW)

    row = db.session.get_one(Requisition, built.requisition_id)
    assert (row.status, row.closed_at) == (RequisitionStatus.OPEN, None)
    assert built.application.end_reason is EndReason.POSITION_CLOSED


@pytest.mark.parametrize("who", ["ron", "bea", "olga"])
def test_a_requisition_is_held_closed_and_handed_over_by_its_owners_only(cast: Cast, who: str) -> None:
    built, actor = requisition(cast), getattr(cast, who)
    for act in (
        lambda: actions.hold_requisition(actor, built.requisition_id, "x", now=NOW),
        lambda: actions.close_requisition(actor, built.requisition_id, {}, "x", now=NOW),
        lambda: owners.change_owner(
            actor, built.requisition_id, hiring_manager_id=cast.hilda.id, recruiter_id=None, now=NOW
        ),
    ):
        with pytest.raises(Forbidden), writing():
            act()


# --- New owners ----------------------------------------------------------------------------------------------------


def change_manager(cast: Cast, requisition_id: int, manager_id: int) -> None:
    """Have an administrator name another hiring manager."""
    owners.change_owner(cast.amal, requisition_id, hiring_manager_id=manager_id, recruiter_id=None, now=NOW)


def test_a_new_hiring_manager_takes_the_seat_and_owes_an_interview_of_their_own(cast: Cast) -> None:
    built = application_at(cast, Step.DEBRIEF)
    with writing():
        change_manager(cast, built.requisition_id, cast.hilda.id)

    seats = {seat.person_id: seat for seat in db.session.query(Seat)}
    assert seats[cast.hector.id].state is SeatState.HANDED_OVER
    new = seats[cast.hilda.id]
    assert (new.kind, new.state, new.handover) == (SeatKind.HIRING_MANAGER, SeatState.HELD, True)
    table = debrief.table(pipeline.application(built.application_id), debrief.meeting_of(built.application_id))
    assert table.hiring_manager_id == cast.hilda.id
    assert audited("requisition.hiring_manager") == 1


def test_a_hiring_manager_on_whom_the_bar_raiser_depends_is_refused_with_the_facts(cast: Cast) -> None:
    built = application_at(cast, Step.DEBRIEF)
    refusal = refused(lambda: change_manager(cast, built.requisition_id, cast.lars.id))

    assert refusal.rule.id == "loop.bar_raiser_independent"
    assert "Nadia Novak" in refusal.facts
    assert db.session.get_one(Requisition, built.requisition_id).hiring_manager_id == cast.hector.id


def test_a_new_recruiter_takes_over_and_must_be_one(cast: Cast) -> None:
    built = application_at(cast, Step.PHONE_SCREEN)
    with writing():
        owners.change_owner(cast.rita, built.requisition_id, hiring_manager_id=None, recruiter_id=cast.ron.id, now=NOW)
    with writing():
        actions.withdraw(cast.ron, built.application_id, "x", now=NOW)
    assert built.application.ended is End.WITHDRAWN
    refusal = refused(
        lambda: owners.change_owner(
            cast.amal, built.requisition_id, hiring_manager_id=None, recruiter_id=cast.olga.id, now=NOW
        )
    )
    assert refusal.rule.id == "requisition.owners" and "Olga is not a recruiter." in refusal.facts


def test_nobody_becomes_hiring_manager_and_recruiter_of_one_requisition(cast: Cast) -> None:
    built = requisition(cast)
    refusal = refused(lambda: change_manager(cast, built.requisition_id, cast.rita.id))
    assert "cannot be both" in refusal.facts
    assert db.session.get_one(Requisition, built.requisition_id).hiring_manager_id == cast.hector.id


# --- Another level -------------------------------------------------------------------------------------------------


def approve(description_id: int, cast: Cast) -> None:
    """Leave behind what the review of a description leaves."""
    row = db.session.get_one(JobDescription, description_id)
    row.status, row.approved_at, row.approved_by = Status.APPROVED, NOW, cast.bea.id


def at_level(cast: Cast, application_id: int, level: int) -> int:
    """An approved description for the application at a level; returns its id."""
    with writing():
        row_id = actions.propose_level(cast.hector, application_id, level, now=NOW).id
        approve(row_id, cast)
    return row_id


def test_a_hire_at_a_level_that_the_loop_still_fits_reconvenes_from_the_re_vote(cast: Cast) -> None:
    built = application_at(cast, Step.REFERENCE_CHECK)
    description_id = at_level(cast, built.application_id, 6)
    with writing():
        phase = actions.adopt_level(cast.rita, built.application_id, description_id, now=NOW)

    row = built.application
    meeting = debrief.meeting_of(row.id)
    assert (phase, row.step, row.description_id) == (Phase.REVOTE, Step.DEBRIEF, description_id)
    assert meeting is not None
    assert meeting.phase is Phase.REVOTE


def test_a_hire_at_a_level_above_the_loop_goes_back_for_what_is_missing(cast: Cast) -> None:
    built = application_at(cast, Step.DEBRIEF)
    description_id = at_level(cast, built.application_id, 9)
    with writing():
        assert actions.adopt_level(cast.rita, built.application_id, description_id, now=NOW) is None

    assert built.application.step is Step.INTERVIEW_LOOP
    assert "level" in pipeline.visits(built.application_id)[-1].reason


def test_a_level_is_not_adopted_before_its_description_is_approved(cast: Cast) -> None:
    built = application_at(cast, Step.DEBRIEF)
    with writing():
        row_id = actions.propose_level(cast.hector, built.application_id, 6, now=NOW).id
    refused(lambda: actions.adopt_level(cast.rita, built.application_id, row_id, now=NOW))

    assert built.application.description_id == built.description_id


def test_a_would_be_report_of_the_new_level_sends_the_loop_back(cast: Cast) -> None:
    built = application_at(cast, Step.DEBRIEF)
    description_id = at_level(cast, built.application_id, 8)
    with writing():
        db.session.add(WouldBeReport(description_id=description_id, person_id=cast.iris.id))
    with writing():
        actions.adopt_level(cast.rita, built.application_id, description_id, now=NOW)

    assert built.application.step is Step.INTERVIEW_LOOP


# --- The cord ------------------------------------------------------------------------------------------------------


def pull(cast: Cast, application_id: int, *, by: str = "iris", named: tuple[str, ...] = ()) -> int:
    """Pull the cord; returns its id."""
    with writing():
        ids = [getattr(cast, name).id for name in named]
        return cords.pull(getattr(cast, by), application_id, "A protected topic was asked", ids, now=NOW).id


def clear(cast: Cast, cord_id: int, by: str, reject: str = "") -> None:
    """Clear the cord with cause and correction."""
    with writing():
        cords.clear(
            getattr(cast, by),
            cord_id,
            "No training",
            "Train all",
            [CorrectionStep("Train", cast.hector.id, date(2026, 4, 1))],
            reject=reject,
            now=NOW,
        )


@pytest.mark.parametrize("who", ["iris", "bea", "hector", "rita", "cora", "amal"])
def test_anyone_with_a_task_pulls_the_cord(cast: Cast, who: str) -> None:
    built = application_at(cast, Step.DEBRIEF)
    pull(cast, built.application_id, by=who)

    assert pipeline.application_facts(built.application).cords == 1
    assert audited("cord.pull") == 1


def test_a_recruiter_without_a_task_on_it_does_not_pull(cast: Cast) -> None:
    built = application_at(cast, Step.DEBRIEF)
    with pytest.raises(Forbidden), writing():
        cords.pull(cast.ron, built.application_id, "x", [], now=NOW)


def test_those_who_may_clear_a_cord_are_told_and_nobody_named_is(cast: Cast) -> None:
    built = application_at(cast, Step.DEBRIEF)
    pull(cast, built.application_id, named=("ada",))

    told = {notice.to_address for notice in db.session.query(Notice).filter_by(kind="cord.pulled")}
    assert told == {"amal@example.org", "bea@example.org"}


@pytest.mark.parametrize("where", ["application", "requisition"])
def test_a_cord_stops_a_forward_move_and_says_where_it_is_pulled(cast: Cast, where: str) -> None:
    built = application_at(cast, Step.PHONE_SCREEN)
    with writing():
        if where == "application":
            cords.pull(cast.hector, built.application_id, "x", [], now=NOW)
        else:
            cords.pull_requisition(cast.hector, built.requisition_id, "x", [], now=NOW)
    refusal = refused(
        lambda: spine.advance(
            pipeline.lock_application(built.application_id), Step.INTERVIEW_LOOP, actor_id=cast.rita.id, now=NOW
        )
    )

    assert refusal.rule.id == "andon.clear"
    assert where in refusal.facts


def test_a_cleared_cord_keeps_cause_correction_and_actions_and_moves_what_waited(cast: Cast) -> None:
    built = application_at(cast, Step.WRITTEN_FEEDBACK)
    cord_id = pull(cast, built.application_id)
    with writing():
        give_feedback(built)
        actions.loops.settle(pipeline.lock_application(built.application_id), NOW)
    assert built.application.step is Step.WRITTEN_FEEDBACK
    clear(cast, cord_id, "amal")

    cord = db.session.get_one(Cord, cord_id)
    assert (cord.cleared_by, cord.cause, cord.correction) == (cast.amal.id, "No training", "Train all")
    assert built.application.step is Step.DEBRIEF
    assert db.session.query(CordAction).one().owner_id == cast.hector.id


def test_feedback_that_waited_for_a_cord_on_the_requisition_moves_on_when_it_is_cleared(cast: Cast) -> None:
    built = application_at(cast, Step.WRITTEN_FEEDBACK)
    with writing():
        cord_id = cords.pull_requisition(cast.hector, built.requisition_id, "x", [], now=NOW).id
        give_feedback(built)
    clear(cast, cord_id, "amal")

    assert built.application.step is Step.DEBRIEF


def test_the_bar_raiser_clears_a_cord_that_somebody_else_pulled(cast: Cast) -> None:
    built = application_at(cast, Step.DEBRIEF)
    clear(cast, pull(cast, built.application_id), "bea")

    assert pipeline.application_facts(built.application).cords == 0


@pytest.mark.parametrize(
    ("by", "named", "clears"),
    [("bea", (), "bea"), ("iris", ("bea",), "bea"), ("amal", (), "amal"), ("iris", (), "hector"), ("iris", (), "rita")],
    ids=["the puller", "somebody named", "an administrator who pulled it", "the hiring manager", "the recruiter"],
)
def test_a_cord_is_not_cleared_by(cast: Cast, by: str, named: tuple[str, ...], clears: str) -> None:
    built = application_at(cast, Step.DEBRIEF)
    cord_id = pull(cast, built.application_id, by=by, named=named)
    with pytest.raises(Forbidden):
        clear(cast, cord_id, clears)

    assert pipeline.application_facts(built.application).cords == 1


def test_the_correction_may_be_to_end_the_application_with_a_message(cast: Cast) -> None:
    built = application_at(cast, Step.DEBRIEF)
    clear(cast, pull(cast, built.application_id), "amal", reject="We are sorry.")

    assert (built.application.ended, built.application.end_reason) == (End.REJECTED, EndReason.CORD)
    [notice] = db.session.query(Notice).filter_by(kind="candidate.stopped")
    assert "We are sorry." in notice.body_text


def test_the_owner_ticks_off_an_action_of_a_correction_and_strangers_do_not_find_it(cast: Cast) -> None:
    built = application_at(cast, Step.DEBRIEF)
    clear(cast, pull(cast, built.application_id), "amal")
    action_id = db.session.query(CordAction).one().id
    with pytest.raises(NotVisible), writing():
        cords.finish_step(cast.olga, action_id, now=NOW)
    with pytest.raises(Forbidden), writing():
        cords.finish_step(cast.rita, action_id, now=NOW)
    with writing():
        cords.finish_step(cast.hector, action_id, now=NOW)

    assert db.session.get_one(CordAction, action_id).done_at == NOW


def test_a_stranger_pulls_no_cord_on_a_requisition(cast: Cast) -> None:
    built = application_at(cast, Step.DEBRIEF)
    with pytest.raises(Forbidden), writing():
        cords.pull_requisition(cast.olga, built.requisition_id, "x", [], now=NOW)


def test_the_timeline_tells_of_every_transition(cast: Cast) -> None:
    built = application_at(cast, Step.PHONE_SCREEN)
    before = db.session.query(TimelineEntry).count()
    with writing():
        actions.hold(cast.rita, built.application_id, "secret budget", now=NOW)
        actions.resume(cast.rita, built.application_id, now=NOW)
        actions.send_back(cast.rita, built.application_id, Step.PHONE_SCREEN, "x", now=NOW)
        actions.withdraw(cast.rita, built.application_id, "x", now=NOW)

    sentences = [entry.sentence for entry in db.session.query(TimelineEntry).order_by(TimelineEntry.id)][before:]
    assert sentences == ["Put on hold.", "Taken off hold.", "Sent back to Phone Screen.", "Ended: withdrawn."]
    assert db.session.query(Opening).filter(Opening.filled_by.is_not(None)).count() == 0

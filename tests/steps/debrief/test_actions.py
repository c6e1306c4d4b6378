from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from hiring.ground import personal
from hiring.ground.audit import AuditEntry
from hiring.ground.database import Forbidden, NotVisible, Stale, db, writing
from hiring.ground.outbox import Notice
from hiring.ground.rulebook import Refused
from hiring.people import queries as people
from hiring.people.models import Person, Qualification
from hiring.people.rules import Record
from hiring.pipeline import actions as spine
from hiring.pipeline import queries as applications
from hiring.pipeline.models import Application, Booking, Cord, PassedWarning, Requisition
from hiring.pipeline.rules import End, EndReason, Step
from hiring.steps.debrief import actions, queries, records, room_actions
from hiring.steps.debrief.models import Meeting, Veto
from hiring.steps.debrief.rules import BoardMark, Decision, Phase
from hiring.steps.interview_loop import actions as looping
from hiring.steps.interview_loop import course
from hiring.steps.interview_loop import queries as loops
from hiring.steps.interview_loop.models import Loop, Seat
from hiring.steps.interview_loop.rules import RedrawCause, SeatKind, SeatState, VacateCause
from hiring.steps.job_description import models as descriptions
from hiring.steps.job_description.models import MustHave
from hiring.steps.job_description.rules import ItemKind
from hiring.steps.resume_review.models import MustHaveMark
from hiring.steps.resume_review.rules import Mark
from hiring.steps.written_feedback import actions as feedback
from hiring.steps.written_feedback.rules import Vote
from hiring.transitions import actions as transitions
from tests.builders import LOOP_DAY, application_at, give_feedback, offer_made
from tests.cast import Cast
from tests.conftest import NOON
from tests.steps.debrief.conftest import OPENED, SEATED, Debrief, hand_over


def refusals(call: Callable[[], Any]) -> dict[str, str]:
    with pytest.raises(Refused) as caught:
        call()
    return {refusal.rule.id: refusal.facts for refusal in caught.value.refusals}


# --- The room


def test_the_bar_raiser_opens_and_every_phase_follows_until_references_are_called(debrief: Debrief) -> None:
    debrief.done()
    meeting, application = debrief.meeting, debrief.application
    assert meeting.phase is Phase.DONE and meeting.decision is Decision.HIRE
    assert meeting.concurred_by == debrief.cast.bea.id
    assert application.step is Step.REFERENCE_CHECK and application.decided_at == debrief.now
    standing = queries.standing_decision(application.id)
    assert standing is not None and standing.id == meeting.id


def test_nobody_but_the_bar_raiser_opens_or_advances(debrief: Debrief) -> None:
    with pytest.raises(Forbidden, match="Bea"):
        debrief.does(room_actions.open_debrief, "hector")
    debrief.gather()
    with pytest.raises(Forbidden, match="Bea"):
        debrief.does(room_actions.advance, "hector", debrief.meeting.version)
    assert debrief.meeting.phase is Phase.GATHER


def test_strangers_do_not_even_learn_of_the_debrief(debrief: Debrief) -> None:
    for who in ("olga", "cora", "ada", "hilda"):
        with pytest.raises(NotVisible):
            debrief.does(room_actions.attend, who)


def test_a_debrief_does_not_open_while_feedback_is_missing_and_says_whose(cast: Cast) -> None:
    built = application_at(cast, Step.WRITTEN_FEEDBACK)
    table = Debrief(cast, built)
    facts = refusals(lambda: table.does(room_actions.open_debrief, "bea"))
    # she has not submitted either, so that she may not chair
    assert "Iris" in facts["debrief.complete"] and "Bea" in facts["debrief.chair"]


def test_a_debrief_does_not_open_on_hold_but_a_started_one_goes_on_up_to_the_concurrence(debrief: Debrief) -> None:
    def hold(on: bool) -> None:
        with writing():
            row = db.session.get_one(Requisition, debrief.built.requisition_id)
            row.held_at = OPENED if on else None

    hold(True)
    assert "on hold" in refusals(lambda: debrief.does(room_actions.open_debrief, "bea"))["requisition.open"]
    hold(False)
    debrief.gather()
    hold(True)
    debrief.advance()
    assert debrief.meeting.phase is Phase.READ


def test_a_hold_refuses_the_concurrence_until_it_ends(debrief: Debrief) -> None:
    debrief.hire()
    with writing():
        debrief.built.application.held_at = debrief.now
    assert "requisition.open" in refusals(lambda: debrief.does(actions.concur, "bea", ""))
    with writing():
        debrief.built.application.held_at = None
    debrief.does(actions.concur, "bea", "")
    assert debrief.application.step is Step.REFERENCE_CHECK


def test_a_late_debrief_takes_a_written_reason_that_is_kept(debrief: Debrief) -> None:
    debrief.now = LOOP_DAY + timedelta(days=6)
    assert "Tuesday, 03 March" in refusals(lambda: debrief.does(room_actions.open_debrief, "bea"))["debrief.prompt"]
    debrief.does(room_actions.open_debrief, "bea", reasons={"debrief.prompt": "Bea was travelling."})
    kept = db.session.scalars(select(PassedWarning)).one()
    assert kept.rule == "debrief.prompt" and kept.reason == "Bea was travelling."


def test_opening_twice_gives_one_meeting(debrief: Debrief) -> None:
    debrief.gather()
    with writing():
        db.session.get_one(Requisition, debrief.built.requisition_id).held_at = debrief.now
    assert list(refusals(lambda: debrief.does(room_actions.open_debrief, "bea"))) == ["debrief.chair"]
    assert len(db.session.scalars(select(Meeting)).all()) == 1


def test_reading_freezes_amendments(debrief: Debrief) -> None:
    debrief.read()
    db.session.rollback()
    assert db.session.scalars(select(Loop)).one().debrief_opened_at == debrief.now


def test_a_second_click_on_an_old_page_does_not_skip_a_phase(debrief: Debrief) -> None:
    debrief.gather()
    version = debrief.meeting.version
    debrief.does(room_actions.advance, "bea", version)
    with pytest.raises(Stale):
        debrief.does(room_actions.advance, "bea", version)
    assert debrief.meeting.phase is Phase.READ


def test_nobody_re_votes_before_five_minutes_of_reading(debrief: Debrief) -> None:
    debrief.revote(absent=("iris",))
    debrief.does(room_actions.attend, "iris")
    debrief.does(room_actions.start_reading, "iris")
    debrief.now += timedelta(minutes=4, seconds=30)
    facts = refusals(lambda: debrief.does(room_actions.revote, "iris", Vote.INCLINED))["debrief.read"]
    assert "4 of 5 minutes" in facts and "0:30" in facts
    debrief.now += timedelta(seconds=30)
    debrief.does(room_actions.revote, "iris", Vote.INCLINED)


def test_the_reading_waits_for_all_but_one_seat(debrief: Debrief) -> None:
    debrief.gather(absent=("iris", "irma"))
    assert "Iris and Irma" in refusals(debrief.advance)["debrief.revote"]
    debrief.does(room_actions.attend, "irma")
    debrief.advance()
    assert debrief.meeting.phase is Phase.READ


def test_the_reading_waits_for_the_hiring_manager(debrief: Debrief) -> None:
    debrief.gather(absent=("hector",))
    assert "Hector" in refusals(debrief.advance)["debrief.revote"]


def test_the_re_vote_waits_for_whoever_left_in_the_reading(debrief: Debrief) -> None:
    debrief.read()
    debrief.now += timedelta(minutes=5)
    for who in ("iris", "irma"):
        debrief.does(room_actions.mark_absent, "bea", debrief.cast.ids[who], "Called away.")
    assert "Iris and Irma" in refusals(debrief.advance)["debrief.revote"]
    debrief.does(room_actions.attend, "irma")
    debrief.advance()
    assert debrief.meeting.phase is Phase.REVOTE


def test_the_re_vote_waits_until_all_who_are_here_have_read_or_are_marked_absent(debrief: Debrief) -> None:
    debrief.gather()
    debrief.advance()
    for who in ("hector", "rita", "bea", "irma"):
        debrief.does(room_actions.start_reading, who)
    debrief.now += timedelta(minutes=3)
    facts = refusals(debrief.advance)["debrief.read"]
    assert facts
    debrief.now += timedelta(minutes=2)
    assert refusals(debrief.advance) == {"debrief.read": "Iris has not started reading."}
    debrief.does(room_actions.mark_absent, "bea", debrief.cast.iris.id, "Called away.")
    debrief.advance()
    assert debrief.meeting.phase is Phase.REVOTE


def test_re_votes_stay_sealed_until_the_last_is_in_and_one_s_own_is_one_s_own(debrief: Debrief) -> None:
    debrief.revote()
    for who in SEATED[:-1]:
        debrief.does(room_actions.revote, who, Vote.NOT_INCLINED)
    bea, iris = debrief.cast.bea.id, debrief.cast.iris.id
    assert queries.revotes(debrief.meeting, bea) == {bea: Vote.NOT_INCLINED}
    assert queries.revotes(debrief.meeting) == {}
    assert "Irma" in refusals(debrief.advance)["debrief.revote"]
    debrief.does(room_actions.revote, "irma", Vote.INCLINED)
    shown = queries.revotes(debrief.meeting, iris)
    assert len(shown) == 5 and shown[debrief.cast.irma.id] is Vote.INCLINED


def test_a_re_vote_is_cast_once(debrief: Debrief) -> None:
    debrief.revote()
    debrief.does(room_actions.revote, "iris", Vote.INCLINED)
    assert "sealed" in refusals(lambda: debrief.does(room_actions.revote, "iris", Vote.NOT_INCLINED))["debrief.revote"]


def test_an_absentee_s_first_vote_stands_marked_absent(debrief: Debrief) -> None:
    debrief.board(absent=("irma",))
    record = records.record(debrief.application, debrief.meeting)
    assert {"name": "Irma", "before": "inclined", "after": None} in record["votes"]


def test_whoever_comes_after_the_re_votes_are_shown_stays_absent(debrief: Debrief) -> None:
    debrief.board(absent=("irma",))
    assert "knowing them" in refusals(lambda: debrief.does(room_actions.attend, "irma"))["debrief.revote"]


def test_somebody_who_walks_out_is_marked_absent_and_the_room_goes_on(debrief: Debrief) -> None:
    debrief.revote()
    for who in SEATED[:-1]:
        debrief.does(room_actions.revote, who, Vote.INCLINED)
    debrief.does(room_actions.mark_absent, "bea", debrief.cast.irma.id, "Called away.")
    assert debrief.meeting.revealed_at == debrief.now
    debrief.advance()
    assert debrief.meeting.phase is Phase.BOARD


def test_somebody_marked_absent_may_come_back_until_the_re_votes_are_shown(debrief: Debrief) -> None:
    debrief.revote()
    debrief.does(room_actions.mark_absent, "bea", debrief.cast.irma.id, "Called away.")
    debrief.does(room_actions.attend, "irma")
    debrief.does(room_actions.revote, "irma", Vote.INCLINED)
    table = queries.table(debrief.application, debrief.meeting)
    seat = table.seat_of(debrief.cast.irma.id)
    assert seat is not None and seat.voted


def test_the_board_is_complete_before_the_discussion(debrief: Debrief) -> None:
    debrief.board()
    assert "Customer Obsession" in refusals(debrief.advance)["debrief.board"]


def test_only_bar_raiser_and_hiring_manager_mark_the_board_and_not_before_its_phase(debrief: Debrief) -> None:
    debrief.revote()
    item = debrief.built.items["Ownership"]
    assert "debrief.board" in refusals(
        lambda: debrief.does(room_actions.mark, "bea", item, BoardMark.MET, "They owned it.")
    )
    for who in SEATED:
        debrief.does(room_actions.revote, who, Vote.INCLINED)
    debrief.advance()
    with pytest.raises(Forbidden):
        debrief.does(room_actions.mark, "iris", item, BoardMark.MET, "They owned it.")
    debrief.does(room_actions.mark, "hector", item, BoardMark.MET, "They owned it.")
    assert (
        "evidence"
        in refusals(lambda: debrief.does(room_actions.mark, "bea", item, BoardMark.NOT_MET, " "))["debrief.board"]
    )


def test_every_mark_stays_on_record_and_the_newest_counts(debrief: Debrief) -> None:
    debrief.board()
    item = debrief.built.items["Ownership"]
    debrief.does(room_actions.mark, "hector", item, BoardMark.NOT_SHOWN, "Nobody asked.")
    debrief.does(room_actions.accept_gap, "bea", item, "The role needs little of it.")
    debrief.does(room_actions.mark, "bea", item, BoardMark.MET, "They owned the close.")
    board = queries.table(debrief.application, debrief.meeting).board
    assert [(one.mark, one.accepted) for one in board if one.item_id == item] == [(BoardMark.MET, False)]
    (row,) = records.record(debrief.application, debrief.meeting)["board"]
    assert (row["mark"], row["evidence"], row["by"]) == ("met", "They owned the close.", "Bea")
    assert [(one["mark"], one["by"], one["accepted"]) for one in row["earlier"]] == [
        ("not_shown", "Hector", ""),
        ("not_shown", "Hector", "The role needs little of it."),
    ]


def test_only_the_bar_raiser_changes_a_not_shown_that_they_set_or_accepted(debrief: Debrief) -> None:
    debrief.board()
    item = debrief.built.items["Ownership"]
    to_met = lambda: debrief.does(room_actions.mark, "hector", item, BoardMark.MET, "They owned it.")  # noqa: E731
    debrief.does(room_actions.mark, "bea", item, BoardMark.NOT_SHOWN, "")
    assert "Ownership is marked not shown" in refusals(to_met)["debrief.board"]
    debrief.does(room_actions.mark, "bea", item, BoardMark.MET, "They owned it.")
    debrief.does(room_actions.mark, "hector", item, BoardMark.NOT_SHOWN, "")
    debrief.does(room_actions.accept_gap, "bea", item, "Seen in the screen.")
    assert "accepted so by the Bar Raiser" in refusals(to_met)["debrief.board"]


def test_a_mark_put_since_the_page_was_shown_is_not_replaced_unread(debrief: Debrief) -> None:
    debrief.board()
    ownership, coding = debrief.built.items["Ownership"], debrief.built.items["Coding"]
    shown = queries.table(debrief.application, debrief.meeting).board_version
    debrief.does(room_actions.mark, "bea", ownership, BoardMark.NOT_MET, "They blamed others.", shown=shown)
    with pytest.raises(Stale) as stale:
        debrief.does(room_actions.mark, "hector", ownership, BoardMark.MET, "They owned it.", shown=shown)
    current = stale.value.current
    assert (current["mark"], current["evidence"]) == ("Not met", "They blamed others.")
    debrief.does(room_actions.mark, "hector", coding, BoardMark.MET, "They rebuilt it.", shown=shown)
    seen = int(current["version"])
    debrief.does(room_actions.mark, "hector", ownership, BoardMark.MET, "They owned it.", shown=seen)
    assert debrief.meeting.marks[ownership].mark is BoardMark.MET


def test_a_hiring_manager_who_took_over_marks_nothing_before_they_submit(debrief: Debrief) -> None:
    debrief.board()
    hand_over(debrief, "hector", "hilda", SeatKind.HIRING_MANAGER)
    with writing():
        db.session.get_one(Requisition, debrief.built.requisition_id).hiring_manager_id = debrief.cast.hilda.id
    item = debrief.built.items["Ownership"]
    facts = refusals(lambda: debrief.does(room_actions.mark, "hilda", item, BoardMark.MET, "They owned it."))
    assert facts.keys() == {"debrief.board"} and "Hilda has not submitted" in facts["debrief.board"]
    assert debrief.meeting.board == []


def test_nothing_is_discussed_before_the_re_votes_are_shown(debrief: Debrief) -> None:
    debrief.revote()
    assert "debrief.revote" in refusals(lambda: debrief.does(room_actions.take_note, "iris", "I think…"))


def test_the_re_vote_waits_for_a_hiring_manager_whose_seat_was_vacated_after_submitting(debrief: Debrief) -> None:
    debrief.revote()
    with writing():
        course.vacate(
            debrief.cast.amal, debrief.built.seats["hector"], VacateCause.ILL, "In hospital.", now=debrief.now
        )
    for who in ("rita", "bea", "iris", "irma"):
        debrief.does(room_actions.revote, who, Vote.INCLINED)
    assert debrief.meeting.revealed_at is None
    assert "the hiring manager is not" in refusals(debrief.advance)["debrief.revote"]
    with writing():
        transitions.send_back(
            debrief.cast.hector, debrief.built.application_id, Step.INTERVIEW_LOOP, "Again.", now=debrief.now
        )
    assert debrief.application.step is Step.INTERVIEW_LOOP


@pytest.mark.parametrize("point", ["gather", "decide"])
def test_a_seat_added_since_the_opening_submits_before_the_reading_and_before_the_decision(
    debrief: Debrief, point: str
) -> None:
    getattr(debrief, point)()
    with writing():
        loop_id = db.session.get_one(Seat, debrief.built.seats["iris"]).loop_id
        heir = Seat(loop_id=loop_id, person_id=debrief.cast.igor.id, kind=SeatKind.INTERVIEWER, state=SeatState.HELD)
        db.session.add(heir)
    go_on = debrief.advance
    if point == "decide":
        go_on = lambda: debrief.does(actions.decide, "hector", Decision.HIRE, "Yes.")  # noqa: E731
    assert refusals(go_on)["debrief.complete"] == "Feedback is missing from Igor."


# --- Decision and concurrence


def test_what_was_not_shown_blocks_a_hire_until_the_bar_raiser_accepts_it_in_writing(debrief: Debrief) -> None:
    debrief.decide(gaps=("Dive Deep",))
    hire = lambda: debrief.does(actions.decide, "hector", Decision.HIRE, "Yes.")  # noqa: E731
    assert "Dive Deep" in refusals(hire)["debrief.board"]
    with pytest.raises(Forbidden):
        debrief.does(room_actions.accept_gap, "hector", debrief.built.items["Dive Deep"], "Fine.")
    debrief.does(room_actions.accept_gap, "bea", debrief.built.items["Dive Deep"], "The role needs little of it.")
    hire()
    assert debrief.meeting.decision is Decision.HIRE


def test_a_gap_does_not_block_a_no_hire(debrief: Debrief) -> None:
    debrief.decide(gaps=("Dive Deep",))
    debrief.does(actions.decide, "hector", Decision.NO_HIRE, "Below the bar.")
    assert debrief.application.ended is End.REJECTED


def test_only_the_hiring_manager_decides_and_only_in_its_phase(debrief: Debrief) -> None:
    debrief.board()
    assert (
        "Board"
        in refusals(lambda: debrief.does(actions.decide, "hector", Decision.NO_HIRE, "No."))["decision.hiring_manager"]
    )
    for who in ("bea", "rita", "iris"):
        with pytest.raises(Forbidden, match="Hector"):
            debrief.does(actions.decide, who, Decision.HIRE, "Yes.")


def test_a_no_hire_ends_the_application_with_a_cool_off_and_a_neutral_notice(debrief: Debrief) -> None:
    debrief.decide()
    debrief.does(actions.decide, "hector", Decision.NO_HIRE, "CANARY below the bar.")
    application = debrief.application
    assert (application.ended, application.end_reason) == (End.REJECTED, EndReason.NO_HIRE)
    assert application.cool_off_until is not None and application.cool_off_until > debrief.now.date()
    meeting = debrief.meeting
    assert meeting.phase is Phase.DONE and meeting.frozen is not None
    notice = db.session.scalars(select(Notice).where(Notice.to_address == "nadia@candidates.example")).one()
    assert "CANARY" not in notice.body_text and "Senior Engineer, Payments" in notice.subject
    timeline = " ".join(entry.sentence for entry, _ in applications.timeline(application.id))
    assert "CANARY" not in timeline


def test_a_hire_waits_for_the_bar_raiser_whose_silence_is_no_concurrence(debrief: Debrief) -> None:
    debrief.hire()
    assert debrief.application.step is Step.DEBRIEF
    assert queries.standing_decision(debrief.built.application_id) is None
    with pytest.raises(Forbidden):
        debrief.does(actions.concur, "hector", "")


def test_there_is_nothing_to_concur_with_before_the_decision(debrief: Debrief) -> None:
    debrief.decide()
    assert "has not decided" in refusals(lambda: debrief.does(actions.concur, "bea", ""))["decision.concurrence"]


def test_nobody_concurs_without_a_board_for_the_description_that_is_held_now(debrief: Debrief) -> None:
    debrief.hire()
    with writing():
        gained = descriptions.TestedItem(
            description_id=debrief.built.description_id, place=9, kind=ItemKind.COMPETENCY, name="Statistics"
        )
        db.session.add(gained)
    facts = refusals(lambda: debrief.does(actions.concur, "bea", "I concur."))
    assert facts == {"debrief.board": "Not marked yet: Statistics."}
    assert debrief.application.step is Step.DEBRIEF


def test_the_record_is_frozen_with_votes_before_and_after_board_reasons_and_people(debrief: Debrief) -> None:
    debrief.done()
    frozen: Any = debrief.meeting.frozen
    assert {"name": "Iris", "before": "inclined", "after": "strongly_inclined"} in frozen["votes"]
    assert len(frozen["board"]) == 6 and len(frozen["present"]) == 5
    assert frozen["decision"]["words"] == "Raises the bar." and frozen["concurrence"]["by"] == "Bea"
    assert frozen["times"]["done"] == debrief.now.isoformat()


def test_dissent_is_recorded_once_by_somebody_who_was_present(debrief: Debrief) -> None:
    debrief.decide()
    assert "debrief.dissent" in refusals(lambda: debrief.does(actions.dissent, "iris", "I differ."))
    debrief.does(actions.decide, "hector", Decision.HIRE, "Yes.")
    debrief.does(actions.dissent, "iris", "I differ.")
    assert "debrief.dissent" in refusals(lambda: debrief.does(actions.dissent, "iris", "Again."))


# --- The veto


def test_who_decided_or_concurred_does_not_dissent_from_it(debrief: Debrief) -> None:
    debrief.done()
    for who in ("hector", "bea"):
        facts = refusals(lambda who=who: debrief.does(actions.dissent, who, "I differ."))["debrief.dissent"]  # type: ignore[misc]
        assert facts == "You decided, concurred or vetoed yourself."
    debrief.does(actions.dissent, "rita", "I differ.")


def test_who_vetoed_does_not_dissent_from_it(debrief: Debrief) -> None:
    debrief.hire()
    debrief.does(actions.veto, "bea", "Below the bar.", ["Ownership"])
    assert "debrief.dissent" in refusals(lambda: debrief.does(actions.dissent, "bea", "I differ."))


def test_a_veto_ends_the_application_for_good(debrief: Debrief) -> None:
    debrief.hire()
    debrief.does(actions.veto, "bea", "Ownership is below the bar.", ["Ownership"])
    application = debrief.application
    assert (application.ended, application.end_reason) == (End.REJECTED, EndReason.VETO)
    assert application.vetoed_at == debrief.now and application.cool_off_until is not None
    assert debrief.meeting.phase is Phase.DONE and debrief.meeting.frozen is not None
    assert queries.standing_decision(application.id) is None
    assert db.session.get_one(Veto, application.id).items == ["Ownership"]
    assert db.session.scalars(select(AuditEntry).where(AuditEntry.act == "debrief.veto")).one().actor_id


def test_a_veto_after_the_decision_stops_the_reference_check(debrief: Debrief) -> None:
    debrief.done()
    debrief.does(actions.veto, "bea", "New doubts on ownership.", ["Ownership"])
    assert debrief.application.vetoed_at == debrief.now


def test_nobody_but_this_loop_s_bar_raiser_vetoes(debrief: Debrief) -> None:
    debrief.done()
    for who in ("hector", "rita", "iris"):
        with pytest.raises(Forbidden, match="Bea"):
            debrief.does(actions.veto, who, "No.", ["Ownership"])
    for who in ("bram", "amal", "hanna"):
        with pytest.raises(NotVisible):
            debrief.does(actions.veto, who, "No.", ["Ownership"])
    assert debrief.application.vetoed_at is None


def test_a_second_veto_is_refused(debrief: Debrief) -> None:
    debrief.done()
    veto = lambda: debrief.does(actions.veto, "bea", "Ownership.", ["Ownership"])  # noqa: E731
    veto()
    assert "on record" in refusals(veto)["decision.veto"]


def test_a_veto_names_what_it_rests_on(debrief: Debrief) -> None:
    debrief.done()
    for named in ([], ["Charm"]):
        assert "decision.veto" in refusals(lambda named=named: debrief.does(actions.veto, "bea", "Because.", named))


def test_there_is_no_veto_before_the_reading(debrief: Debrief) -> None:
    debrief.gather()
    assert "decision.veto" in refusals(lambda: debrief.does(actions.veto, "bea", "No.", ["Ownership"]))


def test_there_is_no_veto_after_the_offer_was_accepted(cast: Cast) -> None:
    built = application_at(cast, Step.OFFER)
    offer_made(cast, built, accepted=True)
    table = Debrief(cast, built, now=NOON + timedelta(days=2))
    facts = refusals(lambda: table.does(actions.veto, "bea", "Too late.", ["Ownership"]))
    assert "accepted" in facts["decision.veto"]


# --- Handover


def test_a_bar_raiser_who_took_over_submits_before_chairing_and_vetoing(debrief: Debrief) -> None:
    debrief.read()
    hand_over(debrief, "bea", "bram", SeatKind.BAR_RAISER)
    assert (
        "Bram" in refusals(lambda: debrief.does(room_actions.advance, "bram", debrief.meeting.version))["debrief.chair"]
    )
    assert "Bram" in refusals(lambda: debrief.does(actions.veto, "bram", "No.", ["Ownership"]))["decision.veto"]
    with pytest.raises(NotVisible):
        debrief.does(room_actions.advance, "bea", debrief.meeting.version)


def comes_to_report_to_the_hiring_manager(debrief: Debrief) -> None:
    with writing():
        db.session.get_one(Person, debrief.cast.bea.id).manager_id = debrief.cast.hector.id


def test_a_bar_raiser_who_came_to_depend_on_the_hiring_manager_does_not_concur_and_the_next_one_does(
    debrief: Debrief,
) -> None:
    debrief.hire()
    comes_to_report_to_the_hiring_manager(debrief)
    facts = refusals(lambda: debrief.does(actions.concur, "bea", ""))
    assert facts.keys() == {"loop.bar_raiser_independent"} and "Bea" in facts["loop.bar_raiser_independent"]

    debrief.does(course.hand_over_bar_raiser, "amal", RedrawCause.CONFLICT, "They report to the hiring manager now.")
    heir = loops.held_seats(loops.loop_for(debrief.built.application_id) or Loop())[-1]
    assert heir.person_id == debrief.cast.bram.id
    begins = debrief.now + timedelta(hours=18)
    with writing():
        span, why = (begins, begins + timedelta(minutes=45)), {"loop.debrief_booked": "The room is open already."}
        looping.set_slot(debrief.cast.rita, heir.id, *span, now=debrief.now, reasons=why)
    with writing():
        course.close_interview(db.session.get_one(Seat, heir.id).interviews[-1].id, begins + timedelta(hours=1))
    with writing():
        give_feedback(replace(debrief.built, seats={"bram": heir.id}))
    debrief.now = begins + timedelta(hours=2)
    earned = select(Qualification).where(
        Qualification.record == Record.INTERVIEWS,
        Qualification.person_id == debrief.cast.bram.id,
        Qualification.attested_source.is_(None),
    )
    assert db.session.scalars(earned).all() == []
    debrief.does(actions.concur, "bram", "Seen it myself.")
    assert debrief.application.step is Step.REFERENCE_CHECK
    assert len(db.session.scalars(earned).all()) == 1  # an interview held during the debrief counts when it finishes


def test_a_bar_raiser_who_came_to_depend_on_the_hiring_manager_may_still_say_no(debrief: Debrief) -> None:
    debrief.hire()
    comes_to_report_to_the_hiring_manager(debrief)
    debrief.does(actions.veto, "bea", "Not shown.", ["Ownership"])
    assert debrief.application.end_reason is EndReason.VETO


def test_a_certification_that_lapsed_since_the_interview_stops_no_concurrence(debrief: Debrief) -> None:
    debrief.hire()
    with writing():
        db.session.query(Qualification).filter_by(person_id=debrief.cast.bea.id, record=Record.CERTIFICATION).update(
            {"expires_on": LOOP_DAY.date()}
        )
    assert debrief.cast.bea.id not in people.certified_bar_raisers(debrief.now.date() + timedelta(days=1))
    debrief.now += timedelta(days=1)
    debrief.does(actions.concur, "bea", "I concur.")
    assert debrief.application.step is Step.REFERENCE_CHECK


def test_a_new_hiring_manager_interviews_and_submits_before_deciding(debrief: Debrief) -> None:
    debrief.decide()
    with writing():
        db.session.get_one(Requisition, debrief.built.requisition_id).hiring_manager_id = debrief.cast.hilda.id
    facts = refusals(lambda: debrief.does(actions.decide, "hilda", Decision.HIRE, "Yes."))
    assert "no seat" in facts["decision.hiring_manager"]
    with pytest.raises(Forbidden):
        debrief.does(actions.decide, "hector", Decision.HIRE, "Yes.")


# --- Rejecting


def test_before_the_first_interview_a_reason_is_enough(cast: Cast) -> None:
    built = application_at(cast, Step.WRITTEN_FEEDBACK, held=False)
    before = LOOP_DAY - timedelta(hours=1)
    with writing():
        actions.reject_before_interviews(
            cast.rita, built.application_id, "Role changed.", "Dear Nadia, no.", now=before
        )
    assert built.application.end_reason is EndReason.OTHER and built.application.cool_off_until is None
    notice = db.session.scalars(select(Notice).where(Notice.kind == "application.decided")).one()
    assert (notice.to_address, notice.body_text) == ("nadia@candidates.example", "Dear Nadia, no.")


def test_once_an_interview_began_a_reason_no_longer_rejects(cast: Cast) -> None:
    built = application_at(cast, Step.WRITTEN_FEEDBACK, held=False)
    begun = LOOP_DAY + timedelta(minutes=1)

    def reject() -> None:
        with writing():
            actions.reject_before_interviews(cast.rita, built.application_id, "Role changed.", now=begun)

    assert "began on 2026-03-03 at 08:00 UTC" in refusals(reject)["reject.with_evidence"]
    assert built.application.ended is None


def test_a_resume_is_turned_down_against_its_description_from_wherever_it_is_done(cast: Cast) -> None:
    built = application_at(cast, Step.RESUME_REVIEW)

    def reject() -> None:
        with writing():
            actions.reject_before_interviews(cast.rita, built.application_id, "Not for us.", now=NOON)

    assert "No must-have is marked" in refusals(reject)["resume.against_description"]
    assert built.application.ended is None
    must_have = db.session.scalars(select(MustHave)).first()
    assert must_have is not None
    failed = MustHaveMark(
        application_id=built.application_id, must_have_id=must_have.id, mark=Mark.NOT_SHOWN, by=cast.rita.id, at=NOON
    )
    with writing():
        db.session.add(failed)
    reject()
    assert built.application.end_reason is EndReason.OFF_TARGET


def test_a_coordinator_does_not_reject(cast: Cast) -> None:
    built = application_at(cast, Step.PHONE_SCREEN)
    with pytest.raises(Forbidden), writing():
        actions.reject_before_interviews(cast.cora, built.application_id, "No.", now=NOON)


def test_when_every_vote_is_against_two_written_agreements_reject(cast: Cast) -> None:
    table = Debrief(cast, application_at(cast, Step.DEBRIEF, votes=Vote.NOT_INCLINED))
    table.does(actions.agree_to_reject, "hector", "No evidence of ownership.")
    assert table.application.ended is None
    assert (
        "on record" in refusals(lambda: table.does(actions.agree_to_reject, "hector", "Again."))["reject.with_evidence"]
    )
    with pytest.raises(Forbidden):
        table.does(actions.agree_to_reject, "iris", "Me too.")
    table.does(actions.agree_to_reject, "bea", "I agree.")
    application = table.application
    assert application.end_reason is EndReason.ALL_AGAINST and application.cool_off_until is not None


def test_one_vote_for_needs_the_meeting(debrief: Debrief) -> None:
    facts = refusals(lambda: debrief.does(actions.agree_to_reject, "hector", "No."))
    assert facts["reject.with_evidence"] == "Not every vote is against."


@pytest.mark.parametrize("stop", ["cord", "hold"])
def test_written_agreements_end_nothing_under_a_cord_or_on_hold(cast: Cast, stop: str) -> None:
    table = Debrief(cast, application_at(cast, Step.DEBRIEF, votes=Vote.NOT_INCLINED))
    table.does(actions.agree_to_reject, "hector", "No evidence of ownership.")
    with writing():
        if stop == "hold":
            applications.lock_application(table.built.application_id).held_at = table.now
        else:
            pull_cord(table)
    facts = refusals(lambda: table.does(actions.agree_to_reject, "bea", "I agree."))
    assert set(facts) == {"andon.clear" if stop == "cord" else "requisition.open"}
    assert table.application.ended is None


# --- Under a cord, and without somebody's feedback


def pull_cord(debrief: Debrief) -> None:
    db.session.add(
        Cord(
            application_id=debrief.built.application_id,
            pulled_by=debrief.cast.irma.id,
            pulled_at=debrief.now,
            what="A conflict was hidden.",
        )
    )


def test_a_pulled_cord_stops_the_room_where_it_stands(debrief: Debrief) -> None:
    debrief.gather()
    with writing():
        pull_cord(debrief)
    assert "A cord is pulled" in refusals(debrief.advance)["andon.clear"]
    assert debrief.meeting.phase is Phase.GATHER


def test_under_a_cord_nobody_is_hired_but_a_no_is_still_a_no(debrief: Debrief) -> None:
    debrief.decide()
    with writing():
        pull_cord(debrief)
    facts = refusals(lambda: debrief.does(actions.decide, "hector", Decision.HIRE, "Raises the bar."))
    assert "A cord is pulled" in facts["andon.clear"]
    assert debrief.meeting.decision is None
    debrief.does(actions.decide, "hector", Decision.NO_HIRE, "Unsure is no.")
    assert debrief.application.end_reason is EndReason.NO_HIRE


def test_a_hire_waits_for_the_feedback_of_a_hiring_manager_who_took_over(debrief: Debrief) -> None:
    debrief.decided()
    with writing():
        seat = db.session.get_one(Seat, debrief.built.seats["hector"])
        seat.state, seat.left_at = SeatState.HANDED_OVER, debrief.now
        db.session.add(
            Seat(
                loop_id=seat.loop_id,
                person_id=debrief.cast.hilda.id,
                kind=SeatKind.HIRING_MANAGER,
                state=SeatState.HELD,
                handover=True,
            )
        )
        db.session.get_one(Requisition, debrief.built.requisition_id).hiring_manager_id = debrief.cast.hilda.id
    facts = refusals(lambda: debrief.does(actions.concur, "bea", "I concur."))
    assert facts == {"debrief.complete": "Feedback is missing from Hilda."}
    assert debrief.application.step is Step.DEBRIEF


# --- Reconvening and sending back


def reconvene(debrief: Debrief, phase: Phase) -> None:
    with writing():
        application = applications.lock_application(debrief.built.application_id)
        actions.reconvene(application, phase, "New facts.", actor_id=debrief.cast.hector.id, now=debrief.now)


def test_new_facts_reconvene_from_discuss_with_re_votes_and_board(debrief: Debrief) -> None:
    debrief.done()
    first = debrief.meeting.id
    reconvene(debrief, Phase.DISCUSS)
    meeting = debrief.meeting
    assert meeting.id != first and meeting.phase is Phase.DISCUSS and meeting.decision is None
    assert len(meeting.board) == 6 and len(queries.revotes(meeting)) == 5
    assert debrief.application.decided_at is None
    assert db.session.get_one(Meeting, first).phase is Phase.VOID
    assert queries.standing_decision(debrief.built.application_id) is None
    debrief.advance()
    debrief.does(actions.decide, "hector", Decision.HIRE, "Still yes.")
    debrief.does(actions.concur, "bea", "")
    assert debrief.application.step is Step.REFERENCE_CHECK


def test_another_level_reconvenes_from_the_re_vote_without_the_old_one(debrief: Debrief) -> None:
    debrief.done()
    reconvene(debrief, Phase.REVOTE)
    meeting = debrief.meeting
    assert meeting.phase is Phase.REVOTE and not meeting.board and queries.revotes(meeting) == {}
    debrief.does(room_actions.attend, "iris")
    debrief.does(room_actions.revote, "iris", Vote.INCLINED)


def test_sending_back_voids_the_debrief_and_a_new_one_opens(debrief: Debrief) -> None:
    debrief.hire()
    with writing():
        application = applications.lock_application(debrief.built.application_id)
        spine.go_back(application, Step.INTERVIEW_LOOP, "One more interview.", actor_id=None, now=debrief.now)
    db.session.rollback()
    assert queries.meeting_of(debrief.built.application_id) is None
    assert db.session.scalars(select(Loop)).one().debrief_opened_at is None


def test_a_withdrawal_leaves_no_meeting_under_way(debrief: Debrief) -> None:
    debrief.read()
    with writing():
        application = applications.lock_application(debrief.built.application_id)
        spine.end_application(application, End.WITHDRAWN, EndReason.CANDIDATE, actor_id=None, now=debrief.now)
    assert queries.meeting_of(debrief.built.application_id) is None


def amend_as_iris(debrief: Debrief) -> None:
    with writing():
        feedback.amend(debrief.cast.iris, debrief.built.seats["iris"], "They called back.", now=debrief.now)


def test_who_votes_again_after_reconvening_out_of_the_gathering_amends_no_more(debrief: Debrief) -> None:
    debrief.gather()
    amend_as_iris(debrief)
    reconvene(debrief, Phase.REVOTE)
    assert "feedback.final" in refusals(lambda: amend_as_iris(debrief))


def test_after_an_end_and_a_reopening_feedback_is_amended_until_the_next_debrief_reads(debrief: Debrief) -> None:
    debrief.read()
    assert "feedback.final" in refusals(lambda: amend_as_iris(debrief))
    with writing():
        application = applications.lock_application(debrief.built.application_id)
        spine.end_application(application, End.WITHDRAWN, EndReason.CANDIDATE, actor_id=None, now=debrief.now)
        spine.reopen(application, "They changed their mind.", actor_id=debrief.cast.rita.id, now=debrief.now)
    amend_as_iris(debrief)
    debrief.read()
    assert "feedback.final" in refusals(lambda: amend_as_iris(debrief))


def again(built: Any) -> Any:
    """The same requisition for another candidate, once the calendars of the first loop are free again."""
    with writing():
        db.session.query(Booking).delete()
    return type(built)(built.requisition_id, built.description_id, items=dict(built.items))


def test_applications_stay_apart(cast: Cast, debrief: Debrief) -> None:
    debrief.done()
    other = application_at(cast, Step.DEBRIEF, on=again(debrief.built), name="Other One")
    assert queries.meeting_of(other.application_id) is None
    assert db.session.get_one(Application, other.application_id).decided_at is None


# --- Personal data


def test_erasing_a_candidate_leaves_votes_and_no_words(debrief: Debrief) -> None:
    debrief.done()
    debrief.does(actions.dissent, "iris", "I saw it differently.")
    candidate_id = debrief.application.candidate_id
    duty = next(owner for owner in personal.owners() if owner.room == "debrief")
    assert duty.export is not None and duty.erase is not None
    assert "Raises the bar." in [row["text"] for row in duty.export(candidate_id)]
    with writing():
        duty.erase(candidate_id)
    assert {row["text"] for row in duty.export(candidate_id)} == {"[erased]"}
    meeting = debrief.meeting
    assert meeting.frozen is None and meeting.decision is Decision.HIRE and len(queries.revotes(meeting)) == 5

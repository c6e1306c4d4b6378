from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from hiring.ground.rulebook import Kind, Refusal
from hiring.pipeline import rejection
from hiring.pipeline.rules import Step
from hiring.steps.debrief import decision_rules, room_rules
from hiring.steps.debrief.decision_rules import VetoFacts
from hiring.steps.debrief.rules import (
    BoardItem,
    BoardMark,
    DebriefPolicy,
    Decision,
    Phase,
    Seated,
    Table,
    may_read_inside,
    speaking_order,
)
from hiring.steps.interview_loop.rules import SeatKind

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
LOOP_DAY = datetime(2026, 3, 3, 8, tzinfo=UTC)
POLICY = DebriefPolicy()
HECTOR = Seated(1, "Hector", 8, SeatKind.HIRING_MANAGER, True, True, NOW - timedelta(minutes=5))
RITA = Seated(2, "Rita", 7, SeatKind.RECRUITER, True, True, NOW - timedelta(minutes=5))
BEA = Seated(3, "Bea", 9, SeatKind.BAR_RAISER, True, True, NOW - timedelta(minutes=5))
IRIS = Seated(4, "Iris", 7, SeatKind.INTERVIEWER, True, True, NOW - timedelta(minutes=5))
IRMA = Seated(5, "Irma", 8, SeatKind.INTERVIEWER, True, True, NOW - timedelta(minutes=5))
MARKED = (BoardItem(1, "Ownership", BoardMark.MET), BoardItem(2, "Dive Deep", BoardMark.NOT_MET))


def table(phase: Phase | None = Phase.REVOTE, *changed: Seated, **facts: object) -> Table:
    by_id = {seat.person_id: seat for seat in (HECTOR, RITA, BEA, IRIS, IRMA, *changed)}
    known = {"board": MARKED, "bar_raiser_id": 3, "hiring_manager_id": 1} | facts
    return Table(seats=tuple(by_id.values()), phase=phase, **known)  # type: ignore[arg-type]


def facts(refusals: list[Refusal]) -> dict[str, str]:
    return {refusal.rule.id: refusal.facts for refusal in refusals}


def opening(seen: Table, step: Step = Step.DEBRIEF, today: date = date(2026, 3, 4)) -> dict[str, str]:
    refusals = room_rules.why_not_open(seen, step, last_interview=date(2026, 3, 3), today=today, country="DE")
    return facts(refusals)


def test_a_debrief_opens_on_the_next_working_day_when_all_feedback_is_in() -> None:
    assert opening(table(None)) == {}


def test_a_debrief_does_not_open_without_all_feedback_and_names_whose_is_missing() -> None:
    seen = table(None, replace(IRIS, submitted=False), replace(IRMA, submitted=False))
    assert opening(seen) == {"debrief.complete": "Feedback is missing from Iris and Irma."}


def test_a_debrief_opens_once_and_only_in_its_step() -> None:
    assert "already open" in opening(table(Phase.READ))["debrief.chair"]
    assert "In-House Interview" in opening(table(None), Step.INTERVIEW_LOOP)["debrief.complete"]


def test_a_debrief_later_than_the_next_working_day_asks_for_a_reason_and_does_not_block() -> None:
    refusals = room_rules.why_not_open(
        table(None), Step.DEBRIEF, last_interview=date(2026, 4, 2), today=date(2026, 4, 8), country="DE"
    )
    assert "Tuesday, 07 April" in facts(refusals)["debrief.prompt"]  # Easter lies between
    assert {refusal.rule.kind for refusal in refusals} == {Kind.WARN}


def test_only_the_bar_raiser_in_force_chairs() -> None:
    assert room_rules.why_not_chair(table(), 3) == []
    assert facts(room_rules.why_not_chair(table(), 1)) == {"debrief.chair": "This debrief is led by Bea (Bar Raiser)."}
    assert "no Bar Raiser" in facts(room_rules.why_not_chair(table(bar_raiser_id=None), 3))["debrief.chair"]


def test_a_bar_raiser_who_took_over_submits_before_chairing() -> None:
    seen = table(Phase.READ, replace(BEA, submitted=False))
    assert "Bea has not submitted" in facts(room_rules.why_not_chair(seen, 3))["debrief.chair"]


def test_whoever_submitted_takes_part_until_the_re_votes_are_shown() -> None:
    assert room_rules.why_not_attend(table(), 4) == []
    assert "debrief.complete" in facts(room_rules.why_not_attend(table(), 99))
    assert "not been opened" in facts(room_rules.why_not_attend(table(None), 4))["debrief.chair"]
    assert "knowing them" in facts(room_rules.why_not_attend(table(revealed=True), 4))["debrief.revote"]
    assert room_rules.why_not_attend(table(Phase.DISCUSS, revealed=True), 3) == []


@pytest.mark.parametrize(
    ("read_for", "refused"),
    [
        (timedelta(minutes=5), None),
        (timedelta(minutes=4, seconds=59), "4 of 5 minutes; 0:01"),
        (timedelta(0), "0 of 5 minutes; 5:00"),
    ],
)
def test_a_re_vote_takes_five_minutes_of_reading(read_for: timedelta, refused: str | None) -> None:
    seen = table(Phase.REVOTE, replace(IRIS, reading_since=NOW - read_for))
    found = facts(room_rules.why_not_revote(seen, 4, NOW, POLICY))
    assert refused in found["debrief.read"] if refused else found == {}


def test_a_re_vote_without_reading_is_refused_by_name() -> None:
    seen = table(Phase.REVOTE, replace(IRIS, reading_since=None))
    assert facts(room_rules.why_not_revote(seen, 4, NOW, POLICY)) == {"debrief.read": "Iris has not started reading."}


@pytest.mark.parametrize(
    ("seen", "words"),
    [
        (table(Phase.REVOTE, replace(IRIS, present=False)), "not present"),
        (table(Phase.REVOTE, replace(IRIS, voted=True)), "sealed"),
        (table(Phase.READ), "Read"),
        (table(Phase.REVOTE, revealed=True), "Re-vote"),
    ],
)
def test_a_re_vote_is_taken_once_from_somebody_present_in_its_phase(seen: Table, words: str) -> None:
    assert words in facts(room_rules.why_not_revote(seen, 4, NOW, POLICY))["debrief.revote"]


@pytest.mark.parametrize(
    ("away", "enough"),
    [((), True), ((IRIS,), True), ((RITA,), True), ((HECTOR,), False), ((BEA,), False), ((IRIS, IRMA), False)],
)
def test_the_re_vote_takes_hiring_manager_bar_raiser_and_all_but_one_seat(
    away: tuple[Seated, ...], enough: bool
) -> None:
    seen = table(Phase.READ, *(replace(seat, present=False) for seat in away))
    found = facts(room_rules.why_not_advance(seen, POLICY, NOW))
    assert (found == {}) == enough
    assert all(seat.name in found["debrief.revote"] for seat in away if not enough)


@pytest.mark.parametrize("away", [(HECTOR,), (BEA,), (IRIS, IRMA), (HECTOR, RITA, BEA, IRIS, IRMA)])
def test_nobody_begins_to_read_before_those_are_here_whom_the_re_vote_needs(away: tuple[Seated, ...]) -> None:
    seen = table(Phase.GATHER, *(replace(seat, present=False) for seat in away))
    found = facts(room_rules.why_not_advance(seen, POLICY, NOW))
    assert all(seat.name in found["debrief.revote"] for seat in away)
    assert room_rules.why_not_advance(table(Phase.GATHER, replace(IRIS, present=False)), POLICY, NOW) == []


def test_the_re_vote_waits_until_all_who_are_here_have_read_and_says_who_has_how_long_to_go() -> None:
    late = replace(IRIS, reading_since=NOW - timedelta(minutes=3))
    seen = table(Phase.READ, late, replace(IRMA, reading_since=None))
    told = [(one.rule.id, one.facts) for one in room_rules.why_not_advance(seen, POLICY, NOW)]
    assert told == [
        ("debrief.read", "Iris has read for 3 of 5 minutes; 2:00 are left."),
        ("debrief.read", "Irma has not started reading."),
    ]
    assert room_rules.why_not_advance(table(Phase.READ, replace(late, present=False)), POLICY, NOW) == []


def test_the_seal_opens_with_the_last_re_vote_and_not_before() -> None:
    voted = [replace(seat, voted=True) for seat in (HECTOR, RITA, BEA, IRIS, IRMA)]
    assert room_rules.all_in(table(Phase.REVOTE, *voted), POLICY)
    assert not room_rules.all_in(table(Phase.REVOTE, *voted[:-1]), POLICY)
    assert room_rules.all_in(table(Phase.REVOTE, *voted[:-1], replace(IRMA, present=False)), POLICY)
    assert not room_rules.all_in(table(Phase.REVOTE, *voted[1:], replace(HECTOR, present=False)), POLICY)


def test_the_board_waits_for_the_last_re_vote_by_name() -> None:
    voted = [replace(seat, voted=True) for seat in (HECTOR, RITA, BEA, IRIS)]
    found = facts(room_rules.why_not_advance(table(Phase.REVOTE, *voted), POLICY, NOW))
    assert found == {"debrief.revote": "The re-vote of Irma is missing."}
    last = replace(IRMA, voted=True)
    assert facts(room_rules.why_not_advance(table(Phase.REVOTE, *voted, last), POLICY, NOW)) == {}


def test_every_item_is_marked_before_the_discussion() -> None:
    seen = table(Phase.BOARD, board=(*MARKED, BoardItem(3, "Coding")))
    assert facts(room_rules.why_not_advance(seen, POLICY, NOW)) == {"debrief.board": "Not marked yet: Coding."}
    assert room_rules.why_not_advance(table(Phase.BOARD), POLICY, NOW) == []


def test_the_chair_does_not_advance_past_the_decision() -> None:
    for phase in (None, Phase.DECIDE, Phase.DONE):
        assert "debrief.chair" in facts(room_rules.why_not_advance(table(phase), POLICY, NOW))


def test_a_mark_is_carried_by_evidence_unless_nothing_was_shown() -> None:
    seen = table(Phase.BOARD)
    assert room_rules.why_not_mark(seen, BoardMark.MET, "They did.") == []
    assert room_rules.why_not_mark(seen, BoardMark.NOT_SHOWN, "") == []
    assert "debrief.board" in facts(room_rules.why_not_mark(seen, BoardMark.MET, " "))


def test_the_board_is_marked_between_the_re_votes_and_the_decision() -> None:
    for phase in (Phase.BOARD, Phase.DISCUSS, Phase.DECIDE):
        assert room_rules.why_not_mark(table(phase)) == []
    assert "Re-vote" in facts(room_rules.why_not_mark(table(Phase.REVOTE)))["debrief.board"]
    [late] = room_rules.why_not_mark(table(Phase.DONE, decision=Decision.HIRE))
    assert "The decision is recorded" in late.facts and "before the decision" not in late.way_out
    assert "and the decision" in late.rule.sentence and "Wait" not in late.way_out


def test_only_an_open_gap_is_accepted() -> None:
    gap = BoardItem(3, "Coding", BoardMark.NOT_SHOWN)
    seen = table(Phase.BOARD, board=(*MARKED, gap))
    assert room_rules.why_not_accept(seen, gap) == []
    assert "Ownership" in facts(room_rules.why_not_accept(seen, MARKED[0]))["debrief.board"]


def test_only_somebody_here_who_has_not_re_voted_is_marked_absent() -> None:
    assert room_rules.why_not_mark_absent(table(), 4) == []
    for seat in (replace(IRIS, voted=True), replace(IRIS, present=False)):
        assert "debrief.revote" in facts(room_rules.why_not_mark_absent(table(Phase.REVOTE, seat), 4))
    assert "debrief.revote" in facts(room_rules.why_not_mark_absent(table(Phase.BOARD), 4))


def test_lower_levels_speak_first_and_the_leads_last() -> None:
    assert [seat.name for seat in speaking_order((HECTOR, BEA, IRMA, RITA, IRIS))] == [
        "Iris",
        "Rita",
        "Irma",
        "Hector",
        "Bea",
    ]


def test_only_the_hiring_manager_decides_and_only_after_submitting() -> None:
    assert decision_rules.why_not_decider(table(), 1) == []
    assert "Hector" in facts(decision_rules.why_not_decider(table(), 3))["decision.hiring_manager"]
    new = table(Phase.DECIDE, replace(HECTOR, submitted=False))
    assert "has not submitted" in facts(decision_rules.why_not_decider(new, 1))["decision.hiring_manager"]


@pytest.mark.parametrize(
    ("accepted", "decision", "refused"),
    [(False, Decision.HIRE, True), (True, Decision.HIRE, False), (False, Decision.NO_HIRE, False)],
)
def test_a_gap_blocks_a_hire_until_it_is_accepted(accepted: bool, decision: Decision, refused: bool) -> None:
    gap = BoardItem(3, "Coding", BoardMark.NOT_SHOWN, accepted)
    found = facts(decision_rules.why_not_decide(table(Phase.DECIDE, board=(*MARKED, gap)), decision))
    assert ("Coding" in found.get("debrief.board", "")) == refused


def test_the_decision_has_its_phase_and_is_taken_once() -> None:
    assert decision_rules.why_not_decide(table(Phase.DECIDE)) == []
    assert "Discuss" in facts(decision_rules.why_not_decide(table(Phase.DISCUSS)))["decision.hiring_manager"]
    again = table(Phase.DECIDE, decision=Decision.HIRE)
    [late] = decision_rules.why_not_decide(again)
    assert "recorded: hire" in late.facts and late.rule.id == "decision.hiring_manager"
    assert "once, after the discussion" in late.rule.sentence


@pytest.mark.parametrize("phase", [None, Phase.DISCUSS, Phase.DECIDE, Phase.DONE])
@pytest.mark.parametrize("decision", [None, Decision.NO_HIRE])
def test_once_the_application_has_ended_nothing_in_the_room_is_left_to_do(
    phase: Phase | None, decision: Decision | None
) -> None:
    seen = table(phase, ended="rejected", decision=decision)
    for found in (
        decision_rules.why_not_decide(seen),
        decision_rules.why_not_decide(seen, Decision.HIRE),
        room_rules.why_not_mark(seen, BoardMark.MET, "Shown."),
        room_rules.why_not_attend(seen, 4),
        room_rules.why_not_attend(seen, 99),
    ):
        assert [(one.facts, one.mend, one.way_out) for one in found] == [
            ("This application has ended: rejected.", "nobody", "Nothing is left to decide.")
        ]


def test_of_a_debrief_that_is_over_nobody_is_told_to_wait() -> None:
    over = table(Phase.DONE)
    for found in (decision_rules.why_not_decide(over), room_rules.why_not_mark(over)):
        assert [one.facts for one in found] == ["This debrief is over, and no decision was recorded."]
        assert "Wait" not in found[0].way_out
    [late] = room_rules.why_not_attend(table(Phase.DONE, decision=Decision.HIRE), 4)
    assert late.facts == "The debrief is over; its record is frozen." and "open" not in late.way_out


def test_dissent_has_a_rule_of_its_own() -> None:
    decided = table(Phase.DONE, decision=Decision.HIRE)
    assert decision_rules.why_not_dissent(decided, 4, dissented=False) == []
    assert "no decision" in facts(decision_rules.why_not_dissent(table(), 4, dissented=False))["debrief.dissent"]
    assert "on record" in facts(decision_rules.why_not_dissent(decided, 4, dissented=True))["debrief.dissent"]
    theirs = decision_rules.why_not_dissent(replace(decided, spoke=frozenset({4})), 4, dissented=False)
    assert "yourself" in facts(theirs)["debrief.dissent"]
    absent = table(Phase.DONE, replace(IRIS, present=False), decision=Decision.HIRE)
    told = [
        decision_rules.why_not_dissent(each, 4, dissented=False) for each in (absent, replace(absent, decision=None))
    ]
    assert told[0] == told[1] and "not present" in told[0][0].facts


@pytest.mark.parametrize(
    ("seen", "words"),
    [
        (table(Phase.DECIDE), "has not decided"),
        (table(Phase.DONE, decision=Decision.NO_HIRE), "no hire"),
        (table(Phase.DONE, decision=Decision.HIRE, concurred=True), "on record"),
        (table(Phase.DECIDE, decision=Decision.HIRE, ended="withdrawn"), "withdrawn"),
    ],
)
def test_concurrence_answers_a_hire_that_waits(seen: Table, words: str) -> None:
    assert decision_rules.why_not_concur(table(Phase.DECIDE, decision=Decision.HIRE)) == []
    assert words in facts(decision_rules.why_not_concur(seen))["decision.concurrence"]


def test_a_concurrence_on_record_is_nobodys_to_mend_and_a_missing_decision_the_hiring_managers() -> None:
    [again] = decision_rules.why_not_concur(table(Phase.DONE, decision=Decision.HIRE, concurred=True))
    assert again.mend == "nobody" and "reconvenes" in again.way_out
    [early] = decision_rules.why_not_concur(table(Phase.DECIDE))
    assert early.mend == "Hector (hiring manager)"


VETO = VetoFacts(Step.OFFER, read=True, vetoed=False, offer_accepted=False, tested=frozenset({"Ownership"}))


@pytest.mark.parametrize(
    ("change", "named", "words"),
    [
        ({}, ["Ownership"], None),
        ({"step": Step.DEBRIEF}, ["Ownership"], None),
        ({"offer_accepted": True}, ["Ownership"], "accepted"),
        ({"vetoed": True}, ["Ownership"], "on record"),
        ({"read": False}, ["Ownership"], "not begun"),
        ({"step": Step.WRITTEN_FEEDBACK}, ["Ownership"], "Written Feedback"),
        ({}, [], "none of what was tested"),
        ({}, ["Charm"], "not tested"),
    ],
)
def test_a_veto_stands_from_the_debrief_until_acceptance_and_names_its_ground(
    change: dict[str, object], named: list[str], words: str | None
) -> None:
    found = facts(decision_rules.why_not_veto(table(Phase.DONE), replace(VETO, **change), named))  # type: ignore[arg-type]
    assert words in found["decision.veto"] if words else found == {}


def test_the_veto_is_the_bar_raiser_s_alone() -> None:
    assert decision_rules.why_not_vetoer(table(), 3) == []
    assert "Bea" in facts(decision_rules.why_not_vetoer(table(), 1))["decision.veto"]
    assert "ended" in facts(decision_rules.why_not_veto(table(ended="rejected"), VETO))["decision.veto"]


@pytest.mark.parametrize(
    ("step", "begun", "words"),
    [
        (Step.RESUME_REVIEW, None, None),
        (Step.INTERVIEW_LOOP, None, None),
        (Step.INTERVIEW_LOOP, LOOP_DAY, "began on 2026-03-03 at 08:00 UTC"),
        (Step.RESUME_REVIEW, LOOP_DAY, "in Résumé Review"),
        (Step.PHONE_SCREEN, LOOP_DAY, "in Phone Screen"),
        (Step.WRITTEN_FEEDBACK, None, "in Written Feedback"),
        (Step.DEBRIEF, LOOP_DAY, "in Debrief"),
    ],
)
def test_a_reason_alone_rejects_only_before_the_first_interview(
    step: Step, begun: datetime | None, words: str | None
) -> None:
    found = facts(rejection.why_not_reject(step, begun))
    assert words in found["reject.with_evidence"] if words else found == {}


@pytest.mark.parametrize(("step", "rescind"), [(Step.REFERENCE_CHECK, False), (Step.OFFER, True)])
def test_after_a_hire_decision_the_way_out_of_a_rejection_leads_back_not_on_to_the_debrief(
    step: Step, rescind: bool
) -> None:
    [refusal] = rejection.why_not_reject(step, LOOP_DAY)
    assert refusal.way_out.startswith("Send it back to the debrief") and "cord" in refusal.way_out
    assert ("rescind" in refusal.way_out) is rescind
    assert "every vote" not in refusal.way_out


def test_before_the_first_interview_a_reason_rejects_and_afterwards_it_does_not() -> None:
    assert rejection.why_not_reject(Step.INTERVIEW_LOOP, None) == []
    assert "began" in facts(rejection.why_not_reject(Step.INTERVIEW_LOOP, LOOP_DAY))["reject.with_evidence"]


@pytest.mark.parametrize(
    ("seen", "against", "agreed", "words"),
    [
        (table(None), True, False, None),
        (table(Phase.GATHER), True, False, None),
        (table(None), False, False, "Not every vote is against."),
        (table(None, replace(IRIS, submitted=False)), True, False, "Iris"),
        (table(Phase.READ), True, False, "begun"),
        (table(None), True, True, "on record"),
        (table(None, ended="withdrawn"), True, False, "withdrawn"),
        (table(None, replace(HECTOR, submitted=False)), False, False, "Hector has not submitted"),
        (table(None, hiring_manager_id=6), False, False, "holds no seat"),
    ],
)
def test_a_rejection_without_a_meeting_takes_every_vote_against(
    seen: Table, against: bool, agreed: bool, words: str | None
) -> None:
    who = seen.hiring_manager_id or 0
    found = facts(decision_rules.why_not_agree(seen, who, all_against=against, agreed=agreed))
    assert words in found["reject.with_evidence"] if words else found == {}


@pytest.mark.parametrize(
    ("seated", "submitted", "recruiter", "complete", "reads"),
    [
        (True, True, False, False, True),
        (True, False, True, True, False),
        (False, False, True, True, True),
        (False, False, True, False, False),
        (False, False, False, True, False),
    ],
)
def test_the_inside_is_read_after_one_s_own_feedback_or_by_the_recruiter_after_the_last(
    seated: bool, submitted: bool, recruiter: bool, complete: bool, reads: bool
) -> None:
    assert may_read_inside(seated=seated, submitted=submitted, recruiter=recruiter, all_in=complete) == reads


@pytest.mark.parametrize(
    ("seen", "words"),
    [
        (table(None, replace(IRIS, submitted=False)), "from Iris"),
        (table(None), "Bea (Bar Raiser) opens"),
        (table(Phase.REVOTE, replace(HECTOR, voted=True)), "Rita, Bea, Iris and Irma"),
        (table(Phase.DECIDE), "Hector (hiring manager) decides"),
        (table(Phase.DECIDE, decision=Decision.HIRE), "Bea (Bar Raiser) concurs or vetoes"),
        (table(Phase.DONE), "frozen"),
        (table(Phase.READ, ended="withdrawn"), "withdrawn"),
    ],
)
def test_the_page_says_who_acts_next(seen: Table, words: str) -> None:
    assert words in room_rules.next_move(seen)


def test_nobody_concurs_without_the_feedback_of_every_seat() -> None:
    seen = table(Phase.DECIDE, replace(HECTOR, submitted=False), decision=Decision.HIRE)
    assert facts(decision_rules.why_not_concur(seen)) == {"debrief.complete": "Feedback is missing from Hector."}
    assert decision_rules.why_not_concur(table(Phase.DECIDE, decision=Decision.HIRE)) == []


def test_a_hiring_manager_who_came_after_the_decision_reads_without_a_seat_and_not_instead_of_their_own() -> None:
    reader = {"submitted": False, "recruiter": False, "all_in": True}
    assert may_read_inside(seated=False, came_after=True, **reader)
    assert not may_read_inside(seated=True, came_after=True, **reader)


@pytest.mark.parametrize(
    ("item", "words"),
    [
        (BoardItem(3, "Coding"), "Not marked yet: Coding"),
        (BoardItem(3, "Coding", BoardMark.NOT_SHOWN), "Not shown and not accepted: Coding"),
        (BoardItem(3, "Coding", BoardMark.NOT_SHOWN, accepted=True), None),
    ],
)
def test_the_board_is_asked_again_before_anybody_concurs(item: BoardItem, words: str | None) -> None:
    seen = table(Phase.DECIDE, decision=Decision.HIRE, board=(*MARKED, item))
    found = facts(decision_rules.why_not_concur(seen))
    assert words in found["debrief.board"] if words else found == {}


@pytest.mark.parametrize("phase", [Phase.GATHER, Phase.READ])
def test_nobody_reads_or_votes_while_somebody_who_got_a_seat_has_not_submitted(phase: Phase) -> None:
    seen = table(phase, replace(IRIS, submitted=False, present=False))
    assert facts(room_rules.why_not_advance(seen, POLICY, NOW)) == {
        "debrief.complete": "Feedback is missing from Iris."
    }
    assert room_rules.why_not_advance(table(phase), POLICY, NOW) == []


@pytest.mark.parametrize("decision", [None, *Decision])
def test_nothing_is_decided_while_feedback_is_missing(decision: Decision | None) -> None:
    seen = table(Phase.DECIDE, replace(IRIS, submitted=False))
    assert "Iris" in facts(decision_rules.why_not_decide(seen, decision))["debrief.complete"]


@pytest.mark.parametrize(
    ("lead", "words"), [("hiring_manager_id", "the hiring manager"), ("bar_raiser_id", "the Bar Raiser")]
)
def test_a_lead_without_a_seat_is_missing_from_the_re_vote(lead: str, words: str) -> None:
    voted = [replace(seat, voted=True) for seat in (HECTOR, RITA, BEA, IRIS, IRMA)]
    seen = table(Phase.REVOTE, *voted, **{lead: 99})
    assert not room_rules.all_in(seen, POLICY)
    found = facts(room_rules.why_not_advance(seen, POLICY, NOW))["debrief.revote"]
    assert f"5 of 6 are present; {words} is not" in found

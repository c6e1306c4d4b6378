"""The pure questions of transitions."""

from datetime import UTC, date, datetime, timedelta

import pytest

from hiring.people.rules import Role
from hiring.pipeline.rules import (
    ApplicationFacts,
    CordFacts,
    End,
    EndReason,
    PipelinePolicy,
    RequisitionFacts,
    RequisitionStatus,
    Stand,
    Step,
    may_clear_cord,
    why_not_advance,
    why_not_live,
)
from hiring.transitions import rules
from hiring.transitions.rules import ClosingCase

OPEN = RequisitionFacts("R-7", RequisitionStatus.OPEN, recruiter="Rita (recruiter)")
CLOSED = RequisitionFacts("R-7", RequisitionStatus.CLOSED, recruiter="Rita (recruiter)")
ENDED_AT = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)
LIVE = ApplicationFacts(Step.DEBRIEF)


def ended(end: End, reason: EndReason) -> ApplicationFacts:
    """An application that ended at ENDED_AT."""
    return ApplicationFacts(Step.DEBRIEF, end, reason, ENDED_AT)


def why_not_reopen(
    application: ApplicationFacts, *, days: float = 1, elsewhere: bool = False, cool_off_until: date | None = None
) -> list[str]:
    """Ids of the rules that refuse reopening so many days after the end."""
    return [
        refusal.rule.id
        for refusal in rules.why_not_reopen(
            application,
            OPEN,
            active_elsewhere=elsewhere,
            cool_off_until=cool_off_until,
            person_id=None,
            now=ENDED_AT + timedelta(days=days),
            policy=PipelinePolicy(),
        )
    ]


@pytest.mark.parametrize("days", [0, 1, 30])
def test_an_end_is_reopened_within_thirty_days(days: int) -> None:
    assert why_not_reopen(ended(End.REJECTED, EndReason.OFF_TARGET), days=days) == []


def test_an_end_is_not_reopened_after_thirty_days_and_the_refusal_says_when_it_ended() -> None:
    application = ended(End.WITHDRAWN, EndReason.CANDIDATE)
    [refusal] = rules.why_not_reopen(
        application,
        OPEN,
        active_elsewhere=False,
        cool_off_until=None,
        person_id=None,
        now=ENDED_AT + timedelta(days=31),
        policy=PipelinePolicy(),
    )

    assert refusal.rule.id == "application.cool_off"
    assert "2026-03-04" in refusal.facts
    assert "30 days" in refusal.facts


@pytest.mark.parametrize("reason", [EndReason.VETO, EndReason.NO_HIRE, EndReason.ALL_AGAINST])
def test_a_decision_against_hiring_is_never_reopened(reason: EndReason) -> None:
    assert why_not_reopen(ended(End.REJECTED, reason)) == ["application.cool_off"]


@pytest.mark.parametrize(
    ("end", "reason"), [(End.MOVED, EndReason.MOVED), (End.HIRED, EndReason.ARRIVED)], ids=["moved", "hired"]
)
def test_what_went_on_elsewhere_is_not_reopened(end: End, reason: EndReason) -> None:
    assert why_not_reopen(ended(end, reason)) == ["application.once"]


@pytest.mark.parametrize(("until", "refused"), [(date(2026, 3, 6), ["application.cool_off"]), (date(2026, 3, 5), [])])
def test_an_older_application_is_no_way_around_a_later_decision_against_hiring(until: date, refused: list[str]) -> None:
    assert why_not_reopen(ended(End.WITHDRAWN, EndReason.CANDIDATE), cool_off_until=until) == refused


def test_a_live_application_needs_no_reopening() -> None:
    assert why_not_reopen(LIVE) == ["application.once"]


def test_nothing_is_reopened_beside_another_active_application_or_on_a_closed_requisition() -> None:
    application = ended(End.WITHDRAWN, EndReason.CANDIDATE)
    assert why_not_reopen(application, elsewhere=True) == ["application.once"]
    refusals = rules.why_not_reopen(
        application,
        CLOSED,
        active_elsewhere=False,
        cool_off_until=None,
        person_id=None,
        now=ENDED_AT,
        policy=PipelinePolicy(),
    )
    assert [refusal.rule.id for refusal in refusals] == ["requisition.open"]


def test_a_live_application_is_sent_back_to_its_own_or_an_earlier_step_only() -> None:
    assert rules.why_not_send_back(LIVE, OPEN) == []
    assert rules.steps_back(Step.INTERVIEW_LOOP) == [Step.RESUME_REVIEW, Step.PHONE_SCREEN, Step.INTERVIEW_LOOP]
    assert Step.JOB_DESCRIPTION not in rules.steps_back(Step.OFFER)


@pytest.mark.parametrize(
    ("application", "requisition", "fact"),
    [
        (ended(End.REJECTED, EndReason.OTHER), OPEN, "ended: rejected"),
        (ApplicationFacts(Step.DEBRIEF, on_hold=True), OPEN, "on hold"),
        (ApplicationFacts(Step.OFFER, offer_accepted=True), OPEN, "accepted"),
        (LIVE, CLOSED, "R-7 is closed"),
    ],
    ids=["ended", "held", "accepted", "closed"],
)
def test_what_has_ended_is_held_accepted_or_closed_is_not_sent_back(
    application: ApplicationFacts, requisition: RequisitionFacts, fact: str
) -> None:
    [refusal] = rules.why_not_send_back(application, requisition)

    assert refusal.rule.id == "requisition.open"
    assert fact in refusal.facts


def test_a_pulled_cord_does_not_stop_a_return() -> None:
    assert rules.why_not_send_back(ApplicationFacts(Step.DEBRIEF, cords=1), OPEN) == []


def test_a_cord_stops_every_forward_move_and_says_how_many_are_pulled_where() -> None:
    refusals = why_not_advance(
        RequisitionFacts("R-7", RequisitionStatus.OPEN, cords=1), ApplicationFacts(Step.OFFER, cords=2)
    )

    assert [refusal.rule.id for refusal in refusals] == ["andon.clear", "andon.clear"]
    assert refusals[0].facts == "2 cords are pulled on this application."
    assert refusals[1].facts == "A cord is pulled on requisition R-7."
    assert why_not_advance(RequisitionFacts("R-7", RequisitionStatus.OPEN), ApplicationFacts(Step.OFFER)) == []


def test_a_cord_is_cleared_by_an_administrator_or_the_bar_raiser_who_neither_pulled_it_nor_is_named() -> None:
    cord = CordFacts(pulled_by=1, named=frozenset({2}), cleared=False)
    entitled = {stand for stand in Stand if may_clear_cord(cord, 3, {stand})}

    assert entitled == {Stand.ADMINISTRATOR, Stand.BAR_RAISER}
    assert not may_clear_cord(cord, 1, {Stand.ADMINISTRATOR, Stand.BAR_RAISER})
    assert not may_clear_cord(cord, 2, {Stand.ADMINISTRATOR, Stand.BAR_RAISER})


def test_anyone_with_a_task_may_pull_the_cord_and_owners_and_bar_raiser_send_back() -> None:
    pulls = {stand for stand in Stand if rules.may_pull(frozenset({stand}))}
    assert pulls >= {Stand.SEAT, Stand.SHADOW, Stand.SCREENER, Stand.COORDINATOR, Stand.BAR_RAISER}
    assert not rules.may_pull(frozenset())
    sends = {stand for stand in Stand if rules.may_send_back(frozenset({stand}))}
    assert sends == {Stand.REQUISITION_RECRUITER, Stand.HIRING_MANAGER, Stand.BAR_RAISER}


@pytest.mark.parametrize(
    ("met", "asked", "step"),
    [
        (["Five years", " ran a LEDGER "], ["five years", "Ran a ledger"], Step.PHONE_SCREEN),
        (["Five years"], ["Five years", "Ran a ledger"], Step.RESUME_REVIEW),
        (["Five years"], [], Step.RESUME_REVIEW),
        ([], ["Five years"], Step.RESUME_REVIEW),
    ],
    ids=["all met before", "one unproven", "nothing asked", "nothing met"],
)
def test_a_moved_application_begins_at_the_first_step_not_yet_proven(
    met: list[str], asked: list[str], step: Step
) -> None:
    assert rules.first_unproven(met, asked) is step


def test_a_requisition_closes_once_every_live_application_is_decided() -> None:
    cases = [
        ClosingCase(1, "Ada", Step.OFFER, accepted=True, choice=""),
        ClosingCase(2, "Ben", Step.DEBRIEF, accepted=False, choice="reject"),
    ]
    assert rules.why_not_close("R-7", cases) == []
    assert rules.why_not_close("R-7", []) == []


def test_a_requisition_with_undecided_applications_does_not_close_and_names_them() -> None:
    cases = [ClosingCase(n, f"Person {n}", Step.DEBRIEF, accepted=False, choice="") for n in range(7)]
    [refusal] = rules.why_not_close("R-7", cases)

    assert refusal.rule.id == "requisition.open"
    assert "7 live applications" in refusal.facts
    assert "Person 0, Person 1, Person 2, Person 3, Person 4 and others" in refusal.facts
    assert "recruiter" in refusal.mend


def test_why_a_moved_application_began_where_it_did_is_a_sentence() -> None:
    assert rules.why_begun(Step.PHONE_SCREEN) == "It began in Phone Screen: every must-have was met before."
    assert "not proven yet" in rules.why_begun(Step.RESUME_REVIEW)


def test_what_has_ended_is_not_withdrawn_held_or_moved() -> None:
    assert why_not_live(LIVE) == []
    [refusal] = why_not_live(ended(End.HIRED, EndReason.ARRIVED))
    assert "hired" in refusal.facts


@pytest.mark.parametrize(
    ("end", "reason", "mend", "way_out"),
    [
        (End.WITHDRAWN, EndReason.CANDIDATE, "Rita (recruiter)", "Reopen it"),
        (End.REJECTED, EndReason.VETO, "nobody", "never reopened"),
        (End.REJECTED, EndReason.NO_HIRE, "nobody", "never reopened"),
        (End.REJECTED, EndReason.ALL_AGAINST, "nobody", "never reopened"),
        (End.MOVED, EndReason.MOVED, "nobody", "that it was moved to"),
        (End.HIRED, EndReason.ARRIVED, "nobody", "nothing is left"),
    ],
)
def test_only_an_end_that_may_be_reopened_names_who_reopens_it(
    end: End, reason: EndReason, mend: str, way_out: str
) -> None:
    [refusal] = why_not_advance(OPEN, ended(end, reason))
    assert refusal.mend == mend and way_out in refusal.way_out


@pytest.mark.parametrize(
    ("application", "requisition", "fact"),
    [
        (ended(End.REJECTED, EndReason.OTHER), OPEN, "ended: rejected"),
        (ApplicationFacts(Step.DEBRIEF, on_hold=True), OPEN, "on hold"),
        (ApplicationFacts(Step.OFFER, offer_accepted=True), OPEN, "accepted"),
        (ApplicationFacts(Step.DEBRIEF, cords=1), OPEN, "pulled on this application"),
        (LIVE, RequisitionFacts("R-7", RequisitionStatus.OPEN, cords=1), "pulled on requisition R-7"),
    ],
    ids=["ended", "held", "accepted", "cord", "cord on the requisition"],
)
def test_what_has_ended_is_held_accepted_or_stopped_begins_nowhere_else(
    application: ApplicationFacts, requisition: RequisitionFacts, fact: str
) -> None:
    [refusal] = rules.why_not_move(application, requisition)

    assert fact in refusal.facts


def test_a_live_application_moves_also_from_a_requisition_that_closes() -> None:
    assert rules.why_not_move(LIVE, CLOSED) == []


def test_closing_names_whom_a_cord_keeps_from_moving_and_lets_them_be_rejected() -> None:
    stays = tuple(rules.why_not_move(ApplicationFacts(Step.DEBRIEF, cords=1), OPEN))
    [refusal] = rules.why_not_close("R-7", [ClosingCase(1, "Ada", Step.DEBRIEF, False, "12", stays)])

    assert refusal.rule.id == "andon.clear"
    assert refusal.facts == "Ada: A cord is pulled on this application."
    assert rules.why_not_close("R-7", [ClosingCase(1, "Ada", Step.DEBRIEF, False, "reject", stays)]) == []
    assert rules.why_not_close("R-7", [ClosingCase(1, "Ada", Step.OFFER, True, "12", stays)]) == []


def test_owners_and_administrators_run_a_requisition_and_recruiters_see_where_it_stands() -> None:
    for role in Role:
        assert rules.may_run({role}, owner=True)
        assert rules.may_run({role}, owner=False) == (role is Role.ADMINISTRATOR)
        seen = rules.may_see_requisition_moves({role}, owner=False)
        assert seen == (role in {Role.ADMINISTRATOR, Role.RECRUITER})

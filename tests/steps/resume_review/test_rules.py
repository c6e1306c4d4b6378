"""What a résumé is held against, and what the rejections tell."""

import pytest

from hiring.ground.rulebook import Kind
from hiring.pipeline.rules import APPLICATION_COOL_OFF, APPLICATION_ONCE, REQUISITION_OPEN, Stand
from hiring.steps.resume_review.rules import (
    Mark,
    MustHaveFacts,
    ResumePolicy,
    about_the_position,
    keeps_another,
    may_review,
    why_not_merge,
    why_not_pass,
    why_not_turn_down,
    why_off_target,
)


def held(*marks: Mark | None) -> list[MustHaveFacts]:
    return [MustHaveFacts(f"Must-have {place}", mark) for place, mark in enumerate(marks, 1)]


@pytest.mark.parametrize("marks", [(Mark.MET, Mark.MET), (Mark.MET, Mark.NOT_SHOWN), (Mark.NOT_SHOWN,)])
def test_a_fully_marked_resume_without_a_not_met_goes_on(marks: tuple[Mark, ...]) -> None:
    assert why_not_pass(held(*marks)) == []


def test_an_unmarked_must_have_stops_and_is_named() -> None:
    [refusal] = why_not_pass(held(Mark.MET, None))
    assert refusal.rule.id == "resume.against_description" and refusal.rule.kind is Kind.BLOCK
    assert "1 of 2" in refusal.facts and "“Must-have 2”" in refusal.facts
    assert "save the marks" in refusal.way_out


def test_a_must_have_not_met_stops_and_is_named() -> None:
    [refusal] = why_not_pass(held(Mark.NOT_MET, Mark.MET))
    assert "not met: “Must-have 1”" in refusal.facts


def test_unmarked_and_not_met_are_told_together() -> None:
    assert len(why_not_pass(held(Mark.NOT_MET, None))) == 2


def test_nothing_goes_on_against_a_description_without_must_haves() -> None:
    [refusal] = why_not_pass([])
    assert "no must-have" in refusal.facts


@pytest.mark.parametrize("mark", [Mark.NOT_MET, Mark.NOT_SHOWN])
def test_one_must_have_not_met_or_not_shown_is_reason_to_reject(mark: Mark) -> None:
    assert why_not_turn_down(held(Mark.MET, mark, None)) == []


@pytest.mark.parametrize("marks", [(), (None,), (Mark.MET, Mark.MET)])
def test_without_a_failed_must_have_nobody_is_rejected(marks: tuple[Mark | None, ...]) -> None:
    [refusal] = why_not_turn_down(held(*marks))
    assert refusal.rule.id == "resume.against_description"
    assert "no reason to reject" in refusal.facts and "recruiter" in refusal.mend


def test_more_than_half_of_twenty_off_target_is_a_finding_with_its_figures() -> None:
    [finding] = why_off_target(11, 20, "R-1", ResumePolicy())
    assert finding.rule.id == "resume.off_target" and finding.rule.kind is Kind.WARN
    assert "11 of the last 20" in finding.facts and "R-1" in finding.facts


@pytest.mark.parametrize(("off_target", "rejected"), [(10, 20), (19, 19), (0, 0)])
def test_half_or_too_few_rejections_are_no_finding(off_target: int, rejected: int) -> None:
    assert why_off_target(off_target, rejected, "R-1", ResumePolicy()) == []


def test_two_active_applications_to_one_requisition_keep_records_apart() -> None:
    [refusal] = why_not_merge(["R-1"], "Nadia")
    assert refusal.rule.id == "application.once" and "R-1" in refusal.facts and "Nadia" in refusal.facts
    assert why_not_merge([], "Nadia") == []


@pytest.mark.parametrize(
    ("stands", "may"),
    [
        ({Stand.REQUISITION_RECRUITER}, True),
        ({Stand.HIRING_MANAGER}, True),
        ({Stand.RECRUITER}, False),
        ({Stand.SCREENER, Stand.SUBMITTED_SEAT, Stand.ADMINISTRATOR, Stand.COORDINATOR}, False),
    ],
)
def test_only_the_requisitions_recruiter_and_hiring_manager_review(stands: set[Stand], may: bool) -> None:
    assert may_review(stands) is may


def test_what_is_known_of_a_person_is_kept_from_whoever_may_not_learn_it() -> None:
    once, cool_off, closed = (
        rule.refuse("facts", mend="m", way_out="w")
        for rule in (APPLICATION_ONCE, APPLICATION_COOL_OFF, REQUISITION_OPEN)
    )
    assert about_the_position([once, cool_off]) == []
    assert about_the_position([once, closed]) == [closed]


def test_five_newer_resumes_wait_to_be_read_and_no_sixth() -> None:
    assert keeps_another(4) and not keeps_another(5)

"""Step 1's questions, asked of plain facts."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from hiring.people.rules import Colleague, Role
from hiring.pipeline.rules import RequisitionFacts, RequisitionStatus, Step
from hiring.steps.job_description import access, rules
from hiring.steps.job_description.access import Reader
from hiring.steps.job_description.requisition_rules import (
    OpeningAct,
    OpeningState,
    Places,
    possible_acts,
    why_not_change_opening,
    why_not_own,
)
from hiring.steps.job_description.rules import (
    DescriptionFacts,
    ReviewFacts,
    ReviewLoad,
    Status,
    Verdict,
)

TODAY = date(2026, 3, 4)
FULL = DescriptionFacts(
    title="Engineer",
    level=7,
    team="Payments",
    location="Berlin",
    pay_low=80_000_00,
    pay_high=90_000_00,
    currency="EUR",
    summary="Builds the ledger.",
    outcomes=["Ledger reconciles"],
    must_haves=["Ran a ledger"],
    principles=["Ownership"],
    competencies=["Coding"],
    reports_stated=True,
)
DRAFT = RequisitionFacts("R-1", RequisitionStatus.DRAFT)
MANAGER = Colleague(1, "Hector", 8, 10, managers=(2, 3), team_name="Payments")
FACTS = ReviewFacts(MANAGER, recruiter_id=4, team_id=11, writer_id=1, assigned_id=7, status=Status.IN_REVIEW)
BEA = Colleague(7, "Bea", 9, 20, managers=(8, 3), certified_until=date(2026, 12, 31))
POINTS = dict.fromkeys(rules.POINTS, "Yes.")


def ids(refusals):
    return [refusal.rule.id for refusal in refusals]


def test_a_complete_draft_goes_to_review():
    assert rules.why_not_submit(FULL, DRAFT, Status.DRAFT, [7]) == []


@pytest.mark.parametrize(
    ("part", "nothing"),
    [
        ("title", ""),
        ("team", ""),
        ("location", ""),
        ("pay_low", None),
        ("pay_high", None),
        ("summary", ""),
        ("outcomes", []),
        ("must_haves", []),
        ("principles", []),
        ("competencies", []),
        ("reports_stated", False),
    ],
)
def test_jd_complete_names_exactly_the_part_that_is_missing(part, nothing):
    [refusal] = rules.why_not_submit(replace(FULL, **{part: nothing}), DRAFT, Status.DRAFT, [7])
    assert refusal.rule.id == "jd.complete"
    assert refusal.facts == f"Still missing: {rules.PARTS[part]}."


def test_a_pay_of_zero_is_stated():
    assert rules.missing_parts(replace(FULL, pay_low=0)) == []


def test_without_a_fit_reviewer_the_refusal_says_whom_to_certify():
    [refusal] = rules.why_not_submit(FULL, DRAFT, Status.DRAFT, [])
    assert refusal.rule.id == "jd.reviewed"
    assert "another team" in refusal.way_out


def test_nothing_is_submitted_on_a_closed_requisition_or_under_a_pulled_cord():
    closed = RequisitionFacts("R-1", RequisitionStatus.CLOSED)
    assert ids(rules.why_not_submit(FULL, closed, Status.DRAFT, [7])) == ["requisition.open"]
    pulled = replace(DRAFT, cords=1)
    assert ids(rules.why_not_submit(FULL, pulled, Status.DRAFT, [7])) == ["andon.clear"]


def test_an_independent_certified_bar_raiser_may_review():
    assert rules.why_not_reviewer(BEA, FACTS, TODAY) == []


def test_nobody_on_the_inside_of_the_candidate_reviews_what_was_written_for_them():
    [refusal] = rules.why_not_reviewer(BEA, replace(FACTS, inside=frozenset({BEA.id})), TODAY)
    assert refusal.rule.id == "jd.reviewed" and "the candidate it was written for" in refusal.facts
    assert rules.why_not_reviewer(BEA, replace(FACTS, inside=frozenset({8})), TODAY) == []


@pytest.mark.parametrize(
    ("reviewer", "fact"),
    [
        (replace(BEA, certified_until=None), "certification was never given"),
        (replace(BEA, certified_until=date(2026, 3, 3)), "certification lapsed on 2026-03-03"),
        (replace(BEA, team_id=10), "is in the hiring manager's team Payments"),
        (replace(BEA, team_id=11), "is in the position's team"),
        (replace(BEA, id=3, managers=()), "is in the chain of managers above Hector"),
        (replace(BEA, managers=(1, 2, 3)), "is in the reporting line below Hector"),
        (replace(BEA, id=4), "is the recruiter of this requisition"),
        (replace(BEA, id=1), "wrote this version"),
        (replace(BEA, disabled=True), "has left"),
    ],
)
def test_jd_reviewed_refuses_a_reviewer_and_says_what_makes_them_unfit(reviewer, fact):
    [refusal] = rules.why_not_reviewer(reviewer, FACTS, TODAY)
    assert refusal.rule.id == "jd.reviewed"
    assert fact in refusal.facts
    assert "administrator" in refusal.mend


def test_a_verdict_needs_a_word_on_each_of_the_four_points():
    points = POINTS | {"risks": "  "}
    [refusal] = rules.why_not_verdict(BEA, FACTS, FULL, DRAFT, Verdict.APPROVE, points, TODAY)
    assert refusal.rule.id == "jd.reviewed"
    assert "What are the risks? So what?" in refusal.facts


def test_changes_may_be_asked_for_in_an_incomplete_text_but_it_cannot_be_approved():
    thin = replace(FULL, outcomes=[])
    assert rules.why_not_verdict(BEA, FACTS, thin, DRAFT, Verdict.CHANGES, POINTS, TODAY) == []
    assert ids(rules.why_not_verdict(BEA, FACTS, thin, DRAFT, Verdict.APPROVE, POINTS, TODAY)) == ["jd.complete"]


def test_level_outcomes_must_haves_competencies_and_principles_make_a_new_version():
    changed = replace(FULL, level=8, outcomes=["Other"], must_haves=[], principles=["Dive Deep"], competencies=["X"])
    assert rules.changed_parts(FULL, changed) == ["level", "outcomes", "must-haves", "principles", "competencies"]
    dearer = replace(FULL, pay_low=1, pay_high=2, reports=frozenset({7}))
    assert rules.changed_parts(FULL, dearer) == ["pay range", "would-be reports"]
    assert rules.changed_parts(FULL, replace(FULL, title="Other", location="Paris", summary="S")) == []


def test_rotation_prefers_who_is_here_then_fewest_open_then_longest_without():
    early, late = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC)
    loads = [
        ReviewLoad(1, 0, early, away=True),
        ReviewLoad(2, 1, None),
        ReviewLoad(3, 0, late),
        ReviewLoad(4, 0, early),
        ReviewLoad(5, 0, None),
    ]
    assert rules.rotation(loads) == [5, 4, 3, 2, 1]


@pytest.mark.parametrize(
    ("state", "possible"),
    [
        (OpeningState.APPROVED, [OpeningAct.HOLD, OpeningAct.CANCEL]),
        (OpeningState.HELD, [OpeningAct.RESUME, OpeningAct.CANCEL]),
        (OpeningState.FILLED, []),
        (OpeningState.CANCELLED, []),
    ],
)
def test_what_can_be_done_to_an_opening_depends_on_its_state(state, possible):
    assert possible_acts(state) == possible
    for act in set(OpeningAct) - set(possible):
        [refusal] = why_not_change_opening(state, act, Places(2))
        assert refusal.facts == f"This opening is {state.value}."


def reader(person_id=99, *roles):
    return Reader(person_id, frozenset(roles), hiring_manager_id=1, recruiter_id=4)


def test_only_owners_write_and_only_a_recruiter_of_it_or_an_administrator_approves_openings():
    assert access.may_write(reader(1)) and access.may_write(reader(4, Role.RECRUITER))
    assert not access.may_write(reader(4)) and not access.may_approve_opening(reader(4))  # a recruiter no more
    assert not access.may_write(reader(99, Role.RECRUITER, Role.ADMINISTRATOR))
    assert access.may_approve_opening(reader(4, Role.RECRUITER)) and access.may_approve_opening(
        reader(99, Role.ADMINISTRATOR)
    )
    assert not access.may_approve_opening(reader(1)) and not access.may_approve_opening(reader(99, Role.RECRUITER))


def test_a_hiring_manager_who_is_an_administrator_does_not_choose_the_reviewer():
    assert access.may_reassign(reader(99, Role.ADMINISTRATOR))
    assert not access.may_reassign(reader(1, Role.ADMINISTRATOR))


def test_drafts_and_levels_proposed_for_somebody_are_not_for_everybody():
    assert access.may_read(reader(), Status.APPROVED, proposed_level=False, reviews=False)
    assert not access.may_read(reader(), Status.APPROVED, proposed_level=True, reviews=False)
    assert not access.may_read(reader(), Status.DRAFT, proposed_level=False, reviews=False)
    assert access.may_read(reader(), Status.IN_REVIEW, proposed_level=False, reviews=True)


RITA = Colleague(4, "Rita", 7, 30, roles=frozenset({Role.RECRUITER}))


def test_two_people_who_are_here_own_a_requisition_the_recruiter_among_recruiters():
    assert why_not_own(MANAGER, RITA) == []


@pytest.mark.parametrize(
    ("manager", "recruiter", "words"),
    [
        (replace(MANAGER, disabled=True), RITA, "Hector has left."),
        (MANAGER, replace(RITA, disabled=True), "Rita has left."),
        (MANAGER, replace(RITA, roles=frozenset()), "Rita is not a recruiter."),
        (RITA, RITA, "both its hiring manager and its recruiter"),
    ],
)
def test_others_do_not_own_a_requisition_and_the_facts_say_why(manager, recruiter, words):
    [refusal] = why_not_own(manager, recruiter)
    assert refusal.rule.id == "requisition.owners" and words in refusal.facts
    assert "Name two different people" in refusal.way_out


@pytest.mark.parametrize(
    ("step", "free"), [(Step.RESUME_REVIEW, True), (Step.WRITTEN_FEEDBACK, True), (Step.DEBRIEF, False)]
)
def test_a_description_is_taken_over_until_the_debrief(step, free):
    refusals = rules.why_not_take_over("Nadia", step)
    assert ids(refusals) == ([] if free else ["jd.reviewed"])
    assert free or "Nadia is in Debrief" in refusals[0].facts


@pytest.mark.parametrize("act", [OpeningAct.HOLD, OpeningAct.CANCEL])
def test_an_opening_that_an_offer_or_a_hire_needs_is_neither_held_nor_cancelled(act: OpeningAct) -> None:
    [refusal] = why_not_change_opening(OpeningState.APPROVED, act, Places(2, live_offers=1, hires=1))
    assert refusal.rule.id == "requisition.openings"
    assert refusal.facts == "Openings: 2; live offers: 1; hires: 1. None of the openings is free."
    assert why_not_change_opening(OpeningState.APPROVED, act, Places(3, live_offers=1, hires=1)) == []
    assert why_not_change_opening(OpeningState.HELD, OpeningAct.CANCEL, Places(1, hires=1)) == []


@pytest.mark.parametrize("status", [each for each in Status if each is not Status.DRAFT])
def test_only_a_draft_is_submitted_and_edited(status):
    assert rules.why_not_edit(Status.DRAFT) == []
    (edit,), (submit,) = rules.why_not_edit(status), rules.why_not_submit(FULL, DRAFT, status, [7])
    assert "only a draft is edited" in edit.facts
    assert submit.facts.endswith("not a draft.")


@pytest.mark.parametrize("status", [each for each in Status if each is not Status.APPROVED])
def test_only_an_approved_version_is_amended(status):
    assert rules.why_not_amend(Status.APPROVED) == []
    assert "only an approved one is amended" in rules.why_not_amend(status)[0].facts


@pytest.mark.parametrize("status", [each for each in Status if each is not Status.IN_REVIEW])
def test_only_a_version_in_review_gets_a_verdict_or_another_reviewer(status):
    requisition = RequisitionFacts("R-1", RequisitionStatus.OPEN)
    asked = replace(FACTS, status=status)
    verdict = rules.why_not_verdict(BEA, asked, FULL, requisition, Verdict.CHANGES, POINTS, TODAY)
    assert [one.facts for one in verdict + rules.why_not_reassign(status, [7])] == [
        f"This version is {status.value.replace('_', ' ')}, not in review."
    ] * 2
    assert rules.why_not_reassign(Status.IN_REVIEW, [7]) == []
    assert ids(rules.why_not_reassign(Status.IN_REVIEW, [])) == ["jd.reviewed"]

"""Step 7's rule, asked without a database."""

import pytest

from hiring.pipeline.rules import Stand, Step
from hiring.steps.reference_check import rules
from hiring.steps.reference_check.rules import CheckFacts, Named, ReferenceOutcome, ReferencePolicy

POLICY = ReferencePolicy()
READY = CheckFacts("Nadia", consent=True, calls=2)


def test_nobody_is_called_before_the_candidate_consents() -> None:
    refusals = rules.why_not_call(CheckFacts("Nadia"), current_employer=False, named=False)
    assert [each.rule.id for each in refusals] == ["reference.done"]
    assert "Nadia has not consented" in refusals[0].facts
    assert rules.why_not_call(CheckFacts("Nadia", consent=True), current_employer=False, named=False) == []


@pytest.mark.parametrize(("current", "named", "refused"), [(True, False, 1), (True, True, 0), (False, False, 0)])
def test_the_current_employer_is_called_only_if_the_candidate_named_it(
    current: bool, named: bool, refused: int
) -> None:
    refusals = rules.why_not_call(READY, current_employer=current, named=named)
    assert len(refusals) == refused
    assert all("did not name their current employer" in each.facts for each in refusals)


def test_two_calls_are_needed_unless_the_bar_raiser_waives_them() -> None:
    one = CheckFacts("Nadia", consent=True, calls=1)
    assert [each.facts for each in rules.why_not_decide(one, POLICY)] == ["1 of 2 references are called."]
    assert rules.why_not_decide(READY, POLICY) == []
    assert rules.why_not_decide(CheckFacts("Nadia", consent=True, calls=1, waived=True), POLICY) == []


def test_a_waiver_does_not_replace_consent() -> None:
    assert rules.why_not_decide(CheckFacts("Nadia", waived=True), POLICY)


@pytest.mark.parametrize(
    ("name", "contact", "same"),
    [
        ("rosa  RENNER", "", "the name"),
        ("R. Renner", "+49 30 1234", "the telephone or e-mail"),
        ("R. Renner", "", ""),
        ("Rolf Renner", "rolf@example.org", ""),
    ],
)
def test_one_person_is_one_reference_however_they_are_written(name: str, contact: str, same: str) -> None:
    known = [Named("Rosa Renner", "+4930 1234"), Named("Rolf Other")]
    refusals = rules.why_not_add_again(Named(name, contact), known)
    assert [same in each.facts and "Rosa Renner (+4930 1234)" in each.facts for each in refusals] == [True] * bool(same)


def test_missing_calls_are_waived_once() -> None:
    assert rules.why_not_waive("", "") == []
    [refusal] = rules.why_not_waive("Bea", "The only employer.")
    assert refusal.facts == "Bea has waived missing references: The only employer."


@pytest.mark.parametrize(
    ("outcome", "words"),
    [(None, "no clear outcome"), (ReferenceOutcome.NEW_FACTS, "new facts"), (ReferenceOutcome.CLEAR, "")],
)
def test_an_offer_needs_a_clear_outcome(outcome: ReferenceOutcome | None, words: str) -> None:
    found = rules.why_not_done(CheckFacts("Nadia", consent=True, calls=2, outcome=outcome), POLICY)
    assert [words in each.facts for each in found] == ([True] if words else [])


def test_an_offer_needs_a_reference_check_at_all() -> None:
    assert len(rules.why_not_done(None, POLICY)) == 2


def test_references_are_checked_in_their_step_only() -> None:
    assert rules.why_not_here(Step.REFERENCE_CHECK, ended=False) == []
    assert "Offer through Onboarding" in rules.why_not_here(Step.OFFER, ended=False)[0].facts
    assert "ended" in rules.why_not_here(Step.REFERENCE_CHECK, ended=True)[0].facts


def test_the_recruiter_and_the_hiring_manager_record_the_bar_raiser_does_not() -> None:
    assert rules.may_record(frozenset({Stand.REQUISITION_RECRUITER}))
    assert rules.may_record(frozenset({Stand.HIRING_MANAGER}))
    assert not rules.may_record(frozenset({Stand.BAR_RAISER, Stand.RECRUITER}))

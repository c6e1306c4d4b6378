"""Who holds a phone screen, and what it takes to record and decide it."""

from datetime import UTC, datetime, timedelta

import pytest

from hiring.ground.rulebook import Kind
from hiring.pipeline.rules import Stand
from hiring.steps.phone_screen.rules import (
    CallFacts,
    ScreenerFacts,
    ScreenPolicy,
    ScreenVerdict,
    may_book,
    may_name,
    may_prepare,
    why_not_decide,
    why_not_drop,
    why_not_go_on,
    why_not_held,
    why_not_prepare,
    why_not_screener,
    why_odd_rate,
)

START = datetime(2026, 3, 5, 9, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
YES, NO = ScreenVerdict.YES, ScreenVerdict.NO


@pytest.mark.parametrize(
    "facts", [ScreenerFacts("Hector", hiring_manager=True), ScreenerFacts("Ivan", trained=True, named=True)]
)
def test_the_hiring_manager_or_somebody_trained_and_named_holds_the_call(facts: ScreenerFacts) -> None:
    assert why_not_screener(facts, "Hector") == []


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        (ScreenerFacts("Tara", named=True), "Tara is not a trained interviewer yet."),
        (ScreenerFacts("Ivan", trained=True), "Ivan was not named by the hiring manager Hector."),
        (ScreenerFacts("Ron", trained=True, named=True, inside=True), "Ron is the candidate"),
        (ScreenerFacts("Hector", hiring_manager=True, inside=True), "Hector is the candidate"),
        (ScreenerFacts("Ivan", trained=True, named=True, disabled=True), "Ivan no longer works here."),
    ],
)
def test_nobody_else_holds_the_call_and_the_facts_say_why(facts: ScreenerFacts, words: str) -> None:
    [refusal] = why_not_screener(facts, "Hector")
    assert refusal.rule.id == "screen.screener" and refusal.rule.kind is Kind.BLOCK
    assert words in refusal.facts and "Hector" in refusal.mend


def test_questions_are_chosen_until_the_call_begins() -> None:
    assert why_not_prepare(CallFacts(START, None), START - MINUTE) == []
    [refusal] = why_not_prepare(CallFacts(START, None), START)
    assert refusal.rule.id == "screen.prepared" and "has begun" in refusal.facts


def test_a_question_with_notes_is_not_dropped() -> None:
    assert why_not_drop([]) == []
    [refusal] = why_not_drop(["A hard decision?"])
    assert refusal.rule.id == "screen.noted" and "A hard decision?" in refusal.facts


@pytest.mark.parametrize("prepared_at", [None, START + MINUTE])
def test_a_call_without_questions_chosen_before_it_is_not_held(prepared_at: datetime | None) -> None:
    [refusal] = why_not_held(CallFacts(START, prepared_at))
    assert refusal.rule.id == "screen.prepared" and "before" in refusal.way_out


def test_a_prepared_call_is_held() -> None:
    assert why_not_held(CallFacts(START, START - MINUTE)) == []


def test_a_verdict_needs_a_summary_and_notes() -> None:
    assert why_not_decide("Clear examples.", 1) == []
    [refusal] = why_not_decide("  ", 0)
    assert refusal.rule.id == "screen.decided"
    assert "summary is empty" in refusal.facts and "No question has notes" in refusal.facts


@pytest.mark.parametrize("held", [[YES], [NO, YES], [None, YES]])
def test_the_latest_yes_goes_on(held: list[ScreenVerdict | None]) -> None:
    assert why_not_go_on(held) == []


@pytest.mark.parametrize(
    ("held", "words"), [([], "No phone screen"), ([YES, NO], "decided with no"), ([YES, None], "no verdict yet")]
)
def test_only_yes_goes_on(held: list[ScreenVerdict | None], words: str) -> None:
    [refusal] = why_not_go_on(held)
    assert refusal.rule.id == "screen.decided" and words in refusal.facts


@pytest.mark.parametrize(("passed", "way"), [(11, "harder questions"), (1, "where the candidates come from")])
def test_a_rate_far_from_one_in_four_is_a_finding(passed: int, way: str) -> None:
    [finding] = why_odd_rate(passed, 20, "R-1", ScreenPolicy())
    assert finding.rule.id == "screen.rate" and finding.rule.kind is Kind.WARN
    assert f"{passed} of the last 20" in finding.facts and way in finding.way_out


@pytest.mark.parametrize(("passed", "decided"), [(5, 20), (10, 20), (2, 20), (19, 19), (0, 0)])
def test_a_rate_near_one_in_four_or_over_too_few_is_none(passed: int, decided: int) -> None:
    assert why_odd_rate(passed, decided, "R-1", ScreenPolicy()) == []


@pytest.mark.parametrize(
    ("stand", "books", "prepares", "names"),
    [
        (Stand.HIRING_MANAGER, True, True, True),
        (Stand.REQUISITION_RECRUITER, True, True, False),
        (Stand.RECRUITER, True, False, False),
        (Stand.COORDINATOR, True, False, False),
        (Stand.SCREENER, False, True, False),
        (Stand.ADMINISTRATOR, False, False, False),
        (Stand.SEAT, False, False, False),
    ],
)
def test_who_books_prepares_and_names(stand: Stand, books: bool, prepares: bool, names: bool) -> None:
    assert (may_book([stand]), may_prepare([stand]), may_name([stand], hiring_manager_able=True)) == (
        books,
        prepares,
        names,
    )


def test_the_recruiter_names_where_the_hiring_manager_cannot() -> None:
    assert may_name([Stand.REQUISITION_RECRUITER], hiring_manager_able=False)
    assert not may_name([Stand.COORDINATOR], hiring_manager_able=False)

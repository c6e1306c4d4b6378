"""Step 8's rules, asked without a database."""

from datetime import UTC, date, datetime, timedelta

import pytest

from hiring.ground.rulebook import OWN, Kind, Refusal, Rule
from hiring.pipeline.rules import Stand, Step
from hiring.steps.offer import hire_rules, rules
from hiring.steps.offer.hire_rules import ReviewAt
from hiring.steps.offer.rules import Dates, Ground, Headcount, OfferPolicy, OfferState, Terms

TODAY = date(2026, 3, 4)
NOW = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)
START, FIGURES = date(2026, 5, 4), OfferPolicy()
INSIDE = Terms(9_500_000, "EUR", 8_000_000, 11_000_000, "EUR")
GAP = Refusal(Rule("reference.done", "…", "", Kind.BLOCK, OWN), "1 of 2 references are called.", "Hector", "Call.")


def ids(refusals: list[Refusal]) -> list[str]:
    return [each.rule.id for each in refusals]


def pay(amount: int, currency: str = "EUR", *, excepted: bool = False) -> Terms:
    return Terms(amount, currency, 8_000_000, 11_000_000, "EUR", excepted)


def test_an_offer_rests_on_a_decision_and_references() -> None:
    assert rules.why_not_decided(Ground(Step.OFFER, decided=True)) == []


@pytest.mark.parametrize(
    ("ground", "words"),
    [
        (Ground(Step.OFFER, decided=False), "No hire decision"),
        (Ground(Step.OFFER, decided=True, vetoed=True), "vetoed"),
        (Ground(Step.OFFER, decided=True, missing=(GAP,)), "1 of 2 references"),
        (Ground(Step.REFERENCE_CHECK, decided=True), "Reference Check"),
    ],
)
def test_without_them_the_refusal_says_what_is_missing(ground: Ground, words: str) -> None:
    (refusal,) = rules.why_not_decided(ground)
    assert refusal.rule.id == "offer.decided"
    assert words in refusal.facts


@pytest.mark.parametrize(
    ("terms", "outside"),
    [
        (pay(8_000_000), False),
        (pay(11_000_000), False),
        (pay(7_999_999), True),
        (pay(11_000_001), True),
        (pay(9_500_000, "USD"), True),
        (Terms(9_500_000, "EUR", None, None, "EUR"), True),
    ],
)
def test_pay_lies_inside_the_range_in_its_currency_both_ends_included(terms: Terms, outside: bool) -> None:
    assert bool(rules.why_not_pay(terms)) is outside


def test_pay_outside_names_pay_and_range_and_an_exception_allows_it() -> None:
    (refusal,) = rules.why_not_pay(pay(12_000_050))
    assert refusal.rule.id == "offer.range"
    assert refusal.facts == "Pay is EUR 120,000.50; the range is EUR 80,000 to EUR 110,000."
    assert rules.why_not_pay(pay(12_000_050, excepted=True)) == []


def test_an_exception_is_asked_once_and_only_where_one_is_needed() -> None:
    assert rules.why_not_ask(OfferState.PREPARED, pay(12_000_000), waits=False) == []
    assert "already" in rules.why_not_ask(OfferState.PREPARED, pay(12_000_000), waits=True)[0].facts
    assert "no exception" in rules.why_not_ask(OfferState.PREPARED, INSIDE, waits=False)[0].facts
    assert ids(rules.why_not_ask(OfferState.MADE, pay(12_000_000), waits=False)) == ["offer.open"]


def test_nobody_grants_their_own_exception() -> None:
    assert rules.why_not_except(1, 2, 3) == []
    assert "You asked" in rules.why_not_except(1, 2, 1)[0].facts
    assert "hiring manager" in rules.why_not_except(1, 2, 2)[0].facts


def test_only_the_hiring_manager_makes_the_offer() -> None:
    assert rules.why_not_maker({Stand.HIRING_MANAGER}, "Hector") == []
    (refusal,) = rules.why_not_maker({Stand.REQUISITION_RECRUITER}, "Hector")
    assert refusal.rule.id == "offer.by_hiring_manager"
    assert "Hector" in refusal.way_out


def test_an_administrator_reads_pay_only_while_an_exception_waits() -> None:
    assert not rules.may_read({Stand.ADMINISTRATOR}, exception_waits=False)
    assert rules.may_read({Stand.ADMINISTRATOR}, exception_waits=True)
    assert rules.may_read({Stand.REQUISITION_RECRUITER}, exception_waits=False)
    assert not rules.may_read({Stand.RECRUITER, Stand.SEAT, Stand.BAR_RAISER}, exception_waits=True)


@pytest.mark.parametrize(("live", "hires", "refused"), [(0, 0, False), (1, 0, False), (1, 1, True), (0, 2, True)])
def test_live_offers_and_hires_never_exceed_openings(live: int, hires: int, refused: bool) -> None:
    found = rules.why_not_single(Headcount("R-1", 2, live, hires))
    assert bool(found) is refused
    assert all("2 openings" in each.facts for each in found)


def test_a_candidate_has_one_live_offer() -> None:
    (refusal,) = rules.why_not_single(Headcount("R-1", 1, 0, 0, elsewhere="R-2"))
    assert refusal.rule.id == "offer.single"
    assert "R-2" in refusal.facts


def test_an_offer_is_made_once_and_while_there_is_time_to_answer() -> None:
    assert rules.why_not_make(OfferState.PREPARED, START, TODAY, TODAY, FIGURES) == []
    past = TODAY - timedelta(days=1)
    assert "has passed" in rules.why_not_make(OfferState.PREPARED, START, past, TODAY, FIGURES)[0].facts
    assert "start date" in rules.why_not_make(OfferState.PREPARED, past, TODAY, TODAY, FIGURES)[0].facts
    assert ids(rules.why_not_make(OfferState.MADE, START, TODAY, TODAY, FIGURES)) == ["offer.open"]
    assert "no live offer" in rules.why_not_make(None, None, None, TODAY, FIGURES)[0].facts


@pytest.mark.parametrize("state", [None, OfferState.PREPARED, OfferState.ACCEPTED])
def test_an_answer_is_for_an_offer_that_is_out(state: OfferState | None) -> None:
    assert ids(rules.why_not_answer(state, TODAY, TODAY)) == ["offer.open"]


def test_an_answer_comes_until_the_answer_date_and_an_offer_lapses_after_it() -> None:
    yesterday = TODAY - timedelta(days=1)
    assert rules.why_not_answer(OfferState.MADE, TODAY, TODAY) == []
    assert "until 2026-03-03" in rules.why_not_answer(OfferState.MADE, yesterday, TODAY)[0].facts
    assert ids(rules.why_not_lapse(OfferState.MADE, TODAY, TODAY)) == ["offer.open"]
    assert rules.why_not_lapse(OfferState.MADE, yesterday, TODAY) == []


def test_the_answer_date_only_moves_later() -> None:
    later, earlier = TODAY + timedelta(days=1), TODAY - timedelta(days=9)
    assert rules.why_not_extend(OfferState.MADE, Dates(START, TODAY), later, TODAY, FIGURES) == []
    assert "no extension" in rules.why_not_extend(OfferState.MADE, Dates(START, TODAY), TODAY, TODAY, FIGURES)[0].facts
    assert rules.why_not_extend(OfferState.MADE, Dates(START, earlier), TODAY - timedelta(days=1), TODAY, FIGURES)


def test_silence_of_more_than_seven_days_warns_while_the_offer_is_open() -> None:
    week = timedelta(days=7)
    figures = OfferPolicy()
    assert rules.why_no_contact(OfferState.MADE, NOW - week, NOW, figures) == []
    (warning,) = rules.why_no_contact(OfferState.MADE, NOW - week - timedelta(hours=30), NOW, figures)
    assert (warning.rule.id, warning.rule.kind) == ("offer.contact", Kind.WARN)
    assert "8 days ago; it should be no more than 7" in warning.facts
    assert rules.why_no_contact(OfferState.ACCEPTED, NOW - 3 * week, NOW, figures) == []


def test_arrival_is_confirmed_from_the_start_date_on() -> None:
    assert hire_rules.why_not_arrive(OfferState.ACCEPTED, TODAY, TODAY) == []
    (early,) = hire_rules.why_not_arrive(OfferState.ACCEPTED, TODAY + timedelta(days=1), TODAY)
    assert early.rule.id == "hire.arrival" and "start date" in early.facts
    assert ids(hire_rules.why_not_arrive(OfferState.MADE, TODAY, TODAY)) == ["hire.arrival"]


def test_a_start_is_moved_to_today_or_later_and_never_into_the_past() -> None:
    yesterday, tomorrow = TODAY - timedelta(days=1), TODAY + timedelta(days=1)
    assert hire_rules.why_not_move_start(tomorrow, TODAY, TODAY) == []
    (early,) = hire_rules.why_not_move_start(tomorrow, yesterday, TODAY)
    assert early.facts == f"The new start date is {yesterday}; today is {TODAY}."
    assert "give today, then confirm" in early.way_out
    (late,) = hire_rules.why_not_move_start(TODAY, yesterday, TODAY)
    assert f"The start date, {TODAY}, has come: confirm the arrival" in late.way_out


def test_a_hire_is_reviewed_once_when_due() -> None:
    due = ReviewAt.NINETY_DAYS.due(date(2026, 1, 1))
    assert due == date(2026, 4, 1)
    assert ReviewAt.ONE_YEAR.due(date(2026, 1, 1)) == date(2027, 1, 1)
    assert hire_rules.why_not_review(due, due, hired=True, done=False) == []
    assert "2026-04-01" in hire_rules.why_not_review(due, TODAY, hired=True, done=False)[0].facts
    assert "is written" in hire_rules.why_not_review(due, due, hired=True, done=True)[0].facts
    assert "not arrived" in hire_rules.why_not_review(due, due, hired=False, done=False)[0].facts


def test_a_review_answers_every_outcome() -> None:
    assert hire_rules.why_not_complete(["a", "b"], 2) == []
    unanswered = hire_rules.why_not_complete(["a", "b"], 1)
    assert ids(unanswered) == ["hire.review"]
    assert "1 of 2" in unanswered[0].facts


@pytest.mark.parametrize(
    ("starts_on", "answer_by", "words"),
    [
        (START, date(2026, 3, 20), ""),
        (TODAY, TODAY, ""),
        (date(2006, 5, 4), date(2026, 3, 20), "The start date, 2006-05-04, has passed"),
        (START, date(2026, 3, 3), "The answer date, 2026-03-03, has passed"),
        (START, date(2026, 5, 5), "is after the start on 2026-05-04"),
        (date(2027, 5, 4), date(2026, 5, 4), "is more than 60 days away"),
    ],
)
def test_an_offer_is_answered_soon_and_before_a_start_that_is_not_past(
    starts_on: date, answer_by: date, words: str
) -> None:
    refusals = rules.why_not_dates(starts_on, answer_by, TODAY, FIGURES)
    assert [words in each.facts for each in refusals] == [True] * bool(words)


def test_an_extension_ends_before_the_start_and_soon() -> None:
    made = Dates(START, date(2026, 3, 20))
    late = rules.why_not_extend(OfferState.MADE, made, date(2026, 5, 5), TODAY, FIGURES)
    assert ["after the start" in each.facts for each in late] == [True]
    far = rules.why_not_extend(OfferState.MADE, Dates(date(2027, 1, 4), TODAY), date(2026, 12, 1), TODAY, FIGURES)
    assert ["60 days away" in each.facts for each in far] == [True]

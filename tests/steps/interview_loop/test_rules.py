"""A loop's rules, asked of frozen facts: each allowed, refused, and what the refusal says."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest

from hiring.ground.figures import Policy
from hiring.ground.rulebook import Kind, Refusal
from hiring.ground.working_time import Interval
from hiring.people.rules import Colleague, Load
from hiring.pipeline.rules import Stand, Step
from hiring.steps.interview_loop import outcomes, rules
from hiring.steps.interview_loop.composition import (
    findings,
    newly_broken,
    since_confirmed,
    why_not_complete,
    why_not_confirm,
)
from hiring.steps.interview_loop.facts import Busy, Composition, Item, SeatFacts, Slot
from hiring.steps.interview_loop.rules import (
    ConflictKind,
    InterviewState,
    LoopPolicy,
    SeatKind,
    SeatState,
    VacateCause,
    due_at,
)
from hiring.steps.job_description.rules import ItemKind

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
DAY = date(2026, 3, 3)
FIRST = datetime(2026, 3, 3, 8, 0, tzinfo=UTC)
POLICY = Policy()
FIGURES = LoopPolicy()
ITEMS = (
    Item(1, "Ownership", ItemKind.PRINCIPLE),
    Item(2, "Dive Deep", ItemKind.PRINCIPLE),
    Item(3, "Deliver Results", ItemKind.PRINCIPLE),
    Item(4, "Ledger design", ItemKind.COMPETENCY),
    Item(5, "Operations", ItemKind.COMPETENCY),
)


def colleague(number: int, name: str, **changes: Any) -> Colleague:
    facts: dict[str, Any] = {
        "level": 7,
        "team_id": number,
        "managers": (99,),
        "course": True,
        "paired": True,
        "interviews": 12,
    }
    return Colleague(number, name, **(facts | changes))


HECTOR = colleague(1, "Hector", level=8, team_id=1)
RITA = colleague(2, "Rita")
BEA = colleague(3, "Bea", level=9, certified_until=date(2026, 12, 31))
IRIS = colleague(4, "Iris")
IRMA = colleague(5, "Irma")
TARA = colleague(6, "Tara", paired=False, interviews=0)
KINDS = {1: SeatKind.HIRING_MANAGER, 2: SeatKind.RECRUITER, 3: SeatKind.BAR_RAISER}


def seat(who: Colleague, place: int, items: tuple[int, ...] = (1, 4), **changes: Any) -> SeatFacts:
    start = FIRST + timedelta(hours=place)
    facts: dict[str, Any] = {
        "kind": KINDS.get(who.id, SeatKind.INTERVIEWER),
        "items": items,
        "slot": Slot(start, start + timedelta(minutes=45), DAY),
    }
    return SeatFacts(who.id, who, **(facts | changes))


SEATS = (
    seat(HECTOR, 0, (1, 4)),
    seat(RITA, 1, (2, 5)),
    seat(BEA, 2, (3, 4)),
    seat(IRIS, 3, (1, 5)),
    seat(IRMA, 4, (2, 4)),
)
GOOD = Composition(
    now=NOW,
    level=7,
    hiring_manager=HECTOR,
    team_id=1,
    recruiter_id=2,
    recruiter_ids=frozenset({2}),
    recruiter_name="Rita",
    drawn_id=3,
    drawn_name="Bea",
    items=ITEMS,
    seats=SEATS,
    debrief=Interval(FIRST + timedelta(hours=6), FIRST + timedelta(hours=7)),
    debrief_day=DAY,
    debrief_days=(DAY, date(2026, 3, 4)),
)


def with_seat(index: int, **changes: Any) -> Composition:
    seats = list(SEATS)
    seats[index] = replace(seats[index], **changes)
    return replace(GOOD, seats=tuple(seats))


def refusals(composition: Composition, rule: str) -> list[Refusal]:
    return [one for one in why_not_confirm(composition, POLICY) if one.rule.id == rule]


def only(composition: Composition, rule: str) -> Refusal:
    found = why_not_confirm(composition, POLICY)
    assert [one.rule.id for one in found] == [rule]
    return found[0]


@pytest.mark.parametrize(
    ("state", "composing", "declined", "called"),
    [
        (InterviewState.BOOKED, True, False, "Proposed"),
        (InterviewState.BOOKED, False, False, "Booked"),
        (InterviewState.BOOKED, False, True, "Declined"),
        (None, False, True, "Declined"),
        (None, True, False, None),
        (InterviewState.INTERVIEWER_NO_SHOW, False, True, "Interviewer no-show"),
    ],
)
def test_a_slot_is_called_as_it_stands(
    state: InterviewState | None, composing: bool, declined: bool, called: str | None
) -> None:
    assert rules.slot_called(state, composing=composing, declined=declined) == called


def test_a_loop_that_keeps_every_rule_is_not_refused() -> None:
    assert why_not_confirm(GOOD, POLICY) == []


def test_four_interviewers_are_too_few_and_one_more_is_the_way_out() -> None:
    refusal = only(replace(GOOD, seats=SEATS[:4], items=ITEMS[:5]), "loop.size")
    assert "4 of at least 5" in refusal.facts and "Add 1 more interviewer" in refusal.way_out


@pytest.mark.parametrize(("extra", "refused"), [(2, False), (3, True)])
def test_seven_interviewers_are_allowed_and_eight_are_not(extra: int, refused: bool) -> None:
    more = tuple(seat(colleague(20 + n, f"Extra {n}"), 24 + n) for n in range(extra))
    assert bool(refusals(replace(GOOD, seats=SEATS + more), "loop.size")) is refused


def test_shadows_are_none_of_the_five_to_seven() -> None:
    composition = replace(with_seat(3, shadow=TARA), seats=(*SEATS[:3], replace(SEATS[3], shadow=TARA)))
    assert "4 of at least 5" in refusals(composition, "loop.size")[0].facts


def test_a_seat_that_came_by_handover_does_not_count_against_seven() -> None:
    more = tuple(seat(colleague(20 + n, f"Extra {n}"), 24 + n) for n in range(2))
    old = replace(SEATS[2], state=SeatState.HANDED_OVER, submitted=True)
    bram = colleague(30, "Bram", level=8, certified_until=date(2026, 12, 31))
    new = seat(bram, 30, (3, 4), kind=SeatKind.BAR_RAISER, handover=True)
    seats = (*SEATS[:2], old, *SEATS[3:], *more, new)
    assert refusals(replace(GOOD, seats=seats, drawn_id=30, drawn_name="Bram"), "loop.size") == []


@pytest.mark.parametrize(("index", "word"), [(0, "hiring manager Hector"), (1, "recruiter"), (2, "Bar Raiser seats")])
def test_hiring_manager_recruiter_and_bar_raiser_are_required(index: int, word: str) -> None:
    substitute = seat(colleague(40, "Ilse"), index, SEATS[index].items)
    seats = (*SEATS[:index], substitute, *SEATS[index + 1 :])
    assert word in refusals(replace(GOOD, seats=seats), "loop.required")[0].facts


def test_a_recruiter_named_because_of_level_serves_as_the_requisitions() -> None:
    ron = colleague(41, "Ron")
    seats = (SEATS[0], seat(ron, 1, (2, 5), kind=SeatKind.RECRUITER), *SEATS[2:])
    assert refusals(replace(GOOD, seats=seats), "loop.required")
    assert refusals(replace(GOOD, seats=seats, recruiter_ids=frozenset({2, 41})), "loop.required") == []


def test_a_loop_without_a_drawn_bar_raiser_is_refused() -> None:
    assert "No Bar Raiser has been drawn" in refusals(replace(GOOD, drawn_id=None), "loop.required")[0].facts


@pytest.mark.parametrize(("until", "refused"), [(date(2026, 3, 3), False), (date(2026, 3, 2), True), (None, True)])
def test_the_bar_raiser_is_certified_on_the_day_of_the_interview(until: date | None, refused: bool) -> None:
    composition = with_seat(2, colleague=replace(BEA, certified_until=until))
    assert bool(refusals(composition, "loop.bar_raiser_certified")) is refused


def test_a_certification_that_ends_before_the_interview_is_refused_with_its_day() -> None:
    lapsing = with_seat(2, colleague=replace(BEA, certified_until=date(2026, 3, 2)))
    assert "2026-03-02" in only(lapsing, "loop.bar_raiser_certified").facts


@pytest.mark.parametrize(
    ("changes", "facts"),
    [
        ({"team_id": 1}, "in the hiring manager's team"),
        ({"managers": (1, 99)}, "in the reporting line below Hector"),
    ],
)
def test_the_bar_raiser_is_independent_of_the_hiring_manager(changes: dict[str, Any], facts: str) -> None:
    refusal = only(with_seat(2, colleague=replace(BEA, **changes)), "loop.bar_raiser_independent")
    assert facts in refusal.facts and "rotation" in refusal.way_out


def test_the_hiring_managers_own_manager_is_no_bar_raiser() -> None:
    composition = replace(GOOD, hiring_manager=replace(HECTOR, managers=(3, 99)))
    assert "chain of managers above" in refusals(composition, "loop.bar_raiser_independent")[0].facts


def test_a_bar_raiser_whom_rotation_did_not_name_is_refused() -> None:
    composition = replace(GOOD, drawn_id=50, drawn_name="Bram")
    assert "Rotation named Bram, not Bea" in refusals(composition, "loop.bar_raiser_independent")[0].facts


@pytest.mark.parametrize(("level", "refused"), [(6, False), (5, True)])
def test_nobody_is_more_than_one_level_below_the_position(level: int, refused: bool) -> None:
    composition = with_seat(3, colleague=replace(IRIS, level=level))
    assert bool(refusals(composition, "loop.level")) is refused


def test_the_level_refusal_names_figures_and_who_could_take_the_seat() -> None:
    juna = colleague(4, "Juna", level=5)
    refusal = only(with_seat(3, colleague=juna, replacements=("Igor", "Ilse")), "loop.level")
    assert refusal.facts == "Juna is level 5; the position is level 7; at least 6 is needed."
    assert "Igor and Ilse are of the level needed, trained and free at that time" in refusal.way_out


def test_a_shadow_below_the_level_is_refused_too() -> None:
    refusal = only(with_seat(3, shadow=replace(TARA, level=5)), "loop.level")
    assert "Tara is level 5" in refusal.facts and "another shadow" in refusal.way_out


def test_a_would_be_report_holds_no_seat() -> None:
    assert "Iris would report" in only(replace(GOOD, would_be_reports=frozenset({4})), "loop.direct_report").facts


@pytest.mark.parametrize(
    ("changes", "missing"), [({"course": False}, "course"), ({"paired": False}, "paired interview")]
)
def test_an_untrained_colleague_only_shadows(changes: dict[str, Any], missing: str) -> None:
    refusal = only(with_seat(3, colleague=replace(IRIS, **changes)), "loop.trained")
    assert missing in refusal.facts and "shadow" in refusal.way_out
    assert refusals(with_seat(3, shadow=TARA), "loop.trained") == []


def test_a_shadow_sits_in_with_an_experienced_interviewer() -> None:
    assert refusals(with_seat(3, shadow=TARA), "loop.shadow") == []
    refusal = only(with_seat(3, shadow=TARA, colleague=replace(IRIS, interviews=9)), "loop.shadow")
    assert "9 of the 10 interviews" in refusal.facts


def test_nobody_holds_two_seats_nor_shadows_beside_a_seat() -> None:
    twice = replace(GOOD, seats=(*SEATS, replace(seat(IRIS, 5), id=77)))
    assert "Iris holds 2 seats" in refusals(twice, "loop.distinct")[0].facts
    assert "shadows" in refusals(with_seat(3, shadow=IRMA), "loop.distinct")[0].facts


def test_whoever_holds_two_seats_counts_once() -> None:
    left = replace(SEATS[3], id=70, state=SeatState.VACATED, submitted=True)
    gone = replace(SEATS[4], state=SeatState.VACATED)
    again = replace(GOOD, seats=(*SEATS[:4], left, gone))
    assert "4 of at least 5" in refusals(again, "loop.size")[0].facts
    assert "loop.size" in {one.rule.id for one in why_not_complete(again, POLICY)}
    assert "Iris left a seat of this loop" in refusals(again, "loop.distinct")[0].facts
    unwritten = replace(again, seats=(*SEATS, replace(left, submitted=False)))
    assert refusals(unwritten, "loop.distinct") == []


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"candidate_person_id": 4}, "Iris is the candidate"),
        ({"candidate_person_id": 60, "candidate_manager_id": 4}, "Iris is the candidate's manager"),
        ({"candidate_person_id": 99}, "reports to the candidate"),
    ],
)
def test_an_internal_candidate_their_manager_and_reports_hold_no_seat(changes: dict[str, Any], words: str) -> None:
    assert any(words in one.facts for one in refusals(replace(GOOD, **changes), "loop.distinct"))


@pytest.mark.parametrize("kind", list(ConflictKind))
def test_a_declared_conflict_of_any_kind_bars_a_seat(kind: ConflictKind) -> None:
    assert "Iris has a declared conflict" in only(replace(GOOD, conflicts={4: kind}), "loop.conflict").facts


def test_every_principle_and_competency_is_assigned() -> None:
    refusal = only(replace(GOOD, items=(*ITEMS, Item(9, "Frugality", ItemKind.PRINCIPLE))), "loop.principles")
    assert refusal.facts == "Nobody tests Frugality."


@pytest.mark.parametrize("items", [(1,), (1, 2, 4, 5)])
def test_other_than_two_or_three_principles_ask_for_a_reason(items: tuple[int, ...]) -> None:
    found = refusals(with_seat(3, items=items), "loop.two_or_three")
    assert found[0].rule.kind is Kind.WARN and "Iris tests" in found[0].facts


def test_too_many_questions_about_principles_ask_for_a_reason() -> None:
    tilted = replace(GOOD, seats=tuple(replace(s, items=(1, 2, 3)) for s in SEATS[:4]) + SEATS[4:])
    refusal = refusals(tilted, "loop.balance")[0]
    assert "13 of 14" in refusal.facts and "competencies" in refusal.way_out


def test_a_seat_without_a_slot_or_with_a_begun_one_is_refused() -> None:
    assert "Iris has no slot" in refusals(with_seat(3, slot=None), "loop.slotted")[0].facts
    assert refusals(replace(GOOD, now=FIRST + timedelta(minutes=1)), "loop.slotted")


def test_the_candidate_is_never_in_two_rooms_at_once() -> None:
    both = with_seat(3, slot=SEATS[4].slot)
    assert "Iris and Irma at the same time" in only(both, "loop.double_booked").facts


def test_an_interviewer_or_candidate_who_is_booked_elsewhere_is_refused() -> None:
    busy = Busy(Interval(FIRST + timedelta(hours=3), FIRST + timedelta(hours=4)), "interview")
    some = with_seat(3, replacements=("Igor",))
    refusal = only(replace(some, busy={4: (busy,)}), "loop.double_booked")
    assert "Iris has another interview on 2026-03-03 from 11:00 to 12:00 UTC" in refusal.facts
    assert "Replace Iris: Igor is" in refusal.way_out
    refusal = only(replace(some, busy={0: (busy,)}), "loop.double_booked")
    assert "The candidate has another interview" in refusal.facts
    assert refusal.way_out == "Choose another time."


def test_what_begins_within_the_fifteen_minutes_of_writing_is_refused() -> None:
    end = FIRST + timedelta(hours=3, minutes=45)
    soon = Busy(Interval(end + timedelta(minutes=10), end + timedelta(hours=1)), "interview")
    later = Busy(Interval(end + timedelta(minutes=15), end + timedelta(hours=1)), "interview")
    assert "less than 15 minutes" in only(replace(GOOD, busy={4: (soon,)}), "loop.writing_time").facts
    assert why_not_confirm(replace(GOOD, busy={4: (later,)}), POLICY) == []


def test_a_debrief_within_the_writing_time_of_an_interview_is_refused() -> None:
    end = FIRST + timedelta(hours=4, minutes=45)
    early = replace(GOOD, debrief=Interval(end + timedelta(minutes=5), end + timedelta(hours=1)))
    assert "the debrief begins" in refusals(early, "loop.writing_time")[0].facts


def test_weekly_caps_ask_for_a_reason() -> None:
    assert refusals(with_seat(3, load=Load(4)), "loop.load") == []
    refusal = only(with_seat(3, load=Load(5)), "loop.load")
    assert "6 interviews; the cap is 5" in refusal.facts and refusal.rule.kind is Kind.WARN
    assert "3 loops as Bar Raiser" in only(with_seat(2, load=Load(2, 2)), "loop.load").facts


def booked_at(zone: str, hour: int, minutes: int = 45) -> Composition:
    """Iris, who lives in this zone, has her slot at this hour of UTC."""
    begins = FIRST.replace(hour=hour)
    slot = Slot(begins, begins + timedelta(minutes=minutes), DAY)
    return with_seat(3, colleague=replace(IRIS, time_zone=zone), slot=slot)


@pytest.mark.parametrize(
    ("zone", "hour", "told"),
    [
        ("UTC", 5, "05:00 to 05:45"),
        ("UTC", 23, "23:00 to 23:45"),
        ("Europe/Berlin", 22, "23:00 to 23:45"),
        ("America/Los_Angeles", 9, "01:00 to 01:45"),
    ],
)
def test_an_interview_in_its_interviewers_night_asks_for_a_reason(zone: str, hour: int, told: str) -> None:
    [refusal] = refusals(booked_at(zone, hour), "loop.night")
    assert (
        refusal.facts == f"For Iris, in {zone}, the slot is on 2026-03-03 from {told}."
        and refusal.rule.kind is Kind.WARN
    )


@pytest.mark.parametrize("place", range(len(SEATS)))
@pytest.mark.parametrize(
    ("rule", "change", "other"),
    [
        ("loop.night", {"slot": Slot(FIRST.replace(hour=2), FIRST.replace(hour=3), DAY)}, "time"),
        ("loop.load", {"load": Load(5)}, "week"),
    ],
)
def test_a_time_that_does_not_suit_names_no_way_out_that_nobody_can_go(
    place: int, rule: str, change: dict[str, Any], other: str
) -> None:
    assert refusals(with_seat(place, **change), rule)[0].way_out == f"Choose another {other}. Or write down why not."


@pytest.mark.parametrize(
    ("rule", "change"),
    [
        ("loop.night", {"slot": Slot(FIRST.replace(hour=2), FIRST.replace(hour=3), DAY)}),
        ("loop.load", {"load": Load(5)}),
    ],
)
def test_a_time_that_does_not_suit_names_who_could_take_the_seat(rule: str, change: dict[str, Any]) -> None:
    [refusal] = refusals(with_seat(3, replacements=("Igor",), **change), rule)
    assert "Replace Iris: Igor is of the level needed, trained and free at that time." in refusal.way_out


def test_an_interview_that_runs_past_midnight_is_at_night() -> None:
    assert "from 22:00 to 00:00" in refusals(booked_at("UTC", 22, 120), "loop.night")[0].facts


@pytest.mark.parametrize(("zone", "hour"), [("UTC", 6), ("UTC", 22), ("America/Los_Angeles", 15), ("Asia/Tokyo", 8)])
def test_an_interview_by_day_is_no_matter_wherever_its_interviewer_is(zone: str, hour: int) -> None:
    assert refusals(booked_at(zone, hour), "loop.night") == []


@pytest.mark.parametrize(
    ("works", "hour", "asked"),
    [
        ((time(4), time(12)), 5, False),
        ((time(4), time(5, 40)), 5, True),
        ((time(5, 10), time(12)), 5, True),
        ((time(15), time(23, 55)), 23, False),
        ((time(15), time(23, 40)), 23, True),
        ((time(0), time(4)), 5, True),
    ],
)
def test_nobodys_working_hours_are_their_night(works: tuple[time, time], hour: int, asked: bool) -> None:
    composition = booked_at("UTC", hour)
    seats = tuple(replace(one, colleague=replace(one.colleague, works=works)) for one in composition.seats)
    assert bool(refusals(replace(composition, seats=seats), "loop.night")) is asked


@pytest.mark.parametrize(
    ("key", "value", "hour", "asked"),
    [
        ("night_begins", 20, 20, True),
        ("night_begins", 21, 20, False),
        ("night_ends", 8, 7, True),
        ("night_ends", 5, 5, False),
    ],
)
def test_the_company_says_when_night_is(key: str, value: int, hour: int, asked: bool) -> None:
    found = why_not_confirm(booked_at("UTC", hour), Policy(1, {f"loop.{key}": value}))
    assert ("loop.night" in {one.rule.id for one in found}) is asked


def test_the_night_of_an_interview_that_was_held_is_over() -> None:
    slot = Slot(FIRST.replace(hour=2), FIRST.replace(hour=3), DAY, ended=True)
    assert refusals(with_seat(3, slot=slot), "loop.night") == []


def test_the_debrief_is_booked_on_the_day_of_the_last_interview_or_the_next_working_day() -> None:
    assert "No debrief" in only(replace(GOOD, debrief=None), "loop.debrief_booked").facts
    next_day = Interval(FIRST + timedelta(days=1), FIRST + timedelta(days=1, hours=1))
    assert why_not_confirm(replace(GOOD, debrief=next_day, debrief_day=date(2026, 3, 4)), POLICY) == []
    late = replace(GOOD, debrief=next_day, debrief_day=date(2026, 3, 5))
    assert only(late, "loop.debrief_booked").rule.kind is Kind.WARN


def test_a_finding_stands_beside_its_seat() -> None:
    found = findings(with_seat(3, colleague=replace(IRIS, level=5)), POLICY)
    assert [one.seat_id for one in found] == [4]


def test_a_broken_loop_may_be_mended_one_seat_at_a_time() -> None:
    before = replace(GOOD, conflicts={4: ConflictKind.FAMILY, 5: ConflictKind.FAMILY})
    mended = replace(before, seats=(*SEATS[:3], seat(colleague(70, "Ilse"), 3, (1, 5)), SEATS[4]))
    assert newly_broken(before, mended, POLICY) == []
    broken = replace(GOOD, seats=SEATS[:4])
    assert [one.rule.id for one in newly_broken(GOOD, broken, POLICY)] == ["loop.size"]


def test_what_remains_after_a_vacated_seat_is_asked_for_size_and_coverage() -> None:
    silent = with_seat(2, state=SeatState.VACATED)
    assert {one.rule.id for one in why_not_complete(silent, POLICY)} == {
        "loop.size",
        "loop.required",
        "loop.principles",
    }
    iris_gone = with_seat(3, state=SeatState.VACATED, submitted=True)
    assert why_not_complete(iris_gone, POLICY) == []


@pytest.mark.parametrize(
    ("reported", "reported_after", "current", "due_after"),
    [
        (None, None, None, 15),
        (10, 12, None, 25),
        (-20, -19, None, -5),
        (30, 14, None, 45),
        (31, 14, None, 15),
        (-31, -30, None, 15),
        (10, 15, None, 15),
        (10, 20, None, 15),
        (0, -1, -5, -5),
    ],
)
def test_feedback_is_due_fifteen_minutes_after_the_end_and_never_moves_once_past(
    reported: int | None, reported_after: int | None, current: int | None, due_after: int
) -> None:
    end = datetime(2026, 3, 3, 10, 0, tzinfo=UTC)

    def after(minutes: int | None) -> datetime | None:
        return None if minutes is None else end + timedelta(minutes=minutes)

    assert due_at(end, after(reported), after(reported_after), FIGURES, after(current)) == after(due_after)


def test_a_seat_whose_interview_began_is_not_simply_removed() -> None:
    booked, missed = (InterviewState.BOOKED, FIRST), (InterviewState.CANDIDATE_NO_SHOW, FIRST - timedelta(days=7))
    assert rules.why_not_remove("Iris", [missed, booked], FIRST - timedelta(minutes=1), written=False) == []
    held = (InterviewState.HELD, FIRST)
    for slots in ([booked], [held], [held, (InterviewState.BOOKED, FIRST + timedelta(days=7))]):
        refusal = rules.why_not_remove("Iris", slots, FIRST, written=False)[0]
        assert refusal.rule.id == "loop.evidence" and "began on 2026-03-03 08:00" in refusal.facts


def test_a_seat_that_was_written_about_leaves_as_vacated_whatever_its_slots_say() -> None:
    missed = [(InterviewState.INTERVIEWER_NO_SHOW, FIRST)]
    assert rules.why_not_remove("Iris", missed, FIRST, written=False) == []
    (refusal,) = rules.why_not_remove("Iris", missed, FIRST, written=True)
    assert (refusal.rule.id, refusal.facts) == ("loop.evidence", "Iris has written feedback.")
    vacating = lambda written: rules.why_not_vacate(  # noqa: E731
        "Iris",
        SeatKind.INTERVIEWER,
        VacateCause.ILL,
        FIGURES,
        began_at=None,
        silent_days=0,
        submitted=False,
        written=written,
        now=FIRST,
    )
    assert vacating(True) == [] and [one.rule.id for one in vacating(False)] == ["loop.evidence"]


@pytest.mark.parametrize(
    ("cause", "kind", "silent", "submitted", "rule"),
    [
        (VacateCause.ILL, SeatKind.INTERVIEWER, 0, False, None),
        (VacateCause.LEFT, SeatKind.HIRING_MANAGER, 0, True, None),
        (VacateCause.SILENT, SeatKind.INTERVIEWER, 5, False, None),
        (VacateCause.SILENT, SeatKind.INTERVIEWER, 4, False, "loop.evidence"),
        (VacateCause.SILENT, SeatKind.INTERVIEWER, 9, True, "loop.evidence"),
        (VacateCause.ILL, SeatKind.BAR_RAISER, 0, False, "loop.required"),
    ],
)
def test_a_seat_is_vacated_only_for_leaving_illness_or_five_silent_working_days(
    cause: VacateCause, kind: SeatKind, silent: int, submitted: bool, rule: str | None
) -> None:
    found = rules.why_not_vacate(
        "Iris",
        kind,
        cause,
        FIGURES,
        began_at=FIRST,
        silent_days=silent,
        submitted=submitted,
        written=submitted,
        now=FIRST + timedelta(days=9),
    )
    assert [one.rule.id for one in found] == ([rule] if rule else [])


def reporting(**changes: Any) -> list[Refusal]:
    facts: dict[str, Any] = {
        "state": InterviewState.BOOKED,
        "outcome": InterviewState.HELD,
        "starts_at": FIRST,
        "ends_at": FIRST + timedelta(minutes=45),
        "ended_at": None,
        "own": True,
        "confirmed": True,
        "written": False,
        "now": FIRST + timedelta(minutes=50),
    }
    return outcomes.why_not_report("Iris", **(facts | changes))


@pytest.mark.parametrize(
    ("state", "outcome", "minutes", "written", "allowed"),
    [
        (InterviewState.BOOKED, InterviewState.HELD, -1, False, False),
        (InterviewState.BOOKED, InterviewState.CANDIDATE_NO_SHOW, 10, False, True),
        (InterviewState.HELD, InterviewState.INTERVIEWER_NO_SHOW, 60, False, True),
        (InterviewState.HELD, InterviewState.CANDIDATE_NO_SHOW, 60, True, False),
        (InterviewState.CANCELLED, InterviewState.HELD, 60, False, False),
        (InterviewState.CANDIDATE_NO_SHOW, InterviewState.HELD, 60, False, False),
    ],
)
def test_an_outcome_is_reported_once_begun_and_a_no_show_until_feedback_is_begun(
    state: InterviewState, outcome: InterviewState, minutes: int, written: bool, allowed: bool
) -> None:
    found = reporting(state=state, outcome=outcome, written=written, now=FIRST + timedelta(minutes=minutes))
    assert [one.rule.id for one in found] == ([] if allowed else ["loop.outcome"])


def test_what_began_is_reported_and_what_did_not_begin_is_refused_with_its_start() -> None:
    assert reporting(now=FIRST + timedelta(minutes=60)) == []
    (refusal,) = reporting(now=FIRST - timedelta(minutes=1))
    assert refusal.rule.id == "loop.outcome" and "08:00" in refusal.facts


def test_nobody_but_the_interviewer_moves_the_clock_of_the_feedback() -> None:
    early = FIRST + timedelta(minutes=16)
    assert reporting(now=early) == []
    assert "until then only Iris says" in reporting(now=early, own=False)[0].facts
    assert reporting(now=early, own=False, outcome=InterviewState.CUT_SHORT) == []
    assert reporting(own=False) == []
    assert "Only Iris says when" in reporting(own=False, ended_at=FIRST + timedelta(minutes=40))[0].facts


def test_nothing_is_reported_of_a_loop_that_was_never_confirmed() -> None:
    assert "not confirmed" in reporting(confirmed=False)[0].facts


@pytest.mark.parametrize(
    ("where", "own", "ended", "nobody_came"),
    [
        (set(), True, True, True),
        ({Stand.HIRING_MANAGER}, False, True, False),
        ({Stand.REQUISITION_RECRUITER}, False, True, False),
        ({Stand.COORDINATOR}, False, True, False),
        ({Stand.BAR_RAISER}, False, True, True),
        ({Stand.ADMINISTRATOR}, False, True, True),
        ({Stand.ADMINISTRATOR, Stand.HIRING_MANAGER}, False, True, False),
        ({Stand.SEAT}, False, False, False),
    ],
)
def test_that_nobody_came_is_never_said_by_those_who_choose_the_interviewers(
    where: set[Stand], own: bool, ended: bool, nobody_came: bool
) -> None:
    offered = outcomes.reportable(frozenset(where), own=own)
    assert (InterviewState.HELD in offered, InterviewState.CUT_SHORT in offered) == (ended, ended)
    assert (InterviewState.CANDIDATE_NO_SHOW in offered) is nobody_came
    assert (InterviewState.INTERVIEWER_NO_SHOW in offered) is nobody_came


@pytest.mark.parametrize(
    ("where", "own", "allowed"),
    [
        (set(), True, True),
        ({Stand.HIRING_MANAGER}, False, False),
        ({Stand.REQUISITION_RECRUITER}, False, False),
        ({Stand.ADMINISTRATOR}, False, True),
        ({Stand.ADMINISTRATOR, Stand.HIRING_MANAGER}, False, False),
    ],
)
def test_nobody_picks_the_bar_raiser_by_declaring_conflicts_of_others(
    where: set[Stand], own: bool, allowed: bool
) -> None:
    assert rules.may_declare_conflict(frozenset(where), own=own) is allowed
    assert rules.may_withdraw_conflict(frozenset(where), own=own, own_words=own) is allowed
    assert rules.may_withdraw_conflict(frozenset(where), own=own, own_words=False) is (allowed and not own)


def test_a_conflict_is_declared_and_taken_back_in_writing_only() -> None:
    assert rules.why_not_say_conflict("Iris", "Her brother.") == []
    assert [one.rule.id for one in rules.why_not_say_conflict("Iris", "  ")] == ["loop.conflict"]


@pytest.mark.parametrize(
    ("changes", "facts"),
    [({"colleague": replace(IRIS, disabled=True)}, "Iris has left."), ({"declined": True}, "Iris declined.")],
)
def test_who_left_or_declined_holds_no_seat(changes: dict[str, Any], facts: str) -> None:
    assert only(with_seat(3, **changes), "loop.available").facts == facts


def test_after_confirmation_what_came_to_light_about_people_is_asked_until_they_interviewed() -> None:
    lit = replace(GOOD, conflicts={4: ConflictKind.FAMILY}, would_be_reports=frozenset({5}), level=9)
    found = {(one.seat_id, one.refusal.rule.id) for one in since_confirmed(lit, POLICY)}
    assert {(4, "loop.conflict"), (5, "loop.direct_report"), (4, "loop.level")} <= found
    assert SEATS[3].slot is not None
    held = replace(lit, seats=(*SEATS[:3], replace(SEATS[3], slot=replace(SEATS[3].slot, ended=True)), SEATS[4]))
    assert 4 not in {one.seat_id for one in since_confirmed(held, POLICY)}


def test_a_shadow_who_breaks_a_rule_that_the_mentor_breaks_too_is_refused() -> None:
    both = {4: ConflictKind.FAMILY, 6: ConflictKind.FAMILY}
    before = replace(GOOD, conflicts=both)
    after = replace(with_seat(3, shadow=TARA), conflicts=both)
    assert [one.facts for one in newly_broken(before, after, POLICY)] == [
        "Tara has a declared conflict of interest: family."
    ]


def test_the_debrief_asks_also_those_whose_interview_is_over() -> None:
    assert SEATS[3].slot is not None and GOOD.debrief is not None
    over = with_seat(3, slot=replace(SEATS[3].slot, ended=True))
    busy = {4: (Busy(GOOD.debrief, "phone screen"),)}
    refusal = refusals(replace(over, busy=busy), "loop.double_booked")[0]
    assert "Iris has another phone screen" in refusal.facts and "the debrief is on" in refusal.facts
    assert [one.seat_id for one in since_confirmed(replace(over, busy=busy), POLICY)] == [4]
    later = replace(over, busy={4: (*busy[4], Busy(GOOD.debrief, "interview"))})
    assert len(newly_broken(replace(over, busy=busy), later, POLICY)) == 1
    assert newly_broken(later, later, POLICY) == []


@pytest.mark.parametrize("ended", [False, True])
@pytest.mark.parametrize("submitted", [False, True])
def test_a_bar_raiser_stays_independent_until_the_debrief(ended: bool, submitted: bool) -> None:
    slot = SEATS[2].slot
    assert slot is not None
    moved = replace(BEA, team_id=HECTOR.team_id, certified_until=date(2026, 3, 4))
    loop = with_seat(2, colleague=moved, slot=replace(slot, ended=ended), submitted=submitted)
    [refusal] = why_not_complete(loop, POLICY)
    assert refusal.rule.id == "loop.bar_raiser_independent"
    assert "Bea is in the hiring manager's team" in refusal.facts
    assert "rotation name another" in refusal.way_out
    assert (3, refusal) in {(one.seat_id, one.refusal) for one in since_confirmed(loop, POLICY)}


def test_a_certification_that_lapsed_after_the_interview_does_not_stop_the_debrief() -> None:
    lapsed = with_seat(2, colleague=replace(BEA, certified_until=date(2026, 3, 4)))
    assert why_not_complete(replace(lapsed, now=NOW + timedelta(days=9)), POLICY) == []


def test_a_warning_is_new_when_its_facts_are() -> None:
    def on(day: date) -> Composition:
        at = datetime(day.year, day.month, day.day, 15, tzinfo=UTC)
        return replace(GOOD, debrief=Interval(at, at + timedelta(hours=1)), debrief_day=day)

    late, later = on(date(2026, 3, 24)), on(date(2026, 4, 14))
    assert [one.rule.id for one in newly_broken(GOOD, late, POLICY)] == ["loop.debrief_booked"]
    assert newly_broken(late, late, POLICY) == []
    assert [one.rule.id for one in newly_broken(late, later, POLICY)] == ["loop.debrief_booked"]


def test_the_candidate_is_withdrawn_only_after_the_second_no_show() -> None:
    (refusal,) = outcomes.why_not_withdraw_for_no_shows("Nadia", 1, FIGURES)
    assert refusal.rule.id == "loop.no_shows" and "1 time;" in refusal.facts
    assert outcomes.why_not_withdraw_for_no_shows("Nadia", 2, FIGURES) == []


@pytest.mark.parametrize(
    ("stand", "composes", "books", "redraws"),
    [
        (Stand.HIRING_MANAGER, True, True, False),
        (Stand.REQUISITION_RECRUITER, True, True, False),
        (Stand.COORDINATOR, False, True, False),
        (Stand.ADMINISTRATOR, False, False, True),
        (Stand.SEAT, False, False, False),
    ],
)
def test_who_composes_who_books_and_who_redraws(stand: Stand, composes: bool, books: bool, redraws: bool) -> None:
    where = frozenset({stand})
    assert (rules.may_compose(where), rules.may_book(where), rules.may_redraw(where)) == (composes, books, redraws)


def test_a_hiring_manager_who_is_also_an_administrator_redraws_nobody() -> None:
    assert not rules.may_redraw(frozenset({Stand.ADMINISTRATOR, Stand.HIRING_MANAGER}))


def test_a_loop_is_composed_only_from_its_step_to_the_debrief() -> None:
    assert rules.why_not_change(Step.INTERVIEW_LOOP, False, True) == []
    assert rules.why_not_change(Step.DEBRIEF, False, True) == []
    for step, ended, words in ((Step.PHONE_SCREEN, False, "Phone Screen"), (Step.INTERVIEW_LOOP, True, "ended")):
        (refusal,) = rules.why_not_change(step, ended, True)
        assert refusal.rule.id == "loop.open" and words in refusal.facts

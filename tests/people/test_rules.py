"""Rules about people, asked without a database."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from hiring.people import access, rules
from hiring.people.rules import Colleague, Load, Milestone, PeoplePolicy, Record, Role, Standing

TODAY = date(2026, 3, 4)
NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
POLICY = PeoplePolicy()
READY = Colleague(1, "Bea", 9, 1, course=True, paired=True, interviews=25)
ALL_RECORDS = frozenset(Record)


def test_who_is_trained_experienced_nominated_and_trained_for_it_may_be_certified() -> None:
    assert rules.refuse_certification(READY, ALL_RECORDS, POLICY) == []


@pytest.mark.parametrize(
    ("colleague", "records", "fact"),
    [
        (replace(READY, paired=False), ALL_RECORDS, "Bea is not a trained interviewer yet."),
        (replace(READY, interviews=24), ALL_RECORDS, "Bea has held 24 of 25 interviews."),
        (READY, ALL_RECORDS - {Record.NOMINATION}, "Bea has not been nominated."),
        (READY, ALL_RECORDS - {Record.BAR_RAISER_TRAINING}, "Bea has not done the Bar Raiser training."),
    ],
)
def test_each_missing_stage_alone_refuses_a_certification(
    colleague: Colleague, records: frozenset[Record], fact: str
) -> None:
    (refusal,) = rules.refuse_certification(colleague, records, POLICY)
    assert refusal.rule.id == "bar_raiser.path"
    assert refusal.facts == fact
    assert "programme owner" in refusal.mend


def test_a_refused_certification_names_everything_missing_at_once() -> None:
    (refusal,) = rules.refuse_certification(Colleague(2, "Nora", 7, 1), frozenset(), POLICY)
    assert refusal.facts.count("Nora") == 4


def test_the_number_of_interviews_needed_follows_the_policy() -> None:
    assert rules.refuse_certification(READY, ALL_RECORDS, PeoplePolicy(bar_raiser_interviews=26))


@pytest.mark.parametrize(
    ("course", "paired", "until", "expected"),
    [
        (False, False, None, Standing.UNTRAINED),
        (True, False, None, Standing.IN_TRAINING),
        (True, True, None, Standing.INTERVIEWER),
        (True, True, TODAY, Standing.BAR_RAISER),
        (True, True, TODAY - timedelta(days=1), Standing.INTERVIEWER),
    ],
)
def test_standing_is_the_furthest_stage_still_valid(
    course: bool, paired: bool, until: date | None, expected: Standing
) -> None:
    colleague = replace(READY, course=course, paired=paired, certified_until=until)
    assert rules.standing(colleague, TODAY) is expected


def test_the_path_says_what_is_done_and_what_comes_next() -> None:
    path = rules.qualification_path(replace(READY, interviews=12), frozenset({Record.COURSE}), POLICY, TODAY)
    assert [milestone.done for milestone in path] == [True, True, True, False, False, False, False]
    assert path[4].facts == "12 of 25"


def test_the_path_shows_a_lapsed_certification_as_missing_with_its_day() -> None:
    lapsed = replace(READY, certified_until=date(2026, 3, 3))
    last = rules.qualification_path(lapsed, ALL_RECORDS, POLICY, TODAY)[-1]
    assert (last.done, last.facts) == (False, "lapsed on 2026-03-03")


@pytest.mark.parametrize("role", list(Role))
def test_only_administrators_manage_people_and_only_programme_owners_train(role: Role) -> None:
    roles = {role}
    assert rules.may_manage_people(roles) is (role is Role.ADMINISTRATOR)
    assert rules.may_run_training(roles) is (role is Role.PROGRAMME_OWNER)
    assert rules.may_see_training(roles) is (role in {Role.ADMINISTRATOR, Role.PROGRAMME_OWNER})
    assert rules.may_void(roles, attested=True) is (role is Role.ADMINISTRATOR)
    assert rules.may_void(roles, attested=False) is (role is Role.PROGRAMME_OWNER)


def test_somebody_without_a_role_may_do_nothing_to_people() -> None:
    assert not rules.may_manage_people(())
    assert not rules.may_see_training(())


def test_nobody_manages_themself_or_somebody_above_them() -> None:
    assert rules.why_not_manager(1, "Ada", 1, ()) == "Ada cannot be their own manager."
    assert "above this manager" in (rules.why_not_manager(1, "Ada", 3, (2, 1)) or "")
    assert rules.why_not_manager(1, "Ada", 3, (2,)) is None
    assert rules.why_not_manager(None, "Ada", 3, (2,)) is None


def test_the_last_administrator_must_stay() -> None:
    [refusal] = rules.why_not_without(1, "Ada", [1])
    assert refusal.rule.id == "people.administrator" and "last administrator" in refusal.facts
    assert rules.why_not_without(1, "Ada", [1, 2]) == []


def test_nobody_attests_their_own_where_another_administrator_can() -> None:
    [refusal] = rules.why_not_attest(1, 1, {1: "Ada", 2: "Amal"})
    assert refusal.rule.id == "qualification.attested" and refusal.mend == "Amal (administrator)"


@pytest.mark.parametrize(("actor", "about", "here"), [(1, 3, {1: "Ada", 2: "Amal"}), (1, 1, {1: "Ada"}), (None, 1, {})])
def test_others_are_attested_by_any_administrator_and_the_first_one_by_themselves(
    actor: int | None, about: int, here: dict[int, str]
) -> None:
    assert rules.why_not_attest(actor, about, here) == []


def test_a_certification_that_was_attested_says_what_is_not_on_record() -> None:
    path = (Milestone("Course", True, ""), Milestone("Nominated", False, "by the programme owner"))
    assert rules.told_of_path(path, certified=False, attested=False) == "Next: Nominated (by the programme owner)."
    told = rules.told_of_path(path, certified=True, attested=True)
    assert told.startswith("Bar Raiser as attested. Not on record here: Nominated") and "Next" not in told
    assert rules.told_of_path(path[:1], certified=True, attested=True) == "The whole path is done."


def test_loads_add_up_and_say_when_a_cap_is_passed() -> None:
    assert Load(2, 1) + Load(3, 1) == Load(5, 2)
    assert not Load(5, 2).over(POLICY)
    assert Load(6, 0).over(POLICY)
    assert Load(0, 3).over(POLICY)


@pytest.mark.parametrize(("email", "address", "refused"), [(9, 49, False), (10, 0, True), (0, 50, True), (0, 0, False)])
def test_ten_tries_for_an_email_or_fifty_from_an_address_are_too_many(email: int, address: int, refused: bool) -> None:
    assert access.too_many_tries(email, address) is refused


@pytest.mark.parametrize(
    ("idle", "ended", "lives"),
    [
        (timedelta(0), None, True),
        (timedelta(days=13), None, True),
        (timedelta(days=14), None, False),
        (timedelta(0), NOW, False),
    ],
)
def test_a_session_lives_until_it_is_ended_or_idle_for_a_fortnight(
    idle: timedelta, ended: datetime | None, lives: bool
) -> None:
    assert access.session_lives(NOW - idle, ended, NOW) is lives


@pytest.mark.parametrize(
    ("disabled", "cast", "demo", "allowed"),
    [
        (False, False, False, True),
        (False, True, True, True),
        (False, False, True, False),
        (True, True, True, False),
        (True, False, False, False),
    ],
)
def test_the_disabled_never_enter_and_a_demo_admits_only_its_cast(
    disabled: bool, cast: bool, demo: bool, allowed: bool
) -> None:
    assert access.may_enter(disabled=disabled, cast=cast, demo=demo) is allowed


@pytest.mark.parametrize("target", ["/", "/people?q=ada", "/people/7#roles"])
def test_sign_in_goes_on_to_pages_of_this_site(target: str) -> None:
    assert access.local_path(target) == target


@pytest.mark.parametrize(
    "target",
    [None, "", "//evil.example", "/\\evil", "https://evil.example", "/\t/evil", "/a//b", "javascript:x", "people"],
)
def test_sign_in_goes_nowhere_else(target: str | None) -> None:
    assert access.local_path(target) == "/"


@pytest.mark.parametrize(
    ("password", "good"),
    [
        ("correct horse battery", True),
        ("elevenchars", False),
        ("aaaaaaaaaaaaaaaa", False),
        ("ada is my secret name", False),
        ("x1y2z" * 41, False),
    ],
)
def test_a_password_is_long_enough_and_not_the_email(password: str, good: bool) -> None:
    assert (access.why_not_password(password, "ada@example.org") is None) is good


def test_the_cast_stands_under_what_it_does() -> None:
    assert access.cast_group({Role.RECRUITER}, bar_raiser=True, manages=True)[0] == "Recruiters"
    assert access.cast_group((), bar_raiser=True, manages=True)[0] == "Bar Raisers"
    assert access.cast_group((), bar_raiser=False, manages=True)[0] == "Hiring managers"
    assert access.cast_group((), bar_raiser=False, manages=False)[0] == "Interviewers"


@pytest.mark.parametrize(
    ("managers", "team", "facts"),
    [
        ((9, 8), 20, []),
        ((8,), 20, ["Bea reports directly to the hiring manager Vera."]),
        ((9, 8), 10, ["Bea is in the position's team."]),
        ((8,), 10, ["Bea reports directly to the hiring manager Vera."]),
    ],
)
def test_of_a_hiring_manager_without_a_manager_only_direct_reports_and_the_positions_team_depend(
    managers: tuple[int, ...], team: int, facts: list[str]
) -> None:
    vera = Colleague(8, "Vera", 12, 1)
    bea = replace(READY, id=7, team_id=team, managers=managers)
    assert rules.why_not_independent(bea, vera, None, 10) == facts

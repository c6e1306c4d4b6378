"""Acts on people, roles and qualification, on both engines."""

from datetime import date, time, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from hiring.ground.audit import AuditEntry, verify
from hiring.ground.database import Forbidden, Stale, db, writing
from hiring.ground.outbox import Notice
from hiring.ground.rulebook import Refused
from hiring.people import actions, handover, load, queries, rules, sessions
from hiring.people.actions import PersonFacts
from hiring.people.models import Person, Qualification, SignInSession
from hiring.people.rules import Debt, Invalid, Load, Record, Role, Standing
from tests.cast import Cast
from tests.conftest import NOON

TODAY = NOON.date()


def facts_of(person: Person, **changes: object) -> PersonFacts:
    return PersonFacts(**{name: getattr(person, name) for name in PersonFacts.__dataclass_fields__} | changes)


def acts() -> list[str]:
    return list(db.session.scalars(select(AuditEntry.act).order_by(AuditEntry.position)))


# --- The org chart -------------------------------------------------------------------------------------------------


def test_an_administrator_adds_a_person_and_the_audit_log_knows(cast: Cast) -> None:
    with writing():
        made = actions.create_person(cast.amal, PersonFacts("Zoe", " Zoe@Example.ORG ", "Engineer", 6), NOON)
    assert made.email == "zoe@example.org"
    assert acts() == ["person.create"]
    assert list(verify()) == []


@pytest.mark.parametrize("who", ["olga", "rita", "priya", "hanna", "hector"])
def test_nobody_else_changes_people(cast: Cast, who: str) -> None:
    actor = getattr(cast, who)
    with pytest.raises(Forbidden), writing():
        actions.create_person(actor, PersonFacts("Zoe", "zoe@example.org", "Engineer", 6), NOON)
    with pytest.raises(Forbidden), writing():
        actions.edit_person(actor, cast.ids["ivan"], facts_of(cast.ivan, level=9), NOON)
    with pytest.raises(Forbidden), writing():
        actions.grant_role(actor, cast.ids[who], Role.ADMINISTRATOR, NOON)
    with pytest.raises(Forbidden), writing():
        actions.disable_person(actor, cast.ids["ivan"], NOON)
    with pytest.raises(Forbidden), writing():
        actions.attest(actor, cast.ids[who], Record.CERTIFICATION, TODAY, NOON, source="me")
    assert cast.ivan.level == 7


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"email": "Rita@example.org"}, "email"),
        ({"works_until": time(8)}, "works_until"),
        ({"away_from": TODAY, "away_until": TODAY - timedelta(days=1)}, "away_until"),
    ],
)
def test_what_the_org_chart_cannot_hold_is_refused_beside_its_field(
    cast: Cast, changes: dict[str, object], field: str
) -> None:
    with pytest.raises(Invalid) as refused, writing():
        actions.edit_person(cast.amal, cast.ids["ivan"], facts_of(cast.ivan, **changes), NOON)
    assert refused.value.field == field
    assert acts() == []


def test_nobody_stands_in_for_themself_and_what_is_so_already_is_not_done_again(cast: Cast) -> None:
    ivan = cast.ids["ivan"]
    with pytest.raises(Invalid) as refused, writing():
        actions.edit_person(cast.amal, ivan, facts_of(cast.ivan, delegate_id=ivan), NOON)
    assert refused.value.field == "delegate_id"
    with writing():
        actions.edit_person(cast.amal, ivan, facts_of(cast.ivan), NOON)
    assert acts() == []
    record_id = queries.qualifications(ivan)[0].id
    for minutes in (0, 5):
        now = NOON + timedelta(minutes=minutes)
        with writing():
            actions.void_record(cast.amal, record_id, "mistaken", now)
            actions.disable_person(cast.amal, ivan, now)
    assert acts() == ["qualification.void", "person.disable"]
    assert (cast.ivan.disabled_at, db.session.get_one(Qualification, record_id).void_at) == (NOON, NOON)


def test_the_org_chart_never_closes_a_circle(cast: Cast) -> None:
    with pytest.raises(Invalid, match="above this manager") as refused, writing():
        actions.edit_person(cast.amal, cast.ids["dana"], facts_of(cast.dana, manager_id=cast.ids["ivan"]), NOON)
    assert refused.value.field == "manager_id"
    assert cast.dana.manager_id == cast.ids["vera"]


def test_an_edit_of_an_old_version_shows_what_the_other_wrote(cast: Cast) -> None:
    version = cast.ivan.version
    with writing():
        actions.edit_person(cast.amal, cast.ids["ivan"], facts_of(cast.ivan, title="Lead"), NOON)
    with pytest.raises(Stale) as stale, writing():
        actions.edit_person(
            cast.ada, cast.ids["ivan"], facts_of(cast.ivan, title="Chief"), NOON, expected_version=version
        )
    assert stale.value.current["title"] == "Lead"
    assert cast.ivan.title == "Lead"


# --- Roles ---------------------------------------------------------------------------------------------------------


def test_a_role_is_given_once_and_taken_back(cast: Cast) -> None:
    for _ in range(2):
        with writing():
            actions.grant_role(cast.amal, cast.ids["olga"], Role.COORDINATOR, NOON)
    assert cast.olga.has(Role.COORDINATOR)
    with writing():
        actions.revoke_role(cast.amal, cast.ids["olga"], Role.COORDINATOR, NOON)
    assert not cast.olga.has(Role.COORDINATOR)
    assert acts() == ["role.grant", "role.revoke"]


def test_the_last_administrator_keeps_role_and_access(cast: Cast) -> None:
    with writing():
        actions.revoke_role(cast.amal, cast.ids["ada"], Role.ADMINISTRATOR, NOON)
    with pytest.raises(Refused) as refused, writing():
        actions.revoke_role(cast.amal, cast.ids["amal"], Role.ADMINISTRATOR, NOON)
    assert refused.value.refusals[0].rule.id == "people.administrator"
    with pytest.raises(Refused, match="last administrator"), writing():
        actions.disable_person(cast.amal, cast.ids["amal"], NOON)
    assert cast.amal.disabled_at is None


# --- Qualification -------------------------------------------------------------------------------------------------


def test_a_held_interview_counts_towards_experience(cast: Cast) -> None:
    before = queries.colleague(cast.ids["igor"], TODAY).interviews
    with writing():
        actions.record_interview(cast.ids["igor"], TODAY, NOON)
    assert queries.colleague(cast.ids["igor"], TODAY).interviews == before + 1


def test_a_pairing_counts_only_with_an_experienced_mentor(cast: Cast) -> None:
    with writing():
        assert actions.record_paired(cast.ids["tara"], cast.ids["igor"], TODAY, NOON) is None
    assert not queries.colleague(cast.ids["tara"], TODAY).trained
    with writing():
        assert actions.record_paired(cast.ids["tara"], cast.ids["iris"], TODAY, NOON) is not None
    assert queries.colleague(cast.ids["tara"], TODAY).trained


def test_the_programme_owner_records_training_and_nobody_else(cast: Cast) -> None:
    with writing():
        actions.record_training(cast.priya, cast.ids["nora"], Record.COURSE, TODAY, NOON)
    assert queries.colleague(cast.ids["nora"], TODAY).course
    for who in (cast.amal, cast.nora, cast.bea):
        with pytest.raises(Forbidden), writing():
            actions.record_training(who, cast.ids["nora"], Record.NOMINATION, TODAY, NOON)


def test_training_cannot_be_recorded_before_it_happened_nor_interviews_by_hand(cast: Cast) -> None:
    with pytest.raises(Invalid) as early, writing():
        actions.record_training(cast.priya, cast.ids["nora"], Record.COURSE, TODAY + timedelta(days=2), NOON)
    with pytest.raises(Invalid) as wrong, writing():
        actions.record_training(cast.priya, cast.ids["nora"], Record.INTERVIEWS, TODAY, NOON)
    assert (early.value.field, wrong.value.field) == ("on", "record")


def test_an_unfinished_path_is_not_certified_and_a_finished_one_is_until_the_policy_says(cast: Cast) -> None:
    with pytest.raises(Refused) as refused, writing():
        actions.certify(cast.priya, cast.ids["irma"], TODAY, NOON)
    assert refused.value.refusals[0].rule.id == "bar_raiser.path"
    assert "Irma has held 12 of 25 interviews." in refused.value.refusals[0].facts
    with writing():
        for _ in range(13):
            actions.record_interview(cast.ids["irma"], TODAY, NOON)
        actions.record_training(cast.priya, cast.ids["irma"], Record.NOMINATION, TODAY, NOON)
        actions.record_training(cast.priya, cast.ids["irma"], Record.BAR_RAISER_TRAINING, TODAY, NOON)
        made = actions.certify(cast.priya, cast.ids["irma"], TODAY, NOON)
    assert made.expires_on == date(2028, 3, 4)
    assert cast.ids["irma"] in queries.certified_bar_raisers(TODAY)
    assert acts()[-1] == "bar_raiser.certify"


def test_an_administrator_cannot_certify_but_may_attest_the_first_bar_raisers(cast: Cast) -> None:
    with pytest.raises(Forbidden), writing():
        actions.certify(cast.amal, cast.ids["irma"], TODAY, NOON)
    with writing():
        made = actions.attest(
            cast.amal, cast.ids["irma"], Record.CERTIFICATION, TODAY, NOON, source="Register of 2024, row 3"
        )
    assert made.attested_source == "Register of 2024, row 3"
    assert cast.ids["irma"] in queries.certified_bar_raisers(TODAY)
    assert acts() == ["qualification.attest"]


@pytest.mark.parametrize(
    ("record", "count", "source", "field"),
    [
        (Record.COURSE, 2, "register", "count"),
        (Record.INTERVIEWS, 0, "register", "count"),
        (Record.COURSE, 1, "  ", "source"),
    ],
)
def test_an_attestation_names_its_source_and_counts_only_interviews(
    cast: Cast, record: Record, count: int, source: str, field: str
) -> None:
    with pytest.raises(Invalid) as refused, writing():
        actions.attest(cast.amal, cast.ids["nora"], record, TODAY, NOON, count=count, source=source)
    assert refused.value.field == field


def test_a_revoked_certification_stays_readable_and_no_longer_counts(cast: Cast) -> None:
    query = select(Qualification.id).where(
        Qualification.person_id == cast.ids["bea"], Qualification.record == Record.CERTIFICATION
    )
    record_id = db.session.scalars(query).one()
    with pytest.raises(Forbidden), writing():
        actions.void_record(cast.priya, record_id, "lapsed judgement", NOON)  # it was attested
    with writing():
        actions.void_record(cast.amal, record_id, "lapsed judgement", NOON)
    assert cast.ids["bea"] not in queries.certified_bar_raisers(TODAY)
    assert record_id in [row.id for row in queries.qualifications(cast.ids["bea"])]


@pytest.mark.parametrize("standing", list(Standing))
def test_the_search_by_qualification_finds_exactly_whom_the_rule_says(cast: Cast, standing: Standing) -> None:
    found, more = queries.search(queries.Search(standing=standing), TODAY)
    everybody = queries.colleagues(cast.ids.values(), TODAY).values()
    assert {person.id for person in found} == {c.id for c in everybody if rules.standing(c, TODAY) is standing}
    assert set(queries.furthest([one.id for one in found], TODAY).values()) == {standing}
    assert not more


def test_the_search_pages_through_everybody_once_even_with_equal_names(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    with writing():
        for number in range(4):
            actions.create_person(cast.amal, PersonFacts("Olga", f"olga{number}@example.org", "", 5), NOON)
    monkeypatch.setattr(queries, "PAGE", 3)
    seen: list[int] = []
    after, more = None, True
    while more:
        page, more = queries.search(queries.Search(after=after), TODAY)
        seen += [person.id for person in page]
        after = seen[-1]
    assert len(seen) == len(set(seen)) == len(cast.ids) + 4


# --- Leaving, and what the rooms upstairs say ----------------------------------------------------------------------


@pytest.fixture
def upstairs(monkeypatch: pytest.MonkeyPatch) -> None:
    """A room upstairs that owes something and books interviews."""
    monkeypatch.setattr(handover, "_sources", {})
    monkeypatch.setattr(load, "load_sources", {})
    undated = Debt("no date", None, "/b", None)
    handover.owes(lambda person_id: [undated, Debt(f"feedback of {person_id}", NOON, "/a", None)])
    load.register(lambda wanted: dict.fromkeys(list(wanted)[:1], Load(2, 1)))
    load.register(lambda wanted: dict.fromkeys(list(wanted)[:1], Load(1, 0)))


def test_disabling_ends_every_session_and_leaves_what_is_owed(cast: Cast, upstairs: None) -> None:
    ivan = cast.ids["ivan"]
    with writing():
        tokens = [sessions.start_session(cast.ivan, NOON) for _ in range(2)]
    with writing():
        actions.disable_person(cast.amal, ivan, NOON)
    owed = handover.debts(ivan, cast.amal)
    assert [debt.what for debt in owed.seen] == [f"feedback of {ivan}", "no date"]
    assert [sessions.session_person(token, NOON) for token in tokens] == [None, None]
    assert set(db.session.scalars(select(SignInSession.ended_at))) == {NOON}
    assert acts() == ["person.disable"]


def test_enabling_lets_somebody_in_again_but_revives_no_session(cast: Cast) -> None:
    with writing():
        token = sessions.start_session(cast.ivan, NOON)
    with writing():
        actions.disable_person(cast.amal, cast.ids["ivan"], NOON)
    with writing():
        actions.enable_person(cast.amal, cast.ids["ivan"], NOON)
    assert cast.ivan.disabled_at is None
    assert sessions.session_person(token, NOON) is None


def test_loads_of_all_sources_add_up_and_the_idle_have_none(app: Flask, upstairs: None) -> None:
    assert load.loads([7, 9], NOON) == {7: Load(3, 1), 9: Load(0, 0)}


def test_an_invitation_leaves_by_the_outbox_with_a_link_for_one_use(cast: Cast) -> None:
    with writing():
        actions.invite(cast.amal, cast.ids["ivan"], NOON)
    notice = db.session.scalars(select(Notice)).one()
    key = notice.body_text.split("/welcome/")[1].split()[0]
    assert notice.to_address == "ivan@example.org"
    assert sessions.welcomed(key, NOON).id == cast.ids["ivan"]


def test_an_administrator_does_not_attest_themselves_while_another_is_there(cast: Cast) -> None:
    def certify_myself() -> None:
        with writing():
            actions.attest(cast.amal, cast.ids["amal"], Record.CERTIFICATION, date(2026, 1, 5), NOON, source="Register")

    with pytest.raises(Refused) as refused:
        certify_myself()
    assert refused.value.refusals[0].rule.id == "qualification.attested"
    with writing():
        actions.revoke_role(cast.amal, cast.ids["ada"], Role.ADMINISTRATOR, NOON)
    certify_myself()

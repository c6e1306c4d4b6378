"""What step 1's acts do, and that they refuse when no page stands before them."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from hiring.ground.database import Forbidden, NotVisible, Stale, db, writing
from hiring.ground.outbox import Notice
from hiring.ground.rulebook import Refused
from hiring.people.models import Person, Qualification
from hiring.people.rules import Record
from hiring.pipeline.models import Application, Requisition
from hiring.pipeline.rules import RequisitionStatus, Step
from hiring.steps.job_description import actions, catalogue, queries, requisition_actions
from hiring.steps.job_description.actions import Text
from hiring.steps.job_description.models import Adoption, JobDescription, Principle, Question
from hiring.steps.job_description.requisition_actions import NewRequisition
from hiring.steps.job_description.requisition_rules import OpeningAct
from hiring.steps.job_description.rules import POINTS, Status, Verdict
from seed.principles import PRINCIPLES
from seed.questions import QUESTIONS
from tests.builders import application_at, requisition
from tests.conftest import NOON

SAID = dict.fromkeys(POINTS, "Yes, and here is why.")


def full_text(**changes):
    principles = {row.name: row.id for row in db.session.scalars(select(Principle))}
    text = Text(
        title="Engineer, Ledger",
        location="Berlin",
        pay_low=80_000_00,
        pay_high=110_000_00,
        currency="EUR",
        summary="Builds the ledger that customers trust.",
        report_ids=(),
        no_reports=True,
        level=7,
        outcomes=["Ledger reconciles daily"],
        must_haves=["Five years of back-end work", "Ran a ledger"],
        principle_ids=[principles["Ownership"], principles["Dive Deep"]],
        competencies=["Coding"],
    )
    return replace(text, **changes)


@pytest.fixture
def drafted(cast):
    """A draft requisition of Hector's in Payments, recruited by Rita, with an empty description."""
    with writing():
        catalogue.load_catalogue(PRINCIPLES, QUESTIONS)
        wanted = NewRequisition("Engineer, Ledger", cast.hector.team_id, "Berlin", "DE", cast.hector.id, cast.rita.id)
        row = requisition_actions.create(cast.rita, wanted, now=NOON)
        return row.id, queries.newest(row.id).id


def written(cast, drafted, **changes):
    with writing():
        actions.write(cast.hector, drafted[1], full_text(**changes), expected_version=None, now=NOON)


def submitted(cast, drafted):
    written(cast, drafted)
    with writing():
        return actions.submit(cast.hector, drafted[1], now=NOON).reviewer_id


def approved(cast, drafted):
    reviewer = submitted(cast, drafted)
    with writing():
        actions.review(queries.people([reviewer])[reviewer], drafted[1], Verdict.APPROVE, SAID, now=NOON)


def requisition_row(requisition_id):
    return db.session.get_one(Requisition, requisition_id, populate_existing=True)


def rule_ids(refused):
    return [refusal.rule.id for refusal in refused.value.refusals]


def test_a_requisition_opens_only_when_its_description_is_approved_and_an_opening_exists(cast, drafted):
    approved(cast, drafted)
    row = requisition_row(drafted[0])
    assert (row.status, row.description_id) == (RequisitionStatus.DRAFT, drafted[1])
    with writing():
        requisition_actions.add_opening(cast.rita, row.id, date(2026, 3, 4), now=NOON)
    row = requisition_row(drafted[0])
    assert (row.status, row.opened_at, row.openings) == (RequisitionStatus.OPEN, NOON, 1)


def test_an_incomplete_draft_is_refused_by_the_action(cast, drafted):
    written(cast, drafted, outcomes=[], pay_low=None)
    with pytest.raises(Refused) as refused, writing():
        actions.submit(cast.hector, drafted[1], now=NOON)
    assert rule_ids(refused) == ["jd.complete"]
    facts = refused.value.refusals[0].facts
    assert "pay range" in facts and "outcomes" in facts and "must-have" not in facts


def test_rotation_draws_a_bar_raiser_from_outside_and_tells_them(cast, drafted):
    reviewer = submitted(cast, drafted)
    assert reviewer in (cast.bea.id, cast.bram.id)  # Bo reports to Hector
    review = queries.open_review(drafted[1])
    assert review.due_on == date(2026, 3, 6)  # two working days
    notice = db.session.scalars(select(Notice).where(Notice.kind == "description.review")).one()
    assert notice.recipient_id == reviewer and f"/descriptions/{drafted[1]}" in notice.body_text


def test_the_next_description_goes_to_the_other_bar_raiser(cast, drafted):
    first = submitted(cast, drafted)
    with writing():
        wanted = NewRequisition("Other", cast.hector.team_id, "Berlin", "DE", cast.hector.id, cast.rita.id)
        other = requisition_actions.create(cast.rita, wanted, now=NOON)
        second = other.id, queries.newest(other.id).id
    assert {first, submitted(cast, second)} == {cast.bea.id, cast.bram.id}


def test_only_the_drawn_reviewer_gives_the_verdict_and_others_cannot_see_the_draft(cast, drafted):
    reviewer = submitted(cast, drafted)
    with pytest.raises(Forbidden), writing():
        actions.review(cast.hector, drafted[1], Verdict.APPROVE, SAID, now=NOON)
    other = cast.bram if reviewer == cast.bea.id else cast.bea
    for stranger in (other, cast.bo, cast.olga):
        with pytest.raises(NotVisible), writing():
            actions.review(stranger, drafted[1], Verdict.APPROVE, SAID, now=NOON)


def test_a_reviewer_whose_certification_lapsed_since_is_refused_by_jd_reviewed(cast, drafted):
    reviewer = submitted(cast, drafted)
    with writing():
        query = select(Qualification).where(
            Qualification.person_id == reviewer, Qualification.record == Record.CERTIFICATION
        )
        db.session.scalars(query).one().expires_on = date(2026, 3, 3)
    with pytest.raises(Refused) as refused, writing():
        actions.review(queries.people([reviewer])[reviewer], drafted[1], Verdict.APPROVE, SAID, now=NOON)
    assert rule_ids(refused) == ["jd.reviewed"]
    assert "lapsed on 2026-03-03" in refused.value.refusals[0].facts
    assert queries.description(drafted[1]).status is Status.IN_REVIEW


def test_a_reviewer_who_came_to_depend_on_the_hiring_manager_is_refused_by_jd_reviewed(cast, drafted):
    reviewer = submitted(cast, drafted)
    with writing():
        person = queries.people([reviewer])[reviewer]
        person.manager_id, person.team_id = cast.hector.id, cast.hector.team_id
    with pytest.raises(Refused) as refused, writing():
        actions.review(queries.people([reviewer])[reviewer], drafted[1], Verdict.APPROVE, SAID, now=NOON)
    assert rule_ids(refused) == ["jd.reviewed"]
    assert "Payments" in refused.value.refusals[0].facts


def test_changes_asked_for_make_it_a_draft_again_and_the_same_reviewer_reads_the_mended_text(cast, drafted):
    reviewer = submitted(cast, drafted)
    with writing():
        actions.review(queries.people([reviewer])[reviewer], drafted[1], Verdict.CHANGES, SAID, now=NOON)
    assert queries.description(drafted[1]).status is Status.DRAFT
    assert queries.drafts_of(cast.hector.id)[0].changes
    with writing():
        again = actions.submit(cast.hector, drafted[1], now=NOON + timedelta(hours=1)).reviewer_id
    assert again == reviewer


def test_an_administrator_gives_the_review_to_the_next_and_access_ends_for_the_first(cast, drafted):
    first = submitted(cast, drafted)
    with pytest.raises(Forbidden), writing():
        actions.reassign(cast.hector, drafted[1], "I prefer another", now=NOON)
    with writing():
        second = actions.reassign(cast.amal, drafted[1], "Ill for two weeks", now=NOON).reviewer_id
    assert second != first
    with pytest.raises(NotVisible):
        queries.description_for(queries.people([first])[first], drafted[1])
    with pytest.raises(Refused) as refused, writing():
        actions.reassign(cast.amal, drafted[1], "Ill too", now=NOON)
    assert rule_ids(refused) == ["jd.reviewed"]


def test_a_new_version_supersedes_only_when_approved_and_applications_keep_theirs(cast):
    built = application_at(cast, Step.RESUME_REVIEW)
    with writing():
        second = actions.new_version(cast.hector, built.requisition_id, now=NOON).id
        assert actions.new_version(cast.hector, built.requisition_id, now=NOON).id == second
    row = queries.description(second)
    assert [item.name for item in row.items] == [item.name for item in queries.description(built.description_id).items]
    assert requisition_row(built.requisition_id).description_id == built.description_id
    with writing():
        reviewer = actions.submit(cast.hector, second, now=NOON).reviewer_id
    with writing():
        actions.review(queries.people([reviewer])[reviewer], second, Verdict.APPROVE, SAID, now=NOON)
    assert requisition_row(built.requisition_id).description_id == second
    assert queries.description(built.description_id).status is Status.SUPERSEDED
    assert built.application.description_id == built.description_id
    assert queries.version_counts() == {"entered": 2, "advanced": 2, "rejected": 0, "open": 0}
    with pytest.raises(Forbidden), writing():
        actions.adopt(cast.hector, second, [built.application_id], now=NOON)
    with writing():
        actions.adopt(cast.rita, second, [built.application_id], now=NOON)
    assert built.application.description_id == second
    assert db.session.query(Adoption).filter_by(application_id=built.application_id, description_id=second).count() == 1
    with pytest.raises(NotVisible), writing():
        actions.adopt(cast.rita, second, [built.application_id], now=NOON)


def newer_version(cast, built):
    """Another approved description of the requisition."""
    with writing():
        row = actions.new_version(cast.hector, built.requisition_id, now=NOON)
        row.status, row.approved_at, row.approved_by = Status.APPROVED, NOON, cast.bea.id
        return row.id


@pytest.mark.parametrize("step", [Step.DEBRIEF, Step.REFERENCE_CHECK, Step.OFFER])
def test_from_the_debrief_on_an_application_keeps_the_description_that_its_loop_tested(cast, step):
    built = application_at(cast, step)
    second = newer_version(cast, built)
    with pytest.raises(Refused) as refused, writing():
        actions.adopt(cast.rita, second, [built.application_id], now=NOON)
    assert rule_ids(refused) == ["jd.reviewed"]
    assert "Nadia Novak" in refused.value.refusals[0].facts
    assert built.application.description_id == built.description_id


def test_an_application_that_is_still_interviewed_adopts_a_newer_version(cast):
    built = application_at(cast, Step.WRITTEN_FEEDBACK)
    second = newer_version(cast, built)
    with writing():
        actions.adopt(cast.rita, second, [built.application_id], now=NOON)
    assert built.application.description_id == second


def test_no_application_adopts_a_version_that_nobody_approved(cast):
    built = application_at(cast, Step.RESUME_REVIEW)
    with writing():
        second = actions.new_version(cast.hector, built.requisition_id, now=NOON).id
    with pytest.raises(Refused) as refused, writing():
        actions.adopt(cast.rita, second, [built.application_id], now=NOON)
    assert rule_ids(refused) == ["jd.reviewed"]


def test_an_amendment_changes_words_without_a_review_and_must_stay_complete(cast):
    built = requisition(cast)
    amendment = actions.Amendment("Engineer", "Paris", "Builds it.")
    with writing():
        actions.amend(cast.rita, built.description_id, amendment, expected_version=None, now=NOON)
    row = queries.description(built.description_id)
    assert (row.status, row.pay_high, row.location) == (Status.APPROVED, 11_000_000, "Paris")
    assert requisition_row(built.requisition_id).location == "Paris"
    less = replace(amendment, summary="")
    with pytest.raises(Refused) as refused, writing():
        actions.amend(cast.rita, built.description_id, less, expected_version=None, now=NOON)
    assert rule_ids(refused) == ["jd.complete"]
    with pytest.raises(Refused) as refused, writing():
        actions.write(cast.hector, built.description_id, full_text_of(row), expected_version=None, now=NOON)
    assert rule_ids(refused) == ["jd.reviewed"]


def test_an_amendment_of_one_applications_own_level_leaves_the_requisition_as_it_is(cast):
    built = application_at(cast, Step.DEBRIEF)
    with writing():
        own = actions.create_for_level(cast.hector, built.application, 8, now=NOON)
        own.status, own.approved_at, own.approved_by, own_id = Status.APPROVED, NOON, cast.bea.id, own.id
    amendment = actions.Amendment("Principal Engineer", "Paris", "Builds it.")
    with writing():
        actions.amend(cast.rita, own_id, amendment, expected_version=None, now=NOON)
    assert queries.description(own_id).location == "Paris"
    row = requisition_row(built.requisition_id)
    assert (row.title, row.location) == ("Senior Engineer, Payments", "Berlin")


def full_text_of(row):
    return Text(
        row.title, row.location, row.summary, row.pay_low, row.pay_high, "EUR", (), True, 8, ["x"], ["y"], (), ()
    )


def test_a_stale_edit_is_told_so_even_when_only_a_list_changed(cast, drafted):
    shown = queries.description(drafted[1]).version
    written(cast, drafted, must_haves=["One"])
    changed = queries.description(drafted[1]).version
    written(cast, drafted, must_haves=["Two"])
    assert queries.description(drafted[1]).version > changed > shown
    with pytest.raises(Stale) as stale, writing():
        actions.write(
            cast.rita, drafted[1], full_text(), expected_version=changed, current={"must_haves": "Two"}, now=NOON
        )
    assert stale.value.current["must_haves"] == "Two"


def test_a_description_for_another_level_never_becomes_the_requisitions(cast):
    built = application_at(cast, Step.DEBRIEF)
    with writing():
        row_id = actions.create_for_level(cast.hector, built.application, 6, now=NOON).id
    with pytest.raises(Refused), writing():
        actions.adopt_level(built.application, queries.description(row_id), actor_id=None, now=NOON)
    with writing():
        reviewer = actions.submit(cast.hector, row_id, now=NOON).reviewer_id
    with writing():
        actions.review(queries.people([reviewer])[reviewer], row_id, Verdict.APPROVE, SAID, now=NOON)
    assert requisition_row(built.requisition_id).description_id == built.description_id
    assert queries.description(built.description_id).status is Status.APPROVED
    with writing():
        application = db.session.get_one(Application, built.application_id)
        actions.adopt_level(application, queries.description(row_id), actor_id=cast.hector.id, now=NOON)
    assert built.application.description_id == row_id
    assert queries.description(row_id).level == 6


def test_who_is_neither_recruiter_nor_administrator_nor_hiring_manager_creates_no_requisition(cast):
    wanted = NewRequisition("T", cast.hector.team_id, "", "", cast.hector.id, cast.rita.id)
    with pytest.raises(Forbidden), writing():
        requisition_actions.create(cast.olga, wanted, now=NOON)
    with writing():
        assert requisition_actions.create(cast.hector, wanted, now=NOON).status is RequisitionStatus.DRAFT


@pytest.mark.parametrize(("manager", "recruiter"), [("rita", "rita"), ("hector", "olga")])
def test_who_may_not_own_a_requisition_is_refused_by_the_action(cast, manager, recruiter):
    ids = getattr(cast, manager).id, getattr(cast, recruiter).id
    with pytest.raises(Refused) as refused, writing():
        requisition_actions.create(cast.rita, NewRequisition("T", cast.hector.team_id, "", "", *ids), now=NOON)
    assert rule_ids(refused) == ["requisition.owners"]
    assert db.session.query(Requisition).count() == 0


def test_a_requisition_whose_recruiter_left_is_not_cloned_for_them(cast):
    built = requisition(cast)
    with writing():
        db.session.get_one(Person, cast.ids["rita"]).disabled_at = NOON
    with pytest.raises(Refused) as refused, writing():
        requisition_actions.clone(cast.hector, built.requisition_id, now=NOON)
    assert "Rita has left." in refused.value.refusals[0].facts
    assert db.session.query(Requisition).count() == 1


def test_nobody_approves_a_text_that_changed_since_they_read_it(cast, drafted):
    reviewer = submitted(cast, drafted)
    read, first = queries.description(drafted[1]).version, queries.open_review(drafted[1]).id

    def give(verdict, **seen):
        with writing():
            actions.review(queries.people([reviewer])[reviewer], drafted[1], verdict, SAID, now=NOON, **seen)

    give(Verdict.CHANGES, expected_version=read, expected_review=first)
    written(cast, drafted, must_haves=["Whatever"])
    with writing():
        actions.submit(cast.hector, drafted[1], now=NOON)
    for seen in ({"expected_version": read}, {"expected_review": first}):
        with pytest.raises(Stale):
            give(Verdict.APPROVE, **seen)
    assert queries.description(drafted[1]).status is Status.IN_REVIEW
    now_read = queries.description(drafted[1]).version, queries.open_review(drafted[1]).id
    give(Verdict.APPROVE, expected_version=now_read[0], expected_review=now_read[1])
    assert queries.description(drafted[1]).status is Status.APPROVED


def test_nobody_submits_a_text_that_changed_since_they_read_it(cast, drafted):
    written(cast, drafted)
    read = queries.description(drafted[1]).version
    written(cast, drafted, must_haves=["Whatever"])
    with pytest.raises(Stale), writing():
        actions.submit(cast.hector, drafted[1], expected_version=read, now=NOON)
    assert queries.description(drafted[1]).status is Status.DRAFT


def test_a_clone_copies_the_description_and_no_opening(cast):
    built = requisition(cast)
    with writing():
        row = requisition_actions.clone(cast.ron, built.requisition_id, now=NOON)
        copy = queries.newest(row.id)
    assert row.code != "R-1" and row.openings == 0 and row.status is RequisitionStatus.DRAFT
    assert copy.status is Status.DRAFT and copy.id != built.description_id
    assert [item.text for item in copy.must_haves] == ["Five years of back-end work", "Ran a ledger"]


def test_openings_are_counted_as_they_are_held_resumed_and_cancelled(cast):
    built = requisition(cast, openings=2)
    first, second = (row.id for row in queries.openings(built.requisition_id))

    def change(opening_id, act, days):
        with writing():
            requisition_actions.change_opening(cast.rita, opening_id, act, now=NOON + timedelta(days=days))
        return requisition_row(built.requisition_id).openings

    assert change(first, OpeningAct.HOLD, 0) == 1
    assert change(first, OpeningAct.RESUME, 3) == 2
    assert change(second, OpeningAct.CANCEL, 3) == 1
    change(first, OpeningAct.HOLD, 10)
    change(first, OpeningAct.RESUME, 12)
    row = queries.opening(first)
    assert row.resumed_at - row.held_at == timedelta(days=5)
    with pytest.raises(Refused) as refused:
        change(second, OpeningAct.RESUME, 13)
    assert rule_ids(refused) == ["requisition.openings"]
    with pytest.raises(Forbidden), writing():
        requisition_actions.change_opening(cast.hector, first, OpeningAct.CANCEL, now=NOON)


def test_loading_the_catalogue_twice_adds_nothing_and_keeps_what_was_edited(app):
    with writing():
        assert catalogue.load_catalogue(PRINCIPLES, QUESTIONS) == (len(PRINCIPLES), len(QUESTIONS))
    with writing():
        db.session.scalars(select(Principle).where(Principle.name == "Ownership")).one().meaning = "Ours."
    with writing():
        assert catalogue.load_catalogue(PRINCIPLES, QUESTIONS) == (0, 0)
    assert db.session.scalars(select(Principle.meaning).where(Principle.name == "Ownership")).one() == "Ours."
    generic = db.session.scalars(select(Question).where(Question.generic)).all()
    assert generic and all(question.better_id for question in generic)
    names = {name for name, _ in PRINCIPLES}
    assert {entry.principle for entry in QUESTIONS if entry.principle} == names and len(names) == 16


def test_a_person_who_leaves_hands_over_reviews_and_requisitions(cast, drafted):
    reviewer = submitted(cast, drafted)
    assert any("Review of the description" in debt.what for debt in queries.debts(reviewer))
    assert any(debt.what.startswith("Hiring manager of R-") for debt in queries.debts(cast.hector.id))
    assert any(debt.what.startswith("Recruiter of R-") for debt in queries.debts(cast.rita.id))
    assert queries.debts(cast.olga.id) == []
    assert db.session.query(JobDescription).count() == 1


@pytest.mark.parametrize("day", [date(2026, 3, 5), date(2025, 3, 3), date(1996, 3, 4)])
def test_an_opening_is_not_approved_in_the_future_or_long_ago(cast, drafted, day):
    row = drafted[0]
    with pytest.raises(Refused) as refused, writing():
        requisition_actions.add_opening(cast.rita, row, day, now=NOON)
    assert rule_ids(refused) == ["requisition.open"]
    with writing():
        assert requisition_actions.add_opening(cast.rita, row, date(2025, 3, 4), now=NOON).id

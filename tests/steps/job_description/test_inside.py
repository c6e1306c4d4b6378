"""A description written for one application is the candidate's business: their inside neither reads nor reviews it."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from hiring.ground.database import NotVisible, db, writing
from hiring.people.models import Person, RoleGrant
from hiring.people.rules import Role
from hiring.pipeline import queries as spine
from hiring.pipeline.models import TimelineEntry
from hiring.pipeline.rules import Step
from hiring.steps.job_description import actions, queries
from tests.builders import application_at
from tests.cast import HIRED_ON, sign_in
from tests.conftest import NOON

OK, NOT_FOUND = 200, 404


@pytest.fixture(autouse=True)
def noon(at):
    at(NOON)


def at_another_level(cast, whose):
    """A colleague's application in its debrief, and the draft that was begun for it at level 6."""
    built = application_at(cast, Step.DEBRIEF)
    with writing():
        spine.application(built.application_id).candidate.person_id = getattr(cast, whose).id
        return built, actions.create_for_level(cast.hector, spine.application(built.application_id), 6, now=NOON).id


@pytest.mark.parametrize(
    ("whose", "who", "status"),
    [
        ("ron", "ron", NOT_FOUND),  # the candidate, a recruiter
        ("ada", "amal", NOT_FOUND),  # their manager, an administrator
        ("amal", "ada", NOT_FOUND),  # their report, an administrator
        ("ivan", "hector", NOT_FOUND),  # their manager owns the requisition, and began the draft
        ("ron", "rita", OK),
        ("ivan", "amal", OK),
    ],
)
def test_the_inside_of_the_candidate_reads_it_on_no_page_and_in_no_list(app, client, cast, whose, who, status):
    built, row_id = at_another_level(cast, whose)
    sign_in(client, getattr(cast, who))
    assert client.get(f"/descriptions/{row_id}").status_code == status
    listed = client.get(f"/requisitions/{built.requisition_id}").text
    assert (f'/descriptions/{row_id}"' in listed) is (status == OK)
    assert f'/descriptions/{built.description_id}"' in listed


def test_the_inside_of_the_candidate_acts_on_nothing_of_it_past_the_page(cast):
    _, row_id = at_another_level(cast, "ivan")
    with pytest.raises(NotVisible), writing():
        actions.submit(cast.hector, row_id, now=NOON)
    with writing():
        db.session.add(RoleGrant(person_id=cast.ivan.id, role=Role.ADMINISTRATOR, since=HIRED_ON))
    with pytest.raises(NotVisible), writing():
        actions.reassign(cast.ivan, row_id, "They are away.", now=NOON)


@pytest.mark.parametrize(
    ("whose", "drawn"),
    [("bea", {"bram"}), ("bram", {"bea"}), ("lars", {"bram"}), ("olga", {"bea", "bram"})],
)
def test_rotation_draws_nobody_from_the_inside_of_the_candidate(cast, whose, drawn, monkeypatch):
    _, row_id = at_another_level(cast, whose)
    row = queries.description(row_id)
    fit = queries.possible_reviewers(row, spine.requisition(row.requisition_id), NOON.date())
    assert {db.session.get_one(Person, one).name.lower() for one in fit} == drawn
    for few, batch in ((1, 25), (1, 1), (25, 25)):  # whoever is looked at first is fit in some cases, and not in others
        monkeypatch.setattr(queries, "_FEW", few)
        monkeypatch.setattr(queries, "_BATCH", batch)
        some = set(queries.some_reviewers(row, spine.requisition(row.requisition_id), NOON.date()))
        assert some <= set(fit)
        assert some


def test_a_page_finds_no_reviewer_where_there_is_none(cast):
    _, row_id = at_another_level(cast, "ivan")
    row = queries.description(row_id)
    lapsed = NOON.date() + timedelta(days=4_000)
    assert queries.some_reviewers(row, spine.requisition(row.requisition_id), lapsed) == []


def test_what_becomes_of_it_is_said_on_the_application_not_on_the_requisition(cast):
    built, row_id = at_another_level(cast, "olga")
    with writing():
        actions.submit(cast.hector, row_id, now=NOON)
    said = select(TimelineEntry.application_id).where(TimelineEntry.sentence.contains("for review"))
    assert db.session.scalars(said).all() == [built.application_id]

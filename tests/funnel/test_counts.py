"""The company's counts: the sum of all requisitions', whoever moves at the same time and whatever is taken back."""

from datetime import UTC, datetime
from functools import partial
from threading import Thread

import pytest
from sqlalchemy import delete, update

from hiring.funnel import queries
from hiring.funnel.queries import PAGE, Window
from hiring.ground.database import db, writing
from hiring.pipeline import actions as spine
from hiring.pipeline.models import Candidate, FirstEntry, FunnelCount, FunnelTotal, StepVisit
from hiring.pipeline.rules import Outcome, Source, Step
from tests.builders import application_at, requisition
from tests.races import race

NOW = datetime(2026, 3, 9, 12, 0, tzinfo=UTC)


class TakenBack(Exception):
    """An attempt that is given up."""


def enters(requisition_id, number):
    candidate = spine.add_candidate(f"Nadia {number}", f"n{number}@candidates.example", now=NOW)
    return spine.start_application(candidate, requisition_id, source=Source.CAREERS, actor_id=None, now=NOW)


def entered(window=None):
    row = next(row for row in queries.step_figures(window or Window()) if row.step is Step.RESUME_REVIEW)
    return row.entered


def gives_up(transaction, requisition_id, number):
    with transaction:
        enters(requisition_id, number)
        raise TakenBack


def test_what_an_attempt_gathered_goes_with_it_and_the_rest_of_the_transaction_counts(cast):
    built = requisition(cast)
    with writing():
        enters(built.requisition_id, 1)
        with pytest.raises(TakenBack):
            gives_up(db.session.begin_nested(), built.requisition_id, 2)
        with db.session.begin_nested():
            enters(built.requisition_id, 3)
    with pytest.raises(TakenBack):
        gives_up(writing(), built.requisition_id, 4)
    with writing():
        enters(built.requisition_id, 5)
    assert entered() == entered(Window(built.requisition_id)) == 3
    assert list(queries.differences()) == []


def test_movers_of_different_requisitions_all_count_on_a_day_that_is_new_to_the_company(app, cast):
    places = [requisition(cast, code=f"R-{number}").requisition_id for number in range(4)]
    assert race(app, *(partial(enters, place, number) for number, place in enumerate(places))) == []
    assert entered() == 4
    assert list(queries.differences()) == []


def test_what_moves_while_the_counts_are_verified_is_no_fault(app, cast):
    built, told = requisition(cast), []

    def moves():
        with app.app_context(), writing():
            enters(built.requisition_id, 1)

    def meanwhile(seen):
        if not told:
            told.append(seen)
            mover = Thread(target=moves)
            mover.start()
            mover.join()

    assert list(queries.differences(meanwhile)) == []
    db.session.rollback()
    assert entered() == 1 and told == [0]


def test_a_company_count_that_is_wrong_is_named(cast):
    application_at(cast, Step.PHONE_SCREEN)
    with writing():
        db.session.execute(update(FunnelTotal).where(FunnelTotal.step == Step.RESUME_REVIEW).values(advanced=7))
    [fault] = queries.differences()
    assert fault.startswith("all of resume_review, ") and fault.endswith("advanced: 7 kept, 1 counted")


def test_the_people_behind_a_figure_come_page_by_page_in_the_order_in_which_they_entered(cast):
    built = requisition(cast)
    with writing():
        wanted = [enters(built.requisition_id, number).id for number in range(2 * PAGE + 3)]
    found, after = [], 0
    while after is not None:
        rows, hidden, after = queries.people_behind(cast.rita, Window(), Step.RESUME_REVIEW, None, now=NOW, after=after)
        found += [row.application_id for row in rows]
        assert hidden == 0
    assert found == wanted


@pytest.mark.parametrize("window", [True, False])
def test_those_on_whose_inside_a_recruiter_is_are_counted_and_not_named(cast, window):
    built = application_at(cast, Step.PHONE_SCREEN)
    with writing():
        other = enters(built.requisition_id, 1)
        db.session.execute(update(Candidate).where(Candidate.id == other.candidate_id).values(person_id=cast.rita.id))
    wanted = Window(built.requisition_id if window else None)
    rows, hidden, _ = queries.people_behind(cast.rita, wanted, Step.RESUME_REVIEW, None, now=NOW)
    assert ([row.application_id for row in rows], hidden) == ([built.application_id], 1)
    rows, hidden, _ = queries.people_behind(cast.rita, wanted, Step.RESUME_REVIEW, Outcome.ADVANCED, now=NOW)
    assert ([row.application_id for row in rows], hidden) == ([built.application_id], 0)
    rows, hidden, _ = queries.people_behind(cast.hector, wanted, Step.RESUME_REVIEW, Outcome.OPEN, now=NOW)
    assert ([row.application_id for row in rows], hidden) == ([other.id], 0)
    rows, hidden, _ = queries.people_behind(cast.olga, wanted, Step.RESUME_REVIEW, None, now=NOW)
    assert (rows, hidden) == ([], 2)


def test_verifying_names_every_figure_that_differs_from_the_visits(cast):
    built = application_at(cast, Step.PHONE_SCREEN)
    with writing():
        other = enters(built.requisition_id, 1).id
    assert (queries.how_many(), list(queries.differences())) == (2, [])
    with writing():
        db.session.execute(update(FirstEntry).where(FirstEntry.step == Step.PHONE_SCREEN).values(outcome="rejected"))
        db.session.execute(delete(StepVisit).where(StepVisit.application_id == other))
        db.session.execute(update(FunnelCount).where(FunnelCount.step == Step.PHONE_SCREEN).values(n=7))
    found = list(queries.differences())
    where = f"requisition {built.requisition_id}, "
    assert f"application {built.application_id}: its first entries differ from its visits" in found
    assert f"application {other}: it has first entries to {built.requisition_id} without visits" in found
    assert any(one.startswith(f"{where}phone_screen, ") and "7 kept, 1 counted" in one for one in found)
    assert any(one.startswith(f"{where}resume_review, ") and "1 kept, 0 counted" in one for one in found)

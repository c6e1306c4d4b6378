"""What the inside of an internal candidate learns of the application where lists and acts cross many: nothing.

The candidate is Ada, whose manager Amal is an administrator too; or Ivan, whose manager Hector owns the requisition.
"""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient

from hiring.ground.database import NotVisible, db, writing
from hiring.ground.outbox import Notice
from hiring.ground.rulebook import Refusal, Refused
from hiring.people import handover
from hiring.people.models import Person, RoleGrant
from hiring.people.rules import Invalid, Role
from hiring.pipeline import queries as pipeline
from hiring.pipeline.models import Cord, CordAction, Requisition
from hiring.pipeline.rules import RequisitionStatus, Step
from hiring.steps.interview_loop.models import Conflict
from hiring.steps.interview_loop.rules import ConflictKind
from hiring.transitions import actions, cords, owners
from hiring.transitions.cords import CorrectionStep
from tests.builders import LOOP_DAY, Built, application_at
from tests.cast import HIRED_ON, Cast, sign_in

NOW = LOOP_DAY + timedelta(days=3)
NAME = "Nadia Novak"


@pytest.fixture(autouse=True)
def _three_days_after_the_loop(at: Callable[[datetime], None]) -> None:
    at(NOW)


def applied(cast: Cast, step: Step, whose: str = "ada") -> Built:
    """An application of a colleague."""
    built = application_at(cast, step)
    with writing():
        pipeline.application(built.application_id).candidate.person_id = getattr(cast, whose).id
    return built


def refused(act: Callable[[], Any]) -> list[Refusal]:
    """The refusals with which the rules answer an act."""
    with pytest.raises(Refused) as caught, writing():
        act()
    return list(caught.value.refusals)


def words(refusals: list[Refusal]) -> str:
    """Everything that refusals say."""
    return " ".join(f"{one.facts} {one.mend} {one.way_out}" for one in refusals)


def read(client: FlaskClient, person: Person, url: str) -> str:
    """A page as somebody reads it."""
    response = sign_in(client, person).get(url)
    assert response.status_code == 200, response.text
    return str(response.text)


def close(cast: Cast, by: str, built: Built, choices: dict[int, str]) -> None:
    """Close the requisition."""
    actions.close_requisition(getattr(cast, by), built.requisition_id, choices, "Closed.", now=NOW)


# --- Closing -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("candidate", "reader"), [("ada", "amal"), ("ivan", "hector"), ("hector", "hector")])
def test_the_moves_of_a_requisition_count_but_do_not_name_whom_the_reader_may_not_see(
    cast: Cast, client: FlaskClient, candidate: str, reader: str
) -> None:
    built = applied(cast, Step.PHONE_SCREEN, candidate)
    other = application_at(cast, Step.RESUME_REVIEW, on=Built(built.requisition_id, built.description_id), name="Ben B")
    url = f"/requisitions/{built.requisition_id}/moves"
    text = read(client, getattr(cast, reader), url)

    assert NAME not in text
    assert f"choice.{built.application_id}" not in text
    soup = BeautifulSoup(text, "html.parser")
    assert "2 live applications" in soup.text
    assert "1 more that you may not see" in soup.text
    assert f"choice.{other.application_id}" in text
    form = soup.select_one('form[data-action="requisition.close"]')
    assert form is not None
    assert form.select_one('[data-rule="requisition.open"]') is not None
    assert form.select_one('button[aria-disabled="true"]') is not None
    assert NAME in read(client, cast.rita, url)


@pytest.mark.parametrize("choice", ["", "reject"])
def test_nobody_closes_over_the_head_of_a_colleague_close_to_them(cast: Cast, choice: str) -> None:
    built = applied(cast, Step.PHONE_SCREEN, "ivan")
    found = refused(lambda: close(cast, "hector", built, {built.application_id: choice}))

    assert [one.rule.id for one in found] == ["requisition.open"]
    assert "1 live application that you may not see" in found[0].facts
    assert found[0].mend == "Rita or Ada or Amal"
    assert NAME not in words(found)
    assert built.application.ended is None
    with writing():
        close(cast, "rita", built, {built.application_id: "reject"})
    assert db.session.get_one(Requisition, built.requisition_id).status is RequisitionStatus.CLOSED


def test_where_everybody_who_could_close_is_close_to_the_candidate_the_way_out_is_another_administrator(
    cast: Cast,
) -> None:
    built = applied(cast, Step.PHONE_SCREEN)
    with writing():
        row = db.session.get_one(Requisition, built.requisition_id)
        row.hiring_manager_id = row.recruiter_id = cast.ada.id
    [refusal] = refused(lambda: close(cast, "amal", built, {}))

    assert "once one is named" in refusal.mend


def test_an_accepted_offer_that_one_may_not_see_keeps_nobody_from_closing(cast: Cast) -> None:
    built = applied(cast, Step.OFFER)
    with writing():
        pipeline.application(built.application_id).offer_accepted_at = NOW
    with writing():
        close(cast, "amal", built, {})

    assert built.application.ended is None


# --- Handing over --------------------------------------------------------------------------------------------------


def test_the_handover_list_counts_but_does_not_name_whom_the_reader_may_not_see(
    cast: Cast, client: FlaskClient
) -> None:
    applied(cast, Step.WRITTEN_FEEDBACK)
    url = f"/people/{cast.iris.id}/handover"
    text = read(client, cast.amal, url)

    assert NAME not in text
    assert "1 more that you may not see" in text
    assert "Nothing is left" not in text
    assert handover.debts(cast.iris.id, cast.amal) == handover.Owed([], 1)
    with writing():
        db.session.add(RoleGrant(person_id=cast.rita.id, role=Role.ADMINISTRATOR, since=HIRED_ON))
    assert f"Written feedback on {NAME}" in read(client, cast.rita, url)


@pytest.mark.parametrize("step", [Step.WRITTEN_FEEDBACK, Step.DEBRIEF])
def test_a_new_hiring_manager_who_fits_no_hidden_loop_is_refused_without_its_candidate(cast: Cast, step: Step) -> None:
    built = applied(cast, step)
    with writing():
        conflict = Conflict(candidate_id=built.application.candidate_id, person_id=cast.hilda.id, at=NOW)
        conflict.kind = ConflictKind.FAMILY
        db.session.add(conflict)

    def hand_over(by: Person, to: Person) -> list[Refusal]:
        return refused(
            lambda: owners.change_owner(by, built.requisition_id, hiring_manager_id=to.id, recruiter_id=None, now=NOW)
        )

    for to, rule in ((cast.hilda, "loop.conflict"), (cast.lars, "loop.bar_raiser_independent")):
        known, unknown = hand_over(cast.rita, to), hand_over(cast.amal, to)
        assert rule in {one.rule.id for one in known} & {one.rule.id for one in unknown}
        assert NAME in words(known)
        assert NAME not in words(unknown)
        assert "Bea" not in words(unknown)


# --- Cords ---------------------------------------------------------------------------------------------------------


def pulled(cast: Cast, built: Built, *named: Person) -> int:
    """A cord pulled by Iris, who names somebody."""
    with writing():
        return cords.pull(cast.iris, built.application_id, "They were leaned on", [one.id for one in named], now=NOW).id


def test_who_is_named_in_a_cord_does_not_read_it_where_they_may_know_nothing_of_the_application(
    cast: Cast, client: FlaskClient
) -> None:
    built = applied(cast, Step.DEBRIEF)
    cord_id = pulled(cast, built, cast.ada, cast.amal, cast.olga)

    for barred in (cast.ada, cast.amal):
        assert sign_in(client, barred).get(f"/cords/{cord_id}").status_code == 404
        with pytest.raises(NotVisible), writing():
            cords.clear(barred, cord_id, "Cause", "Correction", now=NOW)
    assert "They were leaned on" in read(client, cast.olga, f"/cords/{cord_id}")


def test_who_may_know_nothing_of_an_application_is_not_called_to_its_cord(cast: Cast, client: FlaskClient) -> None:
    built = applied(cast, Step.DEBRIEF)
    with writing():
        db.session.add(RoleGrant(person_id=cast.olga.id, role=Role.ADMINISTRATOR, since=HIRED_ON))
    cord_id = pulled(cast, built)

    told = {notice.to_address for notice in db.session.query(Notice).filter_by(kind="cord.pulled")}
    assert told == {"olga@example.org", "bea@example.org"}
    for barred in (cast.ada, cast.amal):
        assert f"Cord {cord_id}" not in read(client, barred, "/")
    for clears in (cast.olga, cast.bea):
        assert f"Cord {cord_id} is pulled" in read(client, clears, "/")


def test_a_correction_gives_no_action_to_who_may_know_nothing_and_an_old_one_lies_on_no_desk(
    cast: Cast, client: FlaskClient
) -> None:
    built = applied(cast, Step.DEBRIEF)
    cord_id = pulled(cast, built)
    step = [CorrectionStep("Train the team", cast.amal.id, date(2026, 4, 1))]
    with pytest.raises(Invalid, match="may know nothing"), writing():
        cords.clear(cast.bea, cord_id, "Cause", "Correction", step, now=NOW)
    assert db.session.get_one(Cord, cord_id).cleared_at is None
    with writing():
        row = CordAction(cord_id=cord_id, what="Train the team", owner_id=cast.amal.id, due_on=date(2026, 4, 1))
        db.session.add(row)
        db.session.flush()
        action_id = row.id

    assert "Train the team" not in read(client, cast.amal, "/")
    with pytest.raises(NotVisible), writing():
        cords.finish_step(cast.amal, action_id, now=NOW)


# --- Desks ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("step", list(Step)[1:])
def test_no_desk_of_the_inside_names_the_candidate_whatever_the_reader_owns(
    cast: Cast, client: FlaskClient, step: Step
) -> None:
    applied(cast, step, "ivan")
    with writing():
        cast.bea.disabled_at = NOW  # so that her seat is to be mended, by an administrator among others
        db.session.add(RoleGrant(person_id=cast.hector.id, role=Role.ADMINISTRATOR, since=HIRED_ON))

    assert NAME not in read(client, cast.hector, "/")

"""Whom a requisition may be handed over to, and what the handover does to loops, seats and the reading of records."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from hiring.ground.database import Forbidden, NotVisible, db, writing
from hiring.ground.outbox import Notice
from hiring.ground.rulebook import Refusal, Refused
from hiring.people.actions import disable_person, revoke_role
from hiring.people.models import Person, RoleGrant
from hiring.people.rules import Role
from hiring.pipeline import queries as pipeline
from hiring.pipeline import readers
from hiring.pipeline.models import Application, Requisition
from hiring.pipeline.rules import Step
from hiring.steps.debrief import queries as debrief
from hiring.steps.interview_loop import queries as loops
from hiring.steps.interview_loop.models import Conflict, Seat
from hiring.steps.interview_loop.rules import ConflictKind, SeatKind, SeatState
from hiring.steps.job_description.models import JobDescription, WouldBeReport
from hiring.steps.offer import queries as offers
from hiring.steps.phone_screen import actions as screens
from hiring.steps.phone_screen.actions import Plan
from hiring.steps.phone_screen.rules import ScreenState
from hiring.transitions import actions
from hiring.transitions import owners as new_owners
from tests.builders import LOOP_DAY, Built, application_at
from tests.cast import Cast, sign_in

NOW = LOOP_DAY + timedelta(days=3)


def hand_over(cast: Cast, built: Built, manager: Person | None = None, recruiter: Person | None = None) -> None:
    """Have an administrator name other owners."""
    with writing():
        new_owners.change_owner(
            cast.amal,
            built.requisition_id,
            hiring_manager_id=manager.id if manager else None,
            recruiter_id=recruiter.id if recruiter else None,
            now=NOW,
        )


def refused(act: Callable[[], Any]) -> dict[str, Refusal]:
    """The refusals with which the rules answer, by rule."""
    with pytest.raises(Refused) as caught:
        act()
    return {refusal.rule.id: refusal for refusal in caught.value.refusals}


def owners(built: Built) -> tuple[int | None, int | None]:
    """Hiring manager and recruiter on record."""
    row = db.session.get_one(Requisition, built.requisition_id, populate_existing=True)
    return row.hiring_manager_id, row.recruiter_id


def loaded(built: Built) -> Application:
    """The application as it is now, with candidate and requisition."""
    return pipeline.application(built.application_id)


def seat_of(built: Built, person: Person) -> list[SeatState]:
    """States of all seats that somebody ever had on the loop."""
    query = db.session.query(Seat).filter_by(loop_id=built.loop_id, person_id=person.id)
    return [seat.state for seat in query.populate_existing()]


def moved_to_payments(person: Person, cast: Cast) -> None:
    """Put somebody where Bea does not depend on them."""
    with writing():
        person.team_id, person.manager_id = cast.hilda.team_id, cast.dana.id


# --- Who fits ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("who", "rule", "facts"),
    [
        ("ines", "loop.level", "Nadia Novak: Ines is level 6"),
        ("nora", "loop.trained", "Nadia Novak: Nora has not done"),
    ],
)
def test_a_new_hiring_manager_who_does_not_fit_a_live_loop_is_refused_by_its_rule(
    cast: Cast, who: str, rule: str, facts: str
) -> None:
    built = application_at(cast, Step.DEBRIEF)
    with writing():
        db.session.get_one(JobDescription, built.description_id).level = 8  # so that Ines stands too low
    found = refused(lambda: hand_over(cast, built, getattr(cast, who)))

    assert facts in found[rule].facts
    assert owners(built) == (cast.hector.id, cast.rita.id)
    assert seat_of(built, cast.hector) == [SeatState.HELD]


@pytest.mark.parametrize("step", [Step.WRITTEN_FEEDBACK, Step.DEBRIEF])
def test_a_declared_conflict_or_a_would_be_report_is_no_hiring_manager(cast: Cast, step: Step) -> None:
    built = application_at(cast, step)
    row = built.application
    with writing():
        db.session.add(
            Conflict(candidate_id=row.candidate_id, person_id=cast.hilda.id, kind=ConflictKind.FAMILY, at=NOW)
        )
        db.session.add(WouldBeReport(description_id=built.description_id, person_id=cast.hilda.id))
    found = refused(lambda: hand_over(cast, built, cast.hilda))

    assert {"loop.conflict", "loop.direct_report"} <= set(found)
    assert owners(built) == (cast.hector.id, cast.rita.id)


def test_nobody_answers_for_a_requisition_to_which_they_apply(cast: Cast) -> None:
    built = application_at(cast, Step.PHONE_SCREEN)
    with writing():
        pipeline.application(built.application_id).candidate.person_id = cast.hilda.id
    found = refused(lambda: hand_over(cast, built, cast.hilda))

    assert "Nadia Novak is the candidate" in found["loop.distinct"].facts
    with writing():
        pipeline.application(built.application_id).candidate.person_id = cast.ron.id
    assert "loop.distinct" in refused(lambda: hand_over(cast, built, recruiter=cast.ron))


def test_who_may_know_nothing_of_an_application_does_not_learn_of_it_by_handing_over(cast: Cast) -> None:
    built = application_at(cast, Step.PHONE_SCREEN)
    with writing():
        pipeline.application(built.application_id).candidate.person_id = cast.ivan.id

    def by_the_manager_of_the_candidate() -> None:
        with writing():
            new_owners.change_owner(
                cast.hector, built.requisition_id, hiring_manager_id=cast.ivan.id, recruiter_id=None, now=NOW
            )

    assert "Nadia" not in refused(by_the_manager_of_the_candidate)["loop.distinct"].facts


@pytest.mark.parametrize("change", [{"disabled_at": NOW}, {"guest": True}], ids=["left", "guest"])
def test_neither_who_left_nor_a_guest_becomes_hiring_manager(cast: Cast, change: dict[str, Any]) -> None:
    built = application_at(cast, Step.PHONE_SCREEN)
    with writing():
        for name, value in change.items():
            setattr(cast.hilda, name, value)
    found = refused(lambda: hand_over(cast, built, cast.hilda))

    assert "Hilda" in found["requisition.owners"].facts
    assert owners(built) == (cast.hector.id, cast.rita.id)


def test_a_named_recruiter_does_not_leave_that_seat_to_become_hiring_manager(cast: Cast) -> None:
    built = application_at(cast, Step.DEBRIEF)
    with writing():
        seat = db.session.get_one(Seat, built.seats["irma"])
        seat.kind = SeatKind.RECRUITER
    moved_to_payments(cast.irma, cast)
    found = refused(lambda: hand_over(cast, built, cast.irma))

    assert "recruiter's seat on the loop of Nadia Novak" in found["loop.distinct"].facts
    assert owners(built) == (cast.hector.id, cast.rita.id)


def test_an_interviewer_of_the_loop_who_becomes_hiring_manager_keeps_seat_and_feedback(cast: Cast) -> None:
    built = application_at(cast, Step.DEBRIEF)
    moved_to_payments(cast.irma, cast)
    hand_over(cast, built, cast.irma)

    seat = db.session.get_one(Seat, built.seats["irma"], populate_existing=True)
    assert (seat.kind, seat.state) == (SeatKind.HIRING_MANAGER, SeatState.HELD)
    assert not debrief.table(loaded(built), None).missing_feedback


def test_the_bar_raiser_of_a_live_loop_does_not_become_the_requisitions_recruiter(cast: Cast) -> None:
    built = application_at(cast, Step.DEBRIEF)
    with writing():
        db.session.add(RoleGrant(person_id=cast.bea.id, role=Role.RECRUITER, since=NOW))
    found = refused(lambda: hand_over(cast, built, recruiter=cast.bea))

    assert "Bea is the recruiter of this requisition." in found["loop.bar_raiser_independent"].facts
    assert owners(built) == (cast.hector.id, cast.rita.id)


# --- There and back ------------------------------------------------------------------------------------------------


def test_a_hiring_manager_who_comes_back_takes_their_seat_with_its_feedback(cast: Cast) -> None:
    built = application_at(cast, Step.DEBRIEF)
    hand_over(cast, built, cast.hilda)
    hand_over(cast, built, cast.hector)

    seat = db.session.get_one(Seat, built.seats["hector"], populate_existing=True)
    assert (seat.kind, seat.state, seat.left_at, seat.successor_id) == (
        SeatKind.HIRING_MANAGER,
        SeatState.HELD,
        None,
        None,
    )
    assert seat_of(built, cast.hilda) == [SeatState.REMOVED]  # they had not interviewed yet
    table = debrief.table(loaded(built), None)
    assert not table.missing_feedback
    where = readers.stands(cast.hector, loaded(built), now=NOW)
    assert debrief.sees_inside(cast.hector, where, table)
    assert "submitted_seat" in where


# --- After the decision --------------------------------------------------------------------------------------------


def test_after_the_decision_a_new_hiring_manager_gets_no_seat_and_reads_the_record(
    cast: Cast, client: FlaskClient, at: Callable[[datetime], None]
) -> None:
    at(NOW)
    built = application_at(cast, Step.REFERENCE_CHECK)
    hand_over(cast, built, cast.hilda)

    assert seat_of(built, cast.hector) == [SeatState.HELD]
    assert seat_of(built, cast.hilda) == []
    memo = sign_in(client, cast.hilda).get(f"/applications/{built.application_id}/debrief/memo")
    assert memo.status_code == 200
    assert "Raises the bar on ownership." in memo.text
    with pytest.raises(NotVisible):
        debrief.record_for(cast.dana, built.application_id, now=NOW)


def test_before_the_decision_a_new_hiring_manager_reads_nothing_inside(cast: Cast) -> None:
    built = application_at(cast, Step.DEBRIEF)
    hand_over(cast, built, cast.hilda)

    row = loaded(built)
    where = readers.stands(cast.hilda, row, now=NOW)
    assert not debrief.sees_inside(cast.hilda, where, debrief.table(row, None))


@pytest.mark.parametrize("to", [Step.DEBRIEF, Step.INTERVIEW_LOOP])
def test_going_back_from_after_the_decision_seats_the_hiring_manager_who_came_since(cast: Cast, to: Step) -> None:
    built = application_at(cast, Step.OFFER)
    hand_over(cast, built, cast.hilda)
    with writing():
        actions.send_back(cast.hilda, built.application_id, to, "I decide anew", now=NOW)

    assert seat_of(built, cast.hector) == [SeatState.HANDED_OVER]
    assert seat_of(built, cast.hilda) == [SeatState.HELD]
    loop = loops.loop_for(built.application_id)
    assert loop is not None
    assert not loops.all_submitted(loop)


# --- A recruiter no more --------------------------------------------------------------------------------------------


def no_recruiter_any_more(cast: Cast) -> None:
    """An administrator takes Rita's role back."""
    with writing():
        revoke_role(cast.amal, cast.rita.id, Role.RECRUITER, NOW)


def test_with_the_role_goes_what_it_gave_on_ones_own_requisitions(cast: Cast) -> None:
    built = application_at(cast, Step.PHONE_SCREEN)
    no_recruiter_any_more(cast)

    assert readers.stands(cast.rita, loaded(built), now=NOW) == frozenset()
    listed = select(Application.id).where(readers.visible_applications(cast.rita))
    assert db.session.scalars(listed).all() == []
    with pytest.raises(NotVisible), writing():
        actions.withdraw(cast.rita, built.application_id, "x", now=NOW)
    with pytest.raises(Forbidden), writing():
        actions.hold_requisition(cast.rita, built.requisition_id, "x", now=NOW)


@pytest.mark.parametrize("step", [Step.RESUME_REVIEW, Step.PHONE_SCREEN, Step.INTERVIEW_LOOP])
def test_the_desk_of_a_former_recruiter_holds_nothing_that_they_may_not_open(
    cast: Cast, client: FlaskClient, at: Callable[[datetime], None], step: Step
) -> None:
    application_at(cast, step)
    at(NOW)
    rita = sign_in(client, cast.rita)
    before = rita.get("/").text
    assert "Nadia Novak" in before or "R-1" in before
    no_recruiter_any_more(cast)

    after = rita.get("/").text
    assert "Nadia Novak" not in after and "R-1" not in after


def test_a_former_recruiter_runs_no_offers_and_reads_no_pay_from_a_seat_on_the_loop(cast: Cast) -> None:
    built = application_at(cast, Step.OFFER)
    assert len(offers.running(cast.rita)) == 1
    no_recruiter_any_more(cast)

    assert offers.running(cast.rita) == []
    with pytest.raises(NotVisible):
        offers.seen_by(cast.rita, built.application_id, now=NOW)
    assert len(offers.running(cast.hector)) == 1


def test_the_hiring_manager_is_asked_for_another_recruiter_until_there_is_one(
    cast: Cast, client: FlaskClient, at: Callable[[datetime], None]
) -> None:
    built = application_at(cast, Step.PHONE_SCREEN)
    at(NOW)
    hector = sign_in(client, cast.hector)
    assert "needs a recruiter" not in hector.get("/").text
    no_recruiter_any_more(cast)
    asked = hector.get("/").text
    assert "R-1 needs a recruiter" in asked and f"/requisitions/{built.requisition_id}/moves" in asked
    hand_over(cast, built, recruiter=cast.ron)
    assert "needs a recruiter" not in hector.get("/").text


# --- What is left to who was replaced -------------------------------------------------------------------------------


def told(person: Person) -> list[str]:
    """Subjects of the mails to somebody, the oldest first."""
    query = select(Notice.subject).where(Notice.recipient_id == person.id).order_by(Notice.id)
    return list(db.session.scalars(query))


@pytest.mark.parametrize("step", [Step.INTERVIEW_LOOP, Step.DEBRIEF, Step.OFFER])
def test_having_held_the_phone_screen_opens_no_file_to_a_replaced_hiring_manager(cast: Cast, step: Step) -> None:
    built = application_at(cast, step)
    assert "screener" in readers.stands(cast.hector, loaded(built), now=NOW)
    hand_over(cast, built, cast.hilda)

    assert "screener" not in readers.stands(cast.hector, loaded(built), now=NOW)


@pytest.mark.parametrize("change", [{}, {"state": ScreenState.HELD}], ids=["booked", "held, not decided"])
def test_a_replaced_hiring_manager_keeps_the_call_that_is_asked_of_them_and_the_handover_says_so(
    cast: Cast, change: dict[str, Any]
) -> None:
    built = application_at(cast, Step.PHONE_SCREEN)
    with writing():
        plan = Plan(NOW + timedelta(days=1), 45, "By phone")
        screen = screens.book(cast.hector, built.application_id, plan, now=NOW)
        for name, value in change.items():
            setattr(screen, name, value)
    hand_over(cast, built, cast.hilda)

    assert readers.stands(cast.hector, loaded(built), now=NOW) == {"screener"}
    said = [entry.sentence for entry, _ in pipeline.timeline(built.application_id)]
    assert any(text.startswith("Hector still holds the phone screen") for text in said)
    mail = db.session.scalars(select(Notice).where(Notice.kind == "requisition.former_owner")).one()
    assert "still hold the phone screens" in mail.body_text


def test_who_loses_a_requisition_or_a_seat_with_it_is_told_once(cast: Cast) -> None:
    built = application_at(cast, Step.DEBRIEF)
    hand_over(cast, built, cast.hilda, cast.ron)
    hand_over(cast, built, cast.hilda, cast.ron)  # nothing changes by saying it again

    off = "You are no longer on the loop of Nadia Novak"
    assert told(cast.hector) == [off, "You are no longer the hiring manager of R-1"]
    assert told(cast.rita) == ["You are no longer the recruiter of R-1"]


def test_who_gives_a_requisition_away_themselves_is_not_written_to(cast: Cast) -> None:
    built = application_at(cast, Step.PHONE_SCREEN)
    with writing():
        new_owners.change_owner(
            cast.rita, built.requisition_id, hiring_manager_id=None, recruiter_id=cast.ron.id, now=NOW
        )

    assert told(cast.rita) == []


# --- Owners who left ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("who", "lacks", "other"), [("hector", "hiring manager", "rita"), ("rita", "recruiter", "hector")]
)
def test_a_requisition_whose_owner_left_says_whom_it_needs_on_its_page_and_on_desks(
    cast: Cast, client: FlaskClient, at: Callable[[datetime], None], who: str, lacks: str, other: str
) -> None:
    built = application_at(cast, Step.PHONE_SCREEN)
    at(NOW)
    page = f"/requisitions/{built.requisition_id}"
    assert "data-ownerless" not in sign_in(client, cast.amal).get(page).text
    with writing():
        disable_person(cast.amal, cast.ids[who], NOW)

    for reader in ("amal", other):
        client = sign_in(client, getattr(cast, reader))
        assert f"R-1 needs a {lacks}" in client.get("/").text
        assert f"the {lacks} named on R-1, has left" in client.get(page).text
    hand_over(cast, built, **({"manager": cast.hilda} if lacks == "hiring manager" else {"recruiter": cast.ron}))
    assert "needs a " not in sign_in(client, cast.amal).get("/").text
    assert "data-ownerless" not in client.get(page).text

"""The loop's pages: what they show to whom, and what a browser gets back."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient
from sqlalchemy import func, select

from hiring.ground.database import db, writing
from hiring.people.handover import debts
from hiring.pipeline.desk_items import items_for
from hiring.pipeline.models import PassedWarning
from hiring.pipeline.rules import Step
from hiring.steps.interview_loop import actions, jobs, lists, queries
from hiring.steps.interview_loop.models import Seat
from hiring.steps.interview_loop.rules import ConflictKind, InterviewState, LoopState, SeatState
from hiring.steps.job_description.models import WouldBeReport
from tests.builders import LOOP_DAY, Built, application_at
from tests.cast import Cast, sign_in

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def today(at: Callable[[datetime], None]) -> None:
    at(NOW)


def started(cast: Cast) -> Built:
    built = application_at(cast, Step.INTERVIEW_LOOP)
    with writing():
        actions.compose(cast.rita, built.application_id, now=NOW)
    return built


def show(client: FlaskClient, url: str, status: int = 200) -> BeautifulSoup:
    answer = client.get(url)
    assert answer.status_code == status, answer.text
    return BeautifulSoup(answer.text, "html.parser")


def loop_url(built: Built) -> str:
    return f"/applications/{built.application_id}/loop"


def actions_on(page: BeautifulSoup) -> set[str]:
    return {str(form["data-action"]) for form in page.select("form[data-action^='loop.']")}


def seat_id(built: Built, person_id: int) -> int:
    loop = queries.loop_for(built.application_id)
    assert loop is not None
    return next(seat.id for seat in queries.held_seats(loop) if seat.person_id == person_id)


def test_the_recruiter_starts_composing_and_sees_what_is_missing(client: FlaskClient, cast: Cast) -> None:
    built = application_at(cast, Step.INTERVIEW_LOOP)
    sign_in(client, cast.rita)
    assert "loop.compose" in actions_on(show(client, loop_url(built)))
    client.post(f"{loop_url(built)}/compose", data={"submission_key": "k1"})
    page = show(client, loop_url(built))
    shown = {str(one["data-rule"]) for one in page.select("form[data-action='loop.confirm'] [data-rule]")}
    assert {"loop.size", "loop.slotted", "loop.principles"} <= shown
    button = page.select_one("form[data-action='loop.confirm'] button")
    assert button is not None and button["aria-disabled"] == "true"
    assert "Bea" in page.text


def test_adding_a_colleague_below_the_level_shows_the_rule_beside_their_seat(client: FlaskClient, cast: Cast) -> None:
    built = started(cast)
    sign_in(client, cast.hector)
    answer = client.post(f"{loop_url(built)}/seats", data={"person": "juna@example.org", "submission_key": "k1"})
    assert answer.status_code == 303
    row = show(client, loop_url(built)).select_one(f"tr[data-seat='{seat_id(built, cast.juna.id)}']")
    assert row is not None and row.select_one("[data-seat-rule='loop.level']") is not None
    assert "Juna is level 5; the position is level 7; at least 6 is needed." in row.text


def test_a_repeated_submit_seats_somebody_once(client: FlaskClient, cast: Cast) -> None:
    built = started(cast)
    sign_in(client, cast.rita)
    for _ in range(2):
        data = {"person": "iris@example.org", "submission_key": "same"}
        assert client.post(f"{loop_url(built)}/seats", data=data).status_code == 303
    assert db.session.scalar(select(func.count(Seat.id)).where(Seat.person_id == cast.iris.id)) == 1


def test_an_unknown_address_is_an_error_beside_its_field(client: FlaskClient, cast: Cast) -> None:
    built = started(cast)
    sign_in(client, cast.rita)
    answer = client.post(f"{loop_url(built)}/seats", data={"person": "nobody@example.org", "submission_key": "k"})
    assert answer.status_code == 422
    page = BeautifulSoup(answer.text, "html.parser")
    form = page.select_one("form[data-action='loop.seat']")
    assert (
        form is not None
        and "Nobody here has the e-mail address or name nobody@example.org." in form.text
        and "nobody@example.org" in str(form)
    )


def test_confirming_against_a_rule_is_refused_with_its_name(client: FlaskClient, cast: Cast) -> None:
    built = started(cast)
    sign_in(client, cast.rita)
    answer = client.post(f"{loop_url(built)}/confirm", data={"submission_key": "k"})
    assert answer.status_code == 409
    assert BeautifulSoup(answer.text, "html.parser").select("[role=alert] [data-rule='loop.size']")


@pytest.mark.parametrize(("key", "status"), [("olga", 404), ("iris", 404), ("amal", 200), ("cora", 200)])
def test_who_has_no_part_sees_no_loop(client: FlaskClient, cast: Cast, key: str, status: int) -> None:
    built = started(cast)
    sign_in(client, getattr(cast, key))
    show(client, loop_url(built), status)
    show(client, f"/seats/{seat_id(built, cast.bea.id)}", status)
    answer = client.post(f"{loop_url(built)}/seats", data={"person": "iris@example.org", "submission_key": "k"})
    assert answer.status_code == (404 if status == 404 else 403)


def test_a_coordinator_is_offered_slots_but_no_people(client: FlaskClient, cast: Cast) -> None:
    built = started(cast)
    sign_in(client, cast.cora)
    assert not {"loop.seat", "loop.redraw"} & actions_on(show(client, loop_url(built)))
    assert actions_on(show(client, f"/seats/{seat_id(built, cast.bea.id)}")) == {"loop.slot"}


def test_only_an_administrator_is_offered_another_bar_raiser(client: FlaskClient, cast: Cast) -> None:
    built = started(cast)
    sign_in(client, cast.hector)
    assert "loop.redraw" not in actions_on(show(client, loop_url(built)))
    data = {"cause": "ill", "reason": "Flu.", "submission_key": "k"}
    assert client.post(f"{loop_url(built)}/redraw", data=data).status_code == 403
    sign_in(client, cast.amal)
    assert "loop.redraw" in actions_on(show(client, loop_url(built)))
    assert client.post(f"{loop_url(built)}/redraw", data=data).status_code == 303
    drawn = queries.bar_raiser_of(built.application_id)
    assert drawn is not None and drawn.name == "Bram"


def test_a_seat_is_planned_with_principles_questions_and_a_slot_in_the_readers_zone(
    client: FlaskClient, cast: Cast
) -> None:
    built = started(cast)
    sign_in(client, cast.rita)
    seat = seat_id(built, cast.bea.id)
    first, second = list(built.items.values())[:2]
    data = {"items": [str(first), str(second)], f"question_{first}": "When did you disagree?", "version": "0"}
    assert client.post(f"/seats/{seat}/plan", data=data).status_code == 303
    slot = {"starts_at": "2026-03-09T10:00", "minutes": "45", "where": "Room 2", "version": "0"}
    assert client.post(f"/seats/{seat}/slot", data=slot).status_code == 303
    row = db.session.get_one(Seat, seat)
    assert [(one.item_id, one.question) for one in row.assignments] == [
        (first, "When did you disagree?"),
        (second, ""),
    ]
    assert row.interviews[0].starts_at == datetime(2026, 3, 9, 9, 0, tzinfo=UTC)
    assert "Room 2" in show(client, f"/seats/{seat}").text
    third = list(built.items.values())[2]
    beside = {"items": [str(second)], f"question_{first}": "When did you disagree?", f"question_{third}": "And then?"}
    refused = client.post(f"/seats/{seat}/plan", data=beside | {"version": "1"})
    assert refused.status_code == 422 and "And then?" in refused.text
    assert refused.text.count("or delete the question: it is asked only then") == 2  # beside the field, and on top
    del beside[f"question_{third}"]  # what was planned before goes with its tick
    assert client.post(f"/seats/{seat}/plan", data=beside | {"version": "1"}).status_code == 303


def test_an_interviewer_accepts_reports_and_has_the_day_on_their_desk(
    client: FlaskClient, cast: Cast, at: Callable[[datetime], None]
) -> None:
    built = application_at(cast, Step.WRITTEN_FEEDBACK, held=False)
    with client.application.test_request_context():
        assert [item.kind for item in items_for(cast.iris, NOW)] == ["invitation"]
        assert [item.kind for item in items_for(cast.iris, LOOP_DAY)] == ["interview"]
        assert [debt.what for debt in debts(cast.iris.id, None).seen] == ["Interview with Nadia Novak"]
    sign_in(client, cast.iris)
    seat = built.seats["iris"]
    assert {"loop.accept", "loop.decline"} <= actions_on(show(client, f"/seats/{seat}"))
    assert client.post(f"/seats/{seat}/accept", data={"submission_key": "a"}).status_code == 303
    interview = db.session.get_one(Seat, seat).interviews[0]
    interview_id, end = interview.id, interview.ends_at
    at(end + timedelta(minutes=1))
    assert "loop.report" in actions_on(show(client, f"/seats/{seat}"))
    data = {"outcome": "cut_short", "ended_at": "", "submission_key": "b"}
    assert client.post(f"/seats/{seat}/interviews/{interview_id}/report", data=data).status_code == 303
    assert db.session.get_one(Seat, seat).interviews[0].state is InterviewState.CUT_SHORT


def test_the_bar_raiser_vacates_a_seat_once_its_interview_began(
    client: FlaskClient, cast: Cast, at: Callable[[datetime], None]
) -> None:
    built = application_at(cast, Step.WRITTEN_FEEDBACK)
    sign_in(client, cast.bea)
    url, data = f"/seats/{built.seats['iris']}/vacate", {"cause": "ill", "reason": "Flu.", "submission_key": "a"}
    answer = client.post(url, data=data)
    assert answer.status_code == 409 and 'data-rule="loop.evidence"' in answer.text
    at(LOOP_DAY + timedelta(days=1))
    assert "loop.vacate" in actions_on(show(client, f"/seats/{built.seats['iris']}"))
    assert client.post(url, data=data | {"submission_key": "b"}).status_code == 303
    assert db.session.get_one(Seat, built.seats["iris"]).state is SeatState.VACATED


def test_a_seat_is_vacated_for_no_cause_that_the_rules_refuse(
    client: FlaskClient, cast: Cast, at: Callable[[datetime], None]
) -> None:
    built = application_at(cast, Step.DEBRIEF)
    at(LOOP_DAY + timedelta(days=20))
    sign_in(client, cast.amal)
    page = show(client, f"/seats/{built.seats['iris']}")
    causes = {str(option["value"]) for option in page.select('form[data-action="loop.vacate"] option')}
    assert causes == {"left", "ill"} and "The feedback of Iris is in." in page.text
    chair = show(client, f"/seats/{built.seats['bea']}")
    form = chair.select_one('form[data-action="loop.vacate"]')
    assert form is not None and form.select_one('[data-rule="loop.required"]') is not None
    assert form.select_one('button[aria-disabled="true"]') is not None


def test_a_refused_report_offers_again_what_its_sender_may_report(
    client: FlaskClient, cast: Cast, at: Callable[[datetime], None]
) -> None:
    built = application_at(cast, Step.WRITTEN_FEEDBACK, held=False)
    at(LOOP_DAY + timedelta(hours=3, minutes=10))
    seat_id = built.seats["iris"]
    interview_id = db.session.get_one(Seat, seat_id).interviews[0].id
    answer = sign_in(client, cast.rita).post(
        f"/seats/{seat_id}/interviews/{interview_id}/report", data={"outcome": "held"}
    )
    assert answer.status_code == 409
    page = BeautifulSoup(answer.text, "html.parser")
    offered = {str(option["value"]) for option in page.select('form[data-action="loop.report"] option')}
    assert offered == {"held", "cut_short"}


def test_the_recruiters_desk_names_loops_to_compose(client: FlaskClient, cast: Cast) -> None:
    built = started(cast)
    with client.application.test_request_context():
        for person in (cast.rita, cast.cora):
            assert [item.url for item in items_for(person, NOW) if item.kind == "loop"] == [loop_url(built)]
        assert [item for item in items_for(cast.ron, NOW) if item.kind == "loop"] == []


def test_a_declared_conflict_shows_beside_the_seat(client: FlaskClient, cast: Cast) -> None:
    built = started(cast)
    data = {"person": "bea@example.org", "kind": "family", "reason": "Her sister.", "submission_key": "k"}
    sign_in(client, cast.rita)
    assert client.post(f"{loop_url(built)}/conflicts", data=data).status_code == 403
    sign_in(client, cast.amal)
    assert client.post(f"{loop_url(built)}/conflicts", data=data | {"reason": " "}).status_code == 422
    assert client.post(f"{loop_url(built)}/conflicts", data=data | {"person": "  "}).status_code == 422
    assert client.post(f"{loop_url(built)}/conflicts", data=data).status_code == 303
    row = show(client, loop_url(built)).select_one(f"tr[data-seat='{seat_id(built, cast.bea.id)}']")
    assert row is not None and row.select_one("[data-seat-rule='loop.conflict']") is not None
    loop = queries.loop_for(built.application_id)
    assert loop is not None and loop.state is LoopState.COMPOSING


def test_only_who_may_take_a_conflict_back_reads_why_it_was_declared(client: FlaskClient, cast: Cast) -> None:
    built = started(cast)
    with writing():
        words = (ConflictKind.FAMILY, "Her sister.")
        actions.declare_conflict(cast.amal, built.application_id, cast.bea.id, *words, now=NOW)
    sign_in(client, cast.rita)
    page = show(client, loop_url(built))
    assert "loop.withdraw_conflict" not in actions_on(page) and "Her sister." not in page.text
    sign_in(client, cast.amal)
    page = show(client, loop_url(built))
    assert "loop.withdraw_conflict" in actions_on(page) and "Her sister." in page.text
    url = f"{loop_url(built)}/conflicts/{cast.bea.id}/withdraw"
    assert client.post(url, data={"reason": "", "submission_key": "a"}).status_code == 422
    assert client.post(url, data={"reason": "Another Bea.", "submission_key": "b"}).status_code == 303
    row = show(client, loop_url(built)).select_one(f"tr[data-seat='{seat_id(built, cast.bea.id)}']")
    assert row is not None and row.select_one("[data-seat-rule='loop.conflict']") is None


def test_a_conflict_declared_after_confirmation_shows_beside_the_seat_and_on_desks(
    client: FlaskClient, cast: Cast
) -> None:
    built = application_at(cast, Step.WRITTEN_FEEDBACK, held=False)
    with writing():
        for who in (cast.iris, cast.bea):
            words = (ConflictKind.OTHER, "They share a company.")
            actions.declare_conflict(who, built.application_id, who.id, *words, now=NOW)
    sign_in(client, cast.rita)
    row = show(client, loop_url(built)).select_one(f"tr[data-seat='{built.seats['iris']}']")
    assert row is not None and row.select_one("[data-seat-rule='loop.conflict']") is not None
    assert show(client, f"/seats/{built.seats['iris']}").select("[data-rule='loop.conflict']")
    with client.application.test_request_context():
        for person, whom in ((cast.rita, {"Iris", "Bea"}), (cast.cora, {"Iris", "Bea"}), (cast.amal, {"Bea"})):
            told = {item.detail for item in items_for(person, NOW) if item.title.startswith("Mend")}
            assert told == {f"{name} has a conflict of interest." for name in whom}


def test_seats_to_mend_are_those_of_people_who_left_stand_too_low_or_would_report(
    client: FlaskClient, cast: Cast
) -> None:
    built = application_at(cast, Step.WRITTEN_FEEDBACK, held=False)
    with writing():
        cast.iris.disabled_at = NOW
        cast.irma.level = 5
        db.session.add(WouldBeReport(description_id=built.description_id, person_id=cast.bea.id))
    jobs.suspect(NOW)
    with client.application.test_request_context():
        told = {item.detail for item in items_for(cast.rita, NOW) if item.title.startswith("Mend")}
    assert told == {"Iris has left.", "Irma is below the level.", "Bea would report to the position."}


def test_a_sweep_finds_what_must_be_mended_for_what_happened_elsewhere_and_drops_what_was_mended(
    client: FlaskClient, cast: Cast
) -> None:
    built = application_at(cast, Step.WRITTEN_FEEDBACK, held=False)

    def told() -> set[str]:
        with client.application.test_request_context():
            return {item.detail for item in items_for(cast.rita, NOW) if item.title.startswith("Mend")}

    jobs.suspect(NOW)
    assert not lists.wrongly_suspected()
    with writing():
        actions.decline(cast.irma, built.seats["irma"], "Away.", now=NOW)
    assert told() == {"Irma declined."}
    with writing():
        actions.accept(cast.irma, built.seats["irma"], now=NOW)
        cast.iris.disabled_at = NOW
    assert jobs.suspect(NOW) == 0  # under suspicion since the answer, and rightly
    assert told() == {"Iris has left."}
    with writing():
        cast.iris.disabled_at = None
    assert jobs.suspect(NOW) == 1
    assert told() == set()
    with writing():
        cast.bea.disabled_at = NOW
    assert told() == set()
    assert jobs.suspect(NOW) == 1
    assert told() == {"Bea has left."}


def test_a_change_that_only_a_reason_passes_asks_for_it_on_the_page(client: FlaskClient, cast: Cast) -> None:
    built = application_at(cast, Step.WRITTEN_FEEDBACK, held=False)
    sign_in(client, cast.rita)
    url, data = f"{loop_url(built)}/debrief", {"starts_at": "2026-03-24T16:00", "minutes": "60", "version": "0"}
    for reason, error in (("", []), ("x" * 2001, ["At most 2000 characters."])):
        sent = {"submission_key": "a", "reason.loop.debrief_booked": reason}
        answer = client.post(url, data=data | sent)
        page = BeautifulSoup(answer.text, "html.parser")
        assert answer.status_code == 409
        form = "form[data-action='loop.debrief']"
        assert [one.text for one in page.select(f"{form} textarea[name='reason.loop.debrief_booked']")] == [reason]
        assert [one.text for one in page.select(f"{form} .field-error")] == error
    reasoned = data | {"reason.loop.debrief_booked": "Hector is away.", "submission_key": "b"}
    assert client.post(url, data=reasoned).status_code == 303
    assert db.session.scalars(select(PassedWarning.reason)).one() == "Hector is away."


def test_a_coordinator_is_offered_no_outcome_that_only_the_interviewer_may_report(
    client: FlaskClient, cast: Cast, at: Callable[[datetime], None]
) -> None:
    built = application_at(cast, Step.WRITTEN_FEEDBACK, held=False)
    at(LOOP_DAY + timedelta(days=1))
    shown = {}
    for person in (cast.cora, cast.iris):
        sign_in(client, person)
        form = show(client, f"/seats/{built.seats['iris']}").select_one("form[data-action='loop.report']")
        assert form is not None
        fields = {str(one["name"]) for one in form.select("select, input")}
        shown[person.name] = ({str(one["value"]) for one in form.select("option")}, "ended_at" in fields)
    assert shown["Cora"] == ({"held", "cut_short"}, False)
    assert shown["Iris"] == ({"held", "cut_short", "candidate_no_show", "interviewer_no_show"}, True)

"""The pages of moves and cords: what they offer to whom, what they refuse, and that a repeated submit acts once."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient

from hiring.ground.database import db, writing
from hiring.people.models import Person
from hiring.pipeline import queries as pipeline
from hiring.pipeline.models import Cord, CordAction, CordNamed, Requisition
from hiring.pipeline.rules import End, EndReason, Origin, RequisitionStatus, Step
from hiring.steps.debrief import actions as debrief
from hiring.transitions import actions, cords, owners
from tests.builders import LOOP_DAY, Built, application_at, requisition
from tests.cast import Cast, sign_in

NOW = LOOP_DAY + timedelta(days=3)


@pytest.fixture(autouse=True)
def _three_days_after_the_loop(at: Callable[[datetime], None]) -> None:
    at(NOW)


def page(client: FlaskClient, url: str, status: int = 200) -> BeautifulSoup:
    """The page at an address, which must answer with that status."""
    response = client.get(url)
    assert response.status_code == status, response.text
    return BeautifulSoup(response.text, "html.parser")


def acts(soup: BeautifulSoup) -> set[str]:
    """Actions that the page offers."""
    return {str(form["data-action"]) for form in soup.select("main form[data-action]")}


def url(built: Built, tail: str) -> str:
    """An address of the application."""
    return f"/applications/{built.application_id}/{tail}"


def test_owners_find_every_move_of_a_live_application(cast: Cast, client: FlaskClient) -> None:
    built = application_at(cast, Step.DEBRIEF)
    for owner in (cast.rita, cast.hector):
        assert acts(page(sign_in(client, owner), url(built, "moves"))) == {
            "application.hold",
            "application.send_back",
            "application.move",
            "application.propose_level",
            "application.withdraw",
            "application.reject",
        }


def test_the_bar_raiser_finds_only_the_way_back_and_an_interviewer_nothing(cast: Cast, client: FlaskClient) -> None:
    built = application_at(cast, Step.DEBRIEF)

    assert acts(page(sign_in(client, cast.bea), url(built, "moves"))) == {"application.send_back"}
    soup = page(sign_in(client, cast.iris), url(built, "moves"))
    assert acts(soup) == set()
    assert "Nothing here is yours to move" in soup.text


def test_rejecting_after_interviews_is_greyed_out_with_its_rule(cast: Cast, client: FlaskClient) -> None:
    built = application_at(cast, Step.DEBRIEF)
    soup = page(sign_in(client, cast.rita), url(built, "moves"))

    form = soup.select_one('form[data-action="application.reject"]')
    assert form is not None
    assert form.select_one("[data-rule]") is not None
    assert form.select_one('button[aria-disabled="true"]') is not None


def test_a_repeated_submit_sends_back_once(cast: Cast, client: FlaskClient) -> None:
    built = application_at(cast, Step.DEBRIEF)
    browser = sign_in(client, cast.rita)
    before = len(pipeline.visits(built.application_id))
    typed = {"to": "debrief", "reason": "Anew", "submission_key": "once", "version": str(before)}
    for _ in range(2):
        assert browser.post(url(built, "send-back"), data=typed).status_code == 303

    assert len(pipeline.visits(built.application_id)) == before + 1


def test_a_move_without_its_reason_is_shown_beside_the_field(cast: Cast, client: FlaskClient) -> None:
    built = application_at(cast, Step.PHONE_SCREEN)
    response = sign_in(client, cast.rita).post(url(built, "hold"), data={"reason": ""})

    assert response.status_code == 422
    assert "Say why" in response.text


def test_a_step_that_lies_ahead_is_no_way_back(cast: Cast, client: FlaskClient) -> None:
    built = application_at(cast, Step.PHONE_SCREEN)
    typed = {"to": "offer", "reason": "x", "version": "2"}
    response = sign_in(client, cast.rita).post(url(built, "send-back"), data=typed)

    assert response.status_code == 422


def test_who_sends_back_from_an_older_page_is_told_where_the_application_is_now(
    cast: Cast, client: FlaskClient
) -> None:
    built = application_at(cast, Step.WRITTEN_FEEDBACK)
    browser = sign_in(client, cast.rita)
    form = page(browser, url(built, "moves")).select_one('form[data-action="application.send_back"]')
    assert form is not None
    typed = {"to": "interview_loop", "reason": "One more interview"}
    typed["version"] = str(form.select_one("input[name=version]")["value"])  # type: ignore[index]
    with writing():
        actions.send_back(cast.hector, built.application_id, Step.PHONE_SCREEN, "Ask again", now=NOW)
    before = len(pipeline.visits(built.application_id))
    response = browser.post(url(built, "send-back"), data=typed)

    assert response.status_code == 409
    where = "Somebody, or another window of yours, changed where this application stands after"
    assert where in response.text
    assert f"Now in {Step.PHONE_SCREEN.label}" in response.text
    assert "One more interview" in response.text
    assert len(pipeline.visits(built.application_id)) == before


def test_reopening_after_a_no_hire_answers_with_the_rule(cast: Cast, client: FlaskClient) -> None:
    built = application_at(cast, Step.DEBRIEF)
    with writing():
        actions.spine.end_application(
            pipeline.lock_application(built.application_id),
            End.REJECTED,
            EndReason.NO_HIRE,
            actor_id=cast.hector.id,
            now=NOW,
        )
    response = sign_in(client, cast.rita).post(url(built, "reopen"), data={"reason": "x"})

    assert response.status_code == 409
    soup = BeautifulSoup(response.text, "html.parser")
    assert soup.select_one('[data-rule="application.cool_off"]') is not None


@pytest.mark.parametrize("how", ["no hire", "veto", "all against"])
def test_a_decision_against_hiring_greys_reopening_and_says_why_before_the_press(
    cast: Cast, client: FlaskClient, how: str
) -> None:
    built = application_at(cast, Step.REFERENCE_CHECK if how == "veto" else Step.DEBRIEF)
    with writing():
        if how == "veto":
            debrief.veto(cast.bea, built.application_id, "Not shown.", ["Ownership"], now=NOW)
        else:
            reason = EndReason.NO_HIRE if how == "no hire" else EndReason.ALL_AGAINST
            row = pipeline.lock_application(built.application_id)
            actions.spine.end_application(row, End.REJECTED, reason, actor_id=cast.hector.id, now=NOW, cool_off=True)

    form = page(sign_in(client, cast.rita), url(built, "moves")).select_one("[data-action='application.reopen']")

    assert form is not None and form.select_one("[data-rule='application.cool_off']")
    button = form.select_one("button[type=submit]")
    assert button is not None and button["aria-disabled"] == "true"


@pytest.mark.parametrize(
    "tail", ["withdraw", "hold", "resume", "send-back", "reopen", "move", "reject", "level", "level/adopt", "cord"]
)
def test_strangers_find_no_move_to_make(cast: Cast, client: FlaskClient, tail: str) -> None:
    built = application_at(cast, Step.PHONE_SCREEN)
    browser = sign_in(client, cast.olga)

    assert browser.post(url(built, tail), data={"reason": "x", "what": "x", "message": "x"}).status_code == 404
    page(browser, url(built, "moves"), 404)


def test_a_coordinator_sees_the_application_but_may_not_withdraw_it(cast: Cast, client: FlaskClient) -> None:
    built = application_at(cast, Step.PHONE_SCREEN)

    assert sign_in(client, cast.cora).post(url(built, "withdraw"), data={"reason": "x"}).status_code == 403


def test_who_holds_what_was_held_meanwhile_reads_the_standing_reason(cast: Cast, client: FlaskClient) -> None:
    built = application_at(cast, Step.PHONE_SCREEN)
    with writing():
        actions.hold(cast.rita, built.application_id, "Budget round", now=NOW)
        actions.hold_requisition(cast.rita, built.requisition_id, "Reorganisation", now=NOW)
    sign_in(client, cast.hector)
    for address, words in (
        (url(built, "hold"), "Budget round"),
        (f"/requisitions/{built.requisition_id}/hold", "Reorganisation"),
    ):
        response = client.post(address, data={"reason": "Mine."})
        assert response.status_code == 409 and words in response.text
        assert "Somebody, or another window of yours, changed this" in response.text


def test_a_requisition_on_hold_leads_to_no_careers_page_that_is_not_there(client: FlaskClient, cast: Cast) -> None:
    built = application_at(cast, Step.RESUME_REVIEW)
    address, public = f"/requisitions/{built.requisition_id}", "/careers/R-1"
    assert f'href="{public}"' in sign_in(client, cast.rita).get(address).text
    with writing():
        actions.hold_requisition(cast.rita, built.requisition_id, "Reorganisation", now=NOW)
    assert client.get(public).status_code == 404
    assert f'href="{public}"' not in client.get(address).text


def test_a_held_application_offers_to_end_the_hold_and_says_why_it_was_held(cast: Cast, client: FlaskClient) -> None:
    built = application_at(cast, Step.PHONE_SCREEN)
    with writing():
        actions.hold(cast.rita, built.application_id, "Budget round", now=NOW)
    soup = page(sign_in(client, cast.rita), url(built, "moves"))

    assert "application.resume" in acts(soup)
    assert "application.hold" not in acts(soup)
    assert "Budget round" in soup.text
    assert sign_in(client, cast.rita).post(url(built, "resume")).status_code == 303
    assert built.application.held_at is None


# --- Requisitions --------------------------------------------------------------------------------------------------


def test_closing_with_an_undecided_application_names_it_and_keeps_what_was_chosen(
    cast: Cast, client: FlaskClient
) -> None:
    built = application_at(cast, Step.PHONE_SCREEN, name="Ada A")
    first = built.application_id
    application_at(cast, Step.PHONE_SCREEN, on=built, name="Ben B")
    address = f"/requisitions/{built.requisition_id}/close"
    browser = sign_in(client, cast.rita)
    response = browser.post(address, data={"message": "Closed.", f"choice.{first}": "reject"})

    assert response.status_code == 409
    soup = BeautifulSoup(response.text, "html.parser")
    refusal = soup.select_one('[data-rule="requisition.open"]')
    assert refusal is not None
    assert "Ben B" in refusal.text
    chosen = soup.select_one(f'[name="choice.{first}"] option[selected]')
    assert chosen is not None
    assert chosen["value"] == "reject"


def test_closing_lists_the_open_requisitions_once_however_many_applications_there_are(
    cast: Cast, client: FlaskClient
) -> None:
    built = application_at(cast, Step.PHONE_SCREEN, name="Ada A")
    application_at(cast, Step.PHONE_SCREEN, on=built, name="Ben B")
    for number in range(3):
        requisition(cast, code=f"T-{number}")
    form = page(sign_in(client, cast.rita), f"/requisitions/{built.requisition_id}/moves").select_one(
        'form[data-action="requisition.close"]'
    )

    assert form is not None
    assert [option["value"] for option in form.select("datalist option")] == ["T-2", "T-1", "T-0"]
    for typed in form.select('input[name^="target."]'):
        assert typed["list"] == form.select_one("datalist")["id"]  # type: ignore[index]
        label = form.select_one(f'label[for="{typed["id"]}"]')
        assert label is not None
        assert label.text.startswith("Requisition to which")


@pytest.mark.parametrize("code", ["", "T-9", "R-1"])
def test_a_move_to_no_other_open_requisition_is_said_beside_its_field(
    cast: Cast, client: FlaskClient, code: str
) -> None:
    built = application_at(cast, Step.PHONE_SCREEN)
    browser = sign_in(client, cast.rita)
    response = browser.post(url(built, "move"), data={"requisition": code, "reason": "It suits them better."})

    assert response.status_code == 422
    field = BeautifulSoup(response.text, "html.parser").select_one('form[data-action="application.move"] input[list]')
    assert field is not None
    assert field["aria-invalid"] == "true"
    assert field["value"] == code
    assert built.application.ended is None


def test_a_move_goes_to_the_requisition_whose_code_was_typed(cast: Cast, client: FlaskClient) -> None:
    built = application_at(cast, Step.PHONE_SCREEN)
    target = requisition(cast, code="T-1")
    sent = {"requisition": " t-1 ", "reason": "It suits them better."}
    response = sign_in(client, cast.rita).post(url(built, "move"), data=sent)

    assert response.status_code == 303
    assert pipeline.application(built.application.moved_to_id or 0).requisition_id == target.requisition_id


@pytest.mark.parametrize("code", ["", "T-9", "R-1"])
def test_a_code_that_names_no_other_open_requisition_is_said_beside_its_field(
    cast: Cast, client: FlaskClient, code: str
) -> None:
    built = application_at(cast, Step.PHONE_SCREEN)
    typed = {"message": "Closed.", f"choice.{built.application_id}": "move", f"target.{built.application_id}": code}
    response = sign_in(client, cast.rita).post(f"/requisitions/{built.requisition_id}/close", data=typed)

    assert response.status_code == 422
    soup = BeautifulSoup(response.text, "html.parser")
    field = soup.select_one(f'[name="target.{built.application_id}"]')
    assert field is not None
    assert field["aria-invalid"] == "true"
    assert field["value"] == code
    assert soup.find(id=str(field["aria-describedby"])) is not None
    assert built.application.ended is None


@pytest.mark.parametrize("choice", ["move", ""])
def test_closing_moves_to_the_requisition_whose_code_was_typed(cast: Cast, client: FlaskClient, choice: str) -> None:
    built = application_at(cast, Step.PHONE_SCREEN)
    target = requisition(cast, code="T-1").requisition_id
    typed = {"message": "Closed.", f"choice.{built.application_id}": choice}
    typed[f"target.{built.application_id}"] = " t-1 "
    response = sign_in(client, cast.rita).post(f"/requisitions/{built.requisition_id}/close", data=typed)

    assert response.status_code == 303
    moved = pipeline.application(built.application.moved_to_id or 0)
    assert moved.requisition_id == target


def test_a_requisition_is_closed_and_opened_again_on_its_page(cast: Cast, client: FlaskClient) -> None:
    built = requisition(cast)
    browser = sign_in(client, cast.rita)
    address = f"/requisitions/{built.requisition_id}"
    assert browser.post(f"{address}/close", data={"message": "Closed."}).status_code == 303
    assert acts(page(browser, f"{address}/moves")) == {"requisition.reopen"}
    assert browser.post(f"{address}/open-again").status_code == 303

    assert db.session.get_one(Requisition, built.requisition_id).status is RequisitionStatus.OPEN


def test_a_dependent_hiring_manager_is_refused_on_the_page_with_the_rule(cast: Cast, client: FlaskClient) -> None:
    built = application_at(cast, Step.DEBRIEF)
    response = sign_in(client, cast.amal).post(
        f"/requisitions/{built.requisition_id}/owners",
        data={"hiring_manager": "lars@example.org", "recruiter": cast.rita.id, "version": "0"},
    )

    assert response.status_code == 409
    soup = BeautifulSoup(response.text, "html.parser")
    assert soup.select_one('[data-rule="loop.bar_raiser_independent"]') is not None


def test_who_is_no_recruiter_takes_no_requisition_over_and_the_page_says_so(cast: Cast, client: FlaskClient) -> None:
    built = requisition(cast)
    both = {"hiring_manager": cast.rita.email, "recruiter": cast.rita.id, "version": "0"}
    answer = sign_in(client, cast.rita).post(f"/requisitions/{built.requisition_id}/owners", data=both)
    assert answer.status_code == 409
    stop = BeautifulSoup(answer.text, "html.parser").select_one('[data-rule="requisition.owners"]')
    assert stop is not None and "cannot be both its hiring manager and its recruiter" in stop.text


def test_owners_who_changed_meanwhile_are_not_undone_by_a_form_that_names_both(cast: Cast, client: FlaskClient) -> None:
    built = requisition(cast)
    address = f"/requisitions/{built.requisition_id}"
    browser = sign_in(client, cast.amal)
    shown = page(browser, f"{address}/moves").select_one("[data-action='requisition.owners'] [name=version]")
    assert shown is not None
    mine = {"hiring_manager": "igor@example.org", "recruiter": cast.rita.id, "version": shown["value"]}
    with writing():
        owners.change_owner(cast.rita, built.requisition_id, hiring_manager_id=None, recruiter_id=cast.ron.id, now=NOW)

    answer = browser.post(f"{address}/owners", data=mine)

    assert answer.status_code == 409
    notice = BeautifulSoup(answer.text, "html.parser").select_one("[role=alert]:has([data-stale])")
    assert notice is not None and "Ron" in notice.text
    row = db.session.get_one(Requisition, built.requisition_id)
    assert (row.hiring_manager_id, row.recruiter_id) == (cast.hector.id, cast.ron.id)
    again = mine | {"recruiter": cast.ron.id, "version": "1"}
    nobody = browser.post(f"{address}/owners", data=again | {"hiring_manager": "  "})
    assert nobody.status_code == 422 and "Name the hiring manager." in nobody.text
    assert browser.post(f"{address}/owners", data=again).status_code == 303


def test_another_recruiter_reads_but_does_not_move_a_requisition(cast: Cast, client: FlaskClient) -> None:
    built = requisition(cast)
    address = f"/requisitions/{built.requisition_id}"

    assert acts(page(sign_in(client, cast.ron), f"{address}/moves")) == set()
    assert sign_in(client, cast.ron).post(f"{address}/hold", data={"reason": "x"}).status_code == 403
    page(sign_in(client, cast.olga), f"{address}/moves", 404)


# --- Cords ---------------------------------------------------------------------------------------------------------


def test_the_cord_is_pulled_once_and_its_page_shows_that_it_stands(cast: Cast, client: FlaskClient) -> None:
    built = application_at(cast, Step.DEBRIEF)
    browser = sign_in(client, cast.iris)
    typed = {"what": "A protected topic was asked", "named": "Irma", "submission_key": "once"}
    answers = [browser.post(url(built, "cord"), data=typed) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [303, 303]
    cord = db.session.query(Cord).one()
    soup = page(browser, f"/cords/{cord.id}")
    assert "not cleared" in soup.text
    assert "Irma" in soup.text
    assert acts(soup) == set()


@pytest.mark.parametrize("path", ["/requisitions/{}/cord", "/requisitions/{}/moves"])
def test_a_page_that_asks_for_a_colleague_is_no_longer_for_a_larger_company(
    cast: Cast, client: FlaskClient, path: str
) -> None:
    built = requisition(cast)
    browser = sign_in(client, cast.hector)
    before = page(browser, path.format(built.requisition_id)).select("main option, main [type=checkbox]")
    with writing():
        db.session.add_all(
            Person(name=f"Newcomer {number}", email=f"n{number}@example.org", title="Engineer", level=6, country="DE")
            for number in range(30)
        )
    after = page(browser, path.format(built.requisition_id))
    assert len(after.select("main option, main [type=checkbox]")) == len(before)
    assert "Newcomer" not in after.text


def test_colleagues_are_named_by_address_or_name_and_the_unknown_are_told_beside_the_field(
    cast: Cast, client: FlaskClient
) -> None:
    built = application_at(cast, Step.DEBRIEF)
    with writing():
        cast.juna.name = cast.ilse.name = "Kim"
    browser = sign_in(client, cast.iris)
    typed = {"what": "A protected topic was asked", "named": "irma@example.org\n\nKim\nNobody\nRita"}
    answer = browser.post(url(built, "cord"), data=typed)
    error = BeautifulSoup(answer.text, "html.parser").select_one("textarea[name=named] ~ .field-error")

    assert answer.status_code == 422 and error is not None
    assert "Several people are named Kim; give the e-mail address." in error.text
    assert "Nobody here has the e-mail address or name Nobody." in error.text
    assert "irma@example.org\n\nKim\nNobody\nRita" in answer.text.replace("\r\n", "\n")
    typed["named"] = "irma@example.org\njuna@example.org\nIrma"
    assert browser.post(url(built, "cord"), data=typed).status_code == 303
    named = {row.person_id for row in db.session.query(CordNamed)}
    assert named == {cast.irma.id, cast.juna.id}


@pytest.mark.parametrize(("typed", "words"), [("", "Name the hiring manager."), ("a\x00", "cannot be stored")])
def test_a_requisition_is_handed_to_nobody_by_mistake(cast: Cast, client: FlaskClient, typed: str, words: str) -> None:
    built = requisition(cast)
    address = f"/requisitions/{built.requisition_id}"
    browser = sign_in(client, cast.amal)
    held = page(browser, f"{address}/moves").select_one("input[name=hiring_manager]")
    assert held is not None and held["value"] == "hector@example.org"
    answer = browser.post(f"{address}/owners", data={"hiring_manager": typed, "recruiter": cast.ron.id, "version": "0"})
    assert answer.status_code == 422 and words in answer.text
    assert db.session.get_one(Requisition, built.requisition_id).recruiter_id == cast.rita.id


def test_the_bar_raiser_clears_on_the_page_and_the_interviewer_may_not(cast: Cast, client: FlaskClient) -> None:
    built = application_at(cast, Step.DEBRIEF)
    with writing():
        cord_id = cords.pull(cast.iris, built.application_id, "x", [], now=NOW).id
    typed = {"cause": "No training", "correction": "Train all", "end": "go_on", "message": ""}
    address = f"/cords/{cord_id}"

    assert sign_in(client, cast.irma).post(f"{address}/clear", data=typed).status_code == 403
    assert sign_in(client, cast.olga).post(f"{address}/clear", data=typed).status_code == 404
    browser = sign_in(client, cast.bea)
    assert acts(page(browser, address)) == {"cord.clear"}
    assert browser.post(f"{address}/clear", data={**typed, "cause": ""}).status_code == 422
    assert browser.post(f"{address}/clear", data=typed).status_code == 303
    assert "Train all" in page(browser, address).text


def test_somebody_named_reads_the_cord_although_they_have_no_task_on_it(cast: Cast, client: FlaskClient) -> None:
    built = application_at(cast, Step.DEBRIEF)
    with writing():
        cord_id = cords.pull(cast.iris, built.application_id, "x", [cast.olga.id], now=NOW).id

    page(sign_in(client, cast.olga), f"/cords/{cord_id}")
    page(sign_in(client, cast.nora), f"/cords/{cord_id}", 404)


def test_an_administrator_finds_a_pulled_cord_on_their_desk_unless_they_are_named(
    cast: Cast, client: FlaskClient
) -> None:
    built = application_at(cast, Step.DEBRIEF)
    with writing():
        cord_id = cords.pull(cast.iris, built.application_id, "x", [cast.ada.id], now=NOW).id

    assert f"Cord {cord_id} is pulled" in page(sign_in(client, cast.amal), "/").text
    assert f"Cord {cord_id} is pulled" not in page(sign_in(client, cast.ada), "/").text


def test_the_bar_raiser_finds_the_cords_that_they_may_clear_on_their_desk(cast: Cast, client: FlaskClient) -> None:
    built = application_at(cast, Step.DEBRIEF)
    with writing():
        cord_id = cords.pull(cast.iris, built.application_id, "x", [], now=NOW).id
        named = cords.pull(cast.iris, built.application_id, "x", [cast.bea.id], now=NOW).id
        own = cords.pull(cast.bea, built.application_id, "x", [], now=NOW).id
    desk = page(sign_in(client, cast.bea), "/").text

    assert f"Cord {cord_id} is pulled" in desk
    assert f"Cord {named} is pulled" not in desk
    assert f"Cord {own} is pulled" not in desk
    assert f"Cord {cord_id} is pulled" not in page(sign_in(client, cast.bram), "/").text
    with writing():
        cords.clear(cast.bea, cord_id, "Cause", "Correction", now=NOW)
    assert f"Cord {cord_id} is pulled" not in page(sign_in(client, cast.bea), "/").text


def test_an_action_of_a_correction_is_handed_over_until_it_is_done(cast: Cast, client: FlaskClient) -> None:
    built = application_at(cast, Step.DEBRIEF)
    with writing():
        cord_id = cords.pull(cast.iris, built.application_id, "x", [], now=NOW).id
        step = cords.CorrectionStep("Train the team", cast.nora.id, NOW.date())
        cords.clear(cast.amal, cord_id, "Cause", "Correction", [step], now=NOW)
        action_id = db.session.query(CordAction.id).scalar()
    browser, address = sign_in(client, cast.amal), f"/people/{cast.nora.id}/handover"
    soup = page(browser, address)

    assert "Train the team" in soup.text
    assert soup.select_one(f'main a[href="/cords/{cord_id}"]') is not None
    with writing():
        cords.finish_step(cast.nora, action_id, now=NOW)
    assert "Nothing is left to hand over" in page(browser, address).text


def test_the_cord_page_of_a_requisition_is_closed_to_strangers(cast: Cast, client: FlaskClient) -> None:
    built = application_at(cast, Step.DEBRIEF)
    browser = sign_in(client, cast.olga)
    address = f"/requisitions/{built.requisition_id}/cord"

    assert browser.post(address, data={"what": "x"}).status_code == 403
    assert acts(page(browser, address)) == set()
    assert sign_in(client, cast.hector).post(address, data={"what": "x"}).status_code == 303
    assert db.session.query(Cord).one().requisition_id == built.requisition_id


def test_a_correction_that_follows_needs_owner_and_day_or_none_of_it(cast: Cast, client: FlaskClient) -> None:
    built = application_at(cast, Step.DEBRIEF)
    with writing():
        cord_id = cords.pull(cast.iris, built.application_id, "x", [], now=NOW).id
    typed = {"cause": "c", "correction": "d", "end": "go_on", "step": "Train the team", "message": ""}
    response = sign_in(client, cast.amal).post(f"/cords/{cord_id}/clear", data=typed)

    assert response.status_code == 422
    assert db.session.get_one(Cord, cord_id).cleared_at is None


def test_ending_the_application_by_the_cord_needs_a_message_to_the_candidate(cast: Cast, client: FlaskClient) -> None:
    built = application_at(cast, Step.DEBRIEF)
    with writing():
        cord_id = cords.pull(cast.iris, built.application_id, "x", [], now=NOW).id
    browser, address = sign_in(client, cast.amal), f"/cords/{cord_id}/clear"
    typed = {"cause": "c", "correction": "d", "end": "reject", "message": ""}

    assert browser.post(address, data=typed).status_code == 422
    assert built.application.ended is None
    assert browser.post(address, data={**typed, "message": "We are sorry."}).status_code == 303
    assert built.application.end_reason is EndReason.CORD


def test_who_clears_second_sees_both_texts(cast: Cast, client: FlaskClient) -> None:
    built = application_at(cast, Step.DEBRIEF)
    with writing():
        cord_id = cords.pull(cast.iris, built.application_id, "x", [], now=NOW).id
        cords.clear(cast.amal, cord_id, "No training", "Train all", now=NOW)
    typed = {"cause": "It was a long day", "correction": "Shorter days", "end": "go_on", "message": ""}
    response = sign_in(client, cast.bea).post(f"/cords/{cord_id}/clear", data=typed)

    assert response.status_code == 409
    for words in ("No training", "Train all", "It was a long day", "Shorter days"):
        assert words in response.text


def test_a_cord_on_a_requisition_offers_no_end_of_an_application(cast: Cast, client: FlaskClient) -> None:
    built = application_at(cast, Step.DEBRIEF)
    with writing():
        cord_id = cords.pull_requisition(cast.hector, built.requisition_id, "x", [], now=NOW).id
    browser = sign_in(client, cast.amal)
    soup = page(browser, f"/cords/{cord_id}")

    assert acts(soup) == {"cord.clear"}
    assert soup.select('main [name="end"], main [name="message"]') == []
    typed = {"cause": "No training", "correction": "Train all", "end": "reject", "message": "Sorry."}
    assert browser.post(f"/cords/{cord_id}/clear", data=typed).status_code == 303
    assert built.application.ended is None


@pytest.mark.parametrize("day", ["9999-12-31", "1066-10-14"])
def test_an_action_of_a_correction_is_due_on_a_day_that_calendars_know(
    cast: Cast, client: FlaskClient, day: str
) -> None:
    built = application_at(cast, Step.DEBRIEF)
    with writing():
        cord_id = cords.pull(cast.iris, built.application_id, "x", [], now=NOW).id
    typed = {"cause": "c", "correction": "d", "end": "go_on", "step": "Train", "owner": "Hector", "due_on": day}
    response = sign_in(client, cast.amal).post(f"/cords/{cord_id}/clear", data=typed)

    assert response.status_code == 422
    assert "between 1970 and 2200" in response.text


def test_a_choice_for_what_no_application_can_be_called_decides_nothing(cast: Cast, client: FlaskClient) -> None:
    built = application_at(cast, Step.PHONE_SCREEN)
    typed = {"message": "Closed.", f"choice.{'9' * 5000}": "reject", "choice.٣": "reject", "choice.x": "reject"}
    response = sign_in(client, cast.rita).post(f"/requisitions/{built.requisition_id}/close", data=typed)

    assert response.status_code == 409
    assert built.application.ended is None


def test_a_move_under_a_cord_is_greyed_out_with_its_rule(cast: Cast, client: FlaskClient) -> None:
    built = application_at(cast, Step.PHONE_SCREEN)
    with writing():
        cords.pull(cast.hector, built.application_id, "x", [], now=NOW)
    form = page(sign_in(client, cast.rita), url(built, "moves")).select_one('form[data-action="application.move"]')

    assert form is not None
    assert form.select_one('[data-rule="andon.clear"]') is not None
    assert form.select_one('button[aria-disabled="true"]') is not None


def test_an_imported_requisition_has_no_page_of_moves(cast: Cast, client: FlaskClient) -> None:
    with writing():
        past = Requisition(code="OLD-1", title="Engineer", origin=Origin.IMPORTED, status=RequisitionStatus.CLOSED)
        past.created_at = past.closed_at = NOW
        db.session.add(past)
        db.session.flush()
        past_id = past.id
    browser = sign_in(client, cast.amal)

    page(browser, f"/requisitions/{past_id}/moves", 404)
    assert browser.post(f"/requisitions/{past_id}/open-again").status_code == 404

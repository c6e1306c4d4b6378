"""The screens across the steps: candidate file, list of applications, dashboard, my desk."""

import io
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient
from sqlalchemy import event, select

from hiring.desk import actions, queries, rules
from hiring.desk.queries import Scope, Wanted
from hiring.desk.rules import Mover
from hiring.ground import files
from hiring.ground.database import Forbidden, NotVisible, db, is_sqlite, writing
from hiring.ground.rulebook import Refused
from hiring.people import queries as people
from hiring.people.rules import Role
from hiring.pipeline import queries as pipeline
from hiring.pipeline.models import Attachment, Cord, Note, Requisition
from hiring.pipeline.rules import ApplicationFacts, End, EndReason, RequisitionFacts, RequisitionStatus, Stand, Step
from hiring.steps.interview_loop import actions as interviews
from hiring.steps.interview_loop import lists as loops
from hiring.steps.job_description.models import MustHave
from hiring.steps.job_description.queries import version_counts
from hiring.steps.offer import onboarding
from hiring.steps.offer.models import Offer, OnboardingTask
from hiring.steps.phone_screen import queries as screens
from hiring.steps.resume_review.models import MustHaveMark
from hiring.steps.resume_review.rules import Mark
from hiring.steps.written_feedback import due
from hiring.transitions import queries as moves
from tests.builders import LOOP_DAY, application_at, give_feedback, offer_made, requisition
from tests.cast import Cast, sign_in
from tests.steps.interview_loop.composing import REASONS, composed, slot

OPEN = RequisitionFacts("R-1", RequisitionStatus.OPEN)
STEPS = [step for step in Step if step is not Step.JOB_DESCRIPTION]
EVENING = LOOP_DAY + timedelta(hours=9)


def page(client: FlaskClient, url: str, status: int = 200) -> BeautifulSoup:
    """The page at an address, which must answer with that status."""
    response = client.get(url)
    assert response.status_code == status, response.text
    return BeautifulSoup(response.text, "html.parser")


def links(soup: BeautifulSoup) -> set[str]:
    """Addresses that the page's content links to."""
    main = soup.find("main")
    assert main is not None
    return {str(link["href"]) for link in main.find_all("a", href=True)}


# --- Whose move it is ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("step", STEPS)
def test_a_live_application_always_names_who_acts_next_and_where(step: Step) -> None:
    move = rules.next_move(ApplicationFacts(step), OPEN)

    assert move.who is not Mover.NOBODY
    assert move.step is step


def test_a_pulled_cord_comes_before_what_the_step_asks() -> None:
    assert rules.next_move(ApplicationFacts(Step.DEBRIEF, cords=1), OPEN).who is Mover.CORD
    on_requisition = RequisitionFacts("R-1", RequisitionStatus.OPEN, cords=1)
    assert rules.next_move(ApplicationFacts(Step.DEBRIEF), on_requisition).who is Mover.CORD


def test_a_hold_is_the_recruiters_to_end() -> None:
    move = rules.next_move(ApplicationFacts(Step.DEBRIEF, on_hold=True), OPEN)

    assert move.who is Mover.RECRUITER
    assert move.step is None


def test_after_the_end_nobody_acts() -> None:
    assert rules.next_move(ApplicationFacts(Step.DEBRIEF, End.REJECTED, EndReason.NO_HIRE), OPEN).who is Mover.NOBODY


def test_an_accepted_offer_goes_on_although_the_requisition_is_closed() -> None:
    closed = RequisitionFacts("R-1", RequisitionStatus.CLOSED)
    move = rules.next_move(ApplicationFacts(Step.OFFER, offer_accepted=True), closed)

    assert move.who is Mover.HIRING_MANAGER
    assert move.step is Step.OFFER


def test_a_coordinator_is_led_to_no_page_about_must_haves_debrief_references_or_pay() -> None:
    pages = rules.pages_to_open(Step.OFFER, frozenset({Stand.COORDINATOR}))

    assert pages == [Step.PHONE_SCREEN, Step.INTERVIEW_LOOP, Step.WRITTEN_FEEDBACK]


def test_only_those_who_work_with_applications_open_the_dashboard() -> None:
    entitled = {role for role in Role if rules.may_open_dashboard(frozenset({role}))}

    assert entitled == {Role.RECRUITER, Role.COORDINATOR, Role.HEAD_OF_RECRUITING, Role.ADMINISTRATOR}
    assert not rules.may_open_dashboard(frozenset())


# --- The candidate file --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)  # links are the same on either engine
@pytest.mark.parametrize("step", STEPS)
def test_no_link_of_the_candidate_file_is_closed_to_its_reader(
    cast: Cast, client: FlaskClient, at: Callable[[datetime], None], step: Step
) -> None:
    built = application_at(cast, step)
    at(LOOP_DAY + timedelta(days=3))
    readers = ["rita", "hector", "cora", "ron", "amal"]
    if step.place > Step.INTERVIEW_LOOP.place:
        readers += ["bea", "iris"]
    for reader in readers:
        browser = sign_in(client, getattr(cast, reader))
        for link in links(page(browser, f"/applications/{built.application_id}")):
            if link.startswith("/"):
                assert browser.get(link).status_code == 200, (reader, link)


@pytest.mark.parametrize("outsider", ["olga", "nora", "hanna", "priya", "lars"])
def test_a_stranger_finds_no_candidate_file(cast: Cast, client: FlaskClient, outsider: str) -> None:
    built = application_at(cast, Step.DEBRIEF)

    page(sign_in(client, getattr(cast, outsider)), f"/applications/{built.application_id}", 404)


def test_the_candidate_file_says_what_is_next_and_whose_move_it_is(cast: Cast, client: FlaskClient) -> None:
    built = application_at(cast, Step.PHONE_SCREEN)
    soup = page(sign_in(client, cast.hector), f"/applications/{built.application_id}")

    lede = soup.select_one(".lede")
    assert lede is not None
    assert "the move of the hiring manager" in lede.text
    assert f"/applications/{built.application_id}/screen" in links(soup)
    assert soup.select_one('[aria-current="step"]') is not None


def test_an_administrator_sees_the_frame_but_not_the_candidates_details(cast: Cast, client: FlaskClient) -> None:
    built = application_at(cast, Step.PHONE_SCREEN)
    soup = page(sign_in(client, cast.amal), f"/applications/{built.application_id}")

    assert "nadia@candidates.example" not in soup.text
    assert soup.select_one('[data-action="note.add"]') is None
    assert f"/applications/{built.application_id}/cord" in links(soup)


def test_a_note_is_read_by_all_who_read_the_file(cast: Cast, client: FlaskClient) -> None:
    built = application_at(cast, Step.PHONE_SCREEN)
    url = f"/applications/{built.application_id}"
    typed = {"text": "Prefers calls after five.", "submission_key": "once"}
    browser = sign_in(client, cast.hector)
    for _ in range(2):
        assert browser.post(url + "/notes", data=typed).status_code == 303

    assert db.session.query(Note).count() == 1
    assert "Prefers calls after five." in page(sign_in(client, cast.rita), url).text


def test_an_empty_note_is_shown_beside_its_field(cast: Cast, client: FlaskClient) -> None:
    built = application_at(cast, Step.PHONE_SCREEN)
    response = sign_in(client, cast.rita).post(f"/applications/{built.application_id}/notes", data={"text": ""})

    assert response.status_code == 422
    assert "Write something." in response.text


def test_neither_strangers_nor_administrators_write_notes(cast: Cast, client: FlaskClient) -> None:
    built = application_at(cast, Step.PHONE_SCREEN)
    for person in (cast.olga, cast.amal):
        response = sign_in(client, person).post(f"/applications/{built.application_id}/notes", data={"text": "Hm"})
        assert response.status_code == 404
        with pytest.raises(NotVisible), writing():
            actions.add_note(person, built.application_id, "Hm", now=LOOP_DAY)


def test_a_pulled_cord_shows_on_the_file_with_its_rule(cast: Cast, client: FlaskClient) -> None:
    built = application_at(cast, Step.PHONE_SCREEN)
    with writing():
        db.session.add(
            Cord(
                application_id=built.application_id, pulled_by=cast.rita.id, pulled_at=LOOP_DAY, what="A wrong question"
            )
        )
    soup = page(sign_in(client, cast.hector), f"/applications/{built.application_id}")

    refusal = soup.select_one('[data-rule="andon.clear"]')
    assert refusal is not None and "A cord is pulled on this application." in refusal.text
    assert "write down cause and correction" in refusal.text and soup.select_one('main a[href^="/cords/"]')


# --- The list of applications --------------------------------------------------------------------------------------


def listed(soup: BeautifulSoup) -> list[str]:
    """Candidates' names on a list, in order."""
    return [cell.text.strip() for cell in soup.select("tbody th[scope=row]")]


def test_the_list_names_only_applications_that_the_reader_may_open(cast: Cast, client: FlaskClient) -> None:
    built = application_at(cast, Step.DEBRIEF, name="Nadia Novak")
    application_at(cast, Step.RESUME_REVIEW, on=built, name="Omar Okafor")

    assert listed(page(sign_in(client, cast.rita), "/applications")) == ["Omar Okafor", "Nadia Novak"]
    assert listed(page(sign_in(client, cast.iris), "/applications?state=any")) == ["Nadia Novak"]
    assert listed(page(sign_in(client, cast.olga), "/applications")) == []


def test_a_seat_loses_the_list_entry_when_it_loses_the_file(
    cast: Cast, client: FlaskClient, at: Callable[[datetime], None]
) -> None:
    built = application_at(cast, Step.REFERENCE_CHECK)
    decided = built.application.decided_at
    assert decided is not None
    at(decided + timedelta(days=29))
    assert listed(page(sign_in(client, cast.iris), "/applications")) == ["Nadia Novak"]
    at(decided + timedelta(days=31))
    assert listed(page(sign_in(client, cast.iris), "/applications")) == []


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("q=nov", ["Nadia Novak"]),
        ("q=%25", []),
        ("step=phone_screen", ["Özge Öz"]),
        ("q=Öz", ["Özge Öz"]),
        ("step=nonsense", ["Özge Öz", "Nadia Novak"]),
        ("state=ended", []),
        ("requisition=999999", []),
        ("requisition=9999999999999999999999", ["Özge Öz", "Nadia Novak"]),
    ],
)
def test_the_list_is_filtered_by_its_address(cast: Cast, client: FlaskClient, query: str, names: list[str]) -> None:
    built = application_at(cast, Step.RESUME_REVIEW, name="Nadia Novak")
    application_at(cast, Step.PHONE_SCREEN, on=built, name="Özge Öz", email="oz@candidates.example")

    assert listed(page(sign_in(client, cast.rita), f"/applications?{query}")) == names


def test_pages_of_the_list_neither_repeat_nor_leave_out(
    cast: Cast, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "PAGE", 2)
    built = requisition(cast)
    for name in ("Ada A", "Ben B", "Cem C", "Dia D", "Eva E"):
        application_at(cast, Step.RESUME_REVIEW, on=built, name=name)
    browser, url, seen = sign_in(client, cast.rita), "/applications?q=", []
    for _ in range(3):
        soup = page(browser, url)
        seen += listed(soup)
        following = soup.select_one('a[rel="next"]')
        url = str(following["href"]) if following else ""

    assert seen == ["Eva E", "Dia D", "Cem C", "Ben B", "Ada A"]
    assert url == ""


# --- Rejecting many ------------------------------------------------------------------------------------------------


def test_many_are_rejected_at_once_and_each_refused_one_is_named(cast: Cast, client: FlaskClient) -> None:
    built = application_at(cast, Step.RESUME_REVIEW, name="Ada A")
    first = built.application_id
    with writing():
        must_have = db.session.query(MustHave).first()
        assert must_have is not None
        mark = {"mark": Mark.NOT_MET, "by": cast.rita.id, "at": EVENING}
        db.session.add(MustHaveMark(application_id=first, must_have_id=must_have.id, **mark))
    second = application_at(cast, Step.PHONE_SCREEN, on=built, name="Ben B").application_id
    third = application_at(cast, Step.WRITTEN_FEEDBACK, on=built, name="Cem C").application_id
    response = sign_in(client, cast.rita).post(
        "/applications/reject",
        data={"chosen": [first, second, third], "reason": "Closed", "message": "No", "submission_key": "k"},
        follow_redirects=True,
    )

    assert response.status_code == 200
    assert "Rejected: 2." in response.text
    assert "Cem C was not rejected" in response.text
    ends = [pipeline.application(one).ended for one in (first, second, third)]
    assert ends == [End.REJECTED, End.REJECTED, None]


def test_when_none_may_be_rejected_the_page_says_why(cast: Cast, client: FlaskClient) -> None:
    built = application_at(cast, Step.WRITTEN_FEEDBACK)
    late = built.application_id
    application_at(cast, Step.RESUME_REVIEW, on=built, name="Ben B")
    response = sign_in(client, cast.rita).post(
        "/applications/reject", data={"chosen": [late], "reason": "Closed", "message": "No"}
    )

    assert response.status_code == 409
    assert BeautifulSoup(response.text, "html.parser").select("main [data-rule]")


def test_nobody_rejects_many_without_marking_one_or_saying_why(cast: Cast, client: FlaskClient) -> None:
    built = application_at(cast, Step.RESUME_REVIEW)
    browser = sign_in(client, cast.rita)

    assert browser.post("/applications/reject", data={"reason": "r", "message": "m"}).status_code == 422
    unexplained = {"chosen": [built.application_id], "message": "m"}
    assert browser.post("/applications/reject", data=unexplained).status_code == 422


def test_rejecting_many_is_closed_to_those_who_may_not_reject_one(cast: Cast) -> None:
    built = application_at(cast, Step.PHONE_SCREEN)
    with pytest.raises(NotVisible), writing():
        actions.reject_many(cast.olga, [built.application_id], "r", "m", now=LOOP_DAY)
    with pytest.raises(Forbidden), writing():
        actions.reject_many(cast.cora, [built.application_id], "r", "m", now=LOOP_DAY)
    with pytest.raises(NotVisible), writing():
        actions.reject_many(cast.rita, [built.application_id, 999_999], "r", "m", now=LOOP_DAY)
    assert built.application.ended is None


def test_rejecting_many_refuses_as_a_whole_only_when_all_are_refused(cast: Cast) -> None:
    built = application_at(cast, Step.DEBRIEF)
    with pytest.raises(Refused) as caught, writing():
        actions.reject_many(cast.rita, [built.application_id], "r", "m", now=LOOP_DAY)

    assert caught.value.refusals[0].facts


# --- The dashboard -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("person", ["olga", "hector", "bea", "priya"])
def test_the_dashboard_is_closed_to_those_without_its_roles(cast: Cast, client: FlaskClient, person: str) -> None:
    page(sign_in(client, getattr(cast, person)), "/dashboard", 403)


def test_the_dashboard_counts_live_applications_by_step(cast: Cast, client: FlaskClient) -> None:
    built = application_at(cast, Step.RESUME_REVIEW, name="Ada A")
    application_at(cast, Step.RESUME_REVIEW, on=built, name="Ben B")
    application_at(cast, Step.PHONE_SCREEN, on=built, name="Cem C")
    with writing():
        actions.reject_many(cast.rita, [built.application_id], "r", "m", now=LOOP_DAY)
    rows, _ = queries.pipelines(Scope())

    assert rows[0].counts[Step.RESUME_REVIEW] == 2
    assert rows[0].counts[Step.PHONE_SCREEN] == 0
    assert rows[0].total == 2
    soup = page(sign_in(client, cast.rita), "/dashboard")
    cells = [cell.text.strip() for cell in soup.select("#requisitions tbody td")]
    assert cells == ["2", "0", "0", "0", "0", "0", "0", "2"]


@pytest.mark.parametrize("person", ["hanna", "amal"])
def test_head_of_recruiting_and_administrators_read_counts_without_names(
    cast: Cast, client: FlaskClient, at: Callable[[datetime], None], person: str
) -> None:
    application_at(cast, Step.WRITTEN_FEEDBACK)
    at(LOOP_DAY + timedelta(days=30))
    soup = page(sign_in(client, getattr(cast, person)), "/dashboard")

    assert "Nadia" not in soup.text
    assert soup.select_one("#stuck") is None
    assert not [link for link in links(soup) if link.startswith("/applications")]


def test_what_is_stuck_shows_with_its_days_and_whose_move_it_is(cast: Cast) -> None:
    built = application_at(cast, Step.RESUME_REVIEW)
    entered = built.application.step_entered_at

    assert queries.stuck(cast.rita, Scope(), entered + timedelta(days=7)).rows == []
    [row] = queries.stuck(cast.rita, Scope(), entered + timedelta(days=9)).rows
    assert (row.application_id, row.days, row.move.who) == (built.application_id, 9, Mover.RECRUITER)
    with writing():
        db.session.add(
            Cord(requisition_id=built.requisition_id, pulled_by=cast.rita.id, pulled_at=LOOP_DAY, what="Wrong")
        )
    [row] = queries.stuck(cast.rita, Scope(), entered + timedelta(days=9)).rows
    assert row.move.who is Mover.CORD


def test_todays_interviews_and_late_feedback_show_until_they_are_in(cast: Cast) -> None:
    built = application_at(cast, Step.WRITTEN_FEEDBACK)
    start = LOOP_DAY.replace(hour=0)
    today = queries.interviews(cast.cora, Scope(), start, start + timedelta(days=1), EVENING).rows

    assert [row.interviewer for row in today] == ["Hector", "Rita", "Bea", "Iris", "Irma"]
    assert (
        queries.interviews(cast.cora, Scope(), start + timedelta(days=1), start + timedelta(days=2), EVENING).rows == []
    )
    with writing():
        give_feedback(built, seats=("hector", "rita", "bea"))
    assert [row.interviewer for row in queries.late_feedback(cast.cora, Scope(), EVENING).rows] == ["Iris", "Irma"]


def test_the_dashboard_calls_a_slot_proposed_until_its_loop_is_confirmed(
    cast: Cast, client: FlaskClient, at: Callable[[datetime], None]
) -> None:
    built = composed(cast)
    at(slot(0)[0] - timedelta(hours=1))
    states = lambda: [  # noqa: E731
        row.select("td")[2].text for row in page(sign_in(client, cast.cora), "/dashboard").select("#today tbody tr")
    ]
    assert states() == ["Proposed"] * 5
    with writing():
        interviews.confirm(cast.rita, built.application_id, now=slot(0)[0] - timedelta(days=1), reasons=REASONS)
    with writing():
        interviews.decline(cast.iris, built.seats["iris"], "Ill.", now=slot(0)[0] - timedelta(hours=1))
    assert sorted(states()) == ["Booked"] * 4 + ["Declined"]


def test_without_statistics_lists_begin_at_what_is_under_way_and_records_are_counted_in_an_index(cast: Cast) -> None:
    if not is_sqlite():
        pytest.skip("PostgreSQL keeps statistics by itself")
    asked: list[tuple[str, Any]] = []

    def note(conn: Any, cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        asked.append((statement, parameters))

    def plan(table: str, ask: Callable[[], object]) -> list[str]:
        asked.clear()
        event.listen(db.engine, "before_cursor_execute", note)
        ask()
        event.remove(db.engine, "before_cursor_execute", note)
        statement, given = next(one for one in reversed(asked) if table in one[0])
        return [row[3] for row in db.session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", given)]

    in_step = Wanted(step=Step.PHONE_SCREEN)
    late = plan("interview", lambda: queries.late_feedback(cast.cora, Scope(), EVENING))
    listed = plan("application", lambda: queries.applications(cast.rita, in_step, now=EVENING))
    counted = plan("qualification", lambda: people.colleagues([cast.bea.id], EVENING.date()))
    owed = plan("seat", lambda: due.debts(cast.iris.id))
    unslotted = plan("seat", lambda: loops.unslotted_seats_of(cast.iris.id))
    booked = plan("booking", lambda: pipeline.bookings([cast.bea.id, cast.iris.id], None, LOOP_DAY, EVENING))
    ownerless = plan("requisition", lambda: moves.without_owner(cast.ada))
    mended = plan("declined_at", lambda: loops.to_mend(cast.cora))
    unpaired = plan("qualification", lambda: people.waiting_for_pairing(EVENING.date()))
    told = plan("qualification", lambda: people.qualifications(cast.bea.id))
    stopped = plan("cord", lambda: pipeline.stopped([1]))
    lapsing = plan("qualification", lambda: people.lapsing(EVENING.date()))
    application_at(cast, Step.WRITTEN_FEEDBACK)  # and so Iris takes part
    sitting = plan("seat", lambda: loops.seats_of(cast.iris.id))
    calls = plan("phone_screen", lambda: screens.owed_by(cast.iris.id, EVENING))
    begun = plan("job_description", lambda: version_counts(None, LOOP_DAY, EVENING))

    assert any("INDEX ix_loop_suspect" in step for step in mended), mended
    assert any("INDEX ix_qualification_unpaired" in step for step in unpaired)
    assert any("INDEX ix_application_requisition_live" in step for step in late), late
    assert any("INDEX ix_application_step_live" in step for step in listed), listed
    assert "COVERING INDEX ix_qualification_counted" in counted[0]
    assert "INDEX ix_seat_owed" in owed[0]
    assert "INDEX ix_seat_owed" in unslotted[0]
    assert any("INDEX ix_seat_owed" in step for step in sitting), sitting
    assert "INDEX ix_qualification_told" in told[0]
    assert any("INDEX ix_cord_pulled" in step for step in stopped), stopped
    assert any("INDEX ix_qualification_bar_raiser (record=? AND expires_on>?" in step for step in lapsing)
    assert "INDEX ix_phone_screen_owed" in calls[0]
    assert any("INDEX ix_booking_person (person_id=? AND ends_at>?)" in step for step in booked)
    assert "INDEX ix_requisition_unclosed" in ownerless[0]
    assert "COVERING INDEX ix_job_description_begun (created_at>? AND created_at<?)" in begun[0]


def test_an_open_offer_without_contact_for_a_week_shows_and_carries_no_pay(
    cast: Cast, client: FlaskClient, at: Callable[[datetime], None]
) -> None:
    built = application_at(cast, Step.OFFER)
    offer_made(cast, built)
    made = LOOP_DAY + timedelta(days=2)

    assert queries.quiet_offers(cast.rita, Scope(), made + timedelta(days=6)).rows == []
    [row] = queries.quiet_offers(cast.rita, Scope(), made + timedelta(days=8)).rows
    assert (row.application_id, row.last_contact) == (built.application_id, made)
    at(made + timedelta(days=8))
    text = page(sign_in(client, cast.ron), "/dashboard").text
    assert "95,000" not in text
    assert "Nadia" in text


def test_the_dashboard_is_filtered_by_recruiter_team_and_mine(cast: Cast, client: FlaskClient) -> None:
    requisition(cast, code="R-1")
    other = requisition(cast, code="R-2")
    with writing():
        row = db.session.get_one(Requisition, other.requisition_id)
        row.recruiter_id, row.team_id = cast.ron.id, cast.sven.team_id

    def codes(person: Any, query: str) -> str:
        section = page(sign_in(client, person), f"/dashboard{query}").select_one("#requisitions")
        assert section is not None
        return ",".join(code for code in ("R-2", "R-1") if code in section.text)

    assert codes(cast.rita, "") == "R-2,R-1"
    assert codes(cast.rita, "?mine=1") == "R-1"
    assert codes(cast.rita, f"?recruiter={cast.ron.id}") == "R-2"
    assert codes(cast.rita, f"?team={cast.hector.team_id}") == "R-1"
    assert codes(cast.rita, "?mine=1&team=9") == ""


def test_an_internal_candidates_manager_finds_their_report_on_no_list(cast: Cast, client: FlaskClient) -> None:
    built = application_at(cast, Step.RESUME_REVIEW)
    with writing():
        pipeline.application(built.application_id).candidate.person_id = cast.rita.id
    later = built.application.step_entered_at + timedelta(days=30)

    assert queries.stuck(cast.rita, Scope(), later).rows == []
    assert listed(page(sign_in(client, cast.rita), "/applications")) == []
    assert [row.application_id for row in queries.stuck(cast.ron, Scope(), later).rows] == [built.application_id]


# --- My desk -------------------------------------------------------------------------------------------------------


def test_a_desk_with_nothing_due_says_so(cast: Cast, client: FlaskClient) -> None:
    assert "Your desk is clear" in page(sign_in(client, cast.olga), "/").text


def test_late_feedback_lies_under_overdue(cast: Cast, client: FlaskClient, at: Callable[[datetime], None]) -> None:
    application_at(cast, Step.WRITTEN_FEEDBACK)
    at(EVENING)
    soup = page(sign_in(client, cast.iris), "/")

    shelf = next(part for part in soup.select("section") if part.h2 is not None and part.h2.text == "Overdue")
    assert shelf.select_one(".deadline-late") is not None


# --- The line that pages about one application share ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("step", "reader", "tail"),
    [
        (Step.PHONE_SCREEN, "cora", "screen"),
        (Step.DEBRIEF, "bea", "debrief"),
        (Step.DEBRIEF, "iris", "loop"),
        (Step.OFFER, "hector", "offer"),
        (Step.OFFER, "hector", "references"),
        (Step.OFFER, "rita", "moves"),
    ],
)
def test_every_room_says_whom_it_is_about_and_links_the_file_and_the_resume(
    cast: Cast, client: FlaskClient, at: Callable[[datetime], None], step: Step, reader: str, tail: str
) -> None:
    built = application_at(cast, step)
    at(LOOP_DAY + timedelta(days=2))
    received = files.receive(io.BytesIO(b"Nadia Novak. Ran a ledger."), "resume.txt", 1000)
    with writing():
        stored = files.add(received, LOOP_DAY, None)
        resume = Attachment(application_id=built.application_id, file_id=stored.id, resume=True, added_at=LOOP_DAY)
        db.session.add(resume)
        db.session.flush()
        resume_id = resume.id
    line = page(sign_in(client, getattr(cast, reader)), f"/applications/{built.application_id}/{tail}").select_one(
        ".about"
    )
    assert line is not None and "Nadia Novak, R-1 Senior Engineer, Payments" in line.text
    assert {str(link["href"]) for link in line.select("a")} == {
        f"/applications/{built.application_id}",
        f"/files/{resume_id}",
    }


def test_the_line_links_nothing_that_its_reader_may_not_open(
    cast: Cast, client: FlaskClient, at: Callable[[datetime], None]
) -> None:
    built = application_at(cast, Step.OFFER)
    offer_made(cast, built, accepted=True)
    at(LOOP_DAY + timedelta(days=4))
    with writing():
        onboarding.begin(
            pipeline.application(built.application_id), db.session.get_one(Offer, built.offer_id), LOOP_DAY.date()
        )
        db.session.scalars(select(OnboardingTask)).first().owner_id = cast.olga.id  # type: ignore[union-attr]
    line = page(sign_in(client, cast.olga), f"/applications/{built.application_id}/onboarding").select_one(".about")
    assert line is not None and "Nadia Novak" in line.text and not line.select("a")

"""Booking, preparing, holding and deciding phone screens; on both engines, past the pages."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from hiring.ground.database import UNSEEN, Forbidden, NotVisible, Stale, db, writing
from hiring.ground.outbox import Notice
from hiring.ground.rulebook import Refused
from hiring.people import queries as people
from hiring.people.models import Person
from hiring.people.rules import Invalid
from hiring.pipeline import actions as spine
from hiring.pipeline import queries as spine_queries
from hiring.pipeline import readers
from hiring.pipeline.models import Application, Booking, Candidate
from hiring.pipeline.rules import End, EndReason, Source, Stand, Step
from hiring.steps.phone_screen import actions, queries
from hiring.steps.phone_screen.actions import Plan
from hiring.steps.phone_screen.models import PhoneScreen
from hiring.steps.phone_screen.rules import ScreenState, ScreenVerdict
from hiring.transitions import actions as transitions
from hiring.transitions import cords
from tests.builders import Built, application_at, requisition
from tests.cast import Cast
from tests.races import overtaken

NOW = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)
START = datetime(2026, 3, 5, 9, 0, tzinfo=UTC)
AFTER = START + timedelta(hours=1)
YES, NO = ScreenVerdict.YES, ScreenVerdict.NO


@pytest.fixture
def built(cast: Cast) -> Built:
    return application_at(cast, Step.PHONE_SCREEN)


def book(actor: Person, built: Built, *, start: datetime = START, email: str = "", now: datetime = NOW) -> PhoneScreen:
    with writing():
        screener = people.by_email(email)
        plan = Plan(start, 45, "by phone", screener.id if screener else None)
        return actions.book(actor, built.application_id, plan, now=now)


def prepare(actor: Person, screen: PhoneScreen, *texts: str, now: datetime = NOW) -> None:
    screen_id = screen.id
    with writing():
        actions.choose_questions(actor, screen_id, texts or ("A hard decision?",), now=now)


def report(actor: Person, screen: PhoneScreen, what: ScreenState, now: datetime = AFTER) -> None:
    screen_id = screen.id
    with writing():
        actions.report(actor, screen_id, what, now=now)


def take_notes(actor: Person, screen: PhoneScreen, summary: str = "Clear examples.") -> None:
    screen_id, question_id = screen.id, screen.questions[0].id
    with writing():
        actions.save_notes(
            actor, screen_id, {question_id: {"situation": "A ledger drifted."}}, summary, expected=None, now=AFTER
        )


def held(cast: Cast, built: Built) -> PhoneScreen:
    """A prepared call by Hector, held, with notes."""
    screen = book(cast.rita, built)
    prepare(cast.hector, screen)
    report(cast.hector, screen, ScreenState.HELD)
    take_notes(cast.hector, screen)
    return screen


def decide(
    actor: Person, screen: PhoneScreen, verdict: ScreenVerdict, *, go_on: bool = True, message: str = "Sorry."
) -> None:
    screen_id = screen.id
    with writing():
        actions.decide(actor, screen_id, verdict, go_on=go_on, message=message, now=AFTER)


def refused_by(error: pytest.ExceptionInfo[Refused]) -> list[str]:
    return [refusal.rule.id for refusal in error.value.refusals]


def stands(person: Person, built: Built) -> frozenset[Stand]:
    return readers.stands(person, spine_queries.application(built.application_id), now=NOW)


@pytest.mark.parametrize("who", ["rita", "ron", "cora", "hector"])
def test_a_booked_call_fills_both_calendars_and_tells_both(cast: Cast, built: Built, who: str) -> None:
    screen = book(getattr(cast, who), built)
    assert screen.screener_id == cast.hector.id and screen.named_by is None
    rows = db.session.scalars(select(Booking)).all()
    assert {(row.person_id, row.candidate_id) for row in rows} == {
        (cast.hector.id, None),
        (None, built.application.candidate_id),
    }
    assert {(row.starts_at, row.ends_at) for row in rows} == {(START, START + timedelta(minutes=45))}
    told = {row.to_address: row.body_text for row in db.session.scalars(select(Notice))}
    assert set(told) == {"nadia@candidates.example", "hector@example.org"}
    assert "10:00 CET" in told["nadia@candidates.example"]


def test_somebody_trained_whom_the_hiring_manager_names_holds_the_call_and_reads_the_file(
    cast: Cast, built: Built
) -> None:
    screen = book(cast.hector, built, email="Igor@example.org")
    assert (screen.screener_id, screen.named_by) == (cast.igor.id, cast.hector.id)
    assert Stand.SCREENER in stands(cast.igor, built)


@pytest.mark.parametrize(("who", "email"), [("rita", "igor@example.org"), ("hector", "tara@example.org")])
def test_a_screener_not_named_or_not_trained_is_refused_past_the_page(
    cast: Cast, built: Built, who: str, email: str
) -> None:
    with pytest.raises(Refused) as error:
        book(getattr(cast, who), built, email=email)
    assert refused_by(error) == ["screen.screener"]
    assert db.session.scalars(select(PhoneScreen)).all() == []


def test_a_recruiter_moves_a_call_of_the_screener_whom_the_hiring_manager_named(cast: Cast, built: Built) -> None:
    first = book(cast.hector, built, email="igor@example.org")
    moved = book(cast.rita, built, start=START + timedelta(days=1), email="igor@example.org")
    assert moved.id == first.id and moved.named_by == cast.hector.id
    assert len(db.session.scalars(select(Booking)).all()) == 2


def test_the_candidate_never_screens_themselves(cast: Cast) -> None:
    built = requisition(cast)
    with writing():
        candidate = spine.add_candidate("Igor", "igor@example.org", now=NOW, person_id=cast.igor.id)
        application = spine.start_application(
            candidate,
            built.requisition_id,
            source=Source.INTERNAL,
            actor_id=None,
            now=NOW,
            step=Step.PHONE_SCREEN,
        )
        built.application_id = application.id
    with pytest.raises(Refused) as error:
        book(cast.hector, built, email="igor@example.org")
    assert refused_by(error) == ["screen.screener"]


def test_an_overlap_is_told_by_name_and_time(cast: Cast, built: Built) -> None:
    book(cast.rita, built)
    other = application_at(cast, Step.PHONE_SCREEN, on=built_copy(built), name="Paul Peter")
    with pytest.raises(Invalid) as invalid:
        book(cast.rita, other, start=START + timedelta(minutes=30))
    assert invalid.value.field == "starts_at"
    assert "Hector is booked from 10:00 to 10:45" in str(invalid.value)


def built_copy(built: Built) -> Built:
    return Built(built.requisition_id, built.description_id, items=built.items)


@pytest.mark.parametrize(
    ("who", "error"), [("amal", Forbidden), ("igor", NotVisible), ("olga", NotVisible), ("bea", NotVisible)]
)
def test_others_do_not_book(cast: Cast, built: Built, who: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        book(getattr(cast, who), built)


def test_naming_another_screener_ends_the_first_ones_access_at_once(cast: Cast, built: Built) -> None:
    book(cast.hector, built, email="igor@example.org")
    book(cast.hector, built, email="ivan@example.org")
    assert Stand.SCREENER not in stands(cast.igor, built) and Stand.SCREENER in stands(cast.ivan, built)
    assert {row.person_id for row in db.session.scalars(select(Booking)) if row.person_id} == {cast.ivan.id}


def test_a_booking_changed_in_the_meantime_is_not_overwritten(cast: Cast, built: Built) -> None:
    screen = book(cast.rita, built)
    with pytest.raises(Stale), writing():
        actions.book(cast.rita, built.application_id, Plan(START, 30, ""), expected=screen.version + 1, now=NOW)


def test_questions_changed_in_the_meantime_are_told_and_kept(cast: Cast, built: Built) -> None:
    screen = book(cast.rita, built)
    screen_id, shown = screen.id, screen.version
    prepare(cast.hector, screen, "Theirs?")
    for seen in (shown, UNSEEN):
        with pytest.raises(Stale) as stale, writing():
            actions.choose_questions(cast.rita, screen_id, ["Mine?"], expected=seen, now=NOW)
        assert stale.value.current["Questions"] == "Theirs?"
    now_shown = int(stale.value.current["version"])
    with writing():
        actions.choose_questions(cast.rita, screen_id, ["Mine?"], expected=now_shown, now=NOW)
    assert [item.text for item in db.session.get_one(PhoneScreen, screen_id).questions] == ["Mine?"]


def test_a_question_with_notes_is_not_dropped_past_the_page(cast: Cast, built: Built) -> None:
    screen = book(cast.rita, built)
    prepare(cast.hector, screen, "A hard decision?", "A late project?")
    take_notes(cast.hector, screen)
    with pytest.raises(Refused) as error:
        prepare(cast.rita, screen, "A late project?")
    assert refused_by(error) == ["screen.noted"]
    prepare(cast.rita, screen, "A hard decision?")
    [kept] = db.session.get_one(PhoneScreen, screen.id).questions
    assert kept.situation == "A ledger drifted."


def test_questions_chosen_after_the_start_are_refused_past_the_page(cast: Cast, built: Built) -> None:
    screen = book(cast.rita, built)
    with pytest.raises(Refused) as error:
        prepare(cast.hector, screen, now=START)
    assert refused_by(error) == ["screen.prepared"]


def test_an_unprepared_call_cannot_be_recorded_as_held(cast: Cast, built: Built) -> None:
    screen = book(cast.rita, built)
    with pytest.raises(Refused) as error:
        report(cast.hector, screen, ScreenState.HELD)
    assert refused_by(error) == ["screen.prepared"]
    assert db.session.get_one(PhoneScreen, screen.id).state is ScreenState.BOOKED


def test_a_call_is_not_held_before_it_begins(cast: Cast, built: Built) -> None:
    screen = book(cast.rita, built)
    prepare(cast.hector, screen)
    with pytest.raises(Invalid):
        report(cast.hector, screen, ScreenState.HELD, now=NOW)


@pytest.mark.parametrize("what", [ScreenState.CANDIDATE_NO_SHOW, ScreenState.SCREENER_NO_SHOW])
def test_after_a_no_show_the_call_is_booked_again_with_its_questions(
    cast: Cast, built: Built, what: ScreenState
) -> None:
    screen = book(cast.rita, built)
    prepare(cast.hector, screen, "A hard decision?")
    report(cast.cora, screen, what)
    again = book(cast.rita, built, start=START + timedelta(days=1), now=AFTER)
    assert again.id != screen.id and [item.text for item in again.questions] == ["A hard decision?"]
    assert again.prepared_at == NOW


def test_a_cancelled_call_frees_calendars_and_access_and_tells_both(cast: Cast, built: Built) -> None:
    screen = book(cast.hector, built, email="igor@example.org")
    report(cast.rita, screen, ScreenState.CANCELLED, now=NOW)
    assert db.session.scalars(select(Booking)).all() == []
    assert stands(cast.igor, built) == frozenset()
    cancelled = db.session.scalars(select(Notice.to_address).where(Notice.subject.startswith("Cancelled"))).all()
    assert set(cancelled) == {"nadia@candidates.example", "igor@example.org"}


def test_only_the_screener_writes_notes_and_decides(cast: Cast, built: Built) -> None:
    screen = held(cast, built)
    with pytest.raises(Forbidden):
        take_notes(cast.rita, screen)
    with pytest.raises(Forbidden):
        decide(cast.rita, screen, YES)


def test_notes_changed_in_another_tab_are_told_with_their_texts(cast: Cast, built: Built) -> None:
    screen = book(cast.rita, built)
    prepare(cast.hector, screen)
    seen, screen_id = screen.version, screen.id
    take_notes(cast.hector, screen, "First tab.")
    with pytest.raises(Stale) as stale, writing():
        actions.save_notes(cast.hector, screen_id, {}, "Second tab.", expected=seen, now=AFTER)
    assert stale.value.current["summary"] == "First tab."
    assert db.session.get_one(PhoneScreen, screen_id).questions[0].situation == "A ledger drifted."


def test_a_change_of_one_answer_alone_makes_other_tabs_stale(cast: Cast, built: Built) -> None:
    screen = held(cast, built)
    seen, screen_id, question_id = screen.version, screen.id, screen.questions[0].id
    with writing():
        actions.save_notes(
            cast.hector, screen_id, {question_id: {"result": "Fixed."}}, "Clear examples.", expected=seen, now=AFTER
        )
    assert db.session.get_one(PhoneScreen, screen_id).version > seen


def test_a_yes_goes_on_to_the_loop(cast: Cast, built: Built) -> None:
    decide(cast.hector, held(cast, built), YES)
    assert built.application.step is Step.INTERVIEW_LOOP


def test_a_yes_may_ask_for_another_screen_first_and_the_latest_held_counts(cast: Cast, built: Built) -> None:
    decide(cast.hector, held(cast, built), YES, go_on=False)
    second = book(cast.rita, built, start=START + timedelta(days=1), now=AFTER)
    assert built.application.step is Step.PHONE_SCREEN and second.questions == []
    with writing():
        actions.go_on(cast.rita, built.application_id, now=AFTER)
    assert built.application.step is Step.INTERVIEW_LOOP
    assert db.session.get_one(PhoneScreen, second.id).state is ScreenState.CANCELLED


def test_a_no_rejects_and_the_candidate_reads_the_message(cast: Cast, built: Built) -> None:
    decide(cast.hector, held(cast, built), NO, message="Thank you for the talk.")
    assert (built.application.ended, built.application.end_reason) == (End.REJECTED, EndReason.PHONE_SCREEN_NO)
    [notice] = db.session.scalars(select(Notice).where(Notice.kind == "application.rejected")).all()
    assert notice.body_text.strip() == "Thank you for the talk."


def test_a_no_without_a_message_is_told_beside_the_field(cast: Cast, built: Built) -> None:
    screen = held(cast, built)
    with pytest.raises(Invalid) as invalid:
        decide(cast.hector, screen, NO, message=" ")
    assert invalid.value.field == "message" and built.application.ended is None


def test_a_verdict_without_notes_is_refused_past_the_page(cast: Cast, built: Built) -> None:
    screen = book(cast.rita, built)
    prepare(cast.hector, screen)
    report(cast.hector, screen, ScreenState.HELD)
    with pytest.raises(Refused) as error:
        decide(cast.hector, screen, YES)
    assert refused_by(error) == ["screen.decided"]


def test_without_a_yes_nothing_goes_on_past_the_page(cast: Cast, built: Built) -> None:
    held(cast, built)
    with pytest.raises(Refused) as error, writing():
        actions.go_on(cast.hector, built.application_id, now=AFTER)
    assert refused_by(error) == ["screen.decided"]
    assert built.application.step is Step.PHONE_SCREEN


def test_after_a_send_back_an_earlier_yes_does_not_count_and_a_new_call_is_owed(cast: Cast, built: Built) -> None:
    decide(cast.hector, held(cast, built), YES)
    with writing():
        application = spine_queries.lock_application(built.application_id)
        spine.go_back(application, Step.PHONE_SCREEN, "Doubts about depth", actor_id=cast.hector.id, now=AFTER)
    assert [row.application_id for row in queries.to_book(cast.rita)] == [built.application_id]
    with pytest.raises(Refused) as error, writing():
        actions.go_on(cast.hector, built.application_id, now=AFTER)
    assert refused_by(error) == ["screen.decided"]
    assert "since this step began" in error.value.refusals[0].facts
    again = book(cast.rita, built, start=START + timedelta(days=1), now=AFTER)
    prepare(cast.hector, again, now=AFTER)
    report(cast.hector, again, ScreenState.HELD, now=AFTER + timedelta(days=1))
    take_notes(cast.hector, again)
    decide(cast.hector, again, YES)
    assert built.application.step is Step.INTERVIEW_LOOP


def test_an_internal_candidate_is_booked_as_the_colleague_they_are(cast: Cast) -> None:
    built = application_at(cast, Step.PHONE_SCREEN)
    with writing():
        db.session.get_one(Candidate, built.application.candidate_id).person_id = cast.igor.id
    book(cast.rita, built)
    other = application_at(cast, Step.PHONE_SCREEN, on=built_copy(built), name="Paul Peter")
    with pytest.raises(Invalid) as invalid:
        book(cast.hector, other, start=START + timedelta(minutes=15), email="igor@example.org")
    assert "Igor is booked from 10:00 to 10:45" in str(invalid.value)


def test_a_former_recruiters_waiting_act_does_not_go_through(app: Flask, cast: Cast, built: Built) -> None:
    decide(cast.hector, held(cast, built), YES, go_on=False)
    application_id, rita, ron = built.application_id, cast.rita.id, cast.ron.id

    def hand_over() -> None:
        spine_queries.lock_application(application_id).requisition.recruiter_id = ron

    wrong = overtaken(
        app, lambda: actions.go_on(db.session.get_one(Person, rita), application_id, now=AFTER), hand_over
    )
    assert isinstance(wrong, Forbidden)
    assert built.application.step is Step.PHONE_SCREEN


def put_on_hold(cast: Cast, built: Built) -> None:
    transitions.hold(cast.rita, built.application_id, "Budget round.", now=NOW)


def put_requisition_on_hold(cast: Cast, built: Built) -> None:
    transitions.hold_requisition(cast.rita, built.requisition_id, "Budget round.", now=NOW)


def pull_the_cord(cast: Cast, built: Built) -> None:
    cords.pull(cast.hector, built.application_id, "A protected topic was asked.", [], now=NOW)


@pytest.mark.parametrize(
    ("stop", "rule"),
    [
        (put_on_hold, "requisition.open"),
        (put_requisition_on_hold, "requisition.open"),
        (pull_the_cord, "andon.clear"),
    ],
)
def test_under_a_hold_or_a_cord_no_call_is_booked_or_moved_and_one_that_is_may_be_cancelled(
    cast: Cast, built: Built, stop: Callable[[Cast, Built], None], rule: str
) -> None:
    booked = book(cast.rita, built)
    told = written()
    with writing():
        stop(cast, built)
    later = Plan(START + timedelta(days=1), 45, "by phone", None)
    with pytest.raises(Refused) as error, writing():
        actions.book(cast.rita, built.application_id, later, expected=booked.version, now=NOW)
    assert refused_by(error) == [rule]
    db.session.rollback()
    assert written() == told
    assert db.session.get_one(PhoneScreen, booked.id).starts_at == START
    report(cast.rita, booked, ScreenState.CANCELLED, now=NOW)
    with pytest.raises(Refused) as error:
        book(cast.rita, built)
    assert refused_by(error) == [rule]


def written() -> int:
    return db.session.query(Notice).filter(Notice.kind.startswith("screen.")).count()


def test_a_yes_on_hold_waits_and_loses_nothing(cast: Cast, built: Built) -> None:
    screen = held(cast, built)
    with writing():
        built.application.held_at = NOW
    with pytest.raises(Refused) as error:
        decide(cast.hector, screen, YES)
    assert refused_by(error) == ["requisition.open"]
    decide(cast.hector, screen, YES, go_on=False)
    assert db.session.get_one(PhoneScreen, screen.id).verdict is YES


def test_a_call_whose_screener_fell_ill_before_deciding_is_held_again_by_another(cast: Cast, built: Built) -> None:
    held(cast, built)
    again = book(cast.hector, built, start=START + timedelta(days=1), email="ivan@example.org", now=AFTER)
    assert again.screener_id == cast.ivan.id
    with pytest.raises(Refused), writing():
        actions.go_on(cast.hector, built.application_id, now=AFTER)


def test_an_end_cancels_the_booked_call_and_frees_the_calendars(cast: Cast, built: Built) -> None:
    screen = book(cast.hector, built, email="igor@example.org")
    with writing():
        spine.end_application(
            spine_queries.lock_application(built.application_id),
            End.WITHDRAWN,
            EndReason.CANDIDATE,
            actor_id=None,
            now=NOW,
        )
    assert db.session.get_one(PhoneScreen, screen.id).state is ScreenState.CANCELLED
    assert db.session.scalars(select(Booking)).all() == [] and stands(cast.igor, built) == frozenset()


def test_notes_and_verdict_reach_only_those_who_may_read_them(cast: Cast, built: Built) -> None:
    decide(cast.hector, held(cast, built), YES)
    for who, readable in [("rita", True), ("ron", True), ("hector", True), ("cora", False), ("amal", False)]:
        [call] = queries.calls(built.application_id, stands(getattr(cast, who), built))
        assert call.readable is readable
        assert bool(call.summary or call.questions or call.verdict) is readable


def test_twenty_screens_that_nearly_all_pass_are_a_finding(cast: Cast) -> None:
    built = requisition(cast)
    for n in range(20):
        application_at(cast, Step.INTERVIEW_LOOP, on=built_copy(built), name=f"C{n} X")
    [finding] = queries.rate(spine_queries.requisition(built.requisition_id))
    assert "20 of the last 20" in finding.facts


def test_a_screener_owes_the_call_then_the_verdict_then_nothing(cast: Cast, built: Built) -> None:
    assert [row.candidate for row in queries.to_book(cast.rita)] == ["Nadia Novak"]
    screen = book(cast.rita, built)
    assert [row.over for row in queries.owed_by(cast.hector.id, NOW)] == [False]
    assert queries.to_book(cast.rita) == []
    prepare(cast.hector, screen)
    report(cast.hector, screen, ScreenState.HELD)
    assert [row.over for row in queries.owed_by(cast.hector.id, AFTER)] == [True]
    take_notes(cast.hector, screen)
    decide(cast.hector, screen, YES)
    assert queries.owed_by(cast.hector.id, AFTER) == []


def test_erasing_a_candidate_empties_the_notes(cast: Cast, built: Built) -> None:
    decide(cast.hector, held(cast, built), YES)
    candidate_id = db.session.get_one(Application, built.application_id).candidate_id
    assert db.session.get_one(Candidate, candidate_id).name == "Nadia Novak"
    with writing():
        actions._erase(candidate_id)
    [row] = db.session.scalars(select(PhoneScreen)).all()
    assert row.summary == "(erased)" and not row.questions[0].has_notes

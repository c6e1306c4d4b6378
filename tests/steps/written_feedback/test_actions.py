"""What the actions of step 5 do, on both engines; every rule refuses here too, with the page bypassed."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import InvalidRequestError

from hiring.ground import personal
from hiring.ground.database import NotVisible, Stale, db, writing
from hiring.ground.outbox import Notice
from hiring.ground.rulebook import Refused
from hiring.people.handover import debts
from hiring.pipeline import actions as spine
from hiring.pipeline import queries as pipeline
from hiring.pipeline.rules import Part, Step
from hiring.steps.interview_loop import course
from hiring.steps.interview_loop.models import Loop, Seat, Shadow
from hiring.steps.interview_loop.rules import InterviewState, SeatState, VacateCause
from hiring.steps.written_feedback import actions, due, jobs, queries
from hiring.steps.written_feedback.models import Feedback, FeedbackItem, PracticeFeedback
from hiring.steps.written_feedback.rules import Entry, FeedbackState, ItemEntry, Rating, Vote
from tests.builders import LOOP_DAY, Built, application_at, give_feedback
from tests.cast import Cast
from tests.steps.written_feedback.entries import AFTER, ALL, entry_for


def submit(built: Built, cast: Cast, key: str, now: datetime = AFTER, **more: Any) -> None:
    with writing():
        actions.submit(getattr(cast, key), built.seats[key], entry_for(built.seats[key], **more), now=now)


def refused(act: Callable[[], object]) -> set[str]:
    with pytest.raises(Refused) as caught, writing():
        act()
    return {refusal.rule.id for refusal in caught.value.refusals}


@pytest.fixture
def built(cast: Cast) -> Built:
    return application_at(cast, Step.WRITTEN_FEEDBACK)


def take_off(built: Built, cast: Cast, key: str, state: SeatState) -> None:
    with writing():
        seat = db.session.get_one(Seat, built.seats[key])
        seat.state, seat.left_at, seat.left_reason = state, AFTER, "ill"
        for part in (Part.SEAT, Part.BAR_RAISER):
            spine.leave(built.application_id, getattr(cast, key).id, part, now=AFTER)


def test_feedback_that_comes_in_after_a_return_does_not_undo_it(cast: Cast, built: Built) -> None:
    with writing():
        give_feedback(built, seats=("hector", "rita", "bea", "irma"))
        application = pipeline.lock_application(built.application_id)
        spine.go_back(application, Step.INTERVIEW_LOOP, "One more interview", actor_id=cast.bea.id, now=AFTER)
    submit(built, cast, "iris")
    assert built.application.step is Step.INTERVIEW_LOOP
    with writing():
        course.go_on(cast.rita, built.application_id, now=AFTER)
    assert built.application.step is Step.DEBRIEF


# --- Drafts ------------------------------------------------------------------------------------------------------


def test_a_draft_keeps_incomplete_words_for_its_author_alone(cast: Cast, built: Built) -> None:
    seat = built.seats["iris"]
    assigned = [a.item_id for a in db.session.get_one(Seat, seat).assignments]
    half = Entry((ItemEntry(assigned[0], situation="Half a", rating=Rating.NOT_TESTED),))
    with writing():
        actions.save_draft(cast.iris, seat, half, now=AFTER)
    draft = queries.own_draft(cast.iris, seat)
    assert draft is not None
    kept = {i.item_id: (i.situation, i.rating) for i in queries.entry_of(draft).items}
    assert kept[assigned[0]] == ("Half a", Rating.NOT_TESTED)
    assert set(kept) == set(assigned)
    assert queries.own_draft(cast.bea, seat) is None
    assert queries.readable(cast.iris, built.application_id, AFTER) == []


def test_two_tabs_cannot_overwrite_each_other_and_both_texts_are_shown(cast: Cast, built: Built) -> None:
    seat = built.seats["iris"]
    with writing():
        version = actions.save_draft(cast.iris, seat, entry_for(seat, "First"), now=AFTER, expected_version=0).version
    with writing():
        actions.save_draft(cast.iris, seat, entry_for(seat, "Second"), now=AFTER, expected_version=version)
    with pytest.raises(Stale) as caught, writing():
        actions.save_draft(cast.iris, seat, entry_for(seat, "Third"), now=AFTER, expected_version=version)
    assert caught.value.current["summary"] == "Second in sum"
    assert "Second S" in caught.value.current.values()
    assert int(caught.value.current["version"]) > version


def test_saving_what_already_stands_is_not_stale(cast: Cast, built: Built) -> None:
    seat = built.seats["iris"]
    for _ in range(2):
        with writing():
            actions.save_draft(cast.iris, seat, entry_for(seat), now=AFTER, expected_version=0)
    assert db.session.scalar(select(func.count()).select_from(Feedback)) == 1


def test_nobody_writes_for_somebody_else_nor_before_the_interview(cast: Cast) -> None:
    built = application_at(cast, Step.WRITTEN_FEEDBACK, held=False)
    seat, early = built.seats["iris"], LOOP_DAY - timedelta(days=1)
    entry = entry_for(seat)
    assert refused(lambda: actions.save_draft(cast.bea, seat, entry, now=AFTER)) == {"feedback.own"}
    assert refused(lambda: actions.submit(cast.hector, seat, entry, now=AFTER)) == {"feedback.own"}
    assert refused(lambda: actions.save_draft(cast.iris, seat, entry, now=early)) == {"feedback.own"}
    assert refused(lambda: actions.submit(cast.iris, seat, entry, now=early)) == {"feedback.own"}


def test_strangers_do_not_learn_that_the_seat_exists(cast: Cast, built: Built) -> None:
    with pytest.raises(NotVisible), writing():
        actions.submit(cast.olga, built.seats["iris"], entry_for(built.seats["iris"]), now=AFTER)


# --- Submitting --------------------------------------------------------------------------------------------------


def test_incomplete_feedback_is_refused_with_what_is_missing_and_nothing_is_kept(cast: Cast, built: Built) -> None:
    seat = built.seats["iris"]
    with pytest.raises(Refused) as caught, writing():
        actions.submit(cast.iris, seat, replace(entry_for(seat), vote=None), now=AFTER)
    assert caught.value.refusals[0].rule.id == "feedback.complete"
    assert caught.value.refusals[0].facts == "The vote is missing."
    assert queries.own_draft(cast.iris, seat) is None


def test_the_last_submission_moves_the_application_to_the_debrief(cast: Cast, built: Built) -> None:
    for key in ALL[:-1]:
        submit(built, cast, key)
    assert built.application.step is Step.WRITTEN_FEEDBACK
    submit(built, cast, ALL[-1])
    assert built.application.step is Step.DEBRIEF


def test_submitting_the_same_again_is_answered_with_what_stands_and_other_words_are_refused(
    cast: Cast, built: Built
) -> None:
    seat = built.seats["iris"]
    submit(built, cast, "iris")
    submit(built, cast, "iris", AFTER + timedelta(minutes=1))
    assert queries.submitted_at(seat) == AFTER
    assert refused(lambda: actions.submit(cast.iris, seat, entry_for(seat, "New"), now=AFTER)) == {"feedback.final"}
    assert refused(lambda: actions.save_draft(cast.iris, seat, entry_for(seat, "New"), now=AFTER)) == {"feedback.final"}


def test_late_feedback_is_accepted_and_stays_marked_late(cast: Cast, built: Built) -> None:
    interview = db.session.get_one(Seat, built.seats["iris"]).interviews[0]
    on_time, late = interview.due_at, AFTER + timedelta(days=3)
    assert on_time is not None
    submit(built, cast, "iris", on_time)
    submit(built, cast, "irma", late)
    marks = {s.name: (s.late, s.due_at) for s in queries.status(built.application_id)}
    assert marks["Iris"] == (False, on_time)
    assert marks["Irma"][0] is True


def test_feedback_is_accepted_while_the_interview_is_still_under_way(cast: Cast) -> None:
    built = application_at(cast, Step.WRITTEN_FEEDBACK, held=False)
    submit(built, cast, "hector", LOOP_DAY + timedelta(minutes=30))
    view = queries.readable(cast.hector, built.application_id, LOOP_DAY + timedelta(minutes=31))
    assert [(v.author, v.late) for v in view] == [("Hector", False)]


def test_an_interview_cut_short_still_owes_feedback_and_a_no_show_does_not(cast: Cast, built: Built) -> None:
    with writing():
        db.session.get_one(Seat, built.seats["iris"]).interviews[0].state = InterviewState.CUT_SHORT
        missed = db.session.get_one(Seat, built.seats["irma"]).interviews[0]
        missed.state, missed.due_at = InterviewState.CANDIDATE_NO_SHOW, None
    owes = {s.name: s.owes for s in queries.status(built.application_id)}
    assert owes["Iris"] is True
    assert owes["Irma"] is False
    assert refused(lambda: submit_now(built, cast, "irma")) == {"feedback.own"}


def submit_now(built: Built, cast: Cast, key: str) -> object:
    return actions.submit(getattr(cast, key), built.seats[key], entry_for(built.seats[key]), now=AFTER)


# --- Blindness ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", ["hector", "bea", "rita", "irma"])
def test_before_ones_own_submission_nothing_of_the_others_is_given_to_anybody(
    cast: Cast, built: Built, key: str
) -> None:
    submit(built, cast, "iris")
    reader = getattr(cast, key)
    assert queries.readable(reader, built.application_id, AFTER) == []
    with pytest.raises(Refused) as caught:
        queries.all_for_debrief(reader, built.application_id, AFTER)
    assert caught.value.refusals[0].rule.id == "feedback.blind"
    submit(built, cast, key)
    assert {v.author for v in queries.readable(reader, built.application_id, AFTER)} == {"Iris", reader.name}


@pytest.mark.parametrize("key", ["cora", "ron", "amal"])
def test_standing_roles_read_who_has_submitted_and_nothing_of_what(cast: Cast, built: Built, key: str) -> None:
    give_all(built)
    assert queries.readable(getattr(cast, key), built.application_id, AFTER) == []


def give_all(built: Built) -> None:
    with writing():
        give_feedback(built)


def test_the_requisitions_recruiter_without_a_seat_reads_after_the_last(cast: Cast, built: Built) -> None:
    take_off(built, cast, "rita", SeatState.VACATED)
    for key in ("hector", "bea", "iris"):
        submit(built, cast, key)
    assert queries.readable(cast.rita, built.application_id, AFTER) == []
    submit(built, cast, "irma")
    assert len(queries.readable(cast.rita, built.application_id, AFTER)) == 4


def test_taken_off_the_loop_means_no_access_even_to_ones_own(cast: Cast, built: Built) -> None:
    submit(built, cast, "iris")
    take_off(built, cast, "iris", SeatState.VACATED)
    assert queries.own_draft(cast.iris, built.seats["iris"]) is None
    with pytest.raises(NotVisible):
        queries.readable(cast.iris, built.application_id, AFTER)
    with pytest.raises(NotVisible):
        queries.kit(cast.iris, built.seats["iris"], now=AFTER)


def test_what_a_vacated_seat_submitted_reaches_the_debrief_and_a_silent_one_no_longer_owes(
    cast: Cast, built: Built
) -> None:
    submit(built, cast, "iris")
    take_off(built, cast, "iris", SeatState.VACATED)
    take_off(built, cast, "irma", SeatState.VACATED)
    assert {s.name for s in queries.missing(built.application_id)} == {"Hector", "Rita", "Bea"}
    submit(built, cast, "bea")
    assert {v.author for v in queries.all_for_debrief(cast.bea, built.application_id, AFTER)} == {"Bea", "Iris"}


def test_touching_a_secret_column_outside_of_the_query_raises(cast: Cast, built: Built) -> None:
    give_all(built)
    db.session.remove()
    feedback = db.session.scalars(select(Feedback)).first()
    item = db.session.scalars(select(FeedbackItem)).first()
    assert feedback is not None
    assert item is not None
    for row, column in ((feedback, "summary"), (feedback, "vote"), (item, "situation"), (item, "rating")):
        with pytest.raises(InvalidRequestError):
            getattr(row, column)


def test_the_matrix_sets_every_interviewer_against_every_principle(cast: Cast, built: Built) -> None:
    give_all(built)
    views = queries.readable(cast.bea, built.application_id, AFTER)
    rows = {row.item: row.cells for row in queries.matrix(views)}
    assert set(rows) == set(built.items)
    told = [view.author for view, cell in zip(views, rows["Ownership"], strict=True) if cell]
    assert told == ["Hector", "Rita"]
    assert {vote.name for vote in queries.first_votes(built.application_id)} == {key.capitalize() for key in ALL}


# --- Final -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE feedback SET vote = 'not_inclined' WHERE state = 'submitted'",
        "UPDATE feedback SET summary = 'other'",
        "UPDATE feedback SET state = 'draft', submitted_at = NULL, late = NULL",
        "UPDATE feedback SET summary = '[erased]', vote = 'not_inclined'",
        "UPDATE feedback_item SET rating = 'raises'",
        "DELETE FROM feedback_item",
        "INSERT INTO feedback_item (feedback_id, item_id, question, situation, task, action, result, rating, "
        "not_tested_reason) SELECT f.id, t.id, '', '', '', '', '', 'raises', '' FROM feedback f, tested_item t "
        "WHERE t.id NOT IN (SELECT i.item_id FROM feedback_item i WHERE i.feedback_id = f.id)",
    ],
)
def test_the_database_itself_refuses_to_change_what_was_submitted(cast: Cast, built: Built, statement: str) -> None:
    give_all(built)
    assert refused(lambda: db.session.execute(text(statement))) == {"feedback.final"}


def test_the_database_lets_no_evidence_move_into_what_was_submitted(cast: Cast, built: Built) -> None:
    with writing():
        give_feedback(built, seats=("hector",))
        actions.save_draft(cast.iris, built.seats["iris"], entry_for(built.seats["iris"]), now=AFTER)
    move = (
        "UPDATE feedback_item SET feedback_id = (SELECT id FROM feedback WHERE state = 'submitted') "
        "WHERE feedback_id = (SELECT id FROM feedback WHERE state = 'draft')"
    )
    assert refused(lambda: db.session.execute(text(move))) == {"feedback.final"}


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE practice_feedback SET text = 'other'",
        "UPDATE practice_feedback SET state = 'draft', submitted_at = NULL",
        "DELETE FROM practice_feedback",
    ],
)
def test_the_database_itself_refuses_to_change_practice_that_was_submitted(
    cast: Cast, shadow: int, statement: str
) -> None:
    with writing():
        actions.write_practice(cast.tara, shadow, "My practice", final=True, now=AFTER)
    assert refused(lambda: db.session.execute(text(statement))) == {"feedback.final"}


def test_a_draft_may_change_until_it_is_submitted(cast: Cast, built: Built) -> None:
    seat = built.seats["iris"]
    for words in ("One", "Two"):
        with writing():
            actions.save_draft(cast.iris, seat, entry_for(seat, words), now=AFTER)
    submit(built, cast, "iris", words="Three")
    assert queries.readable(cast.iris, built.application_id, AFTER)[0].summary == "Three in sum"


def test_an_amendment_is_dated_and_leaves_vote_and_text_as_submitted(cast: Cast, built: Built) -> None:
    submit(built, cast, "iris")
    later = AFTER + timedelta(hours=1)
    with writing():
        actions.amend(cast.iris, built.seats["iris"], "They called back.", now=later)
    view = queries.readable(cast.iris, built.application_id, later)[0]
    assert [(a.text, a.at) for a in view.amendments] == [("They called back.", later)]
    assert (view.vote, view.submitted_at) == (Vote.INCLINED, AFTER)


def test_amendments_end_when_the_debrief_opens(cast: Cast) -> None:
    built = application_at(cast, Step.DEBRIEF)
    seat = built.seats["iris"]
    with writing():
        actions.amend(cast.iris, seat, "Before.", now=AFTER)
    with writing():
        db.session.get_one(Loop, built.loop_id).debrief_opened_at = AFTER
    assert refused(lambda: actions.amend(cast.iris, seat, "After.", now=AFTER)) == {"feedback.final"}
    assert refused(lambda: actions.amend(cast.bea, seat, "Not mine.", now=AFTER)) == {"feedback.own"}


def test_erasing_a_candidate_empties_the_texts_and_keeps_votes_and_ratings(cast: Cast, built: Built) -> None:
    submit(built, cast, "iris")
    with writing():
        actions.amend(cast.iris, built.seats["iris"], "They called back.", now=AFTER)
    duty = next(owner for owner in personal.owners() if owner.room == "written_feedback")
    assert duty.export is not None
    assert duty.erase is not None
    candidate_id = built.application.candidate_id
    assert "Told in sum" in str(list(duty.export(candidate_id)))
    with writing():
        duty.erase(candidate_id)
    view = queries.readable(cast.iris, built.application_id, AFTER)[0]
    assert "Told" not in str(view)
    assert "called back" not in str(view)
    assert (view.vote, view.items[0].rating) == (Vote.INCLINED, Rating.MEETS)


# --- Nudges, desk, handover --------------------------------------------------------------------------------------


def notices() -> dict[str, Notice]:
    return {row.key or "": row for row in db.session.scalars(select(Notice)) if row.kind.startswith("feedback.")}


def test_the_interviewer_is_told_at_due_then_recruiter_and_bar_raiser_once_each(cast: Cast, built: Built) -> None:
    interview = db.session.get_one(Seat, built.seats["iris"]).interviews[0]
    due_at, name = interview.due_at, f"feedback.due:{interview.id}"
    assert due_at is not None
    jobs.nudge_writers(due_at)
    assert notices()[name].to_address == "iris@example.org"
    assert not [key for key in notices() if key.startswith(f"{name}:late")]
    for _ in range(2):
        jobs.nudge_writers(due_at + timedelta(minutes=15))
    late = {row.to_address for key, row in notices().items() if key.startswith(f"{name}:late")}
    assert late == {"rita@example.org", "bea@example.org"}
    jobs.nudge_writers(due_at + timedelta(hours=24))
    assert len([key for key in notices() if key.startswith(f"{name}:very_late")]) == 2
    assert jobs.nudge_writers(due_at + timedelta(hours=24)) == 0


def test_a_nudge_not_yet_sent_expires_when_the_feedback_comes_in(cast: Cast, built: Built) -> None:
    interview = db.session.get_one(Seat, built.seats["iris"]).interviews[0]
    name = f"feedback.due:{interview.id}"
    jobs.nudge_writers(AFTER)
    submit(built, cast, "iris")
    assert {row.expires_at for key, row in notices().items() if (key + ":").startswith(name + ":")} == {AFTER}
    jobs.nudge_writers(AFTER + timedelta(days=2))
    assert f"{name}:very_late:{cast.rita.id}" not in notices()


def test_what_is_owed_leaves_the_desk_and_the_handover_list_with_the_submission(cast: Cast, built: Built) -> None:
    seat = built.seats["iris"]
    assert [item.seat_id for item in due.owed_by(cast.iris.id, AFTER)] == [seat]
    assert [debt.url for debt in debts(cast.iris.id, None).seen if "feedback" in debt.what] == [f"/seats/{seat}"]
    assert {item.person_id for item in due.late_for(cast.rita, AFTER)} >= {cast.iris.id, cast.bea.id}
    submit(built, cast, "iris")
    assert due.owed_by(cast.iris.id, AFTER) == []
    assert cast.iris.id not in {item.person_id for item in due.late_for(cast.rita, AFTER)}


# --- Practice ----------------------------------------------------------------------------------------------------


@pytest.fixture
def shadow(cast: Cast, built: Built) -> int:
    with writing():
        row = Shadow(seat_id=built.seats["iris"], person_id=cast.tara.id)
        db.session.add(row)
        db.session.flush()
        spine.join(built.application_id, cast.tara.id, Part.SHADOW, now=LOOP_DAY)
        return row.id


def test_practice_opens_to_mentor_and_programme_owner_once_both_are_in(cast: Cast, built: Built, shadow: int) -> None:
    with writing():
        actions.write_practice(cast.tara, shadow, "My practice", final=True, now=AFTER)
    assert queries.practice_for(cast.tara, shadow, now=AFTER).text == "My practice"
    for reader in (cast.iris, cast.priya):
        assert queries.practice_for(reader, shadow, now=AFTER).text is None
    submit(built, cast, "iris")
    for reader in (cast.iris, cast.priya):
        assert queries.practice_for(reader, shadow, now=AFTER).text == "My practice"
    for reader in (cast.hector, cast.bea, cast.rita, cast.olga):
        with pytest.raises(NotVisible):
            queries.practice_for(reader, shadow, now=AFTER)


def test_practice_is_the_trainees_final_once_submitted_and_never_in_the_debrief(
    cast: Cast, built: Built, shadow: int
) -> None:
    for words, final in (("Draft", False), ("Final", True)):
        with writing():
            actions.write_practice(cast.tara, shadow, words, final=final, now=AFTER)
    again = refused(lambda: actions.write_practice(cast.tara, shadow, "More", final=True, now=AFTER))
    assert again == {"feedback.final"}
    other = refused(lambda: actions.write_practice(cast.iris, shadow, "Mine", final=True, now=AFTER))
    assert other == {"feedback.own"}
    give_all(built)
    assert "Tara" not in {view.author for view in queries.all_for_debrief(cast.bea, built.application_id, AFTER)}
    assert db.session.scalars(select(PracticeFeedback.state)).all() == [FeedbackState.SUBMITTED]
    assert queries.readable(cast.tara, built.application_id, AFTER) == []


def test_a_seat_silent_for_five_working_days_is_vacated_and_then_owes_nothing(cast: Cast, built: Built) -> None:
    seat, silent = built.seats["irma"], VacateCause.SILENT
    soon, later = AFTER + timedelta(days=2), AFTER + timedelta(days=8)
    assert refused(lambda: course.vacate(cast.bea, seat, silent, "no answer", now=soon))
    with writing():
        course.vacate(cast.bea, seat, silent, "no answer", now=later)
    assert "Irma" not in {missing.name for missing in queries.missing(built.application_id)}
    assert due.owed_by(cast.irma.id, later) == []
    with pytest.raises(NotVisible):
        queries.kit(cast.irma, seat, now=later)

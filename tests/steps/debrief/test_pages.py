import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from bs4 import BeautifulSoup, Tag
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from hiring.ground.database import db, writing
from hiring.people.models import Person
from hiring.pipeline import queries as applications
from hiring.pipeline.desk_items import items_for
from hiring.pipeline.models import Booking, Requisition
from hiring.pipeline.rules import Step
from hiring.steps.debrief import actions, room_actions
from hiring.steps.debrief.models import DiscussionNote, Meeting
from hiring.steps.debrief.rules import BoardMark, Decision, Phase
from hiring.steps.interview_loop import course
from hiring.steps.interview_loop.models import Interview, Seat
from hiring.steps.interview_loop.rules import InterviewState, SeatKind, VacateCause
from hiring.steps.written_feedback.rules import Vote
from tests.builders import Built, application_at, give_feedback
from tests.cast import Cast, sign_in
from tests.steps.debrief.conftest import OPENED, SEATED, Debrief, hand_over


@pytest.fixture
def reads(client: FlaskClient, cast: Cast, at: Callable[[datetime], None]) -> Callable[..., BeautifulSoup]:
    """What somebody finds on a page of the debrief, at an instant."""

    def get(who: str, built: Built, path: str = "", now: datetime = OPENED, status: int = 200) -> BeautifulSoup:
        at(now)
        answer = sign_in(client, getattr(cast, who)).get(f"/applications/{built.application_id}/debrief{path}")
        assert answer.status_code == status
        return BeautifulSoup(answer.text, "html.parser")

    return get


@pytest.fixture
def posts(client: FlaskClient, cast: Cast, at: Callable[[datetime], None]) -> Callable[..., BeautifulSoup]:
    """What somebody gets after sending a form of the room; ``status`` 303 means that it was done."""

    def post(who: str, debrief: Debrief, path: str, status: int, **data: object) -> BeautifulSoup:
        at(debrief.now)
        url = f"/applications/{debrief.built.application_id}/debrief/{path}"
        answer = sign_in(client, getattr(cast, who)).post(url, data={"submission_key": "k1", **data})
        assert answer.status_code == status
        return BeautifulSoup(answer.text, "html.parser")

    return post


def form(page: BeautifulSoup, action: str) -> Tag | None:
    found = page.find("form", {"data-action": action})
    return found if isinstance(found, Tag) else None


def rules(page: Tag) -> set[str]:
    return {str(tag["data-rule"]) for tag in page.find_all(attrs={"data-rule": True})}


def test_the_page_says_whose_feedback_is_missing_and_greys_the_button(
    cast: Cast, reads: Callable[..., BeautifulSoup]
) -> None:
    built = application_at(cast, Step.WRITTEN_FEEDBACK)
    with writing():
        give_feedback(built, seats=("bea", "hector", "rita", "irma"))
    page = reads("bea", built)
    opening = form(page, "debrief.open")
    assert opening is not None and "debrief.complete" in rules(page)
    button = opening.find("button")
    assert isinstance(button, Tag) and button["aria-disabled"] == "true"
    assert "Iris" in opening.text
    assert "Iris" in reads("hector", built).text
    assert form(reads("hector", built), "debrief.open") is None


def test_a_refusal_says_facts_way_out_and_who_can_mend_it_to_those_who_do_not_lead(
    cast: Cast, reads: Callable[..., BeautifulSoup]
) -> None:
    built = application_at(cast, Step.WRITTEN_FEEDBACK)
    with writing():
        give_feedback(built, seats=("bea", "hector", "rita", "irma"))
    for who in ("hector", "rita", "irma"):
        [found] = reads(who, built).select('#open [data-rule="debrief.complete"]')
        assert "Feedback is missing from Iris." in found.text and "They submit it" in found.text
        foot = found.select_one(".refusal-foot")
        assert foot is not None and "Who can mend it: Iris" in " ".join(foot.text.split())


def test_each_sees_only_their_own_forms(debrief: Debrief, reads: Callable[..., BeautifulSoup]) -> None:
    debrief.decide()
    page = reads("bea", debrief.built, now=debrief.now)
    assert form(page, "debrief.veto") and not form(page, "debrief.decide")
    page = reads("hector", debrief.built, now=debrief.now)
    assert form(page, "debrief.decide") and not form(page, "debrief.veto") and not form(page, "debrief.advance")
    page = reads("iris", debrief.built, now=debrief.now)
    for action in ("debrief.decide", "debrief.veto", "debrief.mark", "debrief.advance", "debrief.concur"):
        assert form(page, action) is None
    assert form(page, "debrief.note")


@pytest.mark.parametrize("path", ["", "/memo", "/reading"])
def test_strangers_and_standing_roles_find_nothing(
    debrief: Debrief, reads: Callable[..., BeautifulSoup], path: str
) -> None:
    debrief.done()
    for who in ("olga", "cora", "amal", "hanna", "hilda", "bram", "ron"):
        reads(who, debrief.built, path, now=debrief.now, status=404)


def test_a_seat_that_has_not_submitted_sees_neither_votes_nor_feedback_nor_memo(
    cast: Cast, reads: Callable[..., BeautifulSoup]
) -> None:
    built = application_at(cast, Step.WRITTEN_FEEDBACK)
    with writing():
        give_feedback(built, seats=("bea", "hector", "rita", "irma"), votes=Vote.STRONGLY_INCLINED)
    page = reads("iris", built)
    assert "feedback.blind" in rules(page)
    assert "Strongly inclined" not in page.text and "Summary by" not in page.text
    reads("iris", built, "/memo", status=404)


def test_a_sealed_re_vote_is_on_nobody_s_page_before_the_last_is_in(
    debrief: Debrief, reads: Callable[..., BeautifulSoup]
) -> None:
    debrief.revote()  # first votes are all "inclined", so that this one can only come from the re-vote
    for who in SEATED[:-1]:
        debrief.does(room_actions.revote, who, Vote.STRONGLY_NOT_INCLINED)
    for who in SEATED:
        page = reads(who, debrief.built, now=debrief.now)
        for choice in page.find_all("form", {"data-action": "debrief.revote"}):
            choice.decompose()
        assert "strongly not inclined" not in page.text.lower() and "strongly_not" not in str(page)
        assert page.find(id="votes") is None
    debrief.does(room_actions.revote, "irma", Vote.STRONGLY_NOT_INCLINED)
    assert reads("iris", debrief.built, now=debrief.now).text.count("Strongly not inclined") == 5


def test_nothing_in_the_room_tells_of_urgency(debrief: Debrief, reads: Callable[..., BeautifulSoup]) -> None:
    with writing():
        db.session.query(Booking).delete()
    on = Built(debrief.built.requisition_id, debrief.built.description_id, items=dict(debrief.built.items))
    application_at(debrief.cast, Step.DEBRIEF, on=on, name="Zacharias Zwei")
    debrief.decide()
    opened = db.session.get_one(Requisition, debrief.built.requisition_id).opened_at
    assert opened is not None
    for path in ("", "/reading"):
        words = reads("hector", debrief.built, path, now=debrief.now).text
        assert "Zacharias" not in words and "opening" not in words.lower() and "headcount" not in words.lower()
        assert f"{opened:%b %Y}" not in words.replace("Mar 2026", "") and opened.isoformat()[:10] not in words


def test_the_reading_holds_all_feedback_and_begins_with_a_press(
    debrief: Debrief, reads: Callable[..., BeautifulSoup], posts: Callable[..., BeautifulSoup]
) -> None:
    debrief.gather()
    debrief.advance()
    reads("iris", debrief.built, "/reading", now=debrief.now, status=302)
    posts("iris", debrief, "read", 303)
    page = reads("iris", debrief.built, "/reading", now=debrief.now)
    assert all(f"Summary by {who}." in page.text for who in SEATED)


def test_a_re_vote_too_soon_is_refused_with_the_time_left_and_keeps_the_choice(
    debrief: Debrief, posts: Callable[..., BeautifulSoup]
) -> None:
    debrief.revote(absent=("iris",))
    debrief.does(room_actions.attend, "iris")
    debrief.does(room_actions.start_reading, "iris")
    debrief.now += timedelta(minutes=2)
    page = posts("iris", debrief, "revote", 409, vote="inclined")
    sent = form(page, "debrief.revote")
    assert sent is not None and "3:00 are left" in sent.text and "debrief.read" in rules(page)
    chosen = sent.find("input", {"value": "inclined"})
    assert isinstance(chosen, Tag) and chosen.has_attr("checked")


def test_forms_are_refused_by_status_missing_texts_bypassed_buttons_and_other_people(
    debrief: Debrief, posts: Callable[..., BeautifulSoup]
) -> None:
    debrief.decide()
    posts("hector", debrief, "decision", 422, decision="hire", reason="")
    posts("iris", debrief, "decision", 403, decision="hire", reason="Yes.")
    posts("olga", debrief, "decision", 404, decision="hire", reason="Yes.")
    assert "decision.concurrence" in rules(posts("bea", debrief, "concurrence", 409))
    assert "debrief.chair" in rules(posts("bea", debrief, "advance", 409, version=debrief.meeting.version))


def test_a_second_decision_is_refused_and_its_reason_handed_back(
    debrief: Debrief, posts: Callable[..., BeautifulSoup]
) -> None:
    debrief.decide()
    posts("hector", debrief, "decision", 303, decision="no_hire", reason="Unsure is no.", submission_key="k2")
    page = posts("hector", debrief, "decision", 409, decision="hire", reason="I slept on it.", submission_key="k3")
    kept = page.select_one("[data-typed]")
    assert kept is not None and "I slept on it." in kept.text


def test_a_late_opening_an_early_veto_and_an_early_decision_are_told_with_their_rules(
    debrief: Debrief, reads: Callable[..., BeautifulSoup], posts: Callable[..., BeautifulSoup]
) -> None:
    assert "debrief.prompt" not in rules(reads("bea", debrief.built))
    assert "debrief.prompt" in rules(reads("bea", debrief.built, now=debrief.now + timedelta(days=6)))
    debrief.gather()
    ground = {"reason": "Below the bar.", "rests_on": ["Ownership"]}
    assert "decision.veto" in rules(posts("bea", debrief, "veto", 409, **ground))
    assert "decision.hiring_manager" in rules(posts("hector", debrief, "decision", 409, decision="hire", reason="Yes."))


def test_the_board_says_what_is_not_marked_until_all_is(debrief: Debrief, reads: Callable[..., BeautifulSoup]) -> None:
    debrief.board()
    assert "debrief.board" in rules(reads("bea", debrief.built, now=debrief.now))
    for item in debrief.built.items.values():
        debrief.does(room_actions.mark, "bea", item, BoardMark.MET, "They did.")
    assert "debrief.board" not in rules(reads("bea", debrief.built, now=debrief.now))


def test_a_repeated_submit_gives_one_note(debrief: Debrief, posts: Callable[..., BeautifulSoup]) -> None:
    debrief.board()
    for _ in range(2):
        posts("iris", debrief, "notes", 303, text="Strong on ownership.")
    assert db.session.scalar(select(func.count()).select_from(DiscussionNote)) == 1


def test_a_dissent_after_the_record_was_frozen_is_said_to_be_added(
    debrief: Debrief, reads: Callable[..., BeautifulSoup]
) -> None:
    debrief.hire()
    debrief.does(actions.dissent, "rita", "Too soon.")
    debrief.now += timedelta(minutes=5)
    debrief.does(actions.concur, "bea", "")
    memo = reads("iris", debrief.built, "/memo", now=debrief.now).text
    assert "Too soon." in memo and "added after the record was frozen" not in memo
    debrief.now += timedelta(hours=1)
    debrief.does(actions.dissent, "iris", "I saw it differently.")
    memo = reads("iris", debrief.built, "/memo", now=debrief.now).text
    assert "I saw it differently." in memo and "added after the record was frozen" in memo


def test_the_room_says_who_keeps_it_from_going_on(debrief: Debrief, reads: Callable[..., BeautifulSoup]) -> None:
    debrief.gather(absent=("hector",))
    button = form(reads("bea", debrief.built, now=debrief.now), "debrief.advance")
    assert button is not None and "debrief.revote" in rules(button) and "Hector" in button.text
    debrief.does(room_actions.attend, "hector")
    debrief.advance()
    button = form(reads("bea", debrief.built, now=debrief.now), "debrief.advance")
    assert button is not None and rules(button) == {"debrief.read"} and "Iris has not started reading" in button.text


def test_dissent_sent_again_is_told_with_its_rule(debrief: Debrief, posts: Callable[..., BeautifulSoup]) -> None:
    debrief.done()
    posts("iris", debrief, "dissent", 303, text="I saw it differently.", submission_key="a")
    again = posts("iris", debrief, "dissent", 409, text="Still.", submission_key="b")
    found = again.select_one('[data-rule="debrief.dissent"]')
    assert found is not None and "Your dissent is on record." in found.text


def test_a_meeting_walks_through_its_pages_to_the_end(
    debrief: Debrief, reads: Callable[..., BeautifulSoup], posts: Callable[..., BeautifulSoup]
) -> None:
    posts("bea", debrief, "open", 303)
    for number, who in enumerate(SEATED):
        if who != "bea":
            posts(who, debrief, "attend", 303, submission_key=f"a{number}")
    posts("bea", debrief, "advance", 303, version=debrief.meeting.version, submission_key="b")
    for number, who in enumerate(SEATED):
        posts(who, debrief, "read", 303, submission_key=f"c{number}")
    debrief.now += timedelta(minutes=6)
    posts("bea", debrief, "advance", 303, version=debrief.meeting.version, submission_key="d")
    for number, who in enumerate(SEATED):
        posts(who, debrief, "revote", 303, vote="inclined", submission_key=f"e{number}")
    posts("bea", debrief, "advance", 303, version=debrief.meeting.version, submission_key="f")
    gap = debrief.built.items["Coding"]
    for item in debrief.built.items.values():
        how = {"mark": "not_shown"} if item == gap else {"mark": "met", "evidence": "They did."}
        posts("bea", debrief, "board", 303, item=item, submission_key=f"g{item}", **how)
    posts("bea", debrief, "advance", 303, version=debrief.meeting.version, submission_key="h")
    posts("bea", debrief, "advance", 303, version=debrief.meeting.version, submission_key="i")
    assert "Coding" in posts("hector", debrief, "decision", 409, decision="hire", reason="Yes.").text
    posts("iris", debrief, "notes", 303, text="They asked why.", submission_key="n")
    newest = debrief.meeting.board[-1].id
    posts("bea", debrief, "gap", 303, item=gap, reason="Seen in the screen.", version=newest, submission_key="j")
    posts("hector", debrief, "decision", 303, decision="hire", reason="Yes.", submission_key="k")
    posts("iris", debrief, "dissent", 303, text="I saw it differently.", submission_key="l")
    posts("bea", debrief, "concurrence", 303, note="Agreed.", submission_key="m")
    assert debrief.meeting.phase is Phase.DONE and debrief.application.step is Step.REFERENCE_CHECK
    memo = reads("rita", debrief.built, "/memo", now=debrief.now)
    for words in ("Yes.", "Agreed.", "Seen in the screen.", "I saw it differently.", "Inclined", "They did."):
        assert words in memo.text
    [note] = memo.select("#notes bdi")
    assert note.text == "They asked why.", "whatever turns letters around in it, who wrote it is read"


def test_a_stale_mark_shows_both_texts_and_a_kept_one_is_not_offered(
    debrief: Debrief, reads: Callable[..., BeautifulSoup], posts: Callable[..., BeautifulSoup]
) -> None:
    debrief.board()
    item, other = debrief.built.items["Ownership"], debrief.built.items["Coding"]
    posts("bea", debrief, "board", 303, item=item, mark="not_met", evidence="They blamed others.", version=0)
    sent = {"item": item, "mark": "met", "evidence": "They owned the close.", "submission_key": "k2"}
    stale = form(posts("hector", debrief, "board", 409, version=0, **sent), "debrief.mark")
    assert stale is not None and "They blamed others." in stale.text and "They owned the close." in stale.text
    posts("bea", debrief, "board", 303, item=other, mark="not_shown", submission_key="k3")
    page = reads("hector", debrief.built, now=debrief.now)
    offered = form(page, "debrief.mark")
    assert offered is not None and offered.find("option", {"value": str(other)}) is None
    assert offered.find("option", {"value": str(item)}) and "Coding is marked not shown" in page.text
    version = offered.find("input", {"name": "version"})
    assert isinstance(version, Tag)
    posts("hector", debrief, "board", 303, version=version["value"], **(sent | {"submission_key": "k4"}))
    assert "Before: not met, by Bea. They blamed others." in reads("iris", debrief.built, now=debrief.now).text


def test_a_veto_by_form_names_its_ground_and_shows_on_the_memo(
    debrief: Debrief, reads: Callable[..., BeautifulSoup], posts: Callable[..., BeautifulSoup]
) -> None:
    debrief.hire()
    posts("bea", debrief, "veto", 422, reason="Below the bar.")
    posts("bea", debrief, "veto", 303, reason="Below the bar.", rests_on=["Ownership", "Coding"], submission_key="k2")
    memo = reads("hector", debrief.built, "/memo", now=debrief.now).text
    assert "Ownership, Coding" in memo and "Below the bar." in memo


def test_the_memo_names_the_bar_raiser_who_took_over_and_vetoed_not_who_led(
    cast: Cast, debrief: Debrief, reads: Callable[..., BeautifulSoup]
) -> None:
    debrief.done()
    hand_over(debrief, "bea", "bram", SeatKind.BAR_RAISER)
    with writing():
        seat = db.session.scalars(select(Seat).where(Seat.person_id == cast.bram.id)).one()
        begun, ended = debrief.now - timedelta(hours=1), debrief.now - timedelta(minutes=15)
        held = {"zone": "UTC", "where": "Room 1", "state": InterviewState.HELD, "policy_version": 0}
        held |= {"starts_at": begun, "ends_at": ended, "ended_at": ended, "due_at": debrief.now}
        seat.interviews.append(Interview(**held))
        db.session.flush()
        give_feedback(replace(debrief.built, seats={"bram": seat.id}))
    debrief.does(actions.veto, "bram", "Below the bar.", ["Ownership"])
    decision = reads("hector", debrief.built, "/memo", now=debrief.now).find(id="decision")
    assert isinstance(decision, Tag)
    said = dict(zip(*([one.text for one in decision.find_all(part)] for part in ("dt", "dd")), strict=True))
    assert said["Veto"] == "Bram" and said["Bar Raiser concurs"] == "Bea"


@pytest.mark.parametrize("who", ["bram", "hilda"])
def test_who_took_a_seat_over_is_not_told_of_a_hire_before_they_submit(
    debrief: Debrief, reads: Callable[..., BeautifulSoup], posts: Callable[..., BeautifulSoup], who: str
) -> None:
    def found() -> tuple[str, ...]:
        page = reads(who, debrief.built, now=debrief.now)
        lede = page.find(class_="lede")
        assert isinstance(lede, Tag) and form(page, "debrief.mark") is None
        act = "decision" if who == "hilda" else "concurrence"
        answers = [
            posts(who, debrief, act, 409, decision="hire", reason="Yes."),
            posts(who, debrief, "dissent", 409, text="I differ."),
        ]
        return tuple(one.text for one in (lede, *map(refusals_in, answers)))

    debrief.decide()
    if who == "bram":
        hand_over(debrief, "bea", "bram", SeatKind.BAR_RAISER)
    else:
        hand_over(debrief, "hector", "hilda", SeatKind.HIRING_MANAGER)
        with writing():
            db.session.get_one(Requisition, debrief.built.requisition_id).hiring_manager_id = debrief.cast.hilda.id
    before = found()
    hector, meeting_id = debrief.cast.hector.id, debrief.meeting.id
    with writing():
        meeting = db.session.get_one(Meeting, meeting_id)
        meeting.decision, meeting.reason = Decision.HIRE, "Raises the bar."
        meeting.decided_by, meeting.decided_at = hector, debrief.now
    assert found() == before


def refusals_in(page: BeautifulSoup) -> Tag:
    """What a page answers to a form that was not done."""
    whole = page.find("main")
    assert isinstance(whole, Tag)
    return whole


def test_the_timeline_says_the_same_of_a_hire_and_of_a_no_hire(debrief: Debrief) -> None:
    debrief.decide()
    debrief.does(actions.decide, "hector", Decision.NO_HIRE, "Unsure is no.")
    said = [entry.sentence for entry, _ in applications.timeline(debrief.built.application_id)]
    assert "The hiring manager decided." in said


def test_every_vote_against_offers_the_leads_a_rejection_in_writing(
    cast: Cast, reads: Callable[..., BeautifulSoup], posts: Callable[..., BeautifulSoup]
) -> None:
    debrief = Debrief(cast, application_at(cast, Step.DEBRIEF, votes=Vote.NOT_INCLINED))
    assert form(reads("iris", debrief.built), "debrief.agree_to_reject") is None
    assert form(reads("hector", debrief.built), "debrief.agree_to_reject")
    posts("hector", debrief, "agreement", 303, text="No evidence.")
    posts("bea", debrief, "agreement", 303, text="I agree.", submission_key="k2")
    assert debrief.application.ended is not None


@pytest.mark.parametrize("votes", [Vote.INCLINED, Vote.NOT_INCLINED])
def test_a_hiring_manager_who_never_submitted_learns_nothing_of_the_votes_by_agreeing_to_reject(
    cast: Cast, reads: Callable[..., BeautifulSoup], posts: Callable[..., BeautifulSoup], votes: Vote
) -> None:
    built = application_at(cast, Step.WRITTEN_FEEDBACK)
    with writing():
        give_feedback(built, seats=("bea", "rita", "iris", "irma"), votes=votes)
        course.vacate(cast.amal, built.seats["hector"], VacateCause.ILL, "In hospital.", now=OPENED)
    debrief = Debrief(cast, built)
    page = posts("hector", debrief, "agreement", 409, text="No.")
    assert "reject.with_evidence" in rules(page) and "submitting come before" in page.text
    assert re.search(r"\d+ of \d+", page.text) is None and "Not every vote" not in page.text
    assert form(reads("hector", built), "debrief.agree_to_reject") is None


def test_a_loop_keeps_the_debrief_s_page_and_memo_long_after_the_end(
    debrief: Debrief, reads: Callable[..., BeautifulSoup]
) -> None:
    debrief.decide()
    debrief.does(actions.decide, "hector", Decision.NO_HIRE, "Unsure is no.")
    later = debrief.now + timedelta(days=45)
    for who in ("iris", "bea", "hector", "rita"):
        page = reads(who, debrief.built, now=later)
        link = page.find("a", string="Decision memo")
        assert isinstance(link, Tag) and str(link["href"]).endswith("/debrief/memo")
        assert "Ratings by interviewer" in page.text
        assert "Unsure is no." in reads(who, debrief.built, "/memo", now=later).text
    reads("olga", debrief.built, now=later, status=404)


def test_a_bar_raiser_who_came_to_depend_reads_why_not_before_concurring(
    debrief: Debrief, reads: Callable[..., BeautifulSoup]
) -> None:
    debrief.hire()
    assert "loop.bar_raiser_independent" not in rules(reads("bea", debrief.built, now=debrief.now))
    with writing():
        db.session.get_one(Person, debrief.cast.bea.id).manager_id = debrief.cast.hector.id
    page = form(reads("bea", debrief.built, now=debrief.now), "debrief.concur")
    assert page is not None and "An administrator has rotation name another" in page.text
    button = page.find("button")
    assert isinstance(button, Tag) and button["aria-disabled"] == "true"


def test_what_was_read_in_a_debrief_is_readable_as_long_as_its_record(
    debrief: Debrief, reads: Callable[..., BeautifulSoup]
) -> None:
    debrief.decide()
    debrief.does(actions.decide, "hector", Decision.NO_HIRE, "Unsure is no.")
    later = debrief.now + timedelta(days=45)
    for who in SEATED:
        assert "Summary by iris." in reads(who, debrief.built, "/reading", now=later).text
    reads("olga", debrief.built, "/reading", now=later, status=404)


def test_the_page_offers_no_vote_tally(debrief: Debrief, reads: Callable[..., BeautifulSoup]) -> None:
    debrief.board()
    page = reads("hector", debrief.built, now=debrief.now)
    votes = page.find(id="votes")
    assert isinstance(votes, Tag) and not any(char.isdigit() for char in votes.text)


def test_the_desk_names_what_is_to_lead_decide_and_concur(app: Flask, debrief: Debrief) -> None:
    def titles(who: str) -> list[str]:
        with app.test_request_context():
            found = items_for(getattr(debrief.cast, who), debrief.now)
        return [item.title for item in found if item.kind == "debrief"]

    assert titles("bea") == ["Lead the debrief of Nadia Novak"]
    assert titles("iris") == ["Debrief of Nadia Novak"]
    debrief.decide()
    assert titles("hector") == ["Decide on Nadia Novak"]
    debrief.does(actions.decide, "hector", Decision.HIRE, "Yes.")
    assert titles("bea") == ["Concur or veto: Nadia Novak"] and titles("iris") == []


def test_only_open_gaps_are_offered_to_be_accepted(client: FlaskClient, debrief: Debrief) -> None:
    debrief.decide(gaps=("Coding",))
    sign_in(client, debrief.cast.bea)
    page = BeautifulSoup(client.get(f"/applications/{debrief.built.application_id}/debrief").text, "html.parser")
    offered = page.select('form[data-action="debrief.accept_gap"] select[name="item"] option')
    assert [option.text for option in offered] == ["Coding"]


def test_a_mark_that_names_no_version_replaces_none(debrief: Debrief, posts: Callable[..., BeautifulSoup]) -> None:
    debrief.board()
    item = debrief.built.items["Ownership"]
    first = {"item": item, "mark": "not_met", "evidence": "They waited."}
    posts("bea", debrief, "board", 303, **first)
    page = posts("bea", debrief, "board", 409, submission_key="k2", item=item, mark="met", evidence="It grew.")
    notice = page.select_one("[role=alert]:has([data-stale])")
    assert notice is not None and "They waited." in notice.text
    assert debrief.meeting.marks[item].mark is BoardMark.NOT_MET


def test_evidence_that_a_mark_needs_is_not_called_optional(
    debrief: Debrief, reads: Callable[..., BeautifulSoup]
) -> None:
    debrief.decide()
    page = reads("bea", debrief.built, now=debrief.now)
    labels = {label.get_text(" ", strip=True) for label in page.select("[data-action='debrief.mark'] label")}
    assert "Evidence" in labels

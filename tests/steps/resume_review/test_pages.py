"""The pages of step 2, as people use them."""

import io

import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient
from sqlalchemy import event, func, select
from werkzeug.test import TestResponse

from hiring.ground.database import Stale, db, writing
from hiring.ground.outbox import Notice
from hiring.pipeline import actions as spine
from hiring.pipeline.desk_items import items_for
from hiring.pipeline.models import Application, Attachment, Candidate, Referral
from hiring.pipeline.rules import End, EndReason, Source, Step
from hiring.steps.job_description.models import MustHave
from hiring.steps.resume_review.models import MustHaveMark
from tests.builders import Built, application_at, requisition
from tests.cast import Cast, sign_in
from tests.conftest import NOON
from tests.pages import shown

OK, SEE_OTHER, FORBIDDEN, NOT_FOUND, CONFLICT, INVALID = 200, 303, 403, 404, 409, 422


def soup(response: TestResponse) -> BeautifulSoup:
    return BeautifulSoup(response.get_data(as_text=True), "html.parser")


def url(built: Built, act: str = "") -> str:
    return f"/applications/{built.application_id}/resume-review{act}"


def mark(client: FlaskClient, built: Built, *marks: str, **more: str) -> TestResponse:
    ids = db.session.scalars(
        select(MustHave.id).where(MustHave.description_id == built.description_id).order_by(MustHave.place)
    )
    data = {f"mark_{must_have}": value for must_have, value in zip(ids, marks, strict=False)} | more
    return client.post(url(built, "/marks"), data=data)


def test_the_resume_page_says_why_nothing_can_be_decided_before_the_work_is_done(
    client: FlaskClient, cast: Cast
) -> None:
    built = application_at(cast, Step.RESUME_REVIEW)
    page = soup(sign_in(client, cast.rita).get(url(built)))
    for act in ("resume.advance", "resume.reject"):
        form = page.select_one(f'form[data-action="{act}"]')
        assert form is not None
        assert form.select_one('[data-rule="resume.against_description"]') is not None
        button = form.select_one("button")
        assert button is not None and button.get("aria-disabled") == "true"


def test_marks_are_saved_and_open_the_way_to_the_next_in_the_queue(client: FlaskClient, cast: Cast) -> None:
    built = application_at(cast, Step.RESUME_REVIEW)
    other = application_at(cast, Step.RESUME_REVIEW, on=Built(built.requisition_id, built.description_id), name="P P")
    sign_in(client, cast.hector)
    assert mark(client, built, "met", "not_shown").status_code == SEE_OTHER
    page = soup(client.get(url(built)))
    assert page.select_one('form[data-action="resume.advance"] [data-rule]') is None
    assert len(page.select('form[data-action="resume.mark"] input[checked]')) == 2
    answer = client.post(url(built, "/advance"))
    assert (answer.status_code, answer.location) == (SEE_OTHER, url(other))
    assert built.application.step is Step.PHONE_SCREEN


def test_a_refused_advance_is_a_409_that_names_the_rule(client: FlaskClient, cast: Cast) -> None:
    built = application_at(cast, Step.RESUME_REVIEW)
    sign_in(client, cast.rita)
    mark(client, built, "met", "not_met")
    answer = client.post(url(built, "/advance"))
    assert answer.status_code == CONFLICT
    assert "Ran a ledger" in soup(answer).select_one('[role="alert"] [data-rule="resume.against_description"]').text  # type: ignore[union-attr]


def test_after_a_refused_reject_the_saved_marks_and_the_typed_words_are_still_there(
    client: FlaskClient, cast: Cast
) -> None:
    built = application_at(cast, Step.RESUME_REVIEW)
    sign_in(client, cast.rita)
    mark(client, built, "met", "met")
    page = soup(client.post(url(built, "/reject"), data={"message": "My own words."}))
    assert len(page.select('form[data-action="resume.mark"] input[checked]')) == 2
    assert "My own words." in page.select_one('form[data-action="resume.reject"] textarea').text  # type: ignore[union-attr]


def test_a_reject_sent_twice_writes_to_the_candidate_once(client: FlaskClient, cast: Cast) -> None:
    built = application_at(cast, Step.RESUME_REVIEW)
    sign_in(client, cast.rita)
    mark(client, built, "met", "not_shown")
    data = {"message": "Sorry.", "submission_key": "k" * 32}
    first, second = (client.post(url(built, "/reject"), data=data) for _ in range(2))
    assert (first.status_code, second.status_code) == (SEE_OTHER, SEE_OTHER)
    assert built.application.ended is End.REJECTED
    assert len(db.session.scalars(select(Notice).where(Notice.kind == "application.rejected")).all()) == 1


def test_success_is_told_once_it_is_committed_and_never_before(client: FlaskClient, cast: Cast) -> None:
    built = application_at(cast, Step.RESUME_REVIEW)
    sign_in(client, cast.rita)
    mark(client, built, "met", "met")

    def fail(_session: object) -> None:
        raise Stale("This page")

    event.listen(db.session, "before_commit", fail, once=True)
    failed = client.post(url(built, "/advance"))
    assert failed.status_code == CONFLICT and "moved on to the phone screen" not in failed.text
    queue = f"/requisitions/{built.requisition_id}/resumes"
    assert "moved on to the phone screen" not in client.get(queue).text
    assert client.post(url(built, "/advance")).location == queue
    assert "Nadia Novak: moved on to the phone screen." in client.get(queue).text


def test_a_recruiter_who_adds_their_manager_lands_on_the_queue_whatever_is_known(
    client: FlaskClient, cast: Cast
) -> None:
    built = requisition(cast)
    sign_in(client, cast.ron)
    form = {"name": "Hanna", "email": "hanna@example.org", "source": "sourced"}
    first, second = (client.post(f"/requisitions/{built.requisition_id}/candidates/add", data=form) for _ in range(2))
    assert (first.status_code, first.location) == (second.status_code, second.location)
    assert first.location == f"/requisitions/{built.requisition_id}/resumes"
    assert "told by mail" in client.get(first.location).text


def test_a_rejection_needs_words(client: FlaskClient, cast: Cast) -> None:
    built = application_at(cast, Step.RESUME_REVIEW)
    sign_in(client, cast.rita)
    mark(client, built, "met", "not_shown")
    answer = client.post(url(built, "/reject"), data={"message": " "})
    assert answer.status_code == INVALID and "always told" in answer.get_data(as_text=True)
    assert built.application.ended is None


def test_a_note_beside_no_mark_is_not_dropped(client: FlaskClient, cast: Cast) -> None:
    built = application_at(cast, Step.RESUME_REVIEW)
    sign_in(client, cast.hector)
    unmarked = db.session.scalars(select(MustHave.id).order_by(MustHave.place.desc())).first()
    refused = mark(client, built, "met", **{f"note_{unmarked}": "Not a word about it."})
    assert refused.status_code == INVALID and "Not a word about it." in refused.text
    assert "Choose a mark, or delete the note." in refused.text
    assert db.session.query(MustHaveMark).count() == 0


def test_a_stale_mark_shows_theirs_and_keeps_mine(client: FlaskClient, cast: Cast) -> None:
    built = application_at(cast, Step.RESUME_REVIEW)
    sign_in(client, cast.rita)
    mark(client, built, "not_met", version="0")
    answer = mark(client, built, "met", version="0")
    assert answer.status_code == CONFLICT
    assert soup(answer).select_one(".theirs").text == "Not met"  # type: ignore[union-attr]
    assert [row.mark.value for row in db.session.scalars(select(MustHaveMark))] == ["not_met"]


def test_a_form_that_showed_fewer_marks_than_there_are_is_stale_not_wrong(client: FlaskClient, cast: Cast) -> None:
    built = application_at(cast, Step.RESUME_REVIEW)
    sign_in(client, cast.rita)
    mark(client, built, "met", "met", version="0")
    answer = mark(client, built, "not_met", version="0")
    assert answer.status_code == CONFLICT and soup(answer).select_one("[data-stale]") is not None
    assert {row.mark.value for row in db.session.scalars(select(MustHaveMark))} == {"met"}


def test_a_mark_is_corrected_never_taken_back(client: FlaskClient, cast: Cast) -> None:
    built = application_at(cast, Step.RESUME_REVIEW)
    sign_in(client, cast.rita)
    mark(client, built, "met", "met")
    assert mark(client, built, "met", **shown(client, url(built), "resume.mark")).status_code == INVALID
    assert len(db.session.scalars(select(MustHaveMark)).all()) == 2


@pytest.mark.parametrize(
    ("who", "page_status", "act_status"),
    [
        ("ron", OK, FORBIDDEN),
        ("cora", NOT_FOUND, NOT_FOUND),
        ("amal", NOT_FOUND, NOT_FOUND),
        ("olga", NOT_FOUND, NOT_FOUND),
        ("bea", NOT_FOUND, NOT_FOUND),
    ],
)
def test_others_see_or_act_only_as_far_as_they_may(
    client: FlaskClient, cast: Cast, who: str, page_status: int, act_status: int
) -> None:
    built = application_at(cast, Step.RESUME_REVIEW)
    sign_in(client, getattr(cast, who))
    assert client.get(url(built)).status_code == page_status
    for act in ("/marks", "/advance", "/reject"):
        assert client.post(url(built, act), data={"message": "No."}).status_code == act_status
    assert built.application.step is Step.RESUME_REVIEW and built.application.ended is None


def test_an_invalid_form_tells_a_stranger_nothing(client: FlaskClient, cast: Cast) -> None:
    built = application_at(cast, Step.RESUME_REVIEW)
    assert sign_in(client, cast.olga).post(url(built, "/reject"), data={}).status_code == NOT_FOUND


def test_a_reader_without_the_task_gets_no_forms(client: FlaskClient, cast: Cast) -> None:
    built = application_at(cast, Step.RESUME_REVIEW)
    page = soup(sign_in(client, cast.ron).get(url(built)))
    assert page.select('form[data-action^="resume."]') == []


def test_the_queue_lists_who_waits_and_what_is_marked(client: FlaskClient, cast: Cast) -> None:
    built = application_at(cast, Step.RESUME_REVIEW)
    sign_in(client, cast.rita)
    mark(client, built, "met", "not_shown")
    page = soup(client.get(f"/requisitions/{built.requisition_id}/resumes"))
    row = page.select_one("tbody tr")
    assert row is not None and "Nadia Novak" in row.text and "2 of 2 marked" in row.text and "1 not shown" in row.text


def test_an_empty_queue_says_so(client: FlaskClient, cast: Cast) -> None:
    built = requisition(cast)
    page = sign_in(client, cast.hector).get(f"/requisitions/{built.requisition_id}/resumes?after=abc")
    assert page.status_code == OK
    assert "No résumé" in sign_in(client, cast.hector).get(f"/requisitions/{built.requisition_id}/resumes").text


@pytest.mark.parametrize("who", ["cora", "olga", "amal", "bea"])
def test_the_queue_is_not_there_for_others(client: FlaskClient, cast: Cast, who: str) -> None:
    built = requisition(cast)
    answer = sign_in(client, getattr(cast, who)).get(f"/requisitions/{built.requisition_id}/resumes")
    assert answer.status_code == NOT_FOUND


def test_somebody_under_way_is_not_added_again_and_the_page_says_so(client: FlaskClient, cast: Cast) -> None:
    built = requisition(cast)
    sign_in(client, cast.rita)
    url = f"/requisitions/{built.requisition_id}/candidates/add"
    sent = {"name": "Paul Peter", "email": "paul@candidates.example", "source": "sourced"}
    assert client.post(url, data=sent).status_code == SEE_OTHER
    twice = client.post(url, data=sent | {"submission_key": "again"})
    assert twice.status_code == CONFLICT and soup(twice).select_one('[data-rule="application.once"]') is not None


def test_a_referral_added_by_hand_names_the_colleague_who_then_holds_no_seat(client: FlaskClient, cast: Cast) -> None:
    built = requisition(cast)
    sign_in(client, cast.ron)
    url = f"/requisitions/{built.requisition_id}/candidates/add"
    sent = {"name": "Paul Peter", "email": "paul@candidates.example", "source": "referred"}
    assert "Say which colleague referred them." in client.post(url, data=sent).text
    assert "Nobody here has the e-mail" in client.post(url, data=sent | {"referrer": "who@example.org"}).text
    assert client.post(url, data=sent | {"referrer": cast.igor.name}).status_code == SEE_OTHER
    [application] = db.session.scalars(select(Application)).all()
    query = select(Referral.person_id).where(Referral.candidate_id == application.candidate_id)
    assert db.session.scalars(query).all() == [cast.igor.id]


def test_a_recruiter_adds_somebody_with_a_resume_that_downloads_as_a_file(client: FlaskClient, cast: Cast) -> None:
    built = requisition(cast)
    sign_in(client, cast.ron)
    assert client.get(f"/requisitions/{built.requisition_id}/candidates/new").status_code == OK
    answer = client.post(
        f"/requisitions/{built.requisition_id}/candidates/add",
        data={
            "name": "Paul Peter",
            "email": "paul@candidates.example",
            "source": "agency",
            "source_detail": "Heads & Co",
            "resume": (io.BytesIO(b"Ten years of ledgers."), "cv.txt"),
        },
    )
    assert answer.status_code == SEE_OTHER
    [application] = db.session.scalars(select(Application)).all()
    assert (application.source, application.source_detail) == (Source.AGENCY, "Heads & Co")
    [attachment] = db.session.scalars(select(Attachment)).all()
    assert "being read" in client.get(answer.location).text
    with client.get(f"/files/{attachment.id}") as download:
        assert download.data == b"Ten years of ledgers."
        assert download.headers["Content-Disposition"].startswith("attachment")
        assert download.headers["X-Content-Type-Options"] == "nosniff"


def test_a_file_that_we_do_not_take_is_told_beside_its_field_and_nothing_is_kept(
    client: FlaskClient, cast: Cast
) -> None:
    built = requisition(cast)
    sign_in(client, cast.rita)
    answer = client.post(
        f"/requisitions/{built.requisition_id}/candidates/add",
        data={
            "name": "Paul Peter",
            "email": "paul@candidates.example",
            "source": "agency",
            "resume": (io.BytesIO(b"<html><script>alert(1)</script>"), "cv.txt"),
        },
    )
    assert answer.status_code == INVALID
    page = soup(answer)
    assert page.select_one(".field-error") is not None
    assert page.select_one('input[name="name"]')["value"] == "Paul Peter"  # type: ignore[index]
    assert db.session.scalars(select(Application)).all() == []


def test_only_recruiters_reach_the_form_for_adding(client: FlaskClient, cast: Cast) -> None:
    built = requisition(cast)
    sign_in(client, cast.hector)
    assert client.get(f"/requisitions/{built.requisition_id}/candidates/new").status_code == FORBIDDEN
    assert client.post(f"/requisitions/{built.requisition_id}/candidates/add").status_code == FORBIDDEN


def test_likely_duplicates_are_shown_and_merged(client: FlaskClient, cast: Cast) -> None:
    built = application_at(cast, Step.RESUME_REVIEW)
    other = application_at(cast, Step.RESUME_REVIEW, on=requisition(cast, code="R-2"), email="nn@candidates.example")
    candidate_id, duplicate_id = built.application.candidate_id, other.application.candidate_id
    sign_in(client, cast.rita)
    assert "nn@candidates.example" in client.get(url(built)).text
    assert client.post(url(built, f"/merge/{duplicate_id}")).status_code == SEE_OTHER
    assert other.application.candidate_id == candidate_id


def test_the_desk_of_the_recruiter_shows_the_queue(client: FlaskClient, cast: Cast) -> None:
    built = application_at(cast, Step.RESUME_REVIEW)
    with client.application.test_request_context():
        items = [item for item in items_for(cast.rita, NOON) if item.kind == "resume"]
    assert [(item.title, item.url) for item in items] == [
        ("1 résumé to review", f"/requisitions/{built.requisition_id}/resumes")
    ]


def test_the_queue_shows_the_finding_once_more_than_half_were_off_target(client: FlaskClient, cast: Cast) -> None:
    built = requisition(cast)
    page = f"/requisitions/{built.requisition_id}/resumes"
    shown = '[data-rule="resume.off_target"]'
    reject_many(built, 19)
    sign_in(client, cast.rita)
    assert soup(client.get(page)).select_one(shown) is None
    reject_many(built, 1)
    finding = soup(client.get(page)).select_one(shown)
    assert finding is not None and "20 of the last 20" in finding.text


def reject_many(built: Built, how_many: int) -> None:
    """Some who were rejected off target."""
    with writing():
        for _ in range(how_many):
            number = db.session.scalar(select(func.count(Candidate.id)))
            candidate = spine.add_candidate(f"Nobody {number}", f"n{number}@candidates.example", now=NOON)
            row = spine.start_application(
                candidate, built.requisition_id, source=Source.CAREERS, actor_id=None, now=NOON
            )
            spine.end_application(row, End.REJECTED, EndReason.OFF_TARGET, actor_id=None, now=NOON)


def test_first_marks_need_no_version_and_replacing_them_does(client: FlaskClient, cast: Cast) -> None:
    built = application_at(cast, Step.RESUME_REVIEW)
    sign_in(client, cast.rita)
    assert mark(client, built, "met", "met").status_code == SEE_OTHER
    answer = mark(client, built, "not_met", "met")
    assert answer.status_code == CONFLICT and "data-stale" in answer.text
    assert mark(client, built, "not_met", "met", **shown(client, url(built), "resume.mark")).status_code == SEE_OTHER

"""The public pages as a stranger, a candidate and a colleague meet them."""

import io
import re
from datetime import date, timedelta

import pytest
from bs4 import BeautifulSoup
from sqlalchemy import select

from hiring.careers import actions, queries, rules
from hiring.careers.jobs import forget_uploads
from hiring.careers.models import UploadTry
from hiring.ground.database import db, writing
from hiring.ground.outbox import Notice
from hiring.pipeline import actions as spine
from hiring.pipeline import candidates
from hiring.pipeline import queries as pipeline
from hiring.pipeline.models import Application, Candidate, Referral, Requisition
from hiring.pipeline.rules import End, EndReason, Source, Step
from hiring.steps.interview_loop import actions as loop
from hiring.steps.job_description import actions as descriptions
from tests.builders import application_at, requisition
from tests.cast import sign_in
from tests.conftest import NOON


@pytest.fixture(autouse=True)
def noon(at):
    at(NOON)


def soup(answer):
    return BeautifulSoup(answer.data, "html.parser")


def sent(**changes):
    fields = {
        "name": "Nadia Novak",
        "email": "nadia@candidates.example",
        "time_zone": "Europe/Prague",
        "consent": "y",
        "resume": (io.BytesIO(b"Ran a ledger for five years."), "nadia.txt"),
    }
    return fields | changes


def mails(kind):
    return list(db.session.scalars(select(Notice).where(Notice.kind == kind).order_by(Notice.id)))


def key_in(notice):
    return re.search(r"/my/(\S+)", notice.body_text)[1]


def test_only_open_positions_that_are_not_on_hold_are_published(client, cast):
    built = requisition(cast)
    held = requisition(cast, code="R-2")
    with writing():
        db.session.get_one(Requisition, held.requisition_id).held_at = NOON
        draft = descriptions.new_version(cast.hector, built.requisition_id, now=NOON)
        draft.summary = "A secret plan"
    listed = client.get("/careers")
    assert listed.status_code == 200 and "/careers/R-1" in listed.text and "/careers/R-2" not in listed.text
    page = client.get("/careers/R-1")
    assert "EUR 80,000 to 110,000 a year" in page.text and "secret" not in page.text
    posting = soup(page).select_one('[itemtype="https://schema.org/JobPosting"]')
    assert posting.select_one("[itemprop=datePosted]")["content"] == "2026-02-03"
    assert not soup(page).select("script:not([src])")
    for path in ("/careers/R-2", "/careers/R-9", "/careers/R-2/apply"):
        assert client.get(path).status_code == 404


def test_search_finds_by_title_and_place_and_takes_percent_signs_literally(client, cast):
    requisition(cast)
    assert "/careers/R-1" in client.get("/careers?q=PAYMENTS").text
    assert "/careers/R-1" in client.get("/careers?q=berlin").text
    assert "/careers/R-1" in client.get("/careers?q=berlin++payments").text
    assert "No open position fits" in client.get("/careers?q=payments+lima").text
    assert "No open position fits" in client.get("/careers?q=_").text
    assert "No open position fits" in client.get("/careers?q=%25").text
    assert client.get("/careers?q=%00&after=%00&id=99999999999999999999").status_code == 200


def test_the_list_goes_on_where_a_page_ends(client, cast, monkeypatch):
    monkeypatch.setattr(queries, "PAGE", 2)
    for code in ("R-1", "R-2", "R-3"):
        requisition(cast, code=code)
    first = soup(client.get("/careers"))
    rest = soup(client.get(first.select_one("a[rel=next]")["href"]))
    seen = re.findall(r"/careers/(R-\d)", str(first.select_one("tbody")) + str(rest.select_one("tbody")))
    assert seen == ["R-1", "R-2", "R-3"] and not rest.select("a[rel=next]")


def test_a_stranger_applies_and_finds_their_own_page_through_the_mail(client, cast):
    built = requisition(cast)
    answer = client.post("/careers/R-1/apply", data=sent(submission_key="once"))
    assert answer.status_code == 303 and answer.location.endswith("/careers/R-1/applied")
    again = client.post("/careers/R-1/apply", data=sent(submission_key="once"))
    assert again.location == answer.location
    row = db.session.scalars(select(Application)).one()
    assert (row.source, row.requisition_id, row.step) == (Source.CAREERS, built.requisition_id, Step.RESUME_REVIEW)
    candidate = db.session.get_one(Candidate, row.candidate_id)
    assert candidate.consent_at == NOON or candidate.consent_at.date() == NOON.date()
    key = key_in(mails("application.received")[0])
    assert key not in client.get("/careers/R-1/applied").text
    own = client.get(f"/my/{key}")
    assert own.status_code == 200
    assert "Received" in own.text and "nadia.txt" in own.text and "Europe/Prague" in own.text


def test_applying_twice_looks_like_applying_once_and_only_the_mailbox_learns_of_it(client, cast):
    requisition(cast)
    first = client.post("/careers/R-1/apply", data=sent())
    second = client.post("/careers/R-1/apply", data=sent(email="Nadia@Candidates.example", name="Somebody Else"))
    assert (first.status_code, first.location) == (second.status_code, second.location)
    client.post("/careers/R-1/apply", data=sent())
    assert db.session.query(Application).count() == 1 and db.session.query(Candidate).count() == 1
    [told] = mails("application.known")
    assert "with us already" in told.body_text and "Somebody Else" not in told.body_text
    assert told.to_address == "nadia@candidates.example"
    key = key_in(mails("application.received")[0])
    assert client.get(f"/my/{key}").status_code == 200 and key_in(told) == key


def resumes(application_id):
    return [(row.file.name, row.unread) for row in spine.queries.attachments(application_id) if row.resume]


def test_a_newer_resume_is_kept_for_the_application_under_way_and_once(app, client, cast):
    built = requisition(cast)
    client.post("/careers/R-1/apply", data=sent())
    [row] = db.session.scalars(select(Application)).all()
    for name in ("better.txt", "same.txt"):
        again = sent(resume=(io.BytesIO(b"Ran a ledger, and built one."), name), name="Somebody Else")
        assert client.post("/careers/R-1/apply", data=again).location.endswith("/careers/R-1/applied")
    assert resumes(row.id) == [("better.txt", True), ("nadia.txt", False)]
    [told] = mails("application.known")
    assert "kept as the newest" in told.body_text
    rita = sign_in(app.test_client(), cast.rita)
    assert "Newer résumé" in rita.get(f"/requisitions/{built.requisition_id}/resumes").text
    assert "Newer résumé of Nadia Novak" in rita.get("/").text
    file = rita.get(f"/applications/{row.id}").text
    assert file.index("better.txt") < file.index("nadia.txt")
    assert "Earlier résumé" in file and "the earlier one is kept" in file
    page = soup(rita.get(f"/applications/{row.id}/resume-review"))
    assert "Download better.txt" in page.text and "nadia.txt" in page.text
    act = page.select_one('[data-action="resume.read"]')
    fields = {one["name"]: one["value"] for one in act.select("input")}
    assert rita.post(act["action"], data=fields).status_code == 303
    assert "Newer résumé" not in rita.get("/").text
    assert resumes(row.id) == [("better.txt", False), ("nadia.txt", False)]


def test_the_candidate_hears_of_every_file_in_their_name_and_no_more_are_kept_than_are_read(app, client, cast):
    requisition(cast)
    client.post("/careers/R-1/apply", data=sent())
    [row] = db.session.scalars(select(Application)).all()
    tries = [f"{number}.txt" for number in range(1, 8)]
    answers = set()
    for name in tries:
        for _ in range(2):  # the same file twice is one file, and one mail
            again = sent(resume=(io.BytesIO(f"Résumé {name}.".encode()), name))
            answers.add(client.post("/careers/R-1/apply", data=again).location)
    assert answers == {"/careers/R-1/applied"}
    assert [name for name, unread in resumes(row.id) if unread] == ["5.txt", "4.txt", "3.txt", "2.txt", "1.txt"]
    told = [mail.body_text for mail in mails("application.known")]
    assert ["kept as the newest" in text for text in told] == [True] * 5 + [False]
    assert "was not kept: several wait to be read" in told[-1]
    igor = sign_in(app.test_client(), cast.igor)
    referral = {"name": "Nadia", "email": "nadia@candidates.example", "how": "We worked together."}
    sixth = referral | {"resume": (io.BytesIO(b"From Igor."), "igor.txt")}
    assert igor.post("/careers/R-1/refer", data=sixth).location.endswith("/careers/R-1/referred")
    assert len(resumes(row.id)) == 6
    rita = sign_in(app.test_client(), cast.rita)
    page = soup(rita.get(f"/applications/{row.id}/resume-review"))
    act = page.select_one('[data-action="resume.read"]')
    rita.post(act["action"], data={one["name"]: one["value"] for one in act.select("input")})
    client.post("/careers/R-1/apply", data=sent(resume=(io.BytesIO(b"At last."), "last.txt")))
    assert resumes(row.id)[0] == ("last.txt", True)


def test_a_newer_resume_that_came_while_somebody_read_stays_unread(app, client, cast):
    requisition(cast)
    client.post("/careers/R-1/apply", data=sent())
    [row] = db.session.scalars(select(Application)).all()
    client.post("/careers/R-1/apply", data=sent(resume=(io.BytesIO(b"Second."), "second.txt")))
    rita = sign_in(app.test_client(), cast.rita)
    path = f"/applications/{row.id}/resume-review"
    version = soup(rita.get(path)).select_one('[data-action="resume.read"] [name=version]')["value"]
    client.post("/careers/R-1/apply", data=sent(resume=(io.BytesIO(b"Third."), "third.txt")))
    rita.post(f"{path}/read", data={"version": version})
    assert resumes(row.id) == [("third.txt", True), ("second.txt", False), ("nadia.txt", False)]
    hilda = sign_in(app.test_client(), cast.hilda)
    assert hilda.post(f"{path}/read").status_code == 404


def test_a_newer_resume_reaches_an_application_at_a_later_step_but_none_that_ended(app, client, cast):
    built = application_at(cast, Step.PHONE_SCREEN)
    client.post("/careers/R-1/apply", data=sent())
    assert resumes(built.application_id) == [("nadia.txt", True)]
    assert "Newer résumé of Nadia Novak" in sign_in(app.test_client(), cast.rita).get("/").text
    with writing():
        application = spine.queries.lock_application(built.application_id)
        spine.end_application(
            application, End.REJECTED, EndReason.NO_HIRE, actor_id=cast.hector.id, now=NOON, cool_off=True
        )
    client.post("/careers/R-1/apply", data=sent(resume=(io.BytesIO(b"Other."), "other.txt")))
    assert resumes(built.application_id) == [("nadia.txt", True)]
    assert "Newer résumé of Nadia Novak" not in sign_in(app.test_client(), cast.rita).get("/").text


def test_too_many_files_from_one_address_wait_and_keep_what_was_typed(app, client, cast):
    requisition(cast)
    with writing():
        for _ in range(rules.UPLOADS_PER_ADDRESS - 1):
            actions.note_upload("127.0.0.1", NOON)
    assert client.post("/careers/R-1/apply", data=sent()).status_code == 303
    refused = client.post("/careers/R-1/apply", data=sent(name="Oto Other", email="oto@candidates.example"))
    assert refused.status_code == 429 and refused.headers["Retry-After"] == "900"
    page = soup(refused)
    assert "Wait 15 minutes" in page.text and page.select_one("[name=name]")["value"] == "Oto Other"
    assert db.session.query(Candidate).count() == 1
    elsewhere = {"REMOTE_ADDR": "203.0.113.5"}
    assert client.post("/careers/R-1/apply", data=sent(), environ_overrides=elsewhere).status_code == 303


def test_uploads_are_forgotten_after_a_day(app, cast):
    with writing():
        for age in (25, 23):
            actions.note_upload("203.0.113.5", NOON - timedelta(hours=age))
    assert forget_uploads(NOON) == 1 and db.session.query(UploadTry).count() == 1


def test_whoever_applies_with_somebodys_address_does_not_break_their_link(client, cast):
    requisition(cast)
    requisition(cast, code="R-2")
    client.post("/careers/R-1/apply", data=sent())
    client.post("/careers/R-2/apply", data=sent(name="Somebody Else"))
    first, second = mails("application.received")
    assert client.get(f"/my/{key_in(first)}").status_code == 200
    assert key_in(first) == key_in(second)


def test_who_must_wait_after_a_decision_learns_the_date_by_mail(client, cast):
    built = application_at(cast, Step.DEBRIEF)
    with writing():
        application = spine.queries.lock_application(built.application_id)
        spine.end_application(
            application, End.REJECTED, EndReason.NO_HIRE, actor_id=cast.hector.id, now=NOON, cool_off=True
        )
        until = application.cool_off_until
    answer = client.post("/careers/R-1/apply", data=sent())
    assert answer.location.endswith("/careers/R-1/applied")
    [mail] = mails("application.known")
    assert until > date(2026, 3, 4) and "cannot take a new application" in mail.body_text
    assert f"Apply from {until.isoformat()} on" in mail.body_text
    assert db.session.query(Application).count() == 1


def test_a_position_that_closed_meanwhile_refuses_and_keeps_what_was_typed(client, cast):
    built = requisition(cast)
    with writing():
        db.session.get_one(Requisition, built.requisition_id).held_at = NOON
    answer = client.post("/careers/R-1/apply", data=sent())
    assert answer.status_code == 409
    page = soup(answer)
    assert page.select_one('[data-rule="requisition.open"]') and "Rita" not in page.text
    assert page.select_one("input[name=name]")["value"] == "Nadia Novak"
    assert db.session.query(Application).count() == 0


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"consent": ""}, "Without your agreement"),
        ({"email": "nadia"}, "not an e-mail address"),
        ({"resume": (io.BytesIO(b"<html></html>"), "cv.html")}, ""),
        ({"resume": (io.BytesIO(b"%PDF-1.4 and junk"), "cv.pdf")}, "The file is damaged."),
        ({"resume": (io.BytesIO(b""), "")}, "Choose a file."),
        ({"time_zone": "Mars/Olympus"}, ""),
    ],
)
def test_a_wrong_field_is_told_beside_it(client, cast, changes, words):
    requisition(cast)
    changes = {name: (io.BytesIO(v[0].getvalue()), v[1]) if isinstance(v, tuple) else v for name, v in changes.items()}
    answer = client.post("/careers/R-1/apply", data=sent(**changes))
    assert answer.status_code == 422
    assert words in soup(answer).select_one(".field-error").text
    assert db.session.query(Application).count() == 0


def test_a_long_text_is_told_its_measure_and_a_lost_file_is_named(client, cast):
    requisition(cast)
    page = soup(client.post("/careers/R-1/apply", data=sent(name="N" * 201)))
    errors = [one.text for one in page.select(".field-error")]
    assert "At most 200 characters." in errors
    assert page.select_one("[data-file-lost]").text.startswith("Choose your file again: nadia.txt")
    assert not soup(client.get("/careers/R-1/apply")).select("[data-file-lost]")
    ids = [one["id"] for one in page.select("[id]")]
    assert not [one for one in ids if "<" in one]


def withdrawable(cast):
    built = application_at(cast, Step.PHONE_SCREEN)
    with writing():
        key = candidates.link_key(db.session.get_one(Candidate, built.application.candidate_id))
        built.application.promised_on = date(2026, 3, 9)
    return built, key


def test_a_candidate_sees_status_promise_and_own_data_and_withdraws(client, cast):
    built, key = withdrawable(cast)
    page = client.get(f"/my/{key}")
    assert "Under review" in page.text and "9 Mar 2026" in page.text and "Phone Screen" not in page.text
    path = f"/my/{key}/applications/{built.application_id}/withdraw"
    assert soup(page).select_one('[data-action="application.withdraw_by_candidate"]')["action"] == path
    assert client.post(path, data={"note": "Moving away"}).status_code == 303
    assert built.application.ended is End.WITHDRAWN and built.application.end_reason is EndReason.CANDIDATE
    closed = client.get(f"/my/{key}")
    assert "Closed" in closed.text and "withdraw_by_candidate" not in closed.text
    again = client.post(path)
    assert again.status_code == 409
    [told] = soup(again).select("[data-rule]")
    assert told["data-rule"] == "application.under_way" and "You have withdrawn this application." in told.text
    assert "requisition" not in told.text.lower() and "Reopen" not in told.text


def test_a_refused_withdrawal_fills_only_the_form_that_was_sent(client, cast):
    built, key = withdrawable(cast)
    other = application_at(cast, Step.PHONE_SCREEN, on=requisition(cast, code="R-2"), name="Oto Other")
    with writing():
        db.session.get_one(Application, other.application_id).candidate_id = built.application.candidate_id
    mine = db.session.scalar(select(Application.id).where(Application.requisition_id == built.requisition_id))
    note = "Moving away. " * 200
    answer = client.post(f"/my/{key}/applications/{mine}/withdraw", data={"note": note, "submission_key": "sent"})
    assert answer.status_code == 422
    forms = {form["action"]: form for form in soup(answer).select('[data-action="application.withdraw_by_candidate"]')}
    sent_form = forms.pop(f"/my/{key}/applications/{mine}/withdraw")
    assert sent_form.textarea.text.strip() == note.strip() and sent_form.select(".field-error")
    [untouched] = forms.values()
    assert untouched.textarea.text.strip() == "" and not untouched.select(".field-error, .problem")
    assert untouched.select_one("[name=submission_key]")["value"] != "sent"


def test_a_key_opens_its_own_page_and_nothing_else(client, cast):
    built, key = withdrawable(cast)
    other = application_at(cast, Step.PHONE_SCREEN, on=built, name="Oto Other")
    with writing():
        wrong = candidates.link_key(db.session.get_one(Candidate, other.application.candidate_id))
    mine = db.session.scalars(select(Application.id).order_by(Application.id)).first()
    assert client.get("/my/nonsense").status_code == 404
    assert client.post(f"/my/{wrong}/applications/{mine}/withdraw").status_code == 404
    assert client.post(f"/my/nonsense/applications/{mine}/withdraw").status_code == 404
    assert "Oto Other" not in client.get(f"/my/{key}").text
    assert db.session.get_one(Application, mine).ended is None


def test_a_merged_candidates_old_link_opens_the_page_they_were_merged_into(client, cast):
    built, key = withdrawable(cast)
    with writing():
        kept = db.session.get_one(Candidate, built.application.candidate_id)
        double, third = (spine.add_candidate("N. Novak", f"n{n}@candidates.example", now=NOON) for n in range(2))
        links = [candidates.link_key(each) for each in (double, third)]
        candidates.merge(double, third)
        candidates.merge(kept, double)
    for each in (key, *links):
        assert "Nadia Novak" in client.get(f"/my/{each}").text


def test_a_colleague_applies_as_themselves_and_strangers_are_sent_to_sign_in(app, client, cast):
    requisition(cast)
    assert "/sign-in" in client.get("/careers/R-1/apply-internally").location
    igor = sign_in(app.test_client(), cast.igor)
    resume = {"resume": (io.BytesIO(b"Igor's work."), "igor.txt")}
    assert igor.post("/careers/R-1/apply-internally", data=resume).status_code == 303
    row = db.session.scalars(select(Application)).one()
    candidate = db.session.get_one(Candidate, row.candidate_id)
    assert (row.source, candidate.person_id) == (Source.INTERNAL, cast.igor.id)
    assert "A newer résumé sent here joins it" in igor.get("/careers/R-1/apply-internally").text
    newer = {"resume": (io.BytesIO(b"Igor's newer work."), "newer.txt")}
    assert igor.post("/careers/R-1/apply-internally", data=newer).status_code == 303
    assert db.session.scalars(select(Application)).one().id == row.id
    assert [file.file.name for file in pipeline.attachments(row.id)] == ["newer.txt", "igor.txt"]
    with writing():
        db.session.get_one(Candidate, row.candidate_id).consent_at = NOON - timedelta(days=90)
    requisition(cast, code="R-2")
    other = {"resume": (io.BytesIO(b"Igor's work."), "igor.txt")}
    assert igor.post("/careers/R-2/apply-internally", data=other).status_code == 303
    assert db.session.get_one(Candidate, row.candidate_id).consent_at == NOON - timedelta(days=90)


def test_a_colleague_who_applies_to_a_position_on_hold_reads_words_for_a_candidate(app, cast):
    built = requisition(cast)
    with writing():
        db.session.get_one(Requisition, built.requisition_id).held_at = NOON
    answer = sign_in(app.test_client(), cast.igor).post(
        "/careers/R-1/apply-internally", data={"resume": (io.BytesIO(b"Igor's work."), "igor.txt")}
    )
    assert answer.status_code == 409
    assert "This position takes no applications at the moment." in answer.text
    assert "End the hold" not in answer.text


def test_a_referral_of_somebody_under_way_keeps_the_referrer_off_their_loop(app, cast):
    built = application_at(cast, Step.INTERVIEW_LOOP)
    irma = sign_in(app.test_client(), cast.irma)
    form = {"name": "Nadia", "email": "nadia@candidates.example", "how": "My sister."}
    assert irma.post("/careers/R-1/refer", data=form).location.endswith("/careers/R-1/referred")
    assert db.session.scalars(select(Referral.how)).all() == ["My sister."]
    with writing():
        loop.compose(cast.rita, built.application_id, now=NOON)
    with writing():
        loop.add_seat(cast.rita, built.application_id, cast.irma.id, now=NOON)
    page = soup(sign_in(app.test_client(), cast.rita).get(f"/applications/{built.application_id}/loop"))
    assert "Irma has a declared conflict of interest" in page.select_one('[data-rule="loop.conflict"]').text


@pytest.mark.parametrize("who", ["hector", "rita"])
def test_nobody_applies_to_the_requisition_that_they_answer_for_and_the_page_says_so_before(app, cast, who):
    requisition(cast)
    owner = sign_in(app.test_client(), getattr(cast, who))
    before = soup(owner.get("/careers/R-1/apply-internally"))
    assert before.select_one('[data-rule="loop.distinct"]') and before.select_one('[aria-disabled="true"]')
    resume = {"resume": (io.BytesIO(b"My work."), "work.txt")}
    answer = owner.post("/careers/R-1/apply-internally", data=resume)
    assert answer.status_code == 409 and soup(answer).select_one('[data-rule="loop.distinct"]')
    assert db.session.scalars(select(Application)).all() == []


def test_an_owners_address_on_the_public_page_tells_only_their_own_mailbox_why(client, cast):
    requisition(cast)
    answer = client.post("/careers/R-1/apply", data=sent(name="Hector", email=cast.hector.email))
    assert answer.status_code == 303
    assert db.session.scalars(select(Application)).all() == []
    [told] = mails("application.known")
    assert told.to_address == cast.hector.email
    assert "We cannot take your application for this position." in told.body_text
    assert "/my/" not in told.body_text


def test_a_referral_names_its_referrer_and_says_how_they_know_each_other(app, cast):
    requisition(cast)
    igor = sign_in(app.test_client(), cast.igor)
    form = {"name": "Oto Other", "email": "oto@candidates.example"}
    assert igor.post("/careers/R-1/refer", data=form).status_code == 422
    assert igor.post("/careers/R-1/refer", data=form | {"how": "We built a ledger."}).status_code == 303
    row = db.session.scalars(select(Application)).one()
    assert (row.source, row.source_detail) == (Source.REFERRED, "We built a ledger.")
    assert db.session.scalars(select(Referral.person_id)).all() == [cast.igor.id]
    assert mails("application.received")[0].to_address == "oto@candidates.example"


def referral(client, email, name="Nadia Novak"):
    return client.post("/careers/R-1/refer", data={"name": name, "email": email, "how": "We built a ledger."})


def test_a_colleague_who_refers_somebody_does_not_learn_whether_they_applied_before(app, cast):
    application_at(cast, Step.PHONE_SCREEN)
    igor = sign_in(app.test_client(), cast.igor)
    known, unknown = (referral(igor, f"{name}@candidates.example") for name in ("nadia", "oto"))
    assert (known.status_code, known.location) == (unknown.status_code, unknown.location)
    pages = [soup(igor.get(answer.location)).select_one("main").text for answer in (known, unknown)]
    assert pages[0] == pages[1]
    assert db.session.query(Application).count() == 2
    [told] = mails("application.known")
    assert told.to_address == "nadia@candidates.example" and "put your name forward" in told.body_text
    assert igor.get(f"/my/{key_in(told)}").status_code == 200


def test_a_colleague_who_refers_somebody_does_not_learn_that_they_were_turned_down(app, cast):
    built = application_at(cast, Step.DEBRIEF)
    with writing():
        application = spine.queries.lock_application(built.application_id)
        spine.end_application(
            application, End.REJECTED, EndReason.NO_HIRE, actor_id=cast.hector.id, now=NOON, cool_off=True
        )
    answer = referral(sign_in(app.test_client(), cast.igor), "nadia@candidates.example")
    assert answer.location.endswith("/careers/R-1/referred")
    assert "cannot take a new application" in mails("application.known")[0].body_text


def test_a_referral_to_a_position_on_hold_is_refused_without_a_word_on_the_person(app, cast):
    built = application_at(cast, Step.PHONE_SCREEN)
    with writing():
        db.session.get_one(Requisition, built.requisition_id).held_at = NOON
    igor = sign_in(app.test_client(), cast.igor)
    answer = referral(igor, "nadia@candidates.example")
    assert answer.status_code == 409
    assert {found["data-rule"] for found in soup(answer).select("[data-rule]")} == {"requisition.open"}

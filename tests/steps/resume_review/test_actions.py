"""Taking applications in, marking, advancing, rejecting, merging; on both engines, past the pages."""

import io
from datetime import UTC, date, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from hiring.ground import files
from hiring.ground.database import Forbidden, NotVisible, Stale, db, writing
from hiring.ground.outbox import Notice
from hiring.ground.rulebook import Refused
from hiring.people.models import Person
from hiring.pipeline import actions as spine
from hiring.pipeline import candidates, erasure
from hiring.pipeline import queries as spine_queries
from hiring.pipeline.models import Application, Attachment, Candidate, Requisition
from hiring.pipeline.rules import End, EndReason, Source, Step
from hiring.steps.interview_loop.models import Conflict
from hiring.steps.interview_loop.rules import ConflictKind
from hiring.steps.interview_loop.staffing import conflicts
from hiring.steps.job_description.models import Adoption, MustHave
from hiring.steps.resume_review import actions, queries
from hiring.steps.resume_review.actions import Applicant
from hiring.steps.resume_review.rules import Mark
from tests.builders import Built, application_at, requisition
from tests.cast import Cast
from tests.conftest import Engine
from tests.races import overtaken

NOW = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)
NADIA = Applicant("Nadia Novak", "nadia@candidates.example", "+49 30 1", "Berlin", "Europe/Berlin")


def apply(built: Built, applicant: Applicant = NADIA, **more: object) -> tuple[Application, str]:
    values: dict[str, object] = {"source": Source.CAREERS, "actor_id": None, "now": NOW} | more
    with writing():
        return actions.apply(built.requisition_id, applicant, None, **values)  # type: ignore[arg-type]


def mark_all(actor: Person, built: Built, *marks: Mark | None) -> None:
    ids = list(
        db.session.scalars(
            select(MustHave.id).where(MustHave.description_id == built.description_id).order_by(MustHave.place)
        )
    )
    with writing():
        actions.save_marks(
            actor, built.application_id, {i: (m, "") for i, m in zip(ids, marks, strict=True)}, expected=None, now=NOW
        )


def refused_by(error: pytest.ExceptionInfo[Refused]) -> list[str]:
    return [refusal.rule.id for refusal in error.value.refusals]


def test_an_application_begins_in_resume_review_with_its_description_and_resume(cast: Cast) -> None:
    built = requisition(cast)
    received = files.receive(io.BytesIO(b"Ten years of ledgers."), "cv.txt", 1000)
    with writing():
        application, key = actions.apply(
            built.requisition_id, NADIA, received, source=Source.CAREERS, actor_id=None, now=NOW
        )
    assert application.step is Step.RESUME_REVIEW and application.description_id == built.description_id
    assert db.session.scalars(select(Adoption.description_id)).all() == [built.description_id]
    [attachment] = spine_queries.attachments(application.id)
    assert attachment.resume and attachment.file.name == "cv.txt"
    candidate = db.session.get_one(Candidate, application.candidate_id)
    assert candidate.link_digest == candidates.link_digest(key) and candidate.time_zone == "Europe/Berlin"


def test_the_candidate_is_told_with_a_link_to_their_own_page(cast: Cast) -> None:
    _, key = apply(requisition(cast))
    [notice] = db.session.scalars(select(Notice)).all()
    assert notice.to_address == NADIA.email and f"/my/{key}" in notice.body_text


def test_somebody_sourced_is_told_that_they_were_added(cast: Cast) -> None:
    built = requisition(cast)
    with writing():
        actions.add_by_hand(
            cast.ron, built.requisition_id, NADIA, None, source=Source.SOURCED, source_detail="Conference", now=NOW
        )
    [notice] = db.session.scalars(select(Notice)).all()
    assert "we have added you" in notice.body_text


def test_only_recruiters_add_by_hand(cast: Cast) -> None:
    built = requisition(cast)
    with pytest.raises(Forbidden), writing():
        actions.add_by_hand(
            cast.hector, built.requisition_id, NADIA, None, source=Source.SOURCED, source_detail="", now=NOW
        )
    assert db.session.scalars(select(Application)).all() == []


def test_an_owner_of_the_requisition_is_not_added_as_its_candidate(cast: Cast) -> None:
    built = requisition(cast)
    with pytest.raises(Refused) as error, writing():
        actions.add_by_hand(
            cast.ron,
            built.requisition_id,
            Applicant("Hector", "hector@example.org"),
            None,
            source=Source.SOURCED,
            source_detail="",
            now=NOW,
        )
    assert refused_by(error) == ["loop.distinct"]
    assert db.session.scalars(select(Application)).all() == []


def add_hanna(cast: Cast, built: Built) -> Application | None:
    """Ron adds his own manager by hand."""
    hanna = Applicant("Hanna", "hanna@example.org")
    with writing():
        return actions.add_by_hand(
            cast.ron, built.requisition_id, hanna, None, source=Source.SOURCED, source_detail="", now=NOW
        )


def test_a_recruiter_who_adds_their_own_manager_learns_nothing_of_an_application_of_theirs(cast: Cast) -> None:
    built = requisition(cast)
    assert add_hanna(cast, built) is None
    assert add_hanna(cast, built) is None
    [application] = db.session.scalars(select(Application)).all()
    with pytest.raises(NotVisible):
        spine_queries.application_for(cast.ron, application.id, now=NOW)
    [told] = db.session.scalars(select(Notice).where(Notice.kind == "application.known")).all()
    assert told.to_address == "hanna@example.org" and "put your name forward" in told.body_text


def test_the_same_address_is_the_same_candidate_and_the_link_goes_by_mail_only(cast: Cast) -> None:
    first, _ = apply(requisition(cast))
    second, key = apply(requisition(cast, code="R-2"), Applicant("N. Novak", " NADIA@candidates.example"))
    assert second.candidate_id == first.candidate_id
    assert key == ""
    candidate = db.session.get_one(Candidate, first.candidate_id)
    assert candidate.name == "Nadia Novak"
    newest = db.session.scalars(select(Notice).order_by(Notice.id.desc())).first()
    assert newest is not None and newest.to_address == NADIA.email
    link = newest.body_text.rpartition("/my/")[2].strip()
    assert candidate.link_digest == candidates.link_digest(link)


def test_a_second_active_application_is_refused_and_leaves_nothing(cast: Cast) -> None:
    built = requisition(cast)
    apply(built)
    with pytest.raises(Refused) as error:
        apply(built)
    assert refused_by(error) == ["application.once"]
    assert len(db.session.scalars(select(Application)).all()) == 1
    assert len(db.session.scalars(select(Notice)).all()) == 1


def test_before_the_date_recorded_there_is_no_new_application(cast: Cast) -> None:
    built = requisition(cast)
    application, _ = apply(built)
    with writing():
        spine.end_application(
            spine_queries.lock_application(application.id),
            End.REJECTED,
            EndReason.NO_HIRE,
            actor_id=cast.rita.id,
            now=NOW,
            cool_off=True,
        )
    with pytest.raises(Refused) as error:
        apply(built)
    assert refused_by(error) == ["application.cool_off"]


def test_a_requisition_on_hold_takes_no_applications(cast: Cast) -> None:
    built = requisition(cast)
    with writing():
        db.session.get_one(Requisition, built.requisition_id).held_at = NOW
    with pytest.raises(Refused) as error:
        apply(built)
    assert refused_by(error) == ["requisition.open"]


def test_an_employee_added_by_a_recruiter_sees_nothing_of_their_own_file(cast: Cast) -> None:
    application, _ = apply(requisition(cast), Applicant("Ron", "RON@example.org"), source=Source.SOURCED)
    with pytest.raises(NotVisible):
        spine_queries.application_for(cast.ron, application.id, now=NOW)


def test_a_colleague_who_types_a_strangers_address_does_not_get_their_record(cast: Cast) -> None:
    outsider, _ = apply(requisition(cast))
    inside, _ = apply(requisition(cast, code="R-2"), NADIA, source=Source.INTERNAL, person_id=cast.nora.id)
    assert inside.candidate_id != outsider.candidate_id
    assert db.session.get_one(Candidate, inside.candidate_id).person_id == cast.nora.id


def test_a_fully_marked_resume_moves_to_the_phone_screen(cast: Cast) -> None:
    built = application_at(cast, Step.RESUME_REVIEW)
    mark_all(cast.hector, built, Mark.MET, Mark.NOT_SHOWN)
    with writing():
        actions.pass_on(cast.rita, built.application_id, now=NOW)
    assert built.application.step is Step.PHONE_SCREEN


@pytest.mark.parametrize("marks", [(Mark.MET, None), (Mark.MET, Mark.NOT_MET)])
def test_advancing_is_refused_past_the_page(cast: Cast, marks: tuple[Mark | None, ...]) -> None:
    built = application_at(cast, Step.RESUME_REVIEW)
    mark_all(cast.rita, built, *marks)
    with pytest.raises(Refused) as error, writing():
        actions.pass_on(cast.rita, built.application_id, now=NOW)
    assert refused_by(error) == ["resume.against_description"]
    assert built.application.step is Step.RESUME_REVIEW


def test_rejecting_without_a_failed_must_have_is_refused_past_the_page(cast: Cast) -> None:
    built = application_at(cast, Step.RESUME_REVIEW)
    mark_all(cast.rita, built, Mark.MET, Mark.MET)
    with pytest.raises(Refused) as error, writing():
        actions.turn_down(cast.rita, built.application_id, "No.", now=NOW)
    assert refused_by(error) == ["resume.against_description"]
    assert built.application.ended is None


def test_rejecting_ends_the_application_and_sends_the_words(cast: Cast) -> None:
    built = application_at(cast, Step.RESUME_REVIEW)
    mark_all(cast.rita, built, Mark.MET, Mark.NOT_MET)
    with writing():
        actions.turn_down(cast.rita, built.application_id, "We looked for a ledger.", now=NOW)
    assert (built.application.ended, built.application.end_reason) == (End.REJECTED, EndReason.OFF_TARGET)
    [notice] = db.session.scalars(select(Notice).where(Notice.kind == "application.rejected")).all()
    assert notice.body_text.strip() == "We looked for a ledger." and notice.to_address == "nadia@candidates.example"


def test_advancing_on_a_held_application_is_refused(cast: Cast) -> None:
    built = application_at(cast, Step.RESUME_REVIEW)
    mark_all(cast.rita, built, Mark.MET, Mark.MET)
    with writing():
        built.application.held_at = NOW
    with pytest.raises(Refused) as error, writing():
        actions.pass_on(cast.rita, built.application_id, now=NOW)
    assert refused_by(error) == ["requisition.open"]


def test_an_application_that_somebody_else_moved_on_is_stale(cast: Cast) -> None:
    built = application_at(cast, Step.PHONE_SCREEN)
    with pytest.raises(Stale), writing():
        actions.turn_down(cast.rita, built.application_id, "No.", now=NOW)


@pytest.mark.parametrize(
    ("who", "error"), [("ron", Forbidden), ("cora", NotVisible), ("amal", NotVisible), ("olga", NotVisible)]
)
def test_others_do_not_review(cast: Cast, who: str, error: type[Exception]) -> None:
    built = application_at(cast, Step.RESUME_REVIEW)
    with pytest.raises(error), writing():
        actions.pass_on(getattr(cast, who), built.application_id, now=NOW)


def test_a_former_recruiters_waiting_act_does_not_go_through(app: Flask, cast: Cast) -> None:
    built = application_at(cast, Step.RESUME_REVIEW)
    mark_all(cast.rita, built, Mark.MET, Mark.MET)
    application_id, rita, ron = built.application_id, cast.rita.id, cast.ron.id

    def hand_over() -> None:
        spine_queries.lock_application(application_id).requisition.recruiter_id = ron

    wrong = overtaken(
        app, lambda: actions.pass_on(db.session.get_one(Person, rita), application_id, now=NOW), hand_over
    )
    assert isinstance(wrong, Forbidden)
    assert built.application.step is Step.RESUME_REVIEW


def test_marks_changed_in_the_meantime_are_told_with_their_texts(cast: Cast) -> None:
    built = application_at(cast, Step.RESUME_REVIEW)
    held = queries.held_against(spine_queries.application(built.application_id))
    mark_all(cast.hector, built, Mark.NOT_MET, None)
    with pytest.raises(Stale) as stale, writing():
        actions.save_marks(
            cast.rita,
            built.application_id,
            {held[0].must_have_id: (Mark.MET, "")},
            expected=queries.revision(held),
            now=NOW,
        )
    assert stale.value.current[f"mark_{held[0].must_have_id}"] == "Not met"
    after = queries.held_against(spine_queries.application(built.application_id))
    assert [item.mark for item in after] == [Mark.NOT_MET, None]


def test_merging_moves_the_applications_and_both_links_stay(cast: Cast) -> None:
    first, key = apply(requisition(cast))
    second, other_key = apply(requisition(cast, code="R-2"), Applicant("Nadia Novak", "other@candidates.example"))
    kept, duplicate = first.candidate_id, second.candidate_id
    with writing():
        actions.merge(cast.rita, kept, duplicate, now=NOW)
    assert db.session.get_one(Application, second.id).candidate_id == kept
    gone = db.session.get_one(Candidate, duplicate)
    assert gone.merged_into_id == kept and gone.link_digest == candidates.link_digest(other_key)
    assert db.session.get_one(Candidate, kept).link_digest == candidates.link_digest(key)
    again, _ = apply(requisition(cast, code="R-3"), Applicant("Nadia Novak", NADIA.email))
    assert again.candidate_id == kept


def test_whoever_applies_while_their_record_is_merged_is_told_to_look_again(engine: Engine, cast: Cast) -> None:
    first, _ = apply(requisition(cast))
    second, _ = apply(requisition(cast, code="R-2"), Applicant("Nadia Novak", "other@candidates.example"))
    kept, duplicate, there = first.candidate_id, second.candidate_id, requisition(cast, code="R-3").requisition_id
    other = Applicant("Nadia Novak", "other@candidates.example")
    wrong = overtaken(
        engine.app,
        lambda: actions.apply(there, other, None, source=Source.CAREERS, actor_id=None, now=NOW),
        lambda: actions.merge(cast.rita, kept, duplicate, now=NOW),
        of="candidate",
    )
    # SQLite has one writer: whoever applies looks after the merger, and nobody has that address any more
    assert wrong is None if engine.sqlite else isinstance(wrong, Stale)
    query = select(Application.id).where(Application.candidate_id == duplicate)
    assert db.session.scalars(query).all() == []


def test_merging_keeps_every_conflict_of_interest_and_each_once(cast: Cast) -> None:
    first, _ = apply(requisition(cast))
    second, _ = apply(requisition(cast, code="R-2"), Applicant("Nadia Novak", "other@candidates.example"))
    kept, duplicate = first.candidate_id, second.candidate_id
    with writing():
        for candidate_id, person_id in ((kept, cast.iris.id), (duplicate, cast.iris.id), (duplicate, cast.bea.id)):
            db.session.add(
                Conflict(
                    candidate_id=candidate_id, person_id=person_id, kind=ConflictKind.FAMILY, at=NOW, reason="Cousins"
                )
            )
    with writing():
        actions.merge(cast.rita, kept, duplicate, now=NOW)
    for application_id in (first.id, second.id):
        found = conflicts(spine_queries.application(application_id))
        assert found == {cast.iris.id: ConflictKind.FAMILY, cast.bea.id: ConflictKind.FAMILY}
    query = select(Conflict).where(Conflict.candidate_id == kept, Conflict.person_id == cast.iris.id)
    assert len(db.session.scalars(query).all()) == 1


def test_erasing_a_candidate_reaches_the_records_merged_into_them(cast: Cast) -> None:
    first, _ = apply(requisition(cast))
    second, _ = apply(requisition(cast, code="R-2"), Applicant("Nadia Novak", "other@candidates.example"))
    kept, duplicate = first.candidate_id, second.candidate_id
    with writing():
        actions.merge(cast.rita, kept, duplicate, now=NOW)
    with writing():
        erasure.erase(kept)
    for candidate_id in (kept, duplicate):
        row = db.session.get_one(Candidate, candidate_id)
        assert (row.name, row.email, row.link_digest) == (erasure.ERASED, "", None)


def test_merging_two_active_applications_to_one_requisition_is_refused(cast: Cast) -> None:
    built = requisition(cast)
    first, _ = apply(built)
    second, _ = apply(built, Applicant("Nadia Novak", "other@candidates.example"))
    kept, duplicate = first.candidate_id, second.candidate_id
    with pytest.raises(Refused) as error, writing():
        actions.merge(cast.rita, kept, duplicate, now=NOW)
    assert refused_by(error) == ["application.once"]
    assert db.session.get_one(Application, second.id).candidate_id == duplicate


def test_candidates_who_share_nothing_are_not_merged(cast: Cast) -> None:
    first, _ = apply(requisition(cast))
    second, _ = apply(requisition(cast, code="R-2"), Applicant("Paul Peter", "paul@candidates.example"))
    with pytest.raises(Stale), writing():
        actions.merge(cast.rita, first.candidate_id, second.candidate_id, now=NOW)


def test_the_queue_is_oldest_first_and_hides_colleagues_of_the_inside(cast: Cast) -> None:
    built = requisition(cast)
    first, _ = apply(built)
    apply(built, Applicant("Ron", "ron@example.org"), source=Source.INTERNAL, person_id=cast.ron.id)
    third, _ = apply(built, Applicant("Paul Peter", "paul@candidates.example"))
    rows, following = queries.waiting(cast.ron, built.requisition_id)
    assert [row.application.id for row in rows] == [first.id, third.id] and following is None
    assert queries.next_in_queue(cast.ron, first) == third.id
    assert queries.next_in_queue(cast.ron, third) == first.id
    assert len(queries.waiting(cast.rita, built.requisition_id)[0]) == 3


def test_the_queue_continues_where_the_page_ended(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    built = requisition(cast)
    ids = [apply(built, Applicant(f"C{n} X{n}", f"c{n}@candidates.example"))[0].id for n in range(3)]
    monkeypatch.setattr(queries, "PAGE", 2)
    rows, following = queries.waiting(cast.rita, built.requisition_id)
    rest, end = queries.waiting(cast.rita, built.requisition_id, following)
    assert [row.application.id for row in [*rows, *rest]] == ids and end is None


def test_who_came_back_to_the_queue_waits_since_then(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    built = requisition(cast)
    back, second, third = (apply(built, Applicant(f"C{n} X{n}", f"c{n}@candidates.example"))[0].id for n in range(3))
    with writing():
        later = NOW + timedelta(hours=1)
        spine.go_back(spine_queries.lock_application(back), Step.RESUME_REVIEW, "x", actor_id=cast.rita.id, now=later)
    monkeypatch.setattr(queries, "PAGE", 2)
    rows, following = queries.waiting(cast.rita, built.requisition_id)
    rest, _ = queries.waiting(cast.rita, built.requisition_id, following)
    assert [row.application.id for row in [*rows, *rest]] == [second, third, back]
    order = {each: queries.next_in_queue(cast.rita, spine_queries.application(each)) for each in (second, third, back)}
    assert order == {second: third, third: back, back: second}


def test_twenty_rejections_off_target_put_the_description_in_question(cast: Cast) -> None:
    built = requisition(cast)
    with writing():
        for n in range(20):
            candidate = spine.add_candidate(f"C{n}", f"c{n}@candidates.example", now=NOW)
            application = spine.start_application(
                candidate, built.requisition_id, source=Source.CAREERS, actor_id=None, now=NOW
            )
            reason = EndReason.OFF_TARGET if n < 11 else EndReason.PHONE_SCREEN_NO
            spine.end_application(application, End.REJECTED, reason, actor_id=cast.rita.id, now=NOW)
    [finding] = queries.off_target(spine_queries.requisition(built.requisition_id))
    assert "11 of the last 20" in finding.facts


def test_a_recruiter_owes_the_queue_within_two_days(cast: Cast) -> None:
    built = application_at(cast, Step.RESUME_REVIEW)
    [pile] = queries.piles(cast.rita)
    assert (pile.count, pile.due.date()) == (1, date(2026, 2, 25)) and pile.requisition_id == built.requisition_id
    assert queries.piles(cast.ron) == []


def test_a_file_is_served_only_to_those_who_read_the_candidate_file(cast: Cast) -> None:
    built = requisition(cast)
    received = files.receive(io.BytesIO(b"Ten years of ledgers."), "cv.txt", 1000)
    with writing():
        actions.apply(built.requisition_id, NADIA, received, source=Source.CAREERS, actor_id=None, now=NOW)
    [attachment] = db.session.scalars(select(Attachment)).all()
    assert queries.attachment_for(cast.cora, attachment.id, now=NOW).name == "cv.txt"
    for who in (cast.amal, cast.olga, cast.bea):
        with pytest.raises(NotVisible):
            queries.attachment_for(who, attachment.id, now=NOW)

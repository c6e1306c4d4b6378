"""What step 8's actions do, on both engines; each rule refuses also when no page asked it first."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import TypeVar

import pytest
from sqlalchemy import select

from hiring.ground.database import Forbidden, NotVisible, Stale, db, writing
from hiring.ground.outbox import Notice
from hiring.ground.rulebook import Refused
from hiring.people.models import Person
from hiring.pipeline import actions as spine
from hiring.pipeline import queries as pipeline
from hiring.pipeline.models import Cord, Opening, PassedWarning, Requisition
from hiring.pipeline.rules import End, EndReason, Step
from hiring.steps.debrief import actions as debrief
from hiring.steps.offer import actions, jobs, onboarding, queries
from hiring.steps.offer.actions import Draft
from hiring.steps.offer.hire_rules import CHECKLIST, Reached, ReviewAt
from hiring.steps.offer.models import HireReview, Offer, OnboardingTask
from hiring.steps.offer.rules import OfferState
from tests.builders import Built, application_at, offer_made
from tests.cast import Cast

NOW = datetime(2026, 3, 5, 12, 0, tzinfo=UTC)
DRAFT = Draft(9_500_000, "EUR", date(2026, 5, 4), date(2026, 3, 20), "Relocation paid.")
HIGH = Draft(12_000_000, "EUR", date(2026, 5, 4), date(2026, 3, 20))
STARTED = datetime(2026, 5, 4, 9, 0, tzinfo=UTC)
T = TypeVar("T")


@pytest.fixture
def built(cast: Cast) -> Built:
    return application_at(cast, Step.OFFER)


def act(work: Callable[[], T]) -> T:
    with writing():
        return work()


def prepare(actor: Person, built: Built, draft: Draft = DRAFT, version: int | None = None) -> None:
    act(lambda: actions.prepare(actor, built.application_id, draft, expected_version=version, now=NOW))


def make(actor: Person, built: Built, now: datetime = NOW) -> None:
    act(lambda: actions.make(actor, built.application_id, "Over lunch.", now=now))


def accept(actor: Person, built: Built, now: datetime = NOW, reasons: dict[str, str] | None = None) -> None:
    act(lambda: actions.accept(actor, built.application_id, reasons=reasons, now=now))


def offer_of(built: Built) -> Offer:
    found = queries.newest_offer(built.application_id)
    assert found is not None
    return found


def counts(built: Built) -> tuple[int, int]:
    row = db.session.get_one(Requisition, built.requisition_id, populate_existing=True)
    return row.live_offers, row.hires


def rule_ids(refused: pytest.ExceptionInfo[Refused]) -> set[str]:
    return {each.rule.id for each in refused.value.refusals}


# --- Preparing and excepting ---------------------------------------------------------------------------------------


def test_a_prepared_offer_takes_no_opening_and_may_be_changed(cast: Cast, built: Built) -> None:
    prepare(cast.rita, built)
    prepare(cast.hector, built, Draft(10_000_000, "EUR", DRAFT.starts_on, DRAFT.answer_by))
    assert (offer_of(built).state, offer_of(built).pay) == (OfferState.PREPARED, 10_000_000)
    assert counts(built) == (0, 0)
    assert built.application.live_offer_id is None


def test_a_stale_change_of_terms_shows_the_other_text(cast: Cast, built: Built) -> None:
    prepare(cast.rita, built)
    seen = offer_of(built).version
    prepare(cast.hector, built, HIGH, seen)
    with pytest.raises(Stale) as stale:
        prepare(cast.rita, built, DRAFT, seen)
    assert "another window of yours, changed the offer after" in str(stale.value)
    assert stale.value.current["pay"] == "120000.00"


@pytest.mark.parametrize("step", [Step.DEBRIEF, Step.REFERENCE_CHECK])
def test_no_offer_is_prepared_before_decision_and_references(cast: Cast, step: Step) -> None:
    built = application_at(cast, step)
    with pytest.raises(Refused) as refused:
        prepare(cast.hector, built)
    assert rule_ids(refused) == {"offer.decided"}
    assert queries.newest_offer(built.application_id) is None


def test_pay_outside_the_range_waits_for_an_administrator_in_writing(cast: Cast, built: Built) -> None:
    prepare(cast.rita, built, HIGH)
    with pytest.raises(Refused, match=r"offer\.range: Pay is EUR 120,000"):
        make(cast.hector, built)
    with pytest.raises(NotVisible):
        queries.seen_by(cast.amal, built.application_id, now=NOW)
    act(lambda: actions.ask_exception(cast.rita, built.application_id, "A rival offer.", now=NOW))
    assert queries.seen_by(cast.amal, built.application_id, now=NOW).live is not None
    assert [row.id for row in queries.exceptions_asked(cast.amal)] == [offer_of(built).id]
    with pytest.raises(Refused):
        make(cast.hector, built)
    act(lambda: actions.answer_exception(cast.amal, built.application_id, "Rare skill.", grant=True, now=NOW))
    with pytest.raises(NotVisible):
        queries.seen_by(cast.amal, built.application_id, now=NOW)
    make(cast.hector, built)
    assert (offer_of(built).excepted_by, offer_of(built).exception) == (cast.amal.id, "Rare skill.")


def test_an_exception_is_for_the_pay_that_was_asked_about(cast: Cast, built: Built) -> None:
    prepare(cast.rita, built, HIGH)
    act(lambda: actions.ask_exception(cast.rita, built.application_id, "A rival offer.", now=NOW))
    act(lambda: actions.answer_exception(cast.amal, built.application_id, "Rare skill.", grant=True, now=NOW))
    prepare(cast.rita, built, Draft(13_000_000, "EUR", HIGH.starts_on, HIGH.answer_by))
    with pytest.raises(Refused, match=r"offer\.range"):
        make(cast.hector, built)


@pytest.mark.parametrize("grant", [True, False])
def test_an_administrator_answers_for_the_pay_that_their_page_showed(cast: Cast, built: Built, grant: bool) -> None:
    prepare(cast.rita, built, HIGH)
    act(lambda: actions.ask_exception(cast.rita, built.application_id, "A rival offer.", now=NOW))
    seen = offer_of(built).version
    prepare(cast.rita, built, Draft(19_000_000, "EUR", HIGH.starts_on, HIGH.answer_by))
    act(lambda: actions.ask_exception(cast.rita, built.application_id, "A rival offer.", now=NOW))
    answer = lambda version: actions.answer_exception(  # noqa: E731
        cast.amal, built.application_id, "Rare skill.", grant=grant, expected_version=version, now=NOW
    )
    with pytest.raises(Stale) as stale:
        act(lambda: answer(seen))
    assert stale.value.current["pay"] == "190000.00" and offer_of(built).exception_waits
    act(lambda: answer(offer_of(built).version))
    assert not offer_of(built).exception_waits


def test_an_exception_is_asked_for_the_pay_that_the_page_showed(cast: Cast, built: Built) -> None:
    prepare(cast.rita, built, HIGH)
    seen = offer_of(built).version
    prepare(cast.hector, built, Draft(19_000_000, "EUR", HIGH.starts_on, HIGH.answer_by))
    with pytest.raises(Stale):
        act(
            lambda: actions.ask_exception(
                cast.rita, built.application_id, "A rival offer.", expected_version=seen, now=NOW
            )
        )
    assert not offer_of(built).exception_waits


def test_a_refused_exception_stays_refused_until_asked_again(cast: Cast, built: Built) -> None:
    prepare(cast.rita, built, HIGH)
    act(lambda: actions.ask_exception(cast.rita, built.application_id, "A rival offer.", now=NOW))
    act(lambda: actions.answer_exception(cast.amal, built.application_id, "Too far.", grant=False, now=NOW))
    with pytest.raises(Refused, match=r"offer\.range"):
        make(cast.hector, built)
    with pytest.raises(NotVisible):
        act(lambda: actions.answer_exception(cast.ada, built.application_id, "Fine.", grant=True, now=NOW))


def test_only_an_administrator_grants_an_exception(cast: Cast, built: Built) -> None:
    prepare(cast.rita, built, HIGH)
    act(lambda: actions.ask_exception(cast.rita, built.application_id, "A rival offer.", now=NOW))
    with pytest.raises(Forbidden, match="administrator"):
        act(lambda: actions.answer_exception(cast.hector, built.application_id, "Mine.", grant=True, now=NOW))


def test_an_administrator_who_is_the_hiring_manager_leaves_it_to_another(cast: Cast, built: Built) -> None:
    with writing():
        db.session.get_one(Requisition, built.requisition_id).hiring_manager_id = cast.amal.id
    prepare(cast.rita, built, HIGH)
    act(lambda: actions.ask_exception(cast.rita, built.application_id, "A rival offer.", now=NOW))
    with pytest.raises(Refused, match="You are the hiring manager"):
        act(lambda: actions.answer_exception(cast.amal, built.application_id, "Mine.", grant=True, now=NOW))


def test_an_administrator_who_runs_the_offer_answers_no_exception_that_nobody_asked_for(
    cast: Cast, built: Built
) -> None:
    with writing():
        db.session.get_one(Requisition, built.requisition_id).hiring_manager_id = cast.amal.id
    prepare(cast.rita, built, HIGH)
    assert queries.seen_by(cast.amal, built.application_id, now=NOW).offer is not None
    with pytest.raises(NotVisible, match="exception"):
        act(lambda: actions.answer_exception(cast.amal, built.application_id, "Mine.", grant=True, now=NOW))
    assert offer_of(built).exception == ""


# --- Making --------------------------------------------------------------------------------------------------------


def test_making_takes_an_opening_and_writes_to_the_candidate_without_figures(cast: Cast, built: Built) -> None:
    prepare(cast.rita, built)
    make(cast.hector, built)
    assert (offer_of(built).state, offer_of(built).made_by) == (OfferState.MADE, cast.hector.id)
    assert built.application.live_offer_id == offer_of(built).id
    assert counts(built) == (1, 0)
    notice = db.session.scalars(select(Notice).where(Notice.kind == "offer.made")).one()
    assert notice.to_address == "nadia@candidates.example"
    assert "95" not in notice.body_text
    assert "20 Mar 2026" in notice.body_text


def test_the_recruiter_does_not_make_the_offer(cast: Cast, built: Built) -> None:
    """As offer.by_hiring_manager says, before any rule is asked."""
    prepare(cast.rita, built)
    with pytest.raises(Forbidden, match="hiring manager"):
        make(cast.rita, built)
    assert counts(built) == (0, 0)


@pytest.mark.parametrize("key", ["bea", "iris", "ron", "cora", "amal", "olga"])
def test_an_offer_does_not_exist_for_anybody_else(cast: Cast, built: Built, key: str) -> None:
    prepare(cast.rita, built)
    with pytest.raises(NotVisible):
        prepare(getattr(cast, key), built)
    with pytest.raises(NotVisible):
        make(getattr(cast, key), built)


def test_a_second_offer_for_the_last_opening_is_refused(
    cast: Cast, built: Built, another: Callable[[Built], Built]
) -> None:
    offer_made(cast, built)
    second = another(built)
    prepare(cast.hector, second)
    with pytest.raises(Refused, match=r"offer\.single: R-1 has 1 opening, 1 live offer"):
        make(cast.hector, second)


def test_a_candidate_with_a_live_offer_elsewhere_gets_no_second_one(
    cast: Cast, built: Built, elsewhere: Callable[[Built], Built]
) -> None:
    other = elsewhere(built)
    offer_made(cast, other)
    prepare(cast.hector, built)
    with pytest.raises(Refused, match="live offer on requisition R-2"):
        make(cast.hector, built)


def test_a_pulled_cord_and_a_hold_stop_the_offer(cast: Cast, built: Built) -> None:
    prepare(cast.rita, built)
    with writing():
        db.session.add(
            Cord(application_id=built.application_id, pulled_by=cast.iris.id, pulled_at=NOW, what="A hidden conflict.")
        )
        db.session.get_one(Requisition, built.requisition_id).held_at = NOW
    with pytest.raises(Refused) as refused:
        make(cast.hector, built)
    assert rule_ids(refused) == {"andon.clear", "requisition.open"}


def test_under_a_pulled_cord_no_offer_is_prepared_but_on_hold_it_may_be(cast: Cast, built: Built) -> None:
    with writing():
        db.session.get_one(Requisition, built.requisition_id).held_at = NOW
    prepare(cast.rita, built)
    with writing():
        db.session.add(
            Cord(application_id=built.application_id, pulled_by=cast.iris.id, pulled_at=NOW, what="A hidden conflict.")
        )
    with pytest.raises(Refused) as refused:
        prepare(cast.rita, built, HIGH, version=offer_of(built).version)
    assert rule_ids(refused) == {"andon.clear"}
    assert offer_of(built).pay == DRAFT.pay


def notices(kind: str) -> list[Notice]:
    return list(db.session.scalars(select(Notice).where(Notice.kind == kind)))


@pytest.mark.parametrize("accepted", [False, True])
def test_a_candidate_whose_offer_another_end_takes_away_is_told(cast: Cast, built: Built, accepted: bool) -> None:
    offer_made(cast, built, accepted=accepted)
    with writing():
        application = pipeline.lock_application(built.application_id)
        spine.end_application(
            application, End.REJECTED, EndReason.CORD, actor_id=cast.amal.id, now=NOW, note="A secret reason"
        )
    [notice] = notices("offer.rescinded")
    assert notice.to_address == "nadia@candidates.example"
    assert "no longer stands" in notice.body_text
    assert "secret" not in notice.body_text


def test_a_candidate_whose_application_goes_back_learns_that_the_offer_no_longer_stands(
    cast: Cast, built: Built
) -> None:
    offer_made(cast, built)
    act(
        lambda: spine.go_back(
            pipeline.lock_application(built.application_id), Step.DEBRIEF, "x", actor_id=cast.bea.id, now=NOW
        )
    )
    assert offer_of(built).state is OfferState.RESCINDED
    assert len(notices("offer.rescinded")) == 1


def test_terms_that_nobody_was_told_of_are_dropped_without_a_word(cast: Cast, built: Built) -> None:
    prepare(cast.rita, built)
    act(
        lambda: spine.go_back(
            pipeline.lock_application(built.application_id), Step.DEBRIEF, "x", actor_id=cast.bea.id, now=NOW
        )
    )
    assert (offer_of(built).state, notices("offer.rescinded")) == (OfferState.DROPPED, [])


def test_an_offer_whose_answer_date_has_passed_is_not_made(cast: Cast, built: Built) -> None:
    prepare(cast.rita, built)
    with pytest.raises(Refused, match="has passed"):
        make(cast.hector, built, datetime(2026, 3, 21, 12, 0, tzinfo=UTC))


# --- Staying in touch and answering --------------------------------------------------------------------------------


def test_a_late_answer_without_contact_asks_for_a_written_reason(cast: Cast, built: Built) -> None:
    prepare(cast.rita, built)
    make(cast.hector, built)
    late = NOW + timedelta(days=9)
    with pytest.raises(Refused, match=r"offer\.contact: The last contact was 9 days ago"):
        accept(cast.rita, built, late)
    accept(cast.rita, built, late, {"offer.contact": "I was ill."})
    assert built.application.offer_accepted_at == late
    assert db.session.scalars(select(PassedWarning.reason)).one() == "I was ill."


def test_a_recorded_contact_answers_the_warning(cast: Cast, built: Built) -> None:
    offer_made(cast, built)
    later = NOW + timedelta(days=9)
    act(lambda: actions.record_contact(cast.rita, built.application_id, "Called.", now=NOW + timedelta(days=5)))
    accept(cast.hector, built, later)
    assert offer_of(built).state is OfferState.ACCEPTED


def test_acceptance_begins_the_checklist_and_both_reviews(cast: Cast, built: Built) -> None:
    offer_made(cast, built)
    accept(cast.rita, built)
    tasks = db.session.scalars(select(OnboardingTask)).all()
    assert {task.what for task in tasks} == {duty.what for duty in CHECKLIST}
    assert {task.owner_id for task in tasks} == {cast.hector.id, cast.rita.id}
    assert all(task.due_on >= NOW.date() for task in tasks)
    reviews = {row.at: row.due_on for row in db.session.scalars(select(HireReview))}
    assert reviews == {ReviewAt.NINETY_DAYS: date(2026, 8, 2), ReviewAt.ONE_YEAR: date(2027, 5, 4)}
    assert counts(built) == (1, 0)


def test_an_answer_after_the_answer_date_needs_an_extension_first(cast: Cast, built: Built) -> None:
    offer_made(cast, built)
    act(lambda: actions.record_contact(cast.rita, built.application_id, "Called.", now=NOW + timedelta(days=10)))
    late = datetime(2026, 3, 21, 12, 0, tzinfo=UTC)
    with pytest.raises(Refused, match="until 2026-03-20"):
        accept(cast.rita, built, late)
    act(lambda: actions.extend(cast.rita, built.application_id, date(2026, 3, 25), now=late))
    accept(cast.rita, built, late)
    assert offer_of(built).state is OfferState.ACCEPTED


def test_an_extension_over_another_is_told_so(cast: Cast, built: Built) -> None:
    offer_made(cast, built)
    shown = offer_of(built).version
    act(lambda: actions.extend(cast.rita, built.application_id, date(2026, 3, 25), expected_version=shown, now=NOW))
    with pytest.raises(Stale):
        act(
            lambda: actions.extend(
                cast.hector, built.application_id, date(2026, 3, 28), expected_version=shown, now=NOW
            )
        )
    assert offer_of(built).answer_by == date(2026, 3, 25)


def test_a_decline_ends_the_application_and_frees_the_opening(cast: Cast, built: Built) -> None:
    offer_made(cast, built)
    act(lambda: actions.decline(cast.rita, built.application_id, "Stayed where they are.", now=NOW))
    assert (built.application.ended, built.application.end_reason) == (End.WITHDRAWN, EndReason.OFFER_DECLINED)
    assert (offer_of(built).state, offer_of(built).close_reason) == (OfferState.DECLINED, "Stayed where they are.")
    assert counts(built) == (0, 0)


def test_the_worker_lets_an_offer_lapse_after_the_answer_date_where_the_candidate_is(cast: Cast, built: Built) -> None:
    offer_made(cast, built)
    assert jobs.lapse_offers(datetime(2026, 3, 20, 22, 30, tzinfo=UTC)) == 0  # 23:30 of that day in Berlin
    assert jobs.lapse_offers(datetime(2026, 3, 20, 23, 30, tzinfo=UTC)) == 1
    assert jobs.lapse_offers(datetime(2026, 3, 21, 23, 30, tzinfo=UTC)) == 0
    assert (built.application.ended, built.application.end_reason) == (End.WITHDRAWN, EndReason.OFFER_LAPSED)
    assert counts(built) == (0, 0)


@pytest.mark.parametrize("by", ["hold", "cord"])
def test_no_offer_lapses_while_a_yes_cannot_be_recorded(cast: Cast, built: Built, by: str) -> None:
    offer_made(cast, built)
    late = datetime(2026, 3, 21, 12, 0, tzinfo=UTC)
    with writing():
        if by == "hold":
            pipeline.lock_application(built.application_id).held_at = NOW
        else:
            cord = Cord(application_id=built.application_id, pulled_by=cast.rita.id, pulled_at=NOW, what="Asked twice.")
            db.session.add(cord)
    assert jobs.lapse_offers(late) == 0
    with pytest.raises(Refused) as refused:
        act(lambda: actions.lapse(cast.rita, built.application_id, now=late))
    assert rule_ids(refused) == {"requisition.open" if by == "hold" else "andon.clear"}
    with writing():
        pipeline.lock_application(built.application_id).held_at = None
        for row in db.session.scalars(select(Cord)):
            row.cleared_at, row.cleared_by, row.cause, row.correction = late, cast.amal.id, "x", "y"
    assert jobs.lapse_offers(late) == 1
    assert built.application.end_reason is EndReason.OFFER_LAPSED


def test_an_offer_does_not_lapse_by_hand_before_its_date(cast: Cast, built: Built) -> None:
    offer_made(cast, built)
    with pytest.raises(Refused, match="has until 2026-03-20"):
        act(lambda: actions.lapse(cast.rita, built.application_id, now=NOW))
    act(lambda: actions.lapse(cast.rita, built.application_id, now=NOW + timedelta(days=30)))
    assert built.application.end_reason is EndReason.OFFER_LAPSED


def test_a_candidate_who_reneges_frees_the_opening_and_drops_the_checklist(cast: Cast, built: Built) -> None:
    offer_made(cast, built)
    accept(cast.rita, built)
    act(lambda: actions.renege(cast.rita, built.application_id, "A counter-offer.", now=NOW))
    assert (built.application.ended, built.application.end_reason) == (End.WITHDRAWN, EndReason.RENEGED)
    assert counts(built) == (0, 0)
    assert db.session.scalars(select(OnboardingTask)).all() == []
    assert db.session.scalars(select(HireReview)).all() == []


@pytest.mark.parametrize("accepted", [False, True])
def test_the_hiring_manager_rescinds_with_a_reason(cast: Cast, built: Built, accepted: bool) -> None:
    offer_made(cast, built, accepted=accepted)
    with pytest.raises(Forbidden, match="hiring manager"):
        act(lambda: actions.rescind(cast.rita, built.application_id, "Budget.", now=NOW))
    act(lambda: actions.rescind(cast.hector, built.application_id, "Forged degree.", now=NOW))
    assert (built.application.ended, built.application.end_reason) == (End.REJECTED, EndReason.RESCINDED)
    assert counts(built) == (0, 0)
    [told] = to_the_candidate()
    assert told.kind == "offer.rescinded"
    assert "offer" in told.body_text and "application for it ends" in told.body_text
    assert "Forged" not in told.body_text


def to_the_candidate() -> list[Notice]:
    return list(db.session.scalars(select(Notice).where(Notice.to_address == "nadia@candidates.example")))


def test_a_message_with_a_rescinded_offer_is_in_the_same_mail(cast: Cast, built: Built) -> None:
    offer_made(cast, built)
    act(lambda: actions.rescind(cast.hector, built.application_id, "Budget.", "The team was dissolved.", now=NOW))
    [told] = to_the_candidate()
    assert "no longer stands" in told.body_text and "The team was dissolved." in told.body_text
    assert "Budget" not in told.body_text


def test_a_prepared_offer_is_not_rescinded_into_a_rejection(cast: Cast, built: Built) -> None:
    prepare(cast.rita, built)
    with pytest.raises(Refused, match=r"offer\.open"):
        act(lambda: actions.rescind(cast.hector, built.application_id, "Changed our mind.", now=NOW))
    assert built.application.ended is None


def test_a_veto_closes_the_offer_that_is_out_and_no_yes_follows(cast: Cast, built: Built) -> None:
    offer_made(cast, built)
    act(lambda: debrief.veto(cast.bea, built.application_id, "Ownership was not shown.", ["Ownership"], now=NOW))
    assert offer_of(built).state is OfferState.RESCINDED
    [told] = to_the_candidate()
    assert told.kind == "offer.rescinded" and "application for it ends" in told.body_text
    assert "Ownership" not in told.body_text
    assert built.application.live_offer_id is None
    with pytest.raises(Refused) as refused:
        accept(cast.rita, built)
    assert "offer.open" in rule_ids(refused)
    assert built.application.offer_accepted_at is None


@pytest.mark.parametrize(("state", "closed"), [("prepared", OfferState.DROPPED), ("made", OfferState.RESCINDED)])
def test_a_return_to_the_debrief_voids_the_offer_and_asks_for_a_new_decision(
    cast: Cast, built: Built, state: str, closed: OfferState
) -> None:
    if state == "made":
        offer_made(cast, built)
    else:
        prepare(cast.rita, built)
    with writing():
        application = pipeline.lock_application(built.application_id)
        spine.go_back(application, Step.DEBRIEF, "New doubts.", actor_id=cast.hector.id, now=NOW)
    assert offer_of(built).state is closed
    assert counts(built) == (0, 0)
    with pytest.raises(Refused, match="No hire decision"):
        prepare(cast.hector, built)


def test_a_withdrawal_after_the_yes_counts_as_reneging(cast: Cast, built: Built) -> None:
    offer_made(cast, built, accepted=True)
    with writing():
        application = pipeline.lock_application(built.application_id)
        spine.end_application(application, End.WITHDRAWN, EndReason.RENEGED, actor_id=None, now=NOW)
    assert offer_of(built).state is OfferState.RENEGED
    assert built.application.offer_accepted_at is None


# --- Onboarding, arrival, reviews ----------------------------------------------------------------------------------


def test_arrival_hires_fills_the_oldest_opening_and_says_when_all_are_filled(cast: Cast, built: Built) -> None:
    offer_made(cast, built)
    accept(cast.rita, built)
    with pytest.raises(Refused, match=r"hire\.arrival: The start date is 2026-05-04"):
        act(lambda: onboarding.arrive(cast.rita, built.application_id, now=NOW))
    act(lambda: onboarding.arrive(cast.rita, built.application_id, now=STARTED))
    assert (built.application.ended, built.application.end_reason) == (End.HIRED, EndReason.ARRIVED)
    assert counts(built) == (0, 1)
    assert db.session.scalars(select(Opening.filled_by)).all() == [built.application_id]
    assert offer_of(built).state is OfferState.ARRIVED
    assert len(db.session.scalars(select(HireReview)).all()) == len(ReviewAt)


def test_moving_the_start_moves_tasks_and_reviews(cast: Cast, built: Built) -> None:
    offer_made(cast, built)
    accept(cast.rita, built)
    before = {task.id: task.due_on for task in db.session.scalars(select(OnboardingTask))}
    act(
        lambda: onboarding.move_start(
            cast.rita, built.application_id, date(2026, 5, 11), "A longer notice period.", now=NOW
        )
    )
    after = {task.id: task.due_on for task in db.session.scalars(select(OnboardingTask))}
    assert after == {key: day + timedelta(days=7) for key, day in before.items()}
    assert {row.due_on for row in db.session.scalars(select(HireReview))} == {date(2026, 8, 9), date(2027, 5, 11)}


def test_a_start_is_not_moved_into_the_past(cast: Cast, built: Built) -> None:
    offer_made(cast, built)
    accept(cast.rita, built)
    move = lambda day: onboarding.move_start(cast.rita, built.application_id, day, "They came.", now=NOW)  # noqa: E731
    with pytest.raises(Refused, match=r"hire\.arrival: The new start date is 2026-03-04; today is 2026-03-05"):
        act(lambda: move(date(2026, 3, 4)))
    assert offer_of(built).starts_on == DRAFT.starts_on
    act(lambda: move(date(2026, 3, 5)))
    act(lambda: onboarding.arrive(cast.rita, built.application_id, now=NOW))
    assert built.application.ended is End.HIRED


def test_who_moves_the_start_is_told_that_somebody_else_moved_it(cast: Cast, built: Built) -> None:
    offer_made(cast, built)
    accept(cast.rita, built)
    seen = offer_of(built).version
    move = lambda who, day, why: act(  # noqa: E731
        lambda: onboarding.move_start(who, built.application_id, day, why, expected_version=seen, now=NOW)
    )
    move(cast.rita, date(2026, 5, 11), "A longer notice period.")
    with pytest.raises(Stale) as stale:
        move(cast.hector, date(2026, 5, 18), "A holiday.")
    assert stale.value.current["starts_on"] == "2026-05-11"
    assert stale.value.current["text"] == "A longer notice period."
    assert offer_of(built).starts_on == date(2026, 5, 11)


def test_an_owner_of_a_task_sees_the_checklist_ticks_it_and_sees_no_pay(cast: Cast, built: Built) -> None:
    offer_made(cast, built)
    accept(cast.rita, built)
    with pytest.raises(NotVisible):
        queries.onboarding_for(cast.olga, built.application_id, now=NOW)
    task = act(
        lambda: onboarding.add_task(cast.rita, built.application_id, "Payroll", cast.olga.id, date(2026, 5, 1), now=NOW)
    )
    task_id = task.id
    assert queries.tasks_owed(cast.olga.id)[0].id == task_id
    with pytest.raises(NotVisible):
        act(lambda: onboarding.finish_task(cast.nora, task_id, now=NOW))
    act(lambda: onboarding.finish_task(cast.olga, task_id, now=NOW))
    assert queries.task(task_id).done_by == cast.olga.id
    mine = next(row for row, owner in queries.tasks_of(built.application_id) if owner.id == cast.hector.id)
    with pytest.raises(Forbidden, match="owner"):
        act(lambda: onboarding.finish_task(cast.olga, mine.id, now=NOW))
    with pytest.raises(NotVisible):
        queries.seen_by(cast.olga, built.application_id, now=NOW)


def test_a_hire_is_reviewed_against_every_outcome_once_due_by_the_hiring_manager(cast: Cast, built: Built) -> None:
    offer_made(cast, built)
    accept(cast.rita, built)
    act(lambda: onboarding.arrive(cast.rita, built.application_id, now=STARTED))
    review_id = db.session.scalars(select(HireReview.id).where(HireReview.at == ReviewAt.NINETY_DAYS)).one()
    answers = [(Reached.YES, "Since June."), (Reached.PARTLY, "By a third.")]

    def write(actor: Person, now: datetime, said: list[tuple[Reached, str]]) -> None:
        act(lambda: onboarding.write_review(actor, review_id, said, "Test on-call earlier.", now=now))

    due = STARTED + timedelta(days=90)
    with pytest.raises(Refused, match=r"hire\.review: .*due on 2026-08-02"):
        write(cast.hector, STARTED, answers)
    with pytest.raises(Refused, match="1 of 2 outcomes"):
        write(cast.hector, due, answers[:1])
    with pytest.raises(Forbidden, match="hiring manager"):
        write(cast.rita, due, answers)
    with pytest.raises(NotVisible):
        write(cast.bea, due, answers)
    assert [row.id for row in queries.reviews_owed(cast.hector.id, due.date())] == [review_id]
    write(cast.hector, due, answers)
    findings = queries.review(review_id).findings
    assert [(row["outcome"], row["reached"]) for row in findings] == [
        ("Ledger reconciles daily", "yes"),
        ("On-call load halves", "partly"),
    ]
    with pytest.raises(Refused, match="is written"):
        write(cast.hector, due, answers)


def test_leaving_people_owe_their_offers_tasks_and_reviews(cast: Cast, built: Built) -> None:
    offer_made(cast, built)
    accept(cast.rita, built)
    owed = [debt.what for debt in queries.debts(cast.hector.id)]
    assert "Offer to Nadia Novak" in owed
    assert "First week planned, team told: Nadia Novak" in owed


@pytest.mark.parametrize(
    ("starts_on", "answer_by"),
    [
        (date(2025, 5, 4), date(2026, 3, 20)),
        (date(2026, 5, 4), date(2026, 5, 5)),
        (date(2027, 5, 4), date(2026, 7, 1)),
    ],
)
def test_no_offer_is_prepared_with_impossible_days(cast: Cast, built: Built, starts_on: date, answer_by: date) -> None:
    with pytest.raises(Refused) as refused:
        prepare(cast.hector, built, Draft(9_500_000, "EUR", starts_on, answer_by))
    assert rule_ids(refused) == {"offer.open"}
    assert queries.newest_offer(built.application_id) is None

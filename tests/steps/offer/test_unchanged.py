"""What an offer and its onboarding keep: an exception while the pay stays, what is ticked, and whom they name."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from hiring.ground.audit import AuditEntry
from hiring.ground.database import NotVisible, db, writing
from hiring.people.rules import Invalid
from hiring.pipeline.rules import Step
from hiring.steps.offer import actions, onboarding
from hiring.steps.offer.models import OnboardingTask
from tests.builders import application_at
from tests.cast import Cast
from tests.steps.offer.test_actions import HIGH, NOW, accept, act, make, offer_of, prepare


def test_an_exception_outlasts_other_terms_at_the_same_pay_and_none_is_answered_that_nobody_asked(cast: Cast) -> None:
    built = application_at(cast, Step.OFFER)
    prepare(cast.rita, built, HIGH)
    with pytest.raises(NotVisible):
        act(lambda: actions.answer_exception(cast.amal, built.application_id, "Unasked.", grant=True, now=NOW))
    act(lambda: actions.ask_exception(cast.rita, built.application_id, "A rival offer.", now=NOW))
    act(lambda: actions.answer_exception(cast.amal, built.application_id, "Rare skill.", grant=True, now=NOW))
    prepare(cast.rita, built, replace(HIGH, terms="Relocation paid."))
    assert (offer_of(built).terms, offer_of(built).exception) == ("Relocation paid.", "Rare skill.")
    make(cast.hector, built)


def test_what_is_done_of_an_onboarding_is_ticked_once_and_stays_on_its_day(cast: Cast) -> None:
    built = application_at(cast, Step.OFFER)
    prepare(cast.rita, built)
    make(cast.hector, built)
    accept(cast.rita, built)
    tasks = db.session.query(OnboardingTask).order_by(OnboardingTask.id).all()
    done, due, open_due = tasks[0].id, tasks[0].due_on, {task.id: task.due_on for task in tasks[1:]}
    for minutes in (0, 5):
        act(lambda minutes=minutes: onboarding.finish_task(cast.rita, done, now=NOW + timedelta(minutes=minutes)))
    act(lambda: onboarding.move_start(cast.rita, built.application_id, date(2026, 6, 1), "Notice", now=NOW))
    assert db.session.get_one(OnboardingTask, done).done_at == NOW
    assert db.session.get_one(OnboardingTask, done).due_on == due
    assert all(db.session.get_one(OnboardingTask, one).due_on > before for one, before in open_due.items())
    assert db.session.query(AuditEntry).filter_by(act="onboarding.done").count() == 1
    with writing():
        cast.olga.disabled_at = NOW
    with pytest.raises(Invalid) as refused:
        act(lambda: onboarding.add_task(cast.rita, built.application_id, "Pay", cast.olga.id, due, now=NOW))
    assert refused.value.field == "owner"

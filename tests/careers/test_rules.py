"""How much a candidate is told."""

import pytest

from hiring.careers import rules
from hiring.careers.rules import Status
from hiring.pipeline.rules import End, EndReason, Step


@pytest.mark.parametrize(
    ("step", "status"),
    [
        (Step.RESUME_REVIEW, Status.RECEIVED),
        (Step.PHONE_SCREEN, Status.UNDER_REVIEW),
        (Step.INTERVIEW_LOOP, Status.INTERVIEWS),
        (Step.WRITTEN_FEEDBACK, Status.DECISION),
        (Step.DEBRIEF, Status.DECISION),
        (Step.REFERENCE_CHECK, Status.DECISION),
        (Step.OFFER, Status.DECISION),
    ],
)
def test_the_status_is_coarse_and_tells_no_decision_before_an_offer_is_made(step, status):
    assert rules.standing(step, None, offer_out=False).status is status


def test_an_offer_that_is_out_shows_and_every_end_is_closed():
    assert rules.standing(Step.OFFER, None, offer_out=True).status is Status.OFFER
    for end in End:
        standing = rules.standing(Step.DEBRIEF, end, offer_out=False)
        assert (standing.status, standing.live) == (Status.CLOSED, False)


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        (EndReason.CANDIDATE, "You withdrew this application."),
        (EndReason.OFFER_DECLINED, "You declined our offer."),
        (EndReason.NO_SHOWS, "Nothing more happens with this application."),
        (EndReason.OFFER_LAPSED, "Nothing more happens with this application."),
    ],
)
def test_who_left_reads_what_they_did_and_nothing_that_they_did_not(reason, words):
    assert rules.standing(Step.OFFER, End.WITHDRAWN, reason, offer_out=False).what_next == words


def test_only_what_is_under_way_is_withdrawn():
    assert rules.why_not_withdraw(None) == []
    for end in End:
        [refusal] = rules.why_not_withdraw(end)
        assert refusal.rule.id == "application.under_way"
        assert ("You have withdrawn" in refusal.facts) == (end is End.WITHDRAWN)


def test_the_thirtieth_file_from_an_address_is_taken_and_the_next_waits() -> None:
    assert not rules.too_many_uploads(29) and rules.too_many_uploads(30)

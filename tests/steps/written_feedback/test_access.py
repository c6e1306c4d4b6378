"""A kit closes with the standing that opened it, and a practice with the shadow's place."""

import pytest

from hiring.ground.database import NotVisible, Stale, db, writing
from hiring.pipeline import actions as spine
from hiring.pipeline.rules import Part, Step
from hiring.steps.interview_loop.models import Shadow
from hiring.steps.written_feedback import actions, queries
from hiring.steps.written_feedback.rules import Vote
from tests.builders import LOOP_DAY, application_at
from tests.cast import Cast
from tests.steps.written_feedback.entries import entry_for
from tests.steps.written_feedback.test_actions import AFTER


def test_a_recruiter_whose_part_in_the_loop_ended_reads_the_file_and_no_kit(cast: Cast) -> None:
    built = application_at(cast, Step.WRITTEN_FEEDBACK)
    assert queries.kit(cast.rita, built.seats["rita"], now=AFTER).seat.person_id == cast.rita.id
    with writing():
        spine.leave(built.application_id, cast.rita.id, Part.SEAT, now=AFTER)
    with pytest.raises(NotVisible):
        queries.kit(cast.rita, built.seats["rita"], now=AFTER)


def test_a_shadow_who_left_has_no_practice_to_write(cast: Cast) -> None:
    built = application_at(cast, Step.WRITTEN_FEEDBACK)
    with writing():
        shadow = Shadow(seat_id=built.seats["iris"], person_id=cast.tara.id)
        db.session.add(shadow)
        spine.join(built.application_id, cast.tara.id, Part.SHADOW, now=LOOP_DAY)
    assert queries.practice_for(cast.tara, shadow.id, now=AFTER).refusals == ()
    with writing():
        db.session.get_one(Shadow, shadow.id).left_at = AFTER
    with pytest.raises(NotVisible):
        queries.practice_for(cast.tara, shadow.id, now=AFTER)


def test_of_two_drafts_only_what_differs_is_told_the_vote_as_well(cast: Cast) -> None:
    built = application_at(cast, Step.WRITTEN_FEEDBACK)
    seat = built.seats["iris"]
    for version, vote in ((0, Vote.INCLINED), (1, Vote.NOT_INCLINED)):
        with writing():
            actions.save_draft(cast.iris, seat, entry_for(seat, vote=vote), now=AFTER, expected_version=version)
    with pytest.raises(Stale) as caught, writing():
        actions.save_draft(cast.iris, seat, entry_for(seat), now=AFTER, expected_version=1)
    assert caught.value.current == {"vote": Vote.NOT_INCLINED.label, "version": "2"}

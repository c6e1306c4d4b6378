"""Judgements that meet in the same instant, on both engines."""

from collections.abc import Iterator
from datetime import datetime

from flask import Flask
from sqlalchemy import func, select

from hiring.ground.audit import AuditEntry
from hiring.ground.database import Stale, db
from hiring.ground.outbox import Notice
from hiring.ground.rulebook import Refused
from hiring.pipeline.rules import End, EndReason, Step
from hiring.steps.debrief import actions, queries, room_actions
from hiring.steps.debrief.models import Veto
from hiring.steps.debrief.rules import BoardMark, Decision, Phase
from hiring.steps.written_feedback.rules import Vote
from tests.conftest import Engine
from tests.races import Race, race, rounds
from tests.repeats import Repeats
from tests.steps.debrief.conftest import OPENED, SEATED, Debrief

ENDED = "This application has ended: rejected."


def meetings(engine: Engine, repeats: Repeats, debrief: Debrief, full: int = 1_000) -> Iterator[Race]:
    """Rounds of a debrief that waits for the decision."""

    def make() -> datetime:
        return debrief.decide().now

    for turn, debrief.now in rounds(engine, repeats, make, full):
        yield turn


def acts_on_record(act: str) -> int:
    return db.session.scalar(select(func.count()).where(AuditEntry.act == act)) or 0


def assert_vetoed(debrief: Debrief) -> None:
    """The veto ended it, once, whatever else was decided."""
    row = debrief.application
    assert (row.ended, row.end_reason, row.live_offer_id) == (End.REJECTED, EndReason.VETO, None)
    assert row.vetoed_at is not None and db.session.query(Veto).count() == 1
    assert debrief.meeting.phase is not Phase.DECIDE
    assert acts_on_record("debrief.veto") == acts_on_record("application.end") == 1
    assert db.session.query(Notice).filter_by(kind="application.decided").count() == 1


def test_a_veto_and_a_hire_in_the_same_instant_end_in_the_veto(
    engine: Engine, app: Flask, debrief: Debrief, repeats: Repeats
) -> None:
    cast, i = debrief.cast, debrief.built.application_id
    for turn in meetings(engine, repeats, debrief):
        course = turn.meet(
            veto=lambda: actions.veto(cast.bea, i, "Ownership.", ["Ownership"], now=debrief.now).id,
            decide=lambda: actions.decide(cast.hector, i, Decision.HIRE, "Raises the bar.", now=debrief.now).id,
        )
        decided = course.first == "decide"
        if not decided:
            assert course.refused("decide")["decision.hiring_manager"] == ENDED
        assert (debrief.meeting.decision is Decision.HIRE) is decided
        assert acts_on_record("debrief.decide") == int(decided)
        assert_vetoed(debrief)


def test_a_veto_and_a_no_hire_in_the_same_instant_end_it_once(
    engine: Engine, app: Flask, debrief: Debrief, repeats: Repeats
) -> None:
    cast, i = debrief.cast, debrief.built.application_id
    for turn in meetings(engine, repeats, debrief, 200):
        course = turn.meet(
            veto=lambda: actions.veto(cast.bea, i, "Ownership.", ["Ownership"], now=debrief.now).id,
            decide=lambda: actions.decide(cast.hector, i, Decision.NO_HIRE, "No.", now=debrief.now).id,
        )
        if course.first == "veto":
            assert course.refused("decide")["decision.hiring_manager"] == ENDED
            assert_vetoed(debrief)
        else:
            assert course.refused("veto")["decision.veto"] == ENDED
            row = debrief.application
            assert (row.ended, row.end_reason, row.vetoed_at) == (End.REJECTED, EndReason.NO_HIRE, None)
            assert queries.veto_of(row.id) is None and acts_on_record("application.end") == 1


def test_a_veto_beats_or_follows_a_concurrence_but_never_loses(
    engine: Engine, app: Flask, debrief: Debrief, repeats: Repeats
) -> None:
    cast, i = debrief.cast, debrief.built.application_id

    def make() -> None:
        debrief.decided()

    for turn, _ in rounds(engine, repeats, make, 200):
        course = turn.meet(
            veto=lambda: actions.veto(cast.bea, i, "Ownership.", ["Ownership"], now=OPENED).id,
            concur=lambda: actions.concur(cast.bea, i, "", now=OPENED).id,
        )
        if course.first == "veto":
            assert course.refused("concur")["decision.concurrence"] == ENDED
        assert_vetoed(debrief)
        assert debrief.application.step is (Step.DEBRIEF if course.first == "veto" else Step.REFERENCE_CHECK)


def test_two_decisions_in_the_same_instant_leave_one(app: Flask, debrief: Debrief) -> None:
    debrief.decide()
    cast, application_id = debrief.cast, debrief.built.application_id
    wrong = race(
        app,
        lambda: actions.decide(cast.hector, application_id, Decision.HIRE, "Yes.", now=debrief.now),
        lambda: actions.decide(cast.hector, application_id, Decision.NO_HIRE, "No.", now=debrief.now),
    )
    assert len(wrong) == 1 and isinstance(wrong[0], Refused)
    hired = debrief.meeting.decision is Decision.HIRE
    assert (debrief.application.ended is None) == hired


def test_the_last_two_re_votes_in_the_same_instant_open_the_seal_once(app: Flask, debrief: Debrief) -> None:
    debrief.revote()
    for who in SEATED[:-2]:
        debrief.does(room_actions.revote, who, Vote.INCLINED)
    cast, application_id = debrief.cast, debrief.built.application_id
    wrong = race(
        app,
        lambda: room_actions.revote(cast.iris, application_id, Vote.INCLINED, now=debrief.now),
        lambda: room_actions.revote(cast.irma, application_id, Vote.NOT_INCLINED, now=debrief.now),
    )
    assert wrong == []
    assert debrief.meeting.revealed_at is not None and len(queries.revotes(debrief.meeting)) == 5


def test_two_marks_in_the_same_instant_tell_one_of_the_other(app: Flask, debrief: Debrief) -> None:
    debrief.board()
    cast, application_id, item = debrief.cast, debrief.built.application_id, debrief.built.items["Ownership"]
    wrong = race(
        app,
        lambda: room_actions.mark(
            cast.hector, application_id, item, BoardMark.MET, "They owned it.", now=debrief.now, shown=0
        ),
        lambda: room_actions.mark(
            cast.bea, application_id, item, BoardMark.NOT_MET, "They did not.", now=debrief.now, shown=0
        ),
    )
    assert [type(one) for one in wrong] == [Stale] and len(debrief.meeting.board) == 1

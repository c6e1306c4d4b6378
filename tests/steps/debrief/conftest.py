from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest

from hiring.ground.database import db, writing
from hiring.pipeline import actions as spine
from hiring.pipeline import queries as applications
from hiring.pipeline.models import Application
from hiring.pipeline.rules import Part, Step
from hiring.steps.debrief import actions, queries, room_actions
from hiring.steps.debrief.models import BoardEntry, Meeting
from hiring.steps.debrief.rules import BoardMark, Decision, Phase
from hiring.steps.interview_loop.models import Seat
from hiring.steps.interview_loop.rules import SeatKind, SeatState
from hiring.steps.written_feedback.rules import Vote
from tests.builders import LOOP_DAY, Built, application_at
from tests.cast import Cast

OPENED = LOOP_DAY + timedelta(hours=7)
SEATED = ("hector", "rita", "bea", "iris", "irma")


@dataclass
class Debrief:
    """A debrief played by its people; every method is one or several of the product's own actions."""

    cast: Cast
    built: Built
    now: datetime = OPENED

    def does(self, act: Callable[..., Any], who: str, *args: Any, **options: Any) -> Any:
        with writing():
            return act(getattr(self.cast, who), self.built.application_id, *args, now=self.now, **options)

    @property
    def meeting(self) -> Meeting:
        db.session.rollback()
        found = queries.meeting_of(self.built.application_id)
        assert found is not None
        return found

    @property
    def application(self) -> Application:
        db.session.rollback()
        return applications.application(self.built.application_id)

    def at(self, name: str, play: Callable[[], None]) -> "Debrief":
        """Play on to a point of the meeting, unless a test before this one already did."""

        def played() -> datetime:
            play()
            return self.now

        self.now = self.cast.made(f"debrief {name}", played)
        return self

    def advance(self) -> None:
        self.does(room_actions.advance, "bea", self.meeting.version)

    def gather(self, absent: tuple[str, ...] = ()) -> "Debrief":
        def play() -> None:
            self.does(room_actions.open_debrief, "bea")
            for who in SEATED:
                if who not in (*absent, "bea"):
                    self.does(room_actions.attend, who)

        return self.at(f"gathered without {absent}", play)

    def read(self, absent: tuple[str, ...] = ()) -> "Debrief":
        def play() -> None:
            self.gather(absent)
            self.advance()
            for who in SEATED:
                if who not in absent:
                    self.does(room_actions.start_reading, who)

        return self.at(f"read without {absent}", play)

    def revote(self, absent: tuple[str, ...] = ()) -> "Debrief":
        def play() -> None:
            self.read(absent)
            self.now += timedelta(minutes=5)
            self.advance()

        return self.at(f"re-voting without {absent}", play)

    def board(self, absent: tuple[str, ...] = ()) -> "Debrief":
        def play() -> None:
            self.revote(absent)
            for who in SEATED:
                if who not in absent:
                    self.does(room_actions.revote, who, Vote.STRONGLY_INCLINED)
            self.advance()

        return self.at(f"at the board without {absent}", play)

    def decide(self, gaps: tuple[str, ...] = ()) -> "Debrief":
        def play() -> None:
            self.board()
            for name, item_id in self.built.items.items():
                how = BoardMark.NOT_SHOWN if name in gaps else BoardMark.MET
                self.does(room_actions.mark, "bea", item_id, how, "" if name in gaps else "They rebuilt it.")
            self.advance()
            self.advance()
            assert self.meeting.phase is Phase.DECIDE

        return self.at(f"deciding with gaps {gaps}", play)

    def hire(self) -> "Debrief":
        def play() -> None:
            self.decide()
            self.does(actions.decide, "hector", Decision.HIRE, "Raises the bar.")

        return self.at("hire", play)

    def decided(self) -> "Debrief":
        """A hire that waits for the Bar Raiser, written down without playing the meeting."""
        with writing():
            visit = applications.open_visit(self.built.application_id)
            assert visit is not None
            meeting = Meeting(
                application_id=self.built.application_id,
                visit_id=visit.id,
                description_id=self.built.description_id,
                phase=Phase.DECIDE,
                chair_id=self.cast.bea.id,
                gathered_at=self.now,
                phase_at=self.now,
                decision=Decision.HIRE,
                reason="Raises the bar.",
                decided_by=self.cast.hector.id,
                decided_at=self.now,
            )
            meeting.board = [
                BoardEntry(item_id=item_id, mark=BoardMark.MET, evidence="Shown.", by=self.cast.bea.id)
                for item_id in self.built.items.values()
            ]
            db.session.add(meeting)
        return self

    def done(self) -> "Debrief":
        def play() -> None:
            self.hire()
            self.does(actions.concur, "bea", "I concur.")

        return self.at("done", play)


def hand_over(debrief: Debrief, old: str, new: str, kind: SeatKind) -> None:
    """Give somebody's seat to somebody else, who has not interviewed yet."""
    with writing():
        seat = db.session.get_one(Seat, debrief.built.seats[old])
        seat.state, seat.left_at = SeatState.HANDED_OVER, debrief.now
        db.session.flush()
        heir = getattr(debrief.cast, new)
        db.session.add(Seat(loop_id=seat.loop_id, person_id=heir.id, kind=kind, state=SeatState.HELD, handover=True))
        part = Part.BAR_RAISER if kind is SeatKind.BAR_RAISER else Part.SEAT
        spine.leave(debrief.built.application_id, seat.person_id, Part.BAR_RAISER, now=debrief.now)
        spine.join(debrief.built.application_id, heir.id, part, now=debrief.now)


@pytest.fixture
def debrief(cast: Cast) -> Debrief:
    """An application whose feedback is all in, and its people."""
    return Debrief(cast, application_at(cast, Step.DEBRIEF))

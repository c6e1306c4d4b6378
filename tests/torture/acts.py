"""What an act of the machine is, and the acts of the first four steps."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, TypeVar

from hiring.ground.database import db
from hiring.people.models import Person
from hiring.people.rules import Role
from hiring.pipeline.rules import Step
from hiring.steps.interview_loop import actions as loops
from hiring.steps.interview_loop.rules import ConflictKind, InterviewState, RedrawCause, SeatKind, VacateCause
from hiring.steps.phone_screen import actions as screens
from hiring.steps.phone_screen.rules import ScreenState, ScreenVerdict
from hiring.steps.resume_review import actions as resumes
from hiring.steps.resume_review.rules import Mark
from tests.torture.scene import Scene
from tests.torture.start import REASONS

Chosen = TypeVar("Chosen")


class Moment:
    """An act about to be done: by whom, on which application, with what chance."""

    def __init__(
        self, scene: Scene, actor_id: int, pick: Callable[[str, Sequence[Any]], Any], new: Callable[[], int]
    ) -> None:
        self.scene, self.actor_id, self._pick, self.new = scene, actor_id, pick, new
        self.id, self.now, self.rows = scene.id, scene.now, scene.rows

    def pick(self, what: str, among: Sequence[Chosen]) -> Chosen:
        """One of these; without any, the act has nothing to be done on."""
        if not among:
            raise NothingThere(what)
        found: Chosen = self._pick(what, among)
        return found

    def likely(self, what: str, usual: Chosen, *others: Chosen) -> Chosen:
        """The usual one four times of five."""
        return self.pick(what, [usual] * (4 * len(others)) + list(others))

    @property
    def actor(self) -> Person:
        """Who does it, as the session has them."""
        return db.session.get_one(Person, self.actor_id)

    @property
    def today(self) -> date:
        return self.now.date()

    @property
    def reasons(self) -> dict[str, str] | None:
        """Written reasons for what warns, most times."""
        return self.likely("reasons", REASONS, None)

    def version(self, row: Any) -> int | None:
        """The version of a page that is up to date, most times."""
        return self.likely("shown", row.version, row.version - 1) if row is not None else None

    def somebody(self, what: str = "whom") -> int:
        """Anybody here."""
        return self.pick(what, self.scene.people.here)

    def seat(self) -> Any:
        """A held seat, the actor's own first."""
        own = self.scene.seat_of(self.actor_id)
        return self.likely("seat", own, *self.scene.seats) if own else self.pick("seat", self.scene.seats)

    def slot(self, hours: Sequence[int]) -> tuple[datetime, datetime]:
        """Three quarters of an hour, some whole hours ahead."""
        begins = self.now.replace(minute=0, second=0) + timedelta(hours=self.pick("in hours", hours))
        return begins, begins + timedelta(minutes=45)


class NothingThere(Exception):
    """The act would need a row that is not there; no page would offer it."""


Fits = Callable[[Scene], object]
Who = Callable[[Scene], Collection[int]]


@dataclass(frozen=True)
class Act:
    """One thing that people do. ``fits``: when it is worth trying; ``who``: nobody else ever succeeds with it.

    ``weight``: how often it is tried where it fits.
    """

    name: str
    fits: Fits
    who: Who
    do: Callable[[Moment], object]
    weight: int = 2

    @property
    def around(self) -> bool:
        """Whether it is not one of its step, but one that may come between at any time."""
        return self.name in COMING_IN or self.name.partition(".")[0] in AROUND


ACTS: list[Act] = []
AROUND = ("application", "cord", "description", "level", "opening", "person", "requisition")
COMING_IN = ("resume.add", "resume.apply", "resume.apply_inside", "resume.merge")


def act(
    name: str, fits: Fits, who: Who, weight: int = 2
) -> Callable[[Callable[[Moment], object]], Callable[[Moment], object]]:
    """Register an act."""

    def register(do: Callable[[Moment], object]) -> Callable[[Moment], object]:
        ACTS.append(Act(name, fits, who, do, weight))
        return do

    return register


def owners(scene: Scene) -> Collection[int]:
    return scene.may(scene.owners)


def bookers(scene: Scene) -> Collection[int]:
    return scene.may(scene.bookers)


def administrators(scene: Scene) -> Collection[int]:
    return scene.may(scene.administrators)


def anybody(scene: Scene) -> Collection[int]:
    return scene.people.here


# --- Résumés -------------------------------------------------------------------------------------------------------


@act("resume.mark", lambda s: s.at(Step.RESUME_REVIEW), owners, weight=4)
def mark(m: Moment) -> None:
    how = {
        one.id: (m.likely("mark", Mark.MET, Mark.NOT_MET, Mark.NOT_SHOWN), "On page 1.") for one in m.scene.must_haves
    }
    resumes.save_marks(m.actor, m.id, how, expected=None, now=m.now)


@act("resume.pass_on", lambda s: s.at(Step.RESUME_REVIEW), owners, weight=4)
def pass_on(m: Moment) -> None:
    resumes.pass_on(m.actor, m.id, now=m.now)


@act("resume.turn_down", lambda s: s.at(Step.RESUME_REVIEW), owners)
def turn_down(m: Moment) -> None:
    resumes.turn_down(m.actor, m.id, "Not this time.", now=m.now)


# --- Phone screen --------------------------------------------------------------------------------------------------


def _bookers_of_calls(scene: Scene) -> Collection[int]:
    return scene.may(scene.bookers | scene.people.holders(Role.RECRUITER))


def _prepare(scene: Scene) -> Collection[int]:
    return scene.may(scene.owners | scene.screeners)


def _screener(scene: Scene) -> Collection[int]:
    return scene.may({scene.call.screener_id} if scene.call is not None else set())


def _call_is(*states: ScreenState) -> Fits:
    return lambda s: s.at(Step.PHONE_SCREEN) and s.call is not None and s.call.state in states


@act("screen.book", lambda s: s.at(Step.PHONE_SCREEN), _bookers_of_calls, weight=3)
def book_call(m: Moment) -> None:
    begins, _ = m.slot(range(1, 40))
    screener = m.likely("screener", None, *m.scene.people.here)
    screens.book(m.actor, m.id, screens.Plan(begins, 45, "By telephone", screener), now=m.now)


@act("screen.questions", _call_is(ScreenState.BOOKED), _prepare, weight=3)
def choose_questions(m: Moment) -> None:
    texts = ["Tell me about a time you disagreed.", "What did you build last?"]
    screens.choose_questions(m.actor, _call(m).id, texts, expected=m.version(_call(m)), now=m.now)


@act("screen.notes", _call_is(ScreenState.BOOKED, ScreenState.HELD), _screener, weight=3)
def save_notes(m: Moment) -> None:
    call = _call(m)
    notes = {one.id: {"situation": "A ledger."} for one in m.rows.all("screen_question", screen_id=call.id)}
    screens.save_notes(m.actor, call.id, notes, "Clear examples.", expected=m.version(call), now=m.now)


@act(
    "screen.report",
    _call_is(ScreenState.BOOKED),
    lambda s: {*_bookers_of_calls(s), *_screener(s)},
    weight=3,
)
def report_call(m: Moment) -> None:
    what = m.likely("what", ScreenState.HELD, *(one for one in ScreenState if one is not ScreenState.BOOKED))
    screens.report(m.actor, _call(m).id, what, now=m.now)


@act("screen.decide", _call_is(ScreenState.HELD), _screener, weight=4)
def decide_call(m: Moment) -> None:
    verdict = m.likely("verdict", ScreenVerdict.YES, *ScreenVerdict)
    go_on = m.pick("go on", [True, False])
    screens.decide(m.actor, _call(m).id, verdict, go_on=go_on, message="Thank you.", now=m.now)


@act("screen.go_on", lambda s: s.at(Step.PHONE_SCREEN), _prepare, weight=3)
def go_on_from_call(m: Moment) -> None:
    screens.go_on(m.actor, m.id, now=m.now)


def _call(m: Moment) -> Any:
    return m.pick("call", m.rows.all("phone_screen", application_id=m.id)[-1:])


# --- The loop ------------------------------------------------------------------------------------------------------

AHEAD = range(15, 15 + 24 * 4)


def _changes(scene: Scene) -> bool:
    """Whether its loop may change at all."""
    return scene.at(Step.INTERVIEW_LOOP, Step.WRITTEN_FEEDBACK, Step.DEBRIEF) and scene.loop is not None


def _before(scene: Scene) -> bool:
    return _changes(scene) and any(not scene.begun(one) for one in scene.seats)


def _not_begun(m: Moment) -> Any:
    ahead = [one for one in m.scene.seats if not m.scene.begun(one)]
    return m.likely("seat", m.pick("ahead", ahead), *m.scene.seats) if ahead else m.pick("seat", m.scene.seats)


@act("loop.compose", lambda s: s.at(Step.INTERVIEW_LOOP) and s.loop is None, bookers, weight=6)
def compose(m: Moment) -> None:
    loops.compose(m.actor, m.id, now=m.now)


@act("loop.seat", _changes, owners, weight=3)
def add_seat(m: Moment) -> None:
    kind = m.likely("kind", None, *SeatKind)
    item = m.pick("tests", m.scene.items).id
    loops.add_seat(m.actor, m.id, m.somebody(), kind=kind, items=[item], now=m.now, reasons=m.reasons)


@act("loop.unseat", _before, owners)
def remove_seat(m: Moment) -> None:
    loops.remove_seat(m.actor, _not_begun(m).id, now=m.now, reasons=m.reasons)


@act("loop.replace", _before, owners)
def replace_seat(m: Moment) -> None:
    loops.replace_seat(m.actor, _not_begun(m).id, m.somebody(), now=m.now, reasons=m.reasons)


@act("loop.plan", _before, owners)
def plan(m: Moment) -> None:
    seat, items = _not_begun(m), m.scene.items
    chosen = [m.pick("first", items[:4]).id, m.pick("second", items[4:]).id]
    shown = m.likely("shown", seat.plan_version, seat.plan_version - 1)
    loops.plan(m.actor, seat.id, chosen, {chosen[0]: "When did you last …?"}, now=m.now, reasons=m.reasons, shown=shown)


@act("loop.slot", _changes, bookers, weight=3)
def set_slot(m: Moment) -> None:
    seat = _not_begun(m)
    shown = m.likely("shown", seat.slot_version, seat.slot_version - 1)
    begins, ends = m.slot(AHEAD)
    loops.set_slot(m.actor, seat.id, begins, ends, where="Room 2", now=m.now, reasons=m.reasons, shown=shown)


@act("loop.whole", lambda s: s.composing and _changes(s), owners, weight=4)
def plan_whole(m: Moment) -> None:
    """All that is missing before a loop can be confirmed: five seats, what each tests, slots on one day, a debrief."""
    there = [one.id for one in m.scene.seats]
    for _ in range(5 - len(there)):
        others = [one for one in m.scene.people.here if not m.scene.seat_of(one)]
        there.append(loops.add_seat(m.actor, m.id, m.pick("seated", others), now=m.now).id)
    items, (begins, _) = [one.id for one in m.scene.items], m.slot(AHEAD)
    for place, seat_id in enumerate(there):
        loops.plan(m.actor, seat_id, [items[place % 4], items[4 + place % 2]], {}, now=m.now)
        at = begins + timedelta(hours=place)
        loops.set_slot(m.actor, seat_id, at, at + timedelta(minutes=45), where="Room 1", now=m.now)
    at = begins + timedelta(hours=7)
    loops.book_debrief(m.actor, m.id, at, at + timedelta(hours=1), now=m.now)


@act("loop.shadow", _before, owners)
def add_shadow(m: Moment) -> None:
    loops.add_shadow(m.actor, _not_begun(m).id, m.somebody(), now=m.now, reasons=m.reasons)


@act("loop.unshadow", lambda s: _before(s) and s.shadows, owners)
def remove_shadow(m: Moment) -> None:
    loops.remove_shadow(m.actor, m.pick("shadow", m.scene.shadows).seat_id, now=m.now, reasons=m.reasons)


@act("loop.debrief", _changes, bookers, weight=1)
def book_debrief(m: Moment) -> None:
    begins, ends = m.slot(AHEAD)
    shown = m.scene.loop.debrief_version if m.scene.loop is not None else 0
    loops.book_debrief(m.actor, m.id, begins, ends, now=m.now, reasons=m.reasons, shown=shown)


@act("loop.recruiter", _changes, administrators, weight=1)
def name_recruiter(m: Moment) -> None:
    whom = m.pick("recruiter", [*sorted(m.scene.people.holders(Role.RECRUITER)), *m.scene.people.here])
    loops.name_recruiter(m.actor, m.id, whom, now=m.now)


@act("loop.confirm", lambda s: s.composing and _changes(s), bookers, weight=8)
def confirm(m: Moment) -> None:
    loops.confirm(m.actor, m.id, now=m.now, reasons=m.reasons)


def _holders(scene: Scene) -> Collection[int]:
    return scene.may(one.person_id for one in scene.seats)


@act("loop.accept", _before, _holders, weight=1)
def accept(m: Moment) -> None:
    loops.accept(m.actor, m.seat().id, now=m.now)


@act("loop.decline", _before, _holders, weight=1)
def decline(m: Moment) -> None:
    loops.decline(m.actor, m.seat().id, "I am away.", now=m.now)


@act(
    "loop.report",
    lambda s: _changes(s) and any(s.begun(one) for one in s.seats),
    lambda s: s.may({*s.bookers, *(one.person_id for one in s.seats), *s.raisers, *(s.administrators - s.manager)}),
    weight=4,
)
def report(m: Moment) -> None:
    begun = [m.scene.slots[one.id] for one in m.scene.seats if m.scene.begun(one)]
    slot = m.pick("interview", begun)
    outcome = m.pick("outcome", [one for one in InterviewState if one is not InterviewState.BOOKED])
    ended = m.likely("ended", None, slot.ends_at - timedelta(minutes=10), slot.ends_at + timedelta(minutes=10))
    loops.report(m.actor, slot.id, outcome, now=m.now, ended_at=ended)


@act(
    "loop.no_shows",
    lambda s: (
        s.at(Step.INTERVIEW_LOOP) and any(one.state is InterviewState.CANDIDATE_NO_SHOW for one in _interviews(s))
    ),
    lambda s: s.may(s.recruiter),
    weight=8,
)
def withdraw_for_no_shows(m: Moment) -> None:
    loops.withdraw_for_no_shows(m.actor, m.id, now=m.now)


def _interviews(scene: Scene) -> list[Any]:
    ids = {one.id for one in scene.all_seats}
    return [one for one in scene.rows.all("interview") if one.seat_id in ids]


@act("loop.nobody_came", lambda s: s.at(Step.INTERVIEW_LOOP) and len(s.booked) > 1, bookers, weight=1)
def nobody_came(m: Moment) -> None:
    """The candidate stays away from all that began."""
    begun = [one for one in m.scene.booked if one.starts_at <= m.now]
    for slot in [m.pick("first", begun), *begun[1:2]]:
        loops.report(m.actor, slot.id, InterviewState.CANDIDATE_NO_SHOW, now=m.now)


@act("loop.go_on", lambda s: s.at(Step.INTERVIEW_LOOP) and s.loop is not None and not s.booked, bookers)
def go_on(m: Moment) -> None:
    loops.go_on(m.actor, m.id, now=m.now)


@act(
    "loop.redraw",
    lambda s: s.at(Step.INTERVIEW_LOOP, Step.WRITTEN_FEEDBACK, Step.DEBRIEF),
    lambda s: s.may(s.administrators - s.manager),
    weight=1,
)
def redraw(m: Moment) -> None:
    loops.hand_over_bar_raiser(m.actor, m.id, m.pick("cause", list(RedrawCause)), "As they said.", now=m.now)


@act(
    "loop.vacate",
    lambda s: _changes(s) and any(s.begun(one) for one in s.seats),
    lambda s: s.may(s.administrators | s.raisers),
    weight=1,
)
def vacate(m: Moment) -> None:
    begun = [one for one in m.scene.seats if m.scene.begun(one)]
    loops.vacate(m.actor, m.pick("seat", begun).id, m.pick("cause", list(VacateCause)), "As they said.", now=m.now)


def _about_oneself(scene: Scene) -> Collection[int]:
    return scene.may(scene.people.here)  # only those who know of the application; themselves, or as administrator


@act("loop.conflict", _changes, _about_oneself, weight=1)
def declare(m: Moment) -> None:
    whom = m.likely("whom", m.actor_id, *m.scene.people.here)
    loops.declare_conflict(m.actor, m.id, whom, m.pick("kind", list(ConflictKind)), "A cousin.", now=m.now)


@act(
    "loop.no_conflict",
    lambda s: s.rows.all("conflict", candidate_id=s.app.candidate_id),
    _about_oneself,
)
def withdraw_conflict(m: Moment) -> None:
    declared = m.rows.all("conflict", candidate_id=m.scene.app.candidate_id)
    whom = m.pick("conflict", declared).person_id
    loops.withdraw_conflict(m.actor, m.id, whom, "It was a mistake.", now=m.now)

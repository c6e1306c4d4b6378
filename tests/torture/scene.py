"""One application as a snapshot tells it, and who stands where: the machine's own reading of sections 3 and 8."""

from collections.abc import Collection
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from hiring.people.rules import Role
from hiring.pipeline.rules import Part, Step
from hiring.steps.debrief.rules import Phase
from hiring.steps.interview_loop.rules import CURRENT, ENDED, InterviewState, LoopState, SeatKind, SeatState
from hiring.steps.offer.rules import LIVE
from tests.torture.rows import Rows

FILE_DAYS = timedelta(days=30)


class People:
    """Who everybody is."""

    def __init__(self, rows: Rows) -> None:
        self.rows = rows

    @cached_property
    def here(self) -> list[int]:
        """Those who can sign in."""
        return [one.id for one in self.rows.all("person") if one.disabled_at is None]

    @cached_property
    def _roles(self) -> set[tuple[int, Role]]:
        return {(one.person_id, one.role) for one in self.rows.all("role_grant") if one.until is None}

    def has(self, person_id: int, *roles: Role) -> bool:
        """Whether they hold one of these roles."""
        return any((person_id, role) in self._roles for role in roles)

    def holders(self, *roles: Role) -> set[int]:
        """Everybody here in one of these roles."""
        return {person for person in self.here if self.has(person, *roles)}

    def inside(self, person_id: int | None) -> set[int]:
        """An internal candidate, their manager and their reports."""
        if person_id is None:
            return set()
        manager = self.rows.get("person", person_id).manager_id
        reports = {one.id for one in self.rows.all("person", manager_id=person_id)}
        return {person_id, *reports} | ({manager} if manager else set())


class Scene:
    """One application now."""

    def __init__(self, rows: Rows, people: People, application_id: int, now: datetime) -> None:
        self.rows, self.people, self.id, self.now = rows, people, application_id, now

    @cached_property
    def app(self) -> Any:
        return self.rows.get("application", self.id)

    @property
    def live(self) -> bool:
        return self.app.ended is None

    def at(self, *steps: Step) -> bool:
        """Whether it is under way in one of these steps."""
        return self.live and self.app.step in steps

    @cached_property
    def requisition(self) -> Any:
        return self.rows.get("requisition", self.app.requisition_id)

    @cached_property
    def inside(self) -> set[int]:
        return self.people.inside(self.rows.get("candidate", self.app.candidate_id).person_id)

    # --- Who ------------------------------------------------------------------------------------------------------

    @property
    def lapsed(self) -> bool:
        """Whether the file has closed to those who only played a part."""
        decided = self.app.decided_at or self.app.ended_at
        return decided is not None and self.now > decided + FILE_DAYS

    @property
    def past(self) -> bool:
        """Whether the parts have ended altogether, but for the debrief's record."""
        return self.lapsed and not self.live

    @cached_property
    def _parts(self) -> list[Any]:
        return [one for one in self.rows.all("participation", application_id=self.id) if one.until is None]

    def parts(self, *parts: Part) -> set[int]:
        """Who plays one of these parts now."""
        return {one.person_id for one in self._parts if one.part in parts}

    @property
    def manager(self) -> set[int]:
        return {self.requisition.hiring_manager_id}

    @property
    def recruiter(self) -> set[int]:
        """Its recruiter, while they are one."""
        named = self.requisition.recruiter_id
        return {named} if self.people.has(named, Role.RECRUITER) else set()

    @property
    def owners(self) -> set[int]:
        return self.manager | self.recruiter

    @property
    def bookers(self) -> set[int]:
        return self.owners | self.people.holders(Role.COORDINATOR)

    @property
    def administrators(self) -> set[int]:
        return self.people.holders(Role.ADMINISTRATOR)

    @property
    def raisers(self) -> set[int]:
        """Who plays the Bar Raiser's part; also whom rotation named, before the loop is confirmed."""
        return self.parts(Part.BAR_RAISER)

    @property
    def screeners(self) -> set[int]:
        return self.parts(Part.SCREENER)

    def may(self, people: Collection[int]) -> list[int]:
        """Of these, those who are here and not on the candidate's inside."""
        return sorted(set(people).intersection(self.people.here) - self.inside)

    # --- What -----------------------------------------------------------------------------------------------------

    @cached_property
    def call(self) -> Any:
        return self.rows.last("phone_screen", application_id=self.id)

    @cached_property
    def loop(self) -> Any:
        return self.rows.last("loop", application_id=self.id)

    @property
    def composing(self) -> bool:
        return self.loop is not None and self.loop.state is LoopState.COMPOSING

    @cached_property
    def all_seats(self) -> list[Any]:
        return self.rows.all("seat", loop_id=self.loop.id) if self.loop is not None else []

    @cached_property
    def seats(self) -> list[Any]:
        return [one for one in self.all_seats if one.state is SeatState.HELD]

    def seat_of(self, person_id: int) -> Any:
        return next((one for one in self.seats if one.person_id == person_id), None)

    def seat_as(self, kind: SeatKind) -> Any:
        return next((one for one in self.seats if one.kind is kind), None)

    @cached_property
    def slots(self) -> dict[int, Any]:
        """The slot that counts, by seat."""
        ids = {one.id for one in self.all_seats}
        return {one.seat_id: one for one in self.rows.all("interview") if one.seat_id in ids and one.state in CURRENT}

    def begun(self, seat: Any) -> bool:
        slot = self.slots.get(seat.id)
        return slot is not None and slot.starts_at <= self.now

    @property
    def booked(self) -> list[Any]:
        """Interviews of held seats whose outcome nobody has said."""
        ids = {one.id for one in self.seats}
        return [s for s in self.slots.values() if s.state is InterviewState.BOOKED and s.seat_id in ids]

    @property
    def unwritten(self) -> list[Any]:
        """Held seats whose feedback may be written and is not in."""
        return [one for one in self.seats if one.submitted_at is None and self.begun(one)]

    def owes(self, seat: Any) -> bool:
        slot = self.slots.get(seat.id)
        return slot is not None and slot.state in ENDED

    @cached_property
    def shadows(self) -> list[Any]:
        ids = {one.id for one in self.all_seats}
        return [one for one in self.rows.all("shadow") if one.seat_id in ids and one.left_at is None]

    @cached_property
    def meeting(self) -> Any:
        found = [one for one in self.rows.all("meeting", application_id=self.id) if one.phase is not Phase.VOID]
        return found[-1] if found else None

    def in_phase(self, *phases: Phase) -> bool:
        return self.live and self.meeting is not None and self.meeting.phase in phases

    @cached_property
    def came(self) -> dict[int, Any]:
        found = self.rows.all("attendance", meeting_id=self.meeting.id) if self.meeting is not None else []
        return {one.person_id: one for one in found}

    @cached_property
    def items(self) -> list[Any]:
        description = self.app.description_id or self.requisition.description_id
        return self.rows.all("tested_item", description_id=description)

    @cached_property
    def must_haves(self) -> list[Any]:
        return self.rows.all("must_have", description_id=self.app.description_id)

    @cached_property
    def check(self) -> Any:
        visit = self.rows.last("step_visit", application_id=self.id, step=Step.REFERENCE_CHECK)
        return self.rows.last("reference_check", visit_id=visit.id) if visit else None

    @cached_property
    def references(self) -> list[Any]:
        return self.rows.all("reference", check_id=self.check.id) if self.check is not None else []

    @cached_property
    def offer(self) -> Any:
        """The one that is prepared, out or accepted."""
        found = [one for one in self.rows.all("offer", application_id=self.id) if one.state in LIVE]
        return found[-1] if found else None

    @cached_property
    def cords(self) -> list[Any]:
        """Pulled on it or on its requisition."""
        return [
            one
            for one in self.rows.all("cord")
            if one.cleared_at is None and (one.application_id == self.id or one.requisition_id == self.requisition.id)
        ]

"""Who may read what of an application (section 8), told from the rows, beside what the product's queries give them."""

from collections.abc import Callable
from typing import Any

from hiring.desk import queries as desk
from hiring.ground.database import Forbidden, NotVisible, db
from hiring.people.models import Person
from hiring.people.rules import Role
from hiring.pipeline import queries as pipeline
from hiring.pipeline import readers
from hiring.pipeline.models import Cord
from hiring.pipeline.rules import Part, Sight, may_see
from hiring.steps.debrief import queries as debriefs
from hiring.steps.debrief.models import Meeting
from hiring.steps.debrief.rules import Phase
from hiring.steps.interview_loop.rules import SeatState
from hiring.steps.offer import queries as offers
from hiring.steps.offer.rules import OfferState
from hiring.steps.phone_screen import queries as screens
from hiring.steps.reference_check import queries as references
from hiring.steps.written_feedback import queries as feedback
from hiring.steps.written_feedback.rules import FeedbackState
from hiring.transitions import cords
from tests.torture.scene import Scene

NOTHING = "may not know"
"""What a reader gets who may not know that there is anything."""


def expected(scene: Scene, reader: int) -> dict[str, object]:
    """What this reader may see, by kind of data."""
    here = reader in scene.people.here
    outside = here and reader not in scene.inside
    role = scene.people.has
    recruits, coordinates = role(reader, Role.RECRUITER), role(reader, Role.COORDINATOR)
    administers = role(reader, Role.ADMINISTRATOR)
    manages, recruiter = reader in scene.manager, reader in scene.recruiter
    parts = {one for one in Part if reader in scene.parts(one)}
    working = set() if scene.past else parts
    seated, submitted = _seat(scene, reader)
    on_loop = bool(parts & {Part.SEAT, Part.BAR_RAISER})
    wrote = submitted and on_loop
    all_in = bool(scene.seats) and all(one.submitted_at is not None for one in scene.seats)
    frame = outside and bool(recruits or coordinates or administers or manages or recruiter or working)
    file = outside and bool(recruits or coordinates or manages or (parts and not scene.lapsed))
    marks = outside and bool(
        recruits
        or manages
        or Part.SCREENER in working
        or (working & {Part.SEAT, Part.BAR_RAISER} and _told(scene, reader))
    )
    debrief = outside and (on_loop or manages or recruiter)
    done = scene.meeting is not None and scene.meeting.phase is Phase.DONE
    inside = submitted or (not seated and ((recruiter and all_in) or (manages and done)))
    rounds = [one for one in scene.rows.all("meeting", application_id=scene.id) if one.done_at is not None]
    asked = scene.rows.all("offer", application_id=scene.id)[-1:]
    waits = any(
        one.state is OfferState.PREPARED
        and one.exception_asked_at is not None
        and one.excepted_by is None
        and not one.exception_refusal
        for one in asked
    )
    reads = wrote if seated else recruiter and all_in_or_empty(scene)
    return {
        "frame": frame,
        "file": file,
        "listed": file,
        "marks": marks,
        "notes of calls": marks if frame else NOTHING,
        "feedback": (_authors(scene) if reads else frozenset()) if frame else NOTHING,
        "debrief": debrief,
        "record": bool(debrief and inside and rounds),
        "re-votes": _revotes(scene, reader),
        "pay": outside and bool(manages or recruiter or (administers and waits)),
        "references": outside and bool(manages or recruiter or Part.BAR_RAISER in working),
        "cords": _cords(scene, reader, outside=outside, here=here, working=working),
    }


def _seat(scene: Scene, reader: int) -> tuple[bool, bool]:
    seat = scene.seat_of(reader)
    return seat is not None, seat is not None and seat.submitted_at is not None


def _told(scene: Scene, reader: int) -> bool:
    """Whether their own feedback is in, as their part says."""
    mine = scene.rows.all("participation", application_id=scene.id, person_id=reader, until=None)
    return any(one.submitted_at is not None for one in mine if one.part in {Part.SEAT, Part.BAR_RAISER})


def all_in_or_empty(scene: Scene) -> bool:
    """Whether nothing is missing."""
    return all(one.submitted_at is not None for one in scene.seats)


def _authors(scene: Scene) -> frozenset[int]:
    ids = {one.id for one in scene.all_seats if one.state is not SeatState.REMOVED}
    given = scene.rows.all("feedback", state=FeedbackState.SUBMITTED)
    return frozenset(one.author_id for one in given if one.seat_id in ids)


def _revotes(scene: Scene, reader: int) -> frozenset[int]:
    meeting = scene.meeting
    if meeting is None:
        return frozenset()
    shown = meeting.revealed_at is not None or meeting.phase in {
        Phase.BOARD,
        Phase.DISCUSS,
        Phase.DECIDE,
        Phase.DONE,
    }
    cast = {one.person_id for one in scene.rows.all("attendance", meeting_id=meeting.id) if one.revoted_at is not None}
    return frozenset(cast if shown else cast & {reader})


def _cords(scene: Scene, reader: int, *, outside: bool, here: bool, working: set[Part]) -> frozenset[int]:
    rows, role = scene.rows, scene.people.has
    found = set()
    for cord in rows.all("cord"):
        if cord.application_id != scene.id and cord.requisition_id != scene.requisition.id:
            continue
        named = any(one.person_id == reader for one in rows.all("cord_named", cord_id=cord.id))
        owes = any(one.owner_id == reader for one in rows.all("cord_action", cord_id=cord.id))
        owner = reader in scene.owners
        if cord.application_id is not None:
            task = owner or role(reader, Role.ADMINISTRATOR, Role.COORDINATOR) or bool(working)
            if reader not in scene.inside and ((task and here) or named or owes):
                found.add(cord.id)
        elif owner or role(reader, Role.ADMINISTRATOR) or _has_part(scene, reader) or named or owes:
            found.add(cord.id)
    return frozenset(found)


def _has_part(scene: Scene, reader: int) -> bool:
    live = {one.id for one in scene.rows.all("application", requisition_id=scene.requisition.id) if one.ended is None}
    mine = scene.rows.all("participation", person_id=reader, until=None)
    return any(one.application_id in live for one in mine)


# --- What the queries give -----------------------------------------------------------------------------------------


def seen(scene: Scene, reader: Person) -> dict[str, object]:
    """What the product's queries give this reader."""
    about, now = scene.id, scene.now

    row = pipeline.application(about)
    stands = readers.stands(reader, row, now=now)

    def calls() -> object:
        pipeline.application_for(reader, about, now=now)
        found = screens.calls(about, stands)
        return found[0].readable if found else None

    meeting = db.session.get(Meeting, scene.meeting.id) if scene.meeting is not None else None
    return {
        "frame": may_see(Sight.FRAME, stands),
        "file": may_see(Sight.CANDIDATE_FILE, stands),
        "listed": any(
            row.application_id == about
            for row in desk.applications(reader, desk.Wanted(ended=None, before=about + 1), now=now)[0]
        ),
        "marks": may_see(Sight.MUST_HAVES, stands),
        "notes of calls": _given(calls),
        "feedback": _given(lambda: frozenset(one.author_id for one in feedback.readable(reader, about, now))),
        "debrief": _given(lambda: debriefs.application_for(reader, about, now=now)) is not NOTHING,
        "record": _given(lambda: debriefs.record_for(reader, about, now=now)) is not NOTHING,
        "re-votes": frozenset(debriefs.revotes(meeting, reader.id)) if meeting is not None else frozenset(),
        "pay": _given(lambda: offers.seen_by(reader, about, now=now)) is not NOTHING,
        "references": _given(lambda: references.application_for(reader, about, now=now)) is not NOTHING,
        "cords": frozenset(
            one.id
            for one in scene.rows.all("cord")
            if (one.application_id == about or one.requisition_id == scene.requisition.id)
            and _given(lambda one=one: _cord(reader, one.id, now)) is not NOTHING  # type: ignore[misc]
        ),
    }


def _cord(reader: Person, cord_id: int, now: Any) -> object:
    return cords.stands_towards(reader, db.session.get_one(Cord, cord_id), now=now)


def _given(ask: Callable[[], object]) -> object:
    try:
        return ask()
    except (NotVisible, Forbidden):
        return NOTHING


def differences(scene: Scene, reader: Person) -> list[str]:
    """What the reader is given and should not be, or should be and is not."""
    wanted, given = expected(scene, reader.id), seen(scene, reader)
    here = reader.id in scene.people.here
    return [
        f"{reader.name} on application {scene.id}: {kind} is {given[kind]}, should be {wanted[kind]}"
        for kind in wanted
        if wanted[kind] != given[kind]
        and not (kind == "notes of calls" and given[kind] is None)
        and (here or kind not in {"listed", "cords", "re-votes"})  # nobody signs in who has left
    ]

"""What happens while people sit together: open, arrive, read, re-vote, mark the board, take notes."""

from collections.abc import Mapping
from datetime import datetime

from hiring.ground import audit, policy
from hiring.ground.database import Stale, check_version, db, existing, surely
from hiring.ground.rulebook import Refusal, ensure
from hiring.people.models import Person
from hiring.pipeline import actions as spine
from hiring.pipeline import queries as applications
from hiring.pipeline.models import Application
from hiring.steps.debrief import queries
from hiring.steps.debrief import room_rules as rules
from hiring.steps.debrief.actions import at_table
from hiring.steps.debrief.models import Attendance, BoardEntry, DiscussionNote, Meeting
from hiring.steps.debrief.rules import BoardItem, BoardMark, DebriefPolicy, Phase, Table
from hiring.steps.interview_loop import queries as loops
from hiring.steps.written_feedback.rules import Vote


def _leading(actor: Person, table: Table) -> list[Refusal]:
    """Everybody else is forbidden; a Bar Raiser who took over submits first."""
    spine.require(table.bar_raiser_id == actor.id, f"This debrief is led by {table.bar_raiser}.")
    return rules.why_not_chair(table, actor.id)


def open_debrief(
    actor: Person, application_id: int, *, now: datetime, reasons: Mapping[str, str] | None = None
) -> Meeting:
    """The Bar Raiser opens the room; later than the next working day takes a written reason."""
    application, _, table = at_table(actor, application_id, now=now)
    refusals = [*_leading(actor, table), *queries.why_not_open(application, table, now)]
    spine.pass_warnings(refusals, reasons, application=application, actor_id=actor.id, now=now)
    visit = surely(applications.open_visit(application.id), "visit")
    meeting = Meeting(
        application_id=application.id,
        visit_id=visit.id,
        description_id=surely(application.description_id or application.requisition.description_id, "description"),
        phase=Phase.GATHER,
        chair_id=actor.id,
        gathered_at=now,
        phase_at=now,
        policy_version=policy.current().version,
        attendances=[Attendance(person_id=actor.id, present_at=now)],
    )
    db.session.add(meeting)
    db.session.flush()
    audit.record(actor.id, "debrief.open", "meeting", meeting.id, at=now, application=application.id)
    spine.say("Debrief opened.", application=application, actor_id=actor.id, now=now)
    return meeting


def attend(actor: Person, application_id: int, *, now: datetime) -> Attendance:
    """Take one's place; coming back clears a mark of absence."""
    _, meeting, table = at_table(actor, application_id, now=now)
    ensure(rules.why_not_attend(table, actor.id))
    meeting = surely(meeting, "debrief")
    own = _row(meeting, actor.id)
    if own is None:
        own = Attendance(person_id=actor.id)
        meeting.attendances.append(own)
    own.present_at = own.present_at or now
    own.absent_at, own.absent_reason = None, ""
    db.session.flush()
    return own


def mark_absent(actor: Person, application_id: int, person_id: int, reason: str, *, now: datetime) -> Meeting:
    """The Bar Raiser notes that somebody left without re-voting; their first vote stands, marked absent."""
    application, meeting, table = at_table(actor, application_id, now=now)
    ensure([*_leading(actor, table), *rules.why_not_mark_absent(table, person_id)])
    meeting = surely(meeting, "debrief")
    row = surely(_row(meeting, person_id), "attendance")
    row.absent_at, row.absent_reason = now, reason
    audit.record(actor.id, "debrief.mark_absent", "meeting", meeting.id, at=now, person=person_id)
    _reveal_when_all_in(application, meeting, now)
    return meeting


def advance(actor: Person, application_id: int, expected_version: int | None, *, now: datetime) -> Meeting:
    """The Bar Raiser moves the room to its next phase; the version shown keeps two clicks from skipping one."""
    application, meeting, table = at_table(actor, application_id, now=now)
    leading = _leading(actor, table)
    if meeting is not None:
        check_version(meeting, expected_version)
    ensure(leading or queries.why_not_advance(application, table, now))
    meeting = surely(meeting, "debrief")
    meeting.phase, meeting.phase_at, meeting.chair_id = meeting.phase.next, now, actor.id
    if meeting.phase is Phase.READ:
        # from here on written feedback takes no amendment
        surely(loops.loop_for(application.id), "loop").debrief_opened_at = now
    audit.record(actor.id, "debrief.advance", "meeting", meeting.id, at=now, phase=meeting.phase.value)
    db.session.flush()
    return meeting


def start_reading(actor: Person, application_id: int, *, now: datetime) -> Attendance:
    """Open the reading; the first time starts the clock of this person's five minutes."""
    _, meeting, table = at_table(actor, application_id, now=now)
    ensure(rules.why_not_read(table, actor.id))
    own = surely(_row(surely(meeting, "debrief"), actor.id), "attendance")
    own.reading_since = own.reading_since or now
    db.session.flush()
    return own


def revote(actor: Person, application_id: int, vote: Vote, *, now: datetime) -> Meeting:
    """Vote once more, sealed; the last one in shows all."""
    application, meeting, table = at_table(actor, application_id, now=now)
    ensure(rules.why_not_revote(table, actor.id, now, policy.current()[DebriefPolicy]))
    meeting = surely(meeting, "debrief")
    own = surely(_row(meeting, actor.id), "attendance")
    own.revote, own.revoted_at = vote, now
    audit.record(actor.id, "debrief.revote", "meeting", meeting.id, at=now)
    db.session.flush()
    _reveal_when_all_in(application, meeting, now)
    return meeting


def _reveal_when_all_in(application: Application, meeting: Meeting, now: datetime) -> None:
    if rules.all_in(queries.table(application, meeting), policy.current()[DebriefPolicy]):
        meeting.revealed_at = now
        db.session.flush()


def mark(
    actor: Person,
    application_id: int,
    item_id: int,
    how: BoardMark,
    evidence: str,
    *,
    now: datetime,
    shown: int | None = None,
) -> Meeting:
    """The Bar Raiser or the hiring manager marks a principle or competency; earlier marks stay on record.

    ``shown`` is the board's version on the page (``Table.board_version``): Stale when this item was marked since.
    """
    _, meeting, table = at_table(actor, application_id, now=now)
    leads = {table.bar_raiser_id, table.hiring_manager_id}
    spine.require(actor.id in leads, f"{table.bar_raiser} or {table.hiring_manager} marks the board.")
    item = _item(table, item_id)
    ensure(rules.why_not_marker(table, actor.id))
    _must_be_seen(meeting, item, shown)
    ensure([*rules.why_not_mark(table, how, evidence), *rules.why_not_change(table, actor.id, item)])
    meeting = surely(meeting, "debrief")
    meeting.board.append(BoardEntry(item_id=item_id, mark=how, evidence=evidence, by=actor.id))
    audit.record(actor.id, "debrief.mark", "meeting", meeting.id, at=now, item=item_id)
    db.session.flush()
    return meeting


def accept_gap(
    actor: Person, application_id: int, item_id: int, reason: str, *, now: datetime, shown: int | None = None
) -> Meeting:
    """The Bar Raiser accepts in writing that something was not shown; ``shown`` as in ``mark``."""
    _, meeting, table = at_table(actor, application_id, now=now)
    leading = _leading(actor, table)
    item = _item(table, item_id)
    ensure(leading)
    _must_be_seen(meeting, item, shown)
    ensure(rules.why_not_accept(table, item))
    meeting = surely(meeting, "debrief")
    marked = meeting.marks[item_id]
    meeting.board.append(
        BoardEntry(
            item_id=item_id,
            mark=marked.mark,
            evidence=marked.evidence,
            by=marked.by,
            accepted_by=actor.id,
            accepted_reason=reason,
        )
    )
    audit.record(actor.id, "debrief.accept_gap", "meeting", meeting.id, at=now, item=item_id)
    db.session.flush()
    return meeting


def _item(table: Table, item_id: int) -> BoardItem:
    return existing(next((item for item in table.board if item.item_id == item_id), None), f"item {item_id}")


def _must_be_seen(meeting: Meeting | None, item: BoardItem, shown: int | None) -> None:
    """Raise Stale, with what the board says now, when the item was marked after the page was shown."""
    if meeting is None or shown is None or item.mark is None or item.newest <= shown:
        return
    entry = meeting.marks[item.item_id]
    accepted = {"Accepted by the Bar Raiser": entry.accepted_reason} if entry.accepted_reason else {}
    current = {"mark": entry.mark.label, "evidence": entry.evidence} | accepted
    raise Stale(f"the mark on {item.name}", current | {"version": str(entry.id)})


def take_note(actor: Person, application_id: int, text: str, *, now: datetime) -> Meeting:
    """Note what is said in the discussion; anybody at the table."""
    _, meeting, table = at_table(actor, application_id, now=now)
    seat = table.seat_of(actor.id)
    spine.require(seat is not None and seat.present, "Those who are present take notes.")
    ensure(rules.why_not_discuss(table))
    meeting = surely(meeting, "debrief")
    meeting.notes.append(DiscussionNote(author_id=actor.id, text=text, at=now))
    db.session.flush()
    return meeting


def _row(meeting: Meeting, person_id: int) -> Attendance | None:
    return next((row for row in meeting.attendances if row.person_id == person_id), None)

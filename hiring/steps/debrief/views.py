"""Pages of step 6: the room, the reading, the memo."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from hiring.ground import clock, policy
from hiring.ground.database import NotVisible
from hiring.ground.forms import Form, whole_number
from hiring.ground.rulebook import Refusal
from hiring.ground.web import Problem, Room, perform
from hiring.ground.working_time import local_day
from hiring.people import queries as people
from hiring.people.models import Person
from hiring.people.reader import me
from hiring.pipeline.desk_items import DeskItem, desk_source
from hiring.pipeline.models import Application
from hiring.pipeline.rules import Sight, Stand, may_see
from hiring.steps.debrief import actions, decision_rules, forms, queries, records, room_actions, room_rules
from hiring.steps.debrief.models import Meeting, Veto
from hiring.steps.debrief.rules import BOARD_PHASES, BoardMark, DebriefPolicy, Decision, Phase, Table, speaking_order
from hiring.steps.written_feedback import queries as feedback
from hiring.steps.written_feedback.rules import Vote

room = Room("debrief", __name__)
F = TypeVar("F", bound=Form)
_TRACK = [phase for phase in Phase if phase is not Phase.VOID]


@dataclass(frozen=True)
class Seen:
    """What this reader finds: the meeting, the table, and whether they see what is inside."""

    application: Application
    meeting: Meeting | None
    table: Table
    inside: bool
    stands: frozenset[Stand]


def _seen(application_id: int) -> Seen:
    application, where = queries.application_for(me(), application_id, now=clock.now())
    meeting = queries.meeting_of(application_id)
    table = queries.table(application, meeting)
    return Seen(application, meeting, table, queries.sees_inside(me(), where, table), where)


@room.page("/applications/<id:application_id>/debrief")
def page(application_id: int) -> ResponseReturnValue:
    return _page(application_id)


def _page(application_id: int, problem: Problem | None = None, sent: Form | None = None) -> ResponseReturnValue:
    seen, now, reader = _seen(application_id), clock.now(), me()
    application, meeting, table = seen.application, seen.meeting, seen.table
    kept = {item.item_id: room_rules.why_not_change(table, reader.id, item) for item in table.board}
    rated = seen.inside and table.phase in BOARD_PHASES
    texts = feedback.readable(reader, application_id, now, sight=Sight.DEBRIEF) if rated else []
    veto = queries.veto_of(application_id) if application.vetoed_at else None
    votes = queries.revotes(meeting) if meeting and table.revealed and seen.inside else {}
    return render_template(
        "steps/debrief/page.html",
        application=application,
        meeting=meeting,
        table=table,
        inside=seen.inside,
        blind=[] if seen.inside else feedback.why_not_read_others(reader, application, now=now),
        seat=table.seat_of(reader.id),
        leads=table.bar_raiser_id == reader.id,
        manages=table.hiring_manager_id == reader.id,
        phases=[(phase.value, phase.label) for phase in _TRACK],
        next_move=room_rules.next_move(table, inside=seen.inside),
        minutes=policy.current()[DebriefPolicy].read_minutes,
        form=lambda action: _form(
            forms.BY_ACTION[action], seen, sent, closed={one for one, why in kept.items() if why}
        ),
        kept=[refusal for refusals in kept.values() for refusal in refusals],
        blocked=_blocked(seen, reader, now),
        incomplete=queries.why_not_complete(application, now) if meeting and meeting.phase.under_way else [],
        speaking=speaking_order(table.present),
        votes=[(one, votes.get(one.person_id)) for one in (feedback.first_votes(application_id) if votes else [])],
        views=texts,
        matrix=feedback.matrix(texts),
        names=_names(meeting, veto, table.names),
        veto=veto,
        rounds=queries.rounds(application_id) if seen.inside else [],
        reconvened=queries.reconvened(meeting, application_id),
        facts_open=may_see(Sight.REFERENCES, seen.stands),
        agreed=lambda: queries.agreements(application_id),
        problem=problem,
    )


def _form(kind: type[Form], seen: Seen, sent: Form | None, *, closed: set[int]) -> Form:
    """What was sent, or an untouched form; its choices leave out what this reader cannot mark (``closed``)."""
    table, meeting = seen.table, seen.meeting
    form = sent if isinstance(sent, kind) else kind(formdata=None)
    without: set[int] = set()
    if isinstance(form, forms.MarkForm) and form is not sent:
        without = closed
        form.item.data = next((item.item_id for item in table.board if item.mark is None), None)
    if isinstance(form, forms.GapForm) and form is not sent:
        without = {item.item_id for item in table.board} - {item.item_id for item in table.unsettled}
    forms.offer_choices(form, table, without=without)
    if isinstance(form, forms.MarkForm | forms.GapForm):
        form.version.data = str(table.board_version)
    if isinstance(form, forms.AdvanceForm) and meeting is not None:
        form.version.data = str(meeting.version)
    return form


def _names(meeting: Meeting | None, veto: Veto | None, known: dict[int, str]) -> dict[int, str]:
    """Of everybody whom the page speaks of; who vetoed may have taken the seat over and come to no meeting.

    ``known``: names that the page has already.
    """
    ids = {veto.by} if veto else set()
    if meeting is not None:
        ids |= {note.author_id for note in meeting.notes} | {row.person_id for row in meeting.attendances}
        ids |= {entry.by for entry in meeting.board}
        ids |= {one for one in (meeting.decided_by, meeting.concurred_by) if one}
    return known | people.names(ids - known.keys())


def _blocked(seen: Seen, reader: Person, now: datetime) -> Callable[[str], list[Refusal]]:
    """Why not, by form: the same questions that the actions ask, put only for what the page shows this reader."""
    table, figures, who = seen.table, policy.current()[DebriefPolicy], reader.id
    chair = room_rules.why_not_chair(table, who)
    own = next((row for row in seen.meeting.attendances if row.person_id == who), None) if seen.meeting else None
    questions: dict[str, Callable[[], list[Refusal]]] = {
        "debrief.open": lambda: [*chair, *queries.why_not_open(seen.application, table, now)],
        "debrief.attend": lambda: room_rules.why_not_attend(table, who),
        "debrief.advance": lambda: chair or queries.why_not_advance(seen.application, table, now),
        "debrief.start_reading": lambda: room_rules.why_not_read(table, who),
        "debrief.revote": lambda: room_rules.why_not_revote(table, who, now, figures),
        "debrief.mark_absent": lambda: [*chair, *room_rules.why_not_mark_absent(table)],
        "debrief.mark": lambda: room_rules.why_not_marker(table, who) or room_rules.why_not_mark(table),
        "debrief.accept_gap": lambda: chair or room_rules.why_not_accept(table),
        "debrief.note": lambda: room_rules.why_not_discuss(table),
        "debrief.decide": lambda: decision_rules.why_not_decider(table, who) or decision_rules.why_not_decide(table),
        "debrief.decide a hire": lambda: queries.why_not_hire(seen.application, table, now),
        "debrief.concur": lambda: (
            decision_rules.why_not_vetoer(table, who) or queries.why_not_concur(seen.application, table, now)
        ),
        "debrief.dissent": lambda: decision_rules.why_not_dissent(
            table, who, dissented=own is not None and own.dissent_at is not None
        ),
        "debrief.veto": lambda: [
            *decision_rules.why_not_vetoer(table, who),
            *decision_rules.why_not_veto(table, queries.veto_facts(seen.application)),
        ],
        "debrief.agree_to_reject": lambda: queries.why_not_agree(seen.application, table, who),
    }
    return lambda form: questions[form]()


@room.page("/applications/<id:application_id>/debrief/reading")
def reading(application_id: int) -> ResponseReturnValue:
    seen = _seen(application_id)
    rows = seen.meeting.attendances if seen.meeting else []
    since = next((row.reading_since for row in rows if row.person_id == me().id), None)
    if since is None:
        return redirect(url_for(".page", application_id=application_id))
    return render_template(
        "steps/debrief/reading.html",
        application=seen.application,
        since=since,
        minutes=policy.current()[DebriefPolicy].read_minutes,
        views=feedback.all_for_debrief(me(), application_id, clock.now()),
    )


@room.page("/applications/<id:application_id>/debrief/memo")
def memo(application_id: int) -> ResponseReturnValue:
    given = request.args.get("round")
    number = whole_number(given)
    if given and number is None:
        raise NotVisible(f"round {given}")
    application, meeting = queries.record_for(me(), application_id, number, now=clock.now())
    rounds = [row.id for row in queries.rounds(application_id)]
    veto = queries.veto_of(application_id) if application.vetoed_at and meeting.id == rounds[-1] else None
    return render_template(
        "steps/debrief/memo.html",
        application=application,
        record=meeting.frozen or records.record(application, meeting),
        round=rounds.index(meeting.id) + 1,
        rounds=len(rounds),
        stands=meeting.phase is Phase.DONE,
        done_at=meeting.done_at,
        dissents=[row for row in meeting.attendances if row.dissent_at],
        names=_names(meeting, veto, {}),
        veto=veto,
        instant=datetime.fromisoformat,
    )


# --- Acts --------------------------------------------------------------------------------------------------------


def _act(
    application_id: int, kind: type[F], act: Callable[[F, Person, datetime], object], *, then: str = ".page"
) -> ResponseReturnValue:
    """One form of the room: choices from the table as it stands, then the action."""
    seen = _seen(application_id)
    form = kind()
    forms.offer_choices(form, seen.table)
    return perform(
        form,
        lambda: act(form, me(), clock.now()),
        done=url_for(then, application_id=application_id),
        again=lambda problem: _page(application_id, problem, form),
    )


@room.act("/applications/<id:application_id>/debrief/open")
def open_(application_id: int) -> ResponseReturnValue:
    return _act(
        application_id,
        forms.OpenForm,
        lambda form, who, now: room_actions.open_debrief(who, application_id, now=now, reasons=form.reasons()),
    )


@room.act("/applications/<id:application_id>/debrief/attend")
def attend(application_id: int) -> ResponseReturnValue:
    return _act(
        application_id, forms.AttendForm, lambda form, who, now: room_actions.attend(who, application_id, now=now)
    )


@room.act("/applications/<id:application_id>/debrief/advance")
def advance(application_id: int) -> ResponseReturnValue:
    return _act(
        application_id,
        forms.AdvanceForm,
        lambda form, who, now: room_actions.advance(who, application_id, form.shown_version, now=now),
    )


@room.act("/applications/<id:application_id>/debrief/read")
def start_reading(application_id: int) -> ResponseReturnValue:
    return _act(
        application_id,
        forms.ReadForm,
        lambda form, who, now: room_actions.start_reading(who, application_id, now=now),
        then=".reading",
    )


@room.act("/applications/<id:application_id>/debrief/revote")
def revote(application_id: int) -> ResponseReturnValue:
    return _act(
        application_id,
        forms.RevoteForm,
        lambda form, who, now: room_actions.revote(who, application_id, Vote(form.vote.data), now=now),
    )


@room.act("/applications/<id:application_id>/debrief/absent")
def mark_absent(application_id: int) -> ResponseReturnValue:
    return _act(
        application_id,
        forms.AbsentForm,
        lambda form, who, now: room_actions.mark_absent(
            who, application_id, form.person.data, form.reason.data, now=now
        ),
    )


@room.act("/applications/<id:application_id>/debrief/board")
def mark(application_id: int) -> ResponseReturnValue:
    return _act(
        application_id,
        forms.MarkForm,
        lambda form, who, now: room_actions.mark(
            who,
            application_id,
            form.item.data,
            BoardMark(form.mark.data),
            form.evidence.data or "",
            now=now,
            shown=form.shown_version,
        ),
    )


@room.act("/applications/<id:application_id>/debrief/gap")
def accept_gap(application_id: int) -> ResponseReturnValue:
    return _act(
        application_id,
        forms.GapForm,
        lambda form, who, now: room_actions.accept_gap(
            who, application_id, form.item.data, form.reason.data, now=now, shown=form.shown_version
        ),
    )


@room.act("/applications/<id:application_id>/debrief/notes")
def note(application_id: int) -> ResponseReturnValue:
    return _act(
        application_id,
        forms.NoteForm,
        lambda form, who, now: room_actions.take_note(who, application_id, form.text.data, now=now),
    )


@room.act("/applications/<id:application_id>/debrief/decision")
def decide(application_id: int) -> ResponseReturnValue:
    return _act(
        application_id,
        forms.DecideForm,
        lambda form, who, now: actions.decide(
            who, application_id, Decision(form.decision.data), form.reason.data, now=now
        ),
    )


@room.act("/applications/<id:application_id>/debrief/concurrence")
def concur(application_id: int) -> ResponseReturnValue:
    return _act(
        application_id,
        forms.ConcurForm,
        lambda form, who, now: actions.concur(who, application_id, form.note.data or "", now=now),
    )


@room.act("/applications/<id:application_id>/debrief/dissent")
def dissent(application_id: int) -> ResponseReturnValue:
    return _act(
        application_id,
        forms.DissentForm,
        lambda form, who, now: actions.dissent(who, application_id, form.text.data, now=now),
    )


@room.act("/applications/<id:application_id>/debrief/veto")
def veto(application_id: int) -> ResponseReturnValue:
    return _act(
        application_id,
        forms.VetoForm,
        lambda form, who, now: actions.veto(who, application_id, form.reason.data, form.rests_on.data, now=now),
    )


@room.act("/applications/<id:application_id>/debrief/agreement")
def agree_to_reject(application_id: int) -> ResponseReturnValue:
    return _act(
        application_id,
        forms.AgreeForm,
        lambda form, who, now: actions.agree_to_reject(who, application_id, form.text.data, now=now),
    )


@desk_source
def due(person: Person, now: datetime) -> list[DeskItem]:
    """Debriefs to lead, to attend today, to decide, and concurrences that wait."""
    found = []
    for row in queries.due_for(person.id):
        today = row.starts_at and local_day(row.starts_at, person.time_zone) <= local_day(now, person.time_zone)
        if row.leads:
            title = f"Concur or veto: {row.candidate}" if row.decision else f"Lead the debrief of {row.candidate}"
        elif row.decides and row.phase is Phase.DECIDE and row.decision is None:
            title = f"Decide on {row.candidate}"
        elif (row.phase or today) and row.decision is None:
            title = f"Debrief of {row.candidate}"
        else:
            continue
        detail = row.phase.label if row.phase else "Not open yet"
        url = url_for("debrief.page", application_id=row.application_id)
        found.append(DeskItem(title, detail, url, row.starts_at, "debrief", application_id=row.application_id))
    return found

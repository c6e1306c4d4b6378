"""The page of step 4, the loop, and its acts."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from flask import render_template, url_for
from flask.typing import ResponseReturnValue

from hiring.ground import clock, policy
from hiring.ground.forms import Form, Forms
from hiring.ground.rulebook import Refusal
from hiring.ground.web import Problem, Room, perform
from hiring.people import queries as people
from hiring.people.reader import me
from hiring.people.rules import Colleague
from hiring.pipeline import queries as spine
from hiring.pipeline.models import Application
from hiring.pipeline.rules import Sight, Stand, Step, may_see
from hiring.steps.interview_loop import actions, composition, desk, forms, outcomes, queries, rules, staffing
from hiring.steps.interview_loop.facts import Composition, Finding
from hiring.steps.interview_loop.models import Interview, Loop, Seat
from hiring.steps.interview_loop.rules import (
    CONFLICTS,
    ConflictKind,
    LoopPolicy,
    LoopState,
    RedrawCause,
    SeatState,
)

room = Room("interview_loop", __name__)
desk.register()


@dataclass(frozen=True, slots=True)
class SeatView:
    """A seat as the loop's page shows it."""

    seat: Seat
    person: Colleague
    interview: Interview | None
    shadow: Colleague | None
    items: list[str]
    why_not: list[Refusal]
    submitted: bool
    called: str | None


@room.page("/applications/<id:application_id>/loop")
def page(application_id: int) -> ResponseReturnValue:
    return _page(application_id)


def _page(application_id: int, problem: Problem | None = None, typed: Form | None = None) -> ResponseReturnValue:
    now = clock.now()
    application, stands = spine.application_for(me(), application_id, now=now)
    loop = queries.loop_for(application_id)
    composing = loop is None or loop.state is LoopState.COMPOSING
    asked = queries.composition(application, now, weeks=composing)
    figures = policy.current()
    ask = partial(composition.findings if composing else composition.since_confirmed, policy=figures)
    found = staffing.with_ways_out(ask, asked, application) if loop else []
    views = _seats(loop, asked, _by_seat(found))
    missing = [] if composing else composition.why_not_complete(asked, figures)
    no_shows = queries.candidate_no_shows(loop) if loop else 0
    stopped = stops(application, loop, stands)
    make: dict[str, Callable[..., Form]] = {
        "compose": forms.ComposeForm,
        "seat": forms.SeatForm,
        "debrief": partial(forms.DebriefForm, data=_debrief(loop) if loop else {}),
        "confirm": forms.ConfirmForm,
        "go_on": forms.GoOnForm,
        "withdraw": forms.NoShowsForm,
        "conflict": partial(forms.ConflictForm, data={"person": me().id}),
        "recruiter": forms.RecruiterForm,
        "redraw": forms.RedrawForm,
    }
    return render_template(
        "steps/interview_loop/page.html",
        application=application,
        loop_row=loop,
        composing=composing,
        seats=views,
        gone=[one for one in asked.seats if not one.held],
        asked=asked,
        figures=figures[LoopPolicy],
        refusals=[one.refusal for one in found] if composing else [],
        missing=missing,
        stopped=stopped,
        unbookable=[] if composing else stopped,
        step_blocked=rules.why_not_change(application.step, application.ended is not None, True),
        no_shows=no_shows,
        no_shows_blocked=outcomes.why_not_withdraw_for_no_shows(
            application.candidate.name, no_shows, figures[LoopPolicy]
        ),
        over=loop is not None and queries.interviews_over(loop),
        waits_here=application.step is Step.INTERVIEW_LOOP,
        may_compose=rules.may_compose(stands),
        may_book=rules.may_book(stands),
        conflicts=_withdrawable(application, stands, typed),
        may_redraw=rules.may_redraw(stands),
        may_name=Stand.ADMINISTRATOR in stands,
        may_withdraw=Stand.REQUISITION_RECRUITER in stands,
        suggested=suggested(application, loop, now) if rules.may_compose(stands) else [],
        colleagues=forms.COLLEAGUES,
        mine=next((view for view in views if view.person.id == me().id), None),
        problem=problem,
        forms=Forms(make, typed),
    )


def _debrief(loop: Loop) -> dict[str, object]:
    """The debrief's time as its form shows it."""
    starts_at, ends_at = loop.debrief_starts_at, loop.debrief_ends_at
    minutes = round((ends_at - starts_at).total_seconds() / 60) if starts_at and ends_at else 60
    return {"starts_at": starts_at, "minutes": minutes, "version": str(loop.debrief_version)}


def stops(application: Application, loop: Loop | None, stands: frozenset[Stand]) -> list[Refusal]:
    """What stops booking, for those who book and for those with a task on the cord; an end is said elsewhere."""
    if application.ended is not None or not (rules.may_book(stands) or may_see(Sight.CORDS, stands)):
        return []
    return queries.why_not_book(application, loop)


def _by_seat(found: list[Finding]) -> dict[int | None, list[Refusal]]:
    result: dict[int | None, list[Refusal]] = {}
    for one in found:
        result.setdefault(one.seat_id, []).append(one.refusal)
    return result


def _seats(loop: Loop | None, asked: Composition, why_not: dict[int | None, list[Refusal]]) -> list[SeatView]:
    if loop is None:
        return []
    known = {one.id: one for one in asked.held}
    names = {item.id: item.name for item in asked.items}
    composing = loop.state is LoopState.COMPOSING
    views = [
        SeatView(
            seat,
            known[seat.id].colleague,
            slot,
            known[seat.id].shadow,
            [names.get(row.item_id, "of another version") for row in seat.assignments],
            why_not.get(seat.id, []),
            seat.submitted_at is not None,
            rules.slot_called(slot.state if slot else None, composing=composing, declined=seat.declined_at is not None),
        )
        for seat, slot in ((seat, queries.current_interview(seat)) for seat in queries.held_seats(loop))
    ]
    later = clock.now().replace(year=9999)
    return sorted(views, key=lambda one: (one.interview.starts_at if one.interview else later, one.seat.id))


def _withdrawable(
    application: Application, stands: frozenset[Stand], typed: Form | None
) -> list[tuple[staffing.Declared, str, str, Form]]:
    """Declared conflicts that this reader may take back: whose, in words, and the form to do so."""
    mine, found = me().id, []
    for row in staffing.declared_conflicts(application):
        if rules.may_withdraw_conflict(stands, own=row.person_id == mine, own_words=row.declared_by == mine):
            sent = isinstance(typed, forms.WithdrawConflictForm) and typed.person_id == row.person_id
            form = typed if typed and sent else forms.WithdrawConflictForm(formdata=None)
            found.append((row, people.person(row.person_id).name, CONFLICTS[row.kind], form))
    return found


def suggested(application: Application, loop: Loop | None, now: datetime) -> list[staffing.Fitting]:
    """Colleagues who fit and neither hold a seat nor left one with their feedback in."""
    seats = loop.seats if loop else ()
    on_loop = {seat.person_id for seat in seats if seat.state is SeatState.HELD or seat.submitted_at is not None}
    return staffing.interviewers(application, now, without=on_loop)


def _act(form: Form, application_id: int, act: Callable[[], object]) -> ResponseReturnValue:
    return perform(
        form,
        act,
        done=url_for(".page", application_id=application_id),
        again=lambda problem: _page(application_id, problem, form),
    )


@room.act("/applications/<id:application_id>/loop/compose")
def compose(application_id: int) -> ResponseReturnValue:
    return _act(forms.ComposeForm(), application_id, lambda: actions.compose(me(), application_id, now=clock.now()))


@room.act("/applications/<id:application_id>/loop/seats")
def add_seat(application_id: int) -> ResponseReturnValue:
    form = forms.SeatForm()
    return perform(
        form,
        lambda: actions.add_seat(me(), application_id, form.person_id, now=clock.now(), reasons=form.reasons()),
        done=lambda seat: url_for(".seat_page", seat_id=seat.id),
        again=lambda problem: _page(application_id, problem, form),
    )


@room.act("/applications/<id:application_id>/loop/debrief")
def book_debrief(application_id: int) -> ResponseReturnValue:
    form = forms.DebriefForm()
    return _act(
        form,
        application_id,
        lambda: actions.book_debrief(
            me(),
            application_id,
            *form.span,
            now=clock.now(),
            reasons=form.reasons(),
            shown=form.shown_version,
        ),
    )


@room.act("/applications/<id:application_id>/loop/confirm")
def confirm(application_id: int) -> ResponseReturnValue:
    form = forms.ConfirmForm()
    return _act(
        form, application_id, lambda: actions.confirm(me(), application_id, now=clock.now(), reasons=form.reasons())
    )


@room.act("/applications/<id:application_id>/loop/go-on")
def go_on(application_id: int) -> ResponseReturnValue:
    return _act(forms.GoOnForm(), application_id, lambda: actions.go_on(me(), application_id, now=clock.now()))


@room.act("/applications/<id:application_id>/loop/withdraw")
def withdraw(application_id: int) -> ResponseReturnValue:
    return _act(
        forms.NoShowsForm(),
        application_id,
        lambda: actions.withdraw_for_no_shows(me(), application_id, now=clock.now()),
    )


@room.act("/applications/<id:application_id>/loop/conflicts")
def declare_conflict(application_id: int) -> ResponseReturnValue:
    form = forms.ConflictForm()
    return _act(
        form,
        application_id,
        lambda: actions.declare_conflict(
            me(), application_id, form.person_id, ConflictKind(form.kind.data), form.reason.data, now=clock.now()
        ),
    )


@room.act("/applications/<id:application_id>/loop/conflicts/<id:person_id>/withdraw")
def withdraw_conflict(application_id: int, person_id: int) -> ResponseReturnValue:
    form = forms.WithdrawConflictForm()
    form.person_id = person_id
    return _act(
        form,
        application_id,
        lambda: actions.withdraw_conflict(me(), application_id, person_id, form.reason.data, now=clock.now()),
    )


@room.act("/applications/<id:application_id>/loop/recruiter")
def name_recruiter(application_id: int) -> ResponseReturnValue:
    form = forms.RecruiterForm()
    return _act(
        form, application_id, lambda: actions.name_recruiter(me(), application_id, form.person_id, now=clock.now())
    )


@room.act("/applications/<id:application_id>/loop/redraw")
def redraw(application_id: int) -> ResponseReturnValue:
    form = forms.RedrawForm()
    return _act(
        form,
        application_id,
        lambda: actions.hand_over_bar_raiser(
            me(), application_id, RedrawCause(form.cause.data), form.reason.data, now=clock.now()
        ),
    )

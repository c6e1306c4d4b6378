"""The page of one seat of a loop, and its acts."""

from collections.abc import Callable
from functools import partial

from flask import render_template, url_for
from flask.typing import ResponseReturnValue

from hiring.ground import clock, policy
from hiring.ground.forms import Form, Forms
from hiring.ground.web import Problem, perform
from hiring.people import queries as people
from hiring.people.reader import me
from hiring.steps.interview_loop import actions, composition, forms, lists, outcomes, queries, rules, staffing
from hiring.steps.interview_loop.rules import InterviewState, LoopState, SeatState, VacateCause
from hiring.steps.interview_loop.views import room, stops, suggested


@room.page("/seats/<id:seat_id>")
def seat_page(seat_id: int) -> ResponseReturnValue:
    return _seat_page(seat_id)


def _seat_page(seat_id: int, problem: Problem | None = None, typed: Form | None = None) -> ResponseReturnValue:
    now = clock.now()
    seat, application, stands = queries.seat_for(me(), seat_id, now=now)
    loop = seat.loop
    interview = queries.current_interview(seat)
    items, figures = staffing.description_of(application).items, policy.current()
    composing, held = loop.state is LoopState.COMPOSING, seat.state is SeatState.HELD
    ask = partial(composition.findings if composing else composition.since_confirmed, policy=figures)
    asked = queries.composition(application, now, weeks=composing) if held else None
    found = staffing.with_ways_out(ask, asked, application) if asked else []
    name = people.name(seat.person_id)  # the composition has just read it
    own, stopped = seat.person_id == me().id, stops(application, loop, stands)
    shadow, reportable = queries.shadow_of(seat_id), outcomes.reportable(stands, own=own)
    shown: dict[str, object] = {"version": str(seat.slot_version)}
    if interview is not None:
        minutes = int((interview.ends_at - interview.starts_at).total_seconds() // 60)
        shown |= {"starts_at": interview.starts_at, "minutes": minutes, "where": interview.where}
    not_vacated = {cause: queries.why_not_vacate(application, seat, cause, now) for cause in VacateCause}
    make: dict[str, Callable[..., Form]] = {
        "plan": partial(forms.plan_form, seat, items),
        "slot": partial(forms.SlotForm, data=shown),
        "replace": forms.ReplaceForm,
        "unseat": forms.RemoveForm,
        "shadow": forms.ShadowForm,
        "unshadow": forms.UnshadowForm,
        "accept": forms.AcceptForm,
        "decline": forms.DeclineForm,
        "report": partial(forms.report_form, reportable, own=own),
        "vacate": partial(forms.vacate_form, [cause for cause, why in not_vacated.items() if not why]),
    }
    if isinstance(typed, forms.ReportForm):  # refused, it offers again what this reader may report
        forms.offer_reports(typed, reportable, own=own)
    began_at = interview.starts_at if interview else None
    return render_template(
        "steps/interview_loop/seat.html",
        application=application,
        loop_row=loop,
        seat=seat,
        name=name,
        interview=interview,
        earlier=[
            (one, rules.slot_called(one.state, composing=False, declined=False))
            for one in seat.interviews
            if one is not interview
        ],
        held=held,
        composing=composing,
        called=rules.slot_called(
            interview.state if interview else None, composing=composing, declined=seat.declined_at is not None
        ),
        began=began_at is not None and began_at <= now,
        items=items,
        bank=lists.bank(items) if rules.may_compose(stands) else {},
        shadow=people.name(shadow.person_id) if shadow else None,
        why_not=[one.refusal for one in found if one.seat_id == seat_id],
        removal_blocked=rules.why_not_remove(name, queries.slots(seat), now, written=seat.written),
        stopped=stopped,
        rebook_blocked=[]
        if composing
        else [
            *stopped,
            *outcomes.why_not_rebook(name, interview.state if interview else None, began_at, now),
        ],
        may_compose=rules.may_compose(stands),
        may_book=rules.may_book(stands),
        may_vacate=rules.may_vacate(stands),
        vacate_blocked=not_vacated[VacateCause.LEFT],
        silent_blocked=not_vacated[VacateCause.SILENT],
        may_report=bool(reportable) and not composing,
        mine=own,
        suggested=suggested(application, loop, now) if rules.may_compose(stands) else [],
        colleagues=forms.COLLEAGUES,
        problem=problem,
        forms=Forms(make, typed),
    )


def _act_on_seat(form: Form, seat_id: int, act: Callable[[], object]) -> ResponseReturnValue:
    return perform(
        form,
        act,
        done=url_for(".seat_page", seat_id=seat_id),
        again=lambda problem: _seat_page(seat_id, problem, form),
    )


def _act_and_return(form: Form, seat_id: int, act: Callable[[], object]) -> ResponseReturnValue:
    """As above, but done on the loop's page: the seat is no longer what it was."""
    _, application, _ = queries.seat_for(me(), seat_id, now=clock.now())
    return perform(
        form,
        act,
        done=url_for(".page", application_id=application.id),
        again=lambda problem: _seat_page(seat_id, problem, form),
    )


@room.act("/seats/<id:seat_id>/plan")
def plan(seat_id: int) -> ResponseReturnValue:
    seat, application, _ = queries.seat_for(me(), seat_id, now=clock.now())
    form = forms.plan_form(seat, staffing.description_of(application).items)
    return _act_on_seat(
        form,
        seat_id,
        lambda: actions.plan(
            me(),
            seat_id,
            form.items.data or [],
            form.questions,
            now=clock.now(),
            reasons=form.reasons(),
            shown=form.shown_version,
        ),
    )


@room.act("/seats/<id:seat_id>/slot")
def set_slot(seat_id: int) -> ResponseReturnValue:
    form = forms.SlotForm()
    return _act_on_seat(
        form,
        seat_id,
        lambda: actions.set_slot(
            me(),
            seat_id,
            *form.span,
            where=form.where.data or "",
            now=clock.now(),
            reasons=form.reasons(),
            shown=form.shown_version,
        ),
    )


@room.act("/seats/<id:seat_id>/replace")
def replace_seat(seat_id: int) -> ResponseReturnValue:
    form = forms.ReplaceForm()
    return _act_and_return(
        form,
        seat_id,
        lambda: actions.replace_seat(me(), seat_id, form.person_id, now=clock.now(), reasons=form.reasons()),
    )


@room.act("/seats/<id:seat_id>/remove")
def remove_seat(seat_id: int) -> ResponseReturnValue:
    form = forms.RemoveForm()
    return _act_and_return(
        form, seat_id, lambda: actions.remove_seat(me(), seat_id, now=clock.now(), reasons=form.reasons())
    )


@room.act("/seats/<id:seat_id>/shadow")
def add_shadow(seat_id: int) -> ResponseReturnValue:
    form = forms.ShadowForm()
    return _act_on_seat(
        form,
        seat_id,
        lambda: actions.add_shadow(me(), seat_id, form.person_id, now=clock.now(), reasons=form.reasons()),
    )


@room.act("/seats/<id:seat_id>/unshadow")
def remove_shadow(seat_id: int) -> ResponseReturnValue:
    form = forms.UnshadowForm()
    return _act_on_seat(
        form, seat_id, lambda: actions.remove_shadow(me(), seat_id, now=clock.now(), reasons=form.reasons())
    )


@room.act("/seats/<id:seat_id>/accept")
def accept(seat_id: int) -> ResponseReturnValue:
    return _act_on_seat(forms.AcceptForm(), seat_id, lambda: actions.accept(me(), seat_id, now=clock.now()))


@room.act("/seats/<id:seat_id>/decline")
def decline(seat_id: int) -> ResponseReturnValue:
    form = forms.DeclineForm()
    return _act_on_seat(form, seat_id, lambda: actions.decline(me(), seat_id, form.reason.data or "", now=clock.now()))


@room.act("/seats/<id:seat_id>/interviews/<id:interview_id>/report")
def report(seat_id: int, interview_id: int) -> ResponseReturnValue:
    form = forms.ReportForm()
    return _act_on_seat(
        form,
        seat_id,
        lambda: actions.report(
            me(), interview_id, InterviewState(form.outcome.data), ended_at=form.ended_at.data, now=clock.now()
        ),
    )


@room.act("/seats/<id:seat_id>/vacate")
def vacate(seat_id: int) -> ResponseReturnValue:
    form = forms.VacateForm()
    return _act_and_return(
        form,
        seat_id,
        lambda: actions.vacate(me(), seat_id, VacateCause(form.cause.data), form.reason.data, now=clock.now()),
    )

"""The page of step 3 and its acts."""

from collections.abc import Callable
from datetime import datetime
from functools import partial

from flask import make_response, render_template, url_for
from flask.typing import ResponseReturnValue

from hiring.ground import clock
from hiring.ground.forms import Form, Forms
from hiring.ground.rulebook import Refusal
from hiring.ground.web import Problem, Room, perform
from hiring.people.handover import owes
from hiring.people.models import Person
from hiring.people.reader import me
from hiring.people.rules import Debt, Invalid
from hiring.pipeline import queries as spine_queries
from hiring.pipeline import rejection
from hiring.pipeline.desk_items import DeskItem, desk_source
from hiring.pipeline.models import Application
from hiring.pipeline.rules import Sight, Stand, Step, may_see
from hiring.steps.phone_screen import actions, queries, rules
from hiring.steps.phone_screen.forms import (
    SCREENERS,
    BookForm,
    DecideForm,
    GoOnForm,
    NotesForm,
    PrepareForm,
    ReportForm,
    notes_form,
    prepare_form,
)
from hiring.steps.phone_screen.queries import Call
from hiring.steps.phone_screen.rules import ScreenState, ScreenVerdict

room = Room("phone_screen", __name__)


@room.page("/applications/<id:application_id>/screen")
def page(application_id: int) -> ResponseReturnValue:
    return _page(application_id)


def _page(application_id: int, problem: Problem | None = None, typed: Form | None = None) -> ResponseReturnValue:
    now = clock.now()
    application, stands = spine_queries.application_for(me(), application_id, now=now)
    requisition = application.requisition
    calls = queries.calls(application_id, stands)
    last = calls[-1] if calls else None
    here = application.step is Step.PHONE_SCREEN and application.ended is None
    advance_blocked = spine_queries.why_not_move(application)
    return render_template(
        "steps/phone_screen/page.html",
        application=application,
        calls=calls,
        last=last,
        booked=last if last and last.state is ScreenState.BOOKED else None,
        held=last if last and last.state is ScreenState.HELD else None,
        states=rules.STATES,
        stopped=advance_blocked if here and (rules.may_book(stands) or may_see(Sight.CORDS, stands)) else [],
        reportable=here and last is not None and last.state in rules.REPORTABLE,
        here=here,
        mine=last is not None and last.screener.id == me().id and Stand.SCREENER in stands,
        may_book=rules.may_book(stands),
        may_prepare=rules.may_prepare(stands),
        prepare_blocked=rules.why_not_prepare(last.facts, now) if last else [],
        report_warning=rules.why_not_held(last.facts) if last and now >= last.starts_at else [],
        decide_blocked=_undecidable(last),
        advance_blocked=advance_blocked,
        reject_blocked=_unrejectable(application),
        go_on_blocked=rules.why_not_go_on(queries.verdicts_of_held(application_id, calls)) + advance_blocked,
        suggested=queries.likely_screeners(requisition) if here and rules.may_book(stands) else [],
        suggestions=SCREENERS,
        findings=queries.rate(requisition) if rules.may_prepare(stands) else [],
        problem=problem,
        forms=_forms(application, last, typed, following="another" if advance_blocked else "loop"),
    )


def _forms(application: Application, last: Call | None, typed: Form | None, *, following: str) -> Forms:
    """The forms of the page; the one that was just submitted keeps what was typed."""
    booked = last if last and last.state is ScreenState.BOOKED else None
    chosen = [item.text for item in last.questions] if last else []
    booking: dict[str, object] = {"version": 0}
    if booked:
        booking = {"starts_at": booked.starts_at, "minutes": booked.minutes, "where": booked.where}
        booking |= {"screener": booked.screener.id, "version": booked.version}
    outcomes = rules.outcomes(last.starts_at, clock.now()) if last else []
    deciding = {"message": _preset(application), "following": following}
    make: dict[str, Callable[..., Form]] = {
        "book": partial(BookForm, data=booking),
        "prepare": lambda formdata: prepare_form(
            queries.bank(), chosen, version=last.version if last else None, formdata=formdata
        ),
        "report": lambda formdata: ReportForm(formdata=formdata).offer(outcomes),
        "decide": lambda formdata: _decidable(DecideForm(formdata=formdata, data=deciding), application),
        "advance": GoOnForm,
    }
    if last is not None:
        make["notes"] = partial(notes_form, last)
    if isinstance(typed, ReportForm):
        typed.offer(outcomes)
    if isinstance(typed, DecideForm):
        _decidable(typed, application)
    return Forms(make, typed)


def _decidable(form: DecideForm, application: Application) -> DecideForm:
    if _unrejectable(application):
        del form["message"]  # nobody is told of a no that ends nothing
    return form


def _unrejectable(application: Application) -> list[Refusal]:
    return rejection.why_not_reject(application.step, application.interviewed_at)


def _undecidable(last: Call | None) -> list[Refusal]:
    return rules.why_not_decide(last.summary, sum(item.has_notes for item in last.questions)) if last else []


def _preset(application: Application) -> str:
    return (
        f"Dear {application.candidate.name},\n\n"
        f"thank you for the time you took to talk with us about the position {application.requisition.title}. "
        "We have decided not to go on with your application.\n\nWe wish you well.\n"
    )


def _perform(form: Form, application_id: int, act: Callable[[], object]) -> ResponseReturnValue:
    """Run one act; an input that a calendar or a rule of words cannot hold is an error beside its field."""
    try:
        return perform(
            form,
            act,
            done=url_for(".page", application_id=application_id),
            again=lambda problem: _page(application_id, problem, form),
        )
    except Invalid as invalid:
        form[invalid.field].errors = [str(invalid)]
        response = make_response(_page(application_id, Problem(form.action, invalid=True), form))
        response.status_code = 422
        return response


@room.act("/applications/<id:application_id>/screen/book")
def book(application_id: int) -> ResponseReturnValue:
    form = BookForm()
    return _perform(
        form,
        application_id,
        lambda: actions.book(me(), application_id, form.plan, expected=form.shown_version, now=clock.now()),
    )


@room.act("/screens/<id:screen_id>/questions")
def prepare(screen_id: int) -> ResponseReturnValue:
    application_id, _ = _visible(screen_id)
    form: PrepareForm = prepare_form(queries.bank(), [])
    return _perform(
        form,
        application_id,
        lambda: actions.choose_questions(me(), screen_id, form.texts, expected=form.shown_version, now=clock.now()),
    )


@room.act("/screens/<id:screen_id>/notes")
def notes(screen_id: int) -> ResponseReturnValue:
    application_id, call = _visible(screen_id)
    form: NotesForm = notes_form(call)
    return _perform(
        form,
        application_id,
        lambda: actions.save_notes(
            me(),
            screen_id,
            form.notes(call.questions),
            form.summary.data or "",
            expected=form.shown_version,
            now=clock.now(),
        ),
    )


@room.act("/screens/<id:screen_id>/report")
def report(screen_id: int) -> ResponseReturnValue:
    application_id, _ = _visible(screen_id)
    form = ReportForm()
    return _perform(
        form,
        application_id,
        lambda: actions.report(me(), screen_id, ScreenState(form.what.data), now=clock.now()),
    )


@room.act("/screens/<id:screen_id>/decide")
def decide(screen_id: int) -> ResponseReturnValue:
    application_id, _ = _visible(screen_id)
    form = DecideForm()
    return _perform(
        form,
        application_id,
        lambda: actions.decide(
            me(),
            screen_id,
            ScreenVerdict(form.verdict.data),
            go_on=form.following.data == "loop",
            message=form.message.data or "",
            now=clock.now(),
        ),
    )


@room.act("/applications/<id:application_id>/screen/advance")
def advance(application_id: int) -> ResponseReturnValue:
    return _perform(GoOnForm(), application_id, lambda: actions.go_on(me(), application_id, now=clock.now()))


def _visible(screen_id: int) -> tuple[int, Call]:
    """The application of a call and the call, for those who may see it; raises NotVisible."""
    application_id = queries.application_of(screen_id)
    _, stands = spine_queries.application_for(me(), application_id, now=clock.now())
    return application_id, next(call for call in queries.calls(application_id, stands) if call.id == screen_id)


@desk_source
def on_the_desk(person: Person, now: datetime) -> list[DeskItem]:
    """Calls ahead, outcomes and verdicts missing, and what a recruiter has to book."""
    items = []
    for call in queries.owed_by(person.id, now):
        title = f"Decide on {call.candidate}" if call.over else f"Phone screen with {call.candidate}"
        detail = "Say what happened, then yes or no." if call.over else "Questions are chosen before the call."
        url = url_for("phone_screen.page", application_id=call.application_id)
        due = call.ends_at if call.over else call.starts_at
        until = None if call.over else call.ends_at
        items.append(DeskItem(title, detail, url, due, "screen", until, call.application_id))
    to_book = queries.to_book(person)
    stopped = spine_queries.stopped([row.application_id for row in to_book])
    for row in to_book:
        url = url_for("phone_screen.page", application_id=row.application_id)
        why = stopped.get(row.application_id)
        detail = f"Stopped: {why}" if why else "No call is booked."
        items.append(DeskItem(f"Book a phone screen: {row.candidate}", detail, url, None, "screen"))
    return items


@owes
def owed_at_leaving(person_id: int) -> list[Debt]:
    """Calls that somebody else must hold or decide when this person leaves."""
    return [
        Debt(
            f"Phone screen with {call.candidate}",
            call.starts_at,
            url_for("phone_screen.page", application_id=call.application_id),
            call.application_id,
        )
        for call in queries.owed_by(person_id, clock.now(), ahead=None)
    ]

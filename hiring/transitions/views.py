"""One page of moves per application, one per requisition."""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import TypeVar

from flask import render_template, url_for
from flask.typing import ResponseReturnValue
from wtforms.fields.choices import SelectChoice

from hiring.ground import clock
from hiring.ground.database import NotVisible
from hiring.ground.forms import Form
from hiring.ground.web import Problem, Room, perform
from hiring.people import queries as people
from hiring.people.models import Person
from hiring.people.reader import me
from hiring.people.rules import Role
from hiring.pipeline import queries as pipeline
from hiring.pipeline import readers
from hiring.pipeline.desk_items import DeskItem, rare_desk_source
from hiring.pipeline.models import Application, Requisition
from hiring.pipeline.rules import RequisitionStatus, Step
from hiring.steps.debrief import actions as debrief
from hiring.transitions import actions, cord_views, owners, queries, rules
from hiring.transitions import forms as shapes

room = Room("transitions", __name__)
AnyForm = TypeVar("AnyForm", bound=Form)


@room.page("/applications/<id:application_id>/moves")
def moves(application_id: int) -> ResponseReturnValue:
    """What can be done with an application across its steps."""
    return _moves(application_id)


def _moves(application_id: int, problem: Problem | None = None, sent: Form | None = None) -> str:
    now = clock.now()
    application, stands = pipeline.application_for(me(), application_id, now=now)

    def form(kind: type[AnyForm]) -> AnyForm:
        found = sent if isinstance(sent, kind) else kind(formdata=None)
        _fill(found, application, fresh=found is not sent)
        return found

    return render_template(
        "transitions/moves.html",
        application=application,
        owns=rules.owns(stands),
        may_send_back=rules.may_send_back(stands),
        form=form,
        shapes=shapes,
        problem=problem,
        why_not_send_back=actions.why_not_send_back(application),
        why_not_move=actions.why_not_move(application),
        why_not_reopen=actions.why_not_reopen(application, now),
        why_not_reject=debrief.why_not_reject_freely(application, now),
        level=queries.approved_for_level(application_id),
        targets=queries.targets(application.requisition, application.candidate) if rules.owns(stands) else [],
    )


def _fill(form: Form, application: Application, *, fresh: bool = False) -> None:
    if isinstance(form, shapes.SendBackForm):
        here = actions.visit_shown(application)
        if fresh:
            form.version.data = str(here)
        # what an older page offered is no bad choice: the action says where the application went meanwhile
        last = application.step if form.shown_version == here else Step.OFFER
        form.to.choices = [SelectChoice(step.value, step.label) for step in rules.steps_back(last)]
    if isinstance(form, shapes.MoveForm):
        form.find = partial(queries.targets_named, requisition=application.requisition)


def _act(application_id: int, kind: type[AnyForm], act: Callable[[AnyForm], object]) -> ResponseReturnValue:
    application, _ = pipeline.application_for(me(), application_id, now=clock.now())
    form = kind()
    _fill(form, application)
    return perform(
        form,
        lambda: act(form),
        done=url_for("application.page", application_id=application_id),
        again=lambda problem: _moves(application_id, problem, form),
    )


@room.act("/applications/<id:application_id>/withdraw")
def withdraw(application_id: int) -> ResponseReturnValue:
    """The candidate wants to stop."""
    return _act(
        application_id,
        shapes.WithdrawForm,
        lambda form: actions.withdraw(me(), application_id, form.reason.data, now=clock.now()),
    )


@room.act("/applications/<id:application_id>/hold")
def hold(application_id: int) -> ResponseReturnValue:
    """Put on hold."""
    return _act(
        application_id,
        shapes.HoldForm,
        lambda form: actions.hold(me(), application_id, form.reason.data, now=clock.now()),
    )


@room.act("/applications/<id:application_id>/resume")
def resume(application_id: int) -> ResponseReturnValue:
    """End the hold."""
    return _act(application_id, shapes.ResumeForm, lambda _: actions.resume(me(), application_id, now=clock.now()))


@room.act("/applications/<id:application_id>/send-back")
def send_back(application_id: int) -> ResponseReturnValue:
    """Back to an earlier step."""
    return _act(
        application_id,
        shapes.SendBackForm,
        lambda form: actions.send_back(
            me(),
            application_id,
            Step(form.to.data),
            form.reason.data,
            now=clock.now(),
            shown=form.shown_version,
        ),
    )


@room.act("/applications/<id:application_id>/reopen")
def reopen(application_id: int) -> ResponseReturnValue:
    """Undo the end."""
    return _act(
        application_id,
        shapes.ReopenForm,
        lambda form: actions.reopen(me(), application_id, form.reason.data, now=clock.now()),
    )


@room.act("/applications/<id:application_id>/move")
def move(application_id: int) -> ResponseReturnValue:
    """To another requisition."""
    return _act(
        application_id,
        shapes.MoveForm,
        lambda form: actions.move_to(me(), application_id, form.requisition_id, form.reason.data, now=clock.now()),
    )


@room.act("/applications/<id:application_id>/reject")
def reject(application_id: int) -> ResponseReturnValue:
    """Before the first interview; afterwards the rule names the ways."""
    return _act(
        application_id,
        shapes.RejectForm,
        lambda form: debrief.reject_before_interviews(
            me(), application_id, form.reason.data, form.message.data, now=clock.now()
        ),
    )


@room.act("/applications/<id:application_id>/level")
def propose_level(application_id: int) -> ResponseReturnValue:
    """Begin a hire at another level."""
    return _act(
        application_id,
        shapes.LevelForm,
        lambda form: actions.propose_level(me(), application_id, form.level.data, now=clock.now()),
    )


@room.act("/applications/<id:application_id>/level/adopt")
def adopt_level(application_id: int) -> ResponseReturnValue:
    """Go on at the approved level."""

    def act(_: shapes.AdoptLevelForm) -> object:
        row = queries.approved_for_level(application_id)
        if row is None:
            raise NotVisible("approved description at another level")
        return actions.adopt_level(me(), application_id, row.id, now=clock.now())

    return _act(application_id, shapes.AdoptLevelForm, act)


# --- Requisitions -------------------------------------------------------------------------------------------------


@rare_desk_source(queries.lacking_owners)
def on_the_desk(person: Person, _now: datetime) -> list[DeskItem]:
    """Requisitions without a recruiter or hiring manager, for the other of the two and for administrators."""
    return [
        DeskItem(
            f"{row.code} needs a {row.owner.value}",
            f"{row.former} {'has left' if row.left else 'is not a recruiter any more'}; hand it over.",
            url_for("transitions.requisition_moves", requisition_id=row.requisition_id),
            None,
            "requisition",
        )
        for row in queries.without_owner(person)
    ]


@room.page("/requisitions/<id:requisition_id>/moves")
def requisition_moves(requisition_id: int) -> ResponseReturnValue:
    """Hold, hand over, close."""
    return _requisition_moves(requisition_id)


def _requisition_moves(requisition_id: int, problem: Problem | None = None, sent: Form | None = None) -> str:
    requisition, person = queries.requisition_for(me(), requisition_id), me()

    def form(kind: type[AnyForm]) -> AnyForm:
        found = sent if isinstance(sent, kind) else kind(formdata=None)
        _fill_requisition(found, requisition, fresh=found is not sent)
        return found

    applications = queries.live_applications(requisition_id)
    closing = sent if isinstance(sent, shapes.CloseForm) else _close_form(person, requisition_id)(formdata=None)
    hidden = readers.barred_among(person, {row.id for row in applications})
    return render_template(
        "transitions/requisition.html",
        requisition=requisition,
        owns=rules.may_run(person.roles, owner=queries.owns_requisition(person, requisition)),
        applications=[row for row in applications if row.id not in hidden],
        hidden=len(hidden),
        why_not_close=actions.why_not_decide_all(person, requisition),
        targets=queries.targets(requisition),
        closing=closing,
        closed=requisition.status is RequisitionStatus.CLOSED,
        form=form,
        shapes=shapes,
        problem=problem,
    )


def _close_form(reader: Person, requisition_id: int) -> type[shapes.CloseForm]:
    """Asks about every live application that waits for a choice of the reader's."""
    applications = queries.live_applications(requisition_id)
    hidden = readers.barred_among(reader, {row.id for row in applications})
    asked = [
        (row.id, f"{row.candidate.name}, {row.step.label}")
        for row in applications
        if row.offer_accepted_at is None and row.id not in hidden
    ]
    return shapes.CloseForm.asking(asked)


def _fill_requisition(form: Form, requisition: Requisition, *, fresh: bool = False) -> None:
    if isinstance(form, shapes.CloseForm):
        form.find = partial(queries.targets_named, requisition=requisition)
    if not isinstance(form, shapes.OwnersForm):
        return
    form.recruiter.choices = [SelectChoice(*row) for row in people.holder_choices(Role.RECRUITER)]
    if fresh:
        form.hiring_manager.data, form.recruiter.data = requisition.hiring_manager_id, requisition.recruiter_id
        form.version.data = str(requisition.owners_version)


def _act_on_requisition(
    requisition_id: int, kind: type[AnyForm], act: Callable[[AnyForm], object]
) -> ResponseReturnValue:
    form = kind()
    _fill_requisition(form, queries.requisition_for(me(), requisition_id))
    return perform(
        form,
        lambda: act(form),
        done=url_for(".requisition_moves", requisition_id=requisition_id),
        again=lambda problem: _requisition_moves(requisition_id, problem, form),
    )


@room.act("/requisitions/<id:requisition_id>/hold")
def hold_requisition(requisition_id: int) -> ResponseReturnValue:
    """Put a requisition on hold."""
    return _act_on_requisition(
        requisition_id,
        shapes.HoldRequisitionForm,
        lambda form: actions.hold_requisition(me(), requisition_id, form.reason.data, now=clock.now()),
    )


@room.act("/requisitions/<id:requisition_id>/resume")
def resume_requisition(requisition_id: int) -> ResponseReturnValue:
    """End its hold."""
    return _act_on_requisition(
        requisition_id,
        shapes.ResumeRequisitionForm,
        lambda _: actions.resume_requisition(me(), requisition_id, now=clock.now()),
    )


@room.act("/requisitions/<id:requisition_id>/close")
def close_requisition(requisition_id: int) -> ResponseReturnValue:
    """Close it, with a choice for each live application."""
    queries.requisition_for(me(), requisition_id)
    return _act_on_requisition(
        requisition_id,
        _close_form(me(), requisition_id),
        lambda form: actions.close_requisition(
            me(), requisition_id, form.choices(), form.message.data, now=clock.now()
        ),
    )


@room.act("/requisitions/<id:requisition_id>/open-again")
def reopen_requisition(requisition_id: int) -> ResponseReturnValue:
    """Open it again."""
    return _act_on_requisition(
        requisition_id,
        shapes.ReopenRequisitionForm,
        lambda _: actions.reopen_requisition(me(), requisition_id, now=clock.now()),
    )


@room.act("/requisitions/<id:requisition_id>/owners")
def change_owner(requisition_id: int) -> ResponseReturnValue:
    """Hand over to another hiring manager or recruiter."""
    return _act_on_requisition(
        requisition_id,
        shapes.OwnersForm,
        lambda form: owners.change_owner(
            me(),
            requisition_id,
            hiring_manager_id=form.hiring_manager.data,
            recruiter_id=form.recruiter.data,
            now=clock.now(),
            shown=form.shown_version,
        ),
    )


rooms = [room, cord_views.room]

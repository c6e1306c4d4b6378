"""Pages of the Andon cord: pull it, read it, clear it."""

from datetime import UTC, datetime, time

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from hiring.ground import clock
from hiring.ground.forms import Form
from hiring.ground.web import Problem, Room, perform
from hiring.people import queries as people
from hiring.people.handover import owes
from hiring.people.models import Person
from hiring.people.reader import me
from hiring.people.rules import Debt
from hiring.pipeline import queries as pipeline
from hiring.pipeline.desk_items import DeskItem, rare_desk_source
from hiring.pipeline.models import Cord
from hiring.pipeline.rules import Sight, may_clear_cord, may_see
from hiring.transitions import cords, queries, rules
from hiring.transitions.cords import CorrectionStep
from hiring.transitions.forms import ClearForm, ClearRequisitionForm, DoneForm, PullForm, PullRequisitionForm

room = Room("cords", __name__)


@rare_desk_source(queries.cords_pulled)
def cords_on_the_desk(person: Person, now: datetime) -> list[DeskItem]:
    """Cords that an administrator or the Bar Raiser may clear."""
    return [
        DeskItem(
            f"Cord {cord.id} is pulled",
            "Write down cause and correction",
            url_for("cords.page", cord_id=cord.id),
            None,
            "cord",
            application_id=cord.application_id,
        )
        for cord in cords.clearable(person, now=now)
    ]


@rare_desk_source(queries.actions_open)
def actions_on_the_desk(person: Person, _now: datetime) -> list[DeskItem]:
    """Actions owed to corrections."""
    return [
        DeskItem(
            row.what,
            "From the correction of a pulled cord",
            url_for("cords.page", cord_id=row.cord_id),
            datetime.combine(row.due_on, time(17), UTC),
            "cord",
            application_id=row.application_id,
        )
        for row in queries.open_actions(person.id)
    ]


@owes
def debts(person_id: int) -> list[Debt]:
    """Actions of corrections that somebody else must take over."""
    return [
        Debt(
            f"{row.what} (from the correction of a cord)",
            datetime.combine(row.due_on, time(17), UTC),
            url_for("cords.page", cord_id=row.cord_id),
            row.application_id,
        )
        for row in queries.open_actions(person_id)
    ]


@room.page("/applications/<id:application_id>/cord")
def pull_page(application_id: int) -> ResponseReturnValue:
    """Pull the cord on an application."""
    return _pull_page(application_id)


def _pull_page(application_id: int, problem: Problem | None = None, sent: PullForm | None = None) -> str:
    application, stands = pipeline.application_for(me(), application_id, now=clock.now())
    form = sent or PullForm(formdata=None)
    return render_template(
        "transitions/pull.html",
        about=f"{application.candidate.name}, {application.requisition.title}",
        url=url_for(".pull", application_id=application_id),
        may_pull=rules.may_pull(stands),
        cords=queries.cords_of(application) if may_see(Sight.CORDS, stands) else [],
        form=form,
        problem=problem,
    )


@room.act("/applications/<id:application_id>/cord")
def pull(application_id: int) -> ResponseReturnValue:
    """Stop this application."""
    pipeline.application_for(me(), application_id, now=clock.now())
    form = PullForm()
    return perform(
        form,
        lambda: cords.pull(me(), application_id, form.what.data, form.named.data or [], now=clock.now()).id,
        done=lambda cord_id: url_for(".page", cord_id=cord_id),
        again=lambda problem: _pull_page(application_id, problem, form),
    )


@room.page("/requisitions/<id:requisition_id>/cord")
def pull_requisition_page(requisition_id: int) -> ResponseReturnValue:
    """Pull the cord on a requisition."""
    return _pull_requisition_page(requisition_id)


def _pull_requisition_page(requisition_id: int, problem: Problem | None = None, sent: Form | None = None) -> str:
    requisition = pipeline.requisition(requisition_id)
    form = sent if isinstance(sent, PullRequisitionForm) else PullRequisitionForm(formdata=None)
    return render_template(
        "transitions/pull.html",
        about=f"{requisition.code} {requisition.title}",
        url=url_for(".pull_requisition", requisition_id=requisition_id),
        may_pull=cords.may_pull_requisition(me(), requisition),
        cords=[],
        form=form,
        problem=problem,
    )


@room.act("/requisitions/<id:requisition_id>/cord")
def pull_requisition(requisition_id: int) -> ResponseReturnValue:
    """Stop this requisition."""
    form = PullRequisitionForm()
    return perform(
        form,
        lambda: cords.pull_requisition(me(), requisition_id, form.what.data, form.named.data or [], now=clock.now()).id,
        done=lambda cord_id: url_for(".page", cord_id=cord_id),
        again=lambda problem: _pull_requisition_page(requisition_id, problem, form),
    )


@room.page("/cords/<id:cord_id>")
def page(cord_id: int) -> ResponseReturnValue:
    """What happened, why, and what is corrected."""
    return _page(cord_id)


def _page(cord_id: int, problem: Problem | None = None, sent: ClearForm | None = None) -> str:
    now = clock.now()
    cord = queries.cord(cord_id)
    stands = cords.stands_towards(me(), cord, now=now)
    form = sent or _clear_form(cord, empty=True)
    return render_template(
        "transitions/cord.html",
        cord=cord,
        application=pipeline.application(cord.application_id) if cord.application_id else None,
        requisition=pipeline.requisition(cord.requisition_id) if cord.requisition_id else None,
        names=people.names(
            one for one in (cord.pulled_by, cord.cleared_by, *(row.person_id for row in cord.named)) if one
        ),
        may_clear=may_clear_cord(pipeline.cord_facts(cord), me().id, stands),
        steps=queries.cord_actions(cord_id),
        form=form,
        done_form=lambda: DoneForm(formdata=None),
        me=me(),
        problem=problem,
    )


def _clear_form(cord: Cord, *, empty: bool = False) -> ClearForm:
    """The form of a correction; only a cord on an application may end one."""
    shape = ClearForm if cord.application_id else ClearRequisitionForm
    return shape(formdata=None) if empty else shape()


@room.act("/cords/<id:cord_id>/clear")
def clear(cord_id: int) -> ResponseReturnValue:
    """Write down cause and correction."""
    cord = queries.cord(cord_id)
    cords.stands_towards(me(), cord, now=clock.now())
    form = _clear_form(cord)

    def act() -> None:
        steps = []
        if form.step.data and form.owner.data and form.due_on.data:
            steps = [CorrectionStep(form.step.data, form.owner.data, form.due_on.data)]
        cords.clear(me(), cord_id, form.cause.data, form.correction.data, steps, reject=form.reject, now=clock.now())

    return perform(
        form, act, done=url_for(".page", cord_id=cord_id), again=lambda problem: _page(cord_id, problem, form)
    )


@room.act("/cord-actions/<id:action_id>/done")
def finish_step(action_id: int) -> ResponseReturnValue:
    """Tick off an action of a correction."""
    form = DoneForm()
    return perform(
        form,
        lambda: cords.finish_step(me(), action_id, now=clock.now()),
        done=lambda cord_id: url_for(".page", cord_id=cord_id),
        again=lambda _: redirect(url_for("desk.page"), 303),
    )

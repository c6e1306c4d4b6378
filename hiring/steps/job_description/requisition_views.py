"""Pages of requisitions: the list, a new one, and one with its openings and versions; registered by ``views``."""

from typing import Any

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from hiring.ground import clock
from hiring.ground.forms import asked_number
from hiring.ground.rulebook import Refusal
from hiring.ground.web import Problem, Room, navigate, perform
from hiring.ground.working_time import local_day
from hiring.people import queries as people
from hiring.people.reader import me
from hiring.people.rules import Role
from hiring.pipeline import queries as spine
from hiring.pipeline.addressees import Owner, addressees
from hiring.pipeline.rules import RequisitionStatus
from hiring.steps.job_description import access, queries, requisition_actions, requisition_rules, rules
from hiring.steps.job_description.forms import CloneForm, NewVersionForm, OpeningActForm, OpeningForm, RequisitionForm
from hiring.steps.job_description.queries import Filter
from hiring.steps.job_description.requisition_rules import OpeningAct, OpeningState, Places

room = Room("requisition", __name__)
navigate("Requisitions", "requisition.listing")


@room.page("/requisitions")
def listing() -> ResponseReturnValue:
    wanted = Filter(
        status=next((status for status in RequisitionStatus if status == request.args.get("status")), None),
        closed_too=request.args.get("status") == "any",
        team_id=asked_number("team"),
        mine=request.args.get("mine") == "1",
        before=asked_number("before"),
    )
    rows, before = queries.requisitions(me(), wanted)
    kept: dict[str, Any] = {
        key: value for key, value in request.args.to_dict().items() if key in ("status", "team", "mine")
    }
    return render_template(
        "steps/job_description/requisitions.html",
        rows=rows,
        wanted=wanted,
        kept=kept,
        statuses=list(RequisitionStatus),
        teams=people.team_choices(),
        next_url=url_for(".listing", **(kept | {"before": str(before)})) if before else None,
    )


@room.page("/requisitions/new")
def new() -> ResponseReturnValue:
    person = me()
    owner = {"recruiter": person.id} if person.has(Role.RECRUITER) else {"hiring_manager": person.id}
    return _new(RequisitionForm(data={"team": person.team_id, "country": person.country, **owner}))


def _new(form: RequisitionForm, problem: Problem | None = None) -> ResponseReturnValue:
    return render_template("steps/job_description/new.html", form=form, problem=problem)


@room.act("/requisitions/new")
def create() -> ResponseReturnValue:
    form = RequisitionForm()
    return perform(
        form,
        lambda: requisition_actions.create(me(), form.wanted(), now=clock.now()).id,
        done=lambda requisition_id: url_for(".page", requisition_id=requisition_id),
        again=lambda problem: _new(form, problem),
    )


@room.page("/requisitions/<id:requisition_id>")
def page(requisition_id: int) -> ResponseReturnValue:
    return show(requisition_id)


def show(
    requisition_id: int, problem: Problem | None = None, opening_form: OpeningForm | None = None
) -> ResponseReturnValue:
    """The page of one requisition, with the problem of the last submit."""
    person = me()
    row = spine.requisition(requisition_id)
    reader = queries.reader_of(person, row)
    approves = access.may_approve_opening(reader)
    openings = [(opening, queries.opening_state(opening)) for opening in queries.openings(row.id)]
    return render_template(
        "steps/job_description/requisition.html",
        row=row,
        ownerless=addressees(row, list(Owner)).unreached if row.status is not RequisitionStatus.CLOSED else [],
        versions=queries.versions(person, row),
        draft=queries.draft(row.id),
        openings=[
            (opening, state, _opening_forms(state, queries.places(row)) if approves else [])
            for opening, state in openings
        ],
        approves=approves,
        writes=access.may_write(reader),
        clones=access.may_create_requisition(reader),
        opening_form=opening_form or OpeningForm(data={"approved_on": local_day(clock.now(), person.time_zone)}),
        clone_form=CloneForm(),
        new_version_form=NewVersionForm(),
        blocked=rules.why_not_write(spine.requisition_facts(row)),
        problem=problem,
    )


def _opening_forms(state: OpeningState, places: Places) -> list[tuple[OpeningActForm, list[Refusal]]]:
    """What can be done to an opening, each with what stands in the way."""
    acts = requisition_rules.possible_acts(state)
    return [(OpeningActForm.of(act), requisition_rules.why_not_change_opening(state, act, places)) for act in acts]


@room.act("/requisitions/<id:requisition_id>/clone")
def clone(requisition_id: int) -> ResponseReturnValue:
    return perform(
        CloneForm(),
        lambda: requisition_actions.clone(me(), requisition_id, now=clock.now()).id,
        done=lambda new_id: url_for(".page", requisition_id=new_id),
        again=lambda problem: show(requisition_id, problem),
    )


@room.act("/requisitions/<id:requisition_id>/openings")
def add_opening(requisition_id: int) -> ResponseReturnValue:
    form = OpeningForm()
    return perform(
        form,
        lambda: requisition_actions.add_opening(me(), requisition_id, form.approved_on.data, now=clock.now()),
        done=url_for(".page", requisition_id=requisition_id),
        again=lambda problem: show(requisition_id, problem, form),
    )


@room.act("/openings/<id:opening_id>/hold")
def hold_opening(opening_id: int) -> ResponseReturnValue:
    return _change_opening(opening_id, OpeningAct.HOLD)


@room.act("/openings/<id:opening_id>/resume")
def resume_opening(opening_id: int) -> ResponseReturnValue:
    return _change_opening(opening_id, OpeningAct.RESUME)


@room.act("/openings/<id:opening_id>/cancel")
def cancel_opening(opening_id: int) -> ResponseReturnValue:
    return _change_opening(opening_id, OpeningAct.CANCEL)


def _change_opening(opening_id: int, act: OpeningAct) -> ResponseReturnValue:
    requisition_id = queries.opening(opening_id).requisition_id
    return perform(
        OpeningActForm.of(act),
        lambda: requisition_actions.change_opening(me(), opening_id, act, now=clock.now()),
        done=url_for(".page", requisition_id=requisition_id),
        again=lambda problem: show(requisition_id, problem),
    )

"""Two lists: the applications a reader may open, and the recruiters' dashboard."""

from datetime import timedelta
from typing import Any

from flask import flash, render_template, request, url_for
from flask.typing import ResponseReturnValue

from hiring.desk import actions, queries, rules
from hiring.desk.actions import Rejections
from hiring.desk.forms import RejectManyForm
from hiring.desk.queries import Scope, Wanted
from hiring.desk.rules import DeskPolicy, Part
from hiring.ground import clock, policy
from hiring.ground.database import Forbidden
from hiring.ground.forms import asked_number, reader_zone
from hiring.ground.web import Problem, Room, navigate, perform
from hiring.people import queries as people
from hiring.people.reader import me
from hiring.people.rules import Role
from hiring.pipeline.rules import Step
from hiring.steps.interview_loop.rules import LoopState, slot_called

room = Room("lists", __name__)
navigate("Dashboard", "lists.dashboard", lambda person: rules.may_open_dashboard(frozenset(person.roles)))
navigate("Applications", "lists.applications")
_STEPS = [step for step in Step if step is not Step.JOB_DESCRIPTION]
_ENDED = {"": False, "ended": True, "any": None}
_TOLD = 10
"""Refused applications that are named after a rejection of many."""


# --- Applications --------------------------------------------------------------------------------------------------


@room.page("/applications")
def applications() -> ResponseReturnValue:
    """What the reader may open, newest first."""
    return _applications()


def _applications(problem: Problem | None = None, sent: RejectManyForm | None = None) -> str:
    wanted = Wanted(
        requisition_id=asked_number("requisition"),
        step=next((step for step in _STEPS if step == request.args.get("step")), None),
        ended=_ENDED.get(request.args.get("state", ""), False),
        name=request.args.get("q", "").strip()[:100].replace("\x00", ""),
        before=asked_number("before"),
    )
    rows, before = queries.applications(me(), wanted, now=clock.now())
    form = sent or RejectManyForm(formdata=None)
    return render_template(
        "desk/applications.html",
        rows=rows,
        wanted=wanted,
        kept=_kept(),
        steps=_STEPS,
        next_url=url_for(".applications", **(_kept() | {"before": str(before)})) if before else None,
        rejectable={row.application_id for row in rows if rules.offers_rejection(row.step, row.ended, owner=row.own)},
        form=form,
        problem=problem,
    )


def _kept() -> dict[str, Any]:
    return {key: value for key, value in request.args.items() if key in ("requisition", "step", "state", "q") and value}


@room.act("/applications/reject")
def reject_many() -> ResponseReturnValue:
    """Reject those marked, each by its own rules."""
    form = RejectManyForm()
    return perform(
        form,
        lambda: actions.reject_many(me(), form.chosen.data or [], form.reason.data, form.message.data, now=clock.now()),
        done=_told,
        again=lambda problem: _applications(problem, form),
    )


def _told(result: Rejections) -> str:
    flash(f"Rejected: {len(result.rejected)}.")
    for name, refusals in result.refused[:_TOLD]:
        flash(f"{name} was not rejected: {' '.join(one.facts for one in refusals)}", "warn")
    if len(result.refused) > _TOLD:
        flash(f"{len(result.refused) - _TOLD} more were not rejected.", "warn")
    return url_for(".applications", **_kept())


# --- Dashboard -----------------------------------------------------------------------------------------------------


def _slot_of(row: queries.Named) -> str | None:
    return slot_called(row.state, composing=row.loop is LoopState.COMPOSING, declined=row.declined_at is not None)


@room.page("/dashboard")
def dashboard() -> ResponseReturnValue:
    """Open requisitions by step, what is stuck and whose move it is, today, and what is late."""
    reader, now = me(), clock.now()
    roles = frozenset(reader.roles)
    if not rules.may_open_dashboard(roles):
        raise Forbidden("Recruiters, coordinators, the head of recruiting and administrators open the dashboard.")
    mine = request.args.get("mine") == "1"
    scope = Scope(
        reader.id if mine else asked_number("recruiter"),
        asked_number("team"),
        asked_number("before"),
        next((part for part in Part if part == request.args.get("all")), None),
    )
    pipelines, before = queries.pipelines(scope)
    kept: dict[str, Any] = {
        key: value for key, value in request.args.items() if key in ("recruiter", "team", "mine") and value
    }
    start = now.astimezone(reader_zone()).replace(hour=0, minute=0, second=0, microsecond=0)
    names = rules.sees_candidates(roles)
    return render_template(
        "desk/dashboard.html",
        pipelines=pipelines,
        next_url=url_for(".dashboard", **(kept | {"before": str(before)})) if before else None,
        steps=_STEPS,
        names=names,
        stuck=queries.stuck(reader, scope, now) if names else None,
        stuck_days=policy.current()[DeskPolicy].stuck_days,
        slot_of=_slot_of,
        today=queries.interviews(reader, scope, start, start + timedelta(days=1), now) if names else None,
        late=queries.late_feedback(reader, scope, now) if names else None,
        quiet=queries.quiet_offers(reader, scope, now) if names else None,
        whole_urls={part: url_for(".dashboard", **kept, all=part.value, _anchor=part.value) for part in Part},
        page=queries.PAGE,
        recruiters=people.holder_choices(Role.RECRUITER),
        teams=people.team_choices(),
        scope=scope,
        mine=mine,
    )

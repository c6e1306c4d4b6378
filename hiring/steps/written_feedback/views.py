"""Pages of step 5: one's own feedback form, who has submitted and what one may read, a shadow's practice."""

from dataclasses import replace
from datetime import datetime

from flask import render_template, url_for
from flask.typing import ResponseReturnValue

from hiring.ground import clock
from hiring.ground.web import Problem, Room, perform
from hiring.people import queries as people
from hiring.people.models import Person
from hiring.people.reader import me
from hiring.pipeline import queries as spine
from hiring.pipeline.actions import require
from hiring.pipeline.desk_items import DeskItem, desk_source
from hiring.steps.written_feedback import actions, due, queries, rules
from hiring.steps.written_feedback.forms import (
    AmendForm,
    DraftForm,
    FeedbackForm,
    PracticeDraftForm,
    PracticeForm,
    feedback_form,
    filled_form,
)

room = Room("written_feedback", __name__)


# --- One's own ---------------------------------------------------------------------------------------------------


@room.page("/seats/<id:seat_id>/feedback")
def page(seat_id: int) -> ResponseReturnValue:
    now = clock.now()
    kit = queries.kit(me(), seat_id, now=now)
    require(kit.holder.id == me().id, f"{kit.holder.name} writes this feedback; you read it once it is yours to read.")
    return _page(seat_id, now=now)


def _page(
    seat_id: int,
    problem: Problem | None = None,
    form: FeedbackForm | None = None,
    amendment: AmendForm | None = None,
    *,
    now: datetime | None = None,
) -> ResponseReturnValue:
    now = now or clock.now()
    kit = queries.kit(me(), seat_id, now=now)
    if kit.holder.id != me().id:
        return _status(kit.application.id, problem)
    submitted = kit.facts.submitted_at is not None
    views = queries.readable(me(), kit.application.id, now) if submitted else []
    mine = next((view for view in views if view.seat_id == seat_id), None)
    draft = None if mine else queries.own_draft(me(), seat_id)
    if mine is None and (form is None or submitted):
        form = filled_form(kit, queries.entry_of(draft), draft.version if draft else 0)
    return render_template(
        "steps/written_feedback/form.html",
        kit=kit,
        draft=draft,
        mine=mine,
        form=form,
        amendment=amendment or (AmendForm() if mine else None),
        blocked=rules.why_not_write(kit.facts, me().id, me().name, now),
        amend_blocked=actions.why_not_amend(me(), kit) if submitted else [],
        resumes=spine.attachments(kit.application.id),
        problem=problem,
    )


@room.act("/seats/<id:seat_id>/feedback/save")
def save(seat_id: int) -> ResponseReturnValue:
    form = feedback_form(DraftForm, queries.kit(me(), seat_id, now=clock.now()))
    form.submission_key.data = ""  # a save that comes again is saved again: the version tells old from new
    shown = feedback_form(FeedbackForm, queries.kit(me(), seat_id, now=clock.now()))
    return perform(
        form,
        lambda: actions.save_draft(me(), seat_id, form.entry(), now=clock.now(), expected_version=form.shown_version),
        done=url_for(".page", seat_id=seat_id),
        again=lambda problem: _page(seat_id, replace(problem, action=shown.action), _with_errors(shown, form)),
    )


@room.act("/seats/<id:seat_id>/feedback/submit")
def submit(seat_id: int) -> ResponseReturnValue:
    form = feedback_form(FeedbackForm, queries.kit(me(), seat_id, now=clock.now()))
    return perform(
        form,
        lambda: actions.submit(me(), seat_id, form.entry(), now=clock.now(), expected_version=form.shown_version),
        done=url_for(".page", seat_id=seat_id),
        again=lambda problem: _page(seat_id, problem, form),
    )


@room.act("/seats/<id:seat_id>/feedback/amend")
def amend(seat_id: int) -> ResponseReturnValue:
    queries.kit(me(), seat_id, now=clock.now())
    form = AmendForm()
    return perform(
        form,
        lambda: actions.amend(me(), seat_id, form.text.data.strip(), now=clock.now()),
        done=url_for(".page", seat_id=seat_id),
        again=lambda problem: _page(seat_id, problem, amendment=form),
    )


def _with_errors(shown: FeedbackForm, sent: FeedbackForm) -> FeedbackForm:
    if sent.errors:
        shown.validate()
    return shown


# --- Everybody's -------------------------------------------------------------------------------------------------


@room.page("/applications/<id:application_id>/feedback")
def status(application_id: int) -> ResponseReturnValue:
    return _status(application_id)


def _status(application_id: int, problem: Problem | None = None) -> ResponseReturnValue:
    now = clock.now()
    application, _ = spine.application_for(me(), application_id, now=now)
    seats = queries.status(application_id)
    views = queries.readable(me(), application_id, now)
    return render_template(
        "steps/written_feedback/status.html",
        application=application,
        seats=seats,
        waiting=[seat for seat in seats if seat.state == "held" and seat.submitted_at is None],
        own=next((seat for seat in seats if seat.person_id == me().id and seat.state == "held"), None),
        views=views,
        matrix=queries.matrix(views),
        blocked=queries.why_not_read_others(me(), application, now=now),
        problem=problem,
    )


# --- Practice ----------------------------------------------------------------------------------------------------


@room.page("/shadows/<id:shadow_id>/practice")
def practice(shadow_id: int) -> ResponseReturnValue:
    return _practice(shadow_id)


def _practice(shadow_id: int, problem: Problem | None = None, form: PracticeForm | None = None) -> ResponseReturnValue:
    now = clock.now()
    found = queries.practice_for(me(), shadow_id, now=now)
    return render_template(
        "steps/written_feedback/practice.html",
        practice=found,
        form=form or PracticeForm(data={"text": found.text}),
        blocked=rules.why_not_practise(found.facts, me().id, me().name, now),
        problem=problem,
    )


@room.act("/shadows/<id:shadow_id>/practice/save")
def save_practice(shadow_id: int) -> ResponseReturnValue:
    queries.practice_for(me(), shadow_id, now=clock.now())
    form, shown = PracticeDraftForm(), PracticeForm()
    form.submission_key.data = ""  # see save
    return perform(
        form,
        lambda: actions.write_practice(me(), shadow_id, form.text.data, final=False, now=clock.now()),
        done=url_for(".practice", shadow_id=shadow_id),
        again=lambda problem: _practice(shadow_id, replace(problem, action=shown.action), shown),
    )


@room.act("/shadows/<id:shadow_id>/practice/submit")
def submit_practice(shadow_id: int) -> ResponseReturnValue:
    queries.practice_for(me(), shadow_id, now=clock.now())
    form = PracticeForm()
    return perform(
        form,
        lambda: actions.write_practice(me(), shadow_id, form.text.data, final=True, now=clock.now()),
        done=url_for(".practice", shadow_id=shadow_id),
        again=lambda problem: _practice(shadow_id, problem, form),
    )


# --- On the desk -------------------------------------------------------------------------------------------------


@desk_source
def desk_items(person: Person, now: datetime) -> list[DeskItem]:
    """One's own feedback with its clock, practice, and, for a recruiter, what others owe late on their loops."""
    own = [
        DeskItem(
            title=f"Write your feedback on {item.candidate}",
            detail="Only you can; the others' stays closed to you until then.",
            url=url_for("written_feedback.page", seat_id=item.seat_id),
            due=item.due_at,
            kind="feedback",
            application_id=item.application_id,
        )
        for item in due.owed_by(person.id, now)
    ]
    own += [_practice_item(*row, now) for row in queries.practices_owed_by(person.id)]
    late = due.late_for(person, now)
    names = people.names(item.person_id for item in late) if late else {}
    return own + [
        DeskItem(
            title=f"{names[item.person_id]}'s feedback on {item.candidate} is late",
            detail="Ask them; it is always accepted.",
            url=url_for("written_feedback.status", application_id=item.application_id),
            due=item.due_at,
            kind="late_feedback",
            application_id=item.application_id,
        )
        for item in late
    ]


def _practice_item(
    shadow_id: int, start: datetime, end: datetime, where: str, candidate: str, about: int, now: datetime
) -> DeskItem:
    url = url_for("written_feedback.practice", shadow_id=shadow_id)
    if now < start:
        title = f"Sit in on the interview with {candidate}"
        return DeskItem(title, where, url, start, "practice", end, about)
    title = f"Write your practice feedback on {candidate}"
    return DeskItem(title, "It teaches you, and is never counted.", url, None, "practice", None, about)

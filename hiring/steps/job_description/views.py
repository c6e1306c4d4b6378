"""Pages of a description: read it, write it, review it, let applications adopt it."""

from datetime import datetime, time
from zoneinfo import ZoneInfo

from flask import render_template, url_for
from flask.typing import ResponseReturnValue

from hiring.ground import clock
from hiring.ground.database import Stale
from hiring.ground.web import Problem, Room, perform
from hiring.people.models import Person
from hiring.people.queries import colleague
from hiring.people.reader import me
from hiring.pipeline import queries as spine
from hiring.pipeline.actions import require
from hiring.pipeline.desk_items import DeskItem, desk_source
from hiring.pipeline.models import Application, Requisition
from hiring.steps.job_description import access, actions, queries, requisition_views, rules
from hiring.steps.job_description.access import Reader
from hiring.steps.job_description.forms import (
    AdoptForm,
    AmendForm,
    DraftForm,
    NewVersionForm,
    ReassignForm,
    ReviewForm,
    SubmitForm,
    as_read,
    shown,
)
from hiring.steps.job_description.models import JobDescription
from hiring.steps.job_description.rules import Status, Verdict

room = Room("job_description", __name__)
rooms = [requisition_views.room, room]


@room.page("/descriptions/<id:description_id>")
def page(description_id: int) -> ResponseReturnValue:
    return _page(description_id)


def _page(
    description_id: int,
    problem: Problem | None = None,
    *,
    submit_form: SubmitForm | None = None,
    review_form: ReviewForm | None = None,
    reassign_form: ReassignForm | None = None,
    adopt_form: AdoptForm | None = None,
) -> ResponseReturnValue:
    now, person = clock.now(), me()
    row, requisition, reader = queries.description_for(person, description_id)
    today, requisition_facts = now.date(), spine.requisition_facts(requisition)
    facts = queries.facts(row, requisition)
    waiting = queries.open_review(row.id)
    reviewing = waiting is not None and waiting.reviewer_id == person.id
    deciding = row.status is Status.APPROVED and not row.proposed_level and reader.recruits
    blocked_submit, blocked_review = [], []
    if row.status is Status.DRAFT:
        reviewers = queries.some_reviewers(row, requisition, today)
        blocked_submit = rules.why_not_submit(facts, requisition_facts, row.status, reviewers)
    elif reviewing:
        blocked_review = rules.why_not_reviewer(
            colleague(person.id, today), queries.review_facts(row, requisition, today), today
        )
    elsewhere = queries.on_another_version(person, row) if deciding else []
    kept = {one.id: rules.why_not_take_over(one.candidate.name, one.step) for one in elsewhere}
    adoptable = [one for one in elsewhere if not kept[one.id]]
    shown_here = {"version": row.version, "review": waiting.id if waiting else ""}
    if problem is not None and problem.stale is not None:  # they are told that it changed, and read it on this page
        for form in filter(None, (submit_form, review_form)):
            form.process(formdata=None, data=form.data | shown_here)
    in_force = requisition.description_id if requisition.description_id != row.id else None
    return render_template(
        "steps/job_description/page.html",
        row=row,
        requisition=requisition,
        facts=facts,
        reports=queries.would_be_reports(row),
        reviews=queries.reviews(row.id) if _sees_reviews(reader, reviewing) else [],
        points=rules.POINTS,
        missing=rules.missing_parts(facts),
        changed=rules.changed_parts(queries.facts(queries.description(in_force), requisition), facts)
        if in_force and row.status in (Status.DRAFT, Status.IN_REVIEW)
        else [],
        waiting=waiting,
        reviewing=reviewing,
        writes=access.may_write(reader),
        submits=reader.manages,
        reassigns=waiting is not None and access.may_reassign(reader),
        submit_form=submit_form or SubmitForm(formdata=None, data=shown_here),
        review_form=review_form or ReviewForm(formdata=None, data=shown_here),
        reassign_form=reassign_form or ReassignForm(),
        new_version_form=NewVersionForm(),
        adopt_form=_with_choices(adopt_form or AdoptForm(), adoptable),
        adoptable=adoptable,
        kept=[refusal for refusals in kept.values() for refusal in refusals],
        blocked_submit=blocked_submit,
        blocked_review=blocked_review,
        problem=problem,
    )


def _sees_reviews(reader: Reader, reviewing: bool) -> bool:
    return access.may_read(reader, Status.IN_REVIEW, proposed_level=True, reviews=reviewing)


def _with_choices(form: AdoptForm, adoptable: list[Application]) -> AdoptForm:
    form.applications.choices = [
        (application.id, f"{application.candidate.name}, in {application.step.label}") for application in adoptable
    ]
    return form


@room.page("/descriptions/<id:description_id>/edit")
def edit(description_id: int) -> ResponseReturnValue:
    row, _, _ = _writable(description_id)
    form = AmendForm if row.status is Status.APPROVED else DraftForm
    return _edit(description_id, form=form(data=shown(row)))


def _writable(description_id: int) -> tuple[JobDescription, Requisition, Reader]:
    found = queries.description_for(me(), description_id)
    require(access.may_write(found[2]), actions.WRITERS)
    return found


def _edit(description_id: int, problem: Problem | None = None, *, form: AmendForm) -> ResponseReturnValue:
    row, requisition, _ = _writable(description_id)
    drafting = isinstance(form, DraftForm)
    facts = spine.requisition_facts(requisition)
    blocked = rules.why_not_write(facts) + (rules.why_not_edit if drafting else rules.why_not_amend)(row.status)
    return render_template(
        "steps/job_description/edit.html",
        row=row,
        requisition=requisition,
        form=form,
        drafting=drafting,
        url=url_for(".write" if drafting else ".amend", description_id=row.id),
        blocked=blocked,
        problem=problem,
        missing=rules.missing_parts(queries.facts(row, requisition)),
    )


@room.act("/descriptions/<id:description_id>/edit")
def write(description_id: int) -> ResponseReturnValue:
    row, _, _ = _writable(description_id)
    form = DraftForm()
    current = as_read(form, row)
    return perform(
        form,
        lambda: actions.write(
            me(),
            description_id,
            form.text(),
            expected_version=form.shown_version,
            current=current,
            now=clock.now(),
        ),
        done=url_for(".page", description_id=description_id),
        again=lambda problem: _edit(description_id, _renewed(problem, form, description_id), form=form),
    )


@room.act("/descriptions/<id:description_id>/amend")
def amend(description_id: int) -> ResponseReturnValue:
    row, _, _ = _writable(description_id)
    form = AmendForm()
    current = as_read(form, row)
    return perform(
        form,
        lambda: actions.amend(
            me(),
            description_id,
            form.amendment(),
            expected_version=form.shown_version,
            current=current,
            now=clock.now(),
        ),
        done=url_for(".page", description_id=description_id),
        again=lambda problem: _edit(description_id, _renewed(problem, form, description_id), form=form),
    )


def _renewed(problem: Problem, form: AmendForm, description_id: int) -> Problem:
    """Show the text as it is after the refusal: another save may have come in between."""
    if problem.stale is None:
        return problem
    row = queries.description(description_id)
    both = as_read(form, row) | {"version": str(row.version)}
    return Problem(problem.action, stale=Stale("the description", both))


@room.act("/descriptions/<id:description_id>/submit")
def submit(description_id: int) -> ResponseReturnValue:
    form = SubmitForm()
    return perform(
        form,
        lambda: actions.submit(me(), description_id, expected_version=form.shown_version, now=clock.now()),
        done=url_for(".page", description_id=description_id),
        again=lambda problem: _page(description_id, problem, submit_form=form),
    )


@room.act("/descriptions/<id:description_id>/review")
def review(description_id: int) -> ResponseReturnValue:
    queries.description_for(me(), description_id)
    form = ReviewForm()
    return perform(
        form,
        lambda: actions.review(
            me(),
            description_id,
            Verdict(form.verdict.data),
            form.points(),
            expected_version=form.shown_version,
            expected_review=form.shown_review,
            now=clock.now(),
        ),
        done=url_for(".page", description_id=description_id),
        again=lambda problem: _page(description_id, problem, review_form=form),
    )


@room.act("/descriptions/<id:description_id>/reassign")
def reassign(description_id: int) -> ResponseReturnValue:
    form = ReassignForm()
    return perform(
        form,
        lambda: actions.reassign(me(), description_id, form.reason.data, now=clock.now()),
        done=url_for(".page", description_id=description_id),
        again=lambda problem: _page(description_id, problem, reassign_form=form),
    )


@room.act("/descriptions/<id:description_id>/adopt")
def adopt(description_id: int) -> ResponseReturnValue:
    row, requisition, _ = queries.description_for(me(), description_id)
    require(queries.reader_of(me(), requisition).recruits, actions.ADOPTER)  # the form's choices are theirs alone
    form = _with_choices(AdoptForm(), queries.on_another_version(me(), row))
    return perform(
        form,
        lambda: actions.adopt(me(), description_id, form.applications.data, now=clock.now()),
        done=url_for(".page", description_id=description_id),
        again=lambda problem: _page(description_id, problem, adopt_form=form),
    )


@room.act("/requisitions/<id:requisition_id>/description")
def new_version(requisition_id: int) -> ResponseReturnValue:
    return perform(
        NewVersionForm(),
        lambda: actions.new_version(me(), requisition_id, now=clock.now()).id,
        done=lambda description_id: url_for(".edit", description_id=description_id),
        again=lambda problem: requisition_views.show(requisition_id, problem),
    )


@desk_source
def reviews_on_desk(person: Person, _now: datetime) -> list[DeskItem]:
    """Descriptions that wait for this person's verdict."""
    zone = ZoneInfo(person.time_zone)
    return [
        DeskItem(
            title=f"Review the description “{row.title}”",
            detail="Read it like a press release; give a verdict on four points.",
            url=url_for("job_description.page", description_id=row.id),
            due=datetime.combine(row.due_on, time(23, 59), zone),
            kind="description",
            application_id=row.application_id,
        )
        for row in queries.reviews_due(person.id)
    ]


@desk_source
def drafts_on_desk(person: Person, _now: datetime) -> list[DeskItem]:
    """Descriptions that wait for this person's pen."""
    found = []
    for row in queries.drafts_of(person.id):
        found.append(
            DeskItem(
                title=f"{'Mend' if row.changes else 'Finish'} the description “{row.title}”",
                detail="The reviewer asked for changes."
                if row.changes
                else "It is a draft; submit it when it is complete.",
                url=url_for("job_description.page", description_id=row.id),
                due=None,
                kind="description",
                application_id=row.application_id,
            )
        )
    return found

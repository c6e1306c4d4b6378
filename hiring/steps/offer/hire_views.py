"""Step 8 after the yes: the onboarding page (no pay on it) and the reviews of the hire."""

from collections.abc import Callable

from flask import make_response, render_template, url_for
from flask.typing import ResponseReturnValue

from hiring.ground import clock
from hiring.ground.forms import Form
from hiring.ground.rulebook import Refusal
from hiring.ground.web import Problem, Room, perform
from hiring.people.reader import me
from hiring.people.rules import Invalid
from hiring.pipeline.rules import End, Stand
from hiring.steps.offer import forms, hire_rules, onboarding, queries, rules
from hiring.steps.offer.models import HireReview
from hiring.steps.offer.rules import OfferState

room = Room("hire", __name__)


# --- Onboarding ----------------------------------------------------------------------------------------------------


@room.page("/applications/<id:application_id>/onboarding")
def onboarding_page(application_id: int) -> ResponseReturnValue:
    return _onboarding(application_id)


def _onboarding(application_id: int, problem: Problem | None = None, sent: Form | None = None) -> ResponseReturnValue:
    now = clock.now()
    application, stands, tasks = queries.onboarding_for(me(), application_id, now=now)
    offer = queries.newest_offer(application_id)
    live = offer if offer is not None and offer.state in rules.LIVE else None
    state = live.state if live else None
    version = {"version": str(live.version)} if live else {}
    kinds: tuple[type[Form], ...] = (forms.TaskForm, forms.MoveForm, forms.ArriveForm)
    return render_template(
        "steps/offer/onboarding.html",
        application=application,
        starts_on=offer.starts_on if offer and offer.accepted_at else None,
        moved=offer.start_moved_reason if offer else "",
        accepted=state is OfferState.ACCEPTED,
        runs=rules.may_run(stands),
        tasks=tasks,
        names=queries.names([task.done_by for task, _ in tasks]),
        reader=me().id,
        done_form=lambda: forms.DoneForm(formdata=None),
        forms={
            kind.action: sent if sent is not None and sent.action == kind.action else kind(formdata=None, data=version)
            for kind in kinds
        },
        changing=hire_rules.why_not_change(state, "Onboarding changes"),
        why_not_arrive=queries.why_not_arrive(application, live, now),
        today=queries.today_of(application, now),
        problem=problem,
    )


def _onboard(application_id: int, form: Form, act: Callable[[], object]) -> ResponseReturnValue:
    """Run one act; an owner who cannot own a task is an error beside the field."""
    try:
        return perform(
            form,
            act,
            done=url_for(".onboarding_page", application_id=application_id),
            again=lambda problem: _onboarding(application_id, problem, form),
        )
    except Invalid as invalid:
        form[invalid.field].errors = [str(invalid)]
        response = make_response(_onboarding(application_id, Problem(form.action, invalid=True), form))
        response.status_code = 422
        return response


@room.act("/applications/<id:application_id>/onboarding/tasks")
def add_task(application_id: int) -> ResponseReturnValue:
    form = forms.TaskForm()
    return _onboard(
        application_id,
        form,
        lambda: onboarding.add_task(
            me(), application_id, form.what.data, form.owner.data, form.due_on.data, now=clock.now()
        ),
    )


@room.act("/onboarding/<id:task_id>/done")
def finish_task(task_id: int) -> ResponseReturnValue:
    application_id = queries.task(task_id).application_id
    form = forms.DoneForm()
    return _onboard(application_id, form, lambda: onboarding.finish_task(me(), task_id, now=clock.now()))


@room.act("/applications/<id:application_id>/onboarding/start")
def move_start(application_id: int) -> ResponseReturnValue:
    form = forms.MoveForm()
    return _onboard(
        application_id,
        form,
        lambda: onboarding.move_start(
            me(),
            application_id,
            form.starts_on.data,
            form.text.data or "",
            expected_version=form.shown_version,
            now=clock.now(),
        ),
    )


@room.act("/applications/<id:application_id>/onboarding/arrival")
def arrive(application_id: int) -> ResponseReturnValue:
    form = forms.ArriveForm()
    return _onboard(application_id, form, lambda: onboarding.arrive(me(), application_id, now=clock.now()))


# --- Reviews of the hire -------------------------------------------------------------------------------------------


@room.page("/applications/<id:application_id>/reviews")
def reviews(application_id: int) -> ResponseReturnValue:
    return _reviews(application_id)


def _reviews(
    application_id: int, problem: Problem | None = None, sent: Form | None = None, about: int = 0
) -> ResponseReturnValue:
    application, stands, rows = queries.reviews_for(me(), application_id, now=clock.now())
    outcomes = queries.outcomes_of(application)
    today, hired = queries.today_of(application, clock.now()), application.ended is End.HIRED

    def why_not(row: HireReview) -> list[Refusal]:
        return hire_rules.why_not_review(row.due_on, today, hired=hired, done=row.done_at is not None)

    return render_template(
        "steps/offer/reviews.html",
        application=application,
        outcomes=outcomes,
        reviews=[
            (row, sent if sent is not None and about == row.id else forms.review_form(outcomes, formdata=None))
            for row in rows
        ],
        why_not=why_not,
        hired=hired,
        writes=Stand.HIRING_MANAGER in stands,
        today=today,
        names=queries.names([row.done_by for row in rows]),
        problem=problem,
    )


@room.act("/reviews/<id:review_id>")
def write_review(review_id: int) -> ResponseReturnValue:
    application_id = queries.review(review_id).application_id
    application, _, _ = queries.reviews_for(me(), application_id, now=clock.now())
    outcomes = queries.outcomes_of(application)
    form = forms.review_form(outcomes)
    return perform(
        form,
        lambda: onboarding.write_review(
            me(), review_id, form.answers(len(outcomes)), form["lesson"].data, now=clock.now()
        ),
        done=url_for(".reviews", application_id=application_id),
        again=lambda problem: _reviews(application_id, problem, form, review_id),
    )

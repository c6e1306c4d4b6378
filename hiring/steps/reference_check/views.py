"""Step 7's page and acts."""

from datetime import datetime

from flask import render_template, url_for
from flask.typing import ResponseReturnValue

from hiring.ground import clock, policy
from hiring.ground.forms import Form
from hiring.ground.web import Problem, Room, perform
from hiring.people.models import Person
from hiring.people.reader import me
from hiring.pipeline.desk_items import DeskItem, desk_source
from hiring.pipeline.rules import Stand, Step
from hiring.steps.reference_check import actions, queries, rules
from hiring.steps.reference_check.forms import CallForm, ConsentForm, OutcomeForm, ReferenceForm, WaiverForm
from hiring.steps.reference_check.models import ReferenceCheck
from hiring.steps.reference_check.rules import ReferenceOutcome, ReferencePolicy

room = Room("reference_check", __name__)


@desk_source
def calls_to_make(person: Person, _now: datetime) -> list[DeskItem]:
    """References that the hiring manager has to call."""
    return [
        DeskItem(
            f"Call references for {row.name}",
            row.title,
            url_for("reference_check.page", application_id=row.id),
            None,
            "references",
            application_id=row.id,
        )
        for row in queries.to_call(person)
    ]


@room.page("/applications/<id:application_id>/references")
def page(application_id: int) -> ResponseReturnValue:
    """Consent, references, calls, outcome."""
    return _page(application_id)


def _page(application_id: int, problem: Problem | None = None, sent: Form | None = None, about: int = 0) -> str:
    application, stands = queries.application_for(me(), application_id, now=clock.now())
    check = queries.current(application_id)

    def form(kind: type[Form], reference_id: int = 0) -> Form:
        return sent if isinstance(sent, kind) and about == reference_id else kind(formdata=None)

    outcome = form(OutcomeForm)
    if check is not None and sent is not outcome:
        outcome.version.data = str(check.version)
    return render_template(
        "steps/reference_check/page.html",
        application=application,
        check=check,
        earlier=queries.earlier(application_id),
        here=application.step is Step.REFERENCE_CHECK and application.ended is None,
        may_record=rules.may_record(stands),
        may_call=Stand.HIRING_MANAGER in stands,
        may_waive=Stand.BAR_RAISER in stands,
        consent=sent if isinstance(sent, ConsentForm) else _consent(check),
        reference=form(ReferenceForm),
        waiver=form(WaiverForm),
        outcome=outcome,
        call=lambda reference_id: form(CallForm, reference_id),
        why_not_add=queries.why_not_call(application, check, current_employer=False),
        why_not_call=lambda row: queries.why_not_call(application, check, current_employer=row.current_employer),
        why_not_waive=queries.why_not_waive(check),
        why_not_decide=queries.why_not_decide(application, check),
        calls_needed=policy.current()[ReferencePolicy].calls,
        problem=problem,
    )


def _consent(check: ReferenceCheck | None) -> ConsentForm:
    """The form says what is on record, so that correcting one part keeps the other."""
    if check is None:
        return ConsentForm(formdata=None, version="0")
    return ConsentForm(
        formdata=None,
        source=check.consent_source,
        current_employer_named=check.current_employer_named,
        version=str(check.consent_version),
    )


@room.act("/applications/<id:application_id>/references/consent")
def consent(application_id: int) -> ResponseReturnValue:
    """Record consent."""
    form = ConsentForm()
    return perform(
        form,
        lambda: actions.record_consent(
            me(),
            application_id,
            form.source.data,
            current_employer_named=form.current_employer_named.data,
            shown=form.shown_version,
            now=clock.now(),
        ),
        done=url_for(".page", application_id=application_id),
        again=lambda problem: _page(application_id, problem, form),
    )


@room.act("/applications/<id:application_id>/references/add")
def add(application_id: int) -> ResponseReturnValue:
    """Add somebody to call."""
    form = ReferenceForm()
    return perform(
        form,
        lambda: actions.add_reference(
            me(),
            application_id,
            name=form.name.data,
            relation=form.relation.data,
            contact=form.contact.data or "",
            current_employer=form.current_employer.data,
            now=clock.now(),
        ),
        done=url_for(".page", application_id=application_id),
        again=lambda problem: _page(application_id, problem, form),
    )


@room.act("/references/<id:reference_id>/call")
def call(reference_id: int) -> ResponseReturnValue:
    """Record a call."""
    form = CallForm()
    _, check = queries.reference(reference_id)
    application_id = check.application_id
    return perform(
        form,
        lambda: actions.record_call(
            me(),
            reference_id,
            would_hire_again=form.would_hire_again.data == "yes",
            percentile=form.percentile.data,
            notes=form.notes.data,
            now=clock.now(),
        ),
        done=url_for(".page", application_id=application_id),
        again=lambda problem: _page(application_id, problem, form, reference_id),
    )


@room.act("/applications/<id:application_id>/references/waive")
def waive(application_id: int) -> ResponseReturnValue:
    """Waive missing references."""
    form = WaiverForm()
    return perform(
        form,
        lambda: actions.waive(me(), application_id, form.reason.data, now=clock.now()),
        done=url_for(".page", application_id=application_id),
        again=lambda problem: _page(application_id, problem, form),
    )


@room.act("/applications/<id:application_id>/references/outcome")
def decide(application_id: int) -> ResponseReturnValue:
    """Record the outcome."""
    form = OutcomeForm()
    return perform(
        form,
        lambda: actions.decide(
            me(),
            application_id,
            ReferenceOutcome(form.outcome.data),
            form.new_facts.data or "",
            expected_version=form.shown_version,
            now=clock.now(),
        ),
        done=url_for(".page", application_id=application_id),
        again=lambda problem: _page(application_id, problem, form),
    )

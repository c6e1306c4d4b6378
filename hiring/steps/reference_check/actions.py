"""Step 7's acts: consent, references, calls, waiver, outcome."""

from datetime import datetime

from hiring.ground import audit
from hiring.ground.database import NotVisible, Stale, check_version, db, surely
from hiring.ground.rulebook import ensure
from hiring.people import queries as people
from hiring.people.models import Person
from hiring.pipeline import actions as spine
from hiring.pipeline import queries as pipeline
from hiring.pipeline.models import Application
from hiring.pipeline.rules import Sight, Stand, Step
from hiring.steps.debrief import actions as debrief
from hiring.steps.debrief.rules import Phase
from hiring.steps.reference_check import queries, rules
from hiring.steps.reference_check.models import Reference, ReferenceCheck
from hiring.steps.reference_check.rules import ReferenceOutcome

RECORDERS = "The requisition's recruiter or hiring manager records this."
CALLER = "The hiring manager calls references and says what they came to."


def _hold(
    actor: Person, application_id: int, now: datetime, *, caller: bool = False
) -> tuple[Application, ReferenceCheck]:
    """The held application and the check of its open visit, begun if need be; raises Refused outside the step."""
    application, stands = pipeline.held_for(actor, application_id, now=now, sight=Sight.REFERENCES)
    if caller:
        spine.require(Stand.HIRING_MANAGER in stands, CALLER)
    else:
        spine.require(rules.may_record(stands), RECORDERS)
    return application, _check(application)


def _check(application: Application) -> ReferenceCheck:
    """The check of a held application's open visit, begun if need be."""
    ensure(rules.why_not_here(application.step, ended=application.ended is not None))
    visit = surely(pipeline.open_visit(application.id), "visit")
    check = queries.current(application.id)
    if check is None:
        check = ReferenceCheck(application_id=application.id, visit_id=visit.id)
        db.session.add(check)
        db.session.flush()
    return check


def record_consent(
    actor: Person,
    application_id: int,
    source: str,
    *,
    current_employer_named: bool,
    shown: int | None = None,
    now: datetime,
) -> None:
    """Note when and how the candidate agreed, and whether they named their current employer.

    What is on record already, word for word, keeps its date. ``shown``: the version of the consent that the page
    showed. Raises Stale where another one would be replaced.
    """
    application, check = _hold(actor, application_id, now)
    if check.consent_at and (source, current_employer_named) == (check.consent_source, check.current_employer_named):
        return
    if shown is not None and check.consent_version and shown != check.consent_version:
        raise Stale("the consent", queries.consent_said(check))
    check.consent_version += 1
    check.consent_at, check.consent_source = now, source
    check.current_employer_named = current_employer_named
    audit.record(actor.id, "reference.consent", "application", application.id, at=now)


def add_reference(
    actor: Person,
    application_id: int,
    *,
    name: str,
    relation: str,
    contact: str,
    current_employer: bool,
    now: datetime,
) -> Reference:
    """Add somebody to call, nobody twice; the current employer only if the candidate named it."""
    application, check = _hold(actor, application_id, now)
    known = [rules.Named(each.name, each.contact) for each in check.references]
    ensure(
        queries.why_not_call(application, check, current_employer=current_employer)
        + rules.why_not_add_again(rules.Named(name, contact), known)
    )
    row = Reference(check_id=check.id, name=name, relation=relation, contact=contact, current_employer=current_employer)
    db.session.add(row)
    db.session.flush()
    db.session.expire(check, ["references"])
    audit.record(actor.id, "reference.add", "application", application.id, at=now, reference=row.id)
    return row


def record_call(
    actor: Person,
    reference_id: int,
    *,
    would_hire_again: bool,
    percentile: int,
    notes: str,
    now: datetime,
) -> int:
    """Note a call: would they hire this person again, in which percentile (1 to 99), what should we know.

    Returns the application's id.
    """
    row, its_check = queries.reference(reference_id)
    application, check = _hold(actor, its_check.application_id, now, caller=True)
    if row.check_id != check.id:
        raise NotVisible(f"reference {reference_id}")
    caller = people.person(row.called_by).name if row.called_by else ""
    ensure(
        queries.why_not_call(application, check, current_employer=row.current_employer)
        + rules.why_not_call_again(row.name, caller, row.called_at)
    )
    row.called_at, row.called_by = now, actor.id
    row.would_hire_again, row.percentile, row.notes = would_hire_again, percentile, notes
    audit.record(actor.id, "reference.call", "application", application.id, at=now, reference=row.id)
    return application.id


def waive(actor: Person, application_id: int, reason: str, *, now: datetime) -> None:
    """The Bar Raiser waives missing calls in writing, once."""
    application, stands = pipeline.held_for(actor, application_id, now=now, sight=Sight.REFERENCES)
    spine.require(Stand.BAR_RAISER in stands, "The Bar Raiser waives missing references.")
    check = _check(application)
    ensure(queries.why_not_waive(check))
    check.waived_by, check.waiver = actor.id, reason
    audit.record(actor.id, "reference.waive", "application", application.id, at=now)


def decide(
    actor: Person,
    application_id: int,
    outcome: ReferenceOutcome,
    new_facts: str,
    *,
    expected_version: int | None = None,
    now: datetime,
) -> None:
    """Record the outcome: clear goes on to the offer, new facts reconvene the debrief from Discuss."""
    application, check = _hold(actor, application_id, now, caller=True)
    ensure(queries.why_not_decide(application, check))
    check_version(check, expected_version)
    check.outcome, check.decided_by, check.decided_at = outcome, actor.id, now
    check.new_facts = new_facts if outcome is ReferenceOutcome.NEW_FACTS else ""
    audit.record(actor.id, "reference.decide", "application", application.id, at=now, outcome=outcome.value)
    db.session.flush()
    if outcome is ReferenceOutcome.CLEAR:
        spine.advance(application, Step.OFFER, actor_id=actor.id, now=now)
    else:
        debrief.reconvene(application, Phase.DISCUSS, "new facts from references", actor_id=actor.id, now=now)

"""Reads of step 7: reference notes are for the hiring manager, the requisition's recruiter and the Bar Raiser."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Row, Select, select

from hiring.ground import personal, policy
from hiring.ground.database import db, existing
from hiring.ground.reading import once
from hiring.ground.rulebook import Refusal
from hiring.people import queries as people
from hiring.people.asking import Asker, ask
from hiring.people.models import Person
from hiring.pipeline import queries as pipeline
from hiring.pipeline import readers
from hiring.pipeline.models import Application, Candidate, Requisition
from hiring.pipeline.rules import Sight, Stand, Step, why_not_go_back
from hiring.steps.reference_check import rules
from hiring.steps.reference_check.models import Reference, ReferenceCheck
from hiring.steps.reference_check.rules import CheckFacts

personal.own(
    "reference_check",
    [
        "reference.name",
        "reference.relation",
        "reference.contact",
        "reference.notes",
        "reference_check.new_facts",
        "reference_check.consent_source",
        "reference_check.waiver",
    ],
)


def application_for(reader: Person, application_id: int, *, now: datetime) -> tuple[Application, frozenset[Stand]]:
    """The application, for those who read its references; else NotVisible."""
    return pipeline.application_for(reader, application_id, now=now, sight=Sight.REFERENCES)


@once
def current(application_id: int) -> ReferenceCheck | None:
    """The check of the open visit, or the one that the last visit of this step left behind."""
    visits = [visit for visit in pipeline.visits(application_id) if visit.step is Step.REFERENCE_CHECK]
    if not visits:
        return None
    query = select(ReferenceCheck).where(ReferenceCheck.visit_id == visits[-1].id)
    return db.session.scalars(query).one_or_none()


@once
def earlier(application_id: int) -> list[ReferenceCheck]:
    """The checks of the visits before that, the newest first: what was heard then stays on record."""
    visits = [visit.id for visit in pipeline.visits(application_id) if visit.step is Step.REFERENCE_CHECK][:-1]
    query = select(ReferenceCheck).where(ReferenceCheck.visit_id.in_(visits)).order_by(ReferenceCheck.id.desc())
    return list(db.session.scalars(query)) if visits else []


def consent_said(check: ReferenceCheck) -> dict[str, str]:
    """The consent as it stands, by form field, for whoever edited an older one."""
    return {
        "source": check.consent_source,
        "current_employer_named": "yes" if check.current_employer_named else "no",
        "version": str(check.consent_version),
    }


@once
def facts(application: Application, check: ReferenceCheck | None) -> CheckFacts:
    """What the rule asks."""
    if check is None:
        return CheckFacts(application.candidate.name)
    return CheckFacts(
        candidate=application.candidate.name,
        consent=check.consent_at is not None,
        calls=sum(1 for row in check.references if row.called_at is not None),
        waived=check.waived_by is not None,
        outcome=check.outcome,
    )


def why_not_call(application: Application, check: ReferenceCheck | None, *, current_employer: bool) -> list[Refusal]:
    """Why this reference cannot be called, or added to be called, as things stand."""
    named = check is not None and check.current_employer_named
    return rules.why_not_call(facts(application, check), current_employer=current_employer, named=named)


def why_not_waive(check: ReferenceCheck | None) -> list[Refusal]:
    """Why missing calls cannot be waived: they are already."""
    if check is None or check.waived_by is None:
        return []
    return rules.why_not_waive(people.person(check.waived_by).name, check.waiver)


def why_not_decide(application: Application, check: ReferenceCheck | None) -> list[Refusal]:
    """Why no outcome can be recorded: clear moves on and new facts move back, and a hold stops both."""
    return [
        *rules.why_not_decide(facts(application, check), policy.current()[rules.ReferencePolicy]),
        *why_not_go_back(*pipeline.facts(application)),
    ]


def reference(reference_id: int) -> tuple[Reference, ReferenceCheck]:
    """One reference with its check; raises NotVisible."""
    query = select(Reference, ReferenceCheck).join(ReferenceCheck, ReferenceCheck.id == Reference.check_id)
    row = existing(db.session.execute(query.where(Reference.id == reference_id)).first(), f"reference {reference_id}")
    return row[0], row[1]


def to_call(person: Person) -> Sequence[Row[int, str, str]]:
    """Applications in this step whose hiring manager the person is, with candidate and position."""
    return ask(_to_call, person) if readers.ties(person.id).manages else []


def _to_call(asker: Asker) -> Select[int, str, str]:
    return (
        select(Application.id, Candidate.name, Requisition.title)
        .join(Candidate, Candidate.id == Application.candidate_id)
        .join(Requisition, Requisition.id == Application.requisition_id)
        .where(
            Application.step == Step.REFERENCE_CHECK,
            Application.ended.is_(None),
            Requisition.hiring_manager_id == asker.id,
        )
        .order_by(Application.step_entered_at)
    )

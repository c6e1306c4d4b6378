"""Step 1's acts on descriptions: write, submit, review, amend, adopt.

Nothing here commits: the caller holds ``writing()``. The requisition is held first, then the description.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm.attributes import flag_modified

from hiring.ground import audit, outbox, policy
from hiring.ground.config import settings
from hiring.ground.database import NotVisible, Stale, check_version, db, lock, surely
from hiring.ground.rulebook import ensure
from hiring.ground.working_time import next_working_day
from hiring.people.models import Person
from hiring.people.queries import colleague, people
from hiring.pipeline import queries as spine
from hiring.pipeline.actions import require, say
from hiring.pipeline.addressees import Owner, addressees, tell_stand_ins
from hiring.pipeline.models import Application, Requisition
from hiring.pipeline.rules import RequisitionStatus
from hiring.steps.job_description import access, queries, rules
from hiring.steps.job_description.access import Reader
from hiring.steps.job_description.models import (
    Adoption,
    DescriptionReview,
    JobDescription,
    MustHave,
    TestedItem,
    WouldBeReport,
)
from hiring.steps.job_description.rules import DescriptionPolicy, ItemKind, Status, Verdict

WRITERS = "The hiring manager and the recruiter of this requisition write its description."
ADOPTER = "The requisition's recruiter decides which applications adopt it."


@dataclass(frozen=True, slots=True)
class Amendment:
    """Parts of a description that may change without a new review."""

    title: str
    location: str
    summary: str


@dataclass(frozen=True, slots=True)
class Text(Amendment):
    """Everything that a draft says. Pay in minor units of ``currency`` a year.

    ``report_ids``: who would report to the position; empty with ``no_reports`` where nobody would.
    """

    pay_low: int | None
    pay_high: int | None
    currency: str
    report_ids: Sequence[int]
    no_reports: bool
    level: int
    outcomes: Sequence[str]
    must_haves: Sequence[str]
    principle_ids: Sequence[int]
    competencies: Sequence[str]


# --- Writing ------------------------------------------------------------------------------------------------------


def write(
    actor: Person,
    description_id: int,
    text: Text,
    *,
    expected_version: int | None,
    current: Mapping[str, str] | None = None,
    now: datetime,
) -> JobDescription:
    """Save a draft. Raises Stale with ``current``, what it says now by field, when it moved on since it was shown."""
    row, requisition, reader = _hold(actor, description_id)
    require(access.may_write(reader), WRITERS)
    ensure(rules.why_not_write(spine.requisition_facts(requisition)) + rules.why_not_edit(row.status))
    check_version(row, expected_version, dict(current or {}) | {"version": str(row.version)})
    _apply(row, text, now=now)
    _apply_draft(row, text)
    row.level, row.outcomes = text.level, list(text.outcomes)
    row.must_haves = [MustHave(place=place, text=words) for place, words in enumerate(text.must_haves, 1)]
    row.items.clear()
    db.session.flush()  # the old names must be gone before the same names come again
    chosen = {principle.id: principle for principle in queries.principles()}
    named = [chosen[principle_id] for principle_id in dict.fromkeys(text.principle_ids) if principle_id in chosen]
    row.items = [
        TestedItem(place=place, kind=ItemKind.PRINCIPLE, name=principle.name, principle_id=principle.id)
        for place, principle in enumerate(named, 1)
    ] + [
        TestedItem(place=place, kind=ItemKind.COMPETENCY, name=name)
        for place, name in enumerate(dict.fromkeys(text.competencies), len(named) + 1)
    ]
    db.session.flush()
    audit.record(actor.id, "description.write", "job_description", row.id, at=now)
    return row


def amend(
    actor: Person,
    description_id: int,
    text: Amendment,
    *,
    expected_version: int | None,
    current: Mapping[str, str] | None = None,
    now: datetime,
) -> JobDescription:
    """Change what needs no new review in an approved version; it must stay complete. Raises Stale, Refused."""
    row, requisition, reader = _hold(actor, description_id)
    require(access.may_write(reader), WRITERS)
    ensure(rules.why_not_write(spine.requisition_facts(requisition)) + rules.why_not_amend(row.status))
    check_version(row, expected_version, dict(current or {}) | {"version": str(row.version)})
    _apply(row, text, now=now)
    ensure(rules.why_not_complete(queries.facts(row, requisition)))
    if requisition.description_id == row.id:
        requisition.title, requisition.location = row.title, row.location
    db.session.flush()
    audit.record(actor.id, "description.amend", "job_description", row.id, at=now)
    _say(f"Description {row.number} amended.", row, actor_id=actor.id, now=now)
    return row


def new_version(actor: Person, requisition_id: int, *, now: datetime) -> JobDescription:
    """A draft that starts from the newest version; the one already begun, where there is one."""
    requisition = lock(Requisition, requisition_id)
    require(access.may_write(queries.reader_of(actor, requisition)), WRITERS)
    ensure(rules.why_not_write(spine.requisition_facts(requisition)))
    begun = queries.draft(requisition_id)
    if begun is not None:
        return begun
    row = copy_of(queries.newest(requisition_id), requisition, written_by=actor.id, now=now)
    audit.record(actor.id, "description.new_version", "job_description", row.id, at=now)
    return row


def create_for_level(actor: Person, application: Application, level: int, *, now: datetime) -> JobDescription:
    """A draft of this application's description at another level, to be reviewed like any other.

    It never becomes the requisition's; ``adopt_level`` gives it to the application once it is approved. The
    application is held by the caller.
    """
    requisition = lock(Requisition, application.requisition_id)
    require(access.may_write(queries.reader_of(actor, requisition)), WRITERS)
    source = queries.description(application.description_id) if application.description_id else None
    ensure(rules.why_not_propose(level, source.level if source else None))
    row = copy_of(source, requisition, written_by=actor.id, now=now, level=level, application_id=application.id)
    audit.record(actor.id, "description.propose_level", "application", application.id, at=now, level=level)
    return row


def copy_of(
    source: JobDescription | None,
    requisition: Requisition,
    *,
    written_by: int,
    now: datetime,
    level: int | None = None,
    application_id: int | None = None,
) -> JobDescription:
    """A new draft for a held requisition that says what ``source`` says, or only the requisition's title."""
    row = JobDescription(
        requisition_id=requisition.id,
        number=queries.next_number(requisition.id),
        status=Status.DRAFT,
        title=source.title if source else requisition.title,
        level=level or (source.level if source else 6),
        location=source.location if source else requisition.location,
        proposed_level=application_id is not None,
        application_id=application_id,
        written_by=written_by,
        created_at=now,
    )
    if source is not None:
        row.pay_low, row.pay_high, row.currency = source.pay_low, source.pay_high, source.currency
        row.summary, row.outcomes, row.reports_stated = source.summary, list(source.outcomes), source.reports_stated
        row.must_haves = [MustHave(place=item.place, text=item.text) for item in source.must_haves]
        row.items = [
            TestedItem(place=item.place, kind=item.kind, name=item.name, principle_id=item.principle_id)
            for item in source.items
        ]
        row.would_be_reports = [WouldBeReport(person_id=report.person_id) for report in source.would_be_reports]
    db.session.add(row)
    db.session.flush()
    return row


def _hold(actor: Person, description_id: int) -> tuple[JobDescription, Requisition, Reader]:
    """Hold requisition and description, freshly loaded, for somebody who may read it; raises NotVisible."""
    _, requisition, _ = queries.description_for(actor, description_id)
    lock(Requisition, requisition.id)
    lock(JobDescription, description_id)
    return queries.description_for(actor, description_id)


def _apply(row: JobDescription, text: Amendment, *, now: datetime) -> None:
    row.title, row.location, row.summary = text.title, text.location, text.summary
    row.edited_at = now
    flag_modified(row, "edited_at")  # an edit of lists alone must move the version too


def _apply_draft(row: JobDescription, text: Text) -> None:
    row.pay_low, row.pay_high, row.currency = text.pay_low, text.pay_high, text.currency
    row.reports_stated = text.no_reports or bool(text.report_ids)
    row.would_be_reports.clear()
    db.session.flush()
    row.would_be_reports = [WouldBeReport(person_id=person_id) for person_id in sorted(set(text.report_ids))]


# --- Review -------------------------------------------------------------------------------------------------------


def submit(
    actor: Person, description_id: int, *, expected_version: int | None = None, now: datetime
) -> DescriptionReview:
    """Send a draft to the Bar Raiser whom the rotation names; raises Refused by jd.complete and jd.reviewed.

    Raises Stale when the text is not the one that the page showed.
    """
    row, requisition, reader = _hold(actor, description_id)
    require(reader.manages, "The hiring manager submits the description.")
    if expected_version not in {None, row.version}:
        raise Stale("the description")
    reviewers = queries.possible_reviewers(row, requisition, now.date())
    facts = queries.facts(row, requisition)
    ensure(rules.why_not_submit(facts, spine.requisition_facts(requisition), row.status, reviewers))
    row.status, row.submitted_at = Status.IN_REVIEW, now
    audit.record(actor.id, "description.submit", "job_description", row.id, at=now)
    return _assign(row, requisition, reviewers, actor_id=actor.id, now=now)


def reassign(actor: Person, description_id: int, reason: str, *, now: datetime) -> DescriptionReview:
    """Take a review from somebody who cannot give it and let the rotation name the next; raises Refused."""
    row, requisition, reader = _hold(actor, description_id)
    require(access.may_reassign(reader), "An administrator who is not the hiring manager gives a review to the next.")
    reviewers = queries.possible_reviewers(row, requisition, now.date())
    ensure(rules.why_not_reassign(row.status, reviewers))
    waiting = surely(queries.open_review(row.id), "open review")
    waiting.replaced_at, waiting.replaced_reason = now, reason
    db.session.flush()
    audit.record(
        actor.id,
        "description.reassign",
        "job_description",
        row.id,
        at=now,
        away_from=waiting.reviewer_id if waiting else None,
    )
    return _assign(row, requisition, reviewers, actor_id=actor.id, now=now)


def review(
    actor: Person,
    description_id: int,
    verdict: Verdict,
    points: Mapping[str, str],
    *,
    expected_version: int | None = None,
    expected_review: int | None = None,
    now: datetime,
) -> DescriptionReview:
    """Give a verdict on the four points. Approval puts the version in force; changes send it back. Raises Refused.

    Raises Stale when text or review are not those that the page showed: nobody approves what they have not read.
    """
    row, requisition, _ = _hold(actor, description_id)
    found = queries.open_review(row.id)
    require(found is not None and found.reviewer_id == actor.id, "The Bar Raiser whom the rotation named reviews it.")
    assert found is not None  # noqa: S101  (for the type checker; require has raised)
    if expected_version not in {None, row.version} or expected_review not in {None, found.id}:
        raise Stale("the description")
    today = now.date()
    ensure(
        rules.why_not_verdict(
            colleague(actor.id, today),
            queries.review_facts(row, requisition, today),
            queries.facts(row, requisition),
            spine.requisition_facts(requisition),
            verdict,
            dict(points),
            today,
        )
    )
    found.verdict, found.at = verdict, now
    for point in rules.POINTS:
        setattr(found, point, points[point].strip())
    if verdict is Verdict.APPROVE:
        _approve(row, requisition, actor_id=actor.id, now=now)
    else:
        row.status = Status.DRAFT
    db.session.flush()
    audit.record(actor.id, f"description.{verdict.value}", "job_description", row.id, at=now)
    words = "approved" if verdict is Verdict.APPROVE else "sent back: changes asked for"
    _say(f"Description {row.number} {words}.", row, actor_id=actor.id, now=now)
    _tell_owners(row, requisition, verdict, now=now)
    return found


def _tell_owners(row: JobDescription, requisition: Requisition, verdict: Verdict, *, now: datetime) -> None:
    to = addressees(requisition, list(Owner), application_id=row.application_id)
    for person in to.reached:
        context = {"row": row, "verdict": verdict.value, "url": _url(row), "name": person.name}
        _notify("verdict", person, context, now=now)
    subject = f"{'Approved' if verdict is Verdict.APPROVE else 'Changes asked for'}: {row.title}"
    tell_stand_ins(to, requisition, subject, application_id=row.application_id, now=now)


def _assign(
    row: JobDescription, requisition: Requisition, reviewers: Sequence[int], *, actor_id: int, now: datetime
) -> DescriptionReview:
    found = DescriptionReview(
        description_id=row.id,
        reviewer_id=reviewers[0],
        assigned_at=now,
        due_on=_due_on(now.date(), requisition.country),
    )
    db.session.add(found)
    db.session.flush()
    reviewer = people([found.reviewer_id])[found.reviewer_id]
    audit.record(
        actor_id, "description.draw", "job_description", row.id, at=now, drawn=reviewer.id, among=len(reviewers)
    )
    _say(f"Description {row.number} is with {reviewer.name} for review.", row, actor_id=actor_id, now=now)
    context = {"row": row, "due_on": found.due_on, "url": _url(row), "name": reviewer.name}
    _notify("review", reviewer, context, now=now)
    return found


def _due_on(today: date, country: str) -> date:
    for _ in range(policy.current()[DescriptionPolicy].review_days):
        today = next_working_day(today, country)
    return today


def _approve(row: JobDescription, requisition: Requisition, *, actor_id: int, now: datetime) -> None:
    row.status, row.approved_at, row.approved_by = Status.APPROVED, now, actor_id
    if row.proposed_level:
        return
    if requisition.description_id is not None:
        queries.description(requisition.description_id).status = Status.SUPERSEDED
    requisition.description_id, requisition.title, requisition.location = row.id, row.title, row.location
    open_when_ready(requisition, actor_id=actor_id, now=now)


def open_when_ready(requisition: Requisition, *, actor_id: int, now: datetime) -> None:
    """Open a held draft requisition once it has an approved description and an opening."""
    ready = requisition.description_id is not None and requisition.openings > 0
    if requisition.status is RequisitionStatus.DRAFT and ready:
        requisition.status, requisition.opened_at = RequisitionStatus.OPEN, now
        audit.record(actor_id, "requisition.open", "requisition", requisition.id, at=now)
        say("Opened.", requisition_id=requisition.id, actor_id=actor_id, now=now)


def _say(sentence: str, row: JobDescription, *, actor_id: int, now: datetime) -> None:
    """A description written for one application is that application's news, not its requisition's."""
    own = None if row.application_id is None else spine.application(row.application_id)
    say(sentence, application=own, requisition_id=row.requisition_id, actor_id=actor_id, now=now)


def _url(row: JobDescription) -> str:
    return f"{settings().base_url}/descriptions/{row.id}"


def _notify(template: str, person: Person, context: Mapping[str, object], *, now: datetime) -> None:
    mail = outbox.compose(f"job_description/{template}", **context)
    outbox.put(f"description.{template}", person.email, *mail, recipient_id=person.id, now=now)


# --- Adoption -----------------------------------------------------------------------------------------------------


def adopt(actor: Person, description_id: int, application_ids: Collection[int], *, now: datetime) -> int:
    """Hold these live applications against this approved version from now on; returns how many took it over."""
    row, _, reader = _hold(actor, description_id)
    require(reader.recruits, ADOPTER)
    ensure(rules.why_not_adopt(row.status, fits=not row.proposed_level))
    offered = {application.id for application in queries.on_another_version(actor, row)}
    if not set(application_ids) <= offered:
        raise NotVisible(f"applications of description {description_id}")
    held = [spine.lock_application(application_id) for application_id in sorted(set(application_ids))]
    ensure(no for one in held for no in rules.why_not_take_over(one.candidate.name, one.step))
    for application in held:
        _take_over(application, row, actor_id=reader.person_id, now=now)
    return len(held)


def adopt_level(application: Application, row: JobDescription, *, actor_id: int | None, now: datetime) -> None:
    """Give a held application the approved description at its own level; raises Refused before the approval."""
    adopted = row.id == application.description_id
    ensure(rules.why_not_adopt(row.status, fits=row.application_id == application.id, adopted=adopted))
    _take_over(application, row, actor_id=actor_id, now=now)


def _take_over(application: Application, row: JobDescription, *, actor_id: int | None, now: datetime) -> None:
    application.description_id = row.id
    db.session.add(Adoption(application_id=application.id, description_id=row.id, adopted_by=actor_id, at=now))
    db.session.flush()
    audit.record(actor_id, "description.adopt", "application", application.id, at=now, description=row.id)
    say(f"Held against description {row.number} from now on.", application=application, actor_id=actor_id, now=now)

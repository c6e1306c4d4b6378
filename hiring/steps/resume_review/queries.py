"""Reads of step 2: the queue, one résumé beside its must-haves, and what the latest rejections tell."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import BindParameter, ColumnElement, Select, and_, bindparam, func, or_, select
from sqlalchemy.orm import joinedload

from hiring.ground import policy
from hiring.ground.database import BigId, NotVisible, UtcDateTime, db, existing
from hiring.ground.files import StoredFile, TextState
from hiring.ground.reading import once
from hiring.ground.rulebook import Refusal
from hiring.people.asking import Asker, ask, find
from hiring.people.models import Person
from hiring.people.rules import Role
from hiring.pipeline import queries as spine
from hiring.pipeline import readers, rejection
from hiring.pipeline.models import Application, Attachment, Candidate, Requisition, StepVisit
from hiring.pipeline.rules import End, EndReason, RequisitionStatus, Sight, Step
from hiring.steps.job_description.models import MustHave
from hiring.steps.resume_review import rules
from hiring.steps.resume_review.models import MustHaveMark
from hiring.steps.resume_review.rules import Mark, MustHaveFacts, ResumePolicy

PAGE = 25
"""Applications on one page of the queue."""


@dataclass(frozen=True, slots=True)
class Held:
    """One must-have held against the résumé; ``mark`` is None until somebody marked it."""

    must_have_id: int
    text: str
    mark: Mark | None
    note: str
    revision: int

    @property
    def facts(self) -> MustHaveFacts:
        """What the rules ask of it."""
        return MustHaveFacts(self.text, self.mark)


@dataclass(frozen=True, slots=True)
class Waiting:
    """One row of the queue: how many of its must-haves have which mark."""

    application: Application
    must_haves: int
    marked: int
    not_met: int
    not_shown: int
    newer: bool
    """Whether a newer résumé came that nobody said they read."""


@dataclass(frozen=True, slots=True)
class Resume:
    """The newest résumé of an application; ``text`` once the worker has read it, ``error`` when it could not.

    ``unread``: it came after the first, and nobody said yet that they read it. ``earlier``: those before, newest first.
    """

    attachment_id: int
    name: str
    added_at: datetime
    text: str | None
    error: str | None
    unread: bool
    earlier: list[Attachment]


def may_read_queue(reader: Person, requisition: Requisition) -> bool:
    """Recruiters and its hiring manager work in the queue; others come to a single résumé at most."""
    return reader.has(Role.RECRUITER) or reader.id == requisition.hiring_manager_id


def requisition_for(reader: Person, requisition_id: int) -> Requisition:
    """The requisition whose queue the reader may open: recruiters and its hiring manager; else NotVisible."""
    found = spine.requisition(requisition_id)
    if not may_read_queue(reader, found):
        raise NotVisible(f"résumés of requisition {requisition_id}")
    return found


Place = tuple[datetime, int]
"""Where a row of the queue stands: since when it waits here, and its id."""
_PLACE = (Application.step_entered_at, Application.id)


def waiting(reader: Person, requisition_id: int, after: Place | None = None) -> tuple[list[Waiting], Place | None]:
    """A page of the queue, who waits longest first, and the place after which the next begins (None: no next).

    What came back by a return or was reopened waits since then, not since it was first sent.
    """
    query = (
        select(Application)
        .where(*_in_queue(requisition_id), readers.visible_applications(reader))
        .options(joinedload(Application.candidate))
        .order_by(*_PLACE)
        .limit(PAGE + 1)
    )
    if after is not None:
        query = query.where(_behind(*after))
    found = list(db.session.scalars(query))
    rows = found[:PAGE]
    counts = _mark_counts(rows)
    newer = _unread_among(rows)
    sizes = _sizes({row.description_id for row in rows if row.description_id is not None})
    result = []
    for row in rows:
        marks = counts[row.id]
        result.append(
            Waiting(
                row,
                sizes.get(row.description_id or 0, 0),
                sum(marks.values()),
                marks.get(Mark.NOT_MET, 0),
                marks.get(Mark.NOT_SHOWN, 0),
                row.id in newer,
            )
        )
    return result, (rows[-1].step_entered_at, rows[-1].id) if len(found) > PAGE else None


def next_in_queue(reader: Person, application: Application) -> int | None:
    """The application that waits after this one, or else the one that waits longest of all others.

    One that was dealt with stood where it entered this step last.
    """
    place = {"requisition_id": application.requisition_id, "application_id": application.id}
    stood = _entered_at(application)
    found = ask(_next_in_queue, reader, True, stood=stood, **place) if stood is not None else []
    return next((row.id for row in found or ask(_next_in_queue, reader, False, **place)), None)


_APPLICATION = bindparam("application_id", type_=BigId)


def _next_in_queue(asker: Asker, behind: bool) -> Select[int]:
    query = select(Application.id).where(
        *_in_queue(bindparam("requisition_id", type_=BigId)),
        Application.id != _APPLICATION,
        readers.visible_applications(asker, live=True),
    )
    if behind:
        query = query.where(_behind(bindparam("stood", type_=UtcDateTime), _APPLICATION))
    return query.order_by(*_PLACE).limit(1)


def _entered_at(application: Application) -> datetime | None:
    if application.step is Step.RESUME_REVIEW:
        return application.step_entered_at
    return next((row.entered_at for row in find(_last_visit, application_id=application.id)), None)


def _last_visit() -> Select[datetime]:
    visits = select(StepVisit.entered_at).where(StepVisit.application_id == _APPLICATION)
    return visits.where(StepVisit.step == Step.RESUME_REVIEW).order_by(StepVisit.ordinal.desc()).limit(1)


def _behind(since: datetime | BindParameter[datetime], id_: int | BindParameter[int]) -> ColumnElement[bool]:
    return or_(Application.step_entered_at > since, and_(Application.step_entered_at == since, Application.id > id_))


def _in_queue(requisition_id: int | BindParameter[int]) -> tuple[ColumnElement[bool], ...]:
    return (
        Application.requisition_id == requisition_id,
        Application.step == Step.RESUME_REVIEW,
        Application.ended.is_(None),
    )


def _mark_counts(rows: Sequence[Application]) -> defaultdict[int, dict[Mark, int]]:
    """Marks per application, only those of the version that it is held against now."""
    result: defaultdict[int, dict[Mark, int]] = defaultdict(dict)
    query = (
        select(MustHaveMark.application_id, MustHaveMark.mark, func.count())
        .join(MustHave, MustHave.id == MustHaveMark.must_have_id)
        .join(Application, Application.id == MustHaveMark.application_id)
        .where(
            MustHaveMark.application_id.in_([row.id for row in rows]),
            MustHave.description_id == Application.description_id,
        )
        .group_by(MustHaveMark.application_id, MustHaveMark.mark)
    )
    for application_id, mark, count in db.session.execute(query):
        result[application_id][mark] = count
    return result


def _unread_among(rows: Sequence[Application]) -> set[int]:
    """Those with a newer résumé that nobody said they read."""
    query = select(Attachment.application_id).where(
        Attachment.application_id.in_([row.id for row in rows]), Attachment.unread
    )
    return set(db.session.scalars(query))


def _sizes(description_ids: set[int]) -> dict[int, int]:
    query = (
        select(MustHave.description_id, func.count())
        .where(MustHave.description_id.in_(description_ids))
        .group_by(MustHave.description_id)
    )
    return {row[0]: row[1] for row in db.session.execute(query)}


@once
def held_against(application: Application) -> list[Held]:
    """The must-haves of the version that the application is held against, in order, each with its mark.

    The caller has loaded the application with ``Sight.MUST_HAVES``.
    """
    found = find(_held_against, application_id=application.id, description_id=application.description_id)
    return [Held(item_id, text, mark, note or "", revision or 0) for item_id, text, mark, note, revision in found]


def _held_against() -> Select[int, str, Mark | None, str | None, int | None]:
    marked = (MustHaveMark.must_have_id == MustHave.id) & (MustHaveMark.application_id == _APPLICATION)
    return (
        select(MustHave.id, MustHave.text, MustHaveMark.mark, MustHaveMark.note, MustHaveMark.revision)
        .outerjoin(MustHaveMark, marked)
        .where(MustHave.description_id == bindparam("description_id", type_=BigId))
        .order_by(MustHave.place)
    )


def why_not_turn_down(application: Application, held: Sequence[Held]) -> list[Refusal]:
    """Why the résumé is not rejected now: page and action ask it of an application in this step."""
    refusals = rejection.why_not_reject(application.step, application.interviewed_at)
    return refusals or rules.why_not_turn_down([item.facts for item in held])


def revision(held: Sequence[Held]) -> int:
    """Grows with every saved change of an application's marks: what a form carries to notice a stale edit."""
    return sum(item.revision for item in held)


@once
def resume(application_id: int) -> Resume | None:
    """The newest résumé; the caller has loaded the application with ``Sight.CANDIDATE_FILE``."""
    found = [row for row in spine.attachments(application_id) if row.resume]
    if not found:
        return None
    newest = found[0]
    text = None
    if newest.file.text_state is TextState.DONE:
        [(text,)] = find(_text, file_id=newest.file_id)
    return Resume(
        newest.id,
        newest.file.name,
        newest.added_at,
        text,
        newest.file.text_error,
        unread=any(row.unread for row in found),
        earlier=found[1:],
    )


def _text() -> Select[str | None]:
    return select(StoredFile.text).where(StoredFile.id == bindparam("file_id", type_=BigId))


def attachment_for(reader: Person, attachment_id: int, *, now: datetime) -> StoredFile:
    """A file of an application whose candidate file the reader may open; else NotVisible."""
    query = select(Attachment).where(Attachment.id == attachment_id).options(joinedload(Attachment.file))
    found = existing(db.session.scalars(query).one_or_none(), f"attachment {attachment_id}")
    spine.application_for(reader, found.application_id, now=now, sight=Sight.CANDIDATE_FILE)
    return found.file


def candidate_for(reader: Person, candidate_id: int) -> Candidate:
    """A candidate whose records the reader may merge: recruiters, never about themselves; else NotVisible."""
    found = db.session.get(Candidate, candidate_id)
    if found is None or not reader.has(Role.RECRUITER) or readers.is_barred(reader, found):
        raise NotVisible(f"candidate {candidate_id}")
    return found


def duplicates_for(reader: Person, candidate: Candidate) -> list[Candidate]:
    """Likely duplicates that the reader may know of; two different colleagues of one name are none."""
    return [
        other
        for other in spine.likely_duplicates(candidate)
        if not (candidate.person_id and other.person_id and candidate.person_id != other.person_id)
        and not readers.is_barred(reader, other)
    ]


def applications_of(*candidate_ids: int) -> list[Application]:
    """All applications of these candidates with their requisitions."""
    query = select(Application).where(Application.candidate_id.in_(candidate_ids)).order_by(Application.id)
    return list(db.session.scalars(query.options(joinedload(Application.requisition))))


def clashes(applications: Sequence[Application], kept_id: int) -> list[str]:
    """Codes of requisitions to which the kept candidate and another have an active application each."""
    active = [row for row in applications if row.ended is None]
    mine = {row.requisition_id for row in active if row.candidate_id == kept_id}
    return [row.requisition.code for row in active if row.candidate_id != kept_id and row.requisition_id in mine]


def off_target(requisition: Requisition) -> list[Refusal]:
    """The finding resume.off_target for a requisition, from its latest rejections."""
    figures = policy.current()[ResumePolicy]
    latest = (
        select(Application.end_reason)
        .where(Application.requisition_id == requisition.id, Application.ended == End.REJECTED)
        .order_by(Application.ended_at.desc(), Application.id.desc())
        .limit(figures.off_target_window)
    )
    reasons = list(db.session.scalars(latest))
    return rules.why_off_target(reasons.count(EndReason.OFF_TARGET), len(reasons), requisition.code, figures)


@dataclass(frozen=True, slots=True)
class Pile:
    """What waits in the queue of one requisition; ``due``: when the oldest should be reviewed."""

    requisition_id: int
    code: str
    title: str
    count: int
    due: datetime


def piles(person: Person) -> list[Pile]:
    """The queues that a recruiter owes, one per open requisition of theirs with something in it."""
    if not person.has(Role.RECRUITER):
        return []
    days = timedelta(days=policy.current()[ResumePolicy].review_days)
    return [Pile(*row[:4], due=row[4] + days) for row in ask(_piles, person)]


def _piles(asker: Asker) -> Select[int, str, str, int, datetime]:
    return (
        select(
            Requisition.id,
            Requisition.code,
            Requisition.title,
            func.count(Application.id),
            func.min(Application.step_entered_at),
        )
        .join(Application, Application.requisition_id == Requisition.id)
        .where(
            readers.recruited_by(asker),
            Requisition.status == RequisitionStatus.OPEN,
            Application.step == Step.RESUME_REVIEW,
            Application.ended.is_(None),
            readers.visible_applications(asker),
        )
        .group_by(Requisition.id, Requisition.code, Requisition.title)
        .order_by(Requisition.id)
    )


@dataclass(frozen=True, slots=True)
class Newer:
    """An application of a recruiter's with a newer résumé that nobody said they read; ``due``: within the policy."""

    application_id: int
    name: str
    requisition: str
    due: datetime


def newer_resumes(person: Person) -> list[Newer]:
    """Newer résumés that a recruiter has not read, wherever the application stands until it ends."""
    if not person.has(Role.RECRUITER):
        return []
    days = timedelta(days=policy.current()[ResumePolicy].review_days)
    return [
        Newer(application_id, name, f"{code} {title}", came + days)
        for application_id, name, code, title, came in ask(resumes_unread, person)
    ]


def resumes_unread(asker: Asker) -> Select[int, str, str, str, datetime]:
    """The rows of ``newer_resumes``."""
    return (
        select(Application.id, Candidate.name, Requisition.code, Requisition.title, func.min(Attachment.added_at))
        .join(Application, Application.id == Attachment.application_id)
        .join(Candidate, Candidate.id == Application.candidate_id)
        .join(Requisition, Requisition.id == Application.requisition_id)
        .where(
            Attachment.unread,
            Application.ended.is_(None),
            readers.recruited_by(asker),
            readers.visible_applications(asker),
        )
        .group_by(Application.id, Candidate.name, Requisition.code, Requisition.title)
        .order_by(Application.id)
    )

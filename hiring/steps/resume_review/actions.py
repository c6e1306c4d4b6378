"""Use cases of step 2: take an application in, mark, advance, reject, and merge a candidate known twice."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update

from hiring.ground import audit, files, outbox, personal
from hiring.ground.database import UNSEEN, Stale, db, lock
from hiring.ground.files import Received
from hiring.ground.rulebook import Refused, ensure
from hiring.people.models import Person
from hiring.people.rules import Role
from hiring.pipeline import actions as spine
from hiring.pipeline import candidates, readers
from hiring.pipeline import queries as spine_queries
from hiring.pipeline import rules as spine_rules
from hiring.pipeline.models import Application, Attachment, Candidate, Requisition
from hiring.pipeline.rules import APPLICATION_COOL_OFF, DISTINCT, End, EndReason, Sight, Source, Step
from hiring.steps.job_description.models import Adoption
from hiring.steps.resume_review import newer, queries, rules
from hiring.steps.resume_review.models import MustHaveMark
from hiring.steps.resume_review.rules import Kept, Mark

_TOLD_BY_OTHERS = frozenset({Source.SOURCED, Source.REFERRED, Source.AGENCY})


@dataclass(frozen=True, slots=True)
class Applicant:
    """Who applies, as they or whoever adds them wrote it. ``time_zone``: IANA."""

    name: str
    email: str
    phone: str = ""
    location: str = ""
    time_zone: str = "UTC"


def apply(
    requisition_id: int,
    applicant: Applicant,
    resume: Received | None,
    *,
    source: Source,
    actor_id: int | None,
    now: datetime,
    source_detail: str = "",
    referrer_id: int | None = None,
    person_id: int | None = None,
) -> tuple[Application, str]:
    """Take an application in, tell the candidate by mail, and return it with the key of the candidate's own page.

    The key is empty where the address was known before: then only the mail carries the link, because whoever typed the
    address need not be its owner. ``person_id``: the signed-in colleague who applies. Raises Refused by
    requisition.open, application.once or application.cool_off, and UnacceptableFile.
    """
    lock(Requisition, requisition_id)
    colleague_id = person_id or _colleague(applicant.email)
    known = _known(applicant.email, colleague_id)
    candidate = known or spine.add_candidate(
        applicant.name,
        applicant.email,
        now=now,
        phone=applicant.phone,
        location=applicant.location,
        time_zone=applicant.time_zone,
        person_id=colleague_id,
    )
    application = spine.start_application(
        candidate,
        requisition_id,
        source=source,
        actor_id=actor_id,
        now=now,
        source_detail=source_detail,
    )
    if referrer_id is not None:
        candidates.referred(candidate.id, requisition_id, referrer_id, source_detail, now=now)
    db.session.add(
        Adoption(
            application_id=application.id,
            description_id=application.description_id,
            adopted_by=None,
            at=now,
        )
    )
    if resume is not None:
        stored = files.add(resume, now, actor_id)
        db.session.add(
            Attachment(application_id=application.id, file_id=stored.id, resume=True, added_at=now, added_by=actor_id)
        )
    key = candidates.link_key(candidate)
    audit.record(actor_id, "application.apply", "application", application.id, at=now, source=source.value)
    spine.say(f"Application received ({source.value}).", application=application, actor_id=actor_id, now=now)
    _acknowledge(application, candidate, key, now=now)
    db.session.flush()
    return application, "" if known else key


def apply_unseen(
    requisition_id: int,
    applicant: Applicant,
    resume: Received | None,
    *,
    source: Source,
    actor_id: int | None,
    now: datetime,
    source_detail: str = "",
    referrer_id: int | None = None,
) -> Application | None:
    """As ``apply``, for an actor who may learn nothing of the person behind the address.

    That they applied before, or must wait, goes to their own mailbox alone, and None comes back: the actor is to be
    answered as if it were an application. A résumé that comes to an application under way is kept as its newer one.
    Raises Refused only by what concerns the position.
    """
    lock(Requisition, requisition_id)  # beyond the attempt: what it found active does not end meanwhile
    try:
        with db.session.begin_nested():
            application, _ = apply(
                requisition_id,
                applicant,
                resume,
                source=source,
                actor_id=actor_id,
                now=now,
                source_detail=source_detail,
                referrer_id=referrer_id,
            )
            return application
    except Refused as refused:
        told = rules.about_the_position(refused.refusals)
        if told:
            raise Refused(told) from refused
        waits = next((item.way_out for item in refused.refusals if item.rule in (APPLICATION_COOL_OFF, DISTINCT)), "")
    candidate = _known(applicant.email, _colleague(applicant.email))
    if candidate is not None and referrer_id is not None:
        candidates.referred(candidate.id, requisition_id, referrer_id, source_detail, now=now)
    kept = Kept.NOT
    if candidate is not None and resume is not None:
        kept = newer.keep(candidate.id, requisition_id, resume, source=source, actor_id=actor_id, now=now)
    which = resume.sha256 if resume is not None and kept is Kept.NEWEST else kept.value
    _tell_known(requisition_id, candidate, applicant.email, waits, source=source, kept=kept, which=which, now=now)
    return None


def _tell_known(
    requisition_id: int,
    candidate: Candidate | None,
    email: str,
    waits: str,
    *,
    source: Source,
    kept: Kept,
    which: str,
    now: datetime,
) -> None:
    """Tell a candidate whom we know already what became of this try, and where their own page is.

    A colleague who answers for the position may never have been a candidate: they have no such page.
    """
    mail = outbox.compose(
        "resume_review/known",
        title=spine_queries.requisition(requisition_id).title,
        waits=waits,
        by_others=source in _TOLD_BY_OTHERS,
        kept=kept.value,
        key=candidates.link_key(candidate) if candidate else "",
    )
    # once a day: nobody fills a stranger's mailbox by applying in their name; yet of every file that was kept they hear
    to_address = candidate.email if candidate else email
    address = hashlib.sha256(to_address.strip().casefold().encode()).hexdigest()[:16]
    once = f"application.known:{requisition_id}:{address}:{now.date().isoformat()}:{which[:16]}"
    about = f"candidate:{candidate.id}" if candidate else None
    outbox.put("application.known", to_address, *mail, key=once, now=now, about=about)


def _colleague(email: str) -> int | None:
    """The employee behind an address: someone on the inside is kept from their own file, whoever adds them."""
    query = select(Person.id).where(func.lower(Person.email) == email.strip().lower(), Person.disabled_at.is_(None))
    return db.session.scalars(query.limit(1)).first()


def _known(email: str, person_id: int | None) -> Candidate | None:
    """The candidate whom this address, or this colleague, already is; held until commit."""
    open_rows = (Candidate.merged_into_id.is_(None), Candidate.origin == spine_rules.Origin.LIVE)
    query = select(Candidate.id).where(*open_rows).order_by(Candidate.id).limit(1)
    found = None
    if person_id is not None:
        found = db.session.scalar(query.where(Candidate.person_id == person_id))
    if found is None:
        key = email.strip().casefold()
        by_address = query.where(Candidate.email_key == key)
        if person_id is not None and _colleague(email) != person_id:
            return None  # a colleague typed an address that is not theirs: never hand them somebody else's file
        found = db.session.scalar(by_address)
    if found is None:
        return None
    candidate = lock(Candidate, found)
    if candidate.merged_into_id is not None:
        raise Stale("this candidate's record")
    if person_id is not None and candidate.person_id is None:
        candidate.person_id = person_id
    return candidate


def _acknowledge(application: Application, candidate: Candidate, key: str, *, now: datetime) -> None:
    mail = outbox.compose(
        "resume_review/received",
        name=candidate.name,
        title=application.requisition.title,
        added_by_others=application.source in _TOLD_BY_OTHERS,
        key=key,
    )
    outbox.put(
        "application.received",
        candidate.email,
        *mail,
        now=now,
        key=f"application.received:{application.id}",
        about=f"candidate:{candidate.id}",
    )


def add_by_hand(
    actor: Person,
    requisition_id: int,
    applicant: Applicant,
    resume: Received | None,
    *,
    source: Source,
    source_detail: str,
    referrer_id: int | None = None,
    now: datetime,
) -> Application | None:
    """A recruiter adds somebody who was sourced, referred or sent by an agency; the person is told.

    None where the recruiter may see nothing of that person (themselves, their manager or a report), whatever came of
    it. Raises Refused as ``apply``.
    """
    spine_queries.requisition(requisition_id)
    spine.require(actor.has(Role.RECRUITER), "A recruiter adds candidates by hand.")
    lock(Requisition, requisition_id)
    colleague_id = _colleague(applicant.email)
    whom = _known(applicant.email, colleague_id) or Candidate(person_id=colleague_id)
    if readers.is_barred(actor, whom):
        apply_unseen(
            requisition_id,
            applicant,
            resume,
            source=source,
            source_detail=source_detail,
            referrer_id=referrer_id,
            actor_id=actor.id,
            now=now,
        )
        return None
    application, _ = apply(
        requisition_id,
        applicant,
        resume,
        source=source,
        source_detail=source_detail,
        referrer_id=referrer_id,
        actor_id=actor.id,
        now=now,
    )
    return application


def save_marks(
    actor: Person,
    application_id: int,
    marks: Mapping[int, tuple[Mark | None, str]],
    *,
    expected: int | None,
    now: datetime,
) -> None:
    """Write how the résumé stands against each must-have (by its id; None clears the mark).

    ``expected`` is the revision of the marks that the form showed; raises Stale, with both texts, when it moved on.
    """
    application = _reviewable(actor, application_id, now=now)
    held = queries.held_against(application)
    current = queries.revision(held)
    unseen = expected == UNSEEN and not current  # nothing is marked yet that could be replaced
    if expected not in {None, current} and not unseen:
        raise Stale("the marks", _as_form(held, current))
    rows = {
        row.must_have_id: row
        for row in db.session.scalars(select(MustHaveMark).where(MustHaveMark.application_id == application.id))
    }
    for item in held:
        mark, note = marks.get(item.must_have_id, (None, ""))
        row = rows.get(item.must_have_id)
        if mark is None:
            if row is not None:
                raise Stale("the marks", _as_form(held, current))  # one made since the form was shown
        elif row is None:
            db.session.add(
                MustHaveMark(
                    application_id=application.id,
                    must_have_id=item.must_have_id,
                    mark=mark,
                    note=note,
                    by=actor.id,
                    at=now,
                    revision=1,
                )
            )
        elif (row.mark, row.note) != (mark, note):
            row.mark, row.note, row.by, row.at = mark, note, actor.id, now
            row.revision += 1
    audit.record(actor.id, "resume.mark", "application", application.id, at=now)
    db.session.flush()


def _as_form(held: Sequence[queries.Held], current: int) -> dict[str, str]:
    texts = {"version": str(current)}
    for item in held:
        words = rules.MARKS[item.mark] if item.mark else "not marked"
        texts[f"mark_{item.must_have_id}"] = words + (f": {item.note}" if item.note else "")
    return texts


def pass_on(actor: Person, application_id: int, *, now: datetime) -> Application:
    """Move on to the phone screen; raises Refused by resume.against_description and the spine's rules."""
    application = _reviewable(actor, application_id, now=now)
    ensure(
        [
            *rules.why_not_pass([item.facts for item in queries.held_against(application)]),
            *spine_queries.why_not_move(application),
        ]
    )
    spine.advance(application, Step.PHONE_SCREEN, actor_id=actor.id, now=now)
    return application


def turn_down(actor: Person, application_id: int, message: str, *, now: datetime) -> Application:
    """Reject as off target and tell the candidate; raises Refused by its must-haves and by reject.with_evidence."""
    application = _reviewable(actor, application_id, now=now)
    ensure(queries.why_not_turn_down(application, queries.held_against(application)))
    reject(application, EndReason.OFF_TARGET, message, actor_id=actor.id, now=now)
    return application


def reject(application: Application, reason: EndReason, message: str, *, actor_id: int, now: datetime) -> None:
    """End a locked application as rejected and write to the candidate; the caller has asked the rules."""
    spine.end_application(application, End.REJECTED, reason, actor_id=actor_id, now=now)
    candidate, title = application.candidate, application.requisition.title
    mail = outbox.compose("resume_review/rejected", title=title, message=message.strip())
    outbox.put("application.rejected", candidate.email, *mail, now=now, about=f"candidate:{candidate.id}")


def _reviewable(actor: Person, application_id: int, *, now: datetime) -> Application:
    """The application, held, for somebody who may review it, while it is in this step."""
    application, stands = spine_queries.held_for(actor, application_id, now=now, sight=Sight.MUST_HAVES)
    spine.require(rules.may_review(stands), rules.WHO_REVIEWS)
    if application.step is not Step.RESUME_REVIEW or application.ended is not None:
        raise Stale("this application")
    return application


def merge(actor: Person, kept_id: int, duplicate_id: int, *, now: datetime) -> None:
    """Give a duplicate's applications to the candidate who is kept; raises Refused by application.once."""
    kept = queries.candidate_for(actor, kept_id)
    queries.candidate_for(actor, duplicate_id)
    before = {row.id for row in _hold_applications(kept_id, duplicate_id)}
    for candidate_id in sorted((kept_id, duplicate_id)):
        lock(Candidate, candidate_id)
    duplicate = next((each for each in queries.duplicates_for(actor, kept) if each.id == duplicate_id), None)
    applications = queries.applications_of(kept_id, duplicate_id)
    if duplicate is None or kept.merged_into_id is not None or {row.id for row in applications} != before:
        raise Stale("one of the two candidates")
    ensure(rules.why_not_merge(queries.clashes(applications, kept_id), kept.name))
    theirs = [row for row in applications if row.candidate_id == duplicate_id]
    for row in theirs:
        row.candidate_id = kept_id
    db.session.flush()
    candidates.merge(kept, duplicate)
    audit.record(actor.id, "candidate.merge", "candidate", kept_id, at=now, duplicate=duplicate_id)
    for row in theirs:
        spine.say("Merged with another record of the same candidate.", application=row, actor_id=actor.id, now=now)
    db.session.flush()


def _hold_applications(*candidate_ids: int) -> list[Application]:
    """Hold requisitions, then applications, by id: the one lock order."""
    found = queries.applications_of(*candidate_ids)
    for requisition_id in sorted({row.requisition_id for row in found}):
        lock(Requisition, requisition_id)
    return [lock(Application, application_id) for application_id in sorted(row.id for row in found)]


def _export(candidate_id: int) -> Iterable[dict[str, Any]]:
    rows = select(MustHaveMark).join(Application).where(Application.candidate_id == candidate_id)
    for row in db.session.scalars(rows):
        yield {"must_have": row.must_have_id, "mark": row.mark.value, "note": row.note, "at": row.at.isoformat()}


def _erase(candidate_id: int) -> None:
    mine = select(Application.id).where(Application.candidate_id == candidate_id)
    db.session.execute(update(MustHaveMark).where(MustHaveMark.application_id.in_(mine)).values(note=""))


personal.own("resume_review", ["must_have_mark.note"], export=_export, erase=_erase)

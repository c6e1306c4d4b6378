"""Pages of step 2: the queue, one résumé, adding by hand, merging, and the download of files."""

from contextlib import suppress
from datetime import UTC, datetime
from typing import BinaryIO, cast

from flask import make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import FileStorage

from hiring.ground import clock, files
from hiring.ground.files import Received, UnacceptableFile
from hiring.ground.forms import asked_number
from hiring.ground.rulebook import Refusal
from hiring.ground.web import Problem, Room, as_download, perform
from hiring.people.models import Person
from hiring.people.reader import me
from hiring.people.rules import Role
from hiring.pipeline import queries as spine_queries
from hiring.pipeline import rules as spine_rules
from hiring.pipeline.actions import require
from hiring.pipeline.desk_items import DeskItem, desk_source, rare_desk_source
from hiring.pipeline.models import Application, Candidate
from hiring.pipeline.rules import Sight, Source, Step
from hiring.steps.resume_review import actions, newer, queries, rules
from hiring.steps.resume_review.actions import Applicant
from hiring.steps.resume_review.forms import (
    AddCandidateForm,
    AdvanceForm,
    MarksForm,
    MergeForm,
    ReadForm,
    RejectForm,
    marks_form,
)

room = Room("resume_review", __name__)
RESUME_BYTES = 10 * 1024 * 1024


@room.page("/requisitions/<id:requisition_id>/resumes")
def queue(requisition_id: int) -> ResponseReturnValue:
    requisition = queries.requisition_for(me(), requisition_id)
    after = _place(request.args.get("after", ""), asked_number("id"))
    rows, following = queries.waiting(me(), requisition_id, after)
    return render_template(
        "steps/resume_review/queue.html",
        requisition=requisition,
        rows=rows,
        next_url=url_for(".queue", requisition_id=requisition_id, after=following[0].isoformat(), id=following[1])
        if following
        else None,
        first_page=not after,
        findings=queries.off_target(requisition),
        may_add=me().has(Role.RECRUITER),
    )


def _place(since: str, number: int | None) -> queries.Place | None:
    """Where the page before ended, as its link said; None for the first page, and for a link that was tampered with."""
    with suppress(ValueError, OverflowError):
        instant = datetime.fromisoformat(since)
        if number is not None and instant.tzinfo is not None:
            return instant.astimezone(UTC), number
    return None


# --- One résumé --------------------------------------------------------------------------------------------------


@room.page("/applications/<id:application_id>/resume-review")
def page(application_id: int) -> ResponseReturnValue:
    return _page(application_id)


def _page(
    application_id: int,
    problem: Problem | None = None,
    marks: MarksForm | None = None,
    reject: RejectForm | None = None,
) -> ResponseReturnValue:
    application, stands = spine_queries.application_for(me(), application_id, now=clock.now(), sight=Sight.MUST_HAVES)
    held = queries.held_against(application)
    facts = [item.facts for item in held]
    requisition = application.requisition
    blocked = [*rules.why_not_pass(facts), *spine_queries.why_not_move(application)]
    here = application.step is Step.RESUME_REVIEW and application.ended is None
    may_queue = queries.may_read_queue(me(), requisition)
    following = queries.next_in_queue(me(), application) if may_queue else None
    resume = queries.resume(application_id)
    return render_template(
        "steps/resume_review/page.html",
        application=application,
        requisition=requisition,
        held=held,
        labels=rules.MARKS,
        resume=resume,
        may_queue=may_queue,
        read_form=ReadForm(formdata=None, data={"version": str(resume.attachment_id)}) if resume else None,
        here=here,
        may_review=rules.may_review(stands),
        marks=marks or marks_form(held, formdata=None),
        advance_form=AdvanceForm(formdata=None),
        reject_form=reject or RejectForm(formdata=None, data={"message": _preset(application)}),
        advance_blocked=blocked,
        reject_blocked=queries.why_not_turn_down(application, held) if here else [],
        duplicates=_duplicates(application),
        next_url=url_for(".page", application_id=following) if following else None,
        problem=problem,
    )


def _preset(application: Application) -> str:
    return (
        f"Dear {application.candidate.name},\n\n"
        f"thank you for your interest in the position {application.requisition.title}. We read your résumé against "
        "what the position needs, and it does not show all of it, so we will not go on with this application.\n\n"
        "We wish you well, and you are welcome to apply for another position.\n"
    )


def _duplicates(application: Application) -> list[tuple[Candidate, MergeForm, list[Refusal]]]:
    if not me().has(Role.RECRUITER):
        return []
    result = []
    for other in queries.duplicates_for(me(), application.candidate):
        clashes = queries.clashes(queries.applications_of(application.candidate_id, other.id), application.candidate_id)
        result.append((other, MergeForm(formdata=None), rules.why_not_merge(clashes, application.candidate.name)))
    return result


@room.act("/applications/<id:application_id>/resume-review/read")
def read(application_id: int) -> ResponseReturnValue:
    spine_queries.application_for(me(), application_id, now=clock.now(), sight=Sight.MUST_HAVES)
    form = ReadForm()
    return perform(
        form,
        lambda: newer.note_read(me(), application_id, form.shown_version, now=clock.now()),
        done=url_for(".page", application_id=application_id),
        again=lambda problem: _page(application_id, problem),
    )


@room.act("/applications/<id:application_id>/resume-review/marks")
def mark(application_id: int) -> ResponseReturnValue:
    held = _held(application_id)
    form = marks_form(held)
    return perform(
        form,
        lambda: actions.save_marks(
            me(), application_id, form.marks(held), expected=form.shown_version, now=clock.now()
        ),
        done=url_for(".page", application_id=application_id),
        again=lambda problem: _page(application_id, problem, marks=form),
    )


def _held(application_id: int) -> list[queries.Held]:
    application, _ = spine_queries.application_for(me(), application_id, now=clock.now(), sight=Sight.MUST_HAVES)
    return queries.held_against(application)


@room.act("/applications/<id:application_id>/resume-review/advance")
def advance(application_id: int) -> ResponseReturnValue:
    return perform(
        AdvanceForm(),
        lambda: actions.pass_on(me(), application_id, now=clock.now()),
        done=_onwards,
        said=lambda application: f"{application.candidate.name}: moved on to the phone screen.",
        again=lambda problem: _page(application_id, problem),
    )


@room.act("/applications/<id:application_id>/resume-review/reject")
def reject(application_id: int) -> ResponseReturnValue:
    form = RejectForm()
    return perform(
        form,
        lambda: actions.turn_down(me(), application_id, form.message.data, now=clock.now()),
        done=_onwards,
        said=lambda application: f"{application.candidate.name}: rejected, and told.",
        again=lambda problem: _page(application_id, problem, reject=form),
    )


def _onwards(application: Application) -> str:
    """The next résumé of the queue, or the queue when it is empty."""
    following = queries.next_in_queue(me(), application)
    if following is None:
        return url_for(".queue", requisition_id=application.requisition_id)
    return url_for(".page", application_id=following)


@room.act("/applications/<id:application_id>/resume-review/merge/<id:duplicate_id>")
def merge(application_id: int, duplicate_id: int) -> ResponseReturnValue:
    application, _ = spine_queries.application_for(me(), application_id, now=clock.now(), sight=Sight.MUST_HAVES)
    kept_id = application.candidate_id
    return perform(
        MergeForm(),
        lambda: actions.merge(me(), kept_id, duplicate_id, now=clock.now()),
        done=url_for(".page", application_id=application_id),
        again=lambda problem: _page(application_id, problem),
    )


# --- Adding by hand ----------------------------------------------------------------------------------------------


@room.page("/requisitions/<id:requisition_id>/candidates/new")
def new(requisition_id: int) -> ResponseReturnValue:
    return _new(requisition_id)


def _new(
    requisition_id: int, problem: Problem | None = None, form: AddCandidateForm | None = None
) -> ResponseReturnValue:
    requisition = spine_queries.requisition(requisition_id)
    require(me().has(Role.RECRUITER), "A recruiter adds candidates by hand.")
    return render_template(
        "steps/resume_review/new.html",
        requisition=requisition,
        form=form or AddCandidateForm(),
        blocked=spine_rules.why_not_open(spine_queries.requisition_facts(requisition)),
        problem=problem,
    )


@room.act("/requisitions/<id:requisition_id>/candidates/add")
def add(requisition_id: int) -> ResponseReturnValue:
    form = AddCandidateForm()
    spine_queries.requisition(requisition_id)
    require(me().has(Role.RECRUITER), "A recruiter adds candidates by hand.")
    try:
        resume = _receive(form.resume.data) if form.validate() else None
        return perform(
            form,
            lambda: _add(me(), requisition_id, form, resume, clock.now()),
            done=lambda application: _added(requisition_id, application),
            said=lambda application: "" if application else "Added, and told by mail. You see nothing of their file.",
            again=lambda problem: _new(requisition_id, problem, form),
        )
    except UnacceptableFile as error:
        form.resume.errors = [str(error)]
        response = make_response(_new(requisition_id, Problem(form.action, invalid=True), form))
        response.status_code = 422
        return response


def _added(requisition_id: int, application: Application | None) -> str:
    if application is None:
        return url_for(".queue", requisition_id=requisition_id)
    return url_for(".page", application_id=application.id)


def _receive(upload: FileStorage | None) -> Received | None:
    """Write the upload to the data folder before the transaction begins."""
    if upload is None or not upload.filename:
        return None
    return files.receive(cast(BinaryIO, upload.stream), upload.filename, RESUME_BYTES)


def _add(
    actor: Person, requisition_id: int, form: AddCandidateForm, resume: Received | None, now: datetime
) -> Application | None:
    applicant = Applicant(
        form.name.data.strip(), form.email.data.strip(), form.phone.data or "", form.location.data or ""
    )
    return actions.add_by_hand(
        actor,
        requisition_id,
        applicant,
        resume,
        source=Source(form.source.data),
        source_detail=form.source_detail.data or "",
        referrer_id=form.referrer.data,
        now=now,
    )


# --- Files -------------------------------------------------------------------------------------------------------


@room.page("/files/<id:attachment_id>")
def download(attachment_id: int) -> ResponseReturnValue:
    stored = queries.attachment_for(me(), attachment_id, now=clock.now())
    return as_download(files.path(stored), stored.media_type, stored.name)


@rare_desk_source(queries.resumes_unread)
def newer_on_the_desk(person: Person, _now: datetime) -> list[DeskItem]:
    """Newer résumés that nobody read, one each."""
    return [
        DeskItem(
            f"Newer résumé of {one.name}",
            one.requisition,
            url_for("resume_review.page", application_id=one.application_id),
            one.due,
            "resume",
            application_id=one.application_id,
        )
        for one in queries.newer_resumes(person)
    ]


@desk_source
def on_the_desk(person: Person, _now: datetime) -> list[DeskItem]:
    """Queues with résumés in them, one item per requisition of a recruiter."""
    return [_pile(pile) for pile in queries.piles(person)]


def _pile(pile: queries.Pile) -> DeskItem:
    return DeskItem(
        f"{pile.count} résumé{'s' if pile.count != 1 else ''} to review",
        f"{pile.code} {pile.title}",
        url_for("resume_review.queue", requisition_id=pile.requisition_id),
        pile.due,
        "resume",
    )

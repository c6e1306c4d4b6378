"""The candidate file: one application, what is next with it, and what the reader may read of it."""

from dataclasses import dataclass
from datetime import datetime

from flask import render_template, url_for
from flask.typing import ResponseReturnValue

from hiring.desk import actions, queries, rules
from hiring.desk.forms import NoteForm
from hiring.desk.frame import frame_of
from hiring.ground import clock
from hiring.ground.web import Problem, Room, perform
from hiring.people.reader import me
from hiring.pipeline import queries as pipeline
from hiring.pipeline.rules import Sight, Stand, Step, may_see, why_not_clear
from hiring.transitions import queries as transitions
from hiring.transitions import rules as transition_rules
from hiring.transitions.aftermath import after_end

room = Room("application", __name__)
room.add_app_template_global(frame_of)

PAGES = {
    Step.RESUME_REVIEW: "resume_review.page",
    Step.PHONE_SCREEN: "phone_screen.page",
    Step.INTERVIEW_LOOP: "interview_loop.page",
    Step.WRITTEN_FEEDBACK: "written_feedback.status",
    Step.DEBRIEF: "debrief.page",
    Step.REFERENCE_CHECK: "reference_check.page",
    Step.OFFER: "offer.page",
}
"""The endpoint of each step's page for one application."""


@dataclass(frozen=True, slots=True)
class Happening:
    """One line of the timeline."""

    at: datetime
    sentence: str
    who: str


@room.page("/applications/<id:application_id>")
def page(application_id: int) -> ResponseReturnValue:
    """One application: who, what is next, what happened."""
    return _page(application_id)


def _page(application_id: int, problem: Problem | None = None, sent: NoteForm | None = None) -> str:
    now = clock.now()
    application, stands = pipeline.application_for(me(), application_id, now=now)
    requisition = pipeline.requisition(application.requisition_id)
    whole, mine = pipeline.facts(application)
    move = rules.next_move(mine, whole, loop_confirmed=queries.is_loop_confirmed(application_id))
    pages = rules.pages_to_open(application.step, stands)
    latest = {visit.step: visit for visit in pipeline.visits(application_id)}
    owns = transition_rules.owns(stands)
    reads_file = may_see(Sight.CANDIDATE_FILE, stands)
    came, went = transitions.moves_of(me(), application, stands, now=now)
    return render_template(
        "desk/file.html",
        application=application,
        requisition=requisition,
        steps=[(step.value, step.label) for step in Step],
        move=move,
        move_url=_step_url(move.step, application_id) if move.step in pages else None,
        pages=[(step, _step_url(step, application_id), latest.get(step)) for step in pages],
        # another recruiter, whom the candidate may ask, knows from when on they may apply again, and no more: why it
        # ended is part of the debrief's record, and reopening is for those who answer for the requisition
        after=after_end(application, now) if owns or Stand.RECRUITER in stands else None,
        owns=owns,
        today=now.date(),
        moved=[(words, other) for words, other in (("Moved here from", came), ("Moved to", went)) if other],
        reads_file=reads_file,
        files=pipeline.attachments(application_id) if reads_file else [],
        notes=queries.notes(application_id) if reads_file else [],
        cords=transitions.cords_of(application) if may_see(Sight.CORDS, stands) else [],
        stopped=why_not_clear(whole, mine) if may_see(Sight.CORDS, stands) else [],
        happenings=[Happening(entry.at, entry.sentence, who) for entry, who in pipeline.timeline(application_id)],
        may_move=transition_rules.may_send_back(stands),
        may_pull=transition_rules.may_pull(stands),
        form=sent or NoteForm(formdata=None),
        problem=problem,
    )


def _step_url(step: Step | None, application_id: int) -> str | None:
    return url_for(PAGES[step], application_id=application_id) if step else None


@room.act("/applications/<id:application_id>/notes")
def add_note(application_id: int) -> ResponseReturnValue:
    """Add a note."""
    pipeline.application_for(me(), application_id, now=clock.now(), sight=Sight.CANDIDATE_FILE)
    form = NoteForm()
    return perform(
        form,
        lambda: actions.add_note(me(), application_id, form.text.data, now=clock.now()),
        done=url_for(".page", application_id=application_id) + "#notes",
        again=lambda problem: _page(application_id, problem, form),
    )

"""The careers pages, applying, referring, and the candidate's own page."""

from flask import g, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue

from hiring.careers import actions, queries, rules
from hiring.careers.forms import ApplyForm, ApplyInternallyForm, ReferForm, WithdrawForm
from hiring.ground import clock
from hiring.ground.database import writing
from hiring.ground.forms import asked_number
from hiring.ground.installation import installation
from hiring.ground.web import Problem, Room, perform
from hiring.people.reader import me

room = Room("careers", __name__)


@room.page("/careers", public=True)
def listing() -> ResponseReturnValue:
    words = request.args.get("q", "").replace("\x00", "").strip()[:100]
    title, number = request.args.get("after", "").replace("\x00", ""), asked_number("id")
    positions, more = queries.open_positions(words, (title, number) if number is not None else None)
    last = positions[-1] if positions else None
    return render_template(
        "careers/listing.html",
        positions=positions,
        words=words,
        next_url=url_for(".listing", q=words or None, after=last.title, id=last.id) if more and last else None,
    )


@room.page("/careers/<code>", public=True)
def position(code: str) -> ResponseReturnValue:
    return render_template("careers/position.html", position=queries.position(code))


@room.page("/careers/<code>/apply", public=True)
def application(code: str) -> ResponseReturnValue:
    queries.position(code)
    row = installation()
    return _application(code, ApplyForm(data={"time_zone": row.zone if row else "UTC"}))


def _application(code: str, form: ApplyForm, problem: Problem | None = None) -> ResponseReturnValue:
    found = queries.position(code, closed_too=True)
    return render_template("careers/apply.html", position=found, form=form, problem=problem)


@room.act("/careers/<code>/apply", public=True)
def apply(code: str) -> ResponseReturnValue:
    queries.position(code, closed_too=True)
    form = ApplyForm()
    try:
        with writing():
            actions.note_upload(request.remote_addr or "", clock.now())
    except actions.TooManyUploads:
        minutes = rules.UPLOAD_WINDOW.seconds // 60
        form.resume.errors = [f"Too many files came from your address. Wait {minutes} minutes, then send yours again."]
        shown = _application(code, form, Problem(form.action, invalid=True))
        return make_response(shown, 429, {"Retry-After": str(rules.UPLOAD_WINDOW.seconds)})
    return perform(
        form,
        lambda: actions.apply_as_stranger(
            queries.position(code, closed_too=True).requisition, form.applicant(), form.taken(), now=clock.now()
        ),
        done=url_for(".applied", code=code),
        again=lambda problem: _application(code, form, problem),
    )


@room.page("/careers/<code>/applied", public=True)
def applied(code: str) -> ResponseReturnValue:
    return render_template("careers/applied.html", position=queries.position(code, closed_too=True))


# --- Colleagues ---------------------------------------------------------------------------------------------------


@room.page("/careers/<code>/apply-internally")
def internal_application(code: str) -> ResponseReturnValue:
    queries.position(code)
    return _internal(code, ApplyInternallyForm())


def _internal(code: str, form: ApplyInternallyForm, problem: Problem | None = None) -> ResponseReturnValue:
    found = queries.position(code, closed_too=True)
    return render_template(
        "careers/apply_internally.html",
        position=found,
        form=form,
        problem=problem,
        why_not=queries.why_not_apply_internally(me(), found.requisition, clock.now().date()),
        applied=queries.has_applied(me(), found.requisition.id),
    )


@room.act("/careers/<code>/apply-internally")
def apply_internally(code: str) -> ResponseReturnValue:
    requisition_id = queries.position(code, closed_too=True).requisition.id
    form = ApplyInternallyForm()
    return perform(
        form,
        lambda: actions.apply_as_colleague(me(), requisition_id, form.taken(), form.phone.data or "", now=clock.now()),
        done=url_for(".applied", code=code),
        again=lambda problem: _internal(code, form, problem),
    )


@room.page("/careers/<code>/refer")
def referral(code: str) -> ResponseReturnValue:
    queries.position(code)
    return _referral(code, ReferForm())


def _referral(code: str, form: ReferForm, problem: Problem | None = None) -> ResponseReturnValue:
    found = queries.position(code, closed_too=True)
    return render_template("careers/refer.html", position=found, form=form, problem=problem)


@room.act("/careers/<code>/refer")
def refer(code: str) -> ResponseReturnValue:
    requisition_id = queries.position(code, closed_too=True).requisition.id
    form = ReferForm()
    return perform(
        form,
        lambda: actions.refer(
            me(), requisition_id, form.applicant(), form.received, form.how.data.strip(), now=clock.now()
        ),
        done=url_for(".referred", code=code),
        again=lambda problem: _referral(code, form, problem),
    )


@room.page("/careers/<code>/referred")
def referred(code: str) -> ResponseReturnValue:
    return render_template("careers/referred.html", position=queries.position(code, closed_too=True))


# --- The candidate's own page -------------------------------------------------------------------------------------


@room.page("/my/<key>", public=True)
def own_page(key: str) -> ResponseReturnValue:
    return _own(key)


def _own(key: str, problem: Problem | None = None, form: WithdrawForm | None = None) -> ResponseReturnValue:
    candidate = queries.candidate_by_key(key)
    g.zone = candidate.time_zone
    return render_template(
        "careers/own.html",
        key=key,
        candidate=candidate,
        applications=[
            (application, form if form and application.id == g.get("withdrawing") else WithdrawForm(formdata=None))
            for application in queries.own_applications(candidate, clock.now())
        ],
        problem=problem,
    )


@room.act("/my/<key>/applications/<id:application_id>/withdraw", public=True)
def withdraw(key: str, application_id: int) -> ResponseReturnValue:
    queries.own_application_id(queries.candidate_by_key(key), application_id)
    form = WithdrawForm()
    g.withdrawing = application_id
    return perform(
        form,
        lambda: actions.withdraw(key, application_id, (form.note.data or "").strip(), now=clock.now()),
        done=url_for(".own_page", key=key),
        again=lambda problem: _own(key, problem, form),
    )

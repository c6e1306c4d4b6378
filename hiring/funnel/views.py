"""The funnel page: table and chart of the same figures, and the people behind each."""

from typing import Any

from flask import Response, current_app, render_template, request, url_for
from flask.typing import ResponseReturnValue

from hiring.funnel import chart, queries
from hiring.funnel.forms import WindowForm
from hiring.funnel.queries import Window
from hiring.ground import clock
from hiring.ground.config import Settings
from hiring.ground.database import NotVisible
from hiring.ground.forms import asked_number
from hiring.ground.installation import company_zone
from hiring.ground.web import Room, navigate
from hiring.people.reader import me
from hiring.people.rules import Role
from hiring.pipeline import queries as spine
from hiring.pipeline.rules import Outcome, Step

room = Room("funnel", __name__)
_WINDOW = frozenset({"first", "last", "requisition"})
navigate(
    "Funnel",
    "funnel.page",
    lambda person: person.has(Role.HEAD_OF_RECRUITING, Role.RECRUITER, Role.ADMINISTRATOR, Role.PROGRAMME_OWNER),
)


@room.page("/funnel")
def page() -> ResponseReturnValue:
    """All eight steps over everything, or over the window in the address."""
    queries.require_reader(me())
    form = WindowForm(request.args)
    status = 200 if form.validate() else 422
    window = _window(form)
    address = _address()
    body = render_template(
        "funnel/page.html",
        form=form,
        rows=queries.step_figures(window),
        outcomes=list(Outcome),
        requisition=spine.requisition(window.requisition_id) if window.requisition_id else None,
        address=address,
        as_of=clock.now(),
        zone=company_zone().key,
    )
    return body, status


@room.page("/funnel/chart.svg")
def picture() -> ResponseReturnValue:
    """The chart, a request of its own so that the page does not wait for it."""
    queries.require_reader(me())
    form = WindowForm(request.args)
    form.validate()
    rows = queries.step_figures(_window(form))
    settings: Settings = current_app.extensions["settings"]
    return Response(chart.draw(rows, settings.data_dir / "cache"), mimetype="image/svg+xml")


@room.page("/funnel/people")
def people() -> ResponseReturnValue:
    """The applications behind one figure, as far as the reader may open them."""
    queries.require_reader(me())
    form = WindowForm(request.args)
    form.validate()
    try:
        step = Step(request.args.get("step", ""))
        outcome = Outcome(request.args["outcome"]) if request.args.get("outcome") else None
    except ValueError as error:
        raise NotVisible("figure") from error
    after = asked_number("after") or 0
    window = _window(form)
    found, hidden, following = queries.people_behind(me(), window, step, outcome, now=clock.now(), after=after)
    following_page: dict[str, Any] = _address() | {"step": step.value, "after": following}
    if outcome is not None:
        following_page["outcome"] = outcome.value
    return render_template(
        "funnel/people.html",
        step=step,
        outcome=outcome,
        rows=found,
        hidden=hidden,
        window=window,
        requisition=spine.requisition(window.requisition_id) if window.requisition_id else None,
        address=_address(),
        next_url=url_for(".people", **following_page) if following else None,
    )


def _address() -> dict[str, Any]:
    """The window as it stands in the address, for links that keep it."""
    return {key: value for key, value in request.args.items() if key in _WINDOW and value}


def _window(form: WindowForm) -> Window:
    first = form.first.data if not form.first.errors else None
    last = form.last.data if not form.last.errors else None
    return Window(asked_number("requisition"), first, last)

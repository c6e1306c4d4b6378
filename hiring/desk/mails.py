"""Mails that no server took: administrators see them, and let them go once more."""

from datetime import datetime
from typing import ClassVar

from flask import render_template, url_for
from flask.typing import ResponseReturnValue

from hiring.desk import actions
from hiring.desk.letters import fresh, letters
from hiring.ground import clock
from hiring.ground.forms import Form, asked_number
from hiring.ground.web import Problem, Room, navigate, perform
from hiring.people.models import Person
from hiring.people.reader import me
from hiring.people.rules import Role
from hiring.pipeline.desk_items import DeskItem, desk_source

room = Room("mails", __name__)
navigate("Mails", "mails.page", lambda person: person.has(Role.ADMINISTRATOR))


class RetryForm(Form):
    """One mail goes once more."""

    action: ClassVar[str] = "notice.retry"
    submit_label: ClassVar[str] = "Try again"


@desk_source
def on_the_desk(person: Person, now: datetime) -> list[DeskItem]:
    """Mails of late given up, as one line."""
    count = fresh(person, now)
    words = f"{count} mail{'s were' if count > 1 else ' was'} given up"
    there = url_for("mails.page")
    return [DeskItem(words, "See to whom and why, and let them go once more", there, None, "mail")] if count else []


@room.page("/mails")
def page() -> ResponseReturnValue:
    """What was given up, the latest first, and what still waits; administrators only."""
    return _page()


def _page(problem: Problem | None = None) -> str:
    now = clock.now()
    found = letters(me(), asked_number("before"), now=now)
    return render_template(
        "desk/mails.html",
        letters=found,
        form=lambda: RetryForm(formdata=None),
        problem=problem,
        moment=now,
        next_url=url_for(".page", before=found.before) if found.before else None,
    )


@room.act("/mails/<id:notice_id>/retry")
def retry(notice_id: int) -> ResponseReturnValue:
    """Let one mail go once more."""
    return perform(
        RetryForm(),
        lambda: actions.retry_mail(me(), notice_id, now=clock.now()),
        done=url_for(".page"),
        again=_page,
        said=lambda goes: "The mail goes once more." if goes else "It is too late for this mail, or it went already.",
    )

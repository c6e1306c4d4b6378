"""The process's own pages: rulebook, settings, audit."""

from collections.abc import Iterable
from dataclasses import dataclass

from flask import render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from wtforms import HiddenField, IntegerField, StringField
from wtforms.validators import InputRequired, Length

from hiring.desk import queries
from hiring.ground import clock, policy, rulebook
from hiring.ground.audit import AuditEntry
from hiring.ground.database import Forbidden, db
from hiring.ground.figures import OutOfBounds, Value, values
from hiring.ground.forms import Form, asked_number
from hiring.ground.rulebook import Rule
from hiring.ground.web import Problem, Room, navigate, perform
from hiring.people.models import Person
from hiring.people.reader import me
from hiring.people.rules import Role
from hiring.pipeline.rules import Step

room = Room("office", __name__)
navigate("Rulebook", "office.rules")
navigate("Settings", "office.settings", lambda person: person.has(Role.ADMINISTRATOR))
navigate("Audit", "office.audit", lambda person: person.has(Role.ADMINISTRATOR))
_PAGE = 100


class ValueForm(Form):
    """One figure of the policy; its version is the value that the page showed."""

    action = "policy.change"
    submit_label = "Change"
    key = HiddenField()
    value = IntegerField("New value", validators=[InputRequired("Give a whole number.")])
    reason = StringField("Reason", validators=[InputRequired("Say why; it is kept with the change."), Length(max=500)])


@dataclass(frozen=True, slots=True)
class Chapter:
    """The rules of one step."""

    title: str
    rules: list[Rule]


def chapters(rules: Iterable[Rule]) -> list[Chapter]:
    """The rulebook by step, in the order of the steps; what holds everywhere comes last."""
    by_step: dict[str, list[Rule]] = {}
    for rule in rules:
        by_step.setdefault(str(rule.step), []).append(rule)
    ordered = [
        Chapter(f"{step.place}. {step.label}", by_step.pop(step.value)) for step in Step if step.value in by_step
    ]
    return ordered + [Chapter(name.replace("_", " ").capitalize(), found) for name, found in by_step.items()]


@room.page("/rulebook")
def rules() -> ResponseReturnValue:
    """Every rule, generated from the code, and what differs from the book."""
    figures = [value for section in values(policy.current()).values() for value in section]
    return render_template(
        "desk/rulebook.html",
        chapters=chapters(rulebook.rulebook()),
        differing=[value for value in figures if value.differs],
    )


@room.page("/settings")
def settings() -> ResponseReturnValue:
    """The figures in force, each with its bounds; administrators only."""
    return _settings()


@room.act("/settings")
def change() -> ResponseReturnValue:
    """Change one figure within its bounds."""
    form = ValueForm()
    person = _administrator()

    def act() -> None:
        policy.change(
            person.id,
            str(form.key.data),
            int(form.value.data),
            str(form.reason.data),
            shown=form.shown_version,
            now=clock.now(),
        )

    try:
        return perform(form, act, done=url_for(".settings"), again=lambda problem: _settings(problem, form))
    except OutOfBounds as error:
        form.value.errors = [*form.value.errors, str(error)]
        return _settings(Problem(form.action, invalid=True), form), 422


def _settings(problem: Problem | None = None, sent: ValueForm | None = None) -> str:
    _administrator()
    current = policy.current()

    def form(value: Value) -> ValueForm:
        if sent is not None and sent.key.data == value.key:
            return sent
        return ValueForm(formdata=None, key=value.key, value=value.value, version=str(value.value))

    return render_template(
        "desk/settings.html", sections=values(current), form=form, problem=problem, version=current.version
    )


@room.page("/audit")
def audit() -> ResponseReturnValue:
    """Who did what to which id, newest first; never the text."""
    _administrator()
    before = asked_number("before")
    query = select(AuditEntry, Person.name).outerjoin(Person, Person.id == AuditEntry.actor_id)
    if before is not None:
        query = query.where(AuditEntry.position < before)
    rows = db.session.execute(query.order_by(AuditEntry.position.desc()).limit(_PAGE + 1)).all()
    following = rows[_PAGE - 1][0].position if len(rows) > _PAGE else None
    return render_template(
        "desk/audit.html",
        closed=queries.records_closed_to(me(), {(entry.subject, entry.subject_id or 0) for entry, _ in rows}),
        entries=rows[:_PAGE],
        next_url=url_for(".audit", before=following) if following else None,
    )


def _administrator() -> Person:
    person = me()
    if not person.has(Role.ADMINISTRATOR):
        raise Forbidden("Administrators, who own the process, open this page.")
    return person

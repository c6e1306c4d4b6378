"""The house itself: what no single room can promise."""

import re
import tomllib
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest
from flask_wtf import FlaskForm
from sqlalchemy import String
from werkzeug.datastructures import MultiDict
from wtforms import Field, HiddenField, PasswordField, StringField
from wtforms.fields.core import UnboundField

from hiring.ground import handback, personal
from hiring.ground.database import Base
from hiring.ground.forms import DayField, Form, LocalDateTimeField, Within
from hiring.ground.paths import resource
from hiring.steps.written_feedback.forms import FeedbackForm

ROOT = Path(__file__).resolve().parent.parent
TEMPLATES = sorted(resource("templates").rglob("*.html"))


def rooms_that_render() -> Iterator[tuple[str, str]]:
    """Each template that a view names, with the name of that view's room."""
    for source in sorted((ROOT / "hiring").rglob("*.py")):
        module = ".".join(source.relative_to(ROOT).with_suffix("").parts)
        for template in re.findall(r'"([\w/]+\.html)"', source.read_text(encoding="utf-8")):
            if "/" in template and hasattr(found := import_module(module), "room"):
                yield template, found.room.name


def test_every_endpoint_that_a_template_names_exists(app):
    rooms: dict[str, set[str]] = {}
    for template, room in rooms_that_render():
        rooms.setdefault(template, set()).add(room)
    for file in TEMPLATES:
        template = file.relative_to(resource("templates")).as_posix()
        for name in re.findall(r"""url_for\(\s*["']([\w.]+)["']\s*[,)]""", file.read_text(encoding="utf-8")):
            if name.startswith("."):
                assert template in rooms, f"{template} names {name}, and no view renders it"
                named = {room + name for room in rooms[template]}
            else:
                named = {name}
            assert named <= app.view_functions.keys(), f"{template}: {named - app.view_functions.keys()}"


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: str(path.relative_to(resource("templates"))))
def test_no_template_holds_inline_script_or_style(template):
    text = template.read_text(encoding="utf-8")
    if "mail" in template.parts:
        pytest.skip("mails have no policy and need their styles inline")
    assert not re.search(r"<script(?![^>]*\bsrc=)[^>]*>|<style|<\w[^>{}%]*\sstyle=|<\w[^>{}%]*\son[a-z]+=\"", text)


def test_macros_are_made_once_and_not_for_every_page():
    anew = re.compile(r"{% import[^%]*with context")
    assert [path.name for path in TEMPLATES if anew.search(path.read_text(encoding="utf-8"))] == []


@pytest.mark.parametrize(
    ("kind", "contract", "names"),
    [("rules", "Rules are pure", "source_modules"), ("views", "Only the app", "protected_modules")],
)
def test_the_contracts_name_every_file_of_rules_and_views(kind, contract, names):
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"][
        "contracts"
    ]
    (named,) = [set(each[names]) for each in contracts if each["name"].startswith(contract)]
    found = {f"hiring.**.{file.stem}" for file in (ROOT / "hiring").rglob(f"*{kind}.py")}
    assert found <= named


@pytest.mark.parametrize("lock", sorted(ROOT.glob("*.lock")), ids=lambda path: path.name)
def test_the_locks_hold_no_address(lock):
    assert "://" not in lock.read_text(encoding="utf-8")


def below(kind: type) -> list[type]:
    """A kind of ours and those below it; what other tests made of it does not count."""
    ours = (child for child in kind.__subclasses__() if child.__module__.startswith("hiring."))
    return [kind, *(found for child in ours for found in below(child))]


def test_every_state_changing_form_names_its_act(app):
    named_when_made = {"OpeningActForm"}  # one class, three buttons
    leaves = [kind for kind in below(Form) if kind is not Form and not kind.__subclasses__()]
    unnamed = [kind.__name__ for kind in leaves if not kind.action and kind.__name__ not in named_when_made]
    assert not unnamed


def test_blanks_are_no_answer_to_any_field_of_text_that_must_be_filled_in(app):
    assert FlaskForm.__subclasses__() == [Form]
    asked = set()
    by_rule = below(FeedbackForm)  # a draft is kept as it is; feedback.complete asks for its texts at submission
    for kind in below(Form):
        if kind is Form or kind in by_rule:
            continue
        with app.test_request_context():
            needed = [field.name for field in kind(formdata=None) if _is_text(field) and field.flags.required]
            form = kind(formdata=MultiDict(dict.fromkeys(needed, " \t\r\n ")))
            form.validate()
            silent = [name for name in needed if not form[name].errors]
        assert not silent, f"{kind.__name__} takes blanks for {silent}"
        asked.update((kind.__name__, name) for name in needed)
    assert {("WaiverForm", "reason"), ("ConflictForm", "person"), ("PrepareForm", "pay")} <= asked


def _is_text(field: Field) -> bool:
    return isinstance(field, StringField) and not isinstance(field, HiddenField)


ABOUT_CANDIDATES = re.compile(r"^(candidate|attachment|note|feedback|feedback_item|amendment|phone_screen|reference)")


def test_every_column_of_text_about_a_candidate_has_an_owner(app):
    owned = {column for owner in personal.owners() for column in owner.columns}
    plain = {
        "where",
        "origin",
        "source",
        "state",
        "verdict",
        "rating",
        "vote",
        "zone",
        "time_zone",
        "link_digest",
        "outcome",
    }
    missing = [
        f"{table.name}.{column.name}"
        for table in Base.metadata.sorted_tables
        if ABOUT_CANDIDATES.match(table.name)
        for column in table.columns
        if type(column.type) is String and column.name not in plain
        if f"{table.name}.{column.name}" not in owned
    ]
    assert not missing


def fields_of_forms() -> Iterator[tuple[str, UnboundField]]:
    """Every field that a form declares, by name."""
    for form in below(Form):
        yield from ((name, kind) for name, kind in vars(form).items() if isinstance(kind, UnboundField))


def test_no_password_is_handed_back(app):
    secret = {name for name, kind in fields_of_forms() if issubclass(kind.field_class, PasswordField)}
    assert secret and secret <= handback.SECRET_FIELDS


def test_every_day_that_a_form_takes_is_one_that_somebody_can_mean(app):
    by_a_rule = {"ended_at"}  # the end of an interview lies between its start and now
    days = [one for one in fields_of_forms() if issubclass(one[1].field_class, (DayField, LocalDateTimeField))]
    unbounded = {
        name
        for name, kind in days
        if not any(isinstance(each, Within) for given in (*kind.args, *kind.kwargs.values()) for each in given)
    }
    assert len(days) > 8 and unbounded == by_a_rule

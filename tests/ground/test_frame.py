"""What every page relies on: forms that explain themselves, refusals in full, error pages, and local files only."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup, Tag
from flask import Flask, render_template_string
from flask.testing import FlaskClient
from jinja2 import FileSystemBytecodeCache
from werkzeug.datastructures import MultiDict
from wtforms import RadioField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired

from hiring.app import create_app
from hiring.ground.config import Settings
from hiring.ground.database import Stale
from hiring.ground.forms import Form, LinesField
from hiring.ground.rulebook import Kind, Refusal, Rule
from hiring.ground.web import Problem

CHOICES = [SelectChoice("1", "Inclined"), SelectChoice("-1", "Not inclined")]


class NoteForm(Form):
    """A form with the shapes that are drawn differently."""

    action = "sample.note"
    submit_label = "Keep the note"
    title = StringField("Title", [DataRequired("Give the note a title.")], description="A few words.")
    text = TextAreaField("Text")
    items = LinesField("Items")
    vote = RadioField("Vote", [InputRequired("Choose one.")], choices=CHOICES)


def _refusal(kind: Kind, rule_id: str) -> Refusal:
    rule = Rule(rule_id, f"The sentence of {rule_id}.", "Sample", kind, "our own")
    return rule.refuse("It is 5, at least 6 is needed.", mend="The recruiter.", way_out="Ask somebody of level 6.")


BLOCK = _refusal(Kind.BLOCK, "sample.block")
WARN = _refusal(Kind.WARN, "sample.warn")


def _draw(app: Flask, source: str, sent: dict[str, str] | None = None, **values: Any) -> BeautifulSoup:
    page = '{% import "macros/ui.html" as ui with context %}' + source
    with app.test_request_context("/sample", method="POST" if sent else "GET", data=sent):
        forms = {name: made(MultiDict(sent) if sent else None) for name, made in values.pop("forms", {}).items()}
        if sent:
            for form in forms.values():
                form.validate()
        return BeautifulSoup(render_template_string(page, **forms, **values), "html.parser")


def _one(page: BeautifulSoup, selector: str) -> Tag:
    found = page.select(selector)
    assert len(found) == 1, f"{len(found)} of {selector}"
    return found[0]


@pytest.fixture
def app(sqlite_engine: Any) -> Any:
    """One engine is enough: nothing here depends on the database."""
    sqlite_engine.reset()
    with sqlite_engine.app.app_context():
        yield sqlite_engine.app


def test_a_blocked_form_says_rule_facts_mender_and_way_out_beside_a_button_that_does_nothing(app: Flask) -> None:
    page = _draw(app, "{{ ui.form(note, '/x', blocked=[block]) }}", forms={"note": NoteForm}, block=BLOCK)
    words = _one(page, '[data-rule="sample.block"]').get_text(" ", strip=True)
    for expected in (BLOCK.rule.sentence, BLOCK.facts, BLOCK.mend, BLOCK.way_out, BLOCK.rule.id):
        assert expected in words
    button = _one(page, "button")
    assert button["aria-disabled"] == "true"
    assert page.select(f'#{button["aria-describedby"]} [data-rule="sample.block"]')


def test_a_warning_asks_for_a_reason_and_leaves_the_button_usable(app: Flask) -> None:
    page = _draw(app, "{{ ui.button_form(note, '/x', blocked=[warn]) }}", forms={"note": NoteForm}, warn=WARN)
    reason = _one(page, 'textarea[name="reason.sample.warn"]')
    assert _one(page, f'label[for="{reason["id"]}"]').get_text() == "Reason for going on all the same"
    assert not _one(page, "button").has_attr("aria-disabled")


def test_a_refused_submit_is_explained_once_and_keeps_what_was_typed(app: Flask) -> None:
    problem = Problem("sample.note", refusals=(BLOCK, WARN))
    sent = {"title": "Ours", "text": "<b>kept</b>", "items": "one\ntwo", "vote": "-1", "reason.sample.warn": "Because."}
    source = "{{ ui.form(note, '/x', problem, blocked=[warn]) }}"
    page = _draw(app, source, sent, forms={"note": NoteForm}, problem=problem, warn=WARN)
    assert [tag["data-rule"] for tag in page.select("[role=alert] [data-rule]")] == ["sample.block", "sample.warn"]
    assert len(page.select('[data-rule="sample.warn"]')) == 1
    assert _one(page, "[name=title]")["value"] == "Ours"
    assert _one(page, "[name=text]").get_text(strip=True) == "<b>kept</b>"
    assert _one(page, "[name=items]").get_text().split() == ["one", "two"]
    assert _one(page, "[name=vote][checked]")["value"] == "-1"
    assert _one(page, '[name="reason.sample.warn"]').get_text(strip=True) == "Because."


def test_an_error_stands_beside_its_field_and_in_a_summary_that_leads_there(app: Flask) -> None:
    problem = Problem("sample.note", invalid=True)
    sent = {"text": "x", "vote": "1"}
    page = _draw(app, "{{ ui.form(note, '/x', problem) }}", sent, forms={"note": NoteForm}, problem=problem)
    field = _one(page, "[name=title]")
    described = " ".join(_one(page, f"#{part}").get_text() for part in str(field["aria-describedby"]).split())
    assert field["aria-invalid"] == "true"
    assert "A few words." in described
    assert "Give the note a title." in described
    assert [link["href"] for link in page.select("[role=alert] a")] == [f"#{field['id']}"]


def test_a_stale_edit_shows_the_text_of_the_other_person(app: Flask) -> None:
    problem = Problem("sample.note", stale=Stale("This note", {"title": "Theirs", "version": "4"}))
    sent = {"title": "Ours", "vote": "1", "version": "3"}
    page = _draw(app, "{{ ui.form(note, '/x', problem) }}", sent, forms={"note": NoteForm}, problem=problem)
    assert "Title Theirs" in _one(page, "[role=alert]").get_text(" ", strip=True)
    assert _one(page, "[name=title]")["value"] == "Ours"
    assert _one(page, "[name=version]")["value"] == "4", "saving again, having seen theirs, goes through"


def test_of_two_forms_with_one_action_only_the_submitted_one_shows_the_problem(app: Flask) -> None:
    with app.test_request_context("/sample", method="POST", data={"submission_key": "mine", "title": "t", "vote": "1"}):
        other, mine = NoteForm(formdata=None), NoteForm()
        html = render_template_string(
            '{% import "macros/ui.html" as ui with context %}'
            "<div id=a>{{ ui.form(other, '/1', problem) }}</div><div id=b>{{ ui.form(mine, '/2', problem) }}</div>",
            other=other,
            mine=mine,
            problem=Problem("sample.note", refusals=(BLOCK,)),
        )
    page = BeautifulSoup(html, "html.parser")
    assert not page.select("#a [data-rule]")
    assert page.select("#b [data-rule]")
    ids = [tag["id"] for tag in page.select("[id]")]
    assert len(ids) == len(set(ids))


def test_a_problem_that_no_form_shows_stands_above_the_content(app: Flask) -> None:
    with app.test_request_context("/sample"):
        html = render_template_string(
            '{% extends "public.html" %}{% block title %}T{% endblock %}{% block content %}nothing{% endblock %}',
            problem=Problem("gone.form", refusals=(BLOCK,)),
        )
    assert BLOCK.way_out in _one(BeautifulSoup(html, "html.parser"), "main [role=alert]").get_text()


def test_a_stranger_finds_nothing_politely_and_every_file_of_the_page_is_ours(client: FlaskClient) -> None:
    answer = client.get("/no-such-page")
    assert answer.status_code == 404
    page = BeautifulSoup(answer.data, "html.parser")
    assert _one(page, "h1").get_text() == "Nothing here for you"
    assert not page.select("nav")
    addresses = [tag.get("src") or tag.get("href") for tag in page.select("link, script")]
    assert len(addresses) >= 4
    for address in addresses:
        assert address is not None
        assert str(address).startswith("/")
        with client.get(str(address)) as file:
            assert file.status_code == 200
            assert "public" in file.headers["Cache-Control"]
    assert not page.select("[style], style, script:not([src])"), "the content security policy stops inline code"


def test_htmx_comes_from_this_server_for_strangers_too(client: FlaskClient) -> None:
    with client.get("/htmx/htmx.min.js") as file:
        assert file.status_code == 200


def test_without_a_database_the_page_says_so_and_that_nothing_changed(tmp_path: Path, sqlite_engine: Any) -> None:
    settings: Settings = replace(sqlite_engine.settings, database_url=f"sqlite:///{tmp_path}/missing/x.sqlite3")
    client = create_app(settings).test_client()
    answer = client.get("/no-such-page")
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "5"
    assert "The database cannot be reached; nothing was changed." in answer.text


def test_a_template_is_compiled_by_the_first_process_that_needs_it(
    tmp_path: Path, sqlite_engine: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.dont_write_bytecode", False)

    def page(kept: Path) -> str:
        app = create_app(sqlite_engine.settings)  # a process of its own has templates of its own
        cache = app.jinja_env.bytecode_cache
        assert isinstance(cache, FileSystemBytecodeCache)
        cache.directory = str(kept)
        return app.test_client().get("/no-such-page").text

    first = page(tmp_path / "kept")
    [error] = [file for file in (tmp_path / "kept").iterdir() if b"Go to the start page" in file.read_bytes()]
    error.write_bytes(error.read_bytes().replace(b"the start page", b"the first page"))
    assert "the start page" in first and "the first page" in page(tmp_path / "kept"), "the second compiled it anew"
    nowhere = tmp_path / "nowhere"
    nowhere.symlink_to(tmp_path / "missing")
    assert "the start page" in page(nowhere), "nothing can be kept there"

"""Naming colleagues in a form: how many at once, and all that are unknown told together."""

from flask import Flask
from werkzeug.datastructures import MultiDict

from hiring.ground.forms import Form
from hiring.people.fields import MOST, ColleaguesField
from tests.cast import Cast


class Named(Form):
    """One field that names people."""

    action = "sample.named"
    people = ColleaguesField("People")


def errors(app: Flask, *lines: str) -> list[str]:
    with app.test_request_context("/", method="POST"):
        form = Named(MultiDict({"people": "\n".join(lines)}))
        form.validate()
        return [str(words) for words in form.people.errors]


def test_a_form_takes_so_many_colleagues_and_says_how_many(app: Flask, cast: Cast) -> None:
    assert errors(app, "olga@example.org", "olga@example.org", "", "Ivan") == []
    assert errors(app, *(f"p{number}@example.org" for number in range(MOST + 1))) == [f"Name at most {MOST} people."]
    (both,) = errors(app, "x@example.org", "y@example.org")
    assert "x@example.org" in both and "y@example.org" in both

"""Inputs are written as wtforms writes them: nothing that a reader or a browser goes by is lost."""

from datetime import date
from typing import Any

import pytest
from bs4 import BeautifulSoup, Tag
from werkzeug.datastructures import MultiDict
from wtforms import (
    BooleanField,
    EmailField,
    IntegerField,
    PasswordField,
    SelectField,
    StringField,
    TelField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.meta import DefaultMeta
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional

from hiring.ground.forms import DayField, Form, MoneyField

HOSTILE = """"><script>alert('1 & 2')</script>"""


class EveryKind(Form):
    """One field of each kind that the product asks."""

    action = "sample.kinds"
    name = StringField("Name", [DataRequired(), Length(min=2, max=80)], default=HOSTILE)
    team = StringField("Team", render_kw={"list": "teams", "autocomplete": "off", "autofocus": True, "readonly": False})
    mail = EmailField("Mail", [InputRequired()], default="ada@example.org")
    phone = TelField("Phone", [Optional()])
    level = IntegerField("Level", [NumberRange(min=1, max=12)], default=4)
    pay = MoneyField("Pay", default=8_500_050)
    notes = TextAreaField("Notes", [Length(max=2000)], render_kw={"rows": 6}, default=f"\n{HOSTILE}\n")
    empty = TextAreaField("Empty")
    place = SelectField(
        "Place",
        [InputRequired()],
        coerce=int,
        choices=[
            SelectChoice(1, "Graz & Wien"),
            SelectChoice(2, '"Linz"', render_kw={"disabled": True}),
            SelectChoice(3, HOSTILE),
        ],
        default=2,
    )
    grouped = SelectField(
        "Grouped", choices=[SelectChoice("a", "A", optgroup="North"), SelectChoice("b", "B", optgroup="South")]
    )
    since = DayField("Since", default=date(2026, 3, 2))
    agreed = BooleanField("Agreed", default=True)
    password = PasswordField("Password", default="never shown")


def _form(**sent: str) -> EveryKind:
    return EveryKind(formdata=MultiDict(sent) if sent else None, meta={"csrf": False})


def _read(html: Any) -> Tag:
    return BeautifulSoup(str(html), "html.parser")


FIELDS = [field.name for field in _form()]


@pytest.mark.parametrize("sent", [{}, {"place": "3", "name": "<b>", "level": "x", "notes": "a\r\nb", "team": "'"}])
@pytest.mark.parametrize("name", FIELDS)
def test_an_input_says_what_wtforms_makes_it_say(name: str, sent: dict[str, str]) -> None:
    field = _form(**sent)[name]
    asked = {"id": "f1-x", "class": "form-control", "aria-describedby": "a b", "aria-invalid": "true"}
    assert _read(field(**asked)) == _read(DefaultMeta().render_field(field, asked))


def test_what_a_field_holds_never_becomes_a_tag() -> None:
    form = _form()
    for name in ("name", "notes", "place"):
        assert not _read(form[name]()).select("script")
    assert _read(form.name()).input["value"] == HOSTILE
    assert HOSTILE in _read(form.notes()).textarea.text

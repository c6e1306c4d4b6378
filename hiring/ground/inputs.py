"""How the fields of a form are written as HTML: as the widgets of wtforms write them, in a fraction of their time.

Those make several Markup objects for every attribute, which was half of all work on a page of forms. What a page holds
few of (files, ticks, days, passwords, lists to choose many from) is left to them.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from markupsafe import Markup, escape
from wtforms import Field, IntegerField, SelectField
from wtforms.widgets import EmailInput, TelInput, TextArea, TextInput

_ONE_LINE = {TextInput, EmailInput, TelInput}


def written(field: Field, asked: Mapping[str, Any]) -> Markup | None:
    """The input of a field, with what its validators tell the browser; None for one that its widget has to write.

    ``asked`` are the attributes that the template asks for; they stand before the field's own.
    """
    html = _html(field, {"id": field.id, "name": field.name, **_told(field), **(field.render_kw or {}), **asked})
    return None if html is None else Markup(html)  # noqa: S704  # every value in it was escaped


def _html(field: Field, given: Mapping[str, Any]) -> str | None:
    widget = field.widget
    if type(widget) in _ONE_LINE or widget is IntegerField.widget:
        return f"<input{_attributes({'type': widget.input_type, **given, 'value': field._value()})}>"
    if type(widget) is TextArea:
        return f"<textarea{_attributes(given)}>\r\n{escape(field._value())}</textarea>"
    if widget is SelectField.widget and not field.has_groups():
        return f"<select{_attributes(given)}>{''.join(map(_option, field.iter_choices()))}</select>"
    return None


def _told(field: Field) -> dict[str, Any]:
    """What the validators of a field let its kind of input say: required, maxlength, min."""
    flags, sayable = vars(field.flags), getattr(field.widget, "validation_attrs", ())
    return {name: flags[name] for name in sayable if name in flags}


def options(choices: Iterable[tuple[Any, str]], chosen: Any = None) -> Markup:
    """The options of a select outside of a form, from value and label: of hundreds of teams too."""
    listed = list(choices)
    values, labels = (_each_escaped(str(one[place]) for one in listed) for place in (0, 1))
    told = (
        f'<option value="{value}"{" selected" if one[0] == chosen else ""}>{label}</option>'
        for one, value, label in zip(listed, values, labels, strict=False)
    )
    return Markup("".join(told))  # noqa: S704  # every value in it was escaped


def _each_escaped(texts: Iterable[str]) -> list[str]:
    """All at once, for hundreds one by one cost as much as a page. Nothing that is kept holds a NUL."""
    return str.split(escape("\0".join(texts)), "\0")


def _option(choice: Any) -> str:
    if not choice.render_kw:
        selected = " selected" if choice.selected else ""
        return f'<option value="{escape(choice.value)}"{selected}>{escape(choice.label or choice.value)}</option>'
    given = {"value": str(choice.value), **choice.render_kw, "selected": choice.selected}
    return f"<option{_attributes(given)}>{escape(choice.label or choice.value)}</option>"


def _attributes(given: Mapping[str, Any]) -> str:
    """Each attribute after a blank; True is its bare name, False is left out."""
    return "".join(
        f" {name}" if value is True else f' {name}="{escape(value)}"'
        for name, value in given.items()
        if value is not False
    )

"""What the funnel page may be narrowed to; a GET form, kept in the address."""

from wtforms import Form
from wtforms.validators import Optional

from hiring.ground.forms import DayField


class WindowForm(Form):  # type: ignore[misc]  # wtforms has no types
    """First and last day of first entries, in the company's zone."""

    first = DayField("First entered from", validators=[Optional()])
    last = DayField("First entered until", validators=[Optional()])

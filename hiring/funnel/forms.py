"""What the funnel page may be narrowed to; a GET form, kept in the address."""

from wtforms import DateField, Form
from wtforms.validators import Optional, ValidationError


def _plausible(_form: Form, field: DateField) -> None:
    if field.data is not None and not 1970 <= field.data.year <= 2200:
        raise ValidationError("Give a day between 1970 and 2200.")


class WindowForm(Form):  # type: ignore[misc]  # wtforms has no types
    """First and last day of first entries, in the company's zone."""

    first = DateField("First entered from", validators=[Optional(), _plausible])
    last = DateField("First entered until", validators=[Optional(), _plausible])

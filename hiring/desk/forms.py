"""Form shapes of the candidate file and the lists."""

from wtforms import SelectMultipleField, TextAreaField
from wtforms.validators import InputRequired, Length

from hiring.ground.forms import Form


class NoteForm(Form):
    """A note on an application."""

    action = "note.add"
    submit_label = "Add the note"
    text = TextAreaField(
        "Note",
        description="Everybody who reads this file reads it. What you judge of an interview belongs in your feedback.",
        validators=[InputRequired("Write something."), Length(max=10_000)],
    )


def _row_id(text: str) -> int:
    """A number that a row may have; raises ValueError for one that no database can hold."""
    number = int(text)
    if not 0 < number < 10**18:
        raise ValueError("no row has this number")
    return number


class RejectManyForm(Form):
    """Reject several applications before their interviews, with one reason and one message."""

    action = "applications.reject_many"
    submit_label = "Reject those marked"
    chosen = SelectMultipleField(
        "Applications",
        coerce=_row_id,
        choices=[],
        validate_choice=False,  # the list may have moved on since; the action asks each one
        validators=[InputRequired("Mark at least one application."), Length(max=100, message="Mark at most 100.")],
    )
    reason = TextAreaField("Why", validators=[InputRequired("Say why; it is kept on record."), Length(max=10_000)])
    message = TextAreaField(
        "Message to each candidate",
        validators=[InputRequired("The candidates are told."), Length(max=10_000)],
        default="Thank you for your interest. We will not go on with your application for this position.",
    )

"""Form shapes of step 7."""

from wtforms import BooleanField, IntegerField, RadioField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, NumberRange, Optional, ValidationError

from hiring.ground.forms import Form, KeptIf, telephone_or_mail

_TEXT = Length(max=10_000)
_LINE = Length(max=300)


class ConsentForm(Form):
    """How the candidate agreed."""

    action = "reference.consent"
    submit_label = "Record consent"
    source = StringField(
        "How the candidate agreed",
        validators=[InputRequired("Say how."), _LINE],
        description="For example: by mail, 3 March.",
    )
    current_employer_named = BooleanField("They named their current employer for a call")


class ReferenceForm(Form):
    """Somebody to call."""

    action = "reference.add"
    submit_label = "Add reference"
    name = StringField("Name", validators=[InputRequired("Give their name."), _LINE])
    relation = StringField("How they worked together", validators=[InputRequired("Say how."), _LINE])
    contact = StringField("Telephone or e-mail", validators=[Optional(), _LINE, telephone_or_mail])
    current_employer = BooleanField("Works at the candidate's current employer")


class CallForm(Form):
    """What a reference said."""

    action = "reference.call"
    submit_label = "Record call"
    would_hire_again = RadioField(
        "Would they hire this person again?",
        choices=[SelectChoice(value="yes", label="Yes"), SelectChoice(value="no", label="No")],
        validators=[InputRequired("Yes or no; unsure is no.")],
    )
    percentile = IntegerField(
        "In which percentile of those they worked with?",
        validators=[InputRequired("Give a number from 1 to 99."), NumberRange(1, 99, "From 1 to 99; 99 is the best.")],
    )
    notes = TextAreaField("What should we know?", validators=[InputRequired("Write what they said."), _TEXT])


class WaiverForm(Form):
    """Why fewer calls are enough."""

    action = "reference.waive"
    submit_label = "Waive missing references"
    reason = TextAreaField("Why fewer are enough", validators=[InputRequired("A waiver is in writing."), _TEXT])


class OutcomeForm(Form):
    """What the references came to."""

    action = "reference.decide"
    submit_label = "Record outcome"
    outcome = RadioField(
        "Outcome",
        choices=[
            SelectChoice(value="clear", label="Clear: go on to the offer"),
            SelectChoice(value="new_facts", label="New facts: reconvene the debrief"),
        ],
        validators=[InputRequired("Choose one.")],
    )
    new_facts = TextAreaField(
        "New facts",
        validators=[
            _TEXT,
            KeptIf(
                lambda form: form.outcome.data != "clear",
                "A clear outcome keeps no new facts: choose New facts, or take these words out.",
            ),
        ],
        description="Only when there are any.",
    )

    def validate_new_facts(self, field: TextAreaField) -> None:
        """New facts are written down."""
        if self.outcome.data == "new_facts" and not (field.data or "").strip():
            raise ValidationError("Write down what is new; the debrief discusses it.")

"""Form shapes of step 6."""

from collections.abc import Collection
from typing import ClassVar

from wtforms import RadioField, SelectField, SelectMultipleField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, Optional

from hiring.ground.forms import Form, NeededAtTimes
from hiring.steps.debrief.rules import BoardMark, Decision, Table
from hiring.steps.written_feedback.rules import Vote

_WRITTEN = (DataRequired("Write it down."), Length(max=10_000))
VOTES = [SelectChoice(vote.value, vote.value.replace("_", " ").capitalize()) for vote in Vote]


class OpenForm(Form):
    """Open the debrief."""

    action: ClassVar[str] = "debrief.open"
    submit_label: ClassVar[str] = "Open the debrief"


class AttendForm(Form):
    """Take one's place."""

    action: ClassVar[str] = "debrief.attend"
    submit_label: ClassVar[str] = "I am here"


class AdvanceForm(Form):
    """Go on to the next phase."""

    action: ClassVar[str] = "debrief.advance"
    submit_label: ClassVar[str] = "Go on"


class ReadForm(Form):
    """Start reading."""

    action: ClassVar[str] = "debrief.start_reading"
    submit_label: ClassVar[str] = "Start reading"


class RevoteForm(Form):
    """Vote once more."""

    action: ClassVar[str] = "debrief.revote"
    submit_label: ClassVar[str] = "Seal my re-vote"
    vote = RadioField("Your vote now", [InputRequired("Choose one; there is no neutral.")], choices=VOTES)


class AbsentForm(Form):
    """Note that somebody left."""

    action: ClassVar[str] = "debrief.mark_absent"
    submit_label: ClassVar[str] = "Mark absent"
    person = SelectField("Who left", [InputRequired("Choose who left.")], coerce=int, choices=[])
    reason = TextAreaField("Reason", _WRITTEN, render_kw={"rows": 2})


class MarkForm(Form):
    """Mark one principle or competency."""

    action: ClassVar[str] = "debrief.mark"
    submit_label: ClassVar[str] = "Put on the board"
    item = SelectField("Principle or competency", [InputRequired("Choose one.")], coerce=int, choices=[])
    mark = RadioField(
        "Mark", [InputRequired("Choose a mark.")], choices=[SelectChoice(mark.value, mark.label) for mark in BoardMark]
    )
    evidence = TextAreaField(
        "Evidence",
        [NeededAtTimes(), Length(max=10_000)],
        description="What the candidate did, from the feedback; needed for met and for not met.",
    )


class GapForm(Form):
    """Accept in writing that something was not shown."""

    action: ClassVar[str] = "debrief.accept_gap"
    submit_label: ClassVar[str] = "Accept the gap"
    item = SelectField("Not shown", [InputRequired("Choose one.")], coerce=int, choices=[])
    reason = TextAreaField("Why it need not be shown", _WRITTEN)


class NoteForm(Form):
    """Take a note."""

    action: ClassVar[str] = "debrief.note"
    submit_label: ClassVar[str] = "Add the note"
    text = TextAreaField("Note", _WRITTEN)


class DecideForm(Form):
    """Decide."""

    action: ClassVar[str] = "debrief.decide"
    submit_label: ClassVar[str] = "Record the decision"
    decision = RadioField(
        "Decision",
        [InputRequired("Choose one; unsure is no.")],
        choices=[SelectChoice(decision.value, decision.label) for decision in Decision],
        description="Unsure is no.",
    )
    reason = TextAreaField("Reason", _WRITTEN)


class ConcurForm(Form):
    """Concur with a hire."""

    action: ClassVar[str] = "debrief.concur"
    submit_label: ClassVar[str] = "Concur"
    note = TextAreaField("Note", [Optional(), Length(max=10_000)], render_kw={"rows": 2})


class DissentForm(Form):
    """Put dissent on record."""

    action: ClassVar[str] = "debrief.dissent"
    submit_label: ClassVar[str] = "Disagree and commit"
    text = TextAreaField("What you see differently", _WRITTEN)


class VetoForm(Form):
    """Veto."""

    action: ClassVar[str] = "debrief.veto"
    submit_label: ClassVar[str] = "Veto"
    rests_on = SelectMultipleField("It rests on", [DataRequired("Name at least one.")], choices=[])
    reason = TextAreaField("Reason", _WRITTEN)


class AgreeForm(Form):
    """Agree to reject without a meeting."""

    action: ClassVar[str] = "debrief.agree_to_reject"
    submit_label: ClassVar[str] = "Agree to reject"
    text = TextAreaField("Your agreement, in writing", _WRITTEN)


BY_ACTION: dict[str, type[Form]] = {
    kind.action: kind
    for kind in (
        OpenForm,
        AttendForm,
        AdvanceForm,
        ReadForm,
        RevoteForm,
        AbsentForm,
        MarkForm,
        GapForm,
        NoteForm,
        DecideForm,
        ConcurForm,
        DissentForm,
        VetoForm,
        AgreeForm,
    )
}


def offer_choices(form: Form, table: Table, *, without: Collection[int] = ()) -> None:
    """Give a form that names somebody or something at the table its choices; ``without`` leaves items out."""
    if isinstance(form, AbsentForm):
        form.person.choices = [SelectChoice(str(seat.person_id), seat.name) for seat in table.seats]
    elif isinstance(form, MarkForm | GapForm):
        form.item.choices = [
            SelectChoice(str(item.item_id), item.name) for item in table.board if item.item_id not in without
        ]
    elif isinstance(form, VetoForm):
        form.rests_on.choices = [SelectChoice(item.name, item.name) for item in table.board]

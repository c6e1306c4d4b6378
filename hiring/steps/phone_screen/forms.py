"""Form shapes of step 3."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, ClassVar, Self, cast

from wtforms import IntegerField, RadioField, SelectMultipleField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, NumberRange, Optional, ValidationError

from hiring.ground.days import APPOINTMENT
from hiring.ground.forms import Form, LinesField, LocalDateTimeField, Within, not_passed
from hiring.people.fields import HOW, ColleagueField
from hiring.steps.phone_screen.actions import PARTS, Plan
from hiring.steps.phone_screen.models import ScreenQuestion
from hiring.steps.phone_screen.queries import Call
from hiring.steps.phone_screen.rules import STATES, ScreenState, ScreenVerdict

SCREENERS = "likely-screeners"
"""Id of the page's datalist of suggested screeners."""


class BookForm(Form):
    """Book a call, or move the booked one."""

    action: ClassVar[str] = "screen.book"
    submit_label: ClassVar[str] = "Book the call"
    starts_at = LocalDateTimeField(
        "Starts at", [InputRequired("Give a date and a time."), Within(APPOINTMENT), not_passed]
    )
    minutes = IntegerField(
        "Minutes", [InputRequired("Say how long."), NumberRange(15, 180, "Between 15 and 180 minutes.")], default=45
    )
    where = StringField("Where", [Optional(), Length(max=500)], description="A phone number or a link.")
    screener = ColleagueField(
        "Screener",
        [Optional()],
        description=f"{HOW} Empty: the hiring manager. Somebody else is trained, and named by the hiring manager.",
        render_kw={"list": SCREENERS, "autocomplete": "off"},
    )

    @property
    def plan(self) -> Plan:
        """What was asked for; of a valid form only."""
        return Plan(cast(datetime, self.starts_at.data), self.minutes.data, self.where.data or "", self.screener.data)


class PrepareForm(Form):
    """Choose the questions."""

    action: ClassVar[str] = "screen.prepare"
    submit_label: ClassVar[str] = "Save questions"
    bank = SelectMultipleField("From the question bank", [Optional()])
    written = LinesField("Your own", [Optional(), Length(max=5000)], description="One question per line.")

    @property
    def texts(self) -> list[str]:
        """All questions, those of the bank first."""
        return [*(self.bank.data or []), *(self.written.data or [])]


def prepare_form(
    bank: Sequence[str], chosen: Sequence[str], *, version: int | None = None, **source: Any
) -> PrepareForm:
    """The form over this bank, filled with what is chosen; ``formdata=None``: not with what was just sent."""
    form = PrepareForm(
        **source,
        data={
            "bank": [text for text in chosen if text in bank],
            "written": [text for text in chosen if text not in bank],
            "version": version,
        },
    )
    form.bank.choices = [SelectChoice(text) for text in bank]
    return form


class NotesForm(Form):
    """The screener's notes; ``notes_form`` adds the four parts of each question."""

    action: ClassVar[str] = "screen.notes"
    submit_label: ClassVar[str] = "Save notes"
    summary = TextAreaField("Summary", [Optional(), Length(max=20000)], render_kw={"rows": 5})

    def notes(self, questions: Sequence[ScreenQuestion]) -> dict[int, dict[str, str]]:
        """What was written, by question and part."""
        return {item.id: {part: self[f"{part}_{item.id}"].data or "" for part in PARTS} for item in questions}


def notes_form(call: Call, **source: Any) -> NotesForm:
    """The form for the questions of a call, filled with its notes; ``source`` as in ``prepare_form``."""
    fields: dict[str, object] = {}
    data: dict[str, str] = {"version": str(call.version), "summary": call.summary}
    for item in call.questions:
        for part in PARTS:
            name = f"{part}_{item.id}"
            fields[name] = TextAreaField(part.capitalize(), [Optional(), Length(max=20000)], render_kw={"rows": 2})
            data[name] = getattr(item, part)
    return NotesForm(more=fields, data=data, **source)


class ReportForm(Form):
    """What became of the call."""

    action: ClassVar[str] = "screen.report"
    submit_label: ClassVar[str] = "Record"
    what = RadioField(
        "What happened",
        [InputRequired("Choose what happened.")],
        choices=[
            SelectChoice(state.value, label) for state, label in STATES.items() if state is not ScreenState.BOOKED
        ],
    )

    def offer(self, outcomes: Iterable[ScreenState]) -> Self:
        """Show only what may be said now; the action asks the same rule."""
        self.what.choices = [SelectChoice(state.value, STATES[state]) for state in outcomes]
        if len(self.what.choices) == 1:
            self.what.description = "Until the call begins it can only be cancelled; afterwards say here what happened."
        return self

    def validate_what(self, field: RadioField) -> None:
        """Nothing that is no outcome."""
        if field.data == ScreenState.BOOKED.value:
            raise ValidationError("Choose what happened.")


class DecideForm(Form):
    """The verdict."""

    action: ClassVar[str] = "screen.decide"
    submit_label: ClassVar[str] = "Decide"
    verdict = RadioField(
        "Go on with this candidate?",
        [InputRequired("Say yes or no; unsure is no.")],
        choices=[SelectChoice(ScreenVerdict.YES.value, "Yes"), SelectChoice(ScreenVerdict.NO.value, "No, or unsure")],
    )
    following = RadioField(
        "After a yes",
        choices=[
            SelectChoice("loop", "Go on to the in-house interview"),
            SelectChoice("another", "Another phone screen first"),
        ],
        default="loop",
    )
    message = TextAreaField(
        "After a no: message to the candidate", [Optional(), Length(max=5000)], render_kw={"rows": 6}
    )


class GoOnForm(Form):
    """Move to the loop after a yes."""

    action: ClassVar[str] = "screen.advance"
    submit_label: ClassVar[str] = "Go on to the in-house interview"

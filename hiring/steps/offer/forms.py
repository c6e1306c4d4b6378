"""Form shapes of step 8."""

from collections.abc import Sequence
from typing import Any, ClassVar

from wtforms import RadioField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, Optional, Regexp, ValidationError

from hiring.ground.days import AROUND, COMING
from hiring.ground.forms import DayField, Form, MoneyField, Within
from hiring.people.fields import HOW, ColleagueField
from hiring.steps.offer.actions import Draft
from hiring.steps.offer.hire_rules import Reached

_TEXT = Length(max=10_000)
_FEW_LINES = {"rows": 3}
_REACHED = {Reached.YES: "Reached", Reached.PARTLY: "Partly", Reached.NO: "Not reached"}


def _positive(_form: Form, field: MoneyField) -> None:
    if field.data is not None and field.data <= 0:
        raise ValidationError("Give an amount above zero.")


class PrepareForm(Form):
    """The terms."""

    action: ClassVar[str] = "offer.prepare"
    submit_label: ClassVar[str] = "Save the terms"
    pay = MoneyField("Pay a year", [InputRequired("Give the pay."), _positive])
    currency = StringField(
        "Currency",
        [InputRequired("Give the currency."), Regexp(r"^[A-Z]{3}\Z", message="Three capital letters, like EUR.")],
    )
    starts_on = DayField("Start date", [InputRequired("Give the first day."), Within(AROUND)])
    answer_by = DayField("Answer by", [InputRequired("Give the last day to answer."), Within(AROUND)])
    terms = TextAreaField("Other terms", [Optional(), _TEXT], description="Bonus, shares, relocation, what else.")

    @property
    def draft(self) -> Draft:
        """What was written; of a valid form only."""
        pay, starts_on, answer_by = self.pay.data, self.starts_on.data, self.answer_by.data
        if pay is None or starts_on is None or answer_by is None:
            raise ValueError("the form is not valid")
        return Draft(pay, self.currency.data or "", starts_on, answer_by, self.terms.data or "")


class _Written(Form):
    """Parent of acts that take one text."""

    text = TextAreaField("Text", [InputRequired("Write it down."), _TEXT], render_kw=_FEW_LINES)


class AskForm(_Written):
    """Why pay outside the range."""

    action: ClassVar[str] = "offer.ask_exception"
    submit_label: ClassVar[str] = "Ask for an exception"
    text = TextAreaField("Why this pay", [InputRequired("Say why."), _TEXT], render_kw=_FEW_LINES)


class GrantForm(_Written):
    """The administrator's yes."""

    action: ClassVar[str] = "offer.grant_exception"
    submit_label: ClassVar[str] = "Grant the exception"
    text = TextAreaField(
        "Why it is granted", [InputRequired("An exception is in writing."), _TEXT], render_kw=_FEW_LINES
    )


class RefuseForm(_Written):
    """The administrator's no."""

    action: ClassVar[str] = "offer.refuse_exception"
    submit_label: ClassVar[str] = "Refuse the exception"
    text = TextAreaField("Why it is refused", [InputRequired("Say why."), _TEXT], render_kw=_FEW_LINES)


class MakeForm(_Written):
    """The offer was made in person."""

    action: ClassVar[str] = "offer.make"
    submit_label: ClassVar[str] = "Record that the offer is made"
    text = TextAreaField(
        "Where and when it was made in person",
        [InputRequired("Say where and when."), _TEXT],
        description="For example: over lunch, Thursday.",
        render_kw={"rows": 2},
    )


class ContactForm(_Written):
    """A contact."""

    action: ClassVar[str] = "offer.contact"
    submit_label: ClassVar[str] = "Record contact"
    text = TextAreaField("What was said", [InputRequired("Write a line."), _TEXT], render_kw={"rows": 2})


class ExtendForm(Form):
    """A later answer date."""

    action: ClassVar[str] = "offer.extend"
    submit_label: ClassVar[str] = "Extend"
    answer_by = DayField("New answer date", [InputRequired("Give the day."), Within(AROUND)])


class AcceptForm(Form):
    """The candidate's yes."""

    action: ClassVar[str] = "offer.accept"
    submit_label: ClassVar[str] = "The candidate accepted"


class DeclineForm(_Written):
    """The candidate's no."""

    action: ClassVar[str] = "offer.decline"
    submit_label: ClassVar[str] = "The candidate declined"
    text = TextAreaField("Their reason", [InputRequired("Write what they said."), _TEXT], render_kw=_FEW_LINES)


class LapseForm(Form):
    """No answer in time."""

    action: ClassVar[str] = "offer.lapse"
    submit_label: ClassVar[str] = "Let it lapse"


class RenegeForm(_Written):
    """The candidate takes the yes back."""

    action: ClassVar[str] = "offer.renege"
    submit_label: ClassVar[str] = "The candidate does not come"
    text = TextAreaField("Their reason", [InputRequired("Write what they said."), _TEXT], render_kw=_FEW_LINES)


class RescindForm(_Written):
    """The company takes the offer back."""

    action: ClassVar[str] = "offer.rescind"
    submit_label: ClassVar[str] = "Rescind the offer"
    text = TextAreaField("Reason, for the record", [InputRequired("Give the reason."), _TEXT], render_kw=_FEW_LINES)
    message = TextAreaField(
        "Message to the candidate", [Optional(), _TEXT], description="Empty: a neutral text.", render_kw=_FEW_LINES
    )


class TaskForm(Form):
    """Another onboarding task."""

    action: ClassVar[str] = "onboarding.add"
    submit_label: ClassVar[str] = "Add task"
    what = StringField("What", [InputRequired("Say what."), Length(max=300)])
    owner = ColleagueField("Owner", [Optional()], description=f"{HOW} Empty: you.")
    due_on = DayField("Due on", [InputRequired("Give the day."), Within(COMING)])


class DoneForm(Form):
    """A task is done."""

    action: ClassVar[str] = "onboarding.done"
    submit_label: ClassVar[str] = "Done"


class MoveForm(_Written):
    """Another start date."""

    action: ClassVar[str] = "offer.move_start"
    submit_label: ClassVar[str] = "Move the start date"
    starts_on = DayField("New start date", [InputRequired("Give the first day."), Within(AROUND)])
    text = TextAreaField("Reason", [InputRequired("Give the reason."), _TEXT], render_kw=_FEW_LINES)


class ArriveForm(Form):
    """They have come."""

    action: ClassVar[str] = "hire.arrive"
    submit_label: ClassVar[str] = "Confirm arrival"


class ReviewForm(Form):
    """A review of the hire; ``review_form`` adds two fields per outcome."""

    action: ClassVar[str] = "hire.review"
    submit_label: ClassVar[str] = "Record the review"

    def answers(self, count: int) -> list[tuple[Reached, str]]:
        """What was said of each outcome, in order; of a valid form only."""
        return [(Reached(self[f"reached_{place}"].data), self[f"text_{place}"].data) for place in range(count)]


def review_form(outcomes: Sequence[str], **source: Any) -> ReviewForm:
    """The form for these outcomes; ``formdata=None``: not with what was just sent."""
    fields: dict[str, object] = {}
    for place, outcome in enumerate(outcomes):
        fields[f"reached_{place}"] = RadioField(
            outcome,
            [InputRequired("Choose one.")],
            choices=[SelectChoice(value=reached.value, label=label) for reached, label in _REACHED.items()],
        )
        fields[f"text_{place}"] = TextAreaField(
            f"What happened: {outcome}", [InputRequired("Say what happened."), _TEXT], render_kw=_FEW_LINES
        )
    fields["lesson"] = TextAreaField(
        "What should our hiring process learn?",
        [InputRequired("Write the lesson, or that there is none and why."), _TEXT],
        description="About the process: the description, the questions, the loop. Never about who voted how.",
    )
    return ReviewForm(more=fields, **source)

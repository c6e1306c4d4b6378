"""Form shapes of transitions and cords."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any, ClassVar, TypeAlias

from wtforms import IntegerField, RadioField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, NumberRange, Optional, ValidationError

from hiring.ground.days import COMING
from hiring.ground.forms import DayField, Form, Within
from hiring.people.fields import HOW, ColleagueField, ColleaguesField

REQUISITIONS = "open-requisitions"
"""Id of the page's datalist of likely requisitions."""
_TYPED = {"list": REQUISITIONS, "autocomplete": "off"}
_UNKNOWN = "No other open requisition has this code."
Finder: TypeAlias = Callable[[Collection[str]], Mapping[str, int]]
"""Finds the ids of other open requisitions by their codes as typed."""
MOVE = "move"
_CHOICES = [
    SelectChoice("", "Choose"),
    SelectChoice("reject", "Reject: position closed"),
    SelectChoice(MOVE, "Move to the requisition named beside"),
]
_TEXT = Length(max=10_000)
_REASON = [InputRequired("Say why; it is kept on record."), _TEXT]


class WithdrawForm(Form):
    """The candidate wants to stop."""

    action = "application.withdraw"
    submit_label = "Withdraw"
    reason = TextAreaField("What the candidate said", validators=_REASON)


class HoldForm(Form):
    """Stop moves for a while."""

    action = "application.hold"
    submit_label = "Put on hold"
    reason = TextAreaField("Why", validators=_REASON)


class ResumeForm(Form):
    """Go on."""

    action = "application.resume"
    submit_label = "End the hold"


class SendBackForm(Form):
    """Back to an earlier step, or the same one anew."""

    action = "application.send_back"
    submit_label = "Send back"
    to = SelectField("Back to", choices=[], validators=[InputRequired("Choose a step.")])
    reason = TextAreaField("Why", validators=_REASON)


class ReopenForm(Form):
    """Undo an end."""

    action = "application.reopen"
    submit_label = "Reopen"
    reason = TextAreaField("Why", validators=_REASON)


class MoveForm(Form):
    """To another requisition."""

    action = "application.move"
    submit_label = "Move"
    requisition = StringField(
        "To requisition",
        validators=[InputRequired("Give its code."), Length(max=40)],
        description="Its code, such as R-1001.",
        render_kw=_TYPED,
    )
    reason = TextAreaField("Why", validators=_REASON)

    find: Finder
    requisition_id: int = 0
    """The requisition whose code was typed; of a valid form only."""

    def validate_requisition(self, field: StringField) -> None:
        """There is such a requisition; whether one may move there, the action asks."""
        found = self.find([field.data])
        if field.data not in found:
            raise ValidationError(_UNKNOWN)
        self.requisition_id = found[field.data]


class RejectForm(Form):
    """Before the first interview."""

    action = "application.reject"
    submit_label = "Reject"
    reason = TextAreaField("Why", validators=_REASON)
    message = TextAreaField(
        "Message to the candidate",
        validators=[InputRequired("The candidate is told."), _TEXT],
        default="Thank you for your interest. We will not go on with your application for this position.",
    )


class LevelForm(Form):
    """Hire at another level."""

    action = "application.propose_level"
    submit_label = "Write a description at this level"
    level = IntegerField(
        "Level", validators=[InputRequired("Give a level."), NumberRange(4, 12, "Levels are 4 to 12.")]
    )


class AdoptLevelForm(Form):
    """Use the approved description at its level."""

    action = "application.adopt_level"
    submit_label = "Go on at this level"


class HoldRequisitionForm(HoldForm):
    """Stop a whole requisition."""

    action = "requisition.hold"


class ResumeRequisitionForm(ResumeForm):
    """Let a requisition go on."""

    action = "requisition.resume"


class CloseForm(Form):
    """Close a requisition; ``asking`` adds what becomes of each application (``choice.<id>``, ``target.<id>``)."""

    action = "requisition.close"
    submit_label = "Close the requisition"
    message = TextAreaField(
        "Message to those who are rejected",
        validators=[InputRequired("They are told."), _TEXT],
        default="The position has been closed, so we end your application. We would be glad to hear from you again.",
    )

    asked: ClassVar[Sequence[int]] = ()
    find: Finder

    @classmethod
    def asking(cls, rows: Iterable[tuple[int, str]]) -> "type[CloseForm]":
        """The form that asks about these applications (id, label).

        Codes are typed, with one list of suggestions for the whole page: a list of all requisitions for each of
        hundreds of applications is a page that no browser opens.
        """
        asked: dict[int, dict[str, Any]] = {
            number: {
                f"choice_{number}": SelectField(label, choices=_CHOICES, default="", name=f"choice.{number}"),
                f"target_{number}": StringField(
                    f"Requisition to which {label} moves",
                    validators=[Optional(), Length(max=40)],
                    name=f"target.{number}",
                    render_kw=_TYPED,
                ),
            }
            for number, label in rows
        }
        fields = {name: field for pair in asked.values() for name, field in pair.items()}
        return type("AskingCloseForm", (cls,), {"asked": tuple(asked), **fields})

    def validate(self, extra_validators: Any = None) -> bool:
        """Who moves, moves to an open requisition; a code alone says that they move."""
        valid = super().validate(extra_validators=extra_validators)
        for number in self.asked:
            target = self[f"target_{number}"]
            if self._moves(number) and self._target(number) is None and not target.errors:
                target.errors = [_UNKNOWN if target.data else "Give its code."]
                valid = False
        return valid

    def choices(self) -> dict[int, str]:
        """What was decided, by application: ``reject``, the id of a requisition, or nothing yet."""
        return {
            number: str(self._target(number) or "") if self._moves(number) else self[f"choice_{number}"].data
            for number in self.asked
        }

    def _moves(self, number: int) -> bool:
        choice = self[f"choice_{number}"].data
        return choice == MOVE or (choice == "" and bool(self._typed(number).strip()))

    @cached_property
    def _known(self) -> Mapping[str, int]:
        return self.find({self._typed(number) for number in self.asked})

    def _target(self, number: int) -> int | None:
        return self._known.get(self._typed(number))

    def _typed(self, number: int) -> str:
        return self[f"target_{number}"].data or ""


class ReopenRequisitionForm(Form):
    """Open a closed requisition again."""

    action = "requisition.reopen"
    submit_label = "Open again"


class OwnersForm(Form):
    """New hiring manager or recruiter."""

    action = "requisition.owners"
    submit_label = "Hand over"
    hiring_manager = ColleagueField("Hiring manager", [InputRequired("Name the hiring manager.")], description=HOW)
    recruiter = SelectField("Recruiter", choices=[], coerce=int)


class PullForm(Form):
    """The Andon cord."""

    action = "cord.pull"
    submit_label = "Pull the cord"
    what = TextAreaField(
        "What happened?",
        validators=[InputRequired("Say what went wrong."), _TEXT],
        description="Facts, no blame. Nothing moves forward until cause and correction are written.",
    )
    named = ColleaguesField("Who is it about?", description=f"One a line. {HOW} They may not clear it.")


class PullRequisitionForm(PullForm):
    """The cord on a whole requisition."""

    action = "cord.pull_requisition"


class ClearForm(Form):
    """Cause and correction."""

    action = "cord.clear"
    submit_label = "Clear the cord"
    cause = TextAreaField("Why did it happen?", validators=[InputRequired("Write the cause."), _TEXT])
    correction = TextAreaField("What is corrected?", validators=[InputRequired("Write the correction."), _TEXT])
    step = StringField("An action that follows", validators=[Optional(), Length(max=500)])
    owner = ColleagueField("Its owner", [Optional()], description=HOW)
    due_on = DayField("Due on", validators=[Optional(), Within(COMING)])
    end = RadioField(
        "The application",
        choices=[SelectChoice("go_on", "goes on"), SelectChoice("reject", "ends: rejected")],
        default="go_on",
    )
    message = TextAreaField(
        "Message to the candidate, if it ends",
        validators=[_TEXT],
        default="We are sorry: we will not go on with your application.",
    )

    def validate(self, extra_validators: Any = None) -> bool:
        """An action that follows has an owner and a day; a candidate who is rejected is told."""
        valid = super().validate(extra_validators=extra_validators)
        needed: list[tuple[Any, str]] = []
        if (self.step.data or "").strip():
            needed += [(self.owner, "Say who does it."), (self.due_on, "Say by when.")]
        if self.end is not None and self.end.data == "reject":
            needed.append((self.message, "The candidate is told."))
        for field, words in needed:
            text = field.data.strip() if isinstance(field.data, str) else field.data
            if not text and not field.errors:
                field.errors = [words]
                valid = False
        return valid

    @property
    def reject(self) -> str:
        """What the candidate is told where the correction ends their application; else empty."""
        ends = self.end is not None and self.end.data == "reject"
        return (self.message.data or "") if ends else ""


class ClearRequisitionForm(ClearForm):
    """Cause and correction of a cord on a requisition, which ends no application."""

    end = None
    message = None


class DoneForm(Form):
    """An action of a correction is done."""

    action = "cord.action_done"
    submit_label = "Done"

"""Form shapes of step 4."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any, ClassVar, cast

from wtforms import IntegerField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional

from hiring.ground.days import APPOINTMENT
from hiring.ground.forms import Form, KeptIf, LocalDateTimeField, Within, not_passed
from hiring.people.fields import ColleagueField
from hiring.steps.interview_loop.facts import Item
from hiring.steps.interview_loop.models import Seat
from hiring.steps.interview_loop.rules import (
    CONFLICTS,
    REDRAW_CAUSES,
    REPORTS,
    VACATE_CAUSES,
    InterviewState,
    VacateCause,
)

COLLEAGUES = "fitting-colleagues"
"""Id of the page's datalist of colleagues who fit."""
_SUGGEST = {"list": COLLEAGUES, "autocomplete": "off"}


class PersonForm(Form):
    """Name a colleague; ``person_id`` of a valid form is theirs."""

    person = ColleagueField(
        "Colleague's e-mail",
        [InputRequired("Name a colleague.")],
        description="Or their full name.",
        render_kw=_SUGGEST,
    )

    @property
    def person_id(self) -> int:
        """Who is meant."""
        return self.person.data or 0


class SlotForm(Form):
    """When and where; ``span`` of a valid form gives both instants."""

    action: ClassVar[str] = "loop.slot"
    submit_label: ClassVar[str] = "Save the slot"
    starts_at = LocalDateTimeField(
        "Starts at", [InputRequired("Give a date and a time."), Within(APPOINTMENT), not_passed]
    )
    minutes = IntegerField(
        "Minutes", [InputRequired("Say how long."), NumberRange(15, 240, "Between 15 and 240 minutes.")], default=45
    )
    where = StringField("Where", [Optional(), Length(max=500)], description="A room or a link.")

    @property
    def span(self) -> tuple[datetime, datetime]:
        """Start and end."""
        start = cast(datetime, self.starts_at.data)
        return start, start + timedelta(minutes=self.minutes.data)


class DebriefForm(SlotForm):
    """When the debrief meets."""

    action: ClassVar[str] = "loop.debrief"
    submit_label: ClassVar[str] = "Book the debrief"
    where = None


class ComposeForm(Form):
    """Begin composing."""

    action: ClassVar[str] = "loop.compose"
    submit_label: ClassVar[str] = "Draw the Bar Raiser and start composing"


class SeatForm(PersonForm):
    """Add somebody to the loop."""

    action: ClassVar[str] = "loop.seat"
    submit_label: ClassVar[str] = "Add to the loop"


class ConfirmForm(Form):
    """Confirm the loop."""

    action: ClassVar[str] = "loop.confirm"
    submit_label: ClassVar[str] = "Confirm the loop"


class GoOnForm(Form):
    """No further interview is needed."""

    action: ClassVar[str] = "loop.go_on"
    submit_label: ClassVar[str] = "No further interview is needed"


class NoShowsForm(Form):
    """Withdraw the candidate who did not come."""

    action: ClassVar[str] = "loop.withdraw"
    submit_label: ClassVar[str] = "Withdraw the candidate"


class ConflictForm(PersonForm):
    """Declare a conflict of interest."""

    action: ClassVar[str] = "loop.conflict"
    submit_label: ClassVar[str] = "Declare the conflict"
    kind = SelectField(
        "Conflict", choices=[SelectChoice(kind.value, words.capitalize()) for kind, words in CONFLICTS.items()]
    )
    reason = TextAreaField(
        "In writing",
        [DataRequired("Write down what the conflict is."), Length(max=2000)],
        description="Read only by whom it is about and by administrators.",
    )


class WithdrawConflictForm(Form):
    """Take the declared conflict of ``person_id`` back."""

    action: ClassVar[str] = "loop.withdraw_conflict"
    submit_label: ClassVar[str] = "Take it back"
    person_id: int = 0
    reason = TextAreaField("Why there is no conflict", [DataRequired("Write down why."), Length(max=2000)])


class RecruiterForm(PersonForm):
    """Name another recruiter because of level."""

    action: ClassVar[str] = "loop.recruiter"
    submit_label: ClassVar[str] = "Name this recruiter"


class RedrawForm(Form):
    """Have rotation name another Bar Raiser."""

    action: ClassVar[str] = "loop.redraw"
    submit_label: ClassVar[str] = "Draw the next Bar Raiser"
    cause = SelectField("Why", choices=[SelectChoice(cause.value, words) for cause, words in REDRAW_CAUSES.items()])
    reason = TextAreaField("In writing", [InputRequired("Write down why."), Length(max=2000)])


class ReplaceForm(PersonForm):
    """Give a seat to somebody else."""

    action: ClassVar[str] = "loop.replace"
    submit_label: ClassVar[str] = "Give them the seat"


class RemoveForm(Form):
    """Take somebody off."""

    action: ClassVar[str] = "loop.unseat"
    submit_label: ClassVar[str] = "Take off the loop"


class ShadowForm(PersonForm):
    """Let somebody sit in."""

    action: ClassVar[str] = "loop.shadow"
    submit_label: ClassVar[str] = "Let them sit in"


class UnshadowForm(Form):
    """End the shadow's place."""

    action: ClassVar[str] = "loop.unshadow"
    submit_label: ClassVar[str] = "Take the shadow off"


class AcceptForm(Form):
    """Accept one's invitation."""

    action: ClassVar[str] = "loop.accept"
    submit_label: ClassVar[str] = "Accept"


class DeclineForm(Form):
    """Decline one's invitation."""

    action: ClassVar[str] = "loop.decline"
    submit_label: ClassVar[str] = "Decline"
    reason = StringField("Why you cannot", [Optional(), Length(max=500)])


class ReportForm(Form):
    """What became of an interview."""

    action: ClassVar[str] = "loop.report"
    submit_label: ClassVar[str] = "Report"
    outcome = SelectField(
        "What happened", choices=[SelectChoice(state.value, words) for state, words in REPORTS.items()]
    )
    ended_at = LocalDateTimeField(
        "Ended at", [Optional()], description="If not on schedule. The clock for written feedback starts then."
    )


def report_form(outcomes: Sequence[InterviewState], *, own: bool, **source: Any) -> ReportForm:
    """The form with what this reader may report; only of one's own interview does one say when it ended."""
    form = ReportForm(**source)
    offer_reports(form, outcomes, own=own)
    return form


def offer_reports(form: ReportForm, outcomes: Sequence[InterviewState], *, own: bool) -> None:
    """Offer these outcomes and no others."""
    form.outcome.choices = [SelectChoice(state.value, REPORTS[state]) for state in outcomes]
    if not own and "ended_at" in form:
        del form.ended_at


class VacateForm(Form):
    """Give up a seat whose interview began."""

    action: ClassVar[str] = "loop.vacate"
    submit_label: ClassVar[str] = "Vacate the seat"
    cause = SelectField("Why", choices=[SelectChoice(cause.value, words) for cause, words in VACATE_CAUSES.items()])
    reason = TextAreaField("In writing", [InputRequired("Write down why."), Length(max=2000)])


def vacate_form(causes: Sequence[VacateCause], **source: Any) -> VacateForm:
    """The form with the causes for which the rules let this seat go; with all of them where they let it go for none."""
    form = VacateForm(**source)
    form.cause.choices = [SelectChoice(cause.value, VACATE_CAUSES[cause]) for cause in causes or VacateCause]
    return form


class PlanForm(Form):
    """What a seat tests; ``plan_form`` adds a question field per item."""

    action: ClassVar[str] = "loop.plan"
    submit_label: ClassVar[str] = "Save what they test"
    items = SelectMultipleField("Tests", [Optional()], coerce=int)

    @property
    def questions(self) -> dict[int, str]:
        """Planned questions by item."""
        prefix = "question_"
        return {
            int(field.short_name.removeprefix(prefix)): (field.data or "").strip()
            for field in self
            if field.short_name.startswith(prefix)
        }


def _is_tested(item_id: int, form: PlanForm) -> bool:
    return item_id in (form.items.data or [])


def plan_form(seat: Seat, items: Sequence[Item], **source: Any) -> PlanForm:
    """The form over the description's items, filled with what the seat tests; ``formdata=None``: not with what came."""
    fields = {
        f"question_{item.id}": StringField(
            f"Question on {item.name}",
            [
                Optional(),
                Length(max=1000),
                KeptIf(
                    partial(_is_tested, item.id),
                    f"Tick {item.name} too, or delete the question: it is asked only then.",
                ),
            ],
            render_kw={"list": f"bank-{item.id}", "autocomplete": "off"},
        )
        for item in items
    }
    planned = {row.item_id: row.question for row in seat.assignments}
    data = {"items": list(planned)} | {f"question_{item}": question for item, question in planned.items()}
    data["version"] = str(seat.plan_version)
    form = PlanForm(more=fields, data=data, **source)
    form.items.choices = [SelectChoice(item.id, f"{item.name} ({item.kind.value})") for item in items]
    return form

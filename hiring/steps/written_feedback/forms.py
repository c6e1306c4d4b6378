"""The shapes of this room's forms."""

from collections.abc import Callable
from enum import StrEnum
from typing import Any, ClassVar

from wtforms import Form as PlainForm
from wtforms import FormField, RadioField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, Optional, ValidationError

from hiring.ground.characters import storable
from hiring.ground.forms import Form
from hiring.steps.written_feedback.queries import Kit
from hiring.steps.written_feedback.rules import Entry, ItemEntry, Rating, Vote

_LONGEST = Length(max=20_000, message="Use at most 20,000 characters.")
_PREFIX = "item_"


def _known(vocabulary: type[StrEnum]) -> Callable[[Any, Any], None]:
    def check(_form: Any, field: Any) -> None:
        if field.data and field.data not in {member.value for member in vocabulary}:
            raise ValidationError("Choose one of those listed.")

    return check


def _can_be_kept(_form: Any, field: Any) -> None:
    if not storable(field.data or ""):
        raise ValidationError("This text holds a character that cannot be stored; please remove it.")


class _Wanted:
    """Marks a field as not optional; whether it is there is asked by feedback.complete, at submission only."""

    field_flags: ClassVar[dict[str, bool]] = {"required": True}

    def __call__(self, _form: Any, _field: Any) -> None:
        return


def _text(label: str, description: str = "", rows: int = 2, *, wanted: bool = True) -> TextAreaField:
    return TextAreaField(
        label,
        validators=[_Wanted() if wanted else Optional(), _LONGEST, _can_be_kept],
        description=description,
        default="",
        render_kw={"rows": rows},
    )


class ItemForm(PlainForm):  # type: ignore[misc]  # wtforms has no types
    """The evidence for one principle or competency."""

    question = _text("Question asked")
    situation = _text("Situation", "When and where was it, and what was at stake?")
    task = _text("Task", "What was theirs to do?")
    action = _text("Action", "What did they themselves do?")
    result = _text("Result", "What came of it, in figures if there are any?")
    rating = RadioField(
        "Rating",
        choices=[SelectChoice(rating.value, rating.label) for rating in Rating],
        validators=[Optional(), _known(Rating)],
        validate_choice=False,
    )
    not_tested_reason = _text("If not tested, why", wanted=False)


class FeedbackForm(Form):
    """Everything a seat writes; the vote stands last, after the evidence. Items are added per seat."""

    action: ClassVar[str] = "feedback.submit"
    submit_label: ClassVar[str] = "Submit for good"
    summary = _text("Summary", "Would you hire this person, and on which evidence?", rows=4)
    vote = RadioField(
        "Your vote",
        choices=[SelectChoice(vote.value, vote.label) for vote in Vote],
        validators=[Optional(), _known(Vote)],
        validate_choice=False,
        description="There is no neutral vote. Unsure is not inclined.",
    )

    def entry(self) -> Entry:
        """What the form says, as the rules read it."""
        return Entry(
            items=tuple(_item(name, field) for name, field in self._fields.items() if name.startswith(_PREFIX)),
            summary=_said(self.summary.data),
            vote=Vote(self.vote.data) if self.vote.data else None,
        )

    @property
    def item_fields(self) -> list[FormField]:
        """The parts for the assigned principles, in order."""
        return [field for name, field in self._fields.items() if name.startswith(_PREFIX)]


class DraftForm(FeedbackForm):
    """The same, kept for later."""

    action: ClassVar[str] = "feedback.save"
    submit_label: ClassVar[str] = "Save draft"


def feedback_form(base: type[FeedbackForm], kit: Kit) -> FeedbackForm:
    """The form of one seat as it was sent."""
    return base(more=_parts(kit))


def filled_form(kit: Kit, entry: Entry, version: int) -> FeedbackForm:
    """The form of one seat with what the draft says; where it says nothing, the planned questions stand."""
    written = {item.item_id: item for item in entry.items}
    data: dict[str, Any] = {
        f"{_PREFIX}{item.id}": _data(written.get(item.id) or ItemEntry(item.id, question=question))
        for item, question in kit.items
    }
    data |= {"summary": entry.summary, "vote": entry.vote.value if entry.vote else None, "version": str(version)}
    return FeedbackForm(more=_parts(kit), data=data)


def _parts(kit: Kit) -> dict[str, Any]:
    return {f"{_PREFIX}{item.id}": FormField(ItemForm, label=item.name) for item, _ in kit.items}


def _data(item: ItemEntry) -> dict[str, Any]:
    texts = ("question", "situation", "task", "action", "result", "not_tested_reason")
    return {part: getattr(item, part) for part in texts} | {"rating": item.rating.value if item.rating else None}


def _item(name: str, field: FormField) -> ItemEntry:
    said = {part: _said(value) for part, value in field.data.items() if part != "rating"}
    rating = field.data.get("rating")
    return ItemEntry(int(name.removeprefix(_PREFIX)), rating=Rating(rating) if rating else None, **said)


def _said(text: str | None) -> str:
    return (text or "").replace("\r\n", "\n").strip()


class AmendForm(Form):
    """A dated addition."""

    action: ClassVar[str] = "feedback.amend"
    submit_label: ClassVar[str] = "Add amendment"
    text = TextAreaField(
        "Amendment",
        validators=[InputRequired("Write what you want to add."), _LONGEST],
        description="It is added with today's date; what you submitted stays as it is.",
    )


class PracticeForm(Form):
    """A shadow's practice, kept or submitted."""

    action: ClassVar[str] = "feedback.practise"
    submit_label: ClassVar[str] = "Submit practice"
    text = TextAreaField(
        "Your practice feedback",
        validators=[InputRequired("Write what you heard."), _LONGEST],
        description="As if it were yours to write: situation, task, action, result, and how you would vote.",
        render_kw={"rows": 12},
    )


class PracticeDraftForm(PracticeForm):
    """The same, kept for later."""

    action: ClassVar[str] = "feedback.practise_save"
    submit_label: ClassVar[str] = "Save draft"

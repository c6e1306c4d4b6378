"""Form shapes of step 2."""

from collections.abc import Sequence
from functools import partial
from typing import Any, ClassVar

from flask_wtf.file import FileField
from wtforms import EmailField, RadioField, SelectField, StringField, TelField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Email, InputRequired, Length, Optional, ValidationError

from hiring.ground.forms import Form, KeptIf, telephone
from hiring.people.fields import HOW, ColleagueField
from hiring.pipeline.rules import Source
from hiring.steps.resume_review.queries import Held, revision
from hiring.steps.resume_review.rules import MARKS, Mark

_SOURCES = [
    (Source.SOURCED, "We found them"),
    (Source.REFERRED, "A colleague referred them"),
    (Source.AGENCY, "Agency"),
]


class AddCandidateForm(Form):
    """Somebody added by hand."""

    action: ClassVar[str] = "application.add"
    submit_label: ClassVar[str] = "Add candidate"
    name = StringField("Name", [DataRequired("Give the candidate's name."), Length(max=200)])
    email = EmailField(
        "E-mail",
        [
            DataRequired("Give an address: the candidate is told."),
            Email("This is not an e-mail address."),
            Length(max=254),
        ],
    )
    phone = TelField("Phone", [Optional(), Length(max=50), telephone])
    location = StringField("Location", [Optional(), Length(max=200)])
    source = SelectField("How they came", choices=[SelectChoice(source.value, label) for source, label in _SOURCES])
    referrer = ColleagueField("Referred by", description=f"{HOW} If a colleague referred the candidate.")
    source_detail = StringField("Where exactly", [Optional(), Length(max=200)], description="Or which agency.")
    resume = FileField("Résumé", [Optional()], description="PDF, Word (docx) or plain text, up to 10 MB.")

    def validate_referrer(self, field: ColleagueField) -> None:
        """A referrer is known by name, because no referrer interviews whom they referred."""
        if field.data is None and not field.errors and self.source.data == Source.REFERRED:
            raise ValidationError("Say which colleague referred them.")


class MarksForm(Form):
    """Marks per must-have; ``marks_form`` adds two fields for each."""

    action: ClassVar[str] = "resume.mark"
    submit_label: ClassVar[str] = "Save marks"

    def marks(self, held: Sequence[Held]) -> dict[int, tuple[Mark | None, str]]:
        """What was chosen, by must-have."""
        chosen = {}
        for item in held:
            mark, note = self[f"mark_{item.must_have_id}"].data, self[f"note_{item.must_have_id}"].data
            chosen[item.must_have_id] = (Mark(mark) if mark else None, (note or "").strip())
        return chosen


def _is_marked(must_have_id: int, form: MarksForm) -> bool:
    return bool(form[f"mark_{must_have_id}"].data)


def marks_form(held: Sequence[Held], **source: Any) -> MarksForm:
    """The form for these must-haves, filled with their marks; ``formdata=None``: not with what was just sent."""
    choices = [SelectChoice(mark.value, label) for mark, label in MARKS.items()]
    fields: dict[str, object] = {}
    data: dict[str, str | None] = {"version": str(revision(held))}
    for item in held:
        asked = [InputRequired("A mark is corrected, never taken back.")] if item.mark else [Optional()]
        fields[f"mark_{item.must_have_id}"] = RadioField(item.text, asked, choices=choices)
        fields[f"note_{item.must_have_id}"] = StringField(
            "Note",
            [
                Optional(),
                Length(max=2000),
                KeptIf(
                    partial(_is_marked, item.must_have_id),
                    "Choose a mark, or delete the note.",
                ),
            ],
            description="Where the résumé shows it, or what is missing.",
        )
        data[f"mark_{item.must_have_id}"] = item.mark.value if item.mark else None
        data[f"note_{item.must_have_id}"] = item.note
    form = MarksForm(more=fields, data=data, **source)
    if form.is_submitted() and form.shown_version != revision(held):
        for item in held:  # it showed fewer marks than there are: that is stale, not a mark taken back
            form[f"mark_{item.must_have_id}"].validators = [Optional()]
    return form


class ReadForm(Form):
    """The newer résumé was read; the version is the newest file that the page showed."""

    action: ClassVar[str] = "resume.read"
    submit_label: ClassVar[str] = "I have read it"


class AdvanceForm(Form):
    """Go on to the phone screen."""

    action: ClassVar[str] = "resume.advance"
    submit_label: ClassVar[str] = "Advance to phone screen"


class RejectForm(Form):
    """Reject, with the words that the candidate gets."""

    action: ClassVar[str] = "resume.reject"
    submit_label: ClassVar[str] = "Reject and send"
    message = TextAreaField(
        "Message to the candidate",
        [DataRequired("The candidate is always told; write what they will read."), Length(max=5000)],
        render_kw={"rows": 7},
    )


class MergeForm(Form):
    """Merge a duplicate into this candidate."""

    action: ClassVar[str] = "candidate.merge"
    submit_label: ClassVar[str] = "Merge into this candidate"

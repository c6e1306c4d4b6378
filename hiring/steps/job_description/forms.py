"""Form shapes of step 1."""

from typing import Any, ClassVar

from wtforms import (
    BooleanField,
    HiddenField,
    IntegerField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional, Regexp, ValidationError

from hiring.ground.days import AROUND
from hiring.ground.forms import DayField, Form, LinesField, MoneyField, NeededAtTimes, Within, shown_number
from hiring.people.fields import HOW, ColleagueField, ColleaguesField
from hiring.people.queries import holder_choices, team_choices
from hiring.people.rules import Role
from hiring.steps.job_description import queries, rules
from hiring.steps.job_description.actions import Amendment, Text
from hiring.steps.job_description.models import JobDescription
from hiring.steps.job_description.requisition_actions import NewRequisition
from hiring.steps.job_description.requisition_rules import OpeningAct
from hiring.steps.job_description.rules import Verdict

_MOST_LINES = 30


class RequisitionForm(Form):
    """A new requisition."""

    action: ClassVar[str] = "requisition.create"
    submit_label: ClassVar[str] = "Create requisition"
    title = StringField("Title", [DataRequired("Give the position a title."), Length(max=200)])
    team = SelectField("Team", coerce=int)
    hiring_manager = ColleagueField(
        "Hiring manager",
        [InputRequired("Name the hiring manager.")],
        description=f"{HOW} They answer for the description and for the decision.",
    )
    recruiter = SelectField("Recruiter", coerce=int)
    location = StringField("Location", [Optional(), Length(max=200)])
    country = StringField(
        "Country",
        [Optional(), Regexp(r"^[A-Za-z]{2}$", message="Give two letters, like DE.")],
        description="Two letters, like DE. Its public holidays do not count as working days.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.team.choices = team_choices()
        self.recruiter.choices = [tuple(row) for row in holder_choices(Role.RECRUITER)]

    def wanted(self) -> NewRequisition:
        """What was filled in; only after a successful ``validate``."""
        return NewRequisition(
            title=self.title.data.strip(),
            team_id=self.team.data,
            location=(self.location.data or "").strip(),
            country=(self.country.data or "").upper(),
            hiring_manager_id=self.hiring_manager.data or 0,
            recruiter_id=self.recruiter.data,
        )


class CloneForm(Form):
    """Start another requisition like this one."""

    action: ClassVar[str] = "requisition.clone"
    submit_label: ClassVar[str] = "Clone requisition"


class OpeningForm(Form):
    """Approve one more opening."""

    action: ClassVar[str] = "opening.approve"
    submit_label: ClassVar[str] = "Approve opening"
    approved_on = DayField("Approved on", [InputRequired("Give the day of the approval."), Within(AROUND)])


class OpeningActForm(Form):
    """A button on one opening."""

    LABELS: ClassVar[dict[OpeningAct, str]] = {
        OpeningAct.HOLD: "Hold",
        OpeningAct.RESUME: "Resume",
        OpeningAct.CANCEL: "Cancel",
    }

    @classmethod
    def of(cls, act: OpeningAct) -> "OpeningActForm":
        """The form of one act."""
        form = cls()
        form.action = f"opening.{act.value}"  # type: ignore[misc]  # one class, three buttons
        form.submit_label = cls.LABELS[act]  # type: ignore[misc]  # as above
        return form


class NewVersionForm(Form):
    """Begin a new version."""

    action: ClassVar[str] = "description.new_version"
    submit_label: ClassVar[str] = "Begin a new version"


class AmendForm(Form):
    """What may change in an approved version without a new review."""

    action: ClassVar[str] = "description.amend"
    submit_label: ClassVar[str] = "Save changes"
    title = StringField("Title", [DataRequired("Give the position a title."), Length(max=200)])
    location = StringField("Location", [NeededAtTimes(), Length(max=200)])
    summary = TextAreaField(
        "Summary",
        [NeededAtTimes(), Length(max=10_000)],
        description="What this person does, for whom, and which problem that solves.",
        render_kw={"rows": 6},
    )

    def _amended(self) -> dict[str, Any]:
        return {
            "title": self.title.data.strip(),
            "location": (self.location.data or "").strip(),
            "summary": (self.summary.data or "").strip(),
        }

    def amendment(self) -> Amendment:
        """What was filled in; only after a successful ``validate``."""
        return Amendment(**self._amended())


class DraftForm(AmendForm):
    """Everything a draft says."""

    action: ClassVar[str] = "description.write"
    submit_label: ClassVar[str] = "Save draft"
    pay_low = MoneyField("Pay from", [NeededAtTimes()], description="A year, before taxes.")
    pay_high = MoneyField("Pay to", [NeededAtTimes()], description="Published with the position.")
    currency = StringField(
        "Currency", [DataRequired("Give a currency."), Regexp(r"^[A-Z]{3}$", message="Three letters, like EUR.")]
    )
    reports = ColleaguesField(
        "Would report to this position", [NeededAtTimes()], description=f"One a line. {HOW} They sit on no loop for it."
    )
    no_reports = BooleanField("Nobody would report to this position")
    level = IntegerField("Level", [InputRequired("Give a level."), NumberRange(4, 12, "Levels run from 4 to 12.")])
    outcomes = LinesField(
        "Outcomes of the first year",
        [NeededAtTimes()],
        description="One per line: what is true in a year that is not true today.",
        render_kw={"rows": 6},
    )
    must_haves = LinesField(
        "Must-have qualifications",
        [NeededAtTimes()],
        description="One per line. Each is needed, and a résumé can be held against it.",
        render_kw={"rows": 6},
    )
    principles = SelectMultipleField(
        "Leadership principles to test",
        [NeededAtTimes()],
        coerce=int,
        description="Each costs a seat's time; choose few.",
    )
    competencies = LinesField(
        "Functional competencies",
        [NeededAtTimes()],
        description="One per line, like System Design.",
        render_kw={"rows": 4},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.principles.choices = [(principle.id, principle.name) for principle in queries.principles()]

    def validate_pay_high(self, field: Any) -> None:
        """The range must be in order."""
        if field.data is not None and self.pay_low.data is not None and field.data < self.pay_low.data:
            raise ValidationError("This is lower than the start of the range.")

    def validate_no_reports(self, field: Any) -> None:
        """Either names or nobody."""
        if field.data and self.reports.data:
            raise ValidationError("Either name people above, or tick this.")

    def validate_outcomes(self, field: Any) -> None:
        """Keep lists readable."""
        _few_lines(field)

    def validate_must_haves(self, field: Any) -> None:
        """Keep lists readable."""
        _few_lines(field)

    def validate_competencies(self, field: Any) -> None:
        """Keep lists readable, and names apart from the principles'."""
        _few_lines(field)
        names = {label.casefold() for _, label in self.principles.choices}
        both = [line for line in field.data or [] if line.casefold() in names]
        if both:
            raise ValidationError(f"{both[0]} is a leadership principle; tick it above instead.")

    def text(self) -> Text:
        """What was filled in; only after a successful ``validate``."""
        return Text(
            **self._amended(),
            pay_low=self.pay_low.data,
            pay_high=self.pay_high.data,
            currency=self.currency.data,
            report_ids=self.reports.data or [],
            no_reports=self.no_reports.data,
            level=self.level.data,
            outcomes=self.outcomes.data or [],
            must_haves=self.must_haves.data or [],
            principle_ids=self.principles.data or [],
            competencies=self.competencies.data or [],
        )


def _few_lines(field: Any) -> None:
    if len(field.data or []) > _MOST_LINES or any(len(line) > 500 for line in field.data or []):
        raise ValidationError(f"At most {_MOST_LINES} lines of 500 characters.")


def shown(row: JobDescription) -> dict[str, Any]:
    """What a version says, by form field."""
    return {
        "title": row.title,
        "location": row.location,
        "pay_low": row.pay_low,
        "pay_high": row.pay_high,
        "currency": row.currency,
        "summary": row.summary,
        "reports": [person.id for person in queries.would_be_reports(row)],
        "no_reports": row.reports_stated and not row.would_be_reports,
        "level": row.level,
        "outcomes": list(row.outcomes),
        "must_haves": [must_have.text for must_have in row.must_haves],
        "principles": [item.principle_id for item in row.items if item.principle_id is not None],
        "competencies": [item.name for item in row.items if item.principle_id is None],
        "version": str(row.version),
    }


def as_read(form: AmendForm, row: JobDescription) -> dict[str, str]:
    """What a version says now as plain text by field, for whoever edited an older one."""
    said = shown(row)
    names = {item.principle_id: item.name for item in row.items}
    said["reports"] = [person.email for person in queries.would_be_reports(row)]
    said["principles"] = [names[principle_id] for principle_id in said["principles"]]
    for name in ("pay_low", "pay_high"):
        said[name] = "" if said[name] is None else f"{said[name] // 100:,}.{said[name] % 100:02}"
    said["no_reports"] = "yes" if said["no_reports"] else "no"
    return {
        name: "\n".join(value) if isinstance(value, list) else str(value)
        for name, value in said.items()
        if name in form and name != "version"
    }


class SubmitForm(Form):
    """Send a draft to review."""

    action: ClassVar[str] = "description.submit"
    submit_label: ClassVar[str] = "Submit for review"


class ReviewForm(Form):
    """A Bar Raiser's verdict on the four points."""

    action: ClassVar[str] = "description.review"
    submit_label: ClassVar[str] = "Give verdict"
    review = HiddenField()
    role_clear = TextAreaField(rules.POINTS["role_clear"], [DataRequired("Say a sentence on this."), Length(max=5000)])
    problem_sharp = TextAreaField(
        rules.POINTS["problem_sharp"], [DataRequired("Say a sentence on this."), Length(max=5000)]
    )
    must_haves_testable = TextAreaField(
        rules.POINTS["must_haves_testable"], [DataRequired("Say a sentence on this."), Length(max=5000)]
    )
    risks = TextAreaField(rules.POINTS["risks"], [DataRequired("Say a sentence on this."), Length(max=5000)])
    verdict = RadioField(
        "Verdict",
        [InputRequired("Approve, or ask for changes.")],
        choices={Verdict.APPROVE.value: "Approve this version", Verdict.CHANGES.value: "Ask for changes"},
    )

    @property
    def shown_review(self) -> int:
        """The review that the page showed as waiting."""
        return shown_number(self.review)

    def points(self) -> dict[str, str]:
        """The four texts."""
        return {point: self[point].data or "" for point in rules.POINTS}


class ReassignForm(Form):
    """Give the review to the next in the rotation."""

    action: ClassVar[str] = "description.reassign"
    submit_label: ClassVar[str] = "Draw the next reviewer"
    reason = StringField("Reason", [DataRequired("Say why."), Length(max=500)])


class AdoptForm(Form):
    """Choose live applications that are held against this version from now on."""

    action: ClassVar[str] = "description.adopt"
    submit_label: ClassVar[str] = "Hold these against this version"
    applications = SelectMultipleField("Applications", [DataRequired("Choose at least one.")], coerce=int)

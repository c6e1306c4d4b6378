"""Form shapes of the public pages."""

from typing import Any, ClassVar

from flask_wtf.file import FileField, FileRequired
from wtforms import BooleanField, EmailField, SelectField, StringField, TelField, TextAreaField
from wtforms.validators import DataRequired, Email, Length, Optional, ValidationError

from hiring.ground import files
from hiring.ground.files import Received, UnacceptableFile
from hiring.ground.forms import Form, telephone
from hiring.ground.working_time import zones
from hiring.steps.resume_review.actions import Applicant

_LARGEST = 10 * 1024 * 1024
_KINDS = "PDF, Word (DOCX) or plain text, up to 10 MB."


class _ResumeForm(Form):
    """A form that brings a résumé; it lies checked in the data folder once the form is valid."""

    received: Received | None = None
    resume = FileField("Résumé", [FileRequired("Choose a file.")], description=_KINDS)

    def validate_resume(self, field: Any) -> None:
        """Take the file in, outside of any transaction."""
        if not field.data or not field.data.filename:
            return
        try:
            self.received = files.receive(field.data.stream, field.data.filename, _LARGEST)
        except UnacceptableFile as error:
            raise ValidationError(str(error)) from error

    def taken(self) -> Received:
        """The résumé; only after a successful ``validate``."""
        if self.received is None:
            raise ValueError("the form has not been validated")
        return self.received


class ApplyForm(_ResumeForm):
    """A stranger applies."""

    action: ClassVar[str] = "application.apply"
    submit_label: ClassVar[str] = "Apply"
    name = StringField("Your name", [DataRequired("Give your name."), Length(max=200)])
    email = EmailField(
        "E-mail",
        [DataRequired("Give an address where we reach you."), Email("This is not an e-mail address."), Length(max=254)],
        description="The link to your own page goes there.",
    )
    phone = TelField("Phone", [Optional(), Length(max=50), telephone])
    location = StringField("Where you live", [Optional(), Length(max=200)])
    time_zone = SelectField("Your time zone", description="Interview times are shown in it.")
    consent = BooleanField(
        "I agree that my data is kept and read to decide on this application",
        [DataRequired("Without your agreement we may not read it.")],
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = sorted(zone for zone in zones() if "/" in zone and not zone.startswith(("Etc/", "posix/", "right/")))
        self.time_zone.choices = [(zone, zone.replace("_", " ")) for zone in ("UTC", *names)]

    def applicant(self) -> Applicant:
        """Who applies; only after a successful ``validate``."""
        return Applicant(
            name=self.name.data.strip(),
            email=self.email.data.strip(),
            phone=(self.phone.data or "").strip(),
            location=(self.location.data or "").strip(),
            time_zone=self.time_zone.data,
        )


class ApplyInternallyForm(_ResumeForm):
    """A colleague applies; name and address are known."""

    action: ClassVar[str] = "application.apply_internally"
    submit_label: ClassVar[str] = "Apply"
    phone = TelField("Phone", [Optional(), Length(max=50), telephone])


class ReferForm(_ResumeForm):
    """A colleague refers somebody."""

    action: ClassVar[str] = "application.refer"
    submit_label: ClassVar[str] = "Refer them"
    name = StringField("Their name", [DataRequired("Give their name."), Length(max=200)])
    email = EmailField(
        "Their e-mail",
        [DataRequired("Give their address: they are told."), Email("This is not an e-mail address."), Length(max=254)],
    )
    resume = FileField("Their résumé", [Optional()], description=_KINDS)
    how = TextAreaField(
        "How do you know them?", [DataRequired("Say how you know them."), Length(max=2000)], render_kw={"rows": 3}
    )

    def applicant(self) -> Applicant:
        """Who is referred; only after a successful ``validate``."""
        return Applicant(name=self.name.data.strip(), email=self.email.data.strip())


class WithdrawForm(Form):
    """A candidate withdraws."""

    action: ClassVar[str] = "application.withdraw_by_candidate"
    submit_label: ClassVar[str] = "Withdraw this application"
    note = TextAreaField("Would you tell us why?", [Optional(), Length(max=2000)], render_kw={"rows": 2})

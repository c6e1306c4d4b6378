"""Shapes of what people fill in here; the actions decide."""

from datetime import time
from typing import Any

import holidays
from wtforms import (
    BooleanField,
    HiddenField,
    IntegerField,
    PasswordField,
    SelectChoice,
    SelectField,
    StringField,
    TextAreaField,
    TimeField,
)
from wtforms.validators import InputRequired, Length, NumberRange, Optional, Regexp, ValidationError

from hiring.ground.days import AROUND, RECORD
from hiring.ground.forms import DayField, Form, Within
from hiring.ground.working_time import zones
from hiring.people import queries
from hiring.people.access import LONGEST_PASSWORD, SHORTEST_PASSWORD
from hiring.people.fields import HOW, ColleagueField
from hiring.people.rules import TRAINING, Record, Role

ROLES = {
    Role.ADMINISTRATOR: "Administrator",
    Role.RECRUITER: "Recruiter",
    Role.COORDINATOR: "Coordinator",
    Role.PROGRAMME_OWNER: "Programme owner",
    Role.HEAD_OF_RECRUITING: "Head of recruiting",
}
RECORDS = {
    Record.COURSE: "Half-day interviewing course",
    Record.PAIRED_INTERVIEW: "Paired interview",
    Record.INTERVIEWS: "Interviews held",
    Record.NOMINATION: "Nomination as Bar Raiser",
    Record.BAR_RAISER_TRAINING: "Bar Raiser training",
    Record.CERTIFICATION: "Bar Raiser certification",
}
_ZONES = sorted(zone for zone in zones() if zone == "UTC" or ("/" in zone and not zone.startswith("Etc/")))
_NEEDED = InputRequired("Please fill this in.")


def _zone_field() -> SelectField:
    return SelectField("Time zone", choices=_ZONES, default="UTC", validators=[_NEEDED])


def _day(label: str, **options: Any) -> DayField:
    return DayField(label, validators=[InputRequired("Give a day, like 2026-03-04."), Within(RECORD)], **options)


class SignInForm(Form):
    """E-mail and password."""

    action = "session.start"
    submit_label = "Sign in"
    email = StringField(
        "E-mail", [_NEEDED, Length(max=320)], render_kw={"type": "email", "autocomplete": "username", "autofocus": True}
    )
    password = PasswordField(
        "Password", [_NEEDED, Length(max=LONGEST_PASSWORD)], render_kw={"autocomplete": "current-password"}
    )


class CastForm(Form):
    """One of the demo's cast."""

    action = "session.start_as"
    submit_label = "Sign in"
    person_id = HiddenField(validators=[Regexp(r"^\d{1,18}$")])


_NEW_PASSWORD = {
    "label": "New password",
    "validators": [_NEEDED],
    "description": f"At least {SHORTEST_PASSWORD} characters. A sentence is easy to remember.",
    "render_kw": {"autocomplete": "new-password"},
}


class PasswordForm(Form):
    """Change of one's own password."""

    action = "account.password"
    submit_label = "Change the password and sign out everywhere"
    present = PasswordField(
        "Present password", [_NEEDED, Length(max=LONGEST_PASSWORD)], render_kw={"autocomplete": "current-password"}
    )
    new = PasswordField(**_NEW_PASSWORD)


class WelcomeForm(Form):
    """First password."""

    action = "account.welcome"
    submit_label = "Set the password"
    new = PasswordField(**_NEW_PASSWORD)


class ZoneForm(Form):
    """One's own time zone."""

    action = "account.zone"
    time_zone = _zone_field()


class TeamForm(Form):
    """A new team."""

    action = "team.create"
    submit_label = "Add the team"
    name = StringField("Name", [_NEEDED, Length(max=100)])
    department = StringField("Department", [_NEEDED, Length(max=100)])


class PersonForm(Form):
    """Somebody's place in the org chart."""

    action = "person.create"
    submit_label = "Add the person"
    name = StringField("Name", [_NEEDED, Length(max=200)])
    email = StringField(
        "E-mail",
        [
            _NEEDED,
            Length(max=320),
            Regexp(r"^[^@\s]+@[^@\s]+\.[^@\s]+$", message="Give an address like ada@example.org."),
        ],
        render_kw={"type": "email"},
    )
    title = StringField("Title", [_NEEDED, Length(max=200)])
    level = IntegerField(
        "Level",
        [InputRequired("Give a level from 4 to 12."), NumberRange(4, 12, "Levels go from 4 to 12.")],
        description="4 to 12",
    )
    manager_id = ColleagueField("Manager", description="E-mail address or full name; empty at the top of the chart.")
    team_id = SelectField("Team", coerce=lambda value: int(value) if value else None, validators=[Optional()])
    time_zone = _zone_field()
    country = StringField("Country", description="Two letters, like DE; decides public holidays.")
    works_from = TimeField("Works from", [InputRequired("Give a time, like 09:00.")], default=time(9))
    works_until = TimeField("Works until", [InputRequired("Give a time, like 17:30.")], default=time(17, 30))
    delegate_id = ColleagueField("Stands in while away", description=HOW)
    away_from = DayField("Away from", [Optional(), Within(AROUND)])
    away_until = DayField("Away until", [Optional(), Within(AROUND)])
    guest = BooleanField("Guest from outside", description="For example a board member or an adviser.")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.team_id.choices = [
            SelectChoice("", "No team"),
            *(SelectChoice(team_id, name) for team_id, name in queries.team_choices()),
        ]

    def validate_country(self, field: Any) -> None:
        """Only countries whose public holidays we know."""
        field.data = (field.data or "").strip().upper()
        if field.data and field.data not in holidays.list_supported_countries():
            raise ValidationError("Give two letters of a country whose holidays we know, like DE, US or IN.")


class EditPersonForm(PersonForm):
    """The same, for somebody who is here already."""

    action = "person.edit"
    submit_label = "Save"


class GrantForm(Form):
    """A standing role to give."""

    action = "role.grant"
    submit_label = "Give the role"
    role = SelectField(
        "Role", choices=[SelectChoice(role.value, name) for role, name in ROLES.items()], validators=[_NEEDED]
    )


class RevokeForm(Form):
    """A standing role to take back."""

    action = "role.revoke"
    submit_label = "Take back"
    role = HiddenField(validators=[Regexp("^(" + "|".join(Role) + ")$")])


class AttestForm(Form):
    """Earlier training or experience."""

    action = "qualification.attest"
    submit_label = "Attest"
    record = SelectField(
        "What", choices=[SelectChoice(kind.value, name) for kind, name in RECORDS.items()], validators=[_NEEDED]
    )
    on = _day("Day", description="For a count of interviews: the day up to which they were counted.")
    count = IntegerField(
        "How many",
        [InputRequired("Give a number; 1 for anything but interviews."), NumberRange(1, 9999, "Give 1 to 9999.")],
        default=1,
        description="More than 1 only for interviews.",
    )
    source = StringField(
        "Known from", [_NEEDED, Length(max=500)], description="For example: training register of 2024, row 17."
    )


class RecordForm(Form):
    """Training that took place."""

    action = "qualification.record"
    submit_label = "Record"
    record = SelectField(
        "What",
        choices=[SelectChoice(kind.value, name) for kind, name in RECORDS.items() if kind in TRAINING],
        validators=[_NEEDED],
    )
    on = _day("Day")
    note = StringField("Note", [Length(max=500)])


class CertifyForm(Form):
    """A certification that begins today."""

    action = "bar_raiser.certify"
    submit_label = "Certify as Bar Raiser"


class VoidForm(Form):
    """A record to strike."""

    action = "qualification.void"
    submit_label = "Strike"
    record_id = HiddenField(validators=[Regexp(r"^\d{1,18}$")])
    reason = TextAreaField("Why", [_NEEDED, Length(max=2000)], render_kw={"rows": 2})


class InviteForm(Form):
    """A welcome link to send."""

    action = "person.invite"
    submit_label = "Send a link to choose a password"


class DisableForm(Form):
    """End of somebody's access."""

    action = "person.disable"
    submit_label = "End access now"
    person_id = HiddenField()


class EnableForm(Form):
    """Access given back."""

    action = "person.enable"
    submit_label = "Let in again"

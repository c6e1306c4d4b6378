"""Form shapes shared by all rooms: submission key, version, reasons for warnings, local times and money."""

import re
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from flask import g, request
from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict
from wtforms import DateField, Field, FileField, FormField, HiddenField, StringField
from wtforms.validators import Email, StopValidation, ValidationError
from wtforms.widgets import PasswordInput, TextArea

from hiring.ground import clock
from hiring.ground.characters import storable, visible, without_steering
from hiring.ground.database import UNSEEN
from hiring.ground.days import Reach, why_not_day
from hiring.ground.inputs import written
from hiring.ground.telephone import why_not_telephone

REASON_PREFIX = "reason."
"""Fields that carry a written reason for passing a warning are named ``reason.<rule id>``."""
LONGEST_REASON = 2000
"""Characters of a written reason; a longer one answers no warning, and the page says so beside it."""
_WRITTEN = frozenset({"StringField", "EmailField", "TelField", "TextAreaField"})
"""Fields into which somebody writes words."""


class _Words:
    """What fields and validators of wtforms say, where we say it shorter or with the way out."""

    _OURS: ClassVar[dict[str, str]] = {
        "Field cannot be longer than %(max)d character.": "At most %(max)d characters.",
        "Not a valid integer value.": "Give a whole number, like 7.",
        "Not a valid date value.": "Give a day, like 2026-03-30.",
        "Not a valid choice.": "Choose one from the list.",
        "Invalid Choice: could not coerce.": "Choose one from the list.",
        "'%(value)s' is not a valid choice for this field.": "Choose only from the list.",
    }

    def gettext(self, words: str) -> str:
        return self._OURS.get(words, words)

    def ngettext(self, one: str, many: str, count: int) -> str:
        return self._OURS.get(one) or (one if count == 1 else many)


class _ShownField(HiddenField):  # type: ignore[misc]  # wtforms has no types
    """What the page showed; a post that lacks it does not inherit what the form would show now."""

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        self.data = valuelist[0] if valuelist else ""


def whole_number(text: str | None) -> int | None:
    """A whole number that a row's id or version can be, as an address or a hidden field brings it; None for others."""
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) < 19 else None


def asked_number(name: str) -> int | None:
    """The whole number that the address asks for under this name, or None."""
    return whole_number(request.args.get(name))


def shown_number(field: Field) -> int:
    """The id or version that a hidden field brings back from the page; ``UNSEEN`` where it brings none."""
    number = whole_number(str(field.data or ""))
    return UNSEEN if number is None else number


def _written(field: Field | None, value: Any) -> Any:
    if not isinstance(value, str):
        return value
    if field is not None and not isinstance(field.widget, (TextArea, PasswordInput)):
        value = without_steering(value)
    return value if visible(value) else ""


class Form(FlaskForm):  # type: ignore[misc]  # flask_wtf has no types
    """Parent of every form. ``action`` names the act (``offer.make``) for ``data-action``, receipts and tests.

    ``submission_key`` makes a repeated submit harmless; ``version`` lets an action refuse a stale edit. A field of
    nothing but blanks was left empty, whatever its kind: three spaces are no written reason and name no colleague, nor
    do characters of no width. A text of one line is taken without what turns around the letters that follow it. A file
    sent where no file is asked was not sent.
    """

    class Meta(FlaskForm.Meta):  # type: ignore[misc]  # flask_wtf has no types
        """How a post reaches the fields, and in whose words they answer."""

        def get_translations(self, _form: Any) -> _Words:
            """Our own words."""
            return _Words()

        def wrap_formdata(self, form: Any, formdata: Any) -> Any:
            """Empty what holds only blanks, and leave out misplaced files, before any field or validator sees it."""
            sent = super().wrap_formdata(form, formdata)
            if not sent:
                return sent
            return MultiDict(
                (name, _written(form._fields.get(name), value))
                for name, values in sent.lists()
                for value in values
                if isinstance(value, str) or isinstance(form._fields.get(name), FileField)
            )

        def render_field(self, field: Field, asked: dict[str, Any]) -> Any:
            """Write the common kinds of input ourselves."""
            html = written(field, asked)
            return super().render_field(field, asked) if html is None else html

    action: ClassVar[str] = ""
    submit_label: ClassVar[str] = "Save"
    submission_key = HiddenField(default=lambda: uuid.uuid4().hex)
    version = _ShownField()

    _unbound_fields: list[tuple[str, Any]]

    def __init__(self, *args: Any, more: Mapping[str, Any] | None = None, **kwargs: Any) -> None:
        """``more``: fields of this form alone, by name; a class for them takes longer to make than they to fill."""
        if more:
            self._unbound_fields = [*self._unbound_fields, *more.items()]
        super().__init__(*args, **kwargs)

    @property
    def shown_version(self) -> int:
        """The version of what the page showed; ``UNSEEN`` for a post that comes without."""
        return shown_number(self.version)

    def reasons(self) -> dict[str, str]:
        """Written reasons for warnings, by rule id."""
        return {
            name.removeprefix(REASON_PREFIX): value.strip()
            for name, value in request.form.items()
            if name.startswith(REASON_PREFIX) and visible(value)
            if storable(value) and len(value.strip()) <= LONGEST_REASON
        }

    def shown_fields(self) -> list[Field]:
        """Fields a person fills in, in order."""
        return [field for field in self if not isinstance(field, HiddenField)]

    @property
    def takes_files(self) -> bool:
        """Whether a file is asked for."""
        return any(isinstance(field, FileField) for field in self)

    def typed(self) -> list[tuple[str, str]]:
        """What somebody wrote, by label, so that a page which no longer has this form can hand it back."""
        return [
            (str(field.label.text), field.data.strip())
            for field in _plain(self)
            if field.type in _WRITTEN and isinstance(field.data, str) and field.data.strip()
        ]

    def validate(self, extra_validators: Any = None) -> bool:
        """Check every field; a text that no database can hold is an error beside its field, not a crash."""
        odd = [field for field in self if not _holds_storable(field.data)]
        if not odd:
            return bool(super().validate(extra_validators=extra_validators))
        for field in odd:  # before the validators, which may ask the database
            _mark_odd(field)
        return False


class Forms(dict[str, Form]):
    """Forms by the last part of their action, made when the page shows them; the one ``typed`` keeps what it holds."""

    def __init__(self, make: Mapping[str, Callable[..., Form]], typed: Form | None) -> None:
        super().__init__({typed.action.partition(".")[2]: typed} if typed else {})
        self._make = make

    def __missing__(self, name: str) -> Form:
        form = self[name] = self._make[name](formdata=None)
        return form


def _plain(fields: Iterable[Field]) -> Iterator[Field]:
    """Every field, also those of a form within a form."""
    for field in fields:
        if isinstance(field, FormField):
            yield from _plain(field)
        else:
            yield field


def _mark_odd(field: Field) -> None:
    """Say it beside the field that holds the text; a form within a form has its own fields."""
    if isinstance(field, FormField):
        for inner in field.form:
            if not _holds_storable(inner.data):
                _mark_odd(inner)
    else:
        field.errors = ["This text holds a character that cannot be stored; please remove it."]


def _holds_storable(data: Any) -> bool:
    texts = data if isinstance(data, list) else data.values() if isinstance(data, dict) else [data]
    return all(storable(text) for text in texts if isinstance(text, str))


def reader_zone() -> ZoneInfo:
    """The zone of whoever reads this page; UTC for strangers."""
    return ZoneInfo(getattr(g, "zone", None) or "UTC")


class LocalDateTimeField(StringField):  # type: ignore[misc]  # wtforms has no types
    """A ``datetime-local`` input in the reader's zone; ``data`` is an instant in UTC.

    A time that a clock change skips, or repeats, is refused by name instead of guessed.
    """

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return self.data.astimezone(reader_zone()).strftime("%Y-%m-%dT%H:%M") if self.data else ""

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        self.data = None
        if not valuelist or not valuelist[0].strip():
            return
        try:
            naive = datetime.fromisoformat(valuelist[0].strip())
        except ValueError as error:
            raise ValueError("Give a date and a time, like 2026-03-30 14:00.") from error
        if naive.tzinfo is not None or naive.year < 1970 or naive.year > 2200:
            raise ValueError("Give a date and a time between 1970 and 2200.")
        self.data = local_instant(naive, reader_zone())


def local_instant(naive: datetime, zone: ZoneInfo) -> datetime:
    """The instant of a wall-clock time; raises ValueError for one that does not exist or exists twice."""
    early = naive.replace(tzinfo=zone, fold=0)
    late = naive.replace(tzinfo=zone, fold=1)
    if early.utcoffset() != late.utcoffset():
        if early.astimezone(UTC).astimezone(zone).replace(tzinfo=None) != naive:
            raise ValueError(f"{naive:%H:%M} does not exist on that day in {zone.key}: the clocks go forward.")
        raise ValueError(f"{naive:%H:%M} exists twice on that day in {zone.key}: the clocks go back. Choose another.")
    return early.astimezone(UTC)


class DayField(DateField):  # type: ignore[misc]  # wtforms has no types
    """A calendar day that every zone and reckoning can hold, years before and after."""

    data: Any

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        """Read a day; raises ValueError for none, and for one that nobody means."""
        super().process_formdata(valuelist)
        if self.data is not None and not date(1970, 1, 1) <= self.data <= date(2200, 12, 31):
            self.data = None
            raise ValueError("Give a day between 1970 and 2200.")


class MoneyField(StringField):  # type: ignore[misc]  # wtforms has no types
    """An amount of money; ``data`` is an integer of minor units (cents).

    People write thousands with a comma, a point or a space, and cents after either: three digits after the only
    separator are thousands (nobody is paid in thousandths of a euro), one or two are cents.
    """

    HOW = "80,000 and 80.000 both mean eighty thousand; cents are two digits, like 80000.50."

    def __init__(self, *args: Any, description: str = "", **kwargs: Any) -> None:
        super().__init__(*args, description=f"{description} {self.HOW}".strip(), **kwargs)

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "" if self.data is None else f"{Decimal(self.data) / 100:.2f}"

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        self.data = None
        text = "".join(valuelist[0].split()) if valuelist else ""
        if text:
            self.data = minor_units(text)


_GROUPED = r"[1-9]\d{0,2}(?:%s\d{3})+"
_AMOUNT = re.compile(
    rf"(?P<whole>[0-9]+|{_GROUPED % ','})(?:\.(?P<cents>[0-9]{{1,2}}))?"
    rf"|(?P<whole_>[0-9]+|{_GROUPED % '[.]'})(?:,(?P<cents_>[0-9]{{1,2}}))?",
    re.ASCII,
)


def minor_units(text: str) -> int:
    """Cents of an amount as people write it, without spaces; raises ValueError for what is none, or two things."""
    if len(text) > 30:  # before anybody counts with it
        raise ValueError("Give an amount of at most thirteen digits.")
    found = _AMOUNT.fullmatch(text)
    if found is None:
        raise ValueError("Give an amount like 85,000 or 85000.50.")
    whole, cents = found["whole"] or found["whole_"], found["cents"] or found["cents_"] or ""
    amount = int(whole.replace(",", "").replace(".", "")) * 100 + int(cents.ljust(2, "0"))
    if amount >= 10**15:
        raise ValueError("Give an amount of at most thirteen digits.")
    return amount


class LinesField(StringField):  # type: ignore[misc]  # wtforms has no types
    """A textarea whose lines are the items of a list; ``data`` is the list of trimmed lines that show something."""

    def _value(self) -> str:
        return str(self.raw_data[0]) if self.raw_data else "\n".join(self.data or [])

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        self.data = [line.strip() for line in (valuelist[0] if valuelist else "").splitlines() if visible(line)]


class NeededAtTimes:
    """Validator that checks nothing: what else was chosen decides, by a rule, whether the field may stay empty.

    Its label does not call it optional.
    """

    field_flags: ClassVar[dict[str, bool]] = {"needed_at_times": True}

    def __call__(self, _form: Any, _field: Any) -> None: ...


class KeptIf:
    """Validator: words that a choice beside them would drop are refused, not dropped.

    ``kept`` asks the form whether the choice keeps them. What stood there before may go with the choice.
    """

    def __init__(self, kept: Callable[[Any], bool], otherwise: str) -> None:
        self.kept, self.otherwise = kept, otherwise

    def __call__(self, form: Any, field: Any) -> None:
        """Raise ValidationError with ``otherwise``."""
        words = (field.data or "").strip()
        if words and words != (field.object_data or "").strip() and not self.kept(form):
            raise ValidationError(self.otherwise)


class Within:
    """Validator: a day, or the reader's day of an instant, that somebody can mean."""

    def __init__(self, reach: Reach) -> None:
        self.reach = reach

    def __call__(self, _form: Any, field: Any) -> None:
        """Raise StopValidation with both days."""
        zone, day = reader_zone(), field.data
        if isinstance(day, datetime):
            day = day.astimezone(zone).date()
        why = why_not_day(day, clock.now().astimezone(zone).date(), self.reach) if day else None
        if why is not None:
            raise StopValidation(why)


def not_passed(_form: Any, field: Any) -> None:
    """Validator: an instant that has not passed, with a minute of grace."""
    if field.data is not None and field.data < clock.now() - timedelta(minutes=1):
        raise ValidationError("This time has already passed.")


def telephone(_form: Any, field: Any) -> None:
    """Validator: a telephone number."""
    why = why_not_telephone(field.data or "")
    if why is not None:
        raise ValidationError(why)


def telephone_or_mail(form: Any, field: Any) -> None:
    """Validator: an e-mail address where it looks like one, else a telephone number."""
    asked = Email("This is not an e-mail address.") if "@" in (field.data or "") else telephone
    asked(form, field)

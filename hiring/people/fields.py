"""Fields that name colleagues: typed, not chosen from a list, so that a page is as light for 5,000 people as for 50."""

from collections.abc import Sequence

from wtforms import StringField

from hiring.ground.characters import storable
from hiring.people import queries

HOW = "E-mail address or full name."
MOST = 50
"""People that one field may name: each is looked up."""


def _meant(text: str) -> int:
    """The id of the one person meant; raises ValueError with what to type instead."""
    if not storable(text):
        raise ValueError("This text holds a character that cannot be stored; please remove it.")
    found = queries.named(text)
    if not found:
        raise ValueError(f"Nobody here has the e-mail address or name {text}.")
    if len(found) > 1:
        raise ValueError(f"Several people are named {text}; give the e-mail address.")
    return found[0].id


class ColleagueField(StringField):  # type: ignore[misc]  # wtforms has no types
    """A colleague, by e-mail address or full name; ``data`` is their id, or None when left empty."""

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return queries.person(self.data).email if self.data else ""

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        """Find the one person meant."""
        self.data = None
        text = valuelist[0].strip() if valuelist else ""
        if text:
            self.data = _meant(text)


class ColleaguesField(StringField):  # type: ignore[misc]  # wtforms has no types
    """Colleagues, one a line, by e-mail address or full name; ``data`` is the list of their ids."""

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        known = queries.people(self.data or [])
        return "\n".join(known[one].email for one in self.data or [])

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        """Find each person meant; all that are unknown are told at once."""
        self.data = []
        typed = [line.strip() for line in (valuelist[0] if valuelist else "").splitlines()]
        lines = [line for line in dict.fromkeys(typed) if line]
        if len(lines) > MOST:
            raise ValueError(f"Name at most {MOST} people.")
        wrong = []
        for line in lines:
            try:
                self.data.append(_meant(line))
            except ValueError as error:
                wrong.append(str(error))
        if wrong:
            raise ValueError(" ".join(wrong))

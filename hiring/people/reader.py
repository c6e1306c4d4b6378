"""The signed-in person of a request."""

from typing import cast

from flask_login import current_user

from hiring.people.models import Person


def me() -> Person:
    """The signed-in person of this request (views only)."""
    return cast(Person, current_user._get_current_object())

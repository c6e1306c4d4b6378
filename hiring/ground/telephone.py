"""What can be a telephone number: a pure question, asked beside every field that takes one."""

import re

_NUMBER = re.compile(
    r"(?P<number>[\d\s+\-\u2010-\u2014().,/]+)(?:(?:;?\s*ext(?:ension)?[.:=]?|x|#)\s*\d{1,6}\s*)?", re.IGNORECASE
)
_FEWEST = 5
"""Digits, without an extension."""


def why_not_telephone(text: str) -> str | None:
    """Why nobody can call this; None where somebody may."""
    found = _NUMBER.fullmatch(text.strip())
    digits = sum(char.isdecimal() for char in found["number"]) if found else 0
    if digits >= _FEWEST:
        return None
    facts = "This holds more than a number" if found is None else f"This has {digits or 'no'} digits"
    return f"{facts}. Give at least {_FEWEST} digits, like +49 30 123456 or (030) 123-456 ext. 7."

"""What single characters do in a text: some show nothing, some steer the others, some no database holds. Pure."""

import unicodedata

_EMPTY = frozenset(
    chr(code)
    for codes in (
        (0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x3164, 0xFFA0),  # joiners, and letters that only fill a place
        (0x2800,),  # braille without a dot
        (*range(0x180B, 0x1810), *range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0)),  # variants of the letter before
    )
    for code in codes
)
"""Letters, marks and symbols that show nothing: those that Unicode calls ignorable, and the empty braille pattern."""


def visible(text: str) -> bool:
    """Whether anything is to be seen of it: not blanks, nor what steers the letters around it, nor empty characters."""
    return any(
        not char.isspace() and char not in _EMPTY and unicodedata.category(char) not in {"Cc", "Cf"} for char in text
    )


_STEERING = dict.fromkeys((*range(0x202A, 0x202F), *range(0x2066, 0x206A)))


def without_steering(text: str) -> str:
    """The text without embeddings, overrides and isolates, which turn around letters, also those that follow it.

    A name in any script is read right without them; the marks between neighbouring letters stay.
    """
    return text.translate(_STEERING)


def storable(text: str) -> bool:
    """Whether both databases can hold the text (no NUL, no lone surrogate)."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return "\x00" not in text

"""A candidate's name as it is searched: pure, and the same for what is kept and what is typed."""

import re
import unicodedata

_SPACELESS = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\U00020000-\U0003ffff]")
"""Han, kana and Hangul: a given name follows the family's without a space."""


_ACCENTS = re.compile("[\u0300-\u036f]")
_LONGEST = 500
"""Characters of the other words of a name that stand behind one of them; a name of many words has many of those."""


def words_of(text: str) -> frozenset[str]:
    """The words of a name as it is typed, folded: hyphens and apostrophes end one. Never empty for a text that is not.

    Who lacks a key for an accent leaves it out, so nobody is told apart by it; marks of other scripts stay. What holds
    neither letter nor figure is one word as it stands, and so is an accent on nothing.
    """
    folded = unicodedata.normalize("NFC", _ACCENTS.sub("", unicodedata.normalize("NFD", text.casefold())))
    # Letters, figures, and the marks that belong to a letter.
    parts = "".join(one if unicodedata.category(one)[0] in "LNM" else " " for one in folded).split()
    return frozenset(parts or folded.split() or text.split())


def findable(name: str) -> frozenset[str]:
    """By whose beginnings a candidate of this name is found: each word, and behind it the others."""
    words = words_of(name)
    every = sorted(words | {word[found.start() :] for word in words for found in _SPACELESS.finditer(word)})
    return frozenset(" ".join([word, *(one for one in every if one != word)])[:_LONGEST] for word in every)

"""Masks what names or reaches a person in a post's text: most decisions do not need it.

It errs towards masking: a long number that is none of a phone is masked too. Whoever needs the
original has a role that sees it.
"""

from __future__ import annotations

import re
from typing import Final

_LETTER: Final = r"[^\W\u2E80-\uFFFF]"
"""A letter, digit or underscore, but of no East Asian script: those write no spaces, so that a
word around an address would be taken for a part of it."""

# Every quantifier is bounded, so that no text makes a search slow: RFC 5321 allows 64 characters
# before the @, RFC 1035 labels of 63 after it, and no phone number is written with more than 30.
_MAIL: Final = re.compile(
    rf"(?:{_LETTER}|[.%+\-]){{1,64}}(?:[@＠]|\s?[(\[]\s?at\s?[)\]]\s?)"
    rf"(?:{_LETTER}|-){{1,63}}(?:(?:\.|\s?[(\[]\s?dot\s?[)\]]\s?)(?:{_LETTER}|-){{1,63}}){{1,4}}",
    re.IGNORECASE,
)
_HANDLE: Final = re.compile(r"(?<![\w@＠])[@＠][\w.]{0,62}\w")
_NUMBER: Final = re.compile(rf"(?<!{_LETTER})[+＋(]{{0,2}}\d[\d\s().\-–/]{{5,30}}\d(?!{_LETTER})")

LEAST_DIGITS: Final = 9
"""Of a phone number without its country's +; fewer are years, prices and times."""
LEAST_DIGITS_AFTER_PLUS: Final = 7
"""ITU-T E.164 numbers are hardly ever shorter."""


def masked(text: str) -> str:
    """The text with ``[mail address]``, ``[phone number]`` and ``[handle]`` in their places."""
    text = _MAIL.sub("[mail address]", text)
    text = _HANDLE.sub("[handle]", text)
    return _NUMBER.sub(_mask_number, text)


def _mask_number(found: re.Match[str]) -> str:
    written = found[0]
    digits = sum(character.isdigit() for character in written)
    least = LEAST_DIGITS_AFTER_PLUS if written[0] in "+＋" else LEAST_DIGITS
    return "[phone number]" if digits >= least else written

"""How authors disguise a word against filters: each takes a word and gives another spelling."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

Disguise = Callable[[str, random.Random], str]

SEPARATORS: Final = (".", " ", "-", "*", "_", "·")
LEET_SHARE: Final = 0.7  # of the letters that have a look-alike digit or sign
LOOKALIKE_SHARE: Final = 0.5  # of the letters that have a foreign look-alike
CENSORED: Final = "*#@_"

_LEET: Final[Mapping[str, str]] = MappingProxyType(
    {"a": "4@", "b": "8", "e": "3", "g": "9", "i": "1!", "l": "1|", "o": "0", "s": "5$", "t": "7+"}
)
# Letters that print alike, by Unicode's table of confusables (UTS 39).
_LOOKALIKES: Final[Mapping[str, str]] = MappingProxyType(
    dict(zip("aceiopsxyhkmtbn", "асеіорѕхуһкмтьп", strict=True))
)
_FULL_WIDTH_OFFSET: Final = 0xFEE0  # from an ASCII sign to its full-width form


def swap(word: str, draw: random.Random) -> str:
    """Two neighbours change places."""
    at = draw.randrange(len(word) - 1)
    return word[:at] + word[at + 1] + word[at] + word[at + 2 :]


def double(word: str, draw: random.Random) -> str:
    """A letter is stretched."""
    at = draw.randrange(len(word))
    return word[:at] + word[at] * draw.randint(2, 4) + word[at + 1 :]


def leave_out(word: str, draw: random.Random) -> str:
    """A letter is missing."""
    at = draw.randrange(1, len(word))
    return word[:at] + word[at + 1 :]


def censor(word: str, draw: random.Random) -> str:
    """A letter is starred out."""
    at = draw.randrange(1, len(word))
    return word[:at] + draw.choice(CENSORED) + word[at + 1 :]


def space_out(word: str, draw: random.Random) -> str:
    """Signs stand between all letters, or between two of them."""
    separator = draw.choice(SEPARATORS)
    if draw.random() < 0.5:  # noqa: PLR2004 - as often as not
        return separator.join(word)
    at = draw.randrange(1, len(word))
    return word[:at] + separator + word[at:]


def leetspeak(word: str, draw: random.Random) -> str:
    """Digits and signs stand for letters."""
    return _spelt(word, draw, _LEET, LEET_SHARE)


def lookalikes(word: str, draw: random.Random) -> str:
    """Cyrillic letters stand for Latin ones."""
    return _spelt(word, draw, _LOOKALIKES, LOOKALIKE_SHARE)


def full_width(word: str, draw: random.Random) -> str:
    """ASCII becomes full-width; any other script is spaced out."""
    if not word.isascii():
        return space_out(word, draw)
    return "".join(chr(ord(letter) + _FULL_WIDTH_OFFSET) for letter in word)


def _spelt(word: str, draw: random.Random, table: Mapping[str, str], share: float) -> str:
    letters = [
        draw.choice(table[letter]) if letter in table and draw.random() < share else letter
        for letter in word.lower()
    ]
    changed = "".join(letters)
    return space_out(word, draw) if changed == word.lower() else changed


DISGUISES: Final[tuple[Disguise, ...]] = (
    swap,
    double,
    leave_out,
    censor,
    space_out,
    leetspeak,
    lookalikes,
    full_width,
)

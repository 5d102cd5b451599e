"""Texts, mistyped or disguised. Shares are of letters; what has no substitute stays."""

from __future__ import annotations

import random
import string
from typing import Final

LEET: Final = str.maketrans("aeiostbgl", "43105789|")
HOMOGLYPHS: Final = str.maketrans("aceiopsxyABCEHKMOPTX", "асеіорѕхуАВСЕНКМОРТХ")  # Cyrillic
ZERO_WIDTH: Final = "\u200b"


def typos(text: str, share: float, draw: random.Random) -> str:
    """Swap a letter with the next, leave it out, double it, or hit another one."""
    letters, at = [], 0
    while at < len(text):
        letter, following = text[at], text[at + 1 : at + 2]
        at += 1
        if not letter.isalpha() or draw.random() >= share:
            letters.append(letter)
            continue
        kind = draw.choice(("swap", "omit", "double", "other"))
        if kind == "swap" and following.isalpha():
            letters += [following, letter]
            at += 1
        elif kind == "double":
            letters += [letter, letter]
        elif kind == "other" and letter.isascii():
            letters.append(draw.choice(string.ascii_lowercase))
    return "".join(letters)


def leetspeak(text: str, share: float, draw: random.Random) -> str:
    """Write letters as the digits that look like them: ``1d10t``."""
    return _translate(text, share, draw, LEET)


def homoglyphs(text: str, share: float, draw: random.Random) -> str:
    """Write Latin letters as Cyrillic ones of the same look."""
    return _translate(text, share, draw, HOMOGLYPHS)


def zero_width(text: str, share: float, draw: random.Random) -> str:
    """Put spaces of no width behind letters."""
    return "".join(c + ZERO_WIDTH if c.isalpha() and draw.random() < share else c for c in text)


def _translate(text: str, share: float, draw: random.Random, table: dict[int, int]) -> str:
    return "".join(
        chr(table[ord(c)]) if ord(c) in table and draw.random() < share else c for c in text
    )

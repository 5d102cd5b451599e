"""Which scripts a text is written in: a mixture within a word is how a name is disguised."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from typing import Final

SCRIPTS: Final = (
    "latin", "greek", "cyrillic", "hebrew", "arabic", "devanagari", "thai", "hangul", "kana", "han",
    "other",
)  # fmt: skip
"""The scripts that are told apart; every other letter counts as ``other``."""

_RANGES: Final = sorted(
    (
        (0x0041, 0x02B8, "latin"),
        (0x0370, 0x03FF, "greek"),
        (0x0400, 0x052F, "cyrillic"),
        (0x0590, 0x05FF, "hebrew"),
        (0x0600, 0x06FF, "arabic"),
        (0x0750, 0x077F, "arabic"),
        (0x08A0, 0x08FF, "arabic"),
        (0x0900, 0x097F, "devanagari"),
        (0x0E00, 0x0E7F, "thai"),
        (0x1100, 0x11FF, "hangul"),
        (0x1C80, 0x1C8F, "cyrillic"),
        (0x1E00, 0x1EFF, "latin"),
        (0x1F00, 0x1FFF, "greek"),
        (0x3040, 0x30FF, "kana"),
        (0x3130, 0x318F, "hangul"),
        (0x31F0, 0x31FF, "kana"),
        (0x3400, 0x4DBF, "han"),
        (0x4E00, 0x9FFF, "han"),
        (0xA640, 0xA69F, "cyrillic"),
        (0xAC00, 0xD7AF, "hangul"),
        (0xF900, 0xFAFF, "han"),
        (0xFB50, 0xFDFF, "arabic"),
        (0xFE70, 0xFEFF, "arabic"),
        (0xFF21, 0xFF5A, "latin"),
        (0xFF66, 0xFF9F, "kana"),
        (0x20000, 0x323AF, "han"),
    )
)
"""Unicode blocks, first and last code point (Unicode 16, Blocks.txt)."""
_STARTS: Final = [first for first, _, _ in _RANGES]


_NONE: Final = dict.fromkeys(SCRIPTS, 0.0)


def script_of(letter: str) -> str:
    """The script of a letter, by its block."""
    place = bisect_right(_STARTS, ord(letter)) - 1
    if place >= 0:
        _, last, script = _RANGES[place]
        if ord(letter) <= last:
            return script
    return "other"


def script_shares(text: str) -> dict[str, float]:
    """The share of each script in the letters of the text, 0..1; all zero where it has none."""
    if text.isascii():
        return _NONE | {"latin": float(any(map(str.isalpha, text)))}
    counts: Counter[str] = Counter()
    for char, times in Counter(text).items():
        if char.isalpha():
            counts[script_of(char)] += times
    letters = counts.total()
    return {script: counts[script] / letters if letters else 0.0 for script in SCRIPTS}

"""The name that an author probably meant."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Final

_CUTOFF: Final = 0.6
"""difflib's own default: lower begins to suggest names that share little but their length."""


def did_you_mean(word: str, known: Iterable[str], *, otherwise: str = "expected") -> str:
    """A hint: the nearest known name; when none is near, all of them after ``otherwise``."""
    names = sorted(known)
    begins = [name for name in names if name.startswith(word)]
    close = begins[:1] or get_close_matches(word, names, n=1, cutoff=_CUTOFF)
    if close and word:
        return f"did you mean {close[0]!r}?"
    return f"{otherwise}: {', '.join(names)}" if names and otherwise else ""

"""A post's text, cut where a reason says that a part of it spoke."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from schemas import Modality, Reason


@dataclass(frozen=True, slots=True)
class TextPart:
    """A stretch of a post's text."""

    text: str
    marked: bool
    """Whether it is where a reason is strongest."""


def text_parts(text: str, reasons: Sequence[Reason]) -> list[TextPart]:
    """The parts, which together are the text.

    Of a text that was masked no reasons may be given: their places are in the original.
    """
    marked = [False] * len(text)
    for place in (reason.place for reason in reasons):
        if place is None or place.modality is not Modality.TEXT or place.words:
            continue
        if place.start is not None and place.end is not None:
            start, end = int(place.start), min(int(place.end), len(text))
            marked[start:end] = [True] * max(0, end - start)
    cut = groupby(zip(text, marked, strict=True), key=lambda sign: sign[1])
    return [
        TextPart("".join(letter for letter, _ in letters), is_marked) for is_marked, letters in cut
    ]

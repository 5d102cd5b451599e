"""A post's text, cut where the model was strongest and where rules matched."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from schemas import Modality, Reason, ReasonKind

QUOTE: Final = re.compile(r"(?:^|; )[^“”]*: “(.+?)”(?=; |$)", re.DOTALL)
"""What a rule matched, in its reason's detail: ``list: “as it stands in the post”``."""


@dataclass(frozen=True, slots=True)
class TextPart:
    """A stretch of a post's text."""

    text: str
    strongest: bool
    """Whether it is where a category of the model is strongest."""
    quoted: bool
    """Whether a rule's reason quotes it."""

    @property
    def names(self) -> str:
        """What is so of it, in words; empty for most parts."""
        said = {"strongest": self.strongest, "quoted": self.quoted}
        return " ".join(name for name, is_so in said.items() if is_so)


def text_parts(text: str, reasons: Sequence[Reason], *, masked: bool = False) -> list[TextPart]:
    """The parts, which together are the text.

    Of a ``masked`` text places are left out, for they are in the original. Quotes are marked
    wherever they stand in what is shown, so that what was masked stays so.
    """
    strongest, quoted = [False] * len(text), [False] * len(text)
    for start, end in () if masked else _places(text, reasons):
        strongest[start:end] = [True] * (end - start)
    for start, end in _quotes(text, reasons):
        quoted[start:end] = [True] * (end - start)
    cut = groupby(zip(text, strongest, quoted, strict=True), key=lambda sign: sign[1:])
    return [
        TextPart("".join(sign[0] for sign in signs), strongest=strong, quoted=quote)
        for (strong, quote), signs in cut
    ]


def _places(text: str, reasons: Sequence[Reason]) -> Iterator[tuple[int, int]]:
    for place in (reason.place for reason in reasons):
        if place is None or place.modality is not Modality.TEXT or place.words:
            continue
        if place.start is not None and place.end is not None:
            start, end = int(place.start), min(int(place.end), len(text))
            if start < end:
                yield start, end


def _quotes(text: str, reasons: Sequence[Reason]) -> Iterator[tuple[int, int]]:
    details = (r.detail for r in reasons if r.kind is ReasonKind.RULE and r.detail)
    for quote in {quote for detail in details for quote in QUOTE.findall(detail)}:
        for found in re.finditer(re.escape(quote), text):
            yield found.span()

"""A find in a text."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Match:
    """An entry of a list, found at ``text[start:end]`` of the original text."""

    start: int
    end: int
    entry: str
    """The phrase, pattern or domain as the list has it."""

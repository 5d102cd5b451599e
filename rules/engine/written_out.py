"""Calls whose arguments are written out, so that they can be tried when a policy is loaded.

A time zone that does not exist or a broken expression would make its rule fail on every post: to
its author that is a mistake like any other, with its place.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

_STRING: Final = r"""[rR]?(?:'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*")"""
_LITERAL: Final = rf"(?:{_STRING}|-?\d+)"
_ARGUMENTS: Final = rf"\(\s*{_LITERAL}(?:\s*,\s*{_LITERAL})*\s*\)"
_CALL: Final = re.compile(
    # What is no call is read as well, so that a call inside a text or a comment is none.
    rf"(?P<alone>\b(?:double|duration|int|timestamp|uint){_ARGUMENTS})"
    rf"|\.(?P<member>(?:matches|inHours|get[A-Z]\w+){_ARGUMENTS})"
    rf"|{_STRING}|//[^\n]*"
)

_ANY_TEXT: Final = "''"
_ANY_MOMENT: Final = "timestamp('2000-01-01T00:00:00Z')"


@dataclass(frozen=True, slots=True)
class WrittenCall:
    """A call at ``source[start:]`` and an expression that does the same without any fact."""

    start: int
    text: str
    expression: str


def written_calls(source: str) -> Iterator[WrittenCall]:
    """The calls in a condition that only its author can make fail."""
    for found in _CALL.finditer(source):
        if alone := found["alone"]:
            yield WrittenCall(found.start("alone"), alone, alone)
        elif member := found["member"]:
            receiver = _ANY_TEXT if member.startswith("matches") else _ANY_MOMENT
            yield WrittenCall(found.start("member"), member, f"{receiver}.{member}")

"""Whether single keys act.

WCAG 2.2, criterion 2.1.4: shortcuts of one character can be switched off, for those whose speech
software types letters that nobody meant as keys.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from fastapi import Request

COOKIE: Final = "review-keys"


class Keys(StrEnum):
    """What a letter does that is typed outside a field."""

    ON = "on"  # what the list of keys says
    OFF = "off"  # nothing


def keys_of(request: Request) -> Keys:
    """What the reader chose in this browser; on unless they did."""
    return Keys.OFF if request.cookies.get(COOKIE) == Keys.OFF else Keys.ON

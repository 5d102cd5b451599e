"""What a comparison must show before a candidate goes to its next stage."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

MIN_POSTS: Final = 1_000
"""Compared posts: enough that a change of one action in a hundred is seen ten times."""

MAX_CHANGED: Final = 0.05
"""Share of the compared posts with another action. More is another moderation, and somebody should
have looked at which posts before it goes on."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Of one promotion."""

    min_posts: int = MIN_POSTS
    max_changed: float = MAX_CHANGED

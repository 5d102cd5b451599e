"""What a post on ``posts.retry`` carries in a header: which attempt comes next, and when."""

from __future__ import annotations

from typing import Annotated, Final

from pydantic import Field

from schemas.base import Instant, Message, Name

RETRY_HEADER: Final = "moderation-retry"
"""Name of the header; its value is a :class:`Retry`. The record's value is the post, as it came."""


class Retry(Message):
    """The attempts so far on a post that could not be judged because something was away."""

    attempt: Annotated[int, Field(ge=1)]
    """Attempts that have failed."""
    due_at: Instant
    """Before this it is not tried again."""
    reason: Name
    """What was away."""
    topic: str
    """Where the post first stood."""
    partition: Annotated[int, Field(ge=0)]
    offset: Annotated[int, Field(ge=0)]
    timestamp: Instant
    """The broker's timestamp of the post where it first stood."""

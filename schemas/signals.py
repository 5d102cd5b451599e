"""What the ledger tells the moderator about an author."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from schemas.base import Identifier, Instant, Message, Part

Count = Annotated[int, Field(ge=0)]


class Campaign(Part):
    """Nearly the same text by several authors. Both counts end at what the ledger remembers."""

    authors: Count
    posts: Count
    until: Instant
    """When it counts no more, unless it goes on."""


class AuthorSignals(Message):
    """Counts about one author. Keyed by ``author_id`` on the compacted topic ``author-signals``."""

    author_id: Identifier
    posts: Count = 0
    """Posts with a verdict."""
    removals: Count = 0
    """Posts whose effective verdict is ``remove``."""
    strikes: Count = 0
    """Restrictions that a reviewer decided or upheld."""
    overturned: Count = 0
    """Machine verdicts that a reviewer made milder."""
    posts_last_hour: Count = 0
    """Posts with a verdict in the hour before ``updated_at``."""
    campaign: Campaign | None = None
    """The largest one that the author took part in lately."""
    updated_at: Instant

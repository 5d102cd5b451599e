"""Campaigns: nearly the same text by many authors, within a window. Pure.

A row is what one text key has seen. It holds the newest posts and authors, so it does not depend on
the order in which events come, nor on how often: a replay leads to the same row.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final, Literal, NamedTuple, Self

from pydantic import Field

from schemas import Campaign, Message, Verdict, VerdictSource, VerdictStatus
from schemas.base import Identifier, Instant
from schemas.signals import Count
from schemas.verdict import TextKey

MAX_REMEMBERED: Final = 128
"""Authors, and posts, that a row holds: some 10 KiB at most. Counts end there; who shares a text
with a hundred others is in a campaign, however many more there are."""


class TextSeen(Message):
    """A verdict on a text, keyed by one of the text's keys on its way to the key's partition."""

    text_key: TextKey
    post_id: Identifier
    author_id: Identifier
    decided_at: Instant

    @classmethod
    def of(cls, verdict: Verdict) -> tuple[TextSeen, ...]:
        """One a key; none for a verdict that is about no text, or not by a machine."""
        withdrawn = verdict.status is VerdictStatus.WITHDRAWN
        if withdrawn or verdict.source is not VerdictSource.MACHINE:
            return ()
        return tuple(
            cls(
                text_key=key,
                post_id=verdict.post_id,
                author_id=verdict.author_id,
                decided_at=verdict.decided_at,
            )
            for key in verdict.text_keys
        )


class CampaignSeen(Message):
    """To an author, that one of their texts is part of a campaign; travels by author."""

    kind: Literal["campaign"] = "campaign"
    author_id: Identifier
    text_key: TextKey
    campaign: Campaign
    decided_at: Instant
    """When the latest post of the campaign was judged."""


class Size(NamedTuple):
    """Of what shares a text key."""

    authors: int
    posts: int


class TextRow(Message):
    """Who posted texts with one key, and when last."""

    authors: dict[Identifier, Instant] = Field(default_factory=dict)
    posts: dict[Identifier, Instant] = Field(default_factory=dict)
    told: Count = 0
    """How many authors there were when all of them were told last."""

    @property
    def size(self) -> Size:
        """Distinct authors and posts, each ``MAX_REMEMBERED`` at most."""
        return Size(len(self.authors), len(self.posts))

    @property
    def newest(self) -> datetime:
        """When the latest of the posts was judged; the row must not be empty."""
        return max(self.authors.values())

    def with_text(self, seen: TextSeen, window: timedelta) -> Self:
        """The row after one more text; equal to this one when it says nothing new."""
        moment = seen.decided_at
        newest = max([*self.authors.values(), moment])
        return self.model_copy(
            update={
                "authors": _latest(self.authors, seen.author_id, moment, newest - window),
                "posts": _latest(self.posts, seen.post_id, moment, newest - window),
            }
        )

    def to_tell(self, seen: TextSeen, fewest: int, window: timedelta) -> tuple[CampaignSeen, ...]:
        """What to tell whom after a text: its author, and everybody whenever the campaign doubled.

        Args:
            seen: the text; in the row already, unless it is too old.
            fewest: authors that make a campaign.
            window: after which texts count no more.
        """
        authors, posts = self.size
        if authors < fewest:
            return ()
        everybody = milestone(authors, fewest) > self.told
        told = self.authors.keys() if everybody else self.authors.keys() & {seen.author_id}
        campaign = Campaign(authors=authors, posts=posts, until=self.newest + window)
        return tuple(
            CampaignSeen(
                author_id=author,
                text_key=seen.text_key,
                campaign=campaign,
                decided_at=self.newest,
            )
            for author in sorted(told)
        )

    def after_telling(self, fewest: int) -> Self:
        """The row once everybody who had to be told was."""
        return self.model_copy(update={"told": milestone(len(self.authors), fewest)})


def milestone(authors: int, fewest: int) -> int:
    """The last of ``fewest``, twice as many, four times as many ... that was reached, or 0."""
    if authors < fewest:
        return 0
    reached: int = fewest << (authors // fewest).bit_length() - 1
    return reached


def _latest(
    known: dict[str, datetime], name: str, moment: datetime, horizon: datetime
) -> dict[str, datetime]:
    times = known | {name: max(moment, known.get(name, moment))}
    recent = sorted(((time, one) for one, time in times.items() if time >= horizon), reverse=True)[
        :MAX_REMEMBERED
    ]
    return {one: time for time, one in recent}

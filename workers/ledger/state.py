"""What the ledger remembers: a few registers a post, a few counts an author.

A post's registers only ever move forward in a total order, and an author's counts are the sum of
what each post contributes. Both are therefore independent of the order and the number of times in
which records arrive.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Self

from pydantic import Field

from schemas import Action, AuthorSignals, Campaign, Message
from schemas.base import Identifier, Instant
from schemas.signals import Count
from schemas.verdict import TextKey
from workers.ledger.campaigns import CampaignSeen
from workers.ledger.events import DecisionSeen, VerdictSeen

BUCKET_SECONDS = 300
"""Width of a bucket of the hour's window: thirteen small integers an author, and a count that is
at most five minutes coarse, which no policy on an hour's activity can tell."""

WINDOW = timedelta(hours=1)

MAX_CAMPAIGNS = 8
"""Text keys of campaigns that an author's row holds: two or three campaigns at a time."""

RESTRICTIONS = frozenset({Action.LIMIT, Action.REMOVE})
"""Actions that a reader of the platform feels; ``review`` only asks another person."""


class PostState(Message):
    """The newest of each kind of judgement on a post."""

    machine: VerdictSeen | None = None
    human: VerdictSeen | None = None
    decision: DecisionSeen | None = None
    first_verdict_at: Instant | None = None

    @property
    def matched(self) -> bool:
        """Whether the decision's machine verdict has been seen as well."""
        return self.decision is not None and self.machine is not None

    @property
    def effective_action(self) -> Action | None:
        """What holds for the post: the newest revision's, a person's before a machine's.

        A withdrawal speaks only where nothing was ever judged: taking a post back does not undo
        what it was removed for.
        """
        judgements = [one for one in (self.machine, self.human, self.decision) if one is not None]
        return max(judgements, key=precedence).action if judgements else None


class AuthorState(Message):
    """An author's counts, and the window of the last hour.

    ``open_post`` is the post that was counted last, with its registers: see ``tables.py`` for why
    it travels in the author's own row.
    """

    posts: Count = 0
    removals: Count = 0
    strikes: Count = 0
    overturned: Count = 0
    unmatched: Count = 0
    """Posts with a decision whose machine verdict has not been seen."""
    buckets: dict[int, Count] = Field(default_factory=dict)
    """Start of a bucket in seconds since 1970, to the posts first judged in it."""
    campaigns: dict[TextKey, Campaign] = Field(default_factory=dict)
    """Those that the author takes part in, by the text key that they were found by."""
    newest: Instant = datetime.fromtimestamp(0, UTC)
    """The latest time of a verdict or decision: the ledger's clock for this author."""
    open_post_id: Identifier | None = None
    open_post: PostState | None = None

    def signals(self, author_id: str) -> AuthorSignals:
        """What the moderator is told."""
        return AuthorSignals(
            author_id=author_id,
            posts=self.posts,
            removals=self.removals,
            strikes=self.strikes,
            overturned=self.overturned,
            posts_last_hour=sum(self.buckets.values()),
            campaign=max(self.campaigns.values(), key=_extent, default=None),
            updated_at=self.newest,
        )

    def by(self, moment: datetime) -> Self:
        """The row once the ledger's clock has reached ``moment``; what is too old is gone."""
        newest = max(self.newest, moment)
        horizon = bucket_of(newest - WINDOW)
        going_on = sorted(
            (pair for pair in self.campaigns.items() if pair[1].until > newest),
            key=lambda pair: (pair[1].until, pair[0]),
            reverse=True,
        )
        return self.model_copy(
            update={
                "newest": newest,
                "buckets": {
                    start: count
                    for start, count in self.buckets.items()
                    if start >= horizon and count
                },
                "campaigns": dict(going_on[:MAX_CAMPAIGNS]),
            }
        )

    def with_campaign(self, seen: CampaignSeen) -> Self:
        """The row after news of a campaign; equal to this one when it says nothing new."""
        known = self.campaigns.get(seen.text_key, seen.campaign)
        newer = max(known, seen.campaign, key=lambda it: (it.until, it.authors, it.posts))
        campaigns = self.campaigns | {seen.text_key: newer}
        return self.model_copy(update={"campaigns": campaigns}).by(seen.decided_at)


def _extent(campaign: Campaign) -> tuple[int, int, datetime]:
    return campaign.authors, campaign.posts, campaign.until


class Contribution(Message):
    """What one post adds to its author's counts."""

    posts: Count = 0
    removals: Count = 0
    strikes: Count = 0
    overturned: Count = 0
    unmatched: Count = 0
    bucket: int | None = None

    @classmethod
    def of(cls, post: PostState) -> Contribution:
        """What the post stands for now."""
        decision, first = post.decision, post.first_verdict_at
        return cls(
            posts=int(first is not None),
            removals=int(post.effective_action is Action.REMOVE),
            strikes=int(decision is not None and decision.action in RESTRICTIONS),
            overturned=int(decision is not None and is_overturned(decision)),
            unmatched=int(decision is not None and not post.matched),
            bucket=None if first is None else bucket_of(first),
        )


def is_overturned(decision: DecisionSeen) -> bool:
    """Whether the reviewer was milder than the machine."""
    return decision.action.severity < decision.machine_action.severity


def bucket_of(moment: datetime) -> int:
    """Start of the moment's bucket, in seconds since 1970."""
    return int(moment.timestamp()) // BUCKET_SECONDS * BUCKET_SECONDS


def precedence(judgement: VerdictSeen | DecisionSeen) -> tuple[bool, int, bool, datetime, str]:
    """The total order of judgements on one post; the greatest holds."""
    if isinstance(judgement, DecisionSeen):
        return (
            True,
            judgement.revision,
            True,
            judgement.decided_at,
            str(judgement.decision_id),
        )
    return (
        not judgement.withdrawn,
        judgement.revision,
        judgement.source == "human",
        judgement.decided_at,
        str(judgement.verdict_id),
    )

"""Every topic: its name, its key, its value, and how the broker keeps it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Final, Literal

from schemas.base import Message
from schemas.dead_letter import DeadLetter
from schemas.model_rollout import ModelRollout
from schemas.policy_bundle import PolicyBundle
from schemas.post import Post
from schemas.quotas import QuotaRecord
from schemas.review import Appeal, Escalation, ReviewDecision
from schemas.shadow import ShadowVerdict
from schemas.signals import AuthorSignals
from schemas.verdict import Verdict

HOUR_MS: Final = 3_600_000
DAY_MS: Final = 24 * HOUR_MS
MAX_RECORD_BYTES: Final = 8 * 1024 * 1024
"""The largest post: several inline media, in base64."""

WRAPPED_RECORD_BYTES: Final = 2 * MAX_RECORD_BYTES
"""The largest record that wraps a post: a dead letter carries the original bytes in base64 (4/3 of
them), an escalation the post beside its verdict, a retry a header beside the post. Were their
topics as narrow as ``posts``, the largest posts could be neither escalated nor set aside."""

Cleanup = Literal["delete", "compact", "compact,delete"]


@dataclass(frozen=True, slots=True)
class Topic:
    """One topic and the contract on it. ``retention_ms`` of -1 keeps records for ever."""

    name: str
    key: str
    value: type[Message]
    cleanup: Cleanup
    retention_ms: int
    partitions: int
    description: str
    max_record_bytes: int = MAX_RECORD_BYTES


@dataclass(frozen=True, slots=True)
class TopicSet:
    """Topics by name; a set of them is a dataclass of its own, and runs through them in order."""

    def __iter__(self) -> Iterator[Topic]:
        return (getattr(self, field.name) for field in fields(self))


@dataclass(frozen=True, slots=True)
class Topics(TopicSet):
    """The topics by name, in the order in which a post meets them."""

    posts: Topic
    retry: Topic
    verdicts: Topic
    shadow_verdicts: Topic
    escalations: Topic
    review_decisions: Topic
    appeals: Topic
    author_signals: Topic
    quotas: Topic
    policies: Topic
    model_rollouts: Topic
    dead_letter: Topic


# posts, posts.retry and author-signals are co-partitioned (same key, count and partitioner), so
# that a worker needs the signals of its own partitions only, and sees all revisions of a post: keep
# the counts equal.
_AUTHOR_PARTITIONS: Final = 6

TOPICS: Final = Topics(
    posts=Topic(
        name="posts",
        key="author_id",
        value=Post,
        cleanup="delete",
        retention_ms=7 * DAY_MS,
        partitions=_AUTHOR_PARTITIONS,
        description="Posts, revisions and withdrawals, by the platform.",
    ),
    retry=Topic(
        name="posts.retry",
        key="the original key",
        value=Post,
        cleanup="delete",
        retention_ms=7 * DAY_MS,
        partitions=_AUTHOR_PARTITIONS,
        description="Posts that wait for another attempt, because what they need was away.",
        max_record_bytes=WRAPPED_RECORD_BYTES,
    ),
    verdicts=Topic(
        name="verdicts",
        key="post_id; post_id#revision where superseded_by is set",
        value=Verdict,
        cleanup="compact,delete",
        retention_ms=90 * DAY_MS,
        partitions=6,
        description="One effective verdict a post revision, by machine or human.",
    ),
    shadow_verdicts=Topic(
        name="shadow-verdicts",
        key="post_id",
        value=ShadowVerdict,
        cleanup="delete",
        retention_ms=30 * DAY_MS,
        partitions=6,
        description="What another model would have said about a share of the posts; nothing is "
        "done by it.",
    ),
    escalations=Topic(
        name="escalations",
        key="post_id",
        value=Escalation,
        cleanup="delete",
        retention_ms=30 * DAY_MS,
        partitions=6,
        description="Posts that a reviewer should look at.",
        max_record_bytes=WRAPPED_RECORD_BYTES,
    ),
    review_decisions=Topic(
        name="review-decisions",
        key="post_id",
        value=ReviewDecision,
        cleanup="delete",
        retention_ms=180 * DAY_MS,
        partitions=6,
        description="What reviewers decided.",
    ),
    appeals=Topic(
        name="appeals",
        key="post_id",
        value=Appeal,
        cleanup="delete",
        retention_ms=30 * DAY_MS,
        partitions=6,
        description="Verdicts that authors contest, by the platform.",
        max_record_bytes=WRAPPED_RECORD_BYTES,
    ),
    author_signals=Topic(
        name="author-signals",
        key="author_id",
        value=AuthorSignals,
        cleanup="compact",
        retention_ms=-1,
        partitions=_AUTHOR_PARTITIONS,
        description="Counts about authors, by the ledger, for the policy.",
    ),
    quotas=Topic(
        name="quotas",
        key="policy/rule/terms, or policy/rule/terms/worker",
        value=QuotaRecord,
        cleanup="compact",
        retention_ms=-1,
        partitions=1,
        description="What rules have used of their quotas, which are tripped, and resets.",
    ),
    policies=Topic(
        name="policies",
        key="the policy's name; with @previous after it, the one before",
        value=PolicyBundle,
        cleanup="compact",
        retention_ms=-1,
        partitions=1,
        description="The policy that workers switch to, whole, by `moderation rules publish`.",
    ),
    model_rollouts=Topic(
        name="model-rollouts",
        key="the workers' consumer group",
        value=ModelRollout,
        cleanup="compact",
        retention_ms=-1,
        partitions=1,
        description="Which model judges which share of the posts, by `moderation rollout`.",
    ),
    dead_letter=Topic(
        name="posts.dead-letter",
        key="the original key",
        value=DeadLetter,
        cleanup="delete",
        retention_ms=30 * DAY_MS,
        partitions=1,
        description="Records that could not become a verdict, with the reason.",
        max_record_bytes=WRAPPED_RECORD_BYTES,
    ),
)

"""Who may do what on which topic, as Strimzi's ``KafkaUser``: a user a process, and no more."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from deploy.kafka.topics import API_VERSION, CLUSTER
from schemas import TOPICS, Topic
from workers.ledger.topics import APP_NAME
from workers.moderator.settings import ModeratorSettings
from workers.review.stream.consumer import GROUP as REVIEW_GROUP

_READ: Final = ["Describe", "DescribeConfigs", "Read"]
_WRITE: Final = ["Describe", "DescribeConfigs", "Write"]
_OWN: Final = ["Create", "Describe", "DescribeConfigs", "Read", "Write"]
"""On the ledger's own topics: Faust asks for them when it starts."""


@dataclass(frozen=True, slots=True)
class User:
    """One process, or one side of the platform."""

    name: str
    reads: tuple[Topic, ...] = ()
    writes: tuple[Topic, ...] = ()
    groups: str = ""
    """What the names of its consumer groups begin with; empty where it reads without a group."""
    transactions: str = ""
    """What its transactional ids begin with; empty where it uses none."""
    own_topics: str = ""
    """What the names of topics begin with that nobody else touches."""
    lag_of: tuple[Topic, str] | None = None
    """A topic and a group of which it asks how far they are, and no more."""


def users() -> tuple[User, ...]:
    """Everybody who talks to Kafka."""
    moderator = str(ModeratorSettings.model_fields["group"].default)
    return (
        User(
            "moderation-worker",
            reads=(
                TOPICS.posts,
                TOPICS.retry,
                TOPICS.author_signals,
                TOPICS.review_decisions,
                TOPICS.quotas,
                TOPICS.policies,
                TOPICS.model_rollouts,
            ),
            writes=(
                TOPICS.verdicts,
                TOPICS.shadow_verdicts,
                TOPICS.escalations,
                TOPICS.retry,
                TOPICS.quotas,
                TOPICS.dead_letter,
            ),
            groups=moderator,
            transactions=f"{moderator}-",
        ),
        User(
            "moderation-ledger",
            reads=(
                TOPICS.verdicts,
                TOPICS.shadow_verdicts,
                TOPICS.review_decisions,
                TOPICS.author_signals,
            ),
            writes=(TOPICS.author_signals,),
            groups=APP_NAME,
            own_topics=f"{APP_NAME}-",
        ),
        User(
            "moderation-review",
            # It reads what it writes, to know after a crash what was sent.
            reads=(
                TOPICS.escalations,
                TOPICS.verdicts,
                TOPICS.appeals,
                TOPICS.review_decisions,
            ),
            writes=(TOPICS.review_decisions, TOPICS.verdicts),
            groups=REVIEW_GROUP,
        ),
        # `moderation rules publish|quotas|reset|backtest`, `moderation rollout`,
        # `dead-letters list|show|replay`.
        User(
            "moderation-operator",
            reads=tuple(TOPICS),
            writes=(TOPICS.policies, TOPICS.model_rollouts, TOPICS.quotas, TOPICS.posts),
        ),
        # KEDA, which scales workers by what waits.
        User("moderation-scaler", lag_of=(TOPICS.posts, moderator)),
        User("platform-producer", writes=(TOPICS.posts, TOPICS.appeals)),
        User("platform-consumer", reads=(TOPICS.verdicts,), groups="platform-"),
    )


def manifests() -> Iterator[dict[str, Any]]:
    """One resource a user."""
    for user in users():
        yield {
            "apiVersion": API_VERSION,
            "kind": "KafkaUser",
            "metadata": {"name": user.name, "labels": CLUSTER},
            "spec": {
                "authentication": {"type": "tls"},
                "authorization": {"type": "simple", "acls": list(_rights(user))},
            },
        }


def _rights(user: User) -> Iterator[dict[str, Any]]:
    for topic in user.reads:
        yield _right("topic", topic.name, "literal", _READ)
    for topic in user.writes:
        yield _right("topic", topic.name, "literal", _WRITE)
    if user.own_topics:
        yield _right("topic", user.own_topics, "prefix", _OWN)
    if user.groups:
        yield _right("group", user.groups, "prefix", ["Describe", "Read"])
    if user.lag_of is not None:
        topic, group = user.lag_of
        yield _right("topic", topic.name, "literal", ["Describe"])
        yield _right("group", group, "literal", ["Describe"])
    if user.transactions:
        yield _right("transactionalId", user.transactions, "prefix", ["Describe", "Write"])


def _right(kind: str, name: str, pattern: str, operations: list[str]) -> dict[str, Any]:
    return {
        "resource": {"type": kind, "name": name, "patternType": pattern},
        "operations": operations,
        "host": "*",
    }

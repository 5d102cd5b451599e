"""The ledger's own topics: they exist between its parts, and belong to no contract.

Made before Faust starts. Faust would make them too late (it assigns partitions first, and looks
again after minutes) and its changelogs would carry no retention.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from schemas import TOPICS, DeadLetter, Message, Topic
from schemas.topics import DAY_MS, TopicSet
from workers.ledger.accuracy import AuditRow, SampledVerdict
from workers.ledger.campaigns import TextRow, TextSeen
from workers.ledger.errors import PartitionMismatchError
from workers.ledger.events import VerdictSeen
from workers.ledger.settings import LedgerSettings
from workers.ledger.state import AuthorState, PostState
from workers.settings import KafkaSettings
from workers.streams import create_topics

APP_NAME: Final = "ledger"
"""Name of the consumer group, and what the names of the ledger's own topics begin with."""

EVENTS_RETENTION_MS: Final = 7 * DAY_MS
"""An event is counted within seconds, and whoever must count again replays ``verdicts``. A week
leaves time to find out why a ledger stood still."""


AUDIT_PARTITIONS: Final = 1
"""An estimate needs the whole sample in one place. One verdict in a hundred is drawn, so one
process keeps up with what sixty moderators judge."""


@dataclass(frozen=True, slots=True)
class LedgerTopics(TopicSet):
    """The topics by name."""

    by_author: Topic
    authors_changelog: Topic
    posts_changelog: Topic
    audit: Topic
    audit_changelog: Topic
    texts: Topic
    texts_changelog: Topic
    dead_letter: Topic


def ledger_topics(settings: LedgerSettings) -> LedgerTopics:
    """The topics; changelogs forget when their tables do."""
    partitions = TOPICS.author_signals.partitions
    return LedgerTopics(
        by_author=_events(
            "by-author",
            VerdictSeen,
            key="author_id",
            partitions=partitions,
            description="Verdicts, decisions and news of campaigns, cut down and keyed by author.",
        ),
        authors_changelog=_changelog(
            "authors", AuthorState, key="author_id", forgotten_after=None, partitions=partitions
        ),
        posts_changelog=_changelog(
            "posts",
            PostState,
            key="author_id and post_id",
            forgotten_after=settings.post_memory,
            partitions=partitions,
        ),
        audit=_events(
            "audit",
            SampledVerdict,
            key="verdict_id",
            partitions=AUDIT_PARTITIONS,
            description="Sampled verdicts, reviewers' answers and other models', cut down.",
        ),
        audit_changelog=_changelog(
            "audit",
            AuditRow,
            key="verdict_id",
            forgotten_after=settings.audit_window,
            partitions=AUDIT_PARTITIONS,
            holds="the audit sample",
        ),
        texts=_events(
            "texts",
            TextSeen,
            key="text_key",
            partitions=partitions,
            description="Verdicts on texts, cut down and keyed by what like texts share.",
        ),
        texts_changelog=_changelog(
            "texts",
            TextRow,
            key="text_key",
            forgotten_after=settings.campaign_window,
            partitions=partitions,
        ),
        dead_letter=Topic(
            name=f"{APP_NAME}-dead-letter",
            key="the original key",
            value=DeadLetter,
            cleanup="delete",
            retention_ms=TOPICS.dead_letter.retention_ms,
            partitions=1,
            description="Records that the ledger could not read or count, with the reason.",
        ),
    )


def _events(
    name: str, value: type[Message], *, key: str, partitions: int, description: str
) -> Topic:
    """What travels from one part of the ledger to another, and is counted within seconds."""
    return Topic(
        name=f"{APP_NAME}-{name}",
        key=key,
        value=value,
        cleanup="delete",
        retention_ms=EVENTS_RETENTION_MS,
        partitions=partitions,
        description=description,
    )


def _changelog(
    table: str,
    value: type[Message],
    *,
    key: str,
    forgotten_after: timedelta | None,
    partitions: int,
    holds: str = "",
) -> Topic:
    """The newest row under each key of a table; for ever, where ``forgotten_after`` is None."""
    millisecond = timedelta(milliseconds=1)
    return Topic(
        name=f"{APP_NAME}-{table}-changelog",
        key=key,
        value=value,
        cleanup="compact" if forgotten_after is None else "compact,delete",
        retention_ms=-1 if forgotten_after is None else forgotten_after // millisecond,
        partitions=partitions,
        description=f"The table of {holds or table}.",
    )


async def make_topics(kafka: KafkaSettings, topics: LedgerTopics) -> None:
    """Make what is missing of the ledger's topics, its inputs and its output.

    Raises:
        PartitionMismatchError: the internal topic and the changelogs differ in partitions.
        workers.streams.TopicError: the broker refused, or did not answer.
    """
    contract = (
        TOPICS.verdicts,
        TOPICS.review_decisions,
        TOPICS.shadow_verdicts,
        TOPICS.author_signals,
    )
    reports = await create_topics(kafka, (*contract, *topics))
    for tables in (
        {topics.by_author, topics.authors_changelog, topics.posts_changelog},
        {topics.audit, topics.audit_changelog},
        {topics.texts, topics.texts_changelog},
    ):
        counts = {one.name: one.partitions for one in reports if one.topic in tables}
        if len(set(counts.values())) > 1:
            stand = ", ".join(f"{name} has {count}" for name, count in counts.items())
            raise PartitionMismatchError(
                f"a table needs as many partitions as what feeds it, but {stand}; stop the ledger, "
                "delete these topics and its data folder, and replay verdicts"
            )

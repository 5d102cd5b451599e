"""Recorded cases from the topics: posts, and the verdicts on them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final, TypeVar

from pydantic import ValidationError

from rules import RecordedCase
from schemas import TOPICS, Escalation, Message, Post, ReviewDecision, Topic, Verdict
from workers.policy.backtest.joining import Joiner
from workers.settings import KafkaSettings
from workers.streams import Stretch, read_topic

CLIENT_ID: Final = "moderation-backtest"

CLOCKS_APART: Final = timedelta(minutes=1)
"""Between broker and workers at most: so much earlier than they say, posts are looked for."""

UNREADABLE: Final = "records that break the contract"

M = TypeVar("M", bound=Message)


@dataclass(frozen=True, slots=True)
class Recorded:
    """Cases from the topics, and what could not be joined, by reason."""

    cases: list[RecordedCase]
    left_out: Mapping[str, int]


async def recorded_on(kafka: KafkaSettings, stretch: Stretch) -> Recorded:
    """Join what the topics hold at the call; nothing is committed.

    Args:
        kafka: broker and prefix.
        stretch: of the verdicts; ``last`` counts them over all partitions.

    Raises:
        StreamsError: a topic is not there, or the broker does not hand out what it holds.
    """
    joiner = Joiner()
    async for verdict in _messages(kafka, TOPICS.verdicts, Verdict, stretch, joiner):
        joiner.add_verdict(verdict)
    if stretch.last is not None:
        joiner.keep_last(stretch.last)
    earliest = joiner.earliest
    if earliest is None:
        return Recorded(joiner.cases(), joiner.left_out)
    since = Stretch(since=earliest - CLOCKS_APART)
    before = replace(since, until=stretch.until)
    async for post in _messages(kafka, TOPICS.posts, Post, before, joiner):
        joiner.add_post(post)
    async for escalation in _messages(kafka, TOPICS.escalations, Escalation, since, joiner):
        joiner.add_escalation(escalation)
    # People take their time: what they said later counts too.
    async for decision in _messages(kafka, TOPICS.review_decisions, ReviewDecision, since, joiner):
        joiner.add_decision(decision)
    return Recorded(joiner.cases(), joiner.left_out)


async def _messages(
    kafka: KafkaSettings, topic: Topic, kind: type[M], stretch: Stretch, joiner: Joiner
) -> AsyncIterator[M]:
    async for record in read_topic(kafka, topic, stretch, client_id=CLIENT_ID):
        if record.value is None:
            continue
        try:
            message = kind.from_bytes(record.value)
        except ValidationError:
            joiner.left_out[UNREADABLE] += 1
        else:
            yield message

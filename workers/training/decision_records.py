"""What is known of decided posts: read from the topics, or from files of the same records."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar
from uuid import UUID

from pydantic import ValidationError

from moderation.training import TrainingError
from schemas import TOPICS, Escalation, Message, Op, Post, ReviewDecision, Topic, Verdict
from workers.offline.errors import InputError
from workers.offline.jsonl import read_lines
from workers.settings import KafkaSettings
from workers.streams import read_topic

M = TypeVar("M", bound=Message)

Revision = tuple[str, int]
"""A post's id and revision."""


@dataclass(slots=True)
class DecidedPosts:
    """Decisions, and the posts and machine verdicts they are about.

    Only what a decision asks for is kept, so decisions must come first.

    Attributes:
        decisions: the latest one a revision.
        unreadable: records that break the contract; they are left out.
    """

    decisions: dict[Revision, ReviewDecision] = field(default_factory=dict)
    posts: dict[Revision, Post] = field(default_factory=dict)
    verdicts: dict[UUID, Verdict] = field(default_factory=dict)
    unreadable: int = 0

    def add_decision(self, decision: ReviewDecision) -> None:
        """Keep it, unless a later one on the same revision is known."""
        key = (decision.post_id, decision.revision)
        known = self.decisions.get(key)
        if known is None or known.decided_at <= decision.decided_at:
            self.decisions[key] = decision

    def add(self, message: Message) -> None:
        """Keep a post, verdict or escalation that a decision is about."""
        if isinstance(message, Escalation):
            self.add(message.post)
            self.add(message.verdict)
        elif isinstance(message, Post) and message.op is Op.UPSERT:
            key = (message.post_id, message.revision)
            if key in self.decisions:
                self.posts[key] = message
        elif isinstance(message, Verdict):
            decision = self.decisions.get((message.post_id, message.revision))
            if decision is not None and decision.verdict_id == message.verdict_id:
                self.verdicts[message.verdict_id] = message


async def read_topics(kafka: KafkaSettings) -> DecidedPosts:
    """Read the topics to their ends; nothing is committed.

    Raises:
        TopicError: a topic is not there, or the broker does not hand out what it holds.
    """
    found = DecidedPosts()
    async for value in _records(kafka, TOPICS.review_decisions):
        for decision in _parsed(value, ReviewDecision, found):
            found.add_decision(decision)
    for topic in (TOPICS.posts, TOPICS.escalations, TOPICS.verdicts):
        async for value in _records(kafka, topic):
            for message in _parsed(value, topic.value, found):
                found.add(message)
    return found


def read_dumps(paths: Iterable[Path]) -> DecidedPosts:
    """Read files of records, one JSON object a line, of any of the four topics in any order.

    Raises:
        TrainingError: a file cannot be read, or a line is none of these records.
    """
    files = list(paths)
    found = DecidedPosts()
    for message in _dumped(files):
        if isinstance(message, ReviewDecision):
            found.add_decision(message)
    for message in _dumped(files):
        found.add(message)
    return found


def _dumped(paths: Iterable[Path]) -> Iterator[Message]:
    for path in paths:
        try:
            for line in read_lines(path):
                yield _any_message(line.raw, line.place)
        except InputError as error:
            raise TrainingError(str(error)) from error


def _any_message(raw: bytes, place: str) -> Message:
    for kind in (ReviewDecision, Escalation, Verdict, Post):
        try:
            return kind.from_bytes(raw)
        except ValidationError:
            continue
    raise TrainingError(f"{place}: neither a decision, an escalation, a verdict nor a post")


def _parsed(value: bytes, kind: type[M], found: DecidedPosts) -> list[M]:
    try:
        return [kind.from_bytes(value)]
    except ValidationError:
        found.unreadable += 1
        return []


async def _records(kafka: KafkaSettings, topic: Topic) -> AsyncIterator[bytes]:
    """The values that a topic held at the call."""
    async for record in read_topic(kafka, topic, client_id="moderation-training"):
        if record.value is not None:
            yield record.value

"""What is produced for an answer: which records, on which topics, under which keys."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from schemas import RETRY_HEADER, TOPICS, DeadLetter, Retry, Topic
from workers.moderator.answers import Answer
from workers.moderator.judge import Judgement
from workers.settings import KafkaSettings
from workers.streams import TRACE_HEADERS

Headers = list[tuple[str, bytes]]


class Message(NamedTuple):
    """One record to produce. ``route`` is the key whose partition it goes to, if not its own."""

    topic: str
    key: bytes | None
    value: bytes
    headers: Headers
    route: bytes | None = None


class Messages:
    """Writes answers as records.

    Args:
        kafka: names the topics.
    """

    def __init__(self, kafka: KafkaSettings) -> None:
        self._topics: dict[Topic, str] = {topic: kafka.topic(topic) for topic in TOPICS}

    def of(self, answer: Answer) -> tuple[Message, ...]:
        """The records that say this answer."""
        record, outcome = answer.record, answer.outcome
        if isinstance(outcome, Retry):
            headers = [*record.headers, (RETRY_HEADER, outcome.to_bytes())]
            return (Message(self._topics[TOPICS.retry], record.key, record.value, headers),)
        headers = [header for header in record.headers if header[0] in TRACE_HEADERS]
        if isinstance(outcome, DeadLetter):
            topic = self._topics[TOPICS.dead_letter]
            return (Message(topic, record.key, outcome.to_bytes(), headers),)
        return tuple(self._judged(outcome, headers))

    def _judged(self, judgement: Judgement, headers: Headers) -> Iterator[Message]:
        verdict, escalation = judgement.verdict, judgement.escalation
        topic, key = self._topics[TOPICS.verdicts], verdict.post_id.encode()
        if verdict.superseded_by is None:
            yield Message(topic, key, verdict.to_bytes(), headers)
        else:
            # Compaction keeps the last record of a key: this one must not outlive the verdict on
            # the revision that superseded it. Beside it, so that a post's verdicts stay in order.
            own = f"{verdict.post_id}#{verdict.revision}".encode()
            yield Message(topic, own, verdict.to_bytes(), headers, route=key)
        if escalation is not None:
            yield Message(self._topics[TOPICS.escalations], key, escalation.to_bytes(), headers)

"""The emit stage: answers onto their topics, and back only when the broker has them all."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, NamedTuple, Protocol

from aiokafka.errors import KafkaError, MessageSizeTooLargeError

from schemas import TOPICS, DeadLetter, ErrorClass, Topic
from workers.moderator.errors import BrokerLostError
from workers.moderator.judge import Judgement
from workers.moderator.records import Record, dead_letter
from workers.moderator.rules_stage import Clock
from workers.settings import KafkaSettings

TRACE_HEADERS: Final = ("traceparent", "tracestate")
"""W3C Trace Context; carried from a post to its answers."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What is said about one record: a judgement, or that it was set aside."""

    record: Record
    outcome: Judgement | DeadLetter

    def set_aside(self, error_class: ErrorClass, reason: str, now: datetime) -> Answer:
        """The dead letter that takes this answer's place."""
        return replace(self, outcome=dead_letter(self.record, error_class, reason, now))


class Producer(Protocol):
    """What the stage needs of aiokafka's producer: idempotent, ``acks=all``."""

    async def send(
        self,
        topic: str,
        value: bytes | None = None,
        key: bytes | None = None,
        *,
        headers: Sequence[tuple[str, bytes]] | None = None,
    ) -> asyncio.Future[object]:
        """Queue a record; the future is done when the broker has acknowledged it."""
        ...


class Message(NamedTuple):
    """One record to produce."""

    topic: str
    key: bytes | None
    value: bytes
    headers: list[tuple[str, bytes]]


class EmitStage:
    """Produces answers and waits for their acknowledgement.

    Args:
        producer: shared by all answers.
        kafka: names the topics.
        clock: the time of dead letters.
    """

    def __init__(self, producer: Producer, kafka: KafkaSettings, clock: Clock) -> None:
        self._producer = producer
        self._clock = clock
        self._topics: dict[Topic, str] = {topic: kafka.topic(topic) for topic in TOPICS}

    async def send(self, answers: Sequence[Answer]) -> list[Answer]:
        """Produce the answers; returns what was answered in the end, in the same order.

        That differs from what was asked only where an answer is too large for its topic: its
        record is then set aside as a dead letter.

        Raises:
            BrokerLostError: the broker did not take one of them, however often the producer tried.
        """
        # Queue all before waiting for any, so that they share requests.
        queued = [(answer, await self._queue(answer)) for answer in answers]
        return [await self._acknowledged(answer, futures) for answer, futures in queued]

    async def _queue(self, answer: Answer) -> list[asyncio.Future[object]]:
        try:
            return [
                await self._producer.send(
                    message.topic, message.value, message.key, headers=message.headers
                )
                for message in self._messages(answer)
            ]
        except MessageSizeTooLargeError as error:
            return [_failed(error)]
        except KafkaError as error:
            raise _broker_lost(error) from error

    async def _acknowledged(
        self, answer: Answer, futures: Sequence[asyncio.Future[object]]
    ) -> Answer:
        try:
            for future in futures:
                await future
        except MessageSizeTooLargeError as error:
            return await self._set_aside(answer, error)
        except KafkaError as error:
            raise _broker_lost(error) from error
        return answer

    async def _set_aside(self, answer: Answer, error: MessageSizeTooLargeError) -> Answer:
        if isinstance(answer.outcome, DeadLetter):
            raise BrokerLostError(
                f"topic {self._topics[TOPICS.dead_letter]} takes no dead letter of "
                f"{len(answer.record.value)} bytes: raise its max.message.bytes as "
                "`moderation topics create` sets it"
            ) from error
        instead = answer.set_aside(
            ErrorClass.INTERNAL,
            "the answer is larger than its topic takes: raise the topic's max.message.bytes",
            self._clock(),
        )
        return await self._acknowledged(instead, await self._queue(instead))

    def _messages(self, answer: Answer) -> Iterator[Message]:
        record, outcome = answer.record, answer.outcome
        headers = [header for header in record.headers if header[0] in TRACE_HEADERS]
        if isinstance(outcome, DeadLetter):
            topic = self._topics[TOPICS.dead_letter]
            yield Message(topic, record.key, outcome.to_bytes(), headers)
            return
        verdict, escalation = outcome.verdict, outcome.escalation
        key = verdict.post_id.encode()
        yield Message(self._topics[TOPICS.verdicts], key, verdict.to_bytes(), headers)
        if escalation is not None:
            topic = self._topics[TOPICS.escalations]
            yield Message(topic, key, escalation.to_bytes(), headers)


def _failed(error: Exception) -> asyncio.Future[object]:
    future: asyncio.Future[object] = asyncio.get_running_loop().create_future()
    future.set_exception(error)
    return future


def _broker_lost(error: KafkaError) -> BrokerLostError:
    return BrokerLostError(
        f"the broker took no answer ({type(error).__name__}: {error}); what is unanswered stays "
        "uncommitted and is read again. Mend the broker, then start the worker"
    )

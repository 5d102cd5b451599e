"""aiokafka loops that peers share: read posts, let something answer them, produce, commit."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from schemas import TOPICS
from workers.settings import KafkaSettings
from workers.streams import make_consumer, make_producer

POLL_MS = 100
POLL_POSTS = 256

Answered = tuple[bytes, bytes]
"""Key and value of an answer."""

AnswerAll = Callable[[Sequence[bytes]], Awaitable[Sequence[Answered]]]


class Loop:
    """A consumer of posts and a producer of answers.

    Args:
        group: of the consumer.
    """

    def __init__(self, group: str) -> None:
        kafka = KafkaSettings()
        self._verdicts = kafka.topic(TOPICS.verdicts)
        self.consumer: AIOKafkaConsumer = make_consumer(
            kafka, kafka.topic(TOPICS.posts), group=kafka.group(group)
        )
        self._producer: AIOKafkaProducer = make_producer(kafka)

    async def start(self) -> None:
        """Connect."""
        await self.consumer.start()
        await self._producer.start()

    async def poll(self, timeout_ms: int, at_most: int) -> list[bytes]:
        """The posts that have come."""
        batches = await self.consumer.getmany(timeout_ms=timeout_ms, max_records=at_most)
        return [record.value for records in batches.values() for record in records]

    async def send(self, answers: Sequence[Answered]) -> None:
        """Produce answers and wait for the broker."""
        sent = [await self._producer.send(self._verdicts, value, key) for key, value in answers]
        for acknowledged in sent:
            await acknowledged


async def answer_polls(group: str, answer: AnswerAll) -> None:
    """Answer each poll as a whole, then commit; does not return."""
    loop = Loop(group)
    await loop.start()
    while True:
        posts = await loop.poll(POLL_MS, POLL_POSTS)
        if posts:
            await loop.send(await answer(posts))
            await loop.consumer.commit()


async def in_thread(
    work: Callable[[Sequence[bytes]], Sequence[Answered]], posts: Sequence[bytes]
) -> Sequence[Answered]:
    """Blocking work off the event loop, so that heartbeats go on."""
    return await asyncio.to_thread(work, posts)

"""Hand the messages of a chunk to a producer in batches, one for each partition that they go to.

A record that is sent by itself has a future of its own and looks its partition up: two thirds of
what production costs. A chunk is produced whole or not at all, so it needs neither.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterable, Sequence
from typing import Any, Final, Protocol

from aiokafka.errors import MessageSizeTooLargeError

from workers.moderator.delivery.messages import Message
from workers.moderator.delivery.partitions import partition_of
from workers.moderator.delivery.unheard import heard
from workers.streams import MAX_MESSAGE_BYTES

RECORD_BYTES: Final = 64
"""What a record takes on the wire beside key, value and headers, at most."""


class BatchProducer(Protocol):
    """What is needed of aiokafka's producer."""

    async def partitions_for(self, topic: str) -> Collection[int]:
        """Numbers of the topic's partitions."""
        ...

    def create_batch(self) -> Any:
        """An empty batch; its ``append`` returns None where it is full."""
        ...

    async def send_batch(self, batch: Any, topic: str, *, partition: int) -> asyncio.Future[object]:
        """Queue a batch; the future is done when the broker has acknowledged it."""
        ...


async def send_in_batches(
    producer: BatchProducer, messages: Iterable[Message]
) -> Sequence[asyncio.Future[object]]:
    """Queue the messages; the futures are done when the broker has acknowledged them all.

    Messages to the same partition keep their order.

    Raises:
        MessageSizeTooLargeError: one of them is larger than any topic takes.
        KafkaError: the producer takes none.
    """
    partitions: dict[str, list[int]] = {}
    batches: dict[tuple[str, int], Any] = {}
    queued: list[asyncio.Future[object]] = []
    for message in messages:
        topic = message.topic
        if topic not in partitions:
            partitions[topic] = sorted(await producer.partitions_for(topic))
        _require_size(message)
        known = partitions[topic]
        place = (topic, partition_of(message.route or message.key, known))
        batch = batches.get(place)
        if batch is None:
            batch = batches[place] = producer.create_batch()
        while _append(batch, message) is None:
            queued.append(heard(await producer.send_batch(batch, topic, partition=place[1])))
            batch = batches[place] = producer.create_batch()
    for (topic, number), batch in batches.items():
        queued.append(heard(await producer.send_batch(batch, topic, partition=number)))
    return queued


def _append(batch: Any, message: Message) -> object | None:
    added: object | None = batch.append(
        timestamp=None, key=message.key, value=message.value, headers=message.headers
    )
    return added


def _require_size(message: Message) -> None:
    size = len(message.value) + len(message.key or b"") + RECORD_BYTES
    for name, value in message.headers:
        size += len(name) + len(value)
    if size > MAX_MESSAGE_BYTES:
        raise MessageSizeTooLargeError(
            f"a record of {size} bytes is above the limit of {MAX_MESSAGE_BYTES}"
        )

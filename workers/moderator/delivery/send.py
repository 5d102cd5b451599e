"""Hand a message to a producer."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence
from typing import Protocol

from workers.moderator.delivery.messages import Message
from workers.moderator.delivery.partitions import partition_of
from workers.moderator.delivery.unheard import heard


class Producer(Protocol):
    """What is needed of aiokafka's producer: idempotent, ``acks=all``."""

    async def send(
        self,
        topic: str,
        value: bytes | None = None,
        key: bytes | None = None,
        *,
        partition: int | None = None,
        headers: Sequence[tuple[str, bytes]] | None = None,
    ) -> asyncio.Future[object]:
        """Queue a record; the future is done when the broker has acknowledged it."""
        ...

    async def partitions_for(self, topic: str) -> Collection[int]:
        """Numbers of the topic's partitions."""
        ...


async def send(producer: Producer, message: Message) -> asyncio.Future[object]:
    """Queue the message; the future is done when the broker has acknowledged it."""
    partition = None
    if message.route is not None:
        partition = partition_of(
            message.route, sorted(await producer.partitions_for(message.topic))
        )
    return heard(
        await producer.send(
            message.topic, message.value, message.key, partition=partition, headers=message.headers
        )
    )

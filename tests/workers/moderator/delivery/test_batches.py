"""A chunk's messages reach the broker in as few batches as possible, whole and in order."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

import pytest
from aiokafka.errors import MessageSizeTooLargeError

from workers.moderator.delivery import Message
from workers.moderator.delivery.batches import send_in_batches
from workers.moderator.delivery.partitions import partition_of
from workers.streams import MAX_MESSAGE_BYTES

PARTITIONS = [0, 1, 2]
BATCH_RECORDS = 4


@dataclass
class Batch:
    """Full after :data:`BATCH_RECORDS`."""

    values: list[bytes] = field(default_factory=list)

    def append(self, *, value: bytes, **_: object) -> object | None:
        if len(self.values) == BATCH_RECORDS:
            return None
        self.values.append(value)
        return object()


class Producer:
    """Keeps the batches that it is sent, by place."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, int, list[bytes]]] = []

    async def partitions_for(self, _topic: str) -> set[int]:
        return set(PARTITIONS)

    def create_batch(self) -> Batch:
        return Batch()

    async def send_batch(
        self, batch: Batch, topic: str, *, partition: int
    ) -> asyncio.Future[object]:
        self.sent.append((topic, partition, batch.values))
        return asyncio.get_running_loop().create_future()

    def values(self, topic: str, partition: int) -> list[bytes]:
        return [
            v
            for at, number, values in self.sent
            for v in values
            if (at, number) == (topic, partition)
        ]


def message(number: int, topic: str = "verdicts", route: bytes | None = None) -> Message:
    return Message(topic, f"post-{number}".encode(), b"%d" % number, [], route)


async def test_messages_of_a_partition_share_a_batch_in_their_order() -> None:
    producer = Producer()
    queued = await send_in_batches(producer, [message(number) for number in range(10)])
    assert len(queued) == len(producer.sent)
    for partition in PARTITIONS:
        expected = [
            b"%d" % n for n in range(10) if partition_of(b"post-%d" % n, PARTITIONS) == partition
        ]
        assert producer.values("verdicts", partition) == expected


async def test_full_batch_is_followed_by_another() -> None:
    producer = Producer()
    await send_in_batches(producer, [Message("t", b"k", b"%d" % n, []) for n in range(10)])
    assert [len(values) for _, _, values in producer.sent] == [4, 4, 2]
    assert producer.values("t", partition_of(b"k", PARTITIONS)) == [b"%d" % n for n in range(10)]


async def test_routed_message_goes_beside_the_key_that_it_is_routed_by() -> None:
    producer = Producer()
    routed = Message("t", b"post-1#2", b"old", [], route=b"post-1")
    await send_in_batches(producer, [routed, Message("t", b"post-1", b"new", [])])
    assert producer.values("t", partition_of(b"post-1", PARTITIONS)) == [b"old", b"new"]


async def test_topics_do_not_share_batches() -> None:
    producer = Producer()
    await send_in_batches(producer, [message(1, "verdicts"), message(1, "escalations")])
    assert sorted(topic for topic, _, _ in producer.sent) == ["escalations", "verdicts"]


async def test_message_that_no_topic_takes_is_refused_before_anything_of_it_is_sent() -> None:
    producer = Producer()
    huge = Message("verdicts", b"post", bytes(MAX_MESSAGE_BYTES), [])
    with pytest.raises(MessageSizeTooLargeError):
        await send_in_batches(producer, [message(1), huge])
    assert producer.sent == []

"""Recollection: what a partition's last owner knew of revisions, read back from the log.

Which revision of a post is the newest is known to the worker that read it. When the partition goes
to another worker, an older revision may still be to come: it waits on ``posts.retry``, or arrives
late. So before the new owner reads on, it reads back the records that were answered last, newest
first, and notes their revisions. It answers none of them.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from typing import Any, Final

from aiokafka import AIOKafkaConsumer, TopicPartition

from schemas import TOPICS
from workers.moderator.errors import UnreadableRecordError
from workers.moderator.records import Arrival, Record, read_post
from workers.moderator.revisions import Revisions
from workers.settings import KafkaSettings
from workers.streams import get_logger, make_consumer

STRETCH_RECORDS: Final = 1_000
"""Read in one go: each goes further back, so that what is nearest is known first."""

LONGEST_SECONDS: Final = 5.0
"""For one partition, which nobody answers meanwhile. Small posts take a fraction of a second;
thousands with inline media would take longer, and are then not all read back."""

POLL_MS: Final = 200
NO_EPOCH: Final = 0

Recall = Callable[[TopicPartition, int], Awaitable[None]]
"""Reads back what was answered in a partition before an offset."""

log = get_logger(__name__)


async def recall_nothing(place: TopicPartition, end: int) -> None:
    """For a delivery that has no predecessor."""
    del place, end


class Recollection:
    """Reads a partition of ``posts`` back.

    Args:
        kafka: how to reach the broker.
        revisions: told what the records hold.
        records: of a partition, at most; 0 reads nothing back.
    """

    def __init__(self, kafka: KafkaSettings, revisions: Revisions, *, records: int) -> None:
        self._kafka = kafka
        self._topic = kafka.topic(TOPICS.posts)
        self._revisions = revisions
        self._records = records

    async def recall(self, place: TopicPartition, end: int) -> None:
        """Note the revisions in the last records before ``end``, an offset.

        Nothing is read back of other topics: what waits on ``posts.retry`` stood on ``posts``.

        Raises:
            KafkaError: the broker does not hand them out.
        """
        if place.topic != self._topic or not self._records or not end:
            return
        consumer = make_consumer(self._kafka, client_id="moderation-recollection")
        await consumer.start()
        try:
            consumer.assign([place])
            begins = await consumer.beginning_offsets([place])
            ends = await consumer.end_offsets([place])
            begin = max(begins[place], end - self._records)
            await self._read_back(consumer, place, begin, min(end, ends[place]))
        finally:
            await consumer.stop()

    async def _read_back(
        self, consumer: AIOKafkaConsumer, place: TopicPartition, begin: int, end: int
    ) -> None:
        deadline = time.monotonic() + LONGEST_SECONDS
        while begin < end:
            start = max(begin, end - STRETCH_RECORDS)
            consumer.seek(place, start)
            while await consumer.position(place) < end:
                if time.monotonic() > deadline:
                    log.warning(
                        "not all was read back in time; an older revision may be judged again",
                        partition=place.partition,
                        records_left=end - begin,
                    )
                    return
                polled = await consumer.getmany(place, timeout_ms=POLL_MS)
                for raw in polled.get(place, ()):
                    if raw.offset < end:
                        self._note(raw, place)
            end = start

    def _note(self, raw: Any, place: TopicPartition) -> None:
        if raw.value is None:
            return
        record = Record.read(raw, place, NO_EPOCH)
        try:
            post = read_post(record.value)
        except UnreadableRecordError:
            return  # it was set aside, and names no post
        self._revisions.recollect(Arrival(record, post))

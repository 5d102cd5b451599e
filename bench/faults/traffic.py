"""Posts that keep coming, whatever is injected."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence
from typing import Final

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from bench.faults.facts import Accepted, Place
from bench.faults.posts import Outgoing, usual
from schemas import TOPICS
from workers.settings import KafkaSettings
from workers.streams import make_producer

BURST_POSTS: Final = 4
BURST_SECONDS: Final = 0.2
"""20 posts a second: always something in flight, and little for a machine that has other work."""


class Traffic:
    """Produces posts until told to finish, and remembers which the broker has acknowledged.

    Args:
        kafka: where to.
        store_url: of the pictures that posts refer to.
    """

    def __init__(self, kafka: KafkaSettings, store_url: str) -> None:
        self._kafka = kafka
        self._store_url = store_url
        self._topic = kafka.topic(TOPICS.posts)
        self._extra: deque[Outgoing] = deque()
        self._finish = asyncio.Event()
        self._number = 0
        self.acknowledged: list[Accepted] = []
        self.unknown = 0
        """Records of which the broker has not said whether it took them."""

    def add(self, records: Sequence[Outgoing]) -> None:
        """Mix these in; may be called on any thread."""
        self._extra.extend(records)

    async def finish(self) -> None:
        """Stop after the burst that is under way."""
        self._finish.set()

    async def run(self) -> None:
        """Produce until told to finish."""
        while not self._finish.is_set():
            producer = make_producer(self._kafka, client_id="faults-traffic")
            try:
                await producer.start()
                while await self._burst(producer) and not await self._finished():
                    pass
            except KafkaError:
                await self._finished()  # the broker is away; a new producer tries
            finally:
                await producer.stop()

    async def _finished(self) -> bool:
        """Whether it is told to finish, within the time between two bursts."""
        try:
            await asyncio.wait_for(self._finish.wait(), BURST_SECONDS)
        except TimeoutError:
            return False
        return True

    async def _burst(self, producer: AIOKafkaProducer) -> bool:
        """Whether every record was acknowledged."""
        burst = [usual(self._number + place, self._store_url) for place in range(BURST_POSTS)]
        self._number += BURST_POSTS
        while self._extra:
            burst.append(self._extra.popleft())
        sent = [await producer.send(self._topic, key=one.key, value=one.value) for one in burst]
        known = True
        for one, acknowledgement in zip(burst, sent, strict=True):
            try:
                at = await acknowledgement
            except KafkaError:
                self.unknown += 1
                known = False
            else:
                place = Place(self._topic, at.partition, at.offset)
                self.acknowledged.append(Accepted(place, one.revision))
        return known

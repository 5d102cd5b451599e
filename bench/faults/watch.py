"""Watches the answers come in, so that the run knows whether work goes on."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Final

from aiokafka import TopicPartition

from bench.faults.facts import Accepted, Place, Revision
from schemas import TOPICS, DeadLetter, Verdict
from workers.settings import KafkaSettings
from workers.streams import make_consumer

POLL_MS: Final = 200


class Watch:
    """Follows ``verdicts``, ``posts.dead-letter`` and ``posts.retry``, committed records only."""

    def __init__(self, kafka: KafkaSettings) -> None:
        self._kafka = kafka
        self._revisions: set[Revision] = set()
        self._places: set[Place] = set()
        self.put_off = 0
        """Posts that were put on ``posts.retry``."""
        self.clock_errors: list[float] = []
        """Of the verdicts, as they come: how many seconds their dates are ahead."""

    def has_answer(self, accepted: Accepted) -> bool:
        """Whether a verdict or a dead letter for it has been seen."""
        return accepted.revision in self._revisions or accepted.place in self._places

    def is_set_aside(self, accepted: Accepted) -> bool:
        """Whether a dead letter for it has been seen."""
        return accepted.place in self._places

    def unanswered(self, accepted: Iterable[Accepted]) -> list[Accepted]:
        """Those without an answer."""
        return [one for one in accepted if not self.has_answer(one)]

    async def run(self) -> None:
        """Follow until cancelled."""
        consumer = make_consumer(self._kafka, client_id="faults-watch")
        await consumer.start()
        try:
            consumer.assign(
                [
                    TopicPartition(self._kafka.topic(topic), partition)
                    for topic in (TOPICS.verdicts, TOPICS.dead_letter, TOPICS.retry)
                    for partition in range(topic.partitions)
                ]
            )
            while True:
                polled = await consumer.getmany(timeout_ms=POLL_MS)
                for place, records in polled.items():
                    for record in records:
                        self._note(place.topic, record.value)
        finally:
            await consumer.stop()

    def _note(self, topic: str, value: bytes) -> None:
        if topic == self._kafka.topic(TOPICS.verdicts):
            verdict = Verdict.from_bytes(value)
            self._revisions.add((verdict.post_id, verdict.revision))
            self.clock_errors.append((verdict.decided_at - datetime.now(UTC)).total_seconds())
        elif topic == self._kafka.topic(TOPICS.retry):
            self.put_off += 1
        else:
            letter = DeadLetter.from_bytes(value)
            self._places.add(Place(letter.topic, letter.partition, letter.offset))

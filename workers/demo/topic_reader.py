"""Read posts and their answers off the topics."""

from __future__ import annotations

import time
from types import TracebackType
from typing import Any, Final, Self

from aiokafka import TopicPartition

from schemas import TOPICS, DeadLetter, Escalation, Verdict
from workers.demo.errors import AnswersError
from workers.demo.tally import Place, Question, Tally
from workers.settings import KafkaSettings
from workers.streams import make_consumer

_POLL_MS: Final = 200  # how soon a deadline is noticed
_CATCH_UP_SECONDS: Final = 20.0  # for what is a matter of milliseconds on a broker that is well


class TopicReader:
    """Feeds a :class:`Tally` from the topics, from their beginning on.

    It commits nothing and belongs to no group, so it may come and go.

    Args:
        kafka: broker and prefix; the prefix must be this run's own.
        tally: what is fed.
    """

    def __init__(self, kafka: KafkaSettings, tally: Tally) -> None:
        self._tally = tally
        self._posts = kafka.topic(TOPICS.posts)
        self._verdicts = kafka.topic(TOPICS.verdicts)
        self._dead_letters = kafka.topic(TOPICS.dead_letter)
        self._escalations = kafka.topic(TOPICS.escalations)
        self._consumer = make_consumer(
            kafka,
            self._posts,
            self._verdicts,
            self._dead_letters,
            self._escalations,
            client_id="moderation-demo",
        )

    async def __aenter__(self) -> Self:
        await self._consumer.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._consumer.stop()

    async def poll(self) -> list[Question]:
        """Read what has come, waiting a moment for it; returns what was answered just now."""
        polled: dict[TopicPartition, list[Any]] = await self._consumer.getmany(timeout_ms=_POLL_MS)
        fresh = [self._take(record) for records in polled.values() for record in records]
        return [answered for answered in fresh if answered is not None]

    async def read_to_end(self) -> list[Question]:
        """Read until nothing that was on the topics at the call is left.

        Raises:
            AnswersError: the broker does not hand out what it holds.
        """
        ends: dict[TopicPartition, int] = await self._consumer.end_offsets(
            list(self._consumer.assignment())
        )
        deadline = time.monotonic() + _CATCH_UP_SECONDS
        fresh: list[Question] = []
        while await self._is_behind(ends):
            if time.monotonic() > deadline:
                raise AnswersError(
                    f"the topics were not read to their ends within {_CATCH_UP_SECONDS:g} s; "
                    "is the broker well?"
                )
            fresh += await self.poll()
        return fresh

    async def _is_behind(self, ends: dict[TopicPartition, int]) -> bool:
        for partition, end in ends.items():
            if await self._consumer.position(partition) < end:
                return True
        return False

    def _take(self, record: Any) -> Question | None:
        if record.value is None:
            return None
        if record.topic == self._posts:
            self._tally.add_post(Place(record.partition, record.offset), record.value)
        elif record.topic == self._verdicts:
            return self._tally.add_verdict(Verdict.from_bytes(record.value))
        elif record.topic == self._dead_letters:
            return self._tally.add_dead_letter(DeadLetter.from_bytes(record.value))
        else:
            self._tally.add_escalation(Escalation.from_bytes(record.value))
        return None

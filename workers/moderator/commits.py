"""Commits: tell the broker how far everything is answered, and never further."""

from __future__ import annotations

import asyncio
import logging

from aiokafka import AIOKafkaConsumer
from aiokafka.errors import CommitFailedError, IllegalStateError, KafkaError

from workers.moderator.errors import BrokerLostError
from workers.moderator.metrics import WorkerMetrics
from workers.streams import Watermarks

log = logging.getLogger(__name__)


class Committer:
    """Commits the contiguous prefix of answered records of each partition.

    A crash before a commit repeats the verdicts since the last one, under the same ids.
    """

    def __init__(
        self, consumer: AIOKafkaConsumer, watermarks: Watermarks, metrics: WorkerMetrics
    ) -> None:
        self._consumer = consumer
        self._watermarks = watermarks
        self._metrics = metrics
        self._lock = asyncio.Lock()

    async def run(self, every_seconds: float) -> None:
        """Commit now and then, until cancelled."""
        while True:
            await asyncio.sleep(every_seconds)
            await self.commit()

    async def commit(self) -> None:
        """Commit what is answered since the last time.

        When the group has rebalanced meanwhile nothing is committed: the partitions' next owner
        reads those records again.

        Raises:
            BrokerLostError: the broker refuses commits for good.
        """
        async with self._lock:
            offsets = self._watermarks.committable()
            if not offsets:
                return
            try:
                await self._consumer.commit(offsets)
            except (CommitFailedError, IllegalStateError) as error:
                log.warning(
                    "not committed: the group has rebalanced; the records are read again",
                    extra={"partitions": len(offsets), "exception": type(error).__name__},
                )
            except KafkaError as error:
                raise BrokerLostError(
                    f"the broker refuses commits ({type(error).__name__}: {error}); what is "
                    "answered since the last commit will be answered again. Mend the broker or "
                    "the group's permissions, then start the worker"
                ) from error
            else:
                self._watermarks.committed(offsets)
                self._metrics.commits.inc()

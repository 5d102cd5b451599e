"""Which partitions are ours, and how they are handed over without losing a record.

When partitions are taken away: intake has stopped already (aiokafka hands out no record during a
rebalance), so finish what is in flight within the deadline, commit it, and forget the partitions.
With transactions, a partition is read only once its producer has started: that fences whoever had
the partition before, and from then on what is committed is final.
What could not be finished carries an old epoch from then on: its answers are dropped, and the next
owner reads those records again from the committed offset. A crash anywhere in between repeats
records and loses none.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Sequence

from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, TopicPartition

from workers.moderator.delivery import Delivery
from workers.moderator.in_flight import InFlight
from workers.moderator.metrics import WorkerMetrics
from workers.streams import Watermarks, get_logger

log = get_logger(__name__)

UNREAD: int = 0
"""Start of a fresh watermark. The first record taken in moves it to where reading really begins;
until then there is nothing to commit."""


class Ownership(ConsumerRebalanceListener):  # type: ignore[misc]  # aiokafka ships no types; both of its methods are overridden
    """Follows the rebalances of the consumer group.

    Args:
        consumer: whose partitions they are.
        watermarks: gets the partitions assigned, loses those revoked.
        in_flight: waited for before partitions go.
        delivery: opens what is ours, commits and closes what goes.
        topics: to ask the group about again, when a partition turns out to be somebody else's.
        drain_seconds: longest wait for what is in flight.
        on_assigned: told the partitions' numbers after each change.
        on_failure: told an error that must stop the worker; aiokafka would only log it.
        metrics: counts and times rebalances.
    """

    def __init__(
        self,
        consumer: AIOKafkaConsumer,
        *,
        watermarks: Watermarks,
        in_flight: InFlight,
        delivery: Delivery,
        topics: Sequence[str],
        drain_seconds: float,
        on_assigned: Callable[[frozenset[int]], None],
        on_failure: Callable[[Exception], None],
        metrics: WorkerMetrics,
    ) -> None:
        self._consumer = consumer
        self._watermarks = watermarks
        self._in_flight = in_flight
        self._delivery = delivery
        self._topics = topics
        self._drain_seconds = drain_seconds
        self._on_assigned = on_assigned
        self._on_failure = on_failure
        self._metrics = metrics
        self._partitions: frozenset[int] = frozenset()
        self._rebalancing = True
        self._rebalancing_since = time.monotonic()

    @property
    def partitions(self) -> frozenset[int]:
        """Partitions of ``posts`` that are ours now."""
        return self._partitions

    @property
    def rebalancing(self) -> bool:
        """Whether the group is handing out partitions, from before the first assignment on."""
        return self._rebalancing

    async def on_partitions_revoked(self, revoked: Collection[TopicPartition]) -> None:
        """Drain, commit, and let go."""
        if not self._rebalancing:
            self._rebalancing, self._rebalancing_since = True, time.monotonic()
        try:
            if revoked:
                await self.drain()
        except Exception as error:  # noqa: BLE001 - handed on to stop the worker
            self._on_failure(error)
        finally:
            await self._delivery.revoked(revoked)
            self._watermarks.revoke(revoked)
            self._partitions = frozenset()

    async def on_partitions_assigned(self, assigned: Collection[TopicPartition]) -> None:
        """Begin a new epoch. Quick: no heartbeat is sent meanwhile."""
        # A poll that began before the rebalance would return records now, whatever the gates say.
        # So partitions begin paused, and intake resumes them when its gates are open.
        self._consumer.pause(*assigned)
        self._watermarks.assign(dict.fromkeys(assigned, UNREAD))
        self._delivery.assigned(assigned, self._ask_again)
        posts = self._topics[0]
        self._partitions = frozenset(p.partition for p in assigned if p.topic == posts)
        self._rebalancing = False
        self._metrics.rebalances.inc()
        self._metrics.rebalance_seconds.observe(time.monotonic() - self._rebalancing_since)
        self._on_assigned(self._partitions)
        log.info("partitions assigned", partitions=sorted(self._partitions))

    async def drain(self) -> None:
        """Wait for the answers to all that is in flight, within the deadline, and commit.

        Raises:
            BrokerLostError: as :meth:`Delivery.settle`.
        """
        if not await self._in_flight.wait_empty(self._drain_seconds):
            log.warning(
                "not all was answered in time; the rest is read again",
                in_flight=self._in_flight.posts,
                seconds=self._drain_seconds,
            )
        await self._delivery.settle()

    def subscribe(self) -> None:
        """Join the group, or join it anew."""
        self._rebalancing_since = time.monotonic()
        self._consumer.subscribe(list(self._topics), listener=self)

    def _ask_again(self) -> None:
        # A rebalance that is under way answers the question already.
        if not self._rebalancing:
            self._rebalancing = True
            self.subscribe()

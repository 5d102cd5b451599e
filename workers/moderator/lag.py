"""How many records wait on the broker, partition by partition."""

from __future__ import annotations

import asyncio

from aiokafka import AIOKafkaConsumer
from aiokafka.errors import IllegalStateError

from workers.moderator.metrics import WorkerMetrics
from workers.streams import Watermarks


async def report_lag(
    consumer: AIOKafkaConsumer,
    watermarks: Watermarks,
    metrics: WorkerMetrics,
    retry_topic: str,
    every_seconds: float,
) -> None:
    """Set the lag of each partition of ``posts`` that is ours, until cancelled.

    What waits on ``posts.retry`` is told in one sum: it waits because it should.
    """
    shown: set[int] = set()
    while True:
        await asyncio.sleep(every_seconds)
        lags: dict[int, int] = {}
        waiting = 0
        for place in consumer.assignment():
            end = consumer.highwater(place)
            if end is None:
                continue  # nothing was fetched from it yet
            try:
                answered = await consumer.position(place)
            except IllegalStateError:
                continue  # revoked while we asked
            if place in watermarks and watermarks[place].in_flight:
                answered = watermarks[place].position
            if place.topic == retry_topic:
                waiting += max(0, end - answered)
            else:
                lags[place.partition] = max(0, end - answered)
        for partition in shown - lags.keys():
            metrics.consumer_lag.remove(partition)
        for partition, lag in lags.items():
            metrics.consumer_lag.labels(partition).set(lag)
        shown = set(lags)
        metrics.retry_lag.set(waiting)

"""The task beside the pages erases what has expired."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from prometheus_client import CollectorRegistry

from tests.support.waiting import eventually_async
from tests.workers.review.conftest import KEEP, Store
from tests.workers.review.samples import escalation
from workers.review.metrics import ReviewMetrics
from workers.review.retention import Retention


async def test_expired_content_is_erased_and_counted(store: Store) -> None:
    metrics = ReviewMetrics(CollectorRegistry())
    await store.intake.record([escalation()])
    store.clock.advance(KEEP)

    async def counted() -> bool:
        labels = {"because": "expired"}
        return metrics.registry.get_sample_value("moderation_review_erased_total", labels) == 1

    task = asyncio.create_task(Retention(store.erasure, store.webhooks, metrics).run())
    try:
        await eventually_async(counted, describe="the expired item erased")
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
    item = await store.queue.item(escalation().verdict.verdict_id)
    assert item.erased_because == "expired"

"""The worker's side of the topic ``quotas``."""

from __future__ import annotations

import re
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime
from typing import Final
from uuid import uuid4

from schemas import TOPICS
from workers.moderator.beside import Beside
from workers.moderator.resources import started
from workers.moderator.settings import ModeratorSettings
from workers.quotas import QuotaExchange, SharedLedger
from workers.settings import KafkaSettings
from workers.streams import make_consumer, make_producer

_HOST_CHARACTERS: Final = 64
"""Of the host's name in the worker's; the rest of an id is for what makes it unique."""


def worker_name() -> str:
    """A name for this start of the worker: its host, and what no other start has.

    A worker that starts again counts from nothing, so it must not be taken for the one before.
    """
    host = re.sub(r"[^A-Za-z0-9.-]", "-", socket.gethostname())[:_HOST_CHARACTERS]
    return f"{host}-{uuid4().hex[:8]}"


@asynccontextmanager
async def quota_sharing(
    settings: ModeratorSettings,
    kafka: KafkaSettings,
    ledger: SharedLedger,
    beside: Beside,
    *,
    clock: Callable[[], datetime],
) -> AsyncIterator[QuotaExchange]:
    """The exchange of a ledger with those of other workers; it is added to what runs beside.

    Raises:
        StartError: the broker does not let the worker in.
    """
    async with AsyncExitStack() as stack:
        client_id = "moderation-worker-quotas"
        consumer = await stack.enter_async_context(
            started(make_consumer(kafka, client_id=client_id))
        )
        # Not the producer of answers: what goes wrong here must not hold back a verdict.
        producer = await stack.enter_async_context(
            started(make_producer(kafka, client_id=client_id))
        )
        exchange = QuotaExchange(
            consumer,
            producer,
            kafka.topic(TOPICS.quotas),
            ledger,
            clock=clock,
            every_seconds=settings.quota_seconds,
        )
        partitions = len(await producer.partitions_for(kafka.topic(TOPICS.posts)))
        beside.loops.append(exchange.run)
        beside.gates.append(exchange.gate)
        # Posts are spread over partitions by author, so a share of them is a share of the posts.
        beside.on_assigned.append(lambda ours: exchange.use_share(len(ours) / partitions))
        stack.push_async_callback(exchange.flush)
        yield exchange

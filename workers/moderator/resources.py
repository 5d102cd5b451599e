"""What the worker opens and must close again, each in a bounded time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager
from typing import Any, Final

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from workers.moderator.errors import StartError
from workers.streams import get_logger

log = get_logger(__name__)

CLOSE_SECONDS: Final = 10.0
"""How long a Kafka client may take to leave: a group takes note in one round trip, while a broker
that is away would hold the process for minutes."""


@contextmanager
def threads(name: str, count: int) -> Iterator[ThreadPoolExecutor]:
    """A pool of threads; what waits in it when it is closed is not begun."""
    pool = ThreadPoolExecutor(count, thread_name_prefix=name)
    try:
        yield pool
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


@asynccontextmanager
async def started(client: Any) -> AsyncIterator[Any]:
    """An aiokafka client, started, and stopped in a bounded time.

    Raises:
        StartError: the broker does not let it in.
    """
    try:
        try:
            await client.start()
        except KafkaError as error:
            raise StartError(
                f"the broker does not let the worker in ({type(error).__name__}: {error}); look at "
                "the MODERATION_KAFKA_ settings and the user's permissions"
            ) from error
        yield client
    finally:
        leave = client.close if isinstance(client, AIOKafkaAdminClient) else client.stop
        try:
            await asyncio.wait_for(leave(), CLOSE_SECONDS)
        except TimeoutError:
            log.warning("the broker did not answer the farewell", client=type(client).__name__)

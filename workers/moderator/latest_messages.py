"""The latest message under each key of a topic that is followed, in a store that can be asked."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor
from datetime import datetime
from typing import Generic, TypeVar

from pydantic import ValidationError

from schemas import Message
from workers.moderator.topic_follower import Record
from workers.moderator.topic_store import Change, TopicStore
from workers.streams import get_logger

log = get_logger(__name__)

M = TypeVar("M", bound=Message)


class LatestMessages(Generic[M]):
    """Keeps a store equal to what is followed of a topic; a listener.

    Args:
        store: filled and asked on ``thread`` only.
        thread: one thread.
        clock: for expiry.
    """

    def __init__(
        self, store: TopicStore[M], *, thread: Executor, clock: Callable[[], datetime]
    ) -> None:
        self._store = store
        self._thread = thread
        self._clock = clock

    async def hear(self, records: Sequence[Record]) -> None:
        """Keep the newest under each key."""
        changes = list(readable(records, self._store.message))
        if changes:
            await self._on_thread(self._store.apply, changes)

    async def at_end(self) -> None:
        """Each message counts as soon as it is heard."""

    async def keep_only(self, partitions: frozenset[int]) -> None:
        """Forget what came from other partitions, and what has expired."""
        await self._on_thread(self._store.keep_only, partitions, self._clock())

    async def _on_thread(self, call: Callable[..., None], *arguments: object) -> None:
        await asyncio.get_running_loop().run_in_executor(self._thread, call, *arguments)


def readable(records: Sequence[Record], message: type[M]) -> Iterator[Change[M]]:
    """The records that keep to the contract; others are logged and left out."""
    for record in records:
        try:
            key = (record.key or b"").decode()
            value = None if record.value is None else message.from_bytes(record.value)
        except (UnicodeDecodeError, ValidationError):
            log.warning(
                "a record breaks the contract of its topic and is skipped",
                topic=record.topic,
                partition=record.partition,
                offset=record.offset,
            )
        else:
            yield Change(record.partition, key, value)

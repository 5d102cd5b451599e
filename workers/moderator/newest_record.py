"""The newest record under one key of a topic on which each record replaces the one before."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import TYPE_CHECKING

from pydantic import ValidationError

if TYPE_CHECKING:
    from workers.moderator.topic_follower import Record


class NewestRecord(ABC):
    """Follows what stands under a key, once all that is on the topic is heard; a listener.

    Args:
        key: of the records that count.
    """

    def __init__(self, key: str) -> None:
        self._key = key.encode()
        self._newest: Record | None = None

    async def hear(self, records: Sequence[Record]) -> None:
        """Keep the newest record under the key; older ones need not be followed."""
        for record in records:
            if record.key != self._key:
                continue
            if record.value is None:
                self.taken_off(record)
                self._newest = None
            else:
                self._newest = record

    async def at_end(self) -> None:
        """Follow what is newest."""
        if self._newest is not None:
            record, self._newest = self._newest, None
            await self.follow(record, source=f"{record.topic} at offset {record.offset}")

    async def keep_only(self, partitions: frozenset[int]) -> None:
        """Nothing is let go: the key may be in any partition."""
        del partitions

    @abstractmethod
    async def follow(self, record: Record, *, source: str) -> None:
        """Bring into force what the record asks for.

        Args:
            record: the newest.
            source: where it stands, for people.
        """

    @abstractmethod
    def taken_off(self, record: Record) -> None:
        """Say that nothing stands under the key any more; what is in force stays."""


def first_mistake(error: ValidationError) -> str:
    """Where a record first breaks its contract, and how; nothing of what it says."""
    first = error.errors(include_url=False, include_input=False)[0]
    where = ".".join(map(str, first["loc"]))
    return f"{where}: {first['msg']}" if where else first["msg"]

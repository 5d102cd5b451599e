"""What the topic ``model-rollouts`` asks for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pydantic import ValidationError

from schemas import ModelRollout
from workers.moderator.lineup.conductor import Conductor, Wish
from workers.streams import get_logger

log = get_logger(__name__)


class PublishedRollout:
    """Has the conductor follow the newest record under a group's name; a listener to the topic.

    Args:
        group: of the workers: the key of its records.
        conductor: told what the topic says.
    """

    def __init__(self, group: str, conductor: Conductor) -> None:
        self._group = group
        self._conductor = conductor
        self._newest: Any = None

    async def hear(self, records: Sequence[Any]) -> None:
        """Keep the newest record of the group; older ones need not be followed."""
        for record in records:
            if record.key != self._group.encode():
                continue
            if record.value is None:
                log.warning("the roll-out was taken off its topic; the models stay as they are")
                self._newest = None
            else:
                self._newest = record

    async def at_end(self) -> None:
        """Follow what is newest."""
        if self._newest is None:
            return
        record, self._newest = self._newest, None
        source = f"{record.topic} at offset {record.offset}"
        try:
            asked = ModelRollout.from_bytes(record.value)
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            where = ".".join(map(str, first["loc"]))
            self._conductor.refuse(source, f"it is no roll-out: {where}: {first['msg']}")
            return
        wish = Wish(asked.live, asked.candidate, asked.candidate_share, asked.compared_share)
        await self._conductor.follow(wish, source=source)

    async def keep_only(self, partitions: frozenset[int]) -> None:
        """The roll-out may be in any partition."""

"""What the topic ``model-rollouts`` asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import ValidationError

from schemas import ModelRollout
from workers.moderator.lineup.conductor import Conductor, Wish
from workers.moderator.newest_record import NewestRecord, first_mistake
from workers.streams import get_logger

if TYPE_CHECKING:
    from workers.moderator.topic_follower import Record

log = get_logger(__name__)


class PublishedRollout(NewestRecord):
    """Has the conductor follow the newest record under a group's name.

    Args:
        group: of the workers: the key of its records.
        conductor: told what the topic says.
    """

    def __init__(self, group: str, conductor: Conductor) -> None:
        super().__init__(group)
        self._conductor = conductor

    async def follow(self, record: Record, *, source: str) -> None:
        """Ask for the models of the record."""
        try:
            asked = ModelRollout.from_bytes(record.value)
        except ValidationError as error:
            self._conductor.refuse(source, f"it is no roll-out: {first_mistake(error)}")
            return
        wish = Wish(asked.live, asked.candidate, asked.candidate_share, asked.compared_share)
        await self._conductor.follow(wish, source=source)

    def taken_off(self, record: Record) -> None:
        """The models stay."""
        log.warning(
            "the roll-out was taken off its topic; the models stay as they are", topic=record.topic
        )

"""The policy on the topic ``policies``, so that all workers judge by the same version."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from pydantic import ValidationError

from rules import Diagnostic, Policy, PolicyError, load_bundle
from schemas import PolicyBundle
from workers.moderator.newest_record import NewestRecord, first_mistake
from workers.moderator.rulebook.reload import Reloader
from workers.streams import get_logger

if TYPE_CHECKING:
    from workers.moderator.topic_follower import Record

log = get_logger(__name__)

WAIT_SECONDS: Final = 30.0
"""Longest wait at the start for the topic to be read and the policy loaded; a large one takes
seconds. Then posts are judged by the policy that the worker brought along."""


class PublishedPolicy(NewestRecord):
    """Offers the newest record under a policy's name.

    Args:
        name: of the policy: the key of its records.
        reloader: told what the topic says.
    """

    def __init__(self, name: str, reloader: Reloader) -> None:
        super().__init__(name)
        self._name = name
        self._reloader = reloader

    async def follow(self, record: Record, *, source: str) -> None:
        """Offer the policy of the record."""
        await self._reloader.offer(partial(_policy_in, record, self._name), source=source)

    def taken_off(self, record: Record) -> None:
        """The policy stays."""
        log.warning(
            "the policy was taken off its topic; the one in force stays",
            topic=record.topic,
            policy=self._reloader.version,
        )


def _policy_in(record: Record, name: str) -> Policy:
    """The tested policy of a record.

    Raises:
        PolicyError: the record is no bundle, or its policy cannot be used.
    """
    place = f"{record.topic}@{record.offset}"
    try:
        bundle = PolicyBundle.from_bytes(record.value)
    except ValidationError as error:
        message = f"is no policy bundle: {first_mistake(error)}"
        raise PolicyError([Diagnostic(place, 1, 1, message)]) from error
    if bundle.name != name:
        message = f"holds the policy {bundle.name!r} under the key {name!r}"
        raise PolicyError([Diagnostic(place, 1, 1, message)])
    return load_bundle(bundle)

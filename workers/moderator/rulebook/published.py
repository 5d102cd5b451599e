"""The policy on the topic ``policies``, so that all workers judge by the same version."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any, Final

from pydantic import ValidationError

from rules import Diagnostic, Policy, PolicyError, load_bundle
from schemas import PolicyBundle
from workers.moderator.rulebook.reload import Reloader
from workers.streams import get_logger

log = get_logger(__name__)

WAIT_SECONDS: Final = 30.0
"""Longest wait at the start for the topic to be read and the policy loaded; a large one takes
seconds. Then posts are judged by the policy that the worker brought along."""


class PublishedPolicy:
    """Offers the newest record under a policy's name; a listener to the topic.

    Args:
        name: of the policy: the key of its records.
        reloader: told what the topic says.
    """

    def __init__(self, name: str, reloader: Reloader) -> None:
        self._name = name
        self._reloader = reloader
        self._newest: Any = None

    async def hear(self, records: Sequence[Any]) -> None:
        """Keep the newest record of the policy; older ones need not be loaded."""
        for record in records:
            if record.key != self._name.encode():
                continue
            if record.value is None:
                log.warning(
                    "the policy was taken off its topic; the one in force stays",
                    topic=record.topic,
                    policy=self._reloader.version,
                )
                self._newest = None
            else:
                self._newest = record

    async def at_end(self) -> None:
        """Offer what is newest."""
        if self._newest is None:
            return
        record, self._newest = self._newest, None
        await self._reloader.offer(
            partial(_policy_in, record, self._name),
            source=f"{record.topic} at offset {record.offset}",
        )

    async def keep_only(self, partitions: frozenset[int]) -> None:
        """The policy may be in any partition."""


def _policy_in(record: Any, name: str) -> Policy:
    """The tested policy of a record.

    Raises:
        PolicyError: the record is no bundle, or its policy cannot be used.
    """
    try:
        bundle = PolicyBundle.from_bytes(record.value)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(map(str, first["loc"]))
        message = f"is no policy bundle: {f'{where}: ' if where else ''}{first['msg']}"
        raise PolicyError([Diagnostic(f"{record.topic}@{record.offset}", 1, 1, message)]) from error
    if bundle.name != name:
        message = f"holds the policy {bundle.name!r} under the key {name!r}"
        raise PolicyError([Diagnostic(f"{record.topic}@{record.offset}", 1, 1, message)])
    return load_bundle(bundle)

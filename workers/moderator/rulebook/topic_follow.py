"""Follows one policy on the topic ``policies``, so that all workers judge by the same version."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, Final

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError
from pydantic import ValidationError

from rules import Diagnostic, Policy, PolicyError, load_bundle
from schemas import PolicyBundle
from workers.moderator.rulebook.reload import Reloader

log = logging.getLogger(__name__)

POLL_MS: Final = 500
"""How long one poll waits for records: nothing else is done meanwhile."""

RETRY_SECONDS: Final = 1.0
"""Between attempts while the broker does not answer."""

WAIT_SECONDS: Final = 30.0
"""Longest wait at the start for the topic to be read and the policy loaded; a large one takes
seconds. Then posts are judged by the policy that the worker brought along."""


class PolicyFollower:
    """Offers the newest record under a policy's name, from the beginning of the topic on.

    Args:
        consumer: without a group, started, and used by nobody else.
        topic: full name of ``policies``.
        partitions: of the topic; the contract says one, a broker may have made more.
        name: of the policy: the key of its records.
        reloader: told what the topic says.
    """

    def __init__(
        self,
        consumer: AIOKafkaConsumer,
        topic: str,
        name: str,
        reloader: Reloader,
        *,
        partitions: int = 1,
    ) -> None:
        self._consumer = consumer
        self._topic = topic
        self._places = [TopicPartition(topic, number) for number in range(partitions)]
        self._name = name
        self._reloader = reloader
        self._ends: dict[TopicPartition, int] | None = None
        self._newest: Any = None
        self._caught_up = asyncio.Event()
        self._gate_closes = time.monotonic() + WAIT_SECONDS

    async def gate(self, timeout_seconds: float) -> bool:
        """Wait until the policy is the one that the topic held at the start.

        Opens also when that takes too long: then the policy that the worker brought judges.
        """
        if self._caught_up.is_set():
            return True
        try:
            await asyncio.wait_for(self._caught_up.wait(), timeout_seconds)
        except TimeoutError:
            if time.monotonic() < self._gate_closes:
                return False
            log.warning(
                "the topic of policies is not read yet; posts are judged by the policy that the "
                "worker was started with",
                extra={"topic": self._topic, "policy": self._reloader.version},
            )
            self._caught_up.set()
        return True

    async def run(self) -> None:
        """Follow until cancelled. What the broker refuses is asked again."""
        while True:
            try:
                await self._turn()
            except KafkaError as error:
                log.warning(
                    "the topic of policies cannot be read; trying again",
                    extra={"topic": self._topic, "exception": type(error).__name__},
                )
                await asyncio.sleep(RETRY_SECONDS)

    async def _turn(self) -> None:
        if self._ends is None:
            self._ends = await self._begin()
        self._remember(await self._consumer.getmany(timeout_ms=POLL_MS))
        if not await self._is_at_end(self._ends):
            return
        if self._newest is not None:
            record, self._newest = self._newest, None
            await self._reloader.offer(
                partial(_policy_in, record, self._name),
                source=f"{self._topic} at offset {record.offset}",
            )
        self._caught_up.set()

    async def _begin(self) -> dict[TopicPartition, int]:
        """Read from the beginning; the ends to reach before anything is offered."""
        self._consumer.assign(self._places)
        await self._consumer.seek_to_beginning(*self._places)
        ends: dict[TopicPartition, int] = await self._consumer.end_offsets(self._places)
        return ends

    async def _is_at_end(self, ends: Mapping[TopicPartition, int]) -> bool:
        for place, end in ends.items():
            if await self._consumer.position(place) < end:
                return False
        return True

    def _remember(self, batches: Mapping[TopicPartition, Sequence[Any]]) -> None:
        """Keep the newest record of the policy; older ones need not be loaded."""
        for records in batches.values():
            for record in records:
                if record.key != self._name.encode():
                    continue
                if record.value is None:
                    log.warning(
                        "the policy was taken off its topic; the one in force stays",
                        extra={"topic": self._topic, "policy": self._reloader.version},
                    )
                    self._newest = None
                else:
                    self._newest = record


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

"""Die, or stand still, at a step of a commit: at what a worker says to the broker, on the wire.

The steps are those of Kafka's protocol, so that they need no marks in the worker's code and stay
the same however that is written. At each request there are three moments: before it is sent; when
it is sent and no answer is known; and when the answer is there and nobody has acted on it.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from typing import Any, Final, NamedTuple
from unittest.mock import patch

from aiokafka.conn import AIOKafkaConnection
from aiokafka.protocol.produce import ProduceRequest
from aiokafka.protocol.transaction import InitProducerIdRequest


class Request(StrEnum):
    """What a worker asks of the broker when it answers posts, by the classes of aiokafka."""

    BEGIN_EPOCH = "InitProducerIdRequest"  # fences predecessors
    ADD_PARTITIONS = "AddPartitionsToTxnRequest"
    PRODUCE = "ProduceRequest"
    ADD_OFFSETS = "AddOffsetsToTxnRequest"
    OFFSETS = "TxnOffsetCommitRequest"
    END = "EndTxnRequest"
    PLAIN_OFFSETS = "OffsetCommitRequest"  # of at-least-once


class Moment(StrEnum):
    """When, around a request."""

    BEFORE = "before"
    SENT = "sent"
    ANSWERED = "answered"


class Fate(StrEnum):
    """What the process does to itself there."""

    DIE = "die"
    FREEZE = "freeze"


class Step(NamedTuple):
    """A moment of a commit."""

    request: Request
    moment: Moment


_PRODUCER: Final = (
    Request.BEGIN_EPOCH,
    Request.ADD_PARTITIONS,
    Request.PRODUCE,
    Request.ADD_OFFSETS,
    Request.OFFSETS,
    Request.END,
)
EXACTLY_ONCE_STEPS: Final = tuple(Step(r, moment) for r in _PRODUCER for moment in Moment)
AT_LEAST_ONCE_STEPS: Final = tuple(
    Step(r, moment) for r in (Request.PRODUCE, Request.PLAIN_OFFSETS) for moment in Moment
)

SIGNALS: Final = {Fate.DIE: signal.SIGKILL, Fate.FREEZE: signal.SIGSTOP}


def signal_self(fate: Fate) -> None:
    """Do to this process what the fate says; returns when it is woken up again."""
    os.kill(os.getpid(), SIGNALS[fate])


class Tripwire:
    """Watches the requests of this process, and trips once where it is armed.

    Args:
        topics: that the answers go to. Produce requests to others, such as the quotas', are none
            of a commit's.
        meet: carries out a fate.
    """

    def __init__(
        self, topics: frozenset[str], meet: Callable[[Fate], object] = signal_self
    ) -> None:
        self._topics = topics
        self._meet = meet
        self._armed: tuple[Step, Fate] | None = None

    def arm(self, step: Step, fate: Fate) -> None:
        """Trip at the next such step, and only there."""
        self._armed = step, fate

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Every connection of the process is watched inside the block."""
        send = AIOKafkaConnection.send

        def watched(connection: Any, request: Any, *args: Any, **options: Any) -> Any:
            if not self._concerns(request):
                return send(connection, request, *args, **options)
            name = type(request).__name__
            self._reach(name, Moment.BEFORE)
            answer = send(connection, request, *args, **options)
            self._reach(name, Moment.SENT)
            return self._answered(name, answer)

        with patch.object(AIOKafkaConnection, "send", watched):
            yield

    async def _answered(self, name: str, answer: Any) -> Any:
        # A failed request has no answer to act on; the wire stays armed for the next one.
        response = await answer
        self._reach(name, Moment.ANSWERED)
        return response

    def _concerns(self, request: Any) -> bool:
        name = type(request).__name__
        if self._armed is None or name != self._armed[0].request:
            return False
        # Only the request's own fields tell whose it is; other producers here serve the quotas.
        if isinstance(request, ProduceRequest):
            return any(topic in self._topics for topic, _ in request._topics)  # noqa: SLF001 - aiokafka shows it nowhere else; pinned, so a rename is noticed
        if isinstance(request, InitProducerIdRequest):
            return request._transactional_id is not None  # noqa: SLF001 - aiokafka shows it nowhere else; pinned, so a rename is noticed
        return True

    def _reach(self, name: str, moment: Moment) -> None:
        if self._armed is not None and self._armed[0] == (name, moment):
            _, fate = self._armed
            self._armed = None
            self._meet(fate)

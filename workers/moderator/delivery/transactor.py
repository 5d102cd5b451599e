"""One transactional producer, and a chunk of answers as one transaction.

The order is: begin, produce, wait for every acknowledgement, add the offsets, commit. A crash
between any two of these leaves an open transaction, which the next producer with the same
transactional id aborts when it starts: readers that are ``read_committed`` never see its records,
and its offsets never hold.

What aiokafka 0.14 needs of its user:

- A commit succeeds although a batch was refused, so every acknowledgement is looked at first.
- A refused batch leaves a gap in the sequence numbers, so the producer is replaced, not reused.
- The group's generation is not sent, so only the transactional id fences: it belongs to one
  partition number, and whoever is assigned it starts a producer with it before reading.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.errors import (
    ClusterAuthorizationFailedError,
    GroupAuthorizationFailedError,
    InvalidTransactionTimeout,
    KafkaError,
    TopicAuthorizationFailedError,
    TransactionalIdAuthorizationFailed,
)

from workers.moderator.delivery.batches import send_in_batches
from workers.moderator.delivery.messages import Message
from workers.moderator.delivery.unheard import hear_failures
from workers.moderator.faults import FaultPoint, Step
from workers.streams import Progress, get_logger

log = get_logger(__name__)

REFUSALS: Final = (
    ClusterAuthorizationFailedError,
    GroupAuthorizationFailedError,
    InvalidTransactionTimeout,
    TopicAuthorizationFailedError,
    TransactionalIdAuthorizationFailed,
)
"""What trying again does not mend."""

STOP_SECONDS: Final = 5.0
"""For a producer to leave: some round trips to a broker that answers. What it leaves open is
aborted by its successor, or by the broker when the transaction times out."""


class Transactor:
    """Produces chunks of answers with their offsets, all of a chunk or nothing.

    Args:
        make: a producer with the partition's transactional id, not yet started.
        group: the consumer group whose offsets are committed.
        fault: reached at each step.
    """

    def __init__(self, make: Callable[[], AIOKafkaProducer], group: str, fault: FaultPoint) -> None:
        self._make = make
        self._group = group
        self._fault = fault
        self._producer: AIOKafkaProducer | None = None
        self._is_open = False

    async def start(self) -> None:
        """Fence every predecessor and abort what it left open; then offsets are final.

        Raises:
            KafkaError: the broker refuses the transactional id.
        """
        self._producer = self._make()
        await self._producer.start()

    async def commit(
        self, messages: Sequence[Message], offsets: Mapping[TopicPartition, Progress]
    ) -> None:
        """Produce the messages and commit the offsets, or neither.

        Raises:
            ProducerFenced: a successor has started, or the transaction timed out.
            MessageSizeTooLargeError: a topic does not take one of the messages.
            KafkaError: the broker refuses otherwise. After any error the transaction is not
                committed and this must be stopped, and may be started again.
        """
        producer = self._producer
        if producer is None:
            raise RuntimeError("the transactor is not started")
        self._is_open = True
        try:
            await producer.begin_transaction()
            self._fault.reach(Step.BEFORE_SEND)
            acknowledgements = await send_in_batches(producer, messages)
            self._fault.reach(Step.AFTER_SEND)
            for acknowledgement in acknowledgements:
                await acknowledgement
            self._fault.reach(Step.BEFORE_OFFSETS)
            commits = {
                place: (progress.position, progress.to_metadata())
                for place, progress in offsets.items()
            }
            await producer.send_offsets_to_transaction(commits, self._group)
            self._fault.reach(Step.BEFORE_COMMIT)
        except Exception:
            self._is_open = False  # what is refused is aborted by starting anew
            raise
        self._is_open = False
        await producer.commit_transaction()
        self._fault.reach(Step.AFTER_COMMIT)

    async def abort(self) -> None:
        """Abort what was interrupted, so that readers need not wait until it times out."""
        if self._producer is None or not self._is_open:
            return
        self._is_open = False
        try:
            await asyncio.wait_for(self._producer.abort_transaction(), STOP_SECONDS)
        except (KafkaError, TimeoutError) as error:
            log.warning(
                "a transaction was left open; the broker aborts it",
                error=type(error).__name__,
            )

    async def stop(self) -> None:
        """Leave the broker, in a bounded time. It may be started again."""
        producer, self._producer, self._is_open = self._producer, None, False
        if producer is None:
            return
        try:
            await asyncio.wait_for(producer.stop(), STOP_SECONDS)
        except (KafkaError, TimeoutError) as error:
            # A producer that was fenced says so once more, and one without a broker cannot leave.
            log.info("a producer was given up", error=type(error).__name__)
            await producer.client.close()
        finally:
            hear_failures(producer)

"""Follow verdicts: those in effect, each once a reader, nothing of an aborted transaction."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import AsyncIterator
from types import TracebackType
from typing import Final, Self

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.errors import CommitFailedError, IllegalStateError, KafkaError
from pydantic import ValidationError

from schemas import TOPICS, Verdict
from workers.client.connecting import connect
from workers.client.errors import ClientError
from workers.settings import KafkaSettings
from workers.streams import get_logger, make_consumer

log = get_logger(__name__)

REMEMBERED_POSTS: Final = 100_000
"""Posts whose newest verdict is known: some tens of MB. An older verdict that comes after so many
other posts is shown again."""

POLL_MS: Final = 500
COMMIT_RECORDS: Final = 500
"""Between two commits at most; after a crash so many verdicts may be shown again."""


class VerdictReader:
    """Verdicts as they come into effect; an async context manager and an async iterator.

    At least once: what is shown counts as handled when the next one is asked for, and is committed
    soon after. A reader that dies shows its last few verdicts again; ``verdict_id`` tells.
    Left out are verdicts that say nothing new: repeated ones, those on older revisions than one
    already shown, and those that say that a revision was overtaken.

    Args:
        kafka: how to reach the broker.
        group: of the reading service; each group sees all verdicts, its members share them.
        from_beginning: where a new group begins: with the first verdict kept, or the next one.
    """

    def __init__(self, kafka: KafkaSettings, *, group: str, from_beginning: bool = True) -> None:
        self._kafka = kafka
        self._consumer: AIOKafkaConsumer = make_consumer(
            kafka,
            kafka.topic(TOPICS.verdicts),
            group=kafka.group(group),
            client_id=f"moderation-client-{group}",
            auto_offset_reset="earliest" if from_beginning else "latest",
        )
        self._newest: OrderedDict[str, tuple[int, str]] = OrderedDict()

    async def __aenter__(self) -> Self:
        """Connect and join the group.

        Raises:
            ClientError: no broker answers.
        """
        await connect(self._consumer, self._kafka)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Leave the group; what was not handled is shown to whoever joins next."""
        await self._consumer.stop()

    async def __aiter__(self) -> AsyncIterator[Verdict]:
        """Verdicts without end.

        Raises:
            ClientError: a record breaks the contract, or the broker refuses commits.
        """
        while True:
            polled = await self._consumer.getmany(timeout_ms=POLL_MS, max_records=COMMIT_RECORDS)
            for partition, records in polled.items():
                for record in records:
                    verdict = self._verdict(record)
                    if verdict is not None and self._is_new(verdict):
                        yield verdict
                await self._commit({partition: records[-1].offset + 1})

    async def _commit(self, offsets: dict[TopicPartition, int]) -> None:
        try:
            await self._consumer.commit(offsets)
        except (CommitFailedError, IllegalStateError) as error:
            log.warning(
                "not committed: the group has rebalanced; another member shows them again",
                error=type(error).__name__,
            )
        except KafkaError as error:
            raise ClientError(
                f"the broker at {self._kafka.bootstrap_servers} refuses to commit: {error}"
            ) from error

    def _verdict(self, record: ConsumerRecord) -> Verdict | None:
        if record.value is None:  # compaction has a tombstone
            return None
        try:
            return Verdict.model_validate_json(record.value)
        except ValidationError as error:
            raise ClientError(
                f"{record.topic} {record.partition} offset {record.offset} is no verdict: "
                f"{error.errors(include_input=False)[0]['msg']}; is this client older than the "
                "worker?"
            ) from error

    def _is_new(self, verdict: Verdict) -> bool:
        if verdict.superseded_by is not None:
            return False
        identity = (verdict.revision, str(verdict.verdict_id))
        known = self._newest.get(verdict.post_id)
        if known is not None and (verdict.revision < known[0] or identity == known):
            return False
        self._newest[verdict.post_id] = identity
        self._newest.move_to_end(verdict.post_id)
        if len(self._newest) > REMEMBERED_POSTS:
            self._newest.popitem(last=False)
        return True

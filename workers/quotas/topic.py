"""The topic ``quotas`` as a person looks at it: read once, and written to reset a quota."""

from __future__ import annotations

from collections.abc import Sequence

from aiokafka.errors import KafkaError
from pydantic import ValidationError

from schemas import TOPICS, QuotaRecord
from workers.quotas.ledger import SharedLedger
from workers.settings import KafkaSettings
from workers.streams import TopicError, make_producer, read_topic

CLIENT_ID = "moderation-quotas"


async def read_quotas(kafka: KafkaSettings, reader: str) -> tuple[SharedLedger, int]:
    """What all workers have told by now, and how many records could not be read.

    Args:
        kafka: how to reach the broker.
        reader: whose ledger it is.

    Raises:
        TopicError: there is no such topic, or the broker does not hand it out.
    """
    ledger, broken = SharedLedger(reader), 0
    async for record in read_topic(kafka, TOPICS.quotas, client_id=CLIENT_ID):
        if record.value is None:
            continue
        try:
            ledger.learn(QuotaRecord.from_bytes(record.value))
        except ValidationError:
            broken += 1
    return ledger, broken


async def write_quotas(kafka: KafkaSettings, records: Sequence[QuotaRecord]) -> None:
    """Write records, and wait until the broker has all of them.

    Raises:
        TopicError: the broker does not take them.
    """
    producer = make_producer(kafka, client_id=CLIENT_ID)
    try:
        await producer.start()
        for record in records:
            await producer.send_and_wait(
                kafka.topic(TOPICS.quotas), record.to_bytes(), record.key.encode()
            )
    except KafkaError as error:
        raise TopicError(
            f"{kafka.topic(TOPICS.quotas)} does not take the record ({type(error).__name__}: "
            f"{error}); look at the broker and the user's permissions"
        ) from error
    finally:
        await producer.stop()

"""Send records to the topic of posts."""

from __future__ import annotations

from collections.abc import Awaitable, Iterable, Sequence

from aiokafka.errors import KafkaConnectionError, MessageSizeTooLargeError
from aiokafka.structs import RecordMetadata

from schemas import MAX_RECORD_BYTES, TOPICS
from workers.demo.errors import BrokerUnreachableError, InputFileError
from workers.demo.records import Record
from workers.demo.tally import Place
from workers.settings import KafkaSettings
from workers.streams import make_producer

_WINDOW_RECORDS = 500  # sent before their acknowledgements are awaited; bounds memory


async def produce(kafka: KafkaSettings, records: Iterable[Record]) -> list[Place]:
    """Send every record and wait until the broker has them; returns where each one stands.

    Raises:
        BrokerUnreachableError: no broker answers.
        InputFileError: a record is larger than the topic takes.
    """
    producer = make_producer(kafka, client_id="moderation-produce")
    try:
        await producer.start()
    except KafkaConnectionError as error:
        await producer.stop()
        raise BrokerUnreachableError(
            f"no Kafka broker answers at {kafka.bootstrap_servers}; start one with `moderation "
            "broker up`, or set MODERATION_KAFKA_BOOTSTRAP_SERVERS"
        ) from error
    topic = kafka.topic(TOPICS.posts)
    places: list[Place] = []
    try:
        window = []
        for number, record in enumerate(records, 1):
            try:
                window.append(await producer.send(topic, key=record.key, value=record.value))
            except MessageSizeTooLargeError:
                raise InputFileError(
                    f"record {number} has {len(record.value):,} bytes, more than the "
                    f"{MAX_RECORD_BYTES:,} of the contract; send its media by key or url"
                ) from None
            if len(window) == _WINDOW_RECORDS:
                places += await _acknowledged(window)
                window.clear()
        places += await _acknowledged(window)
    finally:
        await producer.stop()
    return places


async def _acknowledged(window: Sequence[Awaitable[RecordMetadata]]) -> list[Place]:
    sent = [await acknowledgement for acknowledgement in window]
    return [Place(record.partition, record.offset) for record in sent]

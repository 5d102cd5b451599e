"""Send records to the topic of posts."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError, MessageSizeTooLargeError
from aiokafka.structs import RecordMetadata

from schemas import MAX_RECORD_BYTES, TOPICS
from workers.demo.errors import ProduceError, RecordTooLargeError
from workers.demo.records import Record
from workers.demo.tally import Place
from workers.settings import KafkaSettings
from workers.streams import describe_topics, make_producer

_WINDOW_RECORDS: Final = 500  # sent before their acknowledgements are awaited; bounds memory


async def produce(kafka: KafkaSettings, records: Iterable[Record]) -> list[Place]:
    """Send every record and wait until the broker has them; returns where each one stands.

    Raises:
        ProduceError: the topic is missing, or the broker does not take what is sent.
        RecordTooLargeError: a record is larger than the contract allows; those before it are sent.
        workers.streams.TopicError: no broker answers.
    """
    (described,) = await describe_topics(kafka, [TOPICS.posts])
    if described.state == "missing":
        raise ProduceError(
            f"there is no topic {described.name} at {kafka.bootstrap_servers}; make it by "
            "`moderation topics create`"
        )
    producer = make_producer(
        kafka, client_id="moderation-produce", max_request_size=MAX_RECORD_BYTES
    )
    await producer.start()
    try:
        return await _send_all(producer, described.name, records)
    except KafkaError as error:
        raise ProduceError(
            f"the broker at {kafka.bootstrap_servers} did not take every record: {error}"
        ) from error
    finally:
        await producer.stop()


async def _send_all(
    producer: AIOKafkaProducer, topic: str, records: Iterable[Record]
) -> list[Place]:
    places: list[Place] = []
    waiting = []
    for number, record in enumerate(records, 1):
        try:
            waiting.append(await producer.send(topic, key=record.key, value=record.value))
        except MessageSizeTooLargeError:
            raise RecordTooLargeError(
                f"record {number} has {len(record.value):,} bytes, more than the "
                f"{MAX_RECORD_BYTES:,} of the contract; send its media by key or url"
            ) from None
        if len(waiting) == _WINDOW_RECORDS:
            places += [_place(await sent) for sent in waiting]
            waiting.clear()
    return places + [_place(await sent) for sent in waiting]


def _place(sent: RecordMetadata) -> Place:
    return Place(sent.partition, sent.offset)

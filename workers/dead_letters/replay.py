"""Sending records again that were set aside, exactly as they first came."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from aiokafka.errors import KafkaError

from schemas import TOPICS
from workers.dead_letters.errors import DeadLettersError
from workers.dead_letters.letters import StoredLetter
from workers.settings import KafkaSettings
from workers.streams import make_producer

REPLAYED_HEADER: Final = "moderation-replayed"
"""Added to a record that is sent again; its value is the id of the dead letter."""


async def replay(kafka: KafkaSettings, letters: Sequence[StoredLetter]) -> None:
    """Send the original bytes to ``posts``, under their key and with their headers, in order.

    They are judged like any other post. Sent twice they are answered twice, under the same id.

    Raises:
        DeadLettersError: a letter came from another topic (then nothing is sent), or the broker
            does not take them.
    """
    topic = kafka.topic(TOPICS.posts)
    for stored in letters:
        if stored.letter.topic != topic:
            raise DeadLettersError(
                f"{stored.id} came from {stored.letter.topic}, and records are sent again to "
                f"{topic} only; is MODERATION_KAFKA_TOPIC_PREFIX right?"
            )
    try:
        producer = make_producer(kafka, client_id="moderation-dead-letters")
        await producer.start()
        try:
            sent = [await producer.send(topic, **_record(stored)) for stored in letters]
            for acknowledgement in sent:
                await acknowledgement
        finally:
            await producer.stop()
    except KafkaError as error:
        raise DeadLettersError(
            f"the broker did not take them all ({type(error).__name__}: {error}); those that it "
            "took are judged, and sending them again does no harm"
        ) from error


def _record(stored: StoredLetter) -> dict[str, object]:
    letter = stored.letter
    headers = [(header.name, header.value) for header in letter.headers]
    return {
        "key": letter.key,
        "value": letter.value,
        "headers": [*headers, (REPLAYED_HEADER, stored.id.encode())],
    }

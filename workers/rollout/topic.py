"""What is asked of the workers of a group, on the topic ``model-rollouts``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from aiokafka.errors import KafkaError
from pydantic import ValidationError

from schemas import TOPICS, ModelRollout
from workers.settings import KafkaSettings
from workers.streams import TopicError, make_producer, read_topic

CLIENT_ID: Final = "moderation-rollout"

NOWHERE: Final = -1
"""In place of the offset of a record that there is not."""


@dataclass(frozen=True, slots=True)
class Published:
    """What the topic asks of a group."""

    rollout: ModelRollout | None = None
    """None where nobody has asked for anything."""
    offset: int = NOWHERE
    """Of the group's newest record."""
    before: int = NOWHERE
    """Of the group's record before that one, unless it is compacted away."""


async def read_rollout(kafka: KafkaSettings, group: str) -> Published:
    """What is asked of the group now.

    Raises:
        TopicError: the topic cannot be read, or the record breaks the contract.
    """
    newest, offset, before = None, NOWHERE, NOWHERE
    async for record in read_topic(kafka, TOPICS.model_rollouts, client_id=CLIENT_ID):
        if record.key == group.encode():
            newest, offset, before = record.value, record.offset, offset
    if newest is None:
        return Published(None, offset, before)
    try:
        return Published(ModelRollout.from_bytes(newest), offset, before)
    except ValidationError as error:
        raise TopicError(
            f"the record of {group} on {kafka.topic(TOPICS.model_rollouts)} breaks the contract "
            f"({error.error_count()} errors): a newer version of this program wrote it, or another "
            "one; use that one"
        ) from error


async def write_rollout(kafka: KafkaSettings, rollout: ModelRollout) -> int:
    """Ask it of the workers; the record's offset, once the broker has it.

    Raises:
        TopicError: the broker does not take it.
    """
    topic = kafka.topic(TOPICS.model_rollouts)
    producer = make_producer(kafka, client_id=CLIENT_ID)
    try:
        await producer.start()
        sent = await producer.send_and_wait(topic, rollout.to_bytes(), rollout.group.encode())
    except KafkaError as error:
        raise TopicError(
            f"{topic} does not take the roll-out ({type(error).__name__}: {error})"
        ) from error
    finally:
        await producer.stop()
    return int(sent.offset)

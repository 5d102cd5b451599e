"""What is asked of the workers of a group, on the topic ``model-rollouts``."""

from __future__ import annotations

from typing import Final

from aiokafka.errors import KafkaError
from pydantic import ValidationError

from schemas import TOPICS, ModelRollout
from workers.settings import KafkaSettings
from workers.streams import TopicError, make_producer, read_topic

CLIENT_ID: Final = "moderation-rollout"


async def read_rollout(kafka: KafkaSettings, group: str) -> ModelRollout | None:
    """The newest record of the group; None where nobody has asked for anything.

    Raises:
        TopicError: the topic cannot be read, or the record breaks the contract.
    """
    newest = None
    async for record in read_topic(kafka, TOPICS.model_rollouts, client_id=CLIENT_ID):
        if record.key == group.encode():
            newest = record.value
    if newest is None:
        return None
    try:
        return ModelRollout.from_bytes(newest)
    except ValidationError as error:
        raise TopicError(
            f"the record of {group} on {kafka.topic(TOPICS.model_rollouts)} breaks the contract "
            f"({error.error_count()} errors): a newer version of this program wrote it, or another "
            "one; use that one"
        ) from error


async def write_rollout(kafka: KafkaSettings, rollout: ModelRollout) -> None:
    """Ask it of the workers; returns when the broker has it.

    Raises:
        TopicError: the broker does not take it.
    """
    topic = kafka.topic(TOPICS.model_rollouts)
    producer = make_producer(kafka, client_id=CLIENT_ID)
    try:
        await producer.start()
        await producer.send_and_wait(topic, rollout.to_bytes(), rollout.group.encode())
    except KafkaError as error:
        raise TopicError(
            f"{topic} does not take the roll-out ({type(error).__name__}: {error})"
        ) from error
    finally:
        await producer.stop()

"""Connect an aiokafka client, or say plainly why not."""

from __future__ import annotations

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.errors import KafkaError

from workers.client.errors import ClientError
from workers.settings import KafkaSettings


async def connect(client: AIOKafkaConsumer | AIOKafkaProducer, kafka: KafkaSettings) -> None:
    """Start the client; it is stopped again where it cannot be.

    Raises:
        ClientError: no broker answers.
    """
    try:
        await client.start()
    except KafkaError as error:
        await client.stop()
        raise ClientError(f"no broker answers at {kafka.bootstrap_servers}: {error}") from error

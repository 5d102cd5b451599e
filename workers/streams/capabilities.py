"""What a broker can do, where brokers differ."""

from __future__ import annotations

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from workers.settings import KafkaSettings
from workers.streams.clients import make_admin
from workers.streams.errors import StreamsError


async def keeps_transactions(kafka: KafkaSettings) -> bool:
    """Whether the broker fences producers and keeps offsets that come in transactions.

    librdkafka's in-process cluster, the embedded development broker, takes transactional requests
    and does neither. It is told by what it has in common with nothing else: no controller.

    Raises:
        StreamsError: the broker does not answer.
    """
    admin = make_admin(kafka)
    try:
        await admin.start()
        return await has_controller(admin)
    except KafkaError as error:
        raise StreamsError(
            f"the broker at {kafka.bootstrap_servers} does not say what it can do: {error}"
        ) from error
    finally:
        await admin.close()


async def has_controller(admin: AIOKafkaAdminClient) -> bool:
    """Whether the cluster names a controller: only that one makes topics by request."""
    cluster = await admin.describe_cluster()
    return cluster["controller_id"] in {broker["node_id"] for broker in cluster["brokers"]}

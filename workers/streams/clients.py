"""aiokafka clients with the settings that the delivery promises rest on."""

from __future__ import annotations

from typing import Any, Final

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient

from workers.settings import KafkaSettings
from workers.streams.limits import MAX_MESSAGE_BYTES

FETCH_MAX_BYTES: Final = 16 * 1024 * 1024
"""Of one fetch response. aiokafka prefetches one response a broker, so this bounds the memory that
waits in the client. A single larger batch still arrives whole."""

PARTITION_FETCH_BYTES: Final = 4 * 1024 * 1024
"""Of one partition in a fetch response, so that a partition full of media starves no other."""

SESSION_TIMEOUT_MS: Final = 10_000
"""A consumer that sends no heartbeat for so long is dead; its partitions go to others."""

HEARTBEAT_INTERVAL_MS: Final = 3_000
"""Well below a third of the session timeout, as Kafka's documentation asks."""

MAX_POLL_INTERVAL_MS: Final = 300_000
"""Kafka's default. Polling goes on while partitions are paused, so it is never near."""

REBALANCE_TIMEOUT_MS: Final = 60_000
"""How long a consumer may drain its work when partitions are taken away; above the longest time
that a batch takes on a slow CPU."""

LINGER_MS: Final = 5
"""How long a record waits for company: one network round trip."""

BATCH_BYTES: Final = 256 * 1024
"""Several hundred verdicts a partition and request."""


def make_consumer(
    kafka: KafkaSettings,
    *topics: str,
    group: str | None = None,
    client_id: str = "moderation",
    session_timeout_ms: int = SESSION_TIMEOUT_MS,
    rebalance_timeout_ms: int = REBALANCE_TIMEOUT_MS,
    **overrides: Any,
) -> AIOKafkaConsumer:
    """A consumer that commits only what it is told to; not yet started.

    It reads from the beginning where nothing is committed, and never a record of a transaction
    that was aborted or is still open.

    Args:
        kafka: how to reach the broker.
        topics: full names, as :meth:`KafkaSettings.topic` gives them. With none, call
            ``subscribe(topics, listener=...)`` before starting.
        group: full group id, as :meth:`KafkaSettings.group` gives it; None reads without a group.
        client_id: shown in the broker's logs and quotas.
        session_timeout_ms: see :data:`SESSION_TIMEOUT_MS`.
        rebalance_timeout_ms: see :data:`REBALANCE_TIMEOUT_MS`.
        overrides: further arguments of :class:`aiokafka.AIOKafkaConsumer`.
    """
    arguments: dict[str, Any] = {
        **kafka.client(),
        "group_id": group,
        "client_id": client_id,
        "enable_auto_commit": False,
        "auto_offset_reset": "earliest",
        "isolation_level": "read_committed",
        "fetch_max_bytes": FETCH_MAX_BYTES,
        "max_partition_fetch_bytes": PARTITION_FETCH_BYTES,
        "session_timeout_ms": session_timeout_ms,
        "heartbeat_interval_ms": min(HEARTBEAT_INTERVAL_MS, session_timeout_ms // 3),
        "max_poll_interval_ms": MAX_POLL_INTERVAL_MS,
        "rebalance_timeout_ms": rebalance_timeout_ms,
    }
    return AIOKafkaConsumer(*topics, **(arguments | overrides))


def make_producer(
    kafka: KafkaSettings,
    *,
    client_id: str = "moderation",
    transactional_id: str | None = None,
    **overrides: Any,
) -> AIOKafkaProducer:
    """An idempotent producer that waits for all in-sync replicas; not yet started.

    Args:
        kafka: how to reach the broker.
        client_id: shown in the broker's logs and quotas.
        transactional_id: full id, as :meth:`KafkaSettings.group` prefixes it; starting the
            producer fences every other one with the same id.
        overrides: further arguments of :class:`aiokafka.AIOKafkaProducer`.
    """
    arguments: dict[str, Any] = {
        **kafka.client(),
        "client_id": client_id,
        "acks": "all",
        "enable_idempotence": True,
        "max_request_size": MAX_MESSAGE_BYTES,
        "max_batch_size": BATCH_BYTES,
        "linger_ms": LINGER_MS,
        "transactional_id": transactional_id,
    }
    return AIOKafkaProducer(**(arguments | overrides))


def make_admin(kafka: KafkaSettings, **overrides: Any) -> AIOKafkaAdminClient:
    """An admin client; not yet started."""
    return AIOKafkaAdminClient(**(kafka.client() | overrides))

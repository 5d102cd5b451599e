"""How Kafka is told what the contract says of each topic."""

from __future__ import annotations

from typing import Final

from schemas import TOPICS, Topic

MAX_MESSAGE_BYTES: Final = max(topic.max_record_bytes for topic in TOPICS)
"""The largest record on any topic: what a producer and a broker must be able to carry."""


def topic_configs(topic: Topic) -> dict[str, str]:
    """The topic's configuration on the broker, as Kafka spells it."""
    return {
        "cleanup.policy": topic.cleanup,
        "retention.ms": str(topic.retention_ms),
        "max.message.bytes": str(topic.max_record_bytes),
    }

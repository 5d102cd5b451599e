"""How large a record may be on each topic.

A post may weigh ``MAX_RECORD_BYTES``. What wraps a post weighs more: a dead letter carries the
original bytes in base64 (4/3 of them), an escalation the post next to its verdict. Were their
topics as narrow as ``posts``, the largest posts could neither be escalated nor set aside, and
would block their partition.
"""

from __future__ import annotations

from typing import Final

from schemas import MAX_RECORD_BYTES, DeadLetter, Escalation, Topic

MAX_MESSAGE_BYTES: Final = 2 * MAX_RECORD_BYTES
"""The largest record on any topic: 4/3 of a post for base64, the rest for keys and reasons."""

_WRAPPERS: Final = (DeadLetter, Escalation)


def max_message_bytes(topic: Topic) -> int:
    """The topic's ``max.message.bytes``."""
    return MAX_MESSAGE_BYTES if issubclass(topic.value, _WRAPPERS) else MAX_RECORD_BYTES


def topic_configs(topic: Topic) -> dict[str, str]:
    """The topic's configuration on the broker, as Kafka spells it."""
    return {
        "cleanup.policy": topic.cleanup,
        "retention.ms": str(topic.retention_ms),
        "max.message.bytes": str(max_message_bytes(topic)),
    }

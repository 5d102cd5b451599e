"""Where the demo's broker comes from: one of our own, or one that runs already."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, cast

from workers.settings import KafkaSettings
from workers.streams import running_broker

OWN_KINDS: Final = ("auto", "apache", "embedded")


@dataclass(frozen=True, slots=True)
class ReachedBroker:
    """A broker that answers, in words and as an address."""

    kind: Literal["apache", "embedded", "external"]
    bootstrap_servers: str
    description: str


@contextmanager
def reached_broker(
    choice: str, data_dir: Path, *, port: int = 0, notify: Callable[[str], None]
) -> Iterator[ReachedBroker]:
    """The broker that ``--broker`` asks for, for as long as the block runs.

    Args:
        choice: one of :data:`OWN_KINDS`, or ``HOST:PORT`` of a broker that runs already.
        data_dir: folder of an own broker's records and logs.
        port: of an own broker; 0 takes a free one.
        notify: told what happens.

    Raises:
        workers.streams.BrokerError: an own broker did not come up.
    """
    if choice not in OWN_KINDS:
        description = f"the broker at {choice}"
        notify(description)
        yield ReachedBroker("external", choice, description)
        return
    kind = cast("Literal['auto', 'apache', 'embedded']", choice)
    with running_broker(kind, port=port, data_dir=data_dir, notify=notify) as broker:
        name = "Apache Kafka" if broker.kind == "apache" else "embedded (librdkafka)"
        yield ReachedBroker(broker.kind, broker.bootstrap_servers, f"{name} {broker.version}")


def on_broker(broker: ReachedBroker, prefix: str) -> KafkaSettings:
    """The environment's Kafka settings, pointed at this broker and prefix."""
    return KafkaSettings(
        bootstrap_servers=broker.bootstrap_servers,
        topic_prefix=prefix,
    )


def as_environment(kafka: KafkaSettings) -> dict[str, str]:
    """What a child process needs to reach the same topics; the rest it inherits."""
    return {
        "MODERATION_KAFKA_BOOTSTRAP_SERVERS": kafka.bootstrap_servers,
        "MODERATION_KAFKA_TOPIC_PREFIX": kafka.topic_prefix,
    }

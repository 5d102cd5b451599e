"""Which kind of broker to run, and why."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from workers.streams.broker.jars import jars_folder, kafka_version
from workers.streams.broker.java import find_java, find_maven
from workers.streams.broker.settings import Kind, KindChoice
from workers.streams.errors import BrokerKindUnavailableError

EMBEDDED_LIMITS = (
    "the embedded broker keeps everything in memory, does not isolate transactions, names its own "
    "port, gives every topic 4 partitions and keeps a few MB of each: good for a look, never for "
    "a claim about delivery"
)


@dataclass(frozen=True, slots=True)
class Choice:
    """A kind that can run here, and why it was taken."""

    kind: Kind
    why: str


def choose_kind(wanted: KindChoice, jars_dir: Path) -> Choice:
    """Decide on a kind.

    Raises:
        BrokerKindUnavailableError: the wanted kind, or with ``auto`` any kind, lacks something; the
            message says what to install.
    """
    if wanted == "embedded":
        require_embedded()
        return Choice("embedded", f"as asked; {EMBEDDED_LIMITS}")
    try:
        require_apache(jars_dir)
    except BrokerKindUnavailableError as missing:
        if wanted == "apache":
            raise
        try:
            require_embedded()
        except BrokerKindUnavailableError as also_missing:
            raise BrokerKindUnavailableError(
                f"no broker can run here: {missing}; {also_missing}"
            ) from missing
        return Choice("embedded", f"{missing}; {EMBEDDED_LIMITS}")
    why = "as asked" if wanted == "apache" else "Java and Maven are here"
    return Choice("apache", f"Apache Kafka {kafka_version()}, {why}")


def require_apache(jars_dir: Path) -> None:
    """Check for what Apache Kafka needs; Maven only while the jars are not there yet.

    Raises:
        BrokerKindUnavailableError: something is missing.
    """
    find_java()
    if not jars_folder(jars_dir).is_dir():
        find_maven()


def require_embedded() -> None:
    """Check for what the embedded broker needs.

    Raises:
        BrokerKindUnavailableError: confluent-kafka is not installed.
    """
    if find_spec("confluent_kafka") is None:
        raise BrokerKindUnavailableError(
            "the embedded broker needs confluent-kafka: pip install 'moderation[embedded]'"
        )

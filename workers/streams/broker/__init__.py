"""The development broker: Apache Kafka as one Java process, or an embedded one without Java."""

from workers.streams.broker.broker import Broker, find_broker, running_broker, start_broker
from workers.streams.broker.choice import (
    EMBEDDED_LIMITS,
    Choice,
    choose_kind,
    require_apache,
    require_embedded,
)
from workers.streams.broker.process import free_ports
from workers.streams.broker.settings import BrokerSettings, Kind, KindChoice

__all__ = [
    "EMBEDDED_LIMITS",
    "Broker",
    "BrokerSettings",
    "Choice",
    "Kind",
    "KindChoice",
    "choose_kind",
    "find_broker",
    "free_ports",
    "require_apache",
    "require_embedded",
    "running_broker",
    "start_broker",
]

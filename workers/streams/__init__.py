"""What every process needs around Kafka: clients, topics, commit watermark, status, dev broker."""

from workers.streams.broker import (
    Broker,
    BrokerSettings,
    find_broker,
    free_ports,
    running_broker,
    start_broker,
)
from workers.streams.capabilities import keeps_transactions
from workers.streams.certificates import watch_certificates
from workers.streams.clients import make_admin, make_consumer, make_producer
from workers.streams.errors import (
    BrokerError,
    BrokerKindUnavailableError,
    BrokerStartError,
    OffsetNeverTakenError,
    OffsetWentBackwardsError,
    StatusServerError,
    StreamsError,
    TopicDriftError,
    TopicError,
    WatermarkError,
    WatermarkFullError,
)
from workers.streams.limits import MAX_MESSAGE_BYTES, topic_configs
from workers.streams.logs import LogFormat, configure_logging, get_logger
from workers.streams.process_metrics import watch_process
from workers.streams.progress import MAX_REACH, Progress
from workers.streams.reading import Stretch, read_topic
from workers.streams.settings import TracingSettings
from workers.streams.shutdown import stop_on_signals
from workers.streams.status_server import Page, Reasons, StatusServer, status_server
from workers.streams.topics import TopicReport, create_topics, describe_topics
from workers.streams.tracing import TRACE_HEADERS, Tracing, open_tracing
from workers.streams.watermark import Watermark, Watermarks

__all__ = [
    "MAX_MESSAGE_BYTES",
    "MAX_REACH",
    "TRACE_HEADERS",
    "Broker",
    "BrokerError",
    "BrokerKindUnavailableError",
    "BrokerSettings",
    "BrokerStartError",
    "LogFormat",
    "OffsetNeverTakenError",
    "OffsetWentBackwardsError",
    "Page",
    "Progress",
    "Reasons",
    "StatusServer",
    "StatusServerError",
    "StreamsError",
    "Stretch",
    "TopicDriftError",
    "TopicError",
    "TopicReport",
    "Tracing",
    "TracingSettings",
    "Watermark",
    "WatermarkError",
    "WatermarkFullError",
    "Watermarks",
    "configure_logging",
    "create_topics",
    "describe_topics",
    "find_broker",
    "free_ports",
    "get_logger",
    "keeps_transactions",
    "make_admin",
    "make_consumer",
    "make_producer",
    "open_tracing",
    "read_topic",
    "running_broker",
    "start_broker",
    "status_server",
    "stop_on_signals",
    "topic_configs",
    "watch_certificates",
    "watch_process",
]

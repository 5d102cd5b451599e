"""The files that Apache Kafka reads: server.properties and the logging configuration."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from workers.streams.limits import MAX_MESSAGE_BYTES

MIB: Final = 1024 * 1024

LOG_FILE_MIB: Final = 10
LOG_FILES: Final = 3


def server_properties(*, port: int, controller_port: int, log_dir: Path) -> str:
    """Broker and controller in one process (KRaft combined mode), one replica of everything.

    Args:
        port: of the clients.
        controller_port: of the controller's own traffic.
        log_dir: where Kafka keeps its records.
    """
    properties = {
        "process.roles": "broker,controller",
        "node.id": 1,
        # A static quorum of one: the ports may change from one start to the next.
        "controller.quorum.voters": f"1@127.0.0.1:{controller_port}",
        "controller.listener.names": "CONTROLLER",
        "listeners": f"PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller_port}",
        "advertised.listeners": f"PLAINTEXT://127.0.0.1:{port}",
        "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
        "log.dirs": log_dir,
        # A topic that nobody made is a typing error, not a topic.
        "auto.create.topics.enable": "false",
        "message.max.bytes": MAX_MESSAGE_BYTES,
        "replica.fetch.max.bytes": MAX_MESSAGE_BYTES,
        # One node holds one replica of the internal topics; few partitions make it start fast.
        "offsets.topic.replication.factor": 1,
        "offsets.topic.num.partitions": 4,
        "transaction.state.log.replication.factor": 1,
        "transaction.state.log.min.isr": 1,
        "transaction.state.log.num.partitions": 4,
        "share.coordinator.state.topic.replication.factor": 1,
        "share.coordinator.state.topic.min.isr": 1,
        "share.coordinator.state.topic.num.partitions": 1,
        # A group of one need not wait for others, and a test may declare a member dead quickly.
        "group.initial.rebalance.delay.ms": 0,
        "group.min.session.timeout.ms": 1000,
        # Small machine, few clients; the cleaner's default buffer alone is 128 MiB of heap.
        "log.cleaner.dedupe.buffer.size": 16 * MIB,
        "log.index.size.max.bytes": MIB,
        "log.segment.bytes": 128 * MIB,
        "num.network.threads": 2,
        "num.io.threads": 4,
    }
    return "".join(f"{name}={value}\n" for name, value in properties.items())


def log4j2_properties(logs_dir: Path) -> str:
    """Kafka's own log: ``server.log``, a few files of a few MiB."""
    return f"""\
status=warn
appender.file.type=RollingFile
appender.file.name=file
appender.file.fileName={logs_dir}/server.log
appender.file.filePattern={logs_dir}/server.log.%i
appender.file.layout.type=PatternLayout
appender.file.layout.pattern=%d{{ISO8601}} %p %m (%c)%n
appender.file.policies.type=Policies
appender.file.policies.size.type=SizeBasedTriggeringPolicy
appender.file.policies.size.size={LOG_FILE_MIB}MB
appender.file.strategy.type=DefaultRolloverStrategy
appender.file.strategy.max={LOG_FILES}
rootLogger.level=info
rootLogger.appenderRef.file.ref=file
"""

"""Apache Kafka as one Java process.

Measured on two cores: 1.3 s from start to the first answer with C1 only and the serial collector,
1.8 s with the JVM's defaults. A class-data archive would save 0.5 s more, and costs 50 MB and a
slow first stop; left out.
"""

from __future__ import annotations

import base64
import subprocess
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Final

from workers.streams.broker.home import BrokerHome
from workers.streams.broker.jars import fetch_jars
from workers.streams.broker.java import find_java
from workers.streams.broker.kafka_files import log4j2_properties, server_properties
from workers.streams.broker.process import free_ports, require_free, tail
from workers.streams.broker.settings import BrokerSettings
from workers.streams.errors import BrokerStartError

FORMAT_SECONDS: Final = 60.0
"""Formatting takes half a second; a busy machine several."""

FAST_START: Final = ("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xshare:auto")


def start_apache(
    settings: BrokerSettings, home: BrokerHome, lock: int, notify: Callable[[str], None]
) -> tuple[subprocess.Popen[bytes], str]:
    """Start the process; it may not answer yet.

    Args:
        settings: port, heap and folders.
        home: the folder, held by ``lock``.
        lock: descriptor that the process inherits.
        notify: told about a download.

    Returns:
        The process, and the address at which it will answer.

    Raises:
        BrokerKindUnavailableError: Java or Maven is missing.
        BrokerStartError: the port is taken, or the jars or the folder cannot be prepared.
    """
    java = find_java()
    jars = fetch_jars(settings.jars_dir, notify)
    if settings.port:
        require_free(settings.port)
    port = settings.port or free_ports(1)[0]
    (controller_port,) = free_ports(1, besides=[port])
    config = home.config_dir / "server.properties"
    config.write_text(
        server_properties(port=port, controller_port=controller_port, log_dir=home.records_dir),
        encoding="utf-8",
    )
    log4j2 = home.config_dir / "log4j2.properties"
    log4j2.write_text(log4j2_properties(home.logs_dir), encoding="utf-8")
    command = [
        str(java),
        *FAST_START,
        f"-Xmx{settings.heap_mib}m",
        f"-Dlog4j2.configurationFile={log4j2}",
        # Kafka logs while it stops; log4j's own hook would close the file first.
        "-Dlog4j2.shutdownHookEnabled=false",
        "-cp",
        f"{jars}/*",
    ]
    _format_once(command, config, home.records_dir)
    console = home.logs_dir / "console.log"
    with console.open("ab") as output:
        process = subprocess.Popen(  # noqa: S603 - the Java that find_java found, with arguments of ours
            [*command, "kafka.Kafka", str(config)],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            pass_fds=[lock],
            # Its own session: Ctrl-C is for the command that started it, which stops it in order.
            start_new_session=True,
        )
    return process, f"127.0.0.1:{port}"


def apache_logs(home: BrokerHome) -> tuple[Path, ...]:
    """What the JVM printed, and Kafka's own log."""
    return home.logs_dir / "console.log", home.logs_dir / "server.log"


def _format_once(command: list[str], config: Path, records_dir: Path) -> None:
    """Write the cluster's id into the folder of records, unless it has one."""
    if (records_dir / "meta.properties").is_file():
        return
    console = records_dir.parent / "logs" / "console.log"
    try:
        with console.open("ab") as output:
            subprocess.run(  # noqa: S603 - the Java that find_java found, with arguments of ours
                [
                    *command,
                    "kafka.tools.StorageTool",
                    "format",
                    "--ignore-formatted",
                    "--cluster-id",
                    _new_cluster_id(),
                    "--config",
                    str(config),
                ],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                timeout=FORMAT_SECONDS,
                check=True,
            )
    except subprocess.SubprocessError as error:
        raise BrokerStartError(
            f"cannot format {records_dir} for Apache Kafka: {error}\n{tail(console)}"
        ) from error


def _new_cluster_id() -> str:
    """A random id as Kafka writes it: 16 bytes in base64url; never led by a dash, as an option."""
    while True:
        name = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
        if not name.startswith("-"):
            return name

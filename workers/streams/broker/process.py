"""The broker's process: wait until it answers, and end it."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Final

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import (
    GroupCoordinatorNotAvailableError,
    GroupLoadInProgressError,
    IncompatibleBrokerVersion,
    KafkaError,
    NotCoordinatorForGroupError,
    for_code,
)

from workers.streams.errors import BrokerStartError
from workers.streams.logs import get_logger

POLL_SECONDS: Final = 0.05
PROBE_TIMEOUT_MS: Final = 5_000
PROBE_GROUP: Final = "moderation-broker-probe"
NOT_YET: Final = (
    GroupCoordinatorNotAvailableError,
    GroupLoadInProgressError,
    NotCoordinatorForGroupError,
)
LOG_TAIL_LINES: Final = 15

log = get_logger(__name__)


def free_ports(count: int, *, besides: Collection[int] = ()) -> list[int]:
    """Ports of 127.0.0.1 that nobody uses now; all different.

    Args:
        count: how many.
        besides: ports that are spoken for, although nobody uses them yet.
    """
    ports: list[int] = []
    with ExitStack() as held:  # until there are enough, so that none comes twice
        while len(ports) < count:
            probe = held.enter_context(socket.socket())
            probe.bind(("127.0.0.1", 0))
            port = int(probe.getsockname()[1])
            if port not in besides:
                ports.append(port)
    return ports


def require_free(port: int) -> None:
    """Check that a port can be had.

    Raises:
        BrokerStartError: somebody listens on it.
    """
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise BrokerStartError(
                f"port {port} of 127.0.0.1 is taken ({error.strerror}); stop what uses it, or give "
                "--port 0 for a free one"
            ) from error


def wait_until(
    ready: Callable[[], bool],
    process: subprocess.Popen[bytes],
    *,
    seconds: float,
    logs: Sequence[Path],
) -> None:
    """Wait until ``ready`` says so.

    Raises:
        BrokerStartError: the process ended before, or the time was over; with the end of its logs.
    """
    deadline = time.monotonic() + seconds
    while not ready():
        code = process.poll()
        if code is not None:
            raise BrokerStartError(
                f"the broker ended with status {code} before it answered:\n{tail(*logs)}"
            )
        if time.monotonic() > deadline:
            raise BrokerStartError(
                f"the broker did not answer within {seconds:g} s:\n{tail(*logs)}"
            )
        time.sleep(POLL_SECONDS)


def answers(bootstrap_servers: str) -> bool:
    """Whether a broker serves clients: it names itself, and consumer groups can form.

    Asking for a group makes the internal topic of offsets. Without the question the first consumer
    would wait for that, and log errors meanwhile.

    May be called from a thread that runs an event loop; it blocks that thread.
    """
    host, _, port = bootstrap_servers.rpartition(":")
    # A plain connection first: asking a closed port for metadata would fill the log with errors.
    try:
        socket.create_connection((host, int(port)), timeout=PROBE_TIMEOUT_MS / 1000).close()
    except OSError:
        return False
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, _serves(bootstrap_servers)).result()


async def _serves(bootstrap_servers: str) -> bool:
    admin = AIOKafkaAdminClient(
        bootstrap_servers=bootstrap_servers, request_timeout_ms=PROBE_TIMEOUT_MS
    )
    try:
        await admin.start()
        cluster = await admin.describe_cluster()
        return bool(cluster["brokers"]) and await _serves_groups(admin)
    except (KafkaError, OSError):
        return False
    finally:
        await admin.close()


async def _serves_groups(admin: AIOKafkaAdminClient) -> bool:
    coordinator = await admin.find_coordinator(PROBE_GROUP)
    try:
        responses = await admin.describe_consumer_groups([PROBE_GROUP], coordinator)
    except IncompatibleBrokerVersion:
        return True  # the embedded broker describes no groups; it has them from the start
    codes = {group[0] for response in responses for group in response.groups}
    return not any(issubclass(for_code(code), NOT_YET) for code in codes)


def end(process: subprocess.Popen[bytes], *, seconds: float) -> None:
    """Ask a child to stop; kill it when it does not within the time."""
    if process.poll() is None:
        process.terminate()
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        log.warning("broker did not stop in time, killing it", pid=process.pid)
        process.kill()
        process.wait()


def end_stranger(pid: int, is_running: Callable[[], bool], *, seconds: float) -> None:
    """:func:`end` for a broker that another process started.

    Args:
        pid: its process id; the caller knows by the folder's lock that it lives.
        is_running: whether it still does.
        seconds: how long it may take before it is killed.

    Raises:
        BrokerStartError: it survived even that.
    """
    for number in (signal.SIGTERM, signal.SIGKILL):
        with suppress(ProcessLookupError):
            os.kill(pid, number)
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if not is_running():
                return
            time.sleep(POLL_SECONDS)
        log.warning("broker did not stop in time", pid=pid, signal=number.name)
    raise BrokerStartError(f"the broker (process {pid}) does not stop; end it by hand")


def tail(*logs: Path) -> str:
    """The end of each log that holds something, for an error message."""
    parts = []
    for log_file in logs:
        text = log_file.read_text(encoding="utf-8", errors="replace") if log_file.is_file() else ""
        if text:
            parts += [*text.splitlines()[-LOG_TAIL_LINES:], f"(from {log_file})"]
    return "\n".join(parts)

"""The child process of the embedded broker; run by ``python -m`` with a file for its address.

Args: the file, and ``--detached`` when it shall outlive the process that started it.
"""

from __future__ import annotations

import signal
import sys
import threading
from pathlib import Path
from typing import Final

ADDRESS_SECONDS: Final = 10.0
"""The cluster names its port within milliseconds."""


def serve(address: Path, *, detached: bool) -> None:
    """Hold the cluster until SIGTERM; unless detached also until the parent is gone."""
    from confluent_kafka import Producer

    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    # The client's own address is replaced by that of the cluster which it hosts.
    host = Producer({"bootstrap.servers": "127.0.0.1:1", "test.mock.num.brokers": 1})
    brokers = host.list_topics(timeout=ADDRESS_SECONDS).brokers.values()
    fresh = address.with_suffix(".fresh")
    fresh.write_text(",".join(f"{broker.host}:{broker.port}" for broker in brokers))
    fresh.replace(address)
    if not detached:
        # The other end of standard input closes when the parent ends, even by SIGKILL.
        threading.Thread(target=_stop_at_end_of_input, args=(stop,), daemon=True).start()
    stop.wait()


def _stop_at_end_of_input(stop: threading.Event) -> None:
    sys.stdin.read()
    stop.set()


if __name__ == "__main__":
    serve(Path(sys.argv[1]), detached="--detached" in sys.argv[2:])

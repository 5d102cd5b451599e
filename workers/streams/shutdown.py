"""Stop in an orderly way: the first signal asks, the second one insists."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from workers.streams.logs import get_logger

SIGNALS: Final = (signal.SIGTERM, signal.SIGINT)

SIGNAL_EXIT_BASE: Final = 128
"""A process ended by signal N exits with 128 + N, as shells say it."""

log = get_logger(__name__)


@contextmanager
def stop_on_signals() -> Iterator[asyncio.Event]:
    """An event that SIGTERM or SIGINT sets; call it on the main thread's running event loop.

    The event asks the process to drain. A second signal ends the process at once, without draining:
    uncommitted records are then read again by whoever takes over.
    """
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()

    def on_signal(received: signal.Signals) -> None:
        if stop.is_set():
            log.error("second signal, leaving without draining", signal=received.name)
            logging.shutdown()
            os._exit(SIGNAL_EXIT_BASE + received)
        log.info("stopping: draining what is in flight", signal=received.name)
        stop.set()

    for number in SIGNALS:
        loop.add_signal_handler(number, on_signal, number)
    try:
        yield stop
    finally:
        for number in SIGNALS:
            loop.remove_signal_handler(number)

"""A worker's process, as the harness holds it.

Importing what a worker needs takes seconds, and a run starts a worker after almost every fault. So
it is done once, by a server from which every worker is forked.
"""

from __future__ import annotations

import multiprocessing
import os
import re
import signal
import sys
import urllib.request
from collections.abc import Mapping
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Final

from bench.faults.orders import Order
from bench.faults.standstill import stands_still
from bench.faults.worker import READY, main

PRELOADED: Final = ("bench.faults.worker", "bench.faults.run", "moderation.inference")
"""What workers import, torch included: it is what an out-of-memory error is made of. And what the
harness's own program imports, as every new process does that again."""

HTTP_SECONDS: Final = 2.0
STOP_SECONDS: Final = 120.0
"""For draining and the last commit, on a busy machine."""


class WorkerProcess:
    """One process of :mod:`bench.faults.worker`.

    Args:
        name: for people.
        environment: its settings.
        log: what it prints.
        first: orders that it has before it begins.
    """

    def __init__(
        self, name: str, environment: Mapping[str, str], log: Path, first: tuple[Order, ...] = ()
    ) -> None:
        self.name = name
        self.log = log
        self.frozen = False
        log.touch()
        server = multiprocessing.get_context("forkserver")
        server.set_forkserver_preload(list(PRELOADED))
        received, self._orders = server.Pipe(duplex=False)
        for order in first:
            self.give(order)
        # No daemon: those may not have children, and a worker decodes in some.
        self._process = server.Process(
            target=_work, args=(dict(environment), log, received), name=name, daemon=False
        )
        self._process.start()
        received.close()

    def __str__(self) -> str:
        return f"{self.name} ({self._process.pid})"

    @property
    def exit_code(self) -> int | None:
        """None while it runs; negative for the signal that ended it."""
        return self._process.exitcode

    @property
    def alive(self) -> bool:
        """Whether the process is there, frozen or not."""
        return self.exit_code is None

    @property
    def stands_still(self) -> bool:
        """Whether the operating system has stopped it."""
        return stands_still(self._process.pid)

    def said(self, words: str) -> int:
        """How often the words are in its log."""
        return self._printed().count(words)

    def is_ready(self) -> bool:
        """Whether it is warm and has partitions."""
        return self._page("readyz") is not None

    def judges_by(self, policy: str) -> bool:
        """Whether its metrics name this policy."""
        return f'moderation_policy_info{{version="{policy}"}} 1.0' in (self._page("metrics") or "")

    def give(self, order: Order) -> None:
        """Tell it what to suffer; one that has just ended suffers no more."""
        with suppress(BrokenPipeError):
            self._orders.send(order)

    def kill(self) -> None:
        """End it at once."""
        self._process.kill()
        self.wait()

    def freeze(self) -> None:
        """Let it stand still."""
        self._signal(signal.SIGSTOP)
        self.frozen = True

    def thaw(self) -> None:
        """Let it go on, as if nothing had been."""
        self._signal(signal.SIGCONT)
        self.frozen = False

    def ask_to_stop(self) -> None:
        """SIGTERM."""
        self._process.terminate()

    def wait(self) -> int | None:
        """Wait for its end; returns the exit code, None when it does not end in time."""
        self._process.join(STOP_SECONDS)
        return self.exit_code

    def _page(self, name: str) -> str | None:
        """What it answers, None where it does not, or has a complaint."""
        found = re.search(rf"{READY} (\S+)", self._printed())
        if found is None or not self.alive:
            return None
        page = f"{found[1]}/{name}"
        try:
            with urllib.request.urlopen(page, timeout=HTTP_SECONDS) as answer:  # noqa: S310 - always http, of a worker on this machine
                return bytes(answer.read()).decode()
        except OSError:
            return None

    def _printed(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace")

    def _signal(self, number: signal.Signals) -> None:
        if self._process.pid is not None and self.alive:
            os.kill(self._process.pid, number)


def _work(environment: dict[str, str], log: Path, orders: Connection) -> None:
    """What the new process does."""
    os.environ.update(environment)
    output = os.open(log, os.O_WRONLY | os.O_APPEND)
    for standard in (sys.stdout, sys.stderr):
        os.dup2(output, standard.fileno())
    sys.exit(main(orders))

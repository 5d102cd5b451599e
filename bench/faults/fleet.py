"""The workers of a run: as many as wanted, started anew when they end, as an orchestrator would."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

from bench.faults.orders import Order
from bench.faults.process import WorkerProcess
from bench.faults.waiting import until
from bench.faults.worker import GIVES_UP

START_SECONDS: Final = 180.0
"""For the modules, the model and a rebalance, on a busy machine."""


class Fleet:
    """Worker processes in one group.

    Args:
        environment: their settings.
        folder: for their logs.
        wanted: how many run when all is well.
        tell: told when a worker ends that nobody ended.
    """

    def __init__(
        self,
        environment: Mapping[str, str],
        folder: Path,
        *,
        wanted: int,
        tell: Callable[[str], object],
    ) -> None:
        self._environment = environment
        self._folder = folder
        self.wanted = wanted
        self._tell = tell
        self._started = 0
        self._workers: list[WorkerProcess] = []
        self.gave_up = 0
        """Workers that ended by themselves, in words: not killed, not asked to stop."""
        self.crashes: list[str] = []
        """Those that ended without a word, or otherwise than they were asked to."""

    @property
    def working(self) -> list[WorkerProcess]:
        """Those that live and are not frozen."""
        return [worker for worker in self._workers if worker.alive and not worker.frozen]

    def add(self, *first: Order) -> WorkerProcess:
        """One more."""
        self._started += 1
        name = f"worker-{self._started}"
        worker = WorkerProcess(name, self._environment, self._folder / f"{name}.log", first)
        self._workers.append(worker)
        return worker

    def tend(self) -> None:
        """Put workers that have ended out of the list, and start others until there are enough."""
        for worker in [one for one in self._workers if not one.alive]:
            self.drop(worker)
            end = f"{worker} ended by itself with {worker.exit_code}; see {worker.log}"
            self._tell(end)
            if worker.said(GIVES_UP):
                self.gave_up += 1
            else:
                self.crashes.append(end)
        while len(self._workers) < self.wanted:
            self.add()

    def drop(self, worker: WorkerProcess) -> None:
        """Its end is known: nobody is surprised."""
        self._workers.remove(worker)

    def wait_ready(self) -> None:
        """Wait until every worker that is not frozen has partitions.

        Raises:
            StalledError: one has none.
        """
        until(
            lambda: all(worker.is_ready() for worker in self.working),
            seconds=START_SECONDS,
            describe=f"every worker has partitions ({', '.join(map(str, self.working))})",
            tend=self.tend,
        )

    def choose(self, draw: random.Random) -> WorkerProcess:
        """One that works, once all do.

        Raises:
            StalledError: as :meth:`wait_ready`.
        """
        self.wait_ready()
        return draw.choice(self.working)

    def kill(self, worker: WorkerProcess) -> None:
        """End it at once, and know of it."""
        worker.kill()
        self.drop(worker)

    def stop(self, worker: WorkerProcess) -> int | None:
        """Ask it to stop, and wait; returns its exit code."""
        return self._stopped([worker])[0]

    def stop_all(self) -> list[int | None]:
        """Ask all to stop, and wait; returns their exit codes."""
        return self._stopped(list(self._workers))

    def _stopped(self, workers: Sequence[WorkerProcess]) -> list[int | None]:
        for worker in workers:
            worker.ask_to_stop()
        codes = [worker.wait() for worker in workers]
        for worker, code in zip(workers, codes, strict=True):
            self.drop(worker)
            if code is None:
                worker.kill()
            if code != 0:
                self.crashes.append(f"{worker} was asked to stop and ended with {code}")
        return codes

    def kill_all(self) -> None:
        """Leave nothing behind."""
        for worker in list(self._workers):
            self.kill(worker)

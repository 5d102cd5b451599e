"""A process that is measured: its CPU time and memory while it runs, with its children."""

from __future__ import annotations

import bisect
import os
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psutil

SAMPLE_SECONDS: Final = 0.1
STOP_SECONDS: Final = 20.0
LOG_TAIL: Final = 3_000  # characters of the log that an error quotes


class ProcessEndedError(RuntimeError):
    """A process that was measured ended by itself; the message holds the end of its log."""


@dataclass(frozen=True, slots=True)
class Sample:
    """At a moment of the wall clock: CPU seconds since the start, and resident memory."""

    at: float
    cpu_seconds: float
    rss_bytes: int


class Measured:
    """A running process and its samples."""

    def __init__(self, process: subprocess.Popen[bytes], log: Path) -> None:
        self._process = process
        self._log = log
        self._samples: list[Sample] = []
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._sample, daemon=True)
        self._thread.start()

    @property
    def samples(self) -> Sequence[Sample]:
        """All so far, in order of time."""
        return self._samples

    @property
    def log(self) -> str:
        """What it has printed."""
        return self._log.read_text(encoding="utf-8", errors="replace")

    def require_alive(self) -> None:
        """Check that it runs.

        Raises:
            ProcessEndedError: it does not.
        """
        code = self._process.poll()
        if code is not None:
            raise ProcessEndedError(f"ended with {code}:\n{self.log[-LOG_TAIL:]}")

    def cpu_at(self, at: float) -> float:
        """CPU seconds up to a moment of the wall clock, between the samples around it."""
        times = [sample.at for sample in self._samples]
        after = bisect.bisect_left(times, at)
        if after == 0 or after == len(times):
            return self._samples[min(after, len(times) - 1)].cpu_seconds
        first, second = self._samples[after - 1], self._samples[after]
        share = (at - first.at) / (second.at - first.at)
        return first.cpu_seconds + share * (second.cpu_seconds - first.cpu_seconds)

    def end(self) -> None:
        """Stop sampling, ask the process to stop, and see to it that it and its children do."""
        self._stop.set()
        self._thread.join()
        family = _family(self._process.pid)
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            try:
                self._process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.kill()
        self._process.wait()
        for child in family[1:]:
            if child.is_running():
                child.kill()

    def _sample(self) -> None:
        while not self._stop.wait(SAMPLE_SECONDS):
            cpu, rss = 0.0, 0
            for process in _family(self._process.pid):
                try:
                    times = process.cpu_times()
                    cpu += times.user + times.system
                    rss += process.memory_info().rss
                except psutil.Error:
                    continue  # it ended meanwhile
            if cpu:
                self._samples.append(Sample(time.time(), cpu, rss))


def _family(pid: int) -> list[psutil.Process]:
    try:
        parent = psutil.Process(pid)
        return [parent, *parent.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


@contextmanager
def measured(command: Sequence[str], environment: Mapping[str, str]) -> Iterator[Measured]:
    """A process with these variables beside those of this one; ended with the block."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        log = Path(folder) / "log"
        with log.open("wb") as output:
            process = subprocess.Popen(  # noqa: S603 - commands of ours, with arguments of ours
                command,
                env={**os.environ, "PYTHONUNBUFFERED": "1", **environment},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        running = Measured(process, log)
        try:
            yield running
        finally:
            running.end()

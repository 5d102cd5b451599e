"""The real worker as a process of its own, which a test may ask to stop, or kill."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families

from tests.support.waiting import eventually
from workers.settings import KafkaSettings

COMMAND = (sys.executable, "-c", "from workers.cli import main; main()", "worker")

START_SECONDS = 60.0
STOP_SECONDS = 40.0
HTTP_SECONDS = 5.0


class WorkerProcess:
    """A ``moderation worker`` that runs."""

    def __init__(self, process: subprocess.Popen[bytes], log_file: Path) -> None:
        self.process = process
        self.log_file = log_file

    @property
    def log(self) -> str:
        """Everything that it printed so far."""
        return self.log_file.read_text(encoding="utf-8")

    @property
    def url(self) -> str | None:
        """Where it answers; None until it says so."""
        match = re.search(r"(http://\S+)/readyz", self.log)
        return match[1] if match else None

    def require_alive(self) -> None:
        if self.process.poll() is not None:
            raise AssertionError(
                f"the worker ended with {self.process.returncode}:\n{self.log[-4000:]}"
            )

    def is_ready(self) -> bool:
        self.require_alive()
        try:
            return self.url is not None and self._get("/readyz") is not None
        except urllib.error.HTTPError:
            return False

    def wait_ready(self) -> None:
        eventually(self.is_ready, within_seconds=START_SECONDS, describe="worker is ready")

    def total(self, name: str, **labels: str) -> float:
        """The sum of a metric's samples whose labels hold these values."""
        self.require_alive()
        return sum(
            sample.value
            for family in text_string_to_metric_families(self._get("/metrics"))
            for sample in family.samples
            if sample.name == name and labels.items() <= sample.labels.items()
        )

    def stop(self) -> int:
        """Ask it to stop, and wait; returns its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(STOP_SECONDS)

    def kill(self) -> None:
        """End it at once, as a power cut would."""
        self.process.kill()
        self.process.wait()

    def _get(self, path: str) -> str:
        with urllib.request.urlopen(f"{self.url}{path}", timeout=HTTP_SECONDS) as response:
            body: bytes = response.read()
        return body.decode()


@contextmanager
def running_worker(
    kafka: KafkaSettings, folder: Path, **settings: object
) -> Iterator[WorkerProcess]:
    """A worker with a constant scorer, ready; killed at the end of the block if it still runs.

    Args:
        kafka: where it reads and writes.
        folder: for its log.
        settings: of the worker, by field name.
    """
    given = {"model": "constant", "http_port": 0, "author_signals": False} | settings
    environment = {
        **os.environ,
        "PYTHONUNBUFFERED": "1",
        "MODERATION_KAFKA_BOOTSTRAP_SERVERS": kafka.bootstrap_servers,
        "MODERATION_KAFKA_TOPIC_PREFIX": kafka.topic_prefix,
        **{f"MODERATION_WORKER_{name.upper()}": str(value) for name, value in given.items()},
    }
    folder.mkdir(parents=True, exist_ok=True)
    log_file = folder / f"worker-{len(list(folder.glob('worker-*.log')))}.log"
    with (
        log_file.open("wb") as output,
        subprocess.Popen(
            COMMAND,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        ) as process,
    ):
        worker = WorkerProcess(process, log_file)
        try:
            worker.wait_ready()
            yield worker
        finally:
            worker.kill()

"""The real worker as a process of its own, which a test may ask to stop, or kill.

Importing torch and transformers takes ten seconds of CPU, so it is done once: every worker is
forked from a server that holds the modules, and then runs what ``moderation worker`` runs.
"""

from __future__ import annotations

import multiprocessing
import os
import re
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.process import BaseProcess
from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families
from pydantic import SecretStr

from tests.support.waiting import DeadlineExceededError, eventually
from workers.settings import KafkaSettings

PRELOADED = ("workers.moderator.process", "moderation.scoring")

START_SECONDS = 120.0
"""Most of it for the modules, on a busy machine."""

STOP_SECONDS = 40.0
HTTP_SECONDS = 5.0


class WorkerProcess:
    """A ``moderation worker`` that runs."""

    def __init__(self, process: BaseProcess, log_file: Path) -> None:
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
        if not self.process.is_alive():
            raise AssertionError(
                f"the worker ended with {self.process.exitcode}:\n{self.log[-4000:]}"
            )

    def is_ready(self) -> bool:
        self.require_alive()
        try:
            return self.url is not None and self._get("/readyz") is not None
        except urllib.error.HTTPError:
            return False

    def wait_ready(self) -> None:
        try:
            eventually(self.is_ready, within_seconds=START_SECONDS, describe="worker is ready")
        except DeadlineExceededError as error:
            raise AssertionError(f"{error}; its log:\n{self.log[-4000:]}") from error

    def total(self, name: str, **labels: str) -> float:
        """The sum of a metric's samples whose labels hold these values."""
        self.require_alive()
        return sum(
            sample.value
            for family in text_string_to_metric_families(self._get("/metrics"))
            for sample in family.samples
            if sample.name == name and labels.items() <= sample.labels.items()
        )

    def metrics(self) -> str:
        """Everything that /metrics says."""
        return self._get("/metrics")

    def stop(self) -> int | None:
        """Ask it to stop, and wait; returns its exit code, None when it did not stop in time."""
        self.process.terminate()
        self.process.join(STOP_SECONDS)
        return self.process.exitcode

    def kill(self) -> None:
        """End it at once, as a power cut would."""
        self.process.kill()
        self.process.join()

    def _get(self, path: str) -> str:
        with urllib.request.urlopen(f"{self.url}{path}", timeout=HTTP_SECONDS) as response:
            body: bytes = response.read()
        return body.decode()


def kafka_environment(kafka: KafkaSettings) -> dict[str, str]:
    """The variables that make a process reach the broker as these settings do."""
    given = {name: getattr(kafka, name) for name in kafka.model_fields_set}
    return {
        f"MODERATION_KAFKA_{name.upper()}": value.get_secret_value()
        if isinstance(value, SecretStr)
        else str(value)
        for name, value in given.items()
        if value is not None
    }


@contextmanager
def running_worker(
    kafka: KafkaSettings, folder: Path, **settings: object
) -> Iterator[WorkerProcess]:
    """A worker with a constant scorer; killed at the end of the block if it still runs.

    It may not be ready yet, so that several can start side by side.

    Args:
        kafka: where it reads and writes.
        folder: for its log.
        settings: of the worker, by field name.
    """
    given = {"model": "constant", "http_port": 0, "author_signals": False} | settings
    environment = {
        **kafka_environment(kafka),
        **{f"MODERATION_WORKER_{name.upper()}": str(value) for name, value in given.items()},
    }
    folder.mkdir(parents=True, exist_ok=True)
    log_file = folder / f"worker-{len(list(folder.glob('worker-*.log')))}.log"
    log_file.touch()
    server = multiprocessing.get_context("forkserver")
    server.set_forkserver_preload(list(PRELOADED))
    process = server.Process(target=_work, args=(environment, log_file), daemon=True)
    process.start()
    worker = WorkerProcess(process, log_file)
    try:
        yield worker
    finally:
        worker.kill()
        process.close()


def _work(environment: dict[str, str], log_file: Path) -> None:
    """What the new process does."""
    os.environ.update(environment)
    output = os.open(log_file, os.O_WRONLY | os.O_APPEND)
    for standard in (sys.stdout, sys.stderr):
        os.dup2(output, standard.fileno())
    # Imported here: the test's own process needs neither torch nor transformers.
    from workers.moderator.process import run

    sys.exit(run())

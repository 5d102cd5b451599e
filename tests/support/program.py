"""A `moderation` command as a process of its own, as it runs in production."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import ClassVar, Self

from prometheus_client.parser import text_string_to_metric_families

from tests.support.waiting import eventually
from workers.settings import KafkaSettings

START_SECONDS = 120.0
"""Above the session timeout of a killed process, whose partitions must be given up first."""

STOP_SECONDS = 30.0
HTTP_SECONDS = 5.0


class Program:
    """A command that runs; what it prints goes into a log file."""

    command: ClassVar[str]
    """The word after `moderation`."""

    url_pattern: ClassVar[str]
    """What it prints when it serves; the group is the address."""

    def __init__(self, process: subprocess.Popen[bytes], log: Path) -> None:
        self.process = process
        self.log = log

    @classmethod
    @contextmanager
    def running(
        cls, kafka: KafkaSettings, folder: Path, environment: Mapping[str, str]
    ) -> Iterator[Self]:
        """The command, ready, with its log in ``folder``; killed at the end if it still runs."""
        folder.mkdir(parents=True, exist_ok=True)
        log = folder / f"{cls.command}-{len(list(folder.glob('*.log')))}.log"
        with (
            log.open("wb") as output,
            subprocess.Popen(
                [Path(sys.executable).with_name("moderation"), cls.command],
                env={
                    **os.environ,
                    "PYTHONUNBUFFERED": "1",
                    "MODERATION_KAFKA_BOOTSTRAP_SERVERS": kafka.bootstrap_servers,
                    "MODERATION_KAFKA_TOPIC_PREFIX": kafka.topic_prefix,
                    **environment,
                },
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            ) as process,
        ):
            program = cls(process, log)
            try:
                eventually(
                    program.ready,
                    within_seconds=START_SECONDS,
                    describe=f"moderation {cls.command} is ready",
                )
                yield program
            finally:
                if process.poll() is None:
                    program.kill()

    def printed(self, pattern: str) -> str:
        """What was printed in place of the pattern's group; empty until it has been."""
        found = re.search(pattern, self.log.read_text())
        return found.group(1) if found else ""

    @property
    def url(self) -> str:
        return self.printed(self.url_pattern)

    def ready(self) -> bool:
        code = self.process.poll()
        assert code is None, f"{self.command} ended with {code}:\n{self.log.read_text()}"
        try:
            return bool(self.url) and bool(self._get("/readyz"))
        except urllib.error.HTTPError:
            return False

    def metric(self, name: str, **labels: str) -> float:
        """The metric's value, summed over the series that carry the labels."""
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
        self.process.wait(STOP_SECONDS)

    def _get(self, path: str) -> str:
        with urllib.request.urlopen(self.url + path, timeout=HTTP_SECONDS) as answer:
            body: bytes = answer.read()
        return body.decode()

"""`moderation review` as a process of its own, as it runs in production."""

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
from dataclasses import dataclass
from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families

from tests.support.waiting import eventually
from workers.settings import KafkaSettings

START_SECONDS = 90.0
STOP_SECONDS = 30.0

NAME = "reviewer"
COMMAND = (sys.executable, "-c", "from workers.cli import main; main()")


@dataclass
class ConsoleProcess:
    """A running console. ``password`` is the one that it printed."""

    process: subprocess.Popen[bytes]
    log: Path

    def printed(self, pattern: str) -> str:
        """What the console printed in place of the pattern's group; empty until it has."""
        found = re.search(pattern, self.log.read_text())
        return found.group(1) if found else ""

    @property
    def url(self) -> str:
        return self.printed(r"Review console: (http://\S+)")

    @property
    def password(self) -> str:
        return self.printed(rf"Account {NAME}, password (\S+)")

    def ready(self) -> bool:
        code = self.process.poll()
        assert code is None, f"the console ended with {code}:\n{self.log.read_text()}"
        if not self.url:
            return False
        try:
            with urllib.request.urlopen(f"{self.url}/readyz", timeout=5) as answer:
                return bool(answer.status == 200)
        except urllib.error.HTTPError:
            return False

    def metric(self, name: str, **labels: str) -> float:
        """The metric's value, summed over the series that carry the labels."""
        with urllib.request.urlopen(f"{self.url}/metrics", timeout=5) as answer:
            families = text_string_to_metric_families(answer.read().decode())
        return sum(
            sample.value
            for family in families
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


def console_environment(kafka: KafkaSettings, folder: Path, **settings: str) -> dict[str, str]:
    """The environment of a console that keeps its database in ``folder``."""
    given = {"port": "0", "database_url": f"sqlite+aiosqlite:///{folder}/review.db"} | settings
    return {
        **os.environ,
        "PYTHONUNBUFFERED": "1",
        "MODERATION_KAFKA_BOOTSTRAP_SERVERS": kafka.bootstrap_servers,
        "MODERATION_KAFKA_TOPIC_PREFIX": kafka.topic_prefix,
        **{f"MODERATION_REVIEW_{name.upper()}": value for name, value in given.items()},
    }


@contextmanager
def running_console(
    kafka: KafkaSettings, folder: Path, **settings: str
) -> Iterator[ConsoleProcess]:
    """A console that is ready, with its database and log in ``folder``; ended at the end."""
    folder.mkdir(parents=True, exist_ok=True)
    log = folder / f"console-{len(list(folder.glob('*.log')))}.log"
    with (
        log.open("wb") as output,
        subprocess.Popen(
            [*COMMAND, "review"],
            env=console_environment(kafka, folder, **settings),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        ) as process,
    ):
        console = ConsoleProcess(process, log)
        try:
            eventually(console.ready, within_seconds=START_SECONDS, describe="the console is ready")
            yield console
        finally:
            if process.poll() is None:
                console.kill()

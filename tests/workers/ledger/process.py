"""`moderation ledger` as a process of its own, as it runs in production."""

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
from dataclasses import dataclass
from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families

from tests.support.waiting import eventually
from workers.settings import KafkaSettings

START_SECONDS = 120.0
"""Above the session timeout of a killed ledger, whose partitions must be given up first."""

STOP_SECONDS = 30.0

_STATUS = re.compile(r"status=(http://\S+)")


@dataclass
class LedgerProcess:
    """A running ledger."""

    process: subprocess.Popen[bytes]
    log: Path

    @property
    def url(self) -> str:
        found = _STATUS.search(self.log.read_text())
        return found.group(1) if found else ""

    def ready(self) -> bool:
        code = self.process.poll()
        assert code is None, f"the ledger ended with {code}:\n{self.log.read_text()}"
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
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(STOP_SECONDS)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(STOP_SECONDS)


@contextmanager
def running_ledger(
    kafka: KafkaSettings, folder: Path, settings: Mapping[str, str] | None = None
) -> Iterator[LedgerProcess]:
    """A ledger that is ready, with its tables and log in ``folder``; stopped at the end."""
    folder.mkdir(parents=True, exist_ok=True)
    log = folder / f"ledger-{len(list(folder.glob('*.log')))}.log"
    environment = os.environ | {
        "MODERATION_KAFKA_BOOTSTRAP_SERVERS": kafka.bootstrap_servers,
        "MODERATION_KAFKA_TOPIC_PREFIX": kafka.topic_prefix,
        "MODERATION_LEDGER_DATA_DIR": str(folder / "tables"),
        "MODERATION_LEDGER_HTTP_PORT": "0",
        **(settings or {}),
    }
    moderation = Path(sys.executable).with_name("moderation")
    with log.open("wb") as output:
        process = subprocess.Popen(
            [moderation, "ledger"], env=environment, stdout=output, stderr=output
        )
    ledger = LedgerProcess(process, log)
    try:
        eventually(ledger.ready, within_seconds=START_SECONDS, describe="the ledger is ready")
        yield ledger
    finally:
        if process.poll() is None:
            ledger.kill()

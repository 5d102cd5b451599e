"""A real Prometheus server that scrapes what a test has started."""

from __future__ import annotations

import json
import math
import shutil
import socket
import subprocess
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.waiting import eventually

SCRAPE_INTERVAL_SECONDS = 1
"""A second instead of ten, so that a rate exists after a few."""

READY_SECONDS = 30.0
HTTP_SECONDS = 5.0


def require_program(name: str) -> str:
    """The path of ``prometheus`` or ``promtool``; skips the test where it is missing."""
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not installed; on Debian: apt-get install prometheus")
    return found


@dataclass(frozen=True)
class Sample:
    """One series of an answer."""

    labels: Mapping[str, str]
    value: float

    @property
    def is_finite(self) -> bool:
        return math.isfinite(self.value)


class QueryError(Exception):
    """Prometheus refused the query."""


@dataclass(frozen=True)
class Prometheus:
    """A running server."""

    url: str

    def query(self, expression: str) -> list[Sample]:
        """Evaluate now.

        Raises:
            QueryError: the expression is wrong; the message is Prometheus's own.
        """
        answer = self._get("/api/v1/query", query=expression)["data"]["result"]
        return [Sample(one["metric"], float(one["value"][1])) for one in answer]

    def jobs_up(self) -> set[str]:
        """Jobs whose every target was read at the last scrape."""
        targets = self._get("/api/v1/targets", state="active")["data"]["activeTargets"]
        down = {one["labels"]["job"] for one in targets if one["health"] != "up"}
        return {one["labels"]["job"] for one in targets} - down

    def is_ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/-/ready", timeout=HTTP_SECONDS):
                return True
        except OSError:
            return False

    def _get(self, path: str, **parameters: str) -> dict[str, Any]:
        url = f"{self.url}{path}?{urllib.parse.urlencode(parameters)}"
        try:
            with urllib.request.urlopen(url, timeout=HTTP_SECONDS) as answer:
                found: dict[str, Any] = json.load(answer)
        except urllib.error.HTTPError as error:
            raise QueryError(json.load(error)["error"]) from None
        return found


@contextmanager
def running_prometheus(
    jobs: Mapping[str, str], folder: Path, *, rules: Path | None = None
) -> Iterator[Prometheus]:
    """A server that reads ``host:port`` of each job every second; stopped at the end."""
    program = require_program("prometheus")
    folder.mkdir(parents=True, exist_ok=True)
    config = folder / "prometheus.yml"
    config.write_text(
        yaml.safe_dump(
            {
                "global": {
                    "scrape_interval": f"{SCRAPE_INTERVAL_SECONDS}s",
                    "evaluation_interval": f"{SCRAPE_INTERVAL_SECONDS}s",
                },
                "rule_files": [str(rules)] if rules else [],
                "scrape_configs": [
                    {"job_name": job, "static_configs": [{"targets": [address]}]}
                    for job, address in jobs.items()
                ],
            }
        )
    )
    address = f"127.0.0.1:{_free_port()}"
    command = [
        program,
        f"--config.file={config}",
        f"--storage.tsdb.path={folder / 'records'}",
        f"--web.listen-address={address}",
        "--log.level=warn",
    ]
    log = folder / "prometheus.log"
    with log.open("wb") as output, subprocess.Popen(command, stdout=output, stderr=output) as one:
        try:
            server = Prometheus(f"http://{address}")

            def ready() -> bool:
                assert one.poll() is None, f"Prometheus ended:\n{log.read_text()}"
                return server.is_ready()

            eventually(ready, within_seconds=READY_SECONDS, describe="Prometheus is ready")
            yield server
        finally:
            one.terminate()


def _free_port() -> int:
    # Prometheus cannot tell which port it took, so one is found for it.
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port: int = listening.getsockname()[1]
    return port

"""A real Prometheus server that scrapes what a test has started."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest
import yaml

from deploy.prometheus_api import Prometheus
from tests.support.waiting import eventually
from workers.streams import free_ports

SCRAPE_INTERVAL_SECONDS = 1
"""A second instead of ten, so that a rate exists after a few."""

READY_SECONDS = 30.0


def require_program(name: str) -> str:
    """The path of ``prometheus`` or ``promtool``; skips the test where it is missing."""
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not installed; on Debian: apt-get install prometheus")
    return found


@contextmanager
def running_prometheus(
    jobs: Mapping[str, str], folder: Path, *, rules: Sequence[Path] = ()
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
                "rule_files": [str(path) for path in rules],
                "scrape_configs": [
                    {"job_name": job, "static_configs": [{"targets": [address]}]}
                    for job, address in jobs.items()
                ],
            }
        )
    )
    # Prometheus cannot tell which port it took, so one is found for it.
    (port,) = free_ports(1)
    address = f"127.0.0.1:{port}"
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

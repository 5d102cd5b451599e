"""`moderation up`, from a shell: everything runs, is watched, and stops in good order."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil
import pytest

from tests.support.waiting import eventually
from workers.demo.sample_posts import load_samples
from workers.streams import free_ports

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(300)]

START_SECONDS = 150
STOP_SECONDS = 60


@dataclass(frozen=True)
class Up:
    """A running `moderation up`."""

    process: subprocess.Popen[bytes]
    output: Path
    ports: dict[str, int]

    def said(self) -> str:
        """What it has printed so far."""
        return self.output.read_text()

    def children(self) -> dict[str, psutil.Process]:
        """Our own processes below it, by command."""
        below = psutil.Process(self.process.pid).children(recursive=True)
        return {each.cmdline()[-1]: each for each in below if each.cmdline()}

    def get(self, name: str, path: str) -> httpx.Response:
        """A page of one of the processes."""
        return httpx.get(f"http://127.0.0.1:{self.ports[name]}{path}", follow_redirects=True)

    def stop(self) -> int:
        """Ask it to stop; returns the exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(STOP_SECONDS)


@pytest.fixture(scope="module")
def up(apache_kafka: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Up]:
    del apache_kafka  # only to say why there is no real Kafka, where there is none
    folder = tmp_path_factory.mktemp("up")
    variables = {
        "broker": "MODERATION_BROKER_PORT",
        "worker": "MODERATION_WORKER_HTTP_PORT",
        "ledger": "MODERATION_LEDGER_HTTP_PORT",
        "review": "MODERATION_REVIEW_PORT",
        "prometheus": "MODERATION_DEMO_PROMETHEUS_PORT",
    }
    ports = dict(zip(variables, free_ports(len(variables)), strict=True))
    environment = {
        **os.environ,
        **{variable: str(ports[name]) for name, variable in variables.items()},
        "MODERATION_DEMO_RUNS_DIR": str(folder),
    }
    output = folder / "output.txt"
    with output.open("wb") as file:
        process = subprocess.Popen(
            [sys.executable, "-c", "from workers.cli import main; main()", "up"],
            stdout=file,
            stderr=subprocess.STDOUT,
            env=environment,
        )
    running = Up(process, output, ports)
    try:
        eventually(
            lambda: "Ctrl-C stops everything" in running.said() or process.poll() is not None,
            within_seconds=START_SECONDS,
            describe="`moderation up` to be up",
        )
        assert process.poll() is None, running.said()
        yield running
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            process.wait(STOP_SECONDS)


def test_it_prints_addresses_and_credentials(up: Up) -> None:
    said = up.said()
    assert f"http://127.0.0.1:{up.ports['review']}" in said
    assert re.search(r"login +reviewer", said)
    assert re.search(r"password +\S{12,}", said)
    assert f"127.0.0.1:{up.ports['broker']}" in said


def test_every_process_does_its_work(up: Up) -> None:
    for name in ("worker", "ledger", "review"):
        assert up.get(name, "/readyz").status_code == httpx.codes.OK
        assert "moderation_" in up.get(name, "/metrics").text


def test_every_sample_is_answered_and_the_ledger_hears_of_it(up: Up) -> None:
    def verdicts(name: str, metric: str) -> float:
        lines = up.get(name, "/metrics").text.splitlines()
        return sum(float(line.rsplit(" ", 1)[1]) for line in lines if line.startswith(metric + "{"))

    unreadable = 3
    answered = len(load_samples()) - unreadable
    eventually(
        lambda: verdicts("worker", "moderation_verdicts_total") >= answered,
        within_seconds=90,
        describe="a verdict for every sample",
    )
    eventually(
        lambda: verdicts("ledger", "moderation_ledger_verdicts_total") >= answered - 1,
        within_seconds=60,
        describe="the ledger to have counted the verdicts",
    )


def test_escalated_posts_wait_in_the_console(up: Up) -> None:
    def waiting() -> bool:
        found = re.search(
            r'moderation_review_items\{state="open"\} (\d+)', up.get("review", "/metrics").text
        )
        return found is not None and int(found[1]) > 0

    eventually(waiting, within_seconds=60, describe="an open item in the console")


def test_a_process_that_dies_is_started_again(up: Up) -> None:
    dead = up.children()["ledger"]
    dead.kill()
    eventually(lambda: "The ledger has ended; starting it again" in up.said())

    def back() -> bool:
        try:
            return up.get("ledger", "/readyz").status_code == httpx.codes.OK
        except httpx.TransportError:
            return False

    eventually(back, within_seconds=90, describe="the ledger to be back")


def test_it_stops_everything_in_good_order(up: Up) -> None:
    children = list(up.children().values())
    assert len(children) >= 4
    assert up.stop() == 0
    assert up.said().rstrip().endswith("Stopped.")
    gone, alive = psutil.wait_procs(children, timeout=5)
    assert alive == []
    assert len(gone) == len(children)

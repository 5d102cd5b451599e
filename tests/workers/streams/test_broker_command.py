from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from schemas import TOPICS
from workers.cli import build_app
from workers.streams import BrokerSettings, find_broker

MODERATION = (sys.executable, "-c", "from workers.cli import main; main()")


@pytest.fixture
def data(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "broker"
    yield folder
    left = find_broker(BrokerSettings(data_dir=folder))
    if left is not None:
        left.stop()


def moderation(*arguments: object, **environment: str) -> Result:
    """The command, called in this process: loading it anew takes longer than what it does."""
    return CliRunner().invoke(build_app(), [str(value) for value in arguments], env=environment)


@pytest.mark.kafka
@pytest.mark.usefixtures("apache_kafka")
def test_a_detached_broker_is_started_once_used_and_stopped(data: Path) -> None:
    up = subprocess.run(
        [
            *MODERATION,
            "broker",
            "up",
            "--kind",
            "apache",
            "--port",
            "0",
            "--data",
            data,
            "--detach",
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert up.returncode == 0, up.stderr
    assert "ready: apache" in up.stdout
    broker = find_broker(BrokerSettings(data_dir=data))
    assert broker is not None

    again = moderation("broker", "up", "--data", data, "--detach")
    assert f"already running: apache {broker.version}" in again.stdout
    status = moderation("broker", "status", "--data", data)
    assert status.exit_code == 0
    assert broker.bootstrap_servers in status.stdout

    address = {"MODERATION_KAFKA_BOOTSTRAP_SERVERS": broker.bootstrap_servers}
    listed = moderation("topics", "list", **address)
    assert listed.stdout.count("missing") == len(list(TOPICS))
    created = moderation("topics", "create", **address)
    assert created.stdout.count("created") == len(list(TOPICS))
    assert moderation("topics", "create", **address).stdout.count("exists") == len(list(TOPICS))

    down = moderation("broker", "down", "--data", data)
    assert down.exit_code == 0
    assert not broker.is_running()
    status = moderation("broker", "status", "--data", data)
    assert (status.exit_code, status.stdout) == (1, "no broker is running\n")


def test_a_broker_in_the_foreground_stops_on_sigterm(data: Path) -> None:
    pytest.importorskip("confluent_kafka", reason="the embedded broker's extra is not installed")
    with subprocess.Popen(
        [*MODERATION, "broker", "up", "--kind", "embedded", "--data", str(data)],
        stdout=subprocess.PIPE,
        text=True,
    ) as up:
        try:
            assert up.stdout is not None
            lines = iter(up.stdout.readline, "")
            assert next(line for line in lines if line.startswith("ready: embedded"))
            broker = find_broker(BrokerSettings(data_dir=data))
            assert broker is not None
            up.send_signal(signal.SIGTERM)
            assert up.wait(30) == 0
            assert not broker.is_running()
        finally:
            up.kill()


def test_commands_without_a_broker_say_how_to_get_one(unused_tcp_port: int) -> None:
    listed = moderation(
        "topics", "list", MODERATION_KAFKA_BOOTSTRAP_SERVERS=f"127.0.0.1:{unused_tcp_port}"
    )
    assert listed.exit_code == 1
    assert "moderation broker up" in listed.stderr

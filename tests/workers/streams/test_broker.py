from __future__ import annotations

import os
import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from schemas import TOPICS
from tests.support.kafka import produce, read_records
from workers.settings import KafkaSettings
from workers.streams import (
    BrokerSettings,
    BrokerStartError,
    create_topics,
    find_broker,
    running_broker,
    start_broker,
)

pytestmark = [pytest.mark.kafka, pytest.mark.usefixtures("apache_kafka")]


@pytest.fixture
def settings(tmp_path: Path) -> Iterator[BrokerSettings]:
    """Settings with a folder of their own; what was left running there is stopped."""
    settings = BrokerSettings(kind="apache", port=0, data_dir=tmp_path / "broker")
    yield settings
    left = find_broker(settings)
    if left is not None:
        left.stop()


async def test_records_and_topics_survive_a_restart(settings: BrokerSettings) -> None:
    with running_broker("apache", data_dir=settings.data_dir) as broker:
        kafka = KafkaSettings(bootstrap_servers=broker.bootstrap_servers)
        await create_topics(kafka)
        await produce(kafka, TOPICS.posts, [(b"author", b"first")])
    with running_broker("apache", data_dir=settings.data_dir) as broker:
        kafka = KafkaSettings(bootstrap_servers=broker.bootstrap_servers)
        reports = await create_topics(kafka)
        assert {report.state for report in reports} == {"exists"}
        assert [record.value for record in await read_records(kafka, TOPICS.posts)] == [b"first"]


def test_a_running_broker_is_found_and_stopped_by_whoever_knows_its_folder(
    settings: BrokerSettings,
) -> None:
    broker = start_broker(settings)
    found = find_broker(settings)
    assert found is not None
    assert (found.kind, found.bootstrap_servers, found.version, found.pid) == (
        broker.kind,
        broker.bootstrap_servers,
        broker.version,
        broker.pid,
    )
    with pytest.raises(BrokerStartError, match="already runs"):
        start_broker(settings)
    assert broker.is_running()
    broker.stop()
    broker.stop()
    assert not broker.is_running()
    assert not found.is_running()
    found.stop()
    assert find_broker(settings) is None
    assert (settings.home / "logs" / "server.log").stat().st_size > 0


def test_a_killed_broker_is_not_taken_for_a_running_one_and_starts_again(
    settings: BrokerSettings,
) -> None:
    broker = start_broker(settings)
    os.kill(broker.pid, signal.SIGKILL)
    broker.stop()
    assert find_broker(settings) is None
    again = start_broker(settings)
    assert again.is_running()
    again.stop()


def test_a_port_in_use_is_named(settings: BrokerSettings) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(BrokerStartError, match=f"port {port} of 127.0.0.1 is taken"):
            start_broker(settings.model_copy(update={"port": port}))
    assert find_broker(settings) is None


def test_a_broker_that_ends_at_once_shows_the_end_of_its_log(settings: BrokerSettings) -> None:
    records = settings.home / "records"
    records.mkdir(parents=True)
    (records / "meta.properties").write_text("version=1\ncluster.id=other\nnode.id=7\n")
    with pytest.raises(BrokerStartError, match=r"(?s)before it answered.*Stored node id 7"):
        start_broker(settings)
    assert find_broker(settings) is None

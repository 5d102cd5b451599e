from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from schemas import TOPICS
from tests.support.kafka import produce, read_records
from tests.support.waiting import eventually
from workers.settings import KafkaSettings
from workers.streams import BrokerSettings, create_topics, find_broker, running_broker

pytest.importorskip("confluent_kafka", reason="the embedded broker's extra is not installed")


async def test_records_go_in_and_come_out_and_its_own_settings_are_reported(
    tmp_path: Path,
) -> None:
    with running_broker("embedded", data_dir=tmp_path) as broker:
        kafka = KafkaSettings(bootstrap_servers=broker.bootstrap_servers, topic_prefix="a.")
        reports = await create_topics(kafka)
        assert {report.state for report in reports} == {"created"}
        assert "4 partitions, the contract says 6" in reports[0].drift
        await produce(kafka, TOPICS.posts, [(b"author", b"first"), (b"author", b"second")])
        records = await read_records(kafka, TOPICS.posts)
        assert [record.value for record in records] == [b"first", b"second"]
    assert not broker.is_running()


def test_an_error_in_the_block_stops_the_broker(tmp_path: Path) -> None:
    with (
        pytest.raises(ZeroDivisionError),
        running_broker("embedded", data_dir=tmp_path) as broker,
    ):
        raise ZeroDivisionError
    assert not broker.is_running()


def test_it_ends_with_the_process_that_started_it_even_by_sigkill(tmp_path: Path) -> None:
    script = (
        "import sys, pathlib; from workers.streams import running_broker\n"
        "with running_broker('embedded', data_dir=pathlib.Path(sys.argv[1])):\n"
        "    print('up', flush=True); sys.stdin.read()\n"
    )
    settings = BrokerSettings(data_dir=tmp_path)
    with subprocess.Popen(
        [sys.executable, "-c", script, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as starter:
        try:
            assert starter.stdout is not None
            assert starter.stdout.readline() == "up\n"
            assert find_broker(settings) is not None
        finally:
            starter.kill()
    eventually(lambda: find_broker(settings) is None, describe="embedded broker ended")

"""Fixtures that every test may ask for."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.kafka import unique_settings
from workers.settings import KafkaSettings
from workers.streams import BrokerKindUnavailableError, create_topics, running_broker


@pytest.fixture(scope="session")
def apache_kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a real Apache Kafka, one for the session, with records of its own."""
    folder: Path = tmp_path_factory.mktemp("apache-kafka")
    try:
        with running_broker("apache", data_dir=folder) as broker:
            yield broker.bootstrap_servers
    except BrokerKindUnavailableError as missing:
        pytest.skip(f"no real Apache Kafka here: {missing}")


@pytest.fixture
async def kafka_settings(apache_kafka: str) -> KafkaSettings:
    """Settings with a topic prefix of this test's own; the topics exist."""
    kafka = unique_settings(apache_kafka)
    await create_topics(kafka)
    return kafka

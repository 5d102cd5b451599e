"""Fixtures that every test may ask for."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.brokers import broker_address
from tests.support.kafka import unique_settings
from workers.settings import KafkaSettings
from workers.streams import create_topics


@pytest.fixture(scope="session")
def apache_kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a real Apache Kafka, one for the session, with records of its own."""
    with broker_address("apache", tmp_path_factory.mktemp("apache-kafka")) as address:
        yield address


@pytest.fixture
async def kafka_settings(apache_kafka: str) -> KafkaSettings:
    """Settings with a topic prefix of this test's own; the topics exist."""
    kafka = unique_settings(apache_kafka)
    await create_topics(kafka)
    return kafka


@pytest.fixture(scope="module")
def one_torch_thread() -> Iterator[None]:
    """Tiny models are slower on several threads than on one, above all on a busy machine."""
    import torch  # only tests of models pay for it

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)

"""A broker that needs no Java."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.brokers import broker_address
from tests.support.kafka import unique_settings
from workers.settings import KafkaSettings
from workers.streams import create_topics


@pytest.fixture
def embedded_kafka(tmp_path: Path) -> Iterator[KafkaSettings]:
    """The embedded broker with our topics, and nothing on them; skips where it does not run."""
    with broker_address("embedded", tmp_path / "broker") as address:
        kafka = unique_settings(address)
        asyncio.run(create_topics(kafka))
        yield kafka

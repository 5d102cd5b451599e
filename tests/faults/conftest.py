"""A broker of the fault tests' own: they read its files, and end it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bench.faults.broker import FragileBroker
from workers.streams import BrokerKindUnavailableError


@pytest.fixture(scope="session")
def fragile_broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FragileBroker]:
    try:
        broker = FragileBroker(tmp_path_factory.mktemp("fragile-kafka"))
    except BrokerKindUnavailableError as missing:
        pytest.skip(f"no real Apache Kafka here: {missing}")
    yield broker
    broker.stop()

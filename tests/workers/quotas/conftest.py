"""A broker for the tests of quotas: the embedded one, which starts in a moment."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.brokers import broker_address


@pytest.fixture(scope="session")
def embedded_kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of an embedded broker."""
    with broker_address("embedded", tmp_path_factory.mktemp("embedded")) as address:
        yield address

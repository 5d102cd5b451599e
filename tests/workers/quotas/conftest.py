"""A broker for the tests of quotas: the embedded one, which starts in a moment."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from workers.streams import BrokerKindUnavailableError, running_broker


@pytest.fixture(scope="session")
def embedded_kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of an embedded broker."""
    folder: Path = tmp_path_factory.mktemp("embedded")
    try:
        with running_broker("embedded", data_dir=folder) as broker:
            yield broker.bootstrap_servers
    except BrokerKindUnavailableError as missing:
        pytest.skip(f"no embedded broker here: {missing}")

"""A broker for many tests."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

import pytest

from workers.streams import BrokerKindUnavailableError, running_broker


@contextmanager
def broker_address(kind: Literal["apache", "embedded"], folder: Path) -> Iterator[str]:
    """The address of a broker with records of its own; skips where it cannot be had."""
    try:
        with running_broker(kind, data_dir=folder) as broker:
            yield broker.bootstrap_servers
    except BrokerKindUnavailableError as missing:
        pytest.skip(f"no {kind} broker here: {missing}")

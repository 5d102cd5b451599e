"""PostgreSQL for tests; skips, and says how to get it, where there is none."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from bench.postgresql import Cluster, PostgresMissingError, running_cluster


@contextmanager
def cluster_or_skip() -> Iterator[Cluster]:
    """A running server of the tests' own."""
    try:
        with running_cluster() as cluster:
            yield cluster
    except PostgresMissingError as missing:
        pytest.skip(str(missing))

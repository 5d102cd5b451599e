"""The tests of the store run on both databases."""

from __future__ import annotations

import pytest

from tests.workers.review.conftest import POSTGRESQL, SQLITE


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Once on each, unless the test says that it looks into SQLite's own file."""
    if "database_url" not in metafunc.fixturenames:
        return
    of_a_file = metafunc.definition.get_closest_marker("sqlite_only") is not None
    databases = [SQLITE] if of_a_file else [SQLITE, POSTGRESQL]
    metafunc.parametrize("database_url", databases, indirect=True)

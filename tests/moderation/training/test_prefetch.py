"""Batches made ahead."""

from __future__ import annotations

from functools import partial
from threading import current_thread

import pytest

from moderation.training.prefetch import made


@pytest.mark.parametrize("ahead", [False, True])
@pytest.mark.parametrize("count", [0, 1, 5])
def test_results_come_in_order(ahead: bool, count: int) -> None:
    jobs = [partial(int, number) for number in range(count)]
    assert list(made(jobs, ahead=ahead)) == list(range(count))


@pytest.mark.parametrize("ahead", [False, True])
def test_a_failure_is_raised_where_its_result_is_due(ahead: bool) -> None:
    results = made([partial(int, 1), partial(int, "x"), partial(int, 3)], ahead=ahead)
    assert next(results) == 1
    with pytest.raises(ValueError, match="invalid literal"):
        list(results)


def test_jobs_run_beside_the_caller_only_if_asked_to() -> None:
    own = current_thread()
    assert list(made([current_thread], ahead=False)) == [own]
    assert list(made([current_thread], ahead=True)) != [own]

from __future__ import annotations

import logging
import weakref
from collections.abc import Sequence

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from moderation.inference.isolation import Failure, bisected


@pytest.fixture(autouse=True)
def quiet(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL, logger="moderation.inference.isolation")


@given(st.lists(st.booleans(), max_size=40))
def test_only_the_bad_items_fail_and_the_order_is_kept(bad: list[bool]) -> None:
    def work(items: Sequence[int]) -> list[int]:
        if any(bad[item] for item in items):
            raise ValueError("bad")
        return [item * 10 for item in items]

    results = bisected(range(len(bad)), work)

    assert [isinstance(result, Failure) for result in results] == bad
    assert [result for result in results if not isinstance(result, Failure)] == [
        place * 10 for place, is_bad in enumerate(bad) if not is_bad
    ]


def test_one_bad_item_in_many_costs_a_logarithm_of_calls() -> None:
    calls = 0

    def work(items: Sequence[int]) -> list[int]:
        nonlocal calls
        calls += 1
        if 77 in items:
            raise ValueError("bad")
        return list(items)

    bisected(range(128), work)

    assert calls == 15


def test_out_of_memory_is_met_with_smaller_batches() -> None:
    sizes = []

    def work(items: Sequence[int]) -> list[int]:
        sizes.append(len(items))
        if len(items) > 3:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return list(items)

    assert bisected(range(10), work) == list(range(10))
    assert max(sizes) == 10


def test_a_broken_device_is_no_items_fault() -> None:
    def work(_: Sequence[int]) -> list[int]:
        raise torch.AcceleratorError("device-side assert")

    with pytest.raises(torch.AcceleratorError):
        bisected([1, 2], work)


def test_nothing_is_done_for_nothing() -> None:
    assert bisected([], lambda items: pytest.fail(f"called with {items}")) == []


def test_memory_of_a_failed_batch_is_free_when_its_halves_are_tried() -> None:
    class Buffer:
        pass

    alive: list[weakref.ref[Buffer]] = []

    def work(items: Sequence[int]) -> list[int]:
        assert not any(buffer() for buffer in alive)
        buffer = Buffer()
        alive.append(weakref.ref(buffer))
        if len(items) > 1:
            raise torch.OutOfMemoryError("out of memory")
        return list(items)

    assert bisected(range(8), work) == list(range(8))

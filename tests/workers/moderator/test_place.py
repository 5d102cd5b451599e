"""Several workers on a machine: each keeps to its own cores and its own GPU."""

from __future__ import annotations

import multiprocessing
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from workers.moderator.place import Place, keep_to
from workers.moderator.settings import ModeratorSettings


@given(st.integers(1, 16), st.integers(0, 64))
def test_every_core_belongs_to_somebody_and_nobody_is_without(of: int, cores: int) -> None:
    shares = [Place(number, of).share(range(of + cores)) for number in range(1, of + 1)]

    assert sorted(core for share in shares for core in share) == list(range(of + cores))
    assert min(map(len, shares)) + 1 >= max(map(len, shares)) >= 1


def test_more_workers_than_cores_share_them_evenly() -> None:
    assert [list(Place(number, 4).share([7, 9])) for number in (1, 2, 3, 4)] == [[7], [9], [7], [9]]


def test_each_worker_takes_the_next_gpu() -> None:
    assert [Place(number, 3).gpu(2) for number in (1, 2, 3)] == ["cuda:0", "cuda:1", "cuda:0"]


@pytest.mark.parametrize("text", ["0/2", "3/2", "2", "1/0", "a/b", "1/2/3", ""])
def test_what_is_no_place_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ValidationError, match="write it like 2/4"):
        ModeratorSettings(place=text)


def test_a_cpu_takes_smaller_batches_unless_told_otherwise() -> None:
    assert ModeratorSettings().batch_posts("cuda:1") > ModeratorSettings().batch_posts("cpu")
    assert ModeratorSettings().batch_posts("none") == ModeratorSettings().batch_posts("cuda:1")
    assert ModeratorSettings(max_batch_posts=7).batch_posts("cuda:0") == 7


def _cores_after(place: Place) -> list[int]:
    keep_to(place)
    return sorted(os.sched_getaffinity(0))


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="this system pins no process")
def test_a_process_keeps_to_its_share() -> None:
    cores = sorted(os.sched_getaffinity(0))
    with multiprocessing.get_context("spawn").Pool(1, maxtasksperchild=1) as pool:
        kept = pool.map(_cores_after, [Place(1, 1)])[0]
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        second = pool.map(_cores_after, [Place(2, 2)])[0]

    assert kept == cores
    assert second == (cores[len(cores) // 2 :] if len(cores) > 1 else cores)

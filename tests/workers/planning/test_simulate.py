"""The simulation agrees with the model where the model holds, and shows what it leaves out."""

from __future__ import annotations

import pytest

from tests.workers.planning.test_plan import GPU, TEXT
from workers.planning.demand import Demand
from workers.planning.plan import Wishes, plan
from workers.planning.simulate import simulate


@pytest.mark.parametrize("rate", [1000, 2000, 2800])
def test_the_mean_lag_is_about_that_of_the_model(rate: int) -> None:
    found = plan(Demand(rate, TEXT), GPU, Wishes(spare=0, utilisation=0.95))
    assert found.workers == 1
    seen = simulate([rate], 0.0002, GPU, seconds=60, seed=1)
    assert seen.mean == pytest.approx(found.mean_lag, rel=0.25)
    assert seen.p50 <= seen.p95 <= seen.p99


def test_a_single_post_takes_one_batch_of_one() -> None:
    seen = simulate([0.5], 0.0, GPU, seconds=400, seed=1)
    assert seen.mean == pytest.approx(0.004, rel=0.02)
    assert seen.mean_batch == pytest.approx(1, abs=0.02)


def test_every_post_is_judged_once() -> None:
    calm = simulate([300.0, 300.0], 0.0002, GPU, seconds=20, seed=3)
    assert calm.posts == pytest.approx(600 * 18, rel=0.05)
    assert calm.backlog < 100


def test_an_overloaded_worker_builds_a_backlog() -> None:
    full = 64 / (0.004 + 64 * 0.0002)  # posts/s
    seen = simulate([1.5 * full], 0.0002, GPU, seconds=20, seed=3)
    assert seen.backlog == pytest.approx(0.5 * full * 20, rel=0.1)
    assert seen.mean_batch == pytest.approx(64, rel=0.01)
    assert seen.p99 > 5


def test_the_same_seed_gives_the_same_figures() -> None:
    first, again, other = (
        simulate([500.0], 0.0002, GPU, seconds=10, seed=seed) for seed in (4, 4, 5)
    )
    assert first == again
    assert first != other

"""Plans: enough, not too much, and honest about what cannot be done."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workers.planning.demand import Demand, Mix
from workers.planning.errors import PlanError
from workers.planning.plan import Wishes, plan
from workers.planning.rates import Pieces, Rates

GPU = Rates(
    machine="made up",
    model="constant",
    device="cuda",
    batch_posts=64,
    batch_seconds=0.004,
    device_seconds=Pieces(text=0.0002, image=0.001, audio=0.002),
    decode_seconds=Pieces(text=0, image=0.004, audio=0.001),
    post_seconds=0.0002,
)
CPU = GPU.model_copy(update={"device": "cpu"})
TEXT = Mix(text=1)


@given(
    rate=st.floats(0.1, 1e6),
    image=st.floats(0, 5),
    utilisation=st.floats(0.1, 0.95),
    spare=st.integers(0, 5),
)
def test_the_workers_suffice_even_when_the_spare_ones_are_lost(
    rate: float, image: float, utilisation: float, spare: int
) -> None:
    wishes = Wishes(utilisation=utilisation, spare=spare)
    found = plan(Demand(rate, Mix(text=1, image=image)), GPU, wishes)
    left = found.workers - spare
    assert rate / left <= found.capacity * utilisation * (1 + 1e-9)
    assert left == 1 or rate / (left - 1) > found.capacity * utilisation * (1 - 1e-9)


@given(rate=st.floats(1, 1e5), more=st.floats(1, 10))
def test_more_posts_never_need_fewer_workers(rate: float, more: float) -> None:
    one, other = (plan(Demand(posts, TEXT), GPU, Wishes()) for posts in (rate, rate * more))
    assert one.workers <= other.workers


def test_partitions_are_shared_out_evenly_and_leave_room_to_grow() -> None:
    found = plan(Demand(50_000, TEXT), GPU, Wishes(growth=3))
    assert found.partitions == 3 * found.workers


def test_the_cycle_is_that_of_the_model() -> None:
    found = plan(Demand(1000, TEXT), GPU, Wishes(spare=0))
    assert found.workers == 1
    assert found.cycle == pytest.approx(0.004 / (1 - 1000 * 0.0002))
    assert found.batch == pytest.approx(1000 * found.cycle)


def test_a_worker_with_little_to_do_judges_one_post_at_a_time() -> None:
    found = plan(Demand(0.1, TEXT), GPU, Wishes(spare=0))
    assert found.batch == 1
    assert found.cycle == pytest.approx(0.0042)


def test_decoding_needs_cores_of_the_host_beside_a_gpu() -> None:
    found = plan(Demand(700, Mix(text=1, image=1)), GPU, Wishes(spare=0, utilisation=0.9))
    assert found.workers == found.devices == 1
    assert found.cores == 1 + 4  # 700 x 4.2 ms = 2.9 cores, at 90 %


def test_on_a_cpu_the_host_s_work_takes_the_device_s_time() -> None:
    gpu, cpu = (plan(Demand(500, TEXT), rates, Wishes(spare=0)) for rates in (GPU, CPU))
    assert cpu.capacity < gpu.capacity
    assert cpu.devices == 0


def test_the_busiest_author_keeps_to_one_worker() -> None:
    calm = plan(Demand(10_000, TEXT), GPU, Wishes())
    busy = plan(Demand(10_000, TEXT, hottest_author=2000), GPU, Wishes())
    assert busy.workers > calm.workers
    assert busy.utilisation <= 0.7


def test_an_author_whom_no_worker_can_follow_is_told() -> None:
    with pytest.raises(PlanError, match="busiest author alone sends 9,000 posts/s"):
        plan(Demand(10_000, TEXT, hottest_author=9000), GPU, Wishes())


def test_catching_up_takes_longer_the_closer_to_the_limit() -> None:
    near, far = (plan(Demand(40_000, TEXT), GPU, Wishes(utilisation=u)) for u in (0.9, 0.5))
    assert near.catch_up_minutes > far.catch_up_minutes > 0


def test_a_price_is_counted_for_each_worker() -> None:
    found = plan(Demand(40_000, TEXT), GPU, Wishes(price=2.5))
    assert found.cost == pytest.approx(2.5 * found.workers)
    assert plan(Demand(40_000, TEXT), GPU, Wishes()).cost is None


def test_a_load_beyond_all_reason_is_refused() -> None:
    with pytest.raises(PlanError, match="more than 100,000 workers"):
        plan(Demand(1e12, TEXT), GPU, Wishes())


def test_rates_that_take_no_time_are_refused() -> None:
    nothing = Pieces(text=0, image=0, audio=0)
    rates = GPU.model_copy(update={"batch_seconds": 0, "device_seconds": nothing})
    with pytest.raises(PlanError, match="measure them anew"):
        plan(Demand(1, TEXT), rates, Wishes())


@pytest.mark.parametrize(
    "text", ["", "text", "text=", "text=x", "video=1", "text=1,text=2", "text=-1", "text=inf"]
)
def test_a_mix_that_cannot_be_read_is_named(text: str) -> None:
    with pytest.raises(PlanError, match="--mix"):
        Mix.parse(text)


def test_a_mix_is_read() -> None:
    assert Mix.parse("text=0.9, image=0.3") == Mix(text=0.9, image=0.3, audio=0)
    assert dataclasses.astuple(Mix.parse("audio=2")) == (0, 0, 2)

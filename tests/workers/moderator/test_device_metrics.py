from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from types import SimpleNamespace

import pytest
import torch
from prometheus_client import CollectorRegistry

from moderation.inference import EncoderWork
from moderation.media import DecodedPost
from schemas import Modality
from tests.workers.moderator.making import GatedScorer
from workers.moderator.device import Device
from workers.moderator.device_metrics import DeviceMetrics, no_memory, no_utilisation, no_work
from workers.moderator.gpu_memory import memory_of
from workers.moderator.gpu_use import utilisation_of

GIB = 2**30


def test_encoders_and_memory_are_shown_as_they_are_at_a_scrape() -> None:
    work = {Modality.TEXT: EncoderWork(batches=1, pieces=2, content=30, padding=10, bytes=512)}
    registry = CollectorRegistry()
    DeviceMetrics(
        registry,
        memory=lambda: {"total": 8 * GIB},
        utilisation=lambda: 0.75,
        work=lambda: work,
    )
    work[Modality.TEXT] = EncoderWork(batches=2, pieces=5, content=60, padding=15, bytes=900)

    def shown(name: str, **labels: str) -> float | None:
        return registry.get_sample_value(f"moderation_{name}", labels)

    assert shown("device_memory_bytes", kind="total") == 8 * GIB
    assert shown("device_utilisation_ratio") == 0.75
    assert shown("encoder_batches_total", modality="text") == 2
    assert shown("encoder_pieces_total", modality="text") == 5
    assert shown("encoder_bytes_total", modality="text") == 900
    assert shown("encoder_units_total", modality="text", kind="content") == 60
    assert shown("encoder_units_total", modality="text", kind="padding") == 15


def test_a_scorer_without_encoders_on_a_cpu_has_no_series() -> None:
    registry = CollectorRegistry()
    DeviceMetrics(registry, memory=no_memory, utilisation=no_utilisation, work=no_work)
    assert [sample for family in registry.collect() for sample in family.samples] == []
    assert memory_of(torch.device("cpu")) == {}


def test_memory_of_a_gpu_is_split_by_who_has_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda _: (3 * GIB, 8 * GIB))
    monkeypatch.setattr(torch.cuda, "memory_reserved", lambda _: 2 * GIB)
    monkeypatch.setattr(torch.cuda, "memory_allocated", lambda _: GIB)
    assert memory_of(torch.device("cuda:0")) == {
        "total": 8 * GIB, "used": 5 * GIB, "reserved": 2 * GIB, "allocated": GIB,
    }  # fmt: skip


def test_a_gpu_that_is_lost_has_no_memory_to_show(monkeypatch: pytest.MonkeyPatch) -> None:
    def lost(_: torch.device) -> tuple[int, int]:
        raise torch.AcceleratorError("it fell off the bus")

    monkeypatch.setattr(torch.cuda, "mem_get_info", lost)
    assert memory_of(torch.device("cuda:0")) == {}


class NvmlError(Exception):
    """As the driver's library raises it."""


def give_driver(monkeypatch: pytest.MonkeyPatch, **calls: Callable[..., object]) -> None:
    """A GPU whose driver answers these calls."""
    nvml = SimpleNamespace(NvmlError=NvmlError, **calls)
    monkeypatch.setitem(sys.modules, "cuda.bindings", SimpleNamespace(nvml=nvml))
    monkeypatch.setattr(torch.cuda, "get_device_properties", lambda _: SimpleNamespace(uuid="0a1b"))


def test_use_of_a_gpu_is_what_its_driver_says_until_it_is_lost(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shares = [85, 0]

    def read(handle: int) -> SimpleNamespace:
        assert handle == 7
        if not shares:
            raise NvmlError("it fell off the bus")
        return SimpleNamespace(gpu=shares.pop(0))

    give_driver(
        monkeypatch,
        init_v2=lambda: None,
        device_get_handle_by_uuid={"GPU-0a1b": 7}.__getitem__,
        device_get_utilization_rates=read,
    )
    utilisation = utilisation_of(torch.device("cuda:0"))
    assert [utilisation(), utilisation(), utilisation()] == [0.85, 0.0, None]


def test_use_of_a_gpu_is_unknown_where_its_driver_does_not_answer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def away() -> None:
        raise NvmlError("no driver is loaded")

    give_driver(monkeypatch, init_v2=away)
    assert utilisation_of(torch.device("cuda:0"))() is None
    assert utilisation_of(torch.device("cpu"))() is None


async def test_a_device_tells_how_long_it_was_busy_and_what_waits() -> None:
    scorer = GatedScorer()
    busy: list[float] = []
    device = Device(scorer, max_batch_posts=1, on_busy=busy.append)
    await device.warm()
    assert device.warm_up_seconds > 0
    posts = [DecodedPost(f"p{number}", text="hello") for number in range(3)]
    asked = [asyncio.ensure_future(device.score([post])) for post in posts]
    await asyncio.sleep(0)
    assert device.waiting_groups >= 2  # the first may have begun
    scorer.gate.set()
    await asyncio.gather(*asked)
    await device.close()
    assert len(busy) == 3
    assert all(seconds > 0 for seconds in busy)

"""One command measures everything about a GPU."""

from __future__ import annotations

from bench.gpu import parts
from bench.performance.options import Options


def test_with_a_gpu_the_model_and_everything_behind_kafka_is_measured() -> None:
    measured = parts(Options(device="cuda:0"), model_only=False)
    assert list(measured) == ["model", "pipeline", "peers", "plumbing", "latency", "scale"]


def test_the_model_alone_is_measured_where_that_is_asked_for_or_no_gpu_is() -> None:
    assert list(parts(Options(device="cuda:0"), model_only=True)) == ["model"]
    assert list(parts(Options(device="cpu"), model_only=False)) == ["model"]

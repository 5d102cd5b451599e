"""What a device can do at best, and how much of it a model uses."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

import torch
from torch.utils.flop_counter import FlopCounterMode

from bench.performance.spread import Spread

MATRIX: Final = 8_192  # rows and columns: several times any cache, and what vendors quote
SMALL_MATRIX: Final = 256
PRODUCTS: Final = 20
ROUNDS: Final = 5
SECONDS_A_ROUND: Final = 0.5


def matmul_flops(device: torch.device, *, small: bool) -> Spread:
    """Floating-point operations a second of a bf16 matrix product, on random numbers.

    Zeros would multiply faster than any real data does.
    """
    side = SMALL_MATRIX if small else MATRIX
    left = torch.randn(side, side, device=device, dtype=torch.bfloat16)
    right = torch.randn(side, side, device=device, dtype=torch.bfloat16)

    def work() -> None:
        for _ in range(PRODUCTS):
            torch.mm(left, right)

    return Spread.of([2 * side**3 * PRODUCTS / one for one in seconds_of(work, device)])


def seconds_of(
    work: Callable[[], object], device: torch.device, rounds: int = ROUNDS
) -> list[float]:
    """Seconds that the work takes, once a round; each round repeats it for half a second."""
    for _ in range(3):
        work()
    wait(device)
    begin = time.perf_counter()
    work()
    wait(device)
    repeats = max(1, int(SECONDS_A_ROUND / (time.perf_counter() - begin)))
    taken = []
    for _ in range(rounds):
        begin = time.perf_counter()
        for _ in range(repeats):
            work()
        wait(device)
        taken.append((time.perf_counter() - begin) / repeats)
    return taken


def flops_of(work: Callable[[], object]) -> float:
    """Floating-point operations of matrix products, convolutions and attention in the work."""
    counter = FlopCounterMode(display=False)
    with counter:
        work()
    return float(counter.get_total_flops())


def wait(device: torch.device) -> None:
    """Until the device has done all it was asked to."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)

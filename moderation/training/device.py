"""Where a run computes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import torch
from torch.nn.attention import SDPBackend, sdpa_kernel

from moderation.training.errors import TrainingError


def choose_device(name: str, *, gpu: int = 0) -> torch.device:
    """The device of a name; ``auto`` is a GPU, or the CPU where there is none.

    Args:
        name: ``auto``, ``cpu``, ``cuda`` or one GPU such as ``cuda:1``.
        gpu: number of the GPU, where the name leaves it open.

    Raises:
        TrainingError: no such device here.
    """
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "cpu"
    try:
        device = torch.device(name)
    except RuntimeError as error:
        raise TrainingError(f"there is no device {name!r}; give auto, cpu or cuda") from error
    if device.type == "cuda" and not torch.cuda.is_available():
        raise TrainingError("torch sees no GPU here; give --device cpu, or auto")
    return torch.device("cuda", gpu) if device == torch.device("cuda") else device


@contextmanager
def mixed_precision(device: torch.device) -> Iterator[None]:
    """Matrix products in bf16: twice as fast where the device knows it, as exact as needed.

    On a CPU attention is computed step by step: over sequences as short as posts, the backward pass
    of torch's flash attention took 30 % of a training step's time, all else of attention 11 %.
    """
    with ExitStack() as stack:
        stack.enter_context(torch.autocast(device.type, dtype=torch.bfloat16))
        if device.type == "cpu":
            stack.enter_context(sdpa_kernel(SDPBackend.MATH))
        yield

"""How much memory of a GPU is taken, and by whom."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch


def memory_of(device: torch.device) -> Mapping[str, int]:
    """Bytes by kind; none of a CPU, and none of a GPU that is lost."""
    import torch

    if device.type != "cuda":
        return {}
    try:
        free, total = torch.cuda.mem_get_info(device)
    except torch.AcceleratorError:
        return {}
    return {
        "total": total,
        "used": total - free,
        "reserved": torch.cuda.memory_reserved(device),
        "allocated": torch.cuda.memory_allocated(device),
    }

"""How much of its time a GPU computes, as its driver says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workers.moderator.device_metrics import Utilisation, no_utilisation
from workers.streams import get_logger

if TYPE_CHECKING:
    import torch

log = get_logger(__name__)


def utilisation_of(device: torch.device) -> Utilisation:
    """What reads the share of the last moment in which any kernel ran, whoever's it was.

    By NVML's utilisation rates, whose moments last a sixth of a second to a second. The reader
    gives None where nothing can be told: of a CPU, of a slice of a GPU (MIG), and of a GPU that is
    lost.
    """
    if device.type != "cuda":
        return no_utilisation
    try:
        # It comes with torch where torch comes with CUDA.
        from cuda.bindings import nvml
    except ImportError:
        return no_utilisation
    import torch

    identity = torch.cuda.get_device_properties(device).uuid
    try:
        nvml.init_v2()
        handle = nvml.device_get_handle_by_uuid(f"GPU-{identity}")
    except (nvml.NvmlError, RuntimeError) as error:  # RuntimeError: its library is not there
        log.warning("the driver tells nothing of the GPU's use", device=str(device), error=error)
        return no_utilisation

    def read() -> float | None:
        try:
            percent: int = nvml.device_get_utilization_rates(handle).gpu
        except nvml.NvmlError:
            return None
        return percent / 100

    return read

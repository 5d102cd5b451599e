"""On what a figure was measured, and whether the machine was quiet."""

from __future__ import annotations

import os
import platform
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import psutil

from workers.moderator.machine_settings import available_cores

PACKAGES: Final = ("torch", "transformers", "aiokafka", "faust-streaming", "pydantic")

LOOK_SECONDS: Final = 2.0
QUIET_SHARE: Final = 0.1
"""Of all cores, busy before anything is measured: with more, wall-clock figures say less than CPU
time does."""


def describe_machine(device: str = "cpu") -> dict[str, Any]:
    """Machine, versions, and how busy the machine was before this was measured.

    Blocks for :data:`LOOK_SECONDS`.
    """
    busy = psutil.cpu_percent(interval=LOOK_SECONDS) / 100
    return {
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "cpu": _cpu_name(),
        "cores": os.cpu_count(),
        "cores_used": available_cores(),
        "memory_gib": round(psutil.virtual_memory().total / 2**30, 1),
        "device": _device_name(device),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "versions": {name: version(name) for name in PACKAGES},
        "busy_before": round(busy, 2),
        "load_before": round(os.getloadavg()[0], 2),
        "quiet": busy <= QUIET_SHARE,
    }


def told(machine: dict[str, Any]) -> str:
    """In a sentence."""
    state = "quiet" if machine["quiet"] else f"busy ({machine['busy_before']:.0%} before the start)"
    return (
        f"{machine['cpu']}, {machine['cores_used']} of {machine['cores']} cores, "
        f"{machine['device']}, Python {machine['python']}; the machine was {state}"
    )


def _cpu_name() -> str:
    info = Path("/proc/cpuinfo")
    if info.is_file():
        for line in info.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _device_name(device: str) -> str:
    if not device.startswith("cuda"):
        return device
    import torch

    return torch.cuda.get_device_name(device)

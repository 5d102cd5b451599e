"""How much of the machine's time a container may take, where it may take less than its cores'.

A container that is limited to two of sixty-four cores may run on all of them, and a thread for each
would only have it stopped for most of every tenth of a second.
"""

from __future__ import annotations

import math
from pathlib import Path, PurePosixPath
from typing import Final

CGROUPS: Final = Path("/sys/fs/cgroup")
"""Where version 2 of control groups is mounted; version 1 is not asked."""

OWN_GROUP: Final = Path("/proc/self/cgroup")


def cpu_quota(cgroups: Path = CGROUPS, own_group: Path = OWN_GROUP) -> float:
    """Cores' time that this process's group and all around it may take; infinite without a limit.

    Args:
        cgroups: where control groups are mounted.
        own_group: names that of this process.
    """
    return min(map(_quota, _groups(cgroups, own_group)), default=math.inf)


def _groups(cgroups: Path, own_group: Path) -> list[Path]:
    """The folders of this process's group and of those around it; none where nobody says so."""
    try:
        lines = own_group.read_text(encoding="utf-8").splitlines()
    except OSError:  # no Linux
        return []
    names = [PurePosixPath(line[len("0::/") :]) for line in lines if line.startswith("0::/")]
    return [cgroups / group for name in names for group in (name, *name.parents)]


def _quota(group: Path) -> float:
    """Of one group: ``cpu.max`` holds microseconds, or ``max``, in so many of the clock."""
    try:
        taken, of = (group / "cpu.max").read_text(encoding="utf-8").split()
    except (OSError, ValueError):  # the root has none
        return math.inf
    return math.inf if taken == "max" else int(taken) / int(of)

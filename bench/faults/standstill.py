"""Whether a process stands still."""

from __future__ import annotations

from pathlib import Path
from typing import Final

_STATE_FIELD: Final = 0
"""Of ``/proc/PID/stat`` after the name: the state."""


def stands_still(pid: int | None) -> bool:
    """Whether the operating system has stopped the process; False where there is none."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[_STATE_FIELD] == "T"

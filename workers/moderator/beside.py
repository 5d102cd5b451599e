"""What runs beside the answering of posts."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any

from workers.moderator.intake import Gate

Loop = Callable[[], Coroutine[Any, Any, None]]
"""Runs until it is cancelled."""

OnAssigned = Callable[[frozenset[int]], object]
"""Told which partitions of ``posts`` are ours now."""


@dataclass(frozen=True, slots=True)
class Beside:
    """Loops to run, gates that intake waits at, and who is told of assignments."""

    loops: list[Loop] = field(default_factory=list)
    gates: list[Gate] = field(default_factory=list)
    on_assigned: list[OnAssigned] = field(default_factory=list)

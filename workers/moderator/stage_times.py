"""How long the stages take for a group of posts."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from workers.moderator.metrics import WorkerMetrics


@dataclass(slots=True)
class StageTimes:
    """Seconds that each stage took for one group of posts."""

    metrics: WorkerMetrics
    seconds: dict[str, float] = field(default_factory=dict)
    passed: Callable[[str, float], None] | None = None
    """Told of each stage too, while posts are traced."""

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Time a stage."""
        begin = time.perf_counter()
        try:
            yield
        finally:
            taken = time.perf_counter() - begin
            self.seconds[name] = round(taken, 6)
            self.metrics.stage_seconds.labels(name).observe(taken)
            if self.passed is not None:
                self.passed(name, taken)

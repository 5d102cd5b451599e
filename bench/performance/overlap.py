"""Whether copies to the device hide behind its work, read from a trace."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch.profiler import ProfilerActivity, profile

Interval = tuple[float, float]
"""Begin and end, in microseconds."""


@dataclass(frozen=True, slots=True)
class Overlap:
    """What the device did while the work ran.

    Attributes:
        busy: share of the time in which a kernel ran.
        copies_hidden: share of the time of copies to the device in which a kernel ran as well;
            None where nothing was copied.
    """

    busy: float
    copies_hidden: float | None


def traced(work: Callable[[], object], trace: Path) -> Overlap:
    """Trace the work on a GPU; the trace is written for a person to look at."""
    work()
    torch.cuda.synchronize()
    with profile(activities=[ProfilerActivity.CPU, ProfilerActivity.CUDA]) as profiled:
        work()
        torch.cuda.synchronize()
    trace.parent.mkdir(parents=True, exist_ok=True)
    profiled.export_chrome_trace(str(trace))
    on_device = [event for event in profiled.events() if event.device_type.name == "CUDA"]
    spans = [(event.name, (event.time_range.start, event.time_range.end)) for event in on_device]
    return overlap_of(
        kernels=[span for name, span in spans if not name.startswith(("Memcpy", "Memset"))],
        copies=[span for name, span in spans if name.startswith("Memcpy HtoD")],
    )


def overlap_of(kernels: Sequence[Interval], copies: Sequence[Interval]) -> Overlap:
    """From the intervals of kernels and of copies to the device."""
    working = merged(kernels)
    if not working:
        return Overlap(0.0, None)
    begin, end = working[0][0], max(working[-1][1], *(copy[1] for copy in copies or working))
    copying = merged(copies)
    total = length(copying)
    hidden = sum(
        max(0.0, min(copy[1], kernel[1]) - max(copy[0], kernel[0]))
        for copy in copying
        for kernel in working
    )
    return Overlap(length(working) / (end - begin), hidden / total if total else None)


def merged(intervals: Iterable[Interval]) -> list[Interval]:
    """The same stretch of time in intervals that do not touch, in order."""
    found: list[Interval] = []
    for begin, end in sorted(intervals):
        if found and begin <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((begin, end))
    return found


def length(intervals: Iterable[Interval]) -> float:
    """Of intervals that do not touch."""
    return sum(end - begin for begin, end in intervals)

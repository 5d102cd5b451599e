"""What do the processes take? Memory, processor time, open files."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from deploy.grafana.panels import Panel, Query, graph

_OURS: Final = 'job=~"worker|ledger|review"'


def panels() -> Iterator[Panel]:
    """The panels, from left to right."""
    yield graph(
        "Resident memory",
        "A line that only climbs is a leak; a worker that reaches its limit is ended and reads "
        "again what it had not committed.",
        Query(f"process_resident_memory_bytes{{{_OURS}}}", "{{job}} {{instance}}"),
        unit="bytes",
    )
    yield graph(
        "Processors in use",
        "How many processors' time a process takes. The ledger and the console at 1 are at their "
        "limit: each is one thread but for what it waits for.",
        Query(
            f"rate(process_cpu_seconds_total{{{_OURS}}}[$__rate_interval])",
            "{{job}} {{instance}}",
        ),
        unit="short",
    )
    yield graph(
        "Open files, of those allowed",
        "Connections count too. At 1 nothing more can be opened.",
        Query(
            f"process_open_fds{{{_OURS}}} / process_max_fds{{{_OURS}}}",
            "{{job}} {{instance}}",
        ),
        unit="percentunit",
    )

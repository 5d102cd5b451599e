"""What every process shows of itself: processor time, memory, open files, garbage, versions."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, GCCollector, PlatformCollector, ProcessCollector


def watch_process(registry: CollectorRegistry) -> None:
    """Show the ``process_*`` and ``python_*`` metrics that Prometheus' clients have in common.

    ``process_*`` come from ``/proc`` and so from Linux alone.
    """
    ProcessCollector(registry=registry)
    PlatformCollector(registry=registry)
    GCCollector(registry=registry)

"""What every process shows of itself: processor time, memory, open files, garbage, versions."""

from __future__ import annotations

from importlib.metadata import version

from prometheus_client import (
    CollectorRegistry,
    Gauge,
    GCCollector,
    PlatformCollector,
    ProcessCollector,
)

from schemas.publish import CONTRACT_VERSION


def watch_process(registry: CollectorRegistry) -> None:
    """Show the ``process_*`` and ``python_*`` metrics that Prometheus' clients have in common.

    ``process_*`` come from ``/proc`` and so from Linux alone.
    """
    ProcessCollector(registry=registry)
    PlatformCollector(registry=registry)
    GCCollector(registry=registry)
    show_build(registry)


def show_build(registry: CollectorRegistry) -> None:
    """Name the program, and the contract on the topics that it keeps to."""
    Gauge(
        "moderation_build_info",
        "1; the version of the program, and of the contract on the topics, in its labels.",
        ["version", "contract"],
        registry=registry,
    ).labels(version("moderation"), CONTRACT_VERSION).set(1)

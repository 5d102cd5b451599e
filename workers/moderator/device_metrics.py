"""What an operator watches of the device: memory, use, and what its encoders work on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Final

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from schemas import Modality

if TYPE_CHECKING:
    from moderation.inference import EncoderWork

Memory = Callable[[], Mapping[str, int]]
"""Bytes of the device's memory by kind; empty where the device has none of its own."""

Utilisation = Callable[[], float | None]
"""Share of the last moment in which the device computed for anybody; None where nobody can tell."""

Work = Callable[[], Mapping[Modality, "EncoderWork"]]

_COUNTERS: Final[tuple[tuple[str, str, Callable[[EncoderWork], int]], ...]] = (
    ("batches", "Batches that an encoder worked on.", lambda one: one.batches),
    ("pieces", "Windows of texts, pictures and windows of sounds in them.", lambda one: one.pieces),
    ("bytes", "Bytes of tensors that were sent to the device for them.", lambda one: one.bytes),
)


def no_memory() -> Mapping[str, int]:
    """Of a device that computes in the process's own memory: ``process_resident_memory_bytes``."""
    return {}


def no_utilisation() -> float | None:
    """Of a device whose driver tells nothing: ``moderation_device_busy_seconds_total`` has ours."""
    return None


def no_work() -> Mapping[Modality, EncoderWork]:
    """Of a scorer without encoders."""
    return {}


class DeviceMetrics(Collector):
    """The device as it is at the moment of a scrape.

    Args:
        registry: takes the metrics.
        memory: of the device.
        utilisation: of the device, by everybody.
        work: of its encoders.
    """

    def __init__(
        self, registry: CollectorRegistry, *, memory: Memory, utilisation: Utilisation, work: Work
    ) -> None:
        self._memory = memory
        self._utilisation = utilisation
        self._work = work
        registry.register(self)

    def collect(self) -> Iterator[Metric]:
        """Memory first."""
        memory = GaugeMetricFamily(
            "moderation_device_memory_bytes",
            "Memory of a GPU: `total`, `used` by every process, `reserved` and `allocated` by this "
            "one. A CPU has none of its own; see `process_resident_memory_bytes`.",
            labels=("kind",),
        )
        for kind, size in self._memory().items():
            memory.add_metric((kind,), size)
        yield memory
        utilisation = GaugeMetricFamily(
            "moderation_device_utilisation_ratio",
            "Share of the last moment, a second at most, in which a GPU computed for any process, "
            "as its driver says. A CPU has none; see `moderation_device_busy_seconds_total`.",
        )
        if (share := self._utilisation()) is not None:
            utilisation.add_metric((), share)
        yield utilisation
        work = self._work()
        for name, text, read in _COUNTERS:
            family = CounterMetricFamily(f"moderation_encoder_{name}", text, labels=("modality",))
            for modality, one in work.items():
                family.add_metric((modality,), read(one))
            yield family
        units = CounterMetricFamily(
            "moderation_encoder_units",
            "Tokens of texts, pictures, and samples of sounds that the encoders worked on, by "
            "whether they were `content` or `padding` to the longest of a batch.",
            labels=("modality", "kind"),
        )
        for modality, one in work.items():
            units.add_metric((modality, "content"), one.content)
            units.add_metric((modality, "padding"), one.padding)
        yield units

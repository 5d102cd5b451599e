"""Is the device used well? Its time, its memory, and what its encoders work on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from deploy.grafana.panels import Panel, Query, graph
from deploy.grafana.queries import WORKER, rate
from deploy.grafana.series import by_worker

_NO_ENCODERS: Final = "nothing was encoded"
_NO_GPU: Final = "no worker has a GPU"


def panels() -> Iterator[Panel]:
    """The panels, from left to right."""
    yield graph(
        "Device in use",
        "Share of time in which the model computes. Near 1 under load: the device is the limit, "
        "and more workers help. Low while posts wait: they wait for media, or for the broker.",
        Query(
            f"rate(moderation_device_busy_seconds_total{{{WORKER}}}[$__rate_interval])",
            "{{instance}}",
        ),
        unit="percentunit",
        width=6,
    )
    yield graph(
        "GPU in use",
        "Share of time in which the GPU computes for anybody, as its driver says. Far below "
        "*Device in use*: batches are too small to keep it busy. Far above: somebody else computes "
        "on it.",
        Query(
            f"moderation_device_utilisation_ratio{{{WORKER}}}",
            "{{instance}}",
            nothing=_NO_GPU,
        ),
        unit="percentunit",
        width=6,
    )
    yield graph(
        "Groups before the device",
        "Groups of posts that are decoded and wait for the model.",
        by_worker("moderation_device_waiting_groups"),
        unit="short",
        width=6,
    )
    yield graph(
        "Device memory",
        "Of a GPU: all there is, what every process uses, and what the worker's allocator holds "
        "and gives out. A model on a CPU takes its memory from the process.",
        Query(
            f"max by (instance, kind) (moderation_device_memory_bytes{{{WORKER}}})",
            "{{instance}} {{kind}}",
            nothing=_NO_GPU,
        ),
        unit="bytes",
        width=6,
    )
    yield graph(
        "Padding",
        "Share of an encoder's work that only makes the pieces of a batch equally long. Pictures "
        "have none.",
        Query(
            f"({rate('moderation_encoder_units_total', 'modality')}"
            f" - {_units('content')}) / {rate('moderation_encoder_units_total', 'modality')} >= 0",
            "{{modality}}",
            nothing=_NO_ENCODERS,
        ),
        unit="percentunit",
    )
    yield graph(
        "Work of a batch",
        "Mean tokens of texts, pictures, and samples of sounds in a batch, without padding. It "
        "grows with the load up to the budget.",
        Query(
            f"{_units('content')} / {rate('moderation_encoder_batches_total', 'modality')} >= 0",
            "{{modality}}",
            nothing=_NO_ENCODERS,
        ),
        unit="short",
    )
    yield graph(
        "Bytes of a batch",
        "Mean bytes that are sent to the device for a batch.",
        Query(
            f"{rate('moderation_encoder_bytes_total', 'modality')}"
            f" / {rate('moderation_encoder_batches_total', 'modality')} >= 0",
            "{{modality}}",
            nothing=_NO_ENCODERS,
        ),
        unit="bytes",
    )


def _units(kind: str) -> str:
    counted = f'moderation_encoder_units_total{{kind="{kind}",{WORKER}}}'
    return f"sum by (modality) (rate({counted}[$__rate_interval]))"

"""Where does the time go? Stages, batches, and what the encoders were spared."""

from __future__ import annotations

from collections.abc import Iterator

from deploy.grafana.limits import STAGE_LIMITS
from deploy.grafana.panels import Panel, Query, graph, grid
from deploy.grafana.queries import WORKER, rate
from deploy.grafana.series import by_stage, quantiles


def panels() -> Iterator[Panel]:
    """The panels, from left to right."""
    yield graph(
        "Stage latency, p50",
        "Time that an ordinary group of posts spends in each stage.",
        by_stage(0.5),
        unit="s",
        limits=STAGE_LIMITS,
    )
    yield graph(
        "Stage latency, p99",
        "Of one group in a hundred. Media far above the rest: a slow host, or a file that is hard "
        "to decode.",
        by_stage(0.99),
        unit="s",
        limits=STAGE_LIMITS,
    )
    yield graph(
        "Batch size",
        "Posts that the device took at once. Larger batches under load are the design: the "
        "next batch forms while the device works.",
        *quantiles("moderation_batch_posts", 0.5, 0.95),
        unit="short",
    )
    yield graph(
        "Pieces known from before",
        "Pieces of posts whose vectors the cache had, and pieces that had to be encoded.",
        Query(rate("moderation_embedding_cache_hits_total"), "known"),
        Query(rate("moderation_embedding_cache_misses_total"), "encoded"),
        unit="cps",
    )
    yield graph(
        "Time to load and warm the model",
        "At the start of each worker; how long a roll-out or a scale-out takes at least.",
        Query(f"moderation_model_load_seconds{{{WORKER}}}", "{{instance}} load"),
        Query(f"moderation_model_warm_up_seconds{{{WORKER}}}", "{{instance}} warm-up"),
        unit="s",
    )
    yield grid(
        "Readers and delivery",
        "Who reads words in pictures and in sounds; workers that read none leave them unscanned.",
        Query(f"count by (pictures, sounds) (moderation_reader_info{{{WORKER}}})"),
        unit="short",
        columns={"pictures": "Pictures", "sounds": "Sounds", "Value": "Workers"},
    )

"""Why a candidate should not go to its next stage yet."""

from __future__ import annotations

from collections.abc import Iterator

from workers.rollout.figures import Figures
from workers.rollout.limits import Limits
from workers.rollout.stages import percent


def hindrances(figures: Figures, limits: Limits) -> Iterator[str]:
    """Each reason against the next stage, in words that say what to do."""
    for address, why in figures.silent.items():
        yield f"{address} does not answer: {why}"
    if not figures.candidates:
        yield "no worker answers; name them, or set MODERATION_STATUS_ADDRESSES"
        return
    for address, why in figures.refused.items():
        yield f"{address} cannot have the models that are asked for: {why}"
    without = [address for address, version in figures.candidates.items() if not version]
    if without:
        yield f"these workers have no candidate yet: {', '.join(without)}"
    versions = sorted({version for version in figures.candidates.values() if version})
    if len(versions) > 1:
        yield f"the workers have different candidates: {', '.join(versions)}"
    if figures.compared < limits.min_posts:
        yield (
            f"only {figures.compared:,} posts are compared, of the {limits.min_posts:,} that are "
            "asked for; wait"
        )
    elif figures.changed > limits.max_changed * figures.compared:
        share = round(figures.changed / figures.compared, 3)
        yield (
            f"{percent(share)} of the posts would get another action, more than "
            f"{percent(limits.max_changed)}; look at them in the ledger's accuracy first"
        )
    if figures.failed or figures.fallbacks:
        yield (
            f"a model failed on {figures.failed + figures.fallbacks:,} posts; the workers' logs "
            "say on what"
        )

"""Every post of every worker, one by one, through the queue that the plan describes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from workers.planning.rates import Rates

Seconds = npt.NDArray[np.float64]

SPREAD: Final = 1.0
"""Coefficient of variation of a post's own service time: a text without a picture beside one with
four. Exponential times have just that."""

BINS_A_DECADE: Final = 100  # of the histogram of lags: quantiles within 2.4 %
SHORTEST: Final = 1e-5
LONGEST: Final = 1e5


@dataclass(frozen=True, slots=True)
class Simulated:
    """Lags from a post's arrival to its verdict, in seconds.

    Attributes:
        posts: that came and were judged.
        mean_batch: posts.
        backlog: posts of all workers that waited or were being judged when the last one came.
    """

    posts: int
    p50: float
    p95: float
    p99: float
    mean: float
    mean_batch: float
    backlog: int


def simulate(
    loads: Sequence[float], each: float, rates: Rates, *, seconds: float, seed: int = 0
) -> Simulated:
    """Poisson arrivals to each worker, judged in batches of all that waits.

    Args:
        loads: posts a second that come to each worker.
        each: mean seconds of one more post in a batch.
        rates: of the batches.
        seconds: that are simulated; the first tenth fills the queues and is not counted.
        seed: of all draws.
    """
    draw = np.random.default_rng(seed)
    edges = np.geomspace(SHORTEST, LONGEST, int(10 * BINS_A_DECADE) + 1)
    counts = np.zeros(len(edges) - 1, np.int64)
    total = posts = batches = judged = backlog = 0.0
    for load in loads:
        arrivals = np.sort(draw.uniform(0, seconds, draw.poisson(load * seconds)))
        lags, own_batches = _worker(arrivals, each, rates, draw)
        backlog += float(np.count_nonzero(arrivals + lags > seconds))
        counted = lags[arrivals >= seconds / 10]
        counts += np.histogram(counted.clip(SHORTEST, LONGEST), edges)[0]
        total += float(counted.sum())
        posts += len(counted)
        judged += len(lags)
        batches += own_batches
    return Simulated(
        posts=int(posts),
        p50=_quantile(counts, edges, 0.50),
        p95=_quantile(counts, edges, 0.95),
        p99=_quantile(counts, edges, 0.99),
        mean=total / posts if posts else 0.0,
        mean_batch=judged / batches if batches else 0.0,
        backlog=int(backlog),
    )


def _worker(
    arrivals: Seconds, each: float, rates: Rates, draw: np.random.Generator
) -> tuple[Seconds, int]:
    """The lag of each post of one worker, and how many batches it took."""
    shape = 1 / SPREAD**2
    service = draw.gamma(shape, each / shape, len(arrivals)) if each else np.zeros(len(arrivals))
    until = np.concatenate([[0.0], np.cumsum(service)])
    lags = np.empty_like(arrivals)
    now, first, batches = 0.0, 0, 0
    while first < len(arrivals):
        now = max(now, float(arrivals[first]))
        waiting = int(np.searchsorted(arrivals, now, side="right"))
        end = min(max(waiting, first + 1), first + rates.batch_posts)
        now += rates.batch_seconds + float(until[end] - until[first])
        lags[first:end] = now - arrivals[first:end]
        first, batches = end, batches + 1
    return lags, batches


def _quantile(counts: npt.NDArray[Any], edges: Seconds, share: float) -> float:
    """The upper edge of the bin in which the quantile lies."""
    if not counts.sum():
        return 0.0
    place = int(np.searchsorted(np.cumsum(counts), share * counts.sum()))
    return float(edges[place + 1])

"""From demand and rates to workers, partitions, cores, lag and cost.

The model. Partitions belong to workers, so each worker is a queue of its own and none helps another
out. A worker takes all that waits, up to its largest batch, and judges it in
``fixed + posts * each`` seconds: the longer it takes, the larger the next batch, which makes it
faster a post. In the steady state a cycle of ``T`` seconds judges the ``rate * T`` posts that came
during the last one, so

    T = fixed + rate * T * each,    T = fixed / (1 - rate * each),

as in the gated service of polling systems (Takagi, "Queueing Analysis of Polling Models", 1988).
A post waits for what is left of the cycle in which it comes and for its own: one to two cycles, one
and a half on average. The chance fluctuations that this leaves out are simulated.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from workers.planning.demand import Demand
from workers.planning.errors import PlanError
from workers.planning.rates import Rates

MAX_WORKERS = 100_000
"""Beyond that a mistyped rate is likelier than a plan."""


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the plan should keep to.

    Attributes:
        utilisation: of a worker at the peak, at most; 0..1, both excluded.
        spare: workers that may be lost at the peak with all others still within ``utilisation``.
        growth: how many times as many workers the partitions should leave room for.
        price: of one worker with its device, an hour; None where nobody has said.
        outage_minutes: after how long without any worker the time to catch up is told.
    """

    utilisation: float = 0.7
    spare: int = 1
    growth: int = 4
    price: float | None = None
    outage_minutes: float = 10.0


@dataclass(frozen=True, slots=True)
class Plan:
    """What is needed, and how it will run.

    Attributes:
        workers: with the spare ones.
        partitions: of `posts`: an equal number for each worker, and for each that may yet come.
        devices: GPUs; 0 on CPUs.
        cores: of the host, for one worker.
        capacity: posts a second that one worker can judge in full batches.
        load: posts a second that come to the busiest worker.
        utilisation: of the busiest worker.
        batch: posts of its mean batch.
        cycle: seconds of its mean batch.
        mean_lag: seconds from a post's arrival to its verdict, by the model.
        catch_up_minutes: until the backlog of the outage is judged, at the peak.
        cost: an hour; None without a price.
    """

    workers: int
    partitions: int
    devices: int
    cores: int
    capacity: float
    load: float
    utilisation: float
    batch: float
    cycle: float
    mean_lag: float
    catch_up_minutes: float
    cost: float | None


def plan(demand: Demand, rates: Rates, wishes: Wishes) -> Plan:
    """Plan for a peak.

    Raises:
        PlanError: no number of workers is enough, or the rates cannot be true.
    """
    each = rates.device_post_seconds(demand.mix)
    full = rates.batch_seconds + rates.batch_posts * each
    if full <= 0:
        raise PlanError("by these rates a post takes no time; measure them anew")
    capacity = rates.batch_posts / full
    usable = capacity * wishes.utilisation
    if demand.hottest_author > usable:
        raise PlanError(
            f"the busiest author alone sends {demand.hottest_author:,.0f} posts/s, and one worker "
            f"judges {usable:,.0f} posts/s at {wishes.utilisation:.0%}: one worker judges all "
            "posts of an author, in order. Limit the author's rate, or use a faster device"
        )
    needed = _workers_for(demand, usable)
    workers = needed + wishes.spare
    load = _busiest(demand, workers)
    cycle = _cycle(load, each, rates)
    spare_rate = capacity * workers - demand.posts_per_second
    host = demand.posts_per_second / workers * rates.host_post_seconds(demand.mix)
    return Plan(
        workers=workers,
        partitions=workers * wishes.growth,
        devices=workers if rates.device == "cuda" else 0,
        cores=1 if rates.device == "cpu" else 1 + math.ceil(host / wishes.utilisation),
        capacity=capacity,
        load=load,
        utilisation=load / capacity,
        batch=max(1.0, load * cycle),
        cycle=cycle,
        mean_lag=1.5 * cycle,
        catch_up_minutes=wishes.outage_minutes * demand.posts_per_second / spare_rate,
        cost=None if wishes.price is None else wishes.price * workers,
    )


def _workers_for(demand: Demand, usable: float) -> int:
    """The fewest workers of which the busiest is within what is usable."""
    others = demand.posts_per_second - demand.hottest_author
    room = usable - demand.hottest_author
    workers = math.ceil(demand.posts_per_second / usable)
    if demand.hottest_author:
        workers = max(workers, math.ceil(others / room)) if room > 0 else MAX_WORKERS + 1
    if workers > MAX_WORKERS:
        raise PlanError(
            f"more than {MAX_WORKERS:,} workers would be needed: one judges {usable:,.2f} posts/s. "
            "Check --posts-per-second, --mix and the rates"
        )
    return max(1, workers)


def _busiest(demand: Demand, workers: int) -> float:
    """Posts a second of the worker that has the busiest author besides its share of the others."""
    return demand.hottest_author + (demand.posts_per_second - demand.hottest_author) / workers


def _cycle(load: float, each: float, rates: Rates) -> float:
    """Seconds of a mean batch; at least those of a batch of one."""
    return max(rates.batch_seconds + each, rates.batch_seconds / (1 - load * each))

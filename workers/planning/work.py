"""Plan, simulate, and show both."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import typer
from rich.console import Console
from rich.table import Table

from workers.planning.demand import Demand
from workers.planning.plan import Plan, Wishes, plan
from workers.planning.rates import Rates
from workers.planning.simulate import Simulated, simulate


@dataclass(frozen=True, slots=True)
class Answer:
    """A plan, and what became of it in the simulation."""

    demand: Demand
    rates: Rates
    wishes: Wishes
    plan: Plan
    simulated: Simulated | None

    def as_json(self) -> dict[str, Any]:
        """All figures, rounded to six digits."""
        return {
            "demand": dataclasses.asdict(self.demand),
            "wishes": dataclasses.asdict(self.wishes),
            "rates": self.rates.model_dump(mode="json"),
            "plan": dataclasses.asdict(self.plan),
            "simulated": None if self.simulated is None else dataclasses.asdict(self.simulated),
        }


def planned(demand: Demand, rates: Rates, wishes: Wishes, *, seconds: float, seed: int) -> Answer:
    """Plan for a demand, and send every post of so many seconds through the plan.

    Raises:
        PlanError: the demand cannot be planned for.
    """
    found = plan(demand, rates, wishes)
    simulated = None
    if seconds:
        share = (demand.posts_per_second - demand.hottest_author) / found.workers
        loads = [share + demand.hottest_author, *[share] * (found.workers - 1)]
        each = rates.device_post_seconds(demand.mix)
        simulated = simulate(loads, each, rates, seconds=seconds, seed=seed)
    return Answer(demand, rates, wishes, found, simulated)


def show(answer: Answer, *, as_json: bool) -> None:
    """Print an answer: a table, or one JSON object."""
    if as_json:
        typer.echo(json.dumps(answer.as_json()))
        return
    console = Console()
    console.print(
        f"by rates of {answer.rates.machine} with {answer.rates.model}",
        highlight=False,
        soft_wrap=True,
    )
    table = Table("what", "how much", show_header=False)
    for what, how_much in _lines(answer):
        table.add_row(what, how_much)
    console.print(table)


def _lines(answer: Answer) -> Iterator[tuple[str, str]]:
    found, wishes = answer.plan, answer.wishes
    yield "workers", f"{found.workers:,}, {wishes.spare} of them to spare"
    yield (
        "partitions of `posts`",
        f"{found.partitions:,}: room for {wishes.growth} times as many workers",
    )
    yield "GPUs", f"{found.devices:,}" if found.devices else "none"
    yield "cores of one worker", f"{found.cores}"
    yield "posts/s of one worker", f"{found.load:,.1f} of {found.capacity:,.1f} that it can judge"
    yield "utilisation", f"{found.utilisation:.0%}"
    yield "batch", f"{found.batch:,.1f} posts in {_duration(found.cycle)}"
    yield "mean lag, by the model", _duration(found.mean_lag)
    if answer.simulated is not None:
        seen = answer.simulated
        yield (
            f"lag of {seen.posts:,} simulated posts",
            (f"p50 {_duration(seen.p50)}, p95 {_duration(seen.p95)}, p99 {_duration(seen.p99)}"),
        )
    yield f"to catch up after {wishes.outage_minutes:g} min", f"{found.catch_up_minutes:,.1f} min"
    if found.cost is not None:
        yield "cost", f"{found.cost:,.2f} an hour"


def _duration(seconds: float) -> str:
    return f"{1000 * seconds:,.1f} ms" if seconds < 1 else f"{seconds:,.2f} s"

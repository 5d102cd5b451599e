"""What is left of the bare model's speed: ``python -m bench.performance.pipeline``.

The worker works off a backlog of posts of a mix, policy, verdicts and delivery included; the bare
model (``bench.performance.bare``) runs its forward passes over the same posts in the batch size
that is best for it. Both take turns, in processes of their own, with all cores.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from typing import Any, Final

from bench.performance import commands
from bench.performance.backlog import Keyed, Worked, work_off
from bench.performance.made_posts import Mix, make_posts
from bench.performance.options import Options, nothing_more, parsed
from bench.performance.spread import Spread
from bench.performance.topics import bench_broker

POSTS: Final[dict[Mix, int]] = {"text": 8_000, "mixed": 4_000}
SMALL_POSTS: Final = 100
BARE_SHARE: Final = 4
"""The bare model sees a quarter of the posts: four budgets, four passes each."""

SMALL_BARE_POSTS: Final = 16
"""It makes sixteen passes over them, and one that measures nothing need not take long."""

GPU_TIMES: Final = 10  # as many posts, where a GPU works them off
GOAL: Final = 0.95


def measure(options: Options) -> dict[str, float | bool | None]:
    """Rounds in turns for each mix, a table, the ratios."""
    report = options.report("pipeline")
    with bench_broker() as broker:
        for mix, full in POSTS.items():
            count = options.posts(full * (1 if options.device == "cpu" else GPU_TIMES), SMALL_POSTS)
            bare, worked = [], []
            for _ in range(options.rounds):
                bare.append(_bare(mix, max(SMALL_BARE_POSTS, count // BARE_SHARE), options.device))
                worked.append(through_kafka(broker, mix, count, options.device))
            model = Spread.of([one["rate"] for one in bare])
            model_cpu = Spread.of([one["cpu_ms"] for one in bare])
            whole = Spread.of([one.rate for one in worked])
            whole_cpu = Spread.of([one.cpu_ms for one in worked])
            for name, rate, cpu in (
                ("bare model", model, model_cpu),
                ("worker behind Kafka", whole, whole_cpu),
            ):
                report.add(
                    "Pipeline efficiency",
                    {"posts": mix, "": name, "posts/s": rate, "CPU ms/post": cpu},
                )
            report.ratio(f"efficiency_{mix}", whole.median / model.median, GOAL)
            report.ratio(f"efficiency_{mix}_cpu", model_cpu.median / whole_cpu.median)
    return report.finish()


def keyed(mix: Mix, count: int) -> Iterator[Keyed]:
    """Posts as records."""
    for post in make_posts(mix, count):
        yield post.author_id.encode(), post.to_bytes()


def through_kafka(bootstrap_servers: str, mix: Mix, count: int, device: str) -> Worked:
    """The worker with the shipped model over a backlog of the mix."""
    return work_off(bootstrap_servers, keyed(mix, count), commands.worker(device=device))


def _bare(mix: Mix, count: int, device: str) -> dict[str, Any]:
    line = [sys.executable, "-m", "bench.performance.bare", "--mix", mix]
    line += ["--posts", str(count), "--device", device]
    done = subprocess.run(line, capture_output=True, text=True, check=True)  # noqa: S603 - a module of ours, with arguments of ours
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


if __name__ == "__main__":
    measure(parsed(__doc__, nothing_more)[0])

"""Plumbing alone: ``python -m bench.performance.plumbing``.

Model and media are replaced by constants; posts of 300 bytes go through contract, default policy
and delivery in one process. Beside it the least that consumes, transforms and produces, and the
same stages in a Faust agent. A post's CPU time is that of the whole process, after the warm-up.
"""

from __future__ import annotations

from typing import Final

from bench.performance import commands
from bench.performance.backlog import Worked, work_off
from bench.performance.made_posts import AUTHORS, small_post
from bench.performance.options import Options, nothing_more, parsed
from bench.performance.spread import Spread
from bench.performance.topics import bench_broker

POSTS: Final = {"worker": 100_000, "raw loop": 200_000, "Faust": 20_000}
"""About ten seconds each on one core."""

SMALL_POSTS: Final = 2_000
GOAL_POSTS_PER_SECOND: Final = 8_000
GOAL_TIMES_FAUST: Final = 4.0

CANDIDATES: Final = {
    "worker": commands.worker(model="constant"),
    "raw loop": commands.module("bench.performance.peers.raw_loop"),
    "Faust": commands.module("bench.performance.peers.faust_stages"),
}


def measure(options: Options) -> dict[str, float | bool | None]:
    """Rounds in turns, a table, the ratios."""
    report = options.report("plumbing")
    rounds: dict[str, list[Worked]] = {name: [] for name in CANDIDATES}
    with bench_broker() as broker:
        for _ in range(options.rounds):
            for name, command in CANDIDATES.items():
                count = options.posts(POSTS[name], SMALL_POSTS)
                posts = ((f"a-{n % AUTHORS}".encode(), small_post(n)) for n in range(count))
                rounds[name].append(work_off(broker, posts, command))
    rates = {name: Spread.of([one.rate for one in done]) for name, done in rounds.items()}
    costs = {name: Spread.of([one.cpu_ms * 1000 for one in done]) for name, done in rounds.items()}
    for name, done in rounds.items():
        report.add(
            "Plumbing alone, 300-byte posts, one process",
            {
                "": name,
                "posts": done[0].posts,
                "posts/s": rates[name],
                "CPU µs/post": costs[name],
                "posts/CPU s": 1e6 / costs[name].median,
            },
        )
    report.ratio("plumbing_posts_per_s", rates["worker"].median, GOAL_POSTS_PER_SECOND)
    report.ratio("plumbing_posts_per_cpu_s", 1e6 / costs["worker"].median)
    for name, key in (("raw loop", "raw"), ("Faust", "faust")):
        goal = GOAL_TIMES_FAUST if name == "Faust" else None
        report.ratio(f"plumbing_vs_{key}", rates["worker"].median / rates[name].median, goal)
        report.ratio(f"plumbing_vs_{key}_cpu", costs[name].median / costs["worker"].median)
    return report.finish()


if __name__ == "__main__":
    measure(parsed(__doc__, nothing_more)[0])

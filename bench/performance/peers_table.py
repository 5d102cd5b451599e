"""The worker beside its peers: ``python -m bench.performance.peers_table``.

The same model over the same backlog of text posts, on real Kafka, each in turn: a Faust agent that
calls the model for each post; aiokafka with fixed batches; LitServe and MOSEC behind a consumer; a
transformers pipeline. Peers only score; the worker also applies the policy and writes verdicts.
LitServe and MOSEC need ``make bench-setup``; where that was not done, they are left out and named,
and their ratio is null.
"""

from __future__ import annotations

from typing import Final

from bench.performance import commands
from bench.performance.backlog import Worked, work_off
from bench.performance.commands import PEERS_PYTHON, MakeCommand
from bench.performance.options import Options, nothing_more, parsed
from bench.performance.peers.model import DEVICE_VARIABLE
from bench.performance.pipeline import keyed
from bench.performance.spread import Spread
from bench.performance.topics import bench_broker

POSTS: Final = 6_000
SLOW_POSTS: Final = 1_500  # for the agent that scores post by post
SMALL_POSTS: Final = 60
GPU_TIMES: Final = 10

WORKER: Final = "worker"
FAUST: Final = "Faust, post by post"
GOAL_FAUST: Final = {"cpu": 2.0, "cuda": 10.0}
GOAL: Final = 1.0

MODULES: Final = {
    FAUST: "faust_model",
    "aiokafka, 32 posts or 10 ms": "fixed_batches",
    "LitServe behind a consumer": "litserve_peer",
    "MOSEC behind a consumer": "mosec_peer",
    "transformers pipeline": "transformers_pipeline",
}
OWN_PYTHON: Final = frozenset({"litserve_peer", "mosec_peer"})


def candidates(device: str) -> dict[str, MakeCommand | None]:
    """Each by its name; None where it is not installed."""
    found: dict[str, MakeCommand | None] = {
        WORKER: commands.worker(device=device, embedding_cache_bytes=0)
    }
    for name, module in MODULES.items():
        python = {"python": str(PEERS_PYTHON)} if module in OWN_PYTHON else {}
        there = not python or PEERS_PYTHON.is_file()
        where = f"bench.performance.peers.{module}"
        environment = {DEVICE_VARIABLE: device}
        found[name] = commands.module(where, environment, **python) if there else None
    return found


def measure(options: Options) -> dict[str, float | bool | None]:
    """Rounds in turns, a table, the ratios."""
    report = options.report("peers")
    all_of_them = candidates(options.device)
    rounds: dict[str, list[Worked]] = {name: [] for name in all_of_them}
    times = 1 if options.device == "cpu" else GPU_TIMES
    with bench_broker() as broker:
        for _ in range(options.rounds):
            for name, command in all_of_them.items():
                if command is not None:
                    count = SLOW_POSTS if name == FAUST else POSTS * times
                    posts = keyed("text", options.posts(count, SMALL_POSTS))
                    rounds[name].append(work_off(broker, posts, command))
    ours = Spread.of([one.rate for one in rounds[WORKER]])
    ours_cpu = Spread.of([one.cpu_ms for one in rounds[WORKER]])
    for name, done in rounds.items():
        title = "The same model and text posts behind Kafka"
        if not done:
            report.add(title, {"": name, "posts/s": "not installed: make bench-setup"})
            report.ratio(_ratio_name(name), None)
            continue
        rate = Spread.of([one.rate for one in done])
        cpu = Spread.of([one.cpu_ms for one in done])
        report.add(
            title,
            {
                "": name,
                "posts/s": rate,
                "CPU ms/post": cpu,
                "worker is faster": ours.median / rate.median,
                "in CPU time": cpu.median / ours_cpu.median,
            },
        )
        if name != WORKER:
            kind = options.device.partition(":")[0]
            goal = GOAL_FAUST[kind] if name == FAUST else GOAL
            report.ratio(_ratio_name(name), ours.median / rate.median, goal)
            report.ratio(f"{_ratio_name(name)}_cpu", cpu.median / ours_cpu.median)
    return report.finish()


def _ratio_name(peer: str) -> str:
    return f"worker_vs_{MODULES[peer].removesuffix('_peer')}"


if __name__ == "__main__":
    measure(parsed(__doc__, nothing_more)[0])

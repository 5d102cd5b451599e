"""How the worker grows: ``python -m bench.performance.scale``.

Several workers share a backlog: as many as there are cores with the shipped model, and up to four
with a device that only takes time, as long as the real one was measured to take, so that cores do
not decide. Then one worker with constant scores works off a long backlog (``--backlog 1000000`` for
a million posts), while its memory and its rate are watched. At last what a post costs as posts,
lists and policies grow.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Final

from bench.performance import commands
from bench.performance.backlog import Command, Worked, work_off
from bench.performance.decoded import decoded
from bench.performance.growth import by_what, grow
from bench.performance.made_posts import AUTHORS, make_posts, small_post
from bench.performance.options import Options, parsed
from bench.performance.pipeline import keyed
from bench.performance.report import Report
from bench.performance.simulated_worker import BATCH_VARIABLE, POST_VARIABLE
from bench.performance.spread import Spread
from bench.performance.topics import bench_broker
from moderation.media import DecodedPost
from workers.moderator.machine_settings import available_cores
from workers.moderator.settings import ModeratorSettings
from workers.settings import KafkaSettings

WORKERS: Final = (1, 2, 4)
PARTITIONS: Final = 12
"""As many for each worker. Of the six that topics have by default, two of four workers would get
twice what the others do: 0.75 of linear at most."""

POSTS_A_WORKER: Final = 4_000
SIMULATED_POSTS_A_WORKER: Final = 8_000
"""Long enough that producing them, and the workers' uneven ends, count for little."""

SMALL_POSTS: Final = 200
BACKLOG: Final = 100_000
SMALL_BACKLOG: Final = 1_000
SERVICE_BATCHES: Final = (16, 256)  # posts; two points of the line that service times lie on
SERVICE_ROUNDS: Final = 5  # of each thread
GOAL_SCALING: Final = 0.9  # of the rate of one worker, a worker
GOAL_STEADY: Final = 0.9  # rate of the last fifth of a backlog over that of the second
GOAL_MEMORY: Final = 1.1  # memory at its end over memory at a fifth of it, at most


def measure(options: Options, backlog: int) -> dict[str, float | bool | None]:
    """All three parts."""
    report = options.report("scale")
    with bench_broker() as broker:
        _simulated(broker, options, report)
        if not options.small:
            _real(broker, options, report)
        _backlog(broker, options.posts(backlog, SMALL_BACKLOG), report)
    _growth(options, report)
    return report.finish()


def service_ms(device: str, settings: ModeratorSettings) -> tuple[float, float]:
    """Milliseconds that the model takes for a batch, and for each of its posts.

    Measured as the worker computes: on a CPU several threads score batches side by side, and the
    simulated device has as many.
    """
    import torch

    from moderation.inference import Scorer

    on_cpu = device == "cpu"
    torch.set_num_threads(settings.torch_threads_for(on_cpu=on_cpu))
    scorer = Scorer(device=device, cache_bytes=0)
    scorer.warm_up()

    def timed(posts: Sequence[DecodedPost]) -> float:
        begin = time.perf_counter()
        scorer.score(posts)
        return (time.perf_counter() - begin) * 1000

    threads = settings.scoring_threads_for(on_cpu=on_cpu)
    taken = []
    with ThreadPoolExecutor(threads) as side_by_side:
        for count in SERVICE_BATCHES:
            batches = [decoded(make_posts("text", count))] * SERVICE_ROUNDS * threads
            taken.append(statistics.median(side_by_side.map(timed, batches)))
    few, many = SERVICE_BATCHES
    post = max(0.0, (taken[1] - taken[0]) / (many - few))
    return max(0.0, taken[0] - post * few), post


def _simulated(broker: str, options: Options, report: Report) -> None:
    settings = ModeratorSettings()
    threads = settings.scoring_threads_for(on_cpu=options.device == "cpu")
    batch_ms, post_ms = service_ms(options.device, settings)
    environment = {
        BATCH_VARIABLE: f"{batch_ms:.3f}",
        POST_VARIABLE: f"{post_ms:.3f}",
        "MODERATION_WORKER_SCORING_THREADS": str(threads),
        "MODERATION_WORKER_HTTP_PORT": "0",
        "MODERATION_WORKER_LOG_LEVEL": "WARNING",
    }
    line = (sys.executable, "-m", "bench.performance.simulated_worker")
    each = options.posts(SIMULATED_POSTS_A_WORKER, SMALL_POSTS)
    rounds: dict[int, list[Worked]] = {count: [] for count in WORKERS}
    for _ in range(options.rounds):
        for count in WORKERS:
            posts = keyed("text", each * count)
            command = Command(line, environment, count)
            always = partial(_always, command)
            rounds[count].append(work_off(broker, posts, always, partitions=PARTITIONS))
    title = (
        f"Workers with a device of {batch_ms:.1f} ms a batch and {post_ms:.2f} ms a post, "
        f"{threads} batches side by side"
    )
    _compare(title, "scaling", rounds, report)


def _always(command: Command, _kafka: KafkaSettings) -> Command:
    return command


def _real(broker: str, options: Options, report: Report) -> None:
    counts = [count for count in WORKERS if count <= available_cores()]
    rounds: dict[int, list[Worked]] = {count: [] for count in counts}
    for _ in range(options.rounds):
        for count in counts:
            command = commands.worker(
                count,
                device=options.device,
                scoring_threads=1,
                torch_threads=1,
                embedding_cache_bytes=0,
            )
            posts = keyed("text", POSTS_A_WORKER * count)
            rounds[count].append(work_off(broker, posts, command, partitions=PARTITIONS))
    _compare("Workers with the shipped model, one thread each", "scaling_real", rounds, report)


def _compare(title: str, key: str, rounds: dict[int, list[Worked]], report: Report) -> None:
    one = statistics.median(done.rate for done in rounds[1])
    for count, done in rounds.items():
        rate = Spread.of([worked.rate for worked in done])
        share = rate.median / (count * one)
        report.add(
            title,
            {
                "workers": count,
                "posts/s": rate,
                "of as many times one": share,
                "CPU ms/post": Spread.of([worked.cpu_ms for worked in done]),
            },
        )
        if count > 1:
            report.ratio(f"{key}_{count}", share, GOAL_SCALING)


def _backlog(broker: str, count: int, report: Report) -> None:
    posts = ((f"a-{n % AUTHORS}".encode(), small_post(n)) for n in range(count))
    done = work_off(broker, posts, commands.worker(model="constant"))
    for part, (rate, memory) in enumerate(zip(done.rates, done.rss_mib, strict=True)):
        report.add(
            f"A backlog of {count:,} posts, one worker with constant scores",
            {"answered": f"{part + 1}0 %", "posts/s": rate, "memory MiB": memory},
        )
    steady = _mean(done.rates[8:]) / _mean(done.rates[2:4])
    memory = done.rss_mib[-1] / done.rss_mib[1]
    report.ratio("backlog_rate_late_vs_early", steady, GOAL_STEADY)
    report.ratio("backlog_memory_late_vs_early", memory)
    report.ratios["backlog_memory_late_vs_early_met"] = memory <= GOAL_MEMORY


def _growth(options: Options, report: Report) -> None:
    for what, points in by_what(grow(options.rounds, small=options.small)).items():
        for point in points:
            report.add(
                "What a post costs in contract, policy and verdict, one thread",
                {"what": what, "size": point.size, "CPU µs/post": point.cpu_us},
            )
        first, last = points[0], points[-1]
        key = what.partition(" ")[0]
        grown = last.cpu_us.median / first.cpu_us.median
        report.ratio(f"cost_of_{last.size // first.size}_times_the_{key}", grown)


def _mean(values: Sequence[float]) -> float:
    return statistics.fmean(values)


def _add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--backlog", type=int, default=BACKLOG, help="posts of the long backlog")


if __name__ == "__main__":
    chosen, given = parsed(__doc__, _add)
    measure(chosen, given.backlog)

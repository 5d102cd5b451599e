"""From the broker's timestamp of a post to its verdict: ``python -m bench.performance.latency``.

Posts come at random moments (a Poisson process with a fixed seed) at a share of what the worker can
do, whether or not the ones before are answered; a reader of committed records waits for verdicts,
as a platform would. The moment at which a verdict is read, less the broker's timestamp of its post,
is its latency: intake, model, rules, production and commit included. What the worker can do is
measured first, on a backlog of the same posts. A batch time is what a full batch takes at that
rate, of which on a CPU as many are scored side by side as the worker has scoring threads.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from aiokafka import AIOKafkaProducer

from bench.performance import commands
from bench.performance.backlog import kafka_environment
from bench.performance.made_posts import make_posts
from bench.performance.options import Options, parsed
from bench.performance.pipeline import through_kafka
from bench.performance.processes import Measured, measured
from bench.performance.spread import Spread
from bench.performance.topics import bench_broker, fresh_topics
from schemas import TOPICS, Post
from workers.moderator.settings import ModeratorSettings
from workers.settings import KafkaSettings
from workers.streams import make_consumer, make_producer

LOADS: Final = (0.30, 0.70, 0.95)
SECONDS: Final = 60.0
SMALL_SECONDS: Final = 3.0
CAPACITY_POSTS: Final = 6_000
SMALL_POSTS: Final = 100
WARM_POSTS: Final = 50
"""Sent one after another before the clock starts: the group is joined and the model is warm."""

LINGER_MS: Final = 5
"""How long the sender gathers posts. The broker stamps them as it writes them, so that this wait is
in no latency; sent one by one they would cost the sender a core that the worker is to have."""

ANSWER_SECONDS: Final = 900.0
GOAL_BATCH_TIMES: Final = 3.0
GOAL_LOAD: Final = 0.70
PERCENTS: Final = (50, 95, 99)


@dataclass(frozen=True, slots=True)
class Latencies:
    """At one load: percentiles in seconds, and the CPU milliseconds that a post cost."""

    percentiles: dict[int, float]
    cpu_ms: float
    offered: float


class Watch:
    """Reads verdicts as they come and notes when each was there.

    Args:
        kafka: the topics.
    """

    def __init__(self, kafka: KafkaSettings) -> None:
        topic = kafka.topic(TOPICS.verdicts)
        self._consumer = make_consumer(kafka, topic, client_id="bench-watch")
        self.seen: dict[bytes, float] = {}

    async def run(self) -> None:
        """Until cancelled."""
        await self._consumer.start()
        try:
            while True:
                batches = await self._consumer.getmany(timeout_ms=1_000)
                now = time.time()
                for records in batches.values():
                    for record in records:
                        self.seen.setdefault(record.key, now)
        finally:
            await self._consumer.stop()

    async def wait_for(self, posts: int) -> None:
        """Wait until so many posts are answered.

        Raises:
            TimeoutError: they are not within :data:`ANSWER_SECONDS`.
        """
        deadline = time.monotonic() + ANSWER_SECONDS
        while len(self.seen) < posts:
            if time.monotonic() > deadline:
                raise TimeoutError(f"{len(self.seen)} of {posts} posts answered")
            await asyncio.sleep(0.05)


async def _send(producer: AIOKafkaProducer, topic: str, post: Post) -> float:
    """Produce a post; its broker's timestamp in seconds."""
    sent = await producer.send(topic, post.to_bytes(), post.author_id.encode())
    return float((await sent).timestamp) / 1000


async def offer(
    kafka: KafkaSettings, posts: Sequence[Post], rate: float, process: Measured
) -> Latencies:
    """Send the posts at the rate and wait for their verdicts."""
    topic, watch = kafka.topic(TOPICS.posts), Watch(kafka)
    producer = make_producer(
        kafka, client_id="bench", acks=1, enable_idempotence=False, linger_ms=LINGER_MS
    )
    await producer.start()
    watching = asyncio.create_task(watch.run())
    try:
        for post in posts[:WARM_POSTS]:
            await _send(producer, topic, post)
        await watch.wait_for(WARM_POSTS)
        timed, rng = posts[WARM_POSTS:], random.Random(1)  # noqa: S311 - draws when posts are sent, nothing secret
        begin, due, tasks = time.time(), 0.0, []
        for post in timed:
            due += rng.expovariate(rate)
            await asyncio.sleep(max(0.0, begin + due - time.time()))
            tasks.append(asyncio.create_task(_send(producer, topic, post)))
        stamped = await asyncio.gather(*tasks)
        offered = len(timed) / (time.time() - begin)
        await watch.wait_for(len(posts))
    finally:
        watching.cancel()
        await asyncio.wait([watching])
        await producer.stop()
    waits = [
        watch.seen[post.post_id.encode()] - at for post, at in zip(timed, stamped, strict=True)
    ]
    cuts = statistics.quantiles(waits, n=100, method="inclusive")
    cpu = process.cpu_at(time.time()) - process.cpu_at(begin)
    return Latencies({p: cuts[p - 1] for p in PERCENTS}, cpu / len(timed) * 1000, offered)


def measure(options: Options, capacity: float | None = None) -> dict[str, float | bool | None]:
    """Latencies at each load, a table, the ratios.

    Args:
        options: of the run.
        capacity: posts a second of the worker; measured first where it is not known.
    """
    report = options.report("latency")
    with bench_broker() as broker:
        if capacity is None:
            count = options.posts(CAPACITY_POSTS, SMALL_POSTS)
            capacity = through_kafka(broker, "text", count, options.device).rate
        settings = ModeratorSettings()
        batch_posts = settings.batch_posts(options.device)
        at_once = settings.scoring_threads_for(on_cpu=options.device == "cpu")
        batch_seconds = batch_posts * at_once / capacity
        seconds = SMALL_SECONDS if options.small else SECONDS * options.share
        for load in LOADS:
            rate = load * capacity
            posts = make_posts("text", WARM_POSTS + max(10, int(rate * seconds)))
            rounds = [
                asyncio.run(_measured(broker, posts, rate, options.device))
                for _ in range(options.rounds)
            ]
            spreads = {
                p: Spread.of([one.percentiles[p] * 1000 for one in rounds]) for p in PERCENTS
            }
            report.add(
                f"Latency of text posts; the worker does {capacity:.0f} posts/s, "
                f"{at_once} batches of {batch_posts} at once in {batch_seconds * 1000:.0f} ms",
                {
                    "load": f"{load:.0%}",
                    "posts/s": Spread.of([one.offered for one in rounds]),
                    **{f"p{p} ms": spread for p, spread in spreads.items()},
                    "p99 in batch times": spreads[99].median / 1000 / batch_seconds,
                    "CPU ms/post": Spread.of([one.cpu_ms for one in rounds]),
                },
            )
            report.ratio(
                f"p99_batch_times_at_{load * 100:.0f}", spreads[99].median / 1000 / batch_seconds
            )
    at_goal = report.ratios[f"p99_batch_times_at_{GOAL_LOAD * 100:.0f}"]
    report.ratios["latency_met"] = at_goal is not None and at_goal <= GOAL_BATCH_TIMES
    return report.finish()


async def _measured(broker: str, posts: Sequence[Post], rate: float, device: str) -> Latencies:
    kafka = await fresh_topics(broker)
    command = commands.worker(device=device)(kafka)
    environment = kafka_environment(kafka) | dict(command.environment)
    with measured(command.line, environment) as process:
        return await offer(kafka, posts, rate, process)


def _add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--capacity", type=float, help="posts a second, where it is known")


if __name__ == "__main__":
    chosen, given = parsed(__doc__, _add)
    measure(chosen, given.capacity)

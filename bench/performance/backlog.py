"""A backlog worked off by a process: how many posts a second, and what they cost."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Final

from bench.performance.processes import LOG_TAIL, Measured, measured
from bench.performance.topics import (
    AnswerReader,
    answer_reader,
    fresh_topics,
    group_members,
    produce_posts,
)
from workers.settings import KafkaSettings

WARM_SHARES: Final = (0.1, 0.4)
"""Of the answers: the warm-up ends somewhere between; the rate is that of the rest."""

SHORTEST_SECONDS: Final = 0.5
"""A few samples of the CPU time. What is over sooner, as a smoke run, counts whole."""

LOOK_SECONDS: Final = 0.25
STALL_SECONDS: Final = 900.0
"""Without a new answer. A start takes ten seconds of CPU, of which a busy machine gives few."""

GROUP: Final = "moderator"
"""The worker's own default."""

PLACE_VARIABLE: Final = "MODERATION_WORKER_PLACE"
"""Several workers keep apart as they would on a machine of their own."""

Keyed = tuple[bytes, bytes]
"""A record's key and value."""


@dataclass(frozen=True, slots=True)
class Command:
    """What is started, once for each worker, and with which variables."""

    line: Sequence[str]
    environment: Mapping[str, str]
    copies: int = 1


@dataclass(frozen=True, slots=True)
class Worked:
    """A backlog that was worked off.

    Attributes:
        posts: all of them; each was answered.
        rate: posts a second after the warm-up.
        cpu_ms: CPU milliseconds a post, of all processes of the command, after the warm-up.
        repeated: answers beyond the first for a post.
        rates: posts a second in each tenth of the answers, the warm-up included.
        rss_mib: resident memory at the end of each tenth.
    """

    posts: int
    rate: float
    cpu_ms: float
    repeated: int
    rates: Sequence[float]
    rss_mib: Sequence[float]


def work_off(
    bootstrap_servers: str,
    posts: Iterable[Keyed],
    command: Callable[[KafkaSettings], Command],
    group: str = GROUP,
    *,
    partitions: int | None = None,
) -> Worked:
    """Produce the posts, start the command, and wait until each has its answer.

    Several copies of a command are started before the posts are produced: the first to be there
    would have taken all.

    Args:
        bootstrap_servers: of the broker.
        posts: the backlog.
        command: is told the topics of this run.
        group: that several copies join.
        partitions: that they share; what topics have by default if None.

    Raises:
        ProcessEndedError: a process ended before.
        TimeoutError: no answer came for :data:`STALL_SECONDS`.
    """
    return asyncio.run(_work_off(bootstrap_servers, posts, command, group, partitions))


async def _work_off(
    bootstrap_servers: str,
    posts: Iterable[Keyed],
    command: Callable[[KafkaSettings], Command],
    group: str,
    partitions: int | None,
) -> Worked:
    kafka = await fresh_topics(bootstrap_servers, partitions)
    wanted = command(kafka)
    together = wanted.copies > 1
    count = 0 if together else await produce_posts(kafka, posts)
    environment = kafka_environment(kafka) | dict(wanted.environment)
    with ExitStack() as stack:
        processes = [
            stack.enter_context(
                measured(wanted.line, environment | {PLACE_VARIABLE: f"{number}/{wanted.copies}"})
            )
            for number in range(1, wanted.copies + 1)
        ]
        if together:
            await _all_joined(kafka, group, wanted.copies, processes)
            count = await produce_posts(kafka, posts)
        async with answer_reader(kafka) as reader:
            await _all_answered(reader, count, processes)
            return _worked(reader, processes)


def kafka_environment(kafka: KafkaSettings) -> dict[str, str]:
    """The variables by which a process finds broker and topics."""
    return {
        "MODERATION_KAFKA_BOOTSTRAP_SERVERS": kafka.bootstrap_servers,
        "MODERATION_KAFKA_TOPIC_PREFIX": kafka.topic_prefix,
    }


async def _all_joined(
    kafka: KafkaSettings, group: str, copies: int, processes: Sequence[Measured]
) -> None:
    """Wait until each worker has its partitions."""
    deadline = time.monotonic() + STALL_SECONDS
    while await group_members(kafka, kafka.group(group)) < copies:
        for process in processes:
            process.require_alive()
        if time.monotonic() > deadline:
            raise TimeoutError(f"{copies} workers did not join within {STALL_SECONDS:g} s")
        await asyncio.sleep(LOOK_SECONDS)


async def _all_answered(reader: AnswerReader, count: int, processes: Sequence[Measured]) -> None:
    """Only count while the work goes on, so that reading takes no time from it; then read."""
    seen, last_new, reading = 0, time.monotonic(), False
    while len(reader.answers) < count:
        for process in processes:
            process.require_alive()
        now = await (reader.read() if reading else reader.appended())
        if now != seen:
            seen, last_new = now, time.monotonic()
        if time.monotonic() - last_new > STALL_SECONDS:
            logs = "\n".join(process.log[-LOG_TAIL:] for process in processes)
            raise TimeoutError(f"{seen} of {count} posts answered, then no more:\n{logs}")
        if not reading:
            reading = now >= count
            await asyncio.sleep(LOOK_SECONDS)


def _worked(reader: AnswerReader, processes: Sequence[Measured]) -> Worked:
    times = sorted(at_ms / 1000 for at_ms in reader.answers.at_ms.values())
    count = len(times)
    first, end = _after_warm_up(times), times[-1]
    begin, rest = times[first], count - first - 1
    if end - begin < SHORTEST_SECONDS:
        begin, rest = min(process.samples[0].at for process in processes), count
    cpu = sum(process.cpu_at(end) - process.cpu_at(begin) for process in processes)
    edges = [times[min(count - 1, count * part // 10)] for part in range(11)]
    return Worked(
        posts=count,
        rate=rest / max(end - begin, 1e-3),
        cpu_ms=cpu / rest * 1000,
        repeated=reader.answers.repeated,
        rates=[
            count / 10 / max(after - before, 1e-3) for before, after in itertools.pairwise(edges)
        ],
        rss_mib=[sum(_rss(process, edge) for process in processes) for edge in edges[1:]],
    )


def _after_warm_up(times: Sequence[float]) -> int:
    """The place of the last answer of the warm-up.

    Answers come in chunks, of a transaction or a poll, and the work on a chunk lies before it. So
    the clock starts where a chunk ends: before the longest pause in the range.
    """
    low, high = (int(len(times) * share) for share in WARM_SHARES)
    return max(range(low, max(high, low + 1)), key=lambda place: times[place + 1] - times[place])


def _rss(process: Measured, at: float) -> float:
    nearest = min(process.samples, key=lambda sample: abs(sample.at - at))
    return nearest.rss_bytes / 2**20

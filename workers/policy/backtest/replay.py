"""Recorded posts under two policies, in one process or in several.

This process judges as well: others take most of a second to start and to compile both policies, and
a chunk goes to one of them only while it has little to do.

The result is the same whatever the number of processes and the size of chunks: counts are merged in
the order of the records, and posts that use up quotas are judged here, one after the other, each
policy with quotas of its own that are full at the first record and have the records' time as clock.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing import get_context
from typing import Final

from rules import Comparison, Policy, PolicyEngine
from workers.policy.backtest.chunks import (
    BadRecord,
    BothPolicies,
    Chunk,
    ChunkJudge,
    JudgedChunk,
    PolicyPair,
    judge_chunk,
)
from workers.policy.backtest.errors import BacktestError

CHUNK_RECORDS: Final = 500
"""Some tenths of a second of work: much more than it costs to hand a chunk over."""

CHUNKS_AHEAD: Final = 2
"""Chunks that each other process has or waits for: one more than it judges, so that none is idle
and little is left to wait for at the end."""

CHUNKS_HELD: Final = 64
"""Chunks that may be done before the first of them is: bounds the memory when one process lags."""

SHOWN_BAD: Final = 10
"""Records that cannot be judged, of which more than a number is told."""


@dataclass(slots=True)
class Replay:
    """What came of all records."""

    comparison: Comparison
    skipped: int = 0
    """Records that could not be judged."""
    bad: list[BadRecord] = field(default_factory=list)
    """The first of those."""


@contextmanager
def process_pool(workers: int) -> Iterator[Executor | None]:
    """The processes beside this one; ``None`` for a single worker.

    They are spawned, not forked: threads that run here, and what they hold, stay here.
    """
    if workers == 1:
        yield None
        return
    pool = ProcessPoolExecutor(workers - 1, mp_context=get_context("spawn"))
    try:
        yield pool
    finally:
        pool.shutdown(cancel_futures=True)


def replay(
    old: Policy,
    new: Policy,
    chunks: Iterable[Chunk],
    *,
    pool: Executor | None = None,
    workers: int = 1,
    skip_bad: bool = False,
    advance: Callable[[int], None] | None = None,
) -> Replay:
    """Judge every record by both policies.

    Args:
        old: the policy in force.
        new: the one that would take its place.
        chunks: the records, in the order in which they were judged.
        pool: judges chunks as well as this process.
        workers: processes in all, this one and those of the pool.
        skip_bad: count records that cannot be judged, and go on.
        advance: told how many records more are done.

    Raises:
        BacktestError: a record cannot be judged, the message names it; or a process ended.
    """
    found = Replay(Comparison(old.version, new.version))
    in_turn = BothPolicies(PolicyEngine(old), PolicyEngine(new))
    for chunk, judged in _judged(old, new, chunks, pool, workers):
        _judge_waiting(in_turn, chunk, judged)
        if judged.bad and not skip_bad:
            raise BacktestError(
                f"{judged.bad[0].told}\n(--skip-bad leaves such records out and counts them)"
            )
        found.comparison.merge(judged.comparison)
        found.skipped += len(judged.bad)
        found.bad = [*found.bad, *judged.bad][:SHOWN_BAD]
        if advance is not None:
            advance(len(chunk.lines))
    return found


def _judge_waiting(in_turn: BothPolicies, chunk: Chunk, judged: JudgedChunk) -> None:
    """Judge what asks for quotas, after all that came before it."""
    for number in judged.waiting:
        try:
            record, before, after = in_turn.decide(chunk.lines[number - chunk.first])
        except BacktestError as error:
            judged.bad.append(BadRecord(number, str(error)))
        else:
            judged.comparison.count(number, record, before, after)
    judged.bad.sort(key=lambda bad: bad.number)


def _judged(
    old: Policy,
    new: Policy,
    chunks: Iterable[Chunk],
    pool: Executor | None,
    workers: int,
) -> Iterator[tuple[Chunk, JudgedChunk]]:
    """Each chunk and what became of it, in the order of the records."""
    here = ChunkJudge(old, new)
    if pool is None:
        yield from ((chunk, here.judge(chunk)) for chunk in chunks)
        return
    pair = PolicyPair.of(old, new)
    given: deque[tuple[Chunk, Future[JudgedChunk]]] = deque()
    try:
        for chunk in chunks:
            busy = sum(not future.done() for _, future in given)
            if busy < (workers - 1) * CHUNKS_AHEAD:
                given.append((chunk, pool.submit(judge_chunk, pair, chunk)))
            else:
                given.append((chunk, _done(here.judge(chunk))))
            while given and (given[0][1].done() or len(given) > CHUNKS_HELD):
                first, future = given.popleft()
                yield first, future.result()
        for chunk, future in given:
            yield chunk, future.result()
    except BrokenProcessPool as error:
        raise BacktestError(
            "a process of the backtest ended by itself; if memory ran out, give fewer --workers"
        ) from error


def _done(judged: JudgedChunk) -> Future[JudgedChunk]:
    future: Future[JudgedChunk] = Future()
    future.set_result(judged)
    return future

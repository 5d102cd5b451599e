"""A chunk of records under two policies, as one process judges it.

Quotas are the one thing that ties posts together: whether a rule may act depends on the posts
before. So a chunk is judged as if no quota were used up, and a post for which either policy asked
its quotas is left to be judged in its turn (:mod:`workers.policy.backtest.replay`). Whether a
policy asks at all does not depend on earlier answers, so the others are judged for good.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from rules import (
    Comparison,
    Decision,
    Policy,
    PolicyEngine,
    RecordedCase,
    load_policy,
    recorded_case,
)
from workers.offline.jsonl import Line, in_chunks
from workers.policy.backtest.errors import BacktestError


@dataclass(frozen=True, slots=True)
class Chunk:
    """Records that stand one after the other; ``first`` is the place of the first, from 1."""

    first: int
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class BadRecord:
    """A record that cannot be judged, and why."""

    number: int
    told: str


@dataclass(slots=True)
class JudgedChunk:
    """What became of a chunk. ``waiting`` are the records that must be judged in their turn."""

    comparison: Comparison
    waiting: list[int] = field(default_factory=list)
    bad: list[BadRecord] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class PolicyPair:
    """Two policy files as they were when the backtest began."""

    old: Path
    new: Path
    old_version: str
    new_version: str

    @classmethod
    def of(cls, old: Policy, new: Policy) -> PolicyPair:
        """The files of two loaded policies."""
        return cls(old.path, new.path, old.version, new.version)


def chunks_of(lines: Iterable[Line], size: int) -> Iterator[Chunk]:
    """The records in chunks of a size."""
    first = 1
    for chunk in in_chunks(lines, size):
        yield Chunk(first, tuple(chunk))
        first += len(chunk)


def judge_chunk(pair: PolicyPair, chunk: Chunk) -> JudgedChunk:
    """Judge a chunk in a process that compiles the policies once.

    Raises:
        BacktestError: a policy file is no longer what it was when the backtest began.
        rules.PolicyError: it can no longer be used.
    """
    return _judge_of(pair).judge(chunk)


@lru_cache(maxsize=1)
def _judge_of(pair: PolicyPair) -> ChunkJudge:
    return ChunkJudge(
        _unchanged(pair.old, pair.old_version), _unchanged(pair.new, pair.new_version)
    )


def _unchanged(path: Path, version: str) -> Policy:
    policy = load_policy(path)
    if policy.version != version:
        raise BacktestError(f"{path} was changed during the backtest; run it again")
    return policy


class ChunkJudge:
    """Judges chunks by two policies. For one thread."""

    def __init__(self, old: Policy, new: Policy) -> None:
        self._versions = (old.version, new.version)
        self._asked = _Asked()
        self._both = BothPolicies(PolicyEngine(old, self._asked), PolicyEngine(new, self._asked))

    def judge(self, chunk: Chunk) -> JudgedChunk:
        """Every record of a chunk, but those for which a policy asked its quotas."""
        judged = JudgedChunk(Comparison(*self._versions))
        for number, line in enumerate(chunk.lines, start=chunk.first):
            self._asked.asked = False
            try:
                record, before, after = self._both.decide(line)
            except BacktestError as error:
                judged.bad.append(BadRecord(number, str(error)))
                continue
            if self._asked.asked:
                judged.waiting.append(number)
            else:
                judged.comparison.count(number, record, before, after)
        return judged


@dataclass(frozen=True, slots=True)
class BothPolicies:
    """Two engines side by side."""

    old: PolicyEngine
    new: PolicyEngine

    def decide(self, line: Line) -> tuple[RecordedCase, Decision, Decision]:
        """The record on a line, and what both policies say.

        Raises:
            BacktestError: it is no record, or an engine failed on it; the message names it.
        """
        try:
            record = recorded_case(line.raw)
        except ValueError as error:
            raise BacktestError(f"{line.place}: {error}") from error
        try:
            return record, self.old.decide(record.case), self.new.decide(record.case)
        except Exception as error:  # whatever it is, it must name the record
            raise BacktestError(
                f"{line.place}: post {record.post.post_id} could not be judged: "
                f"{type(error).__name__}: {error}"
            ) from error


class _Asked:
    """A ledger in which nothing runs dry, and which notes that it was asked."""

    def __init__(self) -> None:
        self.asked = False

    def take(self, rule: str, now: datetime) -> bool:
        """Grant everything; see :class:`rules.QuotaLedger`."""
        del rule, now
        self.asked = True
        return True

"""Where the records of a backtest come from: files, or the topics."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from workers.offline.jsonl import Line, count_lines, read_lines

if TYPE_CHECKING:
    from workers.streams import Stretch


@dataclass(frozen=True, slots=True)
class Source:
    """Records to judge. ``count`` is their number, ``None`` where nobody knows it beforehand."""

    lines: Iterator[Line]
    count: int | None
    left_out: Mapping[str, int] = field(default_factory=dict)
    """Verdicts and posts that are no record, by reason."""


def from_files(paths: Sequence[Path]) -> Source:
    """The records of files, one after the other.

    Raises:
        InputError: a file cannot be read.
    """
    counts = [count_lines(path) for path in paths]
    known = [count for count in counts if count is not None]
    count = sum(known) if len(known) == len(counts) else None
    return Source(chain.from_iterable(map(read_lines, paths)), count)


def from_topics(stretch: Stretch) -> Source:
    """The records that the topics hold, joined.

    Raises:
        StreamsError: a topic is not there, or the broker does not hand out what it holds.
    """
    from workers.policy.backtest.topics import recorded_on
    from workers.settings import KafkaSettings

    recorded = asyncio.run(recorded_on(KafkaSettings(), stretch))
    lines = (
        Line(f"record {number}", case.to_bytes())
        for number, case in enumerate(recorded.cases, start=1)
    )
    return Source(lines, len(recorded.cases), recorded.left_out)

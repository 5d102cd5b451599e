"""Rows to scores: decode in threads, score together."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

from moderation.media import MediaLimits
from moderation.reading import Readers
from moderation.scoring import PostScorer, PostScores
from workers.offline.errors import RowError
from workers.offline.jsonl import Line, in_chunks
from workers.offline.rows import Row, decode_row, read_row

CHUNK_ROWS: Final = 128
"""Rows in memory at once; enough to fill every batch of the classifier."""

Refuse = Callable[[Line, RowError], None]
"""Told of each row that is left out, and why."""


def score_rows(
    lines: Iterable[Line],
    scorer: PostScorer,
    *,
    folder: Path,
    limits: MediaLimits,
    refuse: Refuse,
    readers: Readers,
) -> Iterator[tuple[Row, PostScores]]:
    """Score rows in their order; the ones that cannot be read are refused and left out.

    Args:
        lines: of the input.
        scorer: of the rows.
        folder: what paths in the rows are relative to.
        limits: on each medium.
        refuse: is told of bad rows.
        readers: of the words in pictures and sounds.
    """
    with ThreadPoolExecutor(thread_name_prefix="decode") as threads:
        for chunk in in_chunks(lines, CHUNK_ROWS):
            rows = list(_readable(chunk, refuse))
            decoded = threads.map(lambda row: decode_row(row, folder, limits, readers), rows)
            yield from zip(rows, scorer.score(list(decoded)), strict=True)


def _readable(lines: Iterable[Line], refuse: Refuse) -> Iterator[Row]:
    for line in lines:
        try:
            yield read_row(line.raw)
        except RowError as error:
            refuse(line, error)

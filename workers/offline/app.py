"""The wiring of the offline commands."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter
from typing import IO

from rich.console import Console

from moderation.inference import SHIPPED_MODEL_DIR, Scorer
from moderation.media import CompositeFetcher, FolderFetcher, HttpsFetcher, MediaLimits
from rules import DEFAULT_POLICY_PATH, PolicyEngine, load_policy
from workers.offline.errors import InputError
from workers.offline.jsonl import (
    STANDARD_STREAM,
    count_lines,
    folder_of,
    open_output,
    read_lines,
)
from workers.offline.judging import OfflineJudge
from workers.offline.reading import Reading
from workers.offline.report import Refusals, Tally, progress_bar
from workers.offline.rows import answer_of
from workers.offline.scoring import score_rows


def score_file(
    source: Path, target: Path, *, model: Path | None, device: str, reading: Reading
) -> int:
    """Score the rows of a file.

    Args:
        source: the input, or ``-``.
        target: the output, or ``-``.
        model: folder of the weights; the shipped model if None.
        device: see :class:`~moderation.inference.Scorer`.
        reading: of the words in pictures and sounds.

    Returns:
        How many rows were refused.

    Raises:
        InputError: a file cannot be used.
        ModelError, InferenceError: the model or the device cannot.
        StartError: a reader that was asked for cannot.
    """
    console = Console(stderr=True)
    _check_distinct(source, target)
    total = count_lines(source)
    scorer = Scorer(model or SHIPPED_MODEL_DIR, device)
    readers = reading.load(device)
    refusals = Refusals(console)
    scored = incomplete = 0
    with open_output(target) as out, progress_bar(console) as bar:
        lines = bar.track(read_lines(source), total=total, description="scoring")
        for row, scores in score_rows(
            lines,
            scorer,
            folder=folder_of(source),
            limits=MediaLimits(),
            refuse=refusals,
            readers=readers,
        ):
            out.write(answer_of(row, scores) + "\n")
            scored += 1
            incomplete += bool(scores.not_scanned)
    console.print(
        f"{scored} rows scored by {scorer.version}, {incomplete} of them not whole, "
        f"{refusals.count} refused",
        soft_wrap=True,
        highlight=False,
    )
    return refusals.count


async def judge_file(
    source: Path,
    target: Path | None,
    *,
    model: Path | None,
    device: str,
    policy: Path | None,
    media_root: Path | None,
    media_hosts: Collection[str],
    reading: Reading,
) -> int:
    """Judge the posts of a file as the worker would, and print what became of them.

    Args:
        source: the input, or ``-``.
        target: where the verdicts go as JSON lines, if anywhere; ``-`` is standard output, and
            then the tables go to standard error.
        model: folder of the weights; the shipped model if None.
        device: see :class:`~moderation.inference.Scorer`.
        policy: the policy's file; the default policy if None.
        media_root: what media keys are relative to; the folder of ``source`` if None.
        media_hosts: hosts that media may be fetched from; none by default.
        reading: of the words in pictures and sounds.

    Returns:
        How many rows were refused.

    Raises:
        InputError: a file cannot be used.
        ModelError, InferenceError: the model or the device cannot.
        StartError: a reader that was asked for cannot.
        PolicyError: the policy is wrong.
    """
    errors, console = Console(stderr=True), Console(stderr=target == STANDARD_STREAM)
    if target is not None:
        _check_distinct(source, target)
    total = count_lines(source)
    engine = PolicyEngine(load_policy(policy or DEFAULT_POLICY_PATH))
    scorer = Scorer(model or SHIPPED_MODEL_DIR, device)
    limits, readers = MediaLimits(), reading.load(device)
    refusals, tally = Refusals(errors), Tally()
    begin = perf_counter()
    async with HttpsFetcher(media_hosts, limits=limits) as web:
        store = FolderFetcher(media_root or folder_of(source), limits)
        fetcher = CompositeFetcher(store=store, web=web)
        judge = OfflineJudge(scorer, engine, fetcher, limits, lambda: datetime.now(UTC), readers)
        with _maybe_output(target) as out, progress_bar(errors) as bar:
            lines = bar.track(read_lines(source), total=total, description="judging")
            async for verdict in judge.judge(lines, refusals):
                tally.add(verdict)
                if out is not None:
                    out.write(verdict.to_bytes().decode() + "\n")
    seconds = perf_counter() - begin
    console.print(tally.verdicts())
    versions = (scorer.version, engine.version)
    console.print(tally.summary(refused=refusals.count, seconds=seconds, versions=versions))
    return refusals.count


def _maybe_output(target: Path | None) -> AbstractContextManager[IO[str] | None]:
    return nullcontext() if target is None else open_output(target)


def _check_distinct(source: Path, target: Path) -> None:
    if source == target == STANDARD_STREAM:
        return
    if source.resolve() == target.resolve():
        raise InputError(f"{target} is the input; choose another --output")

"""The wiring of ``moderation rules backtest``, ``diff`` and ``record``."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Final

import typer
from rich.console import Console

from rules import Policy, PolicyError
from workers.offline.errors import InputError
from workers.offline.jsonl import open_output
from workers.offline.report import progress_bar
from workers.policy.backtest.chunks import chunks_of
from workers.policy.backtest.errors import BacktestError
from workers.policy.backtest.figures import Backtest, changed_share, figures_of, whole
from workers.policy.backtest.layout import as_markdown, as_text
from workers.policy.backtest.replay import CHUNK_RECORDS, Replay, process_pool, replay
from workers.policy.backtest.sections import sections_of
from workers.policy.backtest.sources import Source, from_topics
from workers.policy.report import exit_with

if TYPE_CHECKING:
    from workers.streams import Stretch

EXIT_CHANGES: Final = 3
"""Exit code when more verdicts change than may; 1 is an error, 2 a wrong command."""


@dataclass(frozen=True, slots=True)
class Options:
    """How a backtest is run, and what becomes of it.

    Attributes:
        workers: processes; 0 takes one a core.
        skip_bad: count records that cannot be judged, and go on.
        save: files for the result, ``.json`` or ``.md``.
        fail_above: share of changed verdicts, 0..1, above which the exit code tells.
    """

    workers: int = 0
    skip_bad: bool = False
    save: Sequence[Path] = ()
    fail_above: float | None = None


def run_backtest(old: Policy, new: Policy, source: Source, options: Options) -> None:
    """Judge the records by both policies, tell what changes, and save it.

    Raises:
        BacktestError: a record cannot be judged, or there is none.
        InputError: a file of records cannot be read.
        PolicyError: a policy cannot be used any more.
        typer.Exit: more verdicts change than may.
    """
    workers = _processes(options.workers, source.count)
    begin = perf_counter()
    found = _replayed(old, new, source, workers, skip_bad=options.skip_bad)
    seconds = perf_counter() - begin
    if not found.comparison.posts:
        raise BacktestError("there are no records to judge" + _reasons(source))
    done = Backtest(old, new, found, source.left_out)
    speed = {
        "workers": workers,
        "seconds": round(seconds, 3),
        "posts_per_second": round(found.comparison.posts / seconds, 1),
    }
    for path in options.save:
        _save(path, done, speed)
    typer.echo(as_text(sections_of(done)))
    typer.echo(
        f"\n{speed['posts_per_second']:,} posts/s under both policies: {seconds:.1f} s in "
        f"{workers} process{'' if workers == 1 else 'es'}, their start included"
    )
    above = options.fail_above is not None and changed_share(found.comparison) > options.fail_above
    if above:
        typer.echo(f"more verdicts change than the {options.fail_above:.2%} that may", err=True)
    typer.echo(json.dumps(figures_of(done) | speed))
    if above:
        raise typer.Exit(EXIT_CHANGES)


def write_records(output: Path, stretch: Stretch) -> None:
    """Join what the topics hold into a file, and say what was left out.

    Raises:
        BacktestError: there is nothing to write.
        InputError: the file cannot be written.
        StreamsError: the topics cannot be read.
    """
    source = from_topics(stretch)
    if not source.count:
        raise BacktestError("the topics hold no records" + _reasons(source))
    with open_output(output) as file:
        for line in source.lines:
            file.write(line.raw.decode() + "\n")
    typer.echo(f"{source.count} records in {output}", err=True)
    for reason, count in sorted(source.left_out.items()):
        typer.echo(f"left out: {count} {reason}", err=True)
    if output != Path("-"):
        typer.echo(json.dumps({"records": source.count, "left_out": dict(source.left_out)}))


@contextmanager
def plain_errors() -> Iterator[None]:
    """What people can mend is told in words, with exit code 1."""
    from aiokafka.errors import KafkaError

    from workers.streams import StreamsError

    try:
        yield
    except PolicyError as error:
        raise exit_with(error) from error
    except (BacktestError, InputError, StreamsError, KafkaError) as error:
        typer.echo(f"error: {error}", err=True)
        raise typer.Exit(1) from error


def _replayed(old: Policy, new: Policy, source: Source, workers: int, *, skip_bad: bool) -> Replay:
    with process_pool(workers) as pool, progress_bar(Console(stderr=True)) as progress:
        task = progress.add_task("judging", total=source.count)
        return replay(
            old,
            new,
            chunks_of(source.lines, CHUNK_RECORDS),
            pool=pool,
            workers=workers,
            skip_bad=skip_bad,
            advance=lambda records: progress.advance(task, records),
        )


def _processes(wanted: int, records: int | None) -> int:
    """How many processes to use: never more than there are chunks for."""
    if wanted == 0:
        cores = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else None
        wanted = len(cores) if cores else os.cpu_count() or 1
    if records is None:
        return wanted
    return max(1, min(wanted, -(-records // CHUNK_RECORDS)))


def _save(path: Path, done: Backtest, speed: dict[str, float]) -> None:
    if path.suffix == ".md":
        text = as_markdown(sections_of(done))
    else:
        text = json.dumps(whole(done) | speed, indent=2, ensure_ascii=False) + "\n"
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise BacktestError(f"{path} cannot be written: {error.strerror}; check --save") from error


def _reasons(source: Source) -> str:
    told = ", ".join(f"{count} {reason}" for reason, count in sorted(source.left_out.items()))
    return f"; left out: {told}" if told else ""

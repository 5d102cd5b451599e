"""What the training commands share on the terminal: rows, progress, errors."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from moderation.evaluation import EvaluationError, Row, read_manifest
from moderation.model import ModelError
from moderation.training import TrainingError


def read_rows(manifests: Sequence[Path]) -> list[Row]:
    """The rows of all manifests."""
    return [row for manifest in manifests for row in read_manifest(manifest)]


@contextmanager
def plain_errors(console: Console) -> Iterator[None]:
    """What the user can mend is told in one line, with exit code 1."""
    try:
        yield
    except (EvaluationError, ModelError, TrainingError) as error:
        console.print(f"[red]error:[/red] {error}", highlight=False)
        raise typer.Exit(1) from error


def progress_bars(console: Console) -> Progress:
    """Bars with a share and the time taken."""
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f}%"),
        TimeElapsedColumn(),
        console=console,
    )


def bar(progress: Progress, name: str) -> Callable[[float], None]:
    """One bar; call it with the share that is done, 0..1."""
    task = progress.add_task(name, total=1.0)
    return lambda share: progress.update(task, completed=share)

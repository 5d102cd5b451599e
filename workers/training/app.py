"""The wiring of the training commands: files in, progress on the terminal, a model folder out."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from moderation.evaluation import (
    CategoryFigures,
    EvaluationError,
    Report,
    Row,
    evaluate,
    read_manifest,
)
from moderation.inference import SHIPPED_MODEL_DIR
from moderation.model import PRESETS, Classifier, ModelError
from moderation.training import ProgressReporter, Recipe, Run, TrainingError, train
from schemas import CATEGORIES

METRICS_FILE = "metrics.json"
LONGEST_CATEGORY = max(len(category) for category in CATEGORIES)  # never cut on a narrow terminal


def run_training(
    manifests: Sequence[Path],
    *,
    output: Path,
    checkpoints: Path,
    preset: str,
    initial_text: Path | None,
    seed: int,
    speed: float,
) -> None:
    """Train, write the model folder with its metrics, print the figures."""
    if preset not in PRESETS:
        raise typer.BadParameter(f"there is no preset {preset!r}; choose of {', '.join(PRESETS)}")
    console = Console(stderr=True)
    with _plain_errors(console), _progress(console) as progress:
        model, report = train(
            Run(
                rows=_read(manifests),
                recipe=Recipe(seed=seed).faster(speed),
                preset=preset,
                checkpoints=checkpoints,
                initial_text=initial_text,
                reporter=lambda name: ProgressReporter(progress, name),
            )
        )
        model.save_pretrained(output)
        report = dataclasses.replace(report, model=model.version)
        (output / METRICS_FILE).write_text(json.dumps(report.to_dict(), indent=1) + "\n", "utf-8")
    _print_tables(Console(), report)
    console.print(f"written to {output}: {report.model}")


def run_evaluation(
    manifests: Sequence[Path], *, model: Path | None, split: str | None, as_json: bool
) -> None:
    """Measure and print."""
    console = Console(stderr=True)
    with _plain_errors(console), _progress(console) as progress:
        rows = [row for row in _read(manifests) if split in (None, row.split)]
        if not rows:
            raise EvaluationError(f"no row has split {split!r}; see the rows' split keys")
        classifier = Classifier.from_pretrained(model or SHIPPED_MODEL_DIR)
        report = evaluate(classifier, rows, on_progress=_bar(progress, "scoring"))
    if as_json:
        typer.echo(json.dumps(report.to_dict()))
    else:
        _print_tables(Console(), report)


def _read(manifests: Sequence[Path]) -> list[Row]:
    return [row for manifest in manifests for row in read_manifest(manifest)]


@contextmanager
def _plain_errors(console: Console) -> Iterator[None]:
    """What the user can mend is told in one line, with exit code 1."""
    try:
        yield
    except (EvaluationError, ModelError, TrainingError) as error:
        console.print(f"[red]error:[/red] {error}", highlight=False)
        raise typer.Exit(1) from error


def _progress(console: Console) -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f}%"),
        TimeElapsedColumn(),
        console=console,
    )


def _bar(progress: Progress, name: str) -> Callable[[float], None]:
    task = progress.add_task(name, total=1.0)
    return lambda share: progress.update(task, completed=share)


def _print_tables(console: Console, report: Report) -> None:
    console.print(f"{report.model}, {report.rows} rows")
    for name, categories in report.slices.items():
        table = Table(title=name, title_justify="left")
        table.add_column("category", no_wrap=True, min_width=LONGEST_CATEGORY)
        for heading in ("known", "pos.", *_COLUMNS):
            table.add_column(heading, justify="right")
        for category, figures in categories.items():
            table.add_row(category, str(figures.labelled), str(figures.positives), *_cells(figures))
        console.print(table)


_COLUMNS = {
    "prec.": "precision",
    "recall": "recall",
    "F1": "f1",
    "AUROC": "auroc",
    "AP": "average_precision",
    "ECE": "calibration_error",
}


def _cells(figures: CategoryFigures) -> list[str]:
    values = [getattr(figures, name) for name in _COLUMNS.values()]
    return ["–" if value is None else f"{value:.3f}" for value in values]

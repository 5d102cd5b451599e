"""The wiring of ``moderation evaluate``: manifests in, figures out."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import typer
from rich.console import Console

from moderation.evaluation import EvaluationError, evaluate, model_thresholds, read_thresholds
from moderation.inference import SHIPPED_MODEL_DIR
from moderation.model import Classifier
from workers.training.tables import print_report
from workers.training.terminal import bar, plain_errors, progress_bars, read_rows


def run_evaluation(
    manifests: Sequence[Path],
    *,
    model: Path | None,
    split: str | None,
    thresholds: Path | None,
    bootstrap: int,
    seed: int,
    as_json: bool,
) -> None:
    """Measure and print."""
    console = Console(stderr=True)
    folder = model or SHIPPED_MODEL_DIR
    with plain_errors(console), progress_bars(console) as progress:
        rows = [row for row in read_rows(manifests) if split in (None, row.split)]
        if not rows:
            raise EvaluationError(f"no row has split {split!r}; see the rows' split keys")
        classifier = Classifier.from_pretrained(folder)
        chosen = (
            read_thresholds(thresholds, classifier.categories)
            if thresholds
            else model_thresholds(folder, classifier.categories)
        )
        report = evaluate(
            classifier,
            rows,
            thresholds=chosen,
            bootstrap=bootstrap,
            seed=seed,
            on_progress=bar(progress, "scoring"),
        )
    if as_json:
        typer.echo(json.dumps(report.to_dict()))
    else:
        print_report(Console(), report)

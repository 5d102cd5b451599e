"""The wiring of ``moderation evaluate``: manifests in, figures out."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import typer
from rich.console import Console
from rich.progress import Progress

from moderation.evaluation import (
    FOLDS,
    RESAMPLES,
    EvaluationError,
    Row,
    Scored,
    Thresholds,
    assign_folds,
    compare_spreads,
    differences,
    draw_pictures,
    evaluate_retrieval,
    evaluate_robustness,
    fold_figures,
    model_thresholds,
    over_flagging,
    predict,
    read_thresholds,
    reliabilities,
    report,
)
from moderation.inference import SHIPPED_MODEL_DIR
from moderation.model import Classifier
from workers.training import evaluate_tables as tables
from workers.training.tables import print_report
from workers.training.terminal import bar, plain_errors, progress_bars, read_rows


@dataclass(frozen=True, slots=True)
class Wanted:
    """The options of the command."""

    split: str | None = None
    thresholds: Path | None = None
    folds: int | None = None
    robustness: bool = False
    over_flagging: bool = False
    pictures: Path | None = None
    bootstrap: int = RESAMPLES
    seed: int = 0
    as_json: bool = False


def run_evaluation(manifests: Sequence[Path], model: Path | None, wanted: Wanted) -> None:
    """Measure one model and print."""
    console = Console(stderr=True)
    with plain_errors(console), progress_bars(console) as progress:
        rows = _rows(manifests, wanted)
        subject = _score(model or SHIPPED_MODEL_DIR, rows, wanted, progress)
        figures = report(
            subject.model.version,
            rows,
            subject.scored,
            thresholds=subject.thresholds,
            bootstrap=wanted.bootstrap,
            seed=wanted.seed,
        )
        parts = _parts(subject, rows, wanted, progress)
    if wanted.as_json:
        typer.echo(json.dumps(figures.to_dict() | {k: _plain(v) for k, v in parts.items()}))
        return
    screen = Console()
    print_report(screen, figures)
    tables.print_parts(screen, parts)


def run_comparison(manifests: Sequence[Path], folders: tuple[Path, Path], wanted: Wanted) -> None:
    """Measure two models on the same rows and folds, and print how they differ."""
    console = Console(stderr=True)
    with plain_errors(console), progress_bars(console) as progress:
        rows = _rows(manifests, wanted)
        assigned = assign_folds(rows, folds=wanted.folds or FOLDS, seed=wanted.seed)
        first, second = (_score(folder, rows, wanted, progress) for folder in folders)
        if first.scored.categories != second.scored.categories:
            raise EvaluationError(
                f"{folders[0]} and {folders[1]} have other categories, or in another order; two "
                "models can be compared if they answer the same questions"
            )
        spreads = [fold_figures(s.scored, assigned, s.thresholds) for s in (first, second)]
        found = differences(
            first.scored,
            second.scored,
            first.thresholds,
            second_thresholds=second.thresholds,
            bootstrap=max(wanted.bootstrap, 1),
            seed=wanted.seed,
        )
    comparison = {
        name: {
            figure: {
                "first": spreads[0][name][figure],
                "second": spreads[1][name][figure],
                "all_rows": difference,
                "folds": compare_spreads(spreads[0][name][figure], spreads[1][name][figure]),
            }
            for figure, difference in figures.items()
        }
        for name, figures in found.items()
    }
    versions = {"first": first.model.version, "second": second.model.version}
    if wanted.as_json:
        typer.echo(json.dumps({**versions, "rows": len(rows), "comparison": _plain(comparison)}))
    else:
        tables.print_comparison(Console(), versions, comparison)


@dataclass(frozen=True, slots=True)
class _Subject:
    """A model that has scored the rows."""

    model: Classifier
    scored: Scored
    thresholds: Thresholds


def _rows(manifests: Sequence[Path], wanted: Wanted) -> list[Row]:
    rows = [row for row in read_rows(manifests) if wanted.split in (None, row.split)]
    if not rows:
        raise EvaluationError(f"no row has split {wanted.split!r}; see the rows' split keys")
    return rows


def _score(folder: Path, rows: Sequence[Row], wanted: Wanted, progress: Progress) -> _Subject:
    model = Classifier.from_pretrained(folder)
    thresholds = (
        read_thresholds(wanted.thresholds, model.categories)
        if wanted.thresholds
        else model_thresholds(folder, model.categories)
    )
    probabilities = predict(model, rows, on_progress=bar(progress, f"scoring by {folder.name}"))
    return _Subject(model, Scored.of(rows, probabilities, model.categories), thresholds)


def _parts(
    subject: _Subject, rows: Sequence[Row], wanted: Wanted, progress: Progress
) -> dict[str, Any]:
    """What is measured besides the report, by name; only what was asked for or has rows."""
    model, scored, thresholds = subject.model, subject.scored, subject.thresholds
    parts: dict[str, Any] = {"reliability": reliabilities(scored)}
    if wanted.folds is not None:
        assigned = assign_folds(rows, folds=wanted.folds, seed=wanted.seed)
        parts["folds"] = fold_figures(scored, assigned, thresholds)
    if any(len(row.modalities) > 1 for row in rows):
        parts["retrieval"] = evaluate_retrieval(
            model,
            rows,
            bootstrap=max(wanted.bootstrap, 1),
            seed=wanted.seed,
            on_progress=bar(progress, "retrieval"),
        )
    if wanted.over_flagging:
        parts["over_flagging"] = over_flagging(
            rows, scored.probabilities, scored.categories, thresholds
        )
    if wanted.robustness:
        parts["robustness"] = evaluate_robustness(
            model, rows, thresholds, seed=wanted.seed, on_progress=bar(progress, "robustness")
        )
    if wanted.pictures is not None:
        parts["pictures"] = draw_pictures(scored, thresholds, wanted.pictures)
    return parts


def _plain(value: Any) -> Any:
    """Dataclasses and paths inside containers as what JSON knows."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return dataclasses.asdict(value)
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_plain(each) for each in value]
    return str(value) if isinstance(value, Path) else value

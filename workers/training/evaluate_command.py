"""``moderation evaluate``: its command line."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from workers.training.options import Manifests


def evaluate(
    manifests: Manifests,
    *,
    model: Annotated[
        Path | None, typer.Option(help="A model folder; the shipped one when left out.")
    ] = None,
    split: Annotated[
        str | None, typer.Option(help="Only rows of this split, e.g. dev. All when left out.")
    ] = None,
    thresholds: Annotated[
        Path | None,
        typer.Option(help="JSON of category and probability. The model folder's, or 0.5."),
    ] = None,
    bootstrap: Annotated[
        int, typer.Option(min=0, help="Resamples behind the 95 % intervals; 0: no intervals.")
    ] = 1000,
    seed: Annotated[int, typer.Option(help="Of every draw.")] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object, no tables.")] = False,
) -> None:
    """Measure a classifier on labelled posts: by category, language, modality and source."""
    from workers.training.evaluate import run_evaluation

    run_evaluation(
        manifests,
        model=model,
        split=split,
        thresholds=thresholds,
        bootstrap=bootstrap,
        seed=seed,
        as_json=as_json,
    )

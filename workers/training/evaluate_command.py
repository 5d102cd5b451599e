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
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object, no tables.")] = False,
) -> None:
    """Measure a classifier on labelled posts: by category, modality and source."""
    from workers.training.evaluate import run_evaluation

    run_evaluation(manifests, model=model, split=split, as_json=as_json)

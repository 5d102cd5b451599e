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
    compare: Annotated[
        tuple[Path, Path] | None,
        typer.Option(help="Two model folders A B: how much better B is, with tests over folds."),
    ] = None,
    split: Annotated[
        str | None, typer.Option(help="Only rows of this split, e.g. dev. All when left out.")
    ] = None,
    thresholds: Annotated[
        Path | None,
        typer.Option(help="JSON of category and probability. The model folder's, or 0.5."),
    ] = None,
    folds: Annotated[
        int | None,
        typer.Option(help="Mean and spread over so many folds; 5 with --compare."),
    ] = None,
    robustness: Annotated[
        bool, typer.Option("--robustness", help="Also with modalities removed and corrupted.")
    ] = False,
    over_flagging: Annotated[
        bool,
        typer.Option("--over-flagging", help="All rows are harmless: the share that is flagged."),
    ] = False,
    pictures: Annotated[
        Path | None, typer.Option(help="Folder for curves, reliability and confusion as PNG.")
    ] = None,
    bootstrap: Annotated[
        int, typer.Option(min=0, help="Resamples behind the 95 % intervals; 0: no intervals.")
    ] = 1000,
    seed: Annotated[int, typer.Option(help="Of every draw.")] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object, no tables.")] = False,
) -> None:
    """Measure a classifier on labelled posts: by category, language, modality and source.

    Posts of several modalities are also searched by each other. What has a threshold is decided at
    the model's own, which is 0.5 unless its folder says otherwise; none is chosen on these rows.
    """
    from workers.training.evaluate import Wanted, run_comparison, run_evaluation

    wanted = Wanted(
        split=split,
        thresholds=thresholds,
        folds=folds,
        robustness=robustness,
        over_flagging=over_flagging,
        pictures=pictures,
        bootstrap=bootstrap,
        seed=seed,
        as_json=as_json,
    )
    if compare is None:
        run_evaluation(manifests, model, wanted)
        return
    alone = {
        "--model": model,
        "--robustness": robustness,
        "--over-flagging": over_flagging,
        "--pictures": pictures,
    }
    given = [name for name, value in alone.items() if value]
    if given:
        raise typer.BadParameter(f"--compare measures two models side by side, without {given[0]}")
    run_comparison(manifests, compare, wanted)

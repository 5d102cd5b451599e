"""One model for all sets against itself for one set.

``python -m bench.single_task WORK --resume FOLDER``

For each text set of WORK, the encoder that the shipped one started from learns the training rows of
that set alone, for that set's own category alone: the same vocabulary, augmentation, stages and
calibration on dev rows. Its figure on the dev rows stands beside the shipped model's, with the
difference and its interval of 95 % by a paired bootstrap. All rows take about an hour on two cores;
each finished set lies in FOLDER, the one under way is kept every other minute, and the same command
takes them up. The last line is one JSON object of all figures.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

import torch
from rich.console import Console

from bench.single_task.compared import Compared, compare, print_table
from bench.single_task.text_sets import TextSet, text_sets
from bench.single_task.trainer import Trainer
from moderation.evaluation import model_thresholds, predict, read_manifest
from moderation.inference import SHIPPED_MODEL_DIR
from moderation.model import PRESETS, Classifier
from moderation.training import ProgressReporter, Recipe
from moderation.training.dev_figure import MIN_OF_EACH_LABEL
from workers.training.starts import installed_text
from workers.training.terminal import plain_errors, progress_bars

PRESET: Final = "compact"
CHECKPOINT_MINUTES: Final = 2.0


def main() -> None:
    """Train, measure and print."""
    parser = _parser()
    options = parser.parse_args()
    started = time.perf_counter()
    start = installed_text(PRESET)
    if start is None:
        parser.error("the text encoder that comes trained is not installed; run `make train-setup`")
    torch.set_num_threads(options.threads)
    console = Console(stderr=True)
    with plain_errors(console), progress_bars(console) as progress:
        manifests = sorted(options.work.glob("*.jsonl*"))
        rows = [row for manifest in manifests for row in read_manifest(manifest)]
        sets = text_sets(rows, share=options.share, dev_rows=options.dev_rows)
        if options.sets:
            known = {own.source for own in sets}
            if unknown := sorted(set(options.sets) - known):
                parser.error(
                    f"no set {', '.join(unknown)} with {MIN_OF_EACH_LABEL} measured dev rows of "
                    f"each label; there are {', '.join(sorted(known))}"
                )
            sets = [own for own in sets if own.source in options.sets]
        shipped = Classifier.from_pretrained(options.model)
        recipe = dataclasses.replace(
            Recipe(), threads=options.threads, checkpoint_minutes=CHECKPOINT_MINUTES
        )
        trainer = Trainer(
            shipped=shipped,
            preset=PRESETS[PRESET],
            start=start,
            recipe=recipe,
            folder=options.resume,
            reporter=lambda name: ProgressReporter(progress, name),
        )
        thresholds = model_thresholds(options.model, shipped.categories)
        results = list(compare_all(sets, trainer, thresholds))
    print_table(results)
    summary = {
        "model": shipped.version,
        "share": options.share,
        "sets": [dataclasses.asdict(each) | {"verdict": each.verdict} for each in results],
        "worse_on": [each.source for each in results if each.verdict == "worse"],
        "seconds": round(time.perf_counter() - started, 1),
    }
    print(json.dumps(summary, ensure_ascii=False))


def compare_all(
    sets: Sequence[TextSet], trainer: Trainer, thresholds: Mapping[str, float]
) -> Iterator[Compared]:
    """Each set as soon as it is measured."""
    categories = trainer.shipped.categories
    for own in sets:
        single = trainer.scores(own)
        shipped = predict(trainer.shipped, own.dev)[:, categories.index(own.category)]
        yield compare(own, single, shipped, thresholds[own.category])


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("work", type=Path, help="folder of the prepared manifests")
    parser.add_argument("--resume", type=Path, required=True, help="folder of the finished sets")
    parser.add_argument("--model", type=Path, default=SHIPPED_MODEL_DIR, help="a model folder")
    parser.add_argument(
        "--share",
        type=float,
        default=1.0,
        help="of each set's training rows; below 1 the shipped model has seen more of them",
    )
    parser.add_argument("--sets", nargs="+", help="sources, instead of all")
    parser.add_argument("--dev-rows", type=int, help="of a set, at most; all if left out")
    parser.add_argument("--threads", type=int, default=2, help="of the CPU")
    return parser


if __name__ == "__main__":
    main()

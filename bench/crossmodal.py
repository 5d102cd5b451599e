"""What fusion is for: ``python -m bench.crossmodal DATA [--model FOLDER]``.

DATA is the folder that holds ``image/manifest.jsonl``. Posts are composed of its pictures and of
sentences so that neither decides alone; small heads of each fusion learn over the frozen encoders
of a model, in five folds whose test sentences and test pictures nobody has learned. The last line
is one JSON object of all figures.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import torch

from moderation.evaluation import read_manifest
from moderation.evaluation.crossmodal import compose
from moderation.evaluation.crossmodal_study import LATE, CrossmodalStudy, study_fusions
from moderation.inference import SHIPPED_MODEL_DIR
from moderation.model import Classifier

GAINS: Final[Mapping[str, float]] = {"single": 0.12, "late": 0.15}  # of the best fusion, at least
SIGNIFICANCE: Final = 0.001


def main() -> None:
    """Measure and print."""
    options = _options()
    torch.set_num_threads(options.threads)
    started = time.perf_counter()
    model = Classifier.from_pretrained(options.model)
    folds = compose(read_manifest(options.data / "image/manifest.jsonl"))
    study = study_fusions(model, folds)
    figures = _figures(study) | {
        "model": model.version,
        "folds": len(folds),
        "test_posts_per_fold": len(folds[0].test),
        "seconds": round(time.perf_counter() - started, 1),
    }
    _print_table(study, figures)
    print(json.dumps(figures))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("data", type=Path, help="folder with image/manifest.jsonl")
    parser.add_argument("--model", type=Path, default=SHIPPED_MODEL_DIR, help="a model folder")
    parser.add_argument("--threads", type=int, default=1, help="CPU threads")
    return parser.parse_args()


def _figures(study: CrossmodalStudy) -> dict[str, Any]:
    figures: dict[str, Any] = {
        "accuracy": {
            name: {"mean": round(study.mean(name), 4), "sd": round(study.deviation(name), 4)}
            for name in study.accuracy
        },
        "fused": study.fused,
    }
    for against, name in (("single", study.single), ("late", LATE)):
        test = study.compared_with(name)
        figures[f"fused_against_{against}"] = {
            "baseline": name,
            "goal": GAINS[against],
            "met": test.difference >= GAINS[against] and (test.p or 0.0) < SIGNIFICANCE,
            **{key: value for key, value in dataclasses.asdict(test).items() if key != "folds"},
        }
    return figures


def _print_table(study: CrossmodalStudy, figures: dict[str, Any]) -> None:
    print(f"{figures['model']}: composed posts, {figures['folds']} folds, chance is 0.500")
    for name in sorted(study.accuracy, key=study.mean, reverse=True):
        print(f"  {name:<16} {study.mean(name):.3f} ± {study.deviation(name):.3f}")
    for against in GAINS:
        test = figures[f"fused_against_{against}"]
        p, d = (f"{test[key]:.2g}" if test[key] is not None else "–" for key in ("p", "cohens_d"))
        print(
            f"{figures['fused']} against {test['baseline']}: {test['difference']:+.3f} "
            f"(goal {test['goal']:+.2f} at p < {SIGNIFICANCE}), p {p}, Cohen's d {d}: "
            f"{'met' if test['met'] else 'NOT met'}"
        )


if __name__ == "__main__":
    main()

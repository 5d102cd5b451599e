"""How evenly the model judges: ``python -m bench.bias [--model FOLDER] [--threshold 0.5]``.

The same sentences with identity terms exchanged, in several dialects, and in each language. Prints
every slice, worst first, and the gap of false-positive rates next to the limit that we state: at
the threshold from which the default policy acts, and at 0.5 for comparison with other models. The
last line is one JSON object of all figures.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
from pathlib import Path
from typing import Any, Final

import torch

from moderation.evaluation.bias import (
    CATEGORIES_AT_RISK,
    GAP_LIMIT,
    BiasReport,
    BiasSlice,
    measure_bias,
)
from moderation.evaluation.thresholds import DECISION_THRESHOLD
from moderation.inference import SHIPPED_MODEL_DIR
from moderation.model import Classifier
from rules import DEFAULT_POLICY_PATH, load_policy

SHOWN: Final = 8  # slices of each axis and category, the worst ones


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--model", type=Path, default=SHIPPED_MODEL_DIR, help="a model folder")
    parser.add_argument(
        "--threshold", type=float, default=first_threshold(), help="the default policy's"
    )
    parser.add_argument("--threads", type=int, default=1, help="CPU threads")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    model = Classifier.from_pretrained(options.model)
    compared, acting = measure_bias(model, thresholds=[DECISION_THRESHOLD, options.threshold])
    print(f"{model.version}: flagged from {acting.threshold:.2f} on")
    for category in acting.categories:
        for axis in acting.axes:
            own = [part for part in acting.slices if (part.axis, part.category) == (axis, category)]
            _print_axis(acting, own)
    verdict = "within" if acting.worst_gap <= GAP_LIMIT else "NOT within"
    print(f"worst gap {acting.worst_gap:.3f}, {verdict} the limit of {GAP_LIMIT:.2f}")
    print(f"(from {compared.threshold:.2f} on it would be {compared.worst_gap:.3f})")
    figures = _figures(acting) | {"model": model.version}
    compared_figures = {"threshold": compared.threshold, "worst_gap": round(compared.worst_gap, 4)}
    print(json.dumps(figures | {"compared": compared_figures}))


def first_threshold() -> float:
    """From which probability the default policy first acts, in the categories at risk."""
    settings = load_policy(DEFAULT_POLICY_PATH).document.categories
    found = (
        threshold
        for name in CATEGORIES_AT_RISK
        for threshold in (settings[name].limit, settings[name].review, settings[name].remove)
        if threshold is not None
    )
    return min(found)


def _print_axis(report: BiasReport, own: list[BiasSlice]) -> None:
    axis, category = own[0].axis, own[0].category
    print(
        f"\n{category}, {axis}: {len(own)} slices, gap of false-positive rates "
        f"{report.gap(axis, category):.3f} (limit {GAP_LIMIT:.2f}), of recall "
        f"{report.gap(axis, category, 'recall'):.3f}"
    )
    print(f"  {'slice':<24}{'mean harmless':>14}{'FPR':>7}{'mean harmful':>14}{'recall':>8}")
    worst = sorted(own, key=lambda part: (part.false_positive_rate, part.mean_harmless))[::-1]
    for part in worst[:SHOWN]:
        harmful, recall = _known(part.mean_harmful), _known(part.recall)
        print(
            f"  {part.name:<24}{part.mean_harmless:>14.3f}{part.false_positive_rate:>7.3f}"
            f"{harmful:>14}{recall:>8}"
        )


def _known(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


def _figures(report: BiasReport) -> dict[str, Any]:
    return {
        "threshold": report.threshold,
        "limit": GAP_LIMIT,
        "worst_gap": round(report.worst_gap, 4),
        "met": report.worst_gap <= GAP_LIMIT,
        "gaps": {
            f"{category}, {axis}": {
                figure: round(report.gap(axis, category, figure), 4)
                for figure in ("false_positive_rate", "mean_harmless", "recall")
            }
            for category in report.categories
            for axis in report.axes
        },
        "slices": [
            {
                name: round(value, 4) if isinstance(value, float) else value
                for name, value in dataclasses.asdict(part).items()
            }
            for part in report.slices
        ],
    }


if __name__ == "__main__":
    main()

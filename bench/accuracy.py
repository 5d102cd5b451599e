"""How right the classifier is: ``python -m bench.accuracy WORK [--model FOLDER]``.

WORK is the folder that `make train-data` has written.
Only dev rows are measured; each figure stands beside what a plain method reaches on the same rows
after learning from the same data set's training rows, and beside the goal. Intervals are 95 %, by
bootstrap. The last line is one JSON object of all figures.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

import numpy as np
import torch
from rich.console import Console
from rich.table import Table

from bench.baselines import NAMES, baseline_probabilities
from moderation.evaluation import (
    DEV,
    TRAIN,
    OverFlagging,
    Report,
    Row,
    Scored,
    category_figures,
    evaluate,
    event_probe,
    model_thresholds,
    over_flagging,
    predict,
    read_manifest,
    report,
)
from moderation.evaluation.crossmodal import compose
from moderation.evaluation.crossmodal_study import LATE, study_fusions
from moderation.evaluation.thresholds import DECISION_THRESHOLD
from moderation.inference import SHIPPED_MODEL_DIR
from moderation.model import Classifier
from moderation.training.prepare import PHOTOGRAPHS, WHOLE_POSTS
from schemas import Modality

MANIFESTS: Final = (
    "text.jsonl.gz",
    "image.jsonl",
    "audio.jsonl",
    "collages.jsonl",
    "drawings.jsonl",
    "speech.jsonl",
)
ECE_ROWS: Final = 300  # with fewer, the error of the error is as large as the goal
ECE_GOAL: Final = 0.03
REMOVAL: Final = 0.95  # the lowest threshold of the default policy that removes
OVER_FLAGGING_GOAL: Final = 0.05
EVERYDAY: Final = "template_everyday"
CROSSMODAL_GOALS: Final = {"best single modality": 0.12, LATE: 0.15}


@dataclass(frozen=True, slots=True)
class Task:
    """One figure on one data set."""

    name: str
    source: str
    category: str
    figure: str
    goal: float | None
    modality: Modality = Modality.TEXT


TASKS: Final = (
    Task("TweetEval offensive", "tweeteval_offensive", "toxicity", "macro_f1", 0.80),
    Task("TweetEval hate", "tweeteval_hate", "hate", "macro_f1", None),
    Task("COLD, Chinese", "cold", "toxicity", "accuracy", 0.80),
    Task("SMS spam", "sms_spam", "spam", "f1", 0.95),
    Task("self-harm posts, whole", "twitter_suicidal_whole", "self_harm", "f1", 0.90),
    Task("self-harm posts, cut to 30 words", "twitter_suicidal", "self_harm", "f1", None),
    Task("HatemojiBuild", "hatemoji_build", "hate", "accuracy", 0.72),
    Task("guns against own crops", "guns", "weapons", "auroc", 0.90, Modality.IMAGE),
    Task("spoken toxicity, real posts", "speech_posts", "toxicity", "auroc", 0.75, Modality.AUDIO),
    Task(
        "spoken toxicity, templates", "speech_template", "toxicity", "auroc", 0.75, Modality.AUDIO
    ),
)


@dataclass(frozen=True, slots=True)
class Result:
    """A figure beside its baseline and its goal."""

    name: str
    figure: str
    value: float
    interval: tuple[float, float] | None
    baseline: float
    baseline_name: str
    goal: float | None
    rows: int

    @property
    def reached(self) -> bool | None:
        """The goal is met; None if there is none."""
        return None if self.goal is None else self.value >= self.goal


def main() -> None:
    """Measure and print."""
    options = _options()
    torch.set_num_threads(options.threads)
    started = time.perf_counter()
    model = Classifier.from_pretrained(options.model)
    rows = [row for name in MANIFESTS for row in read_manifest(options.work / name)]
    train, dev = (_of(rows, split) for split in (TRAIN, DEV))
    scores = predict(model, dev)
    thresholds = model_thresholds(options.model, model.categories)
    measured = report(
        model.version, dev, Scored.of(dev, scores, model.categories), thresholds=thresholds
    )
    results = [*task_results(measured, train, dev), sound_result(model, train, dev)]
    whole = read_manifest(options.work / WHOLE_POSTS)
    uncut = evaluate(model, _of(whole, DEV), thresholds=thresholds)
    results += task_results(uncut, _of(whole, TRAIN), _of(whole, DEV))
    photographs = read_manifest(options.work / PHOTOGRAPHS)
    results += crossmodal_results(
        model, [*photographs, *(row for row in rows if row.image and not row.text)]
    )
    calibration = calibration_errors(measured)
    everyday = [row for row in dev if row.source == EVERYDAY]
    flagged = {
        f"harmless everyday posts at {REMOVAL}": flagged_at(model, everyday, REMOVAL),
        f"photographs without weapons at {REMOVAL}": flagged_at(model, photographs, REMOVAL),
        f"photographs without weapons at {DECISION_THRESHOLD}": flagged_at(
            model, photographs, DECISION_THRESHOLD
        ),
    }
    print_results(results, calibration)
    for name, found in flagged.items():
        print(f"{name} or more: {found.share:.1%} of {found.posts} ({found.low:.1%} to "
              f"{found.high:.1%}), goal {OVER_FLAGGING_GOAL:.0%}")  # fmt: skip
    summary = {
        "model": model.version,
        "figures": {
            result.name: asdict(result) | {"reached": result.reached} for result in results
        },
        "calibration_error": calibration,
        "over_flagging": {name: asdict(found) for name, found in flagged.items()},
        "seconds": round(time.perf_counter() - started, 1),
    }
    print(json.dumps(summary, ensure_ascii=False))


def flagged_at(model: Classifier, rows: Sequence[Row], threshold: float) -> OverFlagging:
    """Harmless posts of which any category is at a threshold or above."""
    scores = predict(model, rows)
    return over_flagging(rows, scores, model.categories, dict.fromkeys(model.categories, threshold))


def _of(rows: Sequence[Row], split: str) -> list[Row]:
    return [row for row in rows if row.split == split]


def task_results(measured: Report, train: Sequence[Row], dev: Sequence[Row]) -> Iterator[Result]:
    """The model and a plain method on every data set."""
    for task in TASKS:
        slice_name = f"source {task.source}"
        if slice_name not in measured.slices:
            continue
        figures = measured.slices[slice_name][task.category]
        own = [row for row in dev if row.source == task.source and task.category in row.labels]
        plain = baseline_probabilities(
            task.modality, task.category, [r for r in train if r.source == task.source], own
        )
        labels = np.array([row.labels[task.category] for row in own])
        yield Result(
            name=task.name,
            figure=task.figure,
            value=getattr(figures, task.figure),
            interval=figures.intervals.get(task.figure),
            baseline=getattr(category_figures(labels, plain), task.figure),
            baseline_name=NAMES[task.modality],
            goal=task.goal,
            rows=figures.labelled,
        )


def sound_result(model: Classifier, train: Sequence[Row], dev: Sequence[Row]) -> Result:
    """Environmental sounds by a linear probe of the audio encoder."""
    probe = event_probe(
        model,
        [row for row in train if row.source == "esc10"],
        [row for row in dev if row.source == "esc10"],
    )
    return Result(
        name="ESC-10, linear probe",
        figure="accuracy",
        value=round(probe.accuracy, 4),
        interval=(probe.low, probe.high),
        baseline=round(probe.chance, 4),
        baseline_name="commonest class",
        goal=0.90,
        rows=probe.test,
    )


def crossmodal_results(model: Classifier, pictures: Sequence[Row]) -> Iterator[Result]:
    """Posts of which no modality decides alone: the best fusion less each baseline, in points."""
    folds = compose(pictures)
    study = study_fusions(model, folds)
    for name, contender in (("best single modality", study.single), (LATE, LATE)):
        test = study.compared_with(contender)
        yield Result(
            name=f"composed posts, {study.fused} over {name}",
            figure=f"accuracy gained, p = {test.corrected_p:.1e}",
            value=round(study.mean(study.fused) - study.mean(contender), 4),
            interval=None,
            baseline=round(study.mean(contender), 4),
            baseline_name=f"accuracy of {contender}",
            goal=CROSSMODAL_GOALS[name],
            rows=len(folds[0].test) * len(folds),
        )


def calibration_errors(measured: Report) -> dict[str, float]:
    """Expected calibration error of each category with enough dev rows."""
    return {
        category: figures.calibration_error
        for category, figures in measured.slices["all"].items()
        if figures.labelled >= ECE_ROWS and figures.calibration_error is not None
    }


def print_results(results: Sequence[Result], calibration: Mapping[str, float]) -> None:
    """Two tables."""
    table = Table(
        "set", "figure", "value", "95 %", "baseline", "goal", "", title="accuracy, dev rows"
    )
    for result in results:
        low_high = "" if result.interval is None else "{:.3f}–{:.3f}".format(*result.interval)
        table.add_row(
            f"{result.name} ({result.rows})",
            result.figure,
            f"{result.value:.3f}",
            low_high,
            f"{result.baseline:.3f} {result.baseline_name}",
            "" if result.goal is None else f"{result.goal:.2f}",
            {True: "reached", False: "[bold]missed[/]", None: ""}[result.reached],
        )
    console = Console(width=150)
    console.print(table)
    errors = Table("category", "expected calibration error", f"goal {ECE_GOAL}")
    for category, error in calibration.items():
        errors.add_row(category, f"{error:.3f}", "reached" if error <= ECE_GOAL else "missed")
    console.print(errors)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("work", type=Path, help="folder of the prepared manifests")
    parser.add_argument("--model", type=Path, default=SHIPPED_MODEL_DIR, help="a model folder")
    parser.add_argument("--threads", type=int, default=2, help="CPU threads")
    return parser.parse_args()


if __name__ == "__main__":
    main()

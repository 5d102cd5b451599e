"""The figures of one contender: on every task, in composed posts, in size and in speed."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch

from bench.accuracy import TASKS
from bench.architectures.fused import Fused
from bench.small import speeds, timed_posts
from moderation.evaluation import DEV, TRAIN, Row, category_figures, event_probe
from moderation.evaluation.crossmodal import ComposedFold
from moderation.evaluation.crossmodal_study import study_fusions
from moderation.inference import Scorer
from moderation.model import Classifier
from moderation.model.config import FusionKind
from moderation.training.dev_figure import dev_figure
from schemas import Modality

DEV_AUROC: Final = "mean AUROC"
PROBE: Final = "ESC-10, linear probe"
PROBED: Final = "esc10"
COMPOSED_POSTS: Final = "composed posts"
TIMED_POSTS: Final = 64  # of a modality
TIMED_ROUNDS: Final = 3


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of the table.

    Attributes:
        figures: by name; a task that it cannot do is left out.
        parameters: of the encoder, or of the whole model.
        rates: posts of each modality in a second of one core's time.
    """

    group: str
    name: str
    figures: Mapping[str, float]
    parameters: int
    rates: Mapping[str, float] = field(default_factory=dict)


def kept_entry(path: Path, measure: Callable[[], Entry]) -> Entry:
    """The row that lies in a file, or else measured and written there."""
    return Entry(**kept_json(path, lambda: dataclasses.asdict(measure())))


def kept_json(path: Path, measure: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """What lies in a file, or else measured and written there in one move."""
    if not path.is_file():
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_suffix(".new")
        fresh.write_text(json.dumps(measure(), indent=1) + "\n", "utf-8")
        fresh.replace(path)
    kept: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return kept


def task_figures(fused: Fused, modalities: Sequence[Modality]) -> dict[str, float]:
    """Every task of these modalities, and the mean AUROC over sources and categories."""
    categories = fused.model.categories
    found: dict[str, float] = {}
    for task in TASKS:
        column = categories.index(task.category)
        own = [
            place
            for place, row in enumerate(fused.dev)
            if row.source == task.source and task.category in row.labels
        ]
        labels = np.array([fused.dev[place].labels[task.category] for place in own])
        if task.modality not in modalities or len(set(labels.tolist())) < 2:  # noqa: PLR2004 - one class alone cannot be told apart
            continue
        figures = category_figures(labels, fused.probabilities[own, column])
        found[task.name] = round(getattr(figures, task.figure), 4)
    target = np.array([[row.labels.get(c, -1) for c in categories] for row in fused.dev])
    sources = [row.source for row in fused.dev]
    mean = dev_figure(
        fused.probabilities.astype(np.float32), target.astype(np.float32), sources, categories
    ).mean
    if mean is not None:
        found[DEV_AUROC] = round(mean, 4)
    return found


def probe_figures(model: Classifier, rows: Sequence[Row]) -> dict[str, float]:
    """The sounds' names by a linear probe; nothing where there are no such sounds."""
    own = {split: [r for r in rows if r.source == PROBED and r.split == split]
           for split in (TRAIN, DEV)}  # fmt: skip
    if not all(own.values()):
        return {}
    return {PROBE: round(event_probe(model, own[TRAIN], own[DEV]).accuracy, 4)}


def composed_figures(
    model: Classifier, folds: Sequence[ComposedFold], fusions: Sequence[FusionKind]
) -> dict[str, float]:
    """Accuracy on composed posts by fusion, over a model's encoders; empty without folds."""
    if not folds:
        return {}
    study = study_fusions(model, folds, fusions=fusions)
    return {kind: round(study.mean(kind), 4) for kind in fusions}


def rates(
    model: Classifier, dev: Sequence[Row], modalities: Sequence[Modality]
) -> dict[str, float]:
    """Posts a second of CPU time, in float32 on one thread."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        scorer = Scorer(model, "cpu", precision="fp32", cache_bytes=0)
        found = {}
        for modality in modalities:
            posts = timed_posts(dev, modality, most=TIMED_POSTS)
            if posts:
                measured = speeds({"": scorer}, posts, rounds=TIMED_ROUNDS)[""]
                found[modality.value] = measured["posts_per_cpu_second"]
    finally:
        torch.set_num_threads(before)
    return found

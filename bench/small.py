"""What making the model small costs and brings: ``python -m bench.small MANIFEST...``.

Accuracy on the dev rows of the manifests, size on disk, and posts a second on one core, for the
model in float32, in bfloat16, in int8, and pruned (by the rows' own ranking and untaught, unless
``--pruned`` names a folder that ``moderation prune`` wrote); with ``--distil FOLDER`` also of a
student with fewer text layers, which the model teaches on the manifests' training texts (two passes
over all of them take about 40 minutes on two cores; what is done lies in FOLDER).

Speed is that of the whole path from decoded posts to scores, cache off, in CPU time of one thread,
so that a busy machine says about the same; rounds of the variants take turns, and the median
counts. The last line is one JSON object of all figures.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
import platform
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np
import torch
from rich.console import Console

from bench.student import Lessons, taught_student
from moderation.evaluation import (
    DEV,
    TRAIN,
    Row,
    auroc,
    predict,
    read_audio,
    read_image,
    read_manifest,
)
from moderation.inference import SHIPPED_MODEL_DIR, Precision, Scorer
from moderation.media import DecodedPost
from moderation.model import Classifier, QuantisedClassifier
from moderation.training import ProgressReporter, importance_by_loss, pruned
from schemas import Modality
from workers.training.terminal import progress_bars

TIMED_POSTS: Final = 128  # a modality; texts of ordinary mixed lengths
ROUNDS: Final = 5  # after one to warm up
RANKING_ROWS: Final = 1000
PRUNED_SHARE: Final = 0.25
THRESHOLD: Final = 0.5
MIN_POSITIVES: Final = 20  # of a source and category; with fewer a figure is mostly chance
AGREEMENT: Final = 0.005  # F1 that int8 may lose
SPEED_UP: Final = 2.5  # of int8 over float32


@dataclasses.dataclass(frozen=True, slots=True)
class Variant:
    """One way to run a model."""

    model: Classifier
    precision: Precision
    megabytes: float


def variants(
    model: Classifier, pruned_folder: Path | None, student: Classifier | None, rows: Sequence[Row]
) -> dict[str, Variant]:
    """The model as it is and made smaller, by name."""
    if pruned_folder:
        smaller = Classifier.from_pretrained(pruned_folder)
    else:
        ranking = [row for row in rows if row.text and row.labels]
        random.Random(0).shuffle(ranking)  # noqa: S311 - an order that every run repeats, nothing secret
        importance = importance_by_loss(model, ranking[:RANKING_ROWS])
        smaller = pruned(model, importance, heads=PRUNED_SHARE, units=PRUNED_SHARE)
    found = {
        "fp32": Variant(model, "fp32", megabytes(model)),
        "bf16": Variant(model, "bf16", megabytes(model)),
        "int8": Variant(model, "int8", megabytes(model, storage="int8")),
        "pruned fp32": Variant(smaller, "fp32", megabytes(smaller)),
        "pruned int8": Variant(smaller, "int8", megabytes(smaller, storage="int8")),
    }
    if student is not None:
        found["distilled fp32"] = Variant(student, "fp32", megabytes(student))
        found["distilled int8"] = Variant(student, "int8", megabytes(student, storage="int8"))
    return found


def megabytes(model: Classifier, *, storage: Literal["float16", "int8"] = "float16") -> float:
    """Size of the model's folder, in a storage type."""
    before = model.config
    try:
        model.config = dataclasses.replace(before, storage=storage)
        with tempfile.TemporaryDirectory() as folder:
            model.save_pretrained(folder)
            size = sum(file.stat().st_size for file in Path(folder).iterdir())
    finally:
        model.config = before
    return round(size / 1e6, 1)


def accuracy(variant: Variant, rows: Sequence[Row]) -> dict[str, float]:
    """Mean F1 at 0.5 and mean AUROC over sources and categories, and F1 of all labels together."""
    model = variant.model
    if variant.precision == "int8":
        model = QuantisedClassifier(model)
    with torch.autocast("cpu", torch.bfloat16, enabled=variant.precision == "bf16"):
        scores = predict(model, rows)
    sources = np.array([row.source for row in rows], dtype=object)
    labels = np.array([[row.labels.get(c, -1) for c in model.categories] for row in rows])
    f1, ranks = [], []
    for source in sorted(set(sources)):
        for place in range(len(model.categories)):
            own = (sources == source) & (labels[:, place] >= 0)
            truth, said = labels[own, place], scores[own, place]
            if min((truth == 1).sum(), (truth == 0).sum()) < MIN_POSITIVES:
                continue
            f1.append(f1_of(truth, said))
            ranks.append(auroc(truth, said) or 0.0)
    known = labels >= 0
    return {
        "mean_f1": round(float(np.mean(f1)), 4),
        "mean_auroc": round(float(np.mean(ranks)), 4),
        "f1_of_all_labels": round(f1_of(labels[known], scores[known]), 4),
    }


def f1_of(truth: Any, scores: Any) -> float:
    """F1 at the threshold."""
    said = scores >= THRESHOLD
    hits = int(((truth == 1) & said).sum())
    return 2 * hits / max(1, int((truth == 1).sum()) + int(said.sum()))


def speeds(
    scorers: Mapping[str, Scorer], posts: Sequence[DecodedPost], *, rounds: int = ROUNDS
) -> dict[str, dict[str, float]]:
    """Posts a second of CPU time (median, least, most) and of wall-clock time, by scorer."""
    seconds: dict[str, list[tuple[float, float]]] = {name: [] for name in scorers}
    for turn in range(rounds + 1):
        for name, scorer in scorers.items():
            start = time.process_time(), time.perf_counter()
            scorer.score(posts)
            spent = time.process_time() - start[0], time.perf_counter() - start[1]
            if turn:
                seconds[name].append(spent)
    return {name: _rates(spent, len(posts)) for name, spent in seconds.items()}


def _rates(spent: Sequence[tuple[float, float]], posts: int) -> dict[str, float]:
    by_cpu = [posts / cpu for cpu, _ in spent]
    return {
        "posts_per_cpu_second": round(statistics.median(by_cpu), 1),
        "least": round(min(by_cpu), 1),
        "most": round(max(by_cpu), 1),
        "posts_per_second": round(statistics.median(posts / wall for _, wall in spent), 1),
    }


def timed_posts(
    rows: Sequence[Row], modality: Modality, *, most: int = TIMED_POSTS
) -> list[DecodedPost]:
    """Posts of just one modality, drawn from the rows."""
    own = [row for row in rows if row.modalities == (modality,)]
    random.Random(0).shuffle(own)  # noqa: S311 - an order that every run repeats, nothing secret
    return [
        DecodedPost(
            post_id=row.id,
            text=row.text,
            images=(read_image(row.image),) if row.image else (),
            audio=(read_audio(row.audio),) if row.audio else (),
        )
        for row in own[:most]
    ]


def measure(model: Classifier, ways: Mapping[str, Variant], rows: Sequence[Row]) -> dict[str, Any]:
    """Everything, by variant."""
    figures: dict[str, dict[str, Any]] = {
        name: {
            "megabytes": way.megabytes,
            "parameters": sum(p.numel() for p in way.model.parameters()),
            **accuracy(way, rows),
        }
        for name, way in ways.items()
    }
    scorers = {
        name: Scorer(way.model, "cpu", precision=way.precision, cache_bytes=0)
        for name, way in ways.items()
    }
    for modality in Modality:
        posts = timed_posts(rows, modality)
        for name, rates in (speeds(scorers, posts) if posts else {}).items():
            base = figures["fp32"].get(modality.value, rates)["posts_per_cpu_second"]
            times = round(rates["posts_per_cpu_second"] / base, 2)
            figures[name][modality.value] = {**rates, "times_fp32": times}
    return {
        "machine": f"{platform.machine()}, {os.cpu_count()} CPUs, torch {torch.__version__}, "
        f"{torch.backends.cpu.get_cpu_capability()}, 1 thread",
        "model": model.version,
        "dev_rows": len(rows),
        "variants": figures,
        "int8_keeps_f1": figures["fp32"]["mean_f1"] - figures["int8"]["mean_f1"] <= AGREEMENT,
        "int8_is_fast": figures["int8"].get("text", {}).get("times_fp32", 0) >= SPEED_UP,
    }


def _speed(modality: Modality, figures: Mapping[str, Any]) -> str:
    rates = figures[modality.value]
    spread = f"({rates['least']:.0f}–{rates['most']:.0f})"
    return f"{rates['posts_per_cpu_second']:.0f} {spread}, ×{rates['times_fp32']:.2f}"


def print_table(figures: Mapping[str, Mapping[str, Any]]) -> None:
    """A row a variant, as Markdown."""
    columns: dict[str, Callable[[Mapping[str, Any]], Any]] = {
        "on disk": lambda f: f"{f['megabytes']:.1f} MB",
        "parameters": lambda f: f"{f['parameters'] / 1e6:.1f} M",
        "mean F1": lambda f: f"{f['mean_f1']:.4f}",
        "mean AUROC": lambda f: f"{f['mean_auroc']:.4f}",
    }
    for modality in Modality:
        if modality.value in figures["fp32"]:
            columns[f"{modality.value}/s"] = partial(_speed, modality)
    print("| | " + " | ".join(columns) + " |")
    print("|---" * (len(columns) + 1) + "|")
    for name, own in figures.items():
        print(f"| {name} | " + " | ".join(str(cell(own)) for cell in columns.values()) + " |")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("manifests", nargs="+", type=Path)
    parser.add_argument("--model", type=Path, default=SHIPPED_MODEL_DIR)
    parser.add_argument("--pruned", type=Path, help="a folder that `moderation prune` wrote")
    parser.add_argument("--split", default=DEV, help="of the rows that are measured")
    parser.add_argument("--rows", type=int, default=0, help="at most so many, drawn; 0: all")
    parser.add_argument("--distil", type=Path, help="folder of a student, taught if need be")
    parser.add_argument("--layers", type=int, default=3, help="of the student's text encoder")
    parser.add_argument("--share", type=float, default=1.0, help="of the texts that teach it")
    parser.add_argument("--epochs", type=int, default=2, help="passes over them")
    parser.add_argument("--threads", type=int, default=2, help="to teach it with; timed is one")
    arguments = parser.parse_args()
    rows = [row for manifest in arguments.manifests for row in read_manifest(manifest)]
    measured = [row for row in rows if row.split == arguments.split]
    random.Random(0).shuffle(measured)  # noqa: S311 - an order that every run repeats, nothing secret
    if not measured:
        parser.error(f"no row of the manifests has split {arguments.split!r}")
    measured = measured[: arguments.rows or None]
    model = Classifier.from_pretrained(arguments.model)
    student = None
    if arguments.distil:
        torch.set_num_threads(arguments.threads)
        with progress_bars(Console(stderr=True)) as progress:
            lessons = Lessons(
                rows=[row for row in rows if row.split == TRAIN] + measured,
                layers=arguments.layers,
                share=arguments.share,
                passes=arguments.epochs,
                folder=arguments.distil,
                reporter=lambda name: ProgressReporter(progress, name),
            )
            student = taught_student(model, lessons)
    torch.set_num_threads(1)
    ways = variants(model, arguments.pruned, student, measured)
    result = measure(model, ways, measured)
    print_table(result["variants"])
    print(json.dumps(result))


if __name__ == "__main__":
    main()

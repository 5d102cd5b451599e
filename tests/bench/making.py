"""A small comparison over made-up posts."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from bench.architectures.budget import Budget
from bench.architectures.lineup import Lineup
from bench.architectures.work import Work
from moderation.evaluation import Row, read_manifest
from moderation.model import PRESETS
from moderation.training.reporting import SilentReporter
from schemas import Modality
from tests.moderation.training.making import write_posts

TINY = PRESETS["tiny"]
LINEUP = Lineup(
    encoders={
        Modality.TEXT: {
            "bert": TINY.text,
            "recurrent": dataclasses.replace(TINY.text, kind="recurrent"),
        },
        Modality.IMAGE: {"hybrid": TINY.image},
        Modality.AUDIO: {"conv_transformer": TINY.audio},
    },
    fusion=TINY.fusion,
    fusions=("late", "concat"),
    presets={"tiny": TINY},
)
SOURCES = {Modality.TEXT: "tweeteval_offensive", Modality.IMAGE: "", Modality.AUDIO: "speech_posts"}


class Heard(SilentReporter):
    """Keeps the names of the stages that trained; one of them can be broken off."""

    def __init__(self, name: str, trained: list[str], broken: str = "") -> None:
        self.name, self.trained, self.broken = name, trained, broken

    def step(self, done: float, loss: float) -> None:
        del done, loss
        if self.name == self.broken:
            raise KeyboardInterrupt
        if self.name not in self.trained:
            self.trained.append(self.name)


def made_up_rows(folder: Path) -> list[Row]:
    """Forty posts, named after data sets that have a task."""
    return [
        dataclasses.replace(row, source=SOURCES[row.modalities[0]])
        for row in read_manifest(write_posts(folder))
    ]


def work_in(
    folder: Path, rows: list[Row], *, trained: list[str] | None = None, broken: str = ""
) -> Work:
    """The whole of the rows, one pass each."""
    heard = [] if trained is None else trained
    budget = Budget.of(1.0, (1, 1, 1, 1), dev_rows=100, threads=1)
    work = Work(
        rows=budget.train_rows(rows) + budget.dev_rows(rows),
        budget=budget,
        lineup=LINEUP,
        folder=folder,
        starts={},
        reporter=lambda name: Heard(name, heard, broken),
    )
    work.check_terms()
    return work

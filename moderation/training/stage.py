"""One training stage: AdamW, warm-up and decay, averaged weights, early stop, checkpoints."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Final

import torch
from torch import Tensor, nn

from moderation.training.checkpoints import Progress, StageCheckpoint
from moderation.training.dev_figure import DevFigure
from moderation.training.ema import WeightAverage
from moderation.training.errors import TrainingError
from moderation.training.learner import Learner
from moderation.training.prefetch import made
from moderation.training.processes import Processes
from moderation.training.recipe import StageRecipe
from moderation.training.recorder import Recorder
from moderation.training.reporting import Reporter
from moderation.training.seeding import seed_of

GRADIENT_NORM: Final = 1.0  # clipped above: a single odd batch must not undo the others
LOSS_MEMORY: Final = 0.98  # of the running loss on the progress bar
HISTORY_STEPS: Final = 20  # between two lines of the history


@dataclass(frozen=True, slots=True)
class StageSetting:
    """Where and how a stage runs.

    Attributes:
        name: of the stage, which also names its files.
        seed: of the run.
        folder: of its checkpoint and history.
        checkpoint_minutes: between two checkpoints.
        reporter: hears of progress.
        device: where the learner is.
        processes: that train it together.
        curves: also write TensorBoard events and a picture; needs the extra ``train``.
    """

    name: str
    seed: int
    folder: Path
    checkpoint_minutes: float
    reporter: Reporter
    device: torch.device
    processes: Processes = field(default_factory=Processes)
    curves: bool = False


def run_stage(learner: Learner[Any], recipe: StageRecipe, setting: StageSetting) -> None:
    """Minimise a learner's loss; it ends with the weights that did best on the dev rows.

    An interrupted stage goes on where its last checkpoint was, and ends as if it had never stopped.

    Raises:
        TrainingError: its checkpoint is of other rows or another model.
    """
    _Stage(learner, recipe, setting).run()


class _Stage:
    def __init__(self, learner: Learner[Any], recipe: StageRecipe, setting: StageSetting) -> None:
        self.learner, self.recipe, self.setting = learner, recipe, setting
        self.parameters = [p for p in learner.parameters() if p.requires_grad]
        self.optimizer = make_optimizer(learner, recipe)
        self.average = WeightAverage(learner, recipe.ema_decay)
        self.best: Mapping[str, Tensor] = self.average.state
        self.progress = Progress()
        self.trainee = setting.processes.parallel(learner)
        fingerprint = f"{learner.describe()} in batches of {recipe.batch_cost}"
        if setting.processes.count > 1:
            fingerprint += f" by {setting.processes.count} processes"
        self.checkpoint = StageCheckpoint(setting.folder, setting.name, fingerprint)
        self.take_up()
        self.recorder = None
        if setting.processes.first:
            self.recorder = Recorder(
                setting.folder, setting.name, step=self.progress.step, curves=setting.curves
            )
        self.resumed = self.saved = time.monotonic()
        self.seconds_before = self.progress.seconds

    def run(self) -> None:
        progress = self.progress
        while not progress.ended:
            in_time = self.train_epoch()
            progress.epoch, progress.place = progress.epoch + 1, 0
            self.judge_epoch()
            if not in_time:
                self.note(f"stopped at the limit of {self.recipe.max_minutes:g} minutes")
            patience = self.recipe.patience
            impatient = 0 < patience <= progress.stale
            if impatient:
                self.note(f"stopped: no better dev figure for {patience} epochs")
            progress.ended = not in_time or impatient or progress.epoch >= self.recipe.epochs
            self.save()
        self.learner.load_state_dict(self.best)
        self.setting.reporter.step(1.0, progress.loss)
        if self.recorder is not None:
            self.recorder.close()

    def train_epoch(self) -> bool:
        """Train on the batches that are left of an epoch; False if the time was up before."""
        progress, setting = self.progress, self.setting
        self.learner.train()
        batches = self.learner.batches(self.draw_at(progress.epoch))
        own = setting.processes.share(batches)
        jobs = (self.job(own[place], place) for place in range(progress.place, len(own)))
        for batch in made(jobs, ahead=setting.device.type != "cpu"):
            late = self.seconds() >= self.recipe.max_minutes * 60
            if setting.processes.any_of(late, setting.device):
                return False
            done = (progress.epoch + progress.place / len(own)) / self.recipe.epochs
            self.train_batch(batch, done)
            progress.place += 1
            progress.step += 1
            setting.reporter.step(done, progress.loss)
            if time.monotonic() - self.saved >= setting.checkpoint_minutes * 60:
                self.save()
        return True

    def job(self, rows: list[int], place: int) -> Callable[[], Any]:
        """Makes a batch when called, by draws that depend on nothing but its place."""
        draw = self.draw_at(self.progress.epoch, place, self.setting.processes.rank)
        return partial(self.learner.prepare, rows, draw)

    def draw_at(self, *place: int) -> random.Random:
        return random.Random(seed_of(self.setting.seed, self.setting.name, *place))

    def train_batch(self, batch: Any, done: float) -> None:
        progress, setting = self.progress, self.setting
        place = (progress.epoch, progress.place, setting.processes.rank)
        torch.manual_seed(seed_of(setting.seed, setting.name, "weights", *place))
        rate = schedule(done, self.recipe.warmup)
        for group in self.optimizer.param_groups:
            group["lr"] = group["peak"] * rate
        parts = self.trainee(batch)
        loss = torch.stack(list(parts.values())).sum()
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]  # torch ships it without types; it returns nothing
        nn.utils.clip_grad_norm_(self.parameters, GRADIENT_NORM)
        self.optimizer.step()
        self.average.update()
        value = loss.item()
        running = progress.loss
        progress.loss = LOSS_MEMORY * running + (1 - LOSS_MEMORY) * value if running else value
        if progress.step % HISTORY_STEPS == 0:
            self.record(
                loss=value,
                learning_rate=self.recipe.learning_rate * rate,
                parts={name: part.item() for name, part in parts.items()},
            )

    def judge_epoch(self) -> None:
        """Measure the averaged weights, and keep them if none before were better."""
        progress = self.progress
        self.learner.eval()
        with self.average.applied():
            figure: DevFigure = self.learner.evaluate()
        value = self.setting.processes.first_says(figure.mean, self.setting.device)
        better = value is None or progress.best is None or value >= progress.best
        if better:
            self.best = {key: value.clone() for key, value in self.average.state.items()}
        progress.best = value if better else progress.best
        progress.stale = 0 if better else progress.stale + 1
        mark = " (best so far)" if better and value is not None else ""
        self.note(f"epoch {progress.epoch}, loss {progress.loss:.4f}, {figure}{mark}")
        pairs = {f"{source} {name}": value for (source, name), value in figure.pairs.items()}
        self.record(dev=value, pairs=pairs, beside=dict(figure.beside), best=better)

    def record(self, **values: Any) -> None:
        progress = self.progress
        minutes = round(self.seconds() / 60, 2)
        if self.recorder is not None:
            self.recorder.write(step=progress.step, epoch=progress.epoch, minutes=minutes, **values)

    def seconds(self) -> float:
        return self.seconds_before + time.monotonic() - self.resumed

    def note(self, message: str) -> None:
        self.setting.reporter.note(message)

    def save(self) -> None:
        self.saved = time.monotonic()
        self.progress.seconds = self.seconds()
        if not self.setting.processes.first:
            return
        self.checkpoint.save(
            self.progress,
            learner=self.learner.state_dict(),
            optimizer=self.optimizer.state_dict(),
            average=self.average.state_dict(),
            best=dict(self.best),
        )

    def take_up(self) -> None:
        kept = self.checkpoint.load()
        if kept is None:
            return
        self.progress, states = kept
        peaks = [group["peak"] for group in self.optimizer.param_groups]
        try:
            self.learner.load_state_dict(states["learner"])
            self.optimizer.load_state_dict(states["optimizer"])
            self.average.load_state_dict(states["average"])
        except (RuntimeError, ValueError, KeyError) as error:
            raise TrainingError(
                f"{self.checkpoint.path} is of another model ({error}); remove it to start the "
                "stage again, or choose another folder"
            ) from error
        for group, peak in zip(self.optimizer.param_groups, peaks, strict=True):
            group["peak"] = peak  # the recipe may have changed since
        self.best = {key: value.to(self.setting.device) for key, value in states["best"].items()}
        progress = self.progress
        self.note(f"goes on in epoch {progress.epoch + 1}, after {progress.step} steps")


def make_optimizer(learner: Learner[Any], recipe: StageRecipe) -> torch.optim.AdamW:
    """AdamW; each group knows the peak of its learning rate."""
    new = {id(parameter) for parameter in learner.new_parameters()}
    known: list[nn.Parameter] = []
    fresh: list[nn.Parameter] = []
    for parameter in learner.parameters():
        if parameter.requires_grad:
            (fresh if id(parameter) in new else known).append(parameter)
    groups = [
        {"params": known, "peak": recipe.learning_rate},
        {"params": fresh, "peak": recipe.learning_rate * recipe.head_factor},
    ]
    return torch.optim.AdamW(
        [group for group in groups if group["params"]],
        lr=recipe.learning_rate,
        weight_decay=recipe.weight_decay,
        fused=True,
    )


def schedule(done: float, warmup: float) -> float:
    """Linear warm-up to 1, then linear decay to 0.

    Args:
        done: share of the stage, 0..1.
        warmup: share of the stage that warms up.
    """
    if done < warmup:
        return max(done, 1e-3) / warmup
    return (1 - done) / (1 - warmup)

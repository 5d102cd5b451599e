"""Distillation: a small student learns to answer as a large teacher does.

Hinton, Vinyals and Dean, "Distilling the Knowledge in a Neural Network" (2015): the teacher's
probabilities at a raised temperature say more than labels, and they exist for posts without labels
and for categories that a data set says nothing about. Teacher and student see the same view of a
post, as in Beyer et al., "Knowledge distillation: A good teacher is patient and consistent" (2022).
"""

from __future__ import annotations

import dataclasses
import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import torch
from tokenizers import Tokenizer
from torch import Tensor, nn
from torch.nn import functional

from moderation.evaluation import DEV, TRAIN, Row
from moderation.model import PRESETS, Classifier, ModelInputs, ModelOutput, TextTokenizer
from moderation.training.calibrate import fit_calibration
from moderation.training.dev_figure import DevFigure, dev_figure
from moderation.training.device import mixed_precision
from moderation.training.errors import TrainingError
from moderation.training.examples import bucketed_batches
from moderation.training.learner import Learner
from moderation.training.loss import masked_bce
from moderation.training.posts import Posts, batch_of
from moderation.training.recipe import StageRecipe
from moderation.training.reporting import Reporter
from moderation.training.seeding import seed_everything
from moderation.training.stage import StageSetting, run_stage

STAGE: Final = "distillation"
CHECKPOINT_MINUTES: Final = 10.0


@dataclass(frozen=True, slots=True)
class Teaching:
    """What the student is taught with.

    Attributes:
        temperature: by which both models' logits are divided; above 1, what the teacher thinks of
            the categories that it finds unlikely counts more.
        label_weight: of the loss on known labels, next to the teacher's of 1.
        embedding_weight: of the loss that brings the posts' embeddings together; it counts only
            where both models' have the same width.
    """

    temperature: float = 2.0
    label_weight: float = 0.3
    embedding_weight: float = 0.5


@dataclass(frozen=True, slots=True)
class Distillation:
    """What a distillation works on.

    Attributes:
        teacher: stays as it is.
        student: is taught in place; of the same categories.
        rows: train rows teach, labelled or not; dev rows choose the best weights and calibrate.
        recipe: batches cost tokens of text; see :mod:`moderation.training.posts`.
        folder: of the checkpoint, to go on after an interruption.
        reporter: hears of progress.
    """

    teacher: Classifier
    student: Classifier
    rows: Sequence[Row]
    recipe: StageRecipe
    folder: Path
    reporter: Reporter
    teaching: Teaching = Teaching()
    seed: int = 7

    def posts(self, split: str) -> Posts:
        """The posts of one split."""
        return Posts([row for row in self.rows if row.split == split], self.student)


def distil(work: Distillation) -> Classifier:
    """Teach the student; it comes back in eval mode, calibrated on the dev rows.

    Without labelled dev rows it takes over the calibration of the teacher, whose logits it learnt.

    Raises:
        ManifestError: a media file is missing or broken.
        TrainingError: there is no train row, or the two models have other categories.
    """
    teacher, student = work.teacher, work.student
    if teacher.categories != student.categories:
        raise TrainingError(
            f"the teacher knows {', '.join(teacher.categories)}, the student "
            f"{', '.join(student.categories)}; they must agree, in order"
        )
    train, dev = work.posts(TRAIN), work.posts(DEV)
    if not len(train):
        raise TrainingError(f'no row has split "{TRAIN}"; a student learns from such rows')
    work.folder.mkdir(parents=True, exist_ok=True)
    seed_everything(work.seed, STAGE, "start")
    learner = DistillationLearner(work, train, dev)
    setting = StageSetting(
        name=STAGE,
        seed=work.seed,
        folder=work.folder,
        checkpoint_minutes=CHECKPOINT_MINUTES,
        reporter=work.reporter,
        device=student.device,
    )
    run_stage(learner, work.recipe, setting)
    student.eval()
    student.calibration = teacher.calibration
    if (dev.target >= 0).any():
        logits = dev.logits(student, batch_cost=work.recipe.batch_cost)
        student.calibration = fit_calibration(logits, dev.target)
    return student


def student_of(teacher: Classifier, preset: str) -> Classifier:
    """A fresh student of a preset's dimensions, with the teacher's vocabulary and categories.

    Whatever has the same name and shape in both models starts from the teacher's weights.

    Raises:
        TrainingError: there is no such preset.
    """
    if preset not in PRESETS:
        raise TrainingError(f"there is no preset {preset!r}; choose of {', '.join(PRESETS)}")
    config = PRESETS[preset]
    text = dataclasses.replace(config.text, vocab_size=teacher.tokenizer.vocab_size)
    tokenizer = TextTokenizer(
        Tokenizer.from_str(teacher.tokenizer.to_json()), max_tokens=text.max_tokens
    )
    student = Classifier(
        dataclasses.replace(config, text=text, categories=teacher.categories), tokenizer
    )
    state = student.state_dict()
    known = teacher.state_dict()
    shared = {
        name: known[name]
        for name, value in state.items()
        if name in known and known[name].shape == value.shape
    }
    student.load_state_dict({**state, **shared})
    return student


@dataclass(frozen=True, slots=True)
class Lesson:
    """The same posts as inputs of both models, and their labels."""

    student: ModelInputs
    teacher: ModelInputs
    target: Tensor


class DistillationLearner(Learner[Lesson]):
    """The student, and the losses that bring it to the teacher and to the labels."""

    def __init__(self, work: Distillation, train: Posts, dev: Posts) -> None:
        super().__init__()
        self.student = work.student
        self.train_posts, self.dev_posts = train, dev
        self.teaching, self.batch_cost = work.teaching, work.recipe.batch_cost
        self._teacher = [work.teacher.eval()]  # in a list: it is not trained

    @property
    def teacher(self) -> Classifier:
        """The model that is imitated."""
        return self._teacher[0]

    def describe(self) -> str:
        """The posts and their cost."""
        posts = self.train_posts
        return (
            f"{len(posts)} posts of cost {sum(posts.costs):.0f}, taught by {self.teacher.version}"
        )

    def new_parameters(self) -> Iterable[nn.Parameter]:
        """None: how much of the student is new differs from student to student."""
        return []

    def batches(self, draw: random.Random) -> list[list[int]]:
        """Posts of like cost."""
        costs = self.train_posts.costs
        return list(bucketed_batches(costs, batch_cost=self.batch_cost, draw=draw))

    def prepare(self, rows: list[int], draw: random.Random) -> Lesson:
        """Read the posts for both."""
        del draw
        student, teacher = self.student, self.teacher
        return Lesson(
            batch_of(self.train_posts.samples(rows, student), student),
            batch_of(self.train_posts.samples(rows, teacher), teacher),
            self.train_posts.target[rows].to(student.device),
        )

    def forward(self, batch: Lesson) -> Mapping[str, Tensor]:
        """The parts of the loss."""
        with mixed_precision(self.student.device):
            with torch.no_grad():
                wanted = self.teacher(batch.teacher)
            said = self.student(batch.student)
        return distillation_losses(said, wanted, batch.target, self.teaching)

    def evaluate(self) -> DevFigure:
        """AUROC on the labels of the dev rows."""
        posts = self.dev_posts
        self.student.eval()
        scores = posts.logits(self.student, batch_cost=self.batch_cost).numpy()
        sources = [row.source for row in posts.rows]
        return dev_figure(scores, posts.target.numpy(), sources, self.student.categories)


def distillation_losses(
    said: ModelOutput, wanted: ModelOutput, target: Tensor, teaching: Teaching
) -> dict[str, Tensor]:
    """Soft targets, known labels, and embeddings.

    Categories are yes-no questions, so the soft loss is a binary cross-entropy each; it is scaled
    by the square of the temperature, which keeps its gradients as large as those of the labels.
    """
    heat = teaching.temperature
    soft = functional.binary_cross_entropy_with_logits(
        said.logits.float() / heat, torch.sigmoid(wanted.logits.float() / heat)
    )
    losses = {
        "teacher": soft * heat**2,
        "labels": masked_bce(said.logits, target) * teaching.label_weight,
    }
    if said.embedding.shape == wanted.embedding.shape:
        cosine = (said.embedding.float() * wanted.embedding.float()).sum(dim=-1)
        losses["embedding"] = (1 - cosine).mean() * teaching.embedding_weight
    return losses

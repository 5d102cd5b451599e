"""A student comes to answer as its teacher does."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
import torch

from moderation.evaluation import DEV, Row, read_manifest
from moderation.model import PRESETS, Classifier, ModelOutput, TextTokenizer, tiny_classifier
from moderation.training import StageRecipe, TrainingError
from moderation.training.distill import (
    Distillation,
    Teaching,
    distil,
    distillation_losses,
    student_of,
)
from moderation.training.posts import Posts
from moderation.training.reporting import SilentReporter
from schemas import Modality
from tests.moderation.training.making import write_posts

RECIPE = StageRecipe(epochs=10, learning_rate=3e-3, batch_cost=300, ema_decay=0, patience=0)


pytestmark = pytest.mark.usefixtures("one_torch_thread")


@pytest.fixture
def teacher() -> Classifier:
    """Random, but sure of itself, so that there is something to learn."""
    tiny = PRESETS["tiny"]
    text = dataclasses.replace(tiny.text, width=48, heads=4, layers=2)
    fusion = dataclasses.replace(tiny.fusion, width=48)
    torch.manual_seed(3)
    tokenizer = TextTokenizer.of_characters(max_tokens=text.max_tokens)
    config = dataclasses.replace(tiny, name="teacher", text=text, fusion=fusion)
    model = Classifier(config, tokenizer).eval()
    with torch.no_grad():
        model.head_weight *= 20
    return model


def work_of(teacher: Classifier, rows: list[Row], folder: Path) -> Distillation:
    torch.manual_seed(0)
    return Distillation(
        teacher=teacher,
        student=student_of(teacher, "tiny"),
        rows=rows,
        recipe=RECIPE,
        folder=folder,
        reporter=SilentReporter(),
    )


def distance(one: Classifier, other: Classifier, rows: list[Row]) -> float:
    first, second = (
        Posts(rows, model).logits(model.eval(), batch_cost=1000).sigmoid() for model in (one, other)
    )
    return float((first - second).abs().mean())


def test_a_student_comes_closer_to_its_teacher_on_posts_it_has_not_seen(
    teacher: Classifier, tmp_path: Path
) -> None:
    rows = read_manifest(write_posts(tmp_path))
    unseen = [row for row in rows if row.split == DEV]
    work = work_of(teacher, rows, tmp_path / "stages")
    before = distance(work.student, teacher, unseen)
    distil(work)
    assert distance(work.student, teacher, unseen) < 0.7 * before


def test_rows_without_labels_teach_too_and_the_teacher_lends_its_calibration(
    teacher: Classifier, tmp_path: Path
) -> None:
    teacher.calibration = dataclasses.replace(teacher.calibration, offset=(-1.0,) * 8)
    rows = [dataclasses.replace(row, labels={}) for row in read_manifest(write_posts(tmp_path))]
    work = work_of(teacher, rows, tmp_path / "stages")
    before = distance(work.student, teacher, rows)
    student = distil(work)
    assert distance(student, teacher, rows) < 0.7 * before
    assert student.calibration == teacher.calibration


def test_a_student_starts_from_what_fits_of_its_teacher(teacher: Classifier) -> None:
    torch.manual_seed(0)
    student = student_of(teacher, "tiny")
    assert torch.equal(student.image_encoder.positions, teacher.image_encoder.positions)
    assert student.embedding_width(Modality.TEXT) == 32  # and not the teacher's 48
    assert student.tokenizer.pieces() == teacher.tokenizer.pieces()


def test_the_teacher_stays_as_it_was(teacher: Classifier, tmp_path: Path) -> None:
    version = teacher.version
    work = work_of(teacher, read_manifest(write_posts(tmp_path)), tmp_path / "stages")
    distil(dataclasses.replace(work, recipe=dataclasses.replace(RECIPE, epochs=1)))
    assert teacher.version == version


def output(logits: torch.Tensor, width: int = 4) -> ModelOutput:
    embedding = torch.eye(len(logits), width)
    return ModelOutput(logits, logits.sigmoid(), embedding, torch.zeros(1), {})


def test_the_soft_loss_is_least_where_the_student_agrees() -> None:
    wanted = output(torch.tensor([[2.0, -1.0]]))
    unknown = torch.full((1, 2), -1.0)
    agreed = distillation_losses(wanted, wanted, unknown, Teaching())
    for shift in (-0.5, 0.5):
        other = distillation_losses(output(wanted.logits + shift), wanted, unknown, Teaching())
        assert other["teacher"] > agreed["teacher"]
    assert agreed["labels"] == 0
    assert agreed["embedding"] == pytest.approx(0, abs=1e-6)


def test_embeddings_of_another_width_are_left_out() -> None:
    logits = torch.zeros(1, 2)
    losses = distillation_losses(output(logits), output(logits, 8), logits, Teaching())
    assert "embedding" not in losses


def test_models_of_other_categories_are_refused(teacher: Classifier, tmp_path: Path) -> None:
    work = work_of(teacher, [], tmp_path)
    fewer = dataclasses.replace(PRESETS["tiny"], categories=("spam",))
    student = Classifier(fewer, tiny_classifier().tokenizer)
    with pytest.raises(TrainingError, match="must agree"):
        distil(dataclasses.replace(work, student=student))


def test_no_train_rows_is_said(teacher: Classifier, tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match="no row has split"):
        distil(work_of(teacher, [Row("a", text="hi", split=DEV)], tmp_path))


def test_an_unknown_preset_is_refused(teacher: Classifier) -> None:
    with pytest.raises(TrainingError, match="choose of"):
        student_of(teacher, "huge")

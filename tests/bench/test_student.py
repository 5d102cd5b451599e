"""A student with fewer text layers."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
import torch

from bench.student import Lessons, taught_student, with_fewer_layers
from moderation.evaluation import Row
from moderation.model import PRESETS, Classifier, ModelConfigError, TextTokenizer
from tests.bench.making import Heard, made_up_rows

pytestmark = pytest.mark.usefixtures("one_torch_thread")


@pytest.fixture
def teacher() -> Classifier:
    text = dataclasses.replace(PRESETS["tiny"].text, layers=4)
    config = dataclasses.replace(PRESETS["tiny"], text=text)
    torch.manual_seed(0)
    tokenizer = TextTokenizer.of_characters(max_tokens=text.max_tokens)
    return Classifier(config, tokenizer).eval()


def lessons_in(folder: Path, rows: list[Row], trained: list[str]) -> Lessons:
    return Lessons(rows, 2, 1.0, 1, folder, lambda name: Heard(name, trained))


def test_a_student_starts_with_the_first_and_the_last_layer(teacher: Classifier) -> None:
    student = with_fewer_layers(teacher, 2)
    known, own = teacher.state_dict(), student.state_dict()
    weights = "text_encoder.bert.encoder.layer.{}.output.dense.weight"
    assert torch.equal(own[weights.format(0)], known[weights.format(0)])
    assert torch.equal(own[weights.format(1)], known[weights.format(3)])
    assert weights.format(2) not in own


@pytest.mark.parametrize("layers", [0, 4])
def test_as_many_layers_as_the_teacher_has_or_none_are_refused(
    teacher: Classifier, layers: int
) -> None:
    with pytest.raises(ModelConfigError, match=f"of which {layers} cannot be chosen"):
        with_fewer_layers(teacher, layers)


def test_only_the_text_encoder_is_taught_and_the_student_is_kept(
    teacher: Classifier, tmp_path: Path
) -> None:
    rows, trained = made_up_rows(tmp_path), list[str]()
    student = taught_student(teacher, lessons_in(tmp_path / "kept", rows, trained))
    before, after = with_fewer_layers(teacher, 2).state_dict(), student.state_dict()
    changed = {name.partition(".")[0] for name in after if not after[name].equal(before[name])}
    assert changed == {"text_encoder"}
    assert trained == ["distillation"]
    again: list[str] = []
    kept = taught_student(teacher, lessons_in(tmp_path / "kept", rows, again))
    assert again == []
    assert kept.version == student.version

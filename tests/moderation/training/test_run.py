"""A whole run on a tiny model."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
import torch

from moderation.evaluation import Row, read_manifest
from moderation.model import Calibration, Classifier, tiny_classifier
from moderation.training import Recipe, Run, StageRecipe, TrainingError, train
from tests.moderation.training.making import write_posts

QUICK = StageRecipe(
    epochs=15, learning_rate=1e-2, batch_cost=64, head_factor=1.0, ema_decay=0.0, patience=0
)


class Listener:
    """Keeps what a stage says."""

    def __init__(self) -> None:
        self.done = 0.0
        self.notes: list[str] = []

    def step(self, done: float, loss: float) -> None:
        assert loss == loss  # noqa: PLR0124 - not a number would be unequal to itself
        self.done = done

    def note(self, message: str) -> None:
        self.notes.append(message)


@pytest.fixture
def rows(tmp_path: Path) -> list[Row]:
    return read_manifest(write_posts(tmp_path))


def run_of(rows: list[Row], folder: Path, listeners: dict[str, Listener]) -> Run:
    return Run(
        rows=rows,
        recipe=Recipe(threads=1, text=QUICK, image=QUICK, audio=QUICK, fusion=QUICK),
        preset="tiny",
        checkpoints=folder / "stages",
        initial_text=None,
        reporter=lambda name: listeners.setdefault(name, Listener()),
        device="cpu",
    )


def test_a_run_learns_a_tiny_set_in_every_modality(rows: list[Row], tmp_path: Path) -> None:
    listeners: dict[str, Listener] = {}
    _, report = train(run_of(rows, tmp_path, listeners))
    assert report.slices["all"]["toxicity"].auroc == pytest.approx(1.0, abs=0.1)
    assert {name: listener.done for name, listener in listeners.items()} == dict.fromkeys(
        ("text", "image", "audio", "fusion"), 1.0
    )


def test_a_modality_without_rows_is_said_and_left_as_it_was(
    rows: list[Row], tmp_path: Path
) -> None:
    listeners: dict[str, Listener] = {}
    texts = [dataclasses.replace(row, image=None, audio=None) for row in rows if row.text]
    model, _ = train(run_of(texts, tmp_path, listeners))
    assert "no training rows" in listeners["audio"].notes[0]
    assert torch.isfinite(model.head_weight).all()


def test_a_checkpoint_of_another_model_is_named(rows: list[Row], tmp_path: Path) -> None:
    run = run_of(rows, tmp_path, {})
    train(run)
    (run.checkpoints / "image.safetensors").replace(run.checkpoints / "text.safetensors")
    with pytest.raises(TrainingError, match=r"text\.safetensors is of another model"):
        train(run)


def fine_tuned(rows: list[Row], start: Path, folder: Path) -> Classifier:
    texts = [dataclasses.replace(row, image=None, audio=None) for row in rows if row.text]
    model, _ = train(dataclasses.replace(run_of(texts, folder, {}), start=start))
    return model


def test_fine_tuning_keeps_what_its_rows_do_not_speak_of(rows: list[Row], tmp_path: Path) -> None:
    known = tiny_classifier(5)
    count = len(known.categories)
    known.config = dataclasses.replace(known.config, storage="int8")
    known.calibration = Calibration((1.5,) * count, (-0.25,) * count)
    known.save_pretrained(tmp_path / "known")
    known = Classifier.from_pretrained(tmp_path / "known")
    model = fine_tuned(rows, tmp_path / "known", tmp_path)
    assert model.tokenizer.to_json() == known.tokenizer.to_json()
    assert model.config.storage != "int8"
    for name, before in known.image_encoder.state_dict().items():
        assert before.equal(model.image_encoder.state_dict()[name])
    changed = model.text_encoder.state_dict()
    assert any(
        not old.equal(changed[name]) for name, old in known.text_encoder.state_dict().items()
    )
    spam = model.categories.index("spam")
    assert (model.calibration.temperature[spam], model.calibration.offset[spam]) == (1.5, -0.25)


def test_stages_of_a_model_with_another_vocabulary_are_not_taken_up(
    rows: list[Row], tmp_path: Path
) -> None:
    tiny_classifier().save_pretrained(tmp_path / "known")
    train(run_of(rows, tmp_path, {}))
    with pytest.raises(TrainingError, match="another vocabulary"):
        fine_tuned(rows, tmp_path / "known", tmp_path)

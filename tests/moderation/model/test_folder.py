"""A model folder: what is written comes back, and what does not fit is named."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from moderation.model import (
    MODALITIES,
    PRESETS,
    Calibration,
    Classifier,
    ModelConfig,
    ModelFolderError,
    collate,
    tiny_classifier,
)
from schemas import CATEGORIES
from tests.moderation.model.making import sample_of


def calibrated_model() -> Classifier:
    model = tiny_classifier()
    model.calibration = Calibration((1.5,) * len(CATEGORIES), (-0.25,) * len(CATEGORIES))
    return model


def test_a_saved_model_gives_the_same_scores_and_version(tmp_path: Path) -> None:
    model = calibrated_model()
    model.save_pretrained(tmp_path)
    loaded = Classifier.from_pretrained(tmp_path)
    inputs = collate([sample_of(*MODALITIES)], tokenizer=model.tokenizer, config=model.config)
    with torch.inference_mode():
        torch.testing.assert_close(loaded(inputs).probabilities, model(inputs).probabilities)
    assert loaded.version == model.version
    assert loaded.config == model.config


def test_half_precision_on_disk_keeps_scores_and_version(tmp_path: Path) -> None:
    tiny = tiny_classifier()
    config = dataclasses.replace(tiny.config, storage="float16")
    model = Classifier(config, tiny.tokenizer).eval()
    model.load_state_dict(tiny.state_dict())
    model.save_pretrained(tmp_path)
    loaded = Classifier.from_pretrained(tmp_path)
    inputs = collate([sample_of(*MODALITIES)], tokenizer=model.tokenizer, config=model.config)
    with torch.inference_mode():
        torch.testing.assert_close(
            loaded(inputs).logits, model(inputs).logits, atol=5e-3, rtol=1e-2
        )
    assert next(loaded.parameters()).dtype == torch.float32
    assert loaded.version == model.version


@pytest.mark.parametrize("part", ["weights", "calibration"])
def test_the_version_changes_with_weights_and_calibration(part: str) -> None:
    model, before = tiny_classifier(), tiny_classifier().version
    if part == "weights":
        with torch.no_grad():
            model.head_bias[0] += 1
    else:
        model.calibration = calibrated_model().calibration
    assert model.version != before


@pytest.mark.parametrize(
    "name",
    ["config.json", "model.safetensors", "tokenizer.json", "labels.json", "calibration.json"],
)
def test_a_missing_file_is_named(tmp_path: Path, name: str) -> None:
    tiny_classifier().save_pretrained(tmp_path)
    (tmp_path / name).unlink()
    with pytest.raises(ModelFolderError, match=name):
        Classifier.from_pretrained(tmp_path)


def edit(path: Path, change: Callable[[dict[str, dict[str, object]]], object]) -> None:
    values = json.loads(path.read_text("utf-8"))
    change(values)
    path.write_text(json.dumps(values), "utf-8")


def test_weights_of_another_size_are_refused(tmp_path: Path) -> None:
    tiny_classifier().save_pretrained(tmp_path)
    edit(tmp_path / "config.json", lambda values: values["fusion"].update(width=16))
    with pytest.raises(ModelFolderError, match="does not fit"):
        Classifier.from_pretrained(tmp_path)


def test_an_unknown_dimension_is_refused(tmp_path: Path) -> None:
    tiny_classifier().save_pretrained(tmp_path)
    edit(tmp_path / "config.json", lambda values: values["fusion"].update(depth=3))
    with pytest.raises(ModelFolderError, match="depth"):
        Classifier.from_pretrained(tmp_path)


def test_labels_that_differ_from_the_heads_are_refused(tmp_path: Path) -> None:
    tiny_classifier().save_pretrained(tmp_path)
    (tmp_path / "labels.json").write_text('["hate"]', "utf-8")
    with pytest.raises(ModelFolderError, match="must agree"):
        Classifier.from_pretrained(tmp_path)


@pytest.mark.parametrize("temperature", [0, -1])
def test_a_temperature_that_is_not_positive_is_refused(tmp_path: Path, temperature: int) -> None:
    tiny_classifier().save_pretrained(tmp_path)
    edit(
        tmp_path / "calibration.json",
        lambda values: values["spam"].update(temperature=temperature),
    )
    with pytest.raises(ModelFolderError, match="not positive"):
        Classifier.from_pretrained(tmp_path)


def test_a_calibration_without_a_category_is_refused(tmp_path: Path) -> None:
    tiny_classifier().save_pretrained(tmp_path)
    edit(tmp_path / "calibration.json", lambda values: values.pop("drugs"))
    with pytest.raises(ModelFolderError, match="drugs"):
        Classifier.from_pretrained(tmp_path)


def test_a_vocabulary_larger_than_the_table_is_refused() -> None:
    tiny = PRESETS["tiny"]
    config = dataclasses.replace(tiny, text=dataclasses.replace(tiny.text, vocab_size=10))
    with pytest.raises(ModelFolderError, match=r"raise text\.vocab_size"):
        Classifier(config, tiny_classifier().tokenizer)


@pytest.mark.parametrize("preset", PRESETS)
def test_a_configuration_survives_json(preset: str) -> None:
    assert ModelConfig.from_json(PRESETS[preset].to_json()) == PRESETS[preset]


@given(values=st.lists(st.tuples(st.floats(0.1, 10), st.floats(-9, 9)), min_size=3, max_size=3))
def test_a_calibration_survives_json(values: list[tuple[float, float]]) -> None:
    names = ("a", "b", "c")
    calibration = Calibration(tuple(t for t, _ in values), tuple(o for _, o in values))
    assert Calibration.from_json(calibration.to_json(names), names) == calibration


def test_temperature_and_offset_are_applied_per_category() -> None:
    model = tiny_classifier()
    model.calibration = Calibration((2.0,) * len(CATEGORIES), (1.0,) * len(CATEGORIES))
    probabilities = model.calibrated(torch.full((1, len(CATEGORIES)), -2.0))
    torch.testing.assert_close(probabilities, torch.full((1, len(CATEGORIES)), 0.5))

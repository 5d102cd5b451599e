"""Examples become batches: changed in training, plain in measuring."""

from __future__ import annotations

import random

import numpy as np
import pytest
import torch

from moderation.evaluation import Row, read_manifest
from moderation.model import tiny_classifier
from moderation.training.batch import BatchMaker
from moderation.training.examples import Examples, load_examples
from moderation.training.recipe import TextChanges
from schemas import Modality
from tests.moderation.training.making import write_posts

MODEL = tiny_classifier()
MAKE = BatchMaker(MODEL, max_tokens=16, changes=TextChanges(attacked=1.0))


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> list[Row]:
    return read_manifest(write_posts(tmp_path_factory.mktemp("posts")))


def examples_of(rows: list[Row], modality: Modality, crop_margin: float = 1.0) -> Examples:
    return load_examples(MODEL, rows, modality, max_tokens=16, crop_margin=crop_margin)


def test_texts_are_changed_anew_in_every_epoch(rows: list[Row]) -> None:
    texts = examples_of(rows, Modality.TEXT)
    plain = MAKE(texts, range(8)).text_ids
    epochs = [MAKE(texts, range(8), random.Random(seed)).text_ids for seed in range(5)]
    assert any(epoch.shape != plain.shape or not epoch.equal(plain) for epoch in epochs)
    assert len({str(epoch.tolist()) for epoch in epochs}) > 1


def test_the_same_draw_makes_the_same_batch(rows: list[Row]) -> None:
    texts = examples_of(rows, Modality.TEXT)
    first, second = (MAKE(texts, range(8), random.Random(3)).text_ids for _ in range(2))
    assert first.equal(second)


def test_a_long_text_is_cut_and_ends_like_any_other() -> None:
    row = Row(id="1", text="a " * 300)
    texts = examples_of([row, Row(id="2", text="b")], Modality.TEXT)
    assert list(texts.costs) == [16.0, 3.0]
    inputs = MAKE(texts, [0, 1])
    assert inputs.text_ids.shape == (2, 16)
    assert inputs.text_ids[0, -1] == inputs.text_ids[1, 2]


def test_pictures_come_out_at_the_model_s_size(rows: list[Row]) -> None:
    pictures = examples_of(rows, Modality.IMAGE, crop_margin=8 / 7)
    size = MODEL.config.image.size
    assert pictures.pieces[0].shape[1] > size
    changed = MAKE(pictures, range(4), random.Random(1)).images
    assert changed.shape == (4, 3, size, size)
    assert changed.dtype == torch.uint8


def test_sounds_keep_their_range(rows: list[Row]) -> None:
    sounds = examples_of(rows, Modality.AUDIO)
    assert sounds.pieces[0].dtype == np.int16
    plain = MAKE(sounds, range(2)).audio
    assert 0.9 < float(plain.abs().max()) <= 1

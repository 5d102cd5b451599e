"""Drawn pictures of guns, tools and scenes."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from moderation.evaluation import DEV, TRAIN, read_manifest
from moderation.training import drawings
from moderation.training.drawings import SIDE, draw_picture, write_drawings


@pytest.mark.parametrize("kind", ["gun", "tool", "scene"])
def test_no_two_drawings_are_alike_and_the_seed_decides(kind: str) -> None:
    pictures = [np.asarray(draw_picture(kind, random.Random(seed))) for seed in range(6)]
    assert {picture.shape for picture in pictures} == {(SIDE, SIDE, 3)}
    assert len({picture.tobytes() for picture in pictures}) == 6
    assert np.array_equal(pictures[0], np.asarray(draw_picture(kind, random.Random(0))))


def test_guns_are_weapons_and_all_else_is_harmless_in_every_category(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drawings, "PICTURES", {TRAIN: 20, DEV: 5})
    write_drawings(tmp_path)
    rows = read_manifest(tmp_path / "drawings.jsonl")
    assert [row.split for row in rows] == [TRAIN] * 20 + [DEV] * 5
    guns = [row for row in rows if row.labels["weapons"]]
    assert 0 < len(guns) < len(rows)
    assert all("violence" not in row.labels for row in guns)
    assert all(not any(row.labels.values()) for row in rows if row not in guns)
    for row in rows:
        with Image.open(row.image or "") as picture:
            assert picture.size == (SIDE, SIDE)

"""Pictures are written for the categories that have something to show."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from moderation.evaluation import UNKNOWN, EvaluationError, Scored, draw_pictures

pytest.importorskip("matplotlib", reason="matplotlib comes with the extra train")

THRESHOLDS = {"spam": 0.5, "hate": 0.7, "drugs": 0.5}


def scored(rows: int) -> Scored:
    draw = np.random.default_rng(1)
    labels = draw.integers(0, 2, (rows, 3)).astype(np.int8)
    labels[: rows // 4, 1] = UNKNOWN
    labels[:, 2] = 0
    return Scored(
        ("spam", "hate", "drugs"), labels, np.clip(draw.normal(0.3 + 0.4 * labels, 0.2), 0, 1)
    )


def test_four_legible_pictures_are_written(tmp_path: Path) -> None:
    paths = draw_pictures(scored(200), THRESHOLDS, tmp_path / "new" / "folder")
    assert [path.name for path in paths] == [
        "reliability.png",
        "precision_recall.png",
        "roc.png",
        "confusion.png",
    ]
    for path in paths:
        with Image.open(path) as picture:
            assert picture.width >= 800
            assert len(picture.convert("RGB").getcolors(1 << 24) or []) > 20


def test_rows_without_both_labels_cannot_be_drawn(tmp_path: Path) -> None:
    part = scored(40)
    harmless = Scored(part.categories, np.zeros_like(part.labels), part.probabilities)
    with pytest.raises(EvaluationError, match="nothing to draw"):
        draw_pictures(harmless, THRESHOLDS, tmp_path)

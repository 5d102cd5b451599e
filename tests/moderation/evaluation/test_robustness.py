"""Robustness: which conditions there are, and what a drop is."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from moderation.evaluation import Row, default_thresholds, evaluate_robustness
from moderation.evaluation.robustness import without
from moderation.model import tiny_classifier
from schemas import Modality


@pytest.fixture
def posts(tmp_path: Path) -> list[Row]:
    Image.new("RGB", (12, 12), (200, 30, 30)).save(tmp_path / "a.png")
    return [
        Row(
            str(number),
            text="a b c d e f g h",
            image=tmp_path / "a.png" if number < 4 else None,
            labels={"spam": number % 2, "hate": 0},
        )
        for number in range(8)
    ]


def test_each_modality_is_removed_and_corrupted_and_compared_with_the_same_rows(
    posts: list[Row],
) -> None:
    model, heard = tiny_classifier(), list[float]()
    found = evaluate_robustness(
        model, posts, default_thresholds(model.categories), on_progress=heard.append
    )
    rows = {(condition.of, condition.name): condition.rows for condition in found}
    assert rows["text+image", "as they are"] == rows["text+image", "without text"] == 4
    assert rows["text", "as they are"] == rows["text", "leetspeak, 30 % of letters"] == 8
    assert rows["image", "JPEG, quality 20"] == 4
    assert not any(condition.of == "audio" for condition in found)
    assert heard[-1] == 1


def test_a_drop_is_the_figure_before_less_the_figure_after(posts: list[Row]) -> None:
    model = tiny_classifier()
    found = evaluate_robustness(model, posts, default_thresholds(model.categories), seed=3)
    macro = {c.name: c.figures["macro"].auroc for c in found if c.of == "text"}
    for condition in found:
        if condition.of == "text":
            assert condition.auroc_drop == pytest.approx(
                (macro["as they are"] or 0) - (macro[condition.name] or 0), abs=2e-4
            )


def test_a_condition_is_measured_on_at_most_so_many_rows(posts: list[Row]) -> None:
    model = tiny_classifier()
    found = evaluate_robustness(model, posts, default_thresholds(model.categories), max_rows=3)
    assert {condition.rows for condition in found} == {3}


def test_a_post_keeps_what_is_not_taken_from_it(posts: list[Row]) -> None:
    left = without(posts[0], Modality.TEXT)
    assert left.modalities == (Modality.IMAGE,)
    assert left.labels == posts[0].labels


def test_no_labels_of_both_kinds_means_no_drop() -> None:
    model = tiny_classifier()
    rows = [Row("1", text="abc", labels={"spam": 0})]
    found = evaluate_robustness(model, rows, default_thresholds(model.categories))
    assert {c.f1_drop for c in found if c.name != "as they are"} == {None}
    assert np.isfinite(found[0].figures["spam"].accuracy)

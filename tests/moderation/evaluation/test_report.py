"""Reports: what is sliced how, and that the worst part of a long post counts."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import torch

from moderation.evaluation import Row, evaluate, predict
from moderation.model import Sample, collate, tiny_classifier

ROWS = [
    Row(id="1", text="a", labels={"spam": 1}, source="x", lang="en"),
    Row(id="2", text="b", labels={"spam": 0}, source="y", lang="zh"),
    Row(id="3", text="c", labels={"hate": 0}, source="y"),
]


def test_slices_are_all_rows_languages_modalities_and_sources() -> None:
    report = evaluate(tiny_classifier(), ROWS, bootstrap=5)
    assert list(report.slices) == [
        "all",
        "language en",
        "language zh",
        "modality text",
        "source x",
        "source y",
    ]
    assert set(report.slices["all"]) == {"spam", "hate"}
    assert report.slices["all"]["spam"].labelled == 2
    assert report.slices["source y"]["spam"].positives == 0
    assert report.averages["all"]["micro"].labelled == 3
    assert report.rows == 3
    assert report.model == tiny_classifier().version


def test_a_change_is_done_to_every_post_before_it_is_scored() -> None:
    model = tiny_classifier()
    changed = predict(model, ROWS, change=lambda post: Sample(text=f"{post.text} changed"))
    meant = [dataclasses.replace(row, text=f"{row.text} changed") for row in ROWS]
    assert changed == pytest.approx(predict(model, meant), abs=1e-6)


def test_rows_keep_their_order_whatever_their_length() -> None:
    model = tiny_classifier()
    rows = [Row(id=str(n), text="ab " * n, labels={}) for n in (9, 1, 5)]
    together = predict(model, rows)
    alone = np.concatenate([predict(model, [row]) for row in rows])
    assert together == pytest.approx(alone, abs=1e-5)


def test_the_worst_window_of_a_long_text_counts() -> None:
    model = tiny_classifier()
    long = "a b c d e f g h " * 10
    windows = model.tokenizer.windows(model.tokenizer.encode([long])[0])
    assert len(windows) > 1
    views = collate(
        [Sample(text=window) for window in windows], tokenizer=model.tokenizer, config=model.config
    )
    with torch.inference_mode():
        worst = model(views).probabilities.amax(dim=0).numpy()
    assert predict(model, [Row(id="1", text=long, labels={})])[0] == pytest.approx(worst, abs=1e-5)


def test_progress_ends_at_one() -> None:
    heard: list[float] = []
    predict(tiny_classifier(), [Row(id="1", text="a", labels={})] * 70, on_progress=heard.append)
    assert heard[-1] == 1.0
    assert heard == sorted(heard)

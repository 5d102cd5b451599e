"""The figure that a stage is judged by."""

from __future__ import annotations

import numpy as np
import pytest

from moderation.training.dev_figure import MIN_OF_EACH_LABEL, DevFigure, dev_figure


def test_a_pair_counts_once_whatever_its_size() -> None:
    small = np.repeat([0.0, 1.0], MIN_OF_EACH_LABEL)
    large = np.repeat([0.0, 1.0], 10 * MIN_OF_EACH_LABEL)
    target = np.concatenate([small, large])[:, None].astype(np.float32)
    scores = np.concatenate([small, -large])[:, None].astype(np.float32)
    figure = dev_figure(scores, target, ["a"] * len(small) + ["b"] * len(large), ["spam"])
    assert figure.pairs == {("a", "spam"): 1.0, ("b", "spam"): 0.0}
    assert figure.mean == pytest.approx(0.5)


def test_telling_sources_apart_earns_nothing() -> None:
    labels = np.repeat([0.0, 1.0], MIN_OF_EACH_LABEL)
    target = np.concatenate([labels, labels])[:, None].astype(np.float32)
    scores = np.repeat([0.1, 0.9], 2 * MIN_OF_EACH_LABEL)[:, None].astype(np.float32)
    sources = ["a"] * len(labels) + ["b"] * len(labels)
    assert dev_figure(scores, target, sources, ["spam"]).mean == pytest.approx(0.5)


def test_pairs_with_few_rows_or_unknown_labels_are_left_out() -> None:
    target = np.full((100, 2), -1, dtype=np.float32)
    target[: MIN_OF_EACH_LABEL - 1, 0] = 1
    target[50:, 0] = 0
    figure = dev_figure(np.zeros((100, 2), np.float32), target, ["a"] * 100, ["spam", "hate"])
    assert figure.mean is None
    assert "no source has 20 dev rows" in str(figure)


def test_it_reads_as_one_line() -> None:
    figure = DevFigure({("cold", "toxicity"): 0.875, ("sms", "spam"): 1.0})
    assert str(figure) == "dev AUROC 0.9375 (cold toxicity 0.875, sms spam 1.000)"

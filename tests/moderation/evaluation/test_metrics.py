"""Metrics against values worked out by hand, and against their definitions."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from moderation.evaluation import (
    accuracy,
    auroc,
    average_precision,
    calibration_error,
    category_figures,
    macro_f1,
    precision_recall_f1,
)

LABELS = np.array([1, 0, 1, 0, 0])
SCORES = np.array([0.9, 0.8, 0.6, 0.4, 0.2])


def test_auroc_by_hand() -> None:
    # Six pairs of a positive and a negative; only 0.6 against 0.8 is the wrong way round.
    assert auroc(LABELS, SCORES) == pytest.approx(5 / 6)


def test_a_tie_counts_half_for_auroc() -> None:
    assert auroc(np.array([1, 0]), np.array([0.5, 0.5])) == 0.5


@given(
    rows=st.lists(st.tuples(st.integers(0, 1), st.sampled_from([0.1, 0.3, 0.5, 0.9])), min_size=2)
)
def test_auroc_is_the_share_of_pairs_in_order(rows: list[tuple[int, float]]) -> None:
    positives = [score for label, score in rows if label]
    negatives = [score for label, score in rows if not label]
    pairs = [(p > n) + 0.5 * (p == n) for p in positives for n in negatives]
    found = auroc(np.array([label for label, _ in rows]), np.array([score for _, score in rows]))
    assert found == (pytest.approx(sum(pairs) / len(pairs)) if pairs else None)


def test_average_precision_by_hand() -> None:
    # Precision is 1 at the first positive and 2/3 at the second.
    assert average_precision(LABELS, SCORES) == pytest.approx((1 + 2 / 3) / 2)


def test_average_precision_of_constant_scores_is_the_share_of_positives() -> None:
    assert average_precision(LABELS, np.full(5, 0.5)) == pytest.approx(0.4)


def test_calibration_error_by_hand() -> None:
    labels = np.array([1, 1, 0, 0])
    probabilities = np.array([0.95, 0.95, 0.95, 0.05])
    # Bin 0.9..1: mean 0.95 against 2/3, three rows; bin 0..0.1: 0.05 against 0, one row.
    expected = 0.75 * (0.95 - 2 / 3) + 0.25 * 0.05
    assert calibration_error(labels, probabilities) == pytest.approx(expected)


def test_a_probability_of_one_falls_into_the_last_bin() -> None:
    assert calibration_error(np.array([1]), np.array([1.0])) == 0


def test_precision_recall_and_f1_by_hand() -> None:
    precision, recall, f1 = precision_recall_f1(LABELS, SCORES >= 0.5)
    assert precision == pytest.approx(2 / 3)
    assert recall == 1
    assert f1 == pytest.approx(0.8)


def test_macro_f1_and_accuracy_by_hand() -> None:
    decided = SCORES >= 0.5
    # Negatives: two of two said are right, two of three are found, F1 0.8.
    assert macro_f1(LABELS, decided) == pytest.approx((0.8 + 0.8) / 2)
    assert accuracy(LABELS, decided) == pytest.approx(0.8)


def test_figures_without_a_value_are_none() -> None:
    figures = category_figures(np.array([0, 0]), np.array([0.1, 0.2]))
    assert figures.auroc is None
    assert figures.average_precision is None
    assert figures.precision is None
    assert figures.recall is None
    assert figures.labelled == 2
    assert figures.positives == 0

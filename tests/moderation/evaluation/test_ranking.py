"""How scores rank, against values worked out by hand and against the definitions."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from moderation.evaluation import auroc, average_precision

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

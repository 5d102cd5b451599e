"""Our weighted figures against scikit-learn's, on whatever labels, scores and weights."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from moderation.evaluation.weighted import FIGURES, figures

sklearn = pytest.importorskip("sklearn.metrics", reason="scikit-learn comes with the extra train")

Row = tuple[int, float, int]
ROWS = st.lists(
    st.tuples(
        st.integers(0, 1),
        st.sampled_from([0.0, 0.1, 0.25, 0.5, 0.500001, 0.9, 1.0]) | st.floats(0, 1),
        st.integers(0, 3),
    ),
    min_size=1,
    max_size=40,
).filter(lambda rows: any(weight for _, _, weight in rows))


def ours(rows: list[Row]) -> dict[str, float]:
    labels, scores, weights = columns(rows)
    found = figures(labels, scores, scores >= 0.5, weights[None, :].astype(float))
    return {name: float(value[0]) for name, value in found.items()}


def columns(rows: list[Row]) -> tuple[Any, Any, Any]:
    labels, scores, weights = zip(*rows, strict=True)
    return np.array(labels), np.array(scores), np.array(weights)


@given(ROWS)
def test_figures_of_a_decision_are_scikit_learns(rows: list[Row]) -> None:
    labels, scores, weights = columns(rows)
    found, decided = ours(rows), scores >= 0.5
    how = {"sample_weight": weights, "zero_division": np.nan}
    assert found["precision"] == pytest.approx(
        sklearn.precision_score(labels, decided, **how), nan_ok=True
    )
    assert found["recall"] == pytest.approx(
        sklearn.recall_score(labels, decided, **how), nan_ok=True
    )
    how["zero_division"] = 0
    assert found["f1"] == pytest.approx(sklearn.f1_score(labels, decided, **how))
    assert found["macro_f1"] == pytest.approx(
        sklearn.f1_score(labels, decided, labels=[0, 1], average="macro", **how)
    )
    assert found["accuracy"] == pytest.approx(
        sklearn.accuracy_score(labels, decided, sample_weight=weights)
    )


@given(ROWS)
def test_figures_of_a_ranking_are_scikit_learns(rows: list[Row]) -> None:
    labels, scores, weights = columns(rows)
    found, present = ours(rows), set(labels[weights > 0])
    if present == {0, 1}:
        expected = sklearn.roc_auc_score(labels, scores, sample_weight=weights)
        assert found["auroc"] == pytest.approx(expected)
    else:
        assert np.isnan(found["auroc"])
    if 1 in present:
        expected = sklearn.average_precision_score(labels, scores, sample_weight=weights)
        assert found["average_precision"] == pytest.approx(expected)
    else:
        assert np.isnan(found["average_precision"])


@given(ROWS)
def test_the_brier_score_is_scikit_learns(rows: list[Row]) -> None:
    labels, scores, weights = columns(rows)
    expected = sklearn.brier_score_loss(labels, scores, sample_weight=weights, pos_label=1)
    assert ours(rows)["brier"] == pytest.approx(expected)


@given(ROWS)
def test_a_weight_counts_as_so_many_rows(rows: list[Row]) -> None:
    repeated = [(label, score, 1) for label, score, weight in rows for _ in range(weight)]
    weighted, counted = ours(rows), ours(repeated)
    for name in FIGURES:
        assert weighted[name] == pytest.approx(counted[name], nan_ok=True), name

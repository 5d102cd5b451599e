"""Reliability: bins, their errors, and that a calibrated model lies on the diagonal."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from moderation.evaluation import category_figures, reliability
from moderation.evaluation.reliability import edges
from moderation.evaluation.shares import share_interval


def calibrated(rows: int, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    draw = np.random.default_rng(seed)
    probabilities = draw.beta(0.5, 1.5, rows)
    return (draw.random(rows) < probabilities).astype(int), probabilities


def test_the_error_over_bins_of_equal_width_is_the_expected_calibration_error() -> None:
    labels, probabilities = calibrated(500)
    found = reliability(labels, probabilities)
    expected = category_figures(labels, probabilities).calibration_error
    assert found.calibration_error["width"] == pytest.approx(expected, abs=1e-4)


def test_bins_of_equal_mass_hold_as_many_rows() -> None:
    labels, probabilities = calibrated(1000)
    assert {each.rows for each in reliability(labels, probabilities).bins["mass"]} == {100}


def test_rows_of_equal_probability_share_a_bin() -> None:
    found = reliability(np.array([0, 1, 1]), np.full(3, 0.4)).bins["mass"]
    assert [each.rows for each in found] == [3]
    assert found[0].positives == pytest.approx(2 / 3)


def test_a_calibrated_model_is_on_the_diagonal_and_an_overconfident_one_is_not() -> None:
    labels, probabilities = calibrated(20_000)
    good = reliability(labels, probabilities)
    assert max(good.calibration_error.values()) < 0.02
    sure = reliability(labels, np.where(probabilities > 0.3, 0.95, 0.02))
    assert min(sure.calibration_error.values()) > 0.1
    assert good.brier < sure.brier


@given(st.lists(st.tuples(st.integers(0, 1), st.floats(0, 1)), min_size=1, max_size=50))
def test_every_row_is_in_one_bin_that_spans_its_probability(rows: list[tuple[int, float]]) -> None:
    labels, probabilities = (np.array(column) for column in zip(*rows, strict=True))
    for bins in reliability(labels, probabilities).bins.values():
        assert sum(each.rows for each in bins) == len(rows)
        for each in bins:
            assert each.low <= each.probability + 1e-12
            assert each.probability <= each.high + 1e-12
            assert each.positives_low <= each.positives <= each.positives_high


def test_edges_go_from_zero_to_one() -> None:
    ends = edges(np.array([0.0, 0.0, 1.0]), "mass")
    assert ends[0] == 0
    assert ends[-1] == 1
    assert (np.diff(ends) > 0).all()


def test_wilson_interval_of_a_known_example() -> None:
    # 8 of 10: 0.490 to 0.943 (Newcombe, 1998, gives the method's closed form).
    assert share_interval(8, 10) == pytest.approx((0.490, 0.943), abs=1e-3)
    assert share_interval(0, 10)[0] == 0
    assert share_interval(10, 10)[1] == 1

"""Calibration error, drift of scores and agreement of reviewers."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workers.ledger.accuracy.agreement import krippendorff_alpha
from workers.ledger.accuracy.calibration import calibration_error, score_bins
from workers.ledger.accuracy.drift import MIN_VERDICTS, stability_index

ONES = np.ones(MIN_VERDICTS)


def test_scores_that_mean_what_they_say_have_no_calibration_error() -> None:
    scores = np.array([0.25] * 4 + [1.0] * 2)
    harmful = np.array([True, False, False, False, True, True])

    assert calibration_error(np.ones(6), scores, harmful) == pytest.approx(0.0)


def test_calibration_error_counts_verdicts_as_often_as_they_stand_for() -> None:
    scores, harmful = np.array([0.9, 0.1]), np.array([False, False])

    assert calibration_error(np.array([1.0, 9.0]), scores, harmful) == pytest.approx(0.18)


def test_an_empty_sample_has_no_calibration_error() -> None:
    assert calibration_error(np.empty(0), np.empty(0), np.empty(0, dtype=np.bool_)) is None


def test_bins_tell_what_share_of_harm_stands_behind_like_scores() -> None:
    scores = np.array([0.10, 0.12, 0.12, 0.9, 0.92])
    harmful = np.array([False, True, False, True, True])
    low, high = score_bins(np.array([2.0, 1.0, 1.0, 3.0, 1.0]), scores, harmful)

    assert (low.mean_score, high.mean_score) == pytest.approx((0.11, 0.905))
    assert (low.harmful.value, high.harmful.value) == pytest.approx((0.25, 1.0))
    assert low.harmful.low < 0.25 < low.harmful.high


def test_the_same_scores_have_not_drifted() -> None:
    scores = np.linspace(0, 1, MIN_VERDICTS)

    assert stability_index(ONES, scores, ONES, scores) == pytest.approx(0.0)


def test_scores_that_moved_have_drifted() -> None:
    low, high = np.full(MIN_VERDICTS, 0.05), np.full(MIN_VERDICTS, 0.6)
    index = stability_index(ONES, high, ONES, low)

    assert index is not None
    assert index > 1.0


@given(st.integers(0, MIN_VERDICTS - 1))
def test_too_few_verdicts_say_nothing_about_drift(few: int) -> None:
    scores = np.full(MIN_VERDICTS, 0.5)

    assert stability_index(ONES[:few], scores[:few], ONES, scores) is None


def test_alpha_is_1_when_all_agree_and_about_0_by_chance() -> None:
    rng = np.random.default_rng(0)
    agreed = [[bool(one)] * 2 for one in rng.random(200) < 0.3]
    chance = [list(pair) for pair in (rng.random((4000, 2)) < 0.3).tolist()]

    assert krippendorff_alpha(agreed) == 1.0
    assert krippendorff_alpha(chance) == pytest.approx(0.0, abs=0.06)


def test_alpha_of_krippendorffs_own_example() -> None:
    """Krippendorff (2011), example A: two observers, ten units, two values."""
    first, second = (0, 1, 0, 0, 0, 0, 0, 0, 1, 0), (1, 1, 1, 0, 0, 1, 0, 0, 0, 0)

    assert krippendorff_alpha(list(zip(first, second, strict=True))) == pytest.approx(
        0.095, abs=1e-3
    )


@pytest.mark.parametrize("items", [[], [[True]], [[True, True], [True, True]]])
def test_alpha_needs_pairs_and_two_kinds_of_answers(items: list[list[bool]]) -> None:
    assert krippendorff_alpha(items) is None

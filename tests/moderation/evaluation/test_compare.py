"""Comparisons of two models, against scipy and against worked examples."""

from __future__ import annotations

import math

import numpy as np
import pytest

from moderation.evaluation import FoldsError, Scored
from moderation.evaluation.compare import compare_spreads, differences, paired_test
from moderation.evaluation.folds import spread

pytest.importorskip("scipy", reason="scipy comes with the extra train")

FIRST = [0.70, 0.72, 0.68, 0.71, 0.69]
SECOND = [0.80, 0.85, 0.79, 0.80, 0.81]


def test_the_paired_test_by_hand() -> None:
    found = paired_test(FIRST, SECOND)
    gaps = [0.10, 0.13, 0.11, 0.09, 0.12]
    mean = sum(gaps) / 5
    deviation = math.sqrt(sum((gap - mean) ** 2 for gap in gaps) / 4)
    assert found.difference == pytest.approx(mean)
    assert found.t == pytest.approx(mean / (deviation / math.sqrt(5)))
    assert found.cohens_dz == pytest.approx(mean / deviation)
    assert found.p is not None
    assert found.p < 0.001


def test_the_corrected_test_is_more_careful_by_the_known_factor() -> None:
    found = paired_test(FIRST, SECOND)
    assert found.t is not None
    assert found.corrected_t == pytest.approx(found.t * math.sqrt((1 / 5) / (1 / 5 + 1 / 4)))
    assert found.corrected_p is not None
    assert found.p is not None
    assert found.corrected_p > found.p


def test_without_an_overlap_of_training_rows_the_correction_is_none() -> None:
    found = paired_test(FIRST, SECOND, test_over_train=0.0)
    assert found.corrected_t == pytest.approx(found.t)
    assert found.corrected_p == pytest.approx(found.p)


def test_swapping_the_models_turns_the_sign() -> None:
    there, back = paired_test(FIRST, SECOND), paired_test(SECOND, FIRST)
    assert there.difference == pytest.approx(-back.difference)
    assert there.cohens_d == pytest.approx(-(back.cohens_d or 0))
    assert there.p == pytest.approx(back.p)


def test_equal_differences_have_no_test() -> None:
    found = paired_test([0.1, 0.2], [0.1, 0.2])
    assert found.difference == 0
    assert found.p is None


@pytest.mark.parametrize(("first", "second"), [([0.1], [0.2]), ([0.1, 0.2], [0.1])])
def test_values_without_a_partner_are_refused(first: list[float], second: list[float]) -> None:
    with pytest.raises(FoldsError, match="in pairs"):
        paired_test(first, second)


def test_folds_on_which_one_model_has_no_value_are_left_out() -> None:
    first, second = spread([*FIRST, math.nan]), spread([*SECOND, 0.9])
    found = compare_spreads(first, second)
    assert found is not None
    assert found.folds == 5
    assert compare_spreads(spread([0.1, math.nan]), spread([0.2, 0.3])) is None


def models(rows: int) -> tuple[Scored, Scored]:
    """A poor and a good model on the same posts."""
    draw = np.random.default_rng(1)
    labels = draw.integers(0, 2, (rows, 1)).astype(np.int8)
    poor, good = (np.clip(draw.normal(0.5 + gap * (labels - 0.5), 0.2), 0, 1) for gap in (0.1, 0.6))
    return Scored(("spam",), labels, poor), Scored(("spam",), labels, good)


def test_a_better_model_is_better_beyond_its_interval() -> None:
    found = differences(*models(300), {"spam": 0.5}, bootstrap=200)["spam"]["auroc"]
    assert 0 < found.low <= found.difference <= found.high


def test_a_model_does_not_differ_from_itself() -> None:
    poor, _ = models(100)
    found = differences(poor, poor, {"spam": 0.5}, bootstrap=50)
    assert {(d.low, d.difference, d.high) for d in found["macro"].values()} == {(0.0, 0.0, 0.0)}

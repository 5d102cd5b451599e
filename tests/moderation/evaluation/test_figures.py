"""Figures of a set: categories with unknown labels, averages, intervals."""

from __future__ import annotations

import numpy as np
import pytest

from moderation.evaluation import UNKNOWN, Row, Scored, category_figures, measure

THRESHOLDS = {"spam": 0.5, "hate": 0.5}


def scored(*rows: tuple[int, int, float, float]) -> Scored:
    table = np.array(rows)
    return Scored(("spam", "hate"), table[:, :2].astype(np.int8), table[:, 2:])


EXAMPLE = scored(
    (1, UNKNOWN, 0.9, 0.9),
    (0, UNKNOWN, 0.1, 0.9),
    (UNKNOWN, 1, 0.9, 0.2),
    (UNKNOWN, 1, 0.9, 0.8),
    (0, 0, 0.7, 0.3),
    (1, 0, 0.6, 0.1),
)


def test_unknown_labels_count_nowhere() -> None:
    found = measure(EXAMPLE, THRESHOLDS)
    assert found.categories["spam"] == category_figures(*EXAMPLE.labelled("spam"))
    assert found.categories["hate"].labelled == 4
    assert found.categories["hate"].recall == 0.5


def test_micro_pools_and_macro_averages() -> None:
    found = measure(EXAMPLE, THRESHOLDS)
    spam, hate = found.categories["spam"], found.categories["hate"]
    micro, macro = found.averages["micro"], found.averages["macro"]
    # spam: 2 hits, 1 false alarm; hate: 1 hit, 1 miss.
    assert micro.f1 == pytest.approx(2 * 3 / (2 * 3 + 1 + 1))
    assert micro.labelled == 8
    assert macro.f1 == pytest.approx((spam.f1 + hate.f1) / 2, abs=1e-4)
    assert macro.threshold is None


def test_a_category_without_positives_does_not_pull_the_macro_average() -> None:
    found = measure(scored((1, 0, 0.9, 0.1), (0, 0, 0.1, 0.1)), THRESHOLDS)
    assert found.averages["macro"].f1 == found.categories["spam"].f1 == 1


def test_a_set_without_labels_has_no_figures() -> None:
    found = measure(scored((UNKNOWN, UNKNOWN, 0.5, 0.5)), THRESHOLDS)
    assert found.categories == {}
    assert found.averages == {}


def test_a_category_is_decided_at_its_own_threshold() -> None:
    found = measure(EXAMPLE, {"spam": 0.8, "hate": 0.15}, bootstrap=20)
    assert found.categories["spam"].recall == 0.5
    assert found.categories["hate"].recall == 1
    assert found.categories["hate"].threshold == 0.15


def random_set(rows: int) -> Scored:
    draw = np.random.default_rng(3)
    labels = draw.integers(-1, 2, (rows, 2)).astype(np.int8)
    return Scored(("spam", "hate"), labels, np.clip(draw.normal(0.4 + 0.2 * labels, 0.2), 0, 1))


def test_intervals_hold_the_figure_and_shrink_with_the_rows() -> None:
    few, many = (measure(random_set(n), THRESHOLDS, bootstrap=200) for n in (60, 2000))
    for group in (few.categories, few.averages):
        for figures in group.values():
            for name in ("f1", "auroc", "average_precision", "accuracy", "precision", "recall"):
                low, high = figures.intervals[name]
                assert low <= getattr(figures, name) <= high, name

    def width(of: str, name: str) -> float:
        low, high = {"few": few, "many": many}[of].categories["spam"].intervals[name]
        return high - low

    assert width("many", "auroc") < width("few", "auroc") / 2


def test_the_same_seed_gives_the_same_intervals() -> None:
    data = random_set(40)
    first, again, other = (
        measure(data, THRESHOLDS, bootstrap=50, seed=seed).categories["spam"].intervals
        for seed in (1, 1, 2)
    )
    assert first == again != other


def test_rows_become_labels_beside_their_probabilities() -> None:
    rows = [Row("a", text="a", labels={"hate": 1}), Row("b", text="b", labels={"spam": 0})]
    made = Scored.of(rows, np.zeros((2, 2)), ["spam", "hate"])
    assert made.labels.tolist() == [[UNKNOWN, 1], [0, UNKNOWN]]
    assert len(made.take([1])) == 1


def test_calibration_error_by_hand() -> None:
    labels = np.array([1, 1, 0, 0])
    probabilities = np.array([0.95, 0.95, 0.95, 0.05])
    # Bin 0.9..1: mean 0.95 against 2/3, three rows; bin 0..0.1: 0.05 against 0, one row.
    expected = 0.75 * (0.95 - 2 / 3) + 0.25 * 0.05
    found = category_figures(labels, probabilities)
    assert found.calibration_error == pytest.approx(expected, abs=1e-4)


def test_a_probability_of_one_falls_into_the_last_bin() -> None:
    assert category_figures(np.array([1]), np.array([1.0])).calibration_error == 0


def test_figures_of_a_decision_by_hand() -> None:
    found = category_figures(np.array([1, 0, 1, 0, 0]), np.array([0.9, 0.8, 0.6, 0.4, 0.2]))
    assert found.precision == pytest.approx(2 / 3, abs=1e-4)
    assert found.recall == 1
    assert found.f1 == pytest.approx(0.8, abs=1e-4)
    # Negatives: two of two said are right, two of three are found, F1 0.8.
    assert found.macro_f1 == pytest.approx((0.8 + 0.8) / 2, abs=1e-4)
    assert found.accuracy == pytest.approx(0.8, abs=1e-4)


def test_figures_without_a_value_are_none() -> None:
    figures = category_figures(np.array([0, 0]), np.array([0.1, 0.2]))
    assert figures.auroc is None
    assert figures.average_precision is None
    assert figures.precision is None
    assert figures.recall is None
    assert figures.labelled == 2
    assert figures.positives == 0

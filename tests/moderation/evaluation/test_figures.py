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

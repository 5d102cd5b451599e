"""Whether one of two models is better: over folds, and over resamples of all rows."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from moderation.evaluation.bootstrap import RESAMPLES, interval
from moderation.evaluation.errors import FoldsError
from moderation.evaluation.extras import extra
from moderation.evaluation.figures import resampled, round_known
from moderation.evaluation.folds import Spread
from moderation.evaluation.scored import Scored
from moderation.evaluation.thresholds import Thresholds


@dataclass(frozen=True, slots=True)
class PairedTest:
    """Values of two models on the same folds; differences are the second's less the first's.

    A figure is None where all differences are the same, for then they have no spread.

    Attributes:
        difference: mean over the folds.
        deviation: standard deviation of the differences.
        t, p: Student's paired t-test, two-sided.
        corrected_t, corrected_p: the resampled t-test of Nadeau and Bengio, "Inference for the
            Generalization Error" (2003), whose variance is larger because the training sets of the
            folds overlap. It is the one to quote for models that are trained anew for each fold.
        cohens_d: difference over the pooled standard deviation of both models' values (Cohen,
            "Statistical Power Analysis", 1988, chapter 2).
        cohens_dz: difference over the standard deviation of the differences.
    """

    folds: int
    difference: float
    deviation: float
    t: float | None
    p: float | None
    corrected_t: float | None
    corrected_p: float | None
    cohens_d: float | None
    cohens_dz: float | None


@dataclass(frozen=True, slots=True)
class Difference:
    """A figure of the second model less that of the first, on all rows.

    Attributes:
        low, high: percentile interval at 95 % over resamples that both models share.
    """

    difference: float
    low: float
    high: float


def paired_test(
    first: Sequence[float], second: Sequence[float], *, test_over_train: float | None = None
) -> PairedTest:
    """Compare the values of two models, fold by fold.

    Args:
        first: one a fold.
        second: likewise, on the same folds.
        test_over_train: rows tested over rows trained on, in each fold; ``1 / (folds - 1)`` of a
            cross-validation, which is the default.

    Raises:
        FoldsError: fewer than two folds, or not as many of both.
        MissingExtraError: scipy is not installed.
    """
    folds = len(first)
    if folds < 2 or len(second) != folds:  # noqa: PLR2004 - one difference has no spread
        raise FoldsError(
            f"{folds} and {len(second)} values cannot be compared in pairs; give one of both "
            "models for each of at least two folds"
        )
    differences = np.subtract(second, first)
    mean, deviation = float(differences.mean()), float(differences.std(ddof=1))
    if math.isclose(deviation, 0, abs_tol=1e-12):
        return PairedTest(folds, mean, 0.0, None, None, None, None, None, None)
    stats = extra("scipy.stats")
    student = stats.ttest_rel(second, first)
    share = 1 / (folds - 1) if test_over_train is None else test_over_train
    corrected = mean / (deviation * math.sqrt(1 / folds + share))
    pooled = math.sqrt((np.var(first, ddof=1) + np.var(second, ddof=1)) / 2)
    return PairedTest(
        folds=folds,
        difference=mean,
        deviation=deviation,
        t=float(student.statistic),
        p=float(student.pvalue),
        corrected_t=corrected,
        corrected_p=float(2 * stats.t.sf(abs(corrected), folds - 1)),
        cohens_d=mean / pooled,
        cohens_dz=mean / deviation,
    )


def compare_spreads(first: Spread, second: Spread) -> PairedTest | None:
    """The paired test of a figure over the folds on which both models have a value.

    None if there are fewer than two such folds.
    """
    pairs = [
        (a, b)
        for a, b in zip(first.values, second.values, strict=True)
        if a is not None and b is not None
    ]
    return paired_test(*zip(*pairs, strict=True)) if len(pairs) > 1 else None


def differences(
    first: Scored,
    second: Scored,
    thresholds: Thresholds,
    *,
    second_thresholds: Thresholds | None = None,
    bootstrap: int = RESAMPLES,
    seed: int = 0,
) -> dict[str, dict[str, Difference]]:
    """Compare two models on all rows, by a paired bootstrap.

    Args:
        first: the rows with the first model's probabilities.
        second: the same rows with the second's.
        thresholds: of the first model, and of the second if it has none of its own.
        second_thresholds: of the second model.
        bootstrap: resamples, at least 1.
        seed: of the resamples.

    Returns:
        Category or average -> figure -> difference; figures without a value are left out.
    """
    one = resampled(first, thresholds, bootstrap=bootstrap, seed=seed)
    other = resampled(second, second_thresholds or thresholds, bootstrap=bootstrap, seed=seed)
    found: dict[str, dict[str, Difference]] = {}
    for name in (name for name in one if name in other):
        for figure in one[name]:
            values = other[name][figure] - one[name][figure]
            ends, point = interval(values[1:]), round_known(values[0])
            if point is not None and ends is not None:
                low, high = (round_known(end) or 0.0 for end in ends)
                found.setdefault(name, {})[figure] = Difference(point, low, high)
    return found

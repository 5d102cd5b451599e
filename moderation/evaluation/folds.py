"""K folds: rows are dealt so that near duplicates stay together and labels are spread evenly."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from moderation.evaluation.errors import FoldsError
from moderation.evaluation.extras import extra
from moderation.evaluation.figures import resampled, round_known
from moderation.evaluation.manifest import Row
from moderation.evaluation.scored import Scored
from moderation.evaluation.thresholds import Thresholds
from moderation.evaluation.weighted import FIGURES

FOLDS: Final = 5

_VARIABLE: Final = re.compile(r"https?://\S+|[@#]\w+|[\W\d_]+")


@dataclass(frozen=True, slots=True)
class Spread:
    """One figure over the folds.

    Attributes:
        values: one a fold; None where it has no value.
        mean: of those that have one.
        deviation: their standard deviation, with ``n - 1`` in the denominator; None below two.
    """

    values: list[float | None]
    mean: float | None
    deviation: float | None


def group_key(row: Row) -> str:
    """What near duplicates have in common.

    Of a text what is left without case, accents' composition, links, names, digits, punctuation and
    spaces; of a post without such text the path of its picture or sound, else its id.
    """
    folded = unicodedata.normalize("NFKC", row.text or "").casefold()
    letters = _VARIABLE.sub("", folded)
    return letters or str(row.image or row.audio or row.id)


def assign_folds(rows: Sequence[Row], *, folds: int = FOLDS, seed: int = 0) -> npt.NDArray[np.int_]:
    """Deal the rows, by scikit-learn's ``StratifiedGroupKFold``.

    Groups are near duplicates by :func:`group_key`; strata are source and labels together, and all
    of those that have fewer rows than there are folds are one stratum.

    Returns:
        Number of the fold of each row, shape = (rows,).

    Raises:
        FoldsError: fewer than two folds, or too few groups for them.
        MissingExtraError: scikit-learn is not installed.
    """
    groups = [group_key(row) for row in rows]
    if folds < 2 or len(set(groups)) < folds:  # noqa: PLR2004 - with one fold there is no spread
        raise FoldsError(
            f"{len(set(groups))} groups of near duplicates cannot be dealt into {folds} folds; "
            "give at least two folds and as many different posts"
        )
    strata = [(row.source, *sorted(row.labels.items())) for row in rows]
    sizes = Counter(strata)
    names = [stratum if sizes[stratum] >= folds else () for stratum in strata]
    numbers = {name: number for number, name in enumerate(dict.fromkeys(names))}
    column = np.array([numbers[name] for name in names])
    if np.bincount(column).max() < folds:
        column[:] = 0  # nothing is frequent enough to be spread evenly
    dealer = extra("sklearn.model_selection").StratifiedGroupKFold(
        n_splits=folds, shuffle=True, random_state=seed
    )
    assigned = np.zeros(len(rows), dtype=int)
    for number, (_, test) in enumerate(dealer.split(column, column, groups)):
        assigned[test] = number
    return assigned


def fold_figures(
    scored: Scored, assigned: npt.NDArray[np.int_], thresholds: Thresholds
) -> dict[str, dict[str, Spread]]:
    """Every figure on every fold.

    Args:
        scored: all rows.
        assigned: number of each row's fold, shape = (rows,).
        thresholds: one a category.

    Returns:
        Category or average (``micro``, ``macro``) -> figure -> spread.
    """
    parts = [
        resampled(scored.take(assigned == fold), thresholds, bootstrap=0, seed=0)
        for fold in range(assigned.max() + 1)
    ]
    names = dict.fromkeys(name for part in parts for name in part)
    return {
        name: {
            f: spread([float(part[name][f][0]) if name in part else np.nan for part in parts])
            for f in FIGURES
        }
        for name in names
    }


def spread(values: Sequence[float]) -> Spread:
    """Mean and standard deviation of a figure's values, NaN where it has none."""
    known = [value for value in values if not np.isnan(value)]
    return Spread(
        values=[round_known(value) for value in values],
        mean=round_known(float(np.mean(known))) if known else None,
        deviation=round_known(float(np.std(known, ddof=1))) if len(known) > 1 else None,
    )

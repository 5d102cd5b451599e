"""Confusion matrices at the decision thresholds."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from moderation.evaluation.pictures.style import INK, panels
from moderation.evaluation.scored import Scored
from moderation.evaluation.thresholds import Thresholds

DARK: Final = 0.55  # share from which on a cell is too dark for dark ink


def confusion_matrices(scored: Scored, thresholds: Thresholds) -> Any:
    """A matplotlib figure; a cell's shade is its share of the rows with that label."""
    figure, each = panels(scored.categories, "Confusion; shares are of a row, so of what is true")
    for category, axes in each:
        labels, probabilities = scored.labelled(category)
        decided = probabilities >= thresholds[category]
        counts = np.array(
            [[((labels == true) & (decided == said)).sum() for said in (0, 1)] for true in (0, 1)]
        )
        shares = counts / counts.sum(axis=1, keepdims=True)
        axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
        for (true, said), share in np.ndenumerate(shares):
            axes.text(
                said,
                true,
                f"{share:.1%}\n{counts[true, said]}",
                ha="center",
                va="center",
                color="white" if share > DARK else INK,
                linespacing=1.4,
            )
        axes.set_xticks([0, 1], ["no", "yes"])
        axes.set_yticks([0, 1], ["no", "yes"])
        axes.set(
            title=category, xlabel=f"decided, from {thresholds[category]:.2g} on", ylabel="labelled"
        )
        axes.tick_params(length=0)
        axes.spines[:].set_visible(False)
    return figure

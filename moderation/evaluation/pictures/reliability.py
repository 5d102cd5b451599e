"""Reliability diagrams: what the model says against what is."""

from __future__ import annotations

from typing import Any

from moderation.evaluation.pictures.style import BLUE, FAINT, ORANGE, note, panels, unit_square
from moderation.evaluation.reliability import reliability
from moderation.evaluation.scored import Scored
from moderation.evaluation.thresholds import Thresholds


def reliability_diagrams(scored: Scored, _thresholds: Thresholds) -> Any:
    """A matplotlib figure; bins of equal mass with Wilson intervals, and of equal width."""
    figure, each = panels(scored.categories, "Reliability: a calibrated model is on the diagonal")
    for category, axes in each:
        labels, probabilities = scored.labelled(category)
        found = reliability(labels, probabilities)
        axes.plot([0, 1], [0, 1], color=FAINT, linestyle="--", zorder=0)
        mass, width = found.bins["mass"], found.bins["width"]
        axes.errorbar(
            [each.probability for each in mass],
            [each.positives for each in mass],
            yerr=[
                [each.positives - each.positives_low for each in mass],
                [each.positives_high - each.positives for each in mass],
            ],
            color=BLUE,
            marker="o",
            markersize=4,
            linewidth=1.2,
            elinewidth=1,
            label="equal mass, 95 %",
        )
        axes.scatter(
            [each.probability for each in width],
            [each.positives for each in width],
            s=22,
            facecolors="none",
            edgecolors=ORANGE,
            zorder=3,
            label="equal width",
        )
        unit_square(axes, category, "mean probability", "share of positives")
        error = found.calibration_error
        note(
            axes,
            f"ECE {error['width']:.3f} width\nECE {error['mass']:.3f} mass\n"
            f"Brier {found.brier:.3f}\nn = {len(labels)}",
        )
    handles, names = figure.axes[0].get_legend_handles_labels()
    figure.legend(handles, names, loc="upper right", ncols=2, frameon=False, fontsize=8)
    return figure

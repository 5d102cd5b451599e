"""What becomes of the scores with another model: how well they mean what they say, and their shift.

Both models scored the same verdicts, so whatever differs is the models' doing and not the stream's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from workers.ledger.accuracy.calibration import calibration_error
from workers.ledger.accuracy.columns import Columns, scores_of
from workers.ledger.accuracy.drift import stability_index
from workers.ledger.accuracy.intervals import Floats
from workers.ledger.accuracy.records import SampledVerdict, ShadowSeen


@dataclass(frozen=True, slots=True)
class ScoreChange:
    """A category's scores by both models, after the rules."""

    category: str
    live: float | None
    """Expected calibration error of the model that judged, on the answered verdicts that both
    models scored; None where there is none."""
    then: float | None
    """The other model's, on the same ones."""
    shift: float | None
    """Population stability index of the other model's scores against those that judged, on every
    sampled verdict that both scored; None where these are fewer than 200. Thresholds that suit one
    model do not suit another whose scores lie elsewhere."""


def score_changes(columns: Columns, model: str) -> tuple[ScoreChange, ...]:
    """Every category that both models scored, by name.

    Args:
        columns: the sample.
        model: the version of the other model.
    """
    names = {
        name
        for verdict, shadows in zip(columns.verdicts, columns.shadows, strict=True)
        if model in shadows
        for name in verdict.scores.keys() & shadows[model].scores.keys()
    }
    return tuple(_change(columns, model, category) for category in sorted(names))


def _change(columns: Columns, model: str, category: str) -> ScoreChange:
    live, then = _both(columns.verdicts, columns.shadows, model, category)
    drawn = ~np.isnan(live)
    weights = columns.design[drawn]
    asked = [verdict for verdict, _ in columns.answered]
    seen_live, seen_then = _both(asked, columns.answered_shadows, model, category)
    seen = ~np.isnan(seen_live)
    harmful = columns.found(category)[seen]
    return ScoreChange(
        category=category,
        live=calibration_error(columns.weights[seen], seen_live[seen], harmful),
        then=calibration_error(columns.weights[seen], seen_then[seen], harmful),
        shift=stability_index(weights, then[drawn], weights, live[drawn]),
    )


def _both(
    verdicts: Sequence[SampledVerdict],
    shadows: Sequence[Mapping[str, ShadowSeen]],
    model: str,
    category: str,
) -> tuple[Floats, Floats]:
    """The category's scores by both models, NaN in both where one has none; shape = (n,) each."""
    live = scores_of(verdicts, category)
    said = [one[model].scores if model in one else {} for one in shadows]
    then = np.array([scores.get(category, np.nan) for scores in said], dtype=np.float64)
    lacking = np.isnan(live) | np.isnan(then)
    return np.where(lacking, np.nan, live), np.where(lacking, np.nan, then)

"""From which probability on a category counts as decided.

They are chosen beforehand and never on the rows that are measured: a threshold that is picked for
the best F1 of a set flatters the model on that set.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from moderation.evaluation.errors import ThresholdsError

DECISION_THRESHOLD: Final = 0.5  # what a calibrated probability says by itself
THRESHOLDS_FILE: Final = "thresholds.json"  # in a model folder, if its maker has chosen some

Thresholds = Mapping[str, float]


def default_thresholds(categories: Sequence[str]) -> dict[str, float]:
    """The same for every category."""
    return dict.fromkeys(categories, DECISION_THRESHOLD)


def read_thresholds(path: Path, categories: Sequence[str]) -> dict[str, float]:
    """Read ``{category: probability}``; categories that are left out have the default.

    Raises:
        ThresholdsError: no such file, an unknown category, or a value outside 0..1.
    """
    try:
        values = json.loads(path.read_text("utf-8"))
        found = {str(name): float(value) for name, value in values.items()}
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise ThresholdsError(
            f"{path}: no thresholds ({error}); expected a JSON object of category and probability"
        ) from error
    unknown = sorted(set(found) - set(categories))
    if unknown:
        raise ThresholdsError(
            f"{path}: the model has no category {', '.join(unknown)}; it has "
            f"{', '.join(categories)}"
        )
    outside = sorted(name for name, value in found.items() if not 0 <= value <= 1)
    if outside:
        raise ThresholdsError(
            f"{path}: the threshold of {', '.join(outside)} is no probability; give 0 to 1"
        )
    return default_thresholds(categories) | found


def model_thresholds(folder: Path, categories: Sequence[str]) -> dict[str, float]:
    """Those of a model folder if it has a ``thresholds.json``, else the default.

    Raises:
        ThresholdsError: the file cannot be read.
    """
    path = folder / THRESHOLDS_FILE
    return read_thresholds(path, categories) if path.is_file() else default_thresholds(categories)

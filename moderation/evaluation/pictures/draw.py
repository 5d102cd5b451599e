"""Which pictures there are, and under which names."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from moderation.evaluation.errors import EvaluationError
from moderation.evaluation.extras import extra
from moderation.evaluation.pictures.confusion import confusion_matrices
from moderation.evaluation.pictures.curves import precision_recall_curves, roc_curves
from moderation.evaluation.pictures.reliability import reliability_diagrams
from moderation.evaluation.pictures.style import DOTS_PER_INCH, STYLE
from moderation.evaluation.scored import Scored
from moderation.evaluation.thresholds import Thresholds

_PICTURES: Final[Mapping[str, Callable[[Scored, Thresholds], Any]]] = MappingProxyType(
    {
        "reliability": reliability_diagrams,
        "precision_recall": precision_recall_curves,
        "roc": roc_curves,
        "confusion": confusion_matrices,
    }
)


def draw_pictures(scored: Scored, thresholds: Thresholds, folder: Path) -> list[Path]:
    """Write ``reliability.png``, ``precision_recall.png``, ``roc.png`` and ``confusion.png``.

    Categories that have no positives or no negatives are left out.

    Args:
        scored: the rows.
        thresholds: one a category; where a curve is marked and a confusion matrix decided.
        folder: made if missing.

    Raises:
        EvaluationError: no category has both positives and negatives.
        MissingExtraError: matplotlib is not installed.
    """
    matplotlib = extra("matplotlib")
    shown = [c for c in scored.categories if len({*scored.labelled(c)[0].tolist()}) > 1]
    if not shown:
        raise EvaluationError(
            "there is nothing to draw: no category has both positives and negatives in these rows"
        )
    columns = [scored.categories.index(category) for category in shown]
    part = Scored(tuple(shown), scored.labels[:, columns], scored.probabilities[:, columns])
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    with matplotlib.rc_context(STYLE):
        for name, make in _PICTURES.items():
            path = folder / f"{name}.png"
            make(part, thresholds).savefig(path, dpi=DOTS_PER_INCH)
            paths.append(path)
    return paths

"""Temperature and offset of each head, fitted on dev posts at one stated base rate.

The public sets are up to half harmful; a platform's posts are not. The fit weighs positives and
negatives as if :data:`REFERENCE_PREVALENCE` of the posts had the category, and large sources less
than by their rows, so that no set's habits set the level of another's.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Final

import torch
from torch import Tensor
from torch.nn import functional

from moderation.model import Calibration

REFERENCE_PREVALENCE: Final = 0.2  # of each category
MIN_POSITIVES: Final = 10  # with fewer a fit would follow single posts
STEPS: Final = 200
TEMPERATURE_RANGE: Final = (0.5, 5.0)


def fit_calibration(logits: Tensor, target: Tensor, sources: Sequence[str]) -> Calibration:
    """Fit each category by itself.

    Args:
        logits: before calibration, shape = (rows, categories).
        target: 0, 1 or unknown, same shape.
        sources: name of each row's source.

    Returns:
        The calibration; temperature 1 and offset 0 where positives or negatives are too few.
    """
    temperatures, offsets = [], []
    for category in range(logits.shape[1]):
        known = (target[:, category] >= 0).nonzero().flatten()
        labels = target[known, category]
        if min((labels == 1).sum(), (labels == 0).sum()) < MIN_POSITIVES:
            temperatures.append(1.0)
            offsets.append(0.0)
            continue
        weights = _weights(labels, [sources[row] for row in known.tolist()])
        temperature, offset = _fit(logits[known, category], labels, weights)
        temperatures.append(temperature)
        offsets.append(offset)
    return Calibration(tuple(temperatures), tuple(offsets))


def _weights(labels: Tensor, sources: Sequence[str]) -> Tensor:
    sides = [(source, int(label)) for source, label in zip(sources, labels.tolist(), strict=True)]
    # The square root lies between one say a source and one say a row.
    counts = Counter(sides)
    weights = torch.tensor([counts[side] ** -0.5 for side in sides])
    for label, share in ((1, REFERENCE_PREVALENCE), (0, 1 - REFERENCE_PREVALENCE)):
        side = labels == label
        weights[side] *= share / weights[side].sum()
    return weights


def _fit(logits: Tensor, labels: Tensor, weights: Tensor) -> tuple[float, float]:
    log_temperature = torch.zeros((), requires_grad=True)
    offset = torch.zeros((), requires_grad=True)
    optimizer = torch.optim.LBFGS([log_temperature, offset], max_iter=STEPS)

    def closure() -> Tensor:
        optimizer.zero_grad()
        low, high = TEMPERATURE_RANGE
        temperature = log_temperature.exp().clamp(low, high)
        loss = functional.binary_cross_entropy_with_logits(
            logits / temperature + offset, labels, weight=weights, reduction="sum"
        )
        loss.backward()  # type: ignore[no-untyped-call]
        return loss

    optimizer.step(closure)  # type: ignore[no-untyped-call]
    low, high = TEMPERATURE_RANGE
    return log_temperature.exp().clamp(low, high).item(), offset.item()

"""Temperature and offset of each head, fitted on dev posts (Platt scaling).

Every labelled row counts alike, so probabilities hold at the base rates of the dev posts, which are
far more harmful than a platform's; a platform calibrates again on its own posts.
"""

from __future__ import annotations

from typing import Final

import torch
from torch import Tensor
from torch.nn import functional

from moderation.model import Calibration

MIN_POSITIVES: Final = 10  # with fewer a fit would follow single posts
STEPS: Final = 200
TEMPERATURE_RANGE: Final = (0.5, 5.0)
OFFSET_RANGE: Final = (-4.0, 0.0)  # missed dev positives must not lift every everyday post
CAUTION: Final = 0.1  # pull towards the identity, divided by the positives: few posts prove little


def fit_calibration(
    logits: Tensor, target: Tensor, *, otherwise: Calibration | None = None
) -> Calibration:
    """Fit each category by itself.

    Args:
        logits: before calibration, shape = (rows, categories).
        target: 0, 1 or unknown, same shape.
        otherwise: of categories with too few positives or negatives; the identity if left out.
    """
    otherwise = otherwise or Calibration.identity(logits.shape[1])
    temperatures, offsets = [], []
    for category in range(logits.shape[1]):
        known = target[:, category] >= 0
        labels = target[known, category]
        if min((labels == 1).sum(), (labels == 0).sum()) < MIN_POSITIVES:
            temperatures.append(otherwise.temperature[category])
            offsets.append(otherwise.offset[category])
            continue
        temperature, offset = _fit(logits[known, category], labels)
        temperatures.append(temperature)
        offsets.append(offset)
    return Calibration(tuple(temperatures), tuple(offsets))


def _fit(logits: Tensor, labels: Tensor) -> tuple[float, float]:
    log_temperature = torch.zeros((), requires_grad=True)
    offset = torch.zeros((), requires_grad=True)
    caution = CAUTION / float((labels == 1).sum())
    low, high = TEMPERATURE_RANGE
    optimizer = torch.optim.LBFGS(
        [log_temperature, offset], max_iter=STEPS, line_search_fn="strong_wolfe"
    )

    def closure() -> Tensor:
        optimizer.zero_grad()
        temperature = log_temperature.exp().clamp(low, high)
        loss = functional.binary_cross_entropy_with_logits(
            logits / temperature + offset.clamp(*OFFSET_RANGE),
            labels,
        )
        loss = loss + caution * (offset.square() + log_temperature.square())
        loss.backward()  # type: ignore[no-untyped-call]  # torch ships it without types; it returns nothing
        return loss

    optimizer.step(closure)  # type: ignore[no-untyped-call]  # torch ships it without types; its loss is not used
    return log_temperature.exp().clamp(low, high).item(), offset.clamp(*OFFSET_RANGE).item()

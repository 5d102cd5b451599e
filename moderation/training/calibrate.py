"""Temperature and offset of each head, fitted on dev posts at one stated base rate.

The public sets are up to half harmful; a platform's posts are not. The fit weighs positives and
negatives as if :data:`REFERENCE_PREVALENCE` of the posts had the category. Large modalities and
large sources weigh less than by their rows, so that none sets the level of the others.
"""

from __future__ import annotations

from collections import Counter, defaultdict
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
OFFSET_RANGE: Final = (-4.0, 0.0)  # missed dev positives must not lift every everyday post
CAUTION: Final = 0.1  # pull towards the identity, divided by the positives: few posts prove little


def fit_calibration(
    logits: Tensor, target: Tensor, groups: Sequence[tuple[str, str]]
) -> Calibration:
    """Fit each category by itself.

    Args:
        logits: before calibration, shape = (rows, categories).
        target: 0, 1 or unknown, same shape.
        groups: modalities and source of each row.

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
        weights = _weights(labels, [groups[row] for row in known.tolist()])
        temperature, offset = _fit(logits[known, category], labels, weights)
        temperatures.append(temperature)
        offsets.append(offset)
    return Calibration(tuple(temperatures), tuple(offsets))


def _weights(labels: Tensor, groups: Sequence[tuple[str, str]]) -> Tensor:
    """Share out the prevalence among modalities, a modality's among its sources, theirs among rows.

    Modalities and sources get shares by the square root of their rows, which lies between one say
    each and one say a row.
    """
    sides = [(int(label), *group) for label, group in zip(labels.tolist(), groups, strict=True)]
    by_source = Counter(sides)
    by_modality = Counter(side[:2] for side in sides)
    source_roots: defaultdict[tuple[int, str], float] = defaultdict(float)
    for side, rows in by_source.items():
        source_roots[side[:2]] += rows**0.5
    modality_roots: defaultdict[int, float] = defaultdict(float)
    for (label, _), rows in by_modality.items():
        modality_roots[label] += rows**0.5
    prevalence = {1: REFERENCE_PREVALENCE, 0: 1 - REFERENCE_PREVALENCE}

    def weight(side: tuple[int, str, str]) -> float:
        modality: float = by_modality[side[:2]] ** 0.5 / modality_roots[side[0]]
        source: float = by_source[side] ** 0.5 / source_roots[side[:2]]
        return prevalence[side[0]] * modality * source / by_source[side]

    return torch.tensor([weight(side) for side in sides])


def _fit(logits: Tensor, labels: Tensor, weights: Tensor) -> tuple[float, float]:
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
            weight=weights,
            reduction="sum",
        )
        loss = loss + caution * (offset.square() + log_temperature.square())
        loss.backward()  # type: ignore[no-untyped-call]  # untyped in torch
        return loss

    optimizer.step(closure)  # type: ignore[no-untyped-call]  # untyped in torch
    return log_temperature.exp().clamp(low, high).item(), offset.clamp(*OFFSET_RANGE).item()

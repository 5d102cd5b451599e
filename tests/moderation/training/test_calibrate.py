"""Calibration: believable probabilities at the base rate of the dev posts."""

from __future__ import annotations

import pytest
import torch

from moderation.model import Calibration
from moderation.training.calibrate import fit_calibration
from moderation.training.loss import UNKNOWN


def apply(logits: torch.Tensor, temperature: float, offset: float) -> torch.Tensor:
    return torch.sigmoid(logits / temperature + offset)


def test_scores_that_tell_nothing_become_the_base_rate() -> None:
    target = (torch.arange(400) % 4 == 0).float()[:, None]
    logits = torch.full((400, 1), 1.0)
    fitted = fit_calibration(logits, target)
    found = apply(logits, fitted.temperature[0], fitted.offset[0])
    assert float(found.mean()) == pytest.approx(0.25, abs=0.01)


def test_overconfident_logits_are_cooled() -> None:
    generator = torch.Generator().manual_seed(1)
    honest = torch.randn(4000, 1, generator=generator) * 2
    target = (torch.rand(4000, 1, generator=generator) < torch.sigmoid(honest)).float()
    fitted = fit_calibration(honest * 3, target)
    assert fitted.temperature[0] == pytest.approx(3, rel=0.15)


def test_a_category_with_few_positives_is_left_alone() -> None:
    target = torch.zeros(100, 2)
    target[:50, 0], target[:3, 1] = 1, 1
    fitted = fit_calibration(torch.randn(100, 2), target)
    assert (fitted.temperature[1], fitted.offset[1]) == (1.0, 0.0)
    assert fitted.temperature[0] != 1.0


def test_a_category_with_few_positives_keeps_the_calibration_that_it_has() -> None:
    target = torch.zeros(100, 2)
    target[:50, 0], target[:3, 1] = 1, 1
    known = Calibration((7.0, 2.5), (-1.0, -0.5))
    fitted = fit_calibration(torch.randn(100, 2), target, otherwise=known)
    assert (fitted.temperature[1], fitted.offset[1]) == (2.5, -0.5)
    assert fitted.temperature[0] != 7.0


def test_unknown_labels_do_not_count() -> None:
    logits = torch.linspace(-3, 3, 200)[:, None]
    target = (logits > torch.linspace(1, -1, 200)[:, None]).float()
    more = torch.cat([logits, torch.full((500, 1), 9.0)])
    unknown = torch.cat([target, torch.full((500, 1), UNKNOWN)])
    assert fit_calibration(more, unknown) == fit_calibration(logits, target)

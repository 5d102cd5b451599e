"""The masked loss."""

from __future__ import annotations

import math

import pytest
import torch

from moderation.training.loss import UNKNOWN, masked_bce, positive_weights, targets


def test_a_missing_label_is_unknown() -> None:
    found = targets([{"spam": 1}, {"hate": 0}], ("hate", "spam"))
    assert found.tolist() == [[UNKNOWN, 1.0], [0.0, UNKNOWN]]


def test_unknown_labels_change_neither_loss_nor_gradient() -> None:
    logits = torch.tensor([[0.3, 5.0]], requires_grad=True)
    masked_bce(logits, torch.tensor([[1.0, UNKNOWN]])).backward()
    assert logits.grad is not None
    assert logits.grad[0, 1] == 0
    alone = masked_bce(torch.tensor([[0.3]]), torch.tensor([[1.0]]))
    both = masked_bce(torch.tensor([[0.3, 5.0]]), torch.tensor([[1.0, UNKNOWN]]))
    assert float(alone) == pytest.approx(float(both))


def test_the_loss_by_hand() -> None:
    loss = masked_bce(torch.tensor([[0.0, 0.0]]), torch.tensor([[1.0, 0.0]]))
    assert float(loss) == pytest.approx(math.log(2))


def test_a_batch_without_labels_has_no_loss() -> None:
    assert float(masked_bce(torch.ones(2, 3), torch.full((2, 3), UNKNOWN))) == 0


def test_rare_positives_weigh_more_within_bounds() -> None:
    target = torch.zeros(100, 3)
    target[:50, 0] = 1
    target[:20, 1] = 1
    target[:1, 2] = 1
    assert positive_weights(target).tolist() == pytest.approx([1.0, 2.0, 4.0])

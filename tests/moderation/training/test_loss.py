"""The masked loss."""

from __future__ import annotations

import math

import pytest
import torch

from moderation.training.loss import (
    UNKNOWN,
    contrastive_loss,
    masked_bce,
    positive_weights,
    targets,
)


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


SCALE, BIAS = torch.tensor(10.0), torch.tensor(-5.0)


def test_matching_pairs_have_a_small_loss_and_exchanged_ones_a_large() -> None:
    joint = torch.eye(4)
    assert contrastive_loss(joint, joint, SCALE, BIAS).item() < 0.01
    assert contrastive_loss(joint, joint.roll(1, dims=0), SCALE, BIAS).item() > 2


def test_pairs_that_say_the_same_are_no_negatives() -> None:
    joint = torch.eye(4)[[0, 0, 1, 2]]
    apart = contrastive_loss(joint, joint, SCALE, BIAS)
    grouped = contrastive_loss(joint, joint, SCALE, BIAS, groups=torch.tensor([7, 7, 8, 9]))
    assert grouped.item() < 0.01 < apart.item()


def test_one_group_alone_has_a_loss() -> None:
    joint = torch.eye(2)[[0, 0]]
    loss = contrastive_loss(joint, joint, SCALE, BIAS, groups=torch.tensor([1, 1]))
    assert loss.item() == pytest.approx(math.log1p(math.exp(-5)), rel=1e-4)


def test_scale_and_bias_learn_even_odds() -> None:
    """Where cosines say nothing, the mismatch must be a half, however large the batch."""
    joint_a, joint_b = torch.ones(16, 1), torch.ones(16, 1)
    scale, bias = torch.tensor(1.0, requires_grad=True), torch.tensor(-3.0, requires_grad=True)
    optimizer = torch.optim.Adam([scale, bias], lr=0.1)
    for _ in range(300):
        optimizer.zero_grad()
        contrastive_loss(joint_a, joint_b, scale, bias).backward()
        optimizer.step()
    assert torch.sigmoid(scale + bias).item() == pytest.approx(0.5, abs=0.02)

"""The moving average of the weights."""

from __future__ import annotations

import torch
from torch import nn

from moderation.training.ema import WeightAverage


def set_all(module: nn.Module, value: float) -> None:
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.fill_(value)


def test_the_average_follows_the_weights_slowly() -> None:
    module = nn.Linear(1, 1)
    set_all(module, 0)
    average = WeightAverage(module, 0.5)
    for _ in range(40):
        average.update()
    set_all(module, 1)
    average.update()
    assert average.state["weight"].item() == 0.5
    average.update()
    assert average.state["weight"].item() == 0.75


def test_an_average_without_decay_is_the_last_weights() -> None:
    module = nn.Linear(1, 1)
    average = WeightAverage(module, 0)
    set_all(module, 7)
    average.update()
    assert average.state["bias"].item() == 7


def test_counts_are_copied_and_running_means_averaged() -> None:
    module = nn.BatchNorm1d(2)
    average = WeightAverage(module, 0.5)
    module(torch.ones(4, 2))
    average.update()
    assert average.state["num_batches_tracked"] == 1
    assert 0 < average.state["running_mean"][0] <= 0.1


def test_the_module_has_its_own_weights_again_afterwards() -> None:
    module = nn.Linear(1, 1)
    set_all(module, 0)
    average = WeightAverage(module, 0.5)
    set_all(module, 1)
    with average.applied():
        assert module.weight.item() == 0
    assert module.weight.item() == 1

"""An exponential moving average of the weights: steadier than the last step's weights.

Source: Polyak and Juditsky 1992; with a decay a step as in Tarvainen and Valpola 2017.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import torch
from torch import Tensor, nn
from torch.optim.swa_utils import get_ema_multi_avg_fn

EARLY_STEPS: Final = 10  # the first steps count for more: a fresh average must not be the start's


class WeightAverage:
    """The average of everything in a module's state that is a real number.

    Args:
        module: whose weights are followed.
        decay: how much of the average a step keeps, 0..1; with 0 it is the last weights.
    """

    def __init__(self, module: nn.Module, decay: float) -> None:
        self._module = module
        self._decay = decay
        self._steps = 0
        self.state = {key: value.detach().clone() for key, value in module.state_dict().items()}

    @torch.no_grad()
    def update(self) -> None:
        """Take in the weights as they are after a step."""
        self._steps += 1
        decay = min(self._decay, self._steps / (EARLY_STEPS + self._steps))
        average: list[Tensor] = []
        current: list[Tensor] = []
        for key, value in self._module.state_dict().items():
            if value.is_floating_point():
                average.append(self.state[key])
                current.append(value)
            else:
                self.state[key].copy_(value)
        update = get_ema_multi_avg_fn(decay)  # type: ignore[no-untyped-call]  # torch ships it without types; it is called as its documentation says
        update(average, current, self._steps)

    @contextmanager
    def applied(self) -> Iterator[None]:
        """Within the block the module has the averaged weights."""
        own = {key: value.detach().clone() for key, value in self._module.state_dict().items()}
        self._module.load_state_dict(self.state)
        try:
            yield
        finally:
            self._module.load_state_dict(own)

    def state_dict(self) -> dict[str, object]:
        """For a checkpoint."""
        return {"steps": self._steps, "state": self.state}

    def load_state_dict(self, kept: dict[str, object]) -> None:
        """From a checkpoint."""
        steps, state = kept["steps"], kept["state"]
        if not isinstance(steps, int) or not isinstance(state, dict):
            raise TypeError("not the state of a weight average")
        self._steps = steps
        for key, value in self.state.items():
            value.copy_(state[key])

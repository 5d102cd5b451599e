"""Batches on their way to the device."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import torch

from moderation.model import ModelInputs

_new_stream: Final[Callable[[torch.device], torch.cuda.Stream]] = torch.cuda.Stream
"""Which torch leaves untyped."""


class Staging:
    """Copies batches to a device while it computes on the ones before.

    A GPU copies from page-locked memory on a stream of its own; what computes waits for that copy
    alone. To a CPU nothing is copied.

    Args:
        device: where the model computes.
    """

    def __init__(self, device: torch.device) -> None:
        self._device = device
        self._copies = _new_stream(device) if device.type == "cuda" else None

    def send(self, inputs: ModelInputs) -> ModelInputs:
        """The batch on the device; work that is asked for from now on finds it there."""
        if self._copies is None:
            return inputs.to(self._device)
        computing = torch.cuda.current_stream(self._device)
        with torch.cuda.stream(self._copies):
            sent = inputs.pin_memory().to(self._device)
        computing.wait_stream(self._copies)
        # Its memory was taken on the other stream, which must not hand it out again too early.
        for tensor in sent.tensors():
            tensor.record_stream(computing)
        return sent
